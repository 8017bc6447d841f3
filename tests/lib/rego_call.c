// SPDX-License-Identifier: Apache-2.0
/*
 * rego_call.c - from a row of text to a call, and from its answer back to text
 */
#include "lib/rego_call.h"

#include "rego/budget.h"

enum {
	STEPS = 16 << 20,
	ROW_BYTES = 64 << 20,
};

static struct rego_moment moment = { .now_ns = INT64_C(1795342830123456789) };

void rego_call_zones(const struct rego_zones *zones)
{
	moment.zones = zones;
}

static const char *value_text(struct arena *arena, const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(ROW_BYTES);

	CHECK_INT(json_write(&buf, value, JSON_WRITE_CANONICAL), 0);
	return arena_copy(arena, buf_text(&buf), buf.len);
}

static const char *stop_text(enum rego_stop stop)
{
	switch (stop) {
	case REGO_STOP_STEPS:
		return "stopped (steps)";
	case REGO_STOP_MEMORY:
		return "stopped (memory)";
	case REGO_STOP_LATE:
		return "stopped (late)";
	case REGO_STOP_RESULT:
		return "stopped (result)";
	case REGO_STOP_NONE:
	default:
		return "stopped without a reason";
	}
}

static const char *answer_text(struct arena *arena, const struct rego_call *call, enum rego_answer answer)
{
	switch (answer) {
	case REGO_ANSWER_VALUE:
		return value_text(arena, call->result);
	case REGO_ANSWER_UNDEFINED:
		return "undefined";
	case REGO_ANSWER_ERROR:
		return arena_printf(arena, "%s: %s",
			call->is_type_error ? "eval_type_error" : "eval_builtin_error", call->error);
	case REGO_ANSWER_STOP:
	default:
		return stop_text(call->budget->stop);
	}
}

static const struct json *read_operands(struct arena *arena, const char *text)
{
	const char *array = arena_printf(arena, "[%s]", text);
	struct error err = ERROR_INIT;
	const struct json *value;

	if (json_read(arena, str_from(array), JSON_READ_STRICT, &value, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s: %s", array, err.text);
	return value;
}

const char *rego_call_text(struct arena *arena, const char *name, const char *operands, uint64_t steps,
	size_t bytes)
{
	scoped(arena) struct arena memory = ARENA_INIT(bytes);
	const struct json *values = read_operands(arena, operands);
	struct rego_budget budget;
	struct rego_call call = {
		.builtin = rego_builtin_find(str_from(name)),
		.operands = values->array.items,
		.arena = &memory,
		.budget = &budget,
		.moment = &moment,
	};

	if (!call.builtin || !call.builtin->function)
		test_fail(__FILE__, __LINE__, "there is no function %s", name);
	if (values->array.count != call.builtin->operand_count)
		test_fail(__FILE__, __LINE__, "%s takes %d operands", name, call.builtin->operand_count);
	rego_budget_init(&budget, steps, NULL, NULL);
	return answer_text(arena, &call, call.builtin->function(&call));
}

void rego_check_rows(const struct rego_row *rows, size_t count)
{
	scoped(buf) struct buf wrong = BUF_INIT(ROW_BYTES);

	for (size_t i = 0; i < count; i++) {
		scoped(arena) struct arena arena = ARENA_INIT(ROW_BYTES);
		const char *got = rego_call_text(&arena, rows[i].name, rows[i].operands, STEPS,
			ROW_BYTES);

		if (strcmp(got, rows[i].wanted) != 0)
			(void)buf_printf(&wrong, "\n%s(%s): %s, wanted %s", rows[i].name, rows[i].operands,
				got, rows[i].wanted);
	}
	if (wrong.len > 0)
		test_fail(__FILE__, __LINE__, "%s", buf_text(&wrong));
}
