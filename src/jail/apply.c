// SPDX-License-Identifier: Apache-2.0
/*
 * apply.c - build the view and enter it
 *
 * One tmpfs is made with two directories: "root" becomes the agent's root, "stage" holds nodes that cover
 * what is denied, contents of files, and layers of whiteouts. It is attached over the host's /dev, which is
 * not looked at any more by then (sources are open), so everything but the new root vanishes with the old
 * root: nothing has to be cleaned up, and the stage is never visible. It must not be attached over "/"
 * itself: what lies on the old root would come to lie on the new one.
 *
 * Steps come sorted, parents first. A target is looked up beneath the new root without following any link,
 * since below the private home lie names that an agent chose in an earlier session.
 */
#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "jail/apply_internal.h"
#include "jail/plan_internal.h"
#include "kern/file.h"
#include "kern/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

enum {
	BASE_INODES_MAX = 16384,
	INODE_PER_BYTES = 1024,		/* of a scratch tmpfs: inodes cost memory that size= does not count */
	NUMBER_TEXT_SIZE = 24,
	NAME_TEXT_SIZE = 48,
};

#define BASE_SIZE_TEXT "16m"		/* account files, and nothing that an agent could grow */

uint64_t jail_mount_attr(const struct jail_step *step)
{
	uint64_t attr = MOUNT_ATTR_NOSUID;

	if (step->kind != JAIL_STEP_DEVICE)
		attr |= MOUNT_ATTR_NODEV;
	if (!(step->flags & JAIL_STEP_EXEC))
		attr |= MOUNT_ATTR_NOEXEC;
	if (!(step->flags & JAIL_STEP_WRITABLE))
		attr |= MOUNT_ATTR_RDONLY;
	return attr;
}

static const char *in_root(const char *target)
{
	return target + 1;		/* absolute and not "/": the checker saw to it */
}

/*
 * Whether everything from the root down to the step's target was made by the steps before it. Then names on
 * the way are what we made them. Otherwise the way leads through a directory of the host, where an agent may
 * be renaming things right now, in another session that shares it.
 */
static bool is_own(const struct jail_view *view, size_t index)
{
	const struct jail_plan *plan = view->plan;

	for (size_t i = 0; i < index; i++) {
		const struct jail_step *step = &plan->steps[i];

		if (step->kind != JAIL_STEP_TMPFS && step->kind != JAIL_STEP_DIR &&
				jail_path_is_beneath(plan->steps[index].target, step->target))
			return false;
	}
	return true;
}

/*
 * Whether a mount point that is missing may be made: in what is the sandbox's own, and in the private home.
 */
static bool may_grow(const struct jail_view *view, size_t index)
{
	const struct jail_plan *plan = view->plan;

	for (size_t i = index; i-- > 0;) {
		const struct jail_step *step = &plan->steps[i];

		if (jail_path_is_beneath(plan->steps[index].target, step->target))
			return step->kind == JAIL_STEP_TMPFS || step->kind == JAIL_STEP_DIR ||
				step->flags & JAIL_STEP_HOME;
	}
	return true;
}

/* ---- targets in what is the sandbox's own: by path ---- */

static int make_own_parents(const struct jail_view *view, const char *path)
{
	char text[PATH_TEXT_MAX];
	int r = 0;

	snprintf(text, sizeof(text), "%s", path);
	for (char *slash = strchr(text, '/'); slash && r >= 0; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		r = kern_mkdirat(view->root_fd, text, 0755);
		if (r == -EEXIST)
			r = 0;
		*slash = '/';
	}
	return r;
}

static int make_own_node(const struct jail_view *view, const char *path, bool directory)
{
	return directory ? kern_mkdirat(view->root_fd, path, 0755) :
		kern_mknodat(view->root_fd, path, S_IFREG | 0444, 0);
}

