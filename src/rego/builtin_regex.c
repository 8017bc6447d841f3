// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_regex.c - regex.*
 *
 * What they mean is what the functions of Go's regexp mean that OPA calls: Match, FindAllString, Split and so
 * on; src/regex does the work. A text that is taken apart is taken apart between characters, so every piece
 * is UTF-8 again.
 */
#include "regex/intersect.h"
#include "rego/builtin_table.h"
#include "rego/number.h"
#include "rego/pattern.h"
#include "rego/text.h"

#include <errno.h>

static struct str slice(struct str text, size_t start, size_t end)
{
	return (struct str){ .data = text.data + start, .len = end - start };
}

static enum rego_answer give_bool(struct rego_call *call, int r)
{
	return r < 0 ? rego_failed(call) : rego_give(call, json_new_bool(call->arena, r));
}

/* ---- does it match? ---- */

enum rego_answer rego_do_regex_match(struct rego_call *call)
{
	struct rego_pattern pattern;
	struct str expression, text;

	if (!rego_take_string(call, 0, &expression) || !rego_take_string(call, 1, &text) ||
			!rego_pattern_regex(call, expression, &pattern))
		return rego_failed(call);
	return give_bool(call, rego_pattern_matches(&pattern, text));
}

enum rego_answer rego_do_regex_is_valid(struct rego_call *call)
{
	struct rego_pattern pattern;
	bool is_valid;

	if (call->operands[0]->type != JSON_STRING)
		return give_bool(call, false);
	is_valid = rego_pattern_regex(call, call->operands[0]->text, &pattern);
	if (!is_valid && !call->error)
		return rego_stopped(call);
	call->error = NULL;
	return give_bool(call, is_valid);
}

/* ---- templates: text with patterns between delimiters ---- */

/* Where a template stands: the pattern is made of it piece by piece. */
struct template {
	struct rego_call *call;
	struct str text;
	char start, end;		/* delimiters */
	struct rego_text pattern;
};

static int unbalanced(const struct template *template)
{
	struct rego_text quoted = REGO_TEXT_INIT(template->call->arena);
	struct str text;

	rego_text_add_quoted(&quoted, template->text);
	if (!rego_text_end(&quoted, &text))
		return -EMSGSIZE;
	(void)rego_fail(template->call, "unbalanced braces in %.*s", STR_FMT(text));
	return -EINVAL;
}

/* The patterns between delimiters have to be patterns by themselves, so that none reaches out of them. */
static int check_part(const struct template *template, struct str part)
{
	scoped(arena) struct arena work = ARENA_INIT(template->call->arena->limit_bytes);
	struct rego_text text = REGO_TEXT_INIT(template->call->arena);
	const struct regex *regex;
	struct regex_error err;
	struct str whole;
	int r;

	rego_text_add_char(&text, '^');
	rego_text_add_str(&text, part);
	rego_text_add_char(&text, '$');
	if (!rego_text_end(&text, &whole))
		return -EMSGSIZE;
	r = regex_compile(&work, whole, &regex, &err);
	if (!r && !rego_spend(template->call->budget, whole.len + regex_size(regex)))
		return -ETIME;
	return r == -EINVAL ? rego_pattern_refused(template->call, &err) : r;
}

static void add_literal(struct template *template, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (regex_is_special(text.data[i]))
			rego_text_add_char(&template->pattern, '\\');
		rego_text_add_char(&template->pattern, text.data[i]);
	}
}

static int add_part(struct template *template, struct str part)
{
	rego_text_add_char(&template->pattern, '(');
	rego_text_add_str(&template->pattern, part);
	rego_text_add_char(&template->pattern, ')');
	return check_part(template, part);
}

