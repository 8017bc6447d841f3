// SPDX-License-Identifier: Apache-2.0
/*
 * command.c - OSC: titles and links
 *
 * A title is text that a person reads, so it goes through the same test as every name that cordon shows
 * (utf8_is_deceptive()). A link is something that a desktop opens, so it is one of the web or none; then it
 * ends here, lest the text that follows belong to the link before.
 *
 * Source: XTerm Control Sequences, "Operating System Commands"; egmontkob, "Hyperlinks in Terminal Emulators"
 */
#include "term/term_internal.h"

#include "base/utf8.h"

#include <stdio.h>

enum {
	LINK_ID_MAX = 64,
	NUMBER_DIGITS_MAX = 5,
};

static const struct term_command *find_command(uint64_t number)
{
	for (size_t i = 0; i < term_commands_count; i++)
		if (term_commands[i].number == number)
			return &term_commands[i];
	return NULL;
}

static void write_command(struct term_output *out, unsigned number, struct str text)
{
	char head[16];

	term_emit(out, head, (size_t)snprintf(head, sizeof(head), "\033]%u;", number));
	term_emit(out, text.data, text.len);
	term_emit(out, "\a", 1);
}

static void write_title(struct term_output *out, unsigned number, struct str text)
{
	char title[TERM_TITLE_MAX];
	size_t len = 0;

	while (text.len) {
		uint32_t point;
		int n = utf8_decode(text, &point);

		if (n < 0 || len + (size_t)n > sizeof(title))
			break;
		if (!utf8_is_deceptive(point)) {
			memcpy(title + len, text.data, (size_t)n);
			len += (size_t)n;
		}
		text.data += n;
		text.len -= (size_t)n;
	}
	write_command(out, number, (struct str){ title, len });
}

/* ---- links ---- */

/* RFC 3986 has no others, and ';' and ':' end parameters of the sequence itself only in front of the link. */
static bool is_graphic(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] <= 0x20 || text.data[i] >= 0x7F)
			return false;
	return true;
}

static bool is_of_the_web(struct str link)
{
	return (str_starts_with(link, STR("https://")) || str_starts_with(link, STR("http://"))) &&
		link.len <= TERM_LINK_MAX && is_graphic(link);
}

/* "id=NAME" among the parameters, which says that two pieces are one link; empty: there is none. */
static struct str link_id(struct str params)
{
	struct str one, rest = params;

	while (rest.len) {
		(void)str_cut(rest, ':', &one, &rest);
		if (str_starts_with(one, STR("id=")) && one.len <= LINK_ID_MAX && is_graphic(one))
			return one;
	}
	return (struct str){ .data = "" };
}

static void write_link(struct term_filter *filter, struct term_output *out, unsigned number,
	struct str text)
{
	char body[LINK_ID_MAX + 1 + TERM_LINK_MAX];
	struct str params, link, id;
	size_t len = 0;
	bool is_kept;

	(void)str_cut(text, ';', &params, &link);
	is_kept = link.len && is_of_the_web(link);
	filter->modes.has_link = is_kept || (link.len && filter->tracks_all);
	if (link.len && !is_kept)
		term_count(filter, TERM_KIND_LINK);
	id = is_kept ? link_id(params) : (struct str){ .data = "" };
	memcpy(body, id.data, id.len);
	len = id.len;
	body[len++] = ';';
	if (is_kept) {
		memcpy(body + len, link.data, link.len);
		len += link.len;
	}
	write_command(out, number, (struct str){ body, len });
}

void term_command_end(struct term_filter *filter, struct term_output *out)
{
	struct str whole = { filter->string, filter->string_len }, number_text, text;
	const struct term_command *row = NULL;
	uint64_t number;

	(void)str_cut(whole, ';', &number_text, &text);
	if (number_text.len <= NUMBER_DIGITS_MAX && str_to_u64(number_text, UINT16_MAX, &number) == 0)
		row = find_command(number);
	if (filter->is_c1 || filter->only_text)
		return;
	if (row && row->text == TERM_TEXT_TITLE)
		write_title(out, row->number, text);
	else if (row && row->text == TERM_TEXT_LINK && !filter->is_broken)
		write_link(filter, out, row->number, text);
	else
		term_count(filter, !row ? TERM_KIND_COMMAND : row->text ? TERM_KIND_LINK : row->kind);
}
