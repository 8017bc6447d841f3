// SPDX-License-Identifier: Apache-2.0
/*
 * backlog.c - what was printed last, for somebody who looks at a terminal later
 *
 * The text is read once, by the program's filter, in steps: plain text as far as it goes, or one
 * sequence. Between two steps the tail may begin, if the filter says so.
 *
 * The tail is cut at a mark, which was set when the tail was half full at a place between two characters:
 * then the cut moves half of it, and costs one copy for each byte at most. A mark on the other screen is a
 * bad beginning for somebody who comes after that was left, so the floor is raised to where it was.
 */
#include "term/backlog.h"

#include "term/term_internal.h"

enum {
	STEPS_COUNT = 4,		/* that fill the tail at least, so that a mark is found in it */
};

void backlog_init(struct backlog *backlog, struct term_filter *filter, size_t tail_bytes)
{
	*backlog = (struct backlog){ .tail = BUF_INIT(tail_bytes), .filter = filter };
}

void backlog_fini(struct backlog *backlog)
{
	buf_fini(&backlog->tail);
}

/* Whether what comes next begins a character or a sequence. */
static bool is_between(const struct backlog *backlog)
{
	return backlog->filter->state == TERM_GROUND && !backlog->filter->pending_len;
}

/* The other screen was entered or left, right before here. */
static void note_screen(struct backlog *backlog)
{
	if (backlog->filter->modes.is_alternate) {
		backlog->alternate_from = backlog->at;
		return;
	}
	if (backlog->is_floor_due) {
		backlog->floor = backlog->at;
		backlog->is_floor_due = false;
	}
	if (backlog->mark && backlog->is_mark_alternate && !backlog->left_after_mark)
		backlog->left_after_mark = backlog->at;
}

static bool is_inside_character(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* Between two sequences: what begins at `at` may be the beginning of the tail, once it is half full. */
static void set_mark(struct backlog *backlog, const char *text, size_t len, bool is_alternate)
{
	uint64_t half = backlog->base + backlog->tail.limit_bytes / 2;
	size_t from = half > backlog->at ? MIN(half - backlog->at, (uint64_t)len) : 0;

	if (backlog->mark)
		return;
	while (from < len && is_inside_character(text[from]))
		from++;
	if (from == len)
		return;
	backlog->mark = backlog->at + from;
	backlog->is_mark_alternate = is_alternate;
	backlog->left_after_mark = 0;
}

/* The endless sequence has ended here. */
static void mend(struct backlog *backlog)
{
	if (backlog->is_torn)
		backlog->floor = backlog->at;
	backlog->is_torn = false;
}

/* Makes room. Where there was no place to cut at, in one endless sequence, nothing is left. */
static void cut(struct backlog *backlog)
{
	uint64_t end = backlog->base + backlog->tail.len, to = backlog->mark ? MIN(backlog->mark, end) : end;

	backlog->is_torn = !backlog->mark;
	buf_consume(&backlog->tail, (size_t)(to - backlog->base));
	backlog->base = to;
	if (backlog->mark && backlog->is_mark_alternate) {
		backlog->is_floor_due = !backlog->left_after_mark;
		backlog->floor = backlog->left_after_mark;
	}
	backlog->mark = 0;
}

static void keep(struct backlog *backlog, const char *text, size_t len)
{
	while (len && backlog->tail.limit_bytes) {
		size_t room = backlog->tail.limit_bytes - backlog->tail.len, step = MIN(room, len);

		(void)buf_append(&backlog->tail, text, step);
		text += step;
		len -= step;
		if (len)
			cut(backlog);
	}
}

/* Reads plain text as far as it goes, or one sequence; returns how long that was. */
static size_t step(struct backlog *backlog, struct str text)
{
	bool was_between = is_between(backlog), was_alternate = backlog->filter->modes.is_alternate;
	struct term_output nowhere = { 0 };
	size_t len = term_step(backlog->filter, &nowhere, text), places = is_between(backlog) ? len : 1;

	while (len < text.len && !is_between(backlog))
		len += term_step(backlog->filter, &nowhere, (struct str){ text.data + len, text.len - len });
	if (was_between) {
		mend(backlog);
		set_mark(backlog, text.data, places, was_alternate);
	}
	backlog->at += len;
	if (is_between(backlog))
		backlog->begun = backlog->at;
	if (backlog->filter->modes.is_alternate != was_alternate)
		note_screen(backlog);
	return len;
}

void backlog_print(struct backlog *backlog, struct str text)
{
	size_t most = backlog->tail.limit_bytes / STEPS_COUNT, len;

	while (text.len) {
		len = step(backlog, (struct str){ text.data, most ? MIN(text.len, most) : text.len });
		keep(backlog, text.data, len);
		text = (struct str){ text.data + len, text.len - len };
	}
}

/* What is kept of what was printed from @from on, up to @to. */
static struct str piece(const struct backlog *backlog, uint64_t from, uint64_t to)
{
	from = MAX(from, backlog->base);
	to = MAX(to, from);
	return (struct str){ buf_text(&backlog->tail) + (from - backlog->base), to - from };
}

struct str backlog_tail(const struct backlog *backlog, struct str *ret_unfinished)
{
	uint64_t end = backlog->base + backlog->tail.len, from = backlog->is_torn ? end : backlog->floor;

	if (backlog->filter->modes.is_alternate)
		from = MAX(from, backlog->alternate_from);
	from = MIN(from, end);
	*ret_unfinished = piece(backlog, MAX(from, MIN(backlog->begun, end)), end);
	return piece(backlog, from, MIN(backlog->begun, end));
}
