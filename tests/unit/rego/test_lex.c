// SPDX-License-Identifier: Apache-2.0
/*
 * test_lex.c - a text becomes the tokens that it should, with their places, and its comments
 */
#include "rego/lex.h"

#include "lib/test.h"

enum {
	ARENA_MAX_BYTES = 8 << 20,
};

static struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);

static struct rego_tokens lex(const char *text)
{
	struct rego_source *source = arena_alloc(&arena, sizeof(*source));
	struct rego_tokens tokens;

	CHECK(source);
	*source = (struct rego_source){ .name = "a.rego", .text = str_from(text) };
	CHECK_INT(rego_lex(source, &arena, &tokens), 0);
	CHECK(tokens.count);
	CHECK_INT(tokens.items[tokens.count - 1].type, REGO_TOKEN_EOF);
	return tokens;
}

/* "NAME:TEXT" of every token but the last */
static void check(const char *text, const char *wanted)
{
	struct rego_tokens tokens = lex(text);
	scoped(buf) struct buf buf = BUF_INIT(64 << 10);

	for (size_t i = 0; i + 1 < tokens.count; i++) {
		const struct rego_token *token = &tokens.items[i];

		buf_printf(&buf, "%s%s%s", i ? " " : "", token->flags & REGO_TOKEN_NEW_LINE ? "/" :
			token->flags & REGO_TOKEN_SPACED ? "_" : "", rego_token_name(token->type));
		if (token->type <= REGO_TOKEN_IDENT || rego_token_is_template(token) ||
				token->type == REGO_TOKEN_STRING || token->type == REGO_TOKEN_NUMBER)
			buf_printf(&buf, ":%.*s", STR_FMT(rego_token_text(&tokens, token)));
	}
	CHECK_TEXT(buf_text(&buf), wanted);
}

TEST(signs)
{
	check("[]{}(),:;.", "[ ] { } ( ) , : ; .");
	check("+-*/%&|", "plus minus mul div rem and or");
	check("= == := != < <= > >=", "eq _equal _assign _neq _lt _lte _gt _gte");
	check("a:=b==c", "identifier:a assign identifier:b equal identifier:c");
}

TEST(words)
{
	check("a a1 _a _ A_b", "identifier:a _identifier:a1 _identifier:_a _identifier:_ _identifier:A_b");
	check("package import as default else not some with null true false in every contains if",
		"package _import _as _default _else _not _some _with _null _true _false _in _every _contains _if");
	check("iff ifs and or", "identifier:iff _identifier:ifs _identifier:and _identifier:or");
	CHECK(rego_word_is_keyword(STR("every")));
	CHECK(!rego_word_is_keyword(STR("and")));
}

TEST(numbers_and_strings)
{
	check("1 23 4.5 6e7 8.9E-10 0",
		"number:1 _number:23 _number:4.5 _number:6e7 _number:8.9E-10 _number:0");
	check("\"a\\\"b\" `c\\`", "string:\"a\\\"b\" _string:`c\\`");
	check("`a\nb`c", "string:`a\nb` identifier:c");
	check("\"\xc3\xa9\"", "string:\"\xc3\xa9\"");
}

TEST(templates)
{
	check("$\"\"", "template-string-end:");
	check("$\"a{b}c\"", "template-string-part:a identifier:b } template-string-end:c");
	check("$`a{ b }\n\\{c`d",
		"template-string-part:a _identifier:b _} template-string-end:\n\\{c identifier:d");
	check("$\"{ {1: {2}} }{$\"x{y}\"}\"",
		"template-string-part: _{ number:1 : _{ number:2 } } _} template-string-part: "
		"template-string-part:x identifier:y } template-string-end: } template-string-end:");
}

TEST(places)
{
	struct rego_tokens tokens = lex("\xef\xbb\xbf"
					"a\t\"\xc3\xa9\" b\n  c # d\r\ne $\"x\"");
	static const uint32_t wanted[][2] = { { 1, 2 }, { 1, 4 }, { 1, 8 }, { 2, 3 }, { 3, 1 }, { 3, 3 },
		{ 3, 7 } };

	CHECK_INT(tokens.count, ARRAY_SIZE(wanted));
	for (size_t i = 0; i < tokens.count; i++) {
		CHECK_INT(tokens.items[i].line, wanted[i][0]);
		CHECK_INT(tokens.items[i].column, wanted[i][1]);
	}
	CHECK_INT(tokens.items[0].offset, 3);
	CHECK_INT(rego_token_end(&tokens.items[5]), tokens.items[5].offset + 4);
	CHECK_INT(tokens.comment_count, 1);
	CHECK_STR(tokens.comments[0].text, STR(" d"));
	CHECK_INT(tokens.comments[0].at.line, 2);
	CHECK_INT(tokens.comments[0].at.column, 5);
	CHECK(tokens.items[4].flags & REGO_TOKEN_COMMENTED);
}

TEST(brackets_know_where_they_end)
{
	struct rego_tokens tokens = lex("f({x}, [y])");

	CHECK_INT(tokens.items[1].match, 9);
	CHECK_INT(tokens.items[2].match, 4);
	CHECK_INT(tokens.items[6].match, 8);
	CHECK_INT(lex("(]").items[0].match, 1);
	CHECK_INT(lex("(").items[0].match, 0);
}

TEST(what_is_illegal_ends_the_row)
{
	check("a @ b", "identifier:a _illegal:");
	CHECK_TEXT(lex("a @ b").illegal, "illegal token");
	CHECK_TEXT(lex("\"a").illegal, "non-terminated string");
	CHECK_TEXT(lex("# \xff").illegal, "illegal utf-8 character");
	CHECK(!lex("a b").illegal);
}

TEST(a_text_that_is_too_long_is_refused)
{
	struct arena large = ARENA_INIT(REGO_FILE_MAX + 64);
	char *text = arena_alloc(&large, REGO_FILE_MAX + 1);
	struct rego_source source = { .name = "a.rego", .text = { .data = text, .len = REGO_FILE_MAX + 1 } };
	struct rego_tokens tokens;

	CHECK(text);
	CHECK(rego_lex(&source, &arena, &tokens) < 0);
	arena_fini(&large);
}

TEST_MAIN()
