// SPDX-License-Identifier: Apache-2.0
/*
 * test_diag.c - errors are shown with their line and a caret, in order, and not without end
 */
#include "rego/diag.h"

#include "lib/test.h"

enum {
	ARENA_MAX_BYTES = 1 << 20,
};

static struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);

static struct rego_span at(const struct rego_source *source, uint32_t line, uint32_t column, uint32_t length)
{
	return (struct rego_span){ .source = source, .line = line, .column = column, .length = length };
}

static void check_shown(const struct rego_diags *diags, const char *wanted)
{
	scoped(buf) struct buf buf = BUF_INIT(64 << 10);

	CHECK_INT(rego_diags_print(diags, &buf), 0);
	CHECK_TEXT(buf_text(&buf), wanted);
}

TEST(an_error_is_shown_with_its_line)
{
	struct rego_source source = { .name = "policy.rego",
		.text = STR("package a\n\n\tallow if input.user == usr\r\n") };
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	struct rego_diag *diag = rego_diag_add(&diags, REGO_CODE_UNSAFE_VAR, at(&source, 3, 25, 3),
		"var %s is unsafe", "usr");

	CHECK(diag);
	diag->hint = rego_diag_nearest(&arena, STR("usr"), (const char *const[]){ "time", "user" }, 2);
	check_shown(&diags, "policy.rego:3:25: rego_unsafe_var_error: var usr is unsafe\n"
		"\tallow if input.user == usr\n"
		"\t                       ^^^\n"
		"did you mean `user`?\n");
}

TEST(a_place_counts_characters)
{
	struct rego_source source = { .name = "a.rego", .text = STR("\"\xc3\xa9\xc3\xa9\" x") };
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);

	rego_diag_add(&diags, REGO_CODE_PARSE, at(&source, 1, 6, 1), "here");
	check_shown(&diags, "a.rego:1:6: rego_parse_error: here\n\"\xc3\xa9\xc3\xa9\" x\n     ^\n");
}

TEST(what_deceives_is_made_visible)
{
	struct rego_source source = { .name = "a\n.rego", .text = STR("\x1b[2J x") };
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);

	rego_diag_add(&diags, REGO_CODE_PARSE, at(&source, 1, 6, 1), "bad %s", "\x1b");
	check_shown(&diags, "a\\n.rego:1:6: rego_parse_error: bad \\x1B\n\\x1B[2J x\n        ^\n");
}

TEST(a_place_behind_the_end_is_shown_there)
{
	struct rego_source source = { .name = "a.rego", .text = STR("p if {") };
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);

	rego_diag_add(&diags, REGO_CODE_PARSE, at(&source, 1, 7, 0), "unexpected eof token");
	rego_diag_add(&diags, REGO_CODE_PARSE, at(&source, 9, 1, 0), "far away");
	rego_diag_add(&diags, REGO_CODE_COMPILE, (struct rego_span){ 0 }, "nowhere");
	check_shown(&diags, "a.rego:1:7: rego_parse_error: unexpected eof token\np if {\n      ^\n"
		"a.rego:9:1: rego_parse_error: far away\nrego_compile_error: nowhere\n");
}

TEST(they_are_sorted_as_they_are_read)
{
	struct rego_source a = { .name = "a.rego", .text = STR("") },
		b = { .name = "b.rego", .text = STR("") };
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);

	rego_diag_add(&diags, REGO_CODE_TYPE, at(&b, 1, 1, 0), "4");
	rego_diag_add(&diags, REGO_CODE_TYPE, (struct rego_span){ 0 }, "5");
	rego_diag_add(&diags, REGO_CODE_TYPE, at(&a, 2, 1, 0), "3");
	rego_diag_add(&diags, REGO_CODE_RECURSION, at(&a, 1, 2, 0), "1");
	rego_diag_add(&diags, REGO_CODE_TYPE, at(&a, 1, 2, 0), "2");
	rego_diags_sort(&diags);
	check_shown(&diags, "a.rego:1:2: rego_recursion_error: 1\na.rego:1:2: rego_type_error: 2\n"
		"a.rego:2:1: rego_type_error: 3\nb.rego:1:1: rego_type_error: 4\nrego_type_error: 5\n");
	CHECK_TEXT(diags.last->text, "5");
}

TEST(there_are_not_more_than_enough)
{
	struct rego_source source = { .name = "a.rego", .text = STR("x") };
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);

	for (uint32_t i = 1; i <= REGO_DIAGS_MAX + 5; i++)
		CHECK(!rego_diag_add(&diags, REGO_CODE_PARSE, at(&source, i, 1, 0), "no") ==
			(i > REGO_DIAGS_MAX));
	CHECK_INT(diags.count, REGO_DIAGS_MAX + 1);
	CHECK_TEXT(diags.last->text, "too many errors");
	rego_diags_sort(&diags);
	CHECK_TEXT(diags.last->text, "too many errors");
}

TEST_MAIN()
