// SPDX-License-Identifier: Apache-2.0
/*
 * test_answer.c - what a policy said, as it is and as it must not be
 */
#include "policy/answer.h"

#include "lib/test.h"

#include <errno.h>

static int read_as(struct arena *arena, enum policy_voice voice, const char *text,
	struct policy_answer *ret, struct error *err)
{
	const struct json *document;

	CHECK_INT(json_read(arena, str_from(text), 0, &document, NULL), 0);
	return policy_answer_read(arena, POLICY_COMMIT, voice, document, ret, err);
}

TEST(allow_and_nothing_else_allows)
{
	static const struct { const char *text; enum verdict verdict; } rows[] = {
		{ "{\"allow\": true}", VERDICT_ALLOW },
		{ "{\"allow\": true, \"deny\": [], \"ask\": [], \"warn\": [], \"helper\": 7}",
			VERDICT_ALLOW },
		{ "{\"allow\": true, \"warn\": [\"w\"]}", VERDICT_ALLOW },
		{ "{\"allow\": true, \"ask\": [\"a\"], \"warn\": [\"w\"]}", VERDICT_ASK },
		{ "{\"allow\": true, \"ask\": [\"a\"], \"deny\": [\"d\"]}", VERDICT_DENY },
		{ "{\"allow\": false}", VERDICT_DENY },
		{ "{\"allow\": false, \"ask\": [\"a\"]}", VERDICT_DENY },
		{ "{\"ask\": []}", VERDICT_DENY },
		{ "{}", VERDICT_DENY },
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct policy_answer answer;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_INT(read_as(&arena, POLICY_VOICE_USER, rows[i].text, &answer, NULL), 0);
		CHECK_INT(answer.verdict, rows[i].verdict);
	}
	CHECK_INT(policy_answer_read(&arena, POLICY_EXEC, POLICY_VOICE_USER, NULL, &answer, NULL), 0);
	CHECK_INT(answer.verdict, VERDICT_DENY);
	CHECK_INT(answer.count, 1);
	CHECK_TEXT(answer.findings[0].rule, "policy/no-allow");
}

/* A reason to deny is said once: that nobody allows either would be noise. */
TEST(who_denies_says_why)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct policy_answer answer;

	CHECK_INT(read_as(&arena, POLICY_VOICE_USER, "{\"allow\": false, \"deny\": [\"d\"]}", &answer, NULL),
		0);
	CHECK_INT(answer.count, 1);
	CHECK_TEXT(answer.findings[0].rule, "commit/deny");
	CHECK_TEXT(answer.findings[0].message, "d");
	CHECK_INT(answer.findings[0].severity, SEVERITY_MEDIUM);
}

TEST(other_layers_only_add)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct policy_answer answer;

	CHECK_INT(policy_answer_read(&arena, POLICY_NET, POLICY_VOICE_PROJECT, NULL, &answer, NULL), 0);
	CHECK_INT(answer.verdict, VERDICT_ALLOW);
	CHECK_INT(answer.count, 0);
	CHECK_INT(read_as(&arena, POLICY_VOICE_PROJECT,
		"{\"allow\": 7, \"ask\": [\"a\"], \"warn\": [{\"msg\": \"w\", \"rule\": \"mine/x\"}]}",
		&answer, NULL), 0);
	CHECK_INT(answer.verdict, VERDICT_ASK);
	CHECK_INT(answer.count, 2);
	CHECK_TEXT(answer.findings[0].rule, "project:commit/ask");
	CHECK_TEXT(answer.findings[1].rule, "project:mine/x");
	CHECK_INT(answer.findings[1].verdict, VERDICT_ALLOW);
}

TEST(a_finding_has_all_its_parts)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const struct policy_finding *finding;
	struct policy_answer answer;

	CHECK_INT(read_as(&arena, POLICY_VOICE_USER,
		"{\"allow\": true, \"ask\": [\"b\", \"a\", {\"msg\": \"m\","
		"\"rule\": \"a/b.c-d_e\", \"severity\": \"critical\", \"hint\": \"h\", \"paths\": [\"/x\", \"\"]}]}",
		&answer, NULL), 0);
	CHECK_INT(answer.count, 3);
	finding = &answer.findings[0];
	CHECK_TEXT(finding->rule, "a/b.c-d_e");
	CHECK_TEXT(finding->message, "m");
	CHECK_TEXT(finding->hint, "h");
	CHECK_INT(finding->severity, SEVERITY_CRITICAL);
	CHECK_INT(finding->verdict, VERDICT_ASK);
	CHECK_INT(finding->path_count, 2);
	CHECK_STR(finding->paths[0], STR("/x"));
	CHECK_STR(finding->paths[1], STR(""));
	CHECK_TEXT(answer.findings[1].message, "a");
	CHECK_TEXT(answer.findings[2].message, "b");
}

