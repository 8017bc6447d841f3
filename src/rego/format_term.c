// SPDX-License-Identifier: Apache-2.0
/*
 * format_term.c - terms: constants as they were written, references, operators
 *
 * Calls of built-ins with a sign are written with it, however they were. An operator within an operator
 * stands in parentheses, except on the first level of an expression, where precedence is left to speak.
 *
 * Source: OPA, v1/format/format.go
 */
#include "rego/format_internal.h"

/* ---- constants ---- */

/* A string as it was written, without parentheses around it. */
static void write_string(struct formatter *f, const struct rego_term *term)
{
	struct str text = format_text(&term->at);
	char quote = term->flags & REGO_TERM_RAW ? '`' : '"';
	const char *first = memchr(text.data, quote, text.len), *last = memrchr(text.data, quote, text.len);

	if (!(term->flags & REGO_TERM_DOTTED) && first && last > first)
		format_write_str(f, (struct str){ .data = first, .len = (size_t)(last - first) + 1 });
	else
		json_write(f->out, term->value, JSON_WRITE_CANONICAL);
}

static void write_var(struct formatter *f, const struct rego_term *term)
{
	if (term->flags & REGO_TERM_WILDCARD)
		format_write(f, "_");
	else
		format_write_str(f, term->name);
}

/* ---- references ---- */

bool format_is_word(struct str text)
{
	if (!text.len || ascii_is_digit(text.data[0]))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_alnum(text.data[i]) && text.data[i] != '_')
			return false;
	return true;
}

static bool is_keyword(const struct formatter *f, struct str text)
{
	static const struct str keywords[] = { STR("package"), STR("import"), STR("as"), STR("default"),
		STR("else"), STR("not"), STR("some"), STR("with"), STR("null"), STR("true"), STR("false"),
		STR("in"), STR("every"), STR("contains"), STR("if") };

	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (str_eq(text, keywords[i]))
			return true;
	return (f->module->has_and_keyword && str_eq(text, STR("and"))) ||
		(f->module->has_or_keyword && str_eq(text, STR("or")));
}

/* .name, or ["name"] where it has to be, or where a keyword was written so */
static void write_path_string(struct formatter *f, const struct rego_term *item)
{
	struct str text = item->value->text;

	if (format_is_word(text) &&
			(item->flags & (REGO_TERM_DOTTED | REGO_TERM_RAW) || !is_keyword(f, text))) {
		format_write(f, ".");
		format_write_str(f, text);
		return;
	}
	format_write(f, "[");
	json_write(f->out, item->value, JSON_WRITE_CANONICAL);
	format_write(f, "]");
}

static void write_path_item(struct formatter *f, const struct rego_term *item)
{
	if (item->type == REGO_TERM_VALUE && item->value->type == JSON_STRING) {
		write_path_string(f, item);
		return;
	}
	format_write(f, "[");
	if (item->type == REGO_TERM_VAR) {
		write_var(f, item);
		format_write(f, "]");
		return;
	}
	/* text as it was may end with a comment */
	if (format_term(f, item))
		format_write(f, "\n");
	format_write(f, "]");
}

int format_ref(struct formatter *f, const struct rego_term *ref, size_t first)
{
	const struct rego_term *head = ref->type == REGO_TERM_REF ? ref->list.items[first] : ref;
	int r = 0;

	if (first)
		format_write_str(f, head->value->text);
	else
		r = format_operand(f, head, head->type == REGO_TERM_CALL && head->flags & REGO_TERM_GROUPED);
	if (r && ref->type == REGO_TERM_REF)
		return FORMAT_LOST;
	for (size_t i = first + 1; ref->type == REGO_TERM_REF && i < ref->list.count; i++)
		write_path_item(f, ref->list.items[i]);
	return r;
}

/* ---- calls ---- */

/* The sign behind the name of a built-in that is called with so many operands, or NULL. */
static const char *find_sign(const struct rego_term *call, size_t operands)
{
	static const char *const signs[][2] = { { "eq", "=" }, { "assign", ":=" }, { "equal", "==" },
		{ "neq", "!=" }, { "lt", "<" }, { "lte", "<=" }, { "gt", ">" }, { "gte", ">=" },
		{ "plus", "+" }, { "minus", "-" }, { "mul", "*" }, { "div", "/" }, { "rem", "%" },
		{ "and", "&" }, { "or", "|" } };
	const struct rego_term *op = call->type == REGO_TERM_CALL ? call->list.items[0] : NULL;

	if (!op || op->type != REGO_TERM_VAR || call->list.count != operands + 1)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (str_eq(op->name, str_from(signs[i][0])))
			return signs[i][1];
	return NULL;
}

const char *format_infix(const struct rego_term *call)
{
	return find_sign(call, 2);
}

bool format_is_union(const struct rego_term *term)
{
	const char *sign = format_infix(term);

	return sign && *sign == '|';
}

