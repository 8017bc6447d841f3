/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify_internal.h - parts of the listener
 */
#pragma once

#include "jail/notify.h"

#include <linux/seccomp.h>

/**
 * jail_notify_answer() - let a waiting call return @error (negative errno or 0), or go on where @flags say so
 */
void jail_notify_answer(const struct jail_notify *notify, uint64_t cookie, int error, uint32_t flags);

/**
 * jail_notify_is_waiting() - whether the task of a notification still waits for its answer
 * @notify: the listener
 * @cookie: of the notification
 *
 * What was looked up by the task's process id before is its own only if this says so afterwards: a task that
 * dies frees its number for any process of the host.
 *
 * Source: seccomp_unotify(2), SECCOMP_IOCTL_NOTIF_ID_VALID
 * Return: true while it does.
 */
bool jail_notify_is_waiting(const struct jail_notify *notify, uint64_t cookie);

/**
 * jail_notify_path() - the path that a refused call names
 * @notify: where it waits
 * @call:   any call
 * @ret:    PATH_TEXT_MAX bytes: absolute, but not resolved; bytes of the agent's
 *
 * What it was when it was looked at: the agent may write there at any time. It is for a person to read, and
 * nothing else.
 *
 * Source: proc(5), /proc/PID/cwd and fd
 * Return: whether it names one, and it could be read.
 */
bool jail_notify_path(const struct jail_notify *notify, const struct seccomp_notif *call, char *ret);

/**
 * jail_notify_read_text() - a C string of the task; @ret is JAIL_RENAME_PATH_MAX bytes; Return: 0 or negative
 * errno
 */
int jail_notify_read_text(pid_t pid, uint64_t address, char ret[JAIL_RENAME_PATH_MAX]);

/**
 * jail_notify_open_start() - the directory that a path of the task starts at
 * @pid:   the task
 * @dirfd: as the task gave it, or AT_FDCWD
 * @path:  an absolute one starts at its root
 *
 * Errors: from the kernel.
 * Return: an O_PATH descriptor or negative errno.
 */
int jail_notify_open_start(pid_t pid, int dirfd, const char *path);

/** jail_touch_is() - whether a call's number is one that changes a file's mode or times */
bool jail_touch_is(int number);

/**
 * jail_touch_notify() - have one of them done, or refused
 * @notify: where it waits
 * @notif:  one for which jail_touch_is()
 */
void jail_touch_notify(struct jail_notify *notify, const struct seccomp_notif *notif);

/** jail_rename_is() - whether a call's number is one of the renames */
bool jail_rename_is(int number);

/**
 * jail_rename_notify() - decide about one rename
 * @notify: where it waits
 * @notif:  one for which jail_rename_is()
 *
 * Answers at once where the kernel can do it alone (nearly always), else asks init.
 */
void jail_rename_notify(struct jail_notify *notify, const struct seccomp_notif *notif);
