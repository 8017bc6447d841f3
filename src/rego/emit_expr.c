// SPDX-License-Identifier: Apache-2.0
/*
 * emit_expr.c - what must hold
 */
#include "rego/emit.h"

static void emit_expr(struct emitter *emitter, const struct core_expr *expr);

/* ---- calls ---- */

/* What the call gives becomes a variable, and is put right into its register. */
static bool is_for_var(const struct emitter *emitter, const struct core_expr *expr)
{
	const struct rego_builtin *builtin = expr->call.callee.builtin;
	const struct core_term *result = expr->call.operands[expr->call.count - 1];

	return emitter->compiler->is_direct && !(builtin && builtin->flags & REGO_BUILTIN_RELATION) &&
		result->type == CORE_VAR && emit_is_open(emitter, result);
}

static uint32_t call(struct emitter *emitter, const struct core_expr *expr, uint32_t *ret_first)
{
	uint32_t result, first;
	struct emit_site site;
	bool is_site;

	if (expr->call.has_result && is_for_var(emitter, expr))
		result = emitter->reg_of[expr->call.operands[expr->call.count - 1]->var];
	else
		result = emit_reg(emitter);
	is_site = emit_keep_call(emitter, expr, result, &site);
	first = emit_terms(emitter, expr->call.operands, expr->call.count - expr->call.has_result);
	if (expr->call.callee.builtin)
		emit_insn(emitter, REGO_OP_BUILTIN, result, first,
			emit_builtin_index(emitter, expr->call.callee.builtin), emitter->fail);
	else
		emit_insn(emitter, REGO_OP_CALL, result, first, expr->call.callee.function->index,
			emitter->fail);
	if (is_site)
		emit_keep_end(emitter, &site);
	*ret_first = first;
	return result;
}

/* A relation stands for each of its results in turn. */
static uint32_t loop_over(struct emitter *emitter, uint32_t results)
{
	uint32_t slot = emit_slot(emitter), again = emit_label(emitter), one = emit_reg(emitter);

	emit_insn(emitter, REGO_OP_SCAN, slot, results, 0, emitter->fail);
	emit_here(emitter, again);
	emit_insn(emitter, REGO_OP_NEXT, slot, REGO_NO_REGISTER, one, emitter->fail);
	emitter->fail = again;
	emitter->loop_count++;
	return one;
}

/* Of the variadic functions only print() is one that is called. */
static bool is_print(const struct core_expr *expr)
{
	const struct rego_builtin *builtin = expr->call.callee.builtin;

	return builtin && builtin->flags & REGO_BUILTIN_VARIADIC && builtin->flags & REGO_BUILTIN_VOID;
}

static void emit_print(struct emitter *emitter, const struct core_expr *expr)
{
	uint32_t first = emit_terms(emitter, expr->call.operands, expr->call.count);

	emit_insn(emitter, REGO_OP_PRINT, first, (uint32_t)expr->call.count, 0, 0);
}

static void emit_call(struct emitter *emitter, const struct core_expr *expr)
{
	const struct rego_builtin *builtin = expr->call.callee.builtin;
	uint32_t result, first;

	emit_ahead(emitter, expr->call.operands, expr->call.count - expr->call.has_result);
	if (is_print(expr)) {
		emit_print(emitter, expr);
		return;
	}
	result = call(emitter, expr, &first);
	if (builtin && builtin == rego_builtin_find(STR("trace")))
		emit_event(emitter, REGO_EVENT_NOTE, first);
	if (builtin && builtin->flags & REGO_BUILTIN_RELATION)
		result = loop_over(emitter, result);
	if (expr->call.has_result)
		emit_match(emitter, expr->call.operands[expr->call.count - 1], result);
	else if (!builtin || !(builtin->flags & REGO_BUILTIN_VOID))
		emit_insn(emitter, REGO_OP_TEST, result, 0, 0, emitter->fail);
}

/* ---- bodies within ---- */

