// SPDX-License-Identifier: Apache-2.0
/*
 * steady.c - what follows from modules and data alone
 *
 * Most of what a policy says about its own parameters is the same in every evaluation: a rule, a call or a
 * comprehension that looks at no input, no clock and no chance, and asks for nothing that does. Such values
 * may be kept from one evaluation to the next (known.h). What is found here is only what is sure: a document
 * of several rules, a key below a package that is found while evaluating, and whatever has replacements of
 * its own, count as if they looked at the input.
 *
 * On the same way it is found what cannot be an error, whatever the values are: it may then be evaluated
 * earlier, or more often, than it was written (emit_group.c). Calls can, but of built-ins that take anything;
 * so can rules, once, when they are asked for first. Where an expression may hold without having asked for
 * all of its rules, as a negated one, it is not known when that is.
 */
#include "rego/compile_internal.h"

static unsigned of_body(struct compiler *compiler, const struct core_body *body);

/* What may be evaluated in part, or not at all: nobody knows when its rules are asked for. */
static unsigned at_times(unsigned needs)
{
	return needs & CORE_NEEDS_RULES ? needs | CORE_NEEDS_CARE : needs;
}

/* What a reference into `data` leads to, as far as its keys say. */
static unsigned of_place(struct compiler *compiler, const struct core_term *ref)
{
	const struct rego_node *node = &compiler->root;
	size_t at = 1;

	for (; at < ref->list.count && !node->rules; at++) {
		if (ref->list.items[at]->type != CORE_CONST)
			return CORE_NEEDS_INPUT | CORE_NEEDS_CARE;
		node = rego_node_child(node, ref->list.items[at]->value);
		if (!node)
			return 0;
	}
	return node->rules ? (node->needs & CORE_NEEDS_INPUT) | CORE_NEEDS_RULES :
		CORE_NEEDS_INPUT | CORE_NEEDS_CARE;
}

static unsigned of_list(struct compiler *compiler, const struct core_term *term)
{
	unsigned needs = 0;

	for (size_t i = 0; i < term->list.count; i++)
		needs |= core_term_needs(compiler, term->list.items[i]);
	return needs;
}

static unsigned of_ref(struct compiler *compiler, const struct core_term *ref)
{
	unsigned needs = 0;

	if (ref->list.items[0]->type != CORE_DATA)
		return of_list(compiler, ref);
	for (size_t i = 1; i < ref->list.count; i++)
		needs |= core_term_needs(compiler, ref->list.items[i]);
	return needs | of_place(compiler, ref);
}

unsigned core_term_needs(struct compiler *compiler, const struct core_term *term)
{
	unsigned needs = 0;

	switch (term->type) {
	case CORE_CONST:
	case CORE_VAR:
		break;
	case CORE_INPUT:
		return CORE_NEEDS_INPUT;
	case CORE_DATA:
		return CORE_NEEDS_INPUT | CORE_NEEDS_CARE;
	case CORE_REF:
		return of_ref(compiler, term);
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		return of_list(compiler, term);
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		needs = of_body(compiler, term->comprehension.body) |
			core_term_needs(compiler, term->comprehension.head);
		/* A key that comes with two values is an error. */
		if (term->comprehension.key)
			needs |= core_term_needs(compiler, term->comprehension.key) | CORE_NEEDS_CARE;
		return at_times(needs);
	}
	return needs;
}

/* What takes the place of a built-in may do what it likes. */
static bool is_total(const struct compiler *compiler, const struct rego_builtin *builtin)
{
	for (size_t i = 0; i < compiler->replaced_count; i++)
		if (compiler->replaced[i] == builtin)
			return false;
	return builtin->flags & REGO_BUILTIN_TOTAL;
}

static unsigned of_callee(const struct compiler *compiler, const struct core_callee *callee)
{
	unsigned needs = 0;

	if (callee->function)
		return callee->function->needs | CORE_NEEDS_CARE;
	if (!is_total(compiler, callee->builtin))
		needs = CORE_NEEDS_CARE;
	if (callee->builtin->flags & REGO_BUILTIN_VOID)
		return needs | CORE_NEEDS_LISTENER;
	if (callee->builtin->flags & (REGO_BUILTIN_VOLATILE | REGO_BUILTIN_REFUSED))
		needs |= CORE_NEEDS_INPUT;
	return needs;
}

unsigned core_call_needs(struct compiler *compiler, const struct core_expr *expr)
{
	unsigned needs = of_callee(compiler, &expr->call.callee);

	for (size_t i = 0; i < expr->call.count; i++)
		needs |= core_term_needs(compiler, expr->call.operands[i]);
	return needs;
}

unsigned core_expr_needs(struct compiler *compiler, const struct core_expr *expr)
{
	unsigned needs = expr->with_count ? CORE_NEEDS_INPUT | CORE_NEEDS_CARE : 0;
	const struct core_term *term;
	const struct core_body *body;

	if (expr->type == CORE_CALL)
		needs |= of_callee(compiler, &expr->call.callee);
	for (size_t i = 0; (term = core_expr_term(expr, i)); i++)
		needs |= core_term_needs(compiler, term);
	for (size_t i = 0; (body = core_expr_body(expr, i)); i++)
		needs |= at_times(of_body(compiler, body));
	return expr->is_negated ? at_times(needs) : needs;
}

static unsigned of_body(struct compiler *compiler, const struct core_body *body)
{
	unsigned needs = 0;

	for (size_t i = 0; i < body->count; i++)
		needs |= core_expr_needs(compiler, body->exprs[i]);
	return needs;
}

static unsigned of_rule(struct compiler *compiler, const struct core_rule *rule)
{
	unsigned needs = 0;

	for (; rule; rule = rule->otherwise) {
		for (size_t i = 0; i < rule->param_count; i++)
			needs |= core_term_needs(compiler, rule->params[i]);
		if (rule->element)
			needs |= core_term_needs(compiler, rule->element);
		if (rule->value)
			needs |= core_term_needs(compiler, rule->value);
		needs |= of_body(compiler, &rule->body);
	}
	return needs;
}

/* All that it uses is done. */
static unsigned of_node(struct compiler *compiler, const struct rego_node *node)
{
	unsigned needs = node->kind == REGO_NODE_GENERAL ? CORE_NEEDS_INPUT : 0;

	for (const struct core_rule *rule = node->rules; rule; rule = rule->next)
		needs |= of_rule(compiler, rule);
	return needs;
}

/* Who is looked at, and how many of its uses are done. */
struct step {
	struct rego_node *node;
	size_t next;
};

/* What a node uses is looked at before it; no node uses itself (depend.c). */
static void visit(struct compiler *compiler, struct step *steps, unsigned char *is_seen,
	struct rego_node *start)
{
	size_t depth = 1;

	steps[0] = (struct step){ .node = start };
	is_seen[start->index] = true;
	while (depth) {
		struct step *step = &steps[depth - 1];
		struct rego_node *used;

		if (step->next == step->node->use_count) {
			step->node->needs = of_node(compiler, step->node);
			depth--;
			continue;
		}
		used = step->node->uses[step->next++];
		if (is_seen[used->index])
			continue;
		is_seen[used->index] = true;
		steps[depth++] = (struct step){ .node = used };
	}
}

void compile_steady(struct compiler *compiler)
{
	struct step *steps = compile_alloc(compiler, compiler->node_count, sizeof(*steps));
	unsigned char *is_seen = compile_alloc(compiler, compiler->node_count, 1);

	for (struct rego_node *node = &compiler->root; node; node = rego_node_next(&compiler->root, node))
		if (node->rules && !is_seen[node->index])
			visit(compiler, steps, is_seen, node);
}
