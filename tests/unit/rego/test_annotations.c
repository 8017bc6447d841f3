// SPDX-License-Identifier: Apache-2.0
/*
 * test_annotations.c - METADATA blocks are found, read, and given to what they are about
 */
#include "rego/ast.h"

#include "lib/test.h"

enum {
	ARENA_MAX_BYTES = 16 << 20,
};

static struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);

static const struct rego_module *parse(const char *text, struct rego_diags *diags)
{
	struct rego_source *source = arena_alloc(&arena, sizeof(*source));

	CHECK(source);
	*source = (struct rego_source){ .name = "a.rego", .text = str_from(text) };
	return rego_parse_module(source, REGO_PARSE_ANNOTATIONS, &arena, diags);
}

static const struct rego_module *parse_right(const char *text)
{
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	const struct rego_module *module = parse(text, &diags);

	if (!module)
		test_fail(__FILE__, __LINE__, "%s: %s", text, diags.first->text);
	return module;
}

static void check_value(const struct rego_annotation *annotation, const char *wanted)
{
	scoped(buf) struct buf buf = BUF_INIT(64 << 10);

	CHECK_INT(json_write(&buf, annotation->value, JSON_WRITE_CANONICAL), 0);
	CHECK_TEXT(buf_text(&buf), wanted);
}

/* The one annotation of a rule. */
static void check_rule(const char *lines, const char *wanted)
{
	const char *text = arena_printf(&arena, "package a\n\n# METADATA\n%s\np := 1\n", lines);
	const struct rego_module *module = parse_right(text);

	CHECK_INT(module->annotation_count, 1);
	CHECK(module->annotations[0].rule == module->rules[0]);
	check_value(&module->annotations[0], wanted);
}

static void check_wrong(const char *text, uint32_t line, const char *wanted)
{
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);

	CHECK(!parse(text, &diags));
	CHECK_TEXT(diags.first->text, wanted);
	CHECK_INT(diags.first->code, REGO_CODE_PARSE);
	CHECK_INT(diags.first->at.line, line);
}

static void check_wrong_rule(const char *lines, uint32_t line, const char *wanted)
{
	check_wrong(arena_printf(&arena, "package a\n\n# METADATA\n%s\np := 1\n", lines), line, wanted);
}

TEST(fields)
{
	check_rule("# title: A\n# description: B\n# organizations: [C, D]",
		"{\"description\":\"B\",\"organizations\":[\"C\",\"D\"],\"scope\":\"rule\",\"title\":\"A\"}");
	check_rule("# authors:\n# - A  B <a@b>\n# - name: C\n# - email: d@e\n# - F",
		"{\"authors\":[{\"email\":\"a@b\",\"name\":\"A B\"},{\"name\":\"C\"},{\"email\":\"d@e\"},{\"name\":\"F\"}],"
		"\"scope\":\"rule\"}");
	check_rule("# related_resources:\n# - https://a/b\n# - ref: https://c\n#   description: D",
		"{\"related_resources\":[{\"ref\":\"https://a/b\"},{\"description\":\"D\",\"ref\":\"https://c\"}],"
		"\"scope\":\"rule\"}");
	check_rule("# schemas:\n# - input: schema.x[\"y\"]\n# - data.a: {type: string}",
		"{\"schemas\":[{\"path\":[\"input\"],\"schema\":[\"schema\",\"x\",\"y\"]},"
		"{\"definition\":{\"type\":\"string\"},\"path\":[\"data\",\"a\"]}],\"scope\":\"rule\"}");
	check_rule("# custom:\n#   a: [1, {b: null}]\n# unknown: 1\n# title:",
		"{\"custom\":{\"a\":[1,{\"b\":null}]},\"scope\":\"rule\"}");
	check_rule("# scope: document", "{\"scope\":\"document\"}");
	check_rule("# entrypoint: true", "{\"entrypoint\":true,\"scope\":\"document\"}");
}

