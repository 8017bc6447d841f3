/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input_internal.h - how the input documents are built
 *
 * A document is asked for at every exec and connection, so it is built without sorting and without copying:
 * the names of members are constants that all documents share, a record takes its members in the order of
 * those names (asserted), and a text is borrowed from what the question is made of. Only what is no UTF-8 is
 * written anew.
 */
#pragma once

#include "policy/input.h"

/* Every name that is a member of some document, sorted bytewise: a record's members come in this order. */
#define INPUT_KEYS(X) \
	X(ACCESS, "access") \
	X(ADDED, "added") \
	X(ADDRESS, "address") \
	X(AGENT, "agent") \
	X(ARGV, "argv") \
	X(BELOW, "below") \
	X(BIDI, "bidi") \
	X(BYTES, "bytes") \
	X(CHANGESET, "changeset") \
	X(CONTENT, "content") \
	X(COUNTS, "counts") \
	X(CREATED_NS, "created_ns") \
	X(CWD, "cwd") \
	X(DELETED, "deleted") \
	X(DELETED_FILES, "deleted_files") \
	X(DIGEST, "digest") \
	X(ENTRIES, "entries") \
	X(ENTROPY, "entropy") \
	X(EXEC, "exec") \
	X(EXECUTABLE, "executable") \
	X(EXIT_CODE, "exit_code") \
	X(EXT, "ext") \
	X(FILE, "file") \
	X(FLAGS, "flags") \
	X(GID, "gid") \
	X(ID, "id") \
	X(INVISIBLE, "invisible") \
	X(KIND, "kind") \
	X(LEVEL, "level") \
	X(LINES, "lines") \
	X(LINKS, "links") \
	X(LONGEST_LINE, "longest_line") \
	X(METADATA, "metadata") \
	X(METHOD, "method") \
	X(MODE, "mode") \
	X(MODIFIED, "modified") \
	X(MOVED, "moved") \
	X(MTIME_NS, "mtime_ns") \
	X(NAME, "name") \
	X(NET, "net") \
	X(NEW, "new") \
	X(OLD, "old") \
	X(PARENTS, "parents") \
	X(PATH, "path") \
	X(PID, "pid") \
	X(PORT, "port") \
	X(PROFILE, "profile") \
	X(PROGRAM, "program") \
	X(PROTOCOL, "protocol") \
	X(QUESTION, "question") \
	X(RECEIVED_BYTES, "received_bytes") \
	X(REL, "rel") \
	X(RENAMED, "renamed") \
	X(RENAMED_FROM, "renamed_from") \
	X(RESOLVED, "resolved") \
	X(ROOT, "root") \
	X(ROOTS, "roots") \
	X(SCRIPT, "script") \
	X(SENT_BYTES, "sent_bytes") \
	X(SESSION, "session") \
	X(SIZE, "size") \
	X(STALE, "stale") \
	X(TARGET, "target") \
	X(TYPE, "type") \
	X(UID, "uid") \
	X(USER, "user") \
	X(UTF8, "utf8") \
	X(VERSION, "version") \
	X(WORKSPACE, "workspace") \
	X(XATTRS, "xattrs")

#define INPUT_KEY_NUMBER(name, text) INPUT_##name,
enum input_key {
	INPUT_KEYS(INPUT_KEY_NUMBER)
	INPUT_KEY_COUNT,
};
#undef INPUT_KEY_NUMBER

enum {
	INPUT_MEMBERS_MAX = 20,		/* of one record */
};

/* Makes the values of one document: they are asked from the arena by the block. */
struct input_maker {
	struct arena *arena;
	struct json *block;		/* what is left of it; NULL: nothing yet */
	size_t left, block_count;
};

#define INPUT_MAKER(memory) { .arena = (memory) }

/** input_fill() - the next block; Return: its first value, or NULL: the arena is full */
struct json *input_fill(struct input_maker *maker);

/** input_value() - memory for one value, to be written at once; Return: it, or NULL: the arena is full */
static inline struct json *input_value(struct input_maker *maker)
{
	if (unlikely(!maker->left))
		return input_fill(maker);
	maker->left--;
	return maker->block++;
}

/** input_string() - a text that is UTF-8, borrowed; Return: the value, or NULL: the arena is full */
static inline const struct json *input_string(struct input_maker *maker, struct str text)
{
	struct json *value = input_value(maker);

	if (value)
		*value = (struct json){
			.type = JSON_STRING, .text = text, .weight = (uint32_t)(text.len / JSON_WEIGHT_BYTES),
		};
	return value;
}

/** input_int() - a number; Return: the value, or NULL: the arena is full */
static inline const struct json *input_int(struct input_maker *maker, int64_t number)
{
	struct json *value = input_value(maker);

	if (value)
		*value = (struct json){ .type = JSON_INT, .integer = number };
	return value;
}

/** input_text() - bytes as the documents have them; borrows what need not be escaped; Return: it, or NULL */
const struct json *input_text(struct input_maker *maker, struct str bytes);

/** input_name() - the last component of a path's text, borrowed from it; Return: it, or NULL */
const struct json *input_name(struct input_maker *maker, const struct json *path);

/** input_words() - an array of texts as input_text() has them; Return: it, or NULL: the arena is full */
const struct json *input_words(struct input_maker *maker, const char *const *words, size_t count);

/** input_empty_list() - [], which no arena pays for */
const struct json *input_empty_list(void);

/* ---- records ---- */

/* One object while it is built. */
struct input_record {
	struct input_maker *maker;
	unsigned next;			/* the first key that may still come */
	size_t count;
	struct json_member members[INPUT_MEMBERS_MAX];
};

extern const struct json input_keys[INPUT_KEY_COUNT];

static inline void input_begin(struct input_record *record, struct input_maker *maker)
{
	record->maker = maker;
	record->next = 0;
	record->count = 0;
}

/**
 * input_add() - the next member; NULL makes the whole record NULL; its key stands behind all that are there
 */
static inline void input_add(struct input_record *record, enum input_key key, const struct json *value)
{
	assert(key >= record->next && record->count < INPUT_MEMBERS_MAX);
	record->members[record->count++] = (struct json_member){ .key = &input_keys[key], .value = value };
	record->next = key + 1;
}

/** input_add_text() - a text member as input_text() has it; NULL: not known, and no member */
static inline void input_add_text(struct input_record *record, enum input_key key, const char *text)
{
	if (text)
		input_add(record, key, input_text(record->maker, str_from(text)));
}

/** input_add_int() - a number */
static inline void input_add_int(struct input_record *record, enum input_key key, int64_t number)
{
	input_add(record, key, input_int(record->maker, number));
}

/** input_add_count() - a number that cannot be negative; input_add_digest(): in hexadecimal */
void input_add_count(struct input_record *record, enum input_key key, uint64_t number);
void input_add_digest(struct input_record *record, enum input_key key, const struct digest *digest);

/** input_end() - the object; Return: it, or NULL: the arena is full */
static inline const struct json *input_end(const struct input_record *record)
{
	return json_new_object(record->maker->arena, record->members, record->count);
}

/**
 * input_document() - what all questions have around their own member
 * @maker:    of the document
 * @session:  who asks
 * @question: its name
 * @key:      the member
 * @subject:  what it is about; NULL makes the whole NULL
 *
 * Return: the document, or NULL: the arena is full.
 */
const struct json *input_document(struct input_maker *maker, const struct policy_session *session,
	const char *question, enum input_key key, const struct json *subject);
