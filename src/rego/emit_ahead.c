// SPDX-License-Identifier: Apache-2.0
/*
 * emit_ahead.c - references that bind what stands before them in the same expression
 *
 * In `count([x, q[x]])` the reference gives x its values, and x is needed first. So, where a variable of an
 * expression has no value yet, the references in it are evaluated ahead, from left to right. What still has
 * none then is nothing that safety.c lets through, and an error rather than a register that nobody set.
 */
#include "rego/emit.h"

static void ahead(struct emitter *emitter, const struct core_term *term)
{
	struct emit_known *known;

	switch (term->type) {
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		for (size_t i = 0; i < term->list.count; i++)
			ahead(emitter, term->list.items[i]);
		return;
	case CORE_REF:
		break;
	case CORE_CONST:
	case CORE_VAR:
	case CORE_INPUT:
	case CORE_DATA:
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		return;
	}
	known = compile_alloc(emitter->compiler, 1, sizeof(*known));
	*known = (struct emit_known){
		.term = term, .reg = (uint16_t)emit_term(emitter, term), .next = emitter->known,
	};
	emitter->known = known;
}

static bool is_any_open(const struct emitter *emitter, struct core_term *const *terms, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (emit_is_open(emitter, terms[i]))
			return true;
	return false;
}

void emit_ahead(struct emitter *emitter, struct core_term *const *terms, size_t count)
{
	if (!is_any_open(emitter, terms, count))
		return;
	for (size_t i = 0; i < count; i++)
		ahead(emitter, terms[i]);
	if (is_any_open(emitter, terms, count))
		rego_diag_add(emitter->compiler->diags, REGO_CODE_UNSAFE_VAR, terms[0]->at,
			"expression is unsafe");
}

bool emit_ahead_of_both(struct emitter *emitter, const struct core_term *a, const struct core_term *b)
{
	ahead(emitter, a);
	ahead(emitter, b);
	return !emit_is_open(emitter, a) || !emit_is_open(emitter, b);
}
