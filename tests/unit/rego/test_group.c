// SPDX-License-Identifier: Apache-2.0
/*
 * test_group.c - loops that are looked up say what they say when they are gone through
 */
#include "lib/plan_check.h"
#include "lib/rego_answer.h"
#include "lib/test.h"

enum {
	MEMORY_MAX_BYTES = 16 << 20,
	STEPS_MAX = 100000,
	TEXT_MAX_BYTES = 1 << 16,
};

static const char list_text[] =
	"{\"list\": [{\"k\": 1, \"v\": \"b\"}, {\"k\": \"x\", \"v\": \"c\"}, 7, {\"v\": \"d\"}, {\"k\": 1.0, \"v\": \"a\"},"
	"{\"k\": 1, \"v\": \"b\"}, {\"k\": \"1\", \"v\": 2}]}";

static size_t groups_in(const struct rego_policy *policy)
{
	const struct rego_plan *plan = rego_policy_plan(policy);
	size_t count = 0;

	for (size_t i = 0; i < plan->place_count; i++)
		for (size_t k = 0; k < plan->functions[i].count; k++) {
			const struct rego_insn *insn = &plan->functions[i].insns[k];

			count += insn->op == REGO_OP_COLLECT && insn->b == REGO_COLLECT_GROUPS;
		}
	return count;
}

static const char *answer(struct arena *arena, struct rego_policy *policy, const char *input, uint64_t steps,
	bool is_strict)
{
	struct rego_asked asked = {
		.arena = arena, .policy = policy, .steps = steps, .memory_bytes = MEMORY_MAX_BYTES,
		.is_strict = is_strict,
	};

	CHECK_INT(json_read(arena, str_from(input), 0, &asked.input, NULL), 0);
	CHECK_INT(json_read(arena, str_from(list_text), 0, &asked.data, NULL), 0);
	return rego_answer(&asked);
}

/* @groups: how many of its loops are looked up; @strict: NULL: @wanted */
static void expect(const char *text, size_t groups, const char *input, const char *wanted, const char *strict)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX_BYTES);
	scoped(buf) struct buf why = BUF_INIT(TEXT_MAX_BYTES);
	struct rego_policy *fast = rego_answer_compile(&arena, str_from(text), 0);
	struct rego_policy *plain = rego_answer_compile(&arena, str_from(text), REGO_POLICY_NO_GROUPS);
	struct rego_policy *traced = rego_answer_compile(&arena, str_from(text), REGO_POLICY_TRACE);

	CHECK(fast && plain && traced);
	CHECK_INT(groups_in(fast), groups);
	CHECK_INT(groups_in(plain), 0);
	CHECK_INT(groups_in(traced), 0);
	CHECK(plan_check(rego_policy_plan(fast), &why));
	CHECK_TEXT(answer(&arena, fast, input, STEPS_MAX, false), wanted);
	CHECK_TEXT(answer(&arena, plain, input, STEPS_MAX, false), wanted);
	CHECK_TEXT(answer(&arena, fast, input, STEPS_MAX, true), strict ? strict : wanted);
	CHECK_TEXT(answer(&arena, plain, input, STEPS_MAX, true), strict ? strict : wanted);
	rego_policy_free(fast);
	rego_policy_free(plain);
	rego_policy_free(traced);
}

TEST(a_group_has_what_compares_equal_in_its_order)
{
	expect("package p\nr := [ys | some x in input; ys := [y.v | some y in data.list; y.key_of == x; y.k == 1]]\n",
		1, "[1]", "{\"r\": [[]]}", NULL);
	expect("package p\nr := [ys | some x in input; ys := [y.v | some y in data.list; y.k == x]]\n", 1,
		"[1, \"x\", 2, \"1\", null]", "{\"r\": [[\"b\", \"a\", \"b\"], [\"c\"], [], [2], []]}", NULL);
	expect("package p\nr := [ys | some x in input; ys := [[i, y.v] | y := data.list[i]; x.id = y.k]]\n",
		1, "[{\"id\": \"x\"}, {}, 1, {\"id\": 1.00}]",
		"{\"r\": [[[1, \"c\"]], [], [], [[0, \"b\"], [4, \"a\"], [5, \"b\"]]]}", NULL);
}

TEST(sets_objects_and_rules_have_groups_too)
{
	expect("package p\ns contains [x, y.v] if {\n\tsome x in input\n\tsome y in data.list\n\ty.k == x\n\tnot y.v == \"a\"\n}\n",
		1, "[1, \"x\"]", "{\"s\": {[1, \"b\"], [\"x\", \"c\"]}}", NULL);
	expect("package p\no[x] := ys if {\n\tsome x in input\n\tys := {y.v | some y in data.list; y.k == x}\n}\n",
		1, "[1, \"x\"]", "{\"o\": {1: {\"a\", \"b\"}, \"x\": {\"c\"}}}", NULL);
	expect("package p\nf(x) := count([1 | data.list[_].k == x])\nr := [f(1), f(\"x\"), f(2)]\n", 1, "1",
		"{\"r\": [3, 1, 0]}", NULL);
}

TEST(several_comparisons_in_a_row_are_one)
{
	expect("package p\nr := [n | some x in input; n := count([y | some y in data.list; y.k == x[0]; y.v == x[1]])]\n",
		1, "[[1, \"b\"], [1, \"a\"], [1, \"c\"], [1], [\"x\", \"c\"]]", "{\"r\": [2, 1, 0, 0, 1]}",
		NULL);
}

