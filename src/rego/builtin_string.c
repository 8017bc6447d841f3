// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_string.c - looking into strings, cutting at their ends, changing their letters
 *
 * Policies count in code points, and the texts are valid UTF-8. So a match of bytes is a match of code
 * points, wherever it begins, and only positions have to be counted: a code point is a byte that continues no
 * other.
 *
 * Source: the functions are those of Go's package strings; letters change by the simple mappings of Unicode,
 * one code point for one.
 */
#include "base/utf8.h"
#include "rego/builtin_table.h"
#include "rego/number.h"
#include "rego/text.h"

#include <utf8proc.h>

/* ---- what all of them do ---- */

static bool take_two(struct rego_call *call, struct str *ret_a, struct str *ret_b)
{
	return rego_take_string(call, 0, ret_a) && rego_take_string(call, 1, ret_b);
}

static bool spend_bytes(struct rego_call *call, size_t count)
{
	return rego_spend(call->budget, count / 64 + 1);
}

static enum rego_answer give_bool(struct rego_call *call, bool value)
{
	return rego_give(call, json_new_bool(call->arena, value));
}

static enum rego_answer give_count(struct rego_call *call, size_t count)
{
	return rego_give(call, json_new_int(call->arena, (int64_t)count));
}

/* A part of the first operand, which is given as it is where nothing was cut off. */
static enum rego_answer give_part(struct rego_call *call, struct str part)
{
	if (part.len == call->operands[0]->text.len)
		return rego_give(call, call->operands[0]);
	return rego_give(call, json_new_string(call->arena, part));
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t count_points(struct str text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += !is_continuation(text.data[i]);
	return count;
}

/* Behind so many code points, or behind the last one. */
static size_t offset_of(struct str text, uint64_t points)
{
	size_t at = 0;

	for (; at < text.len; at++) {
		if (!is_continuation(text.data[at]) && points-- == 0)
			break;
	}
	return at;
}

static struct str from(struct str text, size_t offset)
{
	return (struct str){ .data = text.data + offset, .len = text.len - offset };
}

/* Where @wanted begins, or SIZE_MAX. */
static size_t find(struct str text, struct str wanted)
{
	const char *found = memmem(text.data, text.len, wanted.data, wanted.len);

	return found ? (size_t)(found - text.data) : SIZE_MAX;
}

/* ---- looking ---- */

enum rego_answer rego_do_contains(struct rego_call *call)
{
	struct str text, wanted;

	if (!take_two(call, &text, &wanted))
		return rego_failed(call);
	if (!spend_bytes(call, text.len))
		return rego_stopped(call);
	return give_bool(call, find(text, wanted) != SIZE_MAX);
}

enum rego_answer rego_do_startswith(struct rego_call *call)
{
	struct str text, prefix;

	if (!take_two(call, &text, &prefix))
		return rego_failed(call);
	return give_bool(call, str_starts_with(text, prefix));
}

enum rego_answer rego_do_endswith(struct rego_call *call)
{
	struct str text, suffix;

	if (!take_two(call, &text, &suffix))
		return rego_failed(call);
	return give_bool(call, str_ends_with(text, suffix));
}

enum rego_answer rego_do_indexof(struct rego_call *call)
{
	struct str text, wanted;
	size_t at;

	if (!take_two(call, &text, &wanted))
		return rego_failed(call);
	if (wanted.len == 0)
		return rego_fail(call, "empty search character");
	if (!spend_bytes(call, text.len))
		return rego_stopped(call);
	at = find(text, wanted);
	if (at == SIZE_MAX)
		return rego_give(call, json_new_int(call->arena, -1));
	return give_count(call, count_points((struct str){ .data = text.data, .len = at }));
}

/* Matches may overlap: the next one may begin one code point further. */
enum rego_answer rego_do_indexof_n(struct rego_call *call)
{
	struct json_array_builder builder;
	struct str text, wanted;
	size_t points = 0, at;

