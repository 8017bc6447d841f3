// SPDX-License-Identifier: Apache-2.0
/*
 * test_compose.c - a part of a file's changes: none is the base, all is the branch, some is what they say
 *
 * The property test makes two random texts, has the differ's own line comparison find the places that differ,
 * and takes every kind of subset of them. What should come out is built here in the plainest way: line by
 * line.
 */
#include "lib/test.h"
#include "overlay/compose.h"
#include "overlay/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	TEXT_MAX = 1 << 16,
	LINES_MAX = 64,
	ROUNDS = 300,
};

static const char *composed(struct buf *buf, const char *old_text, const char *new_text,
	const struct compose_edit *edits, size_t count)
{
	static char said[16];
	int r;

	buf_clear(buf);
	r = compose_text(buf, str_from(old_text), str_from(new_text), edits, count);
	snprintf(said, sizeof(said), "%d", r);
	return r < 0 ? said : buf_text(buf);
}

TEST(places_are_taken_one_by_one)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_MAX);
	const struct compose_edit edits[] = { { 0, 1, 0, 1 }, { 2, 0, 2, 2 }, { 3, 1, 5, 0 } };
	const char *old_text = "a\nb\nc\nd\n", *new_text = "A\nb\nx\ny\nc\n";

	CHECK_TEXT(composed(&buf, old_text, new_text, NULL, 0), old_text);
	CHECK_TEXT(composed(&buf, old_text, new_text, edits, 3), new_text);
	CHECK_TEXT(composed(&buf, old_text, new_text, edits, 1), "A\nb\nc\nd\n");
	CHECK_TEXT(composed(&buf, old_text, new_text, edits + 1, 1), "a\nb\nx\ny\nc\nd\n");
	CHECK_TEXT(composed(&buf, old_text, new_text, edits + 2, 1), "a\nb\nc\n");
}

TEST(a_last_line_without_a_newline_is_a_line)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_MAX);
	const struct compose_edit edits[] = { { 0, 1, 0, 1 }, { 1, 1, 1, 2 } };

	CHECK_TEXT(composed(&buf, "a\nb", "x\nb\nc", edits, 1), "x\nb");
	CHECK_TEXT(composed(&buf, "a\nb", "x\nb\nc", edits + 1, 1), "a\nb\nc");
	CHECK_TEXT(composed(&buf, "", "new\n", &(struct compose_edit){ 0, 0, 0, 1 }, 1), "new\n");
	CHECK_TEXT(composed(&buf, "old\n", "", &(struct compose_edit){ 0, 1, 0, 0 }, 1), "");
}

TEST(lines_that_are_not_there_are_refused)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_MAX), small = BUF_INIT(4);
	const struct compose_edit wrong[][2] = {
		{ { 0, 5, 0, 1 } }, { { 9, 0, 0, 1 } }, { { 0, 1, 2, 9 } },
		{ { 0, UINT32_MAX, 1, 1 } }, { { 1, UINT32_MAX, 1, 1 } }, { { 1, 1, UINT32_MAX, 2 } },
	};
	const struct compose_edit overlap[] = { { 1, 1, 1, 1 }, { 1, 1, 1, 1 } };
	const struct compose_edit unsorted[] = { { 1, 1, 1, 1 }, { 0, 1, 0, 1 } };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		CHECK_TEXT(composed(&buf, "a\nb\n", "c\nd\n", wrong[i], 1), "-22");
	CHECK_TEXT(composed(&buf, "a\nb\n", "c\nd\n", overlap, 2), "-22");
	CHECK_TEXT(composed(&buf, "a\nb\n", "c\nd\n", unsorted, 2), "-22");
	CHECK_INT(compose_text(&small, STR("aaaaaaa\n"), STR(""), NULL, 0), -EMSGSIZE);
}

/* ---- any two texts, any subset ---- */

struct found {
	struct compose_edit edits[2 * LINES_MAX];
	size_t count;
};

