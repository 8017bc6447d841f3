/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git_identity.h - the name and mail that the agent's commits carry
 *
 * Two values of the user's own git configuration, includes followed, and nothing else of it: no credentials,
 * no helpers, no aliases. They become a ~/.gitconfig in the private home if there is none, so that a
 * repository's own settings still win, and the agent may change it; it is not touched again. git itself is
 * not started for it.
 *
 * Source: git-config(1), "FILES", "Includes", "Conditional includes"
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <sys/types.h>

struct run_git_identity {
	const char *name, *email;		/* NULL: not set */
};

/**
 * run_git_identity_read() - what the user is called in git
 * @arena:       owns the texts
 * @home:        the user's: absolute, clean
 * @environment: of the user, ends in NULL: GIT_CONFIG_GLOBAL, XDG_CONFIG_HOME
 * @workspace:   for includes that hold below a directory
 * @ret:         what was found
 *
 * A file that is not there, or that git would refuse, has no say.
 */
void run_git_identity_read(struct arena *arena, const char *home, const char *const *environment,
	const char *workspace, struct run_git_identity *ret);

/**
 * run_git_identity_write() - make the private home's ~/.gitconfig, unless something is there
 * @identity:     one of its two is set
 * @private_home: the agent's, which may have written to it
 * @uid:          the agent's on disk
 * @gid:          likewise
 *
 * Errors: -EEXIST something is there; -EINVAL a value has control characters; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_git_identity_write(const struct run_git_identity *identity, const char *private_home, uid_t uid,
	gid_t gid);
