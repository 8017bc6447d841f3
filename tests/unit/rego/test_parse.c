// SPDX-License-Identifier: Apache-2.0
/*
 * test_parse.c - what a text becomes: the shape of terms, expressions and rules, and where they are
 */
#include "rego/ast.h"

#include "lib/test.h"

enum {
	ARENA_MAX_BYTES = 8 << 20,
};

static struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);

static _Noreturn void fail_with(const char *text, const struct rego_diags *diags)
{
	scoped(buf) struct buf buf = BUF_INIT(64 << 10);

	rego_diags_print(diags, &buf);
	test_fail(__FILE__, __LINE__, "%s: %s", text, buf_text(&buf));
}

static struct rego_source *new_source(const char *text)
{
	struct rego_source *source = arena_alloc(&arena, sizeof(*source));

	CHECK(source);
	*source = (struct rego_source){ .name = "a.rego", .text = str_from(text) };
	return source;
}

static const struct rego_module *parse_module(const char *text)
{
	const char *whole = arena_printf(&arena, "package a\n%s", text);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	const struct rego_module *module = rego_parse_module(new_source(whole), REGO_PARSE_LOGIC, &arena,
		&diags);

	if (!module)
		fail_with(text, &diags);
	return module;
}

static const struct rego_body *parse_query(const char *text)
{
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	const struct rego_body *body = rego_parse_query(new_source(text), REGO_PARSE_LOGIC, &arena, &diags);

	if (!body)
		fail_with(text, &diags);
	return body;
}

static const struct rego_term *parse_term(const char *text)
{
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	const struct rego_term *term = rego_parse_term(new_source(text), REGO_PARSE_V1, &arena, &diags);

	if (!term)
		fail_with(text, &diags);
	return term;
}

static void check_term(const char *text, const char *wanted)
{
	scoped(buf) struct buf buf = BUF_INIT(64 << 10);

	rego_term_print(parse_term(text), &buf);
	CHECK_TEXT(buf_text(&buf), wanted);
}

static void check_query(const char *text, const char *wanted)
{
	const struct rego_body *body = parse_query(text);
	scoped(buf) struct buf buf = BUF_INIT(64 << 10);

	for (size_t i = 0; i < body->count; i++) {
		buf_append_str(&buf, i ? "; " : "");
		rego_expr_print(body->exprs[i], &buf);
	}
	CHECK_TEXT(buf_text(&buf), wanted);
}

TEST(operators_bind_as_they_should)
{
	check_term("1 + 2 * 3", "plus(1, mul(2, 3))");
	check_term("1 * 2 + 3", "plus(mul(1, 2), 3)");
	check_term("1 - 2 - 3", "minus(minus(1, 2), 3)");
	check_term("1 / 2 % 3", "rem(div(1, 2), 3)");
	check_term("a | b & c + d", "or(a, and(b, plus(c, d)))");
	check_term("a & b | c == d", "equal(or(and(a, b), c), d)");
	check_term("a < b == c", "equal(lt(a, b), c)");
	check_term("a > b != c >= d <= e", "lte(gte(neq(gt(a, b), c), d), e)");
	check_term("a in b == c", "internal.member_2(a, equal(b, c))");
	check_term("a in b in c", "internal.member_2(internal.member_2(a, b), c)");
	check_term("a, b in c", "internal.member_3(a, b, c)");
	check_term("(1 + 2) * 3", "mul(plus(1, 2), 3)");
	check_term("1 - -2", "minus(1, -2)");
	check_term("- 5", "-5");
	check_term("a-1", "minus(a, 1)");
	check_term("f(a in b, c)", "f(internal.member_2(a, b), c)");
	check_term("[a, b in c]", "[a, internal.member_2(b, c)]");
	check_term("[(a, b in c)]", "[internal.member_3(a, b, c)]");
	check_term("x[a, b in c]", "x[internal.member_3(a, b, c)]");
}