static int attach_own(const struct jail_view *view, const char *path, int mount, bool directory)
{
	int r = make_own_node(view, path, directory);

	if (r == -ENOENT) {
		r = make_own_parents(view, path);
		if (r >= 0)
			r = make_own_node(view, path, directory);
	}
	if (r < 0 && r != -EEXIST)
		return r;
	return kern_move_mount(mount, "", view->root_fd, path, MOVE_MOUNT_F_EMPTY_PATH);
}

/* ---- targets below a directory of the host: by descriptor, following nothing ---- */

/* Opens @name in @fd as a directory, making it where it is missing; consumes @fd. */
static int step_into(int fd, const char *name)
{
	int child = kern_open_beneath(fd, name, O_PATH | O_DIRECTORY, 0), r;

	if (child == -ENOENT) {
		r = kern_mkdirat(fd, name, 0755);
		child = r < 0 ? r : kern_open_beneath(fd, name, O_PATH | O_DIRECTORY, 0);
	}
	fd_close(fd);
	return child;
}

/* The parent directory of @target, with every missing directory above it made. */
static int make_parents(const struct jail_view *view, const char *target, const char **ret_name)
{
	struct str rest = str_from(in_root(target)), part;
	char name[NAME_MAX + 1];
	int fd = kern_open_beneath(view->root_fd, ".", O_PATH | O_DIRECTORY, 0);

	*ret_name = path_name(target);
	while (fd >= 0 && path_next(&rest, &part)) {
		if (!rest.len)
			return fd;
		if (part.len > NAME_MAX)
			return fd_close(fd), -ENAMETOOLONG;
		memcpy(name, part.data, part.len);
		name[part.len] = '\0';
		fd = step_into(fd, name);
	}
	return fd;
}

static int make_target(const struct jail_view *view, const char *target, bool directory)
{
	const char *name;
	scoped(fd) int parent = make_parents(view, target, &name);
	int r;

	if (parent < 0)
		return parent;
	r = directory ? kern_mkdirat(parent, name, 0755) : kern_mknodat(parent, name, S_IFREG | 0444, 0);
	if (r < 0 && r != -EEXIST)
		return r;
	return kern_open_beneath(parent, name, O_PATH | (directory ? O_DIRECTORY : 0), 0);
}

/* The place of a step, as a descriptor. */
static int open_target(const struct jail_view *view, size_t index, bool directory)
{
	const char *target = view->plan->steps[index].target;
	int fd = kern_open_beneath(view->root_fd, in_root(target), O_PATH | (directory ? O_DIRECTORY : 0), 0);

	if (fd != -ENOENT)
		return fd;
	return may_grow(view, index) ? make_target(view, target, directory) : -ENOENT;
}

static int attach_below(const struct jail_view *view, size_t index, int mount, bool directory)
{
	scoped(fd) int target = open_target(view, index, directory);

	return target < 0 ? target : kern_mount_attach(mount, target);
}

static int attach(const struct jail_view *view, size_t index, int mount, bool directory, struct error *err)
{
	int r = is_own(view, index) ?
		attach_own(view, in_root(view->plan->steps[index].target), mount, directory) :
		attach_below(view, index, mount, directory);

	if (r >= 0)
		return 0;
	(void)error_sys(err, r, "cannot put a mount there");
	if (r == -ENOTDIR || r == -ELOOP)
		error_hint(err,
			"something else has that name in the way, perhaps in the private home: remove it");
	return r;
}

/* ---- the steps ---- */

static int apply_dir(const struct jail_view *view, size_t index, struct error *err)
{
	const struct jail_step *step = &view->plan->steps[index];
	scoped(fd) int fd = open_target(view, index, true);
	int r;

	if (fd < 0)
		return error_sys(err, fd, "cannot make the directory");
	r = kern_chmod_beneath(view->root_fd, in_root(step->target), step->mode);
	return r < 0 ? error_sys(err, r, "cannot set its mode") : 0;
}

