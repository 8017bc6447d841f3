// SPDX-License-Identifier: Apache-2.0
/*
 * verdict.c - the three answers as words
 */
#include "policy/verdict.h"

#include <errno.h>

static const char *const verdict_names[] = {
	[VERDICT_DENY] = "deny", [VERDICT_ASK] = "ask", [VERDICT_ALLOW] = "allow",
};

static const char *const severity_names[] = {
	[SEVERITY_CRITICAL] = "critical", [SEVERITY_HIGH] = "high", [SEVERITY_MEDIUM] = "medium",
	[SEVERITY_LOW] = "low",
};

static int find_name(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (name && !strcmp(names[i], name))
			return (int)i;
	return -EINVAL;
}

const char *verdict_name(enum verdict verdict)
{
	return verdict_names[verdict];
}

int verdict_from_name(const char *name, enum verdict *ret)
{
	int r = find_name(verdict_names, ARRAY_SIZE(verdict_names), name);

	if (r < 0)
		return r;
	*ret = (enum verdict)r;
	return 0;
}

const char *severity_name(enum severity severity)
{
	return severity_names[severity];
}

int severity_from_name(const char *name, enum severity *ret)
{
	int r = find_name(severity_names, ARRAY_SIZE(severity_names), name);

	if (r < 0)
		return r;
	*ret = (enum severity)r;
	return 0;
}
