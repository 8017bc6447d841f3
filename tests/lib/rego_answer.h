/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rego_answer.h - what a policy says, as one text that can be compared
 */
#pragma once

#include "rego/known.h"
#include "rego/machine.h"
#include "rego/policy.h"

enum {
	/* all that is only there to be faster is off */
	REGO_POLICY_PLAIN = REGO_POLICY_NO_INDEX | REGO_POLICY_NO_SITES | REGO_POLICY_NO_GROUPS,
};

struct rego_asked {
	struct arena *arena;		/* of the answers */
	struct rego_policy *policy;
	const struct json *input, *data;
	uint64_t steps;
	size_t memory_bytes;
	bool is_strict;
	struct rego_known *known;	/* of the policy and the data; NULL: nothing */
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
