// SPDX-License-Identifier: Apache-2.0
/*
 * program.c - the programs on the person's PATH
 */
#include "cli/program.h"

#include "base/fd.h"
#include "base/path.h"
#include "jail/plan_view.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory may be "executed", too, and is no program. */
static int open_file(const char *path)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, path, O_PATH, 0);
	struct stat st;

	if (fd < 0)
		return fd;
	if (kern_fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || kern_faccessat(AT_FDCWD, path, X_OK, 0) < 0)
		return -EACCES;
	return TAKE_FD(fd);
}

static bool is_file(const char *path)
{
	scoped(fd) int fd = open_file(path);

	return fd >= 0;
}

const char *program_find(struct cli *cli, struct str path, const struct jail_plan *plan, const char *name)
{
	struct str dir;

	for (bool more = true; more; ) {
		const char *full;

		more = str_cut(path, ':', &dir, &path);
		if (!plan && (!dir.len || dir.data[0] != '/'))
			continue;
		full = path_clean(&cli->arena, plan ? plan->command.cwd : "/", dir);
		if (full)
			full = path_clean(&cli->arena, full, str_from(name));
		if (full && plan)
			full = jail_plan_source(&cli->arena, plan, full);
		if (full && is_file(full))
			return full;
	}
	return NULL;
}

/* Return: an O_PATH descriptor, or negative errno */
static int open_program(const struct cli *cli, const char *name)
{
	const char *path = cli_env(cli, "PATH");
	struct str rest = str_from(path ? path : "/usr/bin:/bin"), dir;
	bool more = true;

	if (strchr(name, '/'))
		return open_file(name);
	while (more) {
		char full[PATH_TEXT_MAX];
		int fd;

		more = str_cut(rest, ':', &dir, &rest);
		if (!dir.len || dir.data[0] != '/' || dir.len + strlen(name) + 2 > sizeof(full))
			continue;
		snprintf(full, sizeof(full), "%.*s/%s", STR_FMT(dir), name);
		fd = open_file(full);
		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

bool program_is_here(const struct cli *cli, const char *name)
{
	scoped(fd) int fd = open_program(cli, name);

	return fd >= 0;
}
