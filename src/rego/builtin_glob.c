// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_glob.c - glob.*
 *
 * Delimiters are null for none, or an array of characters, which is ["."] where it is empty.
 */
#include "regex/glob.h"
#include "rego/builtin_table.h"
#include "rego/pattern.h"
#include "rego/text.h"

#include "base/utf8.h"

#include <errno.h>

static int make_glob(struct rego_call *call, const struct rego_cache_key *key, struct arena *arena,
	const struct regex **ret)
{
	struct glob_error err;
	int r = glob_compile(arena, key->text, key->settings, ret, &err);

	if (r == -EINVAL)
		(void)rego_fail(call, "glob: syntax error at %zu: %s", err.offset, err.what);
	return r;
}

static bool is_character(const struct json *value)
{
	uint32_t point;

	return value->text.len && utf8_decode(value->text, &point) == (int)value->text.len;
}

/* One text of all delimiters. */
static bool take_delimiters(struct rego_call *call, struct str *ret)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	const struct json *list = call->operands[1];

	*ret = STR("");
	if (list->type == JSON_NULL)
		return true;
	if (list->type != JSON_ARRAY) {
		(void)rego_operand(call, 1, "one of {array, null}");
		return false;
	}
	for (size_t i = 0; i < list->array.count; i++) {
		const struct json *item = list->array.items[i];

		if (item->type != JSON_STRING || !is_character(item)) {
			(void)rego_element(call, 1, item->type == JSON_STRING ? "rune" : "string", item);
			return false;
		}
		rego_text_add_str(&text, item->text);
	}
	if (!list->array.count)
		rego_text_add_char(&text, '.');
	return rego_text_end(&text, ret);
}

enum rego_answer rego_do_glob_match(struct rego_call *call)
{
	struct rego_pattern pattern = {
		.call = call, .key = { .family = REGO_CACHE_GLOB }, .make = make_glob,
	};
	struct str name;
	int r;

	if (!rego_take_string(call, 0, &pattern.key.text) || !take_delimiters(call, &pattern.key.settings) ||
			!rego_take_string(call, 2, &name) || !rego_pattern_open(&pattern))
		return rego_failed(call);
	r = rego_pattern_matches(&pattern, name);
	return r < 0 ? rego_failed(call) : rego_give(call, json_new_bool(call->arena, r));
}

enum rego_answer rego_do_glob_quote_meta(struct rego_call *call)
{
	struct rego_text quoted = REGO_TEXT_INIT(call->arena);
	struct str text;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	if (!rego_spend(call->budget, 1 + text.len / 64))
		return rego_stopped(call);
	for (size_t i = 0; i < text.len; i++) {
		if (glob_is_special(text.data[i]))
			rego_text_add_char(&quoted, '\\');
		rego_text_add_char(&quoted, text.data[i]);
	}
	return rego_text_end(&quoted, &text) ? rego_give(call, json_new_string(call->arena, text)) :
		rego_stopped(call);
}
