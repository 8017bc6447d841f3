// SPDX-License-Identifier: Apache-2.0
/*
 * depend.c - which rules a rule may ask for, and that none asks for itself
 *
 * A reference asks for what stands where it leads; where a key is only found while evaluating, for everything
 * that could stand there. Since nothing asks for itself, over however many others, evaluation always ends but
 * for loops over values, which are finite, and its frames are as many as there are nodes at most.
 */
#include "rego/compile_internal.h"

struct depend {
	struct compiler *compiler;
	struct rego_node *user;
};

static void add_use(struct depend *depend, struct rego_node *used)
{
	struct rego_node *user = depend->user;

	for (size_t i = 0; i < user->use_count; i++)
		if (user->uses[i] == used)
			return;
	user->uses = compile_grow(depend->compiler, user->uses, user->use_count, &user->use_room,
		sizeof(struct rego_node *));
	user->uses[user->use_count++] = used;
}

static void use_below(struct depend *depend, struct rego_node *top)
{
	for (struct rego_node *node = top; node; node = rego_node_next(top, node))
		if (node->rules)
			add_use(depend, node);
}

/* Depth: as many keys as the reference has. */
static void use_path(struct depend *depend, struct rego_node *node, const struct core_term *ref, size_t at)
{
	struct rego_node *child;

	if (node->rules || at == ref->list.count) {
		use_below(depend, node);
		return;
	}
	if (ref->list.items[at]->type == CORE_CONST) {
		child = rego_node_child(node, ref->list.items[at]->value);
		if (child)
			use_path(depend, child, ref, at + 1);
		return;
	}
	for (size_t i = 0; i < node->child_count; i++)
		use_path(depend, node->children[i], ref, at + 1);
}

static void of_body(struct depend *depend, const struct core_body *body);

static void of_term(struct depend *depend, const struct core_term *term)
{
	switch (term->type) {
	case CORE_DATA:
		use_below(depend, &depend->compiler->root);
		break;
	case CORE_REF:
		if (term->list.items[0]->type == CORE_DATA)
			use_path(depend, &depend->compiler->root, term, 1);
		for (size_t i = 1; i < term->list.count; i++)
			of_term(depend, term->list.items[i]);
		break;
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		for (size_t i = 0; i < term->list.count; i++)
			of_term(depend, term->list.items[i]);
		break;
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		if (term->comprehension.key)
			of_term(depend, term->comprehension.key);
		of_term(depend, term->comprehension.head);
		of_body(depend, term->comprehension.body);
		break;
	case CORE_CONST:
	case CORE_VAR:
	case CORE_INPUT:
		break;
	}
}

static void of_expr(struct depend *depend, const struct core_expr *expr)
{
	const struct core_term *term;
	const struct core_body *body;

	for (size_t i = 0; i < expr->with_count; i++) {
		if (expr->withs[i].value)
			of_term(depend, expr->withs[i].value);
		if (expr->withs[i].by.function)
			add_use(depend, expr->withs[i].by.function);
	}
	if (expr->type == CORE_CALL && expr->call.callee.function)
		add_use(depend, expr->call.callee.function);
	for (size_t i = 0; (term = core_expr_term(expr, i)); i++)
		of_term(depend, term);
	for (size_t i = 0; (body = core_expr_body(expr, i)); i++)
		of_body(depend, body);
}

static void of_body(struct depend *depend, const struct core_body *body)
{
	for (size_t i = 0; i < body->count; i++)
		of_expr(depend, body->exprs[i]);
}

static void of_rule(struct depend *depend, const struct core_rule *rule)
{
	for (; rule; rule = rule->otherwise) {
		for (size_t i = 0; i < rule->param_count; i++)
			of_term(depend, rule->params[i]);
		for (size_t i = 0; i < rule->key_count; i++)
			of_term(depend, rule->keys[i]);
		if (rule->element)
			of_term(depend, rule->element);
		if (rule->value)
			of_term(depend, rule->value);
		of_body(depend, &rule->body);
	}
}

/* ---- nobody asks for itself ---- */

enum color {
	NEW = 0, OPEN, DONE,
};

/* Whoever is looked at, and how many of its uses are done. */
struct step {
	struct rego_node *node;
	size_t next;
};

/*
 * Walks from @start; Return: how many steps lead back to @target, or 0; the steps themselves are in @steps.
 */
static size_t walk_back(struct step *steps, unsigned char *colors, struct rego_node *start,
	const struct rego_node *target)
{
	size_t depth = 1;

	steps[0] = (struct step){ .node = start };
	colors[start->index] = OPEN;
	while (depth) {
		struct step *step = &steps[depth - 1];
		struct rego_node *used;

		if (step->next == step->node->use_count) {
			colors[step->node->index] = DONE;
			depth--;
			continue;
		}
		used = step->node->uses[step->next++];
		if (target ? used == target : colors[used->index] == OPEN)
			return depth;
		if (colors[used->index] != NEW)
			continue;
		colors[used->index] = OPEN;
		steps[depth++] = (struct step){ .node = used };
	}
	return 0;
}

static void say_recursive(struct compiler *compiler, const struct step *steps, size_t depth)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);

	buf_append_str(&buf, "rule ");
	rego_node_print(steps[0].node, &buf);
	buf_append_str(&buf, " is recursive: ");
	for (size_t i = 0; i < depth; i++) {
		rego_node_print(steps[i].node, &buf);
		buf_append_str(&buf, " -> ");
	}
	rego_node_print(steps[0].node, &buf);
	rego_diag_add(compiler->diags, REGO_CODE_RECURSION, steps[0].node->rules->ast->at, "%.*s",
		(int)buf.len, buf.data);
}

static void check_recursion(struct compiler *compiler)
{
	struct step *steps = compile_alloc(compiler, compiler->node_count, sizeof(*steps));
	unsigned char *colors = compile_alloc(compiler, compiler->node_count, 1);
	bool is_recursive = false;

	for (struct rego_node *node = &compiler->root; node; node = rego_node_next(&compiler->root, node))
		if (colors[node->index] == NEW && walk_back(steps, colors, node, NULL))
			is_recursive = true;
	if (!is_recursive)
		return;
	for (struct rego_node *node = &compiler->root; node; node = rego_node_next(&compiler->root, node)) {
		size_t depth;

		memset(colors, NEW, compiler->node_count);
		depth = walk_back(steps, colors, node, node);
		if (depth)
			say_recursive(compiler, steps, depth);
		if (compiler->diags->count >= REGO_DIAGS_MAX)
			return;
	}
}

void compile_depend(struct compiler *compiler)
{
	struct depend depend = { .compiler = compiler, .user = &compiler->root };

	do {
		for (const struct core_rule *rule = depend.user->rules; rule; rule = rule->next)
			of_rule(&depend, rule);
		depend.user = rego_node_next(&compiler->root, depend.user);
	} while (depend.user);
	check_recursion(compiler);
}
