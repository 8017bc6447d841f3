// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_schema.c - json.match_schema and json.verify_schema: what each keyword says of values that fit
 * and that do not, and schemas that want to run for ever.
 *
 * Source of types and descriptions: gojsonschema, which OPA uses (internal/gojsonschema/locales.go of its
 * source)
 */
#include "lib/rego_call.h"

#define MATCH(document, schema, wanted) { "json.match_schema", document ", " schema, wanted }
#define FITS "[true, []]"
#define FLAW_AT(type, field, desc) \
	"{\"desc\": \"" desc "\", \"error\": \"" field ": " desc "\", \"field\": \"" field \
	"\", \"type\": \"" type "\"}"
#define FLAW(type, desc) FLAW_AT(type, "(root)", desc)
#define FAILS(flaws) "[false, [" flaws "]]"

TEST(types)
{
	static const struct rego_row rows[] = {
		MATCH("[]", "{\"type\": \"array\"}", FITS),
		MATCH("\"1\"", "{\"type\": \"integer\"}", FITS),
		MATCH("\"1.0\"", "{\"type\": \"integer\"}", FITS),
		MATCH("\"1.5\"", "{\"type\": \"integer\"}",
			FAILS(FLAW("invalid_type", "Invalid type. Expected: integer, given: number"))),
		MATCH("\"1\"", "{\"type\": \"number\"}", FITS),
		MATCH("\"null\"", "{\"type\": [\"null\", \"object\"]}", FITS),
		MATCH("\"true\"", "{\"type\": [\"null\", \"object\"]}",
			FAILS(FLAW("invalid_type", "Invalid type. Expected: [null,object], given: boolean"))),
		MATCH("{\"a\": [{\"b\": 1}]}",
			"{\"properties\": {\"a\": {\"items\": {\"properties\": {\"b\": {\"type\": \"string\"}}}}}}",
			FAILS(FLAW_AT("invalid_type", "a.0.b",
				"Invalid type. Expected: string, given: integer"))),
		MATCH("[1]", "\"false\"", FAILS(FLAW("false", "False always fails validation"))),
		MATCH("[1]", "\"true\"", FITS),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(numbers)
{
	static const struct rego_row rows[] = {
		MATCH("\"3\"", "{\"maximum\": 3, \"minimum\": 3}", FITS),
		MATCH("\"4\"", "{\"maximum\": 3}",
			FAILS(FLAW("number_lte", "Must be less than or equal to 3"))),
		MATCH("\"3\"", "{\"exclusiveMaximum\": 3}", FAILS(FLAW("number_lt", "Must be less than 3"))),
		MATCH("\"3\"", "{\"maximum\": 3, \"exclusiveMaximum\": true}",
			FAILS(FLAW("number_lt", "Must be less than 3"))),
		MATCH("\"3\"", "{\"maximum\": 3, \"exclusiveMaximum\": false}", FITS),
		MATCH("\"2\"", "{\"minimum\": 3}",
			FAILS(FLAW("number_gte", "Must be greater than or equal to 3"))),
		MATCH("\"3\"", "{\"exclusiveMinimum\": 3}",
			FAILS(FLAW("number_gt", "Must be greater than 3"))),
		MATCH("\"0.3\"", "{\"multipleOf\": 0.1}", FITS),
		MATCH("\"35e-1\"", "{\"multipleOf\": 0.5}", FITS),
		MATCH("\"1e3\"", "{\"multipleOf\": 125}", FITS),
		MATCH("\"0.35\"", "{\"multipleOf\": 0.1}",
			FAILS(FLAW("multiple_of", "Must be a multiple of 0.1"))),
		MATCH("\"18446744073709551616\"", "{\"multipleOf\": 2}", FITS),
		MATCH("\"18446744073709551617\"", "{\"multipleOf\": 2}",
			FAILS(FLAW("multiple_of", "Must be a multiple of 2"))),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(texts)
{
	static const struct rego_row rows[] = {
		MATCH("\"\\\"\u00fc\\\"\"", "{\"maxLength\": 1, \"minLength\": 1.0}", FITS),
		MATCH("\"\\\"ab\\\"\"", "{\"maxLength\": 1}",
			FAILS(FLAW("string_lte", "String length must be less than or equal to 1"))),
		MATCH("\"\\\"\\\"\"", "{\"minLength\": 1}",
			FAILS(FLAW("string_gte", "String length must be greater than or equal to 1"))),
		MATCH("\"\\\"abc\\\"\"", "{\"pattern\": \"b\"}", FITS),
		MATCH("\"\\\"abc\\\"\"", "{\"pattern\": \"^b\"}",
			FAILS(FLAW("pattern", "Does not match pattern '^b'"))),
		MATCH("\"\\\"10.0.0.1\\\"\"", "{\"format\": \"ipv4\"}", FITS),
		MATCH("\"\\\"10.0.0.256\\\"\"", "{\"format\": \"ipv4\"}",
			FAILS(FLAW("format", "Does not match format 'ipv4'"))),
		MATCH("\"\\\"::1\\\"\"", "{\"format\": \"ipv4\"}",
			FAILS(FLAW("format", "Does not match format 'ipv4'"))),
		MATCH("\"\\\"::1\\\"\"", "{\"format\": \"ipv6\"}", FITS),
		MATCH("\"\\\"(\\\"\"", "{\"format\": \"regex\"}",
			FAILS(FLAW("format", "Does not match format 'regex'"))),
		MATCH("\"\\\"2026-11-22T10:20:30Z\\\"\"", "{\"format\": \"date-time\"}", FITS),
		MATCH("\"\\\"2026-13-22T10:20:30Z\\\"\"", "{\"format\": \"date-time\"}",
			FAILS(FLAW("format", "Does not match format 'date-time'"))),
		MATCH("\"\\\"\\\"\"", "{\"format\": \"date\"}",
			FAILS(FLAW("format", "Does not match format 'date'"))),
		MATCH("\"\\\"what\\\"\"", "{\"format\": \"nobody-knows\"}", FITS),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(lists)
{
	static const struct rego_row rows[] = {
		MATCH("[1, 2]", "{\"items\": [{\"type\": \"integer\"}], \"additionalItems\": false}",
			FAILS(FLAW("array_no_additional_items", "No additional items allowed on array"))),
		MATCH("[1, 2]", "{\"items\": [{}], \"additionalItems\": {\"maximum\": 1}}",
			FAILS(FLAW_AT("number_lte", "1", "Must be less than or equal to 1"))),
		MATCH("[1, 2]", "{\"minItems\": 3}",
			FAILS(FLAW("array_min_items", "Array must have at least 3 items"))),
		MATCH("[1, 2]", "{\"maxItems\": 1}",
			FAILS(FLAW("array_max_items", "Array must have at most 1 items"))),
		MATCH("[1, 2, 1.0]", "{\"uniqueItems\": true}",
			FAILS(FLAW("unique", "array items[0,2] must be unique"))),
		MATCH("[1, 2]", "{\"contains\": {\"const\": 2}}", FITS),
		MATCH("[1]", "{\"contains\": {\"const\": 2}}",
			FAILS(FLAW("contains", "At least one of the items must match") ", "
				FLAW_AT("const", "0", "0 does not match: 2"))),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(objects)
{
	static const struct rego_row rows[] = {
		MATCH("{}", "{\"required\": [\"a\"]}", FAILS(FLAW("required", "a is required"))),
		MATCH("{\"a\": 1}", "{\"minProperties\": 2}",
			FAILS(FLAW("array_min_properties", "Must have at least 2 properties"))),
		MATCH("{\"a\": 1}", "{\"maxProperties\": 0}",
			FAILS(FLAW("array_max_properties", "Must have at most 0 properties"))),
		MATCH("{\"a\": 1}", "{\"additionalProperties\": false}",
			FAILS(FLAW("additional_property_not_allowed",
				"Additional property a is not allowed"))),
		MATCH("{\"a\": 1, \"xb\": 1}",
			"{\"properties\": {\"a\": {}}, \"patternProperties\": {\"^x\": {}}, "
			"\"additionalProperties\": false}",
			FITS),
		MATCH("{\"a\": 1}", "{\"additionalProperties\": {\"type\": \"null\"}}",
			FAILS(FLAW_AT("invalid_type", "a", "Invalid type. Expected: null, given: integer"))),
		MATCH("{\"a\": 1}", "{\"dependencies\": {\"a\": [\"b\"]}}",
			FAILS(FLAW("missing_dependency", "Has a dependency on b"))),
		MATCH("{\"a\": 1}", "{\"dependencies\": {\"a\": {\"required\": [\"b\"]}, \"c\": false}}",
			FAILS(FLAW("required", "b is required"))),
		MATCH("{\"1\": {1}}", "{\"properties\": {\"1\": {\"type\": \"array\"}}}", FITS),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(combinations)
{
	static const struct rego_row rows[] = {
		MATCH("\"1\"", "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"integer\"}]}", FITS),
		MATCH("\"1\"", "{\"anyOf\": [{\"type\": \"string\"}, {\"minimum\": 2, \"maximum\": 9}]}",
			FAILS(FLAW("number_any_of", "Must validate at least one schema (anyOf)") ", "
				FLAW("number_gte", "Must be greater than or equal to 2"))),
		MATCH("\"1\"", "{\"oneOf\": [{\"type\": \"number\"}, {\"type\": \"integer\"}]}",
			FAILS(FLAW("number_one_of", "Must validate one and only one schema (oneOf)"))),
		MATCH("\"1\"", "{\"allOf\": [{\"minimum\": 2}]}",
			FAILS(FLAW("number_gte",
				"Must be greater than or equal to 2") ", " FLAW("number_all_of",
				"Must validate all the schemas (allOf)"))),
		MATCH("\"1\"", "{\"not\": {}}",
			FAILS(FLAW("number_not", "Must not validate the schema (not)"))),
		MATCH("\"1\"", "{\"if\": {\"minimum\": 1}, \"then\": {\"maximum\": 0}}",
			FAILS(FLAW("condition_then",
				"Must validate \\\"then\\\" as \\\"if\\\" was valid") ", " FLAW("number_lte",
				"Must be less than or equal to 0"))),
		MATCH("\"1\"", "{\"enum\": [2, \"a\"]}",
			FAILS(FLAW("enum", "(root) must be one of the following: 2, \\\"a\\\""))),
		MATCH("\"1\"", "{\"enum\": []}",
			FAILS(FLAW("enum", "(root) must be one of the following: (none)"))),
		MATCH("\"1\"",
			"{\"$ref\": \"#/definitions/a%25~1b\", \"definitions\": {\"a%/b\": {\"maximum\": 0}}}",
			FAILS(FLAW("number_lte", "Must be less than or equal to 0"))),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(what_is_no_schema)
{
	static const struct rego_row rows[] = {
		{ "json.verify_schema", "{\"type\": [\"null\", \"null\"]}",
			"[false, \"jsonschema: null type is duplicated\"]" },
		{ "json.verify_schema", "{\"minLength\": -1}",
			"[false, \"jsonschema: minLength must be greater than or equal to 0\"]" },
		{ "json.verify_schema", "{\"minLength\": 1.5}",
			"[false, \"jsonschema: minLength must be of an integer\"]" },
		{ "json.verify_schema", "{\"multipleOf\": 0}",
			"[false, \"jsonschema: multipleOf must be strictly greater than 0\"]" },
		{ "json.verify_schema", "{\"minItems\": 2, \"maxItems\": 1}",
			"[false, \"jsonschema: minItems cannot be greater than maxItems\"]" },
		{ "json.verify_schema", "{\"pattern\": \"(\"}",
			"[false, \"jsonschema: pattern must be a valid regex\"]" },
		{ "json.verify_schema", "{\"properties\": {\"a\": {\"not\": {\"allOf\": []}}}}",
			"[false, \"jsonschema: allOf must be of an array of valid schemas\"]" },
		{ "json.verify_schema", "{\"required\": [\"a\", \"a\"]}",
			"[false, \"jsonschema: required items must be unique\"]" },
		{ "json.verify_schema", "{\"$ref\": \"http://127.0.0.1/\"}",
			"[false, \"jsonschema: Reference http://127.0.0.1/ leads out of the schema or to nothing in it\"]" },
		{ "json.verify_schema", "{\"$ref\": \"#/x\", \"x\": {\"maximum\": \"a\"}}",
			"[false, \"jsonschema: maximum must be of a number\"]" },
		{ "json.verify_schema", "\"{\"", "[false, \"jsonschema: invalid JSON string\"]" },
		{ "json.verify_schema", "7",
			"[false, \"jsonschema: wrong type, expected string or object\"]" },
		MATCH("\"{\"", "{}", "eval_builtin_error: json.match_schema: invalid JSON string"),
		MATCH("{}", "{\"type\": 7}",
			"eval_builtin_error: json.match_schema: type must be of a string/array of strings"),
	};

	REGO_CHECK_ROWS(rows);
}

/* Schemas that lead into themselves, and such as grow with each step. */
TEST(schemas_without_an_end)
{
	static const struct rego_row rows[] = {
		{ "json.verify_schema", "{\"$ref\": \"#\"}", "[true, null]" },
		MATCH("{}", "{\"$ref\": \"#\"}",
			"eval_builtin_error: json.match_schema: the schema leads into itself, or on too often"),
		MATCH("[[[]]]", "{\"items\": {\"$ref\": \"#\"}}", FITS),
		MATCH("{}", "{\"allOf\": [{\"$ref\": \"#\"}, {\"$ref\": \"#\"}]}",
			"eval_builtin_error: json.match_schema: the schema leads into itself, or on too often"),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(limits_end_it_at_any_step)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	const char *operands =
		"{\"a\": [1, 2, 3], \"b\": \"text\"}, {\"properties\": {\"a\": {\"items\": {\"multipleOf\": 0.5, "
		"\"anyOf\": [{\"maximum\": 0}, {\"enum\": [7]}]}}, \"b\": {\"pattern\": \"^t\"}}, "
		"\"patternProperties\": {\"a|b\": {\"type\": \"null\"}}}";
	const char *whole = rego_call_text(&arena, "json.match_schema", operands, UINT64_C(1) << 30, 1 << 20);
	const char *got = "";

	for (uint64_t steps = 0; strcmp(got, whole) != 0; steps += 1 + steps / 16) {
		got = rego_call_text(&arena, "json.match_schema", operands, steps, 1 << 20);
		if (strcmp(got, whole) != 0)
			CHECK_TEXT(got, "stopped (steps)");
	}
	got = "";
	for (size_t bytes = 64; strcmp(got, whole) != 0; bytes += 64) {
		got = rego_call_text(&arena, "json.match_schema", operands, UINT64_C(1) << 30, bytes);
		if (strcmp(got, whole) != 0)
			CHECK_TEXT(got, "stopped (memory)");
	}
}

TEST_MAIN()
