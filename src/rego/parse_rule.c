// SPDX-License-Identifier: Apache-2.0
/*
 * parse_rule.c - rules: heads, bodies, else
 *
 * What begins with a name is tried as a rule first. It is one if `default` stands in front, or `if`,
 * `contains` or a brace behind the head; a brace alone is v0, which is read so that the error can say what is
 * missing (parse_check_rule()). Anything else is an expression, which may be a rule all the same
 * (parse_statement.c).
 *
 * `p if {x}`: the brace opens a body unless what stands there can be read as an expression that is no set.
 *
 * Source: OPA, v1/ast/parser.go
 */
#include "rego/parse_internal.h"

/* ---- heads ---- */

static const char *head_text(struct parser *p, const struct rego_rule *rule)
{
	scoped(buf) struct buf buf = BUF_INIT(1024);

	rego_term_print(rule->ref, &buf);
	return buf_failed(&buf) ? "..." : arena_printf(p->arena, "%s", buf_text(&buf));
}

/* What was said about a value that cannot be read stands, unless it is only that nothing is there. */
static bool is_explained(const struct parser *p)
{
	return p->is_full || (p->now.error_count && (p->errors[0].at.offset != parse_here(p).offset ||
		strchr(p->errors[0].text, ':') || !str_starts_with(str_from(p->errors[0].text),
			STR("unexpected "))));
}

/* "expected NOUN term (e.g., BEFORE HEAD BEHIND)" for what is missing */
static bool expect_term(struct parser *p, const struct rego_rule *rule, const char *noun, const char *before,
	const char *behind)
{
	const char *head, *note;

	if (is_explained(p))
		return false;
	p->now.error_count = 0;
	head = head_text(p, rule);
	note = arena_printf(p->arena, "expected %s term (e.g., %s%s%s)", noun, before, head ? head : "...",
		behind);
	if (note)
		parse_unexpected(p, note);
	else
		p->is_full = true;
	return false;
}

static bool parse_contains(struct parser *p, struct rego_rule *rule)
{
	const char *head, *note;

	if (!rule->is_function) {
		parse_next(p);
		rule->contains = parse_term_infix(p, true);
		return rule->contains || expect_term(p, rule, "rule key", "", " contains <VALUE> { ... }");
	}
	head = head_text(p, rule);
	note = arena_printf(p->arena,
		"the contains keyword can only be used with multi-value rule definitions "
		"(e.g., %s contains <VALUE> { ... })",
		head ? head : "...");
	if (note)
		parse_unexpected(p, note);
	else
		p->is_full = true;
	return false;
}

static bool parse_value(struct parser *p, struct rego_rule *rule)
{
	rule->has_assign = parse_is(p, REGO_TOKEN_ASSIGN);
	rule->has_value = true;
	parse_next(p);
	rule->value = parse_term_infix(p, true);
	if (rule->value)
		return true;
	if (!rule->has_assign)
		return expect_term(p, rule, "rule value", "", " = <VALUE> { ... }");
	if (rule->param_count)
		return expect_term(p, rule, "function value", "", "(...) := <VALUE> { ... }");
	if (rule->is_default)
		return expect_term(p, rule, "default rule value", "default ", " := <VALUE>");
	return expect_term(p, rule, "rule value", "", " := <VALUE> { ... }");
}

bool parse_set_head(struct parser *p, struct rego_rule *rule, const struct rego_term *head)
{
	rule->ref = head;
	if (head->type == REGO_TERM_CALL) {
		rule->ref = head->list.items[0];
		rule->params = head->list.items + 1;
		rule->param_count = head->list.count - 1;
		rule->is_function = true;
	}
	if (rule->ref->type == REGO_TERM_VAR ||
			(rule->ref->type == REGO_TERM_REF && rule->ref->list.items[0]->type == REGO_TERM_VAR))
		return true;
	if (rule->ref->type == REGO_TERM_REF) {
		const char *text = head_text(p, rule);

		parse_fail(p, head->at, "rule head ref %s invalid", text ? text : "...");
	}
	return false;
}

/* The name and what stands behind it up to the body. */
static bool parse_head(struct parser *p, struct rego_rule *rule)
{
	struct rego_span at = parse_here(p);
	struct rego_term *head = parse_head_name(p);

	if (!head || !parse_set_head(p, rule, head))
		return false;
	if (parse_is_keyword(p, REGO_TOKEN_CONTAINS) && !parse_contains(p, rule))
		return false;
	if (!rule->contains && (parse_is(p, REGO_TOKEN_ASSIGN) || parse_is(p, REGO_TOKEN_UNIFY)) &&
			!parse_value(p, rule))
		return false;
	rule->head_at = parse_up_to_here(p, at);
	return true;
}

/* ---- default ---- */

static bool check_default_value(struct parser *p, const struct rego_rule *rule, const struct rego_term *term);

