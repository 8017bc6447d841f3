// SPDX-License-Identifier: Apache-2.0
/*
 * test_unfinished.c - a session that a crash may have left half done is looked at, whatever else lies beside
 *
 * Too many are looked at rather than too few: where it is not known which boot the notes are of, all of them.
 */
#include "lib/test.h"

#include "run/committer.h"
#include "run/groups.h"
#include "run/unfinished.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *at(const char *name)
{
	static char paths[2][512];
	static unsigned turn;
	char *path = paths[turn++ % ARRAY_SIZE(paths)];

	snprintf(path, sizeof(paths[0]), "%s/%s", test_dir(), name);
	return path;
}

static void make_file(const char *name, const char *text)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && close(fd) == 0);
}

static void make_session(const char *id)
{
	char name[64];

	(void)mkdir(at("sessions"), 0700);
	snprintf(name, sizeof(name), "sessions/%s", id);
	CHECK_INT(mkdir(at(name), 0700), 0);
	snprintf(name, sizeof(name), "sessions/%s/session.json", id);
	make_file(name, "{}");
}

/* The ids in one word, behind what the list says of itself. */
static const char *listed(void)
{
	static char text[256];
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const char *const *ids;
	size_t count;
	int r = unfinished_list(&arena, test_dir(), &ids, &count),
		len = snprintf(text, sizeof(text), "%d:", r);

	for (size_t i = 0; r >= 0 && i < count; i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len, " %s", ids[i]);
	return text;
}

static void begin(void)
{
	make_session("aaaaaaaa");
	make_session("bbbbbbbb");
	make_session("cccccccc");
	CHECK_TEXT(listed(), "1: aaaaaaaa bbbbbbbb cccccccc");
	unfinished_all_checked(test_dir());
	CHECK_TEXT(listed(), "0:");
}

TEST(what_is_noted_is_listed_until_it_is_finished)
{
	struct error err = ERROR_INIT;

	begin();
	CHECK_INT(unfinished_add(at("sessions/bbbbbbbb"), &err), 0);
	CHECK_INT(unfinished_add(at("sessions/bbbbbbbb"), &err), 0);
	CHECK_TEXT(listed(), "0: bbbbbbbb");
	CHECK(!unfinished_check(at("sessions/bbbbbbbb")));
	CHECK_TEXT(listed(), "0:");
}

TEST(a_note_that_is_missing_is_made_by_who_looks)
{
	begin();
	make_file("sessions/cccccccc/" RUN_GROUPS_FILE, "");
	CHECK(unfinished_check(at("sessions/cccccccc")));
	CHECK_TEXT(listed(), "0: cccccccc");
	CHECK_INT(unlink(at("sessions/cccccccc/" RUN_GROUPS_FILE)), 0);
	CHECK_INT(mkdir(at("sessions/cccccccc/" COMMITTER_JOURNAL_DIR), 0700), 0);
	make_file("sessions/cccccccc/" COMMITTER_JOURNAL_DIR "/" COMMITTER_OPEN_MARK, "");
	CHECK(unfinished_check(at("sessions/cccccccc")));
	CHECK_INT(unlink(at("sessions/cccccccc/" COMMITTER_JOURNAL_DIR "/" COMMITTER_OPEN_MARK)), 0);
	CHECK(!unfinished_check(at("sessions/cccccccc")));
	CHECK_TEXT(listed(), "0:");
}

TEST(names_that_are_no_ids_are_passed_over)
{
	begin();
	make_file("unfinished/aaaaaaa", "");
	make_file("unfinished/aaaaaaaaa", "");
	make_file("unfinished/aaaa aaa", "");
	make_file("unfinished/AAAAAAAA", "");
	make_file("unfinished/aaaaaaaa", "anything");
	CHECK_TEXT(listed(), "0: aaaaaaaa");
}

TEST(after_another_boot_every_session_is_listed)
{
	static const char *const boots[] = {
		"", "00000000-0000-0000-0000-000000000000\n",
		"a text that is longer than the id of a boot can be, and would be cut off if it were read as one"
	};

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(boots); i++) {
		make_file("unfinished/.boot", boots[i]);
		CHECK_TEXT(listed(), "1: aaaaaaaa bbbbbbbb cccccccc");
	}
	CHECK_INT(unlink(at("unfinished/.boot")), 0);
	CHECK_TEXT(listed(), "1: aaaaaaaa bbbbbbbb cccccccc");
	unfinished_all_checked(test_dir());
	CHECK_TEXT(listed(), "0:");
}

TEST_MAIN()
