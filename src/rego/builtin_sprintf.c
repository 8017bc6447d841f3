// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_sprintf.c - reads a format, and has each verb print its operand
 *
 *     % flags width .precision verb       flags: # 0 + - and space
 *     %[3]d   %[2]*.[1]*f                 the third operand; width and precision out of operands
 *
 * A mistake never fails: it is printed where it stands, as Go prints it (%!d(string=hi), %!s(MISSING),
 * %!(EXTRA int=1)), so that who reads the message sees it.
 *
 * Source: Go, documentation of package fmt
 */
#include "base/utf8.h"
#include "rego/builtin_table.h"
#include "rego/sprintf.h"

enum {
	WIDTH_MAX = 1000000,		/* as in Go; more is no number */
	TERM_BYTES_MAX = 16 << 20,	/* of a list as text */
};

struct reader {
	struct sprintf_printer printer;
	struct str format;
	size_t at;
	const struct sprintf_operand *operands;
	size_t count, next;		/* the operand that is next */
	/* there was an index: operands that nobody asked for are no mistake */
	bool is_reordered;
	bool is_good_index, was_index;
};

/* ---- operands ---- */

static bool read_number(struct rego_call *call, const struct json *value, struct sprintf_operand *ret)
{
	*ret = (struct sprintf_operand){ .kind = SPRINTF_INT, .integer = value->integer };
	if (value->type == JSON_INT)
		return true;
	*ret = (struct sprintf_operand){ .kind = SPRINTF_BIG };
	if (!memchr(value->text.data, '.', value->text.len) &&
			!memchr(value->text.data, 'e', value->text.len) &&
			!memchr(value->text.data, 'E', value->text.len))
		return rego_int_read(call, value->text, &ret->big);
	ret->kind = SPRINTF_DOUBLE;
	if (!rego_float_read(call, value->text, 53, &ret->real))
		return false;
	/* what no double can hold is printed as it was written */
	if (ret->real.mantissa != 0 && ret->real.exponent >= 1024 - 63)
		*ret = (struct sprintf_operand){ .kind = SPRINTF_TEXT, .text = value->text };
	return true;
}

static bool read_term(struct rego_call *call, const struct json *value, struct str *ret)
{
	scoped(buf) struct buf buf = BUF_INIT(TERM_BYTES_MAX);

	if (json_write(&buf, value, JSON_WRITE_TERM) < 0 || !rego_spend(call->budget, buf.len / 64))
		return false;
	*ret = (struct str){ .data = arena_copy(call->arena, buf_text(&buf), buf.len), .len = buf.len };
	return ret->data != NULL;
}

static bool read_operand(struct rego_call *call, const struct json *value, struct sprintf_operand *ret)
{
	if (rego_is_number(value))
		return read_number(call, value, ret);
	*ret = (struct sprintf_operand){ .kind = SPRINTF_TEXT, .text = value->text };
	return value->type == JSON_STRING || read_term(call, value, &ret->text);
}

/* ---- the parts of a verb ---- */

static char peek(const struct reader *reader)
{
	return reader->at < reader->format.len ? reader->format.data[reader->at] : '\0';
}

static void write_text(struct reader *reader, const char *text)
{
	rego_text_add_text(&reader->printer.out, text);
}

static bool read_digits(struct reader *reader, size_t *ret)
{
	bool is_number = false;

	*ret = 0;
	for (; ascii_is_digit(peek(reader)); reader->at++) {
		if (*ret > WIDTH_MAX) {
			reader->at = reader->format.len;
			*ret = 0;
			return false;
		}
		*ret = *ret * 10 + (size_t)(peek(reader) - '0');
		is_number = true;
	}
	return is_number;
}

/* [n]: what follows is about operand n. Where it cannot be read, the verb is told so. */
static void read_index(struct reader *reader)
{
	size_t start = reader->at, index;
	const char *end;
	bool is_number;

	reader->was_index = false;
	if (peek(reader) != '[')
		return;
	reader->is_reordered = true;
	end = memchr(reader->format.data + start, ']', reader->format.len - start);
	reader->at++;
	if (!end || reader->format.len - start < 3) {
		reader->is_good_index = false;
		return;
	}
	is_number = read_digits(reader, &index) && reader->format.data + reader->at == end;
	reader->at = (size_t)(end - reader->format.data) + 1;
	reader->was_index = is_number;
	if (is_number && index >= 1 && index <= reader->count)
		reader->next = index - 1;
	else
		reader->is_good_index = false;
}

/* A width or a precision out of an operand, which has to be an int of a sensible size. */
static bool read_star(struct reader *reader, int64_t *ret)
{
	const struct sprintf_operand *operand = &reader->operands[reader->next];

	reader->at++;
	reader->was_index = false;
	*ret = 0;
	if (reader->next >= reader->count)
		return false;
	reader->next++;
	if (operand->kind != SPRINTF_INT || operand->integer > WIDTH_MAX || operand->integer < -WIDTH_MAX)
		return false;
	*ret = operand->integer;
	return true;
}

static void read_flags(struct reader *reader)
{
	struct sprintf_spec *spec = &reader->printer.spec;

	*spec = (struct sprintf_spec){ 0 };
	for (;; reader->at++) {
		switch (peek(reader)) {
		case '#':
			spec->sharp = true;
			break;
		case '0':
			spec->zero = true;
			break;
		case '+':
			spec->plus = true;
			break;
		case '-':
			spec->minus = true;
			break;
		case ' ':
			spec->space = true;
			break;
		default:
			return;
		}
	}
}

