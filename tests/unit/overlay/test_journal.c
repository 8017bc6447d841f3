// SPDX-License-Identifier: Apache-2.0
/*
 * test_journal.c - recovery believes a journal only when every line of it makes sense
 *
 * One good journal is written by hand. Each row changes one thing in it and seals it again, as whoever wrote
 * the file could; the reader has to say what is wrong. Then the same with states, cuts and file names.
 */
#include "lib/test.h"
#include "overlay/journal.h"

#include "base/fd.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	TEXT_MAX = 1 << 16,
};

#define HEX "00000000000000000000000000000000000000000000000000000000000000a1"
#define MARK "{\"inode\":7,\"mode\":420,\"mtime_ns\":-5,\"size\":3,\"type\":\"file\"}"
#define DIRECTORY "{\"count\":1,\"fix\":4,\"inode\":8,\"mode\":493,\"slot_gid\":4,\"slot_uid\":3,\"type\":\"directory\",\"uid\":1}"

static const char header[] =
	"{\"changeset\":\"" HEX
	"\",\"commit\":3,\"format\":\"cordon-journal\",\"id\":\"testtest\",\"kind\":\"commit\",\"roots\":"
	"[{\"path\":\"/w\",\"storage\":\"/s\",\"tree\":\"take\"}],\"time_ns\":9,\"version\":1}\n";

static const char steps[] =
	"{\"in\":" MARK ",\"out\":" MARK ",\"path\":\"a\",\"slot\":\"tree\",\"step\":\"swap\"}\n"
	"{\"in\":" DIRECTORY ",\"number\":1,\"path\":\"d\",\"slot\":\"new\",\"step\":\"swap\"}\n"
	"{\"in\":" MARK ",\"number\":2,\"path\":\"d/f\",\"step\":\"within\"}\n"
	"{\"in\":{\"type\":\"directory\"},\"in_xattrs\":[[\"user.k\",\"v\"]],\"number\":3,\"out\":{\"type\":\"directory\"},"
	"\"out_xattrs\":[],\"path\":\".\",\"step\":\"directory\"}\n";

static void add_state(struct buf *text, const char *state, size_t count)
{
	struct digest digest = hash_bytes(buf_text(text), text->len);
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&digest, hex);
	CHECK_INT(buf_printf(text, "{\"sha256\":\"%s\",\"state\":\"%s\",\"steps\":%zu}\n", hex, state, count),
		0);
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

/* The good journal with @from replaced by @to, sealed. */
static void make(struct buf *text, const char *from, const char *to)
{
	scoped(buf) struct buf whole = BUF_INIT(TEXT_MAX);
	const char *at;

	CHECK_INT(buf_printf(&whole, "%s%s", header, steps), 0);
	at = from ? strstr(buf_text(&whole), from) : NULL;
	if (from && !at)
		test_fail(__FILE__, __LINE__, "nothing to replace: %s", from);
	if (at)
		CHECK_INT(buf_printf(text, "%.*s%s%s", (int)(at - buf_text(&whole)), buf_text(&whole), to,
			at + strlen(from)), 0);
	else
		CHECK_INT(buf_append(text, buf_text(&whole), whole.len), 0);
	add_state(text, "sealed", count_lines(buf_text(text)) - 1);
}

static int read_text(const struct buf *text, struct arena *arena, struct journal *ret, struct error *err)
{
	return journal_read(arena, (struct str){ buf_text(text), text->len }, ret, err);
}

