// SPDX-License-Identifier: Apache-2.0
/*
 * test_differ.c - what cordon-differ shows of real branches
 *
 * Patches are not compared with expected text but given to git: applied to a copy of the base they have to
 * make exactly the branch's tree, as far as git knows trees. What people see is compared as text.
 */
#include "lib/differ.h"

#include <stdio.h>

static struct branch make(const char *base, const char *script)
{
	struct branch branch = branch_open();

	branch_run("base", base);
	branch_run_live(script);
	return branch;
}

/* ---- patches, judged by git ---- */

static void expect_tree(const char *copy)
{
	char script[256];

	branch_run_live("mkdir ../tree; cp -a . ../tree");
	snprintf(script, sizeof(script),
		"git diff --no-index --no-ext-diff --exit-code %s tree >differences ||"
		" { cat differences; exit 1; }",
		copy);
	branch_run(".", script);
}

static void round_trip(const char *base, const char *script, const char *says)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	struct differ_request request = differ_request_of(DIFFER_PATCH);
	struct branch branch = make(base, script);
	const struct overlay_diff_options options = branch_options();
	struct differ_shown shown;

	request.raw = true;
	request.changeset = branch_diff(&arena, &branch, &options);
	shown = differ_show(&branch, &request);
	branch_close(&branch);
	if (shown.status)
		test_fail(__FILE__, __LINE__, "status %d: %s", shown.status, shown.err);
	if (!strstr(shown.err, says) || (!*says && *shown.err))
		test_fail(__FILE__, __LINE__, "said \"%s\", wanted \"%s\"", shown.err, says);
	/* An empty patch is none to git. */
	branch_run(".", "cp -a base copy; cd copy; [ ! -s ../out ] || git apply --whitespace=nowarn ../out");
	expect_tree("copy");
	differ_shown_free(&shown);
}

#define ROUND_TRIP(name, base, script, says) \
	TEST(name) { round_trip(base, script, says); }

ROUND_TRIP(nothing, "echo a >a", ": >>a", "")
ROUND_TRIP(text, "seq 100 >a; seq 10 >b", "sed -i 's/^50$/fifty/; 1d; $a end' a; seq 5 15 >b; seq 3 >c", "")
ROUND_TRIP(no_newline_at_the_end, "printf 'a\\nb' >a; printf 'a\\nb\\n' >b; printf 'a\\nb' >c; printf x >d",
	"printf 'a\\nc' >a; printf 'a\\nb' >b; printf 'a\\nb\\n' >c; rm d; printf y >e", "")
ROUND_TRIP(carriage_returns_and_odd_lines, "printf 'a\\r\\nb\\r\\n-- \\n' >a; printf '@@ -1 +1 @@\\n' >b",
	"printf 'a\\r\\nc\\n--- a/x\\n+++ b/x\\n' >a; printf 'diff --git a/b b/b\\n' >b; printf '\\r' >c;"
	"printf '\\n' >d",
	"")
ROUND_TRIP(empty_files, ": >a; echo b >b; : >c", "echo a >a; : >b; rm c; : >d", "")
ROUND_TRIP(executable, "echo a >a; echo b >b; chmod 755 b; echo c >c",
	"chmod 755 a; chmod 644 b; echo C >c; chmod 755 c", "no words for")
ROUND_TRIP(links, "ln -s a l; ln -s b m; echo x >x; ln -s y y",
	"ln -sfn c l; rm m; ln -s d n; rm x; ln -s x x; rm y; echo y >y", "")
ROUND_TRIP(binary, "head -c 5000 /dev/urandom >a; printf 'x\\0y' >b; echo text >c; head -c 100 /dev/zero >d",
	"head -c 6000 /dev/urandom >a; rm b; printf '\\0' >c; printf 'n\\0n' >n; printf 'text now\\n' >d;"
	"cp a e",
	"")
ROUND_TRIP(binary_behind_a_long_text, "seq 5000 >a", "printf 'a\\0b\\n' >>a; (seq 3000; printf '\\0') >b", "")
ROUND_TRIP(moved, "seq 10 >a; mkdir d; seq 20 >d/b; echo 1 >c",
	"mkdir n; mv a n/a; mv d/b b; mv c n; chmod 755 n/c", "")
