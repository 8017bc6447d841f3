// SPDX-License-Identifier: Apache-2.0
/*
 * test_unpack.c - archives made byte by byte: what is taken, what is refused, and where each bound lies
 */
#include "policy/unpack.h"

#include "lib/gzip.h"
#include "lib/test.h"

#include <errno.h>
#include <stdio.h>

enum {
	RECORD_BYTES = 512,
	TAR_BYTES_MAX = 96 << 20,
	ANY_BYTES = 1 << 20,
};

/* A header of ustar, what stands behind it, and padding. */
struct member {
	const char *name;		/* more than 99 bytes: in a record of its own in front */
	char type;
	const char *link;
	struct str content;
	uint64_t said_bytes;		/* 0: as long as it is */
	uint64_t hole_bytes;		/* type S: in front of the content */
};

static struct arena arena = ARENA_INIT(256 << 20);
static struct error err;

/* Offsets in a header; source: tar(5), "POSIX ustar Archives" and "GNU tar Archives" */
enum {
	AT_MODE = 100, AT_UID = 108, AT_GID = 116, AT_SIZE = 124, AT_TIME = 136, AT_SUM = 148, AT_TYPE = 156,
	AT_LINK = 157, AT_MAGIC = 257, AT_SPARSE = 386, AT_REAL_SIZE = 483,
};

static void put_octal(char *record, size_t at, int digits, uint64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%0*jo", digits, (uintmax_t)number);
	memcpy(record + at, text, (size_t)digits);
}

static void put_header(struct buf *tar, const struct member *member, const char *name, uint64_t size)
{
	char record[RECORD_BYTES] = { 0 };
	unsigned sum = 0;

	memcpy(record, name, strlen(name));
	put_octal(record, AT_MODE, 7, 0644);
	put_octal(record, AT_UID, 7, 0);
	put_octal(record, AT_GID, 7, 0);
	put_octal(record, AT_SIZE, 11, size);
	put_octal(record, AT_TIME, 11, 0);
	record[AT_TYPE] = member->type ?: '0';
	if (member->link)
		memcpy(record + AT_LINK, member->link, strlen(member->link));
	if (member->type == 'S') {
		memcpy(record + AT_MAGIC, "ustar  ", 8);
		put_octal(record, AT_SPARSE, 11, member->hole_bytes);
		put_octal(record, AT_SPARSE + 12, 11, size);
		put_octal(record, AT_REAL_SIZE, 11, member->hole_bytes + size);
	} else {
		memcpy(record + AT_MAGIC, "ustar\0" "00", 8);
	}
	memset(record + AT_SUM, ' ', 8);
	for (size_t i = 0; i < sizeof(record); i++)
		sum += (unsigned char)record[i];
	put_octal(record, AT_SUM, 6, sum);
	record[AT_SUM + 6] = '\0';
	buf_append(tar, record, sizeof(record));
}

static void put_content(struct buf *tar, struct str content)
{
	buf_append(tar, content.data, content.len);
	while (tar->len % RECORD_BYTES)
		buf_append_char(tar, '\0');
}

static void put_member(struct buf *tar, const struct member *member)
{
	static const struct member long_name = { .type = 'L' };
	size_t len = strlen(member->name);

	if (len >= AT_MODE) {
		put_header(tar, &long_name, "././@LongLink", len + 1);
		put_content(tar, (struct str){ member->name, len + 1 });
	}
	put_header(tar, member, len < AT_MODE ? member->name : "long",
		member->said_bytes ?: member->content.len);
	put_content(tar, member->content);
}

static void put_end(struct buf *tar)
{
	static const char zeros[2 * RECORD_BYTES];

	buf_append(tar, zeros, sizeof(zeros));
}

static int unpack(const struct buf *tar, size_t bytes_max, struct policy_entries *ret)
{
	struct buf archive = BUF_INIT(TAR_BYTES_MAX);
	int r;

	*ret = (struct policy_entries){ .bytes_max = bytes_max };
	err = (struct error)ERROR_INIT;
	gzip_wrap(&archive, (struct str){ tar->data, tar->len });
	CHECK(!buf_failed(tar) && !buf_failed(&archive));
	r = policy_unpack(&arena, (struct str){ archive.data, archive.len }, ret, &err);
	buf_fini(&archive);
	return r;
}

static int unpack_members(const struct member *members, size_t count, size_t bytes_max,
	struct policy_entries *ret)
{
	struct buf tar = BUF_INIT(TAR_BYTES_MAX);
	int r;

	for (size_t i = 0; i < count; i++)
		put_member(&tar, &members[i]);
	put_end(&tar);
	r = unpack(&tar, bytes_max, ret);
	buf_fini(&tar);
	return r;
}

#define CHECK_SAID(wanted) \
	do { if (!strstr(err.text, (wanted))) \
		test_fail(__FILE__, __LINE__, "said \"%s\", wanted \"%s\"", err.text, (wanted)); } while (0)

