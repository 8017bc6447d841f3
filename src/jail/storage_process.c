// SPDX-License-Identifier: Apache-2.0
/*
 * storage_process.c - files that processes hold without a name, and files of memory
 *
 * An open file can be asked for its size. A mapped one that is open nowhere can be asked by root alone
 * (map_files is closed to everybody else), so it counts up to the last byte of it that is mapped, and is
 * "hidden": its owner may hold more of it than anybody can see. Whether a mapped file lies on a disk is told
 * by its device: one that is mounted in the sandbox, and no file system of memory.
 *
 * What counts as files of memory: each tmpfs of the sandbox as a whole, and every memfd that is open or, for
 * root, mapped.
 *
 * Source: proc(5), /proc/PID/fd, maps, map_files and mountinfo
 */
#include "jail/storage_internal.h"

#include "base/buf.h"
#include "base/fd.h"
#include "jail/limits.h"
#include "jail/proc.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	HELD_MAX = 1 << 18,
	DEVICES_MAX = 256,
	PROCESSES_MAX = 65536,
	PROC_PATH_SIZE = 64,
	RANGE_TEXT_SIZE = 64,
	PROC_TEXT_BYTES_MAX = 64 << 20,
};

struct held {
	dev_t dev;
	ino_t ino;
	uint64_t bytes;
	bool is_hidden;			/* @bytes is how far it is mapped */
	bool is_memory;
};

struct devices {
	dev_t items[DEVICES_MAX];
	size_t count;
};

struct look {
	int proc_fd;			/* borrowed */
	struct held *items;
	size_t count;
	struct devices disks;		/* in the sandbox's view */
	struct devices scratch;		/* its own file systems of memory, counted as a whole */
	uint64_t memory_bytes;
	bool has_view;			/* a process was found whose view could be read */
	struct kern_dir dir;
	struct buf text;
};

static int hold(struct look *look, struct held item)
{
	if (look->count == HELD_MAX)
		return -EMSGSIZE;
	look->items[look->count++] = item;
	return 0;
}

static bool has_device(const struct devices *devices, dev_t dev)
{
	for (size_t i = 0; i < devices->count; i++)
		if (devices->items[i] == dev)
			return true;
	return false;
}

static void add_device(struct devices *devices, dev_t dev)
{
	if (devices->count < DEVICES_MAX && !has_device(devices, dev))
		devices->items[devices->count++] = dev;
}

static bool is_memory(const struct statfs *fs)
{
	return fs->f_type == TMPFS_MAGIC || fs->f_type == HUGETLBFS_MAGIC || fs->f_type == RAMFS_MAGIC;
}

static int read_text(struct look *look, pid_t pid, const char *name, struct str *ret)
{
	char path[PROC_PATH_SIZE];
	int r;

	snprintf(path, sizeof(path), "%d/%s", pid, name);
	buf_clear(&look->text);
	r = kern_read_file(look->proc_fd, path, &look->text);
	*ret = (struct str){ buf_text(&look->text), look->text.len };
	return r;
}

/* ---- the sandbox's view ---- */

static void note_mount(struct look *look, struct str line)
{
	static const char *const others[] = { "tmpfs", "ramfs", "hugetlbfs", "devtmpfs", "proc", "sysfs" };
	struct proc_mount mount;

	if (!proc_read_mount(line, &mount))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (str_eq(mount.type, str_from(others[i])))
			return;
	add_device(&look->disks, mount.dev);
}

/* A file system of memory is counted by what it holds as a whole, named or not. */
static void note_scratch(struct look *look, int root_fd, const char *target)
{
	scoped(fd) int fd = kern_open_beneath(root_fd, target + 1, O_PATH | O_DIRECTORY, 0);
	struct statfs fs;
	struct stat st;

	if (fd < 0 || kern_fstat(fd, &st) < 0 || kern_fstatfs(fd, &fs) < 0 || !is_memory(&fs) ||
			has_device(&look->scratch, st.st_dev))
		return;
	add_device(&look->scratch, st.st_dev);
	look->memory_bytes += storage_bytes_of(&fs);
}

/* All processes have one view; who can be looked into first tells it. */
static int read_view(struct look *look, const struct jail_storage *what, pid_t pid)
{
	scoped(fd) int root_fd = -1;
	char path[PROC_PATH_SIZE];
	struct str text, line;
	int r;

	snprintf(path, sizeof(path), "%d/root", pid);
	root_fd = kern_open(look->proc_fd, path, O_PATH | O_DIRECTORY, 0);
	if (root_fd < 0)
		return root_fd;
	r = read_text(look, pid, "mountinfo", &text);
	if (r < 0)
		return r;
	while (text.len) {
		(void)str_cut(text, '\n', &line, &text);
		note_mount(look, line);
	}
	for (size_t i = 0; i < what->scratch_count; i++)
		note_scratch(look, root_fd, what->scratch[i]);
	look->has_view = true;
	return 0;
}

/* ---- open files ---- */