/* Holds or not; of how it holds nothing is seen outside. */
static void emit_closed(struct emitter *emitter, const struct core_body *body, uint32_t fail)
{
	struct varset bound = varset_new(emitter->compiler, emitter->rule);
	uint32_t outer = emitter->fail, loop_count = emitter->loop_count;

	varset_add_all(&bound, &emitter->bound);
	emitter->fail = fail;
	emit_body(emitter, body);
	emitter->fail = outer;
	emitter->loop_count = loop_count;
	emitter->bound = bound;
}

static void emit_either(struct emitter *emitter, const struct core_expr *expr)
{
	uint32_t other = emit_label(emitter), done = emit_label(emitter);

	emit_closed(emitter, expr->inner.body, other);
	emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, done);
	emit_here(emitter, other);
	emit_closed(emitter, expr->inner.other, emitter->fail);
	emit_here(emitter, done);
}

static void emit_every(struct emitter *emitter, const struct core_expr *expr)
{
	uint32_t slot = emit_slot(emitter), again = emit_label(emitter), done = emit_label(emitter);
	uint32_t domain = emit_term(emitter, expr->every.domain);
	uint32_t key = expr->every.key ? emitter->reg_of[expr->every.key->var] : REGO_NO_REGISTER;
	struct varset bound = varset_new(emitter->compiler, emitter->rule);

	varset_add_all(&bound, &emitter->bound);
	emit_insn(emitter, REGO_OP_SCAN, slot, domain, 0, emitter->fail);
	emit_here(emitter, again);
	emit_insn(emitter, REGO_OP_NEXT, slot, key, emitter->reg_of[expr->every.value->var], done);
	if (expr->every.key)
		emit_bind(emitter, expr->every.key->var);
	emit_bind(emitter, expr->every.value->var);
	emitter->loop_count++;
	emit_closed(emitter, expr->every.body, emitter->fail);
	emitter->loop_count--;
	emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, again);
	emit_here(emitter, done);
	emitter->bound = bound;
}

/* ---- not ---- */

static void hoist(struct emitter *emitter, const struct core_term *term)
{
	struct emit_known *known;

	switch (term->type) {
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		for (size_t i = 0; i < term->list.count; i++)
			hoist(emitter, term->list.items[i]);
		return;
	case CORE_CONST:
	case CORE_VAR:
		return;
	case CORE_REF:
		for (size_t i = 1; i < term->list.count; i++)
			hoist(emitter, term->list.items[i]);
		break;
	case CORE_INPUT:
	case CORE_DATA:
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		break;
	}
	known = compile_alloc(emitter->compiler, 1, sizeof(*known));
	*known = (struct emit_known){
		.term = term, .reg = (uint16_t)emit_term(emitter, term), .next = emitter->known,
	};
	emitter->known = known;
}

/* What is hoisted of a term that stands by itself: not the reference, only what its keys need. */
static void hoist_keys(struct emitter *emitter, const struct core_term *term)
{
	if (term->type == CORE_REF)
		for (size_t i = 1; i < term->list.count; i++)
			hoist(emitter, term->list.items[i]);
	else if (term->type == CORE_ARRAY || term->type == CORE_SET || term->type == CORE_OBJECT)
		hoist(emitter, term);
}

/*
 * Without `import future.keywords.not`, references that are operands of a negated call are evaluated outside
 * of the negation: `not f(input.x)` has no value where input.x has none, while `not input.x == 1` and `not
 * input.x` hold then.
 */
static void hoist_out(struct emitter *emitter, const struct core_expr *expr)
{
	if (expr->type == CORE_CALL) {
		for (size_t i = 0; i < expr->call.count; i++)
			hoist(emitter, expr->call.operands[i]);
	} else if (expr->type == CORE_EQ) {
		hoist_keys(emitter, expr->eq.left);
		hoist_keys(emitter, expr->eq.right);
	} else if (expr->type == CORE_TERM) {
		hoist_keys(emitter, expr->term);
	}
}

