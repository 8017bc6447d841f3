// SPDX-License-Identifier: Apache-2.0
/*
 * test_index.c - rules that are looked up say what they say when they are tried one by one
 */
#include "lib/rego_answer.h"
#include "lib/test.h"

enum {
	MEMORY_MAX_BYTES = 16 << 20,
	STEPS_MAX = 100000,
};

struct row {
	const char *input, *wanted, *strict;	/* strict: NULL: the same */
};

static const char *answer(struct arena *arena, struct rego_policy *policy, const char *input, bool is_strict)
{
	static const struct json nothing = { .type = JSON_OBJECT, .height = 1 };
	struct rego_asked asked = {
		.arena = arena, .policy = policy, .data = &nothing, .steps = STEPS_MAX,
		.memory_bytes = MEMORY_MAX_BYTES, .is_strict = is_strict,
	};

	CHECK_INT(json_read(arena, str_from(input), 0, &asked.input, NULL), 0);
	return rego_answer(&asked);
}

static void expect(const char *text, const struct row *rows, size_t count)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX_BYTES);
	struct rego_policy *fast = rego_answer_compile(&arena, str_from(text), 0);
	struct rego_policy *plain = rego_answer_compile(&arena, str_from(text), REGO_POLICY_PLAIN);

	CHECK(fast && plain);
	CHECK(rego_policy_plan(fast)->unit.choice_count > 0);
	CHECK_INT(rego_policy_plan(plain)->unit.choice_count, 0);
	for (size_t i = 0; i < count; i++) {
		const char *strict = rows[i].strict ? rows[i].strict : rows[i].wanted;

		CHECK_TEXT(answer(&arena, fast, rows[i].input, false), rows[i].wanted);
		CHECK_TEXT(answer(&arena, plain, rows[i].input, false), rows[i].wanted);
		CHECK_TEXT(answer(&arena, fast, rows[i].input, true), strict);
		CHECK_TEXT(answer(&arena, plain, rows[i].input, true), strict);
	}
	rego_policy_free(fast);
	rego_policy_free(plain);
}

#define EXPECT(text, ...) \
	expect((text), (const struct row[]){ __VA_ARGS__ }, sizeof((const struct row[]){ __VA_ARGS__ }) / \
		sizeof(struct row))

TEST(equal_numbers_are_one_value)
{
	EXPECT("package p\n"
	       "d contains 1 if input.a == 1\n"
	       "d contains 2 if 1.0 == input.a\n"
	       "d contains 3 if input.a in {1, \"x\"}\n"
	       "d contains 4 if input.a == \"x\"\n"
	       "d contains 5 if input.b\n",
		{ "{\"a\": 1e0}", "{\"d\": {1, 2, 3}}", NULL },
		{ "{\"a\": \"x\", \"b\": 0}", "{\"d\": {3, 4, 5}}", NULL },
		{ "{\"a\": [1]}", "{\"d\": set()}", NULL }, { "{}", "{\"d\": set()}", NULL });
}

TEST(a_beginning_has_the_rules_of_its_own_beginnings)
{
	EXPECT("package p\n"
	       "d contains 1 if startswith(input.a, \"\")\n"
	       "d contains 2 if startswith(input.a, \"ab\")\n"
	       "d contains 3 if startswith(input.a, \"abcd\")\n"
	       "d contains 4 if startswith(input.a, \"abd\")\n"
	       "d contains 5 if startswith(input.a, \"b\")\n",
		{ "{\"a\": \"abcde\"}", "{\"d\": {1, 2, 3}}", NULL },
		{ "{\"a\": \"abcz\"}", "{\"d\": {1, 2}}", NULL },
		{ "{\"a\": \"abda\"}", "{\"d\": {1, 2, 4}}", NULL },
		{ "{\"a\": \"\"}", "{\"d\": {1}}", NULL }, { "{\"a\": \"c\"}", "{\"d\": {1}}", NULL },
		{ "{}", "{\"d\": set()}", NULL },
		{ "{\"a\": 1}", "{\"d\": set()}",
			"eval_type_error 2:17 startswith: operand 1 must be string but got number" });
}

