// SPDX-License-Identifier: Apache-2.0
/*
 * params.c - whether parameters of policies stop at least as much as others
 *
 * A parameter of a policy that came with cordon says in the policy itself what makes it stricter, and every
 * finding of that policy grows with it or stays (tests/e2e/test_modules.py tries that for each). So two sets
 * of parameters are compared leaf by leaf: where all are as strict, the policies find as much and judge it as
 * hard. Who leaves a parameter out has the policy's own default.
 *
 * A parameter that the policy does not have, and a value of another type, is a mistake before any session
 * starts: the policy itself could only deny everything, at the end. What no policy of cordon's is called
 * after is nobody's business here.
 *
 * Whatever is not certain is looser: a parameter that no row is about, or of another type, a list of anything
 * but texts, and an object where a value belongs.
 */
#include "config/params.h"

#include "config/config_internal.h"

#include "base/quote.h"

#include <stdlib.h>

/* ---- two values ---- */

/* How much a verdict lets through; -1: it is none. */
static int verdict_rank(const struct json *value)
{
	static const char *const verdicts[] = { "deny", "ask", "warn", "off" };

	for (size_t i = 0; value->type == JSON_STRING && i < ARRAY_SIZE(verdicts); i++)
		if (str_eq(value->text, str_from(verdicts[i])))
			return (int)i;
	return -1;
}

static bool is_number(const struct json *value)
{
	return value->type == JSON_INT || value->type == JSON_NUMBER;
}

static bool is_list_of_texts(const struct json *value)
{
	if (value->type != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < value->array.count; i++)
		if (value->array.items[i]->type != JSON_STRING)
			return false;
	return true;
}

static bool is_list_of_numbers(const struct json *value)
{
	if (value->type != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < value->array.count; i++)
		if (!is_number(value->array.items[i]))
			return false;
	return true;
}

static bool holds(const struct json *list, const struct json *text)
{
	for (size_t i = 0; i < list->array.count; i++)
		if (json_equal(list->array.items[i], text))
			return true;
	return false;
}

static bool is_subset(const struct json *small, const struct json *large)
{
	if (!is_list_of_texts(small) || !is_list_of_texts(large))
		return false;
	for (size_t i = 0; i < small->array.count; i++)
		if (!holds(large, small->array.items[i]))
			return false;
	return true;
}

static bool is_as_strict(enum config_stricter stricter, const struct json *before, const struct json *after)
{
	bool numbers = is_number(before) && is_number(after);

	if (json_equal(before, after))
		return true;
	switch (stricter) {
	case CONFIG_STRICTER_SMALLER:
		return numbers && json_compare(after, before) <= 0;
	case CONFIG_STRICTER_SUBSET:
		return is_subset(after, before);
	case CONFIG_STRICTER_SUPERSET:
		return is_subset(before, after);
	case CONFIG_STRICTER_FALSE:
		return before->type == JSON_BOOL && after->type == JSON_BOOL && !after->boolean;
	case CONFIG_STRICTER_VERDICT:
		return verdict_rank(after) >= 0 && verdict_rank(after) <= verdict_rank(before);
	case CONFIG_STRICTER_NONE:
		break;
	}
	return false;
}

/* ---- the rows ---- */

static int compare_pointer(const void *key, const void *row)
{
	return strcmp(key, ((const struct config_param_row *)row)->pointer);
}

static const struct config_param_row *find_row(const char *pointer)
{
	return bsearch(pointer, config_params, config_param_count, sizeof(config_params[0]), compare_pointer);
}

/*
 * Whether a row is about what a pointer's first @len bytes name; with @loosely also where "-" stands for "_".
 */
static bool is_of_module(const struct config_param_row *row, const char *pointer, size_t len, bool loosely)
{
	for (size_t i = 0; i < len; i++)
		if (row->pointer[i] != pointer[i] &&
				!(loosely && row->pointer[i] == '_' && pointer[i] == '-'))
			return false;
	return row->pointer[len] == '/';
}

static bool is_module(const char *pointer, size_t len, bool loosely)
{
	for (size_t i = 0; i < config_param_count; i++)
		if (is_of_module(&config_params[i], pointer, len, loosely))
			return true;
	return false;
}

