// SPDX-License-Identifier: Apache-2.0
/*
 * test_parse_cases.c - every module, query and term of the conformance cases is read, and what is printed of
 * it is read again
 */
#include "rego/ast.h"

#include "lib/test.h"
#include "test_source_dir.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define CASES TEST_SOURCE_DIR "/data/rego/conformance/v1/"

enum {
	ARENA_MAX_BYTES = 64 << 20,
	TERM_TEXT_MAX = 1 << 20,
};

struct counts {
	size_t modules, queries, terms;
};

static _Noreturn void fail_at(const char *name, const struct rego_source *source,
	const struct rego_diags *diags)
{
	scoped(buf) struct buf buf = BUF_INIT(64 << 10);

	rego_diags_print(diags, &buf);
	test_fail(__FILE__, __LINE__, "%s: %s\n%.*s", name, buf_text(&buf), STR_FMT(source->text));
}

static void check_module(struct arena *arena, const char *name, struct str text)
{
	struct rego_diags diags = REGO_DIAGS_INIT(arena);
	struct rego_source source = { .name = name, .text = text };
	const struct rego_module *module = rego_parse_module(&source, REGO_PARSE_LOGIC, arena, &diags);

	if (!module)
		fail_at(name, &source, &diags);
	CHECK(module->rule_count || module->import_count || module->package);
}

/* The text of an expression is one again, with the same text. */
static void check_print(struct arena *arena, const struct rego_expr *expr)
{
	scoped(buf) struct buf once = BUF_INIT(TERM_TEXT_MAX), again = BUF_INIT(TERM_TEXT_MAX);
	struct rego_diags diags = REGO_DIAGS_INIT(arena);
	struct rego_source source = { .name = "printed" };
	const struct rego_body *body;

	rego_expr_print(expr, &once);
	source.text = (struct str){ .data = once.data, .len = once.len };
	body = rego_parse_query(&source, REGO_PARSE_LOGIC, arena, &diags);
	if (!body)
		fail_at("printed", &source, &diags);
	CHECK_INT(body->count, 1);
	rego_expr_print(body->exprs[0], &again);
	CHECK_TEXT(buf_text(&again), buf_text(&once));
}

static void check_query(struct arena *arena, const char *name, struct str text)
{
	struct rego_diags diags = REGO_DIAGS_INIT(arena);
	struct rego_source source = { .name = name, .text = text };
	const struct rego_body *body = rego_parse_query(&source, REGO_PARSE_LOGIC, arena, &diags);

	if (!body)
		fail_at(name, &source, &diags);
	for (size_t i = 0; i < body->count; i++)
		check_print(arena, body->exprs[i]);
}

static void check_term(struct arena *arena, const char *name, struct str text)
{
	struct rego_diags diags = REGO_DIAGS_INIT(arena);
	struct rego_source source = { .name = name, .text = text };

	if (!rego_parse_term(&source, REGO_PARSE_LOGIC, arena, &diags))
		fail_at(name, &source, &diags);
}

static void check_case(struct arena *arena, const struct json *one, struct counts *counts)
{
	const struct json *modules = json_get(one, "modules"), *query = json_get(one, "query"),
		*term = json_get(one, "input_term");
	const char *name = json_get_text(one, "note");

	for (size_t i = 0; modules && modules->type == JSON_ARRAY && i < modules->array.count; i++) {
		check_module(arena, name, modules->array.items[i]->text);
		counts->modules++;
	}
	CHECK(query);
	check_query(arena, name, query->text);
	counts->queries++;
	if (term) {
		check_term(arena, name, term->text);
		counts->terms++;
	}
}

static void check_file(const char *path, struct counts *counts)
{
	FILE *file = fopen(path, "re");
	size_t room = 0;
	char *line = NULL;
	ssize_t len;

	CHECK(file);
	while ((len = getline(&line, &room, file)) > 0) {
		scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
		struct str text = { .data = line, .len = (size_t)len };
		const struct json *one;

		CHECK_INT(json_read(&arena, text, JSON_READ_STRICT, &one, NULL), 0);
		check_case(&arena, one, counts);
	}
	free(line);
	fclose(file);
}

TEST(all_cases_are_read)
{
	struct counts counts = { 0 };
	DIR *dir = opendir(CASES);
	const struct dirent *entry;

	CHECK(dir);
	while ((entry = readdir(dir))) {
		char path[1024];

		if (!str_ends_with(str_from(entry->d_name), STR(".jsonl")))
			continue;
		snprintf(path, sizeof(path), CASES "%s", entry->d_name);
		check_file(path, &counts);
	}
	closedir(dir);
	CHECK_INT(counts.queries, 1680);
	CHECK(counts.modules > 1600);
	CHECK(counts.terms > 10);
}

TEST_MAIN()