	if (!take_two(call, &text, &wanted))
		return rego_failed(call);
	if (wanted.len == 0)
		return rego_fail(call, "empty search character");
	json_array_begin(&builder, call->arena);
	while ((at = find(text, wanted)) != SIZE_MAX) {
		points += count_points((struct str){ .data = text.data, .len = at });
		json_array_add(&builder, json_new_int(call->arena, (int64_t)points++));
		text = from(text, at);
		text = from(text, offset_of(text, 1));
		/* Each search looks at all of @wanted first, and several times. */
		if (builder.failed || !spend_bytes(call, at + wanted.len * 8))
			return rego_stopped(call);
	}
	if (!spend_bytes(call, text.len))
		return rego_stopped(call);
	return rego_give(call, json_array_end(&builder));
}

/* Matches do not overlap; the empty string is in front of every code point, and behind the last. */
enum rego_answer rego_do_strings_count(struct rego_call *call)
{
	struct str text, wanted;
	size_t count = 0, at;

	if (!take_two(call, &text, &wanted))
		return rego_failed(call);
	if (!spend_bytes(call, text.len))
		return rego_stopped(call);
	if (wanted.len == 0)
		return give_count(call, count_points(text) + 1);
	for (; (at = find(text, wanted)) != SIZE_MAX; count++)
		text = from(text, at + wanted.len);
	return give_count(call, count);
}

/* ---- cutting ---- */

enum rego_answer rego_do_substring(struct rego_call *call)
{
	int64_t offset, length;
	struct str text;

	if (!rego_take_string(call, 0, &text) || !rego_take_int(call, 1, &offset) ||
			!rego_take_int(call, 2, &length))
		return rego_failed(call);
	if (offset < 0)
		return rego_fail(call, "negative offset");
	if (!spend_bytes(call, text.len))
		return rego_stopped(call);
	text = from(text, offset_of(text, (uint64_t)offset));
	if (length >= 0)
		text.len = offset_of(text, (uint64_t)length);
	return give_part(call, text);
}

static bool is_in(uint32_t point, struct str set)
{
	char bytes[4];
	size_t len = utf8_encode(point, bytes);

	return find(set, (struct str){ .data = bytes, .len = len }) != SIZE_MAX;
}

/* Unicode's White_Space. */
static bool is_space(uint32_t point, struct str unused)
{
	(void)unused;
	return (point >= '\t' && point <= '\r') || point == ' ' || point == 0x85 || point == 0xa0 ||
		point == 0x1680 || (point >= 0x2000 && point <= 0x200a) || point == 0x2028 ||
		point == 0x2029 || point == 0x202f || point == 0x205f || point == 0x3000;
}

typedef bool trim_test(uint32_t point, struct str set);

static struct str trim_start(struct str text, trim_test *test, struct str set)
{
	uint32_t point;

	while (text.len > 0) {
		int len = utf8_decode(text, &point);

		if (len < 0 || !test(point, set))
			break;
		text = from(text, (size_t)len);
	}
	return text;
}

static struct str trim_end(struct str text, trim_test *test, struct str set)
{
	while (text.len > 0) {
		size_t at = text.len - 1;
		uint32_t point;

		while (at > 0 && is_continuation(text.data[at]))
			at--;
		if (utf8_decode(from(text, at), &point) < 0 || !test(point, set))
			break;
		text.len = at;
	}
	return text;
}

static enum rego_answer trim(struct rego_call *call, bool at_start, bool at_end)
{
	struct str text, set;

	if (!take_two(call, &text, &set))
		return rego_failed(call);
	if (!rego_spend(call->budget, (text.len + 1) * (set.len / 64 + 1)))
		return rego_stopped(call);
	if (at_start)
		text = trim_start(text, is_in, set);
	if (at_end)
		text = trim_end(text, is_in, set);
	return give_part(call, text);
}

enum rego_answer rego_do_trim(struct rego_call *call)
{
	return trim(call, true, true);
}

enum rego_answer rego_do_trim_left(struct rego_call *call)
{
	return trim(call, true, false);
}

enum rego_answer rego_do_trim_right(struct rego_call *call)
{
	return trim(call, false, true);
}

enum rego_answer rego_do_trim_space(struct rego_call *call)
{
	struct str text, none = { 0 };

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	if (!spend_bytes(call, text.len))
		return rego_stopped(call);
	return give_part(call, trim_end(trim_start(text, is_space, none), is_space, none));
}

enum rego_answer rego_do_trim_prefix(struct rego_call *call)
{
	struct str text, prefix;

