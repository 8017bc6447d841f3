// SPDX-License-Identifier: Apache-2.0
/*
 * slots.c - the directories in which a commit keeps what is not in the workspace
 */
#include "overlay/slots.h"

#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>

static int make_directory(int dirfd, const char *name)
{
	int r = kern_mkdirat(dirfd, name, 0700);

	return r == -EEXIST ? 0 : r;
}

static int open_directory(int dirfd, const char *name, int flags)
{
	return kern_open_beneath(dirfd, name, flags | O_DIRECTORY, 0);
}

static void commit_path(const struct journal *journal, char ret[JOURNAL_NAME_SIZE])
{
	snprintf(ret, JOURNAL_NAME_SIZE, "commit/%u", journal->number);
}

/* Of the directory that holds new/ and old/. */
static int make_work(const struct journal *journal, unsigned root, const struct overlay_target *target,
	int commit_dirfd)
{
	char stage[JOURNAL_NAME_SIZE * 2];
	scoped(fd) int stage_dirfd = -1;
	int r, work_dirfd = commit_dirfd;

	if (journal->roots[root].staged) {
		journal_stage_name(journal->id, journal->number, stage);
		r = make_directory(target->root_dirfd, stage);
		if (r < 0)
			return r;
		work_dirfd = stage_dirfd = open_directory(target->root_dirfd, stage, O_PATH);
		if (stage_dirfd < 0)
			return stage_dirfd;
		r = make_directory(commit_dirfd, "kept");
		if (r < 0)
			return r;
	}
	r = make_directory(work_dirfd, "new");
	return r < 0 ? r : make_directory(work_dirfd, "old");
}

int slots_make(const struct journal *journal, unsigned root, const struct overlay_target *target)
{
	scoped(fd) int commit_dirfd = -1;
	char path[JOURNAL_NAME_SIZE];
	int r = make_directory(target->storage_dirfd, "commit");

	commit_path(journal, path);
	if (r >= 0)
		r = make_directory(target->storage_dirfd, path);
	if (r < 0)
		return r;
	commit_dirfd = open_directory(target->storage_dirfd, path, O_PATH);
	return commit_dirfd < 0 ? commit_dirfd : make_work(journal, root, target, commit_dirfd);
}

static int open_work(struct slots *slots, const struct journal *journal, unsigned root,
	const struct overlay_target *target)
{
	char name[JOURNAL_NAME_SIZE * 2];

	if (journal->roots[root].staged) {
		journal_stage_name(journal->id, journal->number, name);
		slots->work_dirfd = open_directory(target->root_dirfd, name, O_PATH);
		if (slots->work_dirfd < 0)
			return slots->work_dirfd;
		slots->kept_dirfd = open_directory(slots->commit_dirfd, "kept", O_PATH);
		if (slots->kept_dirfd < 0)
			return slots->kept_dirfd;
	} else {
		slots->work_dirfd = open_directory(slots->commit_dirfd, ".", O_PATH);
		if (slots->work_dirfd < 0)
			return slots->work_dirfd;
	}
	slots->new_dirfd = open_directory(slots->work_dirfd, "new", O_PATH);
	if (slots->new_dirfd < 0)
		return slots->new_dirfd;
	slots->old_dirfd = open_directory(slots->work_dirfd, "old", O_PATH);
	return MIN(slots->old_dirfd, 0);
}

int slots_open(struct slots *slots, const struct journal *journal, unsigned root,
	const struct overlay_target *target)
{
	char path[JOURNAL_NAME_SIZE];
	int r;

	*slots = (struct slots)SLOTS_NONE;
	commit_path(journal, path);
	slots->commit_dirfd = open_directory(target->storage_dirfd, path, O_PATH);
	r = slots->commit_dirfd < 0 ? slots->commit_dirfd : open_work(slots, journal, root, target);
	if (r < 0)
		slots_close(slots);
	return r;
}

void slots_close(struct slots *slots)
{
	fd_close(slots->commit_dirfd);
	fd_close(slots->work_dirfd);
	fd_close(slots->new_dirfd);
	fd_close(slots->old_dirfd);
	fd_close(slots->kept_dirfd);
	fd_close(slots->tree_dirfd);
	*slots = (struct slots)SLOTS_NONE;
}

