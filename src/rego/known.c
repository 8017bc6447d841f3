// SPDX-License-Identifier: Apache-2.0
/*
 * known.c - copies of what was found, under their indexes, and those of calls under their operands
 *
 * Calls lie in a table of a fixed size, each in one of a few places in a row; where these are taken by
 * others, it is not kept. Nothing is ever replaced, so that whatever comes in from outside can fill the
 * table, but make nobody copy without end.
 */
#include "rego/known.h"

#include "rego/machine_internal.h"

#include <errno.h>

int rego_known_init(struct rego_known *known, const struct rego_plan *plan, const struct json *data,
	size_t limit_bytes)
{
	*known = (struct rego_known){ .arena = ARENA_INIT(limit_bytes), .plan = plan, .data = data };
	known->values = arena_alloc_array(&known->arena, plan->value_count, sizeof(*known->values));
	return known->values ? 0 : -EMSGSIZE;
}

void rego_known_keep(struct rego_known *known, size_t index, const struct json *value)
{
	const struct json *copy = value == &rego_undefined_value ? value : NULL;

	if (known->is_full)
		return;
	if (!copy)
		copy = json_copy(&known->arena, value);
	known->is_full = !copy;
	known->values[index] = copy;
}

/* ---- calls ---- */

enum {
	CALLS_COUNT = 1024,		/* a power of 2 */
	PLACES_COUNT = 4,		/* that one call can be in */
	MISSES_MAX = 128,		/* in a row; then the function is given up */
	TEXT_MAX_BYTES = 64,		/* of an operand */
};

struct rego_known_call {
	const struct rego_function *function;	/* NULL: nobody's */
	const struct json *value;
	const struct json *operands[REGO_RECALL_OPERANDS_MAX];
};

/* Of the text's beginning, its end and its length; equal texts have equal ones. */
static uint64_t hash_text(struct str text)
{
	uint64_t first = 0, last = 0;

	if (text.len >= sizeof(first)) {
		memcpy(&first, text.data, sizeof(first));
		memcpy(&last, text.data + text.len - sizeof(last), sizeof(last));
	} else if (text.len >= sizeof(uint32_t)) {
		memcpy(&first, text.data, sizeof(uint32_t));
		memcpy(&last, text.data + text.len - sizeof(uint32_t), sizeof(uint32_t));
	} else {
		for (size_t i = 0; i < text.len; i++)
			first = first << 8 | (unsigned char)text.data[i];
	}
	return first ^ last * 31 ^ text.len;
}

static uint64_t hash_of(const struct json *operand)
{
	if (operand->type == JSON_STRING)
		return hash_text(operand->text);
	return operand->type == JSON_INT ? (uint64_t)operand->integer : (uintptr_t)operand;
}

static struct rego_known_call *places_of(const struct rego_known *known, const struct rego_function *function,
	const struct json *const *operands)
{
	uint64_t hash = function->memo;

	for (uint32_t i = 0; i < function->operand_count; i++)
		hash = (hash ^ hash_of(operands[i])) * UINT64_C(0x9e3779b97f4a7c15);
	return known->calls + (hash >> 32) % CALLS_COUNT;
}

static inline bool is_same(const struct json *a, const struct json *b)
{
	if (a == b)
		return true;
	if (a->type != b->type)
		return false;
	return a->type == JSON_STRING ? str_eq_short(a->text, b->text) :
					a->type == JSON_INT && a->integer == b->integer;
}

static inline bool is_call(const struct rego_known_call *call, const struct rego_function *function,
	const struct json *const *operands)
{
	if (call->function != function)
		return false;
	for (uint32_t i = 0; i < function->operand_count; i++)
		if (!is_same(call->operands[i], operands[i]))
			return false;
	return true;
}

const struct json *rego_known_find_call(struct rego_known *known, const struct rego_function *function,
	const struct json *const *operands)
{
	const struct rego_known_call *places;

	if (!known->calls || known->misses[function->memo] == MISSES_MAX)
		return NULL;
	places = places_of(known, function, operands);
	for (size_t i = 0; i < PLACES_COUNT && places[i].function; i++)
		if (is_call(&places[i], function, operands)) {
			known->misses[function->memo] = 0;
			return places[i].value;
		}
	known->misses[function->memo]++;
	return NULL;
}

/* Whether an operand is the same for as long as this is there, or a copy of it will be. */
static bool can_keep(const struct rego_known *known, const struct json *operand, bool *has_own)
{
	bool is_own = arena_owns(&known->arena, operand);

	*has_own = *has_own || is_own;
	return is_own || operand->type == JSON_INT ||
		(operand->type == JSON_STRING && operand->text.len <= TEXT_MAX_BYTES);
}

static bool begin_calls(struct rego_known *known)
{
	if (known->calls)
		return true;
	known->misses = arena_alloc_array(&known->arena, known->plan->memo_count, sizeof(*known->misses));
	if (known->misses)
		known->calls = arena_alloc_array(&known->arena, CALLS_COUNT + PLACES_COUNT - 1,
			sizeof(*known->calls));
	known->is_full = !known->calls;
	return known->calls;
}

static bool copy_call(struct rego_known *known, const struct rego_known_call *call,
	struct rego_known_call *ret)
{
	struct rego_known_call copy = *call;

	if (copy.value != &rego_undefined_value)
		copy.value = json_copy(&known->arena, copy.value);
	for (uint32_t i = 0; i < copy.function->operand_count; i++) {
		if (!arena_owns(&known->arena, copy.operands[i]))
			copy.operands[i] = json_copy(&known->arena, copy.operands[i]);
		known->is_full = known->is_full || !copy.operands[i];
	}
	known->is_full = known->is_full || !copy.value;
	if (!known->is_full)
		*ret = copy;
	return !known->is_full;
}

bool rego_known_keep_call(struct rego_known *known, const struct rego_function *function,
	const struct json *const *operands, const struct json *value)
{
	struct rego_known_call call = { function, value ? value : &rego_undefined_value, { NULL } };
	struct rego_known_call *places;
	bool has_own = false;

	if (known->is_full || (known->calls && known->misses[function->memo] == MISSES_MAX))
		return false;
	for (uint32_t i = 0; i < function->operand_count; i++) {
		if (!can_keep(known, operands[i], &has_own))
			return false;
		call.operands[i] = operands[i];
	}
	if (!has_own || !begin_calls(known))
		return false;
	places = places_of(known, function, operands);
	for (size_t i = 0; i < PLACES_COUNT; i++)
		if (!places[i].function)
			return copy_call(known, &call, &places[i]);
	return false;
}

void rego_known_fini(struct rego_known *known)
{
	arena_fini(&known->arena);
}
