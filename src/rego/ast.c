// SPDX-License-Identifier: Apache-2.0
/*
 * ast.c - the text of a term, on one line, as errors show it
 *
 * Source: OPA, v1/ast/term.go and v1/ast/policy.go, String()
 */
#include "rego/ast.h"

static void print_term(const struct rego_term *term, struct buf *buf);
static void print_body(const struct rego_body *body, struct buf *buf);

static void print_terms(const struct rego_term *const *items, size_t count, struct buf *buf)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_append_str(buf, ", ");
		print_term(items[i], buf);
	}
}

static bool is_word(struct str text)
{
	if (!text.len || ascii_is_digit(text.data[0]))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_alnum(text.data[i]) && text.data[i] != '_')
			return false;
	return true;
}

static void print_ref(const struct rego_term *term, struct buf *buf)
{
	print_term(term->list.items[0], buf);
	for (size_t i = 1; i < term->list.count; i++) {
		const struct rego_term *item = term->list.items[i];

		if (item->type == REGO_TERM_VALUE && item->value->type == JSON_STRING &&
				is_word(item->value->text)) {
			buf_printf(buf, ".%.*s", STR_FMT(item->value->text));
			continue;
		}
		buf_append_char(buf, '[');
		print_term(item, buf);
		buf_append_char(buf, ']');
	}
}

void rego_path_print(const struct json *path, struct buf *buf)
{
	buf_append(buf, path->array.items[0]->text.data, path->array.items[0]->text.len);
	for (size_t i = 1; i < path->array.count; i++) {
		const struct json *key = path->array.items[i];

		if (key->type == JSON_STRING && is_word(key->text)) {
			buf_printf(buf, ".%.*s", STR_FMT(key->text));
			continue;
		}
		buf_append_char(buf, '[');
		json_write(buf, key, JSON_WRITE_TERM);
		buf_append_char(buf, ']');
	}
}

bool rego_package_is_within(const struct rego_term *package, struct str words)
{
	struct str word;

	for (size_t i = 1; words.len; i++) {
		const struct rego_term *key = i < package->list.count ? package->list.items[i] : NULL;

		(void)str_cut(words, '.', &word, &words);
		if (!key || key->type != REGO_TERM_VALUE || key->value->type != JSON_STRING ||
				!str_eq(key->value->text, word))
			return false;
	}
	return true;
}

static void print_object(const struct rego_term *term, struct buf *buf)
{
	buf_append_char(buf, '{');
	for (size_t i = 0; i < term->object.count; i++) {
		if (i)
			buf_append_str(buf, ", ");
		print_term(term->object.pairs[i].key, buf);
		buf_append_str(buf, ": ");
		print_term(term->object.pairs[i].value, buf);
	}
	buf_append_char(buf, '}');
}

static void print_comprehension(const struct rego_term *term, struct buf *buf)
{
	bool is_array = term->type == REGO_TERM_ARRAY_COMPREHENSION;

	buf_append_char(buf, is_array ? '[' : '{');
	if (term->comprehension.key) {
		print_term(term->comprehension.key, buf);
		buf_append_str(buf, ": ");
	}
	print_term(term->comprehension.head, buf);
	buf_append_str(buf, " | ");
	print_body(term->comprehension.body, buf);
	buf_append_char(buf, is_array ? ']' : '}');
}

static void print_set(const struct rego_term *term, struct buf *buf)
{
	if (!term->list.count) {
		buf_append_str(buf, "set()");
		return;
	}
	buf_append_char(buf, '{');
	print_terms(term->list.items, term->list.count, buf);
	buf_append_char(buf, '}');
}

static void print_expr(const struct rego_expr *expr, struct buf *buf);

static void print_template(const struct rego_term *term, struct buf *buf)
{
	const char *quote = term->flags & REGO_TERM_RAW ? "`" : "\"";

	buf_printf(buf, "$%s", quote);
	for (size_t i = 0; i < term->template.count; i++) {
		const struct rego_expr *part = term->template.parts[i];

		if (part->term->flags & REGO_TERM_TEXT) {
			buf_append(buf, part->term->value->text.data, part->term->value->text.len);
			continue;
		}
		buf_append_char(buf, '{');
		print_expr(part, buf);
		buf_append_char(buf, '}');
	}
	buf_append_str(buf, quote);
}

