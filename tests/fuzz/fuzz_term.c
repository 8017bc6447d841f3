// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_term.c - what holds for everything that a program could print
 *
 * The first byte says how the rest is cut.
 *
 *   - nothing comes out that a terminal must not be sent (lib/term_check.h, which does not know our tables)
 *   - it does not matter where the input is cut: output, counts and state are the same
 *   - filtering the output again changes nothing, and takes nothing out
 *   - putting the terminal back is harmless output too, and leaves nothing to put back
 *   - answers are three short ones, and the cursor stays on the screen
 *   - what only lists lines lets out nothing but text, lines and tabulators
 */
#include "lib/term_check.h"
#include "term/filter.h"

enum {
	OUT_MAX_BYTES = 4 << 20,
	ROWS = 10,
	COLUMNS = 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void filter_in_pieces(struct term_filter *filter, struct str text, size_t step, struct buf *out)
{
	for (size_t at = 0; at < text.len; at += step)
		if (term_filter_feed(filter, (struct str){ text.data + at, MIN(step, text.len - at) }, out) <
				0)
			abort();
	if (term_filter_finish(filter, out) < 0)
		abort();
}

static struct str text_of(const struct buf *buf)
{
	return (struct str){ buf_text(buf), buf->len };
}

static void check_again(struct str text)
{
	scoped(buf) struct buf out = BUF_INIT(OUT_MAX_BYTES);
	struct term_filter filter = { 0 };

	filter_in_pieces(&filter, text, text.len ?: 1, &out);
	assert(str_eq(text_of(&out), text));
	assert(!term_filter_total(&filter));
}

static void check_restore(struct term_filter *filter)
{
	scoped(buf) struct buf out = BUF_INIT(OUT_MAX_BYTES);
	static const struct term_state nothing;

	if (term_state_enter_screen(&filter->modes, &out) < 0 || term_state_enter(&filter->modes, &out) < 0 ||
			term_state_restore(&filter->modes, &out) < 0)
		abort();
	assert(!term_check(text_of(&out)));
	assert(!memcmp(&filter->modes, &nothing, sizeof(nothing)));
}

static void check_answers(struct str text)
{
	scoped(buf) struct buf answers = BUF_INIT(TERM_ANSWERS_MAX);
	struct term_cursor cursor = { .rows = ROWS, .columns = COLUMNS };
	struct term_filter filter = { .cursor = &cursor, .answers = &answers };
	unsigned row, column;

	filter_in_pieces(&filter, text, text.len ?: 1, NULL);
	term_cursor_place(&cursor, &row, &column);
	assert(row >= 1 && row <= ROWS && column >= 1 && column <= COLUMNS);
	for (size_t i = 0; i < answers.len; i++)
		assert(answers.data[i] && strchr("\033[?0123456789;cnR", answers.data[i]));
}

static void check_listing(struct str text)
{
	scoped(buf) struct buf out = BUF_INIT(OUT_MAX_BYTES);
	struct term_filter filter = { .only_text = true };

	filter_in_pieces(&filter, text, text.len ?: 1, &out);
	assert(!term_check(text_of(&out)));
	for (size_t i = 0; i < out.len; i++)
		assert((unsigned char)out.data[i] >= 0x20 || out.data[i] == '\n' || out.data[i] == '\t');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(buf) struct buf whole = BUF_INIT(OUT_MAX_BYTES), pieces = BUF_INIT(OUT_MAX_BYTES);
	struct term_filter one = { 0 }, many = { 0 };
	struct str text;

	if (!size)
		return 0;
	text = (struct str){ (const char *)data + 1, size - 1 };
	filter_in_pieces(&one, text, text.len ?: 1, &whole);
	assert(!term_check(text_of(&whole)));
	filter_in_pieces(&many, text, data[0] % 16 + 1u, &pieces);
	assert(str_eq(text_of(&whole), text_of(&pieces)));
	assert(!memcmp(one.counts, many.counts, sizeof(one.counts)));
	assert(!memcmp(&one.modes, &many.modes, sizeof(one.modes)));
	check_again(text_of(&whole));
	check_restore(&one);
	check_answers(text);
	check_listing(text);
	return 0;
}
