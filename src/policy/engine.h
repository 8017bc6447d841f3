/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine.h - a set of policies, compiled, and asked
 *
 * An engine is immutable but for the scratch memory of its evaluations, and owns everything that it needs:
 * the set may be given back. To change policies is to compile a new engine beside the old one, and to swap
 * the two when that has succeeded.
 *
 * No answer is a deny: whatever policy_ask() returns that is no 0, the question is refused, and err says why.
 */
#pragma once

#include "base/error.h"
#include "policy/answer.h"
#include "policy/set.h"

struct policy_engine;

/* What one answer may take. A changeset is judged once, an exec waits. */
struct policy_budget {
	uint64_t steps;
	size_t memory_bytes;
};

/** policy_budget_of() - what a question is given */
struct policy_budget policy_budget_of(enum policy_question question);

/**
 * policy_engine_new() - compile
 * @set:        sealed, with its texts; not needed any more when this returns
 * @ret:        owned by the caller
 * @ret_report: all mistakes as a compiler shows them, owned by the caller (free()); may be NULL
 * @err:        the first mistake as a sentence, with file, line and column
 *
 * Errors: -EINVAL a module has mistakes; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int policy_engine_new(const struct policy_set *set, struct policy_engine **ret, char **ret_report,
	struct error *err);

/**
 * policy_engine_check() - compile those layers that have somebody's own modules, and give all of it back
 * @set:        sealed, with its texts
 * @ret_silent: of each layer, whether somebody's own modules are in it and no rule of them answers a question
 * @ret_report: as policy_engine_new()
 * @err:        likewise
 *
 * What came with cordon has no mistakes by itself: our tests compile it (tests/e2e/test_modules.py).
 *
 * Errors: as policy_engine_new().
 * Return: 0 or negative errno.
 */
int policy_engine_check(const struct policy_set *set, bool ret_silent[POLICY_LAYERS], char **ret_report,
	struct error *err);

/** policy_engine_free() - give it back; Return: NULL */
struct policy_engine *policy_engine_free(struct policy_engine *engine);

/** policy_engine_opa() - who alone allows, and is to be asked besides (policy/set.h); Return: NULL: nobody */
const char *policy_engine_opa(const struct policy_engine *engine);

/** policy_engine_digest() - of the set that it was made of */
const struct digest *policy_engine_digest(const struct policy_engine *engine);

/* What a policy is told of the world: which time it is and where, and what is random. */
struct policy_moment {
	int64_t now_ns;			/* since the epoch */
	unsigned char seed[32];
	/* the files of time zones, as struct regoc_limits has it; NULL: UTC is all there is */
	bool (*zone)(void *data, const char *name, const char **ret, size_t *ret_len);
	void *zone_data;
};

/*
 * Whoever answers: an engine of ours, or a service elsewhere that is asked the same.
 */
struct policy_oracle {
	/* as policy_ask() */
	int (*ask)(void *context, enum policy_question question, const struct json *input,
		const struct policy_moment *moment, struct arena *arena, struct policy_answer *ret,
		struct error *err);
	void *context;
	struct digest digest;		/* of what it answers by */
};

/** policy_engine_oracle() - an engine as one; borrowed */
struct policy_oracle policy_engine_oracle(struct policy_engine *engine);

/**
 * policy_ask() - one question, to all layers
 * @engine:   changed only in its scratch memory: one question at a time
 * @question: which
 * @input:    from policy/input.h
 * @moment:   now
 * @arena:    owns the answer
 * @ret:      the answer; after a failure it denies
 * @err:      why there is none
 *
 * Errors: -ENOTCONN an OPA alone allows, and was not asked; -EBADMSG the answer is none (answer.h); -EDOM a
 * rule contradicts itself or a built-in failed; -E2BIG the budget; -EMSGSIZE the arena.
 * Return: 0 or negative errno.
 */
int policy_ask(struct policy_engine *engine, enum policy_question question, const struct json *input,
	const struct policy_moment *moment, struct arena *arena, struct policy_answer *ret,
	struct error *err);

/**
 * policy_ask_beside() - what the policies of a set add to the answer of the OPA that allows
 * @engine:   as policy_ask()
 * @question: likewise
 * @input:    likewise
 * @moment:   likewise
 * @arena:    likewise
 * @ret:      to be joined with the answer of the OPA (policy_answer_join()); alone it must never count, since
 *            nobody here can say that something is not allowed
 * @err:      why there is none
 *
 * Errors: as policy_ask(), but for -ENOTCONN.
 * Return: 0 or negative errno.
 */
int policy_ask_beside(struct policy_engine *engine, enum policy_question question, const struct json *input,
	const struct policy_moment *moment, struct arena *arena, struct policy_answer *ret,
	struct error *err);