ROUND_TRIP(directory_moved,
	"mkdir -p d/e; seq 3 >d/1; seq 4 >d/e/2; ln -s 1 d/l; printf 'a\\0' >d/bin; : >d/empty",
	"mv d n; echo more >>n/1", "")
ROUND_TRIP(directory_removed,
	"mkdir -p d/e/f; seq 3 >d/1; ln -s x d/e/l; printf '\\0' >d/e/f/b; : >d/e/z; echo k >k", "rm -r d",
	"")
ROUND_TRIP(types, "mkdir -p d/e; echo x >d/x; echo y >d/e/y; echo f >f; ln -s nowhere l; echo g >g",
	"rm -r d; echo file >d; rm f; mkdir f; echo in >f/in; rm l; mkdir l; echo z >l/z; rm g; ln -s d g",
	"")
ROUND_TRIP(names,
	"echo 1 >'a b'; echo 2 >\"$(printf 'n\\nl')\"; echo 3 >\"$(printf 'caf\\351')\"; echo 4 >'q\"q';"
	"mkdir 'd d'",
	"echo 5 >>'a b'; rm \"$(printf 'n\\nl')\";"
	"mv \"$(printf 'caf\\351')\" \"$(printf 'd d/\\303\\251\\342\\200\\256x')\";"
	"echo 6 >'q\"q'; echo 7 >'b\\s'; echo 8 >\"$(printf 't\\tt')\"; echo 9 >' '; echo 10 >'trailing ';"
	"echo 11 >'-rf'",
	"")
ROUND_TRIP(what_has_no_words, "echo a >a; echo b >b; touch -d 2001-01-01 b; mkdir d; echo x >d/x",
	"setfattr -n user.k -v v a; touch b; mkdir e; rm d/x; ln a c; mkfifo f; chmod 700 d; rm f",
	"no words for")
ROUND_TRIP(shut_out, "echo a >a; mkdir d; echo x >d/x",
	"echo b >a; chmod 0 a; echo y >d/x; echo z >d/z; chmod 0 d/z d; chmod 700 d;"
	"chmod 644 a d/z; chmod 755 d",
	"")
ROUND_TRIP(hard_links, "seq 5 >a", "ln a b; ln a c; seq 6 >n; ln n m", "no words for")
ROUND_TRIP(replaced_by_the_same, "mkdir d; seq 9 >d/a; seq 8 >d/b", "cp -a d e; rm -r d; mv e d; rm d/b", "")
ROUND_TRIP(large, "seq 200000 >a", "seq 1 2 400000 >a; seq 100000 >b", "")

/* Modes that shut us out are opened up, and put back. */
TEST(patch_of_what_shuts_us_out)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct differ_request request = differ_request_of(DIFFER_PATCH);
	struct branch branch = make("echo a >a; mkdir d; echo x >d/x",
		"echo b >a; chmod 0 a; echo y >d/x; chmod 0 d/x d");
	const struct overlay_diff_options options = branch_options();
	struct differ_shown shown;

	request.changeset = branch_diff(&arena, &branch, &options);
	for (int i = 0; i < 2; i++) {
		shown = differ_show(&branch, &request);
		CHECK_INT(shown.status, 0);
		CHECK(strstr(shown.out, "-a\n+b\n") && strstr(shown.out, "-x\n+y\n"));
		differ_shown_free(&shown);
	}
	branch_run("upper",
		"[ $(stat -c %a a) = 0 ]; [ $(stat -c %a d) = 0 ]; chmod 700 d; [ $(stat -c %a d/x) = 0 ]");
	branch_close(&branch);
}

/* ---- what people see ---- */

struct view {
	const char *base, *script, *wanted;
	struct differ_request request;
};

static void expect_view(struct view view)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	struct branch branch = make(view.base, view.script);
	const struct overlay_diff_options options = branch_options();
	struct differ_shown shown;

	view.request.changeset = branch_diff(&arena, &branch, &options);
	shown = differ_show(&branch, &view.request);
	branch_close(&branch);
	if (shown.status || *shown.err)
		test_fail(__FILE__, __LINE__, "status %d: %s", shown.status, shown.err);
	if (strcmp(shown.out, view.wanted))
		test_fail(__FILE__, __LINE__, "got\n%s# wanted\n%s", shown.out, view.wanted);
	differ_shown_free(&shown);
}