static void print_term(const struct rego_term *term, struct buf *buf)
{
	switch (term->type) {
	case REGO_TERM_VALUE:
		json_write(buf, term->value, JSON_WRITE_CANONICAL);
		break;
	case REGO_TERM_VAR:
		if (term->flags & REGO_TERM_WILDCARD)
			buf_append_char(buf, '_');
		else
			buf_append(buf, term->name.data, term->name.len);
		break;
	case REGO_TERM_REF:
		print_ref(term, buf);
		break;
	case REGO_TERM_ARRAY:
		buf_append_char(buf, '[');
		print_terms(term->list.items, term->list.count, buf);
		buf_append_char(buf, ']');
		break;
	case REGO_TERM_SET:
		print_set(term, buf);
		break;
	case REGO_TERM_OBJECT:
		print_object(term, buf);
		break;
	case REGO_TERM_ARRAY_COMPREHENSION:
	case REGO_TERM_SET_COMPREHENSION:
	case REGO_TERM_OBJECT_COMPREHENSION:
		print_comprehension(term, buf);
		break;
	case REGO_TERM_CALL:
		print_term(term->list.items[0], buf);
		buf_append_char(buf, '(');
		print_terms(term->list.items + 1, term->list.count - 1, buf);
		buf_append_char(buf, ')');
		break;
	case REGO_TERM_TEMPLATE:
		print_template(term, buf);
		break;
	case REGO_TERM_LOGIC:
		print_body(term->logic.left, buf);
		buf_append_str(buf, term->flags & REGO_TERM_OR ? " or " : " and ");
		print_body(term->logic.right, buf);
		break;
	}
}

static void print_membership(const struct rego_expr *expr, struct buf *buf)
{
	buf_append_str(buf, expr->type == REGO_EXPR_EVERY ? "every " : "some ");
	if (expr->in.key) {
		print_term(expr->in.key, buf);
		buf_append_str(buf, ", ");
	}
	print_term(expr->in.value, buf);
	buf_append_str(buf, " in ");
	print_term(expr->in.domain, buf);
	if (expr->type == REGO_EXPR_EVERY) {
		buf_append_char(buf, ' ');
		print_body(expr->in.body, buf);
	}
}

/* `a = b` is the one operator that stays one. */
static void print_top(const struct rego_term *term, struct buf *buf)
{
	const struct rego_term *const *items = term->list.items;

	if (term->type != REGO_TERM_CALL || term->list.count != 3 || items[0]->type != REGO_TERM_VAR ||
			!str_eq(items[0]->name, STR("eq"))) {
		print_term(term, buf);
		return;
	}
	print_term(items[1], buf);
	buf_append_str(buf, " = ");
	print_term(items[2], buf);
}

static void print_expr(const struct rego_expr *expr, struct buf *buf)
{
	switch (expr->type) {
	case REGO_EXPR_TERM:
		if (expr->is_negated)
			buf_append_str(buf, "not ");
		print_top(expr->term, buf);
		break;
	case REGO_EXPR_SOME:
		buf_append_str(buf, "some ");
		print_terms(expr->some.vars, expr->some.count, buf);
		break;
	case REGO_EXPR_SOME_IN:
	case REGO_EXPR_EVERY:
		print_membership(expr, buf);
		break;
	case REGO_EXPR_NOT_BODY:
		buf_append_str(buf, "not ");
		print_body(expr->body, buf);
		break;
	}
	for (size_t i = 0; i < expr->with_count; i++) {
		buf_append_str(buf, " with ");
		print_term(expr->withs[i].target, buf);
		buf_append_str(buf, " as ");
		print_term(expr->withs[i].value, buf);
	}
}

static void print_body(const struct rego_body *body, struct buf *buf)
{
	buf_append_str(buf, body->is_braced ? "{ " : "");
	for (size_t i = 0; i < body->count; i++) {
		if (i)
			buf_append_str(buf, "; ");
		print_expr(body->exprs[i], buf);
	}
	buf_append_str(buf, body->is_braced ? " }" : "");
}

void rego_term_print(const struct rego_term *term, struct buf *buf)
{
	print_term(term, buf);
}

void rego_expr_print(const struct rego_expr *expr, struct buf *buf)
{
	print_expr(expr, buf);
}
