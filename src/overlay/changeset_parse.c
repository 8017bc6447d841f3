// SPDX-License-Identifier: Apache-2.0
/*
 * changeset_parse.c - a changeset from its text, one entry at a time
 *
 * One changeset has one text, so the places where the entries lie can be found without understanding them: a
 * quote within a string is written with a backslash, and so `,"root":` with bare quotes is always a member,
 * the last one of an entry. Each entry is read by itself and written again at once; only where that is the
 * very text that came does it count. Then so is the whole, and memory is needed for the result and for one
 * entry, where a value for the whole takes five times the text.
 *
 * This way only ever says yes. Whatever it does not like is read as a whole (changeset_read.c), which says
 * what is wrong with it, or that nothing is.
 */
#include "overlay/changeset_internal.h"

#include <errno.h>

enum {
	/* Less than any entry has: who says that there are many has to bring the text for them. */
	ENTRY_MIN_BYTES = 16,
};

/* The text in three pieces; head and tail are a changeset without entries. */
struct outline {
	struct str head, entries, tail;
};

struct parser {
	struct arena *arena;		/* owns the result */
	struct arena scratch;		/* for one entry as a value */
	struct buf again;		/* one entry, or what is around them, as we write it */
	struct changeset changeset;
};

static const char *find(const char *from, const char *end, struct str what)
{
	return memmem(from, (size_t)(end - from), what.data, what.len);
}

static const char *find_last(struct str text, struct str what)
{
	size_t len = text.len < what.len ? 0 : text.len - what.len + 1;
	const char *at;

	while ((at = len ? memrchr(text.data, *what.data, len) : NULL)) {
		if (!memcmp(at, what.data, what.len))
			return at;
		len = (size_t)(at - text.data);
	}
	return NULL;
}

static bool cut(struct str text, struct outline *ret)
{
	const struct str before = STR(",\"changes\":["), behind = STR("],\"count\":");
	const char *end = text.data + text.len, *first, *last;

	if (!text.len)
		return false;
	first = find(text.data, end, before);
	last = find_last(text, behind);
	if (!first || !last || last < first + before.len)
		return false;
	first += before.len;
	*ret = (struct outline){
		.head = { text.data, (size_t)(first - text.data) },
		.entries = { first, (size_t)(last - first) },
		.tail = { last, (size_t)(end - last) },
	};
	return true;
}

/* The first entry of what is left, without the comma in front of it. */
static bool next_entry(struct str *rest, bool is_first, struct str *ret)
{
	const struct str root = STR(",\"root\":");
	const char *end = rest->data + rest->len, *at = rest->data;

	if (!is_first && (at == end || *at++ != ','))
		return false;
	ret->data = at;
	at = find(at, end, root);
	if (!at)
		return false;
	for (at += root.len; at < end && ascii_is_digit(*at); at++)
		;
	if (at == end || *at++ != '}')
		return false;
	ret->len = (size_t)(at - ret->data);
	*rest = (struct str){ at, (size_t)(end - at) };
	return true;
}

/* Whether what was written into the buffer since it was empty is this. */
static bool wrote(struct parser *parser, struct str text)
{
	bool same = !buf_failed(&parser->again) &&
		str_eq(text, (struct str){ buf_text(&parser->again), parser->again.len });

	buf_truncate(&parser->again, 0);
	return same;
}

static bool parse_entry(struct parser *parser, struct str text, struct change *ret)
{
	const struct json *value;

	arena_reset(&parser->scratch);
	return json_read(&parser->scratch, text, JSON_READ_STRICT, &value, NULL) >= 0 &&
		change_read(parser->arena, value, parser->changeset.root_count, ret, NULL) >= 0 &&
		change_write(&parser->again, ret) >= 0 && wrote(parser, text);
}

static bool parse_entries(struct parser *parser, struct str text, size_t count)
{
	struct change *changes = NULL;
	struct str entry;

	if (count > text.len / ENTRY_MIN_BYTES)
		return false;
	if (count)
		changes = arena_alloc_array(parser->arena, count, sizeof(*changes));
	if (count && !changes)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!next_entry(&text, !i, &entry) || !parse_entry(parser, entry, &changes[i]))
			return false;
	parser->changeset.changes = changes;
	parser->changeset.count = count;
	return !text.len;
}

/* What is said around the entries, but for how it was written. */
static bool parse_frame(struct parser *parser, const struct outline *outline, uint64_t *ret_count)
{
	const struct json *value;
	bool good = buf_append(&parser->again, outline->head.data, outline->head.len) >= 0 &&
		buf_append(&parser->again, outline->tail.data, outline->tail.len) >= 0 &&
		json_read(&parser->scratch, (struct str){ buf_text(&parser->again), parser->again.len },
			JSON_READ_STRICT, &value, NULL) >= 0 &&
		changeset_read_frame(parser->arena, value, &parser->changeset, ret_count, NULL) >= 0;

	buf_truncate(&parser->again, 0);
	return good;
}

static bool check_frame(struct parser *parser, const struct outline *outline)
{
	changeset_write_head(&parser->again, &parser->changeset);
	if (!wrote(parser, outline->head))
		return false;
	changeset_write_tail(&parser->again, &parser->changeset, true);
	return wrote(parser, outline->tail);
}

/* Over the text as it came, which is ours, but for the digest in its tail. */
static bool check_digest(struct parser *parser, const struct outline *outline)
{
	struct digest digest;
	struct hash hash;

	changeset_write_tail(&parser->again, &parser->changeset, false);
	if (buf_failed(&parser->again))
		return false;
	hash_init(&hash);
	hash_update(&hash, outline->head.data, outline->head.len + outline->entries.len);
	hash_update(&hash, parser->again.data, parser->again.len);
	digest = hash_final(&hash);
	return digest_eq(&digest, &parser->changeset.digest);
}

static bool parse(struct parser *parser, struct str text)
{
	struct outline outline;
	uint64_t count;

	return cut(text, &outline) && parse_frame(parser, &outline, &count) &&
		parse_entries(parser, outline.entries, (size_t)count) && check_frame(parser, &outline) &&
		check_digest(parser, &outline) && changeset_check(&parser->changeset, NULL) >= 0;
}

int changeset_parse(struct arena *arena, struct str text, struct changeset *ret, struct error *err)
{
	struct parser parser = {
		.arena = arena,
		.scratch = ARENA_INIT(JSON_TEXT_MAX),
		.again = BUF_INIT(JSON_TEXT_MAX),
	};
	bool good = text.len <= JSON_TEXT_MAX && parse(&parser, text);

	arena_fini(&parser.scratch);
	buf_fini(&parser.again);
	if (!good)
		return changeset_read_text(arena, text, ret, err);
	*ret = parser.changeset;
	return 0;
}
