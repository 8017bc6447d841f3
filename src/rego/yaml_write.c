// SPDX-License-Identifier: Apache-2.0
/*
 * yaml_write.c - values as YAML, in the style of Go's yaml.v2
 *
 * Lists are in block style, two columns deeper each time, but for lists of values, which begin where their
 * key does. Members stand in natural order (a2 before a10). A string is plain where it would be read back as
 * that string, a literal block where it has several lines, and quoted otherwise. Long lines are not folded.
 *
 * It recurses, which is safe because no value is higher than JSON_DEPTH_MAX.
 */
#include "rego/yaml_write.h"

#include "base/utf8.h"
#include "rego/layout.h"
#include "rego/number.h"

#include <stdio.h>

enum {
	INDENT = 2,
	SIMPLE_KEY_MAX = 128,
	EXPONENT_PLAIN_MAX = 6,
	STEP_BYTES = 64,
};

struct writer {
	struct rego_call *call;
	struct rego_text text;
	bool is_stopped;
};

/* What may not be done with a string because of what is in it. */
struct look {
	bool no_plain, no_single, no_block;
	bool has_newline;
};

/* ---- what a plain scalar would mean ---- */

static struct str skip(struct str s, size_t count)
{
	return (struct str){ .data = s.data + count, .len = s.len - count };
}

static bool is_word(struct str s)
{
	static const char *const words[] = {
		"", "~", "null", "Null", "NULL", "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on",
		"On", "ON", "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", "<<",
		".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf",
		"-.INF",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(s, str_from(words[i])))
			return true;
	return false;
}

/* How many characters of a set a text begins with. */
static size_t run_of(struct str s, const char *set)
{
	size_t len = 0;

	while (len < s.len && s.data[len] && strchr(set, s.data[len]))
		len++;
	return len;
}

static bool is_number(struct str s)
{
	size_t whole, fraction = 0;
	bool is_sixty = false;

	if (s.len && (s.data[0] == '+' || s.data[0] == '-'))
		s = skip(s, 1);
	if (!s.len || s.data[0] == '_')
		return false;
	if (s.len > 2 && s.data[0] == '0' && strchr("xXoObB", s.data[1]))
		return run_of(skip(s, 2), "0123456789abcdefABCDEF_") == s.len - 2;
	whole = run_of(s, "0123456789_");
	s = skip(s, whole);
	if (s.len && s.data[0] == '.') {
		fraction = run_of(skip(s, 1), "0123456789_");
		s = skip(s, 1 + fraction);
	}
	if (!whole && !fraction)
		return false;
	if (s.len && (s.data[0] == 'e' || s.data[0] == 'E')) {
		s = skip(s, 1);
		if (s.len && (s.data[0] == '+' || s.data[0] == '-'))
			s = skip(s, 1);
		return s.len && run_of(s, "0123456789_") == s.len;
	}
	/* Sixty to the one: 1:30 was a number once. */
	while (s.len > 1 && s.data[0] == ':' && run_of(skip(s, 1), "0123456789")) {
		s = skip(s, 1 + run_of(skip(s, 1), "0123456789"));
		is_sixty = true;
	}
	return !s.len || (is_sixty && s.data[0] == '.' && run_of(skip(s, 1), "0123456789_") == s.len - 1);
}

static bool is_time(struct writer *writer, struct str s)
{
	static const char *const layouts[] = {
		"2006-1-2T15:4:5.999999999Z07:00", "2006-1-2t15:4:5.999999999Z07:00",
		"2006-1-2 15:4:5.999999999", "2006-1-2",
	};
	struct rego_instant ignored;
	const char *error;

	if (s.len < 8 || s.len > 64 || run_of(s, "0123456789") != 4 || s.data[4] != '-')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++)
		if (!rego_layout_parse(writer->call->arena, str_from(layouts[i]), s, &ignored, &error))
			return true;
	return false;
}

/* ---- what is in a string ---- */

static bool is_blank_or_end(struct str s, size_t at)
{
	return at >= s.len || s.data[at] == ' ' || s.data[at] == '\n' || s.data[at] == '\t';
}

static bool is_plain_byte_run(uint32_t point)
{
	return point >= ' ' && point != 0x7f && !(point >= 0x80 && point < 0xa0) && point != 0xfeff &&
		point < 0x10000 && point != 0xfffe && point != 0xffff && point != 0x2028 && point != 0x2029;
}

