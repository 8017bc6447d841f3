// SPDX-License-Identifier: Apache-2.0
/*
 * json_read.c - text to values, in one pass and without recursion
 *
 * The text is copied into the arena once, and strings are decoded in place in that copy: an escape is never
 * shorter than what it stands for, and the closing quote becomes the NUL that ends every string.
 *
 * A value is made where it will stay. While its list is open it hangs in that list's chain; closing the list
 * writes the array of its items or members, and the chain is forgotten. Open lists are a stack of frames,
 * bounded by JSON_DEPTH_MAX, so the call depth of the reader is the same for every document.
 *
 * The copy ends in a NUL, which is legal nowhere, so the reader may always look at the byte it stands on.
 */
#include "json/json_internal.h"

#include "base/quote.h"
#include "base/utf8.h"

#include <errno.h>

enum {
	FOUND_MAX_BYTES = 24,		/* of a word, as quoted in an error */
};

struct element {
	struct json value;
	struct element *next;
};

struct member {
	struct element element;		/* first, so that one chain serves both kinds of list */
	struct str key;
	uint32_t line, column;
};

struct frame {
	struct json *list;
	struct element *first, *last;
	size_t count;
};

struct reader {
	struct arena *arena;
	struct error *err;
	char *at, *end;			/* the copy; *end is a NUL */
	const char *line_start;
	uint32_t line;
	bool jsonc;
	struct frame *frames;		/* JSON_DEPTH_MAX, of which @depth are open */
	size_t depth;
};

static uint32_t column_of(const struct reader *reader, const char *at)
{
	return (uint32_t)(at - reader->line_start) + 1;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- errors ---- */

static bool is_word(char c)
{
	return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* The word, or else the one character, that @at stands on. */
static struct str found(const struct reader *reader, const char *at)
{
	struct str rest = { .data = at, .len = (size_t)(reader->end - at) };
	uint32_t point;
	size_t len = 0;
	int n;

	while (len < MIN(rest.len, (size_t)FOUND_MAX_BYTES) && is_word(at[len]))
		len++;
	if (!len) {
		n = utf8_decode(rest, &point);
		len = n < 0 ? 1 : (size_t)n;
	}
	return (struct str){ .data = at, .len = len };
}

static int expected(struct reader *reader, const char *at, const char *what)
{
	if (at == reader->end)
		return error_set(reader->err, -EBADMSG, "%u:%u: expected %s, found the end of the text",
			reader->line, column_of(reader, at), what);
	return error_set(reader->err, -EBADMSG, "%u:%u: expected %s, found '%s'", reader->line,
		column_of(reader, at), what, quote_text(found(reader, at)).text);
}

static int out_of_memory(struct reader *reader)
{
	return error_set(reader->err, -EMSGSIZE,
		"%u:%u: expected a smaller document: it needs more than the %zu bytes there are",
		reader->line, column_of(reader, reader->at), reader->arena->limit_bytes);
}

/* ---- space and comments ---- */

/* Passes a run of multibyte sequences. */
static int skip_multibyte(struct reader *reader)
{
	do {
		struct str rest = { .data = reader->at, .len = (size_t)(reader->end - reader->at) };
		uint32_t point;
		int n = utf8_decode(rest, &point);

		if (n < 0)
			return expected(reader, reader->at, "UTF-8");
		reader->at += n;
	} while (*reader->at & 0x80);
	return 0;
}

/* One byte of a comment, or a run of multibyte sequences. */
static int pass(struct reader *reader)
{
	if (*reader->at & 0x80)
		return skip_multibyte(reader);
	reader->at++;
	return 0;
}

/* Leaves the newline to skip_space(), which counts lines. */
static int skip_line_comment(struct reader *reader)
{
	int r = 0;

	while (r >= 0 && reader->at < reader->end && *reader->at != '\n')
		r = pass(reader);
	return r;
}

static int skip_block_comment(struct reader *reader)
{
	uint32_t line = reader->line, column = column_of(reader, reader->at);

	reader->at += 2;
	while (reader->at < reader->end) {
		int r;

		if (reader->at[0] == '*' && reader->at[1] == '/') {
			reader->at += 2;
			return 0;
		}
		if (*reader->at == '\n') {
			reader->line++;
			reader->line_start = reader->at + 1;
		}
		r = pass(reader);
		if (r < 0)
			return r;
	}
	return error_set(reader->err, -EBADMSG, "%u:%u: expected '*/' to end the comment that begins here",
		line, column);
}

static int skip_comment(struct reader *reader)
{
	if (reader->at[1] == '/')
		return skip_line_comment(reader);
	if (reader->at[1] == '*')
		return skip_block_comment(reader);
	return expected(reader, reader->at + 1, "'/' or '*' to begin a comment");
}

static int skip_space(struct reader *reader)
{
	for (;;) {
		switch (*reader->at) {
		case ' ':
		case '\t':
		case '\r':
			reader->at++;
			break;
		case '\n':
			reader->line_start = ++reader->at;
			reader->line++;
			break;
		case '/': {
			int r = reader->jsonc ? skip_comment(reader) : 0;

			if (r < 0 || !reader->jsonc)
				return r;
			break;
		}
		default:
			return 0;
		}
	}
}

/* ---- strings ---- */

static int read_hex4(struct reader *reader, const char *at, uint32_t *ret)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)at[i], lower = c | 32;

		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if (lower >= 'a' && lower <= 'f')
			value = value << 4 | (lower - 'a' + 10u);
		else
			return expected(reader, at + i, "four hexadecimal digits after '\\u'");
	}
	*ret = value;
	return 0;
}

