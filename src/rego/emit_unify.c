// SPDX-License-Identifier: Apache-2.0
/*
 * emit_unify.c - two terms that shall be equal, taken apart while compiling
 *
 * Each part is one of three: a variable gets its value, a value is taken apart by a pattern, or two values
 * are compared.
 */
#include "rego/emit.h"

bool emit_is_open(const struct emitter *emitter, const struct core_term *term)
{
	switch (term->type) {
	case CORE_VAR:
		return !varset_has(&emitter->bound, term->var);
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		for (size_t i = 0; i < term->list.count; i++)
			if (emit_is_open(emitter, term->list.items[i]))
				return true;
		return false;
	case CORE_CONST:
	case CORE_INPUT:
	case CORE_DATA:
	case CORE_REF:
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		break;
	}
	return false;
}

static void match_array(struct emitter *emitter, const struct core_term *pattern, uint32_t reg)
{
	emit_insn(emitter, REGO_OP_IS_ARRAY, reg, (uint32_t)pattern->list.count, 0, emitter->fail);
	for (size_t i = 0; i < pattern->list.count; i++) {
		const struct core_term *item = pattern->list.items[i];
		bool is_new = item->type == CORE_VAR && emit_is_open(emitter, item);
		uint32_t element = is_new ? emitter->reg_of[item->var] : emit_reg(emitter);

		emit_insn(emitter, REGO_OP_ELEMENT, element, reg, (uint32_t)i, 0);
		emit_match(emitter, item, element);
	}
}

static void match_object(struct emitter *emitter, const struct core_term *pattern, uint32_t reg)
{
	emit_insn(emitter, REGO_OP_IS_OBJECT, reg, (uint32_t)pattern->list.count / 2, 0, emitter->fail);
	for (size_t i = 0; i < pattern->list.count; i += 2) {
		const struct core_term *key = pattern->list.items[i];
		uint32_t value = emit_reg(emitter), key_reg;

		if (key->type == CORE_CONST) {
			emit_insn(emitter, REGO_OP_DOT_CONST, value, reg, emit_const(emitter, key->value),
				emitter->fail);
		} else {
			key_reg = emit_term(emitter, key);
			emit_insn(emitter, REGO_OP_DOT, value, reg, key_reg, emitter->fail);
		}
		emit_match(emitter, pattern->list.items[i + 1], value);
	}
}

void emit_match(struct emitter *emitter, const struct core_term *pattern, uint32_t reg)
{
	uint32_t other;

	if (pattern->type == CORE_CONST) {
		emit_insn(emitter, REGO_OP_EQUAL_CONST, reg, emit_const(emitter, pattern->value), 0,
			emitter->fail);
	} else if (!emit_is_open(emitter, pattern)) {
		other = emit_term(emitter, pattern);
		emit_insn(emitter, REGO_OP_EQUAL, reg, other, 0, emitter->fail);
	} else if (pattern->type == CORE_VAR) {
		if (emitter->reg_of[pattern->var] != reg)
			emit_insn(emitter, REGO_OP_MOVE, emitter->reg_of[pattern->var], reg, 0, 0);
		emit_bind(emitter, pattern->var);
	} else if (pattern->type == CORE_ARRAY) {
		match_array(emitter, pattern, reg);
	} else if (pattern->type == CORE_OBJECT) {
		match_object(emitter, pattern, reg);
	} else {
		rego_diag_add(emitter->compiler->diags, REGO_CODE_UNSAFE_VAR, pattern->at,
			"expression is unsafe");
	}
}

static void never(struct emitter *emitter)
{
	emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, emitter->fail);
}

/* Pairs of which both sides still lack a variable wait for the others. */
static void unify_pairs(struct emitter *emitter, const struct core_term **left,
	const struct core_term **right, size_t count)
{
	size_t done = 0, before;

	do {
		before = done;
		for (size_t i = 0; i < count; i++) {
			if (!left[i] || (emit_is_open(emitter, left[i]) && emit_is_open(emitter, right[i]) &&
					(left[i]->type == CORE_VAR || right[i]->type == CORE_VAR)))
				continue;
			emit_unify(emitter, left[i], right[i]);
			left[i] = NULL;
			done++;
		}
	} while (done > before && done < count);
	for (size_t i = 0; i < count; i++)
		if (left[i])
			rego_diag_add(emitter->compiler->diags, REGO_CODE_UNSAFE_VAR, left[i]->at,
				"expression is unsafe");
}

