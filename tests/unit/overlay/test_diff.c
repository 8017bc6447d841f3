// SPDX-License-Identifier: Apache-2.0
/*
 * test_diff.c - upper layers made by hand: forms of the format that our own mounts do not write, limits,
 * owners, races
 *
 * What the kernel writes when programs work is in tests/live/test_diff_live.c. Here a script puts into upper
 * what overlayfs could have written (a whiteout may be made by anybody outside an overlay), or what it never
 * would.
 */
#include "kern/kern.h"
#include "lib/branch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

struct row {
	const char *base, *upper, *wanted;
	struct overlay_diff_options options;
};

static void run_row(const struct row *row)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	scoped(buf) struct buf text = BUF_INIT(1 << 20);
	struct branch branch = branch_open();
	struct changeset changeset;

	branch_run("base", row->base);
	branch_run("upper", row->upper);
	changeset = branch_diff(&arena, &branch, &row->options);
	branch_close(&branch);
	if (strcmp(branch_describe(&text, &changeset), row->wanted))
		test_fail(__FILE__, __LINE__, "got\n%s# wanted\n%s", buf_text(&text), row->wanted);
}

#define ROW(name, base, upper, wanted) \
	TEST(name) { run_row(&(const struct row){ base, upper, wanted, branch_options() }); }

/* ---- whiteouts and opaque directories ---- */

ROW(whiteout, "echo a >a; mkdir d; echo b >d/b", "mknod a c 0 0; mknod d c 0 0",
	"deleted a: file 0644 2\ndeleted d: dir 0755 +1 {tree}\n")
ROW(whiteout_of_nothing, ":", "mknod a c 0 0; mkdir d; mknod d/x c 0 0", "added d: dir 0755\n")
ROW(whiteout_as_attribute, "echo a >a; mkdir d; echo b >d/b; echo c >d/c",
	"setfattr -n user.overlay.opaque -v x .; : >a; setfattr -n user.overlay.whiteout -v y a;"
	"mkdir d; setfattr -n user.overlay.opaque -v x d; : >d/b;"
	"setfattr -n user.overlay.whiteout -v '' d/b",
	"deleted a: file 0644 2\ndeleted d/b: file 0644 2\n")
ROW(whiteout_attribute_in_an_unmarked_directory, "echo a >a",
	": >a; setfattr -n user.overlay.whiteout -v y a", "modified a: file 0644 2 => file 0644 0\n")
ROW(whiteout_attribute_on_a_file_with_content, "echo a >a",
	"setfattr -n user.overlay.opaque -v x .; echo n >a; setfattr -n user.overlay.whiteout -v y a",
	"modified a: file 0644 2 => file 0644 2\n")
ROW(opaque, "mkdir -p d/e; echo a >d/a; echo b >d/b; echo c >d/e/c",
	"mkdir d; setfattr -n user.overlay.opaque -v y d; echo B >d/b; mknod d/a c 0 0; echo n >d/n",
	"deleted d/a: file 0644 2\n"
	"modified d/b: file 0644 2 => file 0644 2\n"
	"deleted d/e: dir 0755 +1 {tree}\n"
	"added d/n: file 0644 2\n")
ROW(opaque_below_opaque, "mkdir -p d/e; echo c >d/e/c; echo k >d/e/k; touch -d 2001-01-01 d/e/k",
	"mkdir d; setfattr -n user.overlay.opaque -v y d; mkdir d/e;"
	"setfattr -n user.overlay.opaque -v y d/e;"
	"echo k >d/e/k; touch -d 2001-01-01 d/e/k",
	"deleted d/e/c: file 0644 2\n")
ROW(opaque_root, "echo a >a; mkdir d; echo b >d/b", "setfattr -n user.overlay.opaque -v y .; mkdir d",
	"deleted a: file 0644 2\n")
ROW(opaque_new, ":", "mkdir d; setfattr -n user.overlay.opaque -v y d; echo a >d/a",
	"added d: dir 0755\nadded d/a: file 0644 2\n")
