/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - the one document type of the program
 *
 * Configuration, ledger, changeset, messages and the policy engine's values are all `struct json`: immutable,
 * owned by an arena, shared freely inside that arena's life. Invariants:
 *
 *   - texts are valid UTF-8, and strings may hold NUL; they are followed by a NUL that is not counted
 *   - all values have one total order (json_compare()): null < booleans < numbers < strings < arrays <
 *     objects < sets. An object's members are sorted by their keys and a set's elements by themselves, and
 *     both are unique: equal values have equal trees
 *   - an integer that fits int64_t is JSON_INT, every other number is JSON_NUMBER and keeps its text as it
 *     was written ("1e3", "0.10", "-0", "18446744073709551616"): nothing is ever rounded
 *   - every value that was read, a key among them, knows where it began: line from 1, column in bytes from 1,
 *     where only a newline ends a line, a tab is one byte and a multibyte character as many as it has; a
 *     built one has line 0
 *   - no list is nested deeper than JSON_DEPTH_MAX, whether read or built, so a walk over a value may recurse
 *
 * What is read is a document: it has no sets, and its keys are strings, so `member->key->text` is the name.
 * Policies compute with more than JSON has (sets, and objects with any key); such a value says is_term, and
 * json_to_document() gives what JSON can say of it.
 *
 * Sources: RFC 8259 (JSON); RFC 6901 (JSON Pointer); the Rego policy language (order, sets, any key).
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

/* In their order; JSON_INT and JSON_NUMBER are one kind. */
enum __attribute__((packed)) json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_INT,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
	JSON_SET,			/* built, never read */
};

struct json_member {
	const struct json *key;		/* a JSON_STRING in every document */
	const struct json *value;
};

struct json {
	enum json_type type;
	bool is_term;			/* JSON cannot say it: a set, or a key that is no string, is in it */
	uint16_t height;		/* lists on the way to the deepest value: 0 for no list, 1 for [] */
	uint32_t weight;		/* of looking at all of it (json_internal.h) */
	uint32_t line, column;
	union {
		bool boolean;
		int64_t integer;
		struct str text;			/* JSON_NUMBER and JSON_STRING */
		struct {				/* JSON_ARRAY and JSON_SET */
			const struct json *const *items;
			size_t count;
		} array;
		struct {
			const struct json_member *members;
			size_t count;
		} object;
	};
};

enum {
	JSON_DEPTH_MAX = 128,		/* lists within each other */
	JSON_WORDS_MAX = 65536,		/* of a command, an environment, a list of paths */
	JSON_TEXT_MAX = 64 << 20,	/* bytes of one document */
	JSON_WEIGHT_BYTES = 64,		/* of a string count as one element */
};

/* ---- reading (json_read.c) ---- */

enum json_read_flags {
	JSON_READ_STRICT = 0,
	JSON_READ_JSONC = 1 << 0,	/* comments of both kinds, and one trailing comma per list */
	/*
	 * equal keys are one value, which knows the place of the first: objects of one shape take less memory
	 * and are compared sooner; for data that is read once and looked at often
	 */
	JSON_READ_SHARE_KEYS = 1 << 1,
	/* of a key that comes twice the last value counts, where others agreed on that (JSON Web Tokens) */
	JSON_READ_LAST = 1 << 2,
};

/**
 * json_read() - parse one document
 * @arena: owns the result; its limit bounds the memory
 * @text:  the whole document; need not outlive the call
 * @flags: enum json_read_flags
 * @ret:   the value
 * @err:   "LINE:COLUMN: expected ..., found ...", may be NULL; what was found is quoted (quote.h)
 *
 * One pass, O(bytes) but for objects whose keys are not in order, which take O(members log members). The
 * arena pays the text itself, 40 bytes for each item of an array and 80 for each member of an object, and
 * at most 8 KiB that are left over; where a list is long, up to 32 more for each pointer that waits for its
 * end (two in a member), and 16 for each member that is out of order. A failure leaves garbage in the arena
 * but nothing in @ret.
 *
 * Of what RFC 8259 leaves to the reader: a name that comes twice, an escaped surrogate without its other half
 * and a byte-order mark are refused; numbers have no range; the depth of lists and the size of the text are
 * limited.
 *
 * Errors: -EBADMSG not JSON (bad syntax, bad UTF-8, duplicate key, byte-order mark, trailing bytes);
 * -EMSGSIZE over JSON_TEXT_MAX, JSON_DEPTH_MAX or the arena's limit.
 * Source: RFC 8259
 * Return: 0 or negative errno.
 */
