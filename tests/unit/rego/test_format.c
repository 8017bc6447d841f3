// SPDX-License-Identifier: Apache-2.0
/*
 * test_format.c - modules are laid out as `opa fmt` does, nothing is lost, and doing it twice changes nothing
 */
#include "rego/format.h"

#include "lib/test.h"
#include "test_source_dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FIXTURES TEST_SOURCE_DIR "/data/rego/fmt/v1/"
#define CASES TEST_SOURCE_DIR "/data/rego/conformance/v1/"

enum {
	ARENA_MAX_BYTES = 64 << 20,
	TEXT_MAX_BYTES = 1 << 20,
};

static void read_file(const char *path, struct buf *buf)
{
	FILE *file = fopen(path, "re");
	size_t len;
	char part[4096];

	if (!file)
		test_fail(__FILE__, __LINE__, "%s", path);
	while ((len = fread(part, 1, sizeof(part), file)))
		CHECK_INT(buf_append(buf, part, len), 0);
	fclose(file);
}

static int format(const char *name, struct str text, struct buf *ret)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	struct rego_source source = { .name = name, .text = text };
	int r = rego_format(&source, REGO_PARSE_LOGIC, &arena, &diags, ret);

	CHECK_INT(r == -EINVAL, diags.count > 0);
	return r;
}

static void check_becomes(const char *name, struct str text, struct str wanted)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_MAX_BYTES);
	struct str got;

	CHECK_INT(format(name, text, &buf), 0);
	got = (struct str){ .data = buf_text(&buf), .len = buf.len };
	if (!str_eq(got, wanted))
		test_fail(__FILE__, __LINE__, "%s becomes\n%.*s\nwanted\n%.*s", name, STR_FMT(got),
			STR_FMT(wanted));
}

static struct str content(const struct buf *buf)
{
	return (struct str){ .data = buf_text(buf), .len = buf->len };
}

static void check_fixture(const char *name)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX_BYTES), wanted = BUF_INIT(TEXT_MAX_BYTES);
	char path[1024];

	snprintf(path, sizeof(path), FIXTURES "%s", name);
	read_file(path, &text);
	snprintf(path, sizeof(path), FIXTURES "%s.formatted", name);
	read_file(path, &wanted);
	check_becomes(name, content(&text), content(&wanted));
	check_becomes(name, content(&wanted), content(&wanted));
}

TEST(fixtures)
{
	DIR *dir = opendir(FIXTURES);
	const struct dirent *entry;
	size_t count = 0;

	CHECK(dir);
	while ((entry = readdir(dir)))
		if (str_ends_with(str_from(entry->d_name), STR(".rego"))) {
			check_fixture(entry->d_name);
			count++;
		}
	closedir(dir);
	CHECK_INT(count, 69);
}

TEST(what_is_no_module_is_refused)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX_BYTES), buf = BUF_INIT(TEXT_MAX_BYTES);

	read_file(FIXTURES "test.rego.error", &text);
	CHECK_INT(format("test.rego.error", content(&text), &buf), -EINVAL);
	CHECK_INT(buf.len, 0);
}

/* ---- nothing becomes something else ---- */

static void print_rule(const struct rego_rule *rule, struct buf *buf)
{
	for (; rule; rule = rule->else_rule) {
		rego_term_print(rule->ref, buf);
		for (size_t i = 0; i < rule->param_count; i++) {
			buf_append_str(buf, i ? ", " : "(");
			rego_term_print(rule->params[i], buf);
		}
		buf_append_str(buf, rule->contains ? " contains " : " := ");
		rego_term_print(rule->contains ? rule->contains : rule->value, buf);
		for (size_t i = 0; i < rule->body->count; i++) {
			buf_append_str(buf, "\n\t");
			rego_expr_print(rule->body->exprs[i], buf);
		}
		buf_append_str(buf, "\n");
	}
}

static void print_module(struct arena *arena, struct str text, struct buf *buf)
{
	struct rego_diags diags = REGO_DIAGS_INIT(arena);
	struct rego_source source = { .name = "a.rego", .text = text };
	const struct rego_module *module = rego_parse_module(&source, REGO_PARSE_LOGIC, arena, &diags);

	CHECK(module);
	for (size_t i = 0; i < module->rule_count; i++)
		print_rule(module->rules[i], buf);
}