static const char *name_of(size_t len)
{
	char *name = arena_alloc(&arena, len + 1);

	memset(name, 'n', len);
	for (size_t i = 200; i < len; i += 201)
		name[i] = '/';
	return name;
}

TEST(files_and_directories_are_taken)
{
	static const struct member members[] = {
		{ .name = "d", .type = '5' }, { .name = "./d/b.rego", .content = STR("package b\n") },
		{ .name = "/a", .content = STR("") }, { .name = "d/old", .type = 0, .content = STR("x") },
	};
	struct policy_entries entries;

	if (!policy_unpack_is_supported())
		return;
	if (unpack_members(members, ARRAY_SIZE(members), ANY_BYTES, &entries) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	CHECK_INT(entries.count, 3);
	CHECK_INT(entries.bytes, 11);
	CHECK_TEXT(entries.items[0].name, "a");
	CHECK_TEXT(entries.items[1].name, "d/b.rego");
	CHECK_STR(entries.items[1].content, STR("package b\n"));
	CHECK_TEXT(entries.items[2].name, "d/old");
	arena_fini(&arena);
}

/* Each behind a file that is fine. */
static const struct {
	struct member member;
	const char *said;
} wrong[] = {
	{ { .name = "l", .type = '2', .link = "/etc/passwd" }, "'l' in it is a link" },
	{ { .name = "l", .type = '2', .link = "a" }, "'l' in it is a link" },
	{ { .name = "h", .type = '1', .link = "a" }, "'h' in it is a hard link" },
	{ { .name = "h", .type = '1', .link = "/etc/passwd" }, "'h' in it is a hard link" },
	{ { .name = "s", .type = 'S', .content = STR("x"), .hole_bytes = 4096 },
		"'s' in it is a file with holes" },
	{ { .name = "c", .type = '3' }, "'c' in it is a device" },
	{ { .name = "b", .type = '4' }, "'b' in it is a device" },
	{ { .name = "p", .type = '6' }, "'p' in it is a device" },
	{ { .name = "d", .type = '5', .content = STR("x") }, "it is damaged" },
	{ { .name = "a" }, "two files of the name 'a'" },
	{ { .name = "./a" }, "two files of the name 'a'" },
	{ { .name = "../b" }, "the name '../b'" },
	{ { .name = "d/../b" }, "the name 'd/../b'" },
	{ { .name = "d//b" }, "the name 'd//b'" },
	{ { .name = "//b" }, "the name '//b'" },
	{ { .name = "\xff" }, "it holds a file of the name" },
	{ { .name = "../d", .type = '5' }, "the name '../d'" },
};

TEST(nothing_else_is)
{
	struct policy_entries entries;

	for (size_t i = 0; i < ARRAY_SIZE(wrong) && policy_unpack_is_supported(); i++) {
		const struct member members[] = { { .name = "a" }, wrong[i].member };

		CHECK_INT(unpack_members(members, 2, ANY_BYTES, &entries), -EBADMSG);
		CHECK_SAID(wrong[i].said);
	}
	arena_fini(&arena);
}

TEST(names_have_a_length)
{
	const struct member members[] = {
		{ .name = name_of(POLICY_ENTRY_NAME_MAX) }, { .name = name_of(POLICY_ENTRY_NAME_MAX + 1) },
	};
	struct policy_entries entries;

	if (!policy_unpack_is_supported())
		return;
	if (unpack_members(members, 1, ANY_BYTES, &entries) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	CHECK_TEXT(entries.items[0].name, members[0].name);
	CHECK_INT(unpack_members(members + 1, 1, ANY_BYTES, &entries), -EBADMSG);
	CHECK_SAID("it holds a file of the name");
	arena_fini(&arena);
}

TEST(contents_have_a_size)
{
	static const struct member members[] = {
		{ .name = "a", .content = STR("1234") }, { .name = "b", .content = STR("567890") },
	};
	struct policy_entries entries;

	if (!policy_unpack_is_supported())
		return;
	CHECK_INT(unpack_members(members, 2, 10, &entries), 0);
	CHECK_INT(entries.bytes, 10);
	CHECK_INT(unpack_members(members, 2, 9, &entries), -EMSGSIZE);
	CHECK_SAID("it holds more than 9 bytes");
	CHECK_INT(unpack_members(members + 1, 1, 5, &entries), -EMSGSIZE);
	CHECK_INT(unpack_members(members, 1, 0, &entries), -EMSGSIZE);
	arena_fini(&arena);
}

/* What it says is looked at before room is made, and what is there before it is believed. */
TEST(sizes_are_not_believed)
{
	static const struct member large[] = {
		{ .name = "a", .content = STR("x"), .said_bytes = ANY_BYTES + 1 },
		{ .name = "a", .content = STR("x"), .said_bytes = (uint64_t)1 << 32 },
	};
	static const struct member shorter = { .name = "a", .content = STR("x"), .said_bytes = 4096 };
	struct policy_entries entries;

	if (!policy_unpack_is_supported())
		return;
	for (size_t i = 0; i < ARRAY_SIZE(large); i++) {
		CHECK_INT(unpack_members(&large[i], 1, ANY_BYTES, &entries), -EMSGSIZE);
		CHECK_SAID("it holds more than 1048576 bytes");
	}
	CHECK_INT(unpack_members(&shorter, 1, ANY_BYTES, &entries), -EBADMSG);
	CHECK_SAID("it is damaged");
	arena_fini(&arena);
}

static int unpack_many(size_t dirs, size_t files, struct policy_entries *ret)
{
	struct buf tar = BUF_INIT(TAR_BYTES_MAX);
	char name[32];
	int r;

	for (size_t i = 0; i < dirs + files; i++) {
		struct member member = { .name = name, .type = i < dirs ? '5' : '0' };

		snprintf(name, sizeof(name), "n%zu", i);
		put_member(&tar, &member);
	}
	put_end(&tar);
	r = unpack(&tar, ANY_BYTES, ret);
	buf_fini(&tar);
	return r;
}

TEST(entries_are_counted)
{
	struct policy_entries entries;

	if (!policy_unpack_is_supported())
		return;
	CHECK_INT(unpack_many(0, POLICY_ENTRIES_MAX, &entries), 0);
	CHECK_INT(entries.count, POLICY_ENTRIES_MAX);
	CHECK_INT(unpack_many(0, POLICY_ENTRIES_MAX + 1, &entries), -EMSGSIZE);
	CHECK_SAID("more than 16384 files");
	CHECK_INT(unpack_many(POLICY_ENTRIES_MAX - 1, 1, &entries), 0);
	/* directories, too, of which nothing is kept */
	CHECK_INT(unpack_many(POLICY_ENTRIES_MAX, 1, &entries), -EMSGSIZE);
	CHECK_SAID("more than 16384 files");
	CHECK_INT(unpack_many(1, 0, &entries), -EBADMSG);
	CHECK_SAID("there is no file in it");
	arena_fini(&arena);
}

/* Whoever adds files without an archive around them is counted, too. */
TEST(files_of_a_directory_are_counted)
{
	struct policy_entries entries = { .bytes_max = ANY_BYTES };

	for (size_t i = 0; i < POLICY_ENTRIES_MAX; i++)
		CHECK_INT(policy_entries_add(&arena, &entries, "a", STR(""), &err), 0);
	CHECK_INT(policy_entries_add(&arena, &entries, "a", STR(""), &err), -EMSGSIZE);
	CHECK_INT(entries.count, POLICY_ENTRIES_MAX);
	arena_fini(&arena);
}

/* Zeros behind the end of the tar are read by nobody but zlib. */
TEST(what_becomes_large_is_stopped)
{
	struct buf tar = BUF_INIT(TAR_BYTES_MAX);
	static const struct member member = { .name = "a" };
	struct policy_entries entries;

	if (!policy_unpack_is_supported())
		return;
	put_member(&tar, &member);
	memset(buf_reserve(&tar, 65 << 20), 0, 65 << 20);
	buf_commit(&tar, 65 << 20);
	CHECK_INT(unpack(&tar, ANY_BYTES, &entries), -EMSGSIZE);
	CHECK_SAID("it becomes more than");
	buf_fini(&tar);
	arena_fini(&arena);
}

TEST(a_wrapper_that_is_damaged)
{
	static const struct member member = { .name = "a", .content = STR("text") };
	struct buf tar = BUF_INIT(TAR_BYTES_MAX), archive = BUF_INIT(TAR_BYTES_MAX);
	struct policy_entries entries = { .bytes_max = ANY_BYTES };

	if (!policy_unpack_is_supported())
		return;
	put_member(&tar, &member);
	put_end(&tar);
	gzip_wrap(&archive, (struct str){ tar.data, tar.len });
	CHECK_INT(policy_unpack(&arena, (struct str){ archive.data, archive.len - 1 }, &entries, &err),
		-EBADMSG);
	CHECK_SAID("its end is missing");
	buf_append_char(&archive, '\0');
	CHECK_INT(policy_unpack(&arena, (struct str){ archive.data, archive.len }, &entries, &err), -EBADMSG);
	CHECK_SAID("there is more behind its end");
	archive.data[archive.len - 9] ^= 1;
	CHECK_INT(policy_unpack(&arena, (struct str){ archive.data, archive.len - 1 }, &entries, &err),
		-EBADMSG);
	CHECK_INT(policy_unpack(&arena, (struct str){ tar.data, tar.len }, &entries, &err), -EBADMSG);
	CHECK_INT(entries.count, 0);
	buf_fini(&archive);
	buf_fini(&tar);
	arena_fini(&arena);
}

TEST(a_file_has_a_name)
{
	struct policy_entries entries = { 0 };

	CHECK_INT(policy_entries_add(&arena, &entries, policy_entry_name(&arena, STR(""), &err), STR("x"),
		&err),
		-EBADMSG);
	CHECK_INT(policy_entries_add(&arena, &entries, "a", STR("x"), &err), 0);
	CHECK_INT(entries.count, 1);
}

TEST_MAIN()
