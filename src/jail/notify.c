// SPDX-License-Identifier: Apache-2.0
/*
 * notify.c - the supervisor's side of the seccomp listener
 */
#include "jail/notify_internal.h"

#include "base/fd.h"
#include "base/path.h"
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

/* ---- refusals ---- */

static size_t reason_of(const struct seccomp_data *data)
{
	uint64_t args[6];
	size_t count;
	const struct jail_refusal *refusals = jail_refusals(&count);

	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		args[i] = data->args[i];
	for (size_t i = 0; i < count && i < JAIL_NOTIFY_REASONS_MAX - JAIL_NOTIFY_CALLS_MAX; i++)
		if (jail_refusal_fits(&refusals[i], data->nr, args))
			return JAIL_NOTIFY_CALLS_MAX + i;
	return (unsigned)data->nr % JAIL_NOTIFY_CALLS_MAX;
}

static struct jail_denial describe(size_t reason)
{
	struct jail_denial denial = { .call = "unknown",
		.why = "what it would reach is not the session's own",
		.error = -EPERM };
	const struct jail_syscall *call;
	int number = (int)reason;
	size_t count;

	if (reason >= JAIL_NOTIFY_CALLS_MAX) {
		const struct jail_refusal *refusal = &jail_refusals(&count)[reason - JAIL_NOTIFY_CALLS_MAX];

		denial.error = refusal->error;
		denial.why = refusal->why;
		number = refusal->number;
	}
	call = jail_syscall_find(number);
	if (call)
		denial.call = call->name;
	if (call && call->action == JAIL_SYSCALL_RECORD)
		denial.why = call->why;
	return denial;
}

static void tell(struct jail_notify *notify, size_t reason, const char *path)
{
	struct jail_denial denial = describe(reason);

	denial.path = path;
	denial.count = notify->reasons[reason].count;
	denial.fresh_count = denial.count - notify->reasons[reason].told_count;
	notify->reasons[reason].told_count = denial.count;
	notify->denied(notify, &denial);
}

/* Whether the next refusal for a reason is one that is reported. */
static bool is_told(const struct jail_notify *notify, size_t reason)
{
	uint64_t count = notify->reasons[reason].count + 1;

	return count <= JAIL_NOTIFY_EACH || !(count & (count - 1));
}

/* Counts a refusal; @path is what it named, or NULL. */
static void report(struct jail_notify *notify, size_t reason, const char *path)
{
	bool tells = is_told(notify, reason);

	notify->reasons[reason].count++;
	if (tells)
		tell(notify, reason, path);
}

static void report_rest(struct jail_notify *notify)
{
	for (size_t i = 0; i < ARRAY_SIZE(notify->reasons); i++)
		if (notify->reasons[i].count > notify->reasons[i].told_count)
			tell(notify, i, NULL);
}

static void refuse(struct jail_notify *notify, const struct seccomp_notif *call)
{
	size_t reason = reason_of(&call->data);
	bool has_path = false;
	char path[PATH_TEXT_MAX];

	if (is_told(notify, reason))
		has_path = jail_notify_path(notify, call, path);
	report(notify, reason, has_path ? path : NULL);
	jail_notify_answer(notify, call->id, describe(reason).error, 0);
}

/* ---- the listener ---- */

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
	report_rest(notify);
	notify->fd = fd_close(notify->fd);
}

void jail_notify_renamed(struct jail_notify *notify, const struct jail_renamed *renamed)
{
	if (renamed->result == JAIL_RENAME_CONTINUE)
		jail_notify_answer(notify, renamed->cookie, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	else
		jail_notify_answer(notify, renamed->cookie, MIN(renamed->result, 0), 0);
}

void jail_notify_touched(struct jail_notify *notify, const struct jail_touched *touched)
{
	if (touched->path[0])
		report(notify, (unsigned)touched->number % JAIL_NOTIFY_CALLS_MAX, touched->path);
	jail_notify_answer(notify, touched->cookie, MIN(touched->result, 0), 0);
}
