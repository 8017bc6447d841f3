// SPDX-License-Identifier: Apache-2.0
/*
 * test_compile_errors.c - modules that must not compile: OPA's own cases, and a table in its words
 */
#include "rego/policy.h"
#include "rego/yaml.h"

#include "lib/test.h"
#include "test_source_dir.h"

#include <stdio.h>

enum {
	MEMORY_MAX_BYTES = 16 << 20,
	LARGE_BYTES = 512 << 20,
	MODULES_MAX = 8,
	FILE_MAX_BYTES = 64 << 10,
};

struct compiled {
	struct arena arena;
	struct rego_diags diags;
};

static void compile_within(struct compiled *compiled, const struct str *texts, size_t count, unsigned flags,
	size_t memory_max_bytes)
{
	struct rego_source *sources = arena_alloc_array(&compiled->arena, count, sizeof(*sources));
	const struct rego_module *modules[MODULES_MAX];

	CHECK(sources && count <= MODULES_MAX);
	for (size_t i = 0; i < count; i++) {
		sources[i] = (struct rego_source){ .name = "a.rego", .text = texts[i] };
		modules[i] = rego_parse_module(&sources[i], REGO_PARSE_V1, &compiled->arena,
			&compiled->diags);
		if (!modules[i])
			test_fail(__FILE__, __LINE__, "%.*s\nis no module: %s", STR_FMT(texts[i]),
				compiled->diags.first->text);
	}
	rego_policy_free(rego_policy_new(modules, count, flags, memory_max_bytes, &compiled->diags));
}

static void compile(struct compiled *compiled, const struct str *texts, size_t count, unsigned flags)
{
	compile_within(compiled, texts, count, flags, MEMORY_MAX_BYTES);
}

/* ---- OPA's cases ---- */

static bool is_wanted(const struct rego_diag *diag, const struct json *wanted)
{
	return !strcmp(rego_code_name(diag->code), json_get_text(wanted, "code")) &&
		(int64_t)diag->at.line == json_get_int(wanted, "row", 0) &&
		(int64_t)diag->at.column == json_get_int(wanted, "col", 0) &&
		!strcmp(diag->text, json_get_text(wanted, "message"));
}

static void check_case(const struct json *item)
{
	const struct json *modules = json_get(item, "modules"), *wanted = json_get(item, "want_errors");
	const char *note = json_get_text(item, "note");
	struct compiled compiled = { .arena = ARENA_INIT(MEMORY_MAX_BYTES) };
	struct str texts[MODULES_MAX];

	compiled.diags = (struct rego_diags)REGO_DIAGS_INIT(&compiled.arena);
	CHECK(modules->array.count <= MODULES_MAX);
	for (size_t i = 0; i < modules->array.count; i++)
		texts[i] = modules->array.items[i]->text;
	compile(&compiled, texts, modules->array.count,
		json_get_bool(item, "print_statements", false) ? REGO_POLICY_PRINT : 0);
	for (size_t i = 0; i < wanted->array.count; i++) {
		const struct rego_diag *diag = compiled.diags.first;

		while (diag && !is_wanted(diag, wanted->array.items[i]))
			diag = diag->next;
		if (!diag)
			test_fail(__FILE__, __LINE__, "%s: \"%s\" is not said, but \"%s\"", note,
				json_get_text(wanted->array.items[i], "message"),
				compiled.diags.first ? compiled.diags.first->text : "nothing");
	}
	if (json_get_bool(item, "exhaustive", false) && compiled.diags.count != wanted->array.count)
		test_fail(__FILE__, __LINE__, "%s: %zu errors, wanted %zu", note, compiled.diags.count,
			wanted->array.count);
	arena_fini(&compiled.arena);
}

static void check_file(const char *name)
{
	static char text[FILE_MAX_BYTES];
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX_BYTES);
	const char *path = arena_printf(&arena, "%s/data/rego/compile/v1/%s", TEST_SOURCE_DIR, name);
	FILE *file = fopen(path, "re");
	struct rego_yaml_error err;
	const struct json *document, *cases;
	size_t len;

	CHECK(file);
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	CHECK_INT(rego_yaml_read(&arena, (struct str){ text, len }, &document, &err), 0);
	cases = json_get(document, "cases");
	CHECK(cases && cases->array.count);
	for (size_t i = 0; i < cases->array.count; i++)
		check_case(cases->array.items[i]);
}

