// SPDX-License-Identifier: Apache-2.0
/*
 * touch_complete.c - set the mode or the times of a file, if it is the session's own
 *
 * Whose a file is, is told by where the kernel says that it lies. Nothing of the host can get into a
 * directory of the session's: Landlock lets no link or rename lead from where less is allowed to where more
 * is.
 */
#include "jail/touch_complete.h"

#include "base/fd.h"
#include "base/path.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum {
	PROC_PATH_SIZE = 64,
};

static int check_own(const struct jail_plan *plan, int fd, char path[PATH_TEXT_MAX])
{
	char link[PROC_PATH_SIZE];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = kern_read_link(AT_FDCWD, link, path, PATH_TEXT_MAX);
	if (n == -ENAMETOOLONG) {
		memcpy(path, "?", sizeof("?"));
		return -EPERM;
	}
	if (n < 0)
		return (int)n;
	for (size_t i = 0; i < plan->own_count; i++)
		if (path_is_beneath((struct str){ path, (size_t)n }, str_from(plan->own[i])))
			return 0;
	return -EPERM;
}

static int set(const struct jail_touch *touch, int fd)
{
	char link[PROC_PATH_SIZE];
	struct stat st;
	int r;

	if (touch->kind == JAIL_TOUCH_TIMES)
		return kern_utimensat(fd, "", touch->times, AT_EMPTY_PATH);
	r = kern_fstat(fd, &st);
	if (r < 0)
		return r;
	if (S_ISLNK(st.st_mode))
		return -EOPNOTSUPP;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return kern_fchmodat(AT_FDCWD, link, (mode_t)touch->mode);
}

static int open_target(const struct jail_plan *plan, const struct jail_touch *touch, int start, bool wide)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | (touch->follows ? 0u : (unsigned)O_NOFOLLOW),
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	char path[PATH_TEXT_MAX];
	int fd;

	if (wide)
		return kern_openat2(start, touch->path, &how);
	if (touch->path[0] == '/' || check_own(plan, start, path) < 0)
		return -EAGAIN;
	how.resolve |= RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
	fd = kern_openat2(start, touch->path, &how);
	return fd == -ELOOP || fd == -EXDEV ? -EAGAIN : fd;
}

int jail_touch_complete(const struct jail_plan *plan, const struct jail_touch *touch, int start, bool wide,
	char *ret_refused)
{
	scoped(fd) int target = touch->path[0] ? open_target(plan, touch, start, wide) : -1;
	int fd = touch->path[0] ? target : start, r;

	ret_refused[0] = '\0';
	if (fd < 0)
		return fd;
	r = check_own(plan, fd, ret_refused);
	if (r < 0)
		return r;
	ret_refused[0] = '\0';
	return set(touch, fd);
}
