// SPDX-License-Identifier: Apache-2.0
/*
 * memo.c - one call of each function, as it was made last
 */
#include "rego/memo.h"

#include "rego/machine_internal.h"

enum {
	MISSES_MAX = 16,		/* in a row; then it is given up */
};

struct rego_memo {
	const struct json *value;
	unsigned misses;
	const struct json *operands[];
};

static bool is_same(const struct json *a, const struct json *b)
{
	if (a == b)
		return true;
	if (a->type != b->type)
		return false;
	return a->type == JSON_STRING ? str_eq_short(a->text, b->text) :
					a->type == JSON_INT && a->integer == b->integer;
}

const struct json *rego_memo_find(const struct rego_machine *machine, const struct rego_function *function,
	const struct json *const *operands)
{
	struct rego_memo *memo = machine->world->memos ? machine->world->memos[function->memo] : NULL;

	if (!memo || memo->misses == MISSES_MAX)
		return NULL;
	for (uint32_t i = 0; i < function->operand_count; i++)
		if (!is_same(memo->operands[i], operands[i])) {
			memo->misses++;
			return NULL;
		}
	memo->misses = 0;
	return memo->value;
}

/* Return: NULL where there is no room; then the function is called each time. */
static struct rego_memo *begin(struct rego_machine *machine, const struct rego_function *function)
{
	struct rego_world *world = machine->world;
	struct rego_memo *memo;

	if (!world->memos)
		world->memos = arena_alloc_array(machine->arena, machine->plan->memo_count,
			sizeof(struct rego_memo *));
	memo = arena_alloc_raw(machine->arena,
		sizeof(*memo) + function->operand_count * sizeof(*memo->operands));
	if (!world->memos || !memo)
		return NULL;
	memo->misses = 0;
	world->memos[function->memo] = memo;
	return memo;
}

void rego_memo_keep(struct rego_machine *machine, const struct rego_function *function,
	const struct json *const *operands, const struct json *value)
{
	struct rego_memo *memo = machine->world->memos ? machine->world->memos[function->memo] : NULL;

	if (!memo)
		memo = begin(machine, function);
	if (!memo || memo->misses == MISSES_MAX)
		return;
	memo->value = value ? value : &rego_undefined_value;
	for (uint32_t i = 0; i < function->operand_count; i++)
		memo->operands[i] = operands[i];
}
