// SPDX-License-Identifier: Apache-2.0
/*
 * storage.c - how many bytes a running sandbox holds on the disk
 *
 * The walk keeps a list of paths still to be opened, not of descriptors, so a deep tree costs memory and not
 * descriptors; each is opened from the top without following a link, since the agent moves things meanwhile.
 * What vanishes on the way holds nothing any more. storage_process.c has what processes hold without a name.
 *
 * Source: stat(2), st_blocks; user_namespaces(7)
 */
#include "jail/storage_internal.h"

#include "base/buf.h"
#include "base/fd.h"
#include "jail/identity.h"
#include "jail/limits.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	WALK_BYTES_MAX = 64 << 20,	/* of paths that wait */
	PATH_BYTES_MAX = 4096,
	OWN_FD = 3,			/* of the child, for its answer */
	OWN_PROC_FD = 4,
};

/* ---- names ---- */

struct walk {
	int root_fd;
	dev_t dev;
	struct buf paths;		/* each followed by a NUL; the last one is next */
	char path[PATH_BYTES_MAX];	/* of the directory that is being read */
	struct jail_storage_use *use;
	uint64_t bytes;
};

static bool is_gone(int code)
{
	/* ELOOP: it has become a link since. */
	return code == -ENOENT || code == -ENOTDIR || code == -ELOOP || code == -ESTALE;
}

/* Each of a file's names has its part of the file. */
static uint64_t share_of(const struct stat *st)
{
	uint64_t bytes = MAX((uint64_t)st->st_blocks * STORAGE_BLOCK_BYTES,
		(uint64_t)JAIL_STORAGE_ENTRY_BYTES);

	return bytes / (S_ISDIR(st->st_mode) ? 1 : MAX(st->st_nlink, (nlink_t)1));
}

static int push(struct walk *walk, const char *name)
{
	char path[PATH_BYTES_MAX];
	int len = snprintf(path, sizeof(path), "%s%s%s", walk->path, *walk->path ? "/" : "", name);

	return (size_t)len >= sizeof(path) ? -ENAMETOOLONG : buf_append(&walk->paths, path, (size_t)len + 1);
}

/* The path that came last, out of the list and into @walk. */
static void pop(struct walk *walk)
{
	size_t at = walk->paths.len - 1;

	while (at && walk->paths.data[at - 1])
		at--;
	memcpy(walk->path, walk->paths.data + at, walk->paths.len - at);
	walk->paths.len = at;
}

static int count_entry(struct walk *walk, int dirfd, const char *name)
{
	struct stat st;
	int r = kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);

	if (r < 0)
		return is_gone(r) ? 0 : r;
	walk->use->entry_count++;
	walk->bytes += share_of(&st);
	return S_ISDIR(st.st_mode) && st.st_dev == walk->dev ? push(walk, name) : 0;
}

static int walk_directory(struct walk *walk, struct kern_dir *dir)
{
	scoped(fd) int fd = kern_open_beneath(walk->root_fd, *walk->path ? walk->path : ".",
		O_RDONLY | O_DIRECTORY, 0);
	struct kern_dir_entry entry;
	int r = 0;

	if (fd < 0)
		return is_gone(fd) ? 0 : fd;
	kern_dir_init(dir, fd);
	while (r >= 0 && (r = kern_dir_next(dir, &entry)) > 0)
		r = count_entry(walk, fd, entry.name);
	return is_gone(r) ? 0 : r;
}

