// SPDX-License-Identifier: Apache-2.0
/*
 * test_apply.c - a commit by renames, one by copies and one across mounts make the same workspace
 *
 * Which way a commit goes is nobody's business but ours: the workspace afterwards is the same to the last
 * link count, mode, mtime and attribute, and undo brings back the same workspace as it was before. Each row
 * is committed and undone in all three ways.
 */
#include "lib/commit.h"

#include "overlay/telling.h"

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
/* The names of one file's attributes, longer together than the usual buffer: see XATTR_BYTES_USUAL. */
ROW(many_attributes, "echo a >a", "echo b >a; setfattr -n user.overlay.origin -v o a; l=$(printf %060d 0);"
	"for i in 1 2 3 4 5 6 7 8 9; do setfattr -n user.$l$i -v $i a; done")
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

/* ---- what stands in the way ---- */

/* @later is what somebody else does between judging and commit. Nothing is applied, and all of it is said. */
static void refuse(const char *base, const char *upper, const char *later, const char *wanted)
{
	for (enum way way = BY_RENAME; way <= ACROSS_MOUNTS; way++) {
		scoped(buf) struct buf before = BUF_INIT(TEXT_MAX), after = BUF_INIT(TEXT_MAX),
			said = BUF_INIT(TEXT_MAX);
		struct commit_bench *bench = way == ACROSS_MOUNTS ? bench_open_elsewhere() : bench_open();

		branch_run("base", base);
		branch_run("upper", upper);
		bench_diff(bench);
		branch_run("base", later);
		bench_text(&before, "base", TREE_TEXT_ALL);
		CHECK_INT(way == BY_COPY ? bench_apply_path(bench, 1, ".") : bench_apply(bench, 1), -EEXIST);
		CHECK_TEXT(bench_conflicts(bench, &said), wanted);
		CHECK(bench->err.text[0]);
		check_same(way, "after the refusal", bench_text(&after, "base", TREE_TEXT_ALL),
			buf_text(&before));
		bench_free(bench);
		clean_up();
	}
}

#define REFUSED(name, base, upper, later, wanted) \
	TEST(name) { refuse(base, upper, later, wanted); }

REFUSED(changed_meanwhile, "echo a >a; echo b >b; ln -s t l", "echo A >a; echo B >b; ln -s u l",
	"echo x >a; ln -sfn v l", "changed a\nchanged l\n")
REFUSED(metadata_meanwhile, "echo a >a; echo b >b; mkdir d",
	"echo A >a; echo B >b; mkdir d; chmod 700 d", "chmod 600 a; setfattr -n user.k -v v b; chmod 711 d",
	"metadata a\nmetadata b\nmetadata d\n")
REFUSED(another_type_meanwhile, "echo a >a; mkdir d; echo x >d/x", "echo A >a; mkdir d; echo X >d/x",
	"rm a; mkdir a; rm -r d; echo d >d", "type a\nparent d/x\n")
REFUSED(gone_meanwhile, "echo a >a; mkdir -p d/e; echo x >d/e/x",
	"echo A >a; mkdir -p d/e; echo X >d/e/x; echo y >d/e/y", "rm a; rm -r d/e",
	"gone a\nparent d/e/x\nparent d/e/y\n")
REFUSED(already_there, ":", "echo a >a; mkdir d; echo x >d/x; ln -s t l", "echo a >a; mkdir d; echo l >l",
	"exists a\nexists d\nexists l\n")
REFUSED(a_link_in_the_way, "mkdir d; echo x >d/x", "mkdir d; echo X >d/x; echo y >d/y", "mv d e; ln -s e d",
	"parent d/x\nparent d/y\n")
REFUSED(more_below_a_deleted_directory, "mkdir d; echo x >d/x", "mknod d c 0 0", "echo y >d/y", "changed d\n")
REFUSED(other_below_a_replaced_directory, "mkdir d; echo x >d/x", "echo d >d", "echo xx >d/x", "changed d\n")

/* The branch is not what was judged: somebody has been at the session's own files. */
static void distrust(const char *upper, const char *later, const char *said)
{
	struct commit_bench *bench = bench_open();

	branch_run("base", "mkdir d");
	branch_run("upper", upper);
	bench_diff(bench);
	branch_run("upper", later);
	CHECK_INT(bench_apply(bench, 1), -EBADMSG);
	if (!strstr(bench->err.text, said))
		test_fail(__FILE__, __LINE__, "\"%s\", wanted \"%s\"", bench->err.text, said);
	CHECK(bench->err.hint[0]);
	branch_run("base", "[ \"$(find . | sort | tr '\\n' ' ')\" = '. ./d ' ]");
	bench_free(bench);
	clean_up();
}

