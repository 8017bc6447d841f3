// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rego_parse.c - what holds for every text that is read as a module, a query or a term
 *
 *   - either there is a tree or there are errors, and errors print as text that no terminal obeys
 *   - no tree is higher than REGO_DEPTH_MAX allows
 *   - an arena that is too small gives an error, or the same answer
 */
#include "rego/ast.h"

enum {
	ARENA_MAX_BYTES = 256 << 20,
	TEXT_MAX_BYTES = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_diags(const struct rego_diags *diags, bool is_read)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_MAX_BYTES);
	int r = rego_diags_print(diags, &buf);

	assert(!r && is_read == !diags->count);
	for (size_t i = 0; i < buf.len; i++)
		assert((unsigned char)buf.data[i] >= 0x20 || buf.data[i] == '\n' || buf.data[i] == '\t');
}

static void check_body(const struct rego_body *body)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_MAX_BYTES);

	assert(body->count && body->height <= REGO_DEPTH_MAX + 1);
	for (size_t i = 0; i < body->count; i++) {
		assert(body->exprs[i]->height < body->height);
		rego_expr_print(body->exprs[i], &buf);
	}
}

static void check_rule(const struct rego_rule *rule)
{
	for (; rule; rule = rule->else_rule) {
		assert(rule->ref && rule->body && (rule->value || rule->contains));
		check_body(rule->body);
	}
}

static void check_module(const struct rego_source *source, unsigned flags)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES), said = ARENA_INIT(ARENA_MAX_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&said);
	const struct rego_module *module = rego_parse_module(source, flags, &arena, &diags);

	check_diags(&diags, module);
	for (size_t i = 0; module && i < module->rule_count; i++)
		check_rule(module->rules[i]);
}

static void check_small_arena(const struct rego_source *source)
{
	scoped(arena) struct arena arena = ARENA_INIT(source->text.len * 8),
		said = ARENA_INIT(ARENA_MAX_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&said);

	check_diags(&diags, rego_parse_module(source, REGO_PARSE_V1, &arena, &diags));
}

static void check_query(const struct rego_source *source)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	const struct rego_body *body = rego_parse_query(source, REGO_PARSE_LOGIC, &arena, &diags);

	check_diags(&diags, body);
	if (body)
		check_body(body);
}

static void check_term(const struct rego_source *source)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	const struct rego_term *term = rego_parse_term(source, REGO_PARSE_LOGIC, &arena, &diags);

	check_diags(&diags, term);
	assert(!term || (term->height && term->height <= REGO_DEPTH_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rego_source source = { .name = "a.rego", .text = { .data = (const char *)data, .len = size } };

	check_module(&source, REGO_PARSE_V1);
	check_module(&source, REGO_PARSE_LOGIC | REGO_PARSE_ANNOTATIONS);
	check_small_arena(&source);
	check_query(&source);
	check_term(&source);
	return 0;
}
