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
 *     all of them, and neither is longer than was promised
 */
#include "session/backlog.h"
#include "session/detach_keys.h"

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
			assert(keys.count && passed < at + piece.len && !detach_keys_is_holding(&keys));
			return;
		}
		assert(passed + keys.held_bytes == at + piece.len &&
			keys.held_bytes <= DETACH_HELD_BYTES_MAX);
		assert(keys.matched < MAX(keys.count, (size_t)1));
	}
	held = detach_keys_release(&keys);
	assert(held.len == typed.len - passed &&
		(!held.len || !memcmp(held.data, typed.data + passed, held.len)));
	assert(!detach_keys_is_holding(&keys));
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

static void print(struct backlog *backlog, struct str text, size_t step)
{
	for (size_t at = 0; at < text.len; at += step)
		backlog_print(backlog, (struct str){ text.data + at, MIN(step, text.len - at) });
}

static void check_same_modes(const struct backlog *a, const struct backlog *b)
{
	assert(a->modes == b->modes && a->other_keys == b->other_keys);
	assert(a->keyboard_depth == b->keyboard_depth);
	assert(!memcmp(a->keyboards, b->keyboards, a->keyboard_depth * sizeof(*a->keyboards)));
}

static void check_sequences(struct backlog *backlog)
{
	scoped(buf) struct buf on = BUF_INIT(BACKLOG_SEQUENCES_MAX_BYTES), off = BUF_INIT(on.limit_bytes);
	struct backlog other;

	backlog_modes_on(backlog, &on);
	backlog_modes_off(backlog, &off);
	assert(!buf_failed(&on) && !buf_failed(&off));
	backlog_init(&other, 0);
	backlog_print(&other, (struct str){ buf_text(&on), on.len });
	check_same_modes(&other, backlog);
	backlog_print(backlog, (struct str){ buf_text(&off), off.len });
	assert(!backlog->modes && !backlog->other_keys && !backlog->keyboard_depth);
	assert(!backlog->has_region && !backlog->has_shape);
	backlog_fini(&other);
}

static void check_backlog(struct str text, size_t step)
{
	struct backlog whole, pieces;
	struct str tail;

	backlog_init(&whole, TAIL_BYTES);
	backlog_init(&pieces, TAIL_BYTES);
	print(&whole, text, text.len ?: 1);
	print(&pieces, text, step);
	assert(whole.at == text.len && pieces.at == text.len);
	check_same_modes(&whole, &pieces);
	tail = backlog_tail(&whole);
	assert(tail.len <= TAIL_BYTES && str_ends_with(text, tail));
	tail = backlog_tail(&pieces);
	assert(tail.len <= TAIL_BYTES && str_ends_with(text, tail));
	check_sequences(&pieces);
	backlog_fini(&whole);
	backlog_fini(&pieces);
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