TEST(a_good_journal)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
	struct error err = ERROR_INIT;
	struct journal journal;

	make(&text, NULL, NULL);
	if (read_text(&text, &arena, &journal, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	CHECK_INT(journal.state, JOURNAL_SEALED);
	CHECK_INT(journal.number, 3);
	CHECK_INT(journal.step_count, 4);
	CHECK_INT(journal.len_bytes, text.len);
	CHECK_INT(journal.roots[0].tree, TREE_TAKE);
	CHECK_INT(journal.steps[0].in.mtime_ns, -5);
	CHECK_INT(journal.steps[0].in.slot_uid, 0);
	CHECK_INT(journal.steps[1].in.uid, 1);
	CHECK_INT(journal.steps[1].in.slot_uid, 3);
	CHECK_INT(journal.steps[2].kind, STEP_WITHIN);
	CHECK(journal.steps[3].set_xattrs);
	CHECK_TEXT(journal.steps[3].in_xattrs.items[0].name, "user.k");
	CHECK_INT(journal.steps[3].out_xattrs.count, 0);
	CHECK(journal_is_open(&journal));
}

TEST(lines_that_make_no_sense)
{
	static const struct {
		const char *from, *to, *said;
	} rows[] = {
		{ "\"format\":\"cordon-journal\"", "\"format\":\"other\"", "no cordon journal" },
		{ "\"format\":\"cordon-journal\",", "", "no cordon journal" },
		{ "\"version\":1", "\"version\":0", "no cordon journal" },
		{ "\"version\":1", "\"version\":2", "another version" },
		{ "\"version\":1", "\"version\":\"1\"", "no cordon journal" },
		{ "\"kind\":\"commit\"", "\"kind\":\"other\"", "header makes no sense" },
		{ "\"kind\":\"commit\",", "", "header makes no sense" },
		{ "\"id\":\"testtest\"", "\"id\":\"a/b\"", "header makes no sense" },
		{ "\"id\":\"testtest\"", "\"id\":\"..\"", "header makes no sense" },
		{ "\"id\":\"testtest\"", "\"id\":\".\"", "header makes no sense" },
		{ "\"id\":\"testtest\"", "\"id\":\"\"", "header makes no sense" },
		{ "\"id\":\"testtest\",", "", "header makes no sense" },
		{ "\"id\":\"testtest\"", "\"id\":\"012345678901234567890123456789012\"",
			"header makes no sense" },
		{ "\"commit\":3", "\"commit\":0", "header makes no sense" },
		{ "\"commit\":3", "\"commit\":4294967296", "header makes no sense" },
		{ "\"commit\":3,", "", "header makes no sense" },
		{ "\"time_ns\":9", "\"time_ns\":-1", "header makes no sense" },
		{ "\"changeset\":\"" HEX "\",", "", "header makes no sense" },
		{ "\"changeset\":\"" HEX "\"", "\"changeset\":\"a1\"", "header makes no sense" },
		{ "[{\"path\":\"/w\",\"storage\":\"/s\",\"tree\":\"take\"}]", "[]", "header makes no sense" },
		{ "[{\"path\":\"/w\",\"storage\":\"/s\",\"tree\":\"take\"}]", "{}", "header makes no sense" },
		{ "\"tree\":\"take\"", "\"tree\":\"burn\"", "no root with" },
		{ ",\"tree\":\"take\"", "", "no root with" },
		{ "\"path\":\"/w\",", "", "no root with" },
		{ "\"path\":\"/w\"", "\"path\":\"w\"", "no root with" },
		{ "\"path\":\"/w\"", "\"path\":\"/w/../x\"", "no root with" },
		{ "\"path\":\"/w\"", "\"path\":5", "no root with" },
		{ "\"storage\":\"/s\",", "", "no root with" },
		{ "\"storage\":\"/s\"", "\"storage\":\"s\"", "no root with" },
		{ "\"storage\":\"/s\"", "\"storage\":\"/s/\"", "no root with" },
		{ "\"storage\":\"/s\"", "\"storage\":[]", "no root with" },
		{ "{\"path\":\"/w\"", "{\"mtime_ns\":\"x\",\"path\":\"/w\"", "no root with" },
		{ "\"step\":\"swap\"", "\"step\":\"jump\"", "no step" },
		{ ",\"step\":\"swap\"", "", "no step" },
		{ "\"slot\":\"tree\"", "\"slot\":\"elsewhere\"", "no step" },
		{ "\"path\":\"a\",", "", "no step" },
		{ "\"path\":\"a\"", "\"path\":\"/a\"", "no step" },
		{ "\"path\":\"a\"", "\"path\":\"../a\"", "no step" },
		{ "\"path\":\"a\"", "\"path\":\"\"", "no step" },
		{ "\"path\":\"a\"", "\"path\":7", "no step" },
		{ "\"path\":\"a\"", "\"path\":\"a\",\"root\":1", "no step" },
		{ "\"path\":\"a\"", "\"path\":\"a\",\"root\":-1", "no step" },
		{ "\"number\":1", "\"number\":-1", "no step" },
		{ "\"number\":1", "\"number\":99999999", "no step" },
		{ "\"path\":\"a\",\"slot\":\"tree\"", "\"path\":\"a\"", "contradicts" },
		{ "\"path\":\"a\",\"slot\":\"tree\"", "\"path\":\".\",\"slot\":\"tree\"", "contradicts" },
		{ "\"path\":\"a\",\"slot\":\"tree\"", "\"path\":\"a\",\"slot\":\"old\"", "contradicts" },
		{ "\"in\":" MARK ",\"out\":" MARK ",\"path\":\"a\"", "\"path\":\"a\"", "contradicts" },
		{ "\"path\":\"d/f\"", "\"path\":\"d\"", "contradicts" },
		{ "\"path\":\"d/f\"", "\"path\":\"df/x\"", "contradicts" },
		{ "\"path\":\"d/f\"", "\"path\":\"e/f\"", "contradicts" },
		{ "\"in\":" MARK ",\"number\":2", "\"number\":2", "contradicts" },
		{ "\"in\":" DIRECTORY ",", "\"in\":" MARK ",", "contradicts" },
		{ "\"out\":{\"type\":\"directory\"}", "\"out\":{\"type\":\"file\"}", "contradicts" },
		{ "\"in\":{\"type\":\"directory\"}", "\"in\":{\"type\":\"fifo\"}", "contradicts" },
		{ "\"type\":\"file\"", "\"type\":\"ghost\"", "mark makes no sense" },
		{ ",\"type\":\"file\"", "", "mark makes no sense" },
		{ "\"mode\":420", "\"mode\":4096", "mark makes no sense" },
		{ "\"mode\":420", "\"mode\":-1", "mark makes no sense" },
		{ "\"size\":3", "\"size\":-3", "mark makes no sense" },
		{ "\"inode\":7", "\"inode\":\"7\"", "mark makes no sense" },
		{ "\"inode\":7", "\"digest\":\"xyz\",\"inode\":7", "mark makes no sense" },
		{ "\"inode\":7", "\"digest\":5,\"inode\":7", "mark makes no sense" },
		{ "\"inode\":7", "\"inode\":7,\"xattrs\":\"xyz\"", "mark makes no sense" },
		{ "\"mtime_ns\":-5", "\"mtime_ns\":true", "mark makes no sense" },
		{ "\"count\":1", "\"count\":-1", "mark makes no sense" },
		{ "\"fix\":4", "\"fix\":8", "mark makes no sense" },
		{ "\"uid\":1", "\"uid\":-1", "mark makes no sense" },
		{ "\"uid\":1", "\"gid\":4294967296", "mark makes no sense" },
		{ "\"slot_uid\":3", "\"slot_uid\":-1", "mark makes no sense" },
		{ "\"slot_gid\":4", "\"slot_gid\":\"x\"", "mark makes no sense" },
		{ "[[\"user.k\",\"v\"]]", "{}", "no list of xattrs" },
		{ ",\"out_xattrs\":[]", "", "no list of xattrs" },
		{ "[[\"user.k\",\"v\"]]", "[[\"user.k\"]]", "no pair" },
		{ "[[\"user.k\",\"v\"]]", "[5]", "no pair" },
		{ "[[\"user.k\",\"v\"]]", "[[5,\"v\"]]", "no pair" },
		{ "[[\"user.k\",\"v\"]]", "[[\"user.k\",5]]", "no pair" },
		{ "[[\"user.k\",\"v\"]]", "[[\"\",\"v\"]]", "no pair" },
		{ "[[\"user.k\",\"v\"]]", "[[\"a\\u0000b\",\"v\"]]", "no pair" },
		{ "{\"in\":" MARK, "[\"in\"]", "journal line 2" },
		{ "{\"in\":" MARK, "{\"in\":", "journal line 2" },
		{ "{\"in\":" DIRECTORY, "\"in\"\n{\"in\":" DIRECTORY, "line 3" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
		scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
		struct error err = ERROR_INIT;
		struct journal journal;

		make(&text, rows[i].from, rows[i].to);
		CHECK_INT(read_text(&text, &arena, &journal, &err), -EBADMSG);
		if (!strstr(err.text, rows[i].said))
			test_fail(__FILE__, __LINE__, "%s -> %s: \"%s\", wanted \"%s\"", rows[i].from,
				rows[i].to, err.text, rows[i].said);
	}
}

TEST(too_many_xattrs)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX), list = BUF_INIT(TEXT_MAX);
	struct error err = ERROR_INIT;
	struct journal journal;

	for (int i = 0; i <= CHANGE_XATTRS_MAX; i++)
		CHECK_INT(buf_printf(&list, "%s[\"user.%d\",\"\"]", i ? "," : "[", i), 0);
	CHECK_INT(buf_append_char(&list, ']'), 0);
	make(&text, "[[\"user.k\",\"v\"]]", buf_text(&list));
	CHECK_INT(read_text(&text, &arena, &journal, &err), -EBADMSG);
}

