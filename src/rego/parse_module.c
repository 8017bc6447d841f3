// SPDX-License-Identifier: Apache-2.0
/*
 * parse_module.c - package, imports, and the module as a whole
 *
 * Statements come in any order but that the package is the first. A word as `package` with a dot behind it is
 * a name and begins a rule.
 *
 * Source: OPA, v1/ast/parser.go, v1/ast/parser_ext.go
 */
#include "rego/parse_internal.h"

struct statements {
	struct parse_list imports, rules;
};

/* The path behind `package` or `import`, whose words may be keywords. */
static struct rego_term *parse_path(struct parser *p)
{
	if (!parse_is(p, REGO_TOKEN_IDENT) && !rego_token_is_keyword(parse_token(p)->type))
		return parse_unexpected(p, NULL);
	return parse_name(p);
}

static bool check_path(struct parser *p, const struct rego_term *path)
{
	for (size_t i = 1; path->type == REGO_TERM_REF && i < path->list.count; i++) {
		const struct rego_term *item = path->list.items[i];

		if (item->type == REGO_TERM_VALUE && item->value->type == JSON_STRING)
			continue;
		parse_fail(p, item->at, "unexpected %s token: expecting string", parse_type_name(item));
		return false;
	}
	return true;
}

/* ---- package ---- */

/* a.b is data.a.b */
static struct rego_term *below_data(struct parser *p, const struct rego_term *path)
{
	bool is_ref = path->type == REGO_TERM_REF;
	const struct rego_term *first = is_ref ? path->list.items[0] : path;
	struct parse_list list = { 0 };
	struct rego_term *name;

	if (first->type != REGO_TERM_VAR)
		return parse_fail(p, first->at, "unexpected %s token: expecting var", parse_type_name(first));
	if (!check_path(p, path))
		return NULL;
	name = parse_new_string(p, first->name, first->at);
	if (name)
		name->flags = REGO_TERM_DOTTED;
	if (!parse_list_add(p, &list, parse_new_var(p, STR("data"), first->at)) ||
			!parse_list_add(p, &list, name))
		return NULL;
	for (size_t i = 1; is_ref && i < path->list.count; i++)
		if (!parse_list_add(p, &list, path->list.items[i]))
			return NULL;
	return parse_new_list(p, REGO_TERM_REF, path->at, &list);
}

static bool parse_package(struct parser *p, struct rego_module *module)
{
	struct rego_span at = parse_here(p);
	struct rego_term *path;

	parse_next(p);
	path = parse_path(p);
	if (!path)
		return false;
	if (path->type != REGO_TERM_VAR && path->type != REGO_TERM_REF) {
		parse_unexpected(p, NULL);
		return false;
	}
	module->package = below_data(p, path);
	module->package_at = parse_up_to_here(p, at);
	return module->package;
}

/* ---- imports ---- */

static struct str path_head(const struct rego_term *path)
{
	return path->type == REGO_TERM_VAR ? path->name : path->list.items[0]->name;
}

static size_t path_length(const struct rego_term *path)
{
	return path->type == REGO_TERM_VAR ? 1 : path->list.count;
}

static struct str path_item(const struct rego_term *path, size_t index)
{
	return path->list.items[index]->value->text;
}

static bool take_keyword(struct parser *p, const struct rego_term *path, struct str word)
{
	bool may_logic = p->flags & REGO_PARSE_LOGIC;

	if (str_eq(word, STR("not")))
		p->has_not = true;
	else if (may_logic && str_eq(word, STR("and")))
		p->has_and = true;
	else if (may_logic && str_eq(word, STR("or")))
		p->has_or = true;
	else if (!str_eq(word, STR("in")) && !str_eq(word, STR("every")) &&
			!str_eq(word, STR("contains")) && !str_eq(word, STR("if"))) {
		parse_fail(p, path->at, "unexpected keyword, must be one of %s",
			may_logic ? "[and contains every if in not or]" : "[contains every if in not]");
		if (str_eq(word, STR("and")) || str_eq(word, STR("or")))
			parse_hint(p,
				"the operators `and` and `or` have to be asked for: --logical-keywords, "
				"or REGOC_LOGICAL_KEYWORDS");
		return false;
	}
	return true;
}

static bool import_future(struct parser *p, const struct rego_import *import)
{
	const struct rego_term *path = import->path;
	size_t length = path_length(path);

	if (length == 1 || !str_eq(path_item(path, 1), STR("keywords"))) {
		parse_fail(p, path->at, "invalid import, must be `future.keywords`");
		return false;
	}
	if (import->alias.len) {
		parse_fail(p, path->at, "`future` imports cannot be aliased");
		return false;
	}
	if (length == 2) {
		p->has_not = true;
		p->has_and = p->has_or = p->flags & REGO_PARSE_LOGIC;
		return true;
	}
	return take_keyword(p, path, path_item(path, 2));
}

static bool import_rego(struct parser *p, const struct rego_import *import)
{
	const struct rego_term *path = import->path;
	scoped(buf) struct buf buf = BUF_INIT(1024);

	if (path_length(path) == 2 && str_eq(path_item(path, 1), STR("v1")))
		return true;
	rego_term_print(path, &buf);
	parse_fail(p, path->at, "invalid import `%s`, must be `rego.v1`", buf_text(&buf));
	return false;
}