/* internal.member_2(x, xs) and internal.member_3(k, v, xs), by these names too */
static bool is_membership(const struct rego_term *call)
{
	const struct rego_term *op = call->list.items[0];
	struct str name;

	if (op->type != REGO_TERM_REF || op->list.count != 2 || op->list.items[0]->type != REGO_TERM_VAR ||
			!str_eq(op->list.items[0]->name, STR("internal")) ||
			op->list.items[1]->type != REGO_TERM_VALUE ||
			op->list.items[1]->value->type != JSON_STRING)
		return false;
	name = op->list.items[1]->value->text;
	return (call->list.count == 3 && str_eq(name, STR("member_2"))) ||
		(call->list.count == 4 && str_eq(name, STR("member_3")));
}

static int write_plain_call(struct formatter *f, const struct rego_term *call)
{
	struct format_items items = { .terms = call->list.items + 1, .count = call->list.count - 1 };
	int r = format_ref(f, call->list.items[0], 0);

	if (r)
		return FORMAT_LOST;
	format_write(f, "(");
	r = format_items(f, &items, &call->list.items[0]->at, FORMAT_NO_ROW);
	format_write(f, ")");
	return r;
}

int format_membership(struct formatter *f, const struct rego_term *key, const struct rego_term *value,
	const struct rego_term *domain, bool has_parens)
{
	int r = 0;

	format_write(f, has_parens ? "(" : "");
	if (key) {
		r = format_operand(f, key, true);
		if (r)
			return FORMAT_LOST;
		format_write(f, ", ");
	}
	/* `a in b in c` leans to the left */
	r = format_operand(f, value, key || value->type != REGO_TERM_CALL || !is_membership(value));
	if (r)
		return FORMAT_LOST;
	format_write(f, " in ");
	r = format_operand(f, domain, true);
	format_write(f, has_parens ? ")" : "");
	return r;
}

static int write_member_call(struct formatter *f, const struct rego_term *call, bool has_parens)
{
	const struct rego_term *const *items = call->list.items;
	size_t count = call->list.count;

	return format_membership(f, count == 4 ? items[1] : NULL, items[count - 2], items[count - 1],
		has_parens);
}

/* These two are signs on the first level alone. */
static bool is_assignment(const char *sign)
{
	return sign && (!strcmp(sign, "=") || !strcmp(sign, ":="));
}

static int write_call(struct formatter *f, const struct rego_term *call, bool has_parens)
{
	const char *sign = format_infix(call);
	int r;

	if (is_membership(call))
		return write_member_call(f, call, has_parens || call->list.count == 4);
	if (!sign || is_assignment(sign))
		return write_plain_call(f, call);
	has_parens |= f->wrapped == call;
	format_write(f, has_parens ? "(" : "");
	r = format_operand(f, call->list.items[1], true);
	if (r)
		return FORMAT_LOST;
	format_write(f, " ");
	format_write(f, sign);
	format_write(f, " ");
	r = format_operand(f, call->list.items[2], true);
	format_write(f, has_parens ? ")" : "");
	return r;
}

/* How tight a term holds together that is an operator; others hold best. */
static unsigned term_level(const struct rego_term *term)
{
	static const char *const levels[] = { "=!<>", "|", "&", "+-", "*/%" };
	const char *sign = format_infix(term);

	if (term->type == REGO_TERM_CALL && is_membership(term))
		return 1;
	for (unsigned i = 0; sign && i < ARRAY_SIZE(levels); i++)
		if (strchr(levels[i], *sign))
			return i + 2;
	return sign ? 0 : ARRAY_SIZE(levels) + 2;
}

/* An operand on the first level: parentheses only where it would be another expression without them. */
static int write_top_operand(struct formatter *f, const struct rego_term *term, bool needs_parens)
{
	int r;

	if (!needs_parens)
		return format_term(f, term);
	r = format_operand(f, term, true);
	return r ? FORMAT_LOST : 0;
}

/* plus(1, 2, x) is x = 1 + 2 */
static int write_result(struct formatter *f, const struct rego_term *call)
{
	if (format_term(f, call->list.items[3]))
		return FORMAT_LOST;
	format_write(f, " = ");
	return 0;
}

int format_top_call(struct formatter *f, const struct rego_term *call)
{
	const char *result_sign = find_sign(call, 3), *sign = result_sign ? result_sign : format_infix(call);
	unsigned level = is_assignment(sign) ? 0 : term_level(call);
	bool is_wrapped = f->wrapped == call;
	int r = 0;

	if (is_membership(call))
		return write_member_call(f, call, false);
	if (!sign || is_assignment(result_sign))
		return write_plain_call(f, call);
	if (result_sign)
		r = write_result(f, call);
	if (r)
		return FORMAT_LOST;
	format_write(f, is_wrapped ? "(" : "");
	r = write_top_operand(f, call->list.items[1], term_level(call->list.items[1]) < level);
	if (r)
		return FORMAT_LOST;
	format_write(f, " ");
	format_write(f, sign);
	format_write(f, " ");
	r = write_top_operand(f, call->list.items[2], level && term_level(call->list.items[2]) <= level);
	format_write(f, is_wrapped ? ")" : "");
	return r;
}

