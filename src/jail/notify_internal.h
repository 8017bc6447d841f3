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
