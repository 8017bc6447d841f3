// SPDX-License-Identifier: Apache-2.0
/*
 * test_alloc.c - no memory, at every request in turn
 *
 * Each piece of work is run once to see how many requests it makes, and then once for each of them with that
 * one refused. It has to abort: going on would mean that a result was lost without a word.
 */
#include "lib/test.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "json/json.h"
#include "lib/fault_alloc.h"
#include "overlay/compose.h"

#include <stdio.h>

/* Runs @work with each of its requests refused; @least: fewer requests than this would test nothing. */
static void refuse_each(bool (*work)(void), unsigned least)
{
	unsigned count;

	fault_alloc_arm(0);
	CHECK(work());
	count = fault_alloc_count();
	CHECK(count >= least);
	for (unsigned nth = 1; nth <= count; nth++)
		CHECK_INT(fault_alloc_run(work, nth), FAULT_ALLOC_ABORTED);
	CHECK_INT(fault_alloc_run(work, count + 1), FAULT_ALLOC_RIGHT);
}

static bool grow_arena(void)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 24);

	for (unsigned i = 0; i < 2000; i++) {
		unsigned char *p = arena_alloc(&arena, i);

		if (!p || (i && p[i - 1]))
			return false;
		if (i)
			p[i - 1] = 1;
	}
	return true;
}

TEST(an_arena_aborts_when_a_chunk_cannot_be_had)
{
	refuse_each(grow_arena, 5);
}

static bool grow_buf(void)
{
	scoped(buf) struct buf buf = BUF_INIT(1 << 20);

	for (int i = 0; i < 10000; i++)
		buf_printf(&buf, "%d,", i);
	return !buf_failed(&buf) && str_ends_with((struct str){ buf.data, buf.len }, STR("9998,9999,"));
}

TEST(a_buffer_aborts_when_it_cannot_grow)
{
	refuse_each(grow_buf, 5);
}

static bool fill_map(void)
{
	struct map map = MAP_INIT(1000, 1, 2);
	static char keys[1000][8];
	bool right = true;

	for (int i = 0; i < 1000; i++) {
		size_t len = (size_t)snprintf(keys[i], sizeof(keys[i]), "%d", i);

		right = right && !map_put(&map, keys[i], len, keys[i]);
	}
	right = right && map_get(&map, "999", 3) == keys[999];
	map_fini(&map);
	return right;
}

TEST(a_map_aborts_when_it_cannot_grow)
{
	refuse_each(fill_map, 5);
}

static bool copy_document(void)
{
	static const char text[] =
		"{\"a\":[1,2,{\"b\":\"\\u00e9\",\"c\":[[],[null]]}],\"d\":18446744073709551616}";
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf buf = BUF_INIT(1 << 16);
	const struct json *value;

	if (json_read(&arena, str_from(text), JSON_READ_STRICT, &value, NULL) < 0 ||
			json_write(&buf, json_copy(&arena, value), JSON_WRITE_CANONICAL) < 0)
		return false;
	return !strcmp(buf_text(&buf),
		"{\"a\":[1,2,{\"b\":\"\xc3\xa9\",\"c\":[[],[null]]}],\"d\":18446744073709551616}");
}

TEST(a_document_is_whole_or_not_there)
{
	refuse_each(copy_document, 2);
}

/* Every other line of a long text is taken from the new one. */
static bool compose_half(void)
{
	enum { LINES = 1000 };
	static struct compose_edit edits[LINES / 2];
	scoped(buf) struct buf old_text = BUF_INIT(1 << 16), new_text = BUF_INIT(1 << 16);
	scoped(buf) struct buf wanted = BUF_INIT(1 << 16), got = BUF_INIT(1 << 16);

	for (unsigned i = 0; i < LINES; i++) {
		buf_printf(&old_text, "old %u\n", i);
		buf_printf(&new_text, "new %u\n", i);
		buf_printf(&wanted, "%s %u\n", i % 2 ? "new" : "old", i);
		edits[i / 2] = (struct compose_edit){ i, 1, i, 1 };
	}
	return !compose_text(&got, (struct str){ old_text.data, old_text.len },
		(struct str){ new_text.data, new_text.len }, edits, ARRAY_SIZE(edits)) &&
		str_eq((struct str){ got.data, got.len }, (struct str){ wanted.data, wanted.len });
}

TEST(a_composed_text_is_whole_or_not_there)
{
	refuse_each(compose_half, 12);
}

static struct file_facts facts_of(const char *content)
{
	return (struct file_facts){ .type = FILE_REGULAR, .mode = 0644, .size_bytes = strlen(content),
		.digest = hash_bytes(content, strlen(content)) };
}

/* Of many changes, some are taken whole, some in part, and the others stay. */
static bool leave_remainder(void)
{
	enum { COUNT = 300 };
	static const char *const roots[] = { "/w" };
	static char paths[COUNT][8];
	static struct change changes[COUNT], taken[COUNT / 3 * 2];
	struct changeset whole = { .roots = roots, .root_count = 1, .changes = changes, .count = COUNT };
	struct changeset part = whole, rest;
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct digest some = hash_bytes("some", 4);
	bool right = true;

	part.changes = taken;
	part.count = 0;
	for (size_t i = 0; i < COUNT; i++) {
		snprintf(paths[i], sizeof(paths[i]), "f%03zu", i);
		changes[i] = (struct change){ .kind = CHANGE_MODIFIED, .path = str_from(paths[i]),
			.old_file = facts_of("old"), .new_file = facts_of("new") };
		if (i % 3)
			taken[part.count++] = i % 3 == 1 ? changes[i] :
			compose_change(&changes[i], &some, 4, 0, false);
	}
	if (changeset_seal(&whole) < 0 || compose_remainder(&arena, &whole, &part, &rest) < 0)
		return false;
	for (size_t i = 0; i < rest.count; i++)
		right = right && digest_eq(&rest.changes[i].old_file.digest,
			i % 2 ? &some : &changes[0].old_file.digest);
	return right && rest.count == COUNT - part.count / 2;
}

TEST(what_is_left_of_a_changeset_is_whole_or_not_there)
{
	refuse_each(leave_remainder, 4);
}

TEST_MAIN()
