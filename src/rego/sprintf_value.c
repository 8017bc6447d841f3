// SPDX-License-Identifier: Apache-2.0
/*
 * sprintf_value.c - integers and texts for the verbs of sprintf
 *
 * Go prints an int and a big integer by two printers that do not quite agree: only an int can be a character
 * (%c %q %U) and has as many zeros as the width says without its prefix; only a big one goes with %s, and is
 * no padding either where a precision of 0 makes it nothing.
 */
#include "rego/sprintf.h"

#include "base/utf8.h"

#include <stdio.h>

enum {
	POINT_MAX = 0x10ffff,
	REPLACEMENT = 0xfffd,
	ESCAPE_SIZE = 16,
};

/* ---- padding ---- */

static size_t count_points(struct str text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	return count;
}

static size_t missing(const struct sprintf_spec *spec, size_t width)
{
	return spec->has_width && spec->width > width ? spec->width - width : 0;
}

static void pad_with(struct sprintf_printer *printer, struct str text, char left)
{
	size_t padding = printer->spec.has_width ? missing(&printer->spec, count_points(text)) : 0;

	if (!printer->spec.minus)
		rego_text_add_repeated(&printer->out, left, padding);
	rego_text_add_str(&printer->out, text);
	if (printer->spec.minus)
		rego_text_add_repeated(&printer->out, ' ', padding);
}

void rego_sprintf_pad(struct sprintf_printer *printer, struct str text)
{
	pad_with(printer, text, printer->spec.zero ? '0' : ' ');
}

/* ---- integers ---- */

static unsigned base_of(char verb)
{
	switch (verb) {
	case 'b':
		return 2;
	case 'o':
	case 'O':
		return 8;
	case 'x':
	case 'X':
		return 16;
	default:
		return 10;
	}
}

static const char *prefix_of(const struct sprintf_spec *spec, char verb)
{
	if (verb == 'O')
		return "0o";
	if (!spec->sharp)
		return "";
	switch (verb) {
	case 'b':
		return "0b";
	case 'o':
		return "0";
	case 'x':
		return "0x";
	case 'X':
		return "0X";
	default:
		return "";
	}
}

/* Zeros between the prefix and the digits: for a precision, or for a width that is padded with them. */
static size_t zeros_of(const struct sprintf_spec *spec, size_t digits, size_t in_front)
{
	if (spec->has_precision)
		return spec->precision > digits ? spec->precision - digits : 0;
	return spec->zero && !spec->minus ? missing(spec, digits + in_front) : 0;
}

static bool print_integer(struct sprintf_printer *printer, struct rego_int value, char verb, bool is_big)
{
	const struct sprintf_spec *spec = &printer->spec;
	const char *sign = value.is_negative ? "-" : spec->plus ? "+" : spec->space ? " " : "";
	const char *prefix = prefix_of(spec, verb);
	struct rego_text text = REGO_TEXT_INIT(printer->call->arena);
	struct str digits;
	size_t zeros;

	if (spec->has_precision && spec->precision == 0 && value.count == 0) {
		if (!is_big)
			pad_with(printer, (struct str){ .data = "" }, ' ');
		return true;
	}
	value.is_negative = false;
	if (!rego_int_text(printer->call, value, base_of(verb), &digits))
		return false;
	zeros = zeros_of(spec, digits.len, strlen(sign) + (is_big ? strlen(prefix) : 0));
	rego_text_add_text(&text, sign);
	/* the 0 of an octal int may be one of the others */
	if (is_big || verb != 'o' || (zeros == 0 && value.count > 0))
		rego_text_add_text(&text, prefix);
	rego_text_add_repeated(&text, '0', zeros);
	for (size_t i = 0; i < digits.len; i++) {
		bool is_large = verb == 'X' && ascii_is_alpha(digits.data[i]);

		rego_text_add_char(&text, (char)(digits.data[i] - (is_large ? 'a' - 'A' : 0)));
	}
	if (!rego_text_end(&text, &digits))
		return false;
	pad_with(printer, digits, ' ');
	return true;
}

/* ---- characters ---- */

static uint32_t point_of(int64_t integer)
{
	bool is_point = integer >= 0 && integer <= POINT_MAX && (integer < 0xd800 || integer > 0xdfff);

	return is_point ? (uint32_t)integer : REPLACEMENT;
}