TEST(a_constant_operand_is_looked_up)
{
	EXPECT("package p\n"
	       "f(\"a\", _) := 1\n"
	       "f(\"b\", y) := y\n"
	       "f(x, 3) := 4 if x == \"c\"\n"
	       "f(\"d\", _) := 5\n"
	       "f(x, _) := 6 if x == \"e\"\n"
	       "default f(_, _) := 0\n"
	       "r := [f(input.a, 3), f(input.a, 4)]\n",
		{ "{\"a\": \"a\"}", "{\"r\": [1, 1]}", NULL }, { "{\"a\": \"b\"}", "{\"r\": [3, 4]}", NULL },
		{ "{\"a\": \"c\"}", "{\"r\": [4, 0]}", NULL }, { "{\"a\": \"e\"}", "{\"r\": [6, 6]}", NULL },
		{ "{\"a\": null}", "{\"r\": [0, 0]}", NULL }, { "{}", "{}", NULL });
}

TEST(a_rule_with_else_is_always_tried)
{
	EXPECT("package p\n"
		"r := 1 if input.a == \"a\"\n"
		"r := 2 if input.a == \"b\"\n"
		"r := 3 if input.a == \"c\"\n"
		"r := 4 if input.a == \"d\"\n"
		"r := 5 if {\n\tinput.a == \"e\"\n} else := 2 if {\n\tinput.a == \"b\"\n} else := 7 if input.a == \"a\"\n",
		{ "{\"a\": \"b\"}", "{\"r\": 2}", NULL }, { "{\"a\": \"e\"}", "{\"r\": 5}", NULL },
		{ "{\"a\": \"d\"}", "{\"r\": 4}", NULL },
		{ "{\"a\": \"a\"}",
			"eval_conflict_error 10:3 complete rules must not produce multiple outputs", NULL });
}

TEST(errors_in_front_of_a_comparison_stay)
{
	EXPECT("package p\n"
	       "d contains 1 if {\n\tto_number(input.b) == 1\n\tinput.a == \"a\"\n}\n"
	       "d contains 2 if input.a == \"a\"\n"
	       "d contains 3 if input.a == \"b\"\n"
	       "d contains 4 if input.a == \"c\"\n"
	       "d contains 5 if input.a == \"d\"\n",
		{ "{\"a\": \"c\", \"b\": \"x\"}", "{\"d\": {4}}",
			"eval_builtin_error 3:2 to_number: strconv.ParseFloat: parsing \"x\": invalid syntax" },
		{ "{\"a\": \"a\", \"b\": \"1\"}", "{\"d\": {1, 2}}", NULL });
}

TEST(a_replaced_function_decides_for_itself)
{
	EXPECT("package p\n"
	       "d contains 1 if startswith(input.a, \"a\")\n"
	       "d contains 2 if startswith(input.a, \"b\")\n"
	       "d contains 3 if startswith(input.a, \"c\")\n"
	       "d contains 4 if startswith(input.a, \"d\")\n"
	       "r := x if x := d with startswith as endswith\n"
	       "s := x if x := d with input.a as \"cc\"\n",
		{ "{\"a\": \"da\"}", "{\"d\": {4}, \"r\": {1}, \"s\": {3}}", NULL });
}

TEST(keys_and_paths_are_looked_up_too)
{
	EXPECT("package p\n"
	       "o[k] := 1 if {\n\tinput.a == \"a\"\n\tsome k in input.ks\n}\n"
	       "o[k] := 2 if {\n\tinput.a == \"b\"\n\tsome k in input.ks\n}\n"
	       "o[k] := 3 if {\n\tinput.a == \"b\"\n\tsome k in input.ks\n\tinput.c\n}\n"
	       "o[k] := 4 if {\n\tinput.a == \"d\"\n\tsome k in input.ks\n}\n",
		{ "{\"a\": \"b\", \"ks\": [\"x\", \"y\"]}", "{\"o\": {\"x\": 2, \"y\": 2}}", NULL },
		{ "{\"a\": \"b\", \"c\": 1, \"ks\": [\"x\"]}",
			"eval_conflict_error 15:1 object keys must be unique", NULL },
		{ "{\"a\": \"c\", \"ks\": [\"x\"]}", "{\"o\": {}}", NULL });
}

TEST_MAIN()
