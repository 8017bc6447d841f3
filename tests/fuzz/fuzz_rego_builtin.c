// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rego_builtin.c - any built-in function with any operands
 *
 * The first line names the function, what follows is JSON for its operands; {"set": [...]} is a set, so that
 * all types are reached. What holds for every call:
 *
 *   - it answers, and a value can be written down, an error begins with the function's name, and whoever
 *     stops has a reason
 *   - the same call gives the same answer again, but for how much it may spend: with less it gives the same
 *     answer still, or it stops; never another one
 */
#include "rego/builtin.h"

#include <stdlib.h>

enum {
	STEPS = 1 << 20,
	BYTES = 8 << 20,
	TEXT_BYTES = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- operands ---- */

static const struct json *to_terms(struct arena *arena, const struct json *value);

static const struct json *to_list(struct arena *arena, const struct json *array, bool is_set)
{
	struct json_array_builder builder;

	json_array_begin(&builder, arena);
	for (size_t i = 0; i < array->array.count; i++)
		json_array_add(&builder, to_terms(arena, array->array.items[i]));
	return is_set ? json_set_end(&builder) : json_array_end(&builder);
}

static const struct json *to_terms(struct arena *arena, const struct json *value)
{
	const struct json *set = value->type == JSON_OBJECT ? json_get(value, "set") : NULL;
	struct json_object_builder builder;

	if (set && set->type == JSON_ARRAY)
		return to_list(arena, set, true);
	if (value->type == JSON_ARRAY)
		return to_list(arena, value, false);
	if (value->type != JSON_OBJECT)
		return value;
	json_object_begin(&builder, arena);
	for (size_t i = 0; i < value->object.count; i++)
		json_object_add_value(&builder, value->object.members[i].key,
			to_terms(arena, value->object.members[i].value));
	return json_object_end(&builder);
}

static const struct json *read_operands(struct arena *arena, struct str text)
{
	const char *array = arena_printf(arena, "[%.*s]", STR_FMT(text));
	const struct json *value;

	if (!array || json_read(arena, str_from(array), JSON_READ_STRICT, &value, NULL) < 0)
		return NULL;
	return to_terms(arena, value);
}

/* ---- calls ---- */

struct outcome {
	enum rego_answer answer;
	char *text;			/* of the value or of the error */
};

static void check_error(const struct rego_call *call)
{
	size_t len = strlen(call->builtin->name);

	assert(call->error && !strncmp(call->error, call->builtin->name, len) && call->error[len] == ':');
}

static char *value_text(const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_BYTES);
	char *text;

	assert(json_write(&buf, value, JSON_WRITE_TERM) == 0);
	text = strndup(buf_text(&buf), buf.len);
	assert(text);
	return text;
}

static struct outcome call_with(const struct rego_builtin *builtin, const struct json *operands,
	uint64_t steps, size_t bytes)
{
	scoped(arena) struct arena arena = ARENA_INIT(bytes);
	const struct rego_moment moment = { .now_ns = INT64_C(1795342830123456789) };
	struct rego_budget budget;
	struct rego_call call = {
		.builtin = builtin,
		.operands = operands->array.items,
		.arena = &arena,
		.budget = &budget,
		.moment = &moment,
	};
	struct outcome outcome = { 0 };

	rego_budget_init(&budget, steps, NULL, NULL);
	outcome.answer = builtin->function(&call);
	if (outcome.answer == REGO_ANSWER_VALUE) {
		assert(call.result);
		outcome.text = value_text(call.result);
	} else if (outcome.answer == REGO_ANSWER_ERROR) {
		check_error(&call);
		outcome.text = strdup(call.error);
		assert(outcome.text);
	} else if (outcome.answer == REGO_ANSWER_STOP) {
		assert(budget.stop != REGO_STOP_NONE);
	}
	return outcome;
}

static bool is_same(const struct outcome *a, const struct outcome *b)
{
	return a->answer == b->answer && (!a->text || !strcmp(a->text, b->text));
}

static void check_call(const struct rego_builtin *builtin, const struct json *operands)
{
	static const size_t divisors[] = { 1, 64, 1024, 16384, STEPS };
	struct outcome first = call_with(builtin, operands, STEPS, BYTES);

	for (size_t i = 0; i < ARRAY_SIZE(divisors); i++) {
		struct outcome less_time = call_with(builtin, operands, STEPS / divisors[i], BYTES);
		struct outcome less_room = call_with(builtin, operands, STEPS, BYTES / divisors[i]);

		assert(is_same(&less_time, &first) || (i > 0 && less_time.answer == REGO_ANSWER_STOP));
		assert(is_same(&less_room, &first) || (i > 0 && less_room.answer == REGO_ANSWER_STOP));
		free(less_time.text);
		free(less_room.text);
	}
	free(first.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(BYTES);
	struct str name, rest = { .data = (const char *)data, .len = size };
	const struct rego_builtin *builtin;
	const struct json *operands;

	if (!str_cut(rest, '\n', &name, &rest) || memchr(rest.data, '\0', rest.len))
		return 0;
	builtin = rego_builtin_find(name);
	operands = builtin && builtin->function ? read_operands(&arena, rest) : NULL;
	if (operands && operands->array.count == builtin->operand_count)
		check_call(builtin, operands);
	return 0;
}
