// SPDX-License-Identifier: Apache-2.0
/*
 * test_changeset.c - the public form: there and back, and everything that must not come back
 *
 * One sample changeset holds every kind, type and flag. The refusal table edits the text of a sealed sample
 * and says which words the reader has to answer; "sealed" rows get a digest that is right for the edited
 * text, so that only the rule itself can refuse them.
 */
#include "lib/test.h"
#include "overlay/changeset_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

static struct digest digest_of(const char *text)
{
	return hash_bytes(text, strlen(text));
}

static struct file_facts regular(const char *content)
{
	return (struct file_facts){
		.type = FILE_REGULAR, .mode = 0644, .uid = 1000, .gid = 1000, .size_bytes = strlen(content),
		.mtime_ns = 1700000000123456789, .digest = digest_of(content),
	};
}

static struct file_facts directory(mode_t mode)
{
	return (struct file_facts){ .type = FILE_DIRECTORY,
		.mode = mode,
		.uid = 1000,
		.gid = 1000,
		.mtime_ns = 5 };
}

static struct file_facts symlink_to(const char *target)
{
	return (struct file_facts){
		.type = FILE_SYMLINK, .mode = 0777, .size_bytes = strlen(target), .digest = digest_of(target),
		.target = str_from(target), .mtime_ns = -1,
	};
}

static struct file_facts special(enum file_type type, unsigned minor_number)
{
	return (struct file_facts){ .type = type,
		.mode = 0600,
		.device = minor_number ? makedev(1, minor_number) : 0 };
}

static const struct xattr acl[] = {
	{ "system.posix_acl_access", { "\2\0\0\0", 4 } }, { "user.\xff", { "", 0 } },
};

enum {
	SAMPLE_COUNT = 16,
};

/* Sorted by (root, path). */
static struct changeset sample(struct change changes[SAMPLE_COUNT])
{
	static const char *const roots[] = { "/home/a/project", "/srv/\xfe" };
	const struct change all[SAMPLE_COUNT] = {
		{ CHANGE_METADATA, 0, 0, STR("."), .old_file = directory(0755),
			.new_file = directory(02750) },
		{ CHANGE_ADDED, 0, CHANGE_SPARSE | CHANGE_BINARY, STR("a"), .link_group = 1,
			.new_file = regular("aa") },
		{ CHANGE_ADDED, 0, 0, STR("a.b"), .new_file = regular("") },
		{ CHANGE_METADATA, 0, 0, STR("a/b"), .link_group = 1, .old_file = regular("aa"),
			.new_file = regular("aa") },
		{ CHANGE_DELETED, 0, CHANGE_MOVED, STR("from"), .old_file = regular("moved") },
		{ CHANGE_MODIFIED, 0, CHANGE_XATTRS | CHANGE_ACL | CHANGE_STALE, STR("m"),
			.old_file = regular("one"), .new_file = regular("three") },
		{ CHANGE_ADDED, 0, 0, STR("name\xff\n"), .new_file = special(FILE_FIFO, 0) },
		{ CHANGE_RENAMED, 0, 0, STR("to"), .renamed_from = STR("from"), .old_file = regular("moved"),
			.new_file = regular("moved") },
		{ CHANGE_RENAMED, 0, 0, STR("to2"), .renamed_from = STR("tree/x/moved2"),
			.old_file = regular("moved2"), .new_file = regular("moved2") },
		{ CHANGE_DELETED, 0, CHANGE_TREE, STR("tree/x"), .old_count = 3,
			.old_file = directory(0755) },
		{ CHANGE_TYPE, 0, CHANGE_TREE, STR("type"), .old_file = directory(0755),
			.new_file = symlink_to("../etc\xc3") },
		{ CHANGE_MODIFIED, 0, CHANGE_UNREAD, STR("unread"), .old_file = regular("x"),
			.new_file = regular("y") },
		{ CHANGE_TYPE, 1, 0, STR("a"), .old_file = special(FILE_SOCKET, 0),
			.new_file = special(FILE_CHAR_DEVICE, 3) },
		{ CHANGE_ADDED, 1, CHANGE_CAPABILITY, STR("b"), .new_file = special(FILE_BLOCK_DEVICE, 7) },
		{ CHANGE_ADDED, 1, 0, STR("d"), .new_file = directory(0700) },
		{ CHANGE_MODIFIED, 1, 0, STR("l"), .old_file = symlink_to("x"), .new_file = symlink_to("y") },
	};
	struct changeset changeset = {
		.roots = roots, .root_count = 2, .changes = changes, .count = SAMPLE_COUNT,
		.total_bytes = 2 + 5 + 5 + 6 + 1,
	};

