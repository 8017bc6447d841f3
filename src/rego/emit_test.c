// SPDX-License-Identifier: Apache-2.0
/*
 * emit_test.c - what a rule looks at before it does anything else
 *
 * A body often begins with comparisons of something that does not change during the call (a member of the
 * input, of a base document, an operand) with a constant: `input.kind == "file"`, `x in {"a", "b"}`,
 * `startswith(input.path, "/etc/")`, or a constant where an operand's name would stand. Where such a
 * comparison fails, the rule does, whatever the rest of it says, so that who knows the value need not try it
 * (emit_choice.c).
 *
 * This is only so as far as nothing before it can end the evaluation with an error. So the body is read up to
 * the first expression that might: what is looked at are comparisons for equality and tests of constants and
 * of values that are there already, which cannot. startswith() itself is an error for what is no string, so
 * it is the last one that is read.
 *
 * A rule with an `else` has none: where its body fails, there is more to do.
 */
#include "rego/emit_choice.h"

struct reader {
	struct emitter *emitter;
	const struct core_rule *rule;
	struct emit_test *tests;
	size_t count;
};

/* ---- what does not change ---- */

/* The path of a reference to a base document leaves the tree of rules before its end. */
static bool is_base(const struct emitter *emitter, const struct core_term *ref)
{
	const struct rego_node *node = &emitter->compiler->root;

	for (size_t i = 1; node && i < ref->list.count; i++) {
		if (node->rules)
			return false;
		node = rego_node_child(node, ref->list.items[i]->value);
	}
	return !node;
}

static bool is_subject(const struct reader *reader, const struct core_term *term, struct emit_subject *ret)
{
	*ret = (struct emit_subject){ .ref = term };
	if (term->type == CORE_VAR) {
		while (ret->param < reader->rule->param_count) {
			const struct core_term *param = reader->rule->params[ret->param++];

			if (param->type == CORE_VAR && param->var == term->var)
				return true;
		}
		return false;
	}
	if (term->type != CORE_REF || term->list.count < 2)
		return false;
	for (size_t i = 1; i < term->list.count; i++)
		if (term->list.items[i]->type != CORE_CONST)
			return false;
	return term->list.items[0]->type == CORE_INPUT ||
		(term->list.items[0]->type == CORE_DATA && is_base(reader->emitter, term));
}

/* Reading it cannot end the evaluation. */
static bool is_harmless(const struct reader *reader, const struct core_term *term)
{
	struct emit_subject subject;

	return term->type == CORE_CONST || term->type == CORE_VAR || is_subject(reader, term, &subject);
}

/* ---- tests ---- */

static void add(struct reader *reader, enum rego_choice_kind kind, struct emit_subject subject,
	const struct json *value, bool is_list)
{
	if (reader->count == EMIT_TESTS_MAX)
		return;
	reader->tests[reader->count++] = (struct emit_test){
		.kind = kind, .subject = subject, .value = value, .is_list = is_list,
	};
}

static bool is_scalar(const struct json *value)
{
	return value->type != JSON_ARRAY && value->type != JSON_OBJECT && value->type != JSON_SET;
}

static void read_params(struct reader *reader)
{
	for (size_t i = 0; i < reader->rule->param_count; i++) {
		const struct core_term *param = reader->rule->params[i];

		if (param->type == CORE_CONST && is_scalar(param->value))
			add(reader, REGO_CHOICE_BY_VALUE, (struct emit_subject){ .param = i + 1 },
				param->value, false);
	}
}

/* Return: whether reading may go on behind it. */
static bool read_eq(struct reader *reader, const struct core_expr *expr)
{
	const struct core_term *left = expr->eq.left, *right = expr->eq.right;
	struct emit_subject subject;

	if (left->type == CORE_CONST) {
		left = expr->eq.right;
		right = expr->eq.left;
	}
	if (!expr->is_negated && right->type == CORE_CONST && is_scalar(right->value) &&
			is_subject(reader, left, &subject))
		add(reader, REGO_CHOICE_BY_VALUE, subject, right->value, false);
	return is_harmless(reader, left) && is_harmless(reader, right);
}

static bool is_call_of(const struct core_expr *expr, const char *name)
{
	return expr->call.callee.builtin && !expr->call.has_result && expr->call.count == 2 &&
		!strcmp(expr->call.callee.builtin->name, name);
}

static bool read_call(struct reader *reader, const struct core_expr *expr)
{
	const struct core_term *left, *right;
	struct emit_subject subject;

	if (expr->is_negated || expr->call.count < 2)
		return false;
	left = expr->call.operands[0];
	right = expr->call.operands[1];
	if (right->type != CORE_CONST || !is_subject(reader, left, &subject))
		return false;
	if (is_call_of(expr, "internal.member_2") && !is_scalar(right->value) &&
			right->value->type != JSON_OBJECT) {
		add(reader, REGO_CHOICE_BY_VALUE, subject, right->value, true);
		return true;
	}
	if (is_call_of(expr, "startswith") && right->value->type == JSON_STRING)
		add(reader, REGO_CHOICE_BY_PREFIX, subject, right->value, false);
	return false;
}

static bool read_expr(struct reader *reader, const struct core_expr *expr)
{
	if (expr->with_count)
		return false;
	switch (expr->type) {
	case CORE_EQ:
		return read_eq(reader, expr);
	case CORE_CALL:
		return read_call(reader, expr);
	case CORE_TERM:
		return is_harmless(reader, expr->term);
	case CORE_EVERY:
	case CORE_BODY:
	case CORE_EITHER:
		break;
	}
	return false;
}

size_t emit_tests_of(struct emitter *emitter, const struct core_rule *rule, struct emit_test *ret)
{
	struct reader reader = { .emitter = emitter, .rule = rule, .tests = ret };

	if (rule->otherwise)
		return 0;
	read_params(&reader);
	for (size_t i = 0; i < rule->body.count; i++)
		if (!read_expr(&reader, rule->body.exprs[i]))
			break;
	return reader.count;
}

bool emit_is_same_subject(const struct emit_subject *a, const struct emit_subject *b)
{
	if (a->param || b->param)
		return a->param == b->param;
	if (a->ref->list.count != b->ref->list.count ||
			a->ref->list.items[0]->type != b->ref->list.items[0]->type)
		return false;
	for (size_t i = 1; i < a->ref->list.count; i++)
		if (!json_equal(a->ref->list.items[i]->value, b->ref->list.items[i]->value))
			return false;
	return true;
}
