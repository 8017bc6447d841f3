// SPDX-License-Identifier: Apache-2.0
/*
 * test_known.c - what is worked out once: in one evaluation, and for the next ones
 */
#include "lib/rego_answer.h"
#include "lib/test.h"

#include <stdio.h>

enum {
	MEMORY_BYTES = 16 << 20,
	STEPS_COUNT = 100000,
	SMALL_BYTES = 8 << 10,
};

struct fixture {
	struct arena arena;
	struct rego_policy *policy;
	struct rego_known known;
	const struct json *data;
};

static const struct json *value(struct fixture *f, const char *text)
{
	const struct json *ret;

	CHECK_INT(json_read(&f->arena, str_from(text), 0, &ret, NULL), 0);
	return ret;
}

static void begin(struct fixture *f, const char *text, const char *data, size_t memory_bytes)
{
	*f = (struct fixture){ .arena = ARENA_INIT(MEMORY_BYTES) };
	f->policy = rego_answer_compile(&f->arena, str_from(text), 0);
	CHECK(f->policy);
	f->data = value(f, data);
	CHECK_INT(rego_known_init(&f->known, rego_policy_plan(f->policy), f->data, memory_bytes), 0);
}

static void end(struct fixture *f)
{
	rego_known_fini(&f->known);
	rego_policy_free(f->policy);
	arena_fini(&f->arena);
}

static const char *ask(struct fixture *f, const char *input, uint64_t steps)
{
	const struct rego_asked asked = {
		.arena = &f->arena, .policy = f->policy, .input = value(f, input), .data = f->data,
		.steps = steps, .memory_bytes = MEMORY_BYTES, .known = &f->known,
	};

	return rego_answer(&asked);
}

static size_t known_count(const struct fixture *f)
{
	size_t count = 0;

	for (size_t i = 0; i < f->known.plan->value_count; i++)
		count += f->known.values[i] != NULL;
	return count;
}

TEST(what_looks_at_the_input_is_found_out_each_time)
{
	struct fixture f;

	begin(&f, "package p\nlimit := data.base.limit\nover if input.n > limit\nsame := input.n\n",
		"{\"base\": {\"limit\": 4}}", MEMORY_BYTES);
	CHECK_TEXT(ask(&f, "{\"n\": 9}", STEPS_COUNT), "{\"limit\": 4, \"over\": true, \"same\": 9}");
	CHECK_INT(known_count(&f), 1);
	CHECK_TEXT(ask(&f, "{\"n\": 3}", STEPS_COUNT), "{\"limit\": 4, \"same\": 3}");
	CHECK_TEXT(ask(&f, "{}", STEPS_COUNT), "{\"limit\": 4}");
	CHECK_INT(known_count(&f), 1);
	end(&f);
}

TEST(what_is_known_costs_no_steps)
{
	struct fixture f;

	begin(&f,
		"package p\nsum_ := sum([y | some x in numbers.range(1, 100); y := x * x])\nr := sum_ + input\n",
		"{}", MEMORY_BYTES);
	CHECK(strstr(ask(&f, "1", 50), "steps"));
	CHECK_TEXT(ask(&f, "1", STEPS_COUNT), "{\"r\": 338351, \"sum_\": 338350}");
	CHECK_TEXT(ask(&f, "2", 50), "{\"r\": 338352, \"sum_\": 338350}");
	end(&f);
}

TEST(undefined_is_known_too_and_the_clock_is_not)
{
	struct fixture f;

	begin(&f,
		"package p\na if data.nothing.here\nb := time.now_ns()\nc := rand.intn(\"x\", 5)\nd if not a\n",
		"{}", MEMORY_BYTES);
	CHECK(strstr(ask(&f, "1", STEPS_COUNT), "\"d\": true"));
	CHECK_INT(known_count(&f), 2);
	CHECK(strstr(ask(&f, "1", STEPS_COUNT), "\"b\": 1600000000000000000"));
	CHECK_INT(known_count(&f), 2);
	end(&f);
}

static size_t place_of(const struct fixture *f, const char *name)
{
	size_t at = 0;

	while (at < f->known.plan->place_count && strcmp(f->known.plan->functions[at].name, name))
		at++;
	CHECK(at < f->known.plan->place_count);
	return at;
}

