/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known.h - what one evaluation found that is the same in the next
 *
 * Values that follow from modules and data alone (steady.c), kept for evaluations of the same plan over the
 * same data: of rules under their places, and behind them of the sites, which are calls and comprehensions
 * without a variable from outside (emit_keep.c). Each is a copy in an arena of its own, made when it was
 * first wanted; where that is full, the rest is found out again each time, as without.
 *
 * Calls are kept, too: of functions that look at nothing but their operands, modules and data, where one of
 * the operands is itself a value that is kept here. What a library says of a module's own description is so
 * asked once, and not in each evaluation. The other operands are short texts or integers, and compared as
 * such; a value that is kept is known by its address, where no other can come to lie. Of one function's
 * calls, none is kept any more once many in a row were not among those that are.
 *
 * So an answer does not depend on what is known, but its price does: who was stopped for want of steps may
 * not be the next time. It belongs to one evaluation at a time.
 */
#pragma once

#include "rego/plan.h"

enum {
	REGO_RECALL_OPERANDS_MAX = 3,
};

struct rego_known_call;

struct rego_known {
	struct arena arena;
	const struct rego_plan *plan;
	const struct json *data;
	bool is_strict;			/* how errors of built-ins end; of the evaluation that filled it */
	bool is_full;
	const struct json **values;	/* plan->value_count of them; NULL: not known */
	struct rego_known_call *calls;	/* by a hash of function and operands; NULL: none yet */
	uint8_t *misses;		/* in a row, of functions by their memo; as long as @calls is there */
};

/**
 * rego_known_init() - nothing is known yet
 * @known:       any
 * @plan:        borrowed as long as it lives
 * @data:        an object; likewise, and not changed
 * @limit_bytes: of memory
 *
 * Errors: -EMSGSIZE the limit is too small to know anything.
 * Return: 0 or negative errno.
 */
int rego_known_init(struct rego_known *known, const struct rego_plan *plan, const struct json *data,
	size_t limit_bytes);

/** rego_known_keep() - a value of this evaluation's arena, or rego_undefined_value; copied */
void rego_known_keep(struct rego_known *known, size_t index, const struct json *value);

/**
 * rego_known_find_call() - what a function gave for these operands, now or in an evaluation before
 * @known:    as above
 * @function: is_recalled
 * @operands: operand_count of them
 *
 * Return: the value, or rego_undefined_value; NULL: not known.
 */
const struct json *rego_known_find_call(struct rego_known *known, const struct rego_function *function,
	const struct json *const *operands);

/**
 * rego_known_keep_call() - what it gave now
 * @known:    as above
 * @function: is_recalled
 * @operands: operand_count of them
 * @value:    copied; NULL: it is undefined
 *
 * Return: false where it is none of the calls that are kept.
 */
bool rego_known_keep_call(struct rego_known *known, const struct rego_function *function,
	const struct json *const *operands, const struct json *value);

/** rego_known_fini() - give the memory back */
void rego_known_fini(struct rego_known *known);