/* One code point between quotes as Go writes it: as it is, or escaped. */
static void add_point(struct rego_text *text, uint32_t point, char quote, bool is_ascii)
{
	static const char letters[] = {
		['\a'] = 'a', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\v'] = 'v', ['\f'] = 'f',
		['\r'] = 'r', ['\\'] = '\\',
	};
	char bytes[ESCAPE_SIZE];
	size_t len;

	if (point == (unsigned char)quote)
		len = (size_t)snprintf(bytes, sizeof(bytes), "\\%c", quote);
	else if (point < sizeof(letters) && letters[point])
		len = (size_t)snprintf(bytes, sizeof(bytes), "\\%c", letters[point]);
	else if (utf8_is_printable(point) && (point < 0x80 || !is_ascii))
		len = utf8_encode(point, bytes);
	else if (point < 0x80)
		len = (size_t)snprintf(bytes, sizeof(bytes), "\\x%02x", point);
	else
		len = (size_t)snprintf(bytes, sizeof(bytes), point < 0x10000 ? "\\u%04x" : "\\U%08x", point);
	rego_text_add(text, bytes, len);
}

static bool print_character(struct sprintf_printer *printer, int64_t integer, bool is_quoted)
{
	struct rego_text text = REGO_TEXT_INIT(printer->call->arena);
	char bytes[4];
	struct str str;

	if (is_quoted) {
		rego_text_add_char(&text, '\'');
		add_point(&text, point_of(integer), '\'', printer->spec.plus);
		rego_text_add_char(&text, '\'');
	} else {
		rego_text_add(&text, bytes, utf8_encode(point_of(integer), bytes));
	}
	if (!rego_text_end(&text, &str))
		return false;
	rego_sprintf_pad(printer, str);
	return true;
}

/* U+0041, and with # the character behind it. A negative integer counts as the 64 bits that it is. */
static bool print_unicode(struct sprintf_printer *printer, int64_t integer)
{
	const struct sprintf_spec *spec = &printer->spec;
	int digits = spec->has_precision && spec->precision > 4 ? (int)spec->precision : 4;
	char *number = arena_printf(printer->call->arena, "U+%0*llX", digits, (unsigned long long)integer);
	struct rego_text text = REGO_TEXT_INIT(printer->call->arena);
	char bytes[4];
	struct str str;

	rego_text_add_text(&text, number ? number : "");
	if (spec->sharp && integer >= 0 && integer <= POINT_MAX && utf8_is_printable(point_of(integer))) {
		rego_text_add_text(&text, " '");
		rego_text_add(&text, bytes, utf8_encode(point_of(integer), bytes));
		rego_text_add_char(&text, '\'');
	}
	if (!number || !rego_text_end(&text, &str))
		return false;
	pad_with(printer, str, ' ');
	return true;
}

/* ---- texts ---- */

static struct str cut(const struct sprintf_spec *spec, struct str text)
{
	size_t left = spec->precision;

	if (!spec->has_precision)
		return text;
	for (size_t i = 0; i < text.len; i++) {
		if (((unsigned char)text.data[i] & 0xc0) != 0x80 && left-- == 0)
			return (struct str){ .data = text.data, .len = i };
	}
	return text;
}

/* Whether nothing in a text needs an escape between backquotes. */
static bool can_be_raw(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if ((c < ' ' && c != '\t') || c == '`' || c == 0x7f)
			return false;
	}
	return !memmem(text.data, text.len, "\xef\xbb\xbf", 3);
}

static bool print_quoted(struct sprintf_printer *printer, struct str rest)
{
	struct rego_text text = REGO_TEXT_INIT(printer->call->arena);
	bool is_raw = printer->spec.sharp;
	struct str str;

	rest = cut(&printer->spec, rest);
	is_raw = is_raw && can_be_raw(rest);
	rego_text_add_char(&text, is_raw ? '`' : '"');
	if (is_raw)
		rego_text_add_str(&text, rest);
	while (!is_raw && rest.len > 0) {
		uint32_t point;
		int len = utf8_decode(rest, &point);

		assert(len > 0);
		add_point(&text, point, '"', printer->spec.plus);
		rest = (struct str){ .data = rest.data + len, .len = rest.len - (size_t)len };
	}
	rego_text_add_char(&text, is_raw ? '`' : '"');
	if (!rego_text_end(&text, &str))
		return false;
	rego_sprintf_pad(printer, str);
	return true;
}

/* The bytes in hexadecimal: with a space between them, with 0x in front of all or of each. */
static bool print_bytes(struct sprintf_printer *printer, struct str bytes, bool is_upper)
{
	const struct sprintf_spec *spec = &printer->spec;
	const char *digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
	struct rego_text text = REGO_TEXT_INIT(printer->call->arena);
	struct str str;

	if (spec->has_precision)
		bytes.len = MIN(bytes.len, spec->precision);
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.data[i];

		if (spec->space && i > 0)
			rego_text_add_char(&text, ' ');
		if (spec->sharp && (spec->space || i == 0))
			rego_text_add_text(&text, is_upper ? "0X" : "0x");
		rego_text_add_char(&text, digits[c >> 4]);
		rego_text_add_char(&text, digits[c & 15]);
	}
	if (!rego_text_end(&text, &str))
		return false;
	rego_sprintf_pad(printer, str);
	return true;
}