/*
 * The first evaluation finds what is steady, the second one what is said about it, the third one only looks.
 */
TEST(calls_about_what_is_known_cost_no_steps_either)
{
	struct fixture f;

	begin(&f,
		"package p\nabout_ := {\"n\": data.base.n}\nsquares(a, k) := {k: sum([y | some x in numbers.range(1, a.n); y := x * x])}\n"
		"r := squares(about_, input)\n",
		"{\"base\": {\"n\": 100}}", MEMORY_BYTES);
	CHECK(strstr(ask(&f, "\"k\"", 50), "steps"));
	for (int i = 0; i < 2; i++)
		CHECK_TEXT(ask(&f, "\"k\"", STEPS_COUNT),
			"{\"about_\": {\"n\": 100}, \"r\": {\"k\": 338350}}");
	CHECK_TEXT(ask(&f, "\"k\"", 50), "{\"about_\": {\"n\": 100}, \"r\": {\"k\": 338350}}");
	CHECK(strstr(ask(&f, "\"l\"", 50), "steps"));
	CHECK_TEXT(ask(&f, "\"l\"", STEPS_COUNT), "{\"about_\": {\"n\": 100}, \"r\": {\"l\": 338350}}");
	CHECK_TEXT(ask(&f, "\"l\"", 50), "{\"about_\": {\"n\": 100}, \"r\": {\"l\": 338350}}");
	CHECK_TEXT(ask(&f, "\"k\"", 50), "{\"about_\": {\"n\": 100}, \"r\": {\"k\": 338350}}");
	end(&f);
}

/* 1 and "1", true and "true", long texts, and what is undefined. */
TEST(known_calls_are_told_apart_by_all_operands)
{
	static const char *const inputs[] = { "1", "\"1\"", "1.0", "true", "null", "\"\"", "-1", "[]",
		"\"undefined\"",
		"\"0123456789012345678901234567890123456789012345678901234567890123456789\"" };
	char wanted[256];
	struct fixture f;

	begin(&f,
		"package p\na_ := {\"n\": data.n}\nf(a, x) := [a.n, x] if x != \"undefined\"\nr := f(a_, input)\n",
		"{\"n\": 7}", MEMORY_BYTES);
	for (int turn = 0; turn < 3; turn++)
		for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
			snprintf(wanted, sizeof(wanted), "{\"a_\": {\"n\": 7}, \"r\": [7, %s]}", inputs[i]);
			CHECK_TEXT(ask(&f, inputs[i], STEPS_COUNT),
				strstr(inputs[i], "undefined") ? "{\"a_\": {\"n\": 7}}" : wanted);
		}
	end(&f);
}

/* What looks at the input, the clock or chance is no such call, however steady its operands are. */
TEST(calls_that_look_elsewhere_are_made_each_time)
{
	struct fixture f;

	begin(&f,
		"package p\na_ := {\"n\": data.n}\nf(a) := a.n + input\ng(a) := a.n + time.now_ns()\nh(a) := a.n\n"
		"r := [f(a_), h(a_), g(a_) > 0]\nw := x if x := h(a_) with data.n as 9\nv := x if x := h({\"n\": 1}) with h as 5\n",
		"{\"n\": 7}", MEMORY_BYTES);
	for (int i = 1; i < 5; i++) {
		char input[8], wanted[128];

		snprintf(input, sizeof(input), "%d", i);
		snprintf(wanted, sizeof(wanted),
			"{\"a_\": {\"n\": 7}, \"r\": [%d, 7, true], \"v\": 5, \"w\": 9}", 7 + i);
		CHECK_TEXT(ask(&f, input, STEPS_COUNT), wanted);
	}
	CHECK(f.known.plan->functions[place_of(&f, "data.p.h")].is_recalled);
	CHECK(!f.known.plan->functions[place_of(&f, "data.p.f")].is_recalled);
	CHECK(!f.known.plan->functions[place_of(&f, "data.p.g")].is_recalled);
	end(&f);
}

/* Whoever asks with ever other texts fills the table, and no more memory than that. */
TEST(calls_that_never_come_again_end)
{
	struct fixture f;
	char input[32];
	size_t before = 0;

	begin(&f, "package p\na_ := {\"n\": data.n}\nf(a, x) := [a.n, x]\nr := f(a_, input)\n", "{\"n\": 7}",
		MEMORY_BYTES);
	for (int i = 0; i < 1000; i++) {
		snprintf(input, sizeof(input), "\"%d\"", i);
		CHECK(strstr(ask(&f, input, STEPS_COUNT), input));
		if (i == 200)
			before = f.known.arena.used_bytes;
	}
	CHECK_INT(f.known.arena.used_bytes, before);
	end(&f);
}

