// SPDX-License-Identifier: Apache-2.0
/*
 * sequence.c - ESC and CSI: looked up, checked, written anew
 *
 * A sequence goes out only if its row keeps it, with numbers of at most four digits and no more of them than
 * the row says. Modes are looked up one by one: those that are kept go out, in one sequence.
 */
#include "term/term_internal.h"

enum {
	UNIT_MAX = 1000,		/* of a number that is at most TERM_VALUE_MAX */
	MODIFIED_KEYS_MAX = 3,
	SHAPE_MAX = 6,
};

void term_sequence_begin(struct term_filter *filter)
{
	filter->prefix = filter->intermediate = 0;
	filter->is_broken = filter->is_c1 = false;
	filter->param_count = 0;
	filter->colons = 0;
	filter->string_len = 0;
}

/* ---- parameters ---- */

/* The parameter that digits and separators belong to now; NULL: there are too many. */
static int16_t *last_param(struct term_filter *filter)
{
	if (!filter->param_count)
		filter->params[filter->param_count++] = -1;
	return &filter->params[filter->param_count - 1];
}

static void add_digit(struct term_filter *filter, char digit)
{
	int16_t *param = last_param(filter);
	int value = MAX(*param, 0) * 10 + (digit - '0');

	*param = (int16_t)MIN(value, (int)TERM_VALUE_MAX);
}

static void add_separator(struct term_filter *filter, char separator)
{
	(void)last_param(filter);
	if (filter->param_count == TERM_PARAMS_MAX) {
		filter->is_broken = true;
		return;
	}
	if (separator == ':')
		filter->colons |= 1u << filter->param_count;
	filter->params[filter->param_count++] = -1;
}

void term_csi_byte(struct term_filter *filter, char byte)
{
	bool is_prefix = byte > ';';

	if (byte < 0x30) {
		filter->is_broken |= filter->intermediate != 0;
		filter->intermediate = byte;
	} else if (filter->intermediate || (is_prefix && (filter->prefix || filter->param_count))) {
		filter->is_broken = true;	/* prefix, parameters, intermediates: in this order */
	} else if (is_prefix) {
		filter->prefix = byte;
	} else if (byte <= '9') {
		add_digit(filter, byte);
	} else {
		add_separator(filter, byte);
	}
}

static int param(const struct term_filter *filter, unsigned i)
{
	return i < filter->param_count ? filter->params[i] : -1;
}

/* ---- rows ---- */

static bool has_value(const struct term_sequence *row, int first)
{
	for (unsigned i = 0; i < row->value_count; i++)
		if (row->values[i] == first)
			return true;
	return !row->value_count;
}

/* The first row whose final byte is not before this one. */
static size_t first_row(const struct term_sequence *rows, size_t count, char final)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].final < final)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct term_sequence *find_row(const struct term_filter *filter,
	const struct term_sequence *rows, size_t count, char final)
{
	for (size_t i = first_row(rows, count, final); i < count && rows[i].final == final; i++)
		if (rows[i].prefix == filter->prefix && rows[i].intermediate == filter->intermediate &&
				has_value(&rows[i], param(filter, 0)))
			return &rows[i];
	return NULL;
}

static const struct term_mode *find_mode(int number, bool is_private)
{
	for (size_t i = 0; i < term_modes_count; i++)
		if (term_modes[i].number == number && term_modes[i].is_private == is_private)
			return &term_modes[i];
	return NULL;
}

/* ---- answers ---- */

/* The program's own terminal gets what a VT220 with colours would say. */
static void answer(struct term_filter *filter, enum term_answer question)
{
	unsigned row, column;

	if (!filter->answers)
		return;
	if (question == TERM_ANSWER_ATTRIBUTES)
		(void)buf_append_str(filter->answers, "\033[?62;22c");
	else if (question == TERM_ANSWER_STATUS)
		(void)buf_append_str(filter->answers, "\033[0n");
	else if (question == TERM_ANSWER_POSITION && filter->cursor) {
		term_cursor_place(filter->cursor, &row, &column);
		(void)buf_printf(filter->answers, "\033[%u;%uR", row, column);
	}
}

/* ---- ESC ---- */

void term_escape_end(struct term_filter *filter, struct term_output *out, char final)
{
	const struct term_sequence *row = find_row(filter, term_escapes, term_escapes_count, final);
	char text[3] = { 0x1B, filter->intermediate ?: final, final };

	if (row && row->is_nothing)
		return;
	if (!row || !row->is_kept || filter->is_broken || filter->only_text) {
		term_count(filter, row && !row->is_kept ? row->kind : TERM_KIND_UNKNOWN);
		if (row && !filter->is_broken)
			answer(filter, row->answer);
		return;
	}
	term_emit(out, text, filter->intermediate ? 3 : 2);
	term_state_track(&filter->modes, row->track, -1, -1);
	if (filter->cursor)
		term_cursor_track(filter->cursor, row->track, -1, -1);
}

