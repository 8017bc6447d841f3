// SPDX-License-Identifier: Apache-2.0
/*
 * test_extract_index.c - the marks of git's index: each version, both lengths of names, and nothing that fits
 * otherwise
 */
#include "lib/test.h"

#include "base/buf.h"
#include "policy/extract.h"

#include <errno.h>
#include <stdio.h>

enum {
	STAT_BYTES = 40,
	ASSUME_UNCHANGED = 0x8000,
	EXTENDED = 0x4000,
	SKIP_WORKTREE = 0x4000,
	INTENT_TO_ADD = 0x2000,
};

struct entry {
	const char *path;
	unsigned flags, more;		/* without EXTENDED and the length */
};

struct writer {
	struct buf text;
	unsigned version;
	size_t hash_bytes;
	const char *before;
};

static void put_be(struct buf *buf, unsigned value, size_t bytes)
{
	for (size_t i = bytes; i--;)
		CHECK_INT(buf_append_char(buf, (char)(value >> 8 * i)), 0);
}

static void put_many(struct buf *buf, char c, size_t count)
{
	while (count--)
		CHECK_INT(buf_append_char(buf, c), 0);
}

/* As git writes it: paths of 4095 bytes and more have that length in their flags. */
static void put_entry(struct writer *w, const struct entry *entry)
{
	size_t len = strlen(entry->path), fixed = STAT_BYTES + w->hash_bytes + 2 + (entry->more ? 2 : 0);
	size_t keep = 0, cut = strlen(w->before);

	put_many(&w->text, 's', STAT_BYTES);
	put_many(&w->text, '#', w->hash_bytes);
	put_be(&w->text, entry->flags | (entry->more ? EXTENDED : 0) | (unsigned)MIN(len, (size_t)0xfff), 2);
	if (entry->more)
		put_be(&w->text, entry->more, 2);
	if (w->version == 4) {
		while (w->before[keep] && w->before[keep] == entry->path[keep])
			keep++;
		cut -= keep;
		CHECK(cut < 128 + 128 * 128);
		if (cut >= 128)
			put_be(&w->text, 0x80 | (unsigned)((cut >> 7) - 1), 1);
		put_be(&w->text, cut & 0x7f, 1);
		CHECK_INT(buf_append_str(&w->text, entry->path + keep), 0);
		put_many(&w->text, 0, 1);
	} else {
		CHECK_INT(buf_append_str(&w->text, entry->path), 0);
		put_many(&w->text, 0, 8 - (fixed + len) % 8);
	}
	w->before = entry->path;
}

static void begin(struct writer *w, unsigned version, size_t hash_bytes, unsigned count)
{
	*w = (struct writer){ .text = BUF_INIT(1 << 20), .version = version, .hash_bytes = hash_bytes,
		.before = "" };
	CHECK_INT(buf_append_str(&w->text, "DIRC"), 0);
	put_be(&w->text, version, 4);
	put_be(&w->text, count, 4);
}

static void put_extension(struct writer *w, const char *name, unsigned len)
{
	CHECK_INT(buf_append_str(&w->text, name), 0);
	put_be(&w->text, len, 4);
	put_many(&w->text, 'x', len);
}

static void end(struct writer *w)
{
	put_many(&w->text, '!', w->hash_bytes);
}

/* What is found, a line each, or the error. */
static const char *found(const struct writer *w)
{
	static char got[16384];
	scoped(arena) struct arena arena = ARENA_INIT(16 << 20);
	struct floor_keys keys = { .arena = &arena };
	int r = floor_extract(FLOOR_LOOK_GIT_INDEX, (struct str){ buf_text(&w->text), w->text.len }, &keys);
	size_t len = 0;

	got[0] = '\0';
	for (size_t i = 0; r >= 0 && i < keys.count; i++)
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%.*s\n", STR_FMT(keys.items[i].key));
	if (r < 0)
		snprintf(got, sizeof(got), "%s", r == -EBADMSG ? "EBADMSG" : "another error");
	return got;
}

static const struct entry entries[] = {
	{ "a", 0, 0 }, { "a.c", ASSUME_UNCHANGED, 0 }, { "dir/a name of eight", 0, SKIP_WORKTREE },
	{ "dir/added", 0, INTENT_TO_ADD }, { "dir/b", ASSUME_UNCHANGED, SKIP_WORKTREE },
	{ "dir/b", 0x1000, 0 }, { "e", 0x3000, 0 }, { "f", 0, 0 },
};

static const char marks[] = "assume-unchanged a.c\nskip-worktree dir/a name of eight\n"
	"assume-unchanged dir/b\nskip-worktree dir/b\n";

static void write_all(struct writer *w, unsigned version, size_t hash_bytes)
{
	begin(w, version, hash_bytes, ARRAY_SIZE(entries));
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		put_entry(w, &entries[i]);
	put_extension(w, "TREE", 25);
	put_extension(w, "EOIE", 24);
	put_extension(w, "sdir", 0);
	end(w);
}