	memcpy(changes, all, sizeof(all));
	changes[5].new_file.xattrs = acl;
	changes[5].new_file.xattr_count = ARRAY_SIZE(acl);
	changes[5].new_file.content = (struct content){
		.type = CONTENT_TEXT, .has_bidi = true, .has_invisible = true, .is_utf8 = true,
		.lines = 1, .longest_line = 5,
	};
	changes[11].old_file.digest = (struct digest){ { 0 } };
	CHECK_INT(changeset_seal(&changeset), 0);
	return changeset;
}

TEST(text_and_back)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf first = BUF_INIT(1 << 20), second = BUF_INIT(1 << 20),
		canonical = BUF_INIT(1 << 20);
	struct change changes[SAMPLE_COUNT];
	struct changeset changeset = sample(changes), back;
	struct error err = ERROR_INIT;
	const struct json *value = changeset_to_json(&arena, &changeset);

	CHECK(value);
	CHECK_INT(changeset_write(&first, &changeset), 0);
	CHECK_INT(json_write(&canonical, value, JSON_WRITE_CANONICAL), 0);
	CHECK_TEXT(buf_text(&canonical), buf_text(&first));
	if (changeset_read(&arena, value, &back, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	CHECK_INT(changeset_write(&second, &back), 0);
	CHECK_TEXT(buf_text(&second), buf_text(&first));
	CHECK_INT(back.count, SAMPLE_COUNT);
	CHECK_STR(back.changes[6].path, STR("name\xff\n"));
	CHECK_STR(back.changes[10].new_file.target, STR("../etc\xc3"));
	CHECK_INT(back.changes[10].new_file.mtime_ns, -1);
	CHECK_TEXT(back.changes[5].new_file.xattrs[1].name, "user.\xff");
	CHECK_INT(back.changes[5].new_file.content.type, CONTENT_TEXT);
	CHECK_INT(back.changes[5].new_file.content.longest_line, 5);
	CHECK(back.changes[5].new_file.content.has_bidi && back.changes[5].new_file.content.has_invisible);
	/* nobody looked: a changeset of an earlier version */
	CHECK_INT(back.changes[1].new_file.content.type, CONTENT_UNKNOWN);
	CHECK_INT(minor(back.changes[12].new_file.device), 3);
	CHECK_TEXT(back.roots[1], "/srv/\xfe");
}

TEST(an_empty_changeset_is_one)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 16);
	struct changeset changeset = { 0 }, back;

	CHECK_INT(changeset_seal(&changeset), 0);
	CHECK_INT(changeset_read(&arena, changeset_to_json(&arena, &changeset), &back, NULL), 0);
	CHECK_INT(back.count, 0);
	CHECK(!changeset_find(&back, 0, STR("a")));
}

TEST(every_entry_is_found)
{
	struct change changes[SAMPLE_COUNT];
	struct changeset changeset = sample(changes);

	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		CHECK(changeset_find(&changeset, changes[i].root, changes[i].path) == &changes[i]);
	CHECK(!changeset_find(&changeset, 0, STR("nowhere")));
	CHECK(!changeset_find(&changeset, 1, STR("a.b")));
	CHECK(!changeset_find(&changeset, 2, STR("a")));
}

TEST(the_innermost_root_holds_a_path)
{
	static const char *const nested[] = { "/w", "/w/sub/deep", "/w/sub", "/other" };
	const struct changeset changeset = { .roots = nested, .root_count = 4 };

	CHECK_INT(changeset_root_of(&changeset, "/w/subject"), 0);
	CHECK_INT(changeset_root_of(&changeset, "/w/sub"), 2);
	CHECK_INT(changeset_root_of(&changeset, "/w/sub/deep/a"), 1);
	CHECK_INT(changeset_root_of(&changeset, "/other/w/sub"), 3);
	CHECK_INT(changeset_root_of(&changeset, "/"), -1);
}

TEST(every_change_of_a_field_changes_the_digest)
{
	struct change changes[SAMPLE_COUNT];
	struct changeset changeset = sample(changes), other = changeset;

	changes[1].new_file.mtime_ns++;
	CHECK_INT(changeset_seal(&other), 0);
	CHECK(!digest_eq(&other.digest, &changeset.digest));
	changes[1].new_file.mtime_ns--;
	CHECK_INT(changeset_seal(&other), 0);
	CHECK(digest_eq(&other.digest, &changeset.digest));
}

