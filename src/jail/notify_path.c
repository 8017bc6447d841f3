// SPDX-License-Identifier: Apache-2.0
/*
 * notify_path.c - what a refused call was about, for whoever reads of it
 *
 * The path is put together from the task's memory and from where the kernel says that it works. Neither is
 * opened or resolved, so no file system is asked, and nothing is decided by what comes out: the task may have
 * changed it before it is read.
 *
 * Source: proc(5), /proc/PID/cwd and fd
 */
#include "jail/notify_internal.h"

#include "base/path.h"
#include "kern/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>

enum {
	PROC_PATH_SIZE = 64,
	NONE = -1,
};

/* Which arguments: the path, and the descriptor that it starts at, or that is the file where it has none. */
struct path_args {
	int number, fd, path;
};

#define ROW(name, fd, path) { SYS_##name, fd, path }

static const struct path_args known[] = {
	ROW(chroot, NONE, 0), ROW(mount, NONE, 1), ROW(umount2, NONE, 0), ROW(pivot_root, NONE, 0),
	ROW(open_tree, 0, 1), ROW(move_mount, 2, 3), ROW(mount_setattr, 0, 1), ROW(fspick, 0, 1),
	ROW(swapon, NONE, 0), ROW(swapoff, NONE, 0), ROW(mknodat, 0, 1),
	ROW(fchownat, 0, 1), ROW(fchown, 0, NONE), ROW(ioctl, 0, NONE),
	ROW(setxattr, NONE, 0), ROW(lsetxattr, NONE, 0), ROW(fsetxattr, 0, NONE),
	ROW(removexattr, NONE, 0), ROW(lremovexattr, NONE, 0), ROW(fremovexattr, 0, NONE),
	ROW(inotify_add_watch, NONE, 1),
#ifdef SYS_chown
	/* What newer architectures have with a directory's descriptor alone. */
	ROW(chown, NONE, 0), ROW(lchown, NONE, 0), ROW(utime, NONE, 0), ROW(utimes, NONE, 0),
	ROW(futimesat, 0, 1), ROW(mknod, NONE, 0),
#endif
};

static const struct path_args *find(int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].number == number)
			return &known[i];
	return NULL;
}

/* Where the kernel says that a descriptor, or AT_FDCWD, leads. */
static bool read_place(const struct seccomp_notif *call, const struct path_args *args,
	char ret[PATH_TEXT_MAX])
{
	int fd = args->fd == NONE ? AT_FDCWD : (int)call->data.args[args->fd];
	char link[PROC_PATH_SIZE];

	if (fd == AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/%d/cwd", (int)call->pid);
	else
		snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)call->pid, fd);
	return kern_read_link(AT_FDCWD, link, ret, PATH_TEXT_MAX) > 0;
}

static bool read_path(const struct seccomp_notif *call, const struct path_args *args, char *ret)
{
	char text[JAIL_RENAME_PATH_MAX] = "", place[PATH_TEXT_MAX] = "";
	int len;

	if (args->path != NONE &&
			jail_notify_read_text((pid_t)call->pid, call->data.args[args->path], text) < 0)
		return false;
	if (text[0] != '/' && !read_place(call, args, place))
		return false;
	len = snprintf(ret, PATH_TEXT_MAX, "%s%s%s", place, place[0] && text[0] ? "/" : "", text);
	return len < PATH_TEXT_MAX;
}

bool jail_notify_path(const struct jail_notify *notify, const struct seccomp_notif *call, char *ret)
{
	const struct path_args *args = find(call->data.nr);

	/* Else what was read may be of a process of the host that got the number meanwhile. */
	return args && read_path(call, args, ret) && jail_notify_is_waiting(notify, call->id);
}
