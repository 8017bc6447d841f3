// SPDX-License-Identifier: Apache-2.0
/*
 * notify.c - the supervisor's side of the seccomp listener
 */
#include "jail/notify_internal.h"

#include "base/fd.h"
#include "jail/seccomp.h"

#include <errno.h>
#include <sys/ioctl.h>

#define IOCTL_SET_FLAGS SECCOMP_IOW(4, __u64)	/* SECCOMP_IOCTL_NOTIF_SET_FLAGS, Linux 6.6 */
#define FLAG_SYNC_WAKE_UP 1ul			/* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, Linux 6.6 */

enum {
	KERNEL_STRUCT_BYTES_MAX = 256,
};

/* The kernel fills its own idea of the struct, which may have grown. */
union call {
	struct seccomp_notif notif;
	char room[KERNEL_STRUCT_BYTES_MAX];
};

void jail_notify_answer(const struct jail_notify *notify, uint64_t cookie, int error, uint32_t flags)
{
	struct seccomp_notif_resp answer = { .id = cookie, .error = error, .flags = flags };

	/* ENOENT: the task was killed while it waited. */
	(void)kern_ioctl(notify->fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

bool jail_notify_is_waiting(const struct jail_notify *notify, uint64_t cookie)
{
	return kern_ioctl(notify->fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &cookie) >= 0;
}

static void refuse(struct jail_notify *notify, const struct seccomp_notif *call)
{
	const char *name = jail_syscall_name(call->data.nr);
	struct jail_denial denial = { .command = notify->command, .call = name ? name : "unknown",
		.pid = (int32_t)call->pid };
	uint64_t *count = &notify->counts[(unsigned)call->data.nr % JAIL_NOTIFY_CALLS_MAX];

	denial.count = ++*count;
	memcpy(denial.args, call->data.args, sizeof(denial.args));
	if (!(*count & (*count - 1)))
		notify->denied(notify, &denial);
	jail_notify_answer(notify, call->id, -EPERM, 0);
}

/* One call each time the loop comes round: a task that waits is one that makes no second call. */
static void serve_one(struct jail_notify *notify)
{
	union call call = { 0 };
	int r = kern_ioctl(notify->fd, SECCOMP_IOCTL_NOTIF_RECV, &call);

	if (r == -ENOENT || r == -EINTR)
		return;		/* the task was killed between the event and now */
	if (r < 0) {
		jail_notify_fini(notify);
		return;
	}
	if (jail_rename_is(call.notif.data.nr))
		jail_rename_notify(notify, &call.notif);
	else if (jail_touch_is(call.notif.data.nr))
		jail_touch_notify(notify, &call.notif);
	else
		refuse(notify, &call.notif);
}

static void ready(struct loop_io *io, uint32_t events)
{
	struct jail_notify *notify = CONTAINER_OF(io, struct jail_notify, io);

	if (!(events & EPOLLIN)) {
		jail_notify_fini(notify);	/* hang-up: no task uses the filter any more */
		return;
	}
	serve_one(notify);
}

int jail_notify_init(struct jail_notify *notify, struct loop *loop, int fd, uint32_t command,
	struct channel *control, jail_denied_fn *denied)
{
	int r;

	*notify = (struct jail_notify){ .command = command, .fd = fd, .control = control, .denied = denied };
	/* An older kernel wakes us the slow way. */
	(void)kern_ioctl(fd, IOCTL_SET_FLAGS, (void *)FLAG_SYNC_WAKE_UP);
	r = loop_add_io(loop, &notify->io, fd, EPOLLIN, ready);
	if (r < 0)
		notify->fd = fd_close(fd);
	return r;
}

void jail_notify_fini(struct jail_notify *notify)
{
	if (!notify->io.loop)
		return;
	loop_remove_io(&notify->io);
	notify->fd = fd_close(notify->fd);
}

void jail_notify_renamed(struct jail_notify *notify, const struct jail_renamed *renamed)
{
	if (renamed->result == JAIL_RENAME_CONTINUE)
		jail_notify_answer(notify, renamed->cookie, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	else
		jail_notify_answer(notify, renamed->cookie, MIN(renamed->result, 0), 0);
}
