// SPDX-License-Identifier: Apache-2.0
/*
 * cursor.c - the parent directory of a path, opened once for all the paths in it
 *
 * Invariant: fd is -1, or the directory that path named when it was opened.
 */
#include "overlay/cursor.h"

#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

void cursor_init(struct cursor *cursor, int base_dirfd)
{
	cursor->base_dirfd = base_dirfd;
	cursor->fd = -1;
	cursor->len = 0;
}

void cursor_fini(struct cursor *cursor)
{
	cursor->fd = fd_close(cursor->fd);
}

bool cursor_is_at(const struct cursor *cursor, struct str path)
{
	struct str parent = path_parent(path);

	return cursor->fd >= 0 &&
		str_eq(parent.len ? parent : STR("."), (struct str){ cursor->path, cursor->len });
}

int cursor_open(struct cursor *cursor, struct str path, const char **ret_name)
{
	struct str parent = path_parent(path);

	*ret_name = path_name(path.data);
	if (cursor_is_at(cursor, path))
		return cursor->fd;
	if (!parent.len)
		parent = STR(".");	/* of "." itself: the base, under that name */
	if (parent.len >= sizeof(cursor->path))
		return -ENAMETOOLONG;
	cursor_fini(cursor);
	memcpy(cursor->path, parent.data, parent.len);
	cursor->path[parent.len] = '\0';
	cursor->len = parent.len;
	cursor->fd = kern_open_beneath(cursor->base_dirfd, cursor->path, O_PATH | O_DIRECTORY, 0);
	if (cursor->fd < 0) {
		int r = cursor->fd;

		cursor->fd = -1;
		return r;
	}
	return cursor->fd;
}

int cursor_verify(struct cursor *cursor)
{
	struct stat open_st, path_st;
	scoped(fd) int again = -1;
	int r;

	if (cursor->fd < 0)
		return 0;
	again = kern_open_beneath(cursor->base_dirfd, cursor->path, O_PATH | O_DIRECTORY, 0);
	if (again < 0)
		return again == -EMFILE || again == -ENFILE || again == -ENOMEM ? again : -ESTALE;
	r = kern_fstat(cursor->fd, &open_st);
	if (r >= 0)
		r = kern_fstat(again, &path_st);
	if (r < 0)
		return r;
	return open_st.st_dev == path_st.st_dev && open_st.st_ino == path_st.st_ino ? 0 : -ESTALE;
}