static bool check_default_values(struct parser *p, const struct rego_rule *rule, const struct rego_term *term)
{
	bool is_right = true;

	for (size_t i = 0; term->type != REGO_TERM_OBJECT && i < term->list.count; i++)
		is_right &= check_default_value(p, rule, term->list.items[i]);
	for (size_t i = 0; term->type == REGO_TERM_OBJECT && i < term->object.count; i++) {
		is_right &= check_default_value(p, rule, term->object.pairs[i].key);
		is_right &= check_default_value(p, rule, term->object.pairs[i].value);
	}
	return is_right;
}

/* Constants, and comprehensions, which are closed. */
static bool check_default_value(struct parser *p, const struct rego_rule *rule, const struct rego_term *term)
{
	switch (term->type) {
	case REGO_TERM_VALUE:
	case REGO_TERM_ARRAY_COMPREHENSION:
	case REGO_TERM_SET_COMPREHENSION:
	case REGO_TERM_OBJECT_COMPREHENSION:
		return true;
	case REGO_TERM_ARRAY:
	case REGO_TERM_SET:
	case REGO_TERM_OBJECT:
		return check_default_values(p, rule, term);
	case REGO_TERM_TEMPLATE:
		for (size_t i = 0; i < term->template.count; i++)
			if (!check_default_value(p, rule, term->template.parts[i]->term))
				return false;
		return true;
	case REGO_TERM_VAR:
	case REGO_TERM_REF:
	case REGO_TERM_CALL:
	case REGO_TERM_LOGIC:
		break;
	}
	parse_fail(p, rule->at, "illegal default rule (value cannot contain %s)", parse_type_name(term));
	return false;
}

static bool check_default_params(struct parser *p, const struct rego_rule *rule)
{
	for (size_t i = 0; i < rule->param_count; i++) {
		const struct rego_term *param = rule->params[i];

		if (param->type != REGO_TERM_VAR) {
			parse_fail(p, rule->at, "illegal default rule (arguments cannot contain %s)",
				parse_type_name(param));
			return false;
		}
		for (size_t j = 0; j < i; j++)
			if (str_eq(rule->params[j]->name, param->name)) {
				parse_fail(p, rule->at,
					"illegal default rule (arguments cannot be repeated %.*s)",
					STR_FMT(param->name));
				return false;
			}
	}
	return true;
}

static bool end_default(struct parser *p, struct rego_rule *rule)
{
	if (!rule->has_value) {
		parse_fail(p, rule->at, "illegal default rule (must have a value)");
		return false;
	}
	rule->body = parse_new_true_body(p, rule->at);
	rule->at = parse_up_to_here(p, rule->at);
	return rule->body && check_default_value(p, rule, rule->value) && check_default_params(p, rule);
}

/* ---- bodies ---- */

/* One expression without braces: NULL without an error where braces are the body's. */
static struct rego_body *try_single_body(struct parser *p)
{
	struct parse_mark mark = p->now;
	bool has_brace = parse_is(p, REGO_TOKEN_LBRACE);
	struct rego_expr *expr = parse_expr(p);

	if (p->is_full)
		return NULL;
	if (has_brace && (!expr || (expr->type == REGO_EXPR_TERM && expr->term->type == REGO_TERM_SET))) {
		p->now = mark;
		return NULL;
	}
	return expr ? parse_new_single_body(p, expr) : NULL;
}

/* Behind `if`. */
static struct rego_body *parse_if_body(struct parser *p)
{
	struct rego_body *body = try_single_body(p);

	if (body || parse_has_failed(p))
		return body;
	return parse_braced_body(p);
}

static bool take_if(struct parser *p)
{
	return parse_is_keyword(p, REGO_TOKEN_IF) && parse_take(p, REGO_TOKEN_IF);
}

/* ---- else ---- */

static struct rego_rule *new_rule(struct parser *p, const struct rego_rule *like)
{
	struct rego_rule *rule = parse_alloc(p, sizeof(*rule));

	if (!rule)
		return NULL;
	rule->ref = like->ref;
	rule->is_function = like->is_function;
	rule->params = like->params;
	rule->param_count = like->param_count;
	return rule;
}

static bool parse_else_value(struct parser *p, struct rego_rule *rule)
{
	if (parse_is(p, REGO_TOKEN_ASSIGN) || parse_is(p, REGO_TOKEN_UNIFY)) {
		rule->has_assign = parse_is(p, REGO_TOKEN_ASSIGN);
		rule->has_value = true;
		parse_next(p);
		rule->value = parse_term_infix(p, true);
		return rule->value;
	}
	if (!parse_is(p, REGO_TOKEN_LBRACE) && !parse_is_keyword(p, REGO_TOKEN_IF)) {
		parse_unexpected(p, "expected else value term or rule body");
		return false;
	}
	rule->value = parse_new_true(p, rule->at);
	return rule->value;
}