TEST(a_branch_that_is_not_what_was_judged)
{
	distrust("echo a >a", "echo b >a", "is not what was judged");
	distrust("echo a >a", "chmod 755 a", "is not what was judged");
	distrust("echo a >a", "setfattr -n user.k -v v a", "is not what was judged");
	distrust("echo a >a; setfattr -n user.k -v v a", "setfattr -n user.k -v w a",
		"is not what was judged");
	distrust("echo a >a; setfattr -n user.k -v v a", "setfattr -x user.k a; setfattr -n user.l -v v a",
		"is not what was judged");
	distrust("echo a >a", "rm a; mkdir a", "is not what was judged");
	distrust("echo a >a", "rm a", "is gone");
	distrust("mkdir -p n/m; echo x >n/m/x", "echo y >n/m/y", "holds other files");
	distrust("mkdir -p n/m; echo x >n/m/x", "mv n/m/x n/x", "holds other files");
	distrust("mkdir n; echo x >n/x", "mv n m; ln -s m n", "is not what was judged");
	distrust("mkdir n; echo x >n/x; mkdir d; echo y >d/y", "rm -r d; ln -s n d", "is gone");
}

TEST(memory_that_does_not_suffice)
{
	scoped(buf) struct buf before = BUF_INIT(TEXT_MAX);
	struct commit_bench *bench = bench_open();
	struct changeset changeset;
	unsigned refused = 0;
	int r = -EMSGSIZE;

	branch_run("base", "echo a >a; mkdir d; echo x >d/x; echo same >same; ln a b");
	branch_run("upper",
		"echo A >a; mkdir d; mknod d/x c 0 0; mkdir -p n/m; echo 1 >n/m/1; ln n/m/1 n/2; chmod 555 n/m;"
		"mknod n/w c 0 0; ln n/2 h; setfattr -n user.overlay.overlay.k -v v a; setfattr -n user.d -v v d");
	bench_text(&before, "base", TREE_TEXT_ALL);
	bench_diff(bench);
	changeset = bench->changeset;
	for (size_t limit = 0; r < 0; limit += 64) {
		scoped(buf) struct buf after = BUF_INIT(TEXT_MAX);
		const struct overlay_commit commit = { .changeset = &changeset, .targets = &bench->target,
			.journal_dirfd = bench->journal_fd, .number = 1, .id = "testtest" };
		scoped(arena) struct arena arena = ARENA_INIT(limit);
		struct error err = ERROR_INIT;

		CHECK(limit < 1 << 20);
		r = overlay_apply(&commit, &arena, &bench->conflicts, &bench->result, &err);
		if (r >= 0)
			break;
		refused++;
		CHECK_INT(r, -EMSGSIZE);
		CHECK(err.text[0]);
		check_same(BY_RENAME, "without memory", bench_text(&after, "base", TREE_TEXT_ALL),
			buf_text(&before));
	}
	CHECK(refused > 10);
	for (size_t limit = 0; r >= 0; limit += 64) {
		const struct overlay_undo undo = { .targets = &bench->target, .target_count = 1,
			.journal_dirfd = bench->journal_fd, .number = 1, .id = "testtest" };
		scoped(arena) struct arena arena = ARENA_INIT(limit);
		struct error err = ERROR_INIT;

		CHECK(limit < 1 << 20);
		r = overlay_undo(&undo, &arena, &bench->conflicts, &bench->result, &err);
		if (r >= 0)
			break;
		CHECK(err.text[0]);
		r = 0;
	}
	bench_free(bench);
}

/* ---- what stands in the way of an undo ---- */

static void keep(const char *base, const char *upper, const char *later, int code, const char *wanted)
{
	for (enum way way = BY_RENAME; way <= ACROSS_MOUNTS; way++) {
		scoped(buf) struct buf before = BUF_INIT(TEXT_MAX), after = BUF_INIT(TEXT_MAX),
			said = BUF_INIT(TEXT_MAX);
		struct commit_bench *bench = way == ACROSS_MOUNTS ? bench_open_elsewhere() : bench_open();

		branch_run("base", base);
		branch_run("upper", upper);
		bench_diff(bench);
		CHECK_INT(way == BY_COPY ? bench_apply_path(bench, 1, ".") : bench_apply(bench, 1), 0);
		branch_run("base", later);
		bench_text(&before, "base", TREE_TEXT_ALL);
		CHECK_INT(bench_undo(bench, 1), code);
		CHECK_TEXT(bench_conflicts(bench, &said), wanted);
		check_same(way, "after the refusal", bench_text(&after, "base", TREE_TEXT_ALL),
			buf_text(&before));
		bench_free(bench);
		clean_up();
	}
}

#define KEPT(name, base, upper, later, wanted) \
	TEST(name) { keep(base, upper, later, -EEXIST, wanted); }

KEPT(changed_since, "echo a >a; echo b >b; mkdir d",
	"echo A >a; mknod b c 0 0; mkdir d; chmod 700 d; echo n >n; echo m >m",
	"echo x >a; echo y >b; chmod 711 d; chmod 600 n; rm m",
	"changed a\nexists b\ngone m\nmetadata n\nmetadata d\n")
KEPT(types_since, "echo a >a; mkdir d; echo x >d/x", "echo A >a; mkdir d; echo X >d/x; mkdir n; echo y >n/y",
	"rm a; ln -s b a; mv d e; ln -s e d; rm -r n; echo n >n",
	"type a\nparent d/x\ntype n\nparent n/y\ngone d\n")
