// SPDX-License-Identifier: Apache-2.0
/*
 * apply_overlay.c - the overlay of a branch
 *
 * Layers are handed to the kernel as /proc/self/fd paths: they name exactly the directories that were opened,
 * whatever happens to the paths meanwhile, need no escaping, and work since Linux 5.11 (layers as descriptors
 * came with 6.13).
 *
 * `userxattr` is what an unprivileged mount needs; `volatile` leaves out the sync of every copied-up file,
 * since a branch is worth nothing until it is synced as a whole at its end. What is hidden becomes whiteouts
 * in a layer of their own between upper and lower: the upper layer, which the changeset is read from, knows
 * nothing of them.
 *
 * Source: Linux Documentation/filesystems/overlayfs.rst
 */
#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "jail/apply_internal.h"
#include "jail/proc.h"
#include "kern/file.h"
#include "kern/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum {
	FD_PATH_SIZE = 32,
	NAME_TEXT_SIZE = 48,
	MOUNTS_MAX_BYTES = 4 << 20,
};

struct layers {
	int lower, upper, work, hide;
};

static void fd_path(char ret[FD_PATH_SIZE], int fd)
{
	snprintf(ret, FD_PATH_SIZE, "/proc/self/fd/%d", fd);
}

/* The same attributes as the directory below, so that the merged one looks as if nothing lay over it. */
static int copy_times(int hide, int lower, const char *path)
{
	struct timespec times[2];
	struct stat st;
	int r = kern_fstatat(lower, path, &st, AT_SYMLINK_NOFOLLOW);

	if (r < 0)
		return r;
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	return kern_utimensat(hide, path, times, AT_SYMLINK_NOFOLLOW);
}

/*
 * Makes the directories above @path in the hiding layer; -ENOENT where the lower layer has no such directory.
 */
static int make_parents(int hide, int lower, char *path)
{
	for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		scoped(fd) int dir = -1;
		struct stat st;
		int r;

		*slash = '\0';
		dir = kern_open_beneath(lower, path, O_PATH | O_DIRECTORY, 0);
		r = dir < 0 ? dir : kern_fstat(dir, &st);
		if (r >= 0)
			r = kern_mkdirat(hide, path, st.st_mode & 07777);
		*slash = '/';
		if (r < 0 && r != -EEXIST)
			return r;
	}
	return 0;
}

static int copy_parent_times(int hide, int lower, char *path)
{
	int r = 0;

	for (char *slash = strrchr(path, '/'); slash && r >= 0; slash = strrchr(path, '/')) {
		*slash = '\0';
		r = copy_times(hide, lower, path);
	}
	return r;
}

static int add_whiteout(int hide, int lower, const char *path)
{
	char text[PATH_TEXT_MAX];
	int r;

	snprintf(text, sizeof(text), "%s", path);
	r = make_parents(hide, lower, text);
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
		return 0;	/* nothing is there that could be hidden */
	if (r >= 0)
		r = kern_mknodat(hide, path, S_IFCHR, 0);
	if (r == -EEXIST)
		return 0;	/* hidden twice */
	return r < 0 ? r : copy_parent_times(hide, lower, text);
}

static int make_hides(const struct jail_view *view, size_t index, int lower)
{
	const struct jail_step *step = &view->plan->steps[index];
	char name[NAME_TEXT_SIZE];
	scoped(fd) int hide = -1;
	int r;

	snprintf(name, sizeof(name), "hide-%zu", index);
	r = kern_mkdirat(view->stage_fd, name, 0755);
	if (r >= 0)
		r = hide = kern_open_beneath(view->stage_fd, name, O_PATH | O_DIRECTORY, 0);
	for (size_t i = 0; i < step->hide_count && r >= 0; i++)
		r = add_whiteout(hide, lower, step->hides[i]);
	return r < 0 ? r : TAKE_FD(hide);
}

/*
 * Overlay layers must lie in this mount namespace: what came from another one is attached to the stage first.
 */
