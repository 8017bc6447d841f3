// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_comparison.c - two values side by side
 *
 * Comparing never fails, and takes no memory; what it may cost is the size of the smaller value, which was
 * paid for when that value was made.
 */
#include "rego/builtin_table.h"

static enum rego_answer give_bool(struct rego_call *call, bool value)
{
	return rego_give(call, json_new_bool(call->arena, value));
}

static int compare(const struct rego_call *call)
{
	return json_compare(call->operands[0], call->operands[1]);
}

enum rego_answer rego_do_equal(struct rego_call *call)
{
	return give_bool(call, json_equal(call->operands[0], call->operands[1]));
}

enum rego_answer rego_do_neq(struct rego_call *call)
{
	return give_bool(call, !json_equal(call->operands[0], call->operands[1]));
}

enum rego_answer rego_do_gt(struct rego_call *call)
{
	return give_bool(call, compare(call) > 0);
}

enum rego_answer rego_do_gte(struct rego_call *call)
{
	return give_bool(call, compare(call) >= 0);
}

enum rego_answer rego_do_lt(struct rego_call *call)
{
	return give_bool(call, compare(call) < 0);
}

enum rego_answer rego_do_lte(struct rego_call *call)
{
	return give_bool(call, compare(call) <= 0);
}