TEST(sets_are_lists_too)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct json_object_builder object;
	struct json_array_builder set;
	struct policy_answer answer;

	json_array_begin(&set, &arena);
	json_array_add(&set, json_new_text(&arena, "one"));
	json_array_add(&set, json_new_text(&arena, "two"));
	json_object_begin(&object, &arena);
	json_object_add(&object, "deny", json_set_end(&set));
	CHECK_INT(policy_answer_read(&arena, POLICY_FILE, POLICY_VOICE_ORGANISATION, json_object_end(&object),
		&answer, NULL), 0);
	CHECK_INT(answer.count, 2);
	CHECK_TEXT(answer.findings[1].rule, "organisation:file/deny");
}

TEST(what_no_answer_is)
{
	static const struct { const char *text, *says; } rows[] = {
		{ "[]", "document: expected an object" },
		{ "{\"allow\": 1}", "allow: expected a boolean" },
		{ "{\"allow\": [true]}", "allow: expected a boolean" },
		{ "{\"allow\": true, \"deny\": true}", "deny: expected a set or a list" },
		{ "{\"allow\": true, \"deny\": {\"a\": 1}}", "deny: expected a set or a list" },
		{ "{\"allow\": true, \"warn\": \"x\"}", "warn: expected a set or a list" },
		{ "{\"allow\": true, \"ask\": [7]}", "ask: expected an object" },
		{ "{\"allow\": true, \"ask\": [null]}", "ask: expected an object" },
		{ "{\"allow\": true, \"ask\": [\"\"]}", "ask: expected a text of 1 to 1024 bytes" },
		{ "{\"allow\": true, \"ask\": [\"a\\u0000b\"]}", "ask: a text with a NUL in it" },
		{ "{\"allow\": true, \"ask\": [{}]}", "msg: missing" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": 1}]}", "msg: expected a text" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"path\": \"/a\"}]}", "ask: unknown member" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"hint\": 1}]}", "hint: expected a text" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"severity\": \"bad\"}]}",
			"severity: expected" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"severity\": 1}]}", "severity: expected" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"paths\": \"/a\"}]}",
			"paths: expected a list" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"paths\": [1]}]}",
			"paths: expected a list" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"rule\": 1}]}", "rule: expected a text" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"rule\": \"\"}]}", "rule: expected a text" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"rule\": \"a b\"}]}",
			"rule: a name begins" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"rule\": \"a:b\"}]}",
			"rule: a name begins" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"rule\": \"-a\"}]}", "rule: a name begins" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"rule\": \"a\\u001b[2J\"}]}",
			"rule: a name begins" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"rule\": \"floor/setuid\"}]}",
			"cordon's own" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"rule\": \"config/protect\"}]}",
			"cordon's own" },
		{ "{\"allow\": true, \"ask\": [{\"msg\": \"m\", \"rule\": \"policy/error\"}]}",
			"cordon's own" },
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct policy_answer answer = { .verdict = VERDICT_ALLOW };
		struct error err = ERROR_INIT;

		CHECK_INT(read_as(&arena, POLICY_VOICE_USER, rows[i].text, &answer, &err), -EBADMSG);
		CHECK_INT(answer.verdict, VERDICT_DENY);
		if (!strstr(err.text, rows[i].says))
			test_fail(__FILE__, __LINE__, "%s: \"%s\"", rows[i].text, err.text);
	}
}

static const struct json *repeated(struct arena *arena, char c, size_t count)
{
	char *text = arena_alloc(arena, count);

	memset(text, c, count);
	return json_new_string(arena, (struct str){ text, count });
}

static int read_finding(struct arena *arena, const char *field, const struct json *value,
	struct policy_answer *ret)
{
	struct json_object_builder object, finding;
	struct json_array_builder list;

	json_object_begin(&finding, arena);
	if (strcmp(field, "msg"))
		json_object_add_text(&finding, "msg", "m");
	json_object_add(&finding, field, value);
	json_array_begin(&list, arena);
	json_array_add(&list, json_object_end(&finding));
	json_object_begin(&object, arena);
	json_object_add(&object, "deny", json_array_end(&list));
	return policy_answer_read(arena, POLICY_COMMIT, POLICY_VOICE_PROJECT, json_object_end(&object), ret,
		NULL);
}

TEST(texts_have_limits)
{
	static const struct {
		const char *field;
		size_t max;
	} rows[] = {
		{ "msg", POLICY_MESSAGE_MAX },
		{ "hint", POLICY_MESSAGE_MAX },
		{ "rule", POLICY_RULE_NAME_MAX },
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct policy_answer answer;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_INT(read_finding(&arena, rows[i].field, repeated(&arena, 'a', rows[i].max), &answer),
			0);
		CHECK_INT(read_finding(&arena, rows[i].field, repeated(&arena, 'a', rows[i].max + 1),
			&answer), -EBADMSG);
		CHECK_INT(answer.verdict, VERDICT_DENY);
	}
}

static const struct json *list_of(struct arena *arena, const struct json *item, size_t count)
{
	struct json_array_builder list;

	json_array_begin(&list, arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&list, item);
	return json_array_end(&list);
}

