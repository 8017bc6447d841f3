// SPDX-License-Identifier: Apache-2.0
/*
 * json_read.c - text to values, in one pass and without recursion
 *
 * The text is copied into the arena once, and the scanner (json_scan.h) leaves the strings in that copy. A
 * value is made where it will stay, and while its list is open it waits on a stack of pointers; closing the
 * list moves them from there into the array of its items or members. Open lists are a stack of frames,
 * bounded by JSON_DEPTH_MAX, so the call depth of the reader is the same for every document.
 *
 * Most documents are small and read often (one for each question to a policy), so what nearly every value
 * needs is done here without a call: room comes from pieces of the arena that are handed out in order, a
 * string without escapes is found eight bytes at a time, and a few keys are put in order by their first eight
 * bytes. Whatever is not that simple goes to the scanner and to json_sort.c.
 */
#include "json/json_internal.h"
#include "json/json_scan.h"

#include "base/quote.h"

#include <errno.h>

enum {
	SHARED_KEYS_BITS = 8,		/* of the number of slots for keys that come again */
	/* NULs behind the text, so that a word can be read wherever a byte can */
	PADDING_BYTES = 8,
	STACK_COUNT = 256,		/* waiting elements without memory of the arena */
	PIECE_MAX_BYTES = 8192,
	BYTES_PER_BYTE = 6,		/* that values take for each byte of their text, more or less */
	FEW_COUNT = 16,			/* members that are sorted here */
	INT_DIGITS_MAX = 18,		/* of which an int64_t holds every number */
};

struct frame {
	struct json *list;
	const struct json **elements;	/* on the stack; an object has key and value in turn */
};

/* A piece of the arena that is handed out from its beginning on. */
struct piece {
	char *at, *end;
};

struct stack {
	const struct json **first, **end;
};

/*
 * The reader's own copy of the place stays in registers: nobody outside gets a pointer to it. Who calls the
 * scanner tells it the place, and takes it back.
 */
struct reader {
	struct json_scan *scan;
	char *at;
	struct piece room;
	struct stack stack;		/* elements of open lists */
	const struct json **top;
	struct frame *frame;		/* of the innermost open list; the first one is of none */
	const struct frame *last;
	/* What is above begins no space and no comment; what is not, may. */
	unsigned char no_space;
};

/* ---- memory ---- */

static struct piece new_piece(struct json_scan *scan, const char *at, size_t size_bytes)
{
	size_t wanted_bytes = (size_t)(scan->end - at) * BYTES_PER_BYTE & ~(size_t)7;
	size_t piece_bytes = MAX(MIN(wanted_bytes, (size_t)PIECE_MAX_BYTES), size_bytes);
	char *piece = arena_alloc_raw(scan->arena, piece_bytes);

	/* At the end of the arena there may still be room for this alone. */
	if (!piece) {
		piece_bytes = size_bytes;
		piece = arena_alloc_raw(scan->arena, piece_bytes);
	}
	return (struct piece){ .at = piece, .end = piece ? piece + piece_bytes : NULL };
}

/* Multiples of eight bytes. */
static ALWAYS_INLINE void *take(struct reader *reader, size_t size_bytes)
{
	char *place = reader->room.at;

	if (unlikely((size_t)(reader->room.end - place) < size_bytes)) {
		reader->room = new_piece(reader->scan, reader->at, size_bytes);
		place = reader->room.at;
		if (!place)
			return NULL;
	}
	reader->room.at = place + size_bytes;
	return place;
}

static struct stack grow_stack(struct json_scan *scan, struct stack stack)
{
	size_t count = (size_t)(stack.end - stack.first);
	const struct json **grown = arena_alloc_array(scan->arena, count * 2, sizeof(*grown));

	if (!grown)
		return (struct stack){ 0 };
	memcpy(grown, stack.first, count * sizeof(*grown));
	return (struct stack){ .first = grown, .end = grown + count * 2 };
}

static ALWAYS_INLINE bool push(struct reader *reader, const struct json *value)
{
	if (unlikely(reader->top == reader->stack.end)) {
		struct stack grown = grow_stack(reader->scan, reader->stack);

		if (!grown.first)
			return false;
		for (struct frame *frame = reader->frame; frame->list; frame--)
			frame->elements = grown.first + (frame->elements - reader->stack.first);
		reader->top = grown.first + (reader->top - reader->stack.first);
		reader->stack = grown;
	}
	*reader->top++ = value;
	return true;
}

static int full(const struct reader *reader)
{
	reader->scan->at = reader->at;
	return json_scan_full(reader->scan);
}

static int expected(const struct reader *reader, const char *what)
{
	return json_scan_expected(reader->scan, reader->at, what);
}