int json_read(struct arena *arena, struct str text, unsigned flags, const struct json **ret,
	struct error *err);

/** json_type_name() - "null", "boolean", "integer", "number", "string", "array", "object", "set" */
const char *json_type_name(enum json_type type);

/* ---- writing (json_write.c) ---- */

enum json_write_flags {
	/* no space at all, keys sorted, the shortest escapes */
	JSON_WRITE_CANONICAL = 0,
	/* for people: two spaces of indent, one element a line, deceptive text escaped */
	JSON_WRITE_PRETTY = 1 << 0,
	/* as Rego prints terms: {"a": {1, 2}, "b": [null, 1.0]}, set(), {}; PRETTY has no effect */
	JSON_WRITE_TERM = 1 << 1,
};

/**
 * json_write() - the text of a value
 * @buf:   grows
 * @value: what to write; NULL (a document that could not be built) is an error
 * @flags: enum json_write_flags
 *
 * The canonical form has keys in bytewise order of their UTF-8 (RFC 8785 orders by UTF-16 units and rewrites
 * numbers; ours keeps a number's own text), escapes only `"`, `\` and C0 controls. The pretty form also
 * escapes what utf8_is_deceptive() names, since it ends on terminals. Both read back as the same document;
 * neither ends in a newline. What JSON cannot say is written as json_to_document() says it.
 *
 * The term form quotes strings as Go does (strconv.Quote): what utf8_is_printable() refuses is escaped.
 *
 * Errors: -EINVAL @value is NULL; -EMSGSIZE the buffer's limit, or JSON_TEXT_MAX bytes of memory for a term
 * that is written as a document.
 * Return: 0 or negative errno.
 */
int json_write(struct buf *buf, const struct json *value, unsigned flags);

/**
 * json_to_document() - a value as JSON can say it
 * @arena: owns what is new; the rest is shared
 * @value: may be NULL
 *
 * A set becomes the array of its elements in order, and a key that is no string the canonical JSON text of
 * itself. Where two keys become the same text the later one in the order of values stays.
 *
 * Return: @value itself where it is a document already, otherwise a new one; NULL when the arena is full.
 */
const struct json *json_to_document(struct arena *arena, const struct json *value);

/* ---- looking (json.c) ---- */

/**
 * json_get() - a member of an object
 * @object: may be NULL, or no object
 * @key:    the member's name
 *
 * Return: the value, or NULL where there is none.
 */
const struct json *json_get(const struct json *object, const char *key);
const struct json *json_get_str(const struct json *object, struct str key);

/**
 * json_get_text() - a string member as a C string
 * @object: may be NULL
 * @key:    the member's name
 *
 * Return: NUL-terminated text, or NULL where it is absent, no string, or holds a NUL byte.
 */
const char *json_get_text(const struct json *object, const char *key);

/** json_get_int() - an integer member, or @otherwise where it is absent or no JSON_INT */
int64_t json_get_int(const struct json *object, const char *key, int64_t otherwise);

/** json_get_bool() - a boolean member, or @otherwise where it is absent or no boolean */
bool json_get_bool(const struct json *object, const char *key, bool otherwise);

/**
 * json_pointer() - follow a JSON Pointer
 * @value:   where to start
 * @pointer: "" or "/a/0/b~1c"
 *
 * Source: RFC 6901
 * Return: the value, or NULL where the pointer is malformed or leads nowhere.
 */
const struct json *json_pointer(const struct json *value, struct str pointer);

/** json_at() - an item of an array, or NULL for no array and behind its end */
const struct json *json_at(const struct json *array, size_t index);

/**
 * json_find() - what a list has for a key
 * @list: may be NULL, or no list
 * @key:  any value
 *
 * Return: the value of an object's member, the element of a set, the item of an array whose index is @key;
 * NULL where there is none.
 */
const struct json *json_find(const struct json *list, const struct json *key);

/** json_find_member() - the member of an object with a key of any type, or NULL */
const struct json_member *json_find_member(const struct json *object, const struct json *key);

/* ---- comparing (json_compare.c) ---- */

/** json_compare_slow() - json_compare() where it takes a look at the types; Return: <0, 0, >0 */
int json_compare_slow(const struct json *a, const struct json *b);

