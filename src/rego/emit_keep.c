// SPDX-License-Identifier: Apache-2.0
/*
 * emit_keep.c - calls and comprehensions that are worth remembering
 *
 * One that uses no variable from outside has one value in an evaluation (in a world, to be exact), however
 * often the body around it is gone through; where it looks at modules and data alone, in all evaluations. Its
 * place in the code becomes a site: an index among the values of a world, behind those of the rules. KNOWN
 * takes the value from there and goes on behind it all, KEEP puts it there.
 *
 * Sites are for what is gone through more than once: in a loop, in a function, or in the next evaluation.
 * Nothing that is said to who looks on may become silent, so what prints is none, and there are none where
 * the policy was compiled for tracing.
 */
#include "rego/emit.h"

bool emit_is_repeated(const struct emitter *emitter)
{
	return emitter->rule->param_count || emitter->loop_count;
}

bool emit_keep_begin(struct emitter *emitter, unsigned needs, uint32_t reg, struct emit_site *site)
{
	struct emit_tables *tables = emitter->tables;

	if (emitter->compiler->node_count + tables->site_count >= REGO_NO_REGISTER)
		return false;
	site->index = (uint32_t)(emitter->compiler->node_count + tables->site_count++);
	site->reg = reg;
	site->done = emit_label(emitter);
	site->is_steady = !(needs & CORE_NEEDS_OTHERS);
	emit_insn(emitter, REGO_OP_KNOWN, reg, site->index, 0, site->done);
	return true;
}

static bool begin(struct emitter *emitter, struct emit_site *site, unsigned needs, bool is_dear, uint32_t reg)
{
	if (needs & CORE_NEEDS_LISTENER ||
			(needs & CORE_NEEDS_OTHERS && !(is_dear && emit_is_repeated(emitter))))
		return false;
	return emit_keep_begin(emitter, needs, reg, site);
}

bool emit_keep_call(struct emitter *emitter, const struct core_expr *expr, uint32_t reg,
	struct emit_site *site)
{
	const struct rego_builtin *builtin = expr->call.callee.builtin;
	struct varset used;

	if (!emitter->tables->has_sites)
		return false;
	if (builtin && (builtin->cost == REGO_COST_CONSTANT || builtin->flags & REGO_BUILTIN_RELATION))
		return false;
	/* What a call is given is bound already. */
	for (size_t i = 0; i < expr->call.count - expr->call.has_result; i++)
		if (expr->call.operands[i]->type == CORE_VAR)
			return false;
	used = varset_new(emitter->compiler, emitter->rule);
	for (size_t i = 0; i < expr->call.count - expr->call.has_result; i++)
		varset_of_term(&used, expr->call.operands[i], VARSET_CLOSURES);
	return varset_is_apart(&used, &emitter->bound) &&
		begin(emitter, site, core_call_needs(emitter->compiler, expr), !builtin, reg);
}

bool emit_keep_term(struct emitter *emitter, const struct core_term *term, uint32_t reg,
	struct emit_site *site)
{
	struct varset used;

	if (!emitter->tables->has_sites)
		return false;
	used = varset_new(emitter->compiler, emitter->rule);
	varset_of_term(&used, term, VARSET_CLOSURES);
	return varset_is_apart(&used, &emitter->bound) &&
		begin(emitter, site, core_term_needs(emitter->compiler, term), true, reg);
}

void emit_keep_end(struct emitter *emitter, const struct emit_site *site)
{
	emit_insn(emitter, REGO_OP_KEEP, site->reg, site->index, site->is_steady, 0);
	emit_here(emitter, site->done);
}