static int apply_symlink(const struct jail_view *view, size_t index, struct error *err)
{
	const struct jail_step *step = &view->plan->steps[index];
	const char *name, *path = in_root(step->target);
	int r = is_own(view, index) ? kern_symlinkat(step->source, view->root_fd, path) : -ENOENT;

	if (r == -ENOENT) {
		scoped(fd) int parent = make_parents(view, step->target, &name);

		r = parent < 0 ? parent : kern_symlinkat(step->source, parent, name);
	}
	return r < 0 ? error_sys(err, r, "cannot make the link") : 0;
}

/* A mount of one node on the stage, with the attributes of @step. */
static int mount_staged(const struct jail_view *view, const char *name, uint64_t attr)
{
	scoped(fd) int node = kern_open_beneath(view->stage_fd, name, O_PATH, 0);
	scoped(fd) int mount = node < 0 ? node : kern_mount_clone(node);
	int r = mount < 0 ? mount : kern_mount_set(mount, attr, false);

	return r < 0 ? r : TAKE_FD(mount);
}

static int apply_file(const struct jail_view *view, size_t index, struct error *err)
{
	const struct jail_step *step = &view->plan->steps[index];
	scoped(fd) int file = -1, mount = -1;
	char name[NAME_TEXT_SIZE];
	int r;

	snprintf(name, sizeof(name), "file-%zu", index);
	file = kern_open_beneath(view->stage_fd, name, O_WRONLY | O_CREAT | O_EXCL, step->mode);
	r = file < 0 ? file : kern_write_all(file, step->content.data, step->content.len);
	mount = r < 0 ? r : mount_staged(view, name, jail_mount_attr(step));
	if (mount < 0)
		return error_sys(err, mount, "cannot make the file");
	return attach(view, index, mount, false, err);
}

static int apply_tmpfs(const struct jail_view *view, size_t index, struct error *err)
{
	const struct jail_step *step = &view->plan->steps[index];
	char size[NUMBER_TEXT_SIZE], inodes[NUMBER_TEXT_SIZE], mode[NUMBER_TEXT_SIZE];
	const struct kern_mount_option options[] = { { "size", size }, { "nr_inodes", inodes },
		{ "mode", mode } };
	scoped(fd) int mount = -1;

	snprintf(size, sizeof(size), "%llu", (unsigned long long)step->size_bytes);
	snprintf(inodes, sizeof(inodes), "%llu", (unsigned long long)step->size_bytes / INODE_PER_BYTES + 1);
	snprintf(mode, sizeof(mode), "%o", step->mode);
	mount = kern_mount_new("tmpfs", options, ARRAY_SIZE(options), (unsigned)jail_mount_attr(step), err);
	return mount < 0 ? mount : attach(view, index, mount, true, err);
}

/* A second line behind seccomp: even with every filter gone, nobody in here gets another user namespace. */
static int forbid_user_namespaces(int proc, struct error *err)
{
	scoped(fd) int fd = kern_open_beneath(proc, "sys/user/max_user_namespaces", O_WRONLY, 0);
	ssize_t n = fd < 0 ? fd : kern_write(fd, "0", 1);

	return n < 0 ? error_sys(err, (int)n, "cannot forbid further user namespaces") : 0;
}

static int apply_proc(const struct jail_view *view, size_t index, struct error *err)
{
	static const struct kern_mount_option options[] = { { "hidepid", "invisible" } };
	const unsigned attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	scoped(fd) int mount = kern_mount_new("proc", options, ARRAY_SIZE(options), attr, err);
	int r;

	if (mount == -EPERM)
		error_hint(err,
			"the container around cordon covers parts of /proc, so the kernel refuses a fresh one: "
			"start that container with /proc unmasked (podman: --security-opt unmask=ALL)");
	r = mount < 0 ? mount : forbid_user_namespaces(mount, err);
	return r < 0 ? r : attach(view, index, mount, true, err);
}

static int apply_devpts(const struct jail_view *view, size_t index, struct error *err)
{
	static const struct kern_mount_option options[] = { { "ptmxmode", "0666" }, { "mode", "0620" } };
	const unsigned attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
	scoped(fd) int mount = kern_mount_new("devpts", options, ARRAY_SIZE(options), attr, err);

	return mount < 0 ? mount : attach(view, index, mount, true, err);
}