static bool begins_badly(struct str s)
{
	char c = s.data[0];

	if (str_starts_with(s, STR("---")) || str_starts_with(s, STR("...")))
		return true;
	if (c && strchr("#,[]{}&*!|>'\"%@`", c))
		return true;
	return c && strchr("?:-", c) && is_blank_or_end(s, 1);
}

static struct look look_at(struct str s)
{
	struct look look = { 0 };
	bool after_space = false, after_break = false;

	if (!s.len)
		return (struct look){ .no_block = true };
	look.no_plain = begins_badly(s) || s.data[0] == ' ' || s.data[s.len - 1] == ' ';
	look.no_block = s.data[s.len - 1] == ' ';
	for (size_t i = 0; i < s.len;) {
		uint32_t point = 0;
		int n = utf8_decode(skip(s, i), &point);

		assert(n > 0);
		if (point == '\n') {
			look.has_newline = look.no_plain = true;
			look.no_single |= after_space;
			look.no_block |= after_space;
		} else if (!is_plain_byte_run(point)) {
			look.no_plain = look.no_single = look.no_block = true;
		} else if (point == ' ' && after_break) {
			look.no_plain = look.no_single = true;
		} else if ((point == ':' && is_blank_or_end(s, i + 1)) || (point == '#' && after_space)) {
			look.no_plain = true;
		}
		after_space = point == ' ';
		after_break = point == '\n';
		i += (size_t)n;
	}
	return look;
}

/* ---- strings ---- */

static const char *short_escape(uint32_t point)
{
	static const char *const low[] = {
		"\\0", NULL, NULL, NULL, NULL, NULL, NULL, "\\a", "\\b", "\\t", "\\n", "\\v", "\\f", "\\r",
	};

	if (point < ARRAY_SIZE(low))
		return low[point];
	switch (point) {
	case 0x1b:
		return "\\e";
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case 0x85:
		return "\\N";
	case 0xa0:
		return "\\_";
	case 0x2028:
		return "\\L";
	case 0x2029:
		return "\\P";
	default:
		return NULL;
	}
}

static void write_double(struct rego_text *text, struct str s)
{
	rego_text_add_char(text, '"');
	for (size_t i = 0; i < s.len && !text->failed;) {
		const char *escape;
		uint32_t point = 0;
		char hex[16];
		int n = utf8_decode(skip(s, i), &point);

		assert(n > 0);
		escape = point == 0xa0 ? NULL : short_escape(point);
		if (escape) {
			rego_text_add_text(text, escape);
		} else if (is_plain_byte_run(point)) {
			rego_text_add(text, s.data + i, (size_t)n);
		} else {
			(void)snprintf(hex, sizeof(hex),
				point < 0x100 ? "\\x%02X" : point < 0x10000 ? "\\u%04X" : "\\U%08X", point);
			rego_text_add_text(text, hex);
		}
		i += (size_t)n;
	}
	rego_text_add_char(text, '"');
}

static void write_single(struct rego_text *text, struct str s)
{
	rego_text_add_char(text, '\'');
	for (size_t i = 0; i < s.len; i++) {
		rego_text_add_char(text, s.data[i]);
		if (s.data[i] == '\'')
			rego_text_add_char(text, '\'');
	}
	rego_text_add_char(text, '\'');
}

static void new_line(struct rego_text *text, unsigned indent)
{
	rego_text_add_char(text, '\n');
	rego_text_add_repeated(text, ' ', indent);
}

/* A block of lines; how it ends says how many newlines are at the end of the string. */
static void write_literal(struct rego_text *text, struct str s, unsigned indent)
{
	bool is_start = true;

	rego_text_add_char(text, '|');
	if (s.data[0] == ' ' || s.data[0] == '\n')
		rego_text_add_char(text, '0' + INDENT);
	if (s.data[s.len - 1] != '\n')
		rego_text_add_char(text, '-');
	else if (s.len == 1 || s.data[s.len - 2] == '\n')
		rego_text_add_char(text, '+');
	rego_text_add_char(text, '\n');
	/* The last newline of the block is written by who goes on. */
	if (s.data[s.len - 1] == '\n')
		s.len--;
	for (size_t i = 0; i < s.len; i++) {
		if (is_start && s.data[i] != '\n')
			rego_text_add_repeated(text, ' ', indent);
		rego_text_add_char(text, s.data[i]);
		is_start = s.data[i] == '\n';
	}
}

