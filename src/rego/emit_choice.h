/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit_choice.h - rules of one place that are looked up instead of tried one by one
 */
#pragma once

#include "rego/emit.h"

enum {
	EMIT_TESTS_MAX = 8,		/* of one rule that are looked at */
};

/* What a test is about: exactly one of the two. */
struct emit_subject {
	size_t param;			/* of a function, from 1 on; 0: none */
	const struct core_term *ref;	/* into the input or the base documents, of constant keys */
};

struct emit_test {
	enum rego_choice_kind kind;
	struct emit_subject subject;
	const struct json *value;
	bool is_list;			/* one of those in the array or set, instead of the value itself */
};

/**
 * emit_tests_of() - the tests that a rule begins with
 * @emitter: of the rule's place
 * @rule:    ordered
 * @ret:     EMIT_TESTS_MAX of them
 *
 * Return: how many there are.
 */
size_t emit_tests_of(struct emitter *emitter, const struct core_rule *rule, struct emit_test *ret);

/** emit_is_same_subject() - whether two tests look at the same value */
bool emit_is_same_subject(const struct emit_subject *a, const struct emit_subject *b);

/* The rules of a place while they are written. */
struct emit_choice {
	uint32_t again, end, first_rule;	/* labels */
	size_t at;			/* the next rule */
	bool is_chosen;			/* else they are tried one by one */
};

/**
 * emit_choice_begin() - look up which of the rules are tried
 * @emitter: writes their place; its first_slot moves behind those that the choice takes
 * @choice:  filled
 * @rules:   in their order; defaults are passed over
 * @reg:     the first register that is free
 */
void emit_choice_begin(struct emitter *emitter, struct emit_choice *choice, const struct core_rule *rules,
	uint32_t reg);

/** emit_choice_rule() - the next rule begins here */
void emit_choice_rule(struct emitter *emitter, struct emit_choice *choice);

/** emit_choice_next() - and ends here */
void emit_choice_next(struct emitter *emitter, struct emit_choice *choice);

/** emit_choice_end() - all of them have been written */
void emit_choice_end(struct emitter *emitter, struct emit_choice *choice);