ROW(opaque_over_a_file, "echo a >d", "mkdir d; setfattr -n user.overlay.opaque -v y d",
	"type d: file 0644 2 => dir 0755\n")
ROW(opaque_with_another_value, "mkdir d; echo a >d/a", "mkdir d; setfattr -n user.overlay.opaque -v yes d",
	"")
ROW(book_keeping, "echo a >a; touch -d 2001-01-01 a; mkdir d",
	"echo a >a; touch -d 2001-01-01 a; setfattr -n user.overlay.origin -v 0x00fb a;"
	"setfattr -n user.overlay.nlink -v U+1 a; setfattr -n user.overlay.upper -v x a;"
	"setfattr -n user.overlay.protattr -v i a; mkdir d; setfattr -n user.overlay.impure -v y d;"
	"setfattr -n user.overlay.uuid -v 0123 d", "")
ROW(directory_of_the_base_removed_meanwhile, ":", "mkdir d; echo a >d/a; mknod d/b c 0 0",
	"added d: dir 0755\nadded d/a: file 0644 2\n")
ROW(escaped_attribute_of_the_base, "echo a >a; setfattr -n user.overlay.overlay.opaque -v y a",
	"echo bb >a; setfattr -n user.overlay.overlay.opaque -v y a",
	"modified a: file 0644 2 user.overlay.opaque=y => file 0644 3 user.overlay.opaque=y\n")
ROW(links_in_the_base_made_two_files, "echo a >a; ln a b; touch -d 2001-01-01 a",
	"echo a >a; echo a >b; touch -d 2001-01-01 a b", "")
ROW(links_with_a_name_outside, ":", "echo a >a; ln a ../work/outside", "added a: file 0644 2\n")

/* ---- moves ---- */

ROW(equal_files_keep_their_names, "mkdir o; for i in 1 2 3; do echo same >o/$i; done",
	"mknod o c 0 0; mkdir n; for i in 3 2 1; do echo same >n/$i; done; echo same >extra",
	"added extra: file 0644 5\n"
	"added n: dir 0755\n"
	"renamed n/1 from o/1: file 0644 5 => file 0644 5\n"
	"renamed n/2 from o/2: file 0644 5 => file 0644 5\n"
	"renamed n/3 from o/3: file 0644 5 => file 0644 5\n"
	"deleted o: dir 0755 +3 {tree}\n")
ROW(empty_files_move_nowhere, ": >a", "mknod a c 0 0; : >b", "deleted a: file 0644 0\nadded b: file 0644 0\n")
ROW(moved_out_of_a_replaced_directory, "mkdir d; echo text >d/x; setfattr -n user.k -v v d/x",
	"echo text >d; echo text >y; setfattr -n user.k -v v y",
	"type d: dir 0755 => file 0644 5 +1 {tree}\n"
	"renamed y from d/x: file 0644 5 user.k=v => file 0644 5 user.k=v\n")
ROW(same_size_is_not_the_same, "mkdir d; echo text >d/x", "mknod d c 0 0; echo toxt >y",
	"deleted d: dir 0755 +1 {tree}\nadded y: file 0644 5\n")

/* ---- marks that our mounts never leave ---- */

static void expect_failure(const char *base, const char *upper, struct overlay_diff_options options,
	int wanted, const char *says)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	struct branch branch = branch_open();
	const struct overlay_root root = { "/base", branch.base_fd, branch.upper_fd, branch.storage_fd };
	struct changeset changeset = { 0 };
	struct error err = ERROR_INIT;
	int r;

	branch_run("base", base);
	branch_run("upper", upper);
	r = overlay_diff(&arena, &root, 1, &options, &changeset, &err);
	branch_close(&branch);
	if (r != wanted || !strstr(err.text, says))
		test_fail(__FILE__, __LINE__, "%d \"%s\", wanted %d \"%s\"", r, err.text, wanted, says);
	CHECK_INT(changeset.count, 0);
}

