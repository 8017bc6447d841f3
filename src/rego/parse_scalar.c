// SPDX-License-Identifier: Apache-2.0
/*
 * parse_scalar.c - numbers, strings and template strings
 *
 * A number keeps its text, but for what JSON does not know: a point in front gets its zero, a minus sign may
 * have space behind it. Its exponent is bounded, since arithmetic with 1e999999999 would never end. A string
 * with a backslash in it is decoded as JSON, except that half a surrogate pair becomes U+FFFD as in Go.
 *
 * Source: OPA, v1/ast/parser.go
 */
#include "rego/parse_internal.h"

#include "base/utf8.h"

/* ---- numbers ---- */

enum {
	/* decimal exponents of 2^100000 and 2^-100001, between which a number must be */
	EXPONENT_MAX = 30102,
	EXPONENT_MIN = -30104,
	EXPONENT_DIGITS_MAX = 8,	/* more are too many in any case */
};

/* The exponent that is written, and whether it can be a number at all. */
static bool read_exponent(struct str text, int *ret)
{
	struct str digits = text;
	bool is_negative = str_starts_with(text, STR("-"));
	uint64_t value;

	if (is_negative || str_starts_with(text, STR("+"))) {
		digits.data++;
		digits.len--;
	}
	while (digits.len > 1 && *digits.data == '0') {
		digits.data++;
		digits.len--;
	}
	if (digits.len > EXPONENT_DIGITS_MAX || str_to_u64(digits, 100000000, &value) < 0)
		return false;
	*ret = is_negative ? -(int)value : (int)value;
	return true;
}

/* Where the first digit stands that is no zero: its power of ten, without the written exponent. */
static bool first_digit(struct str mantissa, int *ret)
{
	struct str whole, fraction;

	str_cut(mantissa, '.', &whole, &fraction);
	for (size_t i = 0; i < whole.len; i++)
		if (whole.data[i] != '0') {
			*ret = (int)(whole.len - i) - 1;
			return true;
		}
	for (size_t i = 0; i < fraction.len; i++)
		if (fraction.data[i] != '0') {
			*ret = -(int)i - 1;
			return true;
		}
	return false;
}

/* Whether a number without a sign is within 2^-100001 and 2^100000, to a digit. */
static bool is_in_range(struct str text)
{
	struct str mantissa = text, exponent_text = { 0 };
	int exponent = 0, power;

	for (size_t i = 0; i < text.len; i++)
		if (ascii_lower(text.data[i]) == 'e') {
			mantissa.len = i;
			exponent_text = (struct str){ .data = text.data + i + 1, .len = text.len - i - 1 };
		}
	if (!first_digit(mantissa, &power))
		return true;
	if (exponent_text.len && !read_exponent(exponent_text, &exponent))
		return false;
	return exponent + power <= EXPONENT_MAX && exponent + power >= EXPONENT_MIN;
}

/* The text of a number as JSON writes it. */
static const struct json *new_number(struct parser *p, struct str text, bool is_negative, bool has_point)
{
	scoped(buf) struct buf buf = BUF_INIT(text.len + 4);

	if (!is_negative && !has_point)
		return json_new_number(p->arena, text);
	buf_append_str(&buf, is_negative ? "-" : "");
	buf_append_str(&buf, has_point ? "0." : "");
	buf_append(&buf, text.data, text.len);
	return json_new_number(p->arena, (struct str){ .data = buf.data, .len = buf.len });
}

/* Whether the digits with a point in front, if so, are within the range. */
static bool is_point_in_range(struct parser *p, struct str text, bool has_point)
{
	const char *whole;

	if (!has_point)
		return is_in_range(text);
	whole = arena_printf(p->arena, "0.%.*s", STR_FMT(text));
	p->is_full |= !whole;
	return whole && is_in_range(str_from(whole));
}

struct rego_term *parse_number(struct parser *p)
{
	struct rego_span at = parse_here(p);
	bool is_negative = parse_take(p, REGO_TOKEN_MINUS), has_point = parse_take(p, REGO_TOKEN_DOT);
	struct str text = parse_text(p);

