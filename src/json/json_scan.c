// SPDX-License-Identifier: Apache-2.0
/*
 * json_scan.c - tokens
 *
 * Strings are decoded in place in the scanner's own copy of the text: an escape is never shorter than what it
 * stands for, and the closing quote becomes the NUL that ends every string. Up to the first escape nothing
 * moves.
 */
#include "json/json_scan.h"

#include "base/quote.h"
#include "base/utf8.h"

#include "json/json_internal.h"

#include <errno.h>

enum {
	FOUND_MAX_BYTES = 24,		/* of a word, as quoted in an error */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- errors ---- */

static bool is_word(char c)
{
	return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* The word, or else the one character, that @at stands on. */
static struct str found(const struct json_scan *scan, const char *at)
{
	struct str rest = { .data = at, .len = (size_t)(scan->end - at) };
	uint32_t point;
	size_t len = 0;
	int n;

	while (len < MIN(rest.len, (size_t)FOUND_MAX_BYTES) && is_word(at[len]))
		len++;
	if (!len) {
		n = utf8_decode(rest, &point);
		len = n < 0 ? 1 : (size_t)n;
	}
	return (struct str){ .data = at, .len = len };
}

int json_scan_expected(struct json_scan *scan, const char *at, const char *what)
{
	if (at == scan->end)
		return error_set(scan->err, -EBADMSG, "%u:%u: expected %s, found the end of the text",
			scan->line, json_scan_column(scan, at), what);
	return error_set(scan->err, -EBADMSG, "%u:%u: expected %s, found '%s'", scan->line,
		json_scan_column(scan, at), what, quote_text(found(scan, at)).text);
}

int json_scan_full(struct json_scan *scan)
{
	return error_set(scan->err, -EMSGSIZE,
		"%u:%u: expected a smaller document: it needs more than the %zu bytes there are",
		scan->line, json_scan_column(scan, scan->at), scan->arena->limit_bytes);
}

/* ---- space and comments ---- */

/* Passes a run of multibyte sequences. */
static int skip_multibyte(struct json_scan *scan)
{
	do {
		struct str rest = { .data = scan->at, .len = (size_t)(scan->end - scan->at) };
		uint32_t point;
		int n = utf8_decode(rest, &point);

		if (n < 0)
			return json_scan_expected(scan, scan->at, "UTF-8");
		scan->at += n;
	} while (*scan->at & 0x80);
	return 0;
}

/* One byte of a comment, or a run of multibyte sequences. */
static int pass(struct json_scan *scan)
{
	if (*scan->at & 0x80)
		return skip_multibyte(scan);
	scan->at++;
	return 0;
}

/* Leaves the newline to json_scan_space(), which counts lines. */
static int skip_line_comment(struct json_scan *scan)
{
	int r = 0;

	while (r >= 0 && scan->at < scan->end && *scan->at != '\n')
		r = pass(scan);
	return r;
}

static int skip_block_comment(struct json_scan *scan)
{
	uint32_t line = scan->line, column = json_scan_column(scan, scan->at);

	scan->at += 2;
	while (scan->at < scan->end) {
		int r;

		if (scan->at[0] == '*' && scan->at[1] == '/') {
			scan->at += 2;
			return 0;
		}
		if (*scan->at == '\n') {
			scan->line++;
			scan->line_start = scan->at + 1;
		}
		r = pass(scan);
		if (r < 0)
			return r;
	}
	return error_set(scan->err, -EBADMSG, "%u:%u: expected '*/' to end the comment that begins here",
		line, column);
}

static int skip_comment(struct json_scan *scan)
{
	if (scan->at[1] == '/')
		return skip_line_comment(scan);
	if (scan->at[1] == '*')
		return skip_block_comment(scan);
	return json_scan_expected(scan, scan->at + 1, "'/' or '*' to begin a comment");
}

int json_scan_space_slow(struct json_scan *scan)
{
	for (;;) {
		switch (*scan->at) {
		case ' ':
		case '\t':
		case '\r':
			scan->at++;
			break;
		case '\n':
			scan->line_start = ++scan->at;
			scan->line++;
			break;
		case '/': {
			int r = scan->jsonc ? skip_comment(scan) : 0;

			if (r < 0 || !scan->jsonc)
				return r;
			break;
		}
		default:
			return 0;
		}
	}
}

/* ---- strings ---- */

static int read_hex4(struct json_scan *scan, const char *at, uint32_t *ret)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)at[i], lower = c | 32;

		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if (lower >= 'a' && lower <= 'f')
			value = value << 4 | (lower - 'a' + 10u);
		else
			return json_scan_expected(scan, at + i, "four hexadecimal digits after '\\u'");
	}
	*ret = value;
	return 0;
}

