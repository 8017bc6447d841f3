// SPDX-License-Identifier: Apache-2.0
/*
 * cursor.c - where the cursor is, reckoned from what was printed
 *
 * A terminal of the VT family with automatic margins: the character that fills the last column leaves the
 * cursor there, and the next one wraps. Tabulator stops are every eight columns. Characters of East Asian
 * width and emoji take two columns, combining ones none; about the rest of Unicode terminals disagree, and so
 * may this.
 *
 * Source: DEC STD 070; UAX #11, "East Asian Width"
 */
#include "term/cursor.h"

#include "base/utf8.h"

enum {
	ROWS_DEFAULT = 24,
	COLUMNS_DEFAULT = 80,
	TAB_COLUMNS = 8,
};

static int last_row(const struct term_cursor *cursor)
{
	return (cursor->rows ?: ROWS_DEFAULT) - 1;
}

static int last_column(const struct term_cursor *cursor)
{
	return (cursor->columns ?: COLUMNS_DEFAULT) - 1;
}

static int bottom_of(const struct term_cursor *cursor)
{
	return cursor->bottom ? MIN((int)cursor->bottom, last_row(cursor)) : last_row(cursor);
}

static void know(struct term_cursor *cursor)
{
	if (!cursor->is_known)
		cursor->row = cursor->saved_row = (uint16_t)last_row(cursor);
	cursor->is_known = true;
}

static void go(struct term_cursor *cursor, int row, int column)
{
	cursor->row = (uint16_t)MAX(0, MIN(row, last_row(cursor)));
	cursor->column = (uint16_t)MAX(0, MIN(column, last_column(cursor)));
	cursor->is_beyond = false;
}

/* Up or down without scrolling: the region's edge stops who is inside it. */
static void go_lines(struct term_cursor *cursor, int lines, int column)
{
	int row = cursor->row + lines, bottom = bottom_of(cursor);

	if (lines < 0 && cursor->row >= cursor->top)
		row = MAX(row, (int)cursor->top);
	if (lines > 0 && cursor->row <= bottom)
		row = MIN(row, bottom);
	go(cursor, row, column);
}

void term_cursor_resize(struct term_cursor *cursor, uint16_t rows, uint16_t columns)
{
	cursor->rows = rows;
	cursor->columns = columns;
	cursor->top = cursor->bottom = 0;
	if (cursor->is_known)
		go(cursor, cursor->row, cursor->column);
}

/* ---- text ---- */

/* Ranges that take two columns, and none; enough for what programs ask the position about. */
static const struct {
	uint32_t first, last;
	int columns;
} widths[] = {
	{ 0x0300, 0x036F, 0 }, { 0x1100, 0x115F, 2 }, { 0x200B, 0x200F, 0 }, { 0x20D0, 0x20FF, 0 },
	{ 0x2E80, 0x303E, 2 }, { 0x3041, 0xA4CF, 2 }, { 0xAC00, 0xD7A3, 2 }, { 0xF900, 0xFAFF, 2 },
	{ 0xFE00, 0xFE0F, 0 }, { 0xFE30, 0xFE6F, 2 }, { 0xFF00, 0xFF60, 2 }, { 0xFFE0, 0xFFE6, 2 },
	{ 0x1F300, 0x1F64F, 2 }, { 0x1F680, 0x1F6FF, 2 }, { 0x1F900, 0x1F9FF, 2 }, { 0x20000, 0x3FFFD, 2 },
};

static int width_of(uint32_t point)
{
	for (size_t i = 0; i < ARRAY_SIZE(widths) && point >= widths[i].first; i++)
		if (point <= widths[i].last)
			return widths[i].columns;
	return 1;
}

static void put(struct term_cursor *cursor, int columns)
{
	int next;

	if (!columns)
		return;
	if (cursor->is_beyond || cursor->column + columns - 1 > last_column(cursor)) {
		go_lines(cursor, 1, 0);
	}
	next = cursor->column + columns;
	cursor->is_beyond = next > last_column(cursor);
	cursor->column = (uint16_t)MIN(next, last_column(cursor));
}

static void execute(struct term_cursor *cursor, char control)
{
	switch (control) {
	case '\b':
		go(cursor, cursor->row, cursor->column - 1);
		break;
	case '\t':
		go(cursor, cursor->row, (cursor->column / TAB_COLUMNS + 1) * TAB_COLUMNS);
		break;
	case '\n':
	case '\v':
	case '\f':
		go_lines(cursor, 1, cursor->has_new_line ? 0 : cursor->column);
		break;
	case '\r':
		go(cursor, cursor->row, 0);
		break;
	default:
		break;
	}
}

void term_cursor_print(struct term_cursor *cursor, struct str text)
{
	know(cursor);
	while (text.len) {
		uint32_t point;
		int n = utf8_decode(text, &point);

		if (point < 0x20)
			execute(cursor, (char)point);
		else
			put(cursor, width_of(point));
		text.data += n;
		text.len -= (size_t)n;
	}
}

