// SPDX-License-Identifier: Apache-2.0
/*
 * unlock.c - modes that shut their owner out, and directories of the workspace opened while we look into them
 */
#include "overlay/unlock.h"

#include "kern/file.h"
#include "overlay/cursor.h"

#include <errno.h>
#include <fcntl.h>

static int change_mode(struct cursor *cursor, const struct locked *locked, bool open)
{
	const char *name;
	struct stat st;
	mode_t opened;
	int dirfd = cursor_open(cursor, locked->path, &name);
	int r = dirfd < 0 ? dirfd : kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);

	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
		return 0;
	if (r < 0)
		return r;
	opened = mode_opened(st.st_mode, locked->mode);
	if (opened == locked->mode || (st.st_mode & 07777) != (open ? locked->mode : opened))
		return 0;
	return kern_chmod_beneath(dirfd, name, open ? opened : locked->mode);
}

int relock_files(int base_dirfd, const struct locked *list, size_t count)
{
	struct cursor cursor;
	int first = 0;

	cursor_init(&cursor, base_dirfd);
	while (count--) {
		int r = change_mode(&cursor, &list[count], false);

		first = first < 0 ? first : r;
	}
	cursor_fini(&cursor);
	return first;
}

int unlock_files(int base_dirfd, const struct locked *list, size_t count)
{
	struct cursor cursor;
	size_t i = 0;
	int r = 0;

	cursor_init(&cursor, base_dirfd);
	for (; r >= 0 && i < count; i++)
		r = change_mode(&cursor, &list[i], true);
	cursor_fini(&cursor);
	if (r < 0)
		(void)relock_files(base_dirfd, list, i);
	return r;
}