TEST(what_they_are_about)
{
	const struct rego_module *module = parse_right("# METADATA\n# scope: subpackages\npackage a\n"
		"import data.b\n# METADATA\n# title: A\n\n# no more\np if {\n\tx # METAD\n}\n# METADATA\n# scope: rule\n"
		"p if y");

	CHECK_INT(module->annotation_count, 3);
	CHECK_INT(module->annotations[0].scope, REGO_SCOPE_SUBPACKAGES);
	CHECK(!module->annotations[0].rule);
	CHECK_INT(module->annotations[1].scope, REGO_SCOPE_RULE);
	CHECK(module->annotations[1].rule == module->rules[0]);
	CHECK(module->annotations[2].rule == module->rules[1]);
}

TEST(without_the_flag_they_are_comments)
{
	struct rego_source source = { .name = "a.rego",
		.text = STR("# METADATA\n# scope: nonsense\npackage a\n") };
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	const struct rego_module *module = rego_parse_module(&source, REGO_PARSE_V1, &arena, &diags);

	CHECK(module);
	CHECK_INT(module->annotation_count, 0);
}

TEST(what_is_wrong)
{
	check_wrong_rule("#", 3, "expected METADATA block, found whitespace");
	check_wrong_rule("# title: a: b", 4, "yaml: line 1: mapping values are not allowed in this context");
	check_wrong_rule("# x: 1\n# y: [", 5, "yaml: line 2: did not find expected node content");
	check_wrong_rule("# scope: x", 3,
		"invalid annotation scope 'x'. Use one of 'rule', 'document', 'package', or 'subpackages'");
	check_wrong_rule("# scope: package", 3,
		"annotation scope 'package' must be applied to package (have rule)");
	check_wrong_rule("# entrypoint: true\n# scope: rule", 3,
		"annotation entrypoint applied to non-document or package scope 'rule'");
	check_wrong_rule("# title: [1]", 3, "yaml: unmarshal errors: cannot unmarshal !!seq into string");
	check_wrong_rule("# organizations: x", 3,
		"yaml: unmarshal errors: cannot unmarshal !!str into []string");
	check_wrong_rule("# custom: 1", 3,
		"yaml: unmarshal errors: cannot unmarshal !!int into map[string]interface {}");
	check_wrong_rule("# entrypoint: 1", 3, "yaml: unmarshal errors: cannot unmarshal !!int into bool");
	check_wrong_rule("# just text", 3,
		"yaml: unmarshal errors: cannot unmarshal !!str into ast.rawAnnotation");
	check_wrong_rule("# authors: ['']", 3, "invalid author definition : author is an empty string");
	check_wrong_rule("# authors: [{}]", 3,
		"invalid author definition {}: 'name' and/or 'email' values required in object");
	check_wrong_rule("# authors: [1]", 3,
		"invalid author definition 1: invalid value type, must be string or map");
	check_wrong_rule("# related_resources: ['']", 3,
		"invalid related-resource definition : ref URL may not be empty string");
	check_wrong_rule("# related_resources: [{a: b}]", 3,
		"invalid related-resource definition {\"a\":\"b\"}: 'ref' value required in object");
	check_wrong_rule("# schemas: [{'1': schema.x}]", 3, "invalid document reference");
	check_wrong_rule("# schemas: [{input: x.y}]", 3, "invalid schema reference");
	check_wrong_rule("# schemas: [{input: 1}]", 3, "invalid schema declaration for path \"input\"");
	check_wrong("package a\n# METADATA\n# title: x\nimport data.b\n", 2,
		"invalid annotation scope 'import'. Use one of 'rule', 'document', 'package', or 'subpackages'");
	check_wrong("package a\np := 1\n# METADATA\n# title: x\n", 3,
		"invalid annotation scope ''. Use one of 'rule', 'document', 'package', or 'subpackages'");
	check_wrong("package a\np := 1\n# METADATA\n# scope: rule\n", 3,
		"annotation scope 'rule' must be applied to rule");
}

TEST_MAIN()
