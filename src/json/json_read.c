// SPDX-License-Identifier: Apache-2.0
/*
 * json_read.c - text to values, in one pass and without recursion
 *
 * The text is copied into the arena once, and the scanner (json_scan.h) leaves the strings in that copy. A
 * value is made where it will stay. While its list is open it hangs in that list's chain; closing the list
 * writes the array of its items or members, and the chain is forgotten. Open lists are a stack of frames,
 * bounded by JSON_DEPTH_MAX, so the call depth of the reader is the same for every document.
 */
#include "json/json_internal.h"
#include "json/json_scan.h"

#include "base/quote.h"

#include <errno.h>

struct element {
	struct json value;
	struct element *next;
};

struct member {
	struct element element;		/* first, so that one chain serves both kinds of list */
	struct json key;
};

struct frame {
	struct json *list;
	struct element *first, *last;
	size_t count;
};

struct reader {
	struct json_scan scan;
	struct frame *frames;		/* JSON_DEPTH_MAX, of which @depth are open */
	size_t depth;
};

/* ---- lists ---- */

static int open_list(struct reader *reader, struct json *list, enum json_type type)
{
	struct json_scan *scan = &reader->scan;

	if (reader->depth == JSON_DEPTH_MAX)
		return error_set(scan->err, -EMSGSIZE, "%u:%u: expected at most %d lists within each other",
			list->line, list->column, JSON_DEPTH_MAX);
	list->type = type;
	list->height = 1;
	reader->frames[reader->depth++] = (struct frame){ .list = list };
	scan->at++;
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
	struct json_scan *scan = &reader->scan;
	const struct json **items = arena_alloc_array(scan->arena, frame->count, sizeof(*items));
	struct json *list = frame->list;

	if (!items)
		return json_scan_full(scan);
	list->array.items = items;
	list->array.count = frame->count;
	for (const struct element *element = frame->first; element; element = element->next) {
		*items++ = &element->value;
		json_count_in(list, &element->value);
	}
	return 0;
}

static int close_object(struct reader *reader, const struct frame *frame)
{
	struct json_scan *scan = &reader->scan;
	struct json_member *members = arena_alloc_array(scan->arena, frame->count, sizeof(*members));
	struct json_member *at = members;
	const struct json_member *again;
	struct json *list = frame->list;

	if (!members)
		return json_scan_full(scan);
	for (struct element *element = frame->first; element; element = element->next) {
		const struct member *member = CONTAINER_OF(element, struct member, element);

		*at++ = (struct json_member){ .key = &member->key, .value = &element->value };
		json_count_in(list, &element->value);
	}
	if (!json_sort_members(scan->arena, members, frame->count))
		return json_scan_full(scan);
	again = json_find_twice(members, frame->count);
	if (again)
		return error_set(scan->err, -EBADMSG,
			"%u:%u: expected each key once, found '%s' again (first at %u:%u)", again->key->line,
			again->key->column, quote_text(again->key->text).text, again[-1].key->line,
			again[-1].key->column);
	list->object.members = members;
	list->object.count = frame->count;
	return 0;
}

static int close_list(struct reader *reader)
{
	const struct frame *frame = &reader->frames[--reader->depth];

	reader->scan.at++;
	if (!frame->count)
		return 0;
	return frame->list->type == JSON_ARRAY ? close_array(reader, frame) : close_object(reader, frame);
}

/* ---- the whole ---- */

static int read_value(struct reader *reader, struct json *value)
{
	struct json_scan *scan = &reader->scan;

	*value = (struct json){ .line = scan->line, .column = json_scan_column(scan, scan->at) };
	switch (*scan->at) {
	case '{':
		return open_list(reader, value, JSON_OBJECT);
	case '[':
		return open_list(reader, value, JSON_ARRAY);
	case '"':
		value->type = JSON_STRING;
		return json_scan_string(scan, &value->text);
	case '-':
	case '0' ... '9':
		return json_scan_number(scan, value);
	case 't':
		value->type = JSON_BOOL;
		value->boolean = true;
		return json_scan_word(scan, STR("true"), "'true'");
	case 'f':
		value->type = JSON_BOOL;
		return json_scan_word(scan, STR("false"), "'false'");
	case 'n':
		return json_scan_word(scan, STR("null"), "'null'");
	default:
		return json_scan_expected(scan, scan->at, "a value");
	}
}