/* What is wrong with a value in the place of a row's default; NULL: nothing. */
static const char *value_flaw(const struct config_param_row *row, const struct json *value)
{
	if (row->stricter == CONFIG_STRICTER_VERDICT)
		return verdict_rank(value) >= 0 ? NULL : "\"deny\", \"ask\", \"warn\" or \"off\" is wanted";
	switch (row->default_json[0]) {
	case '[':
		if (row->has_numbers)
			return is_list_of_numbers(value) ? NULL : "a list of numbers is wanted";
		return is_list_of_texts(value) ? NULL : "a list of texts is wanted";
	case '"':
		return value->type == JSON_STRING ? NULL : "a text is wanted";
	case 't':
	case 'f':
		return value->type == JSON_BOOL ? NULL : "true or false is wanted";
	default:
		return is_number(value) ? NULL : "a number is wanted";
	}
}

const char *config_param_flaw(const char *pointer, const struct json *value)
{
	const struct config_param_row *row = find_row(pointer);
	size_t len = 1 + strcspn(pointer + 1, "/");

	if (row)
		return value_flaw(row, value);
	if (!is_module(pointer, len, false))
		return is_module(pointer, len, true) ? "the name has '_' in place of each '-'" : NULL;
	if (!pointer[len] || !strcmp(pointer + len, "/verdicts"))
		return value->type == JSON_OBJECT ? NULL : "an object is wanted";
	if (!strncmp(pointer + len, "/verdicts/", strlen("/verdicts/")))
		return "the policy finds nothing of that name";
	return "the policy has no such parameter";
}

/* ---- leaves ---- */

/* The module's own value; NULL: the arena is full, which is noted. */
static const struct json *read_default(struct config_resolver *resolver, const struct config_param_row *row)
{
	const struct json *value;

	if (json_read(resolver->arena, str_from(row->default_json), JSON_READ_STRICT, &value, NULL) >= 0)
		return value;
	resolver->full = true;
	return NULL;
}

/* NULL for either leaf: the policy's own default holds. */
static bool is_leaf_as_strict(struct config_resolver *resolver, const char *pointer,
	const struct config_item *before, const struct config_item *after)
{
	const struct config_param_row *row;
	const struct json *old_value, *new_value;

	if (before && after && json_equal(before->object, after->object))
		return true;
	row = find_row(pointer);
	if (!row)
		return false;
	old_value = before ? before->object : read_default(resolver, row);
	new_value = after ? after->object : read_default(resolver, row);
	return old_value && new_value && is_as_strict(row->stricter, old_value, new_value);
}

/* A profile may have parameters for policies that it adds: before, there was nothing that they change. */
static bool is_of_new_module(const struct config_value *base, const struct config_item *leaf)
{
	const struct config_list *modules = &base[CONFIG_KEY_POLICY_MODULES].list;
	struct str name, rest, text = { leaf->text + 1, strlen(leaf->text) - 1 };

	if (leaf->origin.source != CONFIG_SOURCE_PROFILE)
		return false;
	if (!str_cut(text, '/', &name, &rest))
		name = text;
	for (size_t i = 0; i < modules->count; i++) {
		struct str module = str_from(modules->items[i].text);
		size_t at = 0;

		while (at < module.len && at < name.len &&
				(module.data[at] == name.data[at] ||
					(module.data[at] == '-' && name.data[at] == '_')))
			at++;
		if (at == module.len && at == name.len)
			return false;
	}
	return true;
}

void config_find_looser(struct config_resolver *resolver, enum config_key key,
	const struct config_value *base, const struct config_value *values, struct config_widenings *ret)
{
	const struct config_list *old = &base[key].list, *new = &values[key].list;
	const char *name = config_keys[key].name;

	for (size_t i = 0; i < new->count; i++) {
		const struct config_item *after = &new->items[i],
					 *before = config_list_find(old, str_from(after->text));

		if (is_leaf_as_strict(resolver, after->text, before, after) ||
				(!before && is_of_new_module(base, after)))
			continue;
		config_widening_add(resolver, ret, key, &after->origin, config_printf(resolver, "%s: %s '%s'",
			name, before ? "changes" : "adds", quote_cstr(after->text).text));
	}
	for (size_t i = 0; i < old->count; i++) {
		const struct config_item *before = &old->items[i];

		if (config_list_find(new, str_from(before->text)) ||
				is_leaf_as_strict(resolver, before->text, before, NULL))
			continue;
		config_widening_add(resolver, ret, key, &values[key].origin, config_printf(resolver,
			"%s: drops '%s' (%s)", name, quote_cstr(before->text).text,
			config_where(resolver, &before->origin)));
	}
}
