// SPDX-License-Identifier: Apache-2.0
/*
 * test_api_request.c - what a client of the control API may want, and what is said to all else
 */
#include "lib/test.h"

#include "cli/api_answer.h"

#include "base/time.h"

#include <stdio.h>

struct asked {
	struct arena arena;
	struct http_request http;
	struct api_request request;
	struct api_problem why;
};

static enum http_step ask(struct asked *asked, enum api_role role, const char *head)
{
	arena_fini(&asked->arena);
	*asked = (struct asked){ .arena = ARENA_INIT(1 << 20) };
	return api_request_read(&asked->http, &asked->arena, str_from(head), role, &asked->request,
		&asked->why);
}

/* Return: the status; 200: it is to be done */
static unsigned status_of(struct asked *asked, enum api_role role, const char *first, const char *fields)
{
	char head[8192];

	(void)snprintf(head, sizeof(head), "%s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n", first, fields);
	return ask(asked, role, head) == HTTP_DONE ? 200 : asked->why.status;
}

TEST(each_path_has_its_methods)
{
	static const struct {
		const char *first;
		unsigned status;
		enum api_path path;
	} rows[] = {
		{ "GET /v1/rules", 200, API_PATH_RULES }, { "HEAD /v1/rules", 200, API_PATH_RULES },
		{ "DELETE /v1/rules/7", 200, API_PATH_RULE }, { "GET /v1/events", 200, API_PATH_EVENTS },
		{ "GET /v1/events?after=0", 200, API_PATH_EVENTS },
		{ "GET /v1/stats", 200, API_PATH_STATS }, { "GET /v1/config", 200, API_PATH_CONFIG },
		{ "PUT /v1/rules", 405, API_PATH_RULES }, { "GET /v1/rules/7", 405, API_PATH_RULE },
		{ "HEAD /v1/events", 405, API_PATH_EVENTS }, { "POST /v1/stats", 405, API_PATH_STATS },
		{ "GET /", 404, API_PATH_NONE }, { "GET /v1", 404, API_PATH_NONE },
		{ "GET /v1/rules/", 404, API_PATH_NONE }, { "DELETE /v1/rules/0", 404, API_PATH_NONE },
		{ "DELETE /v1/rules/07", 404, API_PATH_NONE }, { "DELETE /v1/rules/-7", 404, API_PATH_NONE },
		{ "DELETE /v1/rules/9223372036854775808", 404, API_PATH_NONE },
		{ "GET /v1/rules?x", 400, API_PATH_RULES }, { "GET /v1/rules?", 400, API_PATH_RULES },
		{ "GET /v1/events?after=", 400, API_PATH_EVENTS },
		{ "GET /v1/events?after=1&after=2", 400, API_PATH_EVENTS },
		{ "GET http://127.0.0.1/v1/rules", 400, API_PATH_NONE },
		{ "OPTIONS *", 400, API_PATH_NONE }, { "CONNECT 127.0.0.1:443", 400, API_PATH_NONE },
	};
	struct asked asked = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_INT(status_of(&asked, API_OPERATOR, rows[i].first, ""), rows[i].status);
		if (rows[i].status == 405)
			CHECK(asked.why.allow);
		if (rows[i].status == 200)
			CHECK_INT(asked.request.path, rows[i].path);
		else
			CHECK(asked.why.detail[0] && asked.why.hint[0]);
	}
	arena_fini(&asked.arena);
}

TEST(a_reader_looks_and_an_operator_changes)
{
	static const char body[] = "Content-Type: application/json\r\nContent-Length: 2\r\n";
	struct asked asked = { 0 };

	CHECK_INT(status_of(&asked, API_READER, "POST /v1/rules", body), 403);
	CHECK(asked.request.is_last);
	CHECK_INT(status_of(&asked, API_NOBODY, "POST /v1/rules", body), 403);
	CHECK_INT(status_of(&asked, API_READER, "DELETE /v1/rules/1", ""), 403);
	CHECK(!asked.request.is_last);
	CHECK_INT(status_of(&asked, API_OPERATOR, "POST /v1/rules", body), 200);
	CHECK_INT(asked.request.body_bytes, 2);
	CHECK_INT(status_of(&asked, API_READER, "GET /v1/rules", ""), 200);
	arena_fini(&asked.arena);
}

TEST(bodies_are_bounded_and_said_to_be_json)
{
	static const struct {
		const char *fields;
		unsigned status;
	} rows[] = {
		{ "Content-Type: application/json\r\nContent-Length: 65536\r\n", 200 },
		{ "Content-Type: application/json\r\nContent-Length: 65537\r\n", 413 },
		{ "Content-Type: Application/JSON; charset=UTF-8\r\nContent-Length: 2\r\n", 200 },
		{ "Content-Type: application/json; charset=latin1\r\nContent-Length: 2\r\n", 415 },
		{ "Content-Type: application/jsonp\r\nContent-Length: 2\r\n", 415 },
		{ "Content-Length: 2\r\n", 415 },
		{ "Content-Type: application/json\r\n", 400 },
		{ "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n", 411 },
		{ "Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 200-ok\r\n", 417 },
	};
	struct asked asked = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_INT(status_of(&asked, API_OPERATOR, "POST /v1/rules", rows[i].fields), rows[i].status);
	CHECK_INT(status_of(&asked, API_OPERATOR, "GET /v1/rules", "Content-Length: 1\r\n"), 400);
	CHECK_INT(status_of(&asked, API_OPERATOR, "DELETE /v1/rules/1", "Content-Length: 1\r\n"), 400);
	arena_fini(&asked.arena);
}

