// SPDX-License-Identifier: Apache-2.0
/*
 * test_apply_live.c - what a program saw in its branch is what the workspace becomes, and undo takes it back
 *
 * Each row: a script that fills the base, and one that works in the merged view of a real overlay. The view
 * is then described from inside; after the commit the workspace has to read the same, byte for byte, with
 * every mode, owner, mtime and xattr; after the undo it has to read as before, and the branch has to make the
 * same changeset again.
 */
#include "lib/commit.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct row {
	const char *name, *base, *script;
};

enum {
	TEXT_MAX = 16 << 20,
	SCRIPT_MAX = 1 << 16,
};

/* Runs this program again inside the namespaces to describe what is seen there. */
static void run_and_describe(const char *script, struct buf *view)
{
	char self[256], *text = malloc(SCRIPT_MAX), path[256];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	FILE *file;
	int n;

	CHECK(text && len > 0);
	self[len] = '\0';
	n = snprintf(text, SCRIPT_MAX, "%s\ncd \"$PWD\"; %s --describe . >../view", script, self);
	CHECK(n > 0 && n < SCRIPT_MAX);
	branch_run_live(text);
	free(text);
	snprintf(path, sizeof(path), "%s/view", test_dir());
	file = fopen(path, "r");
	CHECK(file);
	for (char line[8192]; fgets(line, sizeof(line), file);)
		CHECK_INT(buf_append_str(view, line), 0);
	fclose(file);
}

static void check_same(const char *name, const char *what, const char *got, const char *wanted)
{
	if (strcmp(got, wanted))
		test_fail(__FILE__, __LINE__, "%s: %s:%s", name, what,
			tree_text_first_difference(got, wanted));
}

static void run_row(const struct row *row)
{
	scoped(buf) struct buf before = BUF_INIT(TEXT_MAX), view = BUF_INIT(TEXT_MAX),
		after = BUF_INIT(TEXT_MAX);
	scoped(buf) struct buf undone = BUF_INIT(TEXT_MAX), changes = BUF_INIT(TEXT_MAX),
		again = BUF_INIT(TEXT_MAX);
	const unsigned flags = TREE_TEXT_NO_LINKS;
	struct commit_bench *bench = bench_open();
	int r;

	branch_run("base", row->base);
	/* as a branch is made: its root looks like the base's */
	branch_run("upper", "touch -r ../base .");
	bench_text(&before, "base", TREE_TEXT_ALL);
	run_and_describe(row->script, &view);
	bench_diff(bench);
	branch_describe(&changes, &bench->changeset);
	r = bench_apply(bench, 1);
	if (r < 0)
		test_fail(__FILE__, __LINE__, "%s: %s", row->name, bench->err.text);
	check_same(row->name, "after the commit", bench_text(&after, "base", flags), buf_text(&view));
	r = bench->changeset.count ? bench_undo(bench, 1) : 0;
	if (r < 0)
		test_fail(__FILE__, __LINE__, "%s: undo: %s", row->name, bench->err.text);
	check_same(row->name, "after the undo", bench_text(&undone, "base", TREE_TEXT_ALL),
		buf_text(&before));
	bench_diff(bench);
	check_same(row->name, "the branch after the undo", branch_describe(&again, &bench->changeset),
		buf_text(&changes));
	bench_free(bench);
}

#define ROW(name, base, script) TEST(name) { run_row(&(const struct row){ #name, base, script }); }

#define AGES_AGO "find . -exec touch -hd '2020-02-03 04:05:06.789' {} +;"

ROW(nothing, "echo a >a", ":")
ROW(written, "echo a >a; mkdir d; echo b >d/b;" AGES_AGO, "echo bb >a; echo c >>d/b")
ROW(added_files, "mkdir d;" AGES_AGO, "echo n >n; echo m >d/m; ln -s n l; mkfifo p; : >e")
ROW(added_trees, "mkdir d;" AGES_AGO,
	"mkdir -p d/x/y/z; echo 1 >d/x/1; echo 2 >d/x/y/2; mkdir d/x-y; echo 3 >d/x-y/3;"
	"ln -s ../../up d/x/y/z/l; chmod 500 d/x/y; chmod 2750 d/x")
ROW(deleted, "echo a >a; ln -s a l; mkdir -p d/e/f; echo x >d/e/f/x; echo y >d/y;" AGES_AGO,
	"rm a l d/y; rm -r d/e")
ROW(deleted_unwritable, "mkdir -p d/e; echo x >d/e/x; chmod 555 d/e;" AGES_AGO, "chmod 755 d/e; rm -r d/e")
ROW(modes, "echo a >a; mkdir d; echo x >d/x;" AGES_AGO, "chmod 755 a; chmod 500 d; chmod 1777 .")
ROW(shut_out, "echo a >a; mkdir d; echo x >d/x;" AGES_AGO,
	"echo b >b; chmod 0 a b; echo y >d/y; echo xx >d/x; chmod 0 d;"
	"mkdir n; echo z >n/z; chmod 0 n/z; chmod 300 n")