TEST(unified)
{
	expect_view((struct view){
		"printf 'one\\ntwo\\n' >a; mkdir -p t/u; echo x >t/x; echo s >s; touch -d 2001-01-01 s;"
		"echo m >m",
		"printf 'one\\n2\\n' >a; rm -r t; touch -d '2002-01-01 UTC' s; mkfifo f; mkdir d;"
		"chmod 600 m;"
		"setfattr -n user.k -v \"$(printf 'v\\033')\" m; printf '\\0' >b",
		"diff --git a/a b/a\n"
		"index 814f4a4229..99b356dcd0 100644\n"
		"--- a/a\n"
		"+++ b/a\n"
		"@@ -1,2 +1,2 @@\n"
		" one\n"
		"-two\n"
		"+2\n"
		"diff --git a/b b/b\n"
		"new file mode 100644\n"
		"index 0000000000..f76dd238ad\n"
		"# binary: nothing -> 1 byte\n"
		"# d: new directory, mode 0755\n"
		"# f: new fifo, mode 0644\n"
		"# m: mode 0644 -> 0600\n"
		"# m: attribute user.k: none -> \"v\\x1B\"\n"
		"# s: modified 2001-01-01T00:00:00.000000Z -> 2002-01-01T00:00:00.000000Z\n"
		"# t: removed directory, mode 0755, with 2 entries\n",
		differ_request_of(DIFFER_UNIFIED),
	});
}

TEST(terminals_are_not_spoken_to)
{
	expect_view((struct view){
		"echo a >a",
		"printf 'x\\033[2Jy\\tz\\302\\233\\342\\200\\256\\351\\r\\n' >a;"
		"echo n >\"$(printf 'e\\033[m')\"",
		"diff --git a/a b/a\n"
		"index 7898192261..521a52847e 100644\n"
		"--- a/a\n"
		"+++ b/a\n"
		"@@ -1 +1 @@\n"
		"-a\n"
		"+x\\x1B[2Jy\tz\\u{9B}\\u{202E}\\xE9\\x0D\n"
		"diff --git \"a/e\\033[m\" \"b/e\\033[m\"\n"
		"new file mode 100644\n"
		"index 0000000000..8ba3a16384\n"
		"--- /dev/null\n"
		"+++ \"b/e\\033[m\"\n"
		"@@ -0,0 +1 @@\n"
		"+n\n",
		differ_request_of(DIFFER_UNIFIED),
	});
}

TEST(colours)
{
	struct view view = {
		"echo a >a", "echo b >a; chmod 600 a",
		"\033[33m# a: mode 0644 -> 0600\033[m\n"
		"\033[1mdiff --git a/a b/a\n\033[m"
		"\033[1mindex 7898192261..6178079822 100644\n\033[m"
		"\033[1m--- a/a\n+++ b/a\n\033[m"
		"\033[36m@@ -1 +1 @@\033[m\n"
		"\033[31m-a\033[m\n"
		"\033[32m+b\033[m\n",
		differ_request_of(DIFFER_UNIFIED),
	};

	view.request.colour = true;
	expect_view(view);
}

TEST(stat)
{
	expect_view((struct view){
		"seq 100 >many; echo b >b; mkdir -p t/u; seq 4 >moved; echo x >x; ln -s a l;"
		"printf '\\0' >bin",
		"seq 101 200 >many; echo B >>b; rm -r t; mv moved n; chmod 755 x; rm l; mkdir l;"
		"printf '\\0\\0' >bin; mkfifo f;"
		"mkdir -p a/very/long/path/that/goes/on/and/on/and/on/and/on/and/on/and/on/and/on; mkdir d",
		" ...th/that/goes/on/and/on/and/on/and/on/and/on/and/on/and/on/ | new directory\n"
		" b                                                             |   1 +\n"
		" bin                                                           | binary, 1 -> 2 bytes\n"
		" d/                                                            | new directory\n"
		" f                                                             | new fifo\n"
		" l/                                                            | symlink -> directory\n"
		" many                                                          | 200 +++++-----\n"
		" moved => n                                                    | moved\n"
		" t/                                                            | removed, with 1 entries\n"
		" x                                                             | mode 0644 -> 0755\n"
		" 10 files changed, 101 insertions(+), 100 deletions(-)\n",
		differ_request_of(DIFFER_STAT),
	});
}

TEST_MAIN()
