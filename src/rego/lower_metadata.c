// SPDX-License-Identifier: Apache-2.0
/*
 * lower_metadata.c - rego.metadata.rule() and rego.metadata.chain()
 *
 * What annotations say is known when a policy is compiled, so these calls become constants. The chain goes
 * from the rule outwards: its own annotations (or the place where they would be), those of its document, of
 * its package, and of every package above that annotates all that is below.
 */
#include "rego/lower.h"

static const struct json *must(struct lower *lower, const struct json *value)
{
	if (!value)
		compile_leave(lower->compiler);
	return value;
}

static const struct json *path_of(struct lower *lower, const struct rego_node *node)
{
	const struct json **keys = compile_alloc(lower->compiler, node->depth, sizeof(*keys));
	size_t count = node->depth;
	struct json_array_builder path;

	for (; node->parent; node = node->parent)
		keys[node->depth - 1] = node->key;
	json_array_begin(&path, lower->compiler->arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&path, keys[i]);
	return must(lower, json_array_end(&path));
}

/* @annotations may be NULL. */
static void add_link(struct lower *lower, struct json_array_builder *chain, const struct rego_node *node,
	const struct json *annotations)
{
	struct json_object_builder link;

	json_object_begin(&link, lower->compiler->arena);
	json_object_add(&link, "path", path_of(lower, node));
	if (annotations)
		json_object_add(&link, "annotations", annotations);
	json_array_add(chain, must(lower, json_object_end(&link)));
}

static bool add_rule_scope(struct lower *lower, struct json_array_builder *chain)
{
	const struct rego_module *module = lower->module;
	bool found = false;

	for (size_t i = module->annotation_count; i-- > 0;) {
		const struct rego_annotation *annotation = &module->annotations[i];

		if (annotation->scope != REGO_SCOPE_RULE || annotation->rule != lower->first)
			continue;
		add_link(lower, chain, lower->rule->node, annotation->value);
		found = true;
	}
	return found;
}

static bool is_of_node(const struct rego_node *node, const struct rego_rule *ast)
{
	for (const struct core_rule *rule = node->rules; rule; rule = rule->next)
		if (rule->ast == ast)
			return true;
	return false;
}

static void add_document_scope(struct lower *lower, struct json_array_builder *chain)
{
	for (size_t m = 0; m < lower->compiler->module_count; m++) {
		const struct rego_module *module = lower->compiler->modules[m];

		for (size_t i = 0; i < module->annotation_count; i++)
			if (module->annotations[i].scope == REGO_SCOPE_DOCUMENT &&
					is_of_node(lower->rule->node, module->annotations[i].rule))
				add_link(lower, chain, lower->rule->node, module->annotations[i].value);
	}
}

static void add_package_scope(struct lower *lower, struct json_array_builder *chain,
	const struct rego_node *package, enum rego_scope scope)
{
	for (size_t m = 0; m < lower->compiler->module_count; m++) {
		const struct rego_module *module = lower->compiler->modules[m];

		if (!module->annotation_count || rego_node_of_package(lower->compiler, module) != package)
			continue;
		for (size_t i = 0; i < module->annotation_count; i++)
			if (module->annotations[i].scope == scope)
				add_link(lower, chain, package, module->annotations[i].value);
	}
}

static const struct json *chain_of(struct lower *lower)
{
	struct json_array_builder chain;

	json_array_begin(&chain, lower->compiler->arena);
	if (!add_rule_scope(lower, &chain))
		add_link(lower, &chain, lower->rule->node, NULL);
	add_document_scope(lower, &chain);
	add_package_scope(lower, &chain, lower->package, REGO_SCOPE_PACKAGE);
	for (const struct rego_node *node = lower->package; node; node = node->parent)
		add_package_scope(lower, &chain, node, REGO_SCOPE_SUBPACKAGES);
	return must(lower, json_array_end(&chain));
}

/* The one written closest to the rule. */
static const struct json *rule_of(struct lower *lower)
{
	const struct rego_module *module = lower->module;
	struct json_object_builder nothing;

	for (size_t i = module->annotation_count; i-- > 0;)
		if (module->annotations[i].scope == REGO_SCOPE_RULE &&
				module->annotations[i].rule == lower->first)
			return module->annotations[i].value;
	json_object_begin(&nothing, lower->compiler->arena);
	return must(lower, json_object_end(&nothing));
}

const struct json *lower_metadata(struct lower *lower, const struct rego_builtin *builtin)
{
	if (!lower->first)
		return NULL;
	return !strcmp(builtin->name, "rego.metadata.chain") ? chain_of(lower) : rule_of(lower);
}
