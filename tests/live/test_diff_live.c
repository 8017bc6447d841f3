// SPDX-License-Identifier: Apache-2.0
/*
 * test_diff_live.c - what real programs do on a real overlay, and what the diff says they did
 *
 * Each row: a script that fills the base, one that works in the merged view, and every change that has to
 * come out, no more and no less. The kernel writes the upper layer, so these rows hold the diff to the
 * kernel's format and not to our idea of it.
 */
#include "lib/branch.h"

#include <stdio.h>

struct row {
	const char *name, *base, *script, *wanted;
};

static void run_row(const struct row *row)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	scoped(buf) struct buf text = BUF_INIT(1 << 20);
	const struct overlay_diff_options options = branch_options();
	struct branch branch = branch_open();
	struct changeset changeset;

	branch_run("base", row->base);
	branch_run_live(row->script);
	changeset = branch_diff(&arena, &branch, &options);
	branch_close(&branch);
	if (strcmp(branch_describe(&text, &changeset), row->wanted))
		test_fail(__FILE__, __LINE__, "%s: got\n%s# wanted\n%s", row->name, buf_text(&text),
			row->wanted);
}

#define ROW(name, base, script, wanted) \
	TEST(name) { run_row(&(const struct row){ #name, base, script, wanted }); }

/* ---- no change ---- */

ROW(nothing, "echo a >a; mkdir d", "cat a; ls d", "")
ROW(opened_for_writing_and_left_alone, "echo a >a", ": >>a; exec 3<>a", "")
ROW(chmod_there_and_back, "echo a >a; mkdir d", "chmod 600 a; chmod 644 a; chmod 700 d; chmod 755 d", "")
ROW(made_and_removed_again, "mkdir d", "echo x >x; echo y >d/y; mkdir d/e; rm -r x d/y d/e", "")
ROW(removed_and_restored_with_its_time, "echo a >a", "cp -p a b; rm a; mv b a", "")
ROW(directory_removed_and_made_again, "mkdir -p d/e; echo a >d/e/a; echo b >d/b",
	"cp -a d save; rm -r d; cp -a save d; rm -r save", "")
ROW(linked_files_copied_up_alone, "echo a >a; ln a b", ": >>a; : >>b", "")
ROW(linked_files_linked_again, "echo a >a; ln a b", "cp -p a c; rm a b; mv c a; ln a b", "")
ROW(directory_time_alone, "mkdir d", "touch -d 2001-01-01 d; touch d/x; rm d/x", "")
ROW(link_made_anew, "ln -s a l", "rm l; ln -s a l", "")
ROW(fifo_made_anew, "mkfifo f", "rm f; mkfifo f", "")

/* ---- content ---- */

ROW(written, "echo a >a", "echo bb >a", "modified a: file 0644 2 => file 0644 3\n")
ROW(appended, "echo a >a", "echo b >>a", "modified a: file 0644 2 => file 0644 4\n")
ROW(truncated, "echo a >a", "truncate -s 0 a", "modified a: file 0644 2 => file 0644 0\n")
ROW(same_size, "echo a >a; touch -d 2001-01-01 a", "echo b >a; touch -d 2001-01-01 a",
	"modified a: file 0644 2 => file 0644 2\n")
ROW(replaced_by_rename, "echo a >a", "echo bb >b; mv b a", "modified a: file 0644 2 => file 0644 3\n")
ROW(mode_and_content, "echo a >a", "echo bb >a; chmod 755 a", "modified a: file 0644 2 => file 0755 3\n")
ROW(binary, "echo a >a; printf 'x\\0y' >b", "printf '\\0' >a; echo text >b",
	"modified a: file 0644 2 => file 0644 1 {binary}\n"
	"modified b: file 0644 3 => file 0644 5 {binary}\n")
ROW(sparse, ":",
	"truncate -s 1M a; printf x | dd of=a bs=1 seek=524288 conv=notrunc status=none; truncate -s 4096 b",
	"added a: file 0644 1048576 {sparse binary}\nadded b: file 0644 4096 {sparse binary}\n")
ROW(target, "ln -s a l", "ln -sfn b l", "modified l: link -> a => link -> b\n")

/* ---- metadata ---- */

ROW(mode, "echo a >a; mkdir d", "mkdir n; chmod 750 n; chmod 755 a; chmod 1777 d; chmod 2755 .",
	"metadata .: dir 0755 => dir 2755\n"
	"metadata a: file 0644 2 => file 0755 2\n"
	"metadata d: dir 0755 => dir 1777\n"
	"added n: dir 0750\n")
ROW(touched, "echo a >a; touch -d 2001-01-01 a", "touch a", "metadata a: file 0644 2 => file 0644 2 mtime\n")
ROW(touched_before_the_epoch, "echo a >a", "touch -d '1950-01-01 00:00:00.5 UTC' a",
	"metadata a: file 0644 2 => file 0644 2 mtime\n")
ROW(shut_out, "echo a >a; mkdir d; echo x >d/x; echo y >d/y",
	"echo new >n; chmod 0 a n; echo z >>d/x; chmod 0 d",
	"metadata a: file 0644 2 => file 0000 2\n"
	"metadata d: dir 0755 => dir 0000\n"
	"modified d/x: file 0644 2 => file 0644 4\n"
	"added n: file 0000 4\n")
ROW(xattrs, "echo a >a; setfattr -n user.k -v old a; mkdir d; setfattr -n user.same -v s a",
	"setfattr -n user.k -v new a; setfattr -n user.d -v 1 d; echo n >n; setfattr -n user.n -v '' n",
	"metadata a: file 0644 2 user.k=old user.same=s => file 0644 2 user.k=new user.same=s {xattrs}\n"
	"metadata d: dir 0755 => dir 0755 user.d=1 {xattrs}\n"
	"added n: file 0644 2 user.n= {xattrs}\n")
ROW(xattr_removed, "echo a >a; setfattr -n user.k -v old a", "setfattr -x user.k a",
	"metadata a: file 0644 2 user.k=old => file 0644 2 {xattrs}\n")
ROW(acl, "echo a >a; mkdir d",
	"setfacl -m u:$(id -u):r a; setfacl -d -m u:$(id -u):rwx d; mkdir d/e",
	"metadata a: file 0644 2 => file 0644 2 system.posix_acl_access {xattrs acl}\n"
	"metadata d: dir 0755 => dir 0755 system.posix_acl_default {xattrs acl}\n"
	"added d/e: dir 0775 system.posix_acl_access system.posix_acl_default {xattrs acl}\n")

/* ---- coming and going ---- */

ROW(added, ":", "echo a >a; mkdir -p d/e; echo x >d/e/x; ln -s ../up l; mkfifo p; : >empty",
	"added a: file 0644 2\n"
	"added d: dir 0755\n"
	"added d/e: dir 0755\n"
	"added d/e/x: file 0644 2\n"
	"added empty: file 0644 0\n"
	"added l: link -> ../up\n"
	"added p: fifo 0644\n")
ROW(socket, ":", "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"s\")'",
	"added s: socket 0755\n")
ROW(deleted, "echo a >a; ln -s x l; mkfifo p; mkdir d; echo x >d/x; mkdir -p t/u; echo y >t/u/y",
	"rm a l p d/x; rm -r t",
	"deleted a: file 0644 2\n"
	"deleted d/x: file 0644 2\n"
	"deleted l: link -> x\n"
	"deleted p: fifo 0644\n"
	"deleted t: dir 0755 +2 {tree}\n")
ROW(types, "echo a >a; ln -s a l; mkdir d; echo x >d/x; mkfifo p; echo b >b",
	"rm a; mkdir a; echo n >a/n; rm l; echo l >l; rm -r d; ln -s l d; rm p; mkdir p; rm b; mkfifo b",
	"type a: file 0644 2 => dir 0755\n"
	"added a/n: file 0644 2\n"
	"type b: file 0644 2 => fifo 0644\n"
	"type d: dir 0755 => link -> l +1 {tree}\n"
	"type l: link -> a => file 0644 2\n"
	"type p: fifo 0644 => dir 0755\n")
ROW(directory_replaced, "mkdir -p d/sub; echo a >d/a; echo b >d/b; echo s >d/sub/s",
	"cp -p d/b keep; rm -r d; mkdir d; mv keep d/b; echo new >d/new; echo A >d/a",
	"modified d/a: file 0644 2 => file 0644 2\n"
	"added d/new: file 0644 4\n"
	"deleted d/sub: dir 0755 +1 {tree}\n")
ROW(directory_by_mkdir_over_a_file_below, "mkdir -p d; echo a >d/a",
	"rm d/a; mkdir d/a; rmdir d/a; echo z >d/a", "modified d/a: file 0644 2 => file 0644 2\n")

/* ---- moves ---- */

ROW(moved, "echo content >a; mkdir d", "mv a d/b",
	"deleted a: file 0644 8 {moved}\n"
	"renamed d/b from a: file 0644 8 => file 0644 8\n")
ROW(moved_and_made_executable, "echo content >a", "mv a b; chmod 755 b",
	"deleted a: file 0644 8 {moved}\n"
	"renamed b from a: file 0644 8 => file 0755 8\n")
ROW(moved_over_another, "echo content >a; echo other >b", "mv a b",
	"deleted a: file 0644 8\n"
	"modified b: file 0644 6 => file 0644 8\n")
ROW(moved_and_edited, "echo content >a", "mv a b; echo more >>b",
	"deleted a: file 0644 8\n"
	"added b: file 0644 13\n")
ROW(directory_moved, "mkdir -p d/e; echo one >d/1; echo two >d/e/2; echo one >d/e/1; : >d/empty", "mv d n",
	"deleted d: dir 0755 +5 {tree}\n"
	"added n: dir 0755\n"
	"renamed n/1 from d/1: file 0644 4 => file 0644 4\n"
	"added n/e: dir 0755\n"
	"renamed n/e/1 from d/e/1: file 0644 4 => file 0644 4\n"
	"renamed n/e/2 from d/e/2: file 0644 4 => file 0644 4\n"
	"added n/empty: file 0644 0\n")
ROW(copied_is_not_moved, "echo content >a", "cp a b", "added b: file 0644 8\n")
ROW(copied_twice_and_removed, "echo content >a", "cp a b; cp a c; rm a",
	"deleted a: file 0644 8 {moved}\n"
	"renamed b from a: file 0644 8 => file 0644 8\n"
	"added c: file 0644 8\n")
ROW(new_directory_moved_over_a_deleted_one, "mkdir d; echo a >d/a; echo b >d/b",
	"mkdir n; echo x >n/x; cp -p d/b n/b; rm -r d; mv n d",
	"deleted d/a: file 0644 2\n"
	"added d/x: file 0644 2\n")

/* ---- hard links ---- */

ROW(linked, "echo a >a", "ln a b",
	"metadata a: file 0644 2 => file 0644 2 links 1\n"
	"added b: file 0644 2 links 1\n")
ROW(linked_new, ":", "echo a >a; ln a b; mkdir d; ln a d/c; echo x >x; ln x y",
	"added a: file 0644 2 links 1\n"
	"added b: file 0644 2 links 1\n"
	"added d: dir 0755\n"
	"added d/c: file 0644 2 links 1\n"
	"added x: file 0644 2 links 2\n"
	"added y: file 0644 2 links 2\n")
ROW(linked_over_another, "echo a >a; echo b >b", "ln -f a b",
	"metadata a: file 0644 2 => file 0644 2 links 1\n"
	"modified b: file 0644 2 => file 0644 2 links 1\n")
ROW(linked_symbolic_link, "ln -s t l", "ln -P l m",
	"metadata l: link -> t => link -> t links 1\n"
	"added m: link -> t links 1\n")
ROW(one_of_two_links_written, "echo a >a; ln a b", "echo more >>a",
	"modified a: file 0644 2 => file 0644 7\n")
ROW(linked_and_removed, ":", "echo a >a; ln a b; rm a", "added b: file 0644 2\n")

/* ---- what only looks special ---- */

ROW(whiteout_names, "echo a >a; echo x >.wh.a", "echo n >.wh.n; echo o >.wh..wh..opq; echo y >.wh.a",
	"added .wh..wh..opq: file 0644 2\n"
	"modified .wh.a: file 0644 2 => file 0644 2\n"
	"added .wh.n: file 0644 2\n")
ROW(forged_marks, "echo a >a; mkdir d e; echo x >d/x; : >w; mkdir r",
	"setfattr -n user.overlay.opaque -v y d; setfattr -n user.overlay.whiteout -v y w;"
	"setfattr -n user.overlay.opaque -v x e; setfattr -n user.overlay.metacopy -v '' a;"
	"setfattr -n user.overlay.redirect -v /etc r; setfattr -n user.overlay.overlay.opaque -v y r",
	"metadata a: file 0644 2 => file 0644 2 user.overlay.metacopy= {xattrs}\n"
	"metadata d: dir 0755 => dir 0755 user.overlay.opaque=y {xattrs}\n"
	"metadata e: dir 0755 => dir 0755 user.overlay.opaque=x {xattrs}\n"
	"metadata r: dir 0755 => dir 0755 user.overlay.overlay.opaque=y user.overlay.redirect=/etc {xattrs}\n"
	"metadata w: file 0644 0 => file 0644 0 user.overlay.whiteout=y {xattrs}\n")
ROW(device_nodes_cannot_be_made, ":", "! mknod w c 0 0 2>/dev/null; ! mknod n c 1 3 2>/dev/null", "")
ROW(marks_in_the_base_are_not_the_agents, "echo a >a; setfattr -n user.overlay.opaque -v y .", "echo b >>a",
	"modified a: file 0644 2 => file 0644 4\n")

/* ---- names ---- */

#define N85 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"

ROW(names, ":",
	"touch -- \"$(printf 'caf\\351')\" \"$(printf 'new\\nline')\" \"$(printf '\\303\\251')\";"
	"touch -- ' ' '-rf' 'a\\b' '\"q\"';"
	"touch \"$(printf 'n%.0s' $(seq 255))\"; mkdir a; touch a/b a.b a-b",
	"added  : file 0644 0\n"
	"added \"q\": file 0644 0\n"
	"added -rf: file 0644 0\n"
	"added a: dir 0755\n"
	"added a-b: file 0644 0\n"
	"added a.b: file 0644 0\n"
	"added a/b: file 0644 0\n"
	"added a\\\\b: file 0644 0\n"
	"added caf\\xE9: file 0644 0\n"
	"added new\\nline: file 0644 0\n"
	"added " N85 N85 N85 ": file 0644 0\n"
	"added \xc3\xa9: file 0644 0\n")

TEST(two_thousand_levels)
{
	scoped(arena) struct arena arena = ARENA_INIT(256 << 20);
	const struct overlay_diff_options options = branch_options();
	struct branch branch = branch_open();
	struct changeset changeset;

	branch_run("base", "python3 -c 'import os\nfor i in range(2000): os.mkdir(\"d\"); os.chdir(\"d\")'");
	branch_run_live(
		"python3 -c 'import os\nfor i in range(2000): os.chdir(\"d\")\n"
		"open(\"x\", \"w\").write(\"deep\")'");
	changeset = branch_diff(&arena, &branch, &options);
	CHECK_INT(changeset.count, 1);
	CHECK_INT(changeset.changes[0].path.len, 4001);
	branch_run_live("rm -r d");
	changeset = branch_diff(&arena, &branch, &options);
	CHECK_INT(changeset.count, 1);
	CHECK_INT(changeset.changes[0].old_count, 1999);
	branch_close(&branch);
}

TEST_MAIN()
