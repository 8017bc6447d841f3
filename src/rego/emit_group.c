// SPDX-License-Identifier: Apache-2.0
/*
 * emit_group.c - loops that are looked up instead of gone through
 *
 * A comprehension that is made again and again for other outer variables often goes over the same list each
 * time, and compares something of it with them: {y | some y in data.list; y.key == x.id}. The list, and
 * whatever else stands there that uses no variable from outside, is the same each time; so it is gone through
 * once, and what it binds is collected in groups: an object with what is compared as its keys, and under each
 * key the solutions in their order. That object is kept like the value of a comprehension (emit_keep.c), also
 * for other evaluations where it follows from data alone, and the comparison becomes a look-up in it. All
 * that stands behind the comparison is evaluated for the solutions of the group, as it would have been.
 *
 *	KNOWN r9 n >ready			is it there?
 *	COLLECT s1 groups
 *	  some y in data.list			the loop
 *	  ADD_PAIR s1 (y.key) (y)
 *	COLLECTED r9 s1
 *	KEEP r9 n
 *	ready: DOT r10 r9 (x.id)		the solutions that compare equal
 *	SCAN, NEXT ...				y again, and on with the body
 *
 * Of all that nobody notices more than less steps, if it is sure that
 *
 *  - the loop uses no variable that is bound outside, and the other side of the comparison no other ones;
 *  - nothing in the loop or on either side can be an error or says anything, since it is evaluated for
 *    solutions that would have come later, or never. A rule that the loop asks for may end in one: it is
 *    asked for the first time before anything behind the comparison is, here and there;
 *  - all solutions are wanted, so that what is collected is not too much: in comprehensions, sets, objects;
 *  - it is gone through more than once, in a loop or in a function.
 *
 * Several comparisons in a row are one: their keys are arrays.
 */
#include "rego/emit.h"

enum {
	KEYS_MAX = 4,
	LOOP_MAX = 16,			/* expressions: who writes more waits for no index */
	RISKY = CORE_NEEDS_CARE | CORE_NEEDS_LISTENER,
};

struct group {
	struct emitter *emitter;
	struct varset outer;		/* bound around it */
	size_t loop_count;		/* expressions that are the loop */
	/* what is compared: of the loop, and from outside */
	struct core_term *inner[KEYS_MAX], *others[KEYS_MAX];
	size_t key_count;
	unsigned needs;			/* enum core_needs, of the loop and the inner sides */
	bool has_loop;
	/* what is kept of a solution: variables that are used later */
	uint32_t *vars;
	size_t var_count;
};

/* ---- what is one ---- */

static struct varset vars_of(struct emitter *emitter, const struct core_term *term)
{
	struct varset used = varset_new(emitter->compiler, emitter->rule);

	varset_of_term(&used, term, VARSET_CLOSURES);
	return used;
}

/* Whether a key in it is not bound yet, so that it stands for all that there are. */
static bool is_loop(const struct emitter *emitter, const struct core_term *term)
{
	if (term->type != CORE_REF && term->type != CORE_ARRAY && term->type != CORE_SET &&
			term->type != CORE_OBJECT)
		return false;
	for (size_t i = 0; i < term->list.count; i++)
		if (is_loop(emitter, term->list.items[i]) ||
				(i && term->type == CORE_REF && emit_is_open(emitter, term->list.items[i])))
			return true;
	return false;
}

static bool has_loop(const struct emitter *emitter, const struct core_expr *expr)
{
	const struct core_term *term;

	if (expr->is_negated)
		return false;
	if (expr->type == CORE_CALL && expr->call.callee.builtin &&
			expr->call.callee.builtin->flags & REGO_BUILTIN_RELATION)
		return true;
	for (size_t i = 0; (term = core_expr_term(expr, i)); i++)
		if (is_loop(emitter, term))
			return true;
	return false;
}

