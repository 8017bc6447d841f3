// SPDX-License-Identifier: Apache-2.0
/*
 * test_schema_type.c - JSON Schemas as types, and references that are held against them: by package, by name,
 * by what METADATA claims
 */
#include "lib/test.h"
#include "rego/regoc_json.h"
#include "rego/schema_type.h"

#include <errno.h>

static const struct json *read_json(struct arena *arena, const char *text)
{
	const struct json *value;

	CHECK_INT(json_read(arena, str_from(text), JSON_READ_STRICT, &value, NULL), 0);
	return value;
}

/* ---- types ---- */

TEST(types_of_schemas)
{
	static const struct {
		const char *schema, *type;
	} cases[] = {
		{ "true", "any" },
		{ "{}", "any" },
		{ "{\"type\":\"string\",\"pattern\":\"^/\"}", "string" },
		{ "{\"type\":\"integer\"}", "number" },
		{ "{\"type\":[\"string\",\"null\"]}", "any<null, string>" },
		{ "{\"type\":\"array\"}", "array[any]" },
		{ "{\"type\":\"array\",\"items\":{\"type\":\"boolean\"}}", "array[boolean]" },
		{ "{\"const\":1}", "number" },
		{ "{\"enum\":[\"a\",\"b\",true]}", "any<boolean, string>" },
		{ "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"number\"}]}", "any<number, string>" },
		{ "{\"type\":\"object\"}", "object[string: any]" },
		{ "{\"type\":\"object\",\"properties\":{\"b\":{},\"a\":{\"type\":\"string\"}}}",
			"object<a: string, b: any>" },
		{ "{\"type\":\"object\",\"properties\":{\"a\":{}},\"additionalProperties\":true}",
			"object<a: any>[string: any]" },
		{ "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"number\"}}",
			"object[string: number]" },
		{ "{\"$ref\":\"#/$defs/x\",\"$defs\":{\"x\":{\"type\":\"null\"}}}", "null" },
		/* what goes without saying */
		{ "{\"properties\":{\"a\":{}}}", "object<a: any>" },
		{ "{\"items\":{\"type\":\"null\"}}", "array[null]" },
		/* members of all, or of either */
		{ "{\"allOf\":[{\"properties\":{\"b\":{\"type\":\"null\"}}},{\"properties\":{\"a\":{},\"b\":{}}}]}",
			"object<a: any, b: any>" },
		{ "{\"type\":\"object\",\"anyOf\":[{\"properties\":{\"a\":{}}},{\"properties\":{\"b\":{}}}]}",
			"any<object<a: any>, object<b: any>>" },
		{ "{\"allOf\":[{\"type\":\"null\"},{\"type\":\"string\"}]}", "any" },
		/* a shape that types cannot say */
		{ "{\"type\":\"object\",\"not\":{}}", "any" },
		{ "{\"type\":\"object\",\"patternProperties\":{}}", "any" },
		{ "{\"$ref\":\"#\"}", "any" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
		scoped(buf) struct buf buf = BUF_INIT(1 << 16);
		struct rego_types types = { .arena = &arena, .steps = TYPE_STEPS_MAX };
		const struct rego_type *type;
		const char *what;

		CHECK_INT(rego_type_of_schema(&types, read_json(&arena, cases[i].schema), &type, &what), 0);
		rego_type_print(type, &buf);
		CHECK_TEXT(buf_text(&buf), cases[i].type);
	}
}

TEST(what_is_no_schema)
{
	static const struct {
		const char *schema, *says;
	} cases[] = {
		{ "7", "a schema is an object" },
		{ "{\"type\":\"text\"}", "type is none" },
		{ "{\"type\":7}", "type wants" },
		{ "{\"type\":[]}", "type wants" },
		{ "{\"type\":\"object\",\"properties\":[]}", "properties wants" },
		{ "{\"type\":\"object\",\"properties\":{\"a\":7}}", "a schema is an object" },
		{ "{\"enum\":[]}", "enum wants" },
		{ "{\"anyOf\":{}}", "anyOf and oneOf want" },
		{ "{\"allOf\":[]}", "allOf wants" },
		{ "{\"$ref\":\"https://example.org/a\"}", "$ref leads out" },
		{ "{\"$ref\":\"#/a\"}", "$ref leads nowhere" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
		struct rego_types types = { .arena = &arena, .steps = TYPE_STEPS_MAX };
		const struct rego_type *type;
		const char *what = NULL;

		CHECK_INT(rego_type_of_schema(&types, read_json(&arena, cases[i].schema), &type, &what),
			-EBADMSG);
		if (!strstr(what, cases[i].says))
			test_fail(__FILE__, __LINE__, "case %zu: \"%s\"", i, what);
	}
}

/* Each definition refers to the next one twice: in the end there would be 2^60 of them. */
TEST(references_that_double)
{
	scoped(arena) struct arena arena = ARENA_INIT(16 << 20);
	scoped(buf) struct buf text = BUF_INIT(1 << 16);
	struct rego_types types = { .arena = &arena, .steps = TYPE_STEPS_MAX };
	const struct rego_type *type;
	const char *what;

	buf_append_str(&text, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
	for (int i = 0; i < 60; i++)
		buf_printf(&text,
			"\"d%d\":{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/d%d\"},"
			"\"b\":{\"$ref\":\"#/$defs/d%d\"}}},",
			i, i + 1, i + 1);
	buf_append_str(&text, "\"d60\":{}}}");
	CHECK_INT(rego_type_of_schema(&types, read_json(&arena, buf_text(&text)), &type, &what), 0);
	CHECK(types.steps > TYPE_STEPS_MAX / 2);
}

/* ---- policies ---- */

#define EXEC "{\"type\":\"object\",\"properties\":{\"exec\":{\"type\":\"object\",\"properties\":" \
	"{\"file\":{\"type\":\"string\"},\"argv\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}}}}"

static const struct regoc_schema schemas[] = {
	{ NULL, "cordon.exec", EXEC, sizeof(EXEC) - 1 },
	{ NULL, "cordon.exec.open", "true", 4 },
};

#define ACL "{\"type\":\"object\",\"properties\":{\"alice\":{\"type\":\"array\"},\"bob\":{}}}"
#define USER "{\"type\":\"object\",\"properties\":{\"user\":{\"type\":\"object\"},\"id\":{}}}"

static const struct regoc_schema named[] = {
	{ "acl-list", NULL, ACL, sizeof(ACL) - 1 },
	{ "request/user", NULL, USER, sizeof(USER) - 1 },
	{ "wrong", NULL, "{\"type\":1}", 10 },
};

/* Return: "" or "LINE:COLUMN CODE first line of the message" of the first mistake, and its hint. */
static const char *mistake(struct arena *arena, const struct regoc_settings *settings, const char *text)
{
	const struct regoc_module module = { "a.rego", text, strlen(text) };
	const struct regoc_diagnostic *first;
	struct regoc_policy *policy = NULL;
	struct regoc_report *report = NULL;
	const char *ret = "";

	if (regoc_policy_new(&module, 1, settings, &policy, &report) != REGOC_OK) {
		first = regoc_report_at(report, 0);
		ret = arena_printf(arena, "%u:%u %s %.*s%s%s", first->line, first->column, first->code,
			(int)strcspn(first->message, "\n"), first->message, first->hint ? "; " : "",
			first->hint ? first->hint : "");
	}
	regoc_report_free(report);
	regoc_policy_free(policy);
	return ret;
}

TEST(references_are_held_against_the_schema)
{
	static const struct {
		const char *text, *mistake;
	} cases[] = {
		{ "package cordon.exec\ndeny contains \"x\" if input.exec.file == \"/bin/sh\"", "" },
		{ "package cordon.exec\ndeny contains \"x\" if input.exce.file == \"/bin/sh\"",
			"2:22 rego_type_error undefined ref: input.exce.file; did you mean `exec`?" },
		{ "package cordon.exec\ndeny contains \"x\" if input.exec.path",
			"2:22 rego_type_error undefined ref: input.exec.path" },
		{ "package cordon.exec\ndeny contains \"x\" if { some a in input.exec.argv; a == 1 }",
			"2:51 rego_type_error match error" },
		{ "package cordon.exec\ndeny contains \"x\" if startswith(input.exec.argv, \"x\")",
			"2:22 rego_type_error startswith: invalid argument(s)" },
		{ "package cordon.exec.more\np if input.other",
			"2:6 rego_type_error undefined ref: input.other" },
		/* the longest package that fits; a name that only begins so does not */
		{ "package cordon.exec.open\np if input.other", "" },
		{ "package cordon.exec_test\np if input.other", "" },
		{ "package cordon\np if input.other", "" },
		/* another document in its place */
		{ "package cordon.exec\np if input.exec.file\ntest_p if p with input as {\"exec\": {\"file\": 1}}",
			"" },
		{ "package cordon.exec\ntest_p if not data.x with input as {}", "" },
	};
	const struct regoc_settings settings = { .schemas = schemas, .schema_count = ARRAY_SIZE(schemas) };
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK_TEXT(mistake(&arena, &settings, cases[i].text), cases[i].mistake);
}

#define CLAIM(scope, claim) "# METADATA\n# scope: " scope "\n# schemas:\n#  - " claim "\n"

TEST(what_metadata_claims_of_documents)
{
	static const struct {
		const char *text, *mistake;
	} cases[] = {
		/* of the rule below, and of no other */
		{ "package a\n" CLAIM("rule", "input: schema.request.user") "p if input.usr.name",
			"6:6 rego_type_error undefined ref: input.usr.name; did you mean `user`?" },
		{ "package a\n" CLAIM("rule", "input: schema.request.user") "p if input.user.name", "" },
		{ "package a\n" CLAIM("rule", "input: schema.request.user") "p if input.id\np if input.other",
			"" },
		/* of all rules of the name */
		{ "package a\n" CLAIM("document",
			"input: schema.request.user") "p if input.id\np if input.other",
			"7:6 rego_type_error undefined ref: input.other" },
		{ "package a\n" CLAIM("document",
			"input: schema.request.user") "p if input.id\nq if input.other",
			"" },
		{ CLAIM("package", "input: schema.request.user") "package a\np if input.other",
			"6:6 rego_type_error undefined ref: input.other" },
		/* data, by a name with a hyphen; what nothing is said of may be anything */
		{ "package a\n" CLAIM("rule", "data.acl: schema[\"acl-list\"]") "p if data.acl.alise[0]",
			"6:6 rego_type_error undefined ref: data.acl.alise[0]; did you mean `alice`?" },
		{ "package a\n" CLAIM("rule", "data.acl: schema[\"acl-list\"]") "p if data.acl.alice.x",
			"6:6 rego_type_error undefined ref: data.acl.alice.x" },
		{ "package a\n" CLAIM("rule", "data.acl: schema[\"acl-list\"]") "p if data.other.x", "" },
		/* a schema that stands there; a part of what is known, and the rest stays */
		{ "package a\n" CLAIM("rule", "input: {\"properties\": {\"a\": {}}}") "p if input.b",
			"6:6 rego_type_error undefined ref: input.b" },
		{ "package a\n" CLAIM("rule",
			"input: schema.request.user\n#  - input.id.no: {type: string}") "p if input.id.no.x",
			"7:6 rego_type_error undefined ref: input.id.no.x" },
		{ "package a\n" CLAIM("rule",
			"input: schema.request.user\n#  - input.id.no: {type: string}") "p if input.usr",
			"7:6 rego_type_error undefined ref: input.usr; did you mean `user`?" },
		{ "package a\n" CLAIM("rule",
			"input: schema.request.user\n#  - input.id.no: {type: string}") "p if { input.id.other; input.user.x }",
			"" },
		/* the nearer one holds */
		{ CLAIM("package", "input: schema.request.user") "package a\n"
			CLAIM("rule", "input: schema[\"acl-list\"]") "p if input.bob", "" },
		{ CLAIM("subpackages", "input: schema.request.user") "package a\n"
			CLAIM("document", "input: schema[\"acl-list\"]") "p if input.id",
			"10:6 rego_type_error undefined ref: input.id" },
		/* a query has no METADATA; what is no schema is told where it is wanted */
		{ "package a\n" CLAIM("rule", "input: schema.none") "p if input.x",
			"6:1 rego_type_error undefined schema: schema.none" },
		{ "package a\n" CLAIM("rule", "input: schema[\"no-ne\"]") "p if input.x",
			"6:1 rego_type_error undefined schema: schema[\"no-ne\"]" },
		{ "package a\n" CLAIM("rule", "input: schema.wrong") "p if input.x",
			"6:1 rego_type_error unable to compile the schema: type wants a name, or a list of names" },
		{ "package a\n" CLAIM("rule", "input: {type: 7}") "p if input.x",
			"6:1 rego_type_error unable to compile the schema: type wants a name, or a list of names" },
	};
	const struct regoc_settings settings = { .schemas = named, .schema_count = ARRAY_SIZE(named) };
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK_TEXT(mistake(&arena, &settings, cases[i].text), cases[i].mistake);
}

TEST(claims_reach_packages_below)
{
	static const char above[] = CLAIM("subpackages", "input: schema.request.user") "package a.b\n";
	static const char below[] = "package a.b.c\np if input.other\n",
		beside[] = "package a.bc\np if input.other\n";
	const struct regoc_settings settings = { .schemas = named, .schema_count = ARRAY_SIZE(named) };
	const struct regoc_module modules[] = {
		{ "above.rego", above, sizeof(above) - 1 }, { "below.rego", below, sizeof(below) - 1 },
		{ "beside.rego", beside, sizeof(beside) - 1 },
	};
	struct regoc_policy *policy = NULL;
	struct regoc_report *report = NULL;

	CHECK_INT(regoc_policy_new(modules, ARRAY_SIZE(modules), &settings, &policy, &report),
		REGOC_BAD_POLICY);
	CHECK_INT(regoc_report_count(report), 1);
	CHECK_TEXT(regoc_report_at(report, 0)->file, "below.rego");
	regoc_report_free(report);
}

/* A module that was written for schemas is taken where nobody gives them; what it says itself holds. */
TEST(claims_by_name_without_schemas_say_nothing)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	CHECK_TEXT(mistake(&arena, NULL, "package a\n" CLAIM("rule", "input: schema.none") "p if input.x"),
		"");
	CHECK_TEXT(mistake(&arena, NULL, "package a\n" CLAIM("rule", "input: {type: string}") "p if input.x"),
		"6:6 rego_type_error undefined ref: input.x");
}

TEST(questions_are_held_against_the_schema_of_all)
{
	static const struct regoc_schema all = { "", "", USER, sizeof(USER) - 1 };
	const struct regoc_settings settings = { .schemas = &all, .schema_count = 1 };
	const struct regoc_module module = { "a.rego", "package a\n", 10 };
	struct regoc_policy *policy = NULL;
	struct regoc_report *report = NULL;
	struct regoc_query *query = NULL;

	CHECK_INT(regoc_policy_new(&module, 1, &settings, &policy, NULL), REGOC_OK);
	CHECK_INT(regoc_query_new(policy, "input.usr", NULL, &query, &report), REGOC_BAD_POLICY);
	CHECK(strstr(regoc_report_text(report), "undefined ref: input.usr"));
	regoc_report_free(report);
	CHECK_INT(regoc_query_new(policy, "input.user", NULL, &query, NULL), REGOC_OK);
	regoc_query_free(query);
	regoc_policy_free(policy);
}

TEST(a_schema_that_is_none_is_a_mistake)
{
	static const struct regoc_schema wrong[] = { { NULL, "a", "{\"type\":1}", 10 },
		{ "a", NULL, "{", 1 } };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const struct regoc_settings settings = { .schemas = &wrong[i], .schema_count = 1 };
		const struct regoc_module module = { "a.rego", "package a\n", 10 };
		struct regoc_policy *policy = NULL;
		struct regoc_report *report = NULL;

		CHECK_INT(regoc_policy_new(&module, 1, &settings, &policy, &report), REGOC_BAD_POLICY);
		CHECK(strstr(regoc_report_text(report), "rego_type_error: unable to compile the schema: "));
		regoc_report_free(report);
	}
}

TEST_MAIN()
