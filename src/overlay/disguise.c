// SPDX-License-Identifier: Apache-2.0
/*
 * disguise.c - what makes a file of the branch differ from the same file in the workspace
 *
 * Setting an xattr needs write permission on the file, which its owner may have taken away from itself: the
 * mode is widened for that moment and then set to what the mark says, so that a crash in between is mended by
 * the next run.
 */
#include "overlay/disguise.h"

#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

#define OPAQUE_NAME "user.overlay.opaque"

static int open_for_xattrs(int dirfd, const char *name, const struct file_mark *mark)
{
	int fd = facts_open(dirfd, name), r = 0;

	if (fd >= 0 && (mark->mode & 0600) != 0600) {
		r = kern_fchmod(fd, mark->mode | 0600);
	} else if (fd == -EACCES) {
		r = kern_chmod_beneath(dirfd, name, mark->mode | 0600);
		fd = r < 0 ? r : facts_open(dirfd, name);
	}
	if (r < 0 && fd >= 0)
		fd_close(fd);
	return r < 0 ? r : fd;
}

/* Also what a run that was cut off has widened. */
static int restore_mode(int fd, const struct file_mark *mark)
{
	return (mark->mode & 0600) == 0600 ? 0 : kern_fchmod(fd, mark->mode);
}

static int change_owner(int dirfd, const char *name, const struct file_mark *mark, uid_t uid, gid_t gid)
{
	int r = kern_fchownat(dirfd, name, uid, gid, AT_SYMLINK_NOFOLLOW);

	/* A change of owner takes setuid and setgid bits away. */
	if (r >= 0 && mark->mode & 06000 && mark->type == FILE_REGULAR)
		r = kern_chmod_beneath(dirfd, name, mark->mode);
	return r;
}

/* By name where that is enough: most files cost two calls then, instead of four. */
static int strip(int dirfd, const char *name, const struct file_mark *mark)
{
	scoped(fd) int fd = -1;
	int r;

	if ((mark->mode & 0600) == 0600 && xattr_strip_marks_at(dirfd, name) >= 0)
		return 0;
	fd = open_for_xattrs(dirfd, name, mark);
	if (fd < 0)
		return fd;
	r = xattr_strip_marks(fd);
	return r < 0 ? r : restore_mode(fd, mark);
}

int disguise_take_off(int dirfd, const char *name, const struct file_mark *mark)
{
	int r = mark->fix & FIX_STRIP ? strip(dirfd, name, mark) : 0;

	if (r >= 0 && mark->fix & FIX_OWNER)
		r = change_owner(dirfd, name, mark, mark->uid, mark->gid);
	return r;
}

int disguise_put_on(int dirfd, const char *name, const struct file_mark *mark)
{
	int r = 0;

	if (mark->fix & FIX_OPAQUE) {
		scoped(fd) int fd = open_for_xattrs(dirfd, name, mark);

		if (fd < 0)
			return fd;
		r = kern_fsetxattr(fd, OPAQUE_NAME, "y", 1, 0);
		if (r >= 0)
			r = restore_mode(fd, mark);
	}
	if (r >= 0 && mark->fix & FIX_OWNER)
		r = change_owner(dirfd, name, mark, mark->slot_uid, mark->slot_gid);
	return r;
}