/* What has a name on a disk is seen there. */
static int note_file(struct look *look, int fd)
{
	struct statfs fs;
	struct stat st;

	if (kern_fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink || !st.st_blocks ||
			kern_fstatfs(fd, &fs) < 0 || has_device(&look->scratch, st.st_dev))
		return 0;
	return hold(look, (struct held){ .dev = st.st_dev, .ino = st.st_ino, .is_memory = is_memory(&fs),
		.bytes = (uint64_t)st.st_blocks * STORAGE_BLOCK_BYTES });
}

static int look_at_files(struct look *look, pid_t pid)
{
	char path[PROC_PATH_SIZE];
	struct kern_dir_entry entry;
	scoped(fd) int fd = -1;
	int r = 0;

	snprintf(path, sizeof(path), "%d/fd", pid);
	fd = kern_open(look->proc_fd, path, O_RDONLY | O_DIRECTORY, 0);
	/* Gone, or init, which is ours and shuts everybody out. */
	if (fd < 0)
		return 0;
	kern_dir_init(&look->dir, fd);
	while (r >= 0 && (r = kern_dir_next(&look->dir, &entry)) > 0) {
		scoped(fd) int file = kern_open(fd, entry.name, O_PATH, 0);

		if (file >= 0)
			r = note_file(look, file);
	}
	return r == -EMSGSIZE ? r : 0;
}

/* ---- mapped files ---- */

static int note_mapping(struct look *look, int map_files_fd, struct str line)
{
	struct proc_mapping mapping;
	char name[RANGE_TEXT_SIZE];
	scoped(fd) int fd = -1;

	if (!proc_read_mapping(line, &mapping) || !mapping.is_deleted || mapping.range.len >= sizeof(name))
		return 0;
	memcpy(name, mapping.range.data, mapping.range.len);
	name[mapping.range.len] = '\0';
	fd = map_files_fd < 0 ? map_files_fd : kern_open(map_files_fd, name, O_PATH, 0);
	if (fd >= 0)
		return note_file(look, fd);
	if (!has_device(&look->disks, mapping.dev))
		return 0;
	return hold(look, (struct held){ .dev = mapping.dev, .ino = mapping.ino, .bytes = mapping.end_bytes,
		.is_hidden = true });
}

static int look_at_mappings(struct look *look, pid_t pid)
{
	scoped(fd) int map_files_fd = -1;
	char path[PROC_PATH_SIZE];
	struct str text, line;
	int r = read_text(look, pid, "maps", &text);

	if (r < 0)
		return r == -EMSGSIZE ? r : 0;
	snprintf(path, sizeof(path), "%d/map_files", pid);
	map_files_fd = kern_open(look->proc_fd, path, O_PATH | O_DIRECTORY, 0);
	while (r >= 0 && text.len) {
		(void)str_cut(text, '\n', &line, &text);
		r = note_mapping(look, map_files_fd, line);
	}
	return r;
}

/* ---- the sum ---- */

static int compare(const void *a, const void *b)
{
	const struct held *x = a, *y = b;

	if (x->dev != y->dev)
		return (x->dev > y->dev) - (x->dev < y->dev);
	if (x->ino != y->ino)
		return (x->ino > y->ino) - (x->ino < y->ino);
	/* What is known stands before what is not, and the largest guess before the others. */
	if (x->is_hidden != y->is_hidden)
		return x->is_hidden - y->is_hidden;
	return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

static bool is_same(const struct held *a, const struct held *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

/* A file that several processes hold is one file. */
static void sum_once(struct look *look, struct jail_storage_use *use)
{
	use->memory_bytes = look->memory_bytes;
	qsort(look->items, look->count, sizeof(*look->items), compare);
	for (size_t i = 0; i < look->count; i++) {
		const struct held *item = &look->items[i];

		if (i && is_same(item - 1, item))
			continue;
		proc_add(item->is_memory ? &use->memory_bytes : &use->unnamed_bytes, item->bytes);
		use->hidden_count += item->is_hidden;
	}
}

static int look_at(struct look *look, const struct jail_storage *what)
{
	pid_t *pids = calloc(PROCESSES_MAX, sizeof(*pids));
	size_t count = 0;
	int r;

	if (!pids)
		abort();
	r = jail_usage_list(what->view, pids, PROCESSES_MAX, &count);
	count = MIN(count, (size_t)PROCESSES_MAX);
	for (size_t i = 0; i < count && r >= 0 && !look->has_view; i++)
		(void)read_view(look, what, pids[i]);
	for (size_t i = 0; i < count && r >= 0; i++) {
		r = look_at_files(look, pids[i]);
		if (r >= 0)
			r = look_at_mappings(look, pids[i]);
	}
	free(pids);
	return r == -ESRCH ? 0 : r;
}

int storage_look_at_processes(const struct jail_storage *what, struct jail_storage_use *use)
{
	struct look *look = calloc(1, sizeof(*look));
	int r;

	if (!look)
		abort();
	look->proc_fd = what->view->proc_fd;
	look->text = (struct buf)BUF_INIT(PROC_TEXT_BYTES_MAX);
	look->items = calloc(HELD_MAX, sizeof(*look->items));
	if (!look->items)
		abort();
	r = look_at(look, what);
	sum_once(look, use);
	buf_fini(&look->text);
	free(look->items);
	free(look);
	return r;
}