/* A path that ends with a keyword cannot be named in the module without an alias. */
static bool check_tail(struct parser *p, const struct rego_term *path)
{
	const struct rego_term *tail = path->type == REGO_TERM_VAR ? path :
		path->list.items[path->list.count - 1];
	struct str name = tail->type == REGO_TERM_VAR ? tail->name : tail->value->text;

	if (!rego_word_is_keyword(name))
		return true;
	parse_fail(p, tail->at, "unexpected import path, must not end with a keyword, got: %.*s",
		STR_FMT(name));
	parse_hint(p, "import a different path or use an alias");
	return false;
}

static bool check_head(struct parser *p, const struct rego_term *path)
{
	static const char *const roots[] = { "data", "future", "input", "rego" };
	struct str head = path_head(path);

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++)
		if (str_eq(head, str_from(roots[i])))
			return true;
	parse_fail(p, path->at,
		"unexpected import path, must begin with one of: {data, future, input, rego}, "
		"got: %.*s",
		STR_FMT(head));
	return false;
}

static bool parse_alias(struct parser *p, struct rego_import *import)
{
	if (!parse_take(p, REGO_TOKEN_AS))
		return path_length(import->path) > 1 && str_eq(path_head(import->path), STR("future")) ?
			true : check_tail(p, import->path);
	if (!parse_is(p, REGO_TOKEN_IDENT)) {
		parse_unexpected(p, "expected var");
		return false;
	}
	import->alias = parse_text(p);
	parse_next(p);
	if (parse_is_tight(p, REGO_TOKEN_DOT) || parse_is_tight(p, REGO_TOKEN_LBRACK) ||
			parse_is_tight(p, REGO_TOKEN_LPAREN)) {
		parse_unexpected(p, "expected var");
		return false;
	}
	return true;
}

static bool parse_import(struct parser *p, struct parse_list *imports)
{
	struct rego_import *import = parse_alloc(p, sizeof(*import));
	struct rego_span at = parse_here(p);
	struct rego_term *path;

	parse_next(p);
	path = import ? parse_path(p) : NULL;
	if (!path)
		return false;
	if (path->type != REGO_TERM_VAR && (path->type != REGO_TERM_REF ||
			path->list.items[0]->type != REGO_TERM_VAR)) {
		parse_fail(p, parse_here(p), "expected path");
		return false;
	}
	import->path = path;
	if (!check_path(p, path) || !check_head(p, path) || !parse_alias(p, import))
		return false;
	import->at = parse_up_to_here(p, at);
	if (str_eq(path_head(path), STR("future")) && !import_future(p, import))
		return false;
	if (str_eq(path_head(path), STR("rego")) && !import_rego(p, import))
		return false;
	return parse_list_add(p, imports, import);
}

/* ---- the whole ---- */

/* The first statement, which has to be the package; later ones must not be. */
static bool parse_first(struct parser *p, struct rego_module *module)
{
	struct rego_span start = { .source = p->tokens.source, .line = 1, .column = 1 };

	if (parse_is_keyword(p, REGO_TOKEN_PACKAGE))
		return parse_package(p, module);
	if (parse_is(p, REGO_TOKEN_ILLEGAL))
		parse_unexpected(p, NULL);
	else if (parse_is(p, REGO_TOKEN_EOF))
		parse_fail(p, start, "empty module");
	else
		parse_fail(p, parse_here(p), "package expected");
	parse_hint(p, "a module is a text in UTF-8 that begins with `package NAME`");
	return false;
}

static bool parse_next_statement(struct parser *p, struct statements *statements)
{
	struct parse_mark mark = p->now;

	if (parse_is_keyword(p, REGO_TOKEN_PACKAGE)) {
		parse_fail(p, parse_here(p), "unexpected package");
		return false;
	}
	if (parse_is_keyword(p, REGO_TOKEN_IMPORT))
		return parse_import(p, &statements->imports);
	if (parse_rules(p, &statements->rules))
		return true;
	if (parse_has_failed(p))
		return false;
	p->now = mark;
	return parse_statement(p, &statements->rules);
}

static bool parse_statements(struct parser *p, struct rego_module *module, struct statements *statements)
{
	if (!parse_first(p, module))
		return false;
	while (!parse_is(p, REGO_TOKEN_EOF))
		if (!parse_next_statement(p, statements))
			return false;
	for (size_t i = 0; i < statements->rules.count; i++)
		parse_check_rule(p, statements->rules.items[i]);
	return !parse_has_failed(p);
}

static bool end_module(struct parser *p, struct rego_module *module, const struct statements *statements)
{
	struct rego_import *imports = arena_alloc_array(p->arena, statements->imports.count,
		sizeof(*imports));

	p->is_full |= !imports;
	if (!imports)
		return false;
	for (size_t i = 0; i < statements->imports.count; i++)
		imports[i] = *(const struct rego_import *)statements->imports.items[i];
	module->source = p->tokens.source;
	module->imports = imports;
	module->import_count = statements->imports.count;
	module->rules = (const struct rego_rule *const *)statements->rules.items;
	module->rule_count = statements->rules.count;
	module->comments = p->tokens.comments;
	module->comment_count = p->tokens.comment_count;
	module->has_not_keyword = p->has_not;
	module->has_and_keyword = p->has_and;
	module->has_or_keyword = p->has_or;
	return true;
}

struct rego_module *parse_module(struct parser *p)
{
	struct rego_module *module = parse_alloc(p, sizeof(*module));
	struct statements statements = { 0 };

	if (!module || !parse_statements(p, module, &statements) || !end_module(p, module, &statements))
		return NULL;
	return module;
}
