// SPDX-License-Identifier: Apache-2.0
/*
 * test_opa.c - what is said to an OPA, and which of its answers are some
 */
#include "policy/opa.h"

#include "lib/test.h"

#include <errno.h>

static int read_body(struct arena *arena, const char *text, struct policy_answer *ret, struct error *err)
{
	ret->verdict = VERDICT_ALLOW;
	return policy_opa_read(arena, POLICY_COMMIT, str_from(text), ret, err);
}

TEST(a_question)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf buf = BUF_INIT(1024), small = BUF_INIT(12);
	const struct json *input;

	CHECK_INT(json_read(&arena, STR("{ \"b\": 1, \"a\": [\"x\"] }"), 0, &input, NULL), 0);
	CHECK_INT(policy_opa_write(&buf, input), 0);
	CHECK_TEXT(buf_text(&buf), "{\"input\":{\"a\":[\"x\"],\"b\":1}}");
	CHECK_INT(policy_opa_write(&small, input), -EMSGSIZE);
}

TEST(answers)
{
	static const struct { const char *text; enum verdict verdict; } bodies[] = {
		{ "{\"result\": {\"allow\": true}}", VERDICT_ALLOW },
		{ "{\"result\": {\"allow\": true, \"helper\": {\"x\": 1}}, \"decision_id\": \"7\"}",
			VERDICT_ALLOW },
		{ "{\"result\": {\"allow\": true, \"ask\": [\"look\"]}}", VERDICT_ASK },
		{ "{\"result\": {\"allow\": true, \"deny\": [{\"msg\": \"no\"}]}}", VERDICT_DENY },
		{ "{\"result\": {}}", VERDICT_DENY }, { "{\"result\": {\"allow\": false}}", VERDICT_DENY },
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct policy_answer answer;
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		CHECK_INT(read_body(&arena, bodies[i].text, &answer, &err), 0);
		CHECK_INT(answer.verdict, bodies[i].verdict);
	}
}

TEST(what_no_answer_is)
{
	static const struct { const char *text; int r; } bodies[] = {
		{ "", -EBADMSG }, { "nonsense", -EBADMSG }, { "[]", -EBADMSG }, { "true", -EBADMSG },
		{ "{\"result\": {\"allow\": true}", -EBADMSG },
		{ "{\"result\": {\"allow\": true}} {}", -EBADMSG },
		{ "{\"result\": {\"allow\": false, \"allow\": true}}", -EBADMSG },
		{ "{\"result\": {}, \"result\": {\"allow\": true}}", -EBADMSG },
		{ "{\"result\": true}", -EBADMSG }, { "{\"result\": null}", -EBADMSG },
		{ "{\"result\": {\"allow\": \"true\"}}", -EBADMSG },
		{ "{\"result\": {\"allow\": 1}}", -EBADMSG },
		{ "{\"result\": {\"allow\": true, \"deny\": \"no\"}}", -EBADMSG },
		{ "{\"result\": {\"allow\": true, \"deny\": {\"no\": true}}}", -EBADMSG },
		{ "{\"result\": {\"allow\": true, \"deny\": [{\"msg\": \"x\", \"verdict\": 1}]}}", -EBADMSG },
		{ "{\"result\": {\"allow\": true, \"warn\": [{\"msg\": \"x\", \"rule\": \"floor/x\"}]}}",
			-EBADMSG },
		{ "\x1f\x8b\x08", -EBADMSG },
		{ "{}", -ENODATA },
		{ "{\"allow\": true}", -ENODATA },
		{ "{\"warning\": {\"code\": \"api_usage_warning\"}}", -ENODATA },
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct policy_answer answer;

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct error err = ERROR_INIT;

		CHECK_INT(read_body(&arena, bodies[i].text, &answer, &err), bodies[i].r);
		CHECK_INT(answer.verdict, VERDICT_DENY);
		CHECK(*err.text);
	}
}

TEST(an_answer_without_room)
{
	static const char text[] = "{\"result\": {\"allow\": true, \"warn\": [\"w\"]}}";

	for (size_t limit = 0; limit < 4096; limit += 64) {
		scoped(arena) struct arena arena = ARENA_INIT(limit);
		struct policy_answer answer;
		struct error err = ERROR_INIT;
		int r = read_body(&arena, text, &answer, &err);

		CHECK(r == 0 || r == -EMSGSIZE);
		CHECK_INT(answer.verdict, r ? VERDICT_DENY : VERDICT_ALLOW);
	}
}

TEST_MAIN()
