// SPDX-License-Identifier: Apache-2.0
/*
 * extract_toml.c - TOML as a list of keys and values
 *
 * One path buffer grows and shrinks as tables, dotted keys, arrays and inline tables open and close; every
 * scalar adds one line "/outer/inner/0" = text. Keys are decoded ("build-\u0062ackend" is a way to write
 * build-backend), strings are too, and other scalars are kept as they are written. An item of an array of
 * tables has "-" for its number.
 *
 * What TOML forbids but cannot hide a key is let through: a table defined twice, a date that is none.
 * Newlines inside inline tables are, too, which TOML 1.1 allows.
 *
 * Source: TOML v1.0.0 (https://toml.io/en/v1.0.0), with the escapes of v1.1.0
 */
#include "policy/extract_internal.h"

#include "base/utf8.h"

#include <errno.h>

enum {
	PATH_BYTES_MAX = 4096,
	VALUE_BYTES_MAX = 1 << 20,
};

struct reader {
	struct str rest;
	struct floor_keys *keys;
	struct buf path, value;
	int depth;
};

static int read_one(struct reader *r);

/* ---- characters ---- */

static char peek(const struct reader *r)
{
	return r->rest.len ? r->rest.data[0] : '\0';
}

static void skip(struct reader *r, size_t count)
{
	r->rest.data += count;
	r->rest.len -= count;
}

static bool take(struct reader *r, struct str text)
{
	if (!str_starts_with(r->rest, text))
		return false;
	skip(r, text.len);
	return true;
}

static void skip_blanks(struct reader *r)
{
	while (r->rest.len && (peek(r) == ' ' || peek(r) == '\t'))
		skip(r, 1);
}

static void skip_comment(struct reader *r)
{
	if (peek(r) != '#')
		return;
	while (r->rest.len && peek(r) != '\n')
		skip(r, 1);
}

static bool take_newline(struct reader *r)
{
	return take(r, STR("\n")) || take(r, STR("\r\n"));
}

static void skip_lines(struct reader *r)
{
	do {
		skip_blanks(r);
		skip_comment(r);
	} while (take_newline(r));
}

/* ---- strings ---- */