static void emit_not(struct emitter *emitter, const struct core_expr *expr)
{
	struct core_expr positive = *expr;
	uint32_t outer, loop_count, holds = emit_label(emitter);
	const struct emit_known *known = emitter->known;
	struct varset bound = varset_new(emitter->compiler, emitter->rule);

	positive.is_negated = false;
	positive.with_count = 0;
	hoist_out(emitter, expr);
	varset_add_all(&bound, &emitter->bound);
	outer = emitter->fail;
	loop_count = emitter->loop_count;
	emitter->fail = holds;
	emit_expr(emitter, &positive);
	emitter->fail = outer;
	emitter->loop_count = loop_count;
	emitter->bound = bound;
	emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, outer);
	emit_here(emitter, holds);
	emitter->known = known;
}

/* ---- with ---- */

static void replacement(struct emitter *emitter, const struct core_with *with, struct rego_replacement *ret)
{
	const struct rego_node *node = &emitter->compiler->root;

	ret->place = REGO_NOWHERE;
	ret->function = REGO_NOWHERE;
	ret->by_function = REGO_NOWHERE;
	ret->path = (struct rego_path){ .keys = with->path, .count = with->path_count };
	ret->is_by_value = with->value;
	if (with->target == CORE_TARGET_INPUT) {
		ret->what = REGO_REPLACE_INPUT;
		return;
	}
	if (with->target == CORE_TARGET_DATA) {
		ret->what = REGO_REPLACE_DATA;
		for (size_t i = 0; node && i < with->path_count; i++)
			node = rego_node_child(node, with->path[i]);
		if (node)
			ret->place = node->index;
		return;
	}
	ret->what = with->callee.builtin ? REGO_REPLACE_BUILTIN : REGO_REPLACE_FUNCTION;
	ret->builtin = with->callee.builtin;
	if (with->callee.function)
		ret->function = with->callee.function->index;
	ret->by_builtin = with->by.builtin;
	if (with->by.function)
		ret->by_function = with->by.function->index;
}

static uint32_t with_index(struct emitter *emitter, const struct core_expr *expr)
{
	struct emit_tables *tables = emitter->tables;
	struct rego_replacement *items = compile_alloc(emitter->compiler, expr->with_count, sizeof(*items));

	for (size_t i = 0; i < expr->with_count; i++)
		replacement(emitter, &expr->withs[i], &items[i]);
	tables->withs = compile_grow(emitter->compiler, tables->withs, tables->with_count, &tables->with_room,
		sizeof(*tables->withs));
	tables->withs[tables->with_count] = (struct rego_with_list){ .items = items,
		.count = expr->with_count };
	return (uint32_t)tables->with_count++;
}

static uint32_t with_values(struct emitter *emitter, const struct core_expr *expr)
{
	uint32_t first = emit_regs(emitter, expr->with_count);

	for (size_t i = 0; i < expr->with_count; i++)
		if (expr->withs[i].value)
			emit_term_to(emitter, expr->withs[i].value, first + (uint32_t)i);
	return first;
}

static void emit_plain(struct emitter *emitter, const struct core_expr *expr)
{
	struct core_expr plain = *expr;

	plain.with_count = 0;
	if (expr->is_negated)
		emit_not(emitter, &plain);
	else
		emit_expr(emitter, &plain);
}

/* Nothing new becomes bound: it holds once, or not. */
static void emit_with_once(struct emitter *emitter, const struct core_expr *expr)
{
	uint32_t fail = emit_label(emitter), done = emit_label(emitter);
	uint32_t outer = emitter->fail, loop_count = emitter->loop_count;

	emitter->fail = fail;
	emit_plain(emitter, expr);
	emitter->fail = outer;
	emitter->loop_count = loop_count;
	emit_insn(emitter, REGO_OP_UNWITH, 0, 0, 0, 0);
	emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, done);
	emit_here(emitter, fail);
	emit_insn(emitter, REGO_OP_UNWITH, 0, 0, 0, 0);
	emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, outer);
	emit_here(emitter, done);
}

/*
 * What becomes bound does so for several solutions perhaps. A loop must not be gone on with when the
 * replacements are gone again, so all solutions are collected first, and then looped over.
 */
