/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_request.h - what a client of the control API wants, read as if a stranger had sent it
 *
 * The head of a request is read by the same strict reader that the gateway has (codec/http.h); here it
 * becomes one of the few requests that there are, or a problem with the status that HTTP has for it. Nothing
 * here does any I/O.
 *
 * Sources: RFC 9110, RFC 9112; RFC 9457 (problem details); WHATWG HTML, "server-sent events" (Last-Event-ID)
 */
#pragma once

#include "codec/http.h"
#include "run/api_wire.h"
#include "run/rules_change.h"

enum {
	API_HEAD_BYTES_MAX = 16 << 10,
	API_LINE_BYTES_MAX = 4 << 10,
	API_FIELDS_MAX = 64,
	API_BODY_BYTES_MAX = 64 << 10,
	API_DETAIL_SIZE = 640,
	API_HINT_SIZE = 512,
};

enum api_path {
	API_PATH_NONE,
	API_PATH_RULES,			/* /v1/rules */
	API_PATH_RULE,			/* /v1/rules/NUMBER */
	API_PATH_EVENTS,
	API_PATH_STATS,
	API_PATH_CONFIG,
	API_PATH_COUNT,
};

enum api_method {
	API_METHOD_OTHER,
	API_METHOD_GET,
	API_METHOD_HEAD,
	API_METHOD_POST,
	API_METHOD_DELETE,
};

/* Why something is not done, for a program and for a person. */
struct api_problem {
	uint16_t status;
	const char *allow;		/* of 405: the methods that there are; otherwise NULL */
	char detail[API_DETAIL_SIZE];
	char hint[API_HINT_SIZE];	/* what to do next; may be empty */
};

struct api_request {
	enum api_path path;
	enum api_method method;
	uint64_t rule;			/* of API_PATH_RULE; not 0 */
	uint64_t after;			/* of API_PATH_EVENTS: the number of the last record that is known */
	size_t head_bytes, body_bytes;
	bool is_last;			/* the connection ends behind the answer */
	bool expects_continue;
};

/** api_problem_set() - say what is wrong, and what to do; Return: HTTP_REFUSED */
enum http_step api_problem_set(struct api_problem *problem, uint16_t status, const char *hint,
	const char *fmt, ...) PRINTF_LIKE(4, 5);

/**
 * api_request_read() - the head of a request
 * @http:  all zero for the first call; the following ones continue
 * @arena: owns what was read
 * @bytes: all that came since the head began
 * @role:  of the client
 * @ret:   the request; head_bytes, is_last and method are set with a refusal, too, where the head was read
 * @why:   set with a refusal
 *
 * Return: HTTP_DONE, HTTP_MORE or HTTP_REFUSED.
 */
enum http_step api_request_read(struct http_request *http, struct arena *arena, struct str bytes,
	enum api_role role, struct api_request *ret, struct api_problem *why);

/* What a body of POST or DELETE says. */
struct api_change {
	enum rules_change_kind kind;
	const char *const *hosts;	/* of allow and deny */
	const uint64_t *ids;		/* of remove */
	size_t count;			/* 1..RULES_CHANGE_ITEMS_MAX */
	uint64_t for_ns;		/* 0: without an end */
};

/**
 * api_change_read() - the body of a request that changes rules
 * @arena:   owns the result
 * @request: a POST, or a DELETE of API_PATH_RULES
 * @text:    the body, any bytes
 * @ret:     the change; whether hosts are entries is for rules_change_read() to say
 * @why:     400 it is no JSON; 422 it is not what is wanted
 *
 * POST: {"action": "allow" or "deny", "entries": [...], "for": "10m"}, of which "for" may be left out.
 * DELETE: {"ids": [...]}.
 *
 * Return: HTTP_DONE or HTTP_REFUSED.
 */
enum http_step api_change_read(struct arena *arena, const struct api_request *request, struct str text,
	struct api_change *ret, struct api_problem *why);