/**
 * json_compare() - the total order of values
 * @a: a value
 * @b: another
 *
 * null < false < true < numbers < strings < arrays < objects < sets. Numbers are compared exactly, by the
 * value of their decimal text (1 = 1.0 = 1e0, whatever the exponent); strings by their bytes; arrays and sets
 * item by item and then by their length; objects member by member, the key before its value, and then by
 * their length. O(bytes of the shorter one).
 *
 * Return: <0, 0, >0.
 */
static inline int json_compare(const struct json *a, const struct json *b)
{
	if (a == b)
		return 0;
	if (a->type == JSON_INT && b->type == JSON_INT)
		return (a->integer > b->integer) - (a->integer < b->integer);
	if (a->type == JSON_STRING && b->type == JSON_STRING)
		return str_compare(a->text, b->text);
	return json_compare_slow(a, b);
}

/** json_equal_slow() - json_equal() where it takes a look at the types; Return: true when they are equal */
bool json_equal_slow(const struct json *a, const struct json *b);

/**
 * json_equal() - whether json_compare() says 0, and quicker
 * @a: may be NULL, which equals NULL
 * @b: likewise
 *
 * Positions do not matter.
 *
 * Return: true when they are.
 */
static inline bool json_equal(const struct json *a, const struct json *b)
{
	if (a == b)
		return true;
	if (!a || !b)
		return false;
	if (a->type == JSON_STRING && b->type == JSON_STRING)
		return str_eq(a->text, b->text);
	return json_equal_slow(a, b);
}

/* ---- building (json_build.c) ---- */

/*
 * NULL in gives NULL out, so only the end of a document needs a look. NULL is what cannot be a value: the
 * arena is full, text is NULL or not UTF-8, an element is NULL, a key comes twice, or lists are nested deeper
 * than JSON_DEPTH_MAX. Elements are borrowed, so they live in the same arena or a longer-lived one.
 */

/** json_new_null() - null, true and false, which no arena pays for; Return: the value */
const struct json *json_new_null(struct arena *arena);
const struct json *json_new_bool(struct arena *arena, bool boolean);

/** json_new_int() - an integer; Return: the value, or NULL when the arena is full */
const struct json *json_new_int(struct arena *arena, int64_t integer);

/**
 * json_new_number() - a number from its text
 * @arena: owns the result
 * @text:  a number as JSON writes it; copied
 *
 * Return: a JSON_INT where json_read() would make one, otherwise a JSON_NUMBER with this very text; NULL
 * where it is no number or the arena is full.
 */
const struct json *json_new_number(struct arena *arena, struct str text);

/** json_new_string() - a string, whose text is copied; Return: the value, or NULL as above */
const struct json *json_new_string(struct arena *arena, struct str text);
const struct json *json_new_text(struct arena *arena, const char *text);
const struct json *json_new_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);

/**
 * json_new_bytes() - a string for bytes that may not be UTF-8
 * @arena: owns the result
 * @bytes: a path, a symlink target, an xattr
 *
 * Valid UTF-8 becomes a plain string; anything else becomes {"bytes": "<base64>"} (docs/formats/bytes.md). So
 * every run of bytes has exactly one form.
 *
 * Return: the value, or NULL when the arena is full.
 */
const struct json *json_new_bytes(struct arena *arena, struct str bytes);

/**
 * json_to_bytes() - read what json_new_bytes() made
 * @arena: owns the bytes
 * @value: a string or {"bytes": "<base64>"}
 * @ret:   the bytes, followed by a NUL that is not counted
 *
 * Errors: -EINVAL neither form (NULL included), base64 that is not canonical, or base64 of what is valid
 * UTF-8; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int json_to_bytes(struct arena *arena, const struct json *value, struct str *ret);

/**
 * json_new_words() - an array of texts: a command, an environment, paths
 * @arena: owns the result
 * @words: @count of them, each as json_new_bytes() writes it
 * @count: how many
 *
 * Return: the value, or NULL when the arena is full.
 */
const struct json *json_new_words(struct arena *arena, const char *const *words, size_t count);

/**
 * json_to_words() - read what json_new_words() made
 * @arena:     owns the texts
 * @value:     an array
 * @ret:       the texts and a NULL behind them, as execve(2) wants them
 * @ret_count: how many, without the NULL
 *
 * Errors: -EINVAL no array (NULL included), an item that json_to_bytes() refuses or that has a NUL in it;
 * -E2BIG more than JSON_WORDS_MAX; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int json_to_words(struct arena *arena, const struct json *value, const char *const **ret, size_t *ret_count);

/* Builders grow in the arena; begin, add, end. Text keys are copied. */
struct json_array_builder {
	struct arena *arena;
	const struct json **items;
	size_t count, room;
	bool failed;
};