static int bring_in(const struct jail_view *view, const char *what, size_t index, int fd, bool is_mount)
{
	char name[NAME_TEXT_SIZE];
	scoped(fd) int target = -1;
	int r;

	if (!is_mount)
		return kern_fcntl(fd, F_DUPFD_CLOEXEC, 3);
	snprintf(name, sizeof(name), "%s-%zu", what, index);
	r = kern_mkdirat(view->stage_fd, name, 0700);
	if (r >= 0)
		r = target = kern_open_beneath(view->stage_fd, name, O_PATH | O_DIRECTORY, 0);
	if (r >= 0)
		r = kern_mount_attach(fd, target);
	return r < 0 ? r : kern_fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static int open_layers(const struct jail_view *view, size_t index, const struct jail_sources *sources,
	struct layers *ret)
{
	const struct jail_step *step = &view->plan->steps[index];
	const struct jail_source *source = &sources->items[index];
	scoped(fd) int storage = -1;
	int r = ret->lower = bring_in(view, "lower", index, source->source, sources->layers_are_mounts);

	if (r >= 0 && step->hide_count)
		r = ret->hide = make_hides(view, index, ret->lower);
	if (r < 0 || !step->upper)
		return r;
	r = storage = bring_in(view, "storage", index, source->layers, sources->layers_are_mounts);
	if (r >= 0)
		r = ret->upper = kern_open_beneath(storage, path_name(step->upper), O_PATH | O_DIRECTORY, 0);
	if (r >= 0)
		r = ret->work = kern_open_beneath(storage, path_name(step->work), O_PATH | O_DIRECTORY, 0);
	return r;
}

static int mount_layers(const struct jail_step *step, const struct layers *layers, struct error *err)
{
	char lower[2 * FD_PATH_SIZE], upper[FD_PATH_SIZE], work[FD_PATH_SIZE];
	struct kern_mount_option options[5] = { { "userxattr", NULL }, { "lowerdir", lower } };
	size_t count = 2;

	if (layers->hide >= 0)
		snprintf(lower, sizeof(lower), "/proc/self/fd/%d:/proc/self/fd/%d", layers->hide,
			layers->lower);
	else
		fd_path(lower, layers->lower);
	if (step->upper) {
		fd_path(upper, layers->upper);
		fd_path(work, layers->work);
		options[count++] = (struct kern_mount_option){ "upperdir", upper };
		options[count++] = (struct kern_mount_option){ "workdir", work };
		options[count++] = (struct kern_mount_option){ "volatile", NULL };
	}
	return kern_mount_new("overlay", options, count, (unsigned)jail_mount_attr(step), err);
}

/*
 * The kernel lets nobody see what lies under a mount that somebody with more rights made, and so takes no
 * layer that has one beneath it from an ordinary user. It says no more than "invalid".
 */
static void hint_at_mount(const char *lower, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(MOUNTS_MAX_BYTES);
	scoped(fd) int fd = kern_open(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY, 0);
	struct str rest, line;

	if (fd < 0 || kern_read_all(fd, &text) < 0)
		return;
	for (rest = (struct str){ buf_text(&text), text.len }; rest.len;) {
		char target[PATH_TEXT_MAX];
		struct proc_mount mount;

		(void)str_cut(rest, '\n', &line, &rest);
		if (!proc_read_mount(line, &mount) || !proc_unescape(mount.target, sizeof(target), target) ||
				!strcmp(target, lower) || !path_is_beneath(str_from(target), str_from(lower)))
			continue;
		error_hint(err,
			"Something (%.*s) is mounted at '%s', and an ordinary user cannot have a branch of what "
			"has a mount beneath it: unmount that, as by stopping the container whose it is, or start in "
			"a directory beside it.",
			STR_FMT(mount.type), quote_cstr(target).text);
		return;
	}
}

int jail_overlay_new(const struct jail_view *view, size_t index, const struct jail_sources *sources,
	struct error *err)
{
	struct layers layers = { -1, -1, -1, -1 };
	int r = open_layers(view, index, sources, &layers);

	if (r < 0)
		(void)error_sys(err, r, "cannot prepare the branch's layers");
	else
		r = mount_layers(&view->plan->steps[index], &layers, err);
	if (r == -EINVAL)
		hint_at_mount(view->plan->steps[index].source, err);
	fd_close(layers.lower);
	fd_close(layers.upper);
	fd_close(layers.work);
	fd_close(layers.hide);
	return r;
}
