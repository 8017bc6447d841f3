// SPDX-License-Identifier: Apache-2.0
/*
 * test_file.c - opening beneath, replacing whole files, copying with holes, removing hostile trees
 */
#include "lib/test.h"

#include "base/arena.h"
#include "base/path.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena = ARENA_INIT(1 << 20);

static const char *at(const char *name)
{
	return arena_printf(&arena, "%s/%s", test_dir(), name);
}

static void put(const char *name, const char *text)
{
	int fd = kern_open(AT_FDCWD, at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0);
	CHECK_INT(kern_write_all(fd, text, strlen(text)), 0);
	fd_close(fd);
}

static int top(void)
{
	int fd = kern_open(AT_FDCWD, test_dir(), O_RDONLY | O_DIRECTORY, 0);

	CHECK(fd >= 0);
	return fd;
}

static int try_beneath(const char *path, int flags)
{
	int dirfd = top(), fd = kern_open_beneath(dirfd, path, flags, 0600);

	fd_close(dirfd);
	if (fd < 0)
		return fd;
	fd_close(fd);
	return 0;
}

TEST(nothing_leads_out_from_beneath)
{
	CHECK_INT(kern_mkdirat(AT_FDCWD, at("dir"), 0700), 0);
	put("dir/file", "x");
	CHECK_INT(kern_symlinkat("/etc", AT_FDCWD, at("out")), 0);
	CHECK_INT(kern_symlinkat("dir", AT_FDCWD, at("in")), 0);
	CHECK_INT(kern_symlinkat("file", AT_FDCWD, at("dir/link")), 0);
	CHECK_INT(try_beneath("dir/file", O_RDONLY), 0);
	CHECK_INT(try_beneath(".", O_RDONLY), 0);
	CHECK_INT(try_beneath("out/passwd", O_RDONLY), -ELOOP);
	CHECK_INT(try_beneath("in/file", O_RDONLY), -ELOOP);
	CHECK_INT(try_beneath("dir/link", O_RDONLY), -ELOOP);
	CHECK_INT(try_beneath("dir/link", O_PATH), 0);
	CHECK_INT(try_beneath("../x", O_RDONLY | O_CREAT), -EXDEV);
	CHECK_INT(try_beneath("/etc/passwd", O_RDONLY), -EXDEV);
	arena_fini(&arena);
}

