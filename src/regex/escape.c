// SPDX-License-Identifier: Apache-2.0
/*
 * escape.c - the parts of a pattern that stand for one character or for a set of them
 *
 * Everything here takes from the front of a text and leaves the rest. What is refused is named by the same
 * piece of the pattern that Go names, since people search for those messages.
 */
#include "regex/regex_internal.h"

#include "base/utf8.h"

#include <errno.h>

enum {
	NAMED_RANGES_MAX = 4,
};

/* \d and [[:digit:]]: ASCII alone, as in RE2. */
struct named_class {
	const char *name;
	unsigned char count;
	struct regex_range ranges[NAMED_RANGES_MAX];
};

static const struct named_class perl_classes[] = {
	{ "d", 1, { { '0', '9' } } },
	{ "s", 3, { { '\t', '\n' }, { '\f', '\r' }, { ' ', ' ' } } },
	{ "w", 4, { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } } },
};

static const struct named_class posix_classes[] = {
	{ "alnum", 3, { { '0', '9' }, { 'A', 'Z' }, { 'a', 'z' } } },
	{ "alpha", 2, { { 'A', 'Z' }, { 'a', 'z' } } },
	{ "ascii", 1, { { 0, 0x7f } } },
	{ "blank", 2, { { '\t', '\t' }, { ' ', ' ' } } },
	{ "cntrl", 2, { { 0, 0x1f }, { 0x7f, 0x7f } } },
	{ "digit", 1, { { '0', '9' } } },
	{ "graph", 1, { { '!', '~' } } },
	{ "lower", 1, { { 'a', 'z' } } },
	{ "print", 1, { { ' ', '~' } } },
	{ "punct", 4, { { '!', '/' }, { ':', '@' }, { '[', '`' }, { '{', '~' } } },
	{ "space", 2, { { '\t', '\r' }, { ' ', ' ' } } },
	{ "upper", 1, { { 'A', 'Z' } } },
	{ "word", 4, { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } } },
	{ "xdigit", 3, { { '0', '9' }, { 'A', 'F' }, { 'a', 'f' } } },
};

int regex_parse_fail(struct parser *parser, const char *what, struct str where)
{
	*parser->err = (struct regex_error){ .what = what, .where = where };
	return -EINVAL;
}

int regex_parse_point(struct parser *parser, struct str *text, uint32_t *ret)
{
	int bytes = text->len ? utf8_decode(*text, ret) : -EILSEQ;

	if (bytes < 0)
		return regex_parse_fail(parser, "invalid UTF-8", *text);
	*text = behind(*text, (size_t)bytes);
	return 0;
}

static int hex_value(uint32_t point)
{
	if (point >= '0' && point <= '9')
		return (int)(point - '0');
	if (point >= 'a' && point <= 'f')
		return (int)(point - 'a' + 10);
	if (point >= 'A' && point <= 'F')
		return (int)(point - 'A' + 10);
	return -1;
}

/* The digits of \x{...}, behind the bracket; Return: 1, 0 where they are not right, or -EINVAL */
static int parse_hex_long(struct parser *parser, struct str *text, uint32_t *ret)
{
	uint32_t value = 0;

	for (size_t count = 0; text->len; count++) {
		uint32_t point;
		int r = regex_parse_point(parser, text, &point), digit;

		if (r < 0)
			return r;
		if (point == '}') {
			*ret = value;
			return count > 0;
		}
		digit = hex_value(point);
		if (digit < 0)
			return 0;
		value = value * 16 + (uint32_t)digit;
		if (value > POINT_MAX)
			return 0;
	}
	return 0;
}

/* What follows \x; Return: as parse_hex_long() */
static int parse_hex(struct parser *parser, struct str *text, uint32_t *ret)
{
	uint32_t high, low;
	int r;

	if (!text->len)
		return 0;
	r = regex_parse_point(parser, text, &high);
	if (r < 0)
		return r;
	if (high == '{')
		return parse_hex_long(parser, text, ret);
	if (!text->len)
		return 0;
	r = regex_parse_point(parser, text, &low);
	if (r < 0)
		return r;
	if (hex_value(high) < 0 || hex_value(low) < 0)
		return 0;
	*ret = (uint32_t)(hex_value(high) * 16 + hex_value(low));
	return 1;
}