TEST(constants)
{
	check_term("null", "null");
	check_term("true", "true");
	check_term("1.50", "1.50");
	check_term(".5", "0.5");
	check_term("-.5e1", "-0.5e1");
	check_term("1e400", "1e400");
	check_term("18446744073709551616", "18446744073709551616");
	check_term("\"a\\tb\\u00e9\\ud83d\\ude00\"", "\"a\\tb\xc3\xa9\xf0\x9f\x98\x80\"");
	check_term("\"\\ud83d\"", "\"\xef\xbf\xbd\"");
	check_term("\"\\ud83dx\\u0041\"", "\"\xef\xbf\xbdxA\"");
	check_term("\"\\/\"", "\"/\"");
	check_term("`a\\n\"b\"`", "\"a\\\\n\\\"b\\\"\"");
	CHECK_INT(parse_term("9223372036854775807")->value->type, JSON_INT);
	CHECK_INT(parse_term("9223372036854775808")->value->type, JSON_NUMBER);
}

TEST(collections)
{
	check_term("[]", "[]");
	check_term("[1, 2, ]", "[1, 2]");
	check_term("[, 1]", "[1]");
	check_term("{}", "{}");
	check_term("set()", "set()");
	check_term("set( )", "set()");
	check_term("{1}", "{1}");
	check_term("{1, 2,}", "{1, 2}");
	check_term("{\"a\": 1, b: 2,}", "{\"a\": 1, b: 2}");
	check_term("{a + b: c | d}", "{plus(a, b): c | d}");
	check_term("{a: b | c}", "{a: b | c}");
	check_term("{a: (b | c)}", "{a: or(b, c)}");
	check_term("{a: b | c, d: e}", "{a: or(b, c), d: e}");
	check_term("{a | b}", "{a | b}");
	check_term("{(a | b)}", "{or(a, b)}");
	check_term("{a | b, c}", "{or(a, b), c}");
	check_term("{a + 1 | b}", "{or(plus(a, 1), b)}");
	check_term("[a | b; c := 1\nd]", "[a | b; assign(c, 1); d]");
	check_term("[a | b, c]", "[or(a, b), c]");
	check_term("{a == b}", "{equal(a, b)}");
	CHECK_INT(parse_term("{}")->type, REGO_TERM_OBJECT);
	CHECK_INT(parse_term("set()")->type, REGO_TERM_SET);
}

TEST(references)
{
	const struct rego_term *term = parse_term("a.b[\"c\"][d].if[1]");

	CHECK_INT(term->type, REGO_TERM_REF);
	CHECK_INT(term->list.count, 6);
	CHECK(term->list.items[1]->flags & REGO_TERM_DOTTED);
	CHECK(!(term->list.items[2]->flags & REGO_TERM_DOTTED));
	CHECK_INT(term->list.items[3]->type, REGO_TERM_VAR);
	check_term("a.b[\"c\"][d].if[1]", "a.b.c[d].if[1]");
	check_term("a[\"b-c\"]", "a[\"b-c\"]");
	check_term("f(x).y[z](1)", "f(x).y[z](1)");
	check_term("[1, 2][0]", "[1, 2][0]");
	check_term("{\"a\": 1}.a", "{\"a\": 1}.a");
	check_term("(x)[0]", "x[0]");
	check_term("a.b.c()", "a.b.c()");
	CHECK_INT(parse_term("input")->type, REGO_TERM_VAR);
}

TEST(space_ends_a_reference)
{
	check_query("x := a\n[b]", "assign(x, a); [b]");
	check_query("a\n(b)", "a; b");
	check_query("a.b\n.5", "a.b; 0.5");
}

TEST(keywords_are_names_before_a_dot)
{
	check_query("not.x; some[1]; every.y == 1; with.z", "not.x; some[1]; equal(every.y, 1); with.z");
	check_query("x\nwith.y", "x; with.y");
	check_query("contains(a, b); contains.x", "contains(a, b); contains.x");
	check_query("input.package.if", "input.package.if");
}