static int walk_path(const char *path, struct jail_storage_use *use, uint64_t *ret_bytes)
{
	struct walk walk = { .paths = BUF_INIT(WALK_BYTES_MAX), .use = use };
	scoped(fd) int root_fd = kern_open(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
	struct kern_dir *dir;
	struct stat st;
	int r = root_fd;

	if (r < 0)
		return is_gone(r) ? 0 : r;
	dir = calloc(1, sizeof(*dir));
	if (!dir)
		abort();
	walk.root_fd = root_fd;
	r = kern_fstat(root_fd, &st);
	walk.dev = st.st_dev;
	if (r >= 0)
		r = push(&walk, "");
	while (r >= 0 && walk.paths.len) {
		pop(&walk);
		r = walk_directory(&walk, dir);
	}
	*ret_bytes = walk.bytes;
	free(dir);
	buf_fini(&walk.paths);
	return r;
}

/* ---- a look ---- */

/* One file system of those that were seen already counts no more. */
static bool is_new(dev_t dev, const dev_t *seen, size_t seen_count)
{
	for (size_t i = 0; i < seen_count; i++)
		if (seen[i] == dev)
			return false;
	return true;
}

int jail_storage_disk(const struct jail_storage *what, uint64_t *ret_bytes)
{
	dev_t seen[JAIL_STORAGE_PATHS_MAX];
	size_t seen_count = 0;
	uint64_t sum = 0;

	assert(what->path_count <= JAIL_STORAGE_PATHS_MAX);
	for (size_t i = 0; i < what->path_count; i++) {
		scoped(fd) int fd = kern_open(AT_FDCWD, what->paths[i], O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
		struct statfs fs;
		struct stat st;
		int r = fd < 0 ? fd : kern_fstat(fd, &st);

		if (r >= 0 && is_new(st.st_dev, seen, seen_count)) {
			r = kern_fstatfs(fd, &fs);
			seen[seen_count++] = st.st_dev;
			sum += r < 0 ? 0 : storage_bytes_of(&fs);
		}
		if (r < 0 && !is_gone(r))
			return r;
	}
	*ret_bytes = sum;
	return 0;
}

uint64_t jail_storage_total(const struct jail_storage_use *use)
{
	uint64_t sum = use->unnamed_bytes;

	for (size_t i = 0; i < JAIL_STORAGE_PATHS_MAX; i++)
		sum += use->bytes[i];
	return sum;
}

/*
 * An ordinary user may not read a directory of mode 0000, not even their own. In a user namespace that knows
 * nobody else they may, and there is nothing else that they could not do before.
 */
static int see_own_files(void)
{
	struct jail_identity self = { .uid = kern_geteuid(), .gid = kern_getegid() };
	int r;

	if (!self.uid)
		return 0;
	/* The maps of a process that may not be looked into are root's to write. */
	r = kern_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (r >= 0)
		r = kern_unshare(CLONE_NEWUSER);
	/*
	 * A host that has none (the level "landlock"): a directory that is shut ends the look, and the
	 * session.
	 */
	if (r == -EPERM || r == -ENOSPC || r == -EUSERS)
		return 0;
	return r < 0 ? r : jail_identity_map("/proc/self", &self, NULL);
}

static void look(const struct jail_storage *what, bool in_child, struct jail_storage_use *ret)
{
	assert(what->path_count <= JAIL_STORAGE_PATHS_MAX);
	*ret = (struct jail_storage_use){ 0 };
	if (what->view)
		ret->code = storage_look_at_processes(what, ret);
	if (ret->code >= 0 && in_child)
		ret->code = see_own_files();
	for (size_t i = 0; i < what->path_count && ret->code >= 0; i++)
		ret->code = walk_path(what->paths[i], ret, &ret->bytes[i]);
}

void jail_storage_look(const struct jail_storage *what, struct jail_storage_use *ret)
{
	look(what, false, ret);
}

/*
 * Of all descriptors, these two, at their places; either may stand where the other belongs. Where it fails,
 * @fd says where the answer can be written all the same: the places may still be the parent's.
 */
static int keep_own(int *fd, int proc_fd)
{
	int parked = kern_fcntl(*fd, F_DUPFD_CLOEXEC, OWN_PROC_FD + 1), r;

	if (parked < 0)
		return parked;
	*fd = parked;
	r = kern_dup3(proc_fd, OWN_PROC_FD, O_CLOEXEC);
	/* dup3(2) refuses to do nothing. */
	if (r >= 0 || r == -EINVAL)
		r = kern_dup3(parked, OWN_FD, O_CLOEXEC);
	if (r < 0)
		return r;
	*fd = OWN_FD;
	return kern_close_range(OWN_PROC_FD + 1, ~0u, 0);
}

static _Noreturn void run_child(const struct jail_storage *what, int fd)
{
	static struct jail_storage_use use;
	struct jail_processes view = { .proc_fd = OWN_PROC_FD, .pid = what->view ? what->view->pid : 0 };
	struct jail_storage mine = *what;
	int r = kern_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);

	if (r >= 0)
		r = keep_own(&fd, what->view ? what->view->proc_fd : fd);
	if (what->view)
		mine.view = &view;
	if (r >= 0)
		look(&mine, true, &use);
	else
		use.code = r;
	(void)kern_write_all(fd, &use, sizeof(use));
	_exit(0);
}

int jail_storage_start(const struct jail_storage *what, int *ret_pidfd, int *ret_fd, struct error *err)
{
	struct clone_args args = { .flags = CLONE_PIDFD, .exit_signal = SIGCHLD };
	int pipe[2], pidfd = -1, r = kern_pipe2(pipe, O_CLOEXEC);
	pid_t pid;

	assert(what->path_count <= JAIL_STORAGE_PATHS_MAX);
	if (r < 0)
		return error_sys(err, r, "cannot look at the sandbox's storage: pipe");
	args.pidfd = (uintptr_t)&pidfd;
	pid = kern_clone3(&args);
	if (!pid)
		run_child(what, pipe[1]);
	fd_close(pipe[1]);
	if (pid < 0) {
		fd_close(pipe[0]);
		return error_sys(err, pid, "cannot look at the sandbox's storage");
	}
	*ret_pidfd = pidfd;
	*ret_fd = pipe[0];
	return 0;
}

void jail_storage_read(int fd, struct jail_storage_use *ret)
{
	/* One write of less than a pipe's room: it is there as a whole, or not at all. */
	if (kern_read(fd, ret, sizeof(*ret)) != (ssize_t)sizeof(*ret))
		*ret = (struct jail_storage_use){ .code = -EIO };
}