TEST(states_come_in_their_order)
{
	static const char *const names[] = { "sealed", "applied", "cleaned", "reverting", "reverted",
		"undone" };
	/* By what stands before, "sealed" first: which may follow, as letters. */
	static const struct {
		const char *before[3], *may_follow;
	} rows[] = {
		{ { "sealed" }, "applied reverting" }, { { "sealed", "applied" }, "cleaned undone" },
		{ { "sealed", "applied", "cleaned" }, "undone" }, { { "sealed", "reverting" }, "reverted" },
		{ { "sealed", "reverting", "reverted" }, "" }, { { "sealed", "applied", "undone" }, "" },
	};

	for (size_t row = 0; row < ARRAY_SIZE(rows); row++) {
		for (size_t next = 0; next < ARRAY_SIZE(names); next++) {
			scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
			scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
			struct error err = ERROR_INIT;
			struct journal journal;
			int r;

			CHECK_INT(buf_append_str(&text, header), 0);
			for (size_t i = 0; i < ARRAY_SIZE(rows[row].before) && rows[row].before[i]; i++)
				add_state(&text, rows[row].before[i], 0);
			add_state(&text, names[next], 0);
			r = read_text(&text, &arena, &journal, &err);
			if ((r >= 0) != !!strstr(rows[row].may_follow, names[next]))
				test_fail(__FILE__, __LINE__, "row %zu, %s: %d %s", row, names[next], r,
					err.text);
		}
	}
}