TEST(accept_is_asked_where_there_is_one_form)
{
	static const struct {
		const char *fields;
		unsigned json, events;
	} rows[] = {
		{ "", 200, 200 }, { "Accept: */*\r\n", 200, 200 },
		{ "Accept: application/json\r\n", 200, 406 }, { "Accept: text/event-stream\r\n", 406, 200 },
		{ "Accept: application/*;q=0.1\r\n", 200, 406 },
		{ "Accept: text/html, */*;q=0.8\r\n", 200, 200 }, { "Accept: text/html\r\n", 406, 406 },
		{ "Accept: application/json;q=0\r\n", 406, 406 },
	};
	struct asked asked = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_INT(status_of(&asked, API_READER, "GET /v1/stats", rows[i].fields), rows[i].json);
		CHECK_INT(status_of(&asked, API_READER, "GET /v1/events", rows[i].fields), rows[i].events);
	}
	arena_fini(&asked.arena);
}

TEST(the_last_event_is_what_the_client_saw_last)
{
	struct asked asked = { 0 };

	CHECK_INT(status_of(&asked, API_READER, "GET /v1/events?after=3", ""), 200);
	CHECK_INT(asked.request.after, 3);
	CHECK_INT(status_of(&asked, API_READER, "GET /v1/events?after=3", "Last-Event-ID: 12\r\n"), 200);
	CHECK_INT(asked.request.after, 12);
	CHECK_INT(status_of(&asked, API_READER, "GET /v1/events", "Last-Event-ID: 12x\r\n"), 400);
	CHECK_INT(status_of(&asked, API_READER, "GET /v1/events", "Last-Event-ID: \r\n"), 200);
	CHECK_INT(asked.request.after, 0);
	arena_fini(&asked.arena);
}

TEST(a_head_comes_in_pieces_and_is_bounded)
{
	static const char head[] = "GET /v1/rules HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nrest";
	struct asked asked = { .arena = ARENA_INIT(1 << 20) };
	char *text = malloc(API_HEAD_BYTES_MAX + 100);

	for (size_t i = 0; i < sizeof(head) - 5; i++)
		CHECK_INT(api_request_read(&asked.http, &asked.arena, (struct str){ head, i }, API_READER,
				  &asked.request, &asked.why),
			HTTP_MORE);
	CHECK_INT(api_request_read(&asked.http, &asked.arena, str_from(head), API_READER, &asked.request,
			  &asked.why),
		HTTP_DONE);
	CHECK_INT(asked.request.head_bytes, sizeof(head) - 5);
	memset(text, 'x', API_HEAD_BYTES_MAX + 99);
	text[API_HEAD_BYTES_MAX + 99] = '\0';
	CHECK_INT(ask(&asked, API_READER, text), HTTP_REFUSED);
	CHECK(asked.request.is_last);
	free(text);
	arena_fini(&asked.arena);
}

/* ---- bodies ---- */

static unsigned change(const char *text, bool is_removal, struct api_change *ret)
{
	static struct arena arena = ARENA_INIT(1 << 20);
	const struct api_request request = {
		.path = API_PATH_RULES, .method = is_removal ? API_METHOD_DELETE : API_METHOD_POST,
	};
	struct api_problem why;

	return api_change_read(&arena, &request, str_from(text), ret, &why) == HTTP_DONE ? 200 : why.status;
}

TEST(a_change_is_what_its_body_says)
{
	struct api_change read = { 0 };

	CHECK_INT(change("{\"action\":\"deny\",\"entries\":[\"a\",\"b\"],\"for\":\"10m\"}", false, &read),
		200);
	CHECK_INT(read.kind, RULES_CHANGE_DENY);
	CHECK_INT(read.count, 2);
	CHECK_TEXT(read.hosts[1], "b");
	CHECK_INT(read.for_ns, 600 * NS_PER_SEC);
	CHECK_INT(change("{\"ids\":[7,9]}", true, &read), 200);
	CHECK_INT(read.kind, RULES_CHANGE_REMOVE);
	CHECK_INT(read.ids[1], 9);
	CHECK_INT(change("{\"ids\":[7]}", false, &read), 422);
	CHECK_INT(change("{\"action\":\"deny\",\"entries\":[\"a\"]}", true, &read), 422);
	CHECK_INT(change("{\"ids\":[7,\"9\"]}", true, &read), 422);
	CHECK_INT(change("{\"ids\":[7.5]}", true, &read), 422);
	CHECK_INT(change("{\"ids\":[7", true, &read), 400);
	CHECK_INT(read.count, 2);
}

TEST(a_problem_is_json_whatever_the_client_sent)
{
	scoped(buf) struct buf out = BUF_INIT(1 << 16);
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct api_problem problem;
	const struct json *value;
	const char *body;

	api_problem_set(&problem, 405, "do \"this\"\r\n", "what \x01 was \xff said");
	problem.allow = "GET";
	CHECK_INT(api_answer_problem(&out, &problem, (struct api_answer){ .is_last = true }), 0);
	CHECK(strstr(buf_text(&out), "HTTP/1.1 405 Method Not Allowed\r\n") == buf_text(&out));
	CHECK(strstr(buf_text(&out), "\r\nAllow: GET\r\n") &&
		strstr(buf_text(&out), "\r\nConnection: close\r\n"));
	body = strstr(buf_text(&out), "\r\n\r\n") + 4;
	CHECK_INT(json_read(&arena, str_from(body), JSON_READ_STRICT, &value, NULL), 0);
	CHECK_INT(json_get_int(value, "status", 0), 405);
	CHECK_TEXT(json_get_text(value, "title"), "Method Not Allowed");
}

TEST_MAIN()
