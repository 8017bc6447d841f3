// SPDX-License-Identifier: Apache-2.0
/*
 * parse.c - the parser's state, its errors, and where it begins
 *
 * Errors are kept in the state while something is tried, and given to the list of diagnostics at the end:
 * only then it is known which of them stand. The parser ends at the first statement that it cannot read, as
 * OPA's does; what v1 demands of rules is said about all of them.
 */
#include "rego/annotations.h"
#include "rego/parse_internal.h"

bool parse_is_before_ref(const struct parser *p)
{
	const struct rego_token *next;

	if (parse_is(p, REGO_TOKEN_EOF))
		return false;
	next = parse_token(p) + 1;
	return (next->type == REGO_TOKEN_DOT || next->type == REGO_TOKEN_LBRACK) &&
		!(next->flags & REGO_TOKEN_SPACED);
}

bool parse_is_word(const struct parser *p, struct str word)
{
	return parse_is(p, REGO_TOKEN_IDENT) && str_eq(parse_text(p), word);
}

bool parse_is_logic_word(const struct parser *p)
{
	return (p->has_and && parse_is_word(p, STR("and"))) || (p->has_or && parse_is_word(p, STR("or")));
}

struct rego_span parse_here(const struct parser *p)
{
	const struct rego_token *token = parse_token(p);

	return (struct rego_span){ .source = p->tokens.source, .line = token->line, .column = token->column,
		.offset = token->offset, .length = rego_token_end(token) - token->offset };
}

struct rego_span parse_up_to_here(const struct parser *p, struct rego_span from)
{
	uint32_t end = p->now.at ? rego_token_end(parse_token(p) - 1) : 0;

	if (end > from.offset)
		from.length = end - from.offset;
	return from;
}

/* ---- errors ---- */

static bool is_said(const struct parser *p, struct rego_span at, const char *text)
{
	for (size_t i = 0; i < p->now.error_count; i++)
		if (p->errors[i].at.offset == at.offset && !strcmp(p->errors[i].text, text))
			return true;
	return false;
}

void *parse_fail(struct parser *p, struct rego_span at, const char *fmt, ...)
{
	const char *text;
	va_list args;

	if (p->is_full || p->now.error_count == PARSE_ERROR_MAX)
		return NULL;
	va_start(args, fmt);
	text = arena_vprintf(p->arena, fmt, args);
	va_end(args);
	if (!text)
		p->is_full = true;
	else if (!is_said(p, at, text))
		p->errors[p->now.error_count++] = (struct parse_error){ .at = at, .text = text };
	return NULL;
}

void *parse_unexpected(struct parser *p, const char *note)
{
	enum rego_token_type type = (enum rego_token_type)parse_token(p)->type;
	const char *kind = rego_token_is_keyword(type) ? "keyword" : "token";

	if (type == REGO_TOKEN_ILLEGAL)
		return parse_fail(p, parse_here(p), "%s", p->tokens.illegal);
	if (!note)
		return parse_fail(p, parse_here(p), "unexpected %s %s", rego_token_name(type), kind);
	return parse_fail(p, parse_here(p), "unexpected %s %s: %s", rego_token_name(type), kind, note);
}

void parse_hint(struct parser *p, const char *hint)
{
	if (p->now.error_count)
		p->errors[p->now.error_count - 1].hint = hint;
}

/* ---- memory ---- */

void *parse_alloc(struct parser *p, size_t size_bytes)
{
	void *memory = arena_alloc(p->arena, size_bytes);

	if (!memory)
		p->is_full = true;
	return memory;
}

bool parse_enter(struct parser *p)
{
	if (p->depth == REGO_DEPTH_MAX) {
		parse_fail(p, parse_here(p), "max parsing recursion depth exceeded");
		return false;
	}
	p->depth++;
	return true;
}

bool parse_list_add(struct parser *p, struct parse_list *list, const void *item)
{
	if (!item)
		return false;
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 4;
		const void **items = arena_alloc_array(p->arena, room, sizeof(*items));

		if (!items) {
			p->is_full = true;
			return false;
		}
		if (list->count)
			memcpy(items, list->items, list->count * sizeof(*items));
		list->items = items;
		list->room = room;
	}
	list->items[list->count++] = item;
	return true;
}

/* ---- entry points ---- */

static bool begin(struct parser *p, const struct rego_source *source, unsigned flags, struct arena *arena)
{
	*p = (struct parser){ .arena = arena, .flags = flags };
	if (source->text.len > REGO_FILE_MAX) {
		p->tokens.source = source;
		parse_fail(p, (struct rego_span){ .source = source, .line = 1, .column = 1 },
			"file is too large (more than %d bytes)", REGO_FILE_MAX);
		return false;
	}
	p->is_full = rego_lex(source, arena, &p->tokens) < 0;
	return !p->is_full;
}

/* Everything that was found goes to the list; Return: @result where nothing was. */
static const void *end(struct parser *p, const struct rego_source *source, const void *result,
	struct rego_diags *diags)
{
	struct rego_span start = { .source = source, .line = 1, .column = 1 };

	for (size_t i = 0; i < p->now.error_count; i++) {
		const struct parse_error *error = &p->errors[i];
		struct rego_diag *diag = rego_diag_add(diags, REGO_CODE_PARSE, error->at, "%s", error->text);

		if (diag)
			diag->hint = error->hint;
	}
	diags->is_full |= p->is_full;
	if (p->is_full)
		rego_diag_add(diags, REGO_CODE_PARSE, start,
			"too large to parse: out of memory for the tree");
	assert(result || parse_has_failed(p));
	return parse_has_failed(p) ? NULL : result;
}

const struct rego_module *rego_parse_module(const struct rego_source *source, unsigned flags,
	struct arena *arena, struct rego_diags *diags)
{
	struct rego_module *module = NULL;
	struct parser p;

	if (begin(&p, source, flags, arena))
		module = parse_module(&p);
	if (!end(&p, source, module, diags))
		return NULL;
	if (flags & REGO_PARSE_ANNOTATIONS && !rego_annotations_read(module, arena, diags))
		return NULL;
	return module;
}

/* What stands on its own knows every keyword that could be imported. */
static void allow_all(struct parser *p)
{
	p->has_and = p->has_or = p->flags & REGO_PARSE_LOGIC;
}

const struct rego_body *rego_parse_query(const struct rego_source *source, unsigned flags,
	struct arena *arena, struct rego_diags *diags)
{
	struct rego_body *body = NULL;
	struct parser p;

	if (begin(&p, source, flags, arena)) {
		allow_all(&p);
		body = parse_body(&p, REGO_TOKEN_EOF);
	}
	return end(&p, source, body, diags);
}

const struct rego_term *rego_parse_term(const struct rego_source *source, unsigned flags, struct arena *arena,
	struct rego_diags *diags)
{
	struct rego_term *term = NULL;
	struct parser p;

	if (begin(&p, source, flags, arena)) {
		allow_all(&p);
		term = parse_term_infix(&p, true);
		if (term && !parse_is(&p, REGO_TOKEN_EOF))
			term = parse_unexpected(&p, "expected exactly one term");
	}
	return end(&p, source, term, diags);
}