TEST(redirect_is_refused)
{
	expect_failure("mkdir d", "mkdir d; setfattr -n user.overlay.redirect -v /etc d", branch_options(),
		-EBADMSG, "'d' carries overlayfs' mark 'redirect'");
}

TEST(metacopy_is_refused)
{
	expect_failure("echo a >a", ": >a; setfattr -n user.overlay.metacopy -v '' a", branch_options(),
		-EBADMSG, "'a' carries overlayfs' mark 'metacopy'");
}

TEST(trusted_marks_count_where_the_mount_used_them)
{
	if (geteuid())
		TEST_SKIP("root");
	run_row(&(const struct row){
		"mkdir d; echo a >d/a; echo b >b",
		"mkdir d; setfattr -n trusted.overlay.opaque -v y d; echo bb >b;"
		"setfattr -n user.overlay.opaque -v y b;"
		"setfattr -n trusted.overlay.overlay.x -v 1 b; setfattr -n trusted.other -v 1 b",
		"modified b: file 0644 2 => file 0644 3 trusted.overlay.x user.overlay.opaque=y {xattrs}\n"
		"deleted d/a: file 0644 2\n",
		{ .changes_max = 100, .bytes_max = 100, .trusted_xattrs = true },
	});
}

/* ---- limits ---- */

static struct overlay_diff_options limits(size_t changes_max, uint64_t bytes_max)
{
	struct overlay_diff_options options = branch_options();

	options.changes_max = changes_max;
	options.bytes_max = bytes_max;
	return options;
}

TEST(too_many_changes)
{
	expect_failure(":", "touch a b c", limits(2, 100), -EMSGSIZE, "more changes than the limit allows");
}

TEST(too_many_bytes)
{
	expect_failure(":", "echo 1234 >a; echo 1234 >b", limits(10, 9), -EFBIG,
		"holds more than 9 bytes, holes included, with '");
}

TEST(holes_are_bytes_too)
{
	expect_failure(":", "truncate -s 1T a", limits(10, 1 << 20), -EFBIG, "holds more than 1048576 bytes");
}

TEST(no_limits_set_allow_nothing)
{
	expect_failure(":", "touch a", (struct overlay_diff_options){ 0 }, -EMSGSIZE, "limit");
}

TEST(as_many_as_allowed)
{
	run_row(&(const struct row){ ":", "echo 1234 >a; echo 1234 >b",
		"added a: file 0644 5\nadded b: file 0644 5\n", limits(2, 10) });
}

TEST(too_many_attributes)
{
	expect_failure(":", "touch a; for i in $(seq 65); do setfattr -n user.$i -v 1 a; done",
		branch_options(), -E2BIG, "'a' in '/base': more than 64 extended attributes");
}

TEST(paths_that_are_too_long)
{
	expect_failure(":",
		"python3 -c 'import os\nfor i in range(20): os.mkdir(\"n\" * 250); os.chdir(\"n\" * 250)'",
		branch_options(), -ENAMETOOLONG, "a path longer than 4095 bytes, below 'nnn");
}

TEST(an_arena_that_is_full)
{
	struct branch branch = branch_open();
	const struct overlay_root root = { "/base", branch.base_fd, branch.upper_fd, branch.storage_fd };
	const struct overlay_diff_options options = branch_options();
	size_t limit = 0;
	int r;

	branch_run("base", "mkdir d; echo text >d/x; ln -s a l; echo a >a; setfattr -n user.k -v v a");
	branch_run("upper",
		"mknod d c 0 0; echo text >y; ln -s b l; echo b >a; setfattr -n user.k -v w a; mkdir e;"
		"echo z >e/z");
	do {
		scoped(arena) struct arena arena = ARENA_INIT(limit);
		struct error err = ERROR_INIT;
		struct changeset changeset;

		r = overlay_diff(&arena, &root, 1, &options, &changeset, &err);
		if (r < 0 && (r != -EMSGSIZE || !err.text[0]))
			test_fail(__FILE__, __LINE__, "limit %zu: %d \"%s\"", limit, r, err.text);
		limit += 64;
	} while (r < 0 && limit < 1 << 20);
	branch_close(&branch);
	CHECK_INT(r, 0);
	CHECK(limit > 1024);
}

