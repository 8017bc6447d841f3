/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stage.h - what cannot be renamed into place is copied where it can
 *
 * Copies are made of new files where the branch has to keep its own (a commit of some paths), where it is on
 * another mount, or where the file in the branch is not quite the file that was judged (disguise.h). They are
 * looked at after they were made: what will go into the workspace is what was read and digested, not what it
 * was copied from.
 *
 * Where the storage is on another mount, what the commit replaces cannot be kept by a rename either, so it is
 * copied to kept/ before.
 */
#pragma once

#include "overlay/plan.h"
#include "overlay/slots.h"

/**
 * stage_copies() - fill new/ and kept/
 * @plan:      its steps get the marks of the copies
 * @ret_bytes: content that was copied
 * @err:       which file, and what to do
 *
 * Errors: -EBADMSG a copy is not what was judged; -ENOSPC, -EDQUOT no room; others from the kernel.
 * Return: 0 or negative errno.
 */
int stage_copies(struct plan *plan, uint64_t *ret_bytes, struct error *err);
