// SPDX-License-Identifier: Apache-2.0
/*
 * rename_notify.c - which renames need help
 *
 * Nearly none: the kernel renames files everywhere, and directories that the agent made itself. Only a
 * directory of an overlay may come from the base, and only init, which stands inside, can find out and finish
 * the job. So the question here is whether the source is a directory on an overlay; where that is not plain
 * to see (a symbolic link in the path leads elsewhere inside than outside), init is asked too.
 *
 * This decides convenience, not security: what the kernel is told to go on with, it checks as it always
 * would, and init can do no more than the agent. What init is asked to do is copied once, descriptors
 * included, so nobody can change it afterwards; and only when the task still waits after everything of it was
 * opened is it sure that it was this task's.
 *
 * Source: rename(2), renameat2(2); proc(5), /proc/PID/cwd, root and fd
 */
#include "jail/notify_internal.h"

#include "base/fd.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/syscall.h>

enum {
	READ_FIRST_BYTES = 256,		/* most paths end within */
	PAGE_BYTES_MIN = 4096,
	PROC_PATH_SIZE = 64,
};

struct rename_call {
	pid_t pid;
	int from_dirfd, to_dirfd;
	uint64_t from, to;		/* addresses in the task */
	unsigned flags;
};

#ifndef SYS_rename
#define SYS_rename (-1)			/* newer architectures have renameat alone, */
#endif
#ifndef SYS_renameat
#define SYS_renameat (-1)		/* or renameat2 */
#endif

bool jail_rename_is(int number)
{
	return number >= 0 && (number == SYS_rename || number == SYS_renameat || number == SYS_renameat2);
}

static struct rename_call decode(const struct seccomp_notif *call)
{
	const __u64 *args = call->data.args;
	struct rename_call rename = { .pid = (pid_t)call->pid };

	if (call->data.nr == SYS_rename) {
		rename.from_dirfd = rename.to_dirfd = AT_FDCWD;
		rename.from = args[0];
		rename.to = args[1];
		return rename;
	}
	rename.from_dirfd = (int)args[0];
	rename.from = args[1];
	rename.to_dirfd = (int)args[2];
	rename.to = args[3];
	if (call->data.nr == SYS_renameat2)
		rename.flags = (unsigned)args[4];
	return rename;
}

/* Page by page: the byte behind its page may not exist. */
int jail_notify_read_text(pid_t pid, uint64_t address, char ret[JAIL_RENAME_PATH_MAX])
{
	size_t len = 0;

	while (len < JAIL_RENAME_PATH_MAX) {
		size_t to_page_end = PAGE_BYTES_MIN - (address + len) % PAGE_BYTES_MIN;
		size_t room = MIN(to_page_end, JAIL_RENAME_PATH_MAX - len);
		ssize_t n = kern_process_vm_read(pid, address + len, ret + len, len ? room :
			MIN(room, (size_t)READ_FIRST_BYTES));

		if (n <= 0)
			return n < 0 ? (int)n : -EFAULT;
		if (memchr(ret + len, 0, (size_t)n))
			return 0;
		len += (size_t)n;
	}
	return -ENAMETOOLONG;
}

int jail_notify_open_start(pid_t pid, int dirfd, const char *path)
{
	char text[PROC_PATH_SIZE];

	if (path[0] == '/')
		snprintf(text, sizeof(text), "/proc/%d/root", pid);
	else if (dirfd == AT_FDCWD)
		snprintf(text, sizeof(text), "/proc/%d/cwd", pid);
	else
		snprintf(text, sizeof(text), "/proc/%d/fd/%d", pid, dirfd);
	return kern_open(AT_FDCWD, text, O_PATH | O_DIRECTORY, 0);
}

static bool may_need_help(int start, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};
	scoped(fd) int fd = -1;
	struct statfs fs;
	struct stat st;

	while (*path == '/')
		path++;
	fd = kern_openat2(start, path, &how);
	if (fd < 0)
		return fd == -ELOOP;
	if (kern_fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return false;
	return kern_fstatfs(fd, &fs) >= 0 && fs.f_type == OVERLAYFS_SUPER_MAGIC;
}

static int ask_init(struct jail_notify *notify, uint64_t cookie, const struct rename_call *call,
	int from_start, struct jail_message *message)
{
	scoped(fd) int to_start = -1;
	int r = jail_notify_read_text(call->pid, call->to, message->rename.to);

	if (r < 0)
		return r;
	to_start = jail_notify_open_start(call->pid, call->to_dirfd, message->rename.to);
	if (to_start < 0)
		return to_start;
	/* Else these directories could be those of a process of the host that got the number meanwhile. */
	if (!jail_notify_is_waiting(notify, cookie))
		return -ESRCH;
	message->kind = JAIL_MESSAGE_RENAME;
	message->id = notify->command;
	message->rename.cookie = cookie;
	message->rename.flags = call->flags;
	return jail_message_send(notify->control, message, (int[]){ from_start, to_start }, 2);
}

void jail_rename_notify(struct jail_notify *notify, const struct seccomp_notif *notif)
{
	struct rename_call call = decode(notif);
	struct jail_message message;
	scoped(fd) int from_start = -1;
	int r;

	/* The message is large: only what is used of it is set. */
	message.rename.to[0] = '\0';
	r = jail_notify_read_text(call.pid, call.from, message.rename.from);
	if (r >= 0)
		r = from_start = jail_notify_open_start(call.pid, call.from_dirfd, message.rename.from);
	if (r >= 0 && may_need_help(from_start, message.rename.from)) {
		if (ask_init(notify, notif->id, &call, from_start, &message) >= 0)
			return;
	}
	/* What cannot be looked at from here, the kernel answers for. */
	jail_notify_answer(notify, notif->id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}