/* Under replaced data or functions, what is steady elsewhere is another thing. */
TEST(with_sees_none_of_it)
{
	struct fixture f;

	begin(&f,
		"package p\nlimit := data.base.limit\nf(x) := x + limit\nfs := [f(1) | some _ in [1, 2]]\n"
		"a := x if x := limit with data.base.limit as 7\nb := x if x := fs with data.base as {\"limit\": 8}\n"
		"c := x if x := fs with f as 0\nd := x if x := fs with input as 1\n",
		"{\"base\": {\"limit\": 4}}", MEMORY_BYTES);
	for (int i = 0; i < 3; i++)
		CHECK_TEXT(ask(&f, "{}", STEPS_COUNT),
			"{\"a\": 7, \"b\": [9, 9], \"c\": [0, 0], \"d\": [5, 5], \"fs\": [5, 5], \"limit\": 4}");
	end(&f);
}

TEST(a_comprehension_in_a_loop_is_made_once)
{
	const char *text =
		"package p\nr := [x | some x in input.xs; not x in {lower(y) | some y in input.ys}]\n";
	struct fixture f;

	begin(&f, text, "{}", MEMORY_BYTES);
	CHECK(f.known.plan->value_count > f.known.plan->place_count);
	CHECK_TEXT(ask(&f, "{\"xs\": [\"a\", \"b\", \"c\"], \"ys\": [\"B\"]}", STEPS_COUNT),
		"{\"r\": [\"a\", \"c\"]}");
	CHECK_TEXT(ask(&f, "{\"xs\": [\"a\", \"b\", \"c\"], \"ys\": [\"A\"]}", STEPS_COUNT),
		"{\"r\": [\"b\", \"c\"]}");
	CHECK_INT(known_count(&f), 0);
	end(&f);
}

/* One that uses a variable of the loop is another one in each turn. */
TEST(a_comprehension_over_a_variable_is_made_each_time)
{
	struct fixture f;

	begin(&f,
		"package p\nr := [[y | some y in x; y > 1] | some x in data.xs]\ng(x) := [y | y := x + 1]\ns := [g(x) | some x in [1, 2]]\n",
		"{\"xs\": [[1, 2], [3]]}", MEMORY_BYTES);
	CHECK_TEXT(ask(&f, "1", STEPS_COUNT), "{\"r\": [[2], [3]], \"s\": [[2], [3]]}");
	CHECK_TEXT(ask(&f, "1", STEPS_COUNT), "{\"r\": [[2], [3]], \"s\": [[2], [3]]}");
	end(&f);
}

/* Members are looked for first where the last one was. */
TEST(members_are_found_wherever_they_are)
{
	struct fixture f;

	begin(&f,
		"package p\nr := [v | some x in input.xs; v := object.get({\"k\": x.b}, \"k\", 0)]\nm := count([1 | some x in input.xs; not x.b])\n",
		"{}", MEMORY_BYTES);
	for (int i = 0; i < 2; i++)
		CHECK_TEXT(ask(&f,
		"{\"xs\": [{\"a\": 1, \"b\": 2}, {\"b\": 3}, {\"a\": 4, \"aa\": 0, \"b\": 5}, {\"c\": 1}, {},"
		"[1], 7, {\"bb\": 1, \"b\": 6}]}",
		STEPS_COUNT),
			"{\"m\": 4, \"r\": [2, 3, 5, 6]}");
	end(&f);
}

TEST(where_there_is_no_room_nothing_is_known)
{
	struct fixture f;

	begin(&f, "package p\na := numbers.range(1, 1000)\nb := 1 + data.one\n", "{\"one\": 1}", SMALL_BYTES);
	CHECK(strstr(ask(&f, "1", STEPS_COUNT), "\"b\": 2"));
	CHECK(f.known.is_full);
	CHECK(strstr(ask(&f, "1", STEPS_COUNT), "\"b\": 2"));
	end(&f);
}

TEST_MAIN()
