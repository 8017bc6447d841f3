// SPDX-License-Identifier: Apache-2.0
/*
 * workspace.c - which directory a person means
 */
#include "run/workspace.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "config/load.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

int run_real_path(struct arena *arena, const char *path, const char **ret)
{
	char text[PATH_TEXT_MAX];
	ssize_t n = kern_real_path(path, text, sizeof(text));

	if (n < 0)
		return (int)n;
	*ret = arena_copy(arena, text, (size_t)n);
	return *ret ? 0 : -ENOMEM;
}

const char *run_current_dir(struct arena *arena, struct error *err)
{
	const char *path = NULL;
	struct stat st;
	int r = run_real_path(arena, ".", &path);

	/* A directory that was removed still has a name here, with " (deleted)" behind it. */
	if (r >= 0)
		r = kern_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW);
	if (r >= 0)
		return path;
	error_sys(err, r, "the current directory cannot be opened");
	if (r == -ENOENT)
		error_hint(err, "It was removed: change to one that exists.");
	return NULL;
}

static bool is_project(struct arena *arena, struct str dir)
{
	const char *path = arena_printf(arena, "%.*s/.git", STR_FMT(dir));
	struct stat st;

	if (path && kern_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) >= 0)
		return true;
	for (size_t i = 0; i < config_project_file_count; i++) {
		path = arena_printf(arena, "%.*s/%s", STR_FMT(dir), config_project_files[i]);
		if (path && kern_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) >= 0)
			return true;
	}
	return false;
}

static const char *find_project(struct arena *arena, const char *current)
{
	struct str dir = str_from(current);

	for (; dir.len > 1; dir = path_parent(dir))
		if (is_project(arena, dir))
			return arena_copy(arena, dir.data, dir.len);
	return current;
}

const char *run_find_workspace(struct arena *arena, const char *wanted, struct error *err)
{
	const char *path = NULL;
	struct stat st;
	int r;

	if (!wanted) {
		path = run_current_dir(arena, err);
		path = path ? find_project(arena, path) : NULL;
		if (!path)
			return NULL;
	} else {
		r = run_real_path(arena, wanted, &path);
		if (r >= 0)
			r = kern_fstatat(AT_FDCWD, path, &st, 0);
		if (r >= 0 && !S_ISDIR(st.st_mode))
			r = -ENOTDIR;
		if (r < 0) {
			error_sys(err, r, "the workspace '%s'", quote_cstr(wanted).text);
			return NULL;
		}
	}
	if (strcmp(path, "/"))
		return path;
	error_set(err, -EINVAL,
		"'/' cannot be a workspace: a branch of the whole system would shield nothing");
	error_hint(err, "Change to your project's directory, or name it with --workspace.");
	return NULL;
}
