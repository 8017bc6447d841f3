// SPDX-License-Identifier: Apache-2.0
/*
 * hint.c - "did you mean": the names that could have been meant where a name means nothing
 *
 * Only called where a mistake is about to be told, so it may look at everything.
 */
#include "rego/compile_internal.h"

enum {
	WORD_MIN_BYTES = 3,		/* every short name is near to every other */
};

struct names {
	struct compiler *compiler;
	const char **items;
	size_t count, room;
};

/* NULL: the arena was full. */
static void add_text(struct names *names, const char *text)
{
	if (!text)
		compile_leave(names->compiler);
	names->items = compile_grow(names->compiler, names->items, names->count, &names->room,
		sizeof(*names->items));
	names->items[names->count++] = text;
}

static void add(struct names *names, struct str name)
{
	add_text(names, compile_text(names->compiler, name));
}

static const struct rego_term *last_of(const struct rego_term *path)
{
	return path->type == REGO_TERM_REF ? path->list.items[path->list.count - 1] : path;
}

static struct str name_of_import(const struct rego_import *import)
{
	const struct rego_term *last = last_of(import->path);

	if (import->alias.len)
		return import->alias;
	return last->type == REGO_TERM_VAR ? last->name : last->value->text;
}

static void add_variables(struct names *names, const struct core_rule *rule, struct str word)
{
	for (uint32_t var = 0; var < rule->var_count; var++)
		if (rule->vars[var].name.len && !rule->vars[var].is_wildcard &&
				!str_eq(rule->vars[var].name, word))
			add(names, rule->vars[var].name);
}

const char *compile_hint_var(struct compiler *compiler, const struct core_rule *rule, struct str word)
{
	const struct rego_node *package = rego_node_of_package(compiler, rule->module);
	struct names names = { .compiler = compiler };

	if (word.len < WORD_MIN_BYTES)
		return NULL;
	add_variables(&names, rule, word);
	for (size_t i = 0; i < package->export_count; i++)
		add(&names, package->exports[i]->text);
	for (size_t i = 0; i < rule->module->import_count; i++)
		add(&names, name_of_import(&rule->module->imports[i]));
	add(&names, STR("input"));
	add(&names, STR("data"));
	return rego_diag_nearest(compiler->diags->arena, word, names.items, names.count);
}

/* ---- functions ---- */

static void add_builtins(struct names *names)
{
	const struct rego_builtin *builtin;

	for (size_t i = 0; (builtin = rego_builtin_at(i)); i++)
		if (!(builtin->flags &
			(REGO_BUILTIN_REFUSED | REGO_BUILTIN_COMPILED | REGO_BUILTIN_DEPRECATED)) &&
				!str_starts_with(str_from(builtin->name), STR("internal.")))
			add_text(names, builtin->name);
}

/* The functions right below a node, behind the name that the module has for it. */
static void add_functions(struct names *names, const struct rego_node *node, struct str prefix)
{
	for (size_t i = 0; node && i < node->child_count; i++) {
		const struct rego_node *child = node->children[i];

		if (child->kind == REGO_NODE_FUNCTION && child->key->type == JSON_STRING)
			add_text(names, arena_printf(names->compiler->arena, "%.*s%s%.*s", STR_FMT(prefix),
				prefix.len ? "." : "", STR_FMT(child->key->text)));
	}
}

static const struct rego_node *node_of_import(struct compiler *compiler, const struct rego_import *import)
{
	const struct rego_term *path = import->path;
	const struct rego_node *node = &compiler->root;

	if (path->type != REGO_TERM_REF || !str_eq(path->list.items[0]->name, STR("data")))
		return NULL;
	for (size_t i = 1; node && i < path->list.count; i++)
		node = rego_node_child(node, path->list.items[i]->value);
	return node;
}

const char *compile_hint_function(struct compiler *compiler, const struct rego_module *module,
	struct str word)
{
	struct names names = { .compiler = compiler };

	if (word.len < WORD_MIN_BYTES)
		return NULL;
	add_functions(&names, rego_node_of_package(compiler, module), (struct str){ 0 });
	for (size_t i = 0; i < module->import_count; i++)
		add_functions(&names, node_of_import(compiler, &module->imports[i]),
			name_of_import(&module->imports[i]));
	add_builtins(&names);
	return rego_diag_nearest(compiler->diags->arena, word, names.items, names.count);
}

/* ---- members ---- */

const char *compile_hint_key(struct compiler *compiler, struct str word, const struct json *const *keys,
	size_t count)
{
	struct names names = { .compiler = compiler };

	if (word.len < WORD_MIN_BYTES)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (keys[i]->type == JSON_STRING)
			add(&names, keys[i]->text);
	return rego_diag_nearest(compiler->diags->arena, word, names.items, names.count);
}
