// SPDX-License-Identifier: Apache-2.0
/*
 * input_build.c - records, texts and the frame of an input document
 *
 * Texts come from an agent: names of files, arguments. A value of the policy language is UTF-8, and a rule
 * over paths must never pass one by because it cannot be said. So bytes that are no UTF-8 are written as
 * \xHH, and in such a text a backslash is written as two. A text that is UTF-8 stays as it is, unless it
 * looks as if it had been written so already: then it is, too. Thus no two runs of bytes have the same text,
 * and a text that a policy gives back names one file.
 */
#include "policy/input_internal.h"

#include "base/utf8.h"

#include <stdio.h>

#define INPUT_KEY_VALUE(name, literal) \
	[INPUT_##name] = { .type = JSON_STRING, .text = { .data = literal, .len = sizeof(literal) - 1 } },
const struct json input_keys[INPUT_KEY_COUNT] = { INPUT_KEYS(INPUT_KEY_VALUE) };
#undef INPUT_KEY_VALUE

enum {
	BLOCK_MIN_COUNT = 32,
	BLOCK_MAX_COUNT = 1024,
	WORDS_FEW_COUNT = 16,		/* as most commands have: put together without a builder */
};

struct json *input_fill(struct input_maker *maker)
{
	size_t count = MIN(MAX(maker->block_count * 2, (size_t)BLOCK_MIN_COUNT), (size_t)BLOCK_MAX_COUNT);

	maker->block = arena_alloc_raw(maker->arena, count * sizeof(*maker->block));
	if (!maker->block)
		return NULL;
	maker->block_count = count;
	maker->left = count - 1;
	return maker->block++;
}

/* ---- records ---- */

void input_add_count(struct input_record *record, enum input_key key, uint64_t number)
{
	char text[24];
	int len;

	if (likely(number <= INT64_MAX)) {
		input_add_int(record, key, (int64_t)number);
		return;
	}
	len = snprintf(text, sizeof(text), "%ju", (uintmax_t)number);
	input_add(record, key, json_new_number(record->maker->arena, (struct str){ text, (size_t)len }));
}

void input_add_digest(struct input_record *record, enum input_key key, const struct digest *digest)
{
	char *hex = arena_alloc_raw(record->maker->arena, DIGEST_HEX_SIZE);

	if (hex)
		digest_to_hex(digest, hex);
	input_add(record, key,
		hex ? input_string(record->maker, (struct str){ hex, DIGEST_HEX_SIZE - 1 }) : NULL);
}

/* ---- texts ---- */

/*
 * The top bit of each byte that is no ASCII, or a backslash; the lowest one that is set is right
 * (json_internal.h).
 */
static inline uint64_t special_bytes(const char *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t word, slash;

	memcpy(&word, at, sizeof(word));
	slash = word ^ ones * '\\';
	return (word | (slash - ones)) & tops;
}

/* Whether a text is ASCII without a backslash, as almost every one is: that is told eight bytes at a time. */
static bool is_plain(struct str text)
{
	const char *at = text.data, *end = text.data + text.len;
	uint64_t special = 0;

	if (text.len < 8) {
		for (; at < end; at++)
			special |= (*at & 0x80) | (*at == '\\');
		return !special;
	}
	for (; end - at > 8; at += 8)
		special |= special_bytes(at);
	return !(special | special_bytes(end - 8));
}

static bool is_low_hex(char c)
{
	return ascii_is_digit(c) || (c >= 'a' && c <= 'f');
}

/* Whether \xHH is in it, which is how a byte that does not fit is written. */
static bool looks_escaped(struct str text)
{
	const char *at = memchr(text.data, '\\', text.len), *end = text.data + text.len;

	for (; at; at = memchr(at + 1, '\\', (size_t)(end - at) - 1))
		if (end - at >= 4 && at[1] == 'x' && is_low_hex(at[2]) && is_low_hex(at[3]))
			return true;
	return false;
}

static char *write_escaped(char *at, struct str bytes)
{
	static const char digits[] = "0123456789abcdef";

	while (bytes.len) {
		unsigned char byte = (unsigned char)bytes.data[0];
		uint32_t point;
		int len = utf8_decode(bytes, &point);
		size_t taken = len < 0 ? 1 : (size_t)len;

		if (byte == '\\')
			*at++ = '\\';
		if (len < 0)
			at = mempcpy(at, (const char[]){ '\\', 'x', digits[byte >> 4], digits[byte & 15] },
				4);
		else
			at = mempcpy(at, bytes.data, taken);
		bytes = (struct str){ bytes.data + taken, bytes.len - taken };
	}
	*at = '\0';
	return at;
}

/* Its data is NULL when the arena is full. */
static struct str escape(struct arena *arena, struct str bytes)
{
	char *text;

	if (utf8_is_valid(bytes) && !looks_escaped(bytes))
		return bytes;
	if (bytes.len > JSON_TEXT_MAX)
		return (struct str){ 0 };
	text = arena_alloc_raw(arena, bytes.len * 4 + 1);
	if (!text)
		return (struct str){ 0 };
	return (struct str){ text, (size_t)(write_escaped(text, bytes) - text) };
}

const struct json *input_text(struct input_maker *maker, struct str bytes)
{
	if (unlikely(!is_plain(bytes)))
		bytes = escape(maker->arena, bytes);
	return bytes.data ? input_string(maker, bytes) : NULL;
}

const struct json *input_name(struct input_maker *maker, const struct json *path)
{
	const char *slash = path ? memrchr(path->text.data, '/', path->text.len) : NULL;
	struct str name;

	if (!slash || path->text.len == 1)
		return path;
	name.data = slash + 1;
	name.len = path->text.len - (size_t)(name.data - path->text.data);
	return input_string(maker, name);
}

struct str policy_input_path(struct arena *arena, struct str root, struct str path)
{
	bool is_root = str_eq(path, STR(".")), is_top = str_eq(root, STR("/"));
	size_t len = root.len + (is_root ? 0 : path.len + !is_top);
	char *text = arena_alloc_raw(arena, len + 1);
	struct str ret = { text, len };

	if (!text)
		return STR("");
	memcpy(text, root.data, root.len);
	if (!is_root) {
		text[root.len] = '/';
		memcpy(text + len - path.len, path.data, path.len);
	}
	text[len] = '\0';
	if (unlikely(!is_plain(ret)))
		ret = escape(arena, ret);
	return ret.data ? ret : STR("");
}

/* ---- lists ---- */

const struct json *input_empty_list(void)
{
	static const struct json empty = { .type = JSON_ARRAY, .height = 1 };

	return &empty;
}

const struct json *input_words(struct input_maker *maker, const char *const *words, size_t count)
{
	UNINITIALIZED const struct json *few[WORDS_FEW_COUNT];
	struct json_array_builder list;

	if (!count)
		return input_empty_list();
	if (count <= WORDS_FEW_COUNT) {
		for (size_t i = 0; i < count; i++)
			few[i] = input_text(maker, str_from(words[i]));
		return json_new_array(maker->arena, few, count);
	}
	json_array_begin(&list, maker->arena);
	json_array_reserve(&list, count);
	for (size_t i = 0; i < count; i++)
		json_array_add(&list, input_text(maker, str_from(words[i])));
	return json_array_end(&list);
}

/* ---- the frame ---- */

static const struct json *session_value(struct input_maker *maker, const struct policy_session *session)
{
	UNINITIALIZED struct input_record record;

	input_begin(&record, maker);
	input_add_text(&record, INPUT_AGENT, session->agent);
	if (session->argv)
		input_add(&record, INPUT_ARGV, input_words(maker, session->argv, session->argc));
	if (session->created_ns)
		input_add_count(&record, INPUT_CREATED_NS, session->created_ns);
	if (session->exit_code >= 0)
		input_add_int(&record, INPUT_EXIT_CODE, session->exit_code);
	input_add_text(&record, INPUT_ID, session->id);
	input_add_text(&record, INPUT_LEVEL, session->level);
	input_add_text(&record, INPUT_PROFILE, session->profile);
	input_add_text(&record, INPUT_USER, session->user);
	input_add_text(&record, INPUT_WORKSPACE, session->workspace);
	return input_end(&record);
}

const struct json *policy_input_session(struct arena *arena, const struct policy_session *session)
{
	struct input_maker maker = INPUT_MAKER(arena);

	return session_value(&maker, session);
}

const struct json *input_document(struct input_maker *maker, const struct policy_session *session,
	const char *question, enum input_key key, const struct json *subject)
{
	static const struct json version = { .type = JSON_INT, .integer = POLICY_INPUT_VERSION };
	UNINITIALIZED struct input_record record;

	/* "changeset", "exec", "file" and "net" stand before "question". */
	input_begin(&record, maker);
	input_add(&record, key, subject);
	input_add(&record, INPUT_QUESTION, input_string(maker, str_from(question)));
	input_add(&record, INPUT_SESSION, session->built ? session->built : session_value(maker, session));
	input_add(&record, INPUT_VERSION, &version);
	return input_end(&record);
}
