// SPDX-License-Identifier: Apache-2.0
/*
 * storage.c - how many bytes a running sandbox holds on the disk
 *
 * The walk keeps a list of paths still to be opened, not of descriptors, so a deep tree costs memory and not
 * descriptors; each is opened from the top without following a link, since the agent moves things meanwhile.
 * What vanishes on the way holds nothing any more.
 *
 * Source: stat(2), st_blocks; user_namespaces(7); proc(5), /proc/PID/fd
 */
#include "jail/storage.h"

#include "base/buf.h"
#include "base/fd.h"
#include "jail/identity.h"
#include "jail/limits.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	BLOCK_BYTES = 512,		/* st_blocks counts these, whatever the file system's own are */
	WALK_BYTES_MAX = 64 << 20,	/* of paths that wait */
	PATH_BYTES_MAX = 4096,
	UNNAMED_MAX = 65536,
	PROCESSES_MAX = 65536,
	PROC_PATH_SIZE = 64,
	OWN_FD = 3,
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
	return (uint64_t)st->st_blocks * BLOCK_BYTES /
		(S_ISDIR(st->st_mode) ? 1 : MAX(st->st_nlink, (nlink_t)1));
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

/* ---- files without a name ---- */

struct unnamed {
	dev_t dev;
	ino_t ino;
	uint64_t bytes;
};

struct nameless {
	struct unnamed *items;
	size_t count;
};

/* Open files of memory are memory's; what lies on a disk and has no name is ours to count. */
static int note_open_file(struct nameless *found, int dirfd, const char *name)
{
	scoped(fd) int fd = kern_open(dirfd, name, O_PATH, 0);
	struct statfs fs;
	struct stat st;

	if (fd < 0 || kern_fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink || !st.st_blocks)
		return 0;
	if (kern_fstatfs(fd, &fs) < 0 || fs.f_type == TMPFS_MAGIC || fs.f_type == HUGETLBFS_MAGIC)
		return 0;
	if (found->count == UNNAMED_MAX)
		return -EMSGSIZE;
	found->items[found->count++] = (struct unnamed){ st.st_dev, st.st_ino,
		(uint64_t)st.st_blocks * BLOCK_BYTES };
	return 0;
}

static int look_at_process(struct nameless *found, pid_t pid, struct kern_dir *dir)
{
	char path[PROC_PATH_SIZE];
	struct kern_dir_entry entry;
	scoped(fd) int fd = -1;
	int r = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	fd = kern_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
	/* Gone, or init, which is ours and shuts everybody out. */
	if (fd < 0)
		return 0;
	kern_dir_init(dir, fd);
	while (r >= 0 && (r = kern_dir_next(dir, &entry)) > 0)
		r = note_open_file(found, fd, entry.name);
	return r == -EMSGSIZE ? r : 0;
}

static int compare(const void *a, const void *b)
{
	const struct unnamed *x = a, *y = b;

	return x->dev != y->dev ? (x->dev > y->dev) - (x->dev < y->dev) :
		(x->ino > y->ino) - (x->ino < y->ino);
}

/* A file that several processes have open is one file. */
static uint64_t sum_once(struct nameless *found)
{
	uint64_t sum = 0;

	qsort(found->items, found->count, sizeof(*found->items), compare);
	for (size_t i = 0; i < found->count; i++)
		if (!i || compare(&found->items[i - 1], &found->items[i]))
			sum += found->items[i].bytes;
	return sum;
}

static int look_at_processes(pid_t root, uint64_t *ret_bytes)
{
	struct nameless found = { .items = calloc(UNNAMED_MAX, sizeof(*found.items)) };
	struct kern_dir *dir = calloc(1, sizeof(*dir));
	pid_t *pids = calloc(PROCESSES_MAX, sizeof(*pids));
	size_t count = 0;
	int r;

	if (!found.items || !dir || !pids)
		abort();
	r = jail_usage_list(root, pids, PROCESSES_MAX, &count);
	for (size_t i = 0; i < count && r >= 0; i++)
		r = look_at_process(&found, pids[i], dir);
	*ret_bytes = sum_once(&found);
	free(found.items);
	free(dir);
	free(pids);
	return r == -ESRCH ? 0 : r;
}

/* ---- a look ---- */

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
	return r < 0 ? r : jail_identity_map("/proc/self", &self, NULL);
}

static void look(const struct jail_storage *what, bool in_child, struct jail_storage_use *ret)
{
	assert(what->path_count <= JAIL_STORAGE_PATHS_MAX);
	*ret = (struct jail_storage_use){ 0 };
	if (what->pid)
		ret->code = look_at_processes(what->pid, &ret->unnamed_bytes);
	if (ret->code >= 0 && in_child)
		ret->code = see_own_files();
	for (size_t i = 0; i < what->path_count && ret->code >= 0; i++)
		ret->code = walk_path(what->paths[i], ret, &ret->bytes[i]);
}

void jail_storage_look(const struct jail_storage *what, struct jail_storage_use *ret)
{
	look(what, false, ret);
}

static _Noreturn void run_child(const struct jail_storage *what, int fd)
{
	static struct jail_storage_use use;
	int r = kern_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);

	if (r >= 0 && fd != OWN_FD)
		r = kern_dup3(fd, OWN_FD, O_CLOEXEC);
	if (r >= 0)
		r = kern_close_range(OWN_FD + 1, ~0u, 0);
	if (r >= 0)
		look(what, true, &use);
	else
		use.code = r;
	(void)kern_write_all(OWN_FD, &use, sizeof(use));
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