static int read_hex(struct reader *r, size_t digits, struct buf *ret)
{
	uint32_t point = 0;
	char utf8[4];

	if (r->rest.len < digits)
		return -EBADMSG;
	for (size_t i = 0; i < digits; i++) {
		char c = ascii_lower(r->rest.data[i]);

		if (!ascii_is_digit(c) && (c < 'a' || c > 'f'))
			return -EBADMSG;
		point = point << 4 | (uint32_t)(ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	skip(r, digits);
	if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
		return -EBADMSG;
	return buf_append(ret, utf8, utf8_encode(point, utf8));
}

/* Behind a backslash. At the end of a line of a long string it takes all white space with it. */
static int read_escape(struct reader *r, bool is_long, struct buf *ret)
{
	static const char from[] = "btnfre\"\\", to[] = "\b\t\n\f\r\x1b\"\\";
	char c = peek(r);
	const char *at = c ? strchr(from, c) : NULL;

	if (at) {
		skip(r, 1);
		return buf_append_char(ret, to[at - from]);
	}
	if (take(r, STR("x")))
		return read_hex(r, 2, ret);
	if (take(r, STR("u")))
		return read_hex(r, 4, ret);
	if (take(r, STR("U")))
		return read_hex(r, 8, ret);
	if (!is_long)
		return -EBADMSG;
	skip_blanks(r);
	if (!take_newline(r))
		return -EBADMSG;
	do
		skip_blanks(r);
	while (take_newline(r));
	return 0;
}

/* A long string may end in one or two quotes of its own: the closing three are the last of the run. */
static bool take_closing(struct reader *r, struct str quotes, bool is_long, struct buf *ret)
{
	if (!str_starts_with(r->rest, quotes))
		return false;
	while (is_long && r->rest.len > quotes.len && r->rest.data[quotes.len] == quotes.data[0]) {
		(void)buf_append_char(ret, quotes.data[0]);
		skip(r, 1);
	}
	skip(r, quotes.len);
	return true;
}

static int read_string(struct reader *r, struct buf *ret)
{
	static const struct {
		struct str quotes;
		bool is_long, has_escapes;
	} kinds[] = {
		{ { "\"\"\"", 3 }, true, true }, { { "'''", 3 }, true, false }, { { "\"", 1 }, false, true },
		{ { "'", 1 }, false, false },
	};
	size_t kind = 0;
	int ret_code = 0;

	while (kind < ARRAY_SIZE(kinds) && !take(r, kinds[kind].quotes))
		kind++;
	assert(kind < ARRAY_SIZE(kinds));
	if (kinds[kind].is_long)
		(void)take_newline(r);
	while (ret_code >= 0 && !take_closing(r, kinds[kind].quotes, kinds[kind].is_long, ret)) {
		char c = peek(r);

		if (!r->rest.len || !c || (c == '\n' && !kinds[kind].is_long))
			return -EBADMSG;
		skip(r, 1);
		if (c == '\\' && kinds[kind].has_escapes)
			ret_code = read_escape(r, kinds[kind].is_long, ret);
		else
			ret_code = buf_append_char(ret, c);
	}
	return ret_code;
}

/* ---- keys ---- */

/* One more component of the path, with '/' and '~' as JSON Pointer writes them. */
static int push(struct reader *r, struct str name)
{
	(void)buf_append_char(&r->path, '/');
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		(void)buf_append_str(&r->path, c == '/' ? "~1" : c == '~' ? "~0" : (char[]){ c, '\0' });
	}
	return buf_failed(&r->path) ? -EMSGSIZE : 0;
}

static int read_key_part(struct reader *r)
{
	size_t len = 0;
	int ret;

	skip_blanks(r);
	if (peek(r) == '"' || peek(r) == '\'') {
		scoped(buf) struct buf name = BUF_INIT(PATH_BYTES_MAX);

		ret = read_string(r, &name);
		return ret < 0 ? ret : push(r, (struct str){ buf_text(&name), name.len });
	}
	while (len < r->rest.len && (ascii_is_alnum(r->rest.data[len]) || r->rest.data[len] == '_' ||
			r->rest.data[len] == '-' || (unsigned char)r->rest.data[len] >= 0x80))
		len++;
	if (!len)
		return -EBADMSG;
	ret = push(r, (struct str){ r->rest.data, len });
	skip(r, len);
	return ret;
}

static int read_key(struct reader *r)
{
	int ret;

	do {
		ret = read_key_part(r);
		skip_blanks(r);
	} while (ret >= 0 && take(r, STR(".")));
	return ret;
}

/* ---- values ---- */

static int add(struct reader *r, struct str value)
{
	const char *key = arena_copy(r->keys->arena, buf_text(&r->path), r->path.len);
	const char *copy = arena_copy(r->keys->arena, value.data, value.len);

	if (!key || !copy)
		return -EMSGSIZE;
	return floor_keys_add(r->keys, (struct str){ key, r->path.len }, (struct str){ copy, value.len });
}

static int read_array(struct reader *r)
{
	size_t len = r->path.len, i = 0;
	int ret = 0;

	skip_lines(r);
	if (peek(r) == ']')
		ret = add(r, STR("[]"));
	while (ret >= 0 && peek(r) != ']') {
		ret = buf_printf(&r->path, "/%zu", i++);
		if (ret >= 0)
			ret = read_one(r);
		floor_cut(&r->path, len);
		skip_lines(r);
		if (ret >= 0 && !take(r, STR(",")) && peek(r) != ']')
			ret = -EBADMSG;
		skip_lines(r);
	}
	skip(r, ret >= 0);
	return ret;
}

static int read_pair(struct reader *r)
{
	size_t len = r->path.len;
	int ret = read_key(r);

	if (ret >= 0 && !take(r, STR("=")))
		ret = -EBADMSG;
	if (ret >= 0)
		ret = read_one(r);
	floor_cut(&r->path, len);
	return ret;
}

static int read_inline_table(struct reader *r)
{
	int ret = 0;

	skip_lines(r);
	if (peek(r) == '}')
		ret = add(r, STR("{}"));
	while (ret >= 0 && peek(r) != '}') {
		ret = read_pair(r);
		skip_lines(r);
		if (ret >= 0 && !take(r, STR(",")) && peek(r) != '}')
			ret = -EBADMSG;
		skip_lines(r);
	}
	skip(r, ret >= 0);
	return ret;
}

/* The one space between a date and a time: behind exactly a date, before a digit. */
static bool is_date_space(struct str rest, size_t at)
{
	static const size_t date_len = sizeof("1979-05-27") - 1;

	return at == date_len && at + 1 < rest.len && rest.data[at] == ' ' &&
			ascii_is_digit(rest.data[at + 1]);
}

/* A number, a boolean, a date and time. */
static int read_bare(struct reader *r)
{
	static const char marks[] = { '+', '-', '_', '.', ':' };
	struct str word = { r->rest.data, 0 };

	while (word.len < r->rest.len) {
		char c = word.data[word.len];

		if (!ascii_is_alnum(c) && !memchr(marks, c, sizeof(marks)) &&
				!is_date_space(r->rest, word.len))
			break;
		word.len++;
	}
	if (!word.len)
		return -EBADMSG;
	skip(r, word.len);
	return add(r, word);
}

static int read_one(struct reader *r)
{
	int ret;

	skip_blanks(r);
	if (peek(r) == '"' || peek(r) == '\'') {
		buf_clear(&r->value);
		/* As in JSON: a string is told from a bare word by its first quote. */
		(void)buf_append_char(&r->value, '"');
		ret = read_string(r, &r->value);
		return ret < 0 ? ret : add(r, (struct str){ r->value.data, r->value.len });
	}
	if (peek(r) != '[' && peek(r) != '{')
		return read_bare(r);
	if (++r->depth > FLOOR_DEPTH_MAX)
		return -EMSGSIZE;
	ret = take(r, STR("[")) ? read_array(r) : (skip(r, 1), read_inline_table(r));
	r->depth--;
	return ret;
}

/* ---- statements ---- */

static int read_header(struct reader *r)
{
	bool is_item = take(r, STR("[["));
	int ret;

	if (!is_item)
		skip(r, 1);
	floor_cut(&r->path, 0);
	ret = read_key(r);
	if (ret >= 0 && !take(r, is_item ? STR("]]") : STR("]")))
		ret = -EBADMSG;
	if (ret >= 0 && is_item)
		ret = push(r, STR("-"));
	return ret;
}

static int read_file(struct reader *r)
{
	int ret = 0;

	skip_lines(r);
	while (ret >= 0 && r->rest.len) {
		ret = peek(r) == '[' ? read_header(r) : read_pair(r);
		skip_blanks(r);
		skip_comment(r);
		if (ret >= 0 && r->rest.len && !take_newline(r))
			ret = -EBADMSG;
		skip_lines(r);
	}
	return ret;
}

int floor_extract_toml(struct str text, struct floor_keys *keys)
{
	struct reader r = {
		.rest = text, .keys = keys, .path = BUF_INIT(PATH_BYTES_MAX),
		.value = BUF_INIT(VALUE_BYTES_MAX),
	};
	int ret;

	(void)take(&r, STR("\xef\xbb\xbf"));
	ret = read_file(&r);
	buf_fini(&r.path);
	buf_fini(&r.value);
	return ret;
}
