// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_parts.c - strings put together, taken apart, and exchanged within others
 *
 * Source: the functions are those of Go's package strings. Where Go would cut a code point in two (an empty
 * pattern that is replaced), this cuts between code points, since a string is always UTF-8.
 */
#include "rego/builtin_table.h"
#include "rego/number.h"
#include "rego/text.h"

static struct str from(struct str text, size_t offset)
{
	return (struct str){ .data = text.data + offset, .len = text.len - offset };
}

/* Bytes of the code point at the beginning, or 0 at the end. */
static size_t point_len(struct str text)
{
	size_t len = text.len > 0;

	while (len < text.len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
		len++;
	return len;
}

/* ---- several strings as one operand ---- */

static bool is_list(const struct json *value)
{
	return value->type == JSON_ARRAY || value->type == JSON_SET;
}

/* The elements of an operand that is a list, which must all be strings. */
static bool check_strings(struct rego_call *call, size_t index)
{
	const struct json *list = call->operands[index];

	if (!rego_spend(call->budget, list->array.count + 1)) {
		(void)rego_stopped(call);
		return false;
	}
	for (size_t i = 0; i < list->array.count; i++) {
		if (list->array.items[i]->type != JSON_STRING) {
			(void)rego_element(call, index, "string", list->array.items[i]);
			return false;
		}
	}
	return true;
}

/* Some strings: one, or the elements of a list. */
struct strings {
	const struct json *const *items;
	size_t count;
};

static bool take_strings(struct rego_call *call, size_t index, struct strings *ret)
{
	const struct json *operand = call->operands[index];

	*ret = (struct strings){ .items = &call->operands[index], .count = 1 };
	if (operand->type == JSON_STRING)
		return true;
	if (!is_list(operand)) {
		(void)rego_operand(call, index, "one of {string, set, array}");
		return false;
	}
	*ret = (struct strings){ .items = operand->array.items, .count = operand->array.count };
	return check_strings(call, index);
}

static enum rego_answer any_match(struct rego_call *call, bool (*match)(struct str text, struct str part))
{
	struct strings texts, parts;
	bool is_found = false;

	if (!take_strings(call, 0, &texts) || !take_strings(call, 1, &parts))
		return rego_failed(call);
	for (size_t i = 0; i < texts.count && !is_found; i++) {
		if (!rego_spend(call->budget, parts.count))
			return rego_stopped(call);
		for (size_t j = 0; j < parts.count && !is_found; j++)
			is_found = match(texts.items[i]->text, parts.items[j]->text);
	}
	return rego_give(call, json_new_bool(call->arena, is_found));
}

enum rego_answer rego_do_strings_any_prefix_match(struct rego_call *call)
{
	return any_match(call, str_starts_with);
}

enum rego_answer rego_do_strings_any_suffix_match(struct rego_call *call)
{
	return any_match(call, str_ends_with);
}

/* ---- together ---- */

enum rego_answer rego_do_concat(struct rego_call *call)
{
	const struct json *list = call->operands[1];
	struct str separator;
	size_t len = 0;
	char *text, *at;

	if (!rego_take_string(call, 0, &separator))
		return rego_failed(call);
	if (!is_list(list))
		return rego_operand(call, 1, "one of {set, array}");
	if (!check_strings(call, 1))
		return rego_failed(call);
	for (size_t i = 0; i < list->array.count; i++) {
		size_t part = separator.len + list->array.items[i]->text.len;

		if (!rego_spend(call->budget, part / 64))
			return rego_stopped(call);
		len += part;
	}
	/* No separator stands behind the last one. */
	len -= list->array.count ? separator.len : 0;
	text = at = arena_alloc_raw(call->arena, len + 1);
	if (!text)
		return rego_stopped(call);
	for (size_t i = 0; i < list->array.count; i++) {
		if (i > 0)
			at = mempcpy(at, separator.data, separator.len);
		at = mempcpy(at, list->array.items[i]->text.data, list->array.items[i]->text.len);
	}
	*at = '\0';
	return rego_give_string(call, (struct str){ text, len });
}

/* ---- apart ---- */

/*
 * One part after the other. An empty delimiter stands between any two code points, so that an empty text has
 * no part at all; otherwise it has one, itself.
 */
struct splitter {
	struct str rest, delimiter;
	bool is_over;
};

static bool next_part(struct splitter *splitter, struct str *ret)
{
	const char *found;

	if (splitter->is_over || (splitter->delimiter.len == 0 && splitter->rest.len == 0))
		return false;
	*ret = splitter->rest;
	if (splitter->delimiter.len == 0) {
		ret->len = point_len(splitter->rest);
		splitter->rest = from(splitter->rest, ret->len);
		return true;
	}
	found = memmem(splitter->rest.data, splitter->rest.len, splitter->delimiter.data,
		splitter->delimiter.len);
	splitter->is_over = !found;
	if (found) {
		ret->len = (size_t)(found - splitter->rest.data);
		splitter->rest = from(splitter->rest, ret->len + splitter->delimiter.len);
	}
	return true;
}

/* The parts from the one numbered @first on, @limit of them at most. */
static enum rego_answer give_parts(struct rego_call *call, struct splitter splitter, uint64_t first,
	uint64_t limit)
{
	struct json_array_builder builder;
	struct str part;

	json_array_begin(&builder, call->arena);
	for (uint64_t i = 0; i < limit && next_part(&splitter, &part); i++) {
		if (!rego_spend(call->budget, part.len / 64 + 1))
			return rego_stopped(call);
		if (i >= first)
			json_array_add(&builder, json_new_string(call->arena, part));
	}
	return rego_give(call, json_array_end(&builder));
}

enum rego_answer rego_do_split(struct rego_call *call)
{
	struct splitter splitter = { 0 };

	if (!rego_take_string(call, 0, &splitter.rest) || !rego_take_string(call, 1, &splitter.delimiter))
		return rego_failed(call);
	return give_parts(call, splitter, 0, UINT64_MAX);
}

/* The first ones, or with a negative number the last ones. */
enum rego_answer rego_do_strings_split_n(struct rego_call *call)
{
	struct splitter splitter = { 0 }, counter;
	uint64_t all = 0, last;
	struct str part;
	int64_t count;

	if (!rego_take_string(call, 0, &splitter.rest) || !rego_take_string(call, 1, &splitter.delimiter) ||
			!rego_take_int(call, 2, &count))
		return rego_failed(call);
	if (count >= 0)
		return give_parts(call, splitter, 0, (uint64_t)count);
	if (!rego_spend(call->budget, splitter.rest.len / 16 + 1))
		return rego_stopped(call);
	for (counter = splitter; next_part(&counter, &part);)
		all++;
	last = -(uint64_t)count;
	return give_parts(call, splitter, all > last ? all - last : 0, UINT64_MAX);
}

/* ---- exchanged ---- */

struct replacement {
	struct str old, new;
};

struct replacer {
	const struct replacement *pairs;
	size_t count;
	bool has_empty;			/* one of them matches everywhere */
	/* 0: no pattern begins with that byte; steps to compare those that do */
	uint64_t work[256];
};

/* Of the patterns that match here the first one wins; an empty one does so once between two code points. */
static const struct replacement *match(const struct replacer *replacer, struct str text, bool was_empty)
{
	bool may_begin = text.len > 0 && replacer->work[(unsigned char)text.data[0]];

	for (size_t i = 0; i < replacer->count; i++) {
		const struct replacement *pair = &replacer->pairs[i];

		if (pair->old.len == 0 ? !was_empty : may_begin && str_starts_with(text, pair->old))
			return pair;
		/* in the order of the patterns the empty one is the first, if there is one */
		if (!may_begin)
			break;
	}
	return NULL;
}

static void prepare(struct replacer *replacer)
{
	for (size_t i = 0; i < replacer->count; i++) {
		struct str old = replacer->pairs[i].old;

		if (old.len > 0)
			replacer->work[(unsigned char)old.data[0]] += 1 + old.len / 64;
		else
			replacer->has_empty = true;
	}
}

/* Bytes in front that nothing can match; a pattern does not begin within a code point. */
static size_t plain_len(const struct replacer *replacer, struct str text)
{
	size_t len = 0;

	while (!replacer->has_empty && len < text.len && !replacer->work[(unsigned char)text.data[len]])
		len++;
	return len;
}

/*
 * Steps for looking at all patterns where @text begins: several are passed by at once, but for those that may
 * match.
 */
static uint64_t work_here(const struct replacer *replacer, struct str text)
{
	uint64_t work = replacer->work[(unsigned char)text.data[0]];

	return work ? work + replacer->count / 4 : 0;
}

static enum rego_answer replace(struct rego_call *call, struct replacer *replacer, struct str text)
{
	struct rego_text replaced = REGO_TEXT_INIT(call->arena);
	bool was_empty = false, is_over = false;

	prepare(replacer);
	while (!is_over) {
		size_t plain = plain_len(replacer, text), len;
		const struct replacement *pair;

		if (!rego_spend(call->budget, plain / 64))
			return rego_stopped(call);
		rego_text_add(&replaced, text.data, plain);
		text = from(text, plain);
		if (text.len && !rego_spend(call->budget, work_here(replacer, text)))
			return rego_stopped(call);
		pair = match(replacer, text, was_empty);
		len = pair ? pair->old.len : point_len(text);
		if (!rego_spend(call->budget, 1 + (pair ? replacer->count + pair->new.len / 64 : 0)))
			return rego_stopped(call);
		rego_text_add_str(&replaced,
			pair ? pair->new : (struct str){ .data = text.data, .len = len });
		was_empty = pair && len == 0;
		is_over = !pair && text.len == 0;
		text = from(text, len);
	}
	return rego_give_text(call, &replaced);
}

enum rego_answer rego_do_replace(struct rego_call *call)
{
	struct replacement pair;
	struct replacer replacer = { .pairs = &pair, .count = 1 };
	struct str text;

	if (!rego_take_string(call, 0, &text) || !rego_take_string(call, 1, &pair.old) ||
			!rego_take_string(call, 2, &pair.new))
		return rego_failed(call);
	return replace(call, &replacer, text);
}

enum rego_answer rego_do_strings_replace_n(struct rego_call *call)
{
	const struct json *patterns = call->operands[0];
	struct replacement *pairs;
	struct replacer replacer;
	struct str text;

	if (!rego_take(call, 0, JSON_OBJECT) || !rego_take_string(call, 1, &text))
		return rego_failed(call);
	pairs = arena_alloc_array(call->arena, patterns->object.count, sizeof(*pairs));
	if (!pairs || !rego_spend(call->budget, patterns->object.count + 1))
		return rego_stopped(call);
	for (size_t i = 0; i < patterns->object.count; i++) {
		const struct json_member *member = &patterns->object.members[i];

		if (member->key->type != JSON_STRING)
			return rego_operand_fail(call, 0, "non-string key found in pattern object");
		if (member->value->type != JSON_STRING)
			return rego_operand_fail(call, 0, "non-string value found in pattern object");
		pairs[i] = (struct replacement){ .old = member->key->text, .new = member->value->text };
	}
	replacer = (struct replacer){ .pairs = pairs, .count = patterns->object.count };
	return replace(call, &replacer, text);
}
