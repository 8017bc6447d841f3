/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opa.h - what is said to an OPA, and what it says, as documents
 *
 * The data API: POST /v1/data/cordon/commit with {"input": DOCUMENT}, answered by {"result": PACKAGE}. The
 * input is the one that our own engine is asked with, and the package's value is read as strictly as an
 * answer of that engine (policy/answer.h). How the two travel is none of this file's business (run/opa.h).
 *
 * Source: Open Policy Agent, REST API, "Get a Document (with Input)"
 */
#pragma once

#include "base/buf.h"
#include "policy/answer.h"

enum {
	POLICY_OPA_BODY_MAX = 8 << 20,		/* of an answer */
};

/**
 * policy_opa_write() - the body of a question
 * @buf:   is appended to
 * @input: from policy/input.h
 *
 * Errors: -EMSGSIZE the limit of @buf.
 * Return: 0 or negative errno.
 */
int policy_opa_write(struct buf *buf, const struct json *input);

/**
 * policy_opa_read() - the body of an answer
 * @arena:    owns the answer, and what was read on the way
 * @question: what was asked
 * @body:     any bytes
 * @ret:      the answer; after a failure it denies
 * @err:      what is wrong with it
 *
 * Members besides `result` are what a server adds of its own accord (decision_id, metrics, warning), and are
 * not looked at.
 *
 * Errors: -ENODATA there is no result: the server has nothing at data.cordon.QUESTION; -EBADMSG no such
 * document; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int policy_opa_read(struct arena *arena, enum policy_question question, struct str body,
	struct policy_answer *ret, struct error *err);
