/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unlock.h - directories that shut their owner out, opened while we look into them
 *
 * An agent may leave a directory with mode 0 behind, with files in it that are to be committed. Root walks
 * through; an ordinary user has to open such directories first, from the outside in, and to shut them again
 * afterwards.
 */
#pragma once

#include "overlay/journal.h"

struct locked {
	struct str path;		/* clean, below the base; borrowed */
	mode_t mode;			/* that it has, and gets back */
};

/**
 * unlock_directories() - let the owner read, write and search
 * @base_dirfd: what the paths are below
 * @list:       sorted, so that a directory stands before what it holds
 * @count:      how many
 *
 * One that has another mode by now is left alone: whoever compares modes afterwards will see it.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno; then those that were opened are shut again.
 */
int unlock_directories(int base_dirfd, const struct locked *list, size_t count);

/** relock_directories() - the opposite, in the opposite order; Return: 0 or the first negative errno */
int relock_directories(int base_dirfd, const struct locked *list, size_t count);

/** mode_is_locked() - whether a directory's mode shuts its owner out */
static inline bool mode_is_locked(mode_t mode)
{
	return (mode & 0700) != 0700;
}

/** mode_is() - whether @found is @mode, or what unlocking makes of it */
static inline bool mode_is(mode_t found, mode_t mode, bool unlocked)
{
	return found == mode || (unlocked && mode_is_locked(mode) && found == (mode | 0700));
}
