// SPDX-License-Identifier: Apache-2.0
/*
 * test_workcopy.c - a copy to work in, and the upper layer that is gathered from it
 *
 * Trees are made and changed by a shell, so that each test reads as what a program did. What was gathered is
 * told by the names in the layer: a whiteout is a character device.
 */
#include "overlay/workcopy.h"

#include "base/buf.h"
#include "base/fd.h"
#include "kern/file.h"
#include "lib/branch.h"
#include "lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <unistd.h>

enum {
	ARENA_BYTES = 64 << 20,
	TEXT_MAX = 1 << 16,
};

static struct workcopy_result result;
static struct error err = ERROR_INIT;

/* A path below the test's own directory; good until the next call. */
static const char *at(const char *path)
{
	static char text[4096];

	snprintf(text, sizeof(text), "%s/%s", test_dir(), path);
	return text;
}

static int open_dir(const char *path)
{
	return open(at(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Copies base into storage/copy/thing. */
static int make(const char *const *excluded, size_t excluded_count)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	scoped(fd) int root = open_dir("base");
	scoped(fd) int storage = -1;
	struct workcopy copy = { .root_dirfd = root, .name = "thing", .excluded = excluded,
		.excluded_count = excluded_count };

	branch_run(".", "mkdir -p storage");
	storage = open_dir("storage");
	copy.storage_dirfd = storage;
	return workcopy_make(&arena, &copy, &result, &err);
}

static int gather(void)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	scoped(fd) int storage = open_dir("storage");

	return workcopy_gather(&arena, storage, &err);
}

/* Gathers, and compares `find` of the layer with what is wanted: lines of type and path, sorted. */
static void check_gathered(const char *wanted)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);

	if (gather() < 0)
		test_fail(__FILE__, __LINE__, "gathering: %s", err.text);
	branch_run("storage/upper", "find . -mindepth 1 -printf '%y %P\\n' | LC_ALL=C sort -k2 > ../found");
	CHECK_INT(kern_read_file(AT_FDCWD, at("storage/found"), &text), 0);
	CHECK_TEXT(buf_text(&text), wanted);
}

static void start(const char *base)
{
	branch_run(".", "mkdir base");
	branch_run("base", base);
	if (make(NULL, 0) < 0)
		test_fail(__FILE__, __LINE__, "copying: %s", err.text);
}

#define WORK "storage/copy/thing"

TEST(a_copy_has_everything_that_belongs_to_its_files)
{
	start("mkdir d; echo a > d/a; chmod 640 d/a; ln d/a d/b; ln -s a d/l; mkfifo f; chmod 511 d;"
		"touch -d '2001-02-03 04:05:06.7' d/a; truncate -s 1G sparse; printf x >> sparse; touch -d 2002-02-02 d");
	branch_run(".",
		"for t in base " WORK
		"; do (cd $t; find . -printf '%P %y %m %n %T@ %s %l\\n' | sort) > $(basename $t).txt;"
		"done; sed -i '/^ d/d' base.txt thing.txt; cmp base.txt thing.txt");
	branch_run(".",
		"test $(du -k " WORK "/sparse | cut -f1) -lt 1000; test " WORK "/d/a -ef " WORK "/d/b;"
		"! test " WORK "/d/a -ef base/d/a");
	CHECK_INT(result.entry_count, 6);
	CHECK_INT(result.left_out_count, 0);
}

TEST(nothing_changed_is_an_empty_layer)
{
	start("mkdir d; echo a > d/a; echo b > b");
	branch_run(WORK, "cat d/a b > /dev/null; ls -R > /dev/null");
	check_gathered("");
}

TEST(changes_of_every_kind)
{
	start("mkdir -p d/e keep; echo a > d/a; echo b > d/e/b; echo c > c; echo k > keep/k; ln -s c link; echo same > same");
	branch_run(WORK,
		"echo more >> d/a; rm c; mkdir new; echo n > new/n; ln -sfn d link; chmod 600 keep/k");
	check_gathered("c c\nd d\nf d/a\nd keep\nf keep/k\nl link\nd new\nf new/n\n");
}

