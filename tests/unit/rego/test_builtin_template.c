// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_template.c - templates, as Go's text/template renders them
 *
 * The rows are OPA's own tests of strings.render_template and what Go's documentation says of each action.
 */
#include "lib/rego_call.h"

#define RENDERED(text, values, wanted) \
	{ "strings.render_template", "\"" text "\", " values, "\"" wanted "\"" }
#define REFUSED(text, values, why) { "strings.render_template", "\"" text "\", " values, \
	"eval_builtin_error: strings.render_template: template: template" why }

TEST(values_stand_in_the_text)
{
	static const struct rego_row rows[] = {
		RENDERED("{{.test}}", "{\"test\": 2023}", "2023"),
		RENDERED("test {{.foo}} {{.bar}} {{.baz}}", "{\"baz\": 1}", "test <undefined> <undefined> 1"),
		RENDERED("{{.a.b}}{{ .a }}", "{\"a\": {\"b\": [1, \"x\", null]}}",
			"[1 x <nil>]map[b:[1 x <nil>]]"),
		RENDERED("no action }} at all", "{}", "no action }} at all"),
		RENDERED("", "{}", ""),
		RENDERED("a {{- /* gone */ -}} b", "{}", "ab"),
		RENDERED("a  {{- .x -}}  b{{/* }} */}}", "{\"x\": true}", "atrueb"),
		RENDERED("{{\\\"}}\\\"}}{{`a`}}{{1.5}}", "{}", "}}a1.5"),
		RENDERED("{{.s}}", "{\"s\": {1, 2}}", "[1 2]"),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(actions_choose_and_repeat)
{
	static const struct rego_row rows[] = {
		RENDERED("{{range $i, $name := .names}}{{if $i}},{{end}}hello {{$name}}{{end}}",
			"{\"names\": [\"rohan\", \"john doe\"]}", "hello rohan,hello john doe"),
		RENDERED("{{range .l}}<{{.}}>{{else}}none{{end}}", "{\"l\": []}", "none"),
		RENDERED("{{range $k, $v := .o}}{{$k}}={{$v}} {{end}}", "{\"o\": {\"b\": 2, \"a\": 1}}",
			"a=1 b=2 "),
		RENDERED("{{range .l}}{{if eq . \\\"b\\\"}}{{continue}}{{end}}{{if eq . \\\"d\\\"}}{{break}}{{end}}"
			"{{.}}{{end}}", "{\"l\": [\"a\", \"b\", \"c\", \"d\", \"e\"]}", "ac"),
		RENDERED("{{if .a}}1{{else if .b}}2{{else}}3{{end}}", "{\"b\": true}", "2"),
		RENDERED("{{if .a}}1{{else if .b}}2{{else}}3{{end}}", "{\"a\": \"\", \"b\": []}", "3"),
		RENDERED("{{if .n}}yes{{end}}", "{\"n\": 0}", "yes"),
		RENDERED("{{with .a}}{{.b}}{{$.c}}{{end}}", "{\"a\": {\"b\": 1}, \"c\": 2}", "12"),
		RENDERED("{{with $x := .a}}{{$x}}{{else}}no{{end}}", "{}", "no"),
		RENDERED("{{$x := 1}}{{range .l}}{{$x = .}}{{end}}{{$x}}", "{\"l\": [5, 7]}", "7"),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(functions_compute)
{
	static const struct rego_row rows[] = {
		RENDERED("{{len .l}} {{.l | len}} {{index .l 1}} {{index .o \\\"k\\\" 0}}",
			"{\"l\": [4, 5], \"o\": {\"k\": [\"z\"]}}", "2 2 5 z"),
		RENDERED("{{and .a .a.b}}{{if or .b .a.b}}x{{end}}{{or .a | and .b}}", "{\"b\": 1}",
			"<undefined>x<undefined>"),
		RENDERED("{{and .a .b}}{{or .b .a}}{{not .b}}", "{\"a\": 1, \"b\": 0}", "00false"),
		RENDERED("{{eq 1 2 1}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt 1 2}} {{ge 1 2}} {{eq .s \\\"x\\\"}}",
			"{\"s\": \"x\"}", "true true true true false false true"),
		RENDERED("{{printf \\\"%03d|%s|%5v\\\" 7 .s .n}}", "{\"s\": \"ab\", \"n\": 5}",
			"007|ab|    5"),
		RENDERED("{{print 1 2 \\\"a\\\" 3}}|{{(len .s) | print}}|{{println .s}}", "{\"s\": \"ab\"}",
			"1 2a3|2|ab\\n"),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(mistakes_are_errors)
{
	static const struct rego_row rows[] = {
		REFUSED("{{.a", "{}", ":1: unclosed action .a"),
		REFUSED("\\n{{if .a}}", "{}", ":2: expected end, found "),
		REFUSED("{{end}}", "{}", ":1: unexpected end or else "),
		REFUSED("{{break}}", "{}", ":1: break or continue outside of range "),
		REFUSED("{{.a.b}}", "{}", ": nil pointer evaluating interface {}. b"),
		REFUSED("{{.a.b}}", "{\"a\": 1}", ": can't evaluate field b"),
		REFUSED("{{$x}}", "{}", ": undefined variable x"),
		REFUSED("{{call .a}}", "{}", ": this function is not defined: call"),
		REFUSED("{{range .a}}{{end}}", "{\"a\": \"x\"}", ": range can't iterate over this value "),
		REFUSED("{{eq .a 1}}", "{\"a\": 1}", ": error calling a comparison: incompatible types"),
		REFUSED("{{index .a 7}}", "{\"a\": [1]}", ": error calling index: index out of range"),
		REFUSED("{{}}{{|}}", "{}", ":1: missing value for command |"),
		{ "strings.render_template", "\"\", 1",
			"eval_type_error: strings.render_template: operand 2 must be object but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(depth_and_work_are_bounded)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 22);
	struct buf text = BUF_INIT(1 << 20);

	buf_append_str(&text, "\"");
	for (int i = 0; i < 1000; i++)
		buf_append_str(&text, i % 2 ? "{{if 1}}" : "{{if 1}}{{else if (((1)))}}");
	buf_append_str(&text, "\", {}");
	CHECK(strstr(rego_call_text(&arena, "strings.render_template", buf_text(&text), 1 << 20, 1 << 22),
		"nested too deep"));
	buf_clear(&text);
	buf_append_str(&text, "\"{{");
	for (int i = 0; i < 1000; i++)
		buf_append_char(&text, '(');
	buf_append_str(&text, "}}\", {}");
	CHECK(strstr(rego_call_text(&arena, "strings.render_template", buf_text(&text), 1 << 20, 1 << 22),
		"nested too deep"));
	buf_fini(&text);
	CHECK_TEXT(rego_call_text(&arena, "strings.render_template",
		"\"{{range .l}}{{range $.l}}{{.}}{{end}}{{end}}\""
		", {\"l\": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}",
		300, 1 << 22),
		"stopped (steps)");
}

TEST_MAIN()