static void emit_with_many(struct emitter *emitter, const struct core_expr *expr, const uint32_t *vars,
	size_t count)
{
	uint32_t slot = emit_slot(emitter), end = emit_label(emitter), all = emit_reg(emitter), one, values;
	uint32_t outer = emitter->fail, loop_count = emitter->loop_count;

	emit_insn(emitter, REGO_OP_COLLECT, slot, REGO_COLLECT_ARRAY, 0, 0);
	emitter->fail = end;
	emit_plain(emitter, expr);
	values = emit_regs(emitter, count);
	for (size_t i = 0; i < count; i++)
		emit_insn(emitter, REGO_OP_MOVE, values + (uint32_t)i, emitter->reg_of[vars[i]], 0, 0);
	one = emit_reg(emitter);
	emit_insn(emitter, REGO_OP_ARRAY, one, values, (uint32_t)count, 0);
	emit_insn(emitter, REGO_OP_ADD, slot, one, 0, 0);
	emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, emitter->fail);
	emit_here(emitter, end);
	emit_insn(emitter, REGO_OP_UNWITH, 0, 0, 0, 0);
	emit_insn(emitter, REGO_OP_COLLECTED, all, slot, 0, 0);
	emitter->fail = outer;
	emitter->loop_count = loop_count;
	one = loop_over(emitter, all);
	for (size_t i = 0; i < count; i++)
		emit_insn(emitter, REGO_OP_ELEMENT, emitter->reg_of[vars[i]], one, (uint32_t)i, 0);
}

static void emit_with(struct emitter *emitter, const struct core_expr *expr)
{
	struct varset used = varset_new(emitter->compiler, emitter->rule);
	uint32_t *vars = compile_alloc(emitter->compiler, emitter->rule->var_count, sizeof(*vars));
	uint32_t values = with_values(emitter, expr);
	size_t count = 0;
	bool loops = false;

	varset_of_expr(&used, expr, 0);
	for (uint32_t var = 0; var < emitter->rule->var_count; var++)
		if (varset_has(&used, var) && !varset_has(&emitter->bound, var)) {
			if (emitter->rule->vars[var].is_wildcard)
				loops = true;
			else
				vars[count++] = var;
		}
	emit_insn(emitter, REGO_OP_WITH, with_index(emitter, expr), values, 0, 0);
	if (count || loops)
		emit_with_many(emitter, expr, vars, count);
	else
		emit_with_once(emitter, expr);
}

/* ---- one expression ---- */

static void emit_expr(struct emitter *emitter, const struct core_expr *expr)
{
	const struct emit_known *known = emitter->known;
	uint32_t reg;

	switch (expr->type) {
	case CORE_EQ:
		emit_unify(emitter, expr->eq.left, expr->eq.right);
		break;
	case CORE_CALL:
		emit_call(emitter, expr);
		break;
	case CORE_TERM:
		emit_ahead(emitter, &expr->term, 1);
		reg = emit_term(emitter, expr->term);
		emit_insn(emitter, REGO_OP_TEST, reg, 0, 0, emitter->fail);
		break;
	case CORE_EVERY:
		emit_every(emitter, expr);
		break;
	case CORE_BODY:
		emit_closed(emitter, expr->inner.body, emitter->fail);
		break;
	case CORE_EITHER:
		emit_either(emitter, expr);
		break;
	}
	emitter->known = known;
}

void emit_whole(struct emitter *emitter, const struct core_expr *expr)
{
	emitter->at = expr->at;
	if (expr->with_count)
		emit_with(emitter, expr);
	else if (expr->is_negated)
		emit_not(emitter, expr);
	else
		emit_expr(emitter, expr);
}

void emit_body(struct emitter *emitter, const struct core_body *body)
{
	if (emitter->compiler->has_trace) {
		emit_traced_body(emitter, body);
		return;
	}
	for (size_t i = 0; i < body->count; i++)
		emit_whole(emitter, body->exprs[i]);
}

void emit_body_all(struct emitter *emitter, const struct core_body *body, const struct varset *head)
{
	struct core_body rest = *body;

	if (emitter->compiler->has_trace) {
		emit_traced_body(emitter, body);
		return;
	}
	while (rest.count) {
		size_t written = emit_group(emitter, &rest, head);

		if (!written)
			emit_whole(emitter, rest.exprs[written++]);
		rest.exprs += written;
		rest.count -= written;
	}
}