/* ---- owners ---- */

/* The agent is us, and stands in for the owner of a base that is somebody else's. */
static struct overlay_diff_options translated(void)
{
	struct overlay_diff_options options = branch_options();

	if (geteuid())
		TEST_SKIP("root");
	branch_run("base", "chown 4242:4343 .");
	options.identity.is_stand_in = true;
	return options;
}

TEST(the_agents_files_become_somebody_elses)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct branch branch = branch_open();
	const struct overlay_diff_options options = translated();
	struct changeset changeset;

	branch_run("base", "echo a >a; echo c >c; mkdir d; touch -d 2001-01-01 c");
	branch_run("upper", "echo b >a; echo n >n; mkdir d e; echo c >c; touch -d 2001-01-01 c");
	changeset = branch_diff(&arena, &branch, &options);
	branch_close(&branch);
	CHECK_INT(changeset.count, 3);
	CHECK_INT(changeset.changes[0].new_file.uid, geteuid());
	CHECK_INT(changeset.changes[1].new_file.uid, 4242);
	CHECK_INT(changeset.changes[1].new_file.gid, 4343);
	CHECK_STR(changeset.changes[1].path, STR("e"));
	CHECK_INT(changeset.changes[2].new_file.uid, 4242);
}

TEST(the_agents_entries_in_acls_become_somebody_elses)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct branch branch = branch_open();
	const struct overlay_diff_options options = translated();
	const struct xattr *xattr;
	struct changeset changeset;
	uint32_t user, group;

	branch_run("base", ":");
	branch_run("upper",
		"touch a; setfacl -m u:$(id -u):r,g:$(id -g):r,u:77:r a; setfattr -n user.k -v v a");
	changeset = branch_diff(&arena, &branch, &options);
	branch_close(&branch);
	CHECK_INT(changeset.count, 1);
	CHECK_INT(changeset.changes[0].new_file.xattr_count, 2);
	xattr = &changeset.changes[0].new_file.xattrs[0];
	CHECK_TEXT(xattr->name, "system.posix_acl_access");
	/*
	 * Version, owner, users by id, owning group, group, mask, others: ours is the second or third user.
	 */
	CHECK_INT(xattr->value.len, 4 + 7 * 8);
	memcpy(&user, xattr->value.data + 4 + (geteuid() > 77 ? 2 : 1) * 8 + 4, 4);
	memcpy(&group, xattr->value.data + 4 + 4 * 8 + 4, 4);
	CHECK_INT(user, 4242);
	CHECK_INT(group, 4343);
}

TEST(owners_that_are_not_translated_are_compared)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const struct overlay_diff_options options = branch_options();
	struct branch branch = branch_open();
	struct changeset changeset;

	if (geteuid())
		TEST_SKIP("root");
	branch_run("base", "echo a >a; chown 1:2 a; touch -d 2001-01-01 a");
	branch_run("upper", "echo a >a; touch -d 2001-01-01 a");
	changeset = branch_diff(&arena, &branch, &options);
	branch_close(&branch);
	CHECK_INT(changeset.count, 1);
	CHECK_INT(changeset.changes[0].kind, CHANGE_METADATA);
	CHECK_INT(changeset.changes[0].old_file.gid, 2);
	CHECK_INT(changeset.changes[0].new_file.uid, 0);
}

