// SPDX-License-Identifier: Apache-2.0
/*
 * parse_statement.c - expressions that are rules, and what v1 demands of rules
 *
 * `p := 1`, `f(x) = y`, `a.b.c` have no body: they are read as expressions, and an expression is a rule where
 * it has the form of one.
 *
 * Source: OPA, v1/ast/parser_ext.go, v1/ast/rego_v1.go
 */
#include "rego/parse_internal.h"

static bool is_ground_list(const struct rego_term *term, size_t first)
{
	for (size_t i = first; i < term->list.count; i++)
		if (!parse_is_ground(term->list.items[i]))
			return false;
	return true;
}

bool parse_is_ground(const struct rego_term *term)
{
	switch (term->type) {
	case REGO_TERM_VALUE:
		return true;
	case REGO_TERM_REF:
		return is_ground_list(term, 1);
	case REGO_TERM_ARRAY:
	case REGO_TERM_SET:
	case REGO_TERM_CALL:
		return is_ground_list(term, term->type == REGO_TERM_CALL);
	case REGO_TERM_OBJECT:
		for (size_t i = 0; i < term->object.count; i++)
			if (!parse_is_ground(term->object.pairs[i].key) ||
					!parse_is_ground(term->object.pairs[i].value))
				return false;
		return true;
	case REGO_TERM_VAR:
	case REGO_TERM_ARRAY_COMPREHENSION:
	case REGO_TERM_SET_COMPREHENSION:
	case REGO_TERM_OBJECT_COMPREHENSION:
	case REGO_TERM_TEMPLATE:
	case REGO_TERM_LOGIC:
		break;
	}
	return false;
}

/* ---- expressions as rules ---- */

static bool refuse(struct parser *p, const struct rego_expr *expr, const char *why)
{
	parse_fail(p, expr->at, "%s", why);
	return false;
}

/* `head := value` or `head = value` */
static bool from_assignment(struct parser *p, const struct rego_expr *expr, struct rego_rule *rule)
{
	const struct rego_term *const *items = expr->term->list.items;
	enum rego_term_type type = items[1]->type;

	if (type != REGO_TERM_VAR && type != REGO_TERM_REF && type != REGO_TERM_CALL) {
		parse_fail(p, expr->at, "%s cannot be used for rule name", parse_type_name(items[1]));
		return false;
	}
	rule->has_value = true;
	rule->has_assign = str_eq(items[0]->name, STR("assign"));
	rule->value = items[2];
	return parse_set_head(p, rule, items[1]) || parse_has_failed(p) ||
		refuse(p, expr, "invalid rule head");
}

/* `a.b.c`, `a[x]` */
static bool from_ref(struct parser *p, const struct rego_expr *expr, struct rego_rule *rule)
{
	if (!parse_set_head(p, rule, expr->term))
		return false;
	rule->value = parse_new_true(p, expr->at);
	return rule->value;
}

/* `f(x)` */
static bool from_call(struct parser *p, const struct rego_expr *expr, struct rego_rule *rule)
{
	if (expr->term->flags & REGO_TERM_INFIX)
		return refuse(p, expr, "rule name conflicts with built-in function");
	if (expr->term->list.count == 1)
		return refuse(p, expr, "rule argument list must take at least one argument");
	return from_ref(p, expr, rule);
}

static bool is_assignment(const struct rego_term *term)
{
	const struct rego_term *op = term->type == REGO_TERM_CALL ? term->list.items[0] : NULL;

	return op && op->type == REGO_TERM_VAR && term->list.count == 3 &&
		term->flags & REGO_TERM_INFIX &&
		(str_eq(op->name, STR("assign")) || str_eq(op->name, STR("eq")));
}

static bool from_expr(struct parser *p, const struct rego_expr *expr, struct rego_rule *rule)
{
	if (expr->with_count)
		return refuse(p, expr, "expressions using with keyword cannot be used for rule head");
	if (expr->is_negated || expr->type == REGO_EXPR_NOT_BODY)
		return refuse(p, expr, "negated expressions cannot be used for rule head");
	if (expr->type == REGO_EXPR_SOME || expr->type == REGO_EXPR_SOME_IN)
		return refuse(p, expr, "'some' declarations cannot be used for rule head");
	if (expr->type != REGO_EXPR_TERM)
		return refuse(p, expr, "expression cannot be used for rule head");
	if (is_assignment(expr->term))
		return from_assignment(p, expr, rule);
	if (expr->term->type == REGO_TERM_CALL)
		return from_call(p, expr, rule);
	if (expr->term->type == REGO_TERM_REF)
		return from_ref(p, expr, rule);
	parse_fail(p, expr->at, "%s cannot be used for rule name", parse_type_name(expr->term));
	return false;
}

bool parse_statement(struct parser *p, struct parse_list *rules)
{
	struct rego_rule *rule = parse_alloc(p, sizeof(*rule));
	struct rego_expr *expr = rule ? parse_expr(p) : NULL;

	if (!expr)
		return false;
	if (parse_is(p, REGO_TOKEN_SEMICOLON))
		return refuse(p, expr, "multiple expressions cannot be used for rule head");
	rule->at = rule->head_at = expr->at;
	if (!from_expr(p, expr, rule))
		return false;
	rule->body = parse_new_true_body(p, expr->at);
	return rule->body && parse_list_add(p, rules, rule);
}

/* ---- v1 ---- */

static bool is_partial_set(const struct rego_rule *rule)
{
	return rule->ref->type == REGO_TERM_REF && rule->ref->list.count == 2 && !rule->is_function &&
		!rule->is_default && !rule->has_value && !rule->contains && !rule->has_if;
}

static void check_clause(struct parser *p, const struct rego_rule *rule)
{
	const char *kind = rule->param_count ? "function" : "rule";

	if (rule->ref->type == REGO_TERM_VAR && rego_word_is_keyword(rule->ref->name))
		parse_fail(p, rule->at, "%.*s keyword cannot be used for rule name",
			STR_FMT(rule->ref->name));
	if (!rule->has_body && !rule->has_value && !rule->contains && !rule->is_function &&
			!is_partial_set(rule))
		parse_fail(p, rule->at, "rule must have value assignment and/or body declaration");
	if (rule->has_body && !rule->has_if) {
		parse_fail(p, rule->at, "`if` keyword is required before %s body", kind);
		parse_hint(p, "this is Rego v0: write `if` in front of the brace");
	}
	if (is_partial_set(rule) && !rule->is_else) {
		parse_fail(p, rule->at, "`contains` keyword is required for partial set rules");
		parse_hint(p, "this is Rego v0: write `name contains element`, not `name[element]`");
	}
}

void parse_check_rule(struct parser *p, const struct rego_rule *rule)
{
	for (; rule; rule = rule->else_rule)
		check_clause(p, rule);
}