/* Room for a value, which waits for its list to end; to be written at once. NULL when the arena is full. */
static ALWAYS_INLINE struct json *new_value(struct reader *reader)
{
	struct json *value = take(reader, sizeof(*value));

	return likely(value && push(reader, value)) ? value : NULL;
}

/* ---- order ---- */

/* The first eight bytes of a key in the copy of the text, so that words compare as their bytes do. */
static ALWAYS_INLINE uint64_t prefix_of(struct str key)
{
	uint64_t word = __builtin_bswap64(json_word_at(key.data));

	return key.len < 8 ? word & ~(UINT64_MAX >> (8 * key.len)) : word;
}

/* Sorts pairs of the stack into @members. Returns whether two keys may be the same. */
static bool sort_few(struct json_member *members, const struct json *const *pairs, size_t count)
{
	UNINITIALIZED uint64_t prefixes[FEW_COUNT];
	bool may_repeat = false;

	for (size_t i = 0; i < count; i++) {
		const struct json *key = pairs[2 * i];
		uint64_t prefix = prefix_of(key->text);
		size_t at = i;

		for (; at; at--) {
			if (prefixes[at - 1] < prefix)
				break;
			if (prefixes[at - 1] == prefix) {
				may_repeat = true;
				if (str_compare(members[at - 1].key->text, key->text) <= 0)
					break;
			}
			prefixes[at] = prefixes[at - 1];
			members[at] = members[at - 1];
		}
		prefixes[at] = prefix;
		members[at] = (struct json_member){ .key = key, .value = pairs[2 * i + 1] };
	}
	return may_repeat;
}

static int key_comes_again(struct json_scan *scan, const struct json_member *again)
{
	const struct json *first = again[-1].key, *second = again->key;

	return error_set(scan->err, -EBADMSG,
		"%u:%u: expected each key once, found '%s' again (first at %u:%u)", second->line,
		second->column, quote_text(second->text).text, first->line, first->column);
}

/* Sorting keeps the order of equal keys. Return: how many are left. */
static size_t keep_last(struct json_member *members, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (i + 1 == count || !json_equal(members[i].key, members[i + 1].key))
			members[kept++] = members[i];
	return kept;
}

static int sort_members(struct json_scan *scan, struct json_member *members,
	const struct json *const *pairs, size_t *ret_count)
{
	const struct json_member *again;
	size_t count = *ret_count;

	if (likely(count <= FEW_COUNT)) {
		if (likely(!sort_few(members, pairs, count)))
			return 0;
	} else {
		memcpy(members, pairs, count * sizeof(*members));
		if (!json_sort_members(scan->arena, members, count))
			return json_scan_full(scan);
	}
	if (scan->keeps_last) {
		*ret_count = keep_last(members, count);
		return 0;
	}
	again = json_find_twice(members, count);
	return again ? key_comes_again(scan, again) : 0;
}

/* ---- lists ---- */

static ALWAYS_INLINE int open_list(struct reader *reader, struct json *list, enum json_type type)
{
	if (unlikely(reader->frame == reader->last))
		return error_set(reader->scan->err, -EMSGSIZE,
			"%u:%u: expected at most %d lists within each other", list->line, list->column,
			JSON_DEPTH_MAX);
	list->type = type;
	list->height = 1;
	*++reader->frame = (struct frame){ .list = list, .elements = reader->top };
	reader->at++;
	return 0;
}

static ALWAYS_INLINE int close_array(struct reader *reader, struct json *list,
	const struct json *const *elements, size_t count)
{
	const struct json **items = take(reader, count * sizeof(*items));

	if (unlikely(!items))
		return full(reader);
	for (size_t i = 0; i < count; i++)
		items[i] = elements[i];
	list->array.items = items;
	list->array.count = count;
	return 0;
}

static ALWAYS_INLINE int close_object(struct reader *reader, struct json *list,
	const struct json *const *elements, size_t count)
{
	struct json_member *members = take(reader, count * sizeof(*members));

	if (unlikely(!members))
		return full(reader);
	list->object.members = members;
	list->object.count = count;
	reader->scan->at = reader->at;
	return sort_members(reader->scan, members, elements, &list->object.count);
}

static ALWAYS_INLINE int close_list(struct reader *reader)
{
	const struct frame *frame = reader->frame--;
	const struct json *const *elements = frame->elements;
	size_t count = (size_t)(reader->top - frame->elements);
	struct json *list = frame->list;

	reader->at++;
	reader->top = frame->elements;
	list->weight += (uint32_t)(list->type == JSON_ARRAY ? count : count / 2);
	if (frame[-1].list)
		json_count_in(frame[-1].list, list);
	if (!count)
		return 0;
	return list->type == JSON_ARRAY ? close_array(reader, list, elements, count) :
		close_object(reader, list, elements, count / 2);
}

