// SPDX-License-Identifier: Apache-2.0
/*
 * test_apply.c - a commit by renames, one by copies and one across mounts make the same workspace
 *
 * Which way a commit goes is nobody's business but ours: the workspace afterwards is the same to the last
 * link count, mode, mtime and attribute, and undo brings back the same workspace as it was before. Each row
 * is committed and undone in all three ways.
 */
#include "lib/commit.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum {
	TEXT_MAX = 1 << 20,
};

enum way {
	BY_RENAME,
	BY_COPY,			/* the branch is kept */
	ACROSS_MOUNTS,
};

static const char *const way_names[] = { "by rename", "by copy", "across mounts" };

static void check_same(enum way way, const char *what, const char *got, const char *wanted)
{
	if (strcmp(got, wanted))
		test_fail(__FILE__, __LINE__, "%s: %s:%s", way_names[way], what,
			tree_text_first_difference(got, wanted));
}

static void clean_up(void)
{
	branch_run(".", "chmod -R u+rwx .; rm -r *");
}

/* Commits in one way and undoes it; @after is what the workspace was in between. */
static void commit_and_undo(enum way way, const char *base, const char *upper, struct buf *after)
{
	scoped(buf) struct buf before = BUF_INIT(TEXT_MAX), undone = BUF_INIT(TEXT_MAX);
	struct commit_bench *bench = way == ACROSS_MOUNTS ? bench_open_elsewhere() : bench_open();

	branch_run("base", base);
	branch_run("base", "find . -exec touch -hd '2020-02-03 04:05:06.789' {} +");
	branch_run("upper", upper);
	branch_run("upper", "find . -mindepth 1 ! -type c -exec touch -hd '2021-02-03 04:05:06.789' {} +;"
		"touch -d '2020-02-03 04:05:06.789' .");
	bench_text(&before, "base", TREE_TEXT_ALL);
	bench_diff(bench);
	CHECK(bench->changeset.count);
	if ((way == BY_COPY ? bench_apply_path(bench, 1, ".") : bench_apply(bench, 1)) < 0)
		test_fail(__FILE__, __LINE__, "%s: %s", way_names[way], bench->err.text);
	bench_text(after, "base", TREE_TEXT_ALL);
	if (bench_undo(bench, 1) < 0)
		test_fail(__FILE__, __LINE__, "%s: undo: %s", way_names[way], bench->err.text);
	check_same(way, "after the undo", bench_text(&undone, "base", TREE_TEXT_ALL), buf_text(&before));
	bench_free(bench);
	clean_up();
}

static void commit_in_all_ways(const char *base, const char *upper)
{
	scoped(buf) struct buf first = BUF_INIT(TEXT_MAX);

	for (enum way way = BY_RENAME; way <= ACROSS_MOUNTS; way++) {
		scoped(buf) struct buf after = BUF_INIT(TEXT_MAX);

		commit_and_undo(way, base, upper, way == BY_RENAME ? &first : &after);
		if (way != BY_RENAME)
			check_same(way, "after the commit", buf_text(&after), buf_text(&first));
	}
}

#define ROW(name, base, upper) \
	TEST(name) { commit_in_all_ways(base, upper); }

ROW(new_files, ":", "echo a >a; mkdir -p d/e; echo b >d/e/b; ln -s to/nowhere l; mkfifo p; : >empty")
ROW(changed_and_gone, "echo a >a; echo b >b; mkdir d; echo x >d/x; ln -s t l",
	"echo aa >a; mknod b c 0 0; mknod d c 0 0; ln -s u l")
ROW(other_types, "echo a >a; mkdir d; echo x >d/x; ln -s t l", "mkdir a; echo y >a/y; echo d >d; mkfifo l")
ROW(links, ":", "echo x >h1; ln h1 h2; mkdir d; ln h1 d/h3; mkdir e; echo y >e/y; ln e/y d/y")
ROW(links_into_new_directories, "echo a >a",
	"echo links >h1; mkdir -p nd/sub; echo 1 >nd/1; ln h1 nd/h2; mkdir nd/ro; echo r >nd/ro/r; ln h1 nd/ro/h3;"
	"echo s >nd/ro/shut; chmod 0 nd/ro/shut; chmod 555 nd/ro; setfattr -n user.overlay.opaque -v y nd;"
	"setfattr -n user.overlay.origin -v o nd/1; echo esc >esc; setfattr -n user.overlay.overlay.opaque -v y esc")
ROW(links_through_others, ":",
	"echo x >a; ln a b; mkdir c; ln a c/d; echo y >c/e; ln c/e f; mkdir g; ln f g/h; echo z >g/i; ln g/i j;"
	"mknod g/w c 0 0; echo k >k; ln k l")
ROW(links_of_symbolic_links, ":", "ln -s t l1; ln -P l1 l2")
ROW(links_over_files_of_the_base, "echo a >a; echo b >b", "echo c >a; ln a b")
ROW(modes, "echo a >a; mkdir d; echo x >d/x",
	"echo a >a; chmod 755 a; mkdir d; chmod 1777 d; mkdir n; echo s >n/s; chmod 0 n/s; chmod 555 n; chmod 700 .")
ROW(shut_directories, "mkdir d; echo x >d/x",
	"mkdir -p n/o; echo x >n/o/x; chmod 500 n/o; chmod 2555 n; mkdir d; chmod 555 d; : >>y")
ROW(attributes, "echo a >a; setfattr -n user.k -v old a; mkdir d",
	"echo a >a; setfattr -n user.k -v new a; mkdir d; setfattr -n user.d -v 1 d; echo n >n; setfattr -n user.bin -v 0x00ff0a n")
ROW(acls, "echo a >a; mkdir d",
	"echo a >a; setfacl -m u:12345:r a; mkdir d; setfacl -d -m g:54321:rx d; echo n >n; setfacl -m u:1:rwx n")
ROW(holes, "truncate -s 1M s", "truncate -s 3M s; echo end >>s; truncate -s 2M t")
ROW(names, ":",
	"printf 'x' >\"$(printf 'a\\nb\\377c')\"; mkdir \"$(printf '\\302')\"; : >\"$(printf '\\302/\\303')\"; : >.wh.x")
ROW(opaque_directories, "mkdir d; echo a >d/a; echo b >d/b",
	"mkdir d; setfattr -n user.overlay.opaque -v y d; echo A >d/a; echo c >d/c")
ROW(whiteouts_in_new_directories, ":",
	"mkdir -p d/e; mknod d/w c 0 0; echo x >d/x; mknod d/e/w c 0 0; echo y >d/e/y")
ROW(deep, ":", "p=d; for i in 1 2 3 4 5 6 7 8 9; do p=$p/$i; done; mkdir -p $p; echo x >$p/x")
ROW(times_of_directories_around, "mkdir -p d/e; echo x >d/e/x; echo y >d/y",
	"mkdir -p d/e; mknod d/e/x c 0 0; echo z >d/z")

TEST_MAIN()
