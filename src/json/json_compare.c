// SPDX-License-Identifier: Apache-2.0
/*
 * json_compare.c - the total order of values
 *
 * Numbers are what needs care: 1, 1.0 and 1e0 are one value, and nobody may make us compute 10^1000000000 to
 * see that. So a number is taken apart where it stands, into its digits from the first that is not 0 and the
 * place of that digit; places are compared before digits are. A place is a small number that the text's
 * length bounds, plus the exponent, which may have any number of digits; only the difference of two exponents
 * is needed, and of that no more than whether it is larger than every text is long.
 *
 * Walks recurse as far as JSON_DEPTH_MAX and no further (json.h).
 */
#include "json/json_internal.h"

/* ---- numbers ---- */

struct decimal {
	bool is_negative;
	/* with a point among them, from the first that is not 0; empty for 0 */
	struct str digits;
	int64_t place;			/* of the first digit, 0 for units, before the exponent counts */
	bool exponent_is_negative;
	struct str exponent;		/* digits, or empty */
};

static int compare_int64(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static struct str behind(struct str s, size_t len)
{
	return (struct str){ .data = s.data + len, .len = s.len - len };
}

static void take_exponent(struct str text, struct decimal *number)
{
	if (text.len && (text.data[0] == '+' || text.data[0] == '-')) {
		number->exponent_is_negative = text.data[0] == '-';
		text = behind(text, 1);
	}
	number->exponent = text;
}

/* @text is a number as JSON writes it. */
static struct decimal take_apart(struct str text)
{
	struct decimal number = { .is_negative = text.data[0] == '-' };
	size_t point, end = 0, first = 0;

	text = behind(text, number.is_negative);
	while (end < text.len && (text.data[end] | 32) != 'e')
		end++;
	if (end < text.len)
		take_exponent(behind(text, end + 1), &number);
	for (point = 0; point < end && text.data[point] != '.';)
		point++;
	while (first < end && (text.data[first] == '0' || text.data[first] == '.'))
		first++;
	number.digits = (struct str){ .data = text.data + first, .len = end - first };
	/* The point itself stands between the places 0 and -1. */
	number.place = (int64_t)point - (int64_t)first - (first < point);
	return number;
}

static int next_digit(struct str *digits)
{
	int digit;

	if (digits->len && digits->data[0] == '.')
		*digits = behind(*digits, 1);
	if (!digits->len)
		return 0;
	digit = digits->data[0] - '0';
	*digits = behind(*digits, 1);
	return digit;
}

static int compare_digits(struct str a, struct str b)
{
	while (a.len || b.len) {
		int x = next_digit(&a), y = next_digit(&b);

		if (x != y)
			return x - y;
	}
	return 0;
}

/* The digit with @weight others behind it. */
static int64_t digit_of(struct str digits, size_t weight)
{
	return weight < digits.len ? digits.data[digits.len - 1 - weight] - '0' : 0;
}

/*
 * The difference of two exponents, exact as far as it is small: past @FAR no later digit can change its sign
 * or bring it back.
 */
static int64_t exponents_apart(const struct decimal *a, const struct decimal *b)
{
	const int64_t FAR = INT64_C(1) << 50;
	int64_t apart = 0;

	for (size_t weight = MAX(a->exponent.len, b->exponent.len); weight-- > 0;) {
		int64_t x = digit_of(a->exponent, weight), y = digit_of(b->exponent, weight);

		apart = apart * 10 + (a->exponent_is_negative ? -x : x) - (b->exponent_is_negative ? -y : y);
		apart = MAX(MIN(apart, FAR), -FAR);
	}
	return apart;
}

static int compare_decimals(const struct decimal *a, const struct decimal *b)
{
	int sign_a = !a->digits.len ? 0 : a->is_negative ? -1 : 1;
	int sign_b = !b->digits.len ? 0 : b->is_negative ? -1 : 1;
	int r;

	if (sign_a != sign_b || !sign_a)
		return sign_a - sign_b;
	r = compare_int64(a->place + exponents_apart(a, b), b->place);
	if (!r)
		r = compare_digits(a->digits, b->digits);
	return sign_a < 0 ? -r : r;
}

static int compare_numbers(const struct json *a, const struct json *b)
{
	char room_a[JSON_INT_TEXT_MAX], room_b[JSON_INT_TEXT_MAX];
	struct decimal left, right;

	if (a->type == JSON_INT && b->type == JSON_INT)
		return compare_int64(a->integer, b->integer);
	left = take_apart(a->type == JSON_INT ? json_int_text(a->integer, room_a) : a->text);
	right = take_apart(b->type == JSON_INT ? json_int_text(b->integer, room_b) : b->text);
	return compare_decimals(&left, &right);
}

/* ---- order ---- */

static int compare_counts(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_items(const struct json *a, const struct json *b)
{
	size_t count = MIN(a->array.count, b->array.count);

	for (size_t i = 0; i < count; i++) {
		int r = json_compare(a->array.items[i], b->array.items[i]);

		if (r)
			return r;
	}
	return compare_counts(a->array.count, b->array.count);
}

static int compare_members(const struct json *a, const struct json *b)
{
	size_t count = MIN(a->object.count, b->object.count);

	for (size_t i = 0; i < count; i++) {
		const struct json_member *left = &a->object.members[i], *right = &b->object.members[i];
		int r = json_compare(left->key, right->key);

		if (!r)
			r = json_compare(left->value, right->value);
		if (r)
			return r;
	}
	return compare_counts(a->object.count, b->object.count);
}

/* Integers and other numbers are one kind. */
static int kind_of(const struct json *value)
{
	return value->type == JSON_INT ? JSON_NUMBER : value->type;
}

/* Most texts differ, and most of these in their first byte. */
static inline int compare_texts(struct str a, struct str b)
{
	int r = a.len && b.len ? (unsigned char)a.data[0] - (unsigned char)b.data[0] : 0;

	return r ? r : str_compare(a, b);
}

int json_compare_slow(const struct json *a, const struct json *b)
{
	int r;

	if (a->type == JSON_STRING && b->type == JSON_STRING)
		return compare_texts(a->text, b->text);
	r = kind_of(a) - kind_of(b);
	if (r)
		return r;
	switch (a->type) {
	case JSON_NULL:
		break;
	case JSON_BOOL:
		return a->boolean - b->boolean;
	case JSON_INT:
	case JSON_NUMBER:
		return compare_numbers(a, b);
	case JSON_STRING:
		return compare_texts(a->text, b->text);
	case JSON_ARRAY:
	case JSON_SET:
		return compare_items(a, b);
	case JSON_OBJECT:
		return compare_members(a, b);
	}
	return 0;
}

/* ---- equality: sizes tell most values apart before anything is looked at ---- */

static bool items_equal(const struct json *a, const struct json *b)
{
	if (a->array.count != b->array.count)
		return false;
	for (size_t i = 0; i < a->array.count; i++)
		if (!json_equal(a->array.items[i], b->array.items[i]))
			return false;
	return true;
}

static bool members_equal(const struct json *a, const struct json *b)
{
	if (a->object.count != b->object.count)
		return false;
	for (size_t i = 0; i < a->object.count; i++) {
		const struct json_member *left = &a->object.members[i], *right = &b->object.members[i];

		if (!json_equal(left->key, right->key) || !json_equal(left->value, right->value))
			return false;
	}
	return true;
}

bool json_equal_slow(const struct json *a, const struct json *b)
{
	if (kind_of(a) != kind_of(b) || a->height != b->height)
		return false;
	if (a->type == JSON_ARRAY || a->type == JSON_SET)
		return items_equal(a, b);
	if (a->type == JSON_OBJECT)
		return members_equal(a, b);
	return !json_compare_slow(a, b);
}
