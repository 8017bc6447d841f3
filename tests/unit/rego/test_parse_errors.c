// SPDX-License-Identifier: Apache-2.0
/*
 * test_parse_errors.c - what is said about texts that are no Rego, and where: OPA's words
 */
#include "rego/ast.h"

#include "lib/test.h"

enum {
	ARENA_MAX_BYTES = 8 << 20,
};

struct row {
	const char *text;		/* behind "package a\n", unless it begins with one */
	const char *wanted;		/* LINE:COLUMN TEXT, of each error a line */
};

/* Errors of a module, one a line. */
static void parse(struct arena *arena, const char *text, struct buf *buf)
{
	struct rego_diags diags = REGO_DIAGS_INIT(arena);
	const char *whole = strstr(text, "package") ? text : arena_printf(arena, "package a\n%s", text);
	struct rego_source source = { .name = "a.rego", .text = str_from(whole) };
	const struct rego_module *module = rego_parse_module(&source, REGO_PARSE_V1, arena, &diags);

	CHECK(!module == !!diags.count);
	for (const struct rego_diag *diag = diags.first; diag; diag = diag->next) {
		CHECK_INT(diag->code, REGO_CODE_PARSE);
		buf_printf(buf, "%s%u:%u %s", buf->len ? "\n" : "", diag->at.line, diag->at.column,
			diag->text);
	}
}

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
		scoped(buf) struct buf buf = BUF_INIT(64 << 10);

		parse(&arena, rows[i].text, &buf);
		if (strcmp(buf_text(&buf), rows[i].wanted))
			test_fail(__FILE__, __LINE__, "%s\ngives  %s\nwanted %s", rows[i].text,
				buf_text(&buf), rows[i].wanted);
	}
}

