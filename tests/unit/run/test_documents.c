// SPDX-License-Identifier: Apache-2.0
/*
 * test_documents.c - what a commit keeps of a session's documents stays what it was
 */
#include "lib/test.h"
#include "run/commit_internal.h"

#include "base/fd.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

static void write_text(int dirfd, const char *name, const char *text)
{
	CHECK_INT(kern_write_file(dirfd, name, str_from(text), 0600, false), 0);
}

static void check_text(int dirfd, const char *name, const char *text)
{
	scoped(buf) struct buf found = BUF_INIT(4096);

	CHECK_INT(kern_read_file(dirfd, name, &found), 0);
	CHECK_TEXT(buf_text(&found), text);
}

static struct session open_session(void)
{
	struct session session = { .dirfd = kern_open(AT_FDCWD, test_dir(), O_RDONLY | O_DIRECTORY, 0) };

	CHECK(session.dirfd >= 0);
	CHECK_INT(kern_mkdirat(session.dirfd, "commit", 0700), 0);
	return session;
}

TEST(what_was_kept_is_not_what_comes_later)
{
	struct session session = open_session();
	struct error err = ERROR_INIT;

	write_text(session.dirfd, "changeset.json", "one");
	CHECK_INT(document_keep(&session, "changeset.json", "commit", "1.changeset.json", &err), 0);
	write_text(session.dirfd, "changeset.json", "two");
	check_text(session.dirfd, "commit/1.changeset.json", "one");
	/* The same number once more: nothing had come of it. */
	CHECK_INT(document_keep(&session, "changeset.json", "commit", "1.changeset.json", &err), 0);
	write_text(session.dirfd, "changeset.json", "three");
	check_text(session.dirfd, "commit/1.changeset.json", "two");
	fd_close(session.dirfd);
}

TEST(what_was_brought_back_is_a_file_of_its_own)
{
	struct session session = open_session();
	struct error err = ERROR_INIT;

	write_text(session.dirfd, "changeset.json", "one");
	CHECK_INT(document_keep(&session, "changeset.json", "commit", "1.changeset.json", &err), 0);
	write_text(session.dirfd, "changeset.json", "two");
	CHECK_INT(document_copy(&session, "commit/1.changeset.json", ".", "changeset.json", &err), 0);
	check_text(session.dirfd, "changeset.json", "one");
	write_text(session.dirfd, "changeset.json", "three");
	check_text(session.dirfd, "commit/1.changeset.json", "one");
	fd_close(session.dirfd);
}

TEST(what_is_not_there_cannot_be_kept)
{
	struct session session = open_session();
	struct error err = ERROR_INIT;

	CHECK_INT(document_keep(&session, "changeset.json", "commit", "1.changeset.json", &err), -ENOENT);
	CHECK(err.text[0]);
	fd_close(session.dirfd);
}

TEST_MAIN()