/* Equal delimiters only ever open, as in OPA. */
static int expand_template(struct template *template)
{
	size_t level = 0, done = 0, open = 0;

	rego_text_add_char(&template->pattern, '^');
	for (size_t i = 0; i < template->text.len; i++) {
		char c = template->text.data[i];
		int r;

		if (c == template->start) {
			if (!level++)
				open = i;
			continue;
		}
		if (c != template->end)
			continue;
		if (!level)
			return unbalanced(template);
		if (--level)
			continue;
		add_literal(template, slice(template->text, done, open));
		r = add_part(template, slice(template->text, open + 1, i));
		if (r < 0)
			return r;
		done = i + 1;
	}
	if (level)
		return unbalanced(template);
	add_literal(template, slice(template->text, done, template->text.len));
	rego_text_add_char(&template->pattern, '$');
	return 0;
}

static int make_template(struct rego_call *call, const struct rego_cache_key *key, struct arena *arena,
	const struct regex **ret)
{
	struct template template = {
		.call = call,
		.text = key->text,
		.start = key->settings.data[0],
		.end = key->settings.data[1],
		.pattern = REGO_TEXT_INIT(call->arena),
	};
	int r = expand_template(&template);
	struct regex_error err;
	struct str text;

	if (r < 0)
		return r;
	if (!rego_text_end(&template.pattern, &text))
		return -EMSGSIZE;
	r = regex_compile(arena, text, ret, &err);
	return r == -EINVAL ? rego_pattern_refused(call, &err) : r;
}

static bool take_delimiter(struct rego_call *call, size_t index, const char *which, char *ret)
{
	struct str text;

	if (!rego_take_string(call, index, &text))
		return false;
	if (text.len != 1) {
		(void)rego_fail(call, "%s delimiter has to be exactly one character long but is %zu long",
			which, text.len);
		return false;
	}
	*ret = text.data[0];
	return true;
}

enum rego_answer rego_do_regex_template_match(struct rego_call *call)
{
	char delimiters[2];
	struct rego_pattern pattern = {
		.call = call,
		.key = { .family = REGO_CACHE_TEMPLATE, .settings = { delimiters, sizeof(delimiters) } },
		.make = make_template,
	};
	struct str text;

	if (!rego_take_string(call, 0, &pattern.key.text) || !rego_take_string(call, 1, &text) ||
			!rego_take(call, 2, JSON_STRING) || !rego_take(call, 3, JSON_STRING) ||
			!take_delimiter(call, 2, "start", &delimiters[0]) ||
			!take_delimiter(call, 3, "end", &delimiters[1]) || !rego_pattern_open(&pattern))
		return rego_failed(call);
	return give_bool(call, rego_pattern_matches(&pattern, text));
}

/* ---- where does it match? ---- */

/* A search of a whole text, whose matches become items of a list. */
struct search {
	struct rego_pattern pattern;
	struct regex_cursor cursor;
	struct str text;
	struct regex_span *spans;
	size_t span_count;
	struct json_array_builder items;
};

/* With the expression in operand @expression and the text in the other of the first two. */
static bool search_begin(struct search *search, struct rego_call *call, size_t expression)
{
	struct str text;

	*search = (struct search){ 0 };
	if (!rego_take_string(call, expression, &text) ||
			!rego_take_string(call, 1 - expression, &search->text) ||
			!rego_pattern_regex(call, text, &search->pattern))
		return false;
	json_array_begin(&search->items, call->arena);
	return true;
}

static bool search_spans(struct search *search, size_t count)
{
	search->span_count = count;
	search->spans = arena_alloc_array(search->pattern.call->arena, count, sizeof(*search->spans));
	return search->spans;
}

static int search_next(struct search *search)
{
	return rego_pattern_next(&search->pattern, search->text, &search->cursor, search->spans,
		search->span_count);
}

static const struct json *string_at(const struct search *search, const struct regex_span *span)
{
	struct arena *arena = search->pattern.call->arena;

	return json_new_string(arena, span->start == REGEX_NOWHERE ? STR("") :
		slice(search->text, span->start, span->end));
}

static const struct json *groups_of(const struct search *search)
{
	struct json_array_builder groups;

	json_array_begin(&groups, search->pattern.call->arena);
	for (size_t i = 0; i < search->span_count; i++)
		json_array_add(&groups, string_at(search, &search->spans[i]));
	return json_array_end(&groups);
}