/* Stands on the backslash of a \u escape; a pair of surrogates is one code point. */
static int read_unicode_escape(struct json_scan *scan, char **out)
{
	const char *start = scan->at;
	uint32_t point, low = 0;
	int r = read_hex4(scan, start + 2, &point);

	if (r < 0)
		return r;
	scan->at += 6;
	if (point >= 0xD800 && point <= 0xDBFF && scan->at[0] == '\\' && scan->at[1] == 'u') {
		r = read_hex4(scan, scan->at + 2, &low);
		if (r < 0)
			return r;
	}
	if (low >= 0xDC00 && low <= 0xDFFF) {
		point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
		scan->at += 6;
	} else if (point >= 0xD800 && point <= 0xDFFF) {
		return error_set(scan->err, -EBADMSG,
			"%u:%u: expected a pair of surrogates, found '%.6s' alone", scan->line,
			json_scan_column(scan, start), start);
	}
	*out += utf8_encode(point, *out);
	return 0;
}

static int read_escape(struct json_scan *scan, char **out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *known;

	if (scan->at[1] == 'u')
		return read_unicode_escape(scan, out);
	known = scan->at[1] ? strchr(from, scan->at[1]) : NULL;
	if (!known)
		return json_scan_expected(scan, scan->at + 1,
			"one of \" \\ / b f n r t u after the backslash");
	*(*out)++ = to[known - from];
	scan->at += 2;
	return 0;
}

static int bad_in_string(struct json_scan *scan, uint32_t column)
{
	if (scan->at == scan->end)
		return error_set(scan->err, -EBADMSG,
			"%u:%u: expected a quote to end the string that begins at %u:%u", scan->line,
			json_scan_column(scan, scan->at), scan->line, column);
	return json_scan_expected(scan, scan->at, "control characters in a string to be written as escapes");
}

/* Stands on the opening quote. Up to the first escape nothing moves. */
int json_scan_string(struct json_scan *scan, struct str *ret)
{
	uint32_t column = json_scan_column(scan, scan->at);
	char *text = ++scan->at, *out = text;

	for (;;) {
		char *run = scan->at;
		int r = 0;

		scan->at += json_plain_run(scan->at, scan->end);
		if (*scan->at & 0x80)
			r = skip_multibyte(scan);
		if (r < 0)
			return r;
		if (out != run)
			memmove(out, run, (size_t)(scan->at - run));
		out += scan->at - run;
		if (*scan->at == '"')
			break;
		if (*scan->at == '\\')
			r = read_escape(scan, &out);
		else if ((unsigned char)*scan->at < 0x20)
			r = bad_in_string(scan, column);
		if (r < 0)
			return r;
	}
	*out = '\0';
	scan->at++;
	*ret = (struct str){ .data = text, .len = (size_t)(out - text) };
	return 0;
}

/* ---- numbers and words ---- */

static int skip_digits(struct json_scan *scan, const char *what)
{
	if (!is_digit(*scan->at))
		return json_scan_expected(scan, scan->at, what);
	while (is_digit(*scan->at))
		scan->at++;
	return 0;
}

/* Whether @text, an integer by its grammar, is one that an int64_t holds. "-0" is not the integer 0. */
static bool to_integer(struct str text, int64_t *ret)
{
	bool negative = text.data[0] == '-';
	int64_t value = 0;

	if (str_eq(text, STR("-0")))
		return false;
	for (size_t i = negative; i < text.len; i++) {
		int64_t digit = text.data[i] - '0';

		if (__builtin_mul_overflow(value, 10, &value) ||
				__builtin_add_overflow(value, negative ? -digit : digit, &value))
			return false;
	}
	*ret = value;
	return true;
}

static int skip_fraction_and_exponent(struct json_scan *scan)
{
	int r = 0;

	if (*scan->at == '.') {
		scan->at++;
		r = skip_digits(scan, "a digit after the decimal point");
	}
	if (r < 0 || (*scan->at | 32) != 'e')
		return r;
	scan->at++;
	if (*scan->at == '+' || *scan->at == '-')
		scan->at++;
	return skip_digits(scan, "a digit in the exponent");
}

int json_scan_digits(struct json_scan *scan, struct json *value)
{
	struct str text = { .data = scan->at };
	char *digits;
	int r;

	if (*scan->at == '-')
		scan->at++;
	digits = scan->at;
	r = skip_digits(scan, "a digit after the minus sign");
	if (r < 0)
		return r;
	if (*digits == '0' && scan->at > digits + 1)
		return json_scan_expected(scan, digits, "a number without a leading zero");
	text.len = (size_t)(scan->at - text.data);
	if (*scan->at != '.' && (*scan->at | 32) != 'e' && to_integer(text, &value->integer)) {
		value->type = JSON_INT;
		return 0;
	}
	r = skip_fraction_and_exponent(scan);
	if (r < 0)
		return r;
	text.len = (size_t)(scan->at - text.data);
	value->type = JSON_NUMBER;
	value->text = text;
	return 0;
}

int json_scan_number(struct json_scan *scan, struct json *value)
{
	int r = json_scan_digits(scan, value);

	if (r < 0 || value->type == JSON_INT)
		return r;
	value->text.data = arena_copy(scan->arena, value->text.data, value->text.len);
	return value->text.data ? 0 : json_scan_full(scan);
}

int json_scan_word(struct json_scan *scan, struct str word, const char *what)
{
	if (!str_starts_with((struct str){ .data = scan->at, .len = (size_t)(scan->end - scan->at) },
			word))
		return json_scan_expected(scan, scan->at, what);
	scan->at += word.len;
	return 0;
}
