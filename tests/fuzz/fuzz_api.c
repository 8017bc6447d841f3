// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_api.c - what holds for every request to the control API
 *
 * The first byte says whose it is, and whether it is a head or a body.
 *
 *   - in pieces a head is read as it is at once, and is no longer than may be
 *   - only an operator changes anything, and what is done has a body of the length that it says
 *   - a refusal has a status that it may have, a sentence, and is an answer that can be read
 *   - a body that is taken is all of what was asked for
 */
#include "cli/api_answer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_problem(const struct api_problem *problem)
{
	scoped(buf) struct buf out = BUF_INIT(1 << 16);

	assert(problem->status >= 400 && problem->status < 600);
	assert(problem->detail[0] && problem->hint[0]);
	assert(api_answer_problem(&out, problem, (struct api_answer){ 0 }) == 0);
	assert(!strstr(buf_text(&out), "\"title\":\"Refused\""));
}

static void check_request(const struct api_request *request, enum api_role role, size_t size)
{
	assert(request->path != API_PATH_NONE && request->path < API_PATH_COUNT);
	assert(request->head_bytes && request->head_bytes <= size &&
		request->head_bytes <= API_HEAD_BYTES_MAX);
	assert(request->body_bytes <= API_BODY_BYTES_MAX);
	assert(request->method != API_METHOD_OTHER);
	if (request->method == API_METHOD_POST || request->method == API_METHOD_DELETE)
		assert(role == API_OPERATOR);
	assert(!request->body_bytes || (request->path == API_PATH_RULES && role == API_OPERATOR));
	assert((request->path == API_PATH_RULE) == (request->rule != 0));
}

static enum http_step read_at_once(struct str bytes, enum api_role role, struct api_request *ret)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct http_request *http = calloc(1, sizeof(*http));
	struct api_problem problem;
	enum http_step step = api_request_read(http, &arena, bytes, role, ret, &problem);

	if (step == HTTP_REFUSED)
		check_problem(&problem);
	if (step == HTTP_DONE)
		check_request(ret, role, bytes.len);
	free(http);
	return step;
}

static void check_head(struct str bytes, enum api_role role, size_t piece)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct http_request *http = calloc(1, sizeof(*http));
	struct api_request whole, request = { 0 };
	struct api_problem problem;
	enum http_step wanted = read_at_once(bytes, role, &whole), step = HTTP_MORE;

	for (size_t len = MIN(piece, bytes.len); step == HTTP_MORE; len = MIN(len + piece, bytes.len)) {
		step = api_request_read(http, &arena, (struct str){ bytes.data, len }, role, &request,
			&problem);
		if (len == bytes.len)
			break;
	}
	assert(step == wanted);
	if (step == HTTP_DONE)
		assert(request.path == whole.path && request.method == whole.method &&
			request.rule == whole.rule && request.after == whole.after &&
			request.head_bytes == whole.head_bytes && request.body_bytes == whole.body_bytes);
	free(http);
}

static void check_body(struct str bytes, bool is_removal)
{
	scoped(arena) struct arena arena = ARENA_INIT(4 << 20);
	const struct api_request request = {
		.path = API_PATH_RULES, .method = is_removal ? API_METHOD_DELETE : API_METHOD_POST,
	};
	struct api_change change = { 0 };
	struct api_problem problem;

	if (api_change_read(&arena, &request, bytes, &change, &problem) == HTTP_REFUSED) {
		check_problem(&problem);
		assert(!change.count);
		return;
	}
	assert(change.count && change.count <= RULES_CHANGE_ITEMS_MAX);
	assert(is_removal == (change.kind == RULES_CHANGE_REMOVE));
	assert(change.for_ns <= RULES_CHANGE_FOR_MAX_NS);
	for (size_t i = 0; i < change.count; i++)
		assert(is_removal ? change.ids[i] != 0 : change.hosts[i] != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes;
	char *copy;

	if (!size)
		return 0;
	/* A copy, so that a read behind the end is seen. */
	copy = malloc(size);
	memcpy(copy, data + 1, size - 1);
	bytes = (struct str){ copy, size - 1 };
	if (data[0] & 4)
		check_body(bytes, data[0] & 1);
	else
		check_head(bytes, data[0] & 1 ? API_OPERATOR : API_READER, 1 + (data[0] >> 3));
	free(copy);
	return 0;
}
