// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_set.c - what is in both of two sets, in either, in one alone
 *
 * Sets are in order, so two of them are gone through side by side, and what comes out is in order again.
 */
#include "rego/builtin_table.h"

enum part {
	ONLY_LEFT = 1 << 0,
	ONLY_RIGHT = 1 << 1,
	BOTH = 1 << 2,
};

/* Two sets side by side: the parts of them that @parts names. NULL where the evaluation is over. */
static const struct json *combine(struct rego_call *call, const struct json *a, const struct json *b,
	unsigned parts)
{
	struct json_array_builder set;
	size_t i = 0, j = 0;

	if (!rego_spend(call->budget, a->array.count + b->array.count) ||
			!rego_spend_value(call->budget, a, 1) || !rego_spend_value(call->budget, b, 1))
		return NULL;
	json_array_begin(&set, call->arena);
	while (i < a->array.count || j < b->array.count) {
		int order = i == a->array.count ? 1 : j == b->array.count ? -1 :
			json_compare(a->array.items[i], b->array.items[j]);
		unsigned part = order < 0 ? ONLY_LEFT : order > 0 ? ONLY_RIGHT : BOTH;

		if (parts & part)
			json_array_add(&set, order <= 0 ? a->array.items[i] : b->array.items[j]);
		i += order <= 0;
		j += order >= 0;
	}
	return json_set_end(&set);
}

static enum rego_answer two_sets(struct rego_call *call, unsigned parts)
{
	if (!rego_take(call, 0, JSON_SET) || !rego_take(call, 1, JSON_SET))
		return rego_failed(call);
	return rego_give(call, combine(call, call->operands[0], call->operands[1], parts));
}

enum rego_answer rego_do_and(struct rego_call *call)
{
	return two_sets(call, BOTH);
}

enum rego_answer rego_do_or(struct rego_call *call)
{
	return two_sets(call, ONLY_LEFT | ONLY_RIGHT | BOTH);
}

enum rego_answer rego_do_set_diff(struct rego_call *call)
{
	return two_sets(call, ONLY_LEFT);
}

/* ---- a set of sets ---- */

static bool take_sets(struct rego_call *call)
{
	const struct json *sets = call->operands[0];

	if (!rego_take(call, 0, JSON_SET))
		return false;
	for (size_t i = 0; i < sets->array.count; i++) {
		if (sets->array.items[i]->type != JSON_SET) {
			(void)rego_operand_fail(call, 0, "must be set but got %s",
				rego_type_name(sets->array.items[i]));
			return false;
		}
	}
	return rego_spend(call->budget, sets->array.count);
}

enum rego_answer rego_do_intersection(struct rego_call *call)
{
	const struct json *sets = call->operands[0], *common;

	if (!take_sets(call))
		return rego_failed(call);
	/* Of no sets nothing is common. */
	if (!sets->array.count)
		return rego_give(call, sets);
	common = sets->array.items[0];
	for (size_t i = 1; common && i < sets->array.count; i++)
		common = combine(call, common, sets->array.items[i], BOTH);
	return rego_give(call, common);
}

enum rego_answer rego_do_union(struct rego_call *call)
{
	const struct json *sets = call->operands[0];
	struct json_array_builder all;

	if (!take_sets(call))
		return rego_failed(call);
	json_array_begin(&all, call->arena);
	for (size_t i = 0; i < sets->array.count; i++) {
		const struct json *set = sets->array.items[i];

		if (!rego_spend(call->budget, set->array.count) || !rego_spend_value(call->budget, set, 1))
			return rego_stopped(call);
		for (size_t j = 0; j < set->array.count; j++)
			json_array_add(&all, set->array.items[j]);
	}
	return rego_give(call, json_set_end(&all));
}