TEST(times_before_the_epoch_count_forward)
{
	const struct file_facts facts = { .mtime_ns = -1 }, later = { .mtime_ns = 1500000000 };

	CHECK_INT(file_mtime(&facts).tv_sec, -1);
	CHECK_INT(file_mtime(&facts).tv_nsec, 999999999);
	CHECK_INT(file_mtime(&later).tv_sec, 1);
	CHECK_INT(file_mtime(&later).tv_nsec, 500000000);
}

TEST(writers_and_readers_keep_to_their_memory)
{
	scoped(arena) struct arena whole = ARENA_INIT(1 << 20);
	struct change changes[SAMPLE_COUNT];
	struct changeset changeset = sample(changes), back;
	const struct json *value = changeset_to_json(&whole, &changeset);
	scoped(buf) struct buf small = BUF_INIT(2000);
	struct error err = ERROR_INIT;
	size_t limit;

	CHECK_INT(changeset_write(&small, &changeset), -EMSGSIZE);
	for (limit = 0; limit < 1 << 16; limit += 64) {
		scoped(arena) struct arena arena = ARENA_INIT(limit);
		int r = changeset_read(&arena, value, &back, &err);

		if (r >= 0)
			break;
		if (r != -EMSGSIZE && r != -EBADMSG)
			test_fail(__FILE__, __LINE__, "limit %zu: %d %s", limit, r, err.text);
		CHECK(!changeset_to_json(&arena, &changeset));
	}
	CHECK(limit > 1024 && limit < 1 << 16);
}

/* ---- what must not come back ---- */

struct refusal {
	const char *from, *to;		/* first occurrence in the text is replaced */
	const char *says;
	bool sealed;			/* with a digest that fits the edited text */
};