TEST(what_is_no_token)
{
	static const struct row rows[] = {
		{ "p := \"abc", "2:6 non-terminated string" },
		{ "p := `abc", "2:6 non-terminated string" },
		{ "p := \"a\nb\"", "2:6 non-terminated string" },
		{ "p := $\"a", "2:6 non-terminated string" },
		{ "p := $\"a {1", "2:12 expected } to end template string expression" },
		{ "p := \"\\q\"", "2:6 illegal escape sequence" },
		{ "p := \"\\u12\"", "2:6 illegal string literal: \"\\u12\"" },
		{ "p := 1.", "2:6 expected fraction" },
		{ "p := 1e", "2:6 expected exponent" },
		{ "p := 1e+", "2:6 expected exponent" },
		{ "p := 0a2b", "2:6 illegal number format" },
		{ "p := 1 ! 2", "2:8 illegal ! character" },
		{ "p := $ 2", "2:6 illegal $ character" },
		{ "p := @", "2:6 illegal token" },
		{ "p := \xc3\xa9", "2:6 illegal token" },
		{ "p := \"\xff\"", "2:6 illegal utf-8 character" },
		{ "p := \"\xef\xbb\xbf\"", "2:6 illegal byte-order mark" },
		{ "# \xff", "2:3 illegal utf-8 character" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST(numbers)
{
	static const struct row rows[] = {
		{ "p := 01", "2:6 unexpected number token: expected number without leading zero" },
		{ "p := -x", "2:7 unexpected identifier token: expected number" },
		{ "p := .1.2", "2:7 unexpected number token: invalid float" },
		{ "p := 1e100000", "2:6 number too big" },
		{ "p := 1e-100000", "2:6 number too big" },
		{ "p := 1e99999999999999999999", "2:6 number too big" },
		{ "p := 1e30102", "" },
		{ "p := 0e99999999999999999999", "" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST(modules)
{
	static const struct row rows[] = {
		{ "# package\n", "1:1 empty module" },
		{ "p := 1 # package", "1:1 package expected" },
		{ "package a\npackage b", "2:1 unexpected package" },
		{ "package", "1:8 unexpected eof token" },
		{ "package 1", "1:9 unexpected number token" },
		{ "package a[x]", "1:11 unexpected var token: expecting string" },
		{ "package a[1]", "1:11 unexpected number token: expecting string" },
		{ "package a(b)", "1:13 unexpected eof token" },
		{ "package if.else", "" },
		{ "import", "2:7 unexpected eof token" },
		{ "import foo",
			"2:8 unexpected import path, must begin with one of: {data, future, input, rego}, "
			"got: foo" },
		{ "import data.a[1]", "2:15 unexpected number token: expecting string" },
		{ "import data.a as 1", "2:18 unexpected number token: expected var" },
		{ "import data.a as if", "2:18 unexpected if keyword: expected var" },
		{ "import data.a.if", "2:15 unexpected import path, must not end with a keyword, got: if" },
		{ "import data.a.if as b", "" },
		{ "import future.x", "2:8 invalid import, must be `future.keywords`" },
		{ "import future.keywords.x",
			"2:8 unexpected keyword, must be one of [contains every if in not]" },
		{ "import future.keywords.in as x", "2:8 `future` imports cannot be aliased" },
		{ "import rego.v2", "2:8 invalid import `rego.v2`, must be `rego.v1`" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST(rules)
{
	static const struct row rows[] = {
		{ "p {\n\tx\n}", "2:1 `if` keyword is required before rule body" },
		{ "f(x) {\n\tx\n}", "2:1 `if` keyword is required before function body" },
		{ "p[x] {\n\tx\n}", "2:1 `if` keyword is required before rule body\n"
			"2:1 `contains` keyword is required for partial set rules" },
		{ "p.x", "2:1 `contains` keyword is required for partial set rules" },
		{ "p.x.y", "2:1 rule must have value assignment and/or body declaration" },
		{ "p if {", "2:7 unexpected eof token" },
		{ "p if {}", "" },
		{ "p contains x if {}", "" },
		{ "p if { x", "2:9 unexpected eof token: expected \\n or ; or }" },
		{ "p if { x y }", "2:10 unexpected identifier token: expected \\n or ; or }" },
		{ "p if", "2:5 unexpected eof token" },
		{ "p", "2:1 var cannot be used for rule name" },
		{ "1", "2:1 number cannot be used for rule name" },
		{ "p + 1", "2:1 rule name conflicts with built-in function" },
		{ "p+ 1", "2:2 unexpected plus token" },
		{ "not p", "2:1 negated expressions cannot be used for rule head" },
		{ "p with input as 1", "2:1 expressions using with keyword cannot be used for rule head" },
		{ "some x", "2:1 'some' declarations cannot be used for rule head" },
		{ "p := 1; q", "2:1 multiple expressions cannot be used for rule head" },
		{ "f()", "2:1 rule argument list must take at least one argument" },
		{ "p := ",
			"2:6 unexpected eof token: expected rule value term (e.g., p := <VALUE> { ... })" },
		{ "f(x) := ",
			"2:9 unexpected eof token: expected function value term (e.g., f(...) := <VALUE> { ... })" },
		{ "p contains",
			"2:11 unexpected eof token: expected rule key term (e.g., p contains <VALUE> { ... })" },
		{ "f(x) contains x",
			"2:6 unexpected contains keyword: the contains keyword can only be used with "
			"multi-value rule definitions (e.g., f contains <VALUE> { ... })" },
		{ "default p := ",
			"2:14 unexpected eof token: expected default rule value term (e.g., default p := "
			"<VALUE>)" },
		{ "f(x).y := 1", "2:1 rule head ref f(x).y invalid" },
		{ "default p", "2:1 illegal default rule (must have a value)" },
		{ "default p := input.x", "2:1 illegal default rule (value cannot contain ref)" },
		{ "default p := [x]", "2:1 illegal default rule (value cannot contain var)" },
		{ "default p := f(1)", "2:1 illegal default rule (value cannot contain call)" },
		{ "default f(1) := 1", "2:1 illegal default rule (arguments cannot contain number)" },
		{ "default f(x, x) := 1", "2:1 illegal default rule (arguments cannot be repeated x)" },
		{ "default f(_, _) := [x | x := 1]", "" },
		{ "p[x] := 1 if { x } else := 2",
			"2:20 else keyword cannot be used on rules with variables in head" },
		{ "p contains 1 if { x } else := 2",
			"2:23 else keyword cannot be used on multi-value rules" },
		{ "p := 1 if { x } else 2",
			"2:22 unexpected number token: expected else value term or rule body" },
		{ "p := 1 if { x } else := 2 { y }", "2:17 `if` keyword is required before rule body" },
		{ "p := 1 if { x } else := 2 if { y } { z }", "2:36 expected else keyword" },
		{ "p if x\n\nq if {\n\tx }}\n", "5:5 unexpected } token" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST(old_rules_are_told_what_is_new)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf buf = BUF_INIT(64 << 10);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	struct rego_source source = { .name = "old.rego", .text = STR("package a\n\np[x] { x := 1 }\n") };

	CHECK(!rego_parse_module(&source, REGO_PARSE_V1, &arena, &diags));
	CHECK_INT(rego_diags_print(&diags, &buf), 0);
	CHECK_TEXT(buf_text(&buf),
		"old.rego:3:1: rego_parse_error: `if` keyword is required before rule body\n"
		"p[x] { x := 1 }\n^^^^^^^^^^^^^^^\n"
		"this is Rego v0: write `if` in front of the brace\n"
		"old.rego:3:1: rego_parse_error: `contains` keyword is required for partial set rules\n"
		"p[x] { x := 1 }\n^^^^^^^^^^^^^^^\n"
		"this is Rego v0: write `name contains element`, not `name[element]`\n");
}

TEST(expressions)
{
	static const struct row rows[] = {
		{ "p if { not some x in y }", "2:12 unexpected some keyword: illegal negation of 'some'" },
		{ "p if { not every x in y { x } }",
			"2:12 unexpected every keyword: illegal negation of 'every'" },
		{ "p if { some 1 }", "2:13 unexpected number token: expected var" },
		{ "p if { some x == y }",
			"2:20 unexpected } token: expected `x in xs` or `x, y in xs` expression" },
		{ "p if { every x { x } }",
			"2:16 unexpected { token: expected `x[, y] in xs { ... }` expression" },
		{ "p if { every [x] in y { x } }",
			"2:23 unexpected { token: expected value to be a variable" },
		{ "p if { every [k], x in y { x } }",
			"2:26 unexpected { token: expected key to be a variable" },
		{ "p if { every x in y }", "2:21 unexpected } token: missing body" },
		{ "p if { x with 1 as 2 }", "2:15 unexpected number token: expected ident" },
		{ "p if { x with input 2 }", "2:21 unexpected number token: expected as keyword" },
		{ "p if { x with f(x) as 2 }", "2:20 unexpected as keyword: expected with target path" },
		{ "p := [1, 2", "2:11 unexpected eof token: expected \",\" or \"]\"" },
		{ "p if x := [1 2]", "2:14 unexpected number token: expected \",\" or \"]\"" },
		{ "p if x := {1 2}", "2:14 unexpected number token: non-terminated set" },
		{ "p if x := {1: 2 3}", "2:17 unexpected number token: non-terminated object" },
		{ "p if x := {1: 2, 3}", "2:19 unexpected } token: expected \":\"" },
		{ "p if x := f(1 2)", "2:15 unexpected number token: expected \",\" or \")\"" },
		{ "p if x := (1", "2:13 non-terminated expression" },
		{ "p if x := [1 | ]", "2:16 found empty body" },
		{ "p if x := \"a\".b", "2:11 illegal ref (head cannot be string)" },
		{ "p if x := a. b", "2:14 unexpected whitespace token: expected identifier" },
		{ "p if x := a[1", "2:14 unexpected eof token: expected ]" },
		{ "p if x := $\"{not x}\"",
			"2:14 unexpected negation ('not') in template-string expression" },
		{ "p if x := $\"{x = 1}\"",
			"2:14 unexpected unification ('=') in template-string expression" },
		{ "p if x := $\"{x := 1}\"",
			"2:14 unexpected assignment (':=') in template-string expression" },
		{ "p if x := $\"{some x}\"", "2:14 unexpected 'some' in template-string expression" },
		{ "p if x := $\"{every y in x {y}}\"",
			"2:14 unexpected 'every' in template-string expression" },
		{ "p if x := $\"{}\"", "2:14 unexpected } token\n2:14 invalid template-string expression" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

/* @open, many times, and what stands in the middle. */
static void check_depth(const char *open, const char *middle, const char *close, size_t count)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf text = BUF_INIT(1 << 20), errors = BUF_INIT(64 << 10);

	buf_append_str(&text, "p := ");
	for (size_t i = 0; i < count; i++)
		buf_append_str(&text, open);
	buf_append_str(&text, middle);
	for (size_t i = 0; i < count; i++)
		buf_append_str(&text, close);
	CHECK(!buf_failed(&text));
	parse(&arena, buf_text(&text), &errors);
	if (!strstr(buf_text(&errors), "max parsing recursion depth exceeded"))
		test_fail(__FILE__, __LINE__, "%zu times %s: %s", count, open, buf_text(&errors));
}

TEST(nesting_ends_somewhere)
{
	check_depth("[", "1", "]", REGO_DEPTH_MAX + 1);
	check_depth("(", "1", ")", REGO_DEPTH_MAX + 1);
	check_depth("{1: ", "1", "}", REGO_DEPTH_MAX + 1);
	check_depth("{1 | ", "1", "}", REGO_DEPTH_MAX + 1);
	check_depth("$\"{", "1", "}\"", REGO_DEPTH_MAX + 1);
	check_depth("f(", "1", ")", REGO_DEPTH_MAX + 1);
	check_depth("a[", "1", "]", REGO_DEPTH_MAX + 1);
	check_depth("1 + ", "1", "", REGO_DEPTH_MAX + 1);
	check_depth("", "f(1)", ".x(1)", REGO_DEPTH_MAX + 1);
}

/* Every level is read at most twice, whatever it turns out to be. */
TEST(what_looks_like_a_comprehension_costs_little)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf text = BUF_INIT(1 << 20), errors = BUF_INIT(64 << 10);

	buf_append_str(&text, "p := ");
	for (int i = 0; i < 60; i++)
		buf_append_str(&text, "{a | b, ");
	buf_append_str(&text, "1");
	for (int i = 0; i < 60; i++)
		buf_append_str(&text, "}");
	parse(&arena, buf_text(&text), &errors);
	CHECK_TEXT(buf_text(&errors), "");
}

TEST(a_long_else_chain_is_read)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	scoped(buf) struct buf text = BUF_INIT(4 << 20), errors = BUF_INIT(64 << 10);

	buf_append_str(&text, "p := 0 if { x }");
	for (int i = 0; i < 20000; i++)
		buf_append_str(&text, " else := 1 if { x }");
	parse(&arena, buf_text(&text), &errors);
	CHECK_TEXT(buf_text(&errors), "");
}

TEST(a_full_arena_is_an_error)
{
	static const char text[] = "package a\nimport data.b\n# c\n"
		"p := [1, 2, {\"a\": \"b\\n\", \"c\": [x | x := 1]}] if { q(1); not r; $\"a {1}\" } else := 2";
	size_t limit = 0, refused = 0;
	bool is_read = false;

	while (!is_read) {
		scoped(arena) struct arena arena = ARENA_INIT(limit), said = ARENA_INIT(4096);
		struct rego_diags diags = REGO_DIAGS_INIT(&said);
		struct rego_source source = { .name = "a.rego", .text = str_from(text) };

		is_read = rego_parse_module(&source, REGO_PARSE_V1, &arena, &diags);
		CHECK_INT(diags.count, !is_read);
		if (!is_read) {
			CHECK_TEXT(diags.first->text, "too large to parse: out of memory for the tree");
			refused++;
		}
		limit += 64;
		CHECK(limit < 1 << 20);
	}
	CHECK(refused > 10);
}

TEST_MAIN()