static int apply_source(const struct jail_view *view, size_t index, const struct jail_sources *sources,
	struct error *err)
{
	int mount = sources->items[index].source, r;
	struct stat st = { .st_mode = S_IFCHR };

	if (mount < 0)
		return 0;	/* optional and not there */
	r = view->plan->steps[index].kind == JAIL_STEP_DEVICE ? 0 : kern_fstat(mount, &st);
	if (r < 0)
		return error_sys(err, r, "cannot look at the source");
	return attach(view, index, mount, S_ISDIR(st.st_mode), err);
}

static int apply_overlay(const struct jail_view *view, size_t index, const struct jail_sources *sources,
	struct error *err)
{
	scoped(fd) int mount = jail_overlay_new(view, index, sources, err);

	return mount < 0 ? mount : attach(view, index, mount, true, err);
}

/*
 * What cannot be reached by this process, which has the agent's ids and more capabilities than it, cannot be
 * reached by the agent either.
 */
static bool is_out_of_reach(const struct jail_step *step, int code)
{
	return step->flags & JAIL_STEP_OPTIONAL && (code == -ENOENT || code == -ENOTDIR || code == -EACCES);
}

static int apply_mask(const struct jail_view *view, size_t index, struct error *err)
{
	const struct jail_step *step = &view->plan->steps[index];
	scoped(fd) int target = kern_open_beneath(view->root_fd, in_root(step->target), O_PATH, 0);
	scoped(fd) int mount = -1;
	struct stat st;
	int r;

	if (is_out_of_reach(step, target))
		return 0;
	r = target < 0 ? target : kern_fstat(target, &st);
	if (r >= 0)
		r = mount = kern_mount_clone(S_ISDIR(st.st_mode) ? view->mask_dir_fd : view->mask_file_fd);
	if (r >= 0)
		r = kern_mount_attach(mount, target);
	return r < 0 ? error_sys(err, r, "cannot cover it") : 0;
}

static int apply_seal(const struct jail_view *view, size_t index, struct error *err)
{
	const struct jail_step *step = &view->plan->steps[index];
	scoped(fd) int target = kern_open_beneath(view->root_fd, in_root(step->target), O_PATH, 0);
	scoped(fd) int mount = -1;
	int r;

	if (is_out_of_reach(step, target))
		return 0;
	r = mount = target < 0 ? target : kern_mount_clone(target);
	if (r >= 0)
		r = kern_mount_set(mount, MOUNT_ATTR_RDONLY, true);
	if (r >= 0)
		r = kern_mount_attach(mount, target);
	return r < 0 ? error_sys(err, r, "cannot make it read-only") : 0;
}

static int apply_step(const struct jail_view *view, size_t index, const struct jail_sources *sources,
	struct error *err)
{
	switch (view->plan->steps[index].kind) {
	case JAIL_STEP_DIR:
		return apply_dir(view, index, err);
	case JAIL_STEP_SYMLINK:
		return apply_symlink(view, index, err);
	case JAIL_STEP_FILE:
		return apply_file(view, index, err);
	case JAIL_STEP_TMPFS:
		return apply_tmpfs(view, index, err);
	case JAIL_STEP_PROC:
		return apply_proc(view, index, err);
	case JAIL_STEP_DEVPTS:
		return apply_devpts(view, index, err);
	case JAIL_STEP_DEVICE:
	case JAIL_STEP_BIND:
		return apply_source(view, index, sources, err);
	case JAIL_STEP_OVERLAY:
		return apply_overlay(view, index, sources, err);
	case JAIL_STEP_MASK:
		return apply_mask(view, index, err);
	case JAIL_STEP_SEAL:
		return apply_seal(view, index, err);
	case JAIL_STEP_INVALID:
		break;
	}
	return error_set(err, -EINVAL, "no such step");
}

