// SPDX-License-Identifier: Apache-2.0
/*
 * extract_python.c - two syntaxes of Python's world: configparser's files, and lists of requirements
 *
 * cfg: "section/name", both as they are compared, in lower case by the caller. A value goes on over the lines
 * that are indented deeper than its name. What stands in [DEFAULT] holds in every section.
 *
 * lines: each line is a key, so that patterns can tell an option from a package. What ends a line is what
 * str.splitlines() takes for an end.
 *
 * Source: Lib/configparser.py, RawConfigParser._read(); pip's req_file.py
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

static size_t indent_of(struct str line)
{
	size_t at = 0;

	while (at < line.len && ascii_is_space(line.data[at]))
		at++;
	return at;
}

static struct str next_line(struct str *rest, const char *ends, size_t end_count)
{
	struct str line = { rest->data, 0 };

	while (line.len < rest->len && !memchr(ends, rest->data[line.len], end_count))
		line.len++;
	rest->data += MIN(line.len + 1, rest->len);
	rest->len -= MIN(line.len + 1, rest->len);
	return line;
}

/* ---- cfg ---- */

struct cfg {
	struct floor_keys *keys;
	struct str section;
	size_t indent;			/* of the name that a value belongs to */
	size_t open;			/* index of that name's key, plus one; 0: none */
};

static int add_option(struct cfg *cfg, struct str line)
{
	size_t len = 0;
	struct str name;
	const char *key;
	int r;

	while (len < line.len && line.data[len] != '=' && line.data[len] != ':')
		len++;
	name = trim((struct str){ line.data, len });
	if (!name.len || memchr(line.data, '\0', line.len) || memchr(name.data, '%', name.len))
		return -EBADMSG;
	key = arena_printf(cfg->keys->arena, "%.*s/%.*s", STR_FMT(cfg->section), STR_FMT(name));
	if (!key)
		return -EMSGSIZE;
	len += len < line.len;
	r = floor_keys_add(cfg->keys, str_from(key), (struct str){ line.data + len, line.len - len });
	cfg->open = cfg->keys->count;
	return r;
}

/* A line that goes on with the value before: the value is all of the text from its beginning to here. */
static void extend_value(struct cfg *cfg, struct str line)
{
	struct floor_key *key = &cfg->keys->items[cfg->open - 1];

	key->value.len = (size_t)(line.data + line.len - key->value.data);
}

static int read_cfg_line(struct cfg *cfg, struct str raw)
{
	struct str line = trim(raw);
	size_t indent = indent_of(raw), end = line.len;

	if (!line.len || line.data[0] == '#' || line.data[0] == ';')
		return 0;
	if (cfg->open && indent > cfg->indent) {
		extend_value(cfg, line);
		return 0;
	}
	cfg->indent = indent;
	cfg->open = 0;
	if (line.data[0] != '[')
		return add_option(cfg, line);
	while (end && line.data[end - 1] != ']')
		end--;
	if (end < 3 || memchr(line.data, '\0', end))
		return -EBADMSG;
	cfg->section = (struct str){ line.data + 1, end - 2 };
	return 0;
}

int floor_extract_cfg(struct str text, struct floor_keys *keys)
{
	struct cfg cfg = { .keys = keys, .section = STR("") };
	int r = 0;

	while (text.len && r >= 0)
		r = read_cfg_line(&cfg, next_line(&text, "\n\r", 2));
	return r;
}

/* ---- lines ---- */

/* Further characters at which Python ends a line, or which it takes off a line's beginning. */
static bool has_odd_end(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		size_t left = text.len - i;

		if (!c || (c >= 0x1c && c <= 0x1f) ||
				(c == 0xc2 && left > 1 && (unsigned char)text.data[i + 1] == 0x85))
			return true;
		if (c == 0xe2 && left > 2 && !memcmp(text.data + i + 1, "\x80", 1) &&
				((unsigned char)text.data[i + 2] & 0xfe) == 0xa8)
			return true;
	}
	return false;
}

int floor_extract_lines(struct str text, struct floor_keys *keys)
{
	bool is_joined = false;

	if (has_odd_end(text))
		return -EBADMSG;
	while (text.len) {
		struct str raw = next_line(&text, "\n\r\f\v", 4), line = trim(raw);
		int r;

		/* Without white space between them, two lines could be halves of one word. */
		if (is_joined && raw.len && !ascii_is_space(raw.data[0]))
			return -EBADMSG;
		/* An empty line may be the second half of "\r\n". */
		is_joined = raw.len ? raw.data[raw.len - 1] == '\\' : is_joined;
		if (!line.len || line.data[0] == '#')
			continue;
		if ((unsigned char)line.data[0] >= 0x80)
			return -EBADMSG;
		r = floor_keys_add(keys, line, STR("true"));
		if (r < 0)
			return r;
	}
	return 0;
}
