// SPDX-License-Identifier: Apache-2.0
/*
 * touch_notify.c - changes of a file's mode or times, where no mount keeps them in
 *
 * Landlock knows nothing of modes and times, and without namespaces every file of the user has a path that
 * the agent can say. So at the level "landlock" these calls wait here. What one asks for is copied once, its
 * directory or file included, and init does it on the agent's behalf, if the file turns out to be the
 * session's own (touch_complete.h), or else it is refused and reported; nothing is ever left to the kernel to
 * look at a second time.
 *
 * Source: chmod(2), utimensat(2); proc(5), /proc/PID/cwd and fd
 */
#include "jail/notify_internal.h"

#include "base/fd.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>

enum {
	PROC_PATH_SIZE = 64,
};

#ifndef SYS_chmod
#define SYS_chmod (-1)			/* newer architectures have fchmodat alone */
#endif

/* A path through one of the task's own descriptors, as the C library says it. */
#define OWN_FD_PREFIX "/proc/self/fd/"

struct touch_call {
	pid_t pid;
	int dirfd;
	uint64_t path;			/* address in the task; 0: @dirfd is the file */
	uint64_t times;			/* likewise; 0: now */
	int flags;
};

bool jail_touch_is(int number)
{
	return number >= 0 && (number == SYS_chmod || number == SYS_fchmod || number == SYS_fchmodat ||
		number == SYS_utimensat);
}

static struct touch_call decode(const struct seccomp_notif *call, struct jail_touch *touch)
{
	const __u64 *args = call->data.args;
	struct touch_call ret = { .pid = (pid_t)call->pid, .dirfd = (int)args[0] };

	touch->cookie = call->id;
	touch->number = call->data.nr;
	touch->kind = JAIL_TOUCH_MODE;
	if (call->data.nr == SYS_chmod) {
		ret.dirfd = AT_FDCWD;
		ret.path = args[0];
		touch->mode = (uint32_t)args[1];
	} else if (call->data.nr == SYS_fchmod) {
		touch->mode = (uint32_t)args[1];
	} else if (call->data.nr == SYS_fchmodat) {
		ret.path = args[1];
		touch->mode = (uint32_t)args[2];
	} else {
		touch->kind = JAIL_TOUCH_TIMES;
		ret.path = args[1];
		ret.times = args[2];
		ret.flags = (int)args[3];
	}
	touch->mode &= 07777;
	touch->follows = !(ret.flags & AT_SYMLINK_NOFOLLOW);
	return ret;
}

static int read_times(const struct touch_call *call, struct jail_touch *touch)
{
	const struct timespec now = { .tv_nsec = UTIME_NOW };
	ssize_t n;

	touch->times[0] = touch->times[1] = now;
	if (touch->kind != JAIL_TOUCH_TIMES || !call->times)
		return 0;
	n = kern_process_vm_read(call->pid, call->times, touch->times, sizeof(touch->times));
	return n < 0 ? (int)n : n == sizeof(touch->times) ? 0 : -EFAULT;
}

static int open_fd(pid_t pid, uint64_t fd)
{
	char text[PROC_PATH_SIZE];

	snprintf(text, sizeof(text), "/proc/%d/fd/%llu", pid, (unsigned long long)fd);
	return kern_open(AT_FDCWD, text, O_PATH, 0);
}

/* Where the path starts, or the file itself, which has no path then. */
static int open_start(const struct touch_call *call, struct jail_touch *touch)
{
	struct str path = str_from(touch->path);
	uint64_t fd;

	if (str_starts_with(path, STR(OWN_FD_PREFIX)) &&
			str_to_u64((struct str){ path.data + strlen(OWN_FD_PREFIX),
				path.len - strlen(OWN_FD_PREFIX) }, INT32_MAX, &fd) >= 0) {
		touch->path[0] = '\0';
		return open_fd(call->pid, fd);
	}
	if (path.len && (path.data[0] == '/' || call->dirfd == AT_FDCWD))
		return jail_notify_open_start(call->pid, call->dirfd, touch->path);
	if (!path.len && call->path && !(call->flags & AT_EMPTY_PATH))
		return -ENOENT;
	if (call->dirfd == AT_FDCWD)
		return jail_notify_open_start(call->pid, call->dirfd, "");
	return call->dirfd < 0 ? -EBADF : open_fd(call->pid, (uint64_t)call->dirfd);
}

static int ask_init(struct jail_notify *notify, const struct seccomp_notif *notif)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_TOUCH, .id = notify->command };
	struct jail_touch *touch = &message.touch;
	struct touch_call call = decode(notif, touch);
	scoped(fd) int start = -1;
	int r = call.flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) ? -EINVAL : 0;

	if (r >= 0 && call.path)
		r = jail_notify_read_text(call.pid, call.path, touch->path);
	if (r >= 0)
		r = read_times(&call, touch);
	if (r >= 0)
		r = start = open_start(&call, touch);
	/* Else the file could be that of a process of the host that got the number meanwhile. */
	if (r >= 0 && !jail_notify_is_waiting(notify, notif->id))
		r = -ESRCH;
	return r < 0 ? r : jail_message_send(notify->control, &message, &start, 1);
}

void jail_touch_notify(struct jail_notify *notify, const struct seccomp_notif *notif)
{
	int r = ask_init(notify, notif);

	if (r < 0)
		jail_notify_answer(notify, notif->id, r, 0);
}