TEST(a_file_is_replaced_whole)
{
	struct buf text = BUF_INIT(100);
	int dirfd = top();
	struct stat st;

	CHECK_INT(kern_write_file(dirfd, "f", STR("one"), 0640, false), 0);
	CHECK_INT(kern_write_file(dirfd, "f", STR("two"), 0600, true), 0);
	CHECK_INT(kern_read_file(dirfd, "f", &text), 0);
	CHECK_TEXT(buf_text(&text), "two");
	CHECK_INT(kern_fstatat(dirfd, "f", &st, 0), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	buf_fini(&text);
	fd_close(dirfd);
	arena_fini(&arena);
}

static ssize_t full_disk(UNUSED int fd, UNUSED const void *data, UNUSED size_t len)
{
	return -ENOSPC;
}

TEST(a_replacement_that_fails_leaves_the_old_file_and_no_litter)
{
	struct buf text = BUF_INIT(100);
	struct kern_dir_entry entry;
	struct kern_dir dir;
	int dirfd = top(), count = 0;

	CHECK_INT(kern_write_file(dirfd, "f", STR("one"), 0600, false), 0);
	kern_ops.write = full_disk;
	CHECK_INT(kern_write_file(dirfd, "f", STR("two"), 0600, false), -ENOSPC);
	kern_ops = kern_ops_real;
	CHECK_INT(kern_read_file(dirfd, "f", &text), 0);
	CHECK_TEXT(buf_text(&text), "one");
	kern_dir_init(&dir, dirfd);
	while (kern_dir_next(&dir, &entry) > 0)
		count++;
	CHECK_INT(count, 1);
	buf_fini(&text);
	fd_close(dirfd);
}

TEST(reading_stops_at_the_limit)
{
	struct buf exact = BUF_INIT(5), small = BUF_INIT(4);
	int dirfd = top();

	put("f", "12345");
	CHECK_INT(kern_read_file(dirfd, "f", &exact), 0);
	CHECK_INT(exact.len, 5);
	CHECK_INT(kern_read_file(dirfd, "f", &small), -EMSGSIZE);
	buf_fini(&exact);
	buf_fini(&small);
	fd_close(dirfd);
	arena_fini(&arena);
}

static void check_copy(void)
{
	int from = kern_open(AT_FDCWD, at("from"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	int to = kern_open(AT_FDCWD, at("to"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct stat st;
	char text[8] = "";

	CHECK_INT(kern_pwrite(from, "begin", 5, 0), 5);
	CHECK_INT(kern_pwrite(from, "end", 3, 8 << 20), 3);
	CHECK_INT(kern_ftruncate(from, 9 << 20), 0);
	CHECK_INT(kern_copy_data(from, to, 9 << 20, NULL), 0);
	CHECK_INT(kern_fstat(to, &st), 0);
	CHECK_INT(st.st_size, 9 << 20);
	CHECK_INT(kern_pread(to, text, 5, 0), 5);
	CHECK_TEXT(text, "begin");
	memset(text, 0, sizeof(text));
	CHECK_INT(kern_pread(to, text, 3, 8 << 20), 3);
	CHECK_TEXT(text, "end");
	CHECK(st.st_blocks * 512 < 2 << 20);
	fd_close(from);
	fd_close(to);
}

static int no_reflink(UNUSED int to, UNUSED int from)
{
	return -EOPNOTSUPP;
}

static ssize_t no_range(UNUSED int from, UNUSED off_t *a, UNUSED int to, UNUSED off_t *b, UNUSED size_t len)
{
	return -EXDEV;
}

TEST(a_copy_keeps_holes_by_every_means)
{
	check_copy();
	kern_ops.reflink = no_reflink;
	check_copy();
	kern_ops.copy_file_range = no_range;
	check_copy();
	arena_fini(&arena);
}

TEST(a_file_that_shrinks_while_it_is_copied_is_an_error)
{
	int from, to;

	put("from", "12345");
	put("to", "");
	from = kern_open(AT_FDCWD, at("from"), O_RDONLY, 0);
	to = kern_open(AT_FDCWD, at("to"), O_RDWR, 0);
	kern_ops.reflink = no_reflink;
	CHECK_INT(kern_copy_data(from, to, 100, NULL), -EIO);
	fd_close(from);
	fd_close(to);
	arena_fini(&arena);
}

TEST(directories_are_made_with_their_parents)
{
	CHECK_INT(kern_mkdir_all(at("a/b/c")), 0);
	CHECK_INT(kern_mkdir_all(at("a/b/c")), 0);
	put("file", "");
	CHECK_INT(kern_mkdir_all(at("file/x")), -ENOTDIR);
	CHECK_INT(kern_mkdir_all(at("file")), -ENOTDIR);
	arena_fini(&arena);
}

static void deepen(int levels)
{
	int fd = top();

	CHECK_INT(kern_mkdirat(fd, "tree", 0700), 0);
	for (int i = 0; i < levels; i++) {
		int next = kern_open(fd, i ? "d" : "tree", O_RDONLY | O_DIRECTORY, 0);

		CHECK(next >= 0);
		fd_close(fd);
		fd = next;
		CHECK_INT(kern_mkdirat(fd, "d", 0700), 0);
		CHECK_INT(kern_symlinkat("/etc", fd, "link"), 0);
	}
	fd_close(fd);
}

TEST(a_deep_tree_with_links_and_shut_directories_is_removed)
{
	struct stat st;
	int dirfd = top(), fd;

	deepen(2000);
	CHECK_INT(kern_mkdir_all(at("tree/shut/inner")), 0);
	put("tree/shut/inner/file", "x");
	fd = kern_open(AT_FDCWD, at("tree/shut"), O_PATH, 0);
	CHECK_INT(kern_chmod_beneath(dirfd, "tree/shut/inner", 0), 0);
	CHECK_INT(kern_chmod_beneath(dirfd, "tree/shut", 0), 0);
	fd_close(fd);
	CHECK_INT(kern_remove_tree(dirfd, "tree"), 0);
	CHECK_INT(kern_fstatat(dirfd, "tree", &st, AT_SYMLINK_NOFOLLOW), -ENOENT);
	CHECK_INT(kern_fstatat(AT_FDCWD, "/etc/passwd", &st, 0), 0);
	CHECK_INT(kern_remove_tree(dirfd, "tree"), 0);
	fd_close(dirfd);
	arena_fini(&arena);
}

/* A session that ends tidies its branch while `cordon rollback` does. */
TEST(two_may_remove_the_same_tree)
{
	enum { ROUNDS = 40, DIRECTORIES = 30 };
	int dirfd = top();

	for (int round = 0; round < ROUNDS; round++) {
		struct arena names = ARENA_INIT(1 << 20);
		pid_t other;
		int status, r;

		for (int i = 0; i < DIRECTORIES; i++)
			CHECK_INT(kern_mkdir_all(
			arena_printf(&names, "%s/both/%d/%d/c/d", test_dir(), i % 5, i)),
				0);
		arena_fini(&names);
		other = fork();
		CHECK(other >= 0);
		r = kern_remove_tree(dirfd, "both");
		if (!other)
			_exit(-r);
		CHECK_INT(r, 0);
		CHECK(waitpid(other, &status, 0) == other);
		CHECK_INT(status, 0);
		CHECK_INT(kern_mkdirat(dirfd, "both", 0700), 0);
	}
	fd_close(dirfd);
}

static int count_calls(void *data, const char *what, uint64_t done, uint64_t total)
{
	uint64_t *count = data;

	CHECK_TEXT(what, "removing files");
	CHECK_INT(done, ++*count);
	CHECK_INT(total, 0);
	return count[0] == count[1] ? -ECANCELED : 0;
}

TEST(a_tree_that_is_removed_is_counted)
{
	int dirfd = kern_open(AT_FDCWD, test_dir(), O_RDONLY | O_DIRECTORY, 0);
	uint64_t count[] = { 0, UINT64_MAX };	/* and when to give up */
	const struct progress progress = { count_calls, count };

	CHECK_INT(kern_mkdirat(dirfd, "counted", 0755), 0);
	CHECK_INT(kern_mkdirat(dirfd, "counted/d", 0755), 0);
	for (int i = 0; i < 5; i++) {
		char name[] = "counted/d/0";

		name[sizeof(name) - 2] = (char)('0' + i);
		CHECK_INT(kern_mkdirat(dirfd, name, 0755), 0);
	}
	CHECK_INT(kern_remove_tree_telling(dirfd, "counted", &progress), 0);
	CHECK_INT(count[0], 5);
	CHECK_INT(kern_mkdirat(dirfd, "kept", 0755), 0);
	for (int i = 0; i < 5; i++) {
		char name[] = "kept/0";

		name[sizeof(name) - 2] = (char)('0' + i);
		CHECK_INT(kern_mkdirat(dirfd, name, 0755), 0);
	}
	/* Told to give up after two of them. */
	count[0] = 0;
	count[1] = 2;
	CHECK_INT(kern_remove_tree_telling(dirfd, "kept", &progress), -ECANCELED);
	CHECK_INT(count[0], 2);
	close(dirfd);
}

TEST(removing_a_link_removes_the_link)
{
	int dirfd = top();
	struct stat st;

	CHECK_INT(kern_mkdirat(dirfd, "kept", 0700), 0);
	CHECK_INT(kern_symlinkat("kept", dirfd, "link"), 0);
	CHECK_INT(kern_remove_tree(dirfd, "link"), 0);
	CHECK_INT(kern_fstatat(dirfd, "kept", &st, 0), 0);
	fd_close(dirfd);
}

TEST(chmod_does_not_follow_a_link)
{
	int dirfd = top();

	put("file", "");
	CHECK_INT(kern_symlinkat("file", dirfd, "link"), 0);
	CHECK_INT(kern_chmod_beneath(dirfd, "link", 0777), -ELOOP);
	CHECK_INT(kern_chmod_beneath(dirfd, "file", 0444), 0);
	fd_close(dirfd);
	arena_fini(&arena);
}

TEST(a_text_in_memory_is_read_from_its_start_and_cannot_be_changed)
{
	int fd = kern_memfd_text("test", STR("what was asked"));
	char text[32] = "";

	CHECK(fd >= 0);
	CHECK_INT(kern_read(fd, text, sizeof(text)), 14);
	CHECK(!strcmp(text, "what was asked"));
	CHECK_INT(kern_lseek(fd, 0, SEEK_SET), 0);
	CHECK_INT(kern_write(fd, "X", 1), -EPERM);
	CHECK_INT(kern_ftruncate(fd, 0), -EPERM);
	CHECK_INT(kern_fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -EPERM);
	fd_close(fd);
	fd = kern_memfd_text("test", STR(""));
	CHECK(fd >= 0);
	CHECK_INT(kern_read(fd, text, sizeof(text)), 0);
	fd_close(fd);
}

TEST(a_reader_that_leaves_is_noticed)
{
	int pipe[2], file = kern_open(AT_FDCWD, "/dev/null", O_WRONLY, 0);

	CHECK_INT(kern_pipe2(pipe, O_CLOEXEC), 0);
	CHECK_INT(kern_poll_reader(pipe[1], 0), 0);
	fd_close(pipe[0]);
	CHECK_INT(kern_poll_reader(pipe[1], UINT64_C(60000000000)), 1);
	fd_close(pipe[1]);
	CHECK_INT(kern_poll_reader(file, 1000000), 0);
	fd_close(file);
}

TEST_MAIN()
