// SPDX-License-Identifier: Apache-2.0
/*
 * home.c - what an agent left in its private home where mount points have to be
 *
 * Each step that lies right below the private home, with no other mount between them, is walked to from the
 * home's own descriptor, component by component; the first one that is no directory is the obstacle. A file's
 * own place may be anything but a link or a directory.
 */
#include "run/home.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

struct finder {
	struct arena *arena;
	const struct jail_plan *plan;
	size_t home;			/* index of its step */
	int home_fd;
	struct run_obstacle *items;
	size_t count;
};

static size_t find_home(const struct jail_plan *plan)
{
	size_t i = 0;

	while (i < plan->step_count && !(plan->steps[i].flags & JAIL_STEP_HOME))
		i++;
	return i;
}

static bool is_mount(const struct jail_step *step)
{
	return step->kind == JAIL_STEP_BIND || step->kind == JAIL_STEP_OVERLAY ||
		step->kind == JAIL_STEP_TMPFS || step->kind == JAIL_STEP_FILE;
}

/* Whether nothing is mounted between the home and the step: then its way is the agent's to have changed. */
static bool is_right_below(const struct finder *finder, size_t index)
{
	const struct jail_step *steps = finder->plan->steps;
	struct str target = str_from(steps[index].target);

	if (index == finder->home || !is_mount(&steps[index]) ||
			!path_is_beneath(target, str_from(steps[finder->home].target)))
		return false;
	for (size_t i = finder->home + 1; i < index; i++)
		if (is_mount(&steps[i]) && path_is_beneath(target, str_from(steps[i].target)))
			return false;
	return true;
}

static bool wants_directory(const struct jail_step *step)
{
	struct stat st;

	if (step->kind != JAIL_STEP_BIND)
		return step->kind != JAIL_STEP_FILE;
	return kern_fstatat(AT_FDCWD, step->source, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode);
}

/* What stands under a name instead of what the way needs; NULL: nothing, or what is needed. */
static const char *name_obstacle(int fd, const char *name, bool directory)
{
	struct stat st;

	if (kern_fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || (directory && S_ISDIR(st.st_mode)))
		return NULL;
	if (S_ISLNK(st.st_mode))
		return "a link";
	if (S_ISDIR(st.st_mode))
		return "a directory";
	return directory ? "no directory" : NULL;
}

/* Opens the next directory of the way; consumes @fd. Return: a descriptor, or -1: the way ends. */
static int step_into(int fd, const char *name)
{
	int child = kern_open_beneath(fd, name, O_PATH | O_DIRECTORY, 0);

	fd_close(fd);
	return child < 0 ? -1 : child;
}

static bool is_known(const struct finder *finder, const char *path)
{
	for (size_t i = 0; i < finder->count; i++)
		if (!strcmp(finder->items[i].path, path))
			return true;
	return false;
}

static int add(struct finder *finder, struct str path, const char *what)
{
	struct run_obstacle *item = &finder->items[finder->count];

	item->path = arena_copy(finder->arena, path.data, path.len);
	item->aside = arena_printf(finder->arena, "%.*s.cordon-%s", STR_FMT(path), finder->plan->session);
	item->what = what;
	if (!item->path || !item->aside)
		return -ENOMEM;
	finder->count += !is_known(finder, item->path);
	return 0;
}

static int walk(struct finder *finder, const struct jail_step *step)
{
	const char *path = path_relative(step->target, finder->plan->steps[finder->home].target);
	int fd = kern_open_beneath(finder->home_fd, ".", O_PATH | O_DIRECTORY, 0);
	bool directory = wants_directory(step);
	struct str rest = str_from(path), part;
	const char *what = NULL;
	char name[NAME_MAX + 1];

	while (fd >= 0 && path_next(&rest, &part) && part.len <= NAME_MAX) {
		memcpy(name, part.data, part.len);
		name[part.len] = '\0';
		what = name_obstacle(fd, name, rest.len || directory);
		if (what)
			break;
		fd = step_into(fd, name);
	}
	fd_close(fd);
	return what ? add(finder, (struct str){ path, (size_t)(part.data + part.len - path) }, what) : 0;
}

int run_home_find_obstacles(struct arena *arena, const struct jail_plan *plan, struct run_obstacles *ret,
	struct error *err)
{
	struct finder finder = { .arena = arena, .plan = plan, .home = find_home(plan) };
	scoped(fd) int home_fd = -1;
	int r = 0;

	*ret = (struct run_obstacles){ 0 };
	if (finder.home == plan->step_count)
		return 0;
	home_fd = kern_open(AT_FDCWD, plan->steps[finder.home].source, O_PATH | O_DIRECTORY, 0);
	if (home_fd < 0)
		return error_sys(err, home_fd, "the agent's private home '%s'",
			quote_cstr(plan->steps[finder.home].source).text);
	finder.home_fd = home_fd;
	finder.items = arena_alloc_array(arena, RUN_OBSTACLES_MAX, sizeof(*finder.items));
	if (!finder.items)
		r = -ENOMEM;
	for (size_t i = 0; i < plan->step_count && r >= 0; i++)
		if (is_right_below(&finder, i))
			r = walk(&finder, &plan->steps[i]);
	if (r < 0)
		return error_sys(err, r, "looking through the agent's private home");
	*ret = (struct run_obstacles){ finder.items, finder.count };
	return 0;
}

/* The directory that @path lies in; a link on the way was no obstacle when it was looked for. */
static int open_parent(struct arena *arena, int home_fd, const char *path)
{
	struct str parent = path_parent(str_from(path));
	const char *text = arena_copy(arena, parent.data, parent.len);

	return text ? kern_open_beneath(home_fd, text, O_PATH | O_DIRECTORY, 0) : -ENOMEM;
}

int run_home_move_aside(struct arena *arena, const struct jail_plan *plan,
	const struct run_obstacles *obstacles, struct error *err)
{
	const char *home = obstacles->count ? plan->steps[find_home(plan)].source : "";
	scoped(fd) int home_fd = obstacles->count ? kern_open(AT_FDCWD, home, O_PATH | O_DIRECTORY, 0) : -1;

	for (size_t i = 0; i < obstacles->count; i++) {
		const struct run_obstacle *item = &obstacles->items[i];
		scoped(fd) int dirfd = open_parent(arena, home_fd, item->path);
		int r = dirfd < 0 ? dirfd :
			kern_renameat2(dirfd, path_name(item->path), dirfd, path_name(item->aside),
				RENAME_NOREPLACE);

		if (r >= 0 || r == -ENOENT)
			continue;
		error_sys(err, r,
			"in the agent's private home, '%s/%s' is %s, in the way of what is shown there, and it cannot be moved aside",
			quote_cstr(home).text, quote_cstr(item->path).text, item->what);
		error_hint(err, "Look at it, and remove it.");
		return r;
	}
	return 0;
}
