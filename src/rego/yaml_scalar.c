// SPDX-License-Identifier: Apache-2.0
/*
 * yaml_scalar.c - what a plain scalar of YAML means
 *
 * Numbers may be decimal, 0x, 0o, 0b, or octal with a zero in front, with underscores and a sign; what JSON
 * writes otherwise is rewritten (.5, 1., +1). Everything that is nothing else is a string; dates are strings.
 */
#include "rego/yaml.h"

static bool is_one_of(struct str text, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(text, str_from(names[i])))
			return true;
	return false;
}

static bool is_null(struct str text)
{
	static const char *const names[] = { "", "~", "null", "Null", "NULL" };

	return is_one_of(text, names, ARRAY_SIZE(names));
}

static bool is_true(struct str text)
{
	static const char *const names[] = { "true", "True", "TRUE" };

	return is_one_of(text, names, ARRAY_SIZE(names));
}

static bool is_false(struct str text)
{
	static const char *const names[] = { "false", "False", "FALSE" };

	return is_one_of(text, names, ARRAY_SIZE(names));
}

/* .inf and .nan are numbers, but no number that JSON knows. */
bool rego_yaml_is_no_json(struct str text)
{
	static const char *const names[] = { ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN" };

	if (text.len && (*text.data == '-' || *text.data == '+'))
		text = (struct str){ .data = text.data + 1, .len = text.len - 1 };
	return is_one_of(text, names, ARRAY_SIZE(names));
}

static int digit_value(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Digits of a base, with underscores between them; false where there are others, none, or too many. */
static bool read_digits(struct str text, uint64_t base, uint64_t *ret)
{
	uint64_t value = 0;
	bool has_digit = false;

	for (size_t i = 0; i < text.len; i++) {
		uint64_t digit = (uint64_t)digit_value(text.data[i]);

		if (text.data[i] == '_')
			continue;
		if (digit >= base || value > ((uint64_t)INT64_MAX - digit) / base)
			return false;
		value = value * base + digit;
		has_digit = true;
	}
	*ret = value;
	return has_digit;
}

/* 0x1f, 0o17, 0b1, 017 */
static bool read_prefixed(struct str digits, uint64_t *ret)
{
	static const struct {
		char letter;
		uint64_t base;
	} prefixes[] = { { 'x', 16 }, { 'o', 8 }, { 'b', 2 } };

	if (digits.len < 2 || *digits.data != '0')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (digits.data[1] == prefixes[i].letter)
			return read_digits((struct str){ .data = digits.data + 2, .len = digits.len - 2 },
				prefixes[i].base, ret);
	return read_digits(digits, 8, ret);
}

/* Decimal digits from *@at on are added to @buf without underscores; Return: whether there were any */
static bool take_digits(struct str text, size_t *at, struct buf *buf)
{
	size_t count = 0;

	for (; *at < text.len && (ascii_is_digit(text.data[*at]) || (count && text.data[*at] == '_'));
			++*at) {
		if (text.data[*at] == '_')
			continue;
		buf_append_char(buf, text.data[*at]);
		count++;
	}
	return count;
}

/* The JSON text of a decimal number without its sign; false where it is none. */
static bool write_decimal(struct str text, struct buf *buf)
{
	bool has_whole, has_fraction = false;
	size_t at = 0;

	while (at + 1 < text.len && text.data[at] == '0' && ascii_is_digit(text.data[at + 1]))
		at++;
	has_whole = take_digits(text, &at, buf);
	if (!has_whole)
		buf_append_char(buf, '0');
	if (at < text.len && text.data[at] == '.') {
		at++;
		buf_append_char(buf, '.');
		has_fraction = take_digits(text, &at, buf);
		if (!has_fraction)
			buf_append_char(buf, '0');
	}
	if (!has_whole && !has_fraction)
		return false;
	if (at < text.len && ascii_lower(text.data[at]) == 'e') {
		buf_append_char(buf, 'e');
		at++;
		if (at < text.len && (text.data[at] == '-' || text.data[at] == '+'))
			buf_append_char(buf, text.data[at++]);
		if (!take_digits(text, &at, buf))
			return false;
	}
	return at == text.len;
}

/* The number that a text is, or NULL with *@is_number unset where it is none. */
static const struct json *read_number(struct arena *arena, struct str text, bool *is_number)
{
	scoped(buf) struct buf buf = BUF_INIT(text.len + 8);
	bool is_negative = str_starts_with(text, STR("-")),
		has_sign = is_negative || str_starts_with(text, STR("+"));
	struct str digits = { .data = text.data + has_sign, .len = text.len - has_sign };
	uint64_t value;

	*is_number = true;
	if (read_prefixed(digits, &value))
		return json_new_int(arena, is_negative ? -(int64_t)value : (int64_t)value);
	if (is_negative)
		buf_append_char(&buf, '-');
	*is_number = write_decimal(digits, &buf);
	if (!*is_number || buf_failed(&buf))
		return NULL;
	return json_new_number(arena, (struct str){ .data = buf.data, .len = buf.len });
}

const struct json *rego_yaml_scalar(struct arena *arena, struct str text)
{
	const struct json *number;
	bool is_number;

	if (is_null(text))
		return json_new_null(arena);
	if (is_true(text) || is_false(text))
		return json_new_bool(arena, is_true(text));
	if (rego_yaml_is_no_json(text))
		return NULL;
	number = read_number(arena, text, &is_number);
	return is_number ? number : json_new_string(arena, text);
}
