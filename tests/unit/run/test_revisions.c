// SPDX-License-Identifier: Apache-2.0
/*
 * test_revisions.c - the file of the revisions that were used
 */
#include "run/revisions.h"

#include "lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct error err;

static struct policy_bundles one(struct policy_bundle *bundle, const char *revision)
{
	*bundle = (struct policy_bundle){ "/b.tar.gz", revision };
	return (struct policy_bundles){ bundle, 1 };
}

TEST(kept_and_held_against)
{
	int fd = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct policy_bundle bundle;
	struct policy_bundles bundles = one(&bundle, "7"), none = { 0 };
	struct stat st;

	CHECK_INT(run_revisions_check(fd, &none, &err), 0);
	CHECK_INT(run_revisions_keep(fd, &none, &err), 0);
	CHECK_INT(fstatat(fd, "policy-revisions.json", &st, 0), -1);
	CHECK_INT(run_revisions_check(fd, &bundles, &err), 0);
	CHECK_INT(run_revisions_keep(fd, &bundles, &err), 0);
	CHECK_INT(fstatat(fd, "policy-revisions.json", &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	bundles = one(&bundle, "6");
	CHECK_INT(run_revisions_check(fd, &bundles, &err), -ESTALE);
	/* whoever was slower does not bring it back */
	CHECK_INT(run_revisions_keep(fd, &bundles, &err), 0);
	CHECK_INT(run_revisions_check(fd, &bundles, &err), -ESTALE);
	CHECK_INT(run_revisions_forget(fd, "/other", &err), -ENOENT);
	CHECK_INT(run_revisions_check(fd, &bundles, &err), -ESTALE);
	CHECK_INT(run_revisions_forget(fd, "/b.tar.gz", &err), 0);
	CHECK_INT(run_revisions_check(fd, &bundles, &err), 0);
	close(fd);
}

TEST(what_is_damaged_lets_nothing_through)
{
	int fd = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int file = openat(fd, "policy-revisions.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct policy_bundle bundle;
	struct policy_bundles bundles = one(&bundle, "7");

	CHECK_INT(write(file, "{", 1), 1);
	close(file);
	CHECK_INT(run_revisions_check(fd, &bundles, &err), -EBADMSG);
	CHECK(strstr(err.text, "policy-revisions.json") && strstr(err.hint, "forget --all"));
	CHECK_INT(run_revisions_keep(fd, &bundles, &err), -EBADMSG);
	CHECK_INT(run_revisions_forget(fd, "/b.tar.gz", &err), -EBADMSG);
	CHECK_INT(run_revisions_forget(fd, NULL, &err), 0);
	CHECK_INT(run_revisions_check(fd, &bundles, &err), 0);
	close(fd);
}

TEST_MAIN()
