// SPDX-License-Identifier: Apache-2.0
/*
 * format_rule.c - rules: head, body, and what is behind `else`
 *
 * A body of one expression stands behind `if` without braces where it was on the line on which the head ends;
 * a set keeps them, since {x} alone would be a body. A body that is nothing but `true` is left out.
 *
 * Source: OPA, v1/format/format.go
 */
#include "rego/format_internal.h"

/* ---- what a rule is ---- */

static bool is_true(const struct rego_term *term)
{
	return term->type == REGO_TERM_VALUE && term->value->type == JSON_BOOL && term->value->boolean;
}

static bool is_constant(const struct rego_rule *rule)
{
	const struct rego_expr *expr = rule->body->exprs[0];

	return rule->body->count == 1 && expr->type == REGO_EXPR_TERM && !expr->is_negated &&
		!expr->with_count && is_true(expr->term) && !rule->else_rule;
}

static bool is_ground(const struct rego_term *term)
{
	if (term->type == REGO_TERM_VALUE)
		return true;
	if (term->type != REGO_TERM_ARRAY && term->type != REGO_TERM_SET)
		return false;
	for (size_t i = 0; i < term->list.count; i++)
		if (!is_ground(term->list.items[i]))
			return false;
	return true;
}

/* Whether p[x] has a key: where x is no constant, and where the rule is an assignment and nothing more. */
static bool has_key(const struct rego_rule *rule)
{
	if (rule->contains)
		return true;
	if (rule->is_else || rule->is_function || rule->ref->type != REGO_TERM_REF ||
			rule->ref->list.count != 2)
		return false;
	return !rule->has_body || !is_ground(rule->ref->list.items[1]);
}

static bool writes_value(const struct rego_rule *rule)
{
	bool constant = is_constant(rule);

	if (rule->contains)
		return false;
	if (!rule->has_value)
		return constant && rule->has_body && !has_key(rule);
	return has_key(rule) || !is_true(rule->value) || constant || rule->is_default;
}

/* ---- heads ---- */

/* p["q"], where no rule of the module has a longer name */
static int write_short_ref(struct formatter *f, const struct rego_rule *rule)
{
	const struct rego_term *const *items = rule->ref->list.items;

	if (f->next < f->comment_count && f->comments[f->next]->at.line == items[1]->at.line) {
		return FORMAT_LOST;
	}
	rego_term_print(items[0], f->out);
	format_write(f, "[");
	rego_term_print(items[1], f->out);
	format_write(f, "]");
	return 0;
}

static int write_name(struct formatter *f, const struct rego_rule *rule)
{
	int r = 0;

	if (rule->is_else) {
		r = format_comments(f, format_row(&rule->at));
		if (!f->in_line)
			format_start_line(f);
		format_write(f, "else");
		return r ? FORMAT_LOST : 0;
	}
	if (f->writes_ref_heads || rule->ref->type == REGO_TERM_VAR)
		return format_ref(f, rule->ref, 0);
	return write_short_ref(f, rule);
}

static int write_params(struct formatter *f, const struct rego_rule *rule)
{
	struct format_items items = { .terms = rule->params, .count = rule->param_count };
	int r;

	if (rule->is_else || !rule->param_count)
		return 0;
	format_write(f, "(");
	r = format_items(f, &items, &rule->head_at, format_closing_row(&rule->head_at, '(', ')'));
	format_write(f, ")");
	return r;
}

/* The value of an `else` stands on its line, whatever was. */
static int write_value(struct formatter *f, const struct rego_rule *rule)
{
	struct rego_term value;

	if (!writes_value(rule))
		return 0;
	format_write(f, " := ");
	if (!rule->is_else)
		return format_term(f, rule->value);
	value = *rule->value;
	value.at.line = rule->at.line;
	return format_term(f, &value);
}

static int write_head(struct formatter *f, const struct rego_rule *rule)
{
	int r = write_name(f, rule);

	if (!r)
		r = write_params(f, rule);
	if (r)
		return FORMAT_LOST;
	if (!rule->contains)
		return write_value(f, rule);
	format_write(f, " contains ");
	return format_term(f, rule->contains);
}

