// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups.c - control groups that outlived their launcher
 *
 * The launcher removes its groups when the sandbox is gone. One that is killed, or whose supervisor is, does
 * not; so the supervisor notes where they are, and whoever clears up after it removes them. Only an empty
 * group can be removed at all, and only one that bears the session's name is tried.
 */
#include "base/fd.h"
#include "base/path.h"
#include "jail/limits.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum {
	CGROUP_TEXT_BYTES_MAX = 65536,
	PROC_PATH_SIZE = 64,
	NAME_SIZE = 96,
};

#define CGROUP_TOP "/sys/fs/cgroup"

static bool is_group_of(struct str path, const char *session)
{
	char name[NAME_SIZE];
	int len = snprintf(name, sizeof(name), "/cordon-%s", session);

	return (size_t)len < sizeof(name) && str_ends_with(path, (struct str){ name, (size_t)len });
}

/* Where a hierarchy is mounted depends on its version and on the host: the first place that has the group. */
static int add_place(struct buf *ret, const char *top, struct str hierarchy, struct str group)
{
	char path[PATH_TEXT_MAX];
	struct stat st;
	int len = snprintf(path, sizeof(path), CGROUP_TOP "%s%.*s%.*s", top, STR_FMT(hierarchy),
		STR_FMT(group));

	if ((size_t)len >= sizeof(path) || kern_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -ENOENT;
	return buf_printf(ret, "%s\n", path);
}

static int add_group(struct buf *ret, struct str controllers, struct str group)
{
	struct str name;
	int r = -ENOENT;

	if (!controllers.len) {
		r = add_place(ret, "", controllers, group);
		return r == -ENOENT ? add_place(ret, "/unified", controllers, group) : r;
	}
	while (r == -ENOENT && controllers.len) {
		(void)str_cut(controllers, ',', &name, &controllers);
		r = add_place(ret, "/", name, group);
	}
	return r;
}

int jail_cgroups_find(pid_t pid, const char *session, struct buf *ret)
{
	scoped(buf) struct buf text = BUF_INIT(CGROUP_TEXT_BYTES_MAX);
	struct str rest, line, id, controllers;
	char path[PROC_PATH_SIZE];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	r = kern_read_file(AT_FDCWD, path, &text);
	rest = (struct str){ buf_text(&text), text.len };
	while (r >= 0 && rest.len) {
		(void)str_cut(rest, '\n', &line, &rest);
		if (!str_cut(line, ':', &id, &line) || !str_cut(line, ':', &controllers, &line))
			continue;
		if (is_group_of(line, session))
			r = add_group(ret, controllers, line);
		/* A hierarchy that is mounted nowhere that we look was made by nobody of us. */
		if (r == -ENOENT)
			r = 0;
	}
	return r;
}

int jail_cgroups_remove(struct str paths, const char *session)
{
	char path[PATH_TEXT_MAX];
	struct str line;
	int r = 0;

	while (paths.len) {
		int one;

		(void)str_cut(paths, '\n', &line, &paths);
		if (!path_is_clean(line) || !path_is_beneath(line, STR(CGROUP_TOP)) ||
				!is_group_of(line, session))
			continue;
		memcpy(path, line.data, line.len);
		path[line.len] = '\0';
		one = kern_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
		if (one < 0 && one != -ENOENT)
			r = one;
	}
	return r;
}
