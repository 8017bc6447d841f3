// SPDX-License-Identifier: Apache-2.0
/*
 * parser.c - bytes to code points to controls, sequences and strings
 *
 * Two machines, one above the other. The lower one makes code points of bytes; what is not UTF-8 becomes
 * U+FFFD, one for each maximal beginning of a character, so that a cut between two reads changes nothing. The
 * upper one is the VT500 parser on code points, without the states in which such a terminal collects what we
 * never pass on. ESC, CAN and SUB end whatever was begun, wherever it is; C0 controls inside a sequence are
 * executed before it, which is where they are written.
 *
 * C1 controls begin the same sequences and strings as ESC and a letter do. They are read, so that a clipboard
 * write by that name disappears as a whole, and nothing that begins with one is kept.
 *
 * Source: Paul Flo Williams, "A parser for DEC's ANSI-compatible video terminals"; The Unicode Standard,
 * table 3-7 and section 3.9, "U+FFFD substitution of maximal subparts"; console_codes(4), "ESC ] P"
 */
#include "term/term_internal.h"

#include "base/utf8.h"

enum {
	CONTROL_BEL = 0x07,
	CONTROL_CAN = 0x18,
	CONTROL_SUB = 0x1A,
	CONTROL_ESC = 0x1B,
	CONTROL_DEL = 0x7F,

	C1_FIRST = 0x80,
	C1_DCS = 0x90,
	C1_SOS = 0x98,
	C1_CSI = 0x9B,
	C1_ST = 0x9C,
	C1_OSC = 0x9D,
	C1_PM = 0x9E,
	C1_APC = 0x9F,
	C1_LAST = 0x9F,

	REPLACEMENT = 0xFFFD,
	LINUX_COLOUR_LEN = 8,		/* "P" and seven digits */
};

void term_count(struct term_filter *filter, enum term_kind kind)
{
	filter->counts[kind]++;
}

void term_emit(struct term_output *out, const char *data, size_t len)
{
	int r = out->buf && len ? buf_append(out->buf, data, len) : 0;

	if (r < 0 && !out->error)
		out->error = r;
}

/* Text also moves the cursor that is reckoned. */
static void emit_text(struct term_filter *filter, struct term_output *out, const char *data, size_t len)
{
	term_emit(out, data, len);
	if (filter->cursor)
		term_cursor_print(filter->cursor, (struct str){ data, len });
}

/* ---- the upper machine ---- */

/* A character, or a control that is kept. */
static void print_point(struct term_filter *filter, struct term_output *out, uint32_t point)
{
	char text[4];

	emit_text(filter, out, text, utf8_encode(point, text));
}

static void execute(struct term_filter *filter, struct term_output *out, uint32_t control)
{
	const struct term_control *row = &term_controls[control];
	bool is_kept = filter->only_text ? control == '\n' || control == '\t' : row->is_kept;

	if (!is_kept) {
		term_count(filter, TERM_KIND_CONTROL);
		return;
	}
	term_state_track(&filter->modes, row->track, -1, -1);
	print_point(filter, out, control);
}

/* What a sequence or string was begun for will not come. */
static void give_up(struct term_filter *filter)
{
	if (filter->state == TERM_STRING)
		term_count(filter, TERM_KIND_STRING);
	else if (filter->state != TERM_GROUND)
		term_count(filter, TERM_KIND_BROKEN);
	filter->state = TERM_GROUND;
}

static void begin(struct term_filter *filter, enum term_parser_state state, bool is_c1)
{
	term_sequence_begin(filter);
	filter->is_c1 = is_c1;
	filter->state = state;
}

static void string_end(struct term_filter *filter, struct term_output *out)
{
	if (filter->state == TERM_COMMAND)
		term_command_end(filter, out);
	else
		term_count(filter, TERM_KIND_STRING);
	filter->state = TERM_GROUND;
}

static bool is_in_string(const struct term_filter *filter)
{
	return filter->state == TERM_COMMAND || filter->state == TERM_STRING;
}

static void take_c1(struct term_filter *filter, struct term_output *out, uint32_t point)
{
	if (is_in_string(filter))
		string_end(filter, out);
	else
		give_up(filter);
	term_count(filter, TERM_KIND_C1);
	if (point == C1_CSI)
		begin(filter, TERM_CSI, true);
	else if (point == C1_OSC)
		begin(filter, TERM_COMMAND, true);
	else if (point == C1_DCS || point == C1_SOS || point == C1_PM || point == C1_APC)
		begin(filter, TERM_STRING, true);
}

static void take_escape(struct term_filter *filter, struct term_output *out, uint32_t point)
{
	filter->state = TERM_GROUND;
	if (point >= 0x20 && point <= 0x2F) {
		filter->state = TERM_ESCAPE;
		filter->is_broken = filter->intermediate != 0;
		filter->intermediate = (char)point;
	} else if (point > CONTROL_DEL) {
		/* No terminal agrees with another on what this is; as text it is harmless. */
		term_count(filter, TERM_KIND_BROKEN);
		print_point(filter, out, point);
	} else if (point == '[' && !filter->intermediate) {
		begin(filter, TERM_CSI, false);
	} else if (point == ']' && !filter->intermediate) {
		begin(filter, TERM_COMMAND, false);
	} else if (strchr(term_strings, (int)point) && !filter->intermediate) {
		begin(filter, TERM_STRING, false);
	} else {
		term_escape_end(filter, out, (char)point);
	}
}