TEST(expressions)
{
	check_query("x = 1; y := 2", "x = 1; assign(y, 2)");
	check_query("not x == 1", "not equal(x, 1)");
	check_query("some x, y", "some x, y");
	check_query("some x in xs; some k, v in f(xs) with input as 1",
		"some x in xs; some k, v in f(xs) with input as 1");
	check_query("every k, v in xs { v; k } with data.a as b",
		"every k, v in xs { v; k } with data.a as b");
	check_query("f(x) with input as 1 with data.b as 2", "f(x) with input as 1 with data.b as 2");
	check_query("x := {y | y := _[_]}", "assign(x, {y | assign(y, _[_])})");
	CHECK(parse_query("not x")->exprs[0]->is_negated);
}

TEST(wildcards_are_unique)
{
	const struct rego_term *term = parse_term("[_, [_ | _], _]");

	CHECK_STR(term->list.items[0]->name, STR("$0"));
	CHECK_STR(term->list.items[2]->name, STR("$3"));
	CHECK(term->list.items[0]->flags & REGO_TERM_WILDCARD);
}

TEST(templates)
{
	const struct rego_term *term = parse_term("$\"a\\n\\{{x + 1}{y with input as 1}\"");

	CHECK_INT(term->type, REGO_TERM_TEMPLATE);
	CHECK_INT(term->template.count, 3);
	CHECK_STR(term->template.parts[0]->term->value->text, STR("a\n{"));
	CHECK(term->template.parts[0]->term->flags & REGO_TERM_TEXT);
	CHECK_INT(term->template.parts[1]->term->type, REGO_TERM_CALL);
	CHECK_INT(term->template.parts[2]->with_count, 1);
	CHECK_INT(parse_term("$\"\"")->template.count, 0);
	CHECK_STR(parse_term("$`a\\n\\{`")->template.parts[0]->term->value->text, STR("a\\n{"));
	CHECK(parse_term("$`a`")->flags & REGO_TERM_RAW);
	check_term("$\"{ {1: {2}} }\"", "$\"{{1: {2}}}\"");
}

TEST(infix_logic)
{
	check_query("a or b and c", "a or b and c");
	check_query("(a or b) and c", "a or b and c");
	CHECK(!(parse_query("(a or b) and c")->exprs[0]->term->flags & REGO_TERM_OR));
	CHECK(parse_query("a and b or c")->exprs[0]->term->flags & REGO_TERM_OR);
	check_query("{a; b} and c", "{ a; b } and c");
	CHECK(parse_query("{a; b} and c")->exprs[0]->term->logic.left->is_braced);
	check_query("({a}) and c", "{a} and c");
	check_query("a or {b} with input as 1", "a or { b } with input as 1");
	check_query("a or (b with input as 1)", "a or b with input as 1");
	CHECK_INT(parse_query("a or (b with input as 1)")->exprs[0]->with_count, 0);
	check_query("not a and not b", "not a and not b");
	check_query("or(a, b) == and(c, d)", "equal(or(a, b), and(c, d))");
	check_query("input.and or input.or", "input.and or input.or");
	CHECK_INT(parse_query("not (a or b)")->exprs[0]->type, REGO_EXPR_NOT_BODY);
}

TEST(not_takes_a_body)
{
	const struct rego_module *module = parse_module("import future.keywords.not\n"
		"p if { not {x; y}; not ({x}); not (z with input as 1); not w }");
	const struct rego_body *body = module->rules[0]->body;

	CHECK(module->has_not_keyword);
	CHECK_INT(body->exprs[0]->type, REGO_EXPR_NOT_BODY);
	CHECK(body->exprs[0]->body->is_braced);
	CHECK_INT(body->exprs[0]->body->count, 2);
	CHECK_INT(body->exprs[1]->type, REGO_EXPR_TERM);
	CHECK(body->exprs[1]->is_negated);
	CHECK_INT(body->exprs[1]->term->type, REGO_TERM_SET);
	CHECK_INT(body->exprs[2]->type, REGO_EXPR_NOT_BODY);
	CHECK_INT(body->exprs[2]->body->exprs[0]->with_count, 1);
	CHECK(body->exprs[3]->is_negated);
	CHECK_INT(parse_module("p if { not {x} }")->rules[0]->body->exprs[0]->term->type, REGO_TERM_SET);
}