static bool is_octal(struct str text)
{
	return text.len && text.data[0] >= '0' && text.data[0] <= '7';
}

/* Up to three octal digits, of which the first is @digit; a single one but 0 would be a back-reference. */
static int parse_octal(struct str *text, uint32_t digit, uint32_t *ret)
{
	uint32_t value = digit - '0';

	if (digit != '0' && !is_octal(*text))
		return 0;
	for (unsigned i = 1; i < 3 && is_octal(*text); i++) {
		value = value * 8 + (uint32_t)(text->data[0] - '0');
		*text = behind(*text, 1);
	}
	*ret = value;
	return 1;
}

/* What stands behind the backslash: @point, and more; Return: 1, 0 where it means nothing, or -EINVAL */
static int parse_escaped(struct parser *parser, struct str *text, uint32_t point, uint32_t *ret)
{
	static const char letters[] = "afnrtv", meanings[] = "\a\f\n\r\t\v";
	const char *letter;

	if (point >= 128)
		return 0;
	*ret = point;
	if (!ascii_is_alnum((char)point))
		return 1;
	if (point >= '0' && point <= '7')
		return parse_octal(text, point, ret);
	if (point == 'x')
		return parse_hex(parser, text, ret);
	letter = strchr(letters, (char)point);
	if (!letter)
		return 0;
	*ret = (uint32_t)meanings[letter - letters];
	return 1;
}

int regex_parse_escape(struct parser *parser, struct str *text, uint32_t *ret)
{
	struct str rest = behind(*text, 1);
	uint32_t point;
	int r;

	if (!rest.len)
		return regex_parse_fail(parser, "trailing backslash at end of expression", STR(""));
	r = regex_parse_point(parser, &rest, &point);
	if (r < 0)
		return r;
	r = parse_escaped(parser, &rest, point, ret);
	if (r < 0)
		return r;
	if (!r)
		return regex_parse_fail(parser, "invalid escape sequence", between(*text, rest));
	*text = rest;
	return 0;
}

static const struct named_class *find_class(const struct named_class *classes, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(str_from(classes[i].name), name))
			return &classes[i];
	return NULL;
}

/* The name of a property, behind \p; -EINVAL where there is none. */
static int parse_property_name(struct parser *parser, struct str text, struct str *ret_name,
	struct str *ret_rest)
{
	struct str rest = behind(text, 2);
	uint32_t point;
	const char *end;
	int r = regex_parse_point(parser, &rest, &point);

	if (r < 0)
		return r;
	*ret_rest = rest;
	*ret_name = between(behind(text, 2), rest);
	if (point != '{')
		return 0;
	end = memchr(rest.data, '}', rest.len);
	if (!end)
		return utf8_is_valid(text) ?
			regex_parse_fail(parser, "invalid character class range", text) :
			regex_parse_fail(parser, "invalid UTF-8", text);
	*ret_rest = behind(rest, (size_t)(end - rest.data) + 1);
	*ret_name = (struct str){ .data = rest.data, .len = (size_t)(end - rest.data) };
	return utf8_is_valid(*ret_name) ? 0 : regex_parse_fail(parser, "invalid UTF-8", *ret_name);
}

/* `\p{Greek}`, `\PL`, `\p{^Greek}` */
static int parse_property(struct parser *parser, struct str *text, struct regex_class *class)
{
	bool is_negated = text->data[1] == 'P';
	const struct regex_property *property;
	struct str name, rest;
	int r = parse_property_name(parser, *text, &name, &rest);

	if (r < 0)
		return r;
	if (str_starts_with(name, STR("^"))) {
		is_negated = !is_negated;
		name = behind(name, 1);
	}
	property = regex_property_find(name);
	if (!property)
		return regex_parse_fail(parser, "invalid character class range", between(*text, rest));
	regex_class_add_ranges(class, property->ranges, property->count, parser->flags & PARSE_FOLD,
		is_negated);
	*text = rest;
	return class->failed ? class->failed : 1;
}