static bool read_loop(struct group *group, const struct core_expr *expr)
{
	struct emitter *emitter = group->emitter;
	struct varset used = varset_new(emitter->compiler, emitter->rule);
	unsigned needs;

	varset_of_expr(&used, expr, VARSET_CLOSURES);
	if (!varset_is_apart(&used, &group->outer))
		return false;
	needs = core_expr_needs(emitter->compiler, expr);
	if (needs & RISKY)
		return false;
	group->needs |= needs;
	group->has_loop = group->has_loop || has_loop(emitter, expr);
	varset_of_expr(&emitter->bound, expr, 0);
	return true;
}

/*
 * The other side may have no value, but nothing is asked for then that would not have been: the rules of an
 * inner side are only where it comes first. A second comparison is not gone through for what the first one
 * left out, so it may be no loop.
 */
static bool read_sides(struct group *group, struct core_term *inner, struct core_term *other, bool is_first)
{
	struct emitter *emitter = group->emitter;
	unsigned needs = core_term_needs(emitter->compiler, inner);
	struct varset of_inner = vars_of(emitter, inner), of_other = vars_of(emitter, other);

	if (varset_is_empty(&of_inner) || !varset_is_apart(&of_inner, &group->outer) ||
			!varset_is_within(&of_other, &group->outer, NULL) || emit_is_open(emitter, inner))
		return false;
	if (core_term_needs(emitter->compiler, other) & (RISKY | CORE_NEEDS_RULES) || needs & RISKY)
		return false;
	if (needs & CORE_NEEDS_RULES && (group->key_count || (!is_first && other->type != CORE_VAR)))
		return false;
	if (group->key_count && is_loop(emitter, inner))
		return false;
	group->needs |= needs;
	group->has_loop = group->has_loop || is_loop(emitter, inner);
	group->inner[group->key_count] = inner;
	group->others[group->key_count++] = other;
	varset_of_term(&emitter->bound, inner, 0);
	return true;
}

static bool can_be_key(const struct core_expr *expr)
{
	return expr->type == CORE_EQ && !expr->is_negated && !expr->with_count;
}

static bool read_key(struct group *group, const struct core_expr *expr)
{
	if (!can_be_key(expr) || group->key_count == KEYS_MAX)
		return false;
	return read_sides(group, expr->eq.left, expr->eq.right, true) ||
		read_sides(group, expr->eq.right, expr->eq.left, false);
}

/* Most of what stands in a loop is none, and that is soon seen. */
static bool can_begin(const struct emitter *emitter, const struct core_expr *expr)
{
	struct varset used;

	if (can_be_key(expr))
		return true;
	used = varset_new(emitter->compiler, emitter->rule);
	varset_of_expr(&used, expr, VARSET_CLOSURES);
	return varset_is_apart(&used, &emitter->bound);
}

static bool read_group(struct group *group, const struct core_body *body)
{
	struct emitter *emitter = group->emitter;
	struct varset bound = emitter->bound;
	size_t most = MIN(body->count, (size_t)LOOP_MAX);

	group->outer = varset_new(emitter->compiler, emitter->rule);
	varset_add_all(&group->outer, &bound);
	emitter->bound = varset_new(emitter->compiler, emitter->rule);
	varset_add_all(&emitter->bound, &bound);
	while (group->loop_count < most && read_loop(group, body->exprs[group->loop_count]))
		group->loop_count++;
	for (size_t at = group->loop_count; at < body->count && read_key(group, body->exprs[at]);)
		at++;
	emitter->bound = bound;
	return group->has_loop && group->key_count;
}

/* ---- what becomes of it ---- */

static uint32_t write_key(struct emitter *emitter, struct core_term *const *terms, size_t count)
{
	uint32_t key, first;

	if (count == 1)
		return emit_term(emitter, terms[0]);
	first = emit_terms(emitter, terms, count);
	key = emit_reg(emitter);
	emit_insn(emitter, REGO_OP_ARRAY, key, first, (uint32_t)count, 0);
	return key;
}