TEST(content_that_changes_under_the_old_time_and_size_is_seen)
{
	start("echo one > a; touch -d 2001-01-01 a");
	branch_run(WORK, "printf 'two\\n' > a; touch -d 2001-01-01 a");
	check_gathered("f a\n");
}

/*
 * A byte is read and then written through a shared mapping, which a file system in memory takes no note of.
 */
static void write_mapped(const char *path)
{
	scoped(fd) int fd = open(at(path), O_RDWR | O_CLOEXEC);
	void *page = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	volatile char *byte = page;

	CHECK(page != MAP_FAILED);
	*byte = (char)(*byte + 1);
	CHECK_INT(munmap(page, 1), 0);
}

TEST(what_was_written_through_a_mapping_is_seen)
{
	start("echo one > a; echo two > b");
	write_mapped(WORK "/a");
	check_gathered("f a\n");
}

TEST(also_in_memory_where_the_times_do_not_tell)
{
	char storage[] = "/dev/shm/cordon-test-XXXXXX";

	if (!mkdtemp(storage))
		test_skip("/dev/shm");
	CHECK_INT(symlink(storage, at("storage")), 0);
	start("echo one > a; mkdir d; echo two > d/b; ln -s a l");
	write_mapped(WORK "/a");
	check_gathered("f a\n");
	branch_run(".", "rm -r \"$(readlink storage)\"");
}

TEST(a_directory_that_moves_is_new_and_gone)
{
	start("mkdir -p d/e; echo a > d/a; echo b > d/e/b");
	branch_run(WORK, "mv d x");
	check_gathered("c d\nd x\nf x/a\nd x/e\nf x/e/b\n");
}

TEST(directories_that_change_places)
{
	start("mkdir a b; echo 1 > a/f; echo 2 > b/f; echo 3 > b/g");
	branch_run(WORK, "mv a t; mv b a; mv t b");
	check_gathered("d a\nf a/f\nf a/g\nd b\nf b/f\nc b/g\n");
}

TEST(a_directory_that_becomes_something_else)
{
	start("mkdir -p d/e f; echo a > d/a; echo x > file");
	branch_run(WORK, "rm -r d; echo d > d; rm -r f; ln -s /etc f; rm file; mkdir file; echo i > file/i");
	check_gathered("f d\nl f\nd file\nf file/i\n");
}

TEST(a_directory_that_is_made_anew)
{
	start("mkdir d; echo a > d/a; echo b > d/b");
	branch_run(WORK, "rm -r d; mkdir d; echo a > d/a; echo c > d/c");
	check_gathered("d d\nf d/a\nc d/b\nf d/c\n");
}

TEST(what_the_base_gets_meanwhile_is_not_missed)
{
	start("mkdir d; echo a > d/a; echo b > d/b");
	branch_run("base", "echo mine > d/mine; mkdir more; echo x > more/x; rm d/b");
	branch_run(WORK, "rm d/a");
	check_gathered("d d\nc d/a\n");
}

TEST(what_is_excluded_is_neither_copied_nor_missed)
{
	static const char *const excluded[] = { "secret", "d/hidden" };

	branch_run(".", "mkdir base");
	branch_run("base", "mkdir secret d; echo k > secret/key; echo h > d/hidden; echo o > d/open");
	CHECK_INT(make(excluded, 2), 0);
	branch_run(WORK, "! test -e secret; ! test -e d/hidden; echo mine > d/hidden");
	check_gathered("d d\nf d/hidden\n");
}

TEST(modes_that_shut_the_owner_out_are_kept)
{
	start("mkdir d; echo a > d/a");
	branch_run(WORK,
		"mkdir -p shut/in; echo x > shut/in/x; chmod 0 shut/in/x shut/in shut; chmod 0 d/a; chmod 100 d");
	CHECK_INT(gather(), 0);
	branch_run("storage/upper",
		"test $(stat -c %a d) = 100; test $(stat -c %a shut) = 0; chmod 700 d shut;"
		"test $(stat -c %a d/a) = 0; test $(stat -c %a shut/in) = 0");
	branch_run(".", "chmod -R u+rwx storage");
}

