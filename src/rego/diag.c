// SPDX-License-Identifier: Apache-2.0
/*
 * diag.c - the list of what is wrong, and its text for a person
 *
 * A line is shown as it stands, with what deceives made visible, and tabs kept, so that a caret below it can
 * be put behind the same tabs. A line that is very long is not shown at all: nobody finds a caret in it.
 */
#include "rego/diag.h"

#include "base/quote.h"
#include "base/utf8.h"

#include <errno.h>

enum {
	LINE_SHOWN_MAX = 400,		/* bytes of a line that is shown */
};

const char *rego_code_name(enum rego_code code)
{
	switch (code) {
	case REGO_CODE_PARSE:
		return "rego_parse_error";
	case REGO_CODE_COMPILE:
		return "rego_compile_error";
	case REGO_CODE_TYPE:
		return "rego_type_error";
	case REGO_CODE_UNSAFE_VAR:
		return "rego_unsafe_var_error";
	case REGO_CODE_RECURSION:
		return "rego_recursion_error";
	}
	return "rego_error";
}

/* ---- the list ---- */

static struct rego_diag *append(struct rego_diags *diags, enum rego_code code, struct rego_span at,
	const char *text)
{
	struct rego_diag *diag = arena_alloc(diags->arena, sizeof(*diag));

	diags->is_full |= !diag;
	if (!diag && diags->spare.text)
		return NULL;
	if (!diag)
		diag = &diags->spare;
	*diag = (struct rego_diag){ .code = code, .at = at, .text = text };
	if (diags->last)
		diags->last->next = diag;
	else
		diags->first = diag;
	diags->last = diag;
	diags->count++;
	return diag;
}

struct rego_diag *rego_diag_add(struct rego_diags *diags, enum rego_code code, struct rego_span at,
	const char *fmt, ...)
{
	const char *text;
	va_list args;

	if (diags->count > REGO_DIAGS_MAX)
		return NULL;
	if (diags->count == REGO_DIAGS_MAX) {
		append(diags, code, (struct rego_span){ 0 }, "too many errors");
		return NULL;
	}
	va_start(args, fmt);
	text = arena_vprintf(diags->arena, fmt, args);
	va_end(args);
	/* a full arena must not make a refusal look like none */
	diags->is_full |= !text;
	if (!text)
		text = "out of memory while this was said";
	return append(diags, code, at, text);
}

static int compare(const void *a, const void *b)
{
	const struct rego_diag *one = *(struct rego_diag *const *)a, *other = *(struct rego_diag *const *)b;
	int r;

	if (!one->at.source || !other->at.source)
		return !one->at.source - !other->at.source;
	r = strcmp(one->at.source->name, other->at.source->name);
	if (r)
		return r;
	if (one->at.line != other->at.line)
		return one->at.line < other->at.line ? -1 : 1;
	return one->at.column < other->at.column ? -1 : one->at.column > other->at.column;
}

void rego_diags_sort(struct rego_diags *diags)
{
	struct rego_diag *items[REGO_DIAGS_MAX + 1], *diag = diags->first;
	size_t count = 0;

	for (; diag; diag = diag->next)
		items[count++] = diag;
	/* so few that insertion is the shortest way to a stable order */
	for (size_t i = 1; i < count; i++)
		for (size_t j = i; j && compare(&items[j - 1], &items[j]) > 0; j--) {
			diag = items[j];
			items[j] = items[j - 1];
			items[j - 1] = diag;
		}
	for (size_t i = 0; i < count; i++)
		items[i]->next = i + 1 < count ? items[i + 1] : NULL;
	diags->first = count ? items[0] : NULL;
	diags->last = count ? items[count - 1] : NULL;
}

/* ---- the text ---- */

/* The line that a place is on. */
static struct str find_line(const struct rego_span *at)
{
	struct str rest = at->source->text, line = { 0 };

	for (uint32_t i = 0; i < at->line; i++)
		str_cut(rest, '\n', &line, &rest);
	if (str_ends_with(line, STR("\r")))
		line.len--;
	return line;
}

/* Bytes of @count characters at the start of a text. */
static size_t skip_characters(struct str text, size_t count)
{
	size_t at = 0;

	while (count-- && at < text.len) {
		uint32_t point;
		int len = utf8_decode((struct str){ .data = text.data + at, .len = text.len - at }, &point);

		at += len > 0 ? (size_t)len : 1;
	}
	return at;
}

static void print_safe(struct str line, struct buf *buf)
{
	struct str part;

	for (bool more = true; more;) {
		more = str_cut(line, '\t', &part, &line);
		quote_append_bare(buf, part);
		if (more)
			buf_append_char(buf, '\t');
	}
}

/* How wide the safe form of a text is, without its tabs. */
static size_t safe_width(struct str text)
{
	scoped(buf) struct buf buf = BUF_INIT(LINE_SHOWN_MAX * 16);
	size_t width = 0;

	quote_append_bare(&buf, text);
	for (size_t i = 0; i < buf.len; i++)
		width += ((unsigned char)buf.data[i] & 0xc0) != 0x80;
	return width;
}

/* Below the line: its tabs, a space for everything else in front of the place, and carets for the place. */
static void print_carets(struct str line, const struct rego_span *at, struct buf *buf)
{
	size_t start = skip_characters(line, at->column - 1), width;
	struct str before = { .data = line.data, .len = start }, part,
		place = { .data = line.data + start, .len = MIN(at->length, line.len - start) };

	for (bool more = true; more;) {
		more = str_cut(before, '\t', &part, &before);
		width = safe_width(part);
		while (width--)
			buf_append_char(buf, ' ');
		if (more)
			buf_append_char(buf, '\t');
	}
	width = MAX(safe_width(place), (size_t)1);
	while (width--)
		buf_append_char(buf, '^');
	buf_append_char(buf, '\n');
}

void rego_span_print(const struct rego_span *at, struct buf *buf)
{
	struct str line = find_line(at);

	if (line.len > LINE_SHOWN_MAX || !line.len)
		return;
	print_safe(line, buf);
	buf_append_char(buf, '\n');
	print_carets(line, at, buf);
}

/* Errors of types go on behind their first line, each line with a tab in front. */
static void print_text(struct str text, struct buf *buf)
{
	struct str line;

	for (bool more = true; more;) {
		more = str_cut(text, '\n', &line, &text);
		print_safe(line, buf);
		buf_append_char(buf, '\n');
	}
}

static void print_diag(const struct rego_diag *diag, struct buf *buf)
{
	if (diag->at.source && diag->at.line)
		buf_printf(buf, "%s:%u:%u: ", quote_cstr(diag->at.source->name).text, diag->at.line,
			diag->at.column);
	buf_printf(buf, "%s: ", rego_code_name(diag->code));
	print_text(str_from(diag->text), buf);
	if (diag->at.source && diag->at.line)
		rego_span_print(&diag->at, buf);
	if (diag->hint) {
		quote_append_bare(buf, str_from(diag->hint));
		buf_append_char(buf, '\n');
	}
}

int rego_diags_print(const struct rego_diags *diags, struct buf *buf)
{
	for (const struct rego_diag *diag = diags->first; diag; diag = diag->next)
		print_diag(diag, buf);
	return buf_failed(buf) ? -EMSGSIZE : 0;
}

const char *rego_diag_nearest(struct arena *arena, struct str word, const char *const *names, size_t count)
{
	const char *name = str_nearest(word, names, count);

	return name ? arena_printf(arena, "did you mean `%s`?", name) : NULL;
}