static uint32_t write_solution(struct group *group, const struct varset *wanted, uint32_t key)
{
	struct emitter *emitter = group->emitter;
	uint32_t first, solution;

	group->vars = compile_alloc(emitter->compiler, emitter->rule->var_count, sizeof(*group->vars));
	for (uint32_t var = 0; var < emitter->rule->var_count; var++)
		if (varset_has(&emitter->bound, var) && !varset_has(&group->outer, var) &&
				varset_has(wanted, var))
			group->vars[group->var_count++] = var;
	if (group->var_count < 2)
		return group->var_count ? emitter->reg_of[group->vars[0]] : key;
	first = emit_regs(emitter, group->var_count);
	solution = emit_reg(emitter);
	for (size_t i = 0; i < group->var_count; i++)
		emit_insn(emitter, REGO_OP_MOVE, first + (uint32_t)i, emitter->reg_of[group->vars[i]], 0, 0);
	emit_insn(emitter, REGO_OP_ARRAY, solution, first, (uint32_t)group->var_count, 0);
	return solution;
}

static void write_groups(struct group *group, const struct core_body *loop, const struct varset *wanted,
	uint32_t reg)
{
	struct emitter *emitter = group->emitter;
	struct varset head = varset_new(emitter->compiler, emitter->rule);
	uint32_t slot = emit_slot(emitter), end = emit_label(emitter), key;
	uint32_t fail = emitter->fail, loop_count = emitter->loop_count;
	struct rego_span at = emitter->at;

	varset_add_all(&head, wanted);
	for (size_t i = 0; i < group->key_count; i++)
		varset_of_term(&head, group->inner[i], VARSET_CLOSURES);
	emit_insn(emitter, REGO_OP_COLLECT, slot, REGO_COLLECT_GROUPS, 0, 0);
	emitter->fail = end;
	emit_body_all(emitter, loop, &head);
	emitter->at = at;
	key = write_key(emitter, group->inner, group->key_count);
	emit_insn(emitter, REGO_OP_ADD_PAIR, slot, key, write_solution(group, wanted, key), 0);
	emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, emitter->fail);
	emit_here(emitter, end);
	emit_insn(emitter, REGO_OP_COLLECTED, reg, slot, 0, 0);
	emitter->fail = fail;
	emitter->loop_count = loop_count;
}

static void write_look_up(const struct group *group, uint32_t groups)
{
	struct emitter *emitter = group->emitter;
	uint32_t key = write_key(emitter, group->others, group->key_count), found = emit_reg(emitter);
	uint32_t slot = emit_slot(emitter), again = emit_label(emitter), one = REGO_NO_REGISTER;

	if (group->var_count)
		one = group->var_count == 1 ? emitter->reg_of[group->vars[0]] : emit_reg(emitter);
	emit_insn(emitter, REGO_OP_DOT, found, groups, key, emitter->fail);
	emit_insn(emitter, REGO_OP_SCAN, slot, found, 0, emitter->fail);
	emit_here(emitter, again);
	emit_insn(emitter, REGO_OP_NEXT, slot, REGO_NO_REGISTER, one, emitter->fail);
	emitter->fail = again;
	emitter->loop_count++;
	for (size_t i = 0; group->var_count > 1 && i < group->var_count; i++)
		emit_insn(emitter, REGO_OP_ELEMENT, emitter->reg_of[group->vars[i]], one, (uint32_t)i, 0);
}

size_t emit_group(struct emitter *emitter, const struct core_body *body, const struct varset *head)
{
	struct group group = { .emitter = emitter };
	struct core_body loop, rest = *body;
	struct varset wanted;
	struct emit_site site;
	size_t count;

	if (!emitter->tables->has_groups || !emit_is_repeated(emitter) ||
			!can_begin(emitter, body->exprs[0]) || !read_group(&group, body))
		return 0;
	emitter->at = body->exprs[group.loop_count]->at;
	if (!emit_keep_begin(emitter, group.needs, emit_reg(emitter), &site))
		return 0;
	loop = (struct core_body){ .exprs = body->exprs, .count = group.loop_count };
	count = group.loop_count + group.key_count;
	rest.exprs += count;
	rest.count -= count;
	wanted = varset_new(emitter->compiler, emitter->rule);
	varset_add_all(&wanted, head);
	varset_of_body(&wanted, &rest, VARSET_CLOSURES);
	write_groups(&group, &loop, &wanted, site.reg);
	emit_keep_end(emitter, &site);
	write_look_up(&group, site.reg);
	return count;
}
