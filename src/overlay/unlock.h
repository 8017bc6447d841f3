/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unlock.h - modes that shut their owner out, and directories of the workspace opened while we look into them
 *
 * What a commit put into a workspace may have a mode that shuts its owner out, and an undo has to look at it.
 * Root looks; an ordinary user has to open such files first, from the outside in, and to shut them again
 * afterwards. The commit's own journal says what they were. In a branch no journal says so: see opened.h.
 */
#pragma once

#include "overlay/journal.h"

struct locked {
	struct str path;		/* clean, below the base; borrowed */
	mode_t mode;			/* that it has, and gets back */
};

/**
 * unlock_files() - let the owner into directories, and read files
 * @base_dirfd: what the paths are below
 * @list:       sorted, so that a directory stands before what it holds
 * @count:      how many
 *
 * One that has another mode by now is left alone: whoever compares modes afterwards will see it.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno; then those that were opened are shut again.
 */
int unlock_files(int base_dirfd, const struct locked *list, size_t count);

/** relock_files() - the opposite, in the opposite order; Return: 0 or the first negative errno */
int relock_files(int base_dirfd, const struct locked *list, size_t count);

/** mode_is_locked() - whether a directory's mode shuts its owner out */
static inline bool mode_is_locked(mode_t mode)
{
	return (mode & 0700) != 0700;
}

/** mode_opened() - what a mode becomes while we look; @format is what it belongs to, S_IFDIR or another */
static inline mode_t mode_opened(mode_t format, mode_t mode)
{
	if (S_ISDIR(format))
		return mode | 0700;
	return S_ISREG(format) ? mode | 0400 : mode;
}

/** mark_shuts_out() - whether a file has to be opened before anybody but root can look into it */
static inline bool mark_shuts_out(enum file_type type, mode_t mode)
{
	return (type == FILE_DIRECTORY && mode_is_locked(mode)) || (type == FILE_REGULAR && !(mode & 0400));
}

/** mode_is() - whether @found is @mode, or what opening a file of that type makes of it */
static inline bool mode_is(mode_t found, enum file_type type, mode_t mode)
{
	mode_t format = type == FILE_DIRECTORY ? S_IFDIR : type == FILE_REGULAR ? S_IFREG : 0;

	return found == mode || found == mode_opened(format, mode);
}