KEPT(more_in_a_new_directory, ":", "mkdir n; echo x >n/x", "echo mine >n/mine", "changed n\n")
KEPT(attributes_since, "mkdir d; echo a >a",
	"mkdir d; setfattr -n user.k -v v d; echo A >a; setfattr -n user.k -v v a",
	"setfattr -n user.k -v w d; setfattr -n user.k -v w a", "metadata a\nmetadata d\n")

TEST(what_was_kept_is_damaged)
{
	struct commit_bench *bench = bench_open();

	branch_run("base", "echo a >a; echo b >b");
	branch_run("upper", "echo A >a; mknod b c 0 0");
	bench_diff(bench);
	CHECK_INT(bench_apply(bench, 1), 0);
	branch_run("commit/1", "echo forged >old/1");
	CHECK_INT(bench_undo(bench, 1), -EBADMSG);
	CHECK(strstr(bench->err.text, "what was kept of 'b'"));
	branch_run("base", "[ $(cat a) = A ]; [ ! -e b ]");
	CHECK_INT(bench_undo(bench, 2), -ENOENT);
	bench_free(bench);
}

TEST(an_undo_of_an_undo_and_a_commit_again)
{
	struct commit_bench *bench = bench_open();

	branch_run("base", "echo a >a");
	branch_run("upper", "echo A >a");
	bench_diff(bench);
	CHECK_INT(bench_apply(bench, 1), 0);
	CHECK_INT(bench_undo(bench, 1), 0);
	CHECK_INT(bench_undo(bench, 1), -ENOENT);
	CHECK(strstr(bench->err.text, "already"));
	bench_diff(bench);
	CHECK_INT(bench_apply(bench, 1), -EEXIST);
	CHECK_INT(bench_apply(bench, 2), 0);
	branch_run("base", "[ $(cat a) = A ]");
	bench_free(bench);
}

/* ---- somebody who wants no more of it ---- */

struct listener {
	struct progress progress;
	unsigned calls, leave_at;	/* gives up at this call; 0: never */
	bool was_changing;
	char last[64];
};

static int hear(void *data, const char *what, uint64_t done, uint64_t total)
{
	struct listener *listener = data;

	CHECK(done <= total || !total);
	/* Once the first change is made, it does not begin anew with something that can be given up. */
	CHECK(!listener->was_changing || overlay_is_changing(what));
	listener->was_changing |= overlay_is_changing(what);
	snprintf(listener->last, sizeof(listener->last), "%s", what);
	return ++listener->calls == listener->leave_at ? -ECANCELED : 0;
}

/* Gives up at each call, one after the other; Return: how often that was in time. */
static unsigned give_up_at_each_call(struct commit_bench *bench, enum way way, bool undo)
{
	scoped(buf) struct buf base = BUF_INIT(TEXT_MAX), upper = BUF_INIT(TEXT_MAX);
	const char *branch = undo && way == BY_RENAME ? "commit/1" : "upper/.";
	unsigned given_up = 0;

	bench_text(&base, "base", TREE_TEXT_ALL);
	bench_text(&upper, branch, TREE_TEXT_ALL);
	for (unsigned leave_at = 1;; leave_at++) {
		scoped(buf) struct buf after = BUF_INIT(TEXT_MAX);
		struct listener listener = { .progress = { hear, &listener }, .leave_at = leave_at };
		int r;

		bench->progress = &listener.progress;
		r = undo ? bench_undo(bench, 1) : way == BY_COPY ? bench_apply_path(bench, 1, ".") :
			bench_apply(bench, 1);
		bench->progress = NULL;
		if (r >= 0) {
			CHECK(listener.was_changing && listener.calls >= leave_at);
			CHECK_TEXT(listener.last, OVERLAY_KEEPING);
			return given_up;
		}
		CHECK_INT(r, -ECANCELED);
		CHECK(!listener.was_changing);
		CHECK(strstr(bench->err.text, "everything is as it was"));
		check_same(way, "given up", bench_text(&after, "base", TREE_TEXT_ALL), buf_text(&base));
		buf_clear(&after);
		check_same(way, "its branch", bench_text(&after, branch, TREE_TEXT_ALL), buf_text(&upper));
		given_up++;
	}
}

TEST(it_can_be_given_up_up_to_the_first_change)
{
	for (enum way way = BY_RENAME; way <= ACROSS_MOUNTS; way++) {
		struct commit_bench *bench = way == ACROSS_MOUNTS ? bench_open_elsewhere() : bench_open();

		branch_run("base", "echo a >a; mkdir d; echo x >d/x; echo y >d/y");
		branch_run("upper",
			"echo A >a; mkdir -p n/o; echo n >n/o/n; chmod 0 n/o/n; mkdir d; mknod d/x c 0 0;"
			"echo l >l; ln l m; chmod 500 n/o");
		bench_diff(bench);
		/* Each of eight changes, and twice for the disk. */
		CHECK(give_up_at_each_call(bench, way, false) >= 10);
		CHECK(give_up_at_each_call(bench, way, true) >= 10);
		bench_free(bench);
		clean_up();
	}
}

TEST_MAIN()
