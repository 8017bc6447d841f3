// SPDX-License-Identifier: Apache-2.0
/*
 * test_diff.c - every system call of a diff refused in turn
 *
 * A diff that meets a refused call either fails and says why, or yields exactly the changeset that it yields
 * without (a call whose failure means "try the other way"). Between those two there is nothing: a shorter
 * changeset would be a change that nobody judged. And modes that were opened up are put back, at the latest
 * by the next diff, where this one was killed or the putting back is what was refused.
 */
#include "lib/branch.h"
#include "lib/kern_fault.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char base_script[] =
	"mkdir -p d/e t/u o; echo a >a; echo x >d/x; echo moved >t/u/m; : >t/z; ln -s a l; echo o >o/1;"
	"echo p >o/2;"
	"echo same >same; touch -d 2001-01-01 same; setfattr -n user.k -v v a; ln a hard";

static const char upper_script[] =
	"mkdir d n o; echo A >a; setfattr -n user.k -v w a; echo y >d/y; mknod d/x c 0 0; mknod t c 0 0;"
	"ln -s b l;"
	"echo moved >n/m; ln n/m n/linked; echo same >same; touch -d 2001-01-01 same; mkfifo f;"
	"truncate -s 9999 sparse;"
	"setfattr -n user.overlay.opaque -v y o; echo o >o/1; chmod 0 n/m; chmod 0 n";

struct outcome {
	int r;
	struct digest digest;
	struct error err;
};

static struct outcome diff_once(const struct branch *branch)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const struct overlay_root root = { "/base", branch->base_fd, branch->upper_fd,
		branch->storage_fd };
	const struct overlay_diff_options options = branch_options();
	struct outcome outcome = { .err = ERROR_INIT };
	struct changeset changeset = { 0 };

	outcome.r = overlay_diff(&arena, &root, 1, &options, &changeset, &outcome.err);
	outcome.digest = changeset.digest;
	return outcome;
}

static mode_t mode_of(const struct branch *branch, const char *path)
{
	struct stat st;

	CHECK_INT(fstatat(branch->upper_fd, path, &st, 0), 0);
	return st.st_mode & 07777;
}

/*
 * Whatever happened to the diff before, the next one finds the branch as the agent left it, and leaves it so.
 */
static void check_whole(const struct branch *branch, unsigned nth, const char *when,
	const struct digest *wanted)
{
	struct outcome outcome = diff_once(branch);

	if (outcome.r < 0 || !digest_eq(&outcome.digest, wanted))
		test_fail(__FILE__, __LINE__, "call %u (%s): afterwards another changeset: %s", nth, when,
			outcome.err.text);
	if (mode_of(branch, "n"))
		test_fail(__FILE__, __LINE__, "call %u (%s): the mode was not put back", nth, when);
	CHECK_INT(fchmodat(branch->upper_fd, "n", 0700, 0), 0);
	CHECK_INT(mode_of(branch, "n/m"), 0);
	CHECK_INT(fchmodat(branch->upper_fd, "n", 0, 0), 0);
}

static void refuse(const struct branch *branch, unsigned nth, int error, const struct digest *wanted)
{
	struct outcome outcome;
	const char *call;

	kern_fault_arm(NULL, nth, error);
	outcome = diff_once(branch);
	call = kern_fault_call();
	kern_fault_disarm();
	CHECK(call);
	if (outcome.r < 0 && !outcome.err.text[0])
		test_fail(__FILE__, __LINE__, "call %u (%s): %d without a word", nth, call, outcome.r);
	/* An answer of "not there" is believed where a file may well not be there; every other one is not. */
	if (outcome.r >= 0 && error != -ENOENT && !digest_eq(&outcome.digest, wanted))
		test_fail(__FILE__, __LINE__, "call %u (%s) refused with %d: another changeset", nth, call,
			error);
	if (error != -ENOENT)
		check_whole(branch, nth, call, wanted);
	CHECK_INT(fchmodat(branch->upper_fd, "n", 0700, 0), 0);
	CHECK_INT(fchmodat(branch->upper_fd, "n/m", 0, 0), 0);
	CHECK_INT(fchmodat(branch->upper_fd, "n", 0, 0), 0);
}

static void refuse_each(int error)
{
	struct branch branch = branch_open();
	struct outcome right;
	unsigned count;

	branch_run("base", base_script);
	branch_run("upper", upper_script);
	kern_fault_arm(NULL, 0, 0);
	right = diff_once(&branch);
	count = kern_fault_count();
	kern_fault_disarm();
	CHECK_INT(right.r, 0);
	CHECK(count > 100);
	for (unsigned nth = 1; nth <= count; nth++)
		refuse(&branch, nth, error, &right.digest);
	branch_close(&branch);
}

/* Diffs in a child that is killed before its Nth call. Return: whether it was. */
static bool diff_killed(const struct branch *branch, unsigned nth)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		kern_fault_arm(NULL, nth, KERN_FAULT_KILL);
		_exit(diff_once(branch).r < 0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK(!status || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
	return status != 0;
}

TEST(killed_at_every_call)
{
	struct branch branch = branch_open();
	struct outcome right;
	unsigned nth = 1;

	branch_run("base", base_script);
	branch_run("upper", upper_script);
	right = diff_once(&branch);
	CHECK_INT(right.r, 0);
	for (; diff_killed(&branch, nth); nth++)
		check_whole(&branch, nth, "killed", &right.digest);
	CHECK(nth > 100);
	branch_close(&branch);
}

TEST(no_memory_in_the_kernel)
{
	refuse_each(-ENOMEM);
}

TEST(broken_disk)
{
	refuse_each(-EIO);
}

TEST(no_more_descriptors)
{
	refuse_each(-EMFILE);
}

TEST(interrupted)
{
	refuse_each(-EINTR);
}

TEST(gone)
{
	refuse_each(-ENOENT);
}

TEST_MAIN()