TEST(the_owner_of_the_top_is_nobodys_change)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const struct overlay_diff_options options = branch_options();
	struct branch branch = branch_open();
	struct changeset changeset;

	if (geteuid())
		TEST_SKIP("root");
	branch_run("base", "chown 1:2 .");
	branch_run("upper", "chown 3:4 .");
	changeset = branch_diff(&arena, &branch, &options);
	CHECK_INT(changeset.count, 0);
	branch_run("upper", "chmod 700 .");
	changeset = branch_diff(&arena, &branch, &options);
	branch_close(&branch);
	CHECK_INT(changeset.count, 1);
	CHECK_INT(changeset.changes[0].kind, CHANGE_METADATA);
	CHECK_INT(changeset.changes[0].new_file.uid, 1);
	CHECK_INT(changeset.changes[0].new_file.gid, 2);
}

/* ---- the base moves on ---- */

TEST(what_changed_after_the_branch_began_is_stale)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf text = BUF_INIT(1 << 16);
	struct overlay_diff_options options = branch_options();
	struct branch branch = branch_open();
	struct changeset changeset;
	struct stat st;

	branch_run("base", "echo a >a; echo b >b; mkdir t u d; echo x >t/x; echo y >u/y");
	/* A later tick of the kernel's coarse clock. */
	branch_run("base", "echo m >mark; until [ -n \"$(find mark -newer u/y)\" ]; do echo m >mark; done");
	CHECK_INT(fstatat(branch.base_fd, "b", &st, 0), 0);
	options.since_ns = (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec;
	CHECK_INT(fstatat(branch.base_fd, "u/y", &st, 0), 0);
	options.since_ns = MAX(options.since_ns,
		(int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec);
	branch_run("base", "echo A >>a; rm mark; echo z >t/z; chmod 700 d; chmod 755 d; echo new >c");
	branch_run("upper",
		"echo 1 >a; echo 22 >b; echo 333 >c; mknod t c 0 0; mknod u c 0 0; mkdir d; chmod 711 d");
	changeset = branch_diff(&arena, &branch, &options);
	branch_close(&branch);
	CHECK_TEXT(branch_describe(&text, &changeset),
		"modified a: file 0644 4 => file 0644 2 {stale}\n"
		"modified b: file 0644 2 => file 0644 3\n"
		"modified c: file 0644 4 => file 0644 4 {stale}\n"
		"metadata d: dir 0755 => dir 0711\n"
		"deleted t: dir 0755 +2 {tree stale}\n"
		"deleted u: dir 0755 +1 {tree}\n");
}

static struct {
	int fd;
	unsigned left;			/* how often it is still written to while somebody reads */
} busy;

static ssize_t read_while_it_grows(int fd, void *data, size_t len)
{
	struct stat ours, theirs;

	if (busy.left && !fstat(fd, &ours) && !fstat(busy.fd, &theirs) && ours.st_ino == theirs.st_ino) {
		busy.left--;
		if (write(busy.fd, "more\n", 5) != 5)
			return -EIO;
	}
	return kern_ops_real.read(fd, data, len);
}

static int diff_busy_base(unsigned times, struct changeset *ret, struct arena *arena, struct error *err)
{
	struct branch branch = branch_open();
	const struct overlay_root root = { "/base", branch.base_fd, branch.upper_fd, branch.storage_fd };
	const struct overlay_diff_options options = branch_options();
	int r;

	branch_run("base", "echo a >a");
	branch_run("upper", "echo b >a");
	busy.fd = openat(branch.base_fd, "a", O_WRONLY | O_APPEND | O_CLOEXEC);
	busy.left = times;
	kern_ops.read = read_while_it_grows;
	r = overlay_diff(arena, &root, 1, &options, ret, err);
	kern_ops.read = kern_ops_real.read;
	close(busy.fd);
	branch_close(&branch);
	return r;
}

TEST(a_file_that_changes_while_it_is_read_is_read_again)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct changeset changeset;
	struct digest wanted = hash_bytes("a\nmore\nmore\n", 12);

	CHECK_INT(diff_busy_base(2, &changeset, &arena, NULL), 0);
	CHECK_INT(changeset.count, 1);
	CHECK(digest_eq(&changeset.changes[0].old_file.digest, &wanted));
}

