// SPDX-License-Identifier: Apache-2.0
/*
 * format_expr.c - expressions: what they say, and with what
 *
 * Source: OPA, v1/format/format.go
 */
#include "rego/format_internal.h"

/* ---- with ---- */

static int write_with(struct formatter *f, const struct rego_with *with, bool is_on_own_line)
{
	int r = format_comments(f, format_row(&with->at));

	if (r)
		return FORMAT_LOST;
	format_write(f, is_on_own_line ? "with " : " with ");
	r = format_term(f, with->target);
	if (r)
		return FORMAT_LOST;
	format_write(f, " as ");
	/* text as it was is text all the same */
	format_term(f, with->value);
	return 0;
}

/* The line on which the expression ends that the first `with` stands behind. */
static int terms_end_row(const struct rego_expr *expr)
{
	struct rego_span at = expr->at;

	if (expr->withs[0].at.offset > at.offset)
		at.length = expr->withs[0].at.offset - at.offset;
	while (at.length && ascii_is_space(at.source->text.data[at.offset + at.length - 1]))
		at.length--;
	return format_end_row(&at);
}

static int write_withs(struct formatter *f, const struct rego_expr *expr)
{
	int last = expr->with_count ? terms_end_row(expr) : 0, r = 0;
	unsigned level = f->level;

	for (size_t i = 0; !r && i < expr->with_count; i++) {
		const struct rego_with *with = &expr->withs[i];
		bool is_new = i ? format_row(&with->at) > last : format_row(&with->at) != last;

		if (is_new) {
			f->level = level + 1;
			format_end_line(f);
			format_start_line(f);
		}
		last = format_row(&with->at);
		r = write_with(f, with, is_new);
	}
	f->level = level;
	return r ? FORMAT_LOST : 0;
}

/* ---- some and every ---- */

/* Variables that were on a line of their own stay there. */
static int write_vars(struct formatter *f, const struct rego_expr *expr)
{
	int row = format_row(&expr->at);

	for (size_t i = 0; i < expr->some.count; i++) {
		const struct rego_term *var = expr->some.vars[i];

		if (format_row(&var->at) > row) {
			format_end_line(f);
			format_start_line(f);
			format_write(f, "\t");
			row = format_row(&var->at);
		} else if (i) {
			format_write(f, " ");
		}
		if (format_term(f, var))
			return FORMAT_LOST;
		if (i + 1 < expr->some.count)
			format_write(f, ",");
	}
	return 0;
}

static int write_every(struct formatter *f, const struct rego_expr *expr)
{
	const struct rego_body *body = expr->in.body;
	int r = 0;

	if (expr->in.key) {
		r = format_term(f, expr->in.key);
		if (r)
			return FORMAT_LOST;
		format_write(f, ", ");
	}
	r = format_term(f, expr->in.value);
	if (r)
		return FORMAT_LOST;
	format_write(f, " in ");
	r = format_term(f, expr->in.domain);
	if (r)
		return FORMAT_LOST;
	format_write(f, " {");
	r = format_inner_body(f, body, &expr->at, format_end_row(&body->at));
	if (body->count == 1 && body->exprs[0]->at.line == expr->at.line)
		format_write(f, " ");
	format_write(f, "}");
	return r;
}

/* ---- expressions ---- */

static int write_term_expr(struct formatter *f, const struct rego_expr *expr)
{
	if (expr->is_negated && (f->module->has_not_keyword && format_leads_with_brace(expr)))
		return format_not(f, expr);
	if (expr->is_negated)
		format_write(f, "not ");
	if (expr->term->type == REGO_TERM_CALL)
		return format_top_call(f, expr->term);
	return format_term(f, expr->term);
}

static int write_expr(struct formatter *f, const struct rego_expr *expr)
{
	switch (expr->type) {
	case REGO_EXPR_TERM:
		return write_term_expr(f, expr);
	case REGO_EXPR_SOME:
		format_write(f, "some ");
		return write_vars(f, expr);
	case REGO_EXPR_SOME_IN:
		format_write(f, "some ");
		return format_membership(f, expr->in.key, expr->in.value, expr->in.domain, false);
	case REGO_EXPR_EVERY:
		format_write(f, "every ");
		return write_every(f, expr);
	case REGO_EXPR_NOT_BODY:
		return format_not(f, expr);
	}
	return 0;
}

int format_expr(struct formatter *f, const struct rego_expr *expr)
{
	int r = format_comments(f, format_row(&expr->at));
	struct format_mark mark;

	if (!f->in_line)
		format_start_line(f);
	mark = format_mark(f);
	if (!r)
		r = write_expr(f, expr);
	if (r && expr->with_count)
		r = FORMAT_LOST;
	if (!r)
		r = write_withs(f, expr);
	if (r == FORMAT_LOST)
		format_go_back(f, &mark, &expr->at);
	return r ? FORMAT_AS_IS : 0;
}

void format_body(struct formatter *f, const struct rego_body *body)
{
	format_comments(f, format_row(&body->exprs[0]->at));
	for (size_t i = 0; i < body->count; i++) {
		const struct rego_expr *expr = body->exprs[i];

		if (i && format_row(&expr->at) > format_end_row(&body->exprs[i - 1]->at) + 1)
			format_blank_line(f);
		format_start_line(f);
		format_expr(f, expr);
		format_end_line(f);
	}
}
