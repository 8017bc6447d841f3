// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_version.c - semver.*, uuid.*
 */
#include "lib/rego_call.h"

TEST(versions_have_an_order)
{
	/* As section 11 of the standard has them, and some more. */
	static const char *const ascending[] = {
		"0.0.1", "0.1.0-0", "0.1.0", "1.0.0--", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
		"1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-beta.99999999999999999999",
		"1.0.0-beta.100000000000000000000", "1.0.0-beta.x", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0",
		"1.10.0", "9223372036854775807.0.0",
	};
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(ascending); i++)
		for (size_t j = 0; j < ARRAY_SIZE(ascending); j++) {
			const char *operands = arena_printf(&arena, "\"%s\", \"%s\"", ascending[i],
				ascending[j]);

			CHECK_TEXT(rego_call_text(&arena, "semver.compare", operands, 100, 4096),
				i < j ? "-1" : i > j ? "1" : "0");
		}
}

TEST(versions_are_valid_or_not)
{
	static const struct rego_row rows[] = {
		{ "semver.compare", "\"v1.2.3\", \"1.2.3+build.5\"", "0" },
		{ "semver.compare", "\"1.0.0-01\", \"1.0.0-1\"", "0" },
		{ "semver.compare", "\"1\", \"1.0.0\"",
			"eval_builtin_error: semver.compare: operand 1: string \"1\" is not a valid SemVer" },
		{ "semver.compare", "\"1.0.0\", \"1\"",
			"eval_builtin_error: semver.compare: operand 2: string \"1\" is not a valid SemVer" },
		{ "semver.compare", "1, \"1.0.0\"",
			"eval_type_error: semver.compare: operand 1 must be string but got number" },
		{ "semver.compare", "\"1.0.0\", []",
			"eval_type_error: semver.compare: operand 2 must be string but got array" },
		{ "semver.is_valid", "\"1.0.0\"", "true" },
		{ "semver.is_valid", "\"v01.0.0-a.b-c.0+x.y\"", "true" },
		{ "semver.is_valid", "1", "false" },
		{ "semver.is_valid", "\"\"", "false" },
		{ "semver.is_valid", "\"1.0\"", "false" },
		{ "semver.is_valid", "\"1.0.0.0\"", "false" },
		{ "semver.is_valid", "\"1.0.\"", "false" },
		{ "semver.is_valid", "\"1.0.a\"", "false" },
		{ "semver.is_valid", "\"9223372036854775808.0.0\"", "false" },
		{ "semver.is_valid", "\"1.0.0-a..b\"", "false" },
		{ "semver.is_valid", "\"1.0.0-a.\"", "false" },
		{ "semver.is_valid", "\"1.0.0-a_b\"", "false" },
		{ "semver.is_valid", "\"1.0.0+a+b\"", "false" },
		{ "semver.is_valid", "\"vv1.0.0\"", "false" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(a_uuid_says_what_it_is)
{
	static const struct rego_row rows[] = {
		{ "uuid.parse", "\"(00000000-0000-4000-8000-000000000000)\"",
			"{\"variant\": \"RFC4122\", \"version\": 4}" },
		{ "uuid.parse", "\"{00000000-0000-4000-8000-000000000000}\"",
			"{\"variant\": \"RFC4122\", \"version\": 4}" },
		{ "uuid.parse", "\"6bea8ef2d3d33cd184e09bab06a52ece\"",
			"{\"variant\": \"RFC4122\", \"version\": 3}" },
		{ "uuid.parse", "\"38074da4-0b00-388d-9c3c-362de965547a\"",
			"{\"variant\": \"RFC4122\", \"version\": 3}" },
		{ "uuid.parse", "\"urn:uuid:000003e8-48b9-21ee-b200-325096b39f47\"",
			"{\"clocksequence\": 12800, \"domain\": \"Person\", \"id\": 1000, \"macvariables\": \"local:unicast\", "
			"\"nodeid\": \"32-50-96-b3-9f-47\", \"time\": 1693566990121469600, \"variant\": \"RFC4122\", \"version\": 2}" },
		{ "uuid.parse", "\"URN:UUID:000003E8-48B9-21EE-B207-335096B39F47\"",
			"{\"clocksequence\": 12807, \"domain\": \"Domain7\", \"id\": 1000, \"macvariables\": \"local:multicast\", "
			"\"nodeid\": \"33-50-96-b3-9f-47\", \"time\": 1693566990121469600, \"variant\": \"RFC4122\", \"version\": 2}" },
		{ "uuid.parse", "\"ffffffff-ffff-1fff-0000-000000000000\"",
			"{\"clocksequence\": 0, \"macvariables\": \"global:unicast\", \"nodeid\": \"00-00-00-00-00-00\", "
			"\"time\": 103072857660684697500, \"variant\": \"Reserved\", \"version\": 1}" },
		{ "uuid.parse", "\"13814000-1dd2-11b2-c000-010000000000\"",
			"{\"clocksequence\": 0, \"macvariables\": \"global:multicast\", \"nodeid\": \"01-00-00-00-00-00\", "
			"\"time\": 0, \"variant\": \"Microsoft\", \"version\": 1}" },
		{ "uuid.parse", "\"00000000-0000-5000-e000-000000000000\"",
			"{\"variant\": \"Future\", \"version\": 5}" },
		{ "uuid.parse", "\"\"", "undefined" },
		{ "uuid.parse", "\"00000000-0000-4000-8000-00000000000\"", "undefined" },
		{ "uuid.parse", "\"00000000-0000-4000-8000-00000000000g\"", "undefined" },
		{ "uuid.parse", "\"000000000-000-4000-8000-000000000000\"", "undefined" },
		{ "uuid.parse", "\"6bea8ef2d3d33cd184e09bab06a52ec-\"", "undefined" },
		{ "uuid.parse", "\"urn:uuix:000003e8-48b9-21ee-b200-325096b39f47\"", "undefined" },
		{ "uuid.parse", "123",
			"eval_type_error: uuid.parse: operand 1 must be string but got number" },
		{ "uuid.rfc4122", "123",
			"eval_type_error: uuid.rfc4122: operand 1 must be string but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(a_new_uuid_is_the_same_for_the_same_key)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const char *a = rego_call_text(&arena, "uuid.rfc4122", "\"a\"", 100, 4096);
	const char *b = rego_call_text(&arena, "uuid.rfc4122", "\"b\"", 100, 4096);

	CHECK_TEXT(rego_call_text(&arena, "uuid.rfc4122", "\"a\"", 100, 4096), a);
	CHECK(strcmp(a, b) != 0);
	CHECK_TEXT(rego_call_text(&arena, "uuid.parse", a, 100, 4096),
		"{\"variant\": \"RFC4122\", \"version\": 4}");
	CHECK_TEXT(rego_call_text(&arena, "uuid.parse", b, 100, 4096),
		"{\"variant\": \"RFC4122\", \"version\": 4}");
}

TEST(work_and_memory_are_bounded)
{
	scoped(arena) struct arena arena = ARENA_INIT(16 << 20);
	static const char *const rows[][2] = {
		{ "semver.compare", "\"1.0.0\", \"1.0.1\"" }, { "semver.compare", "\"1.0.0\", \"1.0\"" },
		{ "semver.is_valid", "\"1.0\"" }, { "uuid.rfc4122", "\"a\"" },
		{ "uuid.parse", "\"ffffffff-ffff-2fff-0000-000000000000\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *whole = rego_call_text(&arena, rows[i][0], rows[i][1], 1000, 65536);

		for (size_t bytes = 0; bytes < 2048; bytes += 16) {
			const char *got = rego_call_text(&arena, rows[i][0], rows[i][1], 1000, bytes);

			CHECK(!strcmp(got, "stopped (memory)") || !strcmp(got, whole));
		}
		if (strcmp(rows[i][0], "uuid.parse") != 0)
			CHECK_TEXT(rego_call_text(&arena, rows[i][0], rows[i][1], 1, 65536),
				"stopped (steps)");
	}
}

TEST_MAIN()
