/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rego_answer.h - what a policy says, as one text that can be compared
 */
#pragma once

#include "rego/cache.h"
#include "rego/known.h"
#include "rego/machine.h"
#include "rego/policy.h"

struct rego_asked {
	struct arena *arena;		/* of the answers */
	struct rego_policy *policy;
	const struct json *input, *data;
	uint64_t steps;
	size_t memory_bytes;
	bool is_strict;
	struct rego_known *known;	/* of the policy and the data; NULL: nothing */
	struct rego_cache *cache;	/* NULL: none */
	bool is_repeated;		/* it is asked twice of one machine, and the second answer counts */
};

/** rego_answer_compile() - one module; Return: the policy, or NULL where it is refused */
struct rego_policy *rego_answer_compile(struct arena *arena, struct str text, unsigned flags);

/**
 * rego_answer() - the document of package p
 * @asked: a question
 *
 * Return: the value as Rego writes it, "undefined", or the error: "eval_conflict_error 3:1 the text".
 */
const char *rego_answer(const struct rego_asked *asked);
