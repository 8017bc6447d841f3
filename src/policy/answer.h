/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.h - what a policy said, read strictly
 *
 * The document of a package, {"deny": [...], "ask": [...], "warn": [...], "allow": true}, comes from the
 * engine or from an OPA that is asked over HTTP; both are read here. An element of the three is an object
 * {rule, msg, severity, hint, paths}, all but `msg` optional, or a string, which is its message. A member of
 * it that nobody knows, a wrong type, a text that is too long: the answer as a whole is an error, since a
 * policy that was misunderstood is no policy. What else a package has are its own helpers, and is not looked
 * at.
 *
 * `allow` counts even where `ask` found something: a person may accept what is asked about, but not stand in
 * for a policy. So an `allow` that waits for an empty `ask` can never be accepted.
 */
#pragma once

#include "json/json.h"
#include "policy/question.h"
#include "policy/set.h"
#include "policy/verdict.h"

enum {
	POLICY_RULE_NAME_MAX = 128,
	POLICY_MESSAGE_MAX = 1024,
	POLICY_FINDINGS_MAX = 200000,	/* of one answer, the paths of each counted */
};

struct policy_finding {
	enum verdict verdict;		/* VERDICT_ALLOW: of `warn` */
	enum severity severity;		/* medium where the policy does not say */
	/*
	 * as the policy gives it, or "commit/deny"; of a layer that only adds: "project:NAME"; letters,
	 * digits and ._-/ alone
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
 * @layer:    who answers; only POLICY_LAYER_USER can allow, the others merely add
 * @document: the value of the package; NULL: it is undefined
 * @ret:      the answer; after a failure it denies
 * @err:      what is wrong with it
 *
 * Names that begin with "floor/", "config/" or "policy/" are our own: a policy that uses one is refused.
 * Where the user's layer neither denies nor says that `allow` is true, the answer has the finding
 * "policy/no-allow", which denies.
 *
 * Errors: -EBADMSG no such document; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int policy_answer_read(struct arena *arena, enum policy_question question, enum policy_layer_kind layer,
	const struct json *document, struct policy_answer *ret, struct error *err);
