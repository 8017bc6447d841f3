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

void rego_call_zones(struct rego_zones *zones)
{
	moment.zones = zones;
}

static const char *value_text(struct arena *arena, const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(ROW_BYTES);

	CHECK_INT(json_write(&buf, value, JSON_WRITE_TERM), 0);
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

/* ---- operands ---- */

/* A reader of ground terms: JSON, and set(), {1, 2} and {1: 2} on top. What it cannot read fails the test. */
struct reader {
	struct arena *arena;
	const char *text, *at;
};

static const struct json *read_term(struct reader *reader);

static bool take(struct reader *reader, const char *token)
{
	size_t len = strlen(token);

	while (ascii_is_space(*reader->at))
		reader->at++;
	if (strncmp(reader->at, token, len) != 0)
		return false;
	reader->at += len;
	return true;
}

static _Noreturn void bad_term(const struct reader *reader)
{
	test_fail(__FILE__, __LINE__, "no term in \"%s\" at \"%s\"", reader->text, reader->at);
}

/* A scalar ends where its JSON does. */
static const struct json *read_scalar(struct reader *reader)
{
	const char *end = reader->at;
	const struct json *value;

	if (*end == '"') {
		for (end++; *end && *end != '"'; end++)
			end += *end == '\\' && end[1];
		end += *end == '"';
	} else {
		end += strcspn(end, " ,:]})");
	}
	if (json_read(reader->arena, (struct str){ .data = reader->at, .len = (size_t)(end - reader->at) },
			JSON_READ_STRICT, &value, NULL) < 0)
		bad_term(reader);
	reader->at = end;
	return value;
}

static const struct json *read_list(struct reader *reader, const char *end)
{
	struct json_array_builder builder;

	json_array_begin(&builder, reader->arena);
	if (*end ? take(reader, end) : !*reader->at)
		return json_array_end(&builder);
	do {
		json_array_add(&builder, read_term(reader));
	} while (take(reader, ","));
	if (!take(reader, end))
		bad_term(reader);
	return json_array_end(&builder);
}

/* The first element tells a set from an object. */
static const struct json *read_braces(struct reader *reader)
{
	struct json_array_builder set;
	struct json_object_builder object;
	bool is_object = take(reader, "}");

	json_array_begin(&set, reader->arena);
	json_object_begin(&object, reader->arena);
	if (is_object)
		return json_object_end(&object);
	do {
		const struct json *term = read_term(reader);

		is_object = take(reader, ":");
		if (is_object)
			json_object_add_value(&object, term, read_term(reader));
		else
			json_array_add(&set, term);
	} while (take(reader, ","));
	if (!take(reader, "}"))
		bad_term(reader);
	return is_object ? json_object_end(&object) : json_set_end(&set);
}

static const struct json *read_term(struct reader *reader)
{
	struct json_array_builder none;

	if (take(reader, "["))
		return read_list(reader, "]");
	if (take(reader, "{"))
		return read_braces(reader);
	if (!take(reader, "set()"))
		return read_scalar(reader);
	json_array_begin(&none, reader->arena);
	return json_set_end(&none);
}

static const struct json *read_operands(struct arena *arena, const char *text)
{
	struct reader reader = { .arena = arena, .text = text, .at = text };
	const struct json *value = read_list(&reader, "");

	CHECK(value);
	if (*reader.at)
		bad_term(&reader);
	return value;
}

/* ---- calls ---- */

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
