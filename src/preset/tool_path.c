// SPDX-License-Identifier: Apache-2.0
/*
 * tool_path.c - where programs and files come from that nobody else can have put there
 */
#include "preset/tool.h"

#include "base/fd.h"
#include "base/path.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether nobody but trusted owners can change what @st is of. */
static bool is_ours(const struct stat *st, const struct stat *root)
{
	bool is_sticky = S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX;

	if (st->st_uid && st->st_uid != kern_geteuid() && st->st_uid != root->st_uid)
		return false;
	if (st->st_mode & S_IWOTH && !is_sticky)
		return false;
	/* A group of the user's own has nobody else in it, where groups are made like that. */
	return !(st->st_mode & S_IWGRP) || is_sticky || !st->st_gid || st->st_gid == kern_getegid() ||
		st->st_gid == root->st_gid;
}

bool tool_path_is_safe(const struct tool_host *host, const char *path)
{
	char part[PATH_TEXT_MAX];
	size_t len = strlen(path);
	struct stat st, root;

	if (path[0] != '/' || len >= sizeof(part) ||
			path_is_beneath(str_from(path), str_from(host->workspace)) ||
			kern_fstatat(AT_FDCWD, "/", &root, 0) < 0)
		return false;
	memcpy(part, path, len + 1);
	for (size_t i = len; i; i--) {
		if (i < len && path[i] != '/')
			continue;
		part[i] = '\0';
		if (kern_fstatat(AT_FDCWD, part, &st, AT_SYMLINK_NOFOLLOW) < 0 || !is_ours(&st, &root))
			return false;
	}
	return is_ours(&root, &root);
}

static bool is_program(const char *path)
{
	struct stat st;

	return kern_fstatat(AT_FDCWD, path, &st, 0) >= 0 && S_ISREG(st.st_mode) &&
		kern_faccessat(AT_FDCWD, path, X_OK, 0) >= 0;
}

/* The first of a name in the directories that count; what a link leads to has to count as well. */
static const char *find_one(const struct tool_host *host, struct str name, bool *ret_is_refused)
{
	struct str rest = str_from(host->path), dir;

	for (bool more = rest.len; more;) {
		char real[PATH_TEXT_MAX];
		const char *full;
		ssize_t n;

		more = str_cut(rest, ':', &dir, &rest);
		full = arena_printf(host->arena, "%.*s/%.*s", STR_FMT(dir), STR_FMT(name));
		if (!full || !is_program(full))
			continue;
		n = kern_real_path(full, real, sizeof(real));
		if (n > 0 && (size_t)n < sizeof(real)) {
			real[n] = '\0';
			if (tool_path_is_safe(host, real))
				return full;
		}
		*ret_is_refused = true;
	}
	return NULL;
}

const char *tool_find_program(const struct tool_host *host, const char *names, const char **ret)
{
	struct str rest = str_from(names), name;
	bool is_refused = false;
	const char *why, *found = NULL;

	for (bool more = true; more && !found;) {
		more = str_cut(rest, '|', &name, &rest);
		found = find_one(host, name, &is_refused);
	}
	if (found) {
		*ret = found;
		return NULL;
	}
	str_cut(str_from(names), '|', &name, &rest);
	why = arena_printf(host->arena,
		is_refused ?
			"'%.*s' lies where somebody else can write, or in the project, and is not run" :
			"'%.*s' is not on your PATH, as far as that leads neither into the project nor where others can write",
		STR_FMT(name));
	return why ? why : "it is not there";
}