static void take_csi(struct term_filter *filter, struct term_output *out, uint32_t point)
{
	if (point > CONTROL_DEL) {
		give_up(filter);
		print_point(filter, out, point);
	} else if (point >= 0x40) {
		filter->state = TERM_GROUND;
		term_csi_end(filter, out, (char)point);
	} else {
		term_csi_byte(filter, (char)point);
	}
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The Linux console's "ESC ] R" and "ESC ] P" with seven digits end without an end. */
static bool is_linux_palette(const struct term_filter *filter)
{
	if (filter->string_len == 1 && filter->string[0] == 'R')
		return true;
	if (filter->string_len != LINUX_COLOUR_LEN || filter->string[0] != 'P')
		return false;
	for (int i = 1; i < LINUX_COLOUR_LEN; i++)
		if (!is_hex(filter->string[i]))
			return false;
	return true;
}

static void take_command(struct term_filter *filter, struct term_output *out, uint32_t point)
{
	char text[4];
	size_t len = utf8_encode(point, text);

	if (filter->string_len + len <= TERM_STRING_MAX)
		memcpy(filter->string + filter->string_len, text, len);
	else
		filter->is_broken = true;
	if (!filter->is_broken)
		filter->string_len += len;
	if (is_linux_palette(filter))
		string_end(filter, out);
}

static void take_control(struct term_filter *filter, struct term_output *out, uint32_t point)
{
	if (point == CONTROL_ESC) {
		if (is_in_string(filter))
			string_end(filter, out);
		else
			give_up(filter);
		begin(filter, TERM_ESCAPE, false);
	} else if (point == CONTROL_CAN || point == CONTROL_SUB) {
		if (filter->state == TERM_GROUND)
			term_count(filter, TERM_KIND_CONTROL);
		give_up(filter);
	} else if (filter->state == TERM_COMMAND && point == CONTROL_BEL) {
		string_end(filter, out);
	} else if (!is_in_string(filter)) {
		execute(filter, out, point);
	}
}

static void take_point(struct term_filter *filter, struct term_output *out, uint32_t point)
{
	if (point < 0x20) {
		take_control(filter, out, point);
		return;
	}
	if (point >= C1_FIRST && point <= C1_LAST) {
		take_c1(filter, out, point);
		return;
	}
	if (point == CONTROL_DEL) {
		if (filter->state == TERM_GROUND)
			term_count(filter, TERM_KIND_CONTROL);
		return;
	}
	switch (filter->state) {
	case TERM_GROUND:
		print_point(filter, out, point);
		break;
	case TERM_ESCAPE:
		take_escape(filter, out, point);
		break;
	case TERM_CSI:
		take_csi(filter, out, point);
		break;
	case TERM_COMMAND:
		take_command(filter, out, point);
		break;
	case TERM_STRING:
		break;
	}
}

/* ---- the lower machine ---- */

/* How many bytes a character has that begins with this one; 0: none does. */
static uint8_t length_of(unsigned char lead)
{
	if (lead >= 0xC2 && lead <= 0xDF)
		return 2;
	if (lead >= 0xE0 && lead <= 0xEF)
		return 3;
	return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/* Whether a byte can follow what is pending: the second byte has a narrower range behind some first ones. */
static bool is_next(const struct term_filter *filter, unsigned char byte)
{
	unsigned char first = 0x80, last = 0xBF;

	if (filter->pending_len == 1 && filter->pending[0] == 0xE0)
		first = 0xA0;
	else if (filter->pending_len == 1 && filter->pending[0] == 0xED)
		last = 0x9F;
	else if (filter->pending_len == 1 && filter->pending[0] == 0xF0)
		first = 0x90;
	else if (filter->pending_len == 1 && filter->pending[0] == 0xF4)
		last = 0x8F;
	return byte >= first && byte <= last;
}

static void drop_pending(struct term_filter *filter, struct term_output *out)
{
	if (!filter->pending_len)
		return;
	filter->pending_len = 0;
	take_point(filter, out, REPLACEMENT);
}

static void take_byte(struct term_filter *filter, struct term_output *out, unsigned char byte)
{
	uint32_t point;

	if (filter->pending_len && !is_next(filter, byte))
		drop_pending(filter, out);
	if (byte < 0x80) {
		take_point(filter, out, byte);
		return;
	}
	if (!filter->pending_len) {
		filter->wanted_len = length_of(byte);
		if (!filter->wanted_len) {
			take_point(filter, out, REPLACEMENT);
			return;
		}
	}
	filter->pending[filter->pending_len++] = byte;
	if (filter->pending_len < filter->wanted_len)
		return;
	(void)utf8_decode((struct str){ (const char *)filter->pending, filter->pending_len }, &point);
	filter->pending_len = 0;
	take_point(filter, out, point);
}

/* ---- the filter ---- */

/* Text that needs no look: only while no sequence and no character is begun. */
static size_t pass_plain(struct term_filter *filter, struct term_output *out, struct str text)
{
	size_t len;

	if (filter->state != TERM_GROUND || filter->pending_len || filter->only_text)
		return 0;
	len = term_scan_plain(text);
	emit_text(filter, out, text.data, len);
	return len;
}

size_t term_step(struct term_filter *filter, struct term_output *out, struct str text)
{
	size_t used = pass_plain(filter, out, text);

	if (used)
		return used;
	take_byte(filter, out, (unsigned char)text.data[0]);
	return 1;
}

int term_filter_feed(struct term_filter *filter, struct str text, struct buf *out)
{
	struct term_output output = { .buf = out };

	while (text.len) {
		size_t used = term_step(filter, &output, text);

		text.data += used;
		text.len -= used;
	}
	return output.error;
}

int term_filter_finish(struct term_filter *filter, struct buf *out)
{
	struct term_output output = { .buf = out };

	drop_pending(filter, &output);
	give_up(filter);
	return output.error;
}
