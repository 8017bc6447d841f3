// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_comparison.c - two values side by side
 *
 * Comparing never fails, and takes no memory; what it may cost is the size of the smaller value, which counts
 * as steps: what it is made of may be shared, and so was not paid for when it was made.
 */
#include "rego/builtin_table.h"

/*
 * Whether the first operand is less than the second, or the same, or greater: what of it is asked, @wanted
 * says.
 */
enum order {
	LESS = 1 << 0,
	SAME = 1 << 1,
	GREATER = 1 << 2,
};

static enum rego_answer compare(struct rego_call *call, unsigned wanted)
{
	const struct json *a = call->operands[0], *b = call->operands[1];
	int order;

	if (!rego_spend_compare(call->budget, a, b))
		return rego_stopped(call);
	order = json_compare(a, b);
	return rego_give(call, json_new_bool(call->arena,
		wanted & (order < 0 ? LESS : order > 0 ? GREATER : SAME)));
}

/* Sizes tell most values apart, so this is quicker than their order. */
static enum rego_answer compare_equal(struct rego_call *call, bool wanted)
{
	const struct json *a = call->operands[0], *b = call->operands[1];

	if (!rego_spend_compare(call->budget, a, b))
		return rego_stopped(call);
	return rego_give(call, json_new_bool(call->arena, json_equal(a, b) == wanted));
}

enum rego_answer rego_do_equal(struct rego_call *call)
{
	return compare_equal(call, true);
}

enum rego_answer rego_do_neq(struct rego_call *call)
{
	return compare_equal(call, false);
}

enum rego_answer rego_do_gt(struct rego_call *call)
{
	return compare(call, GREATER);
}

enum rego_answer rego_do_gte(struct rego_call *call)
{
	return compare(call, GREATER | SAME);
}

enum rego_answer rego_do_lt(struct rego_call *call)
{
	return compare(call, LESS);
}

enum rego_answer rego_do_lte(struct rego_call *call)
{
	return compare(call, LESS | SAME);
}