/* Stands on the backslash of a \u escape; a pair of surrogates is one code point. */
static int read_unicode_escape(struct reader *reader, char **out)
{
	const char *start = reader->at;
	uint32_t point, low = 0;
	int r = read_hex4(reader, start + 2, &point);

	if (r < 0)
		return r;
	reader->at += 6;
	if (point >= 0xD800 && point <= 0xDBFF && reader->at[0] == '\\' && reader->at[1] == 'u') {
		r = read_hex4(reader, reader->at + 2, &low);
		if (r < 0)
			return r;
	}
	if (low >= 0xDC00 && low <= 0xDFFF) {
		point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
		reader->at += 6;
	} else if (point >= 0xD800 && point <= 0xDFFF) {
		return error_set(reader->err, -EBADMSG,
			"%u:%u: expected a pair of surrogates, found '%.6s' alone", reader->line,
			column_of(reader, start), start);
	}
	*out += utf8_encode(point, *out);
	return 0;
}

static int read_escape(struct reader *reader, char **out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *known;

	if (reader->at[1] == 'u')
		return read_unicode_escape(reader, out);
	known = reader->at[1] ? strchr(from, reader->at[1]) : NULL;
	if (!known)
		return expected(reader, reader->at + 1, "one of \" \\ / b f n r t u after the backslash");
	*(*out)++ = to[known - from];
	reader->at += 2;
	return 0;
}

static int bad_in_string(struct reader *reader, uint32_t column)
{
	if (reader->at == reader->end)
		return error_set(reader->err, -EBADMSG,
			"%u:%u: expected a quote to end the string that begins at %u:%u", reader->line,
			column_of(reader, reader->at), reader->line, column);
	return expected(reader, reader->at, "control characters in a string to be written as escapes");
}

/* Stands on the opening quote. Up to the first escape nothing moves. */
static int read_string(struct reader *reader, struct str *ret)
{
	uint32_t column = column_of(reader, reader->at);
	char *text = ++reader->at, *out = text;

	for (;;) {
		char *run = reader->at;
		int r = 0;

		reader->at += json_plain_run(reader->at, reader->end);
		if (*reader->at & 0x80)
			r = skip_multibyte(reader);
		if (r < 0)
			return r;
		if (out != run)
			memmove(out, run, (size_t)(reader->at - run));
		out += reader->at - run;
		if (*reader->at == '"')
			break;
		if (*reader->at == '\\')
			r = read_escape(reader, &out);
		else if ((unsigned char)*reader->at < 0x20)
			r = bad_in_string(reader, column);
		if (r < 0)
			return r;
	}
	*out = '\0';
	reader->at++;
	*ret = (struct str){ .data = text, .len = (size_t)(out - text) };
	return 0;
}

/* ---- numbers and words ---- */

static int skip_digits(struct reader *reader, const char *what)
{
	if (!is_digit(*reader->at))
		return expected(reader, reader->at, what);
	while (is_digit(*reader->at))
		reader->at++;
	return 0;
}

/* Whether @text, an integer by its grammar, is one that an int64_t holds. "-0" is not the integer 0. */
static bool to_integer(struct str text, int64_t *ret)
{
	bool negative = text.data[0] == '-';
	int64_t value = 0;

	if (str_eq(text, STR("-0")))
		return false;
	for (size_t i = negative; i < text.len; i++) {
		int64_t digit = text.data[i] - '0';

		if (__builtin_mul_overflow(value, 10, &value) ||
				__builtin_add_overflow(value, negative ? -digit : digit, &value))
			return false;
	}
	*ret = value;
	return true;
}

