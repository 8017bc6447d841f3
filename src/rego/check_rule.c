// SPDX-License-Identifier: Apache-2.0
/*
 * check_rule.c - rules in the order of their uses, and what their nodes are
 *
 * A rule is looked at when all that it asks for has a type. Rules of one node are one thing or the other;
 * where one of them has mistakes, nothing is said of the node, so that each mistake is told once, at its
 * place.
 */
#include "rego/check.h"

static bool has_rules_below(const struct rego_node *top)
{
	for (struct rego_node *node = rego_node_next(top, top); node; node = rego_node_next(top, node))
		if (node->rules)
			return true;
	return false;
}

static const struct rego_type *known_or_any(const struct rego_type *type)
{
	return rego_type_is_known(type) ? type : &rego_type_any;
}

/* ---- what a rule is ---- */

/* p[x].q := v is an object of objects. */
static const struct rego_type *type_of_path(struct check *check, const struct core_rule *rule,
	const struct rego_type *value)
{
	for (size_t i = rule->key_count; i-- > 0;)
		value = rego_type_object(&check->types, NULL, NULL, 0,
			known_or_any(check_type_of(check, rule->keys[i])), value);
	return value;
}

static const struct rego_type *type_of_function(struct check *check, const struct core_rule *rule)
{
	const struct rego_type *operands[TYPE_SIZE_MAX];

	if (rule->param_count >= TYPE_SIZE_MAX)
		return &rego_type_any;
	for (size_t i = 0; i < rule->param_count; i++) {
		/* what the body never looked at may be anything */
		if (!rego_type_is_known(check_type_of(check, rule->params[i])))
			check_unify_type(check, rule->params[i], &rego_type_any);
		operands[i] = known_or_any(check_type_of(check, rule->params[i]));
	}
	return rego_type_function(&check->types, operands, rule->param_count,
		known_or_any(check_type_of(check, rule->value)));
}

static const struct rego_type *type_of_rule(struct check *check, const struct core_rule *rule)
{
	check_begin(check, rule);
	check_body(check, &rule->body);
	if (check->error_count)
		return &rego_type_any;
	switch (rule->node->kind) {
	case REGO_NODE_FUNCTION:
		return type_of_function(check, rule);
	case REGO_NODE_SET:
		return rego_type_set(&check->types, known_or_any(check_type_of(check, rule->element)));
	case REGO_NODE_COMPLETE:
		return known_or_any(check_type_of(check, rule->value));
	case REGO_NODE_GENERAL:
		/* sets below keys are known to nobody */
		return rule->element ? &rego_type_any :
			type_of_path(check, rule, known_or_any(check_type_of(check, rule->value)));
	case REGO_NODE_NONE:
		break;
	}
	return &rego_type_any;
}

static void check_node(struct check *check, struct rego_node *node)
{
	const struct rego_type *type = NULL;

	for (const struct core_rule *rule = node->rules; rule; rule = rule->next)
		for (const struct core_rule *each = rule; each; each = each->otherwise)
			type = rego_type_merge(&check->types, type, type_of_rule(check, each));
	if (!node->rules)
		return;
	node->type = has_rules_below(node) ? &rego_type_any : type;
}

/* ---- what a document is ---- */

const struct rego_type *check_extent(struct check *check, struct rego_node *node)
{
	const struct rego_type *items[TYPE_SIZE_MAX];
	const struct json *keys[TYPE_SIZE_MAX];
	size_t count = 0;

	if (node->rules)
		return node->type ? node->type : &rego_type_any;
	if (node->extent)
		return node->extent;
	for (size_t i = 0; i < node->child_count && count < TYPE_SIZE_MAX; i++) {
		const struct rego_type *type = check_extent(check, node->children[i]);

		if (type->kind == REGO_TYPE_FUNCTION)
			continue;
		keys[count] = node->children[i]->key;
		items[count++] = type;
	}
	/* whatever else there is, is a base document */
	node->extent = rego_type_object(&check->types, keys, items, count < TYPE_SIZE_MAX ? count : 0,
		&rego_type_string, &rego_type_any);
	return node->extent;
}

/* ---- the order ---- */

/* Whoever is looked at, and how many of its uses are done. */
struct step {
	struct rego_node *node;
	size_t next;
};

/* The uses are without circles. Each node is looked at once, behind those that it uses. */
static void check_from(struct check *check, struct step *steps, unsigned char *is_done,
	struct rego_node *start)
{
	size_t depth = 1;

	steps[0] = (struct step){ .node = start };
	is_done[start->index] = 1;
	while (depth) {
		struct step *step = &steps[depth - 1];
		struct rego_node *used;

		if (step->next == step->node->use_count) {
			check_node(check, step->node);
			depth--;
			continue;
		}
		used = step->node->uses[step->next++];
		if (is_done[used->index])
			continue;
		is_done[used->index] = 1;
		steps[depth++] = (struct step){ .node = used };
	}
}

void compile_check(struct compiler *compiler)
{
	struct check check = { .compiler = compiler };
	struct step *steps = compile_alloc(compiler, compiler->node_count, sizeof(*steps));
	unsigned char *is_done = compile_alloc(compiler, compiler->node_count, 1);

	check_init(&check);
	check_read_schemas(&check, compiler->given, compiler->given_count);
	for (struct rego_node *node = &compiler->root; node; node = rego_node_next(&compiler->root, node))
		if (!is_done[node->index])
			check_from(&check, steps, is_done, node);
}

void compile_check_query(struct compiler *compiler, const struct core_rule *rule)
{
	struct check check = { .compiler = compiler };

	check_init(&check);
	check_begin(&check, rule);
	check_body(&check, &rule->body);
}

void compile_print_operands(struct compiler *compiler, struct core_term *const *operands, size_t count,
	struct buf *buf)
{
	struct check check = { .compiler = compiler };

	check.types = (struct rego_types){ .arena = compiler->arena, .steps = TYPE_SIZE_MAX };
	buf_append_char(buf, '(');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_append_str(buf, ", ");
		rego_type_print(check_type_of(&check, operands[i]), buf);
	}
	buf_append_char(buf, ')');
}