	if (!parse_is(p, REGO_TOKEN_NUMBER))
		return parse_unexpected(p, "expected number");
	if (!has_point && text.len > 1 && text.data[0] == '0' && ascii_is_digit(text.data[1]))
		return parse_unexpected(p, "expected number without leading zero");
	if (has_point && memchr(text.data, '.', text.len))
		return parse_unexpected(p, "invalid float");
	if (!is_point_in_range(p, text, has_point))
		return parse_fail(p, parse_here(p), "number too big");
	parse_next(p);
	return parse_new_constant(p, new_number(p, text, is_negative, has_point), parse_up_to_here(p, at));
}

/* ---- strings ---- */

static int hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \uXXXX at @at; Return: the unit, or -1 */
static int32_t read_unit(struct str text, size_t at)
{
	int32_t unit = 0;

	if (text.len - at < 6 || text.data[at] != '\\' || text.data[at + 1] != 'u')
		return -1;
	for (size_t i = 2; i < 6; i++) {
		int digit = hex_digit(text.data[at + i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

/* One or two \uXXXX; Return: bytes read, 0 where they are none */
static size_t read_units(struct str text, size_t at, uint32_t *ret)
{
	int32_t first = read_unit(text, at), second;

	if (first < 0)
		return 0;
	*ret = (uint32_t)first;
	if (first < 0xd800 || first > 0xdfff)
		return 6;
	second = at + 6 < text.len ? read_unit(text, at + 6) : -1;
	*ret = 0xfffd;
	if (first > 0xdbff || second < 0xdc00 || second > 0xdfff)
		return 6;
	*ret = 0x10000 + ((uint32_t)(first - 0xd800) << 10) + (uint32_t)(second - 0xdc00);
	return 12;
}

/* Decode what stands behind a backslash at @at into @out; Return: bytes read, 0 where it is wrong */
static size_t decode_escape(struct str text, size_t at, char *out, size_t *out_len)
{
	static const char *const names = "\\\"/bfnrt{", *const meanings = "\\\"/\b\f\n\r\t{";
	const char *found;
	uint32_t point;
	size_t len;

	if (at + 1 == text.len)
		return 0;
	found = text.data[at + 1] ? strchr(names, text.data[at + 1]) : NULL;
	if (found) {
		out[(*out_len)++] = meanings[found - names];
		return 2;
	}
	len = read_units(text, at, &point);
	if (len)
		*out_len += utf8_encode(point, out + *out_len);
	return len;
}

/* The text of a string without its quotes; false where an escape or a control character is wrong. */
static bool decode(struct str text, char *out, size_t *out_len)
{
	*out_len = 0;
	for (size_t at = 0; at < text.len;) {
		size_t len = 1;

		if ((unsigned char)text.data[at] < 0x20)
			return false;
		if (text.data[at] == '\\')
			len = decode_escape(text, at, out, out_len);
		else
			out[(*out_len)++] = text.data[at];
		if (!len)
			return false;
		at += len;
	}
	return true;
}

/* \{ is an escape in raw templates too, the only one. */
static void decode_braces(struct str text, char *out, size_t *out_len)
{
	*out_len = 0;
	for (size_t at = 0; at < text.len; at++)
		if (text.data[at] != '\\' || at + 1 == text.len || text.data[at + 1] != '{')
			out[(*out_len)++] = text.data[at];
}

/* No character is longer than its escape. */
static char *decode_room(struct parser *p, struct str text)
{
	return parse_alloc(p, text.len + 1);
}

struct rego_term *parse_string(struct parser *p)
{
	const struct rego_token *token = parse_token(p);
	struct str text = parse_text(p), whole = text;
	struct rego_term *term;

	text = (struct str){ .data = text.data + 1, .len = text.len - 2 };
	if (!(token->flags & REGO_TOKEN_RAW) && memchr(text.data, '\\', text.len)) {
		char *out = decode_room(p, text);
		size_t len;

		if (!out)
			return NULL;
		if (!decode(text, out, &len))
			return parse_fail(p, parse_here(p), "illegal string literal: %.*s", STR_FMT(whole));
		text = (struct str){ .data = out, .len = len };
	}
	term = parse_new_string(p, text, parse_here(p));
	if (term && token->flags & REGO_TOKEN_RAW)
		term->flags = REGO_TERM_RAW;
	parse_next(p);
	return term;
}

/* ---- templates ---- */

/* The text of a part; NULL with an error where it is wrong. */
static struct rego_term *parse_part_text(struct parser *p)
{
	const struct rego_token *token = parse_token(p);
	struct str text = parse_text(p), decoded;
	struct rego_term *term;
	char *out = decode_room(p, text);

	if (!out)
		return NULL;
	decoded = (struct str){ .data = out };
	if (token->flags & REGO_TOKEN_RAW)
		decode_braces(text, out, &decoded.len);
	else if (!memchr(text.data, '\\', text.len))
		decoded = text;
	else if (!decode(text, out, &decoded.len))
		return parse_fail(p, parse_here(p), "illegal template-string part: %.*s", STR_FMT(text));
	term = parse_new_string(p, decoded, parse_here(p));
	if (term)
		term->flags = REGO_TERM_TEXT;
	return term;
}

/* Text that is empty is no part. */
static bool add_text(struct parser *p, struct parse_list *parts)
{
	struct rego_term *term = parse_part_text(p);

	if (!term)
		return false;
	return !term->value->text.len || parse_list_add(p, parts, parse_new_expr(p, term->at, term));
}

static bool is_call_of(const struct rego_term *term, const char *name)
{
	return term->type == REGO_TERM_CALL && term->list.count == 3 &&
		term->list.items[0]->type == REGO_TERM_VAR &&
		str_eq(term->list.items[0]->name, str_from(name));
}

static bool check_part(struct parser *p, const struct rego_expr *expr)
{
	const char *problem = NULL;

	if (expr->is_negated || expr->type == REGO_EXPR_NOT_BODY)
		problem = "unexpected negation ('not') in template-string expression";
	else if (expr->type == REGO_EXPR_EVERY)
		problem = "unexpected 'every' in template-string expression";
	else if (expr->type == REGO_EXPR_SOME || expr->type == REGO_EXPR_SOME_IN)
		problem = "unexpected 'some' in template-string expression";
	else if (is_call_of(expr->term, "eq"))
		problem = "unexpected unification ('=') in template-string expression";
	else if (is_call_of(expr->term, "assign"))
		problem = "unexpected assignment (':=') in template-string expression";
	else if (expr->term->type == REGO_TERM_LOGIC)
		problem = "unexpected logical operator in template-string expression";
	if (problem)
		parse_fail(p, expr->at, "%s", problem);
	return !problem;
}

/* The expression, and the brace behind it. */
static bool add_expression(struct parser *p, struct parse_list *parts)
{
	struct rego_expr *expr = parse_expr(p);

	if (!expr) {
		parse_fail(p, parse_here(p), "invalid template-string expression");
		return false;
	}
	if (!check_part(p, expr))
		return false;
	if (!parse_is(p, REGO_TOKEN_RBRACE)) {
		parse_fail(p, parse_here(p), "expected } to end template string expression");
		return false;
	}
	parse_next(p);
	if (!rego_token_is_template(parse_token(p))) {
		parse_unexpected(p, NULL);
		return false;
	}
	return parse_list_add(p, parts, expr);
}

static struct rego_term *new_template(struct parser *p, struct rego_span at, const struct parse_list *parts)
{
	struct rego_term *term = parse_new_term(p, REGO_TERM_TEMPLATE, at);
	unsigned below = 0;

	if (!term)
		return NULL;
	term->template.parts = (const struct rego_expr *const *)parts->items;
	term->template.count = parts->count;
	for (size_t i = 0; i < parts->count; i++)
		below = MAX(below, term->template.parts[i]->height);
	return parse_set_height(p, term, below);
}

struct rego_term *parse_template(struct parser *p)
{
	struct rego_span at = parse_here(p);
	bool is_raw = parse_token(p)->flags & REGO_TOKEN_RAW;
	struct parse_list parts = { 0 };
	struct rego_term *term;

	while (parse_is(p, REGO_TOKEN_TEMPLATE_PART)) {
		if (!add_text(p, &parts))
			return NULL;
		parse_next(p);
		if (!add_expression(p, &parts))
			return NULL;
	}
	if (!add_text(p, &parts))
		return NULL;
	parse_next(p);
	term = new_template(p, parse_up_to_here(p, at), &parts);
	if (term && is_raw)
		term->flags = REGO_TERM_RAW;
	return term;
}
