// SPDX-License-Identifier: Apache-2.0
/*
 * test_check.c - what can never hold is said while compiling, in OPA's words, and what OPA takes is taken
 */
#include "rego/policy.h"

#include "lib/test.h"

enum {
	MEMORY_MAX_BYTES = 16 << 20,
};

struct row {
	const char *text;		/* behind "package a\n", unless it begins with one */
	const char *wanted;		/* LINE:COLUMN CODE TEXT, of each error; empty: none */
};

static const struct rego_module *parse(struct arena *arena, const struct rego_source *source,
	struct rego_diags *diags)
{
	const struct rego_module *module = rego_parse_module(source, REGO_PARSE_V1, arena, diags);

	if (!module)
		test_fail(__FILE__, __LINE__, "%s\nis no module: %s", source->text.data, diags->first->text);
	return module;
}

static void print_diags(const struct rego_diags *diags, struct buf *buf)
{
	for (const struct rego_diag *diag = diags->first; diag; diag = diag->next)
		buf_printf(buf, "%s%u:%u %s %s", buf->len ? "\n" : "", diag->at.line, diag->at.column,
			rego_code_name(diag->code), diag->text);
}

static void check_row(const struct row *row)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX_BYTES);
	scoped(buf) struct buf buf = BUF_INIT(64 << 10);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	const char *whole = strstr(row->text, "package") ? row->text :
		arena_printf(&arena, "package a\n%s", row->text);
	struct rego_source source = { .name = "a.rego", .text = str_from(whole) };
	const struct rego_module *module = parse(&arena, &source, &diags);

	rego_policy_free(rego_policy_new(&module, 1, 0, MEMORY_MAX_BYTES, &diags));
	print_diags(&diags, &buf);
	if (strcmp(buf_text(&buf), row->wanted))
		test_fail(__FILE__, __LINE__, "%s\ngives  %s\nwanted %s", row->text, buf_text(&buf),
			row->wanted);
}

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_row(&rows[i]);
}

/* What OPA writes for an unknown type; as one word it would be a trigraph. */
#define UNKNOWN "??" "?"

#define MATCH(place, left, right) \
	place " rego_type_error match error\n\tleft  : " left "\n\tright : " right