struct json_object_builder {
	struct arena *arena;
	struct json_member *members;
	size_t count, room;
	bool failed;
	/* the second member with its key, if that is why json_object_end*() gave NULL */
	const struct json_member *conflict;
};

/** json_array_begin() - a list without items, or with some, to be added to and ended once, as array or set */
void json_array_begin(struct json_array_builder *builder, struct arena *arena);
void json_array_begin_with(struct json_array_builder *builder, struct arena *arena,
	const struct json *const *items, size_t count);

/** json_new_array() - an array of @count items, which are copied; Return: the value, or NULL as above */
const struct json *json_new_array(struct arena *arena, const struct json *const *items, size_t count);

/** json_array_reserve() - room for the first @count items at once, and for no more than these */
void json_array_reserve(struct json_array_builder *builder, size_t count);

/** json_array_add() - one item more, behind the others; NULL makes the whole list NULL */
void json_array_add(struct json_array_builder *builder, const struct json *value);

/** json_array_end() - the array; Return: the value, or NULL as above */
const struct json *json_array_end(struct json_array_builder *builder);

/** json_array_end_sorted() - the array, its items put in their order; Return: the value, or NULL as above */
const struct json *json_array_end_sorted(struct json_array_builder *builder);

/**
 * json_set_end() - the set of the items
 * @builder: begun and added to as for an array
 *
 * The items are put in order and the first of equal ones stays: O(n) comparisons where they are in order,
 * O(n log n) at worst, and then as much memory again as the items take.
 *
 * Return: the value, or NULL as above.
 */
const struct json *json_set_end(struct json_array_builder *builder);

/** json_object_begin() - an object without members, to be added to and ended once */
void json_object_begin(struct json_object_builder *builder, struct arena *arena);

/** json_object_add() - one member more, in any order; a NULL value makes the whole object NULL */
void json_object_add(struct json_object_builder *builder, const char *key, const struct json *value);
void json_object_add_str(struct json_object_builder *builder, struct str key, const struct json *value);
void json_object_add_value(struct json_object_builder *builder, const struct json *key,
	const struct json *value);
void json_object_add_text(struct json_object_builder *builder, const char *key, const char *value);
void json_object_add_int(struct json_object_builder *builder, const char *key, int64_t value);
void json_object_add_bool(struct json_object_builder *builder, const char *key, bool value);

/** json_object_end() - sort and check; a key that comes twice is a conflict; Return: the object, or NULL */
const struct json *json_object_end(struct json_object_builder *builder);

/**
 * json_object_end_merged() - as json_object_end(), but equal keys with equal values are one member
 * @builder: ends
 *
 * Only equal keys with values that differ are a conflict; this is what a rule or a comprehension builds.
 *
 * Return: the object, or NULL.
 */
const struct json *json_object_end_merged(struct json_object_builder *builder);

/** json_object_end_last() - as json_object_end(), but of equal keys the last one that was added stays */
const struct json *json_object_end_last(struct json_object_builder *builder);

/**
 * json_object_end_grouped() - as json_object_end(), but a key may come as often as it likes
 * @builder: ends
 *
 * Under each key stands the array of its values, in the order in which they were added.
 *
 * Return: the object, or NULL.
 */
const struct json *json_object_end_grouped(struct json_object_builder *builder);

/**
 * json_new_object() - an object of members that are in order already
 * @arena:   owns the list; keys and values are borrowed
 * @members: @count of them, sorted by their keys, no key twice: the caller's to see to it, nobody looks
 * @count:   members
 *
 * For who makes many objects of one shape. json_new_record() takes a set of keys, and as many values.
 *
 * Return: the object, or NULL when the arena is full or a value NULL or too deep.
 */
const struct json *json_new_object(struct arena *arena, const struct json_member *members, size_t count);
const struct json *json_new_record(struct arena *arena, const struct json *keys,
	const struct json *const *values);

/**
 * json_copy() - a deep copy into another arena
 * @arena: owns the copy
 * @value: may be NULL
 *
 * Return: the copy with its positions, or NULL.
 */
const struct json *json_copy(struct arena *arena, const struct json *value);
