// SPDX-License-Identifier: Apache-2.0
/*
 * emit_trace.c - instructions for who looks on
 *
 * A policy that is to be traced, profiled or covered is compiled with more instructions; one that is not has
 * none of them, so looking on costs nothing where nobody does. Around each expression stands
 *
 *        Eval                     its mark is taken away
 *        the expression           fails to F, and where it holds goes on at H
 *     R: Redo, with a mark        what stands behind it fails to here; then the next solution
 *     F: Fail, unless marked      there is none, or none more
 *     H:
 *
 * What lowering made of one expression is traced as one, as it was written.
 */
#include "rego/emit.h"

void emit_event(struct emitter *emitter, enum rego_event_kind kind, uint32_t reg)
{
	if (emitter->compiler->has_trace)
		emit_insn(emitter, REGO_OP_TRACE, kind, reg, 0, 0);
}

/* Of several exprs in a row that became of one; Return: how many. */
static size_t emit_traced(struct emitter *emitter, const struct core_body *body, size_t first)
{
	const struct rego_expr *written = body->exprs[first]->written;
	uint32_t mark = emit_reg(emitter), redo = emit_label(emitter), failed = emit_label(emitter),
		 holds = emit_label(emitter), outer = emitter->fail, inner;
	size_t end = first;

	emitter->at = written->at;
	emit_event(emitter, REGO_EVENT_EVAL, mark);
	emitter->fail = failed;
	while (end < body->count && body->exprs[end]->written == written)
		emit_whole(emitter, body->exprs[end++]);
	inner = emitter->fail;
	emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, holds);
	emitter->at = written->at;
	emit_here(emitter, redo);
	emit_event(emitter, REGO_EVENT_REDO, mark);
	emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, inner);
	emit_here(emitter, failed);
	emit_event(emitter, REGO_EVENT_FAIL, mark);
	emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, outer);
	emit_here(emitter, holds);
	emitter->fail = redo;
	return end - first;
}

/* ---- cases of tests ---- */

static bool are_keys_bound(struct emitter *emitter, const struct core_rule *rule)
{
	struct varset used = varset_new(emitter->compiler, rule);

	for (size_t i = 0; i < rule->key_count; i++)
		varset_of_term(&used, rule->keys[i], VARSET_CLOSURES);
	return varset_is_within(&used, &emitter->bound, NULL);
}

static void emit_case(struct emitter *emitter, const struct core_rule *rule)
{
	uint32_t first = emit_terms(emitter, rule->keys, rule->key_count), all = emit_reg(emitter);

	emit_insn(emitter, REGO_OP_ARRAY, all, first, (uint32_t)rule->key_count, 0);
	emit_event(emitter, REGO_EVENT_CASE, all);
}

/* The keys are told as early as may be, so that a case that fails is known by its name. */
void emit_traced_body(struct emitter *emitter, const struct core_body *body)
{
	const struct core_rule *cases = emitter->cases;

	emitter->cases = NULL;
	for (size_t i = 0; i < body->count;) {
		if (cases && are_keys_bound(emitter, cases)) {
			emit_case(emitter, cases);
			cases = NULL;
		}
		if (body->exprs[i]->written)
			i += emit_traced(emitter, body, i);
		else
			emit_whole(emitter, body->exprs[i++]);
	}
	if (cases)
		emit_case(emitter, cases);
}
