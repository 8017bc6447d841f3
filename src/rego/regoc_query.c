// SPDX-License-Identifier: Apache-2.0
/*
 * regoc_query.c - questions to a policy: bodies with a scope, and entry points
 */
#include "rego/regoc_internal.h"
#include "rego/regoc_members.h"

#include <stdlib.h>
#include <string.h>

/* ---- what policies and questions share ---- */

const struct rego_source *rego_api_source(struct arena *arena, const char *name, const char *text,
	size_t len)
{
	struct rego_source *source = arena_alloc(arena, sizeof(*source));
	const char *copy = arena_copy(arena, text, len), *called = arena_copy(arena, name, strlen(name));

	if (!source || !copy || !called)
		return NULL;
	*source = (struct rego_source){ .name = called, .text = { copy, len } };
	return source;
}

void rego_api_say_full(struct rego_diags *diags)
{
	rego_diag_add(diags, REGO_CODE_COMPILE, (struct rego_span){ 0 },
		"the modules need more memory than they may have");
}

size_t rego_api_ground_count(const struct rego_term *ref)
{
	size_t count = 1;

	while (count < ref->list.count && ref->list.items[count]->type == REGO_TERM_VALUE)
		count++;
	return count;
}

/*
 * "a/b" as words. The copy is the heap's: for want of room in an arena a rule would look as if it were not
 * there.
 */
struct path {
	char *copy;
	const char *words[REGO_DEPTH_MAX];
	size_t count;			/* REGO_DEPTH_MAX + 1: too many */
};

static struct path cut_path(const char *text)
{
	size_t len = strlen(text);
	struct path path = { .copy = rego_api_new(len + 1) };
	char *end = path.copy + len;

	memcpy(path.copy, text, len);
	for (char *word = path.copy; word < end && path.count <= REGO_DEPTH_MAX; path.count++) {
		char *slash = strchrnul(word, '/');

		*slash = '\0';
		if (path.count < REGO_DEPTH_MAX)
			path.words[path.count] = word;
		word = slash + 1;
	}
	return path;
}

const struct rego_function *rego_api_find(const struct rego_policy *policy, const char *path)
{
	struct path cut = cut_path(path);
	const struct rego_function *found = cut.count <= REGO_DEPTH_MAX ?
		rego_policy_find(policy, cut.words, cut.count) :
		NULL;

	free(cut.copy);
	return found;
}

/* ---- questions ---- */

static bool list_names(struct regoc_query *query)
{
	query->names = arena_alloc_array(&query->arena, query->rows->name_count + 1, sizeof(*query->names));
	for (size_t i = 0; query->names && i < query->rows->name_count; i++) {
		query->names[i] = arena_copy(&query->arena, query->rows->names[i].data,
			query->rows->names[i].len);
		if (!query->names[i])
			return false;
	}
	return query->names;
}

static bool list_exprs(struct regoc_query *query)
{
	query->exprs = arena_alloc_array(&query->arena, query->rows->expr_count, sizeof(*query->exprs));
	for (size_t i = 0; query->exprs && i < query->rows->expr_count; i++) {
		const struct rego_span *at = &query->rows->exprs[i].at;

		query->exprs[i].text = arena_copy(&query->arena, at->source->text.data + at->offset,
			at->length);
		query->exprs[i].line = at->line;
		query->exprs[i].column = at->column;
		if (!query->exprs[i].text)
			return false;
	}
	return query->exprs;
}

/* "data.a.b" as a module's package has it; NULL with a diagnostic for anything else. */
static const struct rego_term *parse_package(struct arena *arena, const char *text, struct rego_diags *diags)
{
	const struct rego_source *source = rego_api_source(arena, "package", text, strlen(text));
	const struct rego_term *term = source ? rego_parse_term(source, 0, arena, diags) : NULL;

	if (!source)
		rego_api_say_full(diags);
	if (!term)
		return NULL;
	if (term->type == REGO_TERM_REF && rego_api_ground_count(term) == term->list.count &&
			term->list.items[0]->type == REGO_TERM_VAR &&
			str_eq(term->list.items[0]->name, STR("data")))
		return term;
	rego_diag_add(diags, REGO_CODE_PARSE, term->at, "a package is written data.NAME...");
	return NULL;
}

/* One import, read as that of a module that has nothing else. */
static bool parse_import(struct arena *arena, const char *text, struct rego_import *ret,
	struct rego_diags *diags)
{
	const char *line = arena_printf(arena, "package query\nimport %s", text);
	const struct rego_source *source = line ? rego_api_source(arena, "import", line, strlen(line)) : NULL;
	const struct rego_module *module = source ? rego_parse_module(source, 0, arena, diags) : NULL;

