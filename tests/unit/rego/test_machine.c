// SPDX-License-Identifier: Apache-2.0
/*
 * test_machine.c - policies that want too much, each of them stopped with the reason
 */
#include "rego/machine.h"
#include "rego/policy.h"

#include "lib/test.h"

#include <errno.h>
#include <stdio.h>

enum {
	PARSE_MAX_BYTES = 256 << 20,
	MEMORY_MAX_BYTES = 16 << 20,
	STEPS_MAX = 2000000,
};

static void ask(struct str text, enum rego_fault_code wanted, enum rego_stop stop)
{
	static const struct json nothing = { .type = JSON_OBJECT, .height = 1 };
	scoped(arena) struct arena memory = ARENA_INIT(PARSE_MAX_BYTES),
		scratch = ARENA_INIT(MEMORY_MAX_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&memory);
	struct rego_source source = { "p.rego", text };
	const struct rego_module *module = rego_parse_module(&source, 0, &memory, &diags);
	struct rego_policy *policy = module ? rego_policy_new(&module, 1, 0, PARSE_MAX_BYTES, &diags) : NULL;
	const char *const path[] = { "p", "x" };
	struct rego_moment moment = { .now_ns = 0 };
	struct rego_budget budget;
	struct rego_machine machine = { .arena = &scratch, .budget = &budget, .moment = &moment };

	CHECK(policy);
	machine.plan = rego_policy_plan(policy);
	rego_budget_init(&budget, STEPS_MAX, NULL, NULL);
	CHECK_INT(rego_machine_run(&machine, rego_policy_find(policy, path, 2), NULL, &nothing),
		wanted ? -EBADMSG : 0);
	CHECK_INT(machine.fault.code, wanted);
	CHECK_INT(budget.stop, stop);
	rego_machine_fini(&machine);
	rego_policy_free(policy);
}

TEST(loops_within_loops_use_up_the_steps)
{
	ask(STR("package p\nxs := numbers.range(1, 1000)\nx if { some a in xs; some b in xs; some c in xs; a < b; b < c; c < a }"),
		REGO_FAULT_STOPPED, REGO_STOP_STEPS);
}

TEST(what_is_collected_uses_up_the_memory)
{
	ask(STR("package p\nxs := numbers.range(1, 1000)\nx := [[a, b] | some a in xs; some b in xs]"),
		REGO_FAULT_STOPPED, REGO_STOP_MEMORY);
}

TEST(a_value_that_doubles_ends_soon)
{
	ask(STR("package p\na := [1, 1]\nb := [a, a]\nc := [b, b]\nd := array.concat(numbers.range(1, 1000000), c)\nx := d"),
		REGO_FAULT_STOPPED, REGO_STOP_MEMORY);
}

/* r0 waits for r1, which waits for r2, ...: frames, and none of them on the stack of the process. */
TEST(a_long_chain_of_rules_is_no_deep_stack)
{
	enum {
		RULES = 20000,
		LINE_MAX_BYTES = 64,
	};
	static char text[RULES * LINE_MAX_BYTES];
	size_t len = (size_t)snprintf(text, sizeof(text), "package p\nx := r0\n");

	for (int i = 0; i < RULES; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "r%d := r%d\n", i, i + 1);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "r%d := 1\n", RULES);
	ask((struct str){ text, len }, REGO_FAULT_NONE, REGO_STOP_NONE);
}

TEST(contradictions_are_errors_of_their_own)
{
	ask(STR("package p\nx := 1\nx := 2"), REGO_FAULT_CONFLICT, REGO_STOP_NONE);
	ask(STR("package p\nf(y) := y\nf(y) := y + 1\nx := f(1)"), REGO_FAULT_CONFLICT, REGO_STOP_NONE);
	ask(STR("package p\nx[k] := v if { some k in [1, 1]; some v in [2, 3] }"), REGO_FAULT_CONFLICT,
		REGO_STOP_NONE);
}

TEST_MAIN()