int regex_parse_class_escape(struct parser *parser, struct str *text, struct regex_class *class)
{
	const struct named_class *named;
	char letter;

	if (text->len < 2 || text->data[0] != '\\')
		return 0;
	if (text->data[1] == 'p' || text->data[1] == 'P')
		return parse_property(parser, text, class);
	letter = ascii_lower(text->data[1]);
	named = find_class(perl_classes, ARRAY_SIZE(perl_classes), (struct str){ .data = &letter, .len = 1 });
	if (!named)
		return 0;
	regex_class_add_ranges(class, named->ranges, named->count, parser->flags & PARSE_FOLD,
		letter != text->data[1]);
	*text = behind(*text, 2);
	return class->failed ? class->failed : 1;
}

/* `[:alpha:]` and `[:^alpha:]`; Return: 1, 0 where @text begins otherwise, or negative errno */
static int parse_posix(struct parser *parser, struct str *text, struct regex_class *class)
{
	const struct named_class *named;
	const char *end;
	struct str name, whole;
	bool is_negated;

	if (text->len < 3 || !str_starts_with(*text, STR("[:")))
		return 0;
	end = memmem(text->data + 2, text->len - 2, ":]", 2);
	if (!end)
		return 0;
	whole = (struct str){ .data = text->data, .len = (size_t)(end - text->data) + 2 };
	name = (struct str){ .data = text->data + 2, .len = whole.len - 4 };
	is_negated = str_starts_with(name, STR("^"));
	if (is_negated)
		name = behind(name, 1);
	named = find_class(posix_classes, ARRAY_SIZE(posix_classes), name);
	if (!named)
		return regex_parse_fail(parser, "invalid character class range", whole);
	regex_class_add_ranges(class, named->ranges, named->count, parser->flags & PARSE_FOLD, is_negated);
	*text = behind(*text, whole.len);
	return class->failed ? class->failed : 1;
}

/* One end of a range; @whole is the bracket, for the message that it never ends. */
static int parse_member(struct parser *parser, struct str *text, struct str whole, uint32_t *ret)
{
	if (!text->len)
		return regex_parse_fail(parser, "missing closing ]", whole);
	if (text->data[0] == '\\')
		return regex_parse_escape(parser, text, ret);
	return regex_parse_point(parser, text, ret);
}

/* `a` or `a-z`; a '-' in front of the bracket's end stands for itself. */
static int parse_range(struct parser *parser, struct str *text, struct str whole, struct regex_class *class)
{
	struct str start = *text;
	uint32_t low, high;
	int r = parse_member(parser, text, whole, &low);

	if (r < 0)
		return r;
	high = low;
	if (text->len >= 2 && text->data[0] == '-' && text->data[1] != ']') {
		*text = behind(*text, 1);
		r = parse_member(parser, text, whole, &high);
		if (r < 0)
			return r;
		if (high < low)
			return regex_parse_fail(parser, "invalid character class range",
				between(start, *text));
	}
	if (parser->flags & PARSE_FOLD)
		regex_class_add_folded(class, low, high);
	else
		regex_class_add(class, low, high);
	return class->failed;
}

int regex_parse_bracket(struct parser *parser, struct regex_class *class)
{
	struct str whole = parser->rest, text = behind(whole, 1);
	bool is_negated = str_starts_with(text, STR("^"));
	int r;

	if (is_negated)
		text = behind(text, 1);
	/* a ']' right behind the opening is a member */
	for (bool is_first = true; is_first || !str_starts_with(text, STR("]")); is_first = false) {
		r = parse_posix(parser, &text, class);
		if (!r)
			r = regex_parse_class_escape(parser, &text, class);
		if (!r)
			r = parse_range(parser, &text, whole, class);
		if (r < 0)
			return r;
	}
	regex_class_clean(class);
	if (is_negated)
		regex_class_negate(class);
	parser->rest = behind(text, 1);
	return class->failed;
}