static const size_t hashes[] = { 20, 32 };

TEST(the_marks_are_found_in_each_version)
{
	for (unsigned version = 3; version <= 4; version++) {
		for (size_t i = 0; i < ARRAY_SIZE(hashes); i++) {
			struct writer w;

			write_all(&w, version, hashes[i]);
			CHECK_TEXT(found(&w), marks);
			buf_fini(&w.text);
		}
	}
}

TEST(the_second_version_knows_one_mark)
{
	struct writer w;

	begin(&w, 2, 20, 2);
	put_entry(&w, &entries[0]);
	put_entry(&w, &entries[1]);
	end(&w);
	CHECK_TEXT(found(&w), "assume-unchanged a.c\n");
	buf_fini(&w.text);
	begin(&w, 2, 20, 1);
	put_entry(&w, &entries[2]);
	end(&w);
	CHECK_TEXT(found(&w), "EBADMSG");
	buf_fini(&w.text);
	begin(&w, 2, 32, 0);
	end(&w);
	CHECK_TEXT(found(&w), "");
	buf_fini(&w.text);
}

/* In the fourth version a path is told by how much of the one before goes away, which may take two bytes. */
TEST(long_paths)
{
	static char paths[3][4097];
	const struct entry longs[] = {
		{ paths[0], ASSUME_UNCHANGED, 0 }, { paths[1], ASSUME_UNCHANGED, 0 },
		{ paths[2], ASSUME_UNCHANGED, 0 },
	};
	char wanted[3 * 4200];

	memset(paths[0], 'a', 300);
	memset(paths[1], 'b', 4060);
	memset(paths[2], 'c', 127);
	snprintf(wanted, sizeof(wanted), "assume-unchanged %s\nassume-unchanged %s\nassume-unchanged %s\n",
		paths[0], paths[1], paths[2]);
	for (unsigned version = 2; version <= 4; version++) {
		struct writer w;

		begin(&w, version, 20, 3);
		for (size_t i = 0; i < 3; i++)
			put_entry(&w, &longs[i]);
		end(&w);
		CHECK_TEXT(found(&w), wanted);
		buf_fini(&w.text);
	}
}

/*
 * No byte less, and none more, but for extensions that are cut so that the next one looks like a checksum,
 * which hides no mark. Whatever else a changed byte makes of it, no reader leaves the text.
 */
TEST(what_does_not_fit_is_refused)
{
	for (unsigned version = 3; version <= 4; version++) {
		struct writer w;
		size_t len;

		write_all(&w, version, 20);
		len = w.text.len;
		for (w.text.len = 0; w.text.len < len; w.text.len++)
			if (strcmp(found(&w), "EBADMSG") != 0 && strcmp(found(&w), marks) != 0)
				test_fail(__FILE__, __LINE__, "cut at %zu: %s", w.text.len, found(&w));
		w.text.len = len;
		put_many(&w.text, '!', 1);
		CHECK_TEXT(found(&w), "EBADMSG");
		w.text.len = len;
		for (size_t i = 0; i < len; i++) {
			w.text.data[i] = (char)(w.text.data[i] ^ 0xff);
			(void)found(&w);
			w.text.data[i] = (char)(w.text.data[i] ^ 0xff);
		}
		buf_fini(&w.text);
	}
}

TEST(what_git_must_know_and_we_do_not_is_refused)
{
	static const char *const names[] = { "link", "sdiR", "what", "\xc3\x84XX" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct writer w;

		begin(&w, 2, 20, 1);
		put_entry(&w, &entries[0]);
		put_extension(&w, names[i], 3);
		end(&w);
		CHECK_TEXT(found(&w), "EBADMSG");
		buf_fini(&w.text);
	}
	for (unsigned version = 0; version <= 5; version++) {
		struct writer w;

		begin(&w, version, 20, 0);
		end(&w);
		CHECK_TEXT(found(&w), version >= 2 && version <= 4 ? "" : "EBADMSG");
		buf_fini(&w.text);
	}
}

/* An empty index of long names, behind which what is left of a short checksum is an extension of no bytes. */
TEST(what_fits_both_lengths_is_refused)
{
	struct writer w;

	begin(&w, 2, 32, 0);
	put_extension(&w, "TREE", 5);
	put_many(&w.text, 0, 20);
	CHECK_TEXT(found(&w), "");
	buf_fini(&w.text);
	begin(&w, 2, 32, 0);
	put_extension(&w, "TREE", 0);
	put_extension(&w, "TREE", 4);
	put_many(&w.text, 0, 20);
	CHECK_TEXT(found(&w), "EBADMSG");
	buf_fini(&w.text);
}

TEST_MAIN()
