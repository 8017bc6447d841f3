// SPDX-License-Identifier: Apache-2.0
/*
 * question.c - the four questions as words
 */
#include "policy/question.h"

#include "base/macro.h"

#include <errno.h>
#include <string.h>

static const char *const question_names[] = {
	[POLICY_COMMIT] = "commit", [POLICY_EXEC] = "exec", [POLICY_NET] = "net", [POLICY_FILE] = "file",
};

const char *policy_question_name(enum policy_question question)
{
	assert(question < POLICY_QUESTIONS);
	return question_names[question];
}

int policy_question_from_name(const char *name, enum policy_question *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(question_names); i++)
		if (name && !strcmp(question_names[i], name)) {
			*ret = (enum policy_question)i;
			return 0;
		}
	return -EINVAL;
}