/* ---- else ---- */

static bool begins_line(const struct rego_span *at)
{
	const char *text = at->source->text.data;

	for (uint32_t i = at->offset; i && text[i - 1] != '\n'; i--)
		if (!ascii_is_space(text[i - 1]))
			return false;
	return true;
}

static void write_else(struct formatter *f, const struct rego_rule *rule)
{
	const struct rego_rule *next = rule->else_rule;
	bool was_behind = f->in_line && next->at.line > rule->at.line && !begins_line(&next->at),
		has_comment = format_comments_above(f, format_row(&next->at)) || f->line_end;

	if (!has_comment && was_behind) {
		format_write(f, " ");
	} else {
		format_blank_line(f);
		format_start_line(f);
	}
	format_comments(f, format_row(&next->at));
	if (has_comment && !was_behind)
		format_start_line(f);
}

/* ---- bodies ---- */

static bool is_set(const struct rego_expr *expr)
{
	return expr->type == REGO_EXPR_TERM && !expr->is_negated && expr->term->type == REGO_TERM_SET;
}

static bool stays_on_line(const struct rego_rule *rule)
{
	return rule->body->count == 1 &&
		format_row(&rule->body->exprs[0]->at) == format_end_row(&rule->head_at) &&
		!is_set(rule->body->exprs[0]);
}

/* Whether the brace of a chained body is on the line of the one that closes. */
static bool is_chained_on(const struct rego_span *at)
{
	struct str text = at->source->text;

	for (size_t i = at->offset + at->length; i < text.len; i++)
		if (text.data[i] != ' ' && text.data[i] != '\t')
			return text.data[i] == '{';
	return false;
}

/*
 * The comments in front of the closing brace, and the one behind it, unless that belongs to a chained body.
 */
static void write_comments_in(struct formatter *f, const struct rego_body *body)
{
	int closing = body->is_braced ? format_end_row(&body->at) : FORMAT_NO_ROW;

	if (is_chained_on(&body->at))
		format_write_comments(f, format_comments_above(f, closing));
	else
		format_comments(f, closing);
}

static void write_block(struct formatter *f, const struct rego_rule *rule, bool is_as_it_was)
{
	format_write(f, " {");
	if (is_as_it_was && f->next < f->comment_count)
		format_write(f, " ");
	else
		format_end_line(f);
	f->level++;
	f->wrapped = rule->is_else ? NULL : format_find_union(rule->body->exprs[0]);
	format_body(f, rule->body);
	f->wrapped = NULL;
	write_comments_in(f, rule->body);
	f->level--;
	format_start_line(f);
	format_write(f, "}");
}

bool format_is_one_line(const struct rego_rule *rule)
{
	return !rule->is_default && !rule->else_rule && (is_constant(rule) || stays_on_line(rule));
}

/* A rule without what is behind its `else`. */
static void write_rule(struct formatter *f, const struct rego_rule *rule)
{
	struct format_mark mark;
	int r;

	if (rule->is_default)
		format_write(f, "default ");
	f->takes_last_comment = is_constant(rule);
	mark = format_mark(f);
	r = write_head(f, rule);
	if (r == FORMAT_LOST)
		format_go_back(f, &mark, &rule->head_at);
	if (is_constant(rule)) {
		format_end_line(f);
		return;
	}
	f->takes_last_comment = true;
	format_write(f, " if");
	if (!stays_on_line(rule)) {
		write_block(f, rule, r);
		return;
	}
	format_write(f, " ");
	format_expr(f, rule->body->exprs[0]);
	format_end_line(f);
}

void format_rule(struct formatter *f, const struct rego_rule *rule)
{
	format_start_line(f);
	write_rule(f, rule);
	for (; rule->else_rule; rule = rule->else_rule) {
		write_else(f, rule);
		write_rule(f, rule->else_rule);
	}
}
