// SPDX-License-Identifier: Apache-2.0
/*
 * test_changeset_parse.c - a text is taken entry by entry, and only where reading it as a whole takes it, too
 *
 * The sample has names that look like what stands around entries. Its text is spoiled byte by byte and cut
 * everywhere; both ways of reading have to agree on each.
 */
#include "lib/test.h"
#include "overlay/changeset_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SAMPLE_COUNT = 5,
	MANY_COUNT = 2000,
};

static struct file_facts regular(const char *content)
{
	return (struct file_facts){
		.type = FILE_REGULAR, .mode = 0644, .uid = 1000, .gid = 1000, .size_bytes = strlen(content),
		.mtime_ns = 1700000000123456789, .digest = hash_bytes(content, strlen(content)),
	};
}

static const struct xattr attributes[] = {
	{ "user.\"},{\"", { ",\"root\":0},", 11 } }, { "user.b", { "\xff", 1 } },
};

static const char *const roots[] = { "/],\"count\":1", "/b\xfe" };

static struct changeset sample(struct change changes[SAMPLE_COUNT])
{
	const struct change all[SAMPLE_COUNT] = {
		{ CHANGE_ADDED, 0, CHANGE_BINARY, STR("\",\"changes\":[{"), .new_file = regular("a") },
		{ CHANGE_DELETED, 0, 0, STR(",\"root\":0}"), .old_file = regular("b") },
		{ CHANGE_ADDED, 0, 0, STR("name\xff\n"), .new_file = regular("") },
		{ CHANGE_MODIFIED, 1, CHANGE_XATTRS | CHANGE_STALE, STR("],\"count\":7"),
			.old_file = regular("one"), .new_file = regular("three") },
		{ CHANGE_ADDED, 1, 0, STR("\xc3\xa4\\"), .new_file = regular("e") },
	};
	struct changeset changeset = {
		.roots = roots, .root_count = ARRAY_SIZE(roots), .changes = changes, .count = SAMPLE_COUNT,
		.total_bytes = 1 + 5 + 1,
	};

	memcpy(changes, all, sizeof(all));
	changes[3].new_file.xattrs = attributes;
	changes[3].new_file.xattr_count = ARRAY_SIZE(attributes);
	CHECK_INT(changeset_seal(&changeset), 0);
	return changeset;
}

TEST(what_looks_like_an_end_within_a_name_is_none)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf text = BUF_INIT(1 << 20), again = BUF_INIT(1 << 20);
	struct change changes[SAMPLE_COUNT];
	struct changeset changeset = sample(changes), back;
	struct error err = ERROR_INIT;

	CHECK_INT(changeset_write(&text, &changeset), 0);
	if (changeset_parse(&arena, (struct str){ text.data, text.len }, &back, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	CHECK_INT(back.count, SAMPLE_COUNT);
	CHECK_STR(back.changes[0].path, STR("\",\"changes\":[{"));
	CHECK_STR(back.changes[1].path, STR(",\"root\":0}"));
	CHECK_STR(back.changes[3].path, STR("],\"count\":7"));
	CHECK_TEXT(back.changes[3].new_file.xattrs[0].name, "user.\"},{\"");
	CHECK_TEXT(back.roots[0], "/],\"count\":1");
	CHECK_INT(changeset_write(&again, &back), 0);
	CHECK_TEXT(buf_text(&again), buf_text(&text));
}

TEST(no_entries_at_all)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 16);
	scoped(buf) struct buf text = BUF_INIT(1 << 16);
	struct changeset changeset = { 0 }, back;

	CHECK_INT(changeset_seal(&changeset), 0);
	CHECK_INT(changeset_write(&text, &changeset), 0);
	CHECK_INT(changeset_parse(&arena, (struct str){ text.data, text.len }, &back, NULL), 0);
	CHECK_INT(back.count, 0);
	CHECK_INT(changeset_parse(&arena, STR(""), &back, NULL), -EBADMSG);
}

/* Whether both ways say the same, and what. */
static int parse_both(struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct error err = ERROR_INIT, whole_err = ERROR_INIT;
	struct changeset back = { 0 }, whole_back = { 0 };
	int r = changeset_parse(&arena, text, &back, &err);
	int whole = changeset_read_text(&arena, text, &whole_back, &whole_err);

	if (r != whole || strcmp(err.text, whole_err.text) || back.count != whole_back.count)
		test_fail(__FILE__, __LINE__, "%d \"%s\" and as a whole %d \"%s\": %.*s", r, err.text, whole,
			whole_err.text, (int)text.len, text.data);
	return r;
}

