/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict.h - the three answers, and a decision that carries one
 *
 * Zero is deny: what nobody decided is refused. A worse verdict has the smaller number, so that the worst of
 * many is their minimum.
 */
#pragma once

#include "base/hash.h"
#include "base/str.h"

enum verdict {
	VERDICT_DENY,
	VERDICT_ASK,
	VERDICT_ALLOW,
};

/* In what order a person should look; the verdict does not follow from it. */
enum severity {
	SEVERITY_CRITICAL,
	SEVERITY_HIGH,
	SEVERITY_MEDIUM,
	SEVERITY_LOW,
};

enum {
	DECISION_ID_SIZE = 15,		/* "d-", 12 hexadecimal digits, NUL */
};

/* One answer to one question; for a changeset, one thing that was found in it. */
struct decision {
	enum verdict verdict;
	enum severity severity;
	/* follows from the input and the finding: the same again for the same question */
	char id[DECISION_ID_SIZE];
	const char *rule;		/* "floor/setuid" */
	/* what is wrong and why it matters, without the path; safe to print */
	const char *message;
	const char *hint;		/* what to do about it */
	unsigned root;			/* index into the changeset's roots */
	struct str path;		/* below that root, as the agent named it: quote it */
};

/** verdict_name() - "deny", "ask", "allow" */
const char *verdict_name(enum verdict verdict);

/** verdict_from_name() - the other way; Return: 0 or -EINVAL */
int verdict_from_name(const char *name, enum verdict *ret);

/** verdict_worst() - the more closed one of two */
static inline enum verdict verdict_worst(enum verdict a, enum verdict b)
{
	return a < b ? a : b;
}

/** severity_name() - "critical", "high", "medium", "low" */
const char *severity_name(enum severity severity);

/** severity_from_name() - the other way; Return: 0 or -EINVAL */
int severity_from_name(const char *name, enum severity *ret);