static void read_width(struct reader *reader)
{
	struct sprintf_spec *spec = &reader->printer.spec;
	int64_t width;

	read_index(reader);
	if (peek(reader) != '*') {
		spec->has_width = read_digits(reader, &spec->width);
		if (reader->was_index && spec->has_width)
			reader->is_good_index = false;
		return;
	}
	spec->has_width = read_star(reader, &width);
	if (!spec->has_width)
		write_text(reader, "%!(BADWIDTH)");
	if (width < 0) {
		spec->minus = true;
		spec->zero = false;
	}
	spec->width = (size_t)(width < 0 ? -width : width);
}

static void read_precision(struct reader *reader)
{
	struct sprintf_spec *spec = &reader->printer.spec;
	int64_t precision;

	if (peek(reader) != '.')
		return;
	reader->at++;
	if (reader->was_index)
		reader->is_good_index = false;
	read_index(reader);
	if (peek(reader) != '*') {
		(void)read_digits(reader, &spec->precision);
		spec->has_precision = true;
		return;
	}
	spec->has_precision = read_star(reader, &precision) && precision >= 0;
	if (!spec->has_precision)
		write_text(reader, "%!(BADPREC)");
	spec->precision = spec->has_precision ? (size_t)precision : 0;
}

/* ---- the verb ---- */

static void complain(struct reader *reader, struct str verb, const char *why)
{
	write_text(reader, "%!");
	rego_text_add_str(&reader->printer.out, verb);
	write_text(reader, why);
}

static bool print_verb(struct reader *reader, struct str bytes, uint32_t verb)
{
	struct sprintf_spec *spec = &reader->printer.spec;

	if (verb == '%') {
		write_text(reader, "%");
		return true;
	}
	if (!reader->is_good_index) {
		complain(reader, bytes, "(BADINDEX)");
		return true;
	}
	if (reader->next >= reader->count) {
		complain(reader, bytes, "(MISSING)");
		return true;
	}
	if (verb == 'v') {
		spec->is_go_text = spec->sharp;
		spec->sharp = false;
	}
	return rego_sprintf_print(&reader->printer, &reader->operands[reader->next++], verb);
}

/* %s and its like: what begins with a letter has nothing in front of its verb. Mostly it is a text. */
static bool print_bare(struct reader *reader)
{
	const char *verb = reader->format.data + reader->at++;
	const struct sprintf_operand *operand = &reader->operands[reader->next];

	if ((*verb == 's' || *verb == 'v') && reader->next < reader->count && operand->kind == SPRINTF_TEXT) {
		reader->next++;
		rego_text_add_str(&reader->printer.out, operand->text);
		return rego_spend(reader->printer.call->budget, 1);
	}
	reader->printer.spec = (struct sprintf_spec){ 0 };
	return print_verb(reader, (struct str){ .data = verb, .len = 1 }, (unsigned char)*verb);
}

static bool read_verb(struct reader *reader)
{
	struct str bytes;
	uint32_t verb;
	int len;

	reader->at++;
	reader->is_good_index = true;
	if (ascii_is_alpha(peek(reader)))
		return print_bare(reader);
	read_flags(reader);
	read_width(reader);
	read_precision(reader);
	if (!reader->was_index)
		read_index(reader);
	if (reader->at >= reader->format.len) {
		write_text(reader, "%!(NOVERB)");
		return true;
	}
	bytes = (struct str){ .data = reader->format.data + reader->at,
		.len = reader->format.len - reader->at };
	len = utf8_decode(bytes, &verb);
	assert(len > 0);
	bytes.len = (size_t)len;
	reader->at += bytes.len;
	return print_verb(reader, bytes, verb);
}

static bool print_extra(struct reader *reader)
{
	if (reader->is_reordered || reader->next >= reader->count)
		return true;
	write_text(reader, "%!(EXTRA ");
	reader->printer.spec = (struct sprintf_spec){ 0 };
	for (size_t i = reader->next; i < reader->count; i++) {
		write_text(reader, i > reader->next ? ", " : "");
		write_text(reader, rego_sprintf_type(&reader->operands[i]));
		write_text(reader, "=");
		if (!rego_sprintf_print(&reader->printer, &reader->operands[i], 'v'))
			return false;
	}
	write_text(reader, ")");
	return true;
}

static bool print_all(struct reader *reader)
{
	while (reader->at < reader->format.len) {
		const char *start = reader->format.data + reader->at;
		const char *percent = memchr(start, '%', reader->format.len - reader->at);
		size_t plain = percent ? (size_t)(percent - start) : reader->format.len - reader->at;

		rego_text_add(&reader->printer.out, start, plain);
		reader->at += plain;
		if (!rego_spend(reader->printer.call->budget, plain / 64 + 1))
			return false;
		if (percent && !read_verb(reader))
			return false;
	}
	return print_extra(reader);
}

enum rego_answer rego_do_sprintf(struct rego_call *call)
{
	const struct json *values = call->operands[1];
	struct reader reader = { .printer = { .call = call, .out = REGO_TEXT_INIT(call->arena) } };
	struct sprintf_operand *operands;

	if (!rego_take_string(call, 0, &reader.format) || !rego_take(call, 1, JSON_ARRAY))
		return rego_failed(call);
	/* There are as many values in memory already, and each is written before it is read. */
	operands = arena_alloc_raw(call->arena, (values->array.count + 1) * sizeof(*operands));
	if (!operands || !rego_spend(call->budget, values->array.count + 1))
		return rego_stopped(call);
	for (size_t i = 0; i < values->array.count; i++) {
		if (!read_operand(call, values->array.items[i], &operands[i]))
			return rego_stopped(call);
	}
	reader.operands = operands;
	reader.count = values->array.count;
	return print_all(&reader) ? rego_give_text(call, &reader.printer.out) : rego_stopped(call);
}
