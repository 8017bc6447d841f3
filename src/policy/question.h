/* SPDX-License-Identifier: Apache-2.0 */
/*
 * question.h - what the product asks a policy
 *
 * Four questions, each a package of Rego (data.cordon.commit, .exec, .net, .file) with an input document of
 * its own (docs/policy-inputs.md, data/schemas/policy) and the same answer: the sets `deny`, `ask` and
 * `warn`, and `allow`. Nothing in deny or ask, and `allow` true, means allow. A package that is not there, an
 * `allow` that is undefined, an error, a limit: deny.
 */
#pragma once

enum policy_question {
	POLICY_COMMIT,			/* may this changeset become real? */
	POLICY_EXEC,			/* may this program be executed? */
	POLICY_NET,			/* may this connection be made? */
	POLICY_FILE,			/* may this file be opened? */
	POLICY_QUESTIONS,
};

/** policy_question_name() - "commit", "exec", "net", "file" */
const char *policy_question_name(enum policy_question question);

/** policy_question_from_name() - the other way; Return: 0 or -EINVAL */
int policy_question_from_name(const char *name, enum policy_question *ret);