/* ---- templates ---- */

static void write_template_text(struct formatter *f, const struct rego_term *term, bool is_raw)
{
	scoped(buf) struct buf quoted = BUF_INIT(f->out->limit_bytes);
	struct str text = term->value->text;

	if (term->value->type != JSON_STRING || !is_raw) {
		json_write(&quoted, term->value, JSON_WRITE_CANONICAL);
		text = (struct str){ .data = buf_text(&quoted), .len = quoted.len };
		if (term->value->type == JSON_STRING && text.len >= 2)
			text = (struct str){ .data = text.data + 1, .len = text.len - 2 };
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '{')
			format_write(f, "\\");
		format_write_str(f, (struct str){ .data = text.data + i, .len = 1 });
	}
}

/* Whether comments stand between the brace and the expression. */
static bool has_comment_before(const struct formatter *f, const struct rego_span *at, uint32_t from)
{
	for (size_t i = f->next; i < f->comment_count && f->comments[i]->at.offset < at->offset; i++)
		if (f->comments[i]->at.offset >= from)
			return true;
	return f->line_end && f->line_end->at.offset >= from && f->line_end->at.offset < at->offset;
}

/* Text, or a constant that may as well be text. */
static bool is_text(const struct formatter *f, const struct rego_expr *part, uint32_t from)
{
	if (part->term->type != REGO_TERM_VALUE || part->with_count)
		return false;
	return part->term->flags & REGO_TERM_TEXT || !has_comment_before(f, &part->at, from);
}

/* Comments in front of an expression: the first one stays behind the brace. */
static void write_comments_before(struct formatter *f, const struct rego_expr *part)
{
	size_t above = format_comments_above(f, format_row(&part->at));

	if (f->line_end) {
		format_end_line(f);
		format_start_line(f);
	} else if (above) {
		format_write(f, " ");
		f->in_line = true;
		format_write_comments(f, above);
	}
}

static int write_template_expr(struct formatter *f, const struct rego_expr *part,
	const struct rego_expr *next)
{
	size_t above;

	format_write(f, "{");
	f->level++;
	write_comments_before(f, part);
	if (format_expr(f, part))
		return FORMAT_LOST;
	above = next ? format_comments_above(f, format_row(&next->at)) : 0;
	if (above) {
		format_end_line(f);
		format_write_comments(f, above);
		format_start_line(f);
	}
	format_write(f, "}");
	f->level--;
	return 0;
}

static int write_template(struct formatter *f, const struct rego_term *term)
{
	bool is_raw = term->flags & REGO_TERM_RAW;
	uint32_t from = term->at.offset;

	format_write(f, is_raw ? "$`" : "$\"");
	for (size_t i = 0; i < term->template.count; i++) {
		const struct rego_expr *part = term->template.parts[i],
			*next = i + 1 < term->template.count ? term->template.parts[i + 1] : NULL;
		int r = 0;

		if (is_text(f, part, from))
			write_template_text(f, part->term, is_raw);
		else
			r = write_template_expr(f, part, next);
		if (r)
			return r;
		from = part->at.offset + part->at.length;
	}
	format_write(f, is_raw ? "`" : "\"");
	return 0;
}

/* ---- terms ---- */

static int write_term(struct formatter *f, const struct rego_term *term, bool has_parens)
{
	switch (term->type) {
	case REGO_TERM_VALUE:
		if (term->value->type == JSON_STRING)
			write_string(f, term);
		else
			json_write(f->out, term->value, JSON_WRITE_CANONICAL);
		return 0;
	case REGO_TERM_VAR:
		write_var(f, term);
		return 0;
	case REGO_TERM_REF:
		return format_ref(f, term, 0);
	case REGO_TERM_ARRAY:
		return format_array(f, term);
	case REGO_TERM_SET:
		return format_set(f, term);
	case REGO_TERM_OBJECT:
		return format_object(f, term);
	case REGO_TERM_ARRAY_COMPREHENSION:
	case REGO_TERM_SET_COMPREHENSION:
	case REGO_TERM_OBJECT_COMPREHENSION:
		return format_comprehension(f, term);
	case REGO_TERM_CALL:
		return write_call(f, term, has_parens);
	case REGO_TERM_TEMPLATE:
		return write_template(f, term);
	case REGO_TERM_LOGIC:
		return format_logic(f, term);
	}
	return 0;
}

int format_operand(struct formatter *f, const struct rego_term *term, bool has_parens)
{
	int r = format_comments(f, format_row(&term->at));

	if (r)
		return FORMAT_LOST;
	if (!f->in_line)
		format_start_line(f);
	r = write_term(f, term, has_parens);
	if (!r && !f->in_line)
		format_start_line(f);
	return r;
}

int format_term(struct formatter *f, const struct rego_term *term)
{
	struct format_mark mark = format_mark(f);

	if (!format_operand(f, term, false))
		return 0;
	return format_go_back(f, &mark, &term->at);
}