/* ---- what is simple; the rest is the scanner's ---- */

static int slow_space(struct json_scan *scan, char **at)
{
	int r;

	scan->at = *at;
	r = json_scan_space_slow(scan);
	*at = scan->at;
	return r;
}

static ALWAYS_INLINE int skip_space(struct reader *reader)
{
	char *at = reader->at;
	int r;

	if (likely((unsigned char)*at > reader->no_space))
		return 0;
	if (*at == ' ' && (unsigned char)at[1] > reader->no_space) {
		reader->at++;
		return 0;
	}
	r = slow_space(reader->scan, &at);
	reader->at = at;
	return r;
}

/*
 * What a string, or a number that is kept as a text, adds to its list. Most are too short to weigh anything.
 * A document is never so long that a weight does not fit.
 */
static __attribute__((noinline)) void weigh_text(const struct frame *frame, struct json *text)
{
	text->weight = json_text_weight(text->type, text->text);
	if (frame->list)
		json_weigh_in(frame->list, text);
}

/* Nothing is written twice, since most values of most documents, and all keys, are strings. */
static ALWAYS_INLINE int read_string(struct reader *reader, struct json *value)
{
	uint32_t line = reader->scan->line, column = json_scan_column(reader->scan, reader->at);
	char *text = reader->at + 1, *end = text;
	UNINITIALIZED struct str scanned;
	uint64_t special;
	int r;

	while (!(special = json_special_bytes(json_word_at(end))))
		end += sizeof(special);
	end += __builtin_ctzll(special) / 8;
	if (likely(*end == '"')) {
		*end = '\0';
		reader->at = end + 1;
		*value = (struct json){ .type = JSON_STRING, .line = line, .column = column,
			.text = { .data = text, .len = (size_t)(end - text) } };
		if (unlikely(end - text >= JSON_WEIGHT_BYTES))
			weigh_text(reader->frame, value);
		return 0;
	}
	reader->scan->at = reader->at;
	r = json_scan_string(reader->scan, &scanned);
	reader->at = reader->scan->at;
	if (r < 0)
		return r;
	*value = (struct json){ .type = JSON_STRING, .line = line, .column = column, .text = scanned };
	weigh_text(reader->frame, value);
	return 0;
}

static ALWAYS_INLINE int read_number(struct reader *reader, struct json *value)
{
	char *digits = reader->at, *at = digits;
	uint64_t integer = 0;
	int r;

	for (; ascii_is_digit(*at); at++)
		integer = integer * 10 + (uint64_t)(*at - '0');
	if (likely(at > digits && at <= digits + INT_DIGITS_MAX && (*digits != '0' || at == digits + 1) &&
			*at != '.' && (*at | 32) != 'e')) {
		reader->at = at;
		value->type = JSON_INT;
		value->integer = (int64_t)integer;
		return 0;
	}
	reader->scan->at = digits;
	r = json_scan_number(reader->scan, value);
	reader->at = reader->scan->at;
	return r;
}

static ALWAYS_INLINE int read_word(struct reader *reader, struct str word, const char *what)
{
	/* The padding behind the text is longer than any word. */
	if (unlikely(memcmp(reader->at, word.data, word.len)))
		return expected(reader, what);
	reader->at += word.len;
	return 0;
}

/* ---- the whole ---- */

static ALWAYS_INLINE int read_value(struct reader *reader)
{
	struct json *value = new_value(reader);
	int r;

	if (unlikely(!value))
		return full(reader);
	if (*reader->at == '"')
		return read_string(reader, value);
	*value = (struct json){ .line = reader->scan->line,
		.column = json_scan_column(reader->scan, reader->at) };
	switch (*reader->at) {
	case '{':
		return open_list(reader, value, JSON_OBJECT);
	case '[':
		return open_list(reader, value, JSON_ARRAY);
	case '-':
	case '0' ... '9':
		r = read_number(reader, value);
		if (unlikely(r >= 0 && value->type == JSON_NUMBER))
			weigh_text(reader->frame, value);
		return r;
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
		return expected(reader, "a value");
	}
}

/*
 * A key that was met before is the same value again. The table forgets: what stands in a key's slot is the
 * last one that fell there, so that who chooses the keys can only make it useless.
 */
static void share_key(struct reader *reader, struct json *key)
{
	uint64_t mixed = (prefix_of(key->text) ^ key->text.len) * UINT64_C(0x9e3779b97f4a7c15);
	const struct json **slot = &reader->scan->shared[mixed >> (64 - SHARED_KEYS_BITS)];

	if (!*slot || !str_eq((*slot)->text, key->text)) {
		*slot = key;
		return;
	}
	reader->top[-1] = *slot;
	if (reader->room.at == (char *)(key + 1))
		reader->room.at = (char *)key;
}

