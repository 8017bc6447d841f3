// SPDX-License-Identifier: Apache-2.0
/*
 * backlog.c - what somebody who looks at a terminal later has to be shown
 *
 * Text between escape sequences is passed over in one step, so that a program that prints a lot pays little.
 * The tail is cut at a mark, which was set when the tail was half full at a place between two characters:
 * then the cut moves half of it, and costs one copy for each byte at most. A mark on the other screen is a
 * bad beginning for somebody who comes after that was left, so the floor is raised to where it was.
 */
#include "session/backlog.h"

#include "base/macro.h"

#include <assert.h>
#include <string.h>

enum {
	ESC = 0x1B,
	BEL = 0x07,
	CAN = 0x18,
	SUB = 0x1A,
	PARAM_MAX = 65535,
};

/* Bit i of `modes` is row i. */
static const struct {
	unsigned number;
	bool is_on_at_first;
	bool is_screen;
} modes[] = {
	{ 47, .is_screen = true }, { 1047, .is_screen = true }, { 1049, .is_screen = true }, { 1 }, { 5 },
	{ 6 }, { 7, .is_on_at_first = true }, { 9 }, { 25, .is_on_at_first = true }, { 45 }, { 66 }, { 69 },
	{ 1000 }, { 1001 }, { 1002 }, { 1003 }, { 1004 }, { 1005 }, { 1006 }, { 1007 }, { 1015 }, { 1016 },
	{ 1036 }, { 1039 }, { 2004 }, { 2031 },
};

enum {
	MODE_KEYPAD = 31,		/* not of the table: ESC = and ESC > */
	SCREENS = 7,			/* the first rows */
};

static_assert(ARRAY_SIZE(modes) <= MODE_KEYPAD, "each mode needs a bit");

void backlog_init(struct backlog *backlog, size_t tail_bytes)
{
	*backlog = (struct backlog){ .tail = BUF_INIT(tail_bytes) };
}

void backlog_fini(struct backlog *backlog)
{
	buf_fini(&backlog->tail);
}

bool backlog_is_alternate(const struct backlog *backlog)
{
	return backlog->modes & SCREENS;
}

/* ---- what sequences do ---- */

/* The other screen is left, here. */
static void note_left(struct backlog *backlog)
{
	if (backlog->is_floor_due) {
		backlog->floor = backlog->at;
		backlog->is_floor_due = false;
	}
	if (backlog->mark && backlog->is_mark_alternate && !backlog->left_after_mark)
		backlog->left_after_mark = backlog->at;
}

static void set_bits(struct backlog *backlog, uint32_t bits, bool on)
{
	bool was_alternate = backlog_is_alternate(backlog);

	backlog->modes = on ? backlog->modes | bits : backlog->modes & ~bits;
	if (backlog_is_alternate(backlog) && !was_alternate)
		backlog->alternate_from = backlog->at;
	else if (was_alternate && !backlog_is_alternate(backlog))
		note_left(backlog);
}

static void reset(struct backlog *backlog)
{
	set_bits(backlog, ~0u, false);
	backlog->has_region = backlog->has_shape = false;
	backlog->other_keys = backlog->keyboard_depth = 0;
}

static void set_private_modes(struct backlog *backlog, bool on)
{
	for (unsigned p = 0; p < backlog->param_count; p++)
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
			if (modes[i].number == backlog->params[p])
				set_bits(backlog, modes[i].is_screen ? SCREENS : 1u << i,
					on != modes[i].is_on_at_first);
}

static unsigned param(const struct backlog *backlog, unsigned i, unsigned otherwise)
{
	return i < backlog->param_count && backlog->params[i] ? backlog->params[i] : otherwise;
}

/* The stack of the kitty protocol: > pushes, < pops, = changes what is on top. */
static void set_keyboard(struct backlog *backlog)
{
	unsigned *depth = &backlog->keyboard_depth;

	if (backlog->prefix == '>' && *depth < BACKLOG_KEYBOARD_DEPTH_MAX)
		backlog->keyboards[(*depth)++] = param(backlog, 0, 0);
	else if (backlog->prefix == '<')
		*depth -= MIN(*depth, param(backlog, 0, 1));
	else if (backlog->prefix == '=' && *depth)
		backlog->keyboards[*depth - 1] = param(backlog, 0, 0);
}

static void end_control(struct backlog *backlog, char final)
{
	if (final == 'h' || final == 'l') {
		if (backlog->prefix == '?')
			set_private_modes(backlog, final == 'h');
	} else if (final == 'u' && backlog->prefix) {
		set_keyboard(backlog);
	} else if (final == 'm' && backlog->prefix == '>') {
		if (param(backlog, 0, 4) == 4)
			backlog->other_keys = param(backlog, 1, 0);
	} else if (final == 'r' && !backlog->prefix && !backlog->intermediate) {
		backlog->has_region = param(backlog, 0, 0) || param(backlog, 1, 0);
	} else if (final == 'q' && backlog->intermediate == ' ') {
		backlog->has_shape = param(backlog, 0, 0) != 0;
	} else if (final == 'p' && backlog->intermediate == '!') {
		set_bits(backlog, ~(uint32_t)SCREENS, false);
		backlog->has_region = false;
	}
}

static enum backlog_state after_escape(struct backlog *backlog, char c)
{
	backlog->intermediate = backlog->prefix = 0;
	memset(backlog->params, 0, sizeof(backlog->params));
	backlog->param_count = 0;
	switch (c) {
	case '[':
		return BACKLOG_CONTROL;
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		return BACKLOG_STRING;
	case 'c':
		reset(backlog);
		return BACKLOG_GROUND;
	case '=':
	case '>':
		set_bits(backlog, 1u << MODE_KEYPAD, c == '=');
		return BACKLOG_GROUND;
	default:
		/* ESC ( B and its like: the second byte is still to come */
		return c == ESC || (c >= 0x20 && c <= 0x2F) ? BACKLOG_ESCAPE : BACKLOG_GROUND;
	}
}

