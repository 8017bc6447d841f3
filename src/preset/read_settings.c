// SPDX-License-Identifier: Apache-2.0
/*
 * read_settings.c - "key = value" in sections: INI, what is simple in TOML, and what tools print like it
 *
 *	[section]
 *	key = value		key = "value"	key = ["value", "value"]
 *		more of it		a line that begins with white space and has no separator
 *	enabled = 0		its section says nothing
 *
 * '\n' within a text separates values, as pip prints it. Comments begin with "#", ";" or "--".
 */
#include "preset/tool.h"

struct reader {
	struct arena *arena;
	const struct tool *tool;
	struct tool_answer *answer;
	const char *key;		/* of the value that may go on; NULL: of none that matters */
	bool may_go_on;			/* some key came before in this section */
	size_t kept;			/* hosts of sections that came before */
	bool is_disabled;
};

static struct str trim(struct str line)
{
	while (line.len && ascii_is_space(line.data[0]))
		line.data++, line.len--;
	while (line.len && ascii_is_space(line.data[line.len - 1]))
		line.len--;
	return line;
}

/* Where a comment begins behind a value. */
static size_t find_comment(struct str value)
{
	for (size_t i = 1; i < value.len; i++)
		if ((value.data[i] == '#' || value.data[i] == ';') && ascii_is_space(value.data[i - 1]))
			return i;
	return value.len;
}

/* Without quotes, and without the brackets around a list; '\n' as a space. */
static const char *take(const struct reader *r, struct str value)
{
	char *copy;

	value.len = find_comment(value);
	value = trim(value);
	if (value.len && value.data[0] == '[') {
		value.data++, value.len--;
		if (value.len && value.data[value.len - 1] == ']')
			value.len--;
	} else if (str_eq(value, STR("]"))) {
		return NULL;
	}
	copy = arena_copy(r->arena, value.data, value.len);
	if (!copy)
		return "it is too long";
	for (size_t i = 0; i < value.len; i++) {
		if (copy[i] == '\\' && i + 1 < value.len && copy[i + 1] == 'n')
			copy[i] = copy[i + 1] = ' ';
		else if (copy[i] == '"' || copy[i] == '\'')
			copy[i] = ' ';
	}
	return tool_take(r->arena, r->tool, r->key, (struct str){ copy, value.len }, r->answer);
}

static void end_section(struct reader *r)
{
	if (r->is_disabled)
		r->answer->host_count = r->kept;
	r->kept = r->answer->host_count;
	r->is_disabled = r->may_go_on = false;
	r->key = NULL;
}

static bool is_off(struct str value)
{
	return str_eq(value, STR("0")) || str_eq(value, STR("false")) || str_eq(value, STR("no"));
}

static const char *read_setting(struct reader *r, struct str key, struct str value)
{
	key = trim(key);
	value = trim(value);
	r->may_go_on = true;
	r->key = tool_match(r->tool, key);
	if (str_eq(key, STR("enabled")) && is_off(value))
		r->is_disabled = true;
	return r->key ? take(r, value) : NULL;
}

static const char *read_line(struct reader *r, struct str line, bool lenient)
{
	bool is_indented = line.len && ascii_is_space(line.data[0]);
	struct str text = trim(line), key, value;

	if (!text.len || text.data[0] == '#' || text.data[0] == ';' || str_starts_with(text, STR("--")))
		return NULL;
	if (text.data[0] == '[' && text.data[text.len - 1] == ']' && !is_indented) {
		end_section(r);
		return NULL;
	}
	/* The address behind "https:" is no setting. */
	if (str_cut(text, r->tool->separator, &key, &value) && !(is_indented && r->key &&
			(memchr(key.data, '/', key.len) || str_starts_with(value, STR("//")))))
		return read_setting(r, key, value);
	if (is_indented && r->may_go_on)
		return r->key ? take(r, text) : NULL;
	return lenient ? NULL : "it has a line that is no setting";
}

const char *tool_read_settings(struct arena *arena, const struct tool *tool, struct str text, bool lenient,
	struct tool_answer *answer)
{
	struct reader r = { .arena = arena, .tool = tool, .answer = answer, .kept = answer->host_count };
	const char *why = NULL;
	struct str line;

	while (text.len && !why) {
		(void)str_cut(text, '\n', &line, &text);
		why = read_line(&r, line, lenient);
	}
	end_section(&r);
	return why;
}