static const struct refusal refusals[] = {
	{ "\"version\":1", "\"version\":2", "version: 2, this cordon reads 1", true },
	{ "\"version\":1", "\"version\":\"1\"", "version: not an integer", true },
	{ "\"version\":1", "\"verzion\":1", "unknown member 'verzion'", true },
	{ "\"count\":16", "\"count\":15", "count: not the number", true },
	{ "\"bytes\":19", "\"bytes\":20", "bytes: not the sum", true },
	{ "\"bytes\":19", "\"bytes\":-1", "bytes: not an integer", true },
	{ "\"roots\":[\"/home/a/project\"", "\"roots\":[\"home/a/project\"", "roots[0]: not a clean absolute",
		true },
	{ "\"roots\":[\"/home/a/project\"", "\"roots\":[\"/home/a/../project\"",
		"roots[0]: not a clean absolute", true },
	{ "\"roots\":[\"/home/a/project\"", "\"roots\":[7", "roots[0]: not a clean absolute", true },
	{ "\"roots\":[", "\"roots\":[[],", "roots[0]", true },
	{ "\"changes\":[", "\"changes\":[7,", "changes[0]: not an object", true },
	{ "\"kind\":\"metadata\"", "\"kind\":\"meta\"", "kind: no kind", true },
	{ "\"kind\":\"metadata\"", "\"kind\":\"modified\"", "the sides do not fit", true },
	{ "\"kind\":\"metadata\"", "\"kind\":\"invalid\"", "kind: no kind", true },
	{ "\"kind\":\"added\"", "\"kind\":\"deleted\"", "the sides do not fit", true },
	{ "\"kind\":\"added\"", "\"kind\":\"type\"", "the sides do not fit", true },
	{ "\"kind\":\"renamed\"", "\"kind\":\"metadata\"", "from: only a renamed", true },
	{ "\"from\":\"from\",", "", "from: only a renamed", true },
	{ "\"from\":\"from\"", "\"from\":\"form\"", "from: not deleted", true },
	{ "\"from\":\"from\"", "\"from\":\"m\"", "from: not deleted", true },
	{ "\"from\":\"tree/x/moved2\"", "\"from\":\"tree/y/moved2\"", "from: not deleted", true },
	{ "\"from\":\"from\"", "\"from\":\"../from\"", "from: not a clean relative", true },
	{ "\"path\":\"a\"", "\"path\":\"/a\"", "path: not a clean relative", true },
	{ "\"path\":\"a\"", "\"path\":\"../a\"", "path: not a clean relative", true },
	{ "\"path\":\"a\"", "\"path\":\"\"", "path: not a clean relative", true },
	{ "\"path\":\"a\"", "\"path\":\"a\\u0000\"", "without NUL", true },
	{ "\"path\":\"a\"", "\"path\":\".\"", "the root itself", true },
	{ "\"path\":\"a\"", "\"path\":\"b\"", "not sorted", true },
	{ "\"path\":\"a.b\"", "\"path\":\"a\"", "not sorted", true },
	{ "\"path\":\"a\"", "\"path\":{\"bytes\":\"YQ==\"}", "path: not text", true },
	{ "\"root\":0", "\"root\":2", "root: not an integer from 0 to 1", true },
	{ "\"root\":0", "\"root\":1", "not sorted", true },
	{ "\"flags\":[\"sparse\",\"binary\"]", "\"flags\":[\"sparse\",\"scarce\"]", "flags: no flag", true },
	{ "\"flags\":[\"sparse\",\"binary\"]", "\"flags\":[7]", "flags: no flag", true },
	{ "\"flags\":[\"sparse\",\"binary\"]", "\"flags\":{}", "flags: not an array", true },
	{ "\"flags\":[\"sparse\",\"binary\"]", "\"flags\":[\"binary\",\"sparse\"]", "not in the form", true },
	{ "\"flags\":[\"sparse\",\"binary\"]", "\"flags\":[\"tree\"]", "takes a tree", true },
	{ "\"flags\":[\"sparse\",\"binary\"]", "\"flags\":[\"moved\"]", "only a deleted file has moved",
		true },
	{ "\"flags\":[\"moved\"],", "", "from: not deleted", true },
	{ "\"flags\":[\"tree\"],", "", "from: not deleted", true },
	{ "\"flags\":[\"unread\"],", "", "old.sha256: missing", true },
	{ "\"links\":1", "\"links\":2", "links: not one file", true },
	{ "\"links\":1,", "", "one member only", true },
	{ "\"links\":1", "\"links\":0", "one member only", true },
	{ "\"entries\":3", "\"entries\":\"3\"", "entries: not an integer", true },
	{ "\"mode\":\"0755\"", "\"mode\":\"755\"", "mode: not four octal", true },
	{ "\"mode\":\"0755\"", "\"mode\":\"00755\"", "mode: not four octal", true },
	{ "\"mode\":\"0755\"", "\"mode\":\"0758\"", "mode: not four octal", true },
	{ "\"mode\":\"0755\"", "\"mode\":493", "mode: not four octal", true },
	{ "\"mtime\":5", "\"mtime\":5.5", "mtime: not an integer", true },
	{ "\"uid\":1000", "\"uid\":4294967295", "uid: not an integer", true },
	{ "\"gid\":1000", "\"gid\":-1", "gid: not an integer", true },
	{ "\"size\":2", "\"size\":-2", "size: not an integer", true },
	{ "\"size\":2", "\"size\":3", "links: not one file", true },
	{ "\"type\":\"fifo\"", "\"type\":\"pipe\"", "new: type: no type", true },
	{ "\"type\":\"fifo\"", "\"type\":\"none\"", "new: type: no type", true },
	{ "\"type\":\"fifo\"", "\"type\":\"directory\",\"links\":3", "unknown member 'links'", true },
	{ "\"type\":\"fifo\"", "\"type\":\"file\",\"size\":0", "new.sha256: missing", true },
	{ "\"sha256\":\"", "\"sha256\":\"0", "64 lower-case", true },
	{ "\"sha256\":", "\"sha256\":7,\"target\":", "64 lower-case", true },
	{ "\"target\":\"x\"", "\"target\":\"z\"", "not the target's", true },
	{ "\"target\":\"x\"", "\"target\":7", "target: not text", true },
	{ "\"device\":\"1:3\"", "\"device\":\"1\"", "device: not MAJOR:MINOR", true },
	{ "\"device\":\"1:3\"", "\"device\":\"x:3\"", "device: not MAJOR:MINOR", true },
	{ "\"device\":\"1:3\"", "\"device\":\"1:-3\"", "device: not MAJOR:MINOR", true },
	{ "\"device\":\"1:3\"", "\"device\":13", "device: not MAJOR:MINOR", true },
	{ "\"xattrs\":[{", "\"xattrs\":[{},{", "xattrs[0]: name: not text", true },
	{ "\"xattrs\":[{", "\"xattrs\":[{\"more\":1},{", "unknown member 'more'", true },
	{ "\"xattrs\":[", "\"xattrs\":7,\"x\":[", "unknown member 'x'", true },
	{ "{\"name\":\"system.posix_acl_access\"", "{\"name\":\"v\"", "xattrs: not sorted", true },
	{ "{\"name\":\"system.posix_acl_access\"", "{\"name\":\"\"", "needs a name and a value", true },
	{ "\"value\":\"\\u0002\\u0000\\u0000\\u0000\"", "\"value\":7", "needs a name and a value", true },
	{ "\"bidi\":true", "\"bidi\":false", "content: bidi: not true", true },
	{ "\"invisible\":true", "\"invisible\":1", "content: invisible: not true", true },
	{ "\"utf8\":true", "\"utf8\":\"true\"", "content: utf8: not true", true },
	{ "\"bidi\":true,", "\"bidi\":true,\"entropy\":801,", "entropy: not an integer from 0 to 800", true },
	{ "\"bidi\":true,", "\"bidi\":true,\"entropy\":192,", "no file of this size", true },
	{ "\"bidi\":true,", "\"bidi\":true,\"entropy\":0,", "not in the form", true },
	{ "\"lines\":1,", "\"lines\":-1,", "lines: not an integer", true },
	{ "\"lines\":1,", "\"lines\":6,", "no file of this size", true },
	{ "\"longest_line\":5,", "\"longest_line\":6,", "no file of this size", true },
	{ "\"type\":\"text\"", "\"type\":\"unknown\"", "content: type: no type of content", true },
	{ "\"type\":\"text\"", "\"type\":\"empty\"", "no file of this size", true },
	{ "\"content\":{", "\"content\":{\"a\":1,", "content: unknown member 'a'", true },
	{ "\"old\":{", "\"old\":{\"content\":{\"type\":\"text\"},", "only new content", true },
	{ "\"kind\":\"metadata\",\"new\":{",
		"\"kind\":\"metadata\",\"new\":{\"content\":{\"type\":\"text\"},", "only new content", true },
	{ "\"old\":{", "\"old\":[],\"x\":{", "unknown member 'x'", true },
	{ "\"old\":{", "\"entries\":0,\"old\":{", "not in the form", true },
	{ "\"mtime\":5", "\"mtime\":6", "altered after it was sealed", false },
	{ "\"digest\":\"", "\"digest\":\"A", "digest: not 64", false },
	{ "\"path\":\"m\"", "\"path\":\"n\"", "altered after it was sealed", false },
};