static enum backlog_state in_control(struct backlog *backlog, char c)
{
	if (c >= '0' && c <= '9') {
		unsigned *value;

		backlog->param_count = MAX(backlog->param_count, 1u);
		value = &backlog->params[backlog->param_count - 1];
		*value = MIN(*value * 10 + (unsigned)(c - '0'), (unsigned)PARAM_MAX);
	} else if (c == ';' || c == ':') {
		backlog->param_count = MIN(MAX(backlog->param_count, 1u) + 1, (unsigned)BACKLOG_PARAMS_MAX);
	} else if (c >= '<' && c <= '?') {
		backlog->prefix = c;
	} else if (c >= 0x20 && c <= 0x2F) {
		backlog->intermediate = c;
	} else if (c >= 0x40 && c <= 0x7E) {
		end_control(backlog, c);
		return BACKLOG_GROUND;
	}
	return BACKLOG_CONTROL;
}

static void step(struct backlog *backlog, char c)
{
	backlog->at++;
	if (c == CAN || c == SUB) {
		backlog->state = BACKLOG_GROUND;
	} else if (backlog->state == BACKLOG_STRING) {
		if (c == BEL)
			backlog->state = BACKLOG_GROUND;
		else if (c == ESC)
			backlog->state = BACKLOG_STRING_ESCAPE;
	} else if (c == ESC) {
		backlog->state = BACKLOG_ESCAPE;
	} else if (backlog->state == BACKLOG_CONTROL) {
		backlog->state = in_control(backlog, c);
	} else if (backlog->state == BACKLOG_ESCAPE) {
		backlog->state = after_escape(backlog, c);
	} else if (backlog->state == BACKLOG_STRING_ESCAPE) {
		backlog->state = c == '\\' ? BACKLOG_GROUND : after_escape(backlog, c);
	}
}

/* ---- the tail ---- */

static bool is_inside_character(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* Text of @len bytes begins at `at`: the tail may be cut in it, once it is half full. */
static void set_mark(struct backlog *backlog, const char *text, size_t len)
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
	backlog->is_mark_alternate = backlog_is_alternate(backlog);
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

void backlog_print(struct backlog *backlog, struct str text)
{
	while (text.len) {
		size_t run = 1;

		if (backlog->state == BACKLOG_GROUND && text.data[0] != ESC) {
			const char *escape = memchr(text.data, ESC, text.len);

			run = escape ? (size_t)(escape - text.data) : text.len;
			if (backlog->tail.limit_bytes)
				run = MIN(run, backlog->tail.limit_bytes / 4);
			mend(backlog);
			set_mark(backlog, text.data, run);
			backlog->at += run;
		} else {
			step(backlog, text.data[0]);
		}
		keep(backlog, text.data, run);
		text = (struct str){ text.data + run, text.len - run };
	}
}

struct str backlog_tail(const struct backlog *backlog)
{
	uint64_t from = MAX(backlog->base, backlog->floor);

	if (backlog_is_alternate(backlog))
		from = MAX(from, backlog->alternate_from);
	from = backlog->is_torn ? backlog->tail.len : MIN(from - backlog->base, (uint64_t)backlog->tail.len);
	return (struct str){ buf_text(&backlog->tail) + from, backlog->tail.len - (size_t)from };
}

/* ---- modes as sequences ---- */

static void add_mode(struct buf *ret, size_t row, bool is_changed)
{
	bool on = is_changed != modes[row].is_on_at_first;

	(void)buf_printf(ret, "\033[?%u%c", modes[row].number, on ? 'h' : 'l');
}

void backlog_modes_on(const struct backlog *backlog, struct buf *ret)
{
	/* Of the three ways to the other backlog, the one that saves the cursor and clears. */
	if (backlog_is_alternate(backlog))
		(void)buf_append_str(ret, "\033[?1049h");
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (!modes[i].is_screen && backlog->modes & 1u << i)
			add_mode(ret, i, true);
	if (backlog->modes & 1u << MODE_KEYPAD)
		(void)buf_append_str(ret, "\033=");
	if (backlog->other_keys)
		(void)buf_printf(ret, "\033[>4;%um", backlog->other_keys);
	for (unsigned i = 0; i < backlog->keyboard_depth; i++)
		(void)buf_printf(ret, "\033[>%uu", backlog->keyboards[i]);
}

void backlog_modes_off(const struct backlog *backlog, struct buf *ret)
{
	/* The keyboard's stack belongs to the screen that is in use. */
	if (backlog->keyboard_depth)
		(void)buf_printf(ret, "\033[<%uu", backlog->keyboard_depth);
	if (backlog->other_keys)
		(void)buf_append_str(ret, "\033[>4m");
	/* Lifting the region moves the cursor. */
	if (backlog->has_region)
		(void)buf_append_str(ret, "\0337\033[r\0338");
	if (backlog_is_alternate(backlog))
		(void)buf_append_str(ret, "\033[?1049l");
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (!modes[i].is_screen && backlog->modes & 1u << i)
			add_mode(ret, i, false);
	if (backlog->modes & 1u << MODE_KEYPAD)
		(void)buf_append_str(ret, "\033>");
	if (backlog->has_shape)
		(void)buf_append_str(ret, "\033[0 q");
}

void backlog_modes_reset(struct buf *ret)
{
	const struct backlog worst = {
		.modes = ~0u, .has_region = true, .has_shape = true, .other_keys = 1,
		.keyboard_depth = BACKLOG_KEYBOARD_DEPTH_MAX,
	};

	backlog_modes_off(&worst, ret);
}
