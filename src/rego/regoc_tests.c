// SPDX-License-Identifier: Apache-2.0
/*
 * regoc_tests.c - tests of one name are tests of their own
 *
 * Two rules of one name are alternatives of one document, and so two tests of one name would be one, which
 * passes where either does. Who runs tests wants both: the second one is called NAME#01, the third NAME#02,
 * as `opa test` calls them. The trees are the parser's and not changed; a module with such rules gets a copy
 * of itself that has new ones in their places.
 */
#include "rego/regoc_internal.h"

#include "base/map.h"

enum {
	TESTS_MAX = 1 << 20,		/* names that are looked for */
};

struct renaming {
	struct arena *arena;
	struct map counts;		/* of names: how often each one came, a size_t of the arena */
	bool is_full;
};

static struct str last_name(const struct rego_term *ref)
{
	const struct rego_term *last = ref;

	if (ref->type == REGO_TERM_REF)
		last = ref->list.items[ref->list.count - 1];
	if (last->type == REGO_TERM_VAR)
		return last->name;
	if (last->type == REGO_TERM_VALUE && last->value->type == JSON_STRING)
		return last->value->text;
	return (struct str){ 0 };
}

/* Rules of one value whose name can only be meant to be new: a default and its rule belong together. */
static bool is_test(const struct rego_rule *rule)
{
	return !rule->is_default && !rule->is_function && !rule->is_chained && !rule->contains &&
		str_starts_with(last_name(rule->ref), STR("test_"));
}

/* How many tests of this name there have been. */
static size_t count_of(struct renaming *renaming, const struct rego_module *module,
	const struct rego_rule *rule)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);
	size_t *count;
	char *key;

	rego_term_print(module->package, &buf);
	buf_append_char(&buf, ' ');
	rego_term_print(rule->ref, &buf);
	count = map_get(&renaming->counts, buf.data, buf.len);
	if (count)
		return (*count)++;
	key = arena_copy(renaming->arena, buf.data, buf.len);
	count = arena_alloc(renaming->arena, sizeof(*count));
	if (!key || !count || map_put(&renaming->counts, key, buf.len, count) < 0) {
		renaming->is_full = true;
		return 0;
	}
	*count = 1;
	return 0;
}

static const struct rego_term *renamed_term(struct arena *arena, const struct rego_term *term, size_t count)
{
	struct rego_term *copy = arena_alloc(arena, sizeof(*copy));
	struct str name = last_name(term);
	char *text = arena_printf(arena, "%.*s#%02zu", STR_FMT(name), count);

	if (!copy || !text)
		return NULL;
	*copy = *term;
	if (term->type == REGO_TERM_VAR)
		copy->name = str_from(text);
	else
		copy->value = json_new_text(arena, text);
	return copy->type == REGO_TERM_VAR || copy->value ? copy : NULL;
}

static const struct rego_term *renamed_ref(struct arena *arena, const struct rego_term *ref, size_t count)
{
	const struct rego_term **items;
	struct rego_term *copy;

	if (ref->type != REGO_TERM_REF)
		return renamed_term(arena, ref, count);
	copy = arena_alloc(arena, sizeof(*copy));
	items = arena_alloc_array(arena, ref->list.count, sizeof(*items));
	if (!copy || !items)
		return NULL;
	*copy = *ref;
	memcpy(items, ref->list.items, ref->list.count * sizeof(*items));
	items[ref->list.count - 1] = renamed_term(arena, items[ref->list.count - 1], count);
	copy->list.items = items;
	return items[ref->list.count - 1] ? copy : NULL;
}

static const struct rego_rule *renamed_rule(struct renaming *renaming, const struct rego_rule *rule,
	size_t count)
{
	struct rego_rule *copy = arena_alloc(renaming->arena, sizeof(*copy));
	const struct rego_term *ref = copy ? renamed_ref(renaming->arena, rule->ref, count) : NULL;

	if (!ref) {
		renaming->is_full = true;
		return rule;
	}
	*copy = *rule;
	copy->ref = ref;
	return copy;
}

static const struct rego_module *renamed_module(struct renaming *renaming, const struct rego_module *module)
{
	const struct rego_rule **rules =
		arena_alloc_array(renaming->arena, module->rule_count + 1, sizeof(*rules));
	struct rego_module *copy = arena_alloc(renaming->arena, sizeof(*copy));
	bool has_changed = false;

	if (!rules || !copy) {
		renaming->is_full = true;
		return module;
	}
	for (size_t i = 0; i < module->rule_count; i++) {
		const struct rego_rule *rule = module->rules[i];
		size_t count = is_test(rule) ? count_of(renaming, module, rule) : 0;

		rules[i] = count ? renamed_rule(renaming, rule, count) : rule;
		has_changed |= count > 0;
	}
	*copy = *module;
	copy->rules = rules;
	return has_changed ? copy : module;
}

bool rego_api_rename_tests(const struct rego_module **modules, size_t count, struct arena *arena)
{
	struct renaming renaming = { .arena = arena, .counts = MAP_INIT(TESTS_MAX, 0, 0) };

	for (size_t i = 0; i < count; i++)
		modules[i] = renamed_module(&renaming, modules[i]);
	map_fini(&renaming.counts);
	return !renaming.is_full;
}
