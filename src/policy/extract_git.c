// SPDX-License-Identifier: Apache-2.0
/*
 * extract_git.c - git's configuration syntax
 *
 * Follows git's own reader character by character, since a key that git sees and we do not is a key that runs
 * a command behind a person's back: a variable may stand behind its section's bracket, a value may be quoted
 * in the middle and go on over lines, a section may be written in two ways, and upper case means nothing
 * outside a subsection's quotes. What git refuses is refused.
 *
 * Source: git-config(1), "CONFIGURATION FILE", "Syntax"
 */
#include "policy/extract_internal.h"

#include <errno.h>

enum {
	NAME_BYTES_MAX = 4096,
	VALUE_BYTES_MAX = 1 << 20,
	END = -1,
};

struct reader {
	struct str rest;
	struct floor_keys *keys;
	struct buf section, value;	/* "core" or "remote.origin"; scratch */
};

/* CRLF is one newline, and the end of the file ends a line. A NUL is no text. */
static int next(struct reader *r)
{
	unsigned char c;

	if (!r->rest.len)
		return END;
	if (str_starts_with(r->rest, STR("\r\n")))
		r->rest.data++, r->rest.len--;
	c = (unsigned char)r->rest.data[0];
	r->rest.data++, r->rest.len--;
	return c;
}

static bool is_name(int c)
{
	return c != END && (ascii_is_alnum((char)c) || c == '-');
}

static bool is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The rest of [section "Sub \" Section"], from the space on. */
static int read_subsection(struct reader *r)
{
	int c;

	do
		c = next(r);
	while (c == ' ' || c == '\t' || c == '\r');
	if (c != '"')
		return -EBADMSG;
	(void)buf_append_char(&r->section, '.');
	while ((c = next(r)) != '"') {
		if (c == '\\')
			c = next(r);
		if (c == END || c == '\n' || !c)
			return -EBADMSG;
		(void)buf_append_char(&r->section, (char)c);
	}
	return next(r) == ']' ? 0 : -EBADMSG;
}

static int read_section(struct reader *r)
{
	int c;

	buf_clear(&r->section);
	while ((c = next(r)) != ']') {
		if (c == ' ' || c == '\t' || c == '\r')
			return read_subsection(r);
		if (!is_name(c) && c != '.')
			return -EBADMSG;
		(void)buf_append_char(&r->section, ascii_lower((char)c));
	}
	return 0;
}

static int unescape(int c)
{
	switch (c) {
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case 'n':
		return '\n';
	case '\\':
	case '"':
		return c;
	default:
		return END;
	}
}

/*
 * From behind the '=' to the end of the line. Space is kept between words, dropped at both ends, kept in
 * quotes.
 */
static int read_value(struct reader *r)
{
	bool in_quotes = false, in_comment = false;
	size_t spaces = 0;
	int c;

	buf_clear(&r->value);
	while ((c = next(r)) != '\n' && c != END) {
		if (!c)
			return -EBADMSG;
		if (in_comment)
			continue;
		if (!in_quotes && is_space(c)) {
			spaces += r->value.len > 0;
			continue;
		}
		if (!in_quotes && (c == '#' || c == ';')) {
			in_comment = true;
			continue;
		}
		for (; spaces; spaces--)
			(void)buf_append_char(&r->value, ' ');
		if (c == '"') {
			in_quotes = !in_quotes;
			continue;
		}
		if (c == '\\') {
			c = next(r);
			if (c == '\n')
				continue;
			c = unescape(c);
			if (c == END)
				return -EBADMSG;
		}
		(void)buf_append_char(&r->value, (char)c);
	}
	return in_quotes ? -EBADMSG : 0;
}

static int add(struct reader *r, struct buf *name, struct str value)
{
	struct arena *arena = r->keys->arena;
	const char *key, *copy;

	if (buf_failed(&r->section) || buf_failed(name) || buf_failed(&r->value))
		return -EMSGSIZE;
	key = arena_printf(arena, "%.*s%s%s", (int)r->section.len, buf_text(&r->section),
		r->section.len ? "." : "", buf_text(name));
	copy = arena_copy(arena, value.data, value.len);
	if (!key || !copy)
		return -EMSGSIZE;
	return floor_keys_add(r->keys, str_from(key), (struct str){ copy, value.len });
}

static int read_variable(struct reader *r, int first)
{
	scoped(buf) struct buf name = BUF_INIT(NAME_BYTES_MAX);
	struct str implied = STR("true");	/* a variable without a value is a boolean */
	int c = first, ret;

	for (; is_name(c); c = next(r))
		(void)buf_append_char(&name, ascii_lower((char)c));
	while (c == ' ' || c == '\t')
		c = next(r);
	if (c == '\n' || c == END)
		return add(r, &name, implied);
	if (c != '=')
		return -EBADMSG;
	ret = read_value(r);
	return ret < 0 ? ret : add(r, &name, (struct str){ buf_text(&r->value), r->value.len });
}

static int read_file(struct reader *r)
{
	bool in_comment = false;
	int c, ret;

	while ((c = next(r)) != END) {
		ret = 0;
		if (c == '\n')
			in_comment = false;
		else if (in_comment || is_space(c))
			continue;
		else if (c == '#' || c == ';')
			in_comment = true;
		else if (c == '[')
			ret = read_section(r);
		else if (ascii_is_alpha((char)c))
			ret = read_variable(r, c);
		else
			ret = -EBADMSG;
		if (ret < 0)
			return ret;
	}
	return 0;
}

int floor_extract_git_config(struct str text, struct floor_keys *keys)
{
	struct reader r = {
		.rest = text, .keys = keys, .section = BUF_INIT(NAME_BYTES_MAX),
		.value = BUF_INIT(VALUE_BYTES_MAX),
	};
	int ret;

	if (str_starts_with(text, STR("\xef\xbb\xbf")))
		r.rest = (struct str){ text.data + 3, text.len - 3 };
	ret = read_file(&r);
	buf_fini(&r.section);
	buf_fini(&r.value);
	return ret;
}
