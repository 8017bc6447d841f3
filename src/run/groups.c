// SPDX-License-Identifier: Apache-2.0
/*
 * groups.c - the control groups of a session, as its directory remembers them
 */
#include "run/groups.h"

#include "base/buf.h"
#include "jail/limits.h"
#include "kern/file.h"
#include "run/unfinished.h"

#include <errno.h>

enum {
	PATHS_BYTES_MAX = 65536,
};

static int keep(const struct session *session, const struct buf *paths, int r, struct error *err)
{
	if (r >= 0 && paths->len)
		r = unfinished_add(session->path, err);
	if (r >= 0 && paths->len)
		r = kern_write_file(session->dirfd, RUN_GROUPS_FILE, (struct str){ paths->data, paths->len },
			0600, false);
	return r < 0 ? error_sys(err, r, "session '%s': noting its control groups", session->id) : 0;
}

int run_groups_expect(const struct session *session, const struct jail_plan *plan, struct error *err)
{
	scoped(buf) struct buf paths = BUF_INIT(PATHS_BYTES_MAX);
	int r = jail_limiter_expect(plan, &paths);

	return keep(session, &paths, r, err);
}

int run_groups_keep(const struct session *session, pid_t pid, struct error *err)
{
	scoped(buf) struct buf paths = BUF_INIT(PATHS_BYTES_MAX);
	int r = jail_cgroups_find(pid, session->id, &paths);

	/* A sandbox that has ended before we looked: its launcher lives to take them away. */
	if (r == -ENOENT || r == -ESRCH)
		return 0;
	return keep(session, &paths, r, err);
}

int run_groups_remove(const struct session *session)
{
	scoped(buf) struct buf paths = BUF_INIT(PATHS_BYTES_MAX);
	int r = kern_read_file(session->dirfd, RUN_GROUPS_FILE, &paths);

	if (r == -ENOENT)
		return 0;
	if (r >= 0)
		r = jail_cgroups_remove((struct str){ buf_text(&paths), paths.len }, session->id);
	if (r >= 0)
		r = kern_unlinkat(session->dirfd, RUN_GROUPS_FILE, 0);
	if (r >= 0)
		(void)unfinished_check(session->path);
	return r;
}