static void write_string(struct writer *writer, struct str s, unsigned indent, bool is_key)
{
	struct look look = look_at(s);

	if (look.has_newline && !look.no_block && !is_key)
		write_literal(&writer->text, s, indent);
	else if (look.has_newline || is_word(s) || is_number(s) || is_time(writer, s))
		write_double(&writer->text, s);
	else if (!look.no_plain)
		rego_text_add_str(&writer->text, s);
	else if (!look.no_single)
		write_single(&writer->text, s);
	else
		write_double(&writer->text, s);
}

/* ---- numbers ---- */

/* A double as Go's %g writes it: with an exponent where it is below -4 or has more than it has digits. */
static void write_digits(struct rego_text *text, const struct rego_digits *digits, bool is_negative)
{
	int32_t exponent = digits->point - 1;
	size_t count = digits->count;

	if (is_negative)
		rego_text_add_char(text, '-');
	if (!count) {
		rego_text_add_char(text, '0');
		return;
	}
	if (exponent < -4 || exponent >= EXPONENT_PLAIN_MAX) {
		rego_text_add(text, digits->text, 1);
		if (count > 1)
			rego_text_add_char(text, '.');
		rego_text_add(text, digits->text + 1, count - 1);
		rego_text_add_text(text, exponent < 0 ? "e-" : "e+");
		rego_text_add_int(text, exponent < 0 ? -exponent : exponent, 2);
		return;
	}
	if (exponent < 0) {
		rego_text_add_text(text, "0.");
		rego_text_add_repeated(text, '0', (size_t)(-exponent - 1));
		rego_text_add(text, digits->text, count);
		return;
	}
	rego_text_add(text, digits->text, MIN(count, (size_t)digits->point));
	if (count < (size_t)digits->point)
		rego_text_add_repeated(text, '0', (size_t)digits->point - count);
	if (count > (size_t)digits->point) {
		rego_text_add_char(text, '.');
		rego_text_add(text, digits->text + digits->point, count - (size_t)digits->point);
	}
}

/* Integers of 64 bits, with or without a sign, as they are; every other number as the nearest double. */
static void write_number(struct writer *writer, const struct json *value)
{
	struct rego_digits digits;
	struct rego_float number;
	uint64_t ignored;

	if (value->type == JSON_INT) {
		rego_text_add_int(&writer->text, value->integer, 0);
	} else if (str_to_u64(value->text, UINT64_MAX, &ignored) == 0) {
		rego_text_add_str(&writer->text, value->text);
	} else if (rego_float_read(writer->call, value->text, 53, &number) &&
			rego_digits_shortest(writer->call, number, 53, &digits)) {
		write_digits(&writer->text, &digits, number.is_negative);
	} else {
		writer->is_stopped = true;
	}
}

/* ---- natural order ---- */

static bool is_letter(char c)
{
	return ascii_is_alpha(c) || (unsigned char)c >= 0x80;
}

static size_t digits_at(struct str s, size_t at, int64_t *ret)
{
	while (at < s.len && ascii_is_digit(s.data[at]) && *ret < INT64_MAX / 16)
		*ret = *ret * 10 + (s.data[at++] - '0');
	return at;
}

/* From the first difference: numbers by what they count, letters behind what is none. */
static bool is_less_from(struct str a, struct str b, size_t at, bool after_digits)
{
	int64_t a_number = 0, b_number = 0;
	bool a_letter = is_letter(a.data[at]), b_letter = is_letter(b.data[at]);
	size_t a_end, b_end;

	if (a_letter && b_letter)
		return (unsigned char)a.data[at] < (unsigned char)b.data[at];
	if (a_letter || b_letter)
		return after_digits ? a_letter : b_letter;
	if (a.data[at] == '0' || b.data[at] == '0')
		for (size_t i = at; i > 0 && ascii_is_digit(a.data[i - 1]); i--)
			if (a.data[i - 1] != '0')
				a_number = b_number = 1;
	a_end = digits_at(a, at, &a_number);
	b_end = digits_at(b, at, &b_number);
	if (a_number != b_number)
		return a_number < b_number;
	return a_end != b_end ? a_end < b_end : (unsigned char)a.data[at] < (unsigned char)b.data[at];
}

static bool is_less(const struct json_member *left, const struct json_member *right)
{
	struct str a = left->key->text, b = right->key->text;
	bool after_digits = false;

	for (size_t i = 0; i < a.len && i < b.len; i++) {
		if (a.data[i] != b.data[i])
			return is_less_from(a, b, i, after_digits);
		after_digits = ascii_is_digit(a.data[i]);
	}
	return a.len < b.len;
}

