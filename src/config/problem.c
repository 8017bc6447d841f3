// SPDX-License-Identifier: Apache-2.0
/*
 * problem.c - what is wrong and what is worth knowing, each with its place
 */
#include "config/config_internal.h"

#include "base/quote.h"

#include <errno.h>
#include <stdlib.h>

void *config_alloc(struct config_resolver *resolver, size_t count, size_t size_bytes)
{
	void *memory = arena_alloc_array(resolver->arena, count, size_bytes);

	if (!memory)
		resolver->full = true;
	return memory;
}

void *config_grow(struct config_resolver *resolver, void *items, size_t count, size_t *room,
	size_t size_bytes)
{
	void *grown = arena_grow(resolver->arena, items, count, room, size_bytes);

	if (!grown)
		resolver->full = true;
	return grown;
}

const char *config_printf(struct config_resolver *resolver, const char *fmt, ...)
{
	const char *text;
	va_list args;

	va_start(args, fmt);
	text = arena_vprintf(resolver->arena, fmt, args);
	va_end(args);
	if (!text)
		resolver->full = true;
	return text ? text : "";
}

static const char *vprintf_or_empty(struct config_resolver *resolver, const char *fmt, va_list args)
	PRINTF_LIKE(2, 0);

static const char *vprintf_or_empty(struct config_resolver *resolver, const char *fmt, va_list args)
{
	const char *text = arena_vprintf(resolver->arena, fmt, args);

	if (!text)
		resolver->full = true;
	return text ? text : "";
}

void config_problem_add(struct config_resolver *resolver, const struct config_origin *origin, const char *fmt,
	...)
{
	struct config_problems *problems = &resolver->problems;
	va_list args;

	if (problems->count == CONFIG_PROBLEMS_MAX) {
		problems->left_out++;
		resolver->last_problem = NULL;
		return;
	}
	resolver->last_problem = &problems->items[problems->count++];
	resolver->last_problem->origin = *origin;
	va_start(args, fmt);
	resolver->last_problem->text = vprintf_or_empty(resolver, fmt, args);
	va_end(args);
}

void config_problem_hint(struct config_resolver *resolver, const char *fmt, ...)
{
	va_list args;

	if (!resolver->last_problem)
		return;
	va_start(args, fmt);
	resolver->last_problem->hint = vprintf_or_empty(resolver, fmt, args);
	va_end(args);
}

static int compare_problems(const void *left, const void *right)
{
	const struct config_origin *a = &((const struct config_problem *)left)->origin;
	const struct config_origin *b = &((const struct config_problem *)right)->origin;
	int r;

	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	r = strcmp(a->file ? a->file : "", b->file ? b->file : "");
	if (r)
		return r;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->column < b->column ? -1 : a->column > b->column;
}

void config_problems_sort(struct config_problems *problems)
{
	qsort(problems->items, problems->count, sizeof(problems->items[0]), compare_problems);
}

void config_notice_add(struct config_resolver *resolver, enum config_notice_kind kind,
	const struct config_origin *origin, const char *fmt, ...)
{
	struct config_notice *notices = config_grow(resolver, resolver->notices, resolver->notice_count,
		&resolver->notice_room, sizeof(*notices));
	struct config_notice *notice;
	va_list args;

	if (!notices)
		return;
	resolver->notices = notices;
	notice = &notices[resolver->notice_count++];
	*notice = (struct config_notice){ .kind = kind, .origin = *origin };
	va_start(args, fmt);
	notice->text = vprintf_or_empty(resolver, fmt, args);
	va_end(args);
}

const char *config_where(struct config_resolver *resolver, const struct config_origin *origin)
{
	const char *text = config_origin_text(resolver->arena, origin);

	if (!text)
		resolver->full = true;
	return text ? text : "?";
}

struct config_origin config_at(const struct config_reader *reader, uint32_t line, uint32_t column)
{
	struct config_origin origin = { .source = reader->source, .file = reader->file };

	if (reader->source != CONFIG_SOURCE_DEFAULT && reader->source != CONFIG_SOURCE_FLAG)
		origin.line = line, origin.column = column;
	return origin;
}

/* How many bytes of what was written make up the next one of a string's text, or the next @ret_bytes. */
static size_t step(struct str raw, size_t *ret_bytes)
{
	*ret_bytes = 1;
	if (raw.data[0] != '\\' || raw.len < 2)
		return 1;
	/* What an escape by number stands for is not told apart: its bytes all stand at its beginning. */
	if (raw.data[1] == 'u')
		*ret_bytes = SIZE_MAX;
	return 2;
}

struct config_origin config_at_byte(const struct config_reader *reader, const struct json *string, size_t at)
{
	struct config_origin origin = config_at(reader, string->line, string->column);
	struct str line, rest = reader->text;
	size_t column = string->column, bytes, len;

	for (uint32_t i = 0; i < string->line; i++)
		(void)str_cut(rest, '\n', &line, &rest);
	if (!origin.line || !string->line || column >= line.len)
		return origin;
	line.data += column, line.len -= column;
	while (at && line.len) {
		len = step(line, &bytes);
		if (bytes > at)
			break;
		line.data += len, line.len -= len, column += len;
		at -= bytes;
	}
	origin.column = (uint32_t)column + 1;
	return origin;
}
