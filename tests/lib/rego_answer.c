// SPDX-License-Identifier: Apache-2.0
/*
 * rego_answer.c - one evaluation, made into a text
 */
#include "rego_answer.h"

#include "base/buf.h"

enum {
	ANSWER_MAX = 1 << 22,
	POLICY_MAX = 64 << 20,
};

static const char *copy(struct arena *arena, const char *text, size_t len)
{
	const char *kept = arena_copy(arena, text, len);

	if (!kept)
		abort();
	return kept;
}

struct rego_policy *rego_answer_compile(struct arena *arena, struct str text, unsigned flags)
{
	struct rego_diags diags = REGO_DIAGS_INIT(arena);
	struct rego_source *source = arena_alloc(arena, sizeof(*source));
	const struct rego_module *module;

	if (!source)
		abort();
	*source = (struct rego_source){ "p.rego", { copy(arena, text.data, text.len), text.len } };
	module = rego_parse_module(source, 0, arena, &diags);
	return module ? rego_policy_new(&module, 1, flags, POLICY_MAX, &diags) : NULL;
}

static void write_answer(struct buf *buf, const struct rego_machine *machine)
{
	static const char *const names[] = {
		[REGO_FAULT_NONE] = "", [REGO_FAULT_BUILTIN] = "eval_builtin_error",
		[REGO_FAULT_TYPE] = "eval_type_error", [REGO_FAULT_CONFLICT] = "eval_conflict_error",
		[REGO_FAULT_MERGE] = "eval_with_merge_error", [REGO_FAULT_STOPPED] = "eval_cancel_error",
	};
	const struct rego_fault *fault = &machine->fault;

	if (fault->code)
		buf_printf(buf, "%s %u:%u %s", names[fault->code], fault->at.line, fault->at.column,
			fault->text);
	else if (machine->result)
		json_write(buf, machine->result, JSON_WRITE_TERM);
	else
		buf_append_str(buf, "undefined");
}

const char *rego_answer(const struct rego_asked *asked)
{
	static const char *const path[] = { "p" };
	scoped(arena) struct arena scratch = ARENA_INIT(asked->memory_bytes);
	scoped(buf) struct buf buf = BUF_INIT(ANSWER_MAX);
	struct rego_moment moment = { .now_ns = 1600000000000000000 };
	struct rego_budget budget;
	struct rego_machine machine = {
		.plan = rego_policy_plan(asked->policy), .arena = &scratch, .budget = &budget,
		.moment = &moment, .is_strict = asked->is_strict, .known = asked->known,
		.cache = asked->cache,
	};

	for (int turn = 0; turn <= asked->is_repeated; turn++) {
		arena_reset(&scratch);
		rego_budget_init(&budget, asked->steps, NULL, NULL);
		(void)rego_machine_run(&machine, rego_policy_find(asked->policy, path, ARRAY_SIZE(path)),
			asked->input, asked->data);
	}
	write_answer(&buf, &machine);
	rego_machine_fini(&machine);
	return copy(asked->arena, buf.data, buf.len);
}