static int skip_fraction_and_exponent(struct reader *reader)
{
	int r = 0;

	if (*reader->at == '.') {
		reader->at++;
		r = skip_digits(reader, "a digit after the decimal point");
	}
	if (r < 0 || (*reader->at | 32) != 'e')
		return r;
	reader->at++;
	if (*reader->at == '+' || *reader->at == '-')
		reader->at++;
	return skip_digits(reader, "a digit in the exponent");
}

static int read_number(struct reader *reader, struct json *value)
{
	struct str text = { .data = reader->at };
	char *digits;
	int r;

	if (*reader->at == '-')
		reader->at++;
	digits = reader->at;
	r = skip_digits(reader, "a digit after the minus sign");
	if (r < 0)
		return r;
	if (*digits == '0' && reader->at > digits + 1)
		return expected(reader, digits, "a number without a leading zero");
	text.len = (size_t)(reader->at - text.data);
	if (*reader->at != '.' && (*reader->at | 32) != 'e' && to_integer(text, &value->integer)) {
		value->type = JSON_INT;
		return 0;
	}
	r = skip_fraction_and_exponent(reader);
	if (r < 0)
		return r;
	text.len = (size_t)(reader->at - text.data);
	value->type = JSON_NUMBER;
	value->text = (struct str){ .data = arena_copy(reader->arena, text.data, text.len), .len = text.len };
	return value->text.data ? 0 : out_of_memory(reader);
}

static int read_word(struct reader *reader, struct str word, const char *what)
{
	if (!str_starts_with((struct str){ .data = reader->at, .len = (size_t)(reader->end - reader->at) },
			word))
		return expected(reader, reader->at, what);
	reader->at += word.len;
	return 0;
}

/* ---- lists ---- */

static int open_list(struct reader *reader, struct json *list, enum json_type type)
{
	if (reader->depth == JSON_DEPTH_MAX)
		return error_set(reader->err, -EMSGSIZE, "%u:%u: expected at most %d lists within each other",
			list->line, list->column, JSON_DEPTH_MAX);
	list->type = type;
	list->height = 1;
	reader->frames[reader->depth++] = (struct frame){ .list = list };
	reader->at++;
	return 0;
}

static void chain(struct frame *frame, struct element *element)
{
	if (frame->last)
		frame->last->next = element;
	else
		frame->first = element;
	frame->last = element;
	frame->count++;
}

static int close_array(struct reader *reader, const struct frame *frame)
{
	const struct json **items = arena_alloc_array(reader->arena, frame->count, sizeof(*items));
	struct json *list = frame->list;

	if (!items)
		return out_of_memory(reader);
	list->array.items = items;
	list->array.count = frame->count;
	for (const struct element *element = frame->first; element; element = element->next) {
		*items++ = &element->value;
		list->height = MAX(list->height, element->value.height + 1);
	}
	return 0;
}

static int close_object(struct reader *reader, const struct frame *frame)
{
	struct json_member *members = arena_alloc_array(reader->arena, frame->count, sizeof(*members));
	struct json_member *at = members;
	const struct json_member *again;
	struct json *list = frame->list;

	if (!members)
		return out_of_memory(reader);
	for (struct element *element = frame->first; element; element = element->next) {
		const struct member *member = CONTAINER_OF(element, struct member, element);

		*at++ = (struct json_member){ .key = member->key, .value = &element->value,
			.line = member->line, .column = member->column };
		list->height = MAX(list->height, element->value.height + 1);
	}
	again = json_sort_members(members, frame->count);
	if (again)
		return error_set(reader->err, -EBADMSG,
			"%u:%u: expected each key once, found '%s' again (first at %u:%u)", again->line,
			again->column, quote_text(again->key).text, again[-1].line, again[-1].column);
	list->object.members = members;
	list->object.count = frame->count;
	return 0;
}

static int close_list(struct reader *reader)
{
	const struct frame *frame = &reader->frames[--reader->depth];

	reader->at++;
	if (!frame->count)
		return 0;
	return frame->list->type == JSON_ARRAY ? close_array(reader, frame) : close_object(reader, frame);
}

/* ---- the whole ---- */