/* With no lines around, each hunk is one place. */
static int on_line(void *context, enum text_line line, struct str text)
{
	struct found *found = context;
	struct compose_edit *edit = &found->edits[found->count];
	unsigned numbers[4] = { 0, 1, 0, 1 };
	char header[64];

	if (line != TEXT_HUNK)
		return 0;
	snprintf(header, sizeof(header), "%.*s", STR_FMT(text));
	if (sscanf(header, "@@ -%u,%u +%u,%u @@", &numbers[0], &numbers[1], &numbers[2], &numbers[3]) < 4 &&
			sscanf(header, "@@ -%u,%u +%u @@", &numbers[0], &numbers[1], &numbers[2]) < 3 &&
			sscanf(header, "@@ -%u +%u,%u @@", &numbers[0], &numbers[2], &numbers[3]) < 3 &&
			sscanf(header, "@@ -%u +%u @@", &numbers[0], &numbers[2]) < 2)
		return -EPROTO;
	*edit = (struct compose_edit){ numbers[0] - (numbers[1] > 0), numbers[1],
		numbers[2] - (numbers[3] > 0), numbers[3] };
	found->count++;
	return 0;
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Few different lines, so that many of them meet; sometimes without a newline at the end. */
static void make_text(struct buf *buf, uint32_t *state)
{
	uint32_t count = next_random(state) % 20;

	buf_clear(buf);
	for (uint32_t i = 0; i < count; i++)
		(void)buf_printf(buf, "%c%s", (char)('a' + next_random(state) % 5),
			i + 1 < count || next_random(state) % 3 ? "\n" : "");
}

/* Line @number from 0, with its newline. */
static struct str line_of(const struct buf *text, uint32_t number)
{
	struct str rest = { buf_text(text), text->len };

	for (;; number--) {
		const char *newline = memchr(rest.data, '\n', rest.len);
		size_t len = newline ? (size_t)(newline - rest.data) + 1 : rest.len;

		if (!number)
			return (struct str){ rest.data, len };
		rest = (struct str){ rest.data + len, rest.len - len };
	}
}

static void build(struct buf *ret, const struct buf *old_text, const struct buf *new_text,
	const struct compose_edit *edits, size_t count)
{
	uint32_t old_line = 0, lines = 0;
	struct str line;

	buf_clear(ret);
	for (size_t i = 0; i < old_text->len; i++)
		lines += old_text->data[i] == '\n' || i + 1 == old_text->len;
	for (size_t i = 0; i <= count; i++) {
		for (; old_line < (i < count ? edits[i].old_start : lines); old_line++) {
			line = line_of(old_text, old_line);
			(void)buf_append(ret, line.data, line.len);
		}
		for (uint32_t k = 0; i < count && k < edits[i].new_count; k++) {
			line = line_of(new_text, edits[i].new_start + k);
			(void)buf_append(ret, line.data, line.len);
		}
		old_line += i < count ? edits[i].old_count : 0;
	}
}

TEST(every_subset_of_the_places_of_any_two_texts)
{
	scoped(buf) struct buf old_text = BUF_INIT(TEXT_MAX), new_text = BUF_INIT(TEXT_MAX),
		wanted = BUF_INIT(TEXT_MAX), got = BUF_INIT(TEXT_MAX);
	struct compose_edit some[2 * LINES_MAX];
	uint32_t state = 7;

	CHECK_INT(text_start(NULL), 0);
	for (int round = 0; round < ROUNDS; round++) {
		struct found found = { 0 };
		size_t count = 0;
		uint32_t mask;

		make_text(&old_text, &state);
		make_text(&new_text, &state);
		CHECK_INT(text_diff((struct str){ buf_text(&old_text), old_text.len },
			(struct str){ buf_text(&new_text), new_text.len }, 0, on_line, &found), 0);
		CHECK_TEXT(composed(&got, buf_text(&old_text), buf_text(&new_text), NULL, 0),
			buf_text(&old_text));
		CHECK_TEXT(composed(&got, buf_text(&old_text), buf_text(&new_text), found.edits, found.count),
			buf_text(&new_text));
		mask = next_random(&state);
		for (size_t i = 0; i < found.count; i++)
			if (mask >> i % 24 & 1)
				some[count++] = found.edits[i];
		build(&wanted, &old_text, &new_text, some, count);
		CHECK_TEXT(composed(&got, buf_text(&old_text), buf_text(&new_text), some, count),
			buf_text(&wanted));
	}
}

/* ---- changes ---- */

static const char *const roots[] = { "/w" };

static struct file_facts facts(const char *content, mode_t mode)
{
	return (struct file_facts){ .type = FILE_REGULAR, .mode = mode, .size_bytes = strlen(content),
		.digest = hash_bytes(content, strlen(content)) };
}

TEST(part_and_remainder_make_the_whole)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct change changes[] = {
		{ .kind = CHANGE_MODIFIED, .path = STR("f"), .flags = CHANGE_STALE,
			.old_file = facts("old", 0644), .new_file = facts("new!", 04755) },
		{ .kind = CHANGE_ADDED, .path = STR("g"), .new_file = facts("g", 0644) },
	};
	struct changeset whole = { .roots = roots, .root_count = 1, .changes = changes, .count = 2 }, part,
		rest;
	struct digest digest = hash_bytes("some", 4);

	CHECK_INT(changeset_seal(&whole), 0);
	CHECK(compose_fits(&changes[0]) && !compose_fits(&changes[1]) && compose_has_metadata(&changes[0]));
	part = whole;
	part.count = 1;
	{
		struct change taken = compose_change(&changes[0], &digest, 4, 77, false);

		CHECK_INT(taken.flags, CHANGE_COMPOSED | CHANGE_STALE);
		CHECK_INT(taken.new_file.mode, 0644);
		CHECK_INT(taken.new_file.mtime_ns, 77);
		part.changes = &taken;
		CHECK_INT(compose_remainder(&arena, &whole, &part, &rest), 0);
		CHECK_INT(rest.count, 2);
		CHECK_INT(rest.changes[0].flags, 0);
		CHECK(digest_eq(&rest.changes[0].old_file.digest, &digest));
		CHECK_INT(rest.changes[0].old_file.mode, 0644);
		CHECK_INT(rest.changes[0].new_file.mode, 04755);
		CHECK_INT(rest.total_bytes, 5);
	}
	{
		struct change taken = compose_change(&changes[0], &changes[0].new_file.digest, 4, 77, false);

		part.changes = &taken;
		CHECK_INT(compose_remainder(&arena, &whole, &part, &rest), 0);
		CHECK_INT(rest.changes[0].kind, CHANGE_METADATA);
	}
	{
		struct change taken = compose_change(&changes[0], &changes[0].old_file.digest, 3, 77, true);

		CHECK_INT(taken.kind, CHANGE_METADATA);
		CHECK_INT(taken.new_file.mode, 04755);
		part.changes = &taken;
		CHECK_INT(compose_remainder(&arena, &whole, &part, &rest), 0);
		CHECK_INT(rest.changes[0].kind, CHANGE_MODIFIED);
		CHECK_INT(rest.changes[0].old_file.mode, 04755);
	}
}

TEST_MAIN()
