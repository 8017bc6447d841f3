// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rego_known.c - what holds for every module that is asked again and again, with what is known kept
 *
 * MODULE [NUL INPUT [NUL INPUT]]: the module is asked for all of data, about one input, the other one, and
 * both once more, by one machine that keeps what it found: rules, sites, calls about what is known, patterns
 * and the places of members. Beside it the same module, compiled without anything that only makes it fast,
 * is asked by a new machine each time.
 *
 *   - neither's instructions read what was not set (lib/plan_check.h): the machine clears no frame
 *   - both answer the same, or end with the same error
 *   - with hardly any memory for what is known, and under the other rule for errors of built-ins, too
 *   - a member that is asked for by itself has the value that it has in the whole document
 *
 * Who has fewer steps to take may have an answer where the other one was stopped, and so what was stopped is
 * compared with nothing.
 */
#include "lib/plan_check.h"
#include "rego/cache.h"
#include "rego/known.h"
#include "rego/machine.h"
#include "rego/policy.h"

enum {
	PARSE_MAX_BYTES = 64 << 20,
	COMPILE_MAX_BYTES = 64 << 20,
	EVALUATE_MAX_BYTES = 8 << 20,
	KNOWN_MAX_BYTES = 1 << 20,
	KNOWN_FEW_BYTES = 64 << 10,
	CACHE_MAX_BYTES = 1 << 20,
	WHY_MAX_BYTES = 4096,
	STEPS_MAX = 100000,
	INPUTS_COUNT = 2,
	TURNS_COUNT = 4,
	MEMBERS_MAX = 8,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json nothing = { .type = JSON_OBJECT, .height = 1 };

struct answer {
	enum rego_fault_code code;
	const struct json *value;
};

/* Who asks: one policy, and what is kept from one turn to the next. */
struct asker {
	const struct rego_policy *policy;
	struct arena arena;		/* of the last answer */
	struct rego_machine machine;
	struct rego_known known;
	struct rego_cache cache;
	bool is_strict;
};

static void prepare(struct asker *asker, struct rego_budget *budget, const struct rego_moment *moment)
{
	arena_reset(&asker->arena);
	rego_budget_init(budget, STEPS_MAX, NULL, NULL);
	asker->machine.plan = rego_policy_plan(asker->policy);
	asker->machine.arena = &asker->arena;
	asker->machine.budget = budget;
	asker->machine.moment = moment;
	asker->machine.is_strict = asker->is_strict;
}

static struct answer ask(struct asker *asker, const struct json *input)
{
	const struct rego_moment moment = { .now_ns = 1 };
	struct rego_budget budget;