/* Two members with one key are an error of the group that has them, and only when it is asked for. */
TEST(a_conflict_is_met_where_it_was)
{
	const char *text =
		"package p\nr := [o | some x in input; o := {y.k: y.v | some y in data.list; y.k == x}]\n";

	expect(text, 1, "[\"x\", \"1\"]", "{\"r\": [{\"x\": \"c\"}, {\"1\": 2}]}", NULL);
	expect(text, 1, "[\"x\", 1]", "eval_conflict_error 2:39 object keys must be unique", NULL);
}

TEST(under_with_it_is_another_list)
{
	expect("package p\nr := [ys | some x in input.xs; ys := [y | some y in input.ys; y.k == x.k]]\n"
	       "s := x if x := r with input.ys as [{\"k\": 1, \"w\": 2}]\nt := [r, s]\n",
		1, "{\"xs\": [{\"k\": 1}, {\"k\": 2}], \"ys\": [{\"k\": 2}]}",
		"{\"r\": [[], [{\"k\": 2}]], \"s\": [[{\"k\": 1, \"w\": 2}], []], \"t\": [[[], [{\"k\": 2}]], [[{\"k\": 1, \"w\": 2}], []]]}",
		NULL);
}

/* What may be an error is not evaluated for more, nor earlier, than it was. */
TEST(what_could_be_an_error_stays_where_it_is)
{
	expect("package p\nr := [ys | some x in input; ys := [y | some y in data.list; to_number(y.k) == x]]\n",
		0, "[]", "{\"r\": []}", NULL);
	expect("package p\nr := [ys | some x in input; ys := [y.v | some y in data.list; startswith(y.v, \"a\"); y.k == x]]\n",
		0, "[1]", "{\"r\": [[\"a\"]]}",
		"eval_type_error 2:63 startswith: operand 1 must be string but got number");
	expect("package p\nr := [ys | some x in input; ys := [y.v | some y in data.list; y.k == x; startswith(y.v, \"a\")]]\n",
		1, "[1]", "{\"r\": [[\"a\"]]}", NULL);
	expect("package p\nr := [ys | some x in input; ys := [y.v | some y in data.list; y.k == x; startswith(y.v, \"a\")]]\n",
		1, "[\"1\"]", "{\"r\": [[]]}",
		"eval_type_error 2:73 startswith: operand 1 must be string but got number");
	expect("package p\nr := [ys | some x in input; ys := [y.v | some y in data.list; not 1 in y.v; y.k == x]]\n",
		1, "[\"x\"]", "{\"r\": [[\"c\"]]}", NULL);
	expect("package p\nr := [ys | some x in input; ys := [y.v | some y in data.list; y.v != 2; y.k == x]]\n"
	       "s := x if x := r with neq as lte\n",
		0, "[\"1\"]", "{\"r\": [[]], \"s\": [[2]]}", NULL);
}

TEST(a_rule_may_be_asked_for_by_the_loop_alone)
{
	const char *rules = "users contains y if some y in data.list\n";
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX_BYTES);
	static const struct {
		const char *body;
		size_t groups;
	} rows[] = {
		{ "some y in users; y.k == x.id", 1 },
		{ "users[y].k == x.id", 1 },
		{ "x.id == users[y].k", 0 },
		{ "some y in data.list; not y in users; y.k == x.id", 0 },
		{ "some y in data.list; y.k == users[x]", 0 },
		{ "some y in data.list; y.k == x.id with input as 1", 0 },
		{ "y := data.list[x]; y.k == x.id", 0 },
		{ "y := data.list[0]; y.k == x.id", 0 },
		{ "some y in data.list; y.k != x.id", 0 },
		{ "some y in data.list; y.k == 1", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX_BYTES);
		struct rego_policy *policy;

		buf_clear(&text);
		buf_printf(&text, "package p\n%sr := [ys | some x in input; ys := [y | %s]]\n", rules,
			rows[i].body);
		policy = rego_answer_compile(&arena, (struct str){ text.data, text.len }, 0);
		CHECK(policy);
		CHECK_INT(groups_in(policy), rows[i].groups);
		rego_policy_free(policy);
	}
}

/* Once for all, and then no more than there is to find. */
TEST(the_cost_is_that_of_both_lists_and_not_their_product)
{
	static const char policy_text[] =
		"package p\nxs := numbers.range(1, 300)\nys := [{\"k\": n} | some n in xs]\n"
		"r := count([1 | some x in xs; count([1 | some y in ys; y.k == x]) == 1])\n";
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX_BYTES);
	struct rego_policy *fast = rego_answer_compile(&arena, str_from(policy_text), 0);
	struct rego_policy *plain = rego_answer_compile(&arena, str_from(policy_text), REGO_POLICY_NO_GROUPS);

	CHECK(strstr(answer(&arena, fast, "1", 10000, false), "\"r\": 300"));
	CHECK(strstr(answer(&arena, plain, "1", 10000, false), "more steps"));
	CHECK(strstr(answer(&arena, plain, "1", STEPS_MAX, false), "\"r\": 300"));
	rego_policy_free(fast);
	rego_policy_free(plain);
}

TEST_MAIN()
