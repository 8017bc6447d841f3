// SPDX-License-Identifier: Apache-2.0
/*
 * test_memo.c - a function that is asked the same again
 */
#include "lib/rego_answer.h"
#include "lib/test.h"

enum {
	MEMORY_MAX_BYTES = 16 << 20,
	STEPS_MAX = 1000000,
};

static const char *answer(struct arena *arena, const char *text, unsigned flags, const char *input,
	uint64_t steps, bool is_strict)
{
	static const struct json nothing = { .type = JSON_OBJECT, .height = 1 };
	struct rego_asked asked = {
		.arena = arena, .policy = rego_answer_compile(arena, str_from(text), flags), .data = &nothing,
		.steps = steps, .memory_bytes = MEMORY_MAX_BYTES, .is_strict = is_strict,
	};
	const char *said;

	CHECK(asked.policy);
	CHECK_INT(json_read(arena, str_from(input), 0, &asked.input, NULL), 0);
	said = rego_answer(&asked);
	rego_policy_free(asked.policy);
	return said;
}

static void expect(const char *text, const char *input, const char *wanted)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX_BYTES);

	for (int strict = 0; strict < 2; strict++) {
		CHECK_TEXT(answer(&arena, text, 0, input, STEPS_MAX, strict), wanted);
		CHECK_TEXT(answer(&arena, text, REGO_POLICY_PLAIN, input, STEPS_MAX, strict), wanted);
	}
}

TEST(the_same_again_costs_no_steps)
{
	const char *text =
		"package p\nf(x) := count(numbers.range(1, x))\nr := sum([f(x) | some x in input])\n";
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX_BYTES);

	CHECK_TEXT(answer(&arena, text, 0, "[500, 500, 500, 500, 500, 500]", 2000, false), "{\"r\": 3000}");
	CHECK(strstr(answer(&arena, text, REGO_POLICY_NO_MEMOS, "[500, 500, 500, 500, 500, 500]", 2000,
			     false),
		"more steps"));
	CHECK(strstr(answer(&arena, text, 0, "[500, 501, 500, 501, 500, 501]", 2000, false), "more steps"));
}

TEST(another_operand_is_another_call)
{
	expect("package p\nf(x, y) := [x, y]\nr := [f(x, y) | some x in input; some y in [1, \"1\", 1.0, 1.0]]\n",
		"[1, \"1\"]",
		"{\"r\": [[1, 1], [1, \"1\"], [1, 1.0], [1, 1.0], [\"1\", 1], [\"1\", \"1\"], [\"1\", 1.0], [\"1\", 1.0]]}");
	expect("package p\nf(x) := x[0]\nr := [f(x) | some x in input]\n", "[[1], [1], [2], [], [2]]",
		"{\"r\": [1, 1, 2, 2]}");
}

/* After so many calls that were all others nobody looks any more, and nothing else changes. */
TEST(many_others_are_right_too)
{
	expect("package p\nf(x) := x % 3\nr := sum([f(y) | some x in numbers.range(1, 60); some y in [x, x, 3]])\n",
		"1", "{\"r\": 120}");
}

TEST(no_value_is_remembered_too)
{
	expect("package p\nf(x) := 1 if x > 2\nr := [x | some x in input; not f(x)]\ns := [f(x) | some x in input]\n",
		"[1, 1, 3, 3, 1]", "{\"r\": [1, 1, 1], \"s\": [1, 1]}");
}

TEST(another_world_has_its_own)
{
	expect("package p\ng(x) := x + 1\nf(x) := g(x) + input.n\nh(x) := 100 + g(x)\n"
	       "r := [y | some x in [1, 1, 1]; y := f(x)]\ns := y if y := r with input.n as 5\n"
	       "t := y if y := r with g as h\nu := [f(x) | some x in [1, 1]]\n",
		"{\"n\": 0}",
		"{\"r\": [2, 2, 2], \"s\": [7, 7, 7], \"t\": [102, 102, 102], \"u\": [2, 2]}");
}

TEST(a_conflict_ends_it_each_time)
{
	expect("package p\nf(x) := x\nf(x) := 2\nr := [f(x) | some x in input]\n", "[2, 2, 3]",
		"eval_conflict_error 3:1 functions must not produce multiple outputs for same inputs");
}

TEST_MAIN()