/* ---- sequences ---- */

static void save(struct term_cursor *cursor)
{
	cursor->saved_row = cursor->row;
	cursor->saved_column = cursor->column;
}

static void set_margins(struct term_cursor *cursor, int first, int second)
{
	int top = MAX(first, 1) - 1, bottom = (second > 0 ? second : last_row(cursor) + 1) - 1;

	if (top >= MIN(bottom, last_row(cursor)))
		return;
	cursor->top = (uint16_t)top;
	cursor->bottom = (uint16_t)MIN(bottom, last_row(cursor));
	go(cursor, cursor->has_origin ? top : 0, 0);
}

static void place(struct term_cursor *cursor, int row, int column)
{
	if (!cursor->has_origin)
		go(cursor, row, column);
	else
		go(cursor, MIN(row + cursor->top, bottom_of(cursor)), column);
}

static void track_lines(struct term_cursor *cursor, enum term_track track, int count)
{
	switch ((unsigned)track) {
	case TERM_TRACK_UP:
		go_lines(cursor, -count, cursor->column);
		break;
	case TERM_TRACK_DOWN:
		go_lines(cursor, count, cursor->column);
		break;
	case TERM_TRACK_UP_FIRST:
		go_lines(cursor, -count, 0);
		break;
	case TERM_TRACK_DOWN_FIRST:
		go_lines(cursor, count, 0);
		break;
	case TERM_TRACK_INDEX:
		go_lines(cursor, 1, cursor->column);
		break;
	case TERM_TRACK_NEXT_LINE:
		go_lines(cursor, 1, 0);
		break;
	case TERM_TRACK_REVERSE_INDEX:
		go_lines(cursor, -1, cursor->column);
		break;
	default:
		break;
	}
}

static void track_columns(struct term_cursor *cursor, enum term_track track, int count)
{
	int column = cursor->column;

	switch ((unsigned)track) {
	case TERM_TRACK_RIGHT:
		go(cursor, cursor->row, column + count);
		break;
	case TERM_TRACK_LEFT:
		go(cursor, cursor->row, column - count);
		break;
	case TERM_TRACK_COLUMN:
		go(cursor, cursor->row, count - 1);
		break;
	case TERM_TRACK_FIRST:
		go(cursor, cursor->row, 0);
		break;
	case TERM_TRACK_TAB:
		go(cursor, cursor->row, (column / TAB_COLUMNS + count) * TAB_COLUMNS);
		break;
	case TERM_TRACK_TAB_BACK:
		go(cursor, cursor->row, ((column + TAB_COLUMNS - 1) / TAB_COLUMNS - count) * TAB_COLUMNS);
		break;
	case TERM_TRACK_REPEAT:
		for (int i = 0; i < count; i++)
			put(cursor, 1);
		break;
	default:
		break;
	}
}

void term_cursor_track(struct term_cursor *cursor, enum term_track track, int first, int second)
{
	int count = MAX(first, 1);

	know(cursor);
	switch ((unsigned)track) {
	case TERM_TRACK_PLACE:
		place(cursor, count - 1, MAX(second, 1) - 1);
		break;
	case TERM_TRACK_LINE:
		place(cursor, count - 1, cursor->column);
		break;
	case TERM_TRACK_MARGINS:
		set_margins(cursor, first, second);
		break;
	case TERM_TRACK_SAVE:
		save(cursor);
		break;
	case TERM_TRACK_LOAD:
		go(cursor, cursor->saved_row, cursor->saved_column);
		break;
	case TERM_TRACK_RESET:
		*cursor = (struct term_cursor){
			.rows = cursor->rows, .columns = cursor->columns, .is_known = true,
		};
		break;
	default:
		track_lines(cursor, track, count);
		track_columns(cursor, track, count);
		break;
	}
}

void term_cursor_mode(struct term_cursor *cursor, enum term_track track, bool is_set)
{
	know(cursor);
	if (track == TERM_TRACK_NEW_LINE) {
		cursor->has_new_line = is_set;
	} else if (track == TERM_TRACK_ORIGIN) {
		cursor->has_origin = is_set;
		place(cursor, 0, 0);
	} else if (track == TERM_TRACK_CURSOR && is_set) {
		save(cursor);
	} else if (track == TERM_TRACK_CURSOR) {
		go(cursor, cursor->saved_row, cursor->saved_column);
	}
}

void term_cursor_place(const struct term_cursor *cursor, unsigned *ret_row, unsigned *ret_column)
{
	int row = cursor->is_known ? cursor->row : last_row(cursor);

	/* A restored cursor may stand above the region that it is counted from. */
	*ret_row = (unsigned)MAX(0, row - (cursor->has_origin ? cursor->top : 0)) + 1;
	*ret_column = (unsigned)cursor->column + 1;
}