TEST(opas_cases_of_variables_that_nothing_binds)
{
	check_file("safety/test-safety-unsafe-var.yaml");
	check_file("safety/test-safety-unsafe-var-cascade.yaml");
	check_file("safety/test-safety-unsafe-var-shared-lines.yaml");
}

TEST(opas_cases_of_print)
{
	check_file("print/test-print-undeclared-var.yaml");
}

/* ---- a table ---- */

struct row {
	const char *text;		/* behind "package a\n" */
	const char *wanted;		/* LINE:COLUMN CODE TEXT, of each error */
};

static void check_rows(const struct row *rows, size_t count, unsigned flags)
{
	for (size_t i = 0; i < count; i++) {
		struct compiled compiled = { .arena = ARENA_INIT(MEMORY_MAX_BYTES) };
		scoped(buf) struct buf buf = BUF_INIT(64 << 10);
		const char *whole = arena_printf(&compiled.arena, "package a\n%s", rows[i].text);
		struct str text = str_from(whole);

		compiled.diags = (struct rego_diags)REGO_DIAGS_INIT(&compiled.arena);
		compile(&compiled, &text, 1, flags);
		for (const struct rego_diag *diag = compiled.diags.first; diag; diag = diag->next)
			buf_printf(&buf, "%s%u:%u %s %s%s%s", buf.len ? "\n" : "", diag->at.line,
				diag->at.column, rego_code_name(diag->code), diag->text,
				diag->hint ? " | " : "", diag->hint ? diag->hint : "");
		if (strcmp(buf_text(&buf), rows[i].wanted))
			test_fail(__FILE__, __LINE__, "%s\ngives  %s\nwanted %s", rows[i].text,
				buf_text(&buf), rows[i].wanted);
		arena_fini(&compiled.arena);
	}
}

#define UNBOUND \
	" | nothing gives it a value: assign one (`:=`), look for one (`some ... in`), or import what is meant"
#define UNDEFINED \
	" | no built-in and no function has this name: import the package that has it, and name its file, too"

TEST(variables_that_nothing_binds)
{
	static const struct row rows[] = {
		{ "p if not x", "2:6 rego_unsafe_var_error var x is unsafe" UNBOUND },
		{ "p := [y | z == 1]", "2:6 rego_unsafe_var_error var y is unsafe" UNBOUND "\n"
			"2:11 rego_unsafe_var_error var z is unsafe" UNBOUND },
		{ "user := 1\np if usr == 1",
			"3:6 rego_unsafe_var_error var usr is unsafe | did you mean `user`?" },
		{ "f(a, y.b) := a", "2:6 rego_unsafe_var_error var y is unsafe" UNBOUND },
		{ "f(a[i]) := 1", "2:3 rego_unsafe_var_error var a is unsafe" UNBOUND },
		{ "f({k: v}) := v", "2:4 rego_unsafe_var_error var k is unsafe" UNBOUND },
		{ "f([[_.b]]) := 1", "2:3 rego_unsafe_var_error var _ is unsafe" },
		{ "f([1 | q.b]) := 1", "2:8 rego_unsafe_var_error var q is unsafe" UNBOUND },
		{ "f(a, a.b, input[i], {a.c: [x | x = y; y = a]}) := [a, i]", "" },
		{ "p if inptu.x", "2:6 rego_unsafe_var_error var inptu is unsafe | did you mean `input`?" },
		{ "import data.roles\np if role.x",
			"3:6 rego_unsafe_var_error var role is unsafe | did you mean `roles`?" },
		{ "p if {\n\tnumber := 1\n\tnumbr > 2\n}",
			"4:2 rego_unsafe_var_error var numbr is unsafe | did you mean `number`?" },
	};

	check_rows(rows, ARRAY_SIZE(rows), 0);
}