TEST(what_was_sealed_cannot_change)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
	struct error err = ERROR_INIT;
	struct journal journal;

	make(&text, NULL, NULL);
	for (size_t i = 0; i < text.len; i++) {
		arena_reset(&arena);
		text.data[i] ^= 1;
		/* Without its seal it has done nothing, and with it it is damaged. */
		if (read_text(&text, &arena, &journal, &err) >= 0 && journal.state != JOURNAL_TORN)
			test_fail(__FILE__, __LINE__, "byte %zu changed, and believed", i);
		text.data[i] ^= 1;
	}
	add_state(&text, "applied", 0);
	CHECK_INT(buf_append_str(&text, steps), 0);
	CHECK_INT(read_text(&text, &arena, &journal, &err), -EBADMSG);
	CHECK(strstr(err.text, "behind the seal"));
}

TEST(state_lines_that_make_no_sense)
{
	static const char *const lines[] = {
		"{\"sha256\":\"\",\"state\":\"sealed\",\"steps\":0}\n",
		"{\"sha256\":\"" HEX "\",\"state\":\"sealed\",\"steps\":0}\n",
		"{\"sha256\":\"" HEX "\",\"state\":\"torn\"}\n",
		"{\"sha256\":\"" HEX "\",\"state\":\"dreaming\"}\n", "{\"sha256\":\"" HEX "\"}\n",
		"{\"sha256\":\"" HEX "\",\"state\":\"sealed\",\"steps\":-1}\n", "{\"sha256\":\"\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
		scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
		struct error err = ERROR_INIT;
		struct journal journal;

		CHECK_INT(buf_printf(&text, "%s%s", header, lines[i]), 0);
		CHECK_INT(read_text(&text, &arena, &journal, &err), -EBADMSG);
	}
}