/* ---- CSI ---- */

/* At most four digits. */
static char *write_number(char *at, int value)
{
	for (int unit = UNIT_MAX; unit; unit /= 10)
		if (value >= unit || unit == 1)
			*at++ = (char)('0' + value / unit % 10);
	return at;
}

/* The room that strings are collected in is free while a sequence is. */
static void write_sequence(struct term_filter *filter, struct term_output *out, char final)
{
	char *at = filter->string;

	*at++ = 0x1B;
	*at++ = '[';
	if (filter->prefix)
		*at++ = filter->prefix;
	for (unsigned i = 0; i < filter->param_count; i++) {
		if (i)
			*at++ = filter->colons >> i & 1 ? ':' : ';';
		if (filter->params[i] >= 0)
			at = write_number(at, filter->params[i]);
	}
	if (filter->intermediate)
		*at++ = filter->intermediate;
	*at++ = final;
	term_emit(out, filter->string, (size_t)(at - filter->string));
}

/* Takes the modes out that are not kept; false: nothing is left. */
static bool keep_modes(struct term_filter *filter, bool is_set)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < filter->param_count; i++) {
		const struct term_mode *mode = find_mode(filter->params[i], filter->prefix == '?');

		if (mode && mode->is_kept)
			filter->params[kept++] = filter->params[i];
		else
			term_count(filter, TERM_KIND_MODE);
		if (!mode || (!mode->is_kept && !filter->tracks_all))
			continue;
		term_state_set_mode(&filter->modes, mode, is_set);
		if (filter->cursor)
			term_cursor_mode(filter->cursor, mode->track, is_set);
	}
	filter->param_count = (uint8_t)kept;
	return kept > 0;
}

/* Whether all parameters are empty or zero. */
static bool is_plain(const struct term_filter *filter)
{
	for (unsigned i = 0; i < filter->param_count; i++)
		if (filter->params[i] > 0)
			return false;
	return true;
}

static void track(struct term_filter *filter, const struct term_sequence *row)
{
	bool has_more = !is_plain(filter);

	if (row->track == TERM_TRACK_COLOURS)
		filter->modes.has_colours = has_more;
	else if (row->track == TERM_TRACK_SHAPE)
		filter->modes.has_shape = has_more;
	else if (row->track == TERM_TRACK_MARGINS)
		filter->modes.has_margins = has_more;
	else
		term_state_track(&filter->modes, row->track, param(filter, 0), param(filter, 1));
	if (filter->cursor)
		term_cursor_track(filter->cursor, row->track, param(filter, 0), param(filter, 1));
}

/* What a row cannot say about its numbers. */
static bool is_in_range(const struct term_filter *filter, const struct term_sequence *row)
{
	if (row->track == TERM_TRACK_SHAPE)
		return param(filter, 0) <= SHAPE_MAX;
	if (row->track == TERM_TRACK_MODIFIED_KEYS)
		return param(filter, 1) <= MODIFIED_KEYS_MAX;
	return true;
}

/* A sequence that is not shown: it may be a question, or come through by another way. */
static void take_out(struct term_filter *filter, const struct term_sequence *row)
{
	answer(filter, row->answer);
	if (filter->tracks_all)
		track(filter, row);
}

void term_csi_end(struct term_filter *filter, struct term_output *out, char final)
{
	const struct term_sequence *row = find_row(filter, term_csis, term_csis_count, final);
	bool is_mode = row && (row->track == TERM_TRACK_SET || row->track == TERM_TRACK_CLEAR);

	if (filter->is_c1)
		return;		/* counted as such when it began */
	if (!row || !row->is_kept) {
		term_count(filter, row ? row->kind : TERM_KIND_UNKNOWN);
		if (row && !filter->is_broken)
			take_out(filter, row);
	} else if (filter->only_text) {
		return;
	} else if (filter->is_broken || filter->param_count > row->params_max ||
			(filter->colons && !row->has_colons)) {
		term_count(filter, TERM_KIND_BROKEN);
	} else if (!is_in_range(filter, row)) {
		term_count(filter, TERM_KIND_BROKEN);
		take_out(filter, row);	/* what a terminal makes of such a value is put back like another */
	} else if (!is_mode || keep_modes(filter, row->track == TERM_TRACK_SET)) {
		write_sequence(filter, out, final);
		track(filter, row);
	}
}
