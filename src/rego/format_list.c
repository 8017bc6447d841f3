// SPDX-License-Identifier: Apache-2.0
/*
 * format_list.c - arrays, sets, objects, operands, and comprehensions
 *
 * What was on one line stays on one; where there was a newline between two items, or in front of the first,
 * each run of items gets a line of its own, with a comma at its end.
 *
 * Source: OPA, v1/format/format.go
 */
#include "rego/format_internal.h"

#include <assert.h>

static const struct rego_term *item_term(const struct format_items *items, size_t index)
{
	assert(items->pairs || items->terms);
	return items->pairs ? items->pairs[index].key : items->terms[index];
}

static bool is_line_start(const struct format_items *items, size_t index)
{
	return index && item_term(items, index)->at.line > item_term(items, index - 1)->at.line;
}

static bool is_broken(const struct format_items *items)
{
	for (size_t i = 1; i < items->count; i++)
		if (is_line_start(items, i))
			return true;
	return false;
}

/* Whether a newline stands between the bracket and the first item. */
static bool begins_with_newline(const struct format_items *items, const struct rego_span *at)
{
	uint32_t first = items->count ? item_term(items, 0)->at.offset : at->offset;

	if (first <= at->offset || first > at->offset + at->length)
		return false;
	return memchr(at->source->text.data + at->offset, '\n', first - at->offset);
}

/* Comments on lines between the brackets, of which there is but one line of items. */
static bool has_stray_comment(const struct formatter *f, const struct rego_span *at, int closing)
{
	for (size_t i = f->next; i < f->comment_count; i++) {
		int row = format_row(&f->comments[i]->at);

		if (row >= closing)
			return false;
		if (row > format_row(at))
			return true;
	}
	return false;
}

/* ---- items ---- */

static int write_wrapped(struct formatter *f, const struct rego_term *term, bool has_parens)
{
	int r;

	format_write(f, has_parens ? "(" : "");
	r = format_term(f, term);
	format_write(f, has_parens ? ")" : "");
	return r;
}

static int write_pair(struct formatter *f, const struct rego_pair *pair)
{
	int r = write_wrapped(f, pair->key, format_is_union(pair->key));

	if (r)
		return FORMAT_LOST;
	format_write(f, ": ");
	return write_wrapped(f, pair->value, format_is_union(pair->value));
}

static int write_item(struct formatter *f, const struct format_items *items, size_t index)
{
	const struct rego_term *term;

	if (items->pairs)
		return write_pair(f, &items->pairs[index]);
	term = items->terms[index];
	return write_wrapped(f, term, format_is_union(term) && (items->wraps_unions ||
		term->flags & REGO_TERM_GROUPED));
}

static int write_items(struct formatter *f, const struct format_items *items)
{
	for (size_t i = 0; i < items->count; i++) {
		int r;

		if (is_line_start(items, i)) {
			format_write(f, ",");
			format_end_line(f);
			format_start_line(f);
		} else if (i) {
			format_write(f, ", ");
		}
		r = write_item(f, items, i);
		if (r)
			return FORMAT_LOST;
	}
	return 0;
}

int format_items(struct formatter *f, const struct format_items *items, const struct rego_span *at,
	int closing)
{
	bool has_lines = is_broken(items);
	int r;

	if (!has_lines && has_stray_comment(f, at, closing))
		return FORMAT_LOST;
	if (!has_lines && !begins_with_newline(items, at))
		return write_items(f, items);
	f->delays_line_end = true;
	format_end_line(f);
	f->level++;
	format_start_line(f);
	r = write_items(f, items);
	if (r)
		return FORMAT_LOST;
	format_write(f, ",");
	format_end_line(f);
	r = format_comments(f, closing);
	if (r)
		return FORMAT_LOST;
	f->level--;
	format_start_line(f);
	return 0;
}

/* ---- collections ---- */

static int write_list(struct formatter *f, const struct rego_term *term, char open, char close)
{
	struct format_items items = { .terms = term->list.items, .count = term->list.count,
		.wraps_unions = true };
	int r;

	format_write_str(f, (struct str){ .data = &open, .len = 1 });
	r = format_items(f, &items, &term->at, format_closing_row(&term->at, open, close));
	format_write_str(f, (struct str){ .data = &close, .len = 1 });
	return r;
}

int format_array(struct formatter *f, const struct rego_term *term)
{
	return write_list(f, term, '[', ']');
}

int format_set(struct formatter *f, const struct rego_term *term)
{
	if (term->list.count)
		return write_list(f, term, '{', '}');
	format_write(f, "set()");
	return format_comments(f, format_closing_row(&term->at, '(', ')'));
}

int format_object(struct formatter *f, const struct rego_term *term)
{
	struct format_items items = { .pairs = term->object.pairs, .count = term->object.count };
	int r;

	format_write(f, "{");
	r = format_items(f, &items, &term->at, format_closing_row(&term->at, '{', '}'));
	format_write(f, "}");
	return r;
}

/* ---- comprehensions ---- */

int format_inner_body(struct formatter *f, const struct rego_body *body, const struct rego_span *from,
	int closing)
{
	bool has_lines = format_row(&body->exprs[0]->at) > format_row(from);
	int r;

	for (size_t i = 1; i < body->count; i++)
		has_lines |= body->exprs[i]->at.line > body->exprs[i - 1]->at.line;
	if (has_lines) {
		format_end_line(f);
		f->level++;
		format_body(f, body);
	} else {
		for (size_t i = 0; i < body->count; i++) {
			format_write(f, i ? "; " : " ");
			if (format_expr(f, body->exprs[i]))
				return FORMAT_LOST;
		}
	}
	r = format_comments(f, closing);
	if (has_lines) {
		f->level--;
		format_start_line(f);
	}
	return r;
}

static bool is_grouped_call(const struct rego_term *term)
{
	return term->type == REGO_TERM_CALL && (format_is_union(term) || term->flags & REGO_TERM_GROUPED);
}

static int write_comprehension(struct formatter *f, const struct rego_term *term, int closing)
{
	const struct rego_term *key = term->comprehension.key, *head = term->comprehension.head,
		*first = key ? key : head;
	int r;

	if (format_row(&first->at) > format_row(&term->at)) {
		format_end_line(f);
		format_start_line(f);
	}
	if (key) {
		r = write_wrapped(f, key, format_is_union(key));
		if (r)
			return FORMAT_LOST;
		format_write(f, ": ");
	}
	r = format_operand(f, head, is_grouped_call(head));
	if (r)
		return FORMAT_LOST;
	format_write(f, " |");
	return format_inner_body(f, term->comprehension.body, &first->at, closing);
}

int format_comprehension(struct formatter *f, const struct rego_term *term)
{
	bool is_array = term->type == REGO_TERM_ARRAY_COMPREHENSION;
	int r;

	format_write(f, is_array ? "[" : "{");
	r = write_comprehension(f, term,
		format_closing_row(&term->at, is_array ? '[' : '{', is_array ? ']' : '}'));
	format_write(f, is_array ? "]" : "}");
	return r;
}