TEST(no_byte_may_be_another_one)
{
	scoped(buf) struct buf text = BUF_INIT(1 << 20);
	struct change changes[SAMPLE_COUNT];
	struct changeset changeset = sample(changes);

	CHECK_INT(changeset_write(&text, &changeset), 0);
	CHECK_INT(parse_both((struct str){ text.data, text.len }), 0);
	for (size_t i = 0; i < text.len; i++) {
		char was = text.data[i];

		text.data[i] = was == '1' ? '2' : '1';
		CHECK_INT(parse_both((struct str){ text.data, text.len }), -EBADMSG);
		text.data[i] = was == ' ' ? '"' : ' ';
		CHECK_INT(parse_both((struct str){ text.data, text.len }), -EBADMSG);
		text.data[i] = was;
		CHECK_INT(parse_both((struct str){ text.data, i }), -EBADMSG);
	}
}

/* With a digest that fits, so that it is the rule that refuses. */
static struct str seal(struct buf *text, size_t count_was, size_t count_is)
{
	char *at = memmem(text->data, text->len, "\"count\":", 8), hex[DIGEST_HEX_SIZE];
	const size_t member_len = sizeof("\"digest\":\"\",") - 1 + 64;
	scoped(buf) struct buf without = BUF_INIT(1 << 24);
	struct digest digest;

	CHECK(at && count_was < 10 && count_is < 10);
	at[8] = (char)('0' + count_is);
	at = memmem(text->data, text->len, "\"digest\":\"", 10);
	CHECK(at);
	(void)buf_append(&without, text->data, (size_t)(at - text->data));
	(void)buf_append_str(&without, at + member_len);
	digest = hash_bytes(without.data, without.len);
	digest_to_hex(&digest, hex);
	memcpy(at + 10, hex, 64);
	return (struct str){ text->data, text->len };
}

TEST(the_count_is_that_of_the_entries)
{
	scoped(buf) struct buf text = BUF_INIT(1 << 20);
	struct change changes[SAMPLE_COUNT];
	struct changeset changeset = sample(changes);

	CHECK_INT(changeset_write(&text, &changeset), 0);
	CHECK_INT(parse_both(seal(&text, 5, 4)), -EBADMSG);
	CHECK_INT(parse_both(seal(&text, 4, 6)), -EBADMSG);
	CHECK_INT(parse_both(seal(&text, 6, 0)), -EBADMSG);
	CHECK_INT(parse_both(seal(&text, 0, 5)), 0);
}

/* What is in order of bytes is, by itself, no changeset: what binds entries is looked at, too. */
TEST(entries_are_held_against_each_other)
{
	scoped(buf) struct buf text = BUF_INIT(1 << 20);
	struct change changes[SAMPLE_COUNT], swapped;
	struct changeset changeset = sample(changes);

	swapped = changes[1];
	changes[1] = changes[2];
	changes[2] = swapped;
	CHECK_INT(changeset_seal(&changeset), 0);
	CHECK_INT(changeset_write(&text, &changeset), 0);
	CHECK_INT(parse_both((struct str){ text.data, text.len }), -EBADMSG);
}

TEST(memory_is_for_the_result_and_one_entry)
{
	const size_t enough = MANY_COUNT * (sizeof(struct change) + 16) + 4096;
	scoped(arena) struct arena arena = ARENA_INIT(enough), same = ARENA_INIT(enough);
	struct change *changes = calloc(MANY_COUNT, sizeof(*changes));
	char(*names)[8] = calloc(MANY_COUNT, sizeof(*names));
	scoped(buf) struct buf text = BUF_INIT(1 << 24);
	struct changeset changeset = { .roots = roots, .root_count = 1, .changes = changes,
		.count = MANY_COUNT, .total_bytes = MANY_COUNT }, back;
	struct error err = ERROR_INIT;

	CHECK(changes && names);
	for (size_t i = 0; i < MANY_COUNT; i++) {
		snprintf(names[i], sizeof(names[i]), "%05zu", i);
		changes[i] = (struct change){ CHANGE_ADDED, 0, 0, str_from(names[i]),
			.new_file = regular("x") };
	}
	CHECK_INT(changeset_seal(&changeset), 0);
	CHECK_INT(changeset_write(&text, &changeset), 0);
	CHECK_INT(changeset_read_text(&same, (struct str){ text.data, text.len }, &back, &err), -EMSGSIZE);
	CHECK_INT(changeset_parse(&arena, (struct str){ text.data, text.len }, &back, &err), 0);
	CHECK_INT(back.count, MANY_COUNT);
	CHECK_STR(back.changes[MANY_COUNT - 1].path, STR("01999"));
	free(changes);
	free(names);
}

TEST_MAIN()
