// SPDX-License-Identifier: Apache-2.0
/*
 * extract_line.c - syntaxes of one key a line: ini, env, gitattributes, a rebase's todo list
 *
 * The programs that read these files do not agree on quotes, escapes and what ends a line. So a key that only
 * some of them would see is reported, and a line that could hide a key from us is an error.
 */
#include "policy/extract_internal.h"

#include <errno.h>

static struct str trim(struct str s)
{
	while (s.len && ascii_is_space(s.data[0]))
		s.data++, s.len--;
	while (s.len && ascii_is_space(s.data[s.len - 1]))
		s.len--;
	return s;
}

/* Any of the bytes that some reader takes for the end of a line. */
static struct str next_line(struct str *rest)
{
	static const char ends[] = { '\n', '\r', '\f', '\v' };
	struct str line = { rest->data, 0 };

	while (line.len < rest->len && !memchr(ends, rest->data[line.len], sizeof(ends)))
		line.len++;
	rest->data += MIN(line.len + 1, rest->len);
	rest->len -= MIN(line.len + 1, rest->len);
	return line;
}

static struct str next_word(struct str *rest)
{
	struct str word;

	*rest = trim(*rest);
	word = (struct str){ rest->data, 0 };
	while (word.len < rest->len && !ascii_is_space(rest->data[word.len]))
		word.len++;
	rest->data += word.len;
	rest->len -= word.len;
	return word;
}

/* ---- ini: .npmrc ---- */

/* "a b" or 'a b' around a whole key or value goes away; a quote elsewhere stays. */
static struct str unquote(struct str s)
{
	if (s.len >= 2 && (s.data[0] == '"' || s.data[0] == '\'') && s.data[s.len - 1] == s.data[0])
		return (struct str){ s.data + 1, s.len - 2 };
	return s;
}

int floor_extract_ini(struct str text, struct floor_keys *keys)
{
	while (text.len) {
		struct str line = trim(next_line(&text)), key, value;
		bool has_value;
		int r;

		if (!line.len || line.data[0] == ';' || line.data[0] == '#')
			continue;
		if (line.data[0] == '[' && line.data[line.len - 1] == ']')
			continue;
		has_value = str_cut(line, '=', &key, &value);
		key = unquote(trim(key));
		/* An escape or a variable could spell any name. */
		if (!key.len || memchr(key.data, '\\', key.len) || memchr(key.data, '$', key.len) ||
				memchr(key.data, '"', key.len) || memchr(key.data, '\0', key.len))
			return -EBADMSG;
		if (str_ends_with(key, STR("[]")))
			key.len -= 2;
		r = floor_keys_add(keys, key, has_value ? unquote(trim(value)) : STR("true"));
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- env: .env ---- */

static bool is_variable(char c)
{
	return ascii_is_alnum(c) || c == '_' || c == '.' || c == '-';
}

/* Readers skip various white space, also such that is not ASCII: whatever cannot begin a name is skipped. */
static struct str skip_to_name(struct str line)
{
	while (line.len && ((unsigned char)line.data[0] >= 0x80 || ascii_is_space(line.data[0])))
		line.data++, line.len--;
	return line;
}

int floor_extract_env(struct str text, struct floor_keys *keys)
{
	while (text.len) {
		struct str line = skip_to_name(next_line(&text)), key;
		int r;

		if (str_starts_with(line, STR("export")) && line.len > 6 && ascii_is_space(line.data[6]))
			line = skip_to_name((struct str){ line.data + 6, line.len - 6 });
		key = (struct str){ line.data, 0 };
		while (key.len < line.len && is_variable(line.data[key.len]))
			key.len++;
		line = trim((struct str){ line.data + key.len, line.len - key.len });
		if (!key.len || !line.len || (line.data[0] != '=' && line.data[0] != ':'))
			continue;
		r = floor_keys_add(keys, key, trim((struct str){ line.data + 1, line.len - 1 }));
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- gitattributes ---- */

/* The pattern that a line begins with: a word, or in quotes with escapes. */
static int skip_pattern(struct str *line)
{
	if (line->data[0] != '"') {
		next_word(line);
		return 0;
	}
	for (size_t i = 1; i < line->len; i++) {
		if (line->data[i] == '\\') {
			i++;
			continue;
		}
		if (line->data[i] != '"')
			continue;
		line->data += i + 1;
		line->len -= i + 1;
		return 0;
	}
	return -EBADMSG;
}

int floor_extract_attributes(struct str text, struct floor_keys *keys)
{
	while (text.len) {
		struct str line = trim(next_line(&text)), word, key, value;
		int r;

		if (!line.len || line.data[0] == '#')
			continue;
		r = skip_pattern(&line);
		while (r >= 0 && (word = next_word(&line)).len)
			if (str_cut(word, '=', &key, &value))
				r = floor_keys_add(keys, key, value);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- git-rebase-todo ---- */

int floor_extract_todo(struct str text, struct floor_keys *keys)
{
	while (text.len) {
		struct str line = next_line(&text), word = next_word(&line);
		int r;

		if (!str_eq(word, STR("exec")) && !str_eq(word, STR("x")))
			continue;
		r = floor_keys_add(keys, STR("exec"), trim(line));
		if (r < 0)
			return r;
	}
	return 0;
}