static int read_item(struct reader *reader, struct frame *frame)
{
	struct json_scan *scan = &reader->scan;
	struct element *element = arena_alloc(scan->arena, sizeof(*element));

	if (!element)
		return json_scan_full(scan);
	chain(frame, element);
	return read_value(reader, &element->value);
}

/* Reads `"key": value`. */
static int read_member(struct reader *reader, struct frame *frame)
{
	struct json_scan *scan = &reader->scan;
	struct member *member = arena_alloc(scan->arena, sizeof(*member));
	int r;

	if (!member)
		return json_scan_full(scan);
	chain(frame, &member->element);
	member->key = (struct json){ .type = JSON_STRING, .line = scan->line,
		.column = json_scan_column(scan, scan->at) };
	if (*scan->at != '"')
		return json_scan_expected(scan, scan->at, "a key in quotes");
	r = json_scan_string(scan, &member->key.text);
	if (r >= 0)
		r = json_scan_space(scan);
	if (r < 0)
		return r;
	if (*scan->at != ':')
		return json_scan_expected(scan, scan->at, "':' after the key");
	scan->at++;
	r = json_scan_space(scan);
	return r < 0 ? r : read_value(reader, &member->element.value);
}

/* One step in the innermost open list: its end, or a comma where one is due and the next element. */
static int read_next(struct reader *reader)
{
	struct json_scan *scan = &reader->scan;
	struct frame *frame = &reader->frames[reader->depth - 1];
	bool is_object = frame->list->type == JSON_OBJECT;
	char close = is_object ? '}' : ']';
	int r = json_scan_space(scan);

	if (r < 0)
		return r;
	if (*scan->at == close)
		return close_list(reader);
	if (frame->count) {
		if (*scan->at != ',')
			return json_scan_expected(scan, scan->at, is_object ? "',' or '}'" : "',' or ']'");
		scan->at++;
		r = json_scan_space(scan);
		if (r < 0)
			return r;
		if (scan->jsonc && *scan->at == close)
			return close_list(reader);
	}
	return is_object ? read_member(reader, frame) : read_item(reader, frame);
}

static int refuse_byte_order_mark(struct json_scan *scan)
{
	int r = error_set(scan->err, -EBADMSG, "1:1: expected a value, found a byte-order mark");

	error_hint(scan->err, "Save the file as UTF-8 without a byte-order mark.");
	return r;
}

static int read_document(struct reader *reader, struct json *root)
{
	struct json_scan *scan = &reader->scan;
	struct str text = { .data = scan->at, .len = (size_t)(scan->end - scan->at) };
	int r;

	if (str_starts_with(text, STR("\xEF\xBB\xBF")))
		return refuse_byte_order_mark(scan);
	r = json_scan_space(scan);
	if (r >= 0)
		r = read_value(reader, root);
	while (r >= 0 && reader->depth)
		r = read_next(reader);
	if (r >= 0)
		r = json_scan_space(scan);
	if (r >= 0 && scan->at != scan->end)
		r = json_scan_expected(scan, scan->at, "the end of the text");
	return r;
}

int json_read(struct arena *arena, struct str text, unsigned flags, const struct json **ret,
	struct error *err)
{
	struct frame frames[JSON_DEPTH_MAX];
	struct reader reader = {
		.scan = { .arena = arena, .err = err, .line = 1, .jsonc = flags & JSON_READ_JSONC },
		.frames = frames,
	};
	struct json_scan *scan = &reader.scan;
	struct json *root;
	int r;

	if (text.len > JSON_TEXT_MAX)
		return error_set(err, -EMSGSIZE, "1:1: expected at most %d bytes of JSON, found %zu",
			JSON_TEXT_MAX, text.len);
	root = arena_alloc(arena, sizeof(*root));
	scan->line_start = scan->at = arena_copy(arena, text.data, text.len);
	if (!root || !scan->at)
		return json_scan_full(scan);
	scan->end = scan->at + text.len;
	r = read_document(&reader, root);
	if (r < 0)
		return r;
	*ret = root;
	return 0;
}
