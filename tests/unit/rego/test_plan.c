// SPDX-License-Identifier: Apache-2.0
/*
 * test_plan.c - compiled policies that read what they have not set are found (lib/plan_check.h)
 *
 * That those which the compiler makes are right is looked at where many of them are: tests/rego.
 */
#include "lib/test.h"

#include "json/json.h"
#include "lib/plan_check.h"

static const struct json yes = { .type = JSON_BOOL, .boolean = true };
static const struct json null = { .type = JSON_NULL };
static const struct json *keys_items[] = { &null, &yes };
static const struct json keys = { .type = JSON_SET, .height = 1, .array = { keys_items, 2 } };
static const struct json *const consts[] = { &yes, &keys };
static const struct rego_replacement replacement = { .what = REGO_REPLACE_INPUT };
static const struct rego_with_list withs[] = { { &replacement, 1 } };

static const char *check(const struct rego_insn *insns, size_t count)
{
	static char said[1 << 12];
	scoped(buf) struct buf why = BUF_INIT(sizeof(said) - 1);
	const struct rego_unit unit = { .consts = consts, .const_count = ARRAY_SIZE(consts), .withs = withs,
		.with_count = ARRAY_SIZE(withs) };
	const struct rego_function function = { .name = "f", .unit = &unit, .insns = insns, .count = count,
		.register_count = 4, .slot_count = 2, .operand_count = 1 };
	const struct rego_plan plan = { .unit = unit, .functions = &function, .place_count = 1 };

	if (plan_check(&plan, &why))
		return "";
	CHECK(!buf_failed(&why));
	memcpy(said, buf_text(&why), why.len + 1);
	return said;
}

#define CHECK_PLAN(text, ...) \
	do { const struct rego_insn insns_[] = { __VA_ARGS__ }; \
		CHECK_TEXT(check(insns_, ARRAY_SIZE(insns_)), text); \
	} while (0)

#define I(op, ...) { REGO_OP_##op, __VA_ARGS__ }

TEST(what_is_set_on_one_way_only_is_not_set)
{
	CHECK_PLAN("", I(CONST, 2, 0, 0, 0), I(TEST, 1, 0, 0, 3), I(RETURN, 2), I(FAIL, 0));
	CHECK_PLAN("f, instruction 2, TEST: there may be no value in register 2", I(TEST, 1, 0, 0, 2),
		I(CONST, 2, 0, 0, 0), I(TEST, 2, 0, 0, 4), I(RETURN, 1), I(FAIL, 0));
	CHECK_PLAN("f, instruction 0, RETURN: nothing was written to register 0", I(RETURN, 0));
}

TEST(an_instruction_that_fails_sets_nothing)
{
	CHECK_PLAN("f, instruction 2, RETURN: nothing was written to register 2", I(INPUT, 2, 0, 0, 2),
		I(JUMP, 0, 0, 0, 2), I(RETURN, 2));
}

TEST(what_has_no_value_is_asked_first)
{
	CHECK_PLAN("", I(UNSET, 2), I(IF_UNSET, 2, 0, 0, 3), I(TEST, 2, 0, 0, 3), I(FAIL, 0));
	CHECK_PLAN("f, instruction 1, TEST: there may be no value in register 2", I(UNSET, 2),
		I(TEST, 2, 0, 0, 2), I(FAIL, 0));
	CHECK_PLAN("", I(UNSET, 2), I(ONCE, 2, 1), I(TEST, 2, 0, 0, 3), I(FAIL, 0));
}

TEST(a_slot_is_what_was_begun_in_it)
{
	CHECK_PLAN("", I(SCAN, 0, 1, 0, 3), I(NEXT, 0, 2, 3, 3), I(JUMP, 0, 0, 0, 1), I(FAIL, 0));
	CHECK_PLAN("f, instruction 1, NEXT: something else, or nothing, was begun in slot 0",
		I(COLLECT, 0), I(NEXT, 0, 2, 3, 2), I(FAIL, 0));
	CHECK_PLAN("f, instruction 0, ADD: there is no slot 2", I(ADD, 2, 1), I(FAIL, 0));
}

TEST(a_loop_is_followed_round)
{
	/* The second turn finds register 2 without a value. */
	CHECK_PLAN("f, instruction 3, TEST: there may be no value in register 2", I(CONST, 2, 0, 0, 0),
		I(SCAN, 0, 1, 0, 6), I(NEXT, 0, 3, 3, 6), I(TEST, 2, 0, 0, 6), I(UNSET, 2),
		I(JUMP, 0, 0, 0, 2), I(FAIL, 0));
}

TEST(what_does_not_exist_is_found)
{
	CHECK_PLAN("f, instruction 0, CONST: there is no constant 2", I(CONST, 2, 0, 0, 2), I(FAIL, 0));
	CHECK_PLAN("f, instruction 0, TEST: there is no instruction 7", I(TEST, 1, 0, 0, 7), I(FAIL, 0));
	CHECK_PLAN("f, instruction 0, TEST: this is the last instruction, and it goes on at 1",
		I(TEST, 1, 0, 0, 0));
	CHECK_PLAN("f, instruction 0, CONST: there is no register 4", I(CONST, 4, 0, 0, 0), I(FAIL, 0));
}

TEST(a_record_has_a_value_for_each_of_its_keys)
{
	CHECK_PLAN("", I(MOVE, 2, 1), I(RECORD, 0, 1, 1), I(RETURN, 0));
	CHECK_PLAN("f, instruction 0, RECORD: there may be no value in register 2", I(RECORD, 0, 1, 1),
		I(RETURN, 0));
	CHECK_PLAN("f, instruction 1, RECORD: keys are no set: constant 0", I(MOVE, 2, 1),
		I(RECORD, 0, 1, 0), I(RETURN, 0));
}

TEST(as_many_replacements_end_as_begin)
{
	CHECK_PLAN("", I(WITH, 0, 1), I(UNWITH, 0), I(FAIL, 0));
	CHECK_PLAN("f, instruction 1, FAIL: replacements stay in force: 1", I(WITH, 0, 1), I(FAIL, 0));
	CHECK_PLAN("f, instruction 2, JUMP: another number of replacements is in force on another way to 3",
		I(TEST, 1, 0, 0, 3), I(WITH, 0, 1), I(JUMP, 0, 0, 0, 3), I(FAIL, 0));
	CHECK_PLAN("f, instruction 0, WITH: there may be no value in register 2", I(WITH, 0, 2), I(UNWITH, 0),
		I(FAIL, 0));
}

TEST_MAIN()
