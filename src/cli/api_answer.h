/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_answer.h - what the control API answers: a document, a problem, or the beginning of a stream
 *
 * Sources: RFC 9112; RFC 9457, whose type is "about:blank" here, since the status says all that a program
 * could go by, and whose member "hint" is ours
 */
#pragma once

#include "cli/api_request.h"

#include "base/buf.h"
#include "json/json.h"

struct api_answer {
	bool is_last;			/* the connection ends behind it */
	bool is_head;			/* asked for by HEAD: without its body */
};

/** api_answer_json() - 200 with a document; Return: 0 or -EMSGSIZE; NULL is none, either */
int api_answer_json(struct buf *buf, const struct json *value, struct api_answer how);

/** api_answer_problem() - application/problem+json; Return: 0 or -EMSGSIZE */
int api_answer_problem(struct buf *buf, const struct api_problem *problem, struct api_answer how);

/** api_answer_stream() - 200, and events until the connection ends; Return: 0 or -EMSGSIZE */
int api_answer_stream(struct buf *buf);