static void check_same(const char *name, struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf formatted = BUF_INIT(TEXT_MAX_BYTES), before = BUF_INIT(TEXT_MAX_BYTES),
		after = BUF_INIT(TEXT_MAX_BYTES);

	if (format(name, text, &formatted) < 0)
		test_fail(__FILE__, __LINE__, "%s: not formatted:\n%.*s", name, STR_FMT(text));
	print_module(&arena, text, &before);
	print_module(&arena, content(&formatted), &after);
	CHECK_TEXT(buf_text(&after), buf_text(&before));
	check_becomes(name, content(&formatted), content(&formatted));
}

/* Constants in braces become text in templates, which is the same but not the same tree. */
static bool has_constant_in_template(const char *name)
{
	return strstr(name, "primitive values") || strstr(name, "escaped template expressions");
}

static void check_case(const struct json *one)
{
	const struct json *modules = json_get(one, "modules");
	const char *name = json_get_text(one, "note");

	for (size_t i = 0; modules && modules->type == JSON_ARRAY && i < modules->array.count; i++)
		if (!has_constant_in_template(name))
			check_same(name, modules->array.items[i]->text);
}

static void check_cases(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	CHECK(file);
	while ((len = getline(&line, &room, file)) > 0) {
		scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
		struct str text = { .data = line, .len = (size_t)len };
		const struct json *one;

		CHECK_INT(json_read(&arena, text, JSON_READ_STRICT, &one, NULL), 0);
		check_case(one);
	}
	free(line);
	fclose(file);
}

TEST(no_module_changes_its_meaning)
{
	DIR *dir = opendir(CASES);
	const struct dirent *entry;
	size_t count = 0;

	CHECK(dir);
	while ((entry = readdir(dir))) {
		char path[1024];

		if (!str_ends_with(str_from(entry->d_name), STR(".jsonl")))
			continue;
		snprintf(path, sizeof(path), CASES "%s", entry->d_name);
		check_cases(path);
		count++;
	}
	closedir(dir);
	CHECK(count > 100);
}

TEST(parentheses_stay_where_they_mean_something)
{
	check_same("signs", STR("package a\np if {\n\t(a + b) * c\n\t(a in b) == c\n\ta == (b == c)\n"
		"\ta - (b - c)\n\t(a - b) - c\n\ta in (b in c)\n\tk, (v in w) in z\n\tf(eq(a, b))\n"
		"\ty := [(q in w) | q := 1]\n\teq(a, b) == c\n}\n"));
	check_becomes("first level", STR("package a\np if (a+(b*c))==(d|e)"),
		STR("package a\n\np if a + (b * c) == d | e\n"));
}

/*
 * A comment anywhere: it stays, and so does everything else, or the file is refused and nothing is written.
 */
TEST(comments_anywhere_are_kept)
{
	static const char text[] =
		"package a\n\nimport data.b\n\np contains x if {\n\tsome x in [1, {\"a\": f(2)}]\n"
		"\tnot q[x] with input as {\"b\": 3}\n}\n\nr(y) := 4 if y > 5 else := 6 if {\n\ty == 7\n}\n";
	size_t kept = 0, refused = 0;

	for (size_t i = 0; i + 1 < sizeof(text); i++) {
		scoped(buf) struct buf with = BUF_INIT(TEXT_MAX_BYTES), buf = BUF_INIT(TEXT_MAX_BYTES);

		if (!strchr(" \n{[(,", text[i]) || !strncmp(text + i, " data", 5) ||
				!strncmp(text + i, " a\n", 3))
			continue;
		buf_append(&with, text, i + 1);
		buf_append_str(&with, "# here\n");
		buf_append_str(&with, text + i + 1);
		if (format("comment", content(&with), &buf) < 0) {
			CHECK_INT(buf.len, 0);
			refused++;
			continue;
		}
		CHECK(strstr(buf_text(&buf), "# here"));
		check_same("comment", content(&with));
		kept++;
	}
	CHECK(kept > 40);
	CHECK(refused < 5);
}

TEST(a_full_buffer_is_an_error)
{
	for (size_t limit = 0; limit < 30; limit++) {
		scoped(buf) struct buf buf = BUF_INIT(limit);

		CHECK_INT(format("full", STR("package a\n\np := [1, 2, 3, 4, 5]\n"), &buf), -EMSGSIZE);
	}
}

TEST_MAIN()
