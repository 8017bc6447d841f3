// SPDX-License-Identifier: Apache-2.0
/*
 * api_answer.c - what the control API answers: a document, a problem, or the beginning of a stream
 */
#include "cli/api_answer.h"

#include "base/utf8.h"

#include <errno.h>

enum {
	BODY_BYTES_MAX = 24 << 20,
	PROBLEM_ARENA_BYTES = 64 << 10,
	RETRY_SEC = 5,
};

static const char *phrase_of(uint16_t status)
{
	static const struct {
		uint16_t status;
		const char *phrase;
	} rows[] = {
		{ 200, "OK" }, { 400, "Bad Request" }, { 403, "Forbidden" }, { 404, "Not Found" },
		{ 405, "Method Not Allowed" }, { 406, "Not Acceptable" }, { 408, "Request Timeout" },
		{ 409, "Conflict" }, { 411, "Length Required" }, { 413, "Content Too Large" },
		{ 414, "URI Too Long" }, { 415, "Unsupported Media Type" }, { 417, "Expectation Failed" },
		{ 422, "Unprocessable Content" }, { 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" }, { 501, "Not Supported" }, { 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].status == status)
			return rows[i].phrase;
	return "Refused";
}

/* In front of what differs. */
static void begin(struct buf *buf, uint16_t status, const char *type, bool is_last)
{
	(void)buf_printf(buf,
		"HTTP/1.1 %u %s\r\nContent-Type: %s\r\nCache-Control: no-store\r\n"
		"X-Content-Type-Options: nosniff\r\n%s",
		status, phrase_of(status), type, is_last ? "Connection: close\r\n" : "");
}

static int end(struct buf *buf, const struct buf *body, struct api_answer how)
{
	(void)buf_printf(buf, "Content-Length: %zu\r\n\r\n", body->len);
	if (!how.is_head)
		(void)buf_append(buf, body->data, body->len);
	return buf_failed(buf) ? -EMSGSIZE : 0;
}

int api_answer_json(struct buf *buf, const struct json *value, struct api_answer how)
{
	scoped(buf) struct buf body = BUF_INIT(BODY_BYTES_MAX);

	if (!value || json_write(&body, value, JSON_WRITE_CANONICAL) < 0 || buf_append_char(&body, '\n') < 0)
		return -EMSGSIZE;
	begin(buf, 200, "application/json", how.is_last);
	return end(buf, &body, how);
}

int api_answer_problem(struct buf *buf, const struct api_problem *problem, struct api_answer how)
{
	scoped(arena) struct arena arena = ARENA_INIT(PROBLEM_ARENA_BYTES);
	scoped(buf) struct buf body = BUF_INIT(BODY_BYTES_MAX);
	struct json_object_builder object;

	json_object_begin(&object, &arena);
	json_object_add_text(&object, "type", "about:blank");
	json_object_add_text(&object, "title", phrase_of(problem->status));
	json_object_add_int(&object, "status", problem->status);
	json_object_add(&object, "detail", json_new_bytes(&arena, str_from(problem->detail)));
	if (problem->hint[0])
		json_object_add(&object, "hint", json_new_bytes(&arena, str_from(problem->hint)));
	if (json_write(&body, json_object_end(&object), JSON_WRITE_CANONICAL) < 0 ||
			buf_append_char(&body, '\n') < 0)
		return -EMSGSIZE;
	begin(buf, problem->status, "application/problem+json", how.is_last);
	if (problem->allow)
		(void)buf_printf(buf, "Allow: %s\r\n", problem->allow);
	if (problem->status == 503)
		(void)buf_printf(buf, "Retry-After: %d\r\n", (int)RETRY_SEC);
	return end(buf, &body, how);
}

int api_answer_stream(struct buf *buf)
{
	begin(buf, 200, "text/event-stream", true);
	return buf_append_str(buf, "\r\nretry: 1000\n\n");
}
