// SPDX-License-Identifier: Apache-2.0
/*
 * unfinished.c - the sessions of which a crash may have left something
 */
#include "run/unfinished.h"

#include "base/fd.h"
#include "base/path.h"
#include "kern/file.h"
#include "run/committer.h"
#include "run/groups.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum {
	BOOT_ID_BYTES_MAX = 64,
};

#define NOTES_DIR "unfinished"
#define BOOT_FILE ".boot"

/* The file that notes a session; it is a neighbour's child: STATE/sessions/ID -> STATE/unfinished/ID. */
static int note_path(const char *session_dir, char ret[PATH_TEXT_MAX])
{
	int len = snprintf(ret, PATH_TEXT_MAX, "%s/../../" NOTES_DIR "/%s", session_dir,
		path_name(session_dir));

	return len < PATH_TEXT_MAX ? 0 : -ENAMETOOLONG;
}

static int make_note(const char *path)
{
	struct str dir = path_parent(str_from(path));
	char text[PATH_TEXT_MAX];
	int fd = kern_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600), r;

	if (fd == -ENOENT) {
		snprintf(text, sizeof(text), "%.*s", STR_FMT(dir));
		r = kern_mkdirat(AT_FDCWD, text, 0700);
		if (r < 0 && r != -EEXIST)
			return r;
		fd = kern_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600);
	}
	if (fd < 0)
		return fd;
	fd_close(fd);
	return 0;
}

int unfinished_add(const char *session_dir, struct error *err)
{
	char path[PATH_TEXT_MAX];
	int r = note_path(session_dir, path);

	if (r >= 0)
		r = make_note(path);
	return r < 0 ?
		error_sys(err, r, "session '%s': noting that it has begun a change", path_name(session_dir)) :
		0;
}

static bool has_file(const char *session_dir, const char *name)
{
	char path[PATH_TEXT_MAX];
	struct stat st;
	int len = snprintf(path, sizeof(path), "%s/%s", session_dir, name);

	return len < PATH_TEXT_MAX && kern_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) >= 0;
}

bool unfinished_check(const char *session_dir)
{
	char path[PATH_TEXT_MAX];
	bool is_unfinished = has_file(session_dir, COMMITTER_JOURNAL_DIR "/" COMMITTER_OPEN_MARK) ||
		has_file(session_dir, RUN_GROUPS_FILE);

	if (note_path(session_dir, path) < 0)
		return is_unfinished;
	if (is_unfinished)
		(void)make_note(path);
	else
		(void)kern_unlinkat(AT_FDCWD, path, 0);
	return is_unfinished;
}

/* proc_sys_kernel(5): another one after each boot; empty where it cannot be read. */
static void read_boot_id(struct buf *text)
{
	if (kern_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", text) < 0)
		buf_clear(text);
}

static bool was_checked(int notes_fd)
{
	scoped(buf) struct buf now = BUF_INIT(BOOT_ID_BYTES_MAX), then = BUF_INIT(BOOT_ID_BYTES_MAX);

	read_boot_id(&now);
	return now.len && kern_read_file(notes_fd, BOOT_FILE, &then) >= 0 &&
		str_eq((struct str){ now.data, now.len }, (struct str){ then.data, then.len });
}

int unfinished_list(struct arena *arena, const char *state_dir, const char *const **ret, size_t *ret_count)
{
	const char *path = arena_printf(arena, "%s/" NOTES_DIR, state_dir);
	scoped(fd) int fd = path ? kern_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0) : -ENAMETOOLONG;
	int r;

	if (fd >= 0 && was_checked(fd))
		return session_ids_in(arena, path, ret, ret_count, NULL);
	r = session_ids(arena, state_dir, ret, ret_count, NULL);
	return r < 0 ? r : 1;
}

void unfinished_all_checked(const char *state_dir)
{
	scoped(fd) int state_fd = kern_open(AT_FDCWD, state_dir, O_PATH | O_DIRECTORY, 0), fd = -1;
	scoped(buf) struct buf now = BUF_INIT(BOOT_ID_BYTES_MAX);
	int r = state_fd < 0 ? state_fd : kern_mkdirat(state_fd, NOTES_DIR, 0700);

	if (r < 0 && r != -EEXIST)
		return;
	fd = kern_open(state_fd, NOTES_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	read_boot_id(&now);
	if (fd >= 0 && now.len)
		(void)kern_write_file(fd, BOOT_FILE, (struct str){ now.data, now.len }, 0600, false);
}