TEST(rules_of_every_kind)
{
	const struct rego_module *module = parse_module(
		"import data.x.y as z\nimport input.q\n"
		"default a := 1\n"
		"a := 2 if { x } else := 3 if y else = 4\n"
		"b contains x if some x in y\n"
		"c contains 1\n"
		"d.e[f] := g if { h }\n"
		"i(x, [y]) = x + y\n"
		"j(_)\n"
		"k if l { m } { n }\n"
		"if.o := 5\n"
		"q if {\"a\": 1}\n"
		"r if {s}\n"
		"t [u] := v if w\n");
	const struct rego_rule *const *rules = module->rules;

	CHECK_INT(module->import_count, 2);
	CHECK_STR(module->imports[0].alias, STR("z"));
	CHECK_INT(module->imports[1].alias.len, 0);
	CHECK_INT(module->rule_count, 14);
	CHECK(rules[0]->is_default && rules[0]->has_value && rules[0]->has_assign && !rules[0]->has_body);
	CHECK(rules[1]->has_body && rules[1]->else_rule->is_else && rules[1]->else_rule->has_assign);
	CHECK(!rules[1]->else_rule->else_rule->has_assign && !rules[1]->else_rule->else_rule->has_body);
	CHECK(rules[2]->contains && !rules[2]->value && rules[2]->has_body);
	CHECK(rules[3]->contains && !rules[3]->has_body && rules[3]->body->count == 1);
	CHECK_INT(rules[4]->ref->list.count, 3);
	CHECK(rules[5]->is_function && rules[5]->param_count == 2 && !rules[5]->has_body);
	CHECK(rules[6]->is_function && !rules[6]->has_value && rules[6]->value);
	CHECK(!rules[7]->is_chained && rules[8]->is_chained && rules[9]->is_chained);
	CHECK_STR(rules[10]->ref->list.items[0]->name, STR("if"));
	CHECK_INT(rules[11]->body->exprs[0]->term->type, REGO_TERM_OBJECT);
	CHECK(!rules[11]->body->is_braced && rules[12]->body->is_braced);
	CHECK_INT(rules[13]->ref->type, REGO_TERM_REF);
}

TEST(a_package_is_below_data)
{
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	const struct rego_module *module = rego_parse_module(new_source("package a.if[\"b-c\"]"),
		REGO_PARSE_V1, &arena, &diags);
	scoped(buf) struct buf buf = BUF_INIT(1024);

	CHECK(module);
	rego_term_print(module->package, &buf);
	CHECK_TEXT(buf_text(&buf), "data.a.if[\"b-c\"]");
}

static void check_at(const struct rego_span *at, uint32_t line, uint32_t column, const char *text)
{
	struct str got = { .data = at->source->text.data + at->offset, .len = at->length };

	CHECK_STR(got, str_from(text));
	CHECK_INT(at->line, line);
	CHECK_INT(at->column, column);
}

TEST(everything_knows_where_it_is)
{
	const struct rego_module *module = parse_module(
		"p := x if {\n\ty := (a.b + 1) * c(2) with input as 3\n}\n"
		" else := 4");
	const struct rego_rule *rule = module->rules[0];
	const struct rego_expr *expr = rule->body->exprs[0];
	const struct rego_term *mul = expr->term->list.items[2];

	check_at(&module->package_at, 1, 1, "package a");
	check_at(&rule->at, 2, 1, "p := x if {\n\ty := (a.b + 1) * c(2) with input as 3\n}\n else := 4");
	check_at(&rule->else_rule->at, 5, 2, "else := 4");
	check_at(&rule->value->at, 2, 6, "x");
	check_at(&expr->at, 3, 2, "y := (a.b + 1) * c(2) with input as 3");
	check_at(&expr->withs[0].at, 3, 24, "with input as 3");
	check_at(&mul->list.items[0]->at, 3, 17, "*");
	check_at(&mul->list.items[1]->at, 3, 8, "(a.b + 1)");
	check_at(&mul->list.items[1]->list.items[1]->at, 3, 8, "a.b");
	check_at(&mul->list.items[2]->at, 3, 19, "c(2)");
	check_at(&mul->at, 3, 8, "(a.b + 1) * c(2)");
}

TEST_MAIN()