TEST(a_file_that_never_stops_changing_is_given_up)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct error err = ERROR_INIT;
	struct changeset changeset;

	CHECK_INT(diff_busy_base(1000, &changeset, &arena, &err), -EAGAIN);
	CHECK_TEXT(err.text, "cannot read the workspace's 'a' in '/base': it changes while it is read");
	CHECK_TEXT(err.hint, "stop what keeps writing to it, and try again");
}

/* ---- what shuts us out ---- */

TEST(modes_are_put_back_whatever_happens)
{
	struct branch branch = branch_open();
	struct stat st;

	branch_run("base", ":");
	branch_run("upper", "mkdir -p d/e; echo x >d/e/x; setfattr -n user.overlay.metacopy -v '' d/e/x;"
			    "chmod 0 d/e/x d/e d");
	for (int i = 0; i < 2; i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
		const struct overlay_root root = { "/base", branch.base_fd, branch.upper_fd,
			branch.storage_fd };
		const struct overlay_diff_options options = branch_options();
		struct changeset changeset;

		CHECK_INT(overlay_diff(&arena, &root, 1, &options, &changeset, NULL), -EBADMSG);
		CHECK_INT(fstatat(branch.upper_fd, "d", &st, 0), 0);
		CHECK_INT(st.st_mode & 07777, 0);
	}
	CHECK_INT(fchmodat(branch.upper_fd, "d", 0700, 0), 0);
	CHECK_INT(fstatat(branch.upper_fd, "d/e", &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0);
	branch_close(&branch);
}

TEST(a_base_that_may_not_be_read)
{
	if (!geteuid())
		TEST_SKIP("ordinary-user");
	run_row(&(const struct row){
		"echo a >a; chmod 0 a; mkdir d t; echo x >t/x; mkdir t/u; echo y >t/u/y;"
		"setfattr -n user.k -v v d;"
		"chmod 0 d t/u; echo b >b;"
		"chmod 0 b",
		"echo n >a; mkdir d; setfattr -n user.k -v v d; mknod t c 0 0; mknod b c 0 0",
		"modified a: file 0000 2 => file 0644 2 {unread}\n"
		"deleted b: file 0000 2 {unread}\n"
		"metadata d: dir 0000 => dir 0755 user.k=v {xattrs unread}\n"
		"deleted t: dir 0755 +2 {tree unread}\n",
		branch_options(),
	});
}

TEST(a_base_directory_that_may_not_be_searched)
{
	if (!geteuid())
		TEST_SKIP("ordinary-user");
	expect_failure("mkdir d; echo x >d/x; chmod 0 d", "mkdir d; echo y >d/x", branch_options(), -EACCES,
		"cannot read the workspace's 'd/x' in '/base': Permission denied");
}

TEST(an_opaque_directory_over_one_that_may_not_be_listed)
{
	if (!geteuid())
		TEST_SKIP("ordinary-user");
	expect_failure("mkdir d; chmod 0 d", "mkdir d; setfattr -n user.overlay.opaque -v y d",
		branch_options(), -EACCES, "cannot open the workspace's 'd' in '/base': Permission denied");
}

/* ---- what new content looks like ---- */

static const struct content *content_at(const struct changeset *changeset, const char *path)
{
	const struct change *change = changeset_find(changeset, 0, str_from(path));

	CHECK(change);
	CHECK_INT(change->old_file.content.type, CONTENT_UNKNOWN);
	return &change->new_file.content;
}

TEST(new_content_is_looked_at)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const struct overlay_diff_options options = branch_options();
	struct branch branch = branch_open();
	struct changeset changeset;

	branch_run("base",
		"echo a >mode; touch -d 2001-01-01 mode; echo m >from; echo a >edited; echo g >gone");
	branch_run("upper",
		"printf '#!/bin/sh\\ntrue\\n' >script; printf 'a\\342\\200\\256\\n' >edited;"
		"echo a >mode; chmod 600 mode; mknod from c 0 0; echo m >to; mknod gone c 0 0; : >empty; ln -s x link;"
		"head -c 300000 /dev/zero >large; printf '\\342\\200\\256' >>large");
	changeset = branch_diff(&arena, &branch, &options);
	CHECK_INT(content_at(&changeset, "script")->type, CONTENT_SCRIPT);
	CHECK_INT(content_at(&changeset, "script")->lines, 2);
	CHECK_INT(content_at(&changeset, "edited")->type, CONTENT_TEXT);
	CHECK(content_at(&changeset, "edited")->has_bidi);
	CHECK_INT(content_at(&changeset, "to")->type, CONTENT_TEXT);
	CHECK_INT(content_at(&changeset, "empty")->type, CONTENT_EMPTY);
	/* read in more than one piece */
	CHECK_INT(content_at(&changeset, "large")->type, CONTENT_DATA);
	CHECK_INT(content_at(&changeset, "large")->longest_line, 300003);
	CHECK(content_at(&changeset, "large")->has_bidi);
	/* the content is the old one, or there is none */
	CHECK_INT(content_at(&changeset, "mode")->type, CONTENT_UNKNOWN);
	CHECK_INT(content_at(&changeset, "gone")->type, CONTENT_UNKNOWN);
	CHECK_INT(content_at(&changeset, "link")->type, CONTENT_UNKNOWN);
	branch_close(&branch);
}

