// SPDX-License-Identifier: Apache-2.0
/*
 * expand.c - text made of a template and of what the groups matched, and patterns made of text
 */
#include "regex/regex_internal.h"

enum {
	NUMBER_MAX = 100000000,		/* beyond which digits are a name like any other */
};

static bool has_point(const char *property, uint32_t point)
{
	const struct regex_property *found = regex_property_find(str_from(property));
	struct regex_set set = { 0 };

	assert(found);
	set.ranges = found->ranges;
	set.count = found->count;
	return regex_set_search(&set, point);
}

static bool is_name_point(uint32_t point)
{
	if (point < 128)
		return ascii_is_alnum((char)point) || point == '_';
	return has_point("L", point) || has_point("Nd", point);
}

static size_t name_length(struct str text)
{
	size_t at = 0;

	while (at < text.len) {
		uint32_t point;
		unsigned bytes = regex_text_point(text, at, &point);

		if (!is_name_point(point))
			break;
		at += bytes;
	}
	return at;
}

/* Take `name` or `{name}` off @text, which stands behind a dollar sign. */
static bool take_name(struct str *text, struct str *ret)
{
	bool is_braced = str_starts_with(*text, STR("{"));
	struct str name = behind(*text, is_braced), rest;

	name.len = name_length(name);
	rest = behind(*text, is_braced + name.len);
	if (!name.len || (is_braced && !str_starts_with(rest, STR("}"))))
		return false;
	*text = behind(rest, is_braced);
	*ret = name;
	return true;
}

static bool is_number(struct str name, size_t *ret)
{
	size_t number = 0;

	if (name.data[0] == '0' && name.len > 1)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (!ascii_is_digit(name.data[i]) || number >= NUMBER_MAX)
			return false;
		number = number * 10 + (size_t)(name.data[i] - '0');
	}
	*ret = number;
	return true;
}

/* The group that is called so and took part; Return: its number, or @count */
static size_t find_group(const struct regex *regex, struct str name, const struct regex_span *spans,
	size_t count)
{
	size_t number;

	if (is_number(name, &number))
		return number < count && spans[number].start != REGEX_NOWHERE ? number : count;
	for (size_t i = 0; i < MIN(count, regex->group_count); i++)
		if (str_eq(regex->names[i], name) && spans[i].start != REGEX_NOWHERE)
			return i;
	return count;
}

bool regex_expand(const struct regex *regex, struct str *template, struct str text,
	const struct regex_span *spans, size_t span_count, struct str *ret)
{
	const char *dollar = template->len ? memchr(template->data, '$', template->len) : NULL;
	struct str rest, name;
	size_t group;

	if (!template->len)
		return false;
	if (dollar != template->data) {
		*ret = *template;
		ret->len = dollar ? (size_t)(dollar - template->data) : template->len;
		*template = behind(*template, ret->len);
		return true;
	}
	*ret = (struct str){ .data = template->data, .len = 1 };
	*template = rest = behind(*template, 1);
	if (str_starts_with(rest, STR("$"))) {
		*template = behind(rest, 1);
	} else if (take_name(template, &name)) {
		group = find_group(regex, name, spans, span_count);
		*ret = (struct str){ .data = template->data };
		if (group < span_count)
			*ret = (struct str){ text.data + spans[group].start,
				spans[group].end - spans[group].start };
	}
	return true;
}

bool regex_is_special(char c)
{
	return c && strchr("\\.+*?()|[]{}^$", c);
}
