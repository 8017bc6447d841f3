// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin.c - the table of built-ins holds together, and every answer says what it should
 */
#include "rego/builtin.h"

#include "lib/test.h"

TEST(the_rows_are_in_order_and_each_is_found)
{
	const struct rego_builtin *row;
	const char *before = "";
	size_t count = 0;

	for (; (row = rego_builtin_at(count)); count++) {
		CHECK(strcmp(before, row->name) < 0);
		CHECK(rego_builtin_find(str_from(row->name)) == row);
		before = row->name;
	}
	CHECK(count > 0);
	CHECK(!rego_builtin_at(SIZE_MAX));
	CHECK(!rego_builtin_find(STR("")));
	CHECK(!rego_builtin_find(STR("zzz")));
	CHECK(!rego_builtin_find(STR("http.sen")));
	CHECK(!rego_builtin_find(STR("http.send\0")));
}

TEST(a_row_says_what_is_needed_to_call_it)
{
	const struct rego_builtin *row;

	for (size_t i = 0; (row = rego_builtin_at(i)); i++) {
		size_t count = 0;

		while (row->operands[count])
			count++;
		CHECK_INT(row->operand_count, count);
		CHECK((row->result == NULL) == !!(row->flags & REGO_BUILTIN_VOID));
		CHECK((row->refused != NULL) == !!(row->flags & REGO_BUILTIN_REFUSED));
		CHECK((row->function == NULL) ==
			!!(row->flags & (REGO_BUILTIN_REFUSED | REGO_BUILTIN_COMPILED)));
		CHECK(row->help && *row->help);
		CHECK(row->cost <= REGO_COST_PRODUCT);
	}
}

TEST(what_reaches_outside_is_refused_with_the_reason)
{
	static const char *const names[] = { "http.send", "net.lookup_ip_addr", "opa.runtime" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct rego_builtin *row = rego_builtin_find(str_from(names[i]));

		CHECK(row && row->flags & REGO_BUILTIN_REFUSED && row->flags & REGO_BUILTIN_VOLATILE);
		CHECK(strlen(row->refused) > 0);
	}
}

/* ---- answers ---- */

static const struct rego_builtin builtin = { .name = "some.thing", .operand_count = 2 };

static struct rego_call call_of(struct arena *arena, struct rego_budget *budget,
	const struct json *const *operands)
{
	rego_budget_init(budget, 100, NULL, NULL);
	return (struct rego_call){ .builtin = &builtin, .operands = operands, .arena = arena,
		.budget = budget };
}

TEST(a_value_is_given_and_none_stops)
{
	scoped(arena) struct arena arena = ARENA_INIT(4096);
	struct rego_budget budget;
	struct rego_call call = call_of(&arena, &budget, NULL);
	const struct json *one = json_new_int(&arena, 1);

	CHECK_INT(rego_give(&call, one), REGO_ANSWER_VALUE);
	CHECK(call.result == one);
	CHECK_INT(rego_give(&call, NULL), REGO_ANSWER_STOP);
	CHECK_INT(budget.stop, REGO_STOP_MEMORY);
	rego_budget_init(&budget, 100, NULL, NULL);
	CHECK(!rego_spend(&budget, 1000));
	CHECK_INT(rego_stopped(&call), REGO_ANSWER_STOP);
	CHECK_INT(budget.stop, REGO_STOP_STEPS);
}

TEST(errors_name_the_function_and_the_operand)
{
	scoped(arena) struct arena arena = ARENA_INIT(4096);
	const struct json *operands[] = { json_new_int(&arena, 1), json_new_text(&arena, "text") };
	struct rego_budget budget;
	struct rego_call call = call_of(&arena, &budget, operands);

	CHECK_INT(rego_fail(&call, "%d is wrong", 7), REGO_ANSWER_ERROR);
	CHECK_TEXT(call.error, "some.thing: 7 is wrong");
	CHECK(!call.is_type_error);
	CHECK_INT(rego_operand(&call, 1, "one of {object, set}"), REGO_ANSWER_ERROR);
	CHECK_TEXT(call.error, "some.thing: operand 2 must be one of {object, set} but got string");
	CHECK(call.is_type_error);
	CHECK_INT(rego_operand_fail(&call, 0, "must be %s", "even"), REGO_ANSWER_ERROR);
	CHECK_TEXT(call.error, "some.thing: operand 1 must be even");
	CHECK_INT(rego_element(&call, 1, "rune", operands[0]), REGO_ANSWER_ERROR);
	CHECK_TEXT(call.error,
		"some.thing: operand 2 must be string of runes but got string containing number");
}

TEST(an_operand_is_taken_or_the_error_is_set)
{
	scoped(arena) struct arena arena = ARENA_INIT(4096);
	const struct json *operands[] = { json_new_int(&arena, 1), json_new_text(&arena, "text") };
	struct rego_budget budget;
	struct rego_call call = call_of(&arena, &budget, operands);
	struct str text;

	CHECK(rego_take_string(&call, 1, &text));
	CHECK_STR(text, STR("text"));
	CHECK(!rego_take_string(&call, 0, &text));
	CHECK_INT(rego_failed(&call), REGO_ANSWER_ERROR);
	CHECK_TEXT(call.error, "some.thing: operand 1 must be string but got number");
	CHECK(!rego_take(&call, 1, JSON_OBJECT));
	CHECK_TEXT(call.error, "some.thing: operand 2 must be object but got string");
}

TEST(an_error_without_room_stops)
{
	struct arena arena = ARENA_INIT(0);
	struct rego_budget budget;
	struct rego_call call = call_of(&arena, &budget, NULL);

	CHECK_INT(rego_fail(&call, "anything"), REGO_ANSWER_STOP);
	CHECK_INT(budget.stop, REGO_STOP_MEMORY);
	CHECK(!call.error);
}

TEST_MAIN()