int slots_open_tree(struct slots *slots)
{
	int fd;

	if (slots->tree_dirfd >= 0)
		return 0;
	fd = open_directory(slots->commit_dirfd, "tree", O_PATH);
	if (fd >= 0)
		slots->tree_dirfd = fd;
	return MIN(fd, 0);
}

static int is_there(int dirfd, const char *name)
{
	struct stat st;
	int r = kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);

	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

int slots_take_tree(struct slots *slots, const struct overlay_target *target)
{
	int r = is_there(slots->commit_dirfd, "tree");

	if (r)
		return MIN(r, 0);
	return move_file(target->storage_dirfd, "upper", slots->commit_dirfd, "tree", RENAME_NOREPLACE);
}

int slots_give_tree(struct slots *slots, const struct overlay_target *target)
{
	int r = is_there(slots->commit_dirfd, "tree");

	slots->tree_dirfd = fd_close(slots->tree_dirfd);
	if (r <= 0)
		return r;
	r = kern_unlinkat(target->storage_dirfd, "upper", AT_REMOVEDIR);
	if (r < 0 && r != -ENOENT)
		return r;
	return move_file(slots->commit_dirfd, "tree", target->storage_dirfd, "upper", RENAME_NOREPLACE);
}

int slots_remove_stage(const struct journal *journal, unsigned root, const struct overlay_target *target)
{
	char name[JOURNAL_NAME_SIZE * 2];

	if (!journal->roots[root].staged)
		return 0;
	journal_stage_name(journal->id, journal->number, name);
	return kern_remove_tree(target->root_dirfd, name);
}

int slots_remove(const struct journal *journal, unsigned root, const struct overlay_target *target)
{
	scoped(fd) int parent_dirfd = -1;
	char number[JOURNAL_NAME_SIZE];
	int r = slots_remove_stage(journal, root, target);

	if (r < 0)
		return r;
	parent_dirfd = open_directory(target->storage_dirfd, "commit", O_PATH);
	if (parent_dirfd < 0)
		return parent_dirfd == -ENOENT ? 0 : parent_dirfd;
	snprintf(number, sizeof(number), "%u", journal->number);
	r = kern_remove_tree(parent_dirfd, number);
	if (r >= 0)
		r = kern_unlinkat(target->storage_dirfd, "commit", AT_REMOVEDIR);
	return r == -ENOTEMPTY || r == -EEXIST || r == -ENOENT ? 0 : r;
}

/* Widens the mode of a directory; 1 when that changed it, 0 when there was no need, or negative errno. */
static int widen(int dirfd, const char *name, mode_t *ret_mode)
{
	struct stat st;
	int r = kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);

	if (r < 0)
		return r;
	*ret_mode = st.st_mode & 07777;
	if (!S_ISDIR(st.st_mode) || st.st_mode & 0200)
		return 0;
	r = kern_chmod_beneath(dirfd, name, *ret_mode | 0700);
	return r < 0 ? r : 1;
}

int move_file(int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags)
{
	bool exchange = flags & RENAME_EXCHANGE;
	int r = kern_renameat2(from_dirfd, from, to_dirfd, to, flags), from_wide, to_wide = 0, restored = 0;
	mode_t from_mode = 0, to_mode = 0;

	if (r != -EACCES)
		return r;
	from_wide = widen(from_dirfd, from, &from_mode);
	if (exchange && from_wide >= 0)
		to_wide = widen(to_dirfd, to, &to_mode);
	if (from_wide <= 0 && to_wide <= 0)
		return r;	/* it was something else that was forbidden */
	r = kern_renameat2(from_dirfd, from, to_dirfd, to, flags);
	if (from_wide > 0)
		restored = kern_chmod_beneath(r < 0 ? from_dirfd : to_dirfd, r < 0 ? from : to, from_mode);
	if (to_wide > 0 && restored >= 0)
		restored = kern_chmod_beneath(r < 0 ? to_dirfd : from_dirfd, r < 0 ? to : from, to_mode);
	return r < 0 ? r : restored;
}
