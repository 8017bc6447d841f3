// SPDX-License-Identifier: Apache-2.0
/*
 * apply_source.c - what the host contributes to the view
 *
 * Every host path is opened without following a symbolic link, once, and used through its descriptor from
 * then on. A bind gets its attributes (read-only, no setuid, no devices) while it is still detached.
 */
#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "jail/apply_internal.h"
#include "kern/file.h"
#include "kern/mount.h"

#include <errno.h>
#include <fcntl.h>

static int fail(const char *path, int code, struct error *err)
{
	(void)error_sys(err, code, "sandbox: cannot use '%s'", quote_cstr(path).text);
	if (code == -ELOOP)
		error_hint(err, "it goes through a symbolic link: name the place that the link leads to");
	else if (code == -ENOENT)
		error_hint(err, "create it, or take it out of the configuration");
	return code;
}

static int map_owners(const char *path, int mount, int userns_fd, struct error *err)
{
	int r = kern_mount_idmap(mount, userns_fd);

	if (r >= 0)
		return 0;
	if (r == -EINVAL)
		r = -EOPNOTSUPP;
	(void)error_sys(err, r, "sandbox: owners of '%s' cannot be mapped to the agent's id",
		quote_cstr(path).text);
	error_hint(err,
		"its file system has no idmapped mounts: run cordon as the ordinary user who owns the files");
	return r;
}

/*
 * A detached mount of @path; with what lies below, unless it becomes a layer, which must be a single mount.
 */
static int open_mount(const struct jail_step *step, const char *path, bool layer, int userns_fd,
	struct error *err)
{
	scoped(fd) int fd = kern_open_plain(path, O_PATH | (layer ? O_DIRECTORY : 0));
	scoped(fd) int mount = -1;
	int r;

	if (fd == -ENOENT && step->flags & JAIL_STEP_OPTIONAL)
		return fd;
	if (fd < 0)
		return fail(path, fd, err);
	mount = layer ? kern_open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH) :
			kern_mount_clone(fd);
	r = mount;
	if (r >= 0 && !layer)
		r = kern_mount_set(mount, jail_mount_attr(step), true);
	if (r < 0)
		return fail(path, r, err);
	if (userns_fd >= 0)
		r = map_owners(path, mount, userns_fd, err);
	return r < 0 ? r : TAKE_FD(mount);
}

/* Only root can write /dev: its nodes need no search that follows nothing. */
static int open_device(const struct jail_step *step, struct error *err)
{
	scoped(fd) int mount = kern_open_tree(AT_FDCWD, step->source,
		OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	int r = mount < 0 ? mount : kern_mount_set(mount, jail_mount_attr(step), false);

	if (r == -ENOENT && step->flags & JAIL_STEP_OPTIONAL)
		return r;
	return r < 0 ? fail(step->source, r, err) : TAKE_FD(mount);
}

static int open_layer(const struct jail_step *step, const char *path, bool as_mount, int userns_fd,
	struct error *err)
{
	int fd;

	if (as_mount)
		return open_mount(step, path, true, userns_fd, err);
	fd = kern_open_plain(path, O_PATH | O_DIRECTORY);
	return fd < 0 ? fail(path, fd, err) : fd;
}

static int open_overlay(const struct jail_step *step, bool for_init, int userns_fd, struct jail_source *ret,
	struct error *err)
{
	struct str parent;
	char storage[PATH_TEXT_MAX];
	scoped(fd) int lower = open_layer(step, step->source, for_init, userns_fd, err);
	int r = lower;

	if (r >= 0 && step->upper) {
		parent = path_parent(str_from(step->upper));
		memcpy(storage, parent.data, parent.len);
		storage[parent.len] = '\0';
		r = ret->layers = open_layer(step, storage, for_init, -1, err);
	}
	if (r < 0)
		return r;
	ret->source = TAKE_FD(lower);
	return 0;
}

static int open_source(const struct jail_step *step, bool for_init, int userns_fd, struct jail_source *ret,
	struct error *err)
{
	int r;

	if (step->kind == JAIL_STEP_OVERLAY)
		return open_overlay(step, for_init, userns_fd, ret, err);
	if (step->kind != JAIL_STEP_BIND && step->kind != JAIL_STEP_DEVICE)
		return 0;
	r = step->kind == JAIL_STEP_DEVICE ? open_device(step, err) :
		open_mount(step, step->source, false, userns_fd, err);
	if (r == -ENOENT && step->flags & JAIL_STEP_OPTIONAL)
		return 0;
	if (r >= 0)
		ret->source = r;
	return MIN(r, 0);
}

/* Owner maps cost a process each; neighbours nearly always share one. */
struct owner_map {
	int fd;
	uid_t uid;
	gid_t gid;
};

static int map_for(const struct jail_plan *plan, const struct jail_step *step, struct owner_map *map,
	struct error *err)
{
	const struct jail_identity *identity = &plan->identity;

	if (!(step->flags & JAIL_STEP_IDMAP))
		return 0;
	if (map->fd >= 0 && map->uid == step->owner_uid && map->gid == step->owner_gid)
		return 0;
	fd_close(map->fd);
	map->fd = jail_idmap_open(step->owner_uid, step->owner_gid, identity->uid, identity->gid, err);
	map->uid = step->owner_uid;
	map->gid = step->owner_gid;
	return MIN(map->fd, 0);
}

int jail_sources_init(struct arena *arena, const struct jail_plan *plan, bool for_init,
	struct jail_sources *ret, struct error *err)
{
	*ret = (struct jail_sources){ .layers_are_mounts = for_init };
	ret->items = arena_alloc_array(arena, plan->step_count, sizeof(*ret->items));
	if (!ret->items)
		return error_sys(err, -ENOMEM, "the sandbox's sources");
	ret->count = plan->step_count;
	for (size_t i = 0; i < ret->count; i++)
		ret->items[i] = (struct jail_source){ -1, -1 };
	return 0;
}

int jail_sources_open(struct arena *arena, const struct jail_plan *plan, bool for_init,
	struct jail_sources *ret, struct error *err)
{
	struct owner_map map = { .fd = -1 };
	int r = jail_sources_init(arena, plan, for_init, ret, err);

	for (size_t i = 0; i < ret->count && r >= 0; i++) {
		const struct jail_step *step = &plan->steps[i];

		r = map_for(plan, step, &map, err);
		if (r >= 0)
			r = open_source(step, for_init, step->flags & JAIL_STEP_IDMAP ? map.fd : -1,
				&ret->items[i], err);
	}
	fd_close(map.fd);
	return MIN(r, 0);
}

void jail_sources_fini(struct jail_sources *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		fd_close(sources->items[i].source);
		fd_close(sources->items[i].layers);
	}
	sources->count = 0;
}