TEST(functions_that_nobody_defines)
{
	static const struct row rows[] = {
		{ "p := nosuchthing(1)", "2:6 rego_type_error undefined function nosuchthing" UNDEFINED },
		{ "p := conut([1])", "2:6 rego_type_error undefined function conut | did you mean `count`?" },
		{ "is_ok(x) if x\np if is_okay(1)",
			"3:6 rego_type_error undefined function is_okay | did you mean `is_ok`?" },
		{ "p if data.b.f(1)", "2:6 rego_type_error undefined function data.b.f" UNDEFINED },
		{ "q := 1\np if q(1)", "3:6 rego_type_error undefined function data.a.q" UNDEFINED },
		{ "p := abs(1, 2, 3)", "2:6 rego_type_error abs: arity mismatch\n"
			"\thave: (number, number, number)\n\twant: (number)" },
		{ "p := plus(input.x)", "2:6 rego_type_error plus: arity mismatch\n"
			"\thave: (any)\n\twant: (number, number)" },
		{ "f(x) := x\np := f(1, 2, 3)",
			"3:6 rego_type_error function data.a.f has arity 1, got 3 arguments" },
		{ "f(x, y) := x + y\np := f(1)",
			"3:6 rego_type_error function data.a.f has arity 2, got 1 argument" },
	};

	check_rows(rows, ARRAY_SIZE(rows), 0);
}

TEST(rules_that_cannot_stand_together)
{
	static const struct row rows[] = {
		{ "p := 1\np contains 2", "2:1 rego_type_error conflicting rules data.a.p found" },
		{ "f(x) := x\nf(x, y) := x + y", "2:1 rego_type_error conflicting rules data.a.f found" },
		{ "p.q := 1\np := {}", "3:1 rego_type_error rule data.a.p conflicts with [data.a.p.q]" },
		{ "default p := 1\ndefault p := 2",
			"1:1 rego_type_error multiple default rules data.a.p found at a.rego:2, a.rego:3" },
		{ "p if q\nq if p", "2:1 rego_recursion_error rule data.a.p is recursive: "
			"data.a.p -> data.a.q -> data.a.p\n"
			"3:1 rego_recursion_error rule data.a.q is recursive: data.a.q -> data.a.p -> data.a.q" },
		{ "f(x) := f(x)",
			"2:1 rego_recursion_error rule data.a.f is recursive: data.a.f -> data.a.f" },
	};

	check_rows(rows, ARRAY_SIZE(rows), 0);
}

TEST(names_that_are_taken)
{
	static const struct row rows[] = {
		{ "p if { x := 1; x := 2; x > 0 }", "2:16 rego_compile_error var x assigned above" },
		{ "f(x) if { x := 1 }", "2:11 rego_compile_error arg x redeclared" },
		{ "p if { x > 0; x := 1 }", "2:15 rego_compile_error var x referenced above" },
		{ "p if { some x; input.y }", "2:13 rego_compile_error declared var x unused" },
		{ "p if { not x := 1 }",
			"2:8 rego_compile_error cannot assign vars inside negated expression" },
		{ "p if { input.x := 1 }", "2:8 rego_compile_error cannot assign to ref" },
	};

	check_rows(rows, ARRAY_SIZE(rows), 0);
}

TEST(what_strict_mode_refuses)
{
	static const struct row rows[] = {
		{ "p if { x := 1; input.y }", "2:8 rego_compile_error assigned var x unused" },
	};

	check_rows(rows, ARRAY_SIZE(rows), REGO_POLICY_STRICT);
}

/* The rules behind the one that does not fit any more do not fit either, which is no mistake of theirs. */
TEST(too_many_constants_are_one_mistake)
{
	struct compiled compiled = { .arena = ARENA_INIT(LARGE_BYTES) };
	scoped(buf) struct buf module = BUF_INIT(8 << 20);
	struct str text;

	compiled.diags = (struct rego_diags)REGO_DIAGS_INIT(&compiled.arena);
	CHECK_INT(buf_append_str(&module, "package a\n"), 0);
	for (int rule = 0; rule < 70; rule++) {
		CHECK_INT(buf_printf(&module, "p%d if {\n", rule), 0);
		for (int i = 0; i < 1000; i++)
			CHECK_INT(buf_printf(&module, "\tinput.a > \"%d\"\n", rule * 1000 + i), 0);
		CHECK_INT(buf_append_str(&module, "}\n"), 0);
	}
	text = (struct str){ buf_text(&module), module.len };
	compile_within(&compiled, &text, 1, 0, LARGE_BYTES);
	CHECK_INT(compiled.diags.count, 1);
	CHECK_TEXT(compiled.diags.first->text,
		"too large: a policy may have 65534 constants, and as many paths");
	arena_fini(&compiled.arena);
}

TEST_MAIN()