	if (!take_two(call, &text, &prefix))
		return rego_failed(call);
	return give_part(call, str_starts_with(text, prefix) ? from(text, prefix.len) : text);
}

enum rego_answer rego_do_trim_suffix(struct rego_call *call)
{
	struct str text, suffix;

	if (!take_two(call, &text, &suffix))
		return rego_failed(call);
	if (str_ends_with(text, suffix))
		text.len -= suffix.len;
	return give_part(call, text);
}

/* ---- changing ---- */

/* utf8proc has the capital of sharp s, which Unicode's simple mappings have not. */
static uint32_t to_upper(uint32_t point)
{
	return point == 0xdf ? point : (uint32_t)utf8proc_toupper((utf8proc_int32_t)point);
}

static uint32_t to_lower(uint32_t point)
{
	return (uint32_t)utf8proc_tolower((utf8proc_int32_t)point);
}

/* Most texts have nothing but ASCII in them, and many of these stay as they are. */
static enum rego_answer map_ascii(struct rego_call *call, struct str text, char first, char last)
{
	struct rego_text mapped = REGO_TEXT_INIT(call->arena);
	size_t at = 0;

	while (at < text.len && (text.data[at] < first || text.data[at] > last))
		at++;
	if (at == text.len)
		return rego_give(call, call->operands[0]);
	rego_text_add_str(&mapped, text);
	for (; !mapped.failed && at < text.len; at++)
		if (text.data[at] >= first && text.data[at] <= last)
			mapped.data[at] ^= 'a' ^ 'A';
	return rego_give_text(call, &mapped);
}

static bool is_ascii(struct str text)
{
	unsigned char all = 0;

	for (size_t i = 0; i < text.len; i++)
		all |= (unsigned char)text.data[i];
	return all < 0x80;
}

static enum rego_answer map_points(struct rego_call *call, uint32_t (*map)(uint32_t point), char first,
	char last)
{
	struct rego_text mapped = REGO_TEXT_INIT(call->arena);
	struct str text;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	if (!spend_bytes(call, text.len))
		return rego_stopped(call);
	if (is_ascii(text))
		return map_ascii(call, text, first, last);
	while (text.len > 0) {
		uint32_t point;
		int len = utf8_decode(text, &point);
		char bytes[4];

		if (len < 0)
			return rego_stopped(call);
		rego_text_add(&mapped, bytes, utf8_encode(map(point), bytes));
		text = from(text, (size_t)len);
	}
	return rego_give_text(call, &mapped);
}

enum rego_answer rego_do_lower(struct rego_call *call)
{
	return map_points(call, to_lower, 'A', 'Z');
}

enum rego_answer rego_do_upper(struct rego_call *call)
{
	return map_points(call, to_upper, 'a', 'z');
}

enum rego_answer rego_do_strings_reverse(struct rego_call *call)
{
	struct rego_text reversed = REGO_TEXT_INIT(call->arena);
	struct str text;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	if (!spend_bytes(call, text.len))
		return rego_stopped(call);
	while (text.len > 0) {
		size_t at = text.len - 1;

		while (at > 0 && is_continuation(text.data[at]))
			at--;
		rego_text_add(&reversed, text.data + at, text.len - at);
		text.len = at;
	}
	return rego_give_text(call, &reversed);
}

/* ---- numbers ---- */

enum rego_answer rego_do_format_int(struct rego_call *call)
{
	const struct json *base = call->operands[1];
	struct rego_number number;
	struct str text;

	if (!rego_take_number(call, 0, &number))
		return rego_failed(call);
	if (!rego_is_number(base))
		return rego_operand(call, 1, "number");
	if (base->type != JSON_INT || (base->integer != 2 && base->integer != 8 && base->integer != 10 &&
			base->integer != 16))
		return rego_operand_fail(call, 1, "must be one of {2, 8, 10, 16}");
	if (!number.is_integer && !rego_float_truncate(call, number.as_float, &number.as_integer))
		return rego_stopped(call);
	if (!rego_int_text(call, number.as_integer, (unsigned)base->integer, &text))
		return rego_stopped(call);
	return rego_give(call, json_new_string(call->arena, text));
}