TEST(the_number_of_steps_is_sealed)
{
	static const size_t counts[] = { 0, 3, 5 };

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
		scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
		struct error err = ERROR_INIT;
		struct journal journal;

		CHECK_INT(buf_printf(&text, "%s%s", header, steps), 0);
		add_state(&text, "sealed", counts[i]);
		CHECK_INT(read_text(&text, &arena, &journal, &err), -EBADMSG);
		CHECK(strstr(err.text, counts[i] < 4 ? "more steps" : "fewer steps"));
	}
}

TEST(cut_off_anywhere_it_has_done_nothing)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);

	make(&text, NULL, NULL);
	for (size_t len = 0; len < text.len; len++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
		struct error err = ERROR_INIT;
		struct journal journal;

		CHECK_INT(journal_read(&arena, (struct str){ text.data, len }, &journal, &err), 0);
		CHECK_INT(journal.state, JOURNAL_TORN);
		CHECK_INT(journal.step_count, 0);
		CHECK_INT(journal.root_count, len > strlen(header) - 1);
	}
}

TEST(memory_that_does_not_suffice)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
	size_t limit = 0;
	int r = -EMSGSIZE;

	make(&text, NULL, NULL);
	for (; r < 0; limit += 16) {
		scoped(arena) struct arena arena = ARENA_INIT(limit);
		struct error err = ERROR_INIT;
		struct journal journal;

		r = read_text(&text, &arena, &journal, &err);
		CHECK(r == 0 || ((r == -EMSGSIZE || r == -EBADMSG) && err.text[0]));
		CHECK(limit < 1 << 20);
	}
}

static void put(int dirfd, const char *name, const char *text)
{
	CHECK_INT(kern_write_file(dirfd, name, str_from(text), 0600, false), 0);
}

TEST(files_are_what_their_names_say)
{
	scoped(fd) int dirfd = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct error err = ERROR_INIT;
	struct journal_ref *refs;
	struct journal journal;
	size_t count;

	put(dirfd, "3.commit", header);
	put(dirfd, "3.undo", "");
	put(dirfd, "12.commit", header);
	put(dirfd, "0.commit", header);
	put(dirfd, "x.commit", header);
	put(dirfd, "3.other", header);
	put(dirfd, "open", "");
	CHECK_INT(journal_list(dirfd, &arena, &refs, &count), 0);
	CHECK_INT(count, 3);
	CHECK_INT(refs[0].number, 3);
	CHECK_INT(refs[0].kind, JOURNAL_COMMIT);
	CHECK_INT(refs[1].kind, JOURNAL_UNDO);
	CHECK_INT(refs[2].number, 12);
	CHECK_INT(journal_load(dirfd, JOURNAL_COMMIT, 3, &arena, &journal, &err), 0);
	CHECK_INT(journal_load(dirfd, JOURNAL_COMMIT, 12, &arena, &journal, &err), -EBADMSG);
	CHECK(strstr(err.text, "another one"));
	CHECK_INT(journal_load(dirfd, JOURNAL_UNDO, 3, &arena, &journal, &err), 0);
	CHECK_INT(journal.root_count, 0);
	CHECK_INT(journal_load(dirfd, JOURNAL_UNDO, 4, &arena, &journal, &err), -ENOENT);
	CHECK_INT(journal_create(dirfd, &journal, &(int){ 0 }), -EEXIST);
	CHECK_INT(journal_remove(dirfd, JOURNAL_UNDO, 3), 0);
	CHECK_INT(journal_remove(dirfd, JOURNAL_UNDO, 3), 0);
}