/* ---- verbs ---- */

const char *rego_sprintf_type(const struct sprintf_operand *operand)
{
	static const char *const names[] = {
		[SPRINTF_INT] = "int", [SPRINTF_BIG] = "*big.Int", [SPRINTF_DOUBLE] = "float64",
		[SPRINTF_TEXT] = "string",
	};

	return names[operand->kind];
}

/* %!z(int=5): the verb, what it was given, and that as %v prints it. */
static bool bad_verb(struct sprintf_printer *printer, const struct sprintf_operand *operand, uint32_t verb)
{
	bool is_big = operand->kind == SPRINTF_BIG;
	char bytes[4];

	rego_text_add_text(&printer->out, "%!");
	rego_text_add(&printer->out, bytes, utf8_encode(verb, bytes));
	rego_text_add_char(&printer->out, '(');
	rego_text_add_text(&printer->out, is_big ? "big.Int" : rego_sprintf_type(operand));
	rego_text_add_char(&printer->out, '=');
	if (is_big)
		printer->spec = (struct sprintf_spec){ 0 };
	if (!rego_sprintf_print(printer, operand, 'v'))
		return false;
	rego_text_add_char(&printer->out, ')');
	return true;
}

/* Nothing is asked for but the digits. */
static bool is_plain(const struct sprintf_spec *spec)
{
	return !spec->has_width && !spec->has_precision && !spec->plus && !spec->space;
}

static bool print_int(struct sprintf_printer *printer, const struct sprintf_operand *operand, uint32_t verb)
{
	struct rego_int value;

	if ((verb == 'v' || verb == 'd') && is_plain(&printer->spec)) {
		rego_text_add_int(&printer->out, operand->integer, 0);
		return true;
	}
	switch (verb) {
	case 'v':
	case 'd':
	case 'b':
	case 'o':
	case 'O':
	case 'x':
	case 'X':
		return rego_int_of(printer->call, operand->integer, &value) &&
			print_integer(printer, value, (char)verb, false);
	case 'c':
	case 'q':
		return print_character(printer, operand->integer, verb == 'q');
	case 'U':
		return print_unicode(printer, operand->integer);
	default:
		return bad_verb(printer, operand, verb);
	}
}

static bool print_big(struct sprintf_printer *printer, const struct sprintf_operand *operand, uint32_t verb)
{
	if (verb == 0 || verb > 'x' || !strchr("bdoOsvxX", (int)verb))
		return bad_verb(printer, operand, verb);
	return print_integer(printer, operand->big, (char)verb, true);
}

static bool print_double(struct sprintf_printer *printer, const struct sprintf_operand *operand,
	uint32_t verb)
{
	if (verb == 0 || verb > 'x' || !strchr("bveEfFgGxX", (int)verb))
		return bad_verb(printer, operand, verb);
	return rego_sprintf_double(printer, operand->real, (char)verb);
}

static bool print_text(struct sprintf_printer *printer, const struct sprintf_operand *operand, uint32_t verb)
{
	if (verb == 'q' || (verb == 'v' && printer->spec.is_go_text))
		return print_quoted(printer, operand->text);
	if (verb == 'x' || verb == 'X')
		return print_bytes(printer, operand->text, verb == 'X');
	if (verb != 's' && verb != 'v')
		return bad_verb(printer, operand, verb);
	rego_sprintf_pad(printer, cut(&printer->spec, operand->text));
	return true;
}

bool rego_sprintf_print(struct sprintf_printer *printer, const struct sprintf_operand *operand, uint32_t verb)
{
	if (!rego_spend(printer->call->budget, printer->spec.width / 64 + printer->spec.precision / 64 + 1))
		return false;
	if (verb == 'T') {
		rego_sprintf_pad(printer, cut(&printer->spec, str_from(rego_sprintf_type(operand))));
		return true;
	}
	switch (operand->kind) {
	case SPRINTF_INT:
		return print_int(printer, operand, verb);
	case SPRINTF_BIG:
		return print_big(printer, operand, verb);
	case SPRINTF_DOUBLE:
		return print_double(printer, operand, verb);
	case SPRINTF_TEXT:
	default:
		return print_text(printer, operand, verb);
	}
}