static int read_denied(struct arena *arena, const struct json *list, struct policy_answer *answer)
{
	return policy_answer_read(arena, POLICY_COMMIT, POLICY_VOICE_PROJECT,
		&(struct json){ .type = JSON_OBJECT, .object = { &(struct json_member){
			json_new_text(arena, "deny"), list }, 1 } }, answer, NULL);
}

TEST(too_many_findings_are_no_answer)
{
	scoped(arena) struct arena arena = ARENA_INIT(512 << 20);
	const struct json *text = json_new_text(&arena, "/a");
	struct policy_answer answer;

	CHECK_INT(read_denied(&arena, list_of(&arena, text, POLICY_FINDINGS_MAX), &answer), 0);
	CHECK_INT(answer.count, POLICY_FINDINGS_MAX);
	CHECK_INT(read_denied(&arena, list_of(&arena, text, POLICY_FINDINGS_MAX + 1), &answer), -EMSGSIZE);
	CHECK_INT(answer.verdict, VERDICT_DENY);
}

/* Each of 28 modules may say something about each of 100,000 entries. */
TEST(many_paths_are_an_answer_as_far_as_their_bytes_go)
{
	scoped(arena) struct arena arena = ARENA_INIT(700 << 20);
	const struct json *paths = list_of(&arena,
		json_new_text(&arena, "/home/a/project/source/module/file.c"), 2800000);
	struct policy_answer answer;

	CHECK_INT(read_finding(&arena, "paths", paths, &answer), 0);
	CHECK_INT(answer.findings[0].path_count, 2800000);
	paths = list_of(&arena, repeated(&arena, 'a', 4000), POLICY_ANSWER_BYTES_MAX / 4000);
	CHECK_INT(read_finding(&arena, "paths", paths, &answer), -EMSGSIZE);
	CHECK_INT(answer.verdict, VERDICT_DENY);
}

TEST(a_full_arena_is_an_error)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const struct json *document;
	struct policy_answer answer;

	CHECK_INT(json_read(&arena, STR("{\"deny\": [{\"msg\": \"m\", \"rule\": \"r\", \"hint\": \"h\","
		"\"paths\": [\"/a\", \"/b\"]}, \"x\"]}"), 0, &document, NULL), 0);
	for (size_t limit = 0; limit < 2048; limit += 16) {
		scoped(arena) struct arena small = ARENA_INIT(limit);
		int r = policy_answer_read(&small, POLICY_COMMIT, POLICY_VOICE_PROJECT, document, &answer,
			NULL);

		CHECK(r == -EMSGSIZE || (!r && answer.count == 2));
		CHECK_INT(answer.verdict, VERDICT_DENY);
	}
}

/* The one who allows is the OPA; the user's own policies beside it add, and are called what they are. */
TEST(an_opa_and_who_stands_beside_it)
{
	static const char both[] = "{\"allow\": true, \"ask\": [{\"rule\": \"a\", \"msg\": \"m\"}, \"n\"]}";
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct policy_answer answers[2], answer;

	CHECK_INT(read_as(&arena, POLICY_VOICE_OPA, both, &answers[0], NULL), 0);
	CHECK_INT(answers[0].verdict, VERDICT_ASK);
	CHECK_TEXT(answers[0].findings[0].rule, "opa:a");
	CHECK_TEXT(answers[0].findings[1].rule, "opa:commit/ask");
	CHECK_INT(read_as(&arena, POLICY_VOICE_BESIDE, "{\"allow\": false, \"deny\": [\"d\"]}", &answers[1],
		NULL),
		0);
	CHECK_TEXT(answers[1].findings[0].rule, "commit/deny");
	CHECK_INT(policy_answer_join(&arena, answers, 2, &answer, NULL), 0);
	CHECK_INT(answer.verdict, VERDICT_DENY);
	CHECK_INT(answer.count, 3);
	CHECK_TEXT(answer.findings[2].rule, "commit/deny");

	CHECK_INT(read_as(&arena, POLICY_VOICE_BESIDE, "{}", &answer, NULL), 0);
	CHECK_INT(answer.verdict, VERDICT_ALLOW);
	CHECK_INT(read_as(&arena, POLICY_VOICE_OPA, "{}", &answer, NULL), 0);
	CHECK_INT(answer.verdict, VERDICT_DENY);
	CHECK_TEXT(answer.findings[0].rule, "policy/no-allow");
	CHECK_TEXT(answer.findings[0].hint,
		"the policies of the OPA server have to say `allow` in data.cordon.commit");
}

TEST(a_join_without_room)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20), small = ARENA_INIT(1);
	struct policy_answer one, answer = { .verdict = VERDICT_ALLOW };
	struct error err = ERROR_INIT;

	CHECK_INT(read_as(&arena, POLICY_VOICE_USER, "{\"allow\": true, \"warn\": [\"w\"]}", &one, NULL), 0);
	CHECK_INT(policy_answer_join(&small, &one, 1, &answer, &err), -EMSGSIZE);
	CHECK_INT(answer.verdict, VERDICT_DENY);
	CHECK(*err.text);
}

TEST_MAIN()
