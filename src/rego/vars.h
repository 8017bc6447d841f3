/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vars.h - sets of a rule's variables
 *
 * One bit for each variable; all sets of a rule have the same size, which is fixed once it is lowered.
 */
#pragma once

#include "rego/compile_internal.h"

struct varset {
	uint64_t *words;
	size_t count;			/* of words */
};

/** varset_new() - the empty set of @rule's variables */
struct varset varset_new(struct compiler *compiler, const struct core_rule *rule);

static inline void varset_add(struct varset *set, uint32_t var)
{
	set->words[var / 64] |= UINT64_C(1) << (var % 64);
}

static inline bool varset_has(const struct varset *set, uint32_t var)
{
	return set->words[var / 64] >> (var % 64) & 1;
}

/** varset_clear() - make it empty */
void varset_clear(struct varset *set);

/** varset_add_all() - what is in @more, too */
void varset_add_all(struct varset *set, const struct varset *more);

/** varset_is_within() - whether all of @set is in @outer or in @other, which may be NULL */
bool varset_is_within(const struct varset *set, const struct varset *outer, const struct varset *other);

/** varset_is_apart() - whether two sets have no variable in common */
bool varset_is_apart(const struct varset *set, const struct varset *other);

/** varset_is_empty() - whether there is none in it */
bool varset_is_empty(const struct varset *set);

enum varset_flags {
	/* what comprehensions and bodies within use, too; otherwise that is left out */
	VARSET_CLOSURES = 1 << 0,
	VARSET_NO_KEYS = 1 << 1,	/* without the keys of objects */
	VARSET_NO_HEADS = 1 << 2,	/* without the heads of references */
	VARSET_NO_SETS = 1 << 3,	/* without the elements of sets */
};

/** varset_of_term() - add the variables of a term */
void varset_of_term(struct varset *set, const struct core_term *term, unsigned flags);

/** varset_of_expr() - add the variables of an expression and its replacements */
void varset_of_expr(struct varset *set, const struct core_expr *expr, unsigned flags);

/** varset_of_body() - add the variables of all expressions */
void varset_of_body(struct varset *set, const struct core_body *body, unsigned flags);

/**
 * varset_of_closures() - add the variables that are used in comprehensions and bodies within an expression
 */
void varset_of_closures(struct varset *set, const struct core_expr *expr);
