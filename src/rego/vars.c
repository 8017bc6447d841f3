// SPDX-License-Identifier: Apache-2.0
/*
 * vars.c - which variables occur where
 */
#include "rego/vars.h"

struct varset varset_new(struct compiler *compiler, const struct core_rule *rule)
{
	struct varset set = { .count = (rule->var_count + 63) / 64 };

	set.words = compile_alloc(compiler, set.count, sizeof(*set.words));
	return set;
}

void varset_clear(struct varset *set)
{
	memset(set->words, 0, set->count * sizeof(*set->words));
}

void varset_add_all(struct varset *set, const struct varset *more)
{
	for (size_t i = 0; i < set->count; i++)
		set->words[i] |= more->words[i];
}

bool varset_is_within(const struct varset *set, const struct varset *outer, const struct varset *other)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->words[i] & ~outer->words[i] & ~(other ? other->words[i] : 0))
			return false;
	return true;
}

bool varset_is_apart(const struct varset *set, const struct varset *other)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->words[i] & other->words[i])
			return false;
	return true;
}

bool varset_is_empty(const struct varset *set)
{
	return varset_is_apart(set, set);
}

static void of_list(struct varset *set, const struct core_term *term, unsigned flags)
{
	size_t first = 0, step = 1;

	if (term->type == CORE_REF && flags & VARSET_NO_HEADS)
		first = 1;
	if (term->type == CORE_OBJECT && flags & VARSET_NO_KEYS)
		first = 1, step = 2;
	if (term->type == CORE_SET && flags & VARSET_NO_SETS)
		return;
	for (size_t i = first; i < term->list.count; i += step)
		varset_of_term(set, term->list.items[i], flags);
}

void varset_of_term(struct varset *set, const struct core_term *term, unsigned flags)
{
	switch (term->type) {
	case CORE_VAR:
		varset_add(set, term->var);
		break;
	case CORE_REF:
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		of_list(set, term, flags);
		break;
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		if (!(flags & VARSET_CLOSURES))
			break;
		if (term->comprehension.key)
			varset_of_term(set, term->comprehension.key, flags);
		varset_of_term(set, term->comprehension.head, flags);
		varset_of_body(set, term->comprehension.body, flags);
		break;
	case CORE_CONST:
	case CORE_INPUT:
	case CORE_DATA:
		break;
	}
}

void varset_of_expr(struct varset *set, const struct core_expr *expr, unsigned flags)
{
	const struct core_term *term;
	const struct core_body *body;

	for (size_t i = 0; i < expr->with_count; i++)
		if (expr->withs[i].value)
			varset_of_term(set, expr->withs[i].value, flags);
	for (size_t i = 0; (term = core_expr_term(expr, i)); i++)
		varset_of_term(set, term, flags);
	if (!(flags & VARSET_CLOSURES))
		return;
	if (expr->type == CORE_EVERY && expr->every.key)
		varset_of_term(set, expr->every.key, flags);
	if (expr->type == CORE_EVERY)
		varset_of_term(set, expr->every.value, flags);
	for (size_t i = 0; (body = core_expr_body(expr, i)); i++)
		varset_of_body(set, body, flags);
}

void varset_of_body(struct varset *set, const struct core_body *body, unsigned flags)
{
	for (size_t i = 0; i < body->count; i++)
		varset_of_expr(set, body->exprs[i], flags);
}

/* ---- only what is inside ---- */

static void closures_of_term(struct varset *set, const struct core_term *term)
{
	switch (term->type) {
	case CORE_REF:
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		for (size_t i = 0; i < term->list.count; i++)
			closures_of_term(set, term->list.items[i]);
		break;
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		varset_of_term(set, term, VARSET_CLOSURES);
		break;
	case CORE_CONST:
	case CORE_VAR:
	case CORE_INPUT:
	case CORE_DATA:
		break;
	}
}

void varset_of_closures(struct varset *set, const struct core_expr *expr)
{
	const struct core_term *term;
	const struct core_body *body;

	if (expr->type == CORE_BODY || expr->type == CORE_EITHER) {
		varset_of_expr(set, expr, VARSET_CLOSURES);
		return;
	}
	for (size_t i = 0; (term = core_expr_term(expr, i)); i++)
		closures_of_term(set, term);
	for (size_t i = 0; (body = core_expr_body(expr, i)); i++)
		varset_of_body(set, body, VARSET_CLOSURES);
}