/* A node with no permission at all, as a mount of its own, so that each use of it is one clone. */
static int make_mask(const struct jail_view *view, const char *name)
{
	const uint64_t attr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	scoped(fd) int mount = mount_staged(view, name, attr);
	scoped(fd) int target = kern_open_beneath(view->stage_fd, name, O_PATH, 0);
	int r = mount < 0 ? mount : target;

	if (r >= 0)
		r = kern_mount_attach(mount, target);
	return r < 0 ? r : TAKE_FD(mount);
}

static int make_stage(struct jail_view *view, int base)
{
	int r = kern_mkdirat(base, "stage", 0700);

	if (r >= 0)
		r = view->stage_fd = kern_open_beneath(base, "stage", O_PATH | O_DIRECTORY, 0);
	if (r >= 0)
		r = kern_mknodat(view->stage_fd, "mask-file", S_IFREG, 0);
	if (r >= 0)
		r = kern_mkdirat(view->stage_fd, "mask-dir", 0);
	if (r >= 0)
		r = view->mask_file_fd = make_mask(view, "mask-file");
	if (r >= 0)
		r = view->mask_dir_fd = make_mask(view, "mask-dir");
	return r;
}

static int make_root(struct jail_view *view, int base)
{
	scoped(fd) int node = -1, top = -1;
	int r = kern_mkdirat(base, "root", 0755);

	if (r >= 0)
		r = node = kern_open_beneath(base, "root", O_PATH | O_DIRECTORY, 0);
	if (r >= 0)
		r = view->root_fd = kern_mount_clone(node);
	if (r >= 0)
		r = top = kern_open_beneath(base, ".", O_PATH | O_DIRECTORY, 0);
	return r < 0 ? r : kern_mount_attach(view->root_fd, top);
}

static int view_init(struct jail_view *view, const struct jail_plan *plan, struct error *err)
{
	char inodes[NUMBER_TEXT_SIZE];
	const struct kern_mount_option options[] = {
		{ "size", BASE_SIZE_TEXT }, { "nr_inodes", inodes }, { "mode", "0700" },
	};
	scoped(fd) int base = -1, top = -1;
	int r;

	*view = (struct jail_view){ .plan = plan, .root_fd = -1, .stage_fd = -1, .mask_file_fd = -1,
		.mask_dir_fd = -1 };
	snprintf(inodes, sizeof(inodes), "%d", BASE_INODES_MAX);
	base = kern_mount_new("tmpfs", options, ARRAY_SIZE(options),
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, err);
	if (base < 0)
		return base;
	r = top = kern_open_plain("/dev", O_PATH | O_DIRECTORY);
	if (r >= 0)
		r = kern_mount_attach(base, top);
	if (r >= 0)
		r = make_stage(view, base);
	if (r >= 0)
		r = make_root(view, base);
	return r < 0 ? error_sys(err, r, "cannot make the sandbox's root") : 0;
}

static void view_fini(struct jail_view *view)
{
	fd_close(view->root_fd);
	fd_close(view->stage_fd);
	fd_close(view->mask_file_fd);
	fd_close(view->mask_dir_fd);
}

static int apply_steps(const struct jail_view *view, const struct jail_sources *sources, struct error *err)
{
	const struct jail_plan *plan = view->plan;

	for (size_t i = 0; i < plan->step_count; i++) {
		int r = apply_step(view, i, sources, err);

		if (r < 0)
			return error_wrap(err, r, "sandbox: %s at '%s'",
				jail_step_kind_name(plan->steps[i].kind),
				quote_cstr(plan->steps[i].target).text);
	}
	return 0;
}

int jail_apply_files(const struct jail_plan *plan, const struct jail_sources *sources, struct error *err)
{
	struct jail_view view;
	int r = view_init(&view, plan, err);

	if (r >= 0)
		r = apply_steps(&view, sources, err);
	if (r >= 0) {
		r = kern_mount_set(view.root_fd, MOUNT_ATTR_RDONLY, false);
		if (r >= 0)
			r = kern_mount_enter_root(view.root_fd);
		if (r < 0)
			(void)error_sys(err, r, "cannot enter the sandbox's root");
	}
	view_fini(&view);
	return r;
}