static bool parse_else_body(struct parser *p, struct rego_rule *rule)
{
	rule->has_if = take_if(p);
	rule->has_body = rule->has_if || parse_is(p, REGO_TOKEN_LBRACE);
	if (!rule->has_body)
		rule->body = parse_new_true_body(p, rule->at);
	else if (parse_is(p, REGO_TOKEN_EOF))
		parse_unexpected(p, "rule body expected");
	else if (parse_is(p, REGO_TOKEN_LBRACE) && !parse_is_logic_body(p))
		rule->body = parse_braced_body(p);
	else
		rule->body = parse_new_single_body(p, parse_expr(p));
	return rule->body;
}

/* A chain of them, as long as it likes: not by recursion. */
static bool parse_elses(struct parser *p, struct rego_rule *rule)
{
	while (parse_is_keyword(p, REGO_TOKEN_ELSE)) {
		struct rego_rule *next = new_rule(p, rule);

		if (!next)
			return false;
		next->is_else = true;
		next->at = parse_here(p);
		parse_next(p);
		if (!parse_else_value(p, next))
			return false;
		next->head_at = parse_up_to_here(p, next->at);
		if (!parse_else_body(p, next))
			return false;
		next->at = parse_up_to_here(p, next->at);
		rule->else_rule = next;
		rule = next;
	}
	return true;
}

static bool check_else(struct parser *p, const struct rego_rule *rule)
{
	if (!parse_is_keyword(p, REGO_TOKEN_ELSE))
		return true;
	if (rule->ref->type == REGO_TERM_REF && !parse_is_ground(rule->ref)) {
		parse_fail(p, parse_here(p), "else keyword cannot be used on rules with variables in head");
		return false;
	}
	if (rule->contains) {
		parse_fail(p, parse_here(p), "else keyword cannot be used on multi-value rules");
		return false;
	}
	return true;
}

/* ---- rules ---- */

/* p if {...} {...}: the head again for each further body. */
static bool parse_chained(struct parser *p, const struct rego_rule *first, struct parse_list *rules)
{
	while (parse_is(p, REGO_TOKEN_LBRACE)) {
		struct rego_rule *rule;

		if (first->else_rule) {
			parse_fail(p, parse_here(p), "expected else keyword");
			return false;
		}
		rule = parse_alloc(p, sizeof(*rule));
		if (!rule)
			return false;
		*rule = *first;
		rule->is_chained = true;
		rule->at = parse_here(p);
		rule->body = parse_braced_body(p);
		if (!rule->body)
			return false;
		rule->at = rule->head_at = parse_up_to_here(p, rule->at);
		if (!parse_list_add(p, rules, rule))
			return false;
	}
	return true;
}

/* Behind the head; false without an error where this is no rule. */
static bool parse_rule_body(struct parser *p, struct rego_rule *rule)
{
	rule->has_if = take_if(p);
	rule->has_body = rule->has_if || parse_is(p, REGO_TOKEN_LBRACE);
	if (rule->has_if)
		rule->body = parse_if_body(p);
	else if (rule->has_body)
		rule->body = parse_braced_body(p);
	else if (rule->contains)
		rule->body = parse_new_true_body(p, rule->at);
	if (rule->body && !rule->value && !rule->contains)
		rule->value = parse_new_true(p, rule->at);
	return rule->body && !p->is_full;
}

/* `p := 1` and nothing more, which would be the same as an expression, but that is not read a second time. */
static bool is_complete(const struct parser *p, const struct rego_rule *rule)
{
	return rule->has_value && !parse_is_keyword(p, REGO_TOKEN_IF) && !parse_is(p, REGO_TOKEN_LBRACE) &&
		!parse_is_keyword(p, REGO_TOKEN_WITH) && !parse_is(p, REGO_TOKEN_SEMICOLON);
}

static bool end_complete(struct parser *p, struct rego_rule *rule)
{
	rule->at = parse_up_to_here(p, rule->at);
	rule->body = parse_new_true_body(p, rule->at);
	return rule->body;
}

bool parse_rules(struct parser *p, struct parse_list *rules)
{
	struct rego_rule *rule = parse_alloc(p, sizeof(*rule));
	bool is_name = parse_is_keyword_name(p);

	if (!rule)
		return false;
	rule->at = parse_here(p);
	if (!is_name && parse_take(p, REGO_TOKEN_DEFAULT)) {
		rule->is_default = true;
		is_name = parse_is_keyword_name(p);
	}
	if ((!is_name && !parse_is(p, REGO_TOKEN_IDENT)) || !parse_head(p, rule))
		return false;
	if (rule->is_default)
		return end_default(p, rule) && parse_list_add(p, rules, rule);
	if (is_complete(p, rule))
		return end_complete(p, rule) && parse_list_add(p, rules, rule);
	if (!parse_rule_body(p, rule) || !check_else(p, rule) || !parse_elses(p, rule))
		return false;
	rule->at = parse_up_to_here(p, rule->at);
	return parse_list_add(p, rules, rule) && parse_chained(p, rule, rules);
}