/* ---- roots ---- */

TEST(two_roots)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf text = BUF_INIT(1 << 16);
	const struct overlay_diff_options options = branch_options();
	struct branch branch = branch_open();
	struct overlay_root roots[2] = { { .path = "/one" }, { .path = "/two" } };
	struct changeset changeset;

	branch_run("base", "mkdir 1 2; echo moved >1/m; echo l >2/l");
	branch_run("upper",
		"mkdir 1 2; mknod 1/m c 0 0; echo moved >2/m; echo z >1/z; ln 1/z 1/zz; echo a >2/a");
	for (int i = 0; i < 2; i++) {
		roots[i].lower_dirfd = openat(branch.base_fd, i ? "2" : "1",
			O_PATH | O_DIRECTORY | O_CLOEXEC);
		roots[i].upper_dirfd = openat(branch.upper_fd, i ? "2" : "1",
			O_PATH | O_DIRECTORY | O_CLOEXEC);
		roots[i].storage_dirfd = branch.storage_fd;
	}
	CHECK_INT(overlay_diff(&arena, roots, 2, &options, &changeset, NULL), 0);
	CHECK_TEXT(changeset.roots[1], "/two");
	CHECK_TEXT(branch_describe(&text, &changeset),
		"deleted m: file 0644 6\n"
		"added z: file 0644 2 links 1\n"
		"added zz: file 0644 2 links 1\n"
		"added a: file 0644 2\n"
		"added m: file 0644 6\n");
	CHECK_INT(changeset.changes[3].root, 1);
	CHECK_INT(changeset.total_bytes, 2 + 2 + 6);
	for (int i = 0; i < 2; i++) {
		close(roots[i].lower_dirfd);
		close(roots[i].upper_dirfd);
	}
	branch_close(&branch);
}

TEST(a_root_that_is_no_directory)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const struct overlay_diff_options options = branch_options();
	struct branch branch = branch_open();
	struct overlay_root root = { "/base", -1, branch.upper_fd, branch.storage_fd };
	struct error err = ERROR_INIT;
	struct changeset changeset;

	CHECK(overlay_diff(&arena, &root, 1, &options, &changeset, &err) < 0);
	CHECK(err.text[0]);
	branch_run("base", "echo a >a");
	root.lower_dirfd = branch.base_fd;
	root.upper_dirfd = openat(branch.base_fd, "a", O_PATH | O_CLOEXEC);
	CHECK_INT(overlay_diff(&arena, &root, 1, &options, &changeset, &err), -ENOTDIR);
	close(root.upper_dirfd);
	branch_close(&branch);
}

TEST_MAIN()