static int read_value(struct reader *reader, struct json *value)
{
	*value = (struct json){ .line = reader->line, .column = column_of(reader, reader->at) };
	switch (*reader->at) {
	case '{':
		return open_list(reader, value, JSON_OBJECT);
	case '[':
		return open_list(reader, value, JSON_ARRAY);
	case '"':
		value->type = JSON_STRING;
		return read_string(reader, &value->text);
	case '-':
	case '0' ... '9':
		return read_number(reader, value);
	case 't':
		value->type = JSON_BOOL;
		value->boolean = true;
		return read_word(reader, STR("true"), "'true'");
	case 'f':
		value->type = JSON_BOOL;
		return read_word(reader, STR("false"), "'false'");
	case 'n':
		return read_word(reader, STR("null"), "'null'");
	default:
		return expected(reader, reader->at, "a value");
	}
}

static int read_item(struct reader *reader, struct frame *frame)
{
	struct element *element = arena_alloc(reader->arena, sizeof(*element));

	if (!element)
		return out_of_memory(reader);
	chain(frame, element);
	return read_value(reader, &element->value);
}

/* Reads `"key": value`. */
static int read_member(struct reader *reader, struct frame *frame)
{
	struct member *member = arena_alloc(reader->arena, sizeof(*member));
	int r;

	if (!member)
		return out_of_memory(reader);
	chain(frame, &member->element);
	member->line = reader->line;
	member->column = column_of(reader, reader->at);
	if (*reader->at != '"')
		return expected(reader, reader->at, "a key in quotes");
	r = read_string(reader, &member->key);
	if (r >= 0)
		r = skip_space(reader);
	if (r < 0)
		return r;
	if (*reader->at != ':')
		return expected(reader, reader->at, "':' after the key");
	reader->at++;
	r = skip_space(reader);
	return r < 0 ? r : read_value(reader, &member->element.value);
}

/* One step in the innermost open list: its end, or a comma where one is due and the next element. */
static int read_next(struct reader *reader)
{
	struct frame *frame = &reader->frames[reader->depth - 1];
	bool is_object = frame->list->type == JSON_OBJECT;
	char close = is_object ? '}' : ']';
	int r = skip_space(reader);

	if (r < 0)
		return r;
	if (*reader->at == close)
		return close_list(reader);
	if (frame->count) {
		if (*reader->at != ',')
			return expected(reader, reader->at, is_object ? "',' or '}'" : "',' or ']'");
		reader->at++;
		r = skip_space(reader);
		if (r < 0)
			return r;
		if (reader->jsonc && *reader->at == close)
			return close_list(reader);
	}
	return is_object ? read_member(reader, frame) : read_item(reader, frame);
}

static int refuse_byte_order_mark(struct reader *reader)
{
	int r = error_set(reader->err, -EBADMSG, "1:1: expected a value, found a byte-order mark");

	error_hint(reader->err, "Save the file as UTF-8 without a byte-order mark.");
	return r;
}

static int read_document(struct reader *reader, struct json *root)
{
	struct str text = { .data = reader->at, .len = (size_t)(reader->end - reader->at) };
	int r;

	if (str_starts_with(text, STR("\xEF\xBB\xBF")))
		return refuse_byte_order_mark(reader);
	r = skip_space(reader);
	if (r >= 0)
		r = read_value(reader, root);
	while (r >= 0 && reader->depth)
		r = read_next(reader);
	if (r >= 0)
		r = skip_space(reader);
	if (r >= 0 && reader->at != reader->end)
		r = expected(reader, reader->at, "the end of the text");
	return r;
}

int json_read(struct arena *arena, struct str text, unsigned flags, const struct json **ret,
	struct error *err)
{
	struct frame frames[JSON_DEPTH_MAX];
	struct reader reader = {
		.arena = arena, .err = err, .line = 1, .jsonc = flags & JSON_READ_JSONC, .frames = frames,
	};
	struct json *root;
	int r;

	if (text.len > JSON_TEXT_MAX)
		return error_set(err, -EMSGSIZE, "1:1: expected at most %d bytes of JSON, found %zu",
			JSON_TEXT_MAX, text.len);
	root = arena_alloc(arena, sizeof(*root));
	reader.line_start = reader.at = arena_copy(arena, text.data, text.len);
	if (!root || !reader.at)
		return out_of_memory(&reader);
	reader.end = reader.at + text.len;
	r = read_document(&reader, root);
	if (r < 0)
		return r;
	*ret = root;
	return 0;
}
