// SPDX-License-Identifier: Apache-2.0
/*
 * roots.c - the directories of a session that have a branch, opened
 */
#include "run/roots.h"

#include "base/fd.h"
#include "base/quote.h"
#include "kern/file.h"
#include "run/workcopy.h"

#include <fcntl.h>

static int open_root(const struct session_root *root, struct overlay_root *ret, struct error *err)
{
	ret->storage_dirfd = kern_open(AT_FDCWD, root->storage, O_PATH | O_DIRECTORY, 0);
	if (ret->storage_dirfd < 0)
		return error_sys(err, ret->storage_dirfd, "cannot open the branch of '%s'",
			quote_cstr(root->path).text);
	ret->lower_dirfd = kern_open(AT_FDCWD, root->path, O_RDONLY | O_DIRECTORY, 0);
	if (ret->lower_dirfd < 0)
		return error_sys(err, ret->lower_dirfd, "cannot open '%s'", quote_cstr(root->path).text);
	ret->upper_dirfd = kern_open_beneath(ret->storage_dirfd, "upper", O_RDONLY | O_DIRECTORY, 0);
	if (ret->upper_dirfd < 0)
		return error_sys(err, ret->upper_dirfd, "cannot open the branch of '%s'",
			quote_cstr(root->path).text);
	return 0;
}

int run_roots_open(const struct session *session, struct run_roots *ret, struct error *err)
{
	int r = run_workcopy_gather(session, err);

	ret->count = 0;
	for (size_t i = 0; i < session->root_count && r >= 0; i++) {
		if (session->roots[i].live)
			continue;
		ret->items[ret->count] = (struct overlay_root){ session->roots[i].path, -1, -1, -1 };
		r = open_root(&session->roots[i], &ret->items[ret->count++], err);
	}
	return r;
}

void run_roots_close(struct run_roots *roots)
{
	while (roots->count) {
		struct overlay_root *root = &roots->items[--roots->count];

		fd_close(root->lower_dirfd);
		fd_close(root->upper_dirfd);
		fd_close(root->storage_dirfd);
	}
}
