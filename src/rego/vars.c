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

static void of_every(struct varset *set, const struct core_expr *expr, unsigned flags)
{
	varset_of_term(set, expr->every.domain, flags);
	if (!(flags & VARSET_CLOSURES))
		return;
	if (expr->every.key)
		varset_of_term(set, expr->every.key, flags);
	varset_of_term(set, expr->every.value, flags);
	varset_of_body(set, expr->every.body, flags);
}

void varset_of_expr(struct varset *set, const struct core_expr *expr, unsigned flags)
{
	for (size_t i = 0; i < expr->with_count; i++)
		if (expr->withs[i].value)
			varset_of_term(set, expr->withs[i].value, flags);
	switch (expr->type) {
	case CORE_EQ:
		varset_of_term(set, expr->eq.left, flags);
		varset_of_term(set, expr->eq.right, flags);
		break;
	case CORE_CALL:
		for (size_t i = 0; i < expr->call.count; i++)
			varset_of_term(set, expr->call.operands[i], flags);
		break;
	case CORE_TERM:
		varset_of_term(set, expr->term, flags);
		break;
	case CORE_EVERY:
		of_every(set, expr, flags);
		break;
	case CORE_BODY:
	case CORE_EITHER:
		if (!(flags & VARSET_CLOSURES))
			break;
		varset_of_body(set, expr->inner.body, flags);
		if (expr->inner.other)
			varset_of_body(set, expr->inner.other, flags);
		break;
	}
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
	switch (expr->type) {
	case CORE_EQ:
		closures_of_term(set, expr->eq.left);
		closures_of_term(set, expr->eq.right);
		break;
	case CORE_CALL:
		for (size_t i = 0; i < expr->call.count; i++)
			closures_of_term(set, expr->call.operands[i]);
		break;
	case CORE_TERM:
		closures_of_term(set, expr->term);
		break;
	case CORE_EVERY:
		varset_of_body(set, expr->every.body, VARSET_CLOSURES);
		break;
	case CORE_BODY:
	case CORE_EITHER:
		varset_of_expr(set, expr, VARSET_CLOSURES);
		break;
	}
}