/* A state that a crash cut off is written over, and what stood before it still counts. */
TEST(a_state_after_half_a_line)
{
	scoped(fd) int dirfd = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
	struct error err = ERROR_INIT;
	struct journal journal;

	make(&text, NULL, NULL);
	CHECK_INT(buf_append_str(&text, "{\"sha256\":\"4"), 0);
	put(dirfd, "3.commit", buf_text(&text));
	CHECK_INT(journal_load(dirfd, JOURNAL_COMMIT, 3, &arena, &journal, &err), 0);
	CHECK_INT(journal.state, JOURNAL_SEALED);
	CHECK_INT(journal_set_state(dirfd, &journal, JOURNAL_APPLIED), 0);
	CHECK_INT(journal_set_state(dirfd, &journal, JOURNAL_UNDONE), 0);
	CHECK_INT(journal_load(dirfd, JOURNAL_COMMIT, 3, &arena, &journal, &err), 0);
	CHECK_INT(journal.state, JOURNAL_UNDONE);
	CHECK_INT(journal.step_count, 4);
	CHECK(!journal_is_open(&journal));
}

/* Without its steps a journal says the same, is as strict about its seal, and may be written on. */
TEST(the_head_of_a_journal)
{
	scoped(fd) int dirfd = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
	struct error err = ERROR_INIT;
	struct journal whole, head;
	char *inode;

	make(&text, NULL, NULL);
	put(dirfd, "3.commit", buf_text(&text));
	CHECK_INT(journal_load(dirfd, JOURNAL_COMMIT, 3, &arena, &whole, &err), 0);
	CHECK_INT(journal_load_head(dirfd, JOURNAL_COMMIT, 3, &arena, &head, &err), 0);
	CHECK_INT(head.state, JOURNAL_SEALED);
	CHECK_INT(head.step_count, 0);
	CHECK_INT(head.root_count, whole.root_count);
	CHECK_TEXT(head.roots[0].path, whole.roots[0].path);
	CHECK_INT(head.time_ns, whole.time_ns);
	CHECK_INT(head.len_bytes, whole.len_bytes);
	CHECK_INT(journal_set_state(dirfd, &head, JOURNAL_APPLIED), 0);
	CHECK_INT(journal_load(dirfd, JOURNAL_COMMIT, 3, &arena, &whole, &err), 0);
	CHECK_INT(whole.state, JOURNAL_APPLIED);
	CHECK_INT(whole.step_count, 4);
	/* One digit in the middle of a step. */
	inode = strstr(text.data, "\"inode\":");
	CHECK(inode);
	inode[strlen("\"inode\":")] ^= 1;
	put(dirfd, "4.commit", buf_text(&text));
	CHECK_INT(journal_load_head(dirfd, JOURNAL_COMMIT, 4, &arena, &head, &err), -EBADMSG);
	CHECK(strstr(err.text, "what was sealed"));
	CHECK_INT(journal_load_head(dirfd, JOURNAL_COMMIT, 5, &arena, &head, &err), -ENOENT);
}

TEST_MAIN()
