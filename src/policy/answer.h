/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.h - what a policy said, read strictly
 *
 * The document of a package, {"deny": [...], "ask": [...], "warn": [...], "allow": true}, comes from the
 * engine or from an OPA that is asked over HTTP (policy/opa.h); both are read here. An element of the three
 * is an object {rule, msg, severity, hint, paths}, all but `msg` optional, or a string, which is its message.
 * A member of it that nobody knows, a wrong type, a text that is too long: the answer as a whole is an error,
 * since a policy that was misunderstood is no policy. What else a package has are its own helpers, and is not
 * looked at.
 *
 * `allow` counts even where `ask` found something: a person may accept what is asked about, but not stand in
 * for a policy. So an `allow` that waits for an empty `ask` can never be accepted.
 */
#pragma once

#include "json/json.h"
#include "policy/question.h"
#include "policy/verdict.h"

enum {
	POLICY_RULE_NAME_MAX = 128,
	POLICY_MESSAGE_MAX = 1024,
	POLICY_FINDINGS_MAX = 200000,	/* of one answer */
	/*
	 * of one answer, its texts and paths: every shipped module may name all of 100,000 entries
	 */
	POLICY_ANSWER_BYTES_MAX = 256 << 20,
};

/* Who answers, which decides whether its `allow` counts and how its rules are named. */
enum policy_voice {
	POLICY_VOICE_PROJECT,		/* adds; "project:NAME" */
	POLICY_VOICE_ORGANISATION,	/* adds; "organisation:NAME" */
	/* the user's own policies beside an OPA: they add; "NAME" */
	POLICY_VOICE_BESIDE,
	POLICY_VOICE_USER,		/* the user's own policies, where nobody else allows; "NAME" */
	POLICY_VOICE_OPA,		/* an OPA, which allows in their place; "opa:NAME" */
};

struct policy_finding {
	enum verdict verdict;		/* VERDICT_ALLOW: of `warn` */
	enum severity severity;		/* medium where the policy does not say */
	/*
	 * as the policy gives it, or "commit/deny", with the prefix of its voice: letters, digits and ._-/
	 * alone
	 */
	const char *rule;
	const char *message;		/* UTF-8, at most POLICY_MESSAGE_MAX bytes; quote it for a terminal */
	const char *hint;		/* or NULL */
	const struct str *paths;	/* as input documents have them */
	size_t path_count;
};

struct policy_answer {
	enum verdict verdict;		/* of all layers together */
	const struct policy_finding *findings;	/* by layer, verdict, rule, message */
	size_t count;
};

/**
 * policy_answer_read() - the document of a package as findings
 * @arena:    owns the answer
 * @question: what was asked
 * @voice:    who answers
 * @document: the value of the package; NULL: it is undefined
 * @ret:      the answer; after a failure it denies
 * @err:      what is wrong with it
 *
 * Names that begin with "floor/", "config/" or "policy/" are our own: a policy that uses one is refused.
 * Where a voice whose `allow` counts neither denies nor says that it is true, the answer has the finding
 * "policy/no-allow", which denies.
 *
 * Errors: -EBADMSG no such document; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int policy_answer_read(struct arena *arena, enum policy_question question, enum policy_voice voice,
	const struct json *document, struct policy_answer *ret, struct error *err);

/**
 * policy_answer_join() - one answer of several
 * @arena:   owns the list of findings
 * @answers: @count of them; their findings stay where they are, in this order
 * @count:   from 1
 * @ret:     as strict as the strictest; after a failure it denies
 * @err:     that there is no room
 *
 * Errors: -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int policy_answer_join(struct arena *arena, const struct policy_answer *answers, size_t count,
	struct policy_answer *ret, struct error *err);
