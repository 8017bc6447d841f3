// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_keys.c - what holds for whatever a person types, and a program prints, in a terminal that is shared
 *
 * The first line is how keys that detach are written; its first byte also says how what follows is cut. The
 * rest is typed, and printed.
 *
 *   - keys are taken, or it is said what is wrong with them
 *   - the program gets what was typed, in its order and without a gap, up to where the keys detach; what is
 *     held back is what came last
 *   - without keys everything comes through at once
 *   - what a backlog keeps is the end of what was printed, and no more than it may
 *   - where the output was cut plays no part in the modes
 *   - the sequences for a terminal that joins bring it into the same modes, those for one that leaves out of
 *     all of them, and none are longer than was promised
 */
#include "session/detach_keys.h"
#include "term/backlog.h"

#include <errno.h>

enum {
	TYPED_MAX_BYTES = 4096,
	KEYS_TEXT_MAX = 128,
	TAIL_BYTES = 64,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- keys ---- */

/* What was typed from where the last piece of output ended. */
static void check_pieces(struct detach_keys keys, struct str typed, size_t step)
{
	char out[TYPED_MAX_BYTES + DETACH_HELD_BYTES_MAX];
	size_t passed = 0, len;
	struct str held;

	for (size_t at = 0; at < typed.len; at += step) {
		struct str piece = { typed.data + at, MIN(step, typed.len - at) };
		bool is_over = detach_keys_take(&keys, piece, out, &len);

		assert(passed + len <= at + piece.len && !memcmp(out, typed.data + passed, len));
		passed += len;
		if (is_over) {
			assert(keys.count && passed < at + piece.len && !detach_keys_is_waiting(&keys));
			return;
		}
		assert(passed + keys.held_bytes == at + piece.len &&
			keys.held_bytes <= DETACH_HELD_BYTES_MAX);
		assert(keys.matched < MAX(keys.count, (size_t)1));
	}
	held = detach_keys_release(&keys);
	assert(held.len == typed.len - passed &&
		(!held.len || !memcmp(held.data, typed.data + passed, held.len)));
	assert(!detach_keys_is_waiting(&keys));
}

static void check_keys(struct str written, struct str typed, size_t step)
{
	struct detach_keys keys;
	struct error err = ERROR_INIT;
	char text[KEYS_TEXT_MAX];
	int r;

	written.len = MIN(written.len, sizeof(text) - 1);
	memcpy(text, written.data, written.len);
	text[written.len] = '\0';
	r = detach_keys_parse(&keys, text, &err);
	assert(r == 0 || (r == -EINVAL && err.code == r && err.text[0] && err.hint[0] && !keys.count));
	assert(keys.count <= DETACH_KEYS_MAX);
	typed.len = MIN(typed.len, (size_t)TYPED_MAX_BYTES);
	check_pieces(keys, typed, step);
	check_pieces(keys, typed, typed.len ?: 1);
}

/* ---- what was printed ---- */

struct screen {
	struct term_filter filter;
	struct backlog backlog;
};

static void print(struct screen *screen, struct str text, size_t step)
{
	screen->filter = (struct term_filter){ .tracks_all = true };
	backlog_init(&screen->backlog, &screen->filter, TAIL_BYTES);
	for (size_t at = 0; at < text.len; at += step)
		backlog_print(&screen->backlog, (struct str){ text.data + at, MIN(step, text.len - at) });
	assert(screen->backlog.at == text.len);
}

static bool is_nothing(const struct term_state *state)
{
	static const struct term_state nothing;

	return !memcmp(state, &nothing, sizeof(nothing));
}

static void enter(const struct term_state *state, struct buf *ret)
{
	(void)term_state_enter_screen(state, ret);
	(void)term_state_enter(state, ret);
	assert(!buf_failed(ret));
}

/* Who joins has the same modes as far as they can be told, and who leaves none. */
static void check_sequences(const struct term_state *state)
{
	scoped(buf) struct buf on = BUF_INIT(TERM_RESTORE_MAX_BYTES), again = BUF_INIT(on.limit_bytes);
	scoped(buf) struct buf off = BUF_INIT(on.limit_bytes), worst = BUF_INIT(on.limit_bytes);
	struct term_filter other = { .tracks_all = true };
	struct term_state left = *state;

	enter(state, &on);
	assert(term_filter_feed(&other, (struct str){ buf_text(&on), on.len }, NULL) >= 0);
	enter(&other.modes, &again);
	assert(str_eq((struct str){ buf_text(&on), on.len }, (struct str){ buf_text(&again), again.len }));
	assert(term_state_restore_unknown(false, &worst) >= 0 && !buf_failed(&worst));
	assert(term_state_restore(&left, &off) >= 0 && !buf_failed(&off) && is_nothing(&left));
	assert(term_filter_feed(&other, (struct str){ buf_text(&off), off.len }, NULL) >= 0);
	assert(is_nothing(&other.modes));
}

static void check_tail(const struct screen *screen, struct str text)
{
	struct str unfinished, tail = backlog_tail(&screen->backlog, &unfinished);

	assert(tail.len + unfinished.len <= TAIL_BYTES && str_ends_with(text, unfinished));
	text.len -= unfinished.len;
	assert(str_ends_with(text, tail));
	assert(!unfinished.len || screen->filter.state != TERM_GROUND || screen->filter.pending_len);
}

static void check_backlog(struct str text, size_t step)
{
	struct screen whole, pieces;

	print(&whole, text, text.len ?: 1);
	print(&pieces, text, step);
	assert(!memcmp(&whole.filter.modes, &pieces.filter.modes, sizeof(whole.filter.modes)));
	check_tail(&whole, text);
	check_tail(&pieces, text);
	check_sequences(&pieces.filter.modes);
	backlog_fini(&whole.backlog);
	backlog_fini(&pieces.backlog);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size }, written, rest;
	size_t step;

	if (!size)
		return 0;
	step = data[0] % 16 + 1u;
	(void)str_cut(text, '\n', &written, &rest);
	if (memchr(written.data, 0, written.len))
		return 0;
	check_keys(written, rest, step);
	check_backlog(rest, step);
	return 0;
}
