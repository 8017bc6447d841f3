// SPDX-License-Identifier: Apache-2.0
/*
 * core.c - looking at lowered terms and expressions
 */
#include "rego/core.h"

struct core_term *core_expr_term(const struct core_expr *expr, size_t index)
{
	switch (expr->type) {
	case CORE_EQ:
		return index > 1 ? NULL : index ? expr->eq.right : expr->eq.left;
	case CORE_CALL:
		return index < expr->call.count ? expr->call.operands[index] : NULL;
	case CORE_TERM:
		return index ? NULL : expr->term;
	case CORE_EVERY:
		return index ? NULL : expr->every.domain;
	case CORE_BODY:
	case CORE_EITHER:
		break;
	}
	return NULL;
}

struct core_body *core_expr_body(const struct core_expr *expr, size_t index)
{
	switch (expr->type) {
	case CORE_EVERY:
		return index ? NULL : expr->every.body;
	case CORE_BODY:
	case CORE_EITHER:
		return index > 1 ? NULL : index ? expr->inner.other : expr->inner.body;
	case CORE_EQ:
	case CORE_CALL:
	case CORE_TERM:
		break;
	}
	return NULL;
}

bool core_needs_evaluation(const struct core_term *term)
{
	switch (term->type) {
	case CORE_CONST:
	case CORE_VAR:
		return false;
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		for (size_t i = 0; i < term->list.count; i++)
			if (core_needs_evaluation(term->list.items[i]))
				return true;
		return false;
	case CORE_INPUT:
	case CORE_DATA:
	case CORE_REF:
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		break;
	}
	return true;
}

bool core_is_same(const struct core_term *a, const struct core_term *b)
{
	if (a->type == CORE_CONST && b->type == CORE_CONST)
		return json_compare(a->value, b->value) == 0;
	return a->type == CORE_VAR && b->type == CORE_VAR && a->var == b->var;
}

struct core_term *core_member(const struct core_term *object, const struct core_term *key)
{
	for (size_t i = 0; i < object->list.count; i += 2)
		if (core_is_same(object->list.items[i], key))
			return object->list.items[i + 1];
	return NULL;
}

/* ---- texts ---- */

static bool is_word(struct str text)
{
	bool is = text.len && !ascii_is_digit(text.data[0]);

	for (size_t i = 0; is && i < text.len; i++)
		is = ascii_is_alnum(text.data[i]) || text.data[i] == '_';
	return is;
}

static void print_ref(const struct core_term *term, const struct core_var *vars, struct buf *buf)
{
	core_term_print(term->list.items[0], vars, buf);
	for (size_t i = 1; i < term->list.count; i++) {
		const struct core_term *key = term->list.items[i];

		if (key->type == CORE_CONST && key->value->type == JSON_STRING && is_word(key->value->text)) {
			buf_printf(buf, ".%.*s", STR_FMT(key->value->text));
			continue;
		}
		buf_append_char(buf, '[');
		core_term_print(key, vars, buf);
		buf_append_char(buf, ']');
	}
}

static void print_list(const struct core_term *term, const struct core_var *vars, struct buf *buf)
{
	buf_append_char(buf, term->type == CORE_ARRAY ? '[' : '{');
	for (size_t i = 0; i < term->list.count; i++) {
		if (i)
			buf_append_str(buf, term->type == CORE_OBJECT && i % 2 ? ": " : ", ");
		core_term_print(term->list.items[i], vars, buf);
	}
	buf_append_char(buf, term->type == CORE_ARRAY ? ']' : '}');
}

static void print_var(const struct core_var *var, struct buf *buf)
{
	if (!var || var->is_wildcard || !var->name.len)
		buf_append_char(buf, '_');
	else
		buf_append(buf, var->name.data, var->name.len);
}

void core_term_print(const struct core_term *term, const struct core_var *vars, struct buf *buf)
{
	switch (term->type) {
	case CORE_CONST:
		json_write(buf, term->value, JSON_WRITE_TERM);
		break;
	case CORE_VAR:
		print_var(vars ? &vars[term->var] : NULL, buf);
		break;
	case CORE_INPUT:
		buf_append_str(buf, "input");
		break;
	case CORE_DATA:
		buf_append_str(buf, "data");
		break;
	case CORE_REF:
		print_ref(term, vars, buf);
		break;
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		print_list(term, vars, buf);
		break;
	case CORE_ARRAY_COMPREHENSION:
		buf_append_str(buf, "[...]");
		break;
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		buf_append_str(buf, "{...}");
		break;
	}
}