static char *edit(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	size_t len = strlen(text) + strlen(to) + 1;
	char *ret = malloc(len);

	if (!at || !ret)
		test_fail(__FILE__, __LINE__, "the sample has no %s", from);
	snprintf(ret, len, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	return ret;
}

/* The digest that fits: over the canonical text without the member. */
static char *seal_text(char *text)
{
	char *at = strstr(text, "\"digest\":\""), hex[DIGEST_HEX_SIZE];
	scoped(buf) struct buf without = BUF_INIT(1 << 20);
	struct digest digest;

	CHECK(at);
	(void)buf_append(&without, text, (size_t)(at - text));
	(void)buf_append_str(&without, at + sizeof("\"digest\":\"\",") - 1 + 64);
	digest = hash_bytes(without.data, without.len);
	digest_to_hex(&digest, hex);
	memcpy(at + sizeof("\"digest\":\"") - 1, hex, 64);
	return text;
}

TEST(refusals)
{
	scoped(buf) struct buf text = BUF_INIT(1 << 20);
	struct change changes[SAMPLE_COUNT];
	struct changeset changeset = sample(changes);

	CHECK_INT(changeset_write(&text, &changeset), 0);
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		const struct refusal *row = &refusals[i];
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
		struct error err = ERROR_INIT;
		struct changeset back = { 0 };
		const struct json *value;
		char *edited = edit(buf_text(&text), row->from, row->to);
		int r;

		if (row->sealed)
			seal_text(edited);
		r = json_read(&arena, str_from(edited), JSON_READ_STRICT, &value, &err);
		if (r >= 0)
			r = changeset_read(&arena, value, &back, &err);
		if (r != -EBADMSG || !strstr(err.text, row->says))
			test_fail(__FILE__, __LINE__, "row %zu (%s): %d \"%s\", wanted \"%s\"", i, row->to, r,
				err.text, row->says);
		r = changeset_parse(&arena, str_from(edited), &back, &err);
		if (r != -EBADMSG || !strstr(err.text, row->says))
			test_fail(__FILE__, __LINE__, "row %zu (%s), as a text: %d \"%s\", wanted \"%s\"", i,
				row->to, r, err.text, row->says);
		CHECK_INT(back.count, 0);
		free(edited);
	}
}

TEST(what_is_no_object_is_refused)
{
	scoped(arena) struct arena arena = ARENA_INIT(4096);
	struct changeset back;

	CHECK_INT(changeset_read(&arena, NULL, &back, NULL), -EBADMSG);
	CHECK_INT(changeset_read(&arena, json_new_int(&arena, 1), &back, NULL), -EBADMSG);
}

TEST_MAIN()
