// SPDX-License-Identifier: Apache-2.0
/*
 * lower_rule.c - a rule: what it takes, what must hold, and what it then stands for
 *
 * What the head needs to have evaluated goes behind the body, so that it is evaluated last and once for each
 * way in which the body holds.
 */
#include "rego/lower.h"

static struct core_term *lower_param(struct lower *lower, const struct rego_term *term)
{
	struct core_term *list;

	if (term->type == REGO_TERM_VAR) {
		list = lower_new_term(lower, CORE_VAR, term->at);
		list->var = lower_declare_param(lower, term);
		return list;
	}
	if (term->type != REGO_TERM_ARRAY && term->type != REGO_TERM_OBJECT)
		return lower_term(lower, term);
	list = lower_new_term(lower, term->type == REGO_TERM_ARRAY ? CORE_ARRAY : CORE_OBJECT, term->at);
	list->list.count = term->type == REGO_TERM_ARRAY ? term->list.count : 2 * term->object.count;
	list->list.items = compile_alloc(lower->compiler, list->list.count, sizeof(struct core_term *));
	for (size_t i = 0; term->type == REGO_TERM_ARRAY && i < term->list.count; i++)
		list->list.items[i] = lower_param(lower, term->list.items[i]);
	for (size_t i = 0; term->type == REGO_TERM_OBJECT && i < term->object.count; i++) {
		list->list.items[2 * i] = lower_term(lower, term->object.pairs[i].key);
		list->list.items[2 * i + 1] = lower_param(lower, term->object.pairs[i].value);
	}
	return list;
}

static void lower_params(struct lower *lower, const struct rego_rule *first)
{
	struct core_rule *rule = lower->rule;

	rule->param_count = first->param_count;
	rule->params = compile_alloc(lower->compiler, rule->param_count, sizeof(struct core_term *));
	for (size_t i = 0; i < rule->param_count; i++)
		rule->params[i] = lower_param(lower, first->params[i]);
}

/* The keys of the head's path behind the node where the rule stands. */
static void lower_keys(struct lower *lower, const struct rego_term *ref)
{
	struct core_rule *rule = lower->rule;
	size_t ground = rule->node->depth - lower->package->depth;

	if (ref->type == REGO_TERM_VAR)
		return;
	rule->key_count = ref->list.count - ground;
	rule->keys = compile_alloc(lower->compiler, rule->key_count, sizeof(struct core_term *));
	for (size_t i = 0; i < rule->key_count; i++)
		rule->keys[i] = lower_simple(lower, ref->list.items[ground + i]);
}

static void lower_head(struct lower *lower, const struct rego_rule *first)
{
	struct core_rule *rule = lower->rule;

	lower_keys(lower, first->ref);
	if (rule->ast->contains)
		rule->element = lower_simple(lower, rule->ast->contains);
	else
		rule->value = lower_simple(lower, rule->ast->value);
}

static bool is_true(const struct rego_body *body)
{
	const struct rego_expr *only = body->exprs[0];

	return body->count == 1 && only->type == REGO_EXPR_TERM && !only->is_negated && !only->with_count &&
		only->term->type == REGO_TERM_VALUE && only->term->value->type == JSON_BOOL &&
		only->term->value->boolean;
}

static void lower_alternative(struct compiler *compiler, struct core_rule *rule,
	const struct rego_rule *first)
{
	struct lower_scope scope;
	struct lower lower = {
		.compiler = compiler, .module = rule->module, .rule = rule, .body = &rule->body,
		.first = first,
		.package = rego_node_of_package(compiler, rule->module),
	};

	lower_enter(&lower, &scope, rule->ast->body);
	lower_params(&lower, first);
	if (rule->ast->body && !is_true(rule->ast->body))
		lower_body(&lower, rule->ast->body);
	lower_head(&lower, first);
	lower_leave(&lower);
}

void lower_rule(struct compiler *compiler, struct core_rule *rule)
{
	const struct rego_rule *first = rule->ast;

	for (; rule; rule = rule->otherwise)
		lower_alternative(compiler, rule, first);
}