static void sift_down(const struct json_member **members, size_t root, size_t count)
{
	while (root * 2 + 1 < count) {
		size_t child = root * 2 + 1;
		const struct json_member *moved = members[root];

		if (child + 1 < count && is_less(members[child], members[child + 1]))
			child++;
		if (!is_less(moved, members[child]))
			return;
		members[root] = members[child];
		members[child] = moved;
		root = child;
	}
}

/* A heap sort, since qsort(3) may ask for memory; Return: NULL when the arena is full */
static const struct json_member **sort_members(struct arena *arena, const struct json *object)
{
	size_t count = object->object.count;
	const struct json_member **members = arena_alloc_array(arena, count, sizeof(const void *));

	for (size_t i = 0; members && i < count; i++)
		members[i] = &object->object.members[i];
	for (size_t i = count / 2; members && i > 0; i--)
		sift_down(members, i - 1, count);
	for (size_t end = count; members && end > 1; end--) {
		const struct json_member *largest = members[0];

		members[0] = members[end - 1];
		members[end - 1] = largest;
		sift_down(members, 0, end - 1);
	}
	return members;
}

/* ---- lists ---- */

static void write_value(struct writer *writer, const struct json *value, unsigned indent);

static bool is_block(const struct json *value)
{
	return (value->type == JSON_ARRAY && value->array.count) ||
		(value->type == JSON_OBJECT && value->object.count);
}

/* A value behind "key:": a list begins on the next line, and one of values where the key does. */
static void write_member(struct writer *writer, const struct json_member *member, unsigned indent)
{
	const struct json *value = member->value;
	unsigned deeper = indent + (value->type == JSON_ARRAY ? 0 : INDENT);

	if (member->key->text.len > SIMPLE_KEY_MAX) {
		rego_text_add_text(&writer->text, "? ");
		write_string(writer, member->key->text, indent + INDENT, false);
		new_line(&writer->text, indent);
		rego_text_add_text(&writer->text, ": ");
		write_value(writer, value, indent + INDENT);
		return;
	}
	write_string(writer, member->key->text, indent, true);
	rego_text_add_char(&writer->text, ':');
	if (is_block(value))
		new_line(&writer->text, deeper);
	else
		rego_text_add_char(&writer->text, ' ');
	write_value(writer, value, is_block(value) ? deeper : indent + INDENT);
}

static void write_items(struct writer *writer, const struct json *value, unsigned indent)
{
	bool is_object = value->type == JSON_OBJECT;
	size_t count = is_object ? value->object.count : value->array.count;
	const struct json_member **members = is_object ? sort_members(writer->call->arena, value) : NULL;

	if (is_object && !members) {
		writer->is_stopped = true;
		return;
	}
	for (size_t i = 0; i < count && !writer->is_stopped && !writer->text.failed; i++) {
		if (i)
			new_line(&writer->text, indent);
		if (is_object) {
			write_member(writer, members[i], indent);
			continue;
		}
		rego_text_add_text(&writer->text, "- ");
		write_value(writer, value->array.items[i], indent + INDENT);
	}
}

/* @indent is where the lines of the value begin, behind the first one. */
static void write_value(struct writer *writer, const struct json *value, unsigned indent)
{
	bool has_text = value->type == JSON_STRING || value->type == JSON_NUMBER;

	if (!rego_spend(writer->call->budget, 1 + (has_text ? value->text.len / STEP_BYTES : 0)))
		writer->is_stopped = true;
	else if (is_block(value))
		write_items(writer, value, indent);
	else if (value->type == JSON_ARRAY)
		rego_text_add_text(&writer->text, "[]");
	else if (value->type == JSON_OBJECT)
		rego_text_add_text(&writer->text, "{}");
	else if (value->type == JSON_STRING)
		write_string(writer, value->text, indent, false);
	else if (rego_is_number(value))
		write_number(writer, value);
	else if (value->type == JSON_BOOL)
		rego_text_add_text(&writer->text, value->boolean ? "true" : "false");
	else
		rego_text_add_text(&writer->text, "null");
}

bool rego_yaml_write(struct rego_call *call, const struct json *document, struct str *ret)
{
	struct writer writer = { .call = call, .text = REGO_TEXT_INIT(call->arena) };
	bool is_literal = document->type == JSON_STRING;

	write_value(&writer, document, is_literal ? INDENT : 0);
	rego_text_add_char(&writer.text, '\n');
	return !writer.is_stopped && rego_text_end(&writer.text, ret);
}
