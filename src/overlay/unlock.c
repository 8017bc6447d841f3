// SPDX-License-Identifier: Apache-2.0
/*
 * unlock.c - directories that shut their owner out, opened while we look into them
 */
#include "overlay/unlock.h"

#include "kern/file.h"
#include "overlay/cursor.h"

#include <errno.h>
#include <fcntl.h>

static int change_mode(struct cursor *cursor, struct str path, mode_t from, mode_t to)
{
	const char *name;
	struct stat st;
	int dirfd = cursor_open(cursor, path, &name);
	int r = dirfd < 0 ? dirfd : kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);

	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
		return 0;
	if (r < 0 || !S_ISDIR(st.st_mode) || (st.st_mode & 07777) != from)
		return r;
	return kern_chmod_beneath(dirfd, name, to);
}

int relock_directories(int base_dirfd, const struct locked *list, size_t count)
{
	struct cursor cursor;
	int first = 0;

	cursor_init(&cursor, base_dirfd);
	while (count--) {
		int r = change_mode(&cursor, list[count].path, list[count].mode | 0700, list[count].mode);

		first = first < 0 ? first : MIN(r, 0);
	}
	cursor_fini(&cursor);
	return first;
}

int unlock_directories(int base_dirfd, const struct locked *list, size_t count)
{
	struct cursor cursor;
	size_t i = 0;
	int r = 0;

	cursor_init(&cursor, base_dirfd);
	for (; r >= 0 && i < count; i++)
		r = change_mode(&cursor, list[i].path, list[i].mode, list[i].mode | 0700);
	cursor_fini(&cursor);
	if (r < 0)
		(void)relock_directories(base_dirfd, list, i);
	return MIN(r, 0);
}