ROW(opened_up, "mkdir d; echo x >d/x; chmod 555 d;" AGES_AGO, "chmod 755 d; echo y >d/y; rm d/x")
ROW(shut_again, "mkdir d; echo x >d/x; chmod 555 d;" AGES_AGO,
	"chmod 755 d; echo y >d/y; rm d/x; chmod 555 d")
ROW(times, "echo a >a; echo b >b;" AGES_AGO, "touch -d '1955-01-02 03:04:05.000000006' a; touch b")
ROW(types, "echo a >a; ln -s a l; mkdir d; echo x >d/x; mkfifo p; echo b >b;" AGES_AGO,
	"rm a; mkdir a; echo n >a/n; rm l; echo l >l; rm -r d; ln -s l d; rm p; mkdir p; rm b; mkfifo b")
ROW(directory_replaced, "mkdir -p d/sub; echo a >d/a; echo b >d/b; echo s >d/sub/s;" AGES_AGO,
	"cp -p d/b keep; rm -r d; mkdir d; mv keep d/b; echo new >d/new; echo A >d/a; mkdir d/deep;"
	"echo q >d/deep/q; touch -d '2020-02-03 04:05:06.789' .")
ROW(moved, "echo content >a; mkdir d; echo other >b;" AGES_AGO, "mv a d/b; mv b a")
ROW(moved_tree, "mkdir -p d/e; echo x >d/e/x; echo y >d/y;" AGES_AGO, "cp -a d n; rm -r d")
ROW(links, "echo a >a; mkdir d;" AGES_AGO,
	"ln a b; ln a d/c; echo n >n; ln n d/m; mkdir x; ln n x/o; echo z >x/z; ln x/z x/zz")
ROW(links_of_the_base, "echo a >a; ln a b; ln a c; echo x >x; ln x y;" AGES_AGO,
	"echo more >>a; rm x; ln c d")
ROW(xattrs,
	"echo a >a; setfattr -n user.k -v old a; mkdir d; setfattr -n user.d -v old d;"
	"setfattr -n user.gone -v x d;" AGES_AGO,
	"setfattr -n user.k -v new a; setfattr -n user.d -v 1 d; setfattr -x user.gone d;"
	"echo n >n; setfattr -n user.n -v '' n;"
	"mkdir m; setfattr -n user.m -v m m; chmod 444 n")
ROW(acls, "echo a >a; mkdir d;" AGES_AGO,
	"setfacl -m u:$(id -u):r a; setfacl -d -m u:$(id -u):rwx d; mkdir d/e; echo x >d/e/x")
ROW(forged, "mkdir d; echo x >d/x;" AGES_AGO,
	"echo n >n; setfattr -n user.overlay.metacopy -v y n; mkdir o;"
	"setfattr -n user.overlay.opaque -v y o; echo q >o/q; echo w >.wh.x; echo w >.wh..wh..opq")
ROW(read_only_files, "echo a >a; chmod 444 a; mkdir g; echo o >g/o; chmod 444 g/o; chmod 555 g;" AGES_AGO,
	"chmod 644 a; echo b >>a; chmod 444 a; chmod 755 g; chmod 644 g/o; echo p >>g/o; chmod 444 g/o;"
	"chmod 555 g")
ROW(sparse, "truncate -s 1M s;" AGES_AGO,
	"truncate -s 3M s; printf x | dd of=s bs=1 seek=2000000 conv=notrunc status=none;"
	"truncate -s 2M t")
ROW(names, ": >plain;" AGES_AGO,
	"n=$(printf '%0255d' 0); echo l >$n; echo x >\"$(printf 'a\\377b')\"; echo y >' sp ace\"\\'; "
	"echo z >'new\nline'; mkdir \"$(printf 'd\\301')\"; echo w >\"$(printf 'd\\301')/w\"")
ROW(deep, "mkdir top;" AGES_AGO,
	"d=top; i=0; while [ $i -lt 120 ]; do d=$d/dir$i; i=$((i+1)); done; mkdir -p $d; echo x >$d/x")
ROW(order, "mkdir a;" AGES_AGO,
	"mkdir a/b; echo 1 >a/b/x; echo 2 >a/b-; echo 3 >a/b.c; mkdir a/b0; echo 4 >a/b0/y; mkdir a/b-d; "
	"echo 5 >a/b-d/z; mkdir a/b/b; mkdir a/b/b-; echo 6 >a/b/b/q")
ROW(sockets, ":;" AGES_AGO, "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"s\")'")
ROW(git,
	"git init -q .; git config user.name t; git config user.email t@t; echo a >a; git add a;"
	"git commit -qm one;" AGES_AGO,
	"echo b >b; git add b; git commit -qm two; git checkout -qb side; echo c >>a; git commit -qam three;"
	"git gc -q")

int main(int argc, char **argv)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);

	if (argc != 3 || strcmp(argv[1], "--describe"))
		return test_main(argc, argv);
	fputs(tree_text(&text, argv[2], TREE_TEXT_NO_LINKS), stdout);
	return fflush(stdout) ? 1 : 0;
}