/* Reads `"key":`, and returns 1. */
static ALWAYS_INLINE int read_key(struct reader *reader)
{
	struct json *key;
	int r;

	if (unlikely(*reader->at != '"'))
		return expected(reader, "a key in quotes");
	key = new_value(reader);
	if (unlikely(!key))
		return full(reader);
	r = read_string(reader, key);
	if (r >= 0)
		r = skip_space(reader);
	if (unlikely(r < 0))
		return r;
	if (unlikely(reader->scan->shared))
		share_key(reader, key);
	if (unlikely(*reader->at != ':'))
		return expected(reader, "':' after the key");
	reader->at++;
	r = skip_space(reader);
	return unlikely(r < 0) ? r : 1;
}

static ALWAYS_INLINE char end_of(const struct frame *frame)
{
	return frame->list->type == JSON_OBJECT ? '}' : ']';
}

/* Passes the comma where one is due. Returns 1 where the innermost list goes on, 0 where it ends here. */
static ALWAYS_INLINE int pass_comma(struct reader *reader)
{
	const struct frame *frame = reader->frame;
	bool is_first = reader->top == frame->elements;
	int r = skip_space(reader);

	if (unlikely(r < 0))
		return r;
	if (likely(*reader->at == ',' && !is_first)) {
		reader->at++;
		r = skip_space(reader);
		if (unlikely(r < 0))
			return r;
		return unlikely(reader->scan->jsonc) ? *reader->at != end_of(frame) : 1;
	}
	if (*reader->at == end_of(frame))
		return 0;
	return is_first ? 1 : expected(reader, end_of(frame) == '}' ? "',' or '}'" : "',' or ']'");
}

/* From behind a value to where the next one is due, for which it returns 1, or out of the last list. */
static ALWAYS_INLINE int go_on(struct reader *reader)
{
	while (reader->frame->list) {
		int r = pass_comma(reader);

		if (likely(r > 0))
			return reader->frame->list->type == JSON_OBJECT ? read_key(reader) : 1;
		if (!r)
			r = close_list(reader);
		if (unlikely(r < 0))
			return r;
	}
	return 0;
}

static int refuse_byte_order_mark(struct json_scan *scan)
{
	int r = error_set(scan->err, -EBADMSG, "1:1: expected a value, found a byte-order mark");

	error_hint(scan->err, "Save the file as UTF-8 without a byte-order mark.");
	return r;
}

static int read_document(struct json_scan *scan, const struct json **ret)
{
	UNINITIALIZED const struct json *stack[STACK_COUNT];
	UNINITIALIZED struct frame frames[JSON_DEPTH_MAX + 1];
	struct reader reader = {
		.scan = scan,
		.at = scan->at,
		.stack = { .first = stack, .end = stack + STACK_COUNT },
		.top = stack,
		.frame = frames,
		.last = frames + JSON_DEPTH_MAX,
		.no_space = scan->jsonc ? '/' : ' ',
	};
	int r = skip_space(&reader);

	frames[0] = (struct frame){ 0 };
	if (r >= 0)
		do {
			r = read_value(&reader);
			if (likely(r >= 0))
				r = go_on(&reader);
		} while (r > 0);
	if (r >= 0 && reader.at != scan->end)
		r = skip_space(&reader);
	if (r >= 0 && reader.at != scan->end)
		r = expected(&reader, "the end of the text");
	if (r >= 0)
		*ret = reader.stack.first[0];
	return r;
}

int json_read(struct arena *arena, struct str text, unsigned flags, const struct json **ret,
	struct error *err)
{
	struct json_scan scan = { .arena = arena, .err = err, .line = 1, .jsonc = flags & JSON_READ_JSONC,
		.keeps_last = flags & JSON_READ_LAST };

	if (text.len > JSON_TEXT_MAX)
		return error_set(err, -EMSGSIZE, "1:1: expected at most %d bytes of JSON, found %zu",
			JSON_TEXT_MAX, text.len);
	scan.line_start = scan.at = arena_alloc_raw(arena, text.len + PADDING_BYTES);
	if (!scan.at)
		return json_scan_full(&scan);
	if (text.len)
		memcpy(scan.at, text.data, text.len);
	memset(scan.at + text.len, 0, PADDING_BYTES);
	scan.end = scan.at + text.len;
	if (flags & JSON_READ_SHARE_KEYS) {
		scan.shared = arena_alloc_array(arena, (size_t)1 << SHARED_KEYS_BITS, sizeof(*scan.shared));
		if (!scan.shared)
			return json_scan_full(&scan);
	}
	if (str_starts_with(text, STR("\xEF\xBB\xBF")))
		return refuse_byte_order_mark(&scan);
	return read_document(&scan, ret);
}
