/* SPDX-License-Identifier: Apache-2.0 */
/*
 * revisions.h - the file of the revisions of signed bundles that were used (policy/revision.h)
 *
 *	<state>/policy-revisions.json	the document; replaced as a whole
 *	<state>/policy-revisions.lock	locked by whoever changes it, with flock(2), for no longer than that
 *
 * A session reads it before it starts, and adds to it when its agent has started: what never came so far was
 * never used. A bundle that is not signed is neither looked up nor added, so most sessions do not open it. No
 * agent reaches the directory of state. A file that is damaged starts no session with a signed bundle: what
 * it would say is not known.
 */
#pragma once

#include "policy/revision.h"

/**
 * run_revisions_check() - whether none of the bundles is older than the last that was used
 * @state_dirfd: borrowed
 * @bundles:     verified; where there are none, nothing is read
 * @err:         which one is, and what to do
 *
 * Errors: -ESTALE one is older; -EBADMSG the file is damaged; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_revisions_check(int state_dirfd, const struct policy_bundles *bundles, struct error *err);

/**
 * run_revisions_keep() - remember what is used now
 * @state_dirfd: borrowed
 * @bundles:     as run_revisions_check() took them
 * @err:         what failed
 *
 * Where another session has used a newer one meanwhile, that one stays.
 *
 * Errors: -EBADMSG the file is damaged; -EMSGSIZE it would be too large; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_revisions_keep(int state_dirfd, const struct policy_bundles *bundles, struct error *err);

/** run_revisions_read() - the document, owned by @arena; empty where nothing was kept; Return: 0 or -errno */
int run_revisions_read(int state_dirfd, struct arena *arena, const struct json **ret, struct error *err);

/**
 * run_revisions_forget() - forget a bundle, or all of them
 * @state_dirfd: borrowed
 * @path:        what it goes by; NULL: all, also where the file is damaged
 * @err:         what failed
 *
 * Errors: -ENOENT no revision of it was used; others as above.
 * Return: 0 or negative errno.
 */
int run_revisions_forget(int state_dirfd, const char *path, struct error *err);