	if (!source)
		rego_api_say_full(diags);
	if (!module)
		return false;
	if (module->import_count != 1 || module->rule_count) {
		rego_diag_add(diags, REGO_CODE_PARSE, module->package_at,
			"an import is written data.NAME... or input.NAME..., with `as NAME` behind it or not");
		return false;
	}
	*ret = *module->imports;
	return true;
}

static void parse_imports(struct arena *arena, const struct regoc_scope *scope,
	struct rego_query_options *options, struct rego_diags *diags)
{
	struct rego_import *imports = arena_alloc_array(arena, scope->import_count, sizeof(*imports));

	if (!imports)
		rego_api_say_full(diags);
	for (size_t i = 0; imports && i < scope->import_count; i++)
		if (!parse_import(arena, scope->imports[i], &imports[i], diags))
			return;
	options->imports = imports;
	options->import_count = scope->import_count;
}

static void compile_query(struct regoc_query *query, const char *text, const struct regoc_scope *scope,
	struct rego_diags *diags)
{
	struct rego_query_options options = { .has_values = true };
	const struct rego_source *source = rego_api_source(&query->arena, "query", text, strlen(text));
	const struct rego_body *body = NULL;

	if (scope && scope->package)
		options.package = parse_package(&query->arena, scope->package, diags);
	if (scope)
		parse_imports(&query->arena, scope, &options, diags);
	if (source)
		body = rego_parse_query(source, rego_api_parse_flags(query->policy), &query->arena, diags);
	else
		rego_api_say_full(diags);
	if (diags->count)
		return;
	query->rows = rego_query_new(rego_api_compiled(query->policy), body, &options, &query->arena, diags);
	if (query->rows && (!list_names(query) || !list_exprs(query)))
		rego_api_say_full(diags);
}

static struct regoc_query *query_new(const struct regoc_policy *policy)
{
	struct regoc_query *query = rego_api_new(sizeof(*query));

	query->arena = (struct arena)ARENA_INIT(REGOC_MEMORY_BYTES);
	query->policy = policy;
	return query;
}

enum regoc_status regoc_query_new(const struct regoc_policy *policy, const char *text,
	const struct regoc_scope *scope, struct regoc_query **ret, struct regoc_report **ret_report)
{
	scoped(arena) struct arena scratch = ARENA_INIT(REGOC_REPORT_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&scratch);
	struct regoc_query *query = query_new(policy);

	*ret = NULL;
	if (ret_report)
		*ret_report = NULL;
	compile_query(query, text, scope, &diags);
	if (diags.count) {
		rego_api_report(&diags, ret_report);
		regoc_query_free(query);
		return REGOC_BAD_POLICY;
	}
	query->function = query->rows->function;
	*ret = query;
	return REGOC_OK;
}

struct regoc_query *regoc_query_new_entry(const struct regoc_policy *policy, const char *path)
{
	struct regoc_query *query = query_new(policy);

	query->function = rego_api_find(rego_api_compiled(policy), path);
	if (query->function && !query->function->operand_count)
		return query;
	regoc_query_free(query);
	return NULL;
}

static bool list_members(struct regoc_query *query, const struct path *path, const char *const *names)
{
	const struct rego_policy *policy = rego_api_compiled(query->policy);
	struct rego_entry *members = arena_alloc_array(&query->arena, query->member_count, sizeof(*members));

	query->members = members;
	query->keys = arena_alloc_array(&query->arena, query->member_count, sizeof(struct json *));
	for (size_t i = 0; members && query->keys && i < query->member_count; i++) {
		query->keys[i] = json_new_text(&query->arena, names[i]);
		if (!query->keys[i] || rego_policy_member(policy, path->words, path->count, names[i],
				&query->arena, &members[i]) < 0)
			return false;
	}
	return members && query->keys;
}

struct regoc_query *rego_api_query_members(const struct regoc_policy *policy, const char *path,
	const char *const *names, size_t count)
{
	struct regoc_query *query = query_new(policy);
	struct path cut = cut_path(path);
	bool is_listed;

	query->member_count = count;
	is_listed = cut.count <= REGO_DEPTH_MAX && list_members(query, &cut, names);
	free(cut.copy);
	if (is_listed)
		return query;
	regoc_query_free(query);
	return NULL;
}

void regoc_query_free(struct regoc_query *query)
{
	if (query)
		arena_fini(&query->arena);
	free(query);
}

const char *regoc_query_variable(const struct regoc_query *query, size_t index)
{
	return query->rows && index < query->rows->name_count ? query->names[index] : NULL;
}

bool regoc_query_expression(const struct regoc_query *query, size_t index, struct regoc_expression *ret)
{
	if (!query->rows || index >= query->rows->expr_count)
		return false;
	*ret = query->exprs[index];
	return true;
}
