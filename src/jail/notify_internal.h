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
