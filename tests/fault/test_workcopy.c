// SPDX-License-Identifier: Apache-2.0
/*
 * test_workcopy.c - whatever is refused while a tree is copied, or gathered, there is no half of it
 *
 * Each call is refused in turn. A copy that failed has no list of names, so nobody takes it for one;
 * gathering that failed has made no layer, says why, and does it all the next time.
 */
#include "overlay/workcopy.h"

#include "base/fd.h"
#include "kern/file.h"
#include "lib/branch.h"
#include "lib/kern_fault.h"
#include "lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum {
	ARENA_BYTES = 64 << 20,
	CALLS_MAX = 5000,
	TEXT_MAX = 1 << 16,
};

static const char base_script[] =
	"echo a >a; mkdir -p d/e; echo b >d/b; ln d/b d/c; ln -s b d/l; mkfifo f; echo r >ro; chmod 400 ro; mkdir shut;"
	"echo s >shut/s; chmod 500 shut; echo n >none; chmod 0 none; setfattr -n user.k -v 1 a; truncate -s 1M sparse;"
	"printf x >>sparse; touch -d 2002-02-02 d d/b";

static const char change_script[] =
	"echo more >>a; rm d/b; ln -s elsewhere d/new; mkdir d/e/f; echo g >d/e/f/g; chmod 600 ro; rm f; mkdir f;"
	"setfattr -n user.overlay.opaque -v y d; chmod 700 shut; echo t >shut/t; chmod 500 shut; mkdir m; chmod 0 m";

static const char gathered[] =
	"f a\nd d\nc d/b\nf d/c\nd d/e\nd d/e/f\nf d/e/f/g\nl d/new\nd f\nd m\nf ro\nd shut\nf shut/t\n";

static struct error err;

static int open_dir(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", test_dir(), name);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool is_there(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/storage/%s", test_dir(), name);
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int make(void)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	scoped(fd) int root = open_dir("base"), storage = open_dir("storage");
	const struct workcopy copy = { .root_dirfd = root, .storage_dirfd = storage, .name = "thing" };
	struct workcopy_result result;

	err = (struct error)ERROR_INIT;
	return workcopy_make(&arena, &copy, &result, &err);
}

static int gather(void)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	scoped(fd) int storage = open_dir("storage");

	err = (struct error)ERROR_INIT;
	return workcopy_gather(&arena, storage, &err);
}

static void empty_storage(void)
{
	scoped(fd) int top = open_dir(".");

	CHECK_INT(kern_remove_tree(top, "storage"), 0);
	CHECK_INT(mkdirat(top, "storage", 0700), 0);
}

static void check_explained(int r, unsigned nth, const char *refused)
{
	if (!err.text[0] || err.code != r)
		test_fail(__FILE__, __LINE__, "call %u, %s: %d but '%s' (%d)", nth, refused, r, err.text,
			err.code);
}

static void refuse_each_of_a_copy(int error)
{
	unsigned nth = 1, failed = 0;

	branch_run(".", "mkdir base storage");
	branch_run("base", base_script);
	for (;; nth++) {
		const char *refused;
		int r;

		CHECK(nth < CALLS_MAX);
		kern_fault_arm(NULL, nth, error);
		r = make();
		refused = kern_fault_call();
		kern_fault_disarm();
		if (r < 0)
			check_explained(r, nth, refused);
		if (is_there("names") != (r >= 0))
			test_fail(__FILE__, __LINE__, "call %u, %s: %d, and names", nth, refused, r);
		failed += r < 0;
		if (!refused)
			break;
		empty_storage();
	}
	CHECK(failed > 30 && is_there("copy/thing/a"));
}

TEST(every_call_of_a_copy_fails) { refuse_each_of_a_copy(-EIO); }
TEST(every_call_of_a_copy_finds_the_disk_full) { refuse_each_of_a_copy(-ENOSPC); }

/* What may not be read is left out, and no reason to end; the rest of the calls are. */
TEST(every_call_of_a_copy_is_forbidden) { refuse_each_of_a_copy(-EACCES); }

static void check_gathered(unsigned nth)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
	scoped(fd) int storage = open_dir("storage");

	branch_run("storage", "chmod u+rwx upper/m upper/shut;"
		"cd upper; find . -mindepth 1 -printf '%y %P\\n' | LC_ALL=C sort -k2 > ../found");
	CHECK_INT(kern_read_file(storage, "found", &text), 0);
	if (strcmp(buf_text(&text), gathered))
		test_fail(__FILE__, __LINE__, "call %u: gathered\n%s", nth, buf_text(&text));
	CHECK_INT(kern_remove_tree(storage, "upper"), 0);
}

static void refuse_each_of_gathering(int error)
{
	unsigned nth = 1, failed = 0;

	branch_run(".", "mkdir base storage");
	branch_run("base", base_script);
	CHECK_INT(make(), 0);
	branch_run("storage/copy/thing", change_script);
	for (;; nth++) {
		const char *refused;
		int r;

		CHECK(nth < CALLS_MAX);
		kern_fault_arm(NULL, nth, error);
		r = gather();
		refused = kern_fault_call();
		kern_fault_disarm();
		if (r < 0)
			check_explained(r, nth, refused);
		if (is_there("upper") != (r >= 0))
			test_fail(__FILE__, __LINE__, "call %u, %s: %d, and a layer", nth, refused, r);
		failed += r < 0;
		if (r >= 0)
			check_gathered(nth);
		if (!refused)
			break;
	}
	CHECK(failed > 30);
}

TEST(every_call_of_gathering_fails) { refuse_each_of_gathering(-EIO); }
TEST(every_call_of_gathering_finds_the_disk_full) { refuse_each_of_gathering(-ENOSPC); }

TEST_MAIN()