/* The first matches, as many as operand 3 says, or all of them where that is negative. */
static enum rego_answer find_all(struct rego_call *call, bool with_groups)
{
	struct search search;
	int64_t limit;
	int r = 0;

	if (!rego_take(call, 0, JSON_STRING) || !rego_take(call, 1, JSON_STRING) ||
			!rego_take_int(call, 2, &limit) || !search_begin(&search, call, 0) ||
			!search_spans(&search, with_groups ? regex_group_count(search.pattern.regex) : 1))
		return rego_failed(call);
	while (limit-- != 0 && (r = search_next(&search)) > 0)
		json_array_add(&search.items,
			with_groups ? groups_of(&search) : string_at(&search, search.spans));
	return r < 0 ? rego_failed(call) : rego_give(call, json_array_end(&search.items));
}

enum rego_answer rego_do_regex_find_n(struct rego_call *call)
{
	return find_all(call, false);
}

enum rego_answer rego_do_regex_find_all_string_submatch_n(struct rego_call *call)
{
	return find_all(call, true);
}

/* What lies between the matches; an empty match at the beginning divides nothing. */
enum rego_answer rego_do_regex_split(struct rego_call *call)
{
	struct regex_span piece = { 0 };
	struct search search;
	int r = 0;

	if (!search_begin(&search, call, 0) || !search_spans(&search, 1))
		return rego_failed(call);
	if (!search.text.len && call->operands[0]->text.len) {
		json_array_add(&search.items, call->operands[1]);
		return rego_give(call, json_array_end(&search.items));
	}
	while ((r = search_next(&search)) > 0) {
		piece.end = search.spans->start;
		if (search.spans->end)
			json_array_add(&search.items, string_at(&search, &piece));
		piece.start = search.spans->end;
	}
	if (r < 0)
		return rego_failed(call);
	if (piece.end != search.text.len) {
		piece.end = search.text.len;
		json_array_add(&search.items, string_at(&search, &piece));
	}
	return rego_give(call, json_array_end(&search.items));
}

static bool add_replacement(struct search *search, struct rego_text *result, struct str template)
{
	struct str piece;

	while (regex_expand(search->pattern.regex, &template, search->text, search->spans, search->span_count,
			&piece)) {
		if (!rego_spend(search->pattern.call->budget, 1 + piece.len / 64))
			return false;
		rego_text_add_str(result, piece);
	}
	return true;
}

enum rego_answer rego_do_regex_replace(struct rego_call *call)
{
	struct rego_text result = REGO_TEXT_INIT(call->arena);
	struct str template, text;
	struct search search;
	size_t done = 0;
	int r;

	if (!rego_take(call, 0, JSON_STRING) || !rego_take(call, 1, JSON_STRING) ||
			!rego_take_string(call, 2, &template) || !search_begin(&search, call, 1) ||
			!search_spans(&search, regex_group_count(search.pattern.regex)))
		return rego_failed(call);
	while ((r = search_next(&search)) > 0) {
		rego_text_add_str(&result, slice(search.text, done, search.spans->start));
		if (!add_replacement(&search, &result, template))
			return rego_stopped(call);
		done = search.spans->end;
	}
	if (r < 0)
		return rego_failed(call);
	rego_text_add_str(&result, slice(search.text, done, search.text.len));
	return rego_text_end(&result, &text) ? rego_give(call, json_new_string(call->arena, text)) :
		rego_stopped(call);
}

/* ---- do two overlap? ---- */

enum rego_answer rego_do_regex_globs_match(struct rego_call *call)
{
	uint64_t all = call->budget->slice + call->budget->steps, steps = all;
	struct str left, right;
	const char *err = NULL;
	int r;

	if (!rego_take_string(call, 0, &left) || !rego_take_string(call, 1, &right))
		return rego_failed(call);
	r = patterns_intersect(call->arena, left, right, &steps, &err);
	if (!rego_spend(call->budget, r == -ETIME ? UINT64_MAX : all - steps))
		return rego_stopped(call);
	if (r == -EINVAL && err)
		return rego_fail(call, "%s", err);
	return give_bool(call, r);
}
