// SPDX-License-Identifier: Apache-2.0
/*
 * dirs.c - where cordon keeps things on the host
 *
 * Two paths are on one file system for our purpose when a rename between them works, that is: the same st_dev
 * and the same mount (a bind mount of the same file system refuses with EXDEV), so the mount id is compared
 * too.
 *
 * The password file is read as the file that it is, since a program that is linked statically has no name
 * service to ask (docs/decisions/0003-static-programs.md); a user whom only a directory server knows has
 * $HOME set.
 */
#include "session/dirs.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	PASSWD_MAX_BYTES = 4 << 20,
	PASSWD_FIELDS = 6,		/* up to the home directory */
	FD_PATH_SIZE = 32,
};

static const struct {
	const char *variable;
	const char *below_home;
} kinds[] = {
	[DIRS_STATE] = { "XDG_STATE_HOME", ".local/state" },
	[DIRS_DATA] = { "XDG_DATA_HOME", ".local/share" },
	[DIRS_CONFIG] = { "XDG_CONFIG_HOME", ".config" },
};

/*
 * Field @number of this user's line of /etc/passwd, counted from 0 (passwd(5)): 0 is the name, 5 the home
 * directory. NULL where there is no such line.
 */
static const char *passwd_field(struct arena *arena, int number)
{
	scoped(buf) struct buf text = BUF_INIT(PASSWD_MAX_BYTES);
	struct str rest, line, field;
	uint64_t uid;

	if (kern_read_file(AT_FDCWD, "/etc/passwd", &text) < 0)
		return NULL;
	rest = (struct str){ text.data, text.len };
	while (rest.len) {
		struct str fields[PASSWD_FIELDS] = { 0 };

		(void)str_cut(rest, '\n', &line, &rest);
		for (int i = 0; i < PASSWD_FIELDS && str_cut(line, ':', &field, &line); i++)
			fields[i] = field;
		if (str_to_u64(fields[2], UINT32_MAX, &uid) >= 0 && uid == kern_getuid())
			return arena_copy(arena, fields[number].data, fields[number].len);
	}
	return NULL;
}

const char *dirs_home(struct arena *arena, struct error *err)
{
	const char *home = getenv("HOME");

	if (!home || home[0] != '/')
		home = passwd_field(arena, 5);
	if (home && home[0] == '/')
		return path_clean(arena, "/", str_from(home));
	error_set(err, -ENOENT,
		"you have no home directory: $HOME is not set and /etc/passwd names none");
	error_hint(err, "Set HOME to a directory that you may write.");
	return NULL;
}

const char *dirs_user_name(struct arena *arena)
{
	const char *name = passwd_field(arena, 0);

	return name && name[0] ? name : arena_printf(arena, "uid %u", (unsigned)kern_getuid());
}

/* The place that a descriptor is open at; NULL where the kernel does not say. */
static const char *place_of(struct arena *arena, int fd)
{
	char link[FD_PATH_SIZE], text[PATH_TEXT_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = kern_read_link(AT_FDCWD, link, text, sizeof(text));
	return n > 0 && text[0] == '/' ? arena_copy(arena, text, (size_t)n) : NULL;
}

/*
 * The same place without links, as far as it exists: a home directory is often reached through one, and
 * whoever opens what lies below the result follows none. What cannot be resolved stays as it is, and fails
 * where it is used.
 */
static const char *without_links(struct arena *arena, const char *path)
{
	struct str head = str_from(path);

	while (head.len > 1) {
		const char *prefix = arena_copy(arena, head.data, head.len), *real;
		scoped(fd) int fd = prefix ? kern_open(AT_FDCWD, prefix, O_PATH, 0) : -ENOMEM;

		if (fd >= 0) {
			real = place_of(arena, fd);
			return real ? arena_printf(arena, "%s%s", strcmp(real, "/") ? real : "",
				path + head.len) : path;
		}
		if (fd != -ENOENT)
			return path;
		head = path_parent(head);
	}
	return path;
}

/* The home directory, to write something below it. It is not ours to create. */
static const char *find_home(struct arena *arena, struct error *err)
{
	const char *home = dirs_home(arena, err);
	struct stat st;

	if (!home || kern_fstatat(AT_FDCWD, home, &st, 0) != -ENOENT)
		return home;
	error_set(err, -ENOENT, "your home directory '%s' does not exist", quote_cstr(home).text);
	error_hint(err,
		"Set HOME to a directory that you may write.");
	return NULL;
}

const char *dirs_find(struct arena *arena, enum dirs_kind kind, struct error *err)
{
	const char *value = getenv(kinds[kind].variable), *home, *base;

	if (value && value[0] == '/') {
		base = path_clean(arena, "/", str_from(value));
	} else {
		home = kind == DIRS_CONFIG ? dirs_home(arena, err) : find_home(arena, err);
		if (!home)
			return NULL;
		base = path_clean(arena, home, str_from(kinds[kind].below_home));
	}
	base = base ? path_clean(arena, base, STR("cordon")) : NULL;
	return base ? without_links(arena, base) : NULL;
}

struct place {
	uint32_t dev_major, dev_minor;
	uint64_t mount_id;
};

static int find_place(const char *path, struct place *ret)
{
	struct statx st;
	int r = kern_statx(AT_FDCWD, path, AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_MNT_ID, &st);

	if (r < 0)
		return r;
	*ret = (struct place){ st.stx_dev_major, st.stx_dev_minor,
		st.stx_mask & STATX_MNT_ID ? st.stx_mnt_id : 0 };
	return 0;
}

/* Of the nearest directory above (or at) @path that exists: what is created later will be there. */
static int find_future_place(struct arena *arena, const char *path, struct place *ret)
{
	int r = find_place(path, ret);

	while (r == -ENOENT) {
		struct str parent = path_parent(str_from(path));

		path = parent.len ? arena_copy(arena, parent.data, parent.len) : NULL;
		r = path ? find_place(path, ret) : -ENAMETOOLONG;
	}
	return r;
}

static bool same_place(const struct place *a, const struct place *b)
{
	return a->dev_major == b->dev_major && a->dev_minor == b->dev_minor && a->mount_id == b->mount_id;
}

/* The highest writable directory above @root that is still on its file system. */
static const char *highest_writable(struct arena *arena, const char *root, const struct place *place)
{
	const char *found = NULL;
	struct str rest = path_parent(str_from(root));

	while (rest.len) {
		const char *path = arena_copy(arena, rest.data, rest.len);
		struct place here;

		if (!path || find_place(path, &here) < 0 || !same_place(&here, place))
			break;
		if (kern_faccessat(AT_FDCWD, path, W_OK | X_OK, 0) >= 0)
			found = path;
		rest = path_parent(rest);
	}
	return found;
}

const char *dirs_storage(struct arena *arena, const char *root, const char *session_dir, const char *id,
	unsigned number, struct error *err)
{
	const char *path = arena_printf(arena, "%s/branch/%u", session_dir, number), *top;
	struct place of_root, of_session;
	int r = find_place(root, &of_root);

	if (r >= 0)
		r = find_future_place(arena, session_dir, &of_session);
	if (r < 0) {
		error_sys(err, r, "looking at '%s' and '%s'", root, session_dir);
		return NULL;
	}
	if (!same_place(&of_root, &of_session)) {
		top = highest_writable(arena, root, &of_root);
		if (top)
			path = arena_printf(arena, "%s/.cordon-%u/%s/%u", strcmp(top, "/") ? top : "",
				(unsigned)kern_getuid(), id, number);
	}
	if (!path)
		error_set(err, -ENAMETOOLONG, "the path of the branch's storage for '%s' is too long", root);
	return path;
}