	prepare(asker, &budget, &moment);
	rego_machine_run(&asker->machine, rego_policy_find(asker->policy, NULL, 0), input, &nothing);
	return (struct answer){ asker->machine.fault.code, asker->machine.result };
}

static struct answer ask_plainly(const struct rego_policy *policy, struct arena *arena, bool is_strict,
	const struct json *input)
{
	struct asker asker = { .policy = policy, .arena = *arena, .is_strict = is_strict };
	struct answer answer = ask(&asker, input);

	rego_machine_fini(&asker.machine);
	*arena = asker.arena;
	return answer;
}

static bool is_same(const struct json *a, const struct json *b)
{
	return a && b ? json_equal(a, b) : !a && !b;
}

static void check_answer(const struct answer *answer, const struct answer *wanted)
{
	if (answer->code == REGO_FAULT_STOPPED || wanted->code == REGO_FAULT_STOPPED)
		return;
	assert(answer->code == wanted->code);
	assert(answer->code || is_same(answer->value, wanted->value));
}

/* The same members as of @document, which somebody else was given, each by itself. */
static void check_members(struct asker *asker, const struct json *input, const struct json *document)
{
	scoped(arena) struct arena arena = ARENA_INIT(PARSE_MAX_BYTES);
	const struct rego_moment moment = { .now_ns = 1 };
	const struct json *values[MEMBERS_MAX];
	struct rego_entry entries[MEMBERS_MAX];
	size_t count = MIN(document->object.count, (size_t)MEMBERS_MAX);
	struct rego_budget budget;

	for (size_t i = 0; i < count; i++) {
		const struct json *key = document->object.members[i].key;

		if (key->type != JSON_STRING || memchr(key->text.data, '\0', key->text.len))
			return;
		if (rego_policy_member(asker->policy, NULL, 0, key->text.data, &arena, &entries[i]) < 0)
			return;
	}
	prepare(asker, &budget, &moment);
	if (rego_machine_ask(&asker->machine, entries, count, input, &nothing, values) < 0) {
		assert(asker->machine.fault.code == REGO_FAULT_STOPPED);
		return;
	}
	for (size_t i = 0; i < count; i++)
		assert(is_same(values[i], document->object.members[i].value));
}

static void check_turns(const struct rego_policy *policy, const struct rego_policy *plain,
	const struct json *const inputs[INPUTS_COUNT], bool is_strict, size_t known_bytes)
{
	scoped(arena) struct arena arena = ARENA_INIT(EVALUATE_MAX_BYTES);
	struct asker asker = {
		.policy = policy, .arena = ARENA_INIT(EVALUATE_MAX_BYTES), .is_strict = is_strict,
		.cache = REGO_CACHE_INIT(CACHE_MAX_BYTES),
	};
	bool has_known = rego_known_init(&asker.known, rego_policy_plan(policy), &nothing, known_bytes) >= 0;

	asker.known.is_strict = is_strict;
	asker.machine.known = has_known ? &asker.known : NULL;
	asker.machine.cache = &asker.cache;
	for (size_t i = 0; i < TURNS_COUNT; i++) {
		const struct json *input = inputs[i % INPUTS_COUNT];
		const struct answer wanted = ask_plainly(plain, &arena, is_strict, input);
		const struct answer answer = ask(&asker, input);

		check_answer(&answer, &wanted);
		if (!wanted.code && wanted.value && wanted.value->type == JSON_OBJECT)
			check_members(&asker, input, wanted.value);
		arena_reset(&arena);
	}
	rego_machine_fini(&asker.machine);
	rego_known_fini(&asker.known);
	rego_cache_fini(&asker.cache);
	arena_fini(&asker.arena);
}

static struct rego_policy *compile(const struct rego_module *module, unsigned flags, struct rego_diags *diags)
{
	struct rego_policy *policy = rego_policy_new(&module, 1, flags, COMPILE_MAX_BYTES, diags);
	scoped(buf) struct buf why = BUF_INIT(WHY_MAX_BYTES);

	assert(!policy || plan_check(rego_policy_plan(policy), &why));
	return policy;
}

/* Without the NUL's rest, or where it is no JSON: an input of our own. */
static const struct json *read_input(struct arena *arena, struct str text, const struct json *otherwise)
{
	const struct json *value;

	return text.len && json_read(arena, text, 0, &value, NULL) >= 0 ? value : otherwise;
}

static void check_module(const struct rego_module *module, struct arena *arena, struct str inputs)
{
	static const struct json number = { .type = JSON_INT, .integer = 3 };
	static const struct json text = { .type = JSON_STRING, .text = STR("a") };
	struct rego_diags diags = REGO_DIAGS_INIT(arena);
	struct rego_policy *policy = compile(module, 0, &diags), *plain;
	const struct json *values[INPUTS_COUNT];
	struct str first, second;

	if (!policy)
		return;
	plain = compile(module, REGO_POLICY_PLAIN, &diags);
	(void)str_cut(inputs, '\0', &first, &second);
	values[0] = read_input(arena, first, &number);
	values[1] = read_input(arena, second, &text);
	if (plain)
		for (int i = 0; i < 4; i++)
			check_turns(policy, plain, values, i & 1, i & 2 ? KNOWN_FEW_BYTES : KNOWN_MAX_BYTES);
	rego_policy_free(plain);
	rego_policy_free(policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(PARSE_MAX_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	struct str all = { (const char *)data, size }, text, inputs;
	struct rego_source source = { .name = "fuzz.rego" };
	const struct rego_module *module;

	(void)str_cut(all, '\0', &text, &inputs);
	source.text = text;
	module = rego_parse_module(&source, 0, &arena, &diags);
	if (module)
		check_module(module, &arena, inputs);
	return 0;
}
