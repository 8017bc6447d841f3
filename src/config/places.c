// SPDX-License-Identifier: Apache-2.0
/*
 * places.c - where the files of a configuration are
 *
 * The home directory is resolved, since "~/x" in a file has to name what the jail can open without following
 * a link. Everything else stays as the user wrote it.
 */
#include "config/load.h"

#include "base/path.h"
#include "base/quote.h"
#include "kern/file.h"
#include "session/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* The path with its links resolved; @path itself where it does not exist. NULL: it cannot be told. */
static const char *resolve(struct arena *arena, const char *path, struct error *err)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, path, O_PATH, 0);
	char link[64], target[PATH_TEXT_MAX];
	ssize_t n;

	if (fd == -ENOENT || fd == -ENOTDIR || fd == -EACCES)
		return path;
	if (fd < 0) {
		error_sys(err, fd, "opening '%s'", quote_cstr(path).text);
		return NULL;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = kern_read_link(AT_FDCWD, link, target, sizeof(target));
	if (n < 0) {
		error_sys(err, (int)n, "finding out where '%s' leads", quote_cstr(path).text);
		return NULL;
	}
	return arena_copy(arena, target, (size_t)n);
}

/*
 * Where the files that came with cordon are from where a program is; its directory's own name decides, so no
 * other place is ever tried.
 */
static const struct {
	const char *program_dir;
	const char *data_dir;
} layouts[] = {
	{ "/bin", "../share/cordon" },
	{ "/libexec/cordon", "../../share/cordon" },
	{ "/src/cli", "../../data" },
	{ "/src/roles/supervisor", "../../../data" },
	{ "/src/roles/checker", "../../../data" },
	{ "/tests/unit", "../../data" },
};

const char *config_data_dir(struct arena *arena, struct error *err)
{
	char exe[PATH_TEXT_MAX];
	ssize_t n = kern_read_link(AT_FDCWD, "/proc/self/exe", exe, sizeof(exe));
	struct str dir;
	const char *path;
	struct stat st;

	if (n < 0) {
		error_sys(err, (int)n, "finding out which program runs: /proc/self/exe");
		return NULL;
	}
	dir = path_parent((struct str){ .data = exe, .len = (size_t)n });
	exe[dir.len] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		if (!str_ends_with(dir, str_from(layouts[i].program_dir)))
			continue;
		path = path_clean(arena, exe, str_from(layouts[i].data_dir));
		if (path && kern_fstatat(AT_FDCWD, path, &st, 0) >= 0 && S_ISDIR(st.st_mode))
			return path;
	}
	error_set(err, -ENOENT, "cordon's data files are not where they belong, seen from '%s'",
		quote_cstr(exe).text);
	error_hint(err, "Install cordon again; its files must stay together.");
	return NULL;
}

int config_places_init(struct arena *arena, struct config_places *ret, struct error *err)
{
	struct config_places places = { .policy_file = CONFIG_POLICY_FILE };
	const char *home = dirs_home(arena, err), *data;

	if (!home)
		return -ENOENT;
	places.home = resolve(arena, home, err);
	places.config_dir = dirs_find(arena, DIRS_CONFIG, err);
	places.state_dir = dirs_find(arena, DIRS_STATE, err);
	if (!places.home || !places.config_dir || !places.state_dir)
		return error_wrap(err, -ENOENT, "looking for your configuration");
	data = config_data_dir(arena, err);
	if (!data)
		return -ENOENT;
	places.profile_dir = arena_printf(arena, "%s/profiles", data);
	if (!places.profile_dir)
		return error_set(err, -ENOENT, "looking for your configuration: a path is too long");
	*ret = places;
	return 0;
}
