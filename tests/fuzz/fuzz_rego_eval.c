// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rego_eval.c - what holds for every module that is compiled and asked for all of its package
 *
 *   - compiling gives a policy or says what is wrong, also with little memory
 *   - its instructions read nothing that was not set (lib/plan_check.h): the machine clears no frame
 *   - evaluating gives a value, none, or an error, within its steps and its memory
 *   - with fewer steps or less memory it gives the same, or says that it was stopped
 *   - values are well-formed: they are written, and what JSON can say is read back the same
 */
#include "lib/plan_check.h"
#include "rego/machine.h"
#include "rego/policy.h"

#include <errno.h>

enum {
	PARSE_MAX_BYTES = 64 << 20,
	COMPILE_MAX_BYTES = 64 << 20,
	EVALUATE_MAX_BYTES = 8 << 20,
	STEPS_MAX = 100000,
	WHY_MAX_BYTES = 4096,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json *ask(const struct rego_policy *policy, struct arena *arena, uint64_t steps,
	enum rego_fault_code *ret)
{
	static const struct json nothing = { .type = JSON_OBJECT, .height = 1 };
	static const struct json items[] = {
		{ .type = JSON_INT, .integer = 3 }, { .type = JSON_STRING, .text = STR("a") },
		{ .type = JSON_BOOL },
	};
	static const struct json *const list[] = { &items[0], &items[1], &items[2], &nothing };
	static const struct json input = { .type = JSON_ARRAY, .height = 2,
		.array = { list, ARRAY_SIZE(list) } };
	struct rego_moment moment = { .now_ns = 1 };
	struct rego_budget budget;
	struct rego_machine machine = {
		.plan = rego_policy_plan(policy), .arena = arena, .budget = &budget, .moment = &moment,
		.is_strict = true,
	};

	rego_budget_init(&budget, steps, NULL, NULL);
	rego_machine_run(&machine, rego_policy_find(policy, NULL, 0), &input, &nothing);
	*ret = machine.fault.code;
	rego_machine_fini(&machine);
	return machine.result;
}

static void check_text(const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(PARSE_MAX_BYTES);
	scoped(arena) struct arena arena = ARENA_INIT(PARSE_MAX_BYTES);
	const struct json *again;
	int r = json_write(&buf, value, JSON_WRITE_CANONICAL);

	assert(r == 0 || r == -EMSGSIZE);
	if (r == 0 && !value->is_term) {
		r = json_read(&arena, (struct str){ buf.data, buf.len }, 0, &again, NULL);
		assert(r == 0 && json_equal(value, again));
	}
}

static void check_plan(const struct rego_policy *policy)
{
	scoped(buf) struct buf why = BUF_INIT(WHY_MAX_BYTES);

	assert(plan_check(rego_policy_plan(policy), &why));
}

static void check_policy(const struct rego_policy *policy)
{
	scoped(arena) struct arena arena = ARENA_INIT(EVALUATE_MAX_BYTES),
		other = ARENA_INIT(EVALUATE_MAX_BYTES);
	enum rego_fault_code code, less_code;
	const struct json *value = ask(policy, &arena, STEPS_MAX, &code), *less;
	const uint64_t steps[] = { 1, 10, 100, 1000 };
	const size_t bytes[] = { 64, 512, 4096, 65536 };

	if (value)
		check_text(value);
	for (size_t i = 0; code != REGO_FAULT_STOPPED && i < ARRAY_SIZE(steps); i++) {
		scoped(arena) struct arena small = ARENA_INIT(bytes[i]);

		arena_reset(&other);
		less = ask(policy, &other, steps[i], &less_code);
		assert(less_code == REGO_FAULT_STOPPED || (less_code == code && json_equal(less, value)));
		less = ask(policy, &small, STEPS_MAX, &less_code);
		assert(less_code == REGO_FAULT_STOPPED || (less_code == code && json_equal(less, value)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(PARSE_MAX_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	struct rego_source source = { "fuzz.rego", { (const char *)data, size } };
	const struct rego_module *module = rego_parse_module(&source, 0, &arena, &diags);
	struct rego_policy *policy;

	if (!module)
		return 0;
	policy = rego_policy_new(&module, 1, 0, COMPILE_MAX_BYTES, &diags);
	assert(!policy == (diags.count > 0));
	if (policy) {
		check_plan(policy);
		check_policy(policy);
	}
	rego_policy_free(policy);
	diags = (struct rego_diags)REGO_DIAGS_INIT(&arena);
	rego_policy_free(rego_policy_new(&module, 1, 0, size * 64, &diags));
	return 0;
}