TEST(terms_that_are_never_equal)
{
	static const struct row rows[] = {
		{ "p if null = true", MATCH("2:6", "null", "boolean") },
		{ "p if 1 == \"a\"", MATCH("2:6", "number", "string") },
		{ "p if [1, 2] = [1, 2, 3]",
			MATCH("2:6", "array<number, number>", "array<number, number, number>") },
		{ "p if [1, \"a\"] = [1, 2]",
			MATCH("2:6", "array<number, string>", "array<number, number>") },
		{ "p if {\"a\": 1} = {\"a\": 1, \"b\": true}",
			MATCH("2:6", "object<a: number>", "object<a: number, b: boolean>") },
		{ "p if {1, 2} == {\"a\"}", MATCH("2:6", "set[number]", "set[string]") },
		{ "p if {1, \"b\"} == {null}", MATCH("2:6", "set[any<number, string>]", "set[null]") },
		{ "p if {\n\tx := [1, \"a\"]\n\tx[_] == null\n}",
			MATCH("4:2", "any<number, string>", "null") },
		{ "p if [true | true] = [x | x = [1, \"a\"][_]]",
			MATCH("2:6", "array[boolean]", "array[any<number, string>]") },
		{ "p if {k: v | some k, v in {\"a\": 1}} == {\"a\": \"b\"}",
			MATCH("2:6", "object[string: number]", "object<a: string>") },
		{ "q := 1\np if q == \"a\"", MATCH("3:6", "number", "string") },
		{ "p if not 1 = \"a\"", MATCH("2:6", "number", "string") },
		{ "p if {\n\t[x, y] := [1, \"b\"]\n\tx == y\n}", MATCH("4:2", "number", "string") },
		{ "f(x) := x + 1\np if f(2) == \"a\"", MATCH("3:6", "number", "string") },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST(operands_that_are_never_taken)
{
	static const struct row rows[] = {
		{ "p := abs(\"a\")", "2:6 rego_type_error abs: invalid argument(s)\n"
			"\thave: (string, " UNKNOWN ")\n\twant: (number, number)" },
		{ "p := 1 + \"a\"", "2:6 rego_type_error plus: invalid argument(s)\n"
			"\thave: (number, string, " UNKNOWN ")\n\twant: (number, number, number)" },
		{ "p if numbers.range(1, {2})", "2:6 rego_type_error numbers.range: invalid argument(s)\n"
			"\thave: (number, set[number])\n\twant: (number, number, array[number])" },
		{ "f(x) := y if y := x * 2\np := f(\"a\")",
			"3:6 rego_type_error data.a.f: invalid argument(s)\n"
			"\thave: (string, " UNKNOWN ")\n\twant: (number, number)" },
		{ "f([x, \"k\"]) if x > 1\np if f([2, 3])",
			"3:6 rego_type_error data.a.f: invalid argument(s)\n"
			"\thave: (array<number, number>)\n\twant: (array<any, string>, boolean)" },
		{ "p := time.clock([1, 2])", "2:6 rego_type_error time.clock: invalid argument(s)\n"
			"\thave: (array<number, number>, " UNKNOWN ")\n"
			"\twant: (any<number, array<number, string>>, array<number, number, number>)" },
		{ "f(x) := x\np if f(1) with f as time.now_ns",
			"3:11 rego_type_error data.a.f: arity mismatch\n"
			"\thave: ()\n\twant: (any)" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST(references_that_lead_nowhere)
{
	static const struct row rows[] = {
		{ "q := 1\np := q.x", "3:6 rego_type_error undefined ref: data.a.q.x\n"
			"\tdata.a.q.x\n\t^^^^^^^^\n\thave: number" },
		{ "q := {\"x\": 1, \"y\": {\"z\": 2}}\np := q.w",
			"3:6 rego_type_error undefined ref: data.a.q.w\n"
			"\tdata.a.q.w\n\t         ^\n\t         have: \"w\"\n\t         want (one of): [\"x\" \"y\"]" },
		{ "q := {\"x\": 1, \"y\": {\"z\": 2}}\np := q.y.w",
			"3:6 rego_type_error undefined ref: data.a.q.y.w\n"
			"\tdata.a.q.y.w\n\t           ^\n\t           have: \"w\"\n\t           want (one of): [\"z\"]" },
		{ "p if {\n\tx := [1, 2]\n\tx[\"a\"] == 1\n}", "4:2 rego_type_error undefined ref: x.a\n"
			"\tx.a\n\t  ^\n\t  have: \"a\"\n\t  want (type): number" },
		{ "q contains 1\np if q.x", "3:6 rego_type_error undefined ref: data.a.q.x\n"
			"\tdata.a.q.x\n\t         ^\n\t         have: \"x\"\n\t         want (type): number" },
		{ "q contains 1\np if {\n\tk := \"x\"\n\tq[k]\n}",
			"5:2 rego_type_error undefined ref: data.a.q[k]\n"
			"\tdata.a.q[k]\n\t         ^\n\t         have (type): string\n\t         want (type): number" },
		{ "f(x) := x\np := f", "3:6 rego_type_error undefined ref: data.a.f\n"
			"\tdata.a.f\n\t^^^^^^^^\n\thave: (any) => any" },
		{ "q[x] := 1 if some x in [\"a\"]\np := q.b.c",
			"3:6 rego_type_error undefined ref: data.a.q.b.c\n"
			"\tdata.a.q.b.c\n\t^^^^^^^^^^\n\thave: number" },
		{ "q.r.s := 1\np if {\n\tk := 7\n\tq[k]\n}",
			"5:2 rego_type_error undefined ref: data.a.q[k]\n"
			"\tdata.a.q[k]\n\t         ^\n\t         have (type): number\n\t         want (one of): [\"r\"]" },
		{ "q := {\"x\": 1}\np if every v in [1] { q.y == v }",
			"3:23 rego_type_error undefined ref: data.a.q.y\n"
			"\tdata.a.q.y\n\t         ^\n\t         have: \"y\"\n\t         want (one of): [\"x\"]" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

/* Where a mistake makes something unknown, that is not a second mistake. */
TEST(one_mistake_is_told_once)
{
	static const struct row rows[] = {
		{ "q := 1\np := q.x + 1\nr := p.z", "3:6 rego_type_error undefined ref: data.a.q.x\n"
			"\tdata.a.q.x\n\t^^^^^^^^\n\thave: number" },
		{ "q := 1 + \"a\"\np := q.x.y\nr if q == null",
			"2:6 rego_type_error plus: invalid argument(s)\n"
			"\thave: (number, string, " UNKNOWN ")\n\twant: (number, number, number)" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST(what_may_hold_is_taken)
{
	static const char *const texts[] = {
		"p if input.x == 1\nq if input.x == \"a\"",
		"p if input.x + 1 > 2\nq if input.x.y[_].z",
		"p := data.b.c.d\nq if data.b.c == 1\nr := data.z[_][_].x",
		"p := 1 if input.a\np := \"b\" if input.b\nq if p == 1\nr if p == \"b\"",
		"p := x if { x := [1, \"a\", null][_] }\nq := p + 1",
		"p[x] := 1 if some x in [\"a\"]\np[x] := \"b\" if some x in [1, 2]\nq := p.foo\nr if p[3] == \"b\"",
		"f(x) := x.y\np := f({\"y\": 1})\nq := f([1])\nr := f(1)",
		"f(1) := 2\nf(\"a\") := 3\np := f(1) + f(\"a\")",
		"p if {\n\tx := [y | some y in input.xs]\n\tx[0].a.b == 3\n\tx[1] == \"c\"\n}",
		"p if {\n\t[a, b] = input.x\n\ta == 1\n\tb == \"c\"\n}",
		"p if {\n\t{\"k\": v} = {\"k\": input.y}\n\tv == 1\n}",
		"p contains x if some x in {1, \"a\"}\nq if \"a\" in p\nr if p[1]",
		"a.b.c := 1\na.b.d := \"x\"\nq := a.b[_]\nr := a.zz.y",
		"p if every k, v in input.xs { k == v.name; data.t[k] == v }",
		"default p := null\np := 1 if input.x\nq if p == 1",
		"p := x if { x := {} }\nq := p.a.b",
		"p := []\nq := p[0]\nr if p == [1]",
		"p := 0.5e1\nq if p == 5",
		"p := {1: \"a\"}\nq := p[1]",
		"p := {\"a\": 1}[input.k]",
		"p if { some i, j; [1, 2][i] == 2; {\"a\": \"b\"}[j] == \"b\"; i == 1; j == \"a\" }",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		check_row(&(struct row){ texts[i], "" });
}

TEST(types_of_many_parts_are_any)
{
	scoped(buf) struct buf buf = BUF_INIT(1 << 20);

	/* each of these is twice the one before; the last one would have 2^60 parts */
	buf_append_str(&buf, "package a\np0 := [1, \"a\"]\n");
	for (int i = 1; i <= 60; i++)
		buf_printf(&buf, "p%d := [p%d, p%d]\n", i, i - 1, i - 1);
	buf_append_str(&buf, "q if p60 == p59\nr := [1");
	for (int i = 0; i < 5000; i++)
		buf_append_str(&buf, ", {\"a\": 1}");
	buf_append_str(&buf, "]\ns := r[9].b.c\n");
	check_row(&(struct row){ buf_text(&buf), "" });
}

static void ask(struct rego_policy *policy, const char *text, const char *wanted)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX_BYTES);
	scoped(buf) struct buf buf = BUF_INIT(64 << 10);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	struct rego_source source = { .name = "query", .text = str_from(text) };
	const struct rego_body *body = rego_parse_query(&source, REGO_PARSE_V1, &arena, &diags);

	CHECK(body);
	CHECK(!rego_query_new(policy, body, NULL, &arena, &diags) == !!*wanted);
	print_diags(&diags, &buf);
	CHECK_TEXT(buf_text(&buf), wanted);
}

TEST(questions_are_checked_against_the_rules)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	struct rego_source source = { .name = "a.rego", .text = STR("package a\np := 1\nf(x) := x + 1\n") };
	const struct rego_module *module = parse(&arena, &source, &diags);
	struct rego_policy *policy = rego_policy_new(&module, 1, 0, MEMORY_MAX_BYTES, &diags);

	CHECK(policy);
	ask(policy, "x := data.a.p + input.y", "");
	ask(policy, "x := data.a.f(2); x > 1", "");
	ask(policy, "data.a.p == \"b\"", MATCH("1:1", "number", "string"));
	ask(policy, "x := data.a.f({})", "1:6 rego_type_error data.a.f: invalid argument(s)\n"
		"\thave: (object[any: any], " UNKNOWN ")\n\twant: (number, number)");
	rego_policy_free(policy);
}

TEST_MAIN()