static void unify_arrays(struct emitter *emitter, const struct core_term *a, const struct core_term *b)
{
	size_t count = a->list.count;
	const struct core_term **left = compile_alloc(emitter->compiler, count, sizeof(*left)),
		**right = compile_alloc(emitter->compiler, count, sizeof(*right));

	if (b->list.count != count) {
		never(emitter);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		left[i] = a->list.items[i];
		right[i] = b->list.items[i];
	}
	unify_pairs(emitter, left, right, count);
}

/* Keys that are not the same terms may still be the same values: then one side has to be complete. */
static void unify_objects(struct emitter *emitter, const struct core_term *a, const struct core_term *b)
{
	size_t count = a->list.count / 2, found = 0;
	const struct core_term **left = compile_alloc(emitter->compiler, count, sizeof(*left)),
		**right = compile_alloc(emitter->compiler, count, sizeof(*right));

	if (b->list.count != a->list.count) {
		never(emitter);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		left[i] = a->list.items[2 * i + 1];
		right[i] = core_member(b, a->list.items[2 * i]);
		found += right[i] != NULL;
	}
	if (found == count)
		unify_pairs(emitter, left, right, count);
	else if (!emit_is_open(emitter, b))
		emit_match(emitter, a, emit_term(emitter, b));
	else if (!emit_is_open(emitter, a))
		emit_match(emitter, b, emit_term(emitter, a));
	else
		never(emitter);
}

/*
 * @var has no value yet and @other is complete, unless it is a reference that binds the same variable (x =
 * xs[x]).
 */
static void assign(struct emitter *emitter, const struct core_term *var, const struct core_term *other)
{
	struct varset vars = varset_new(emitter->compiler, emitter->rule);

	varset_of_term(&vars, other, 0);
	if (varset_has(&vars, var->var)) {
		emit_match(emitter, var, emit_term(emitter, other));
		return;
	}
	emit_term_to(emitter, other, emitter->reg_of[var->var]);
	emit_bind(emitter, var->var);
}

void emit_unify(struct emitter *emitter, const struct core_term *a, const struct core_term *b)
{
	bool is_open_a = emit_is_open(emitter, a), is_open_b = emit_is_open(emitter, b);

	if (is_open_a && is_open_b) {
		if (a->type == CORE_ARRAY && b->type == CORE_ARRAY)
			unify_arrays(emitter, a, b);
		else if (a->type == CORE_OBJECT && b->type == CORE_OBJECT)
			unify_objects(emitter, a, b);
		else if (a->type == CORE_VAR && b->type == CORE_VAR && a->var == b->var)
			return;
		else if ((a->type == CORE_ARRAY || a->type == CORE_OBJECT) &&
			(b->type == CORE_ARRAY || b->type == CORE_OBJECT))
			never(emitter);
		else if (emit_ahead_of_both(emitter, a, b))
			emit_unify(emitter, a, b);
		else
			rego_diag_add(emitter->compiler->diags, REGO_CODE_UNSAFE_VAR, a->at,
				"expression is unsafe");
	} else if (is_open_a && a->type == CORE_VAR) {
		assign(emitter, a, b);
	} else if (is_open_b && b->type == CORE_VAR) {
		assign(emitter, b, a);
	} else if (is_open_a) {
		if (a->type == CORE_ARRAY && b->type == CORE_ARRAY)
			unify_arrays(emitter, a, b);
		else
			emit_match(emitter, a, emit_term(emitter, b));
	} else if (is_open_b) {
		emit_unify(emitter, b, a);
	} else if (a->type == CORE_CONST) {
		emit_match(emitter, a, emit_term(emitter, b));
	} else {
		uint32_t reg = emit_term(emitter, a);

		emit_match(emitter, b, reg);
	}
}
