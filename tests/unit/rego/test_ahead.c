// SPDX-License-Identifier: Apache-2.0
/*
 * test_ahead.c - references that bind what stands before them in the same expression
 */
#include "lib/rego_answer.h"
#include "lib/test.h"

#include <stdio.h>

enum {
	MEMORY_MAX_BYTES = 16 << 20,
	STEPS_MAX = 100000,
};

static void expect(const char *rule, const char *wanted, unsigned flags)
{
	static const struct json nothing = { .type = JSON_OBJECT, .height = 1 };
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX_BYTES);
	char text[512];
	struct rego_asked asked = {
		.arena = &arena, .data = &nothing, .steps = STEPS_MAX, .memory_bytes = MEMORY_MAX_BYTES,
	};

	(void)snprintf(text, sizeof(text), "package p\nf(a, b) := a + b\n%s\n", rule);
	asked.policy = rego_answer_compile(&arena, str_from(text), flags);
	CHECK(asked.policy);
	CHECK_INT(json_read(&arena, STR("{\"q\": [5, 6], \"o\": {\"a\": \"b\", \"b\": \"b\"}}"), 0,
		&asked.input, NULL),
		0);
	CHECK_TEXT(rego_answer(&asked), wanted);
	rego_policy_free(asked.policy);
}

static const struct {
	const char *rule, *wanted;
} rows[] = {
	{ "r contains y if { some x; y := x + input.q[x] }", "{\"r\": {5, 7}}" },
	{ "r contains y if { some x; y := f(x, input.q[x]) }", "{\"r\": {5, 7}}" },
	{ "r contains y if y := sprintf(\"%d %d\", [x, input.q[x]])", "{\"r\": {\"0 5\", \"1 6\"}}" },
	{ "r contains y if { some x; y := [x, input.q[x]] }", "{\"r\": {[0, 5], [1, 6]}}" },
	{ "r contains y if { some x; y := {x: input.q[x]} }", "{\"r\": {{0: 5}, {1: 6}}}" },
	{ "r contains y if { some x; y = {x, input.q[x]} }", "{\"r\": {{0, 5}, {1, 6}}}" },
	{ "r contains y if { some x; count([x, [input.q[x]]]) == 2; y := x }", "{\"r\": {0, 1}}" },
	{ "r := count([x, input.q[x]])", "{\"r\": 2}" },
	{ "r contains x if { some x; x == input.o[x] }", "{\"r\": {\"b\"}}" },
	{ "r contains x if { some x; [x, input.q[x]] }", "{\"r\": {0, 1}}" },
	{ "r contains x if { some x, y; f(x, [input.q[x], y, input.q[y]][2]) == 6 }", "{\"r\": {0, 1}}" },
	{ "r := [y | some x; y := x + input.q[x]; not f(x, input.q[x]) == 5]", "{\"r\": [7]}" },
	{ "r contains y if { some x; y := x + input.q[x] with input.q as [7] }", "{\"r\": {7}}" },
};

TEST(what_is_bound_behind_is_there)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		expect(rows[i].rule, rows[i].wanted, 0);
		expect(rows[i].rule, rows[i].wanted, REGO_POLICY_PLAIN);
	}
}

TEST_MAIN()