TEST(a_name_that_leads_out_of_the_copy_reaches_nothing_that_is_judged)
{
	start("echo a > a");
	branch_run(WORK, "echo b > b; ln b ../../outside");
	CHECK_INT(gather(), 0);
	branch_run("storage", "echo changed > outside; test \"$(cat upper/b)\" = b");
}

TEST(marks_of_the_overlay_are_what_the_program_meant)
{
	char value[8];

	start("mkdir d; echo a > d/a");
	if (setxattr(at(WORK "/d"), "user.overlay.opaque", "y", 1, 0) < 0)
		return;		/* no attributes of users on this file system */
	CHECK_INT(gather(), 0);
	CHECK_INT(getxattr(at("storage/upper/d"), "user.overlay.opaque", value, sizeof(value)), -1);
	CHECK_INT(getxattr(at("storage/upper/d"), "user.overlay.overlay.opaque", value, sizeof(value)), 1);
}

TEST(a_copy_that_was_never_complete_is_an_empty_branch)
{
	branch_run(".", "mkdir -p storage/copy/thing; echo half > storage/copy/thing/a");
	check_gathered("");
}

TEST(an_attempt_that_was_cut_off_is_begun_anew)
{
	start("echo a > a");
	branch_run(WORK, "echo b > a");
	branch_run("storage", "mkdir upper.new; echo rubbish > upper.new/rubbish");
	check_gathered("f a\n");
	CHECK_INT(gather(), 0);		/* and a second time there is nothing to do */
}

TEST(a_damaged_list_is_an_error)
{
	start("echo a > a");
	branch_run("storage", "printf 'no list' > names");
	CHECK_INT(gather(), -EBADMSG);
	/* What a machine that lost its power may have left. */
	branch_run("storage", ": > names");
	CHECK_INT(gather(), -EBADMSG);
	branch_run("storage", "printf 'cordon-names 1 %020dx12 .\\0' 1 > names");
	CHECK_INT(gather(), -EBADMSG);
	branch_run("storage", "printf 'cordon-names 1 %020d\\n12 ../out\\0' 1 > names");
	CHECK_INT(gather(), -EBADMSG);
	branch_run("storage", "! test -e upper");
}

static int stop_at(void *data, UNUSED const char *what, uint64_t done, UNUSED uint64_t total)
{
	const uint64_t *end = data;

	return done >= *end ? -ECANCELED : 0;
}

TEST(a_copy_can_be_stopped)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	scoped(fd) int root = -1, storage = -1;
	uint64_t end = 100;
	const struct progress progress = { stop_at, &end };
	struct workcopy copy = { .name = "thing", .progress = &progress };

	branch_run(".", "mkdir base storage; for i in $(seq 600); do : > base/$i; done");
	copy.root_dirfd = root = open_dir("base");
	copy.storage_dirfd = storage = open_dir("storage");
	CHECK_INT(workcopy_make(&arena, &copy, &result, &err), -ECANCELED);
	branch_run("storage", "! test -e names");
	branch_run("storage", "test $(ls copy/thing | wc -l) = 100");
}

/* One that never ends otherwise: most of it is not copied. */
TEST(a_copy_can_be_stopped_within_a_file)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	scoped(fd) int root = -1, storage = -1;
	uint64_t end = 32;
	const struct progress progress = { stop_at, &end };
	struct workcopy copy = { .name = "thing", .progress = &progress, .total_bytes = 80 << 20 };

	branch_run(".", "mkdir base storage; head -c 80M /dev/zero > base/large");
	copy.root_dirfd = root = open_dir("base");
	copy.storage_dirfd = storage = open_dir("storage");
	CHECK_INT(workcopy_make(&arena, &copy, &result, &err), -ECANCELED);
	branch_run("storage", "! test -e names && test $(stat -c %s copy/thing/large) -lt $((64 << 20))");
}

TEST_MAIN()
