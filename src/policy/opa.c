// SPDX-License-Identifier: Apache-2.0
/*
 * opa.c - what is said to an OPA, and what it says, as documents
 */
#include "policy/opa.h"

#include <errno.h>

int policy_opa_write(struct buf *buf, const struct json *input)
{
	int r = buf_append_str(buf, "{\"input\":");

	if (r >= 0)
		r = json_write(buf, input, JSON_WRITE_CANONICAL);
	return r < 0 ? r : buf_append_char(buf, '}');
}

int policy_opa_read(struct arena *arena, enum policy_question question, struct str body,
	struct policy_answer *ret, struct error *err)
{
	const char *name = policy_question_name(question);
	const struct json *document, *result;
	int r;

	*ret = (struct policy_answer){ .verdict = VERDICT_DENY };
	r = json_read(arena, body, JSON_READ_STRICT, &document, err);
	if (r < 0)
		return r;
	if (document->type != JSON_OBJECT)
		return error_set(err, -EBADMSG, "it is no object");
	result = json_get(document, "result");
	if (result)
		return policy_answer_read(arena, question, POLICY_VOICE_OPA, result, ret, err);
	error_set(err, -ENODATA, "it has no result: nothing is defined at data.cordon.%s there", name);
	error_hint(err, "let the server have a policy of package cordon.%s", name);
	return -ENODATA;
}
