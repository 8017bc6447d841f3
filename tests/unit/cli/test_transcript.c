// SPDX-License-Identifier: Apache-2.0
/*
 * test_transcript.c - pieces and places of a console.log, whatever becomes of it
 */
#include "lib/test.h"

#include "base/arena.h"
#include "base/fd.h"
#include "cli/transcript.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static int top(void)
{
	int fd = kern_open(AT_FDCWD, test_dir(), O_RDONLY | O_DIRECTORY, 0);

	CHECK(fd >= 0);
	return fd;
}

static void put(int dirfd, const char *name, struct str text, int flags)
{
	scoped(fd) int fd = kern_open(dirfd, name, O_WRONLY | O_CREAT | flags, 0600);

	CHECK(fd >= 0);
	CHECK_INT(kern_write_all(fd, text.data, text.len), 0);
}

static bool look(struct transcript *transcript)
{
	bool is_new;

	CHECK_INT(transcript_look(transcript, &is_new, NULL), 0);
	return is_new;
}

static uint64_t last_lines(const struct transcript *transcript, uint64_t count, uint64_t end)
{
	uint64_t at;

	CHECK_INT(transcript_find_lines(transcript, count, end, &at), 0);
	return at;
}

TEST(what_is_not_there_yet_is_empty)
{
	scoped(fd) int dirfd = top();
	struct transcript transcript;
	char piece[TRANSCRIPT_PIECE_BYTES];

	transcript_init(&transcript, dirfd);
	CHECK(!look(&transcript));
	CHECK_INT(transcript.size_bytes, 0);
	CHECK_INT(transcript_read(&transcript, 0, 10, piece), 0);
	CHECK_INT(last_lines(&transcript, 3, 0), 0);
	put(dirfd, "console.log", STR("one"), O_EXCL);
	CHECK(!look(&transcript));
	CHECK_INT(transcript_read(&transcript, 1, transcript.size_bytes, piece), 2);
	CHECK(!memcmp(piece, "ne", 2));
	transcript_fini(&transcript);
}

TEST(the_last_lines_are_found)
{
	scoped(fd) int dirfd = top();
	struct transcript transcript;

	put(dirfd, "console.log", STR("one\ntwo\n\nfour"), O_EXCL);
	transcript_init(&transcript, dirfd);
	(void)look(&transcript);
	CHECK_INT(last_lines(&transcript, 0, 13), 13);
	CHECK_INT(last_lines(&transcript, 1, 13), 9);
	CHECK_INT(last_lines(&transcript, 2, 13), 8);
	CHECK_INT(last_lines(&transcript, 3, 13), 4);
	CHECK_INT(last_lines(&transcript, 4, 13), 0);
	CHECK_INT(last_lines(&transcript, UINT64_MAX, 13), 0);
	CHECK_INT(last_lines(&transcript, 1, 8), 4);
	transcript_fini(&transcript);
}

TEST(lines_longer_than_a_piece_are_found)
{
	enum { LONG = 3 * TRANSCRIPT_PIECE_BYTES };
	static char text[2 * LONG];
	scoped(fd) int dirfd = top();
	struct transcript transcript;

	memset(text, 'x', sizeof(text));
	text[LONG - 1] = '\n';
	put(dirfd, "console.log", (struct str){ text, sizeof(text) }, O_EXCL);
	transcript_init(&transcript, dirfd);
	(void)look(&transcript);
	CHECK_INT(last_lines(&transcript, 1, sizeof(text)), LONG);
	CHECK_INT(last_lines(&transcript, 2, sizeof(text)), 0);
	CHECK_INT(last_lines(&transcript, 1, LONG), 0);
	transcript_fini(&transcript);
}

TEST(a_file_that_was_cut_or_replaced_is_noticed)
{
	scoped(fd) int dirfd = top();
	struct transcript transcript;

	put(dirfd, "console.log", STR("one\ntwo\n"), O_EXCL);
	transcript_init(&transcript, dirfd);
	CHECK(!look(&transcript));
	put(dirfd, "console.log", STR("three\n"), O_APPEND);
	CHECK(!look(&transcript));
	CHECK_INT(transcript.size_bytes, 14);
	put(dirfd, "console.log", STR("1\n"), O_TRUNC);
	CHECK(look(&transcript));
	CHECK_INT(transcript.size_bytes, 2);
	put(dirfd, "other", STR("one\ntwo\nthree\nfour\n"), O_EXCL);
	CHECK_INT(kern_renameat2(dirfd, "other", dirfd, "console.log", 0), 0);
	CHECK(look(&transcript));
	CHECK(!look(&transcript));
	transcript_fini(&transcript);
}

TEST(what_is_no_file_is_refused)
{
	static const char *const names[] = { "console.log", "console.times" };
	scoped(fd) int dirfd = top();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct transcript transcript;
		struct error err = ERROR_INIT;
		bool is_new;

		transcript_init(&transcript, dirfd);
		CHECK_INT(kern_mknodat(dirfd, names[i], S_IFIFO | 0600, 0), 0);
		CHECK_INT(transcript_look(&transcript, &is_new, &err), -EBADMSG);
		CHECK(strstr(err.text, names[i]));
		CHECK_INT(kern_unlinkat(dirfd, names[i], 0), 0);
		CHECK_INT(kern_symlinkat("/etc/passwd", dirfd, names[i]), 0);
		CHECK_INT(transcript_look(&transcript, &is_new, NULL), -ELOOP);
		CHECK_INT(kern_unlinkat(dirfd, names[i], 0), 0);
		transcript_fini(&transcript);
	}
}

TEST(marks_that_never_end_are_refused)
{
	scoped(fd) int dirfd = top(), fd = -1;
	struct transcript transcript;
	bool is_new;

	fd = kern_open(dirfd, "console.times", O_WRONLY | O_CREAT, 0600);
	CHECK_INT(kern_ftruncate(fd, 2 * CONSOLE_TIMES_MAX_BYTES), 0);
	transcript_init(&transcript, dirfd);
	CHECK_INT(transcript_look(&transcript, &is_new, NULL), -EBADMSG);
	transcript_fini(&transcript);
}

TEST(since_begins_with_a_whole_line)
{
	scoped(fd) int dirfd = top();
	struct transcript transcript;
	bool is_damaged;
	uint64_t at;

	put(dirfd, "console.log", STR("one\ntwo and a half\nthree\n"), O_EXCL);
	put(dirfd, "console.times", STR("2026-01-01T00:00:00.000000Z 0\n2026-01-01T00:00:05.000000Z 8\n"),
		O_EXCL);
	transcript_init(&transcript, dirfd);
	(void)look(&transcript);
	CHECK_INT(transcript_find_since(&transcript, UINT64_C(1767225604) * NS_PER_SEC, &at, &is_damaged), 0);
	CHECK_INT(at, 4);
	CHECK(!is_damaged);
	put(dirfd, "console.times", STR("?\n"), O_APPEND);
	(void)look(&transcript);
	CHECK_INT(transcript_find_since(&transcript, UINT64_MAX, &at, &is_damaged), 0);
	CHECK_INT(at, 4);
	CHECK(is_damaged);
	transcript_fini(&transcript);
}

TEST_MAIN()
