// SPDX-License-Identifier: Apache-2.0
/*
 * workcopy.c - the branches of a session at the level "landlock"
 *
 * A file system that shares blocks between files gives a copy away for nothing; on any other one, the room is
 * looked at before the first byte is written, so that a copy that cannot be finished is not begun.
 */
#include "run/workcopy.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/units.h"
#include "jail/plan.h"
#include "jail/storage.h"
#include "kern/file.h"
#include "run/workspace.h"

#include <errno.h>
#include <fcntl.h>

enum {
	PROBE_BYTES = 4096,
	COPY_ARENA_BYTES = 1 << 30,
	SPARE_SHARE = 50,		/* of the free room stays free: one part in as many */
};

bool run_is_workcopy(const struct session *session)
{
	return session->level && !strcmp(session->level, jail_level_name(JAIL_LEVEL_LANDLOCK));
}

const char *run_workcopy_path(struct arena *arena, const struct session_root *root)
{
	return arena_printf(arena, "%s/copy/%s", root->storage, path_name(root->path));
}

/* ---- room ---- */

static int make_probe(int dirfd, const char *name, int *ret)
{
	static const char data[PROBE_BYTES];
	int r = *ret = kern_open_beneath(dirfd, name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	return r < 0 ? r : kern_write_all(r, data, sizeof(data));
}

static bool shares_blocks(int root_dirfd, int storage_dirfd)
{
	scoped(fd) int from = -1, to = -1;
	struct stat root, storage;
	bool shares;

	if (kern_fstat(root_dirfd, &root) < 0 || kern_fstat(storage_dirfd, &storage) < 0 ||
			root.st_dev != storage.st_dev)
		return false;
	shares = make_probe(storage_dirfd, "probe-from", &from) >= 0 &&
		make_probe(storage_dirfd, "probe-to", &to) >= 0 && kern_reflink(to, from) >= 0;
	(void)kern_unlinkat(storage_dirfd, "probe-from", 0);
	(void)kern_unlinkat(storage_dirfd, "probe-to", 0);
	return shares;
}

static int refuse_room(const struct session_root *root, uint64_t needed, uint64_t free_bytes,
	struct error *err)
{
	char needed_text[UNITS_TEXT_SIZE], free_text[UNITS_TEXT_SIZE];

	units_format_size(needed, needed_text);
	units_format_size(free_bytes, free_text);
	error_set(err, -ENOSPC, "a copy of '%s' needs %s bytes, and where it would be kept %s are free",
		quote_cstr(root->path).text, needed_text, free_text);
	error_hint(err,
		"Make room, deny or hide what the program does not need (filesystem.hide), or set XDG_STATE_HOME to "
		"a larger file system.");
	return -ENOSPC;
}

/* @ret_bytes: that have to be copied; 0 where blocks are shared instead. */
static int check_room(const struct session_root *root, int root_dirfd, int storage_dirfd, uint64_t *ret_bytes,
	struct error *err)
{
	scoped(fd) int fd = kern_open_beneath(storage_dirfd, ".", O_RDONLY | O_DIRECTORY, 0);
	struct jail_storage what = { .paths = &root->path, .path_count = 1 };
	struct jail_storage_use use;
	uint64_t free_bytes;
	struct statfs fs;
	int r = fd < 0 ? fd : kern_fstatfs(fd, &fs);

	if (r < 0)
		return error_sys(err, r, "looking at the room for a copy of '%s'",
			quote_cstr(root->path).text);
	*ret_bytes = 0;
	if (shares_blocks(root_dirfd, storage_dirfd))
		return 0;
	jail_storage_look(&what, &use);
	*ret_bytes = use.bytes[0];
	free_bytes = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize;
	/* What may not be looked into is not copied either. */
	return use.bytes[0] <= free_bytes - free_bytes / SPARE_SHARE ? 0 :
		refuse_room(root, use.bytes[0], free_bytes, err);
}

/* ---- what stays out ---- */

static void add_excluded(const char *root, const char *path, const char **ret, size_t *count)
{
	if (path_is_beneath(str_from(path), str_from(root)) && strcmp(path, root))
		ret[(*count)++] = path_relative(path, root);
}

/* As it is written, and as it is. */
static int find_excluded(struct arena *arena, const char *root, const struct config *config,
	const char *const **ret, size_t *ret_count)
{
	const struct config_list *lists[] = { &config->settings.filesystem.deny,
		&config->settings.filesystem.hide };
	const char **items = arena_alloc_array(arena, 2 * (lists[0]->count + lists[1]->count) + 1,
		sizeof(*items));
	size_t count = 0;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (size_t j = 0; j < lists[i]->count; j++) {
			const char *path = lists[i]->items[j].text, *real;

			add_excluded(root, path, items, &count);
			if (run_real_path(arena, path, &real) >= 0 && strcmp(real, path))
				add_excluded(root, real, items, &count);
		}
	*ret = items;
	*ret_count = count;
	return 0;
}

/* ---- the copies ---- */

static void add_result(struct run_workcopy *copy, const struct workcopy_result *result)
{
	copy->entry_count += result->entry_count;
	copy->byte_count += result->byte_count;
	copy->left_out_count += result->left_out_count;
	if (!copy->left_out)
		copy->left_out = result->left_out;
}

static int copy_root(struct arena *arena, const struct session *session, const struct session_root *root,
	const struct config *config, struct run_workcopy *copy, struct error *err)
{
	scoped(arena) struct arena own = ARENA_INIT(COPY_ARENA_BYTES);
	scoped(fd) int root_dirfd = kern_open_plain(root->path, O_RDONLY | O_DIRECTORY);
	scoped(fd) int storage_dirfd = kern_open(AT_FDCWD, root->storage, O_PATH | O_DIRECTORY, 0);
	struct workcopy one = { .root_dirfd = root_dirfd, .storage_dirfd = storage_dirfd,
		.name = path_name(root->path), .progress = session->progress };
	struct workcopy_result result;
	int r = MIN(root_dirfd, storage_dirfd);

	if (r < 0)
		return error_sys(err, r, "opening '%s', to be copied", quote_cstr(root->path).text);
	r = find_excluded(&own, root->path, config, &one.excluded, &one.excluded_count);
	if (r < 0)
		return error_sys(err, r, "what stays out of the copy");
	r = check_room(root, root_dirfd, storage_dirfd, &one.total_bytes, err);
	if (r >= 0)
		r = workcopy_make(&own, &one, &result, err);
	if (r >= 0 && result.left_out) {
		result.left_out = arena_copy(arena, result.left_out, strlen(result.left_out));
		if (!result.left_out)
			return error_sys(err, -ENOMEM, "what stays out of the copy");
	}
	if (r >= 0)
		add_result(copy, &result);
	return r;
}

int run_workcopy_make(struct arena *arena, const struct session *session, const struct config *config,
	struct run_workcopy *copy, struct error *err)
{
	*copy = (struct run_workcopy){ 0 };
	for (size_t i = 0; i < session->root_count; i++) {
		const struct session_root *root = &session->roots[i];
		int r = root->live ? 0 : copy_root(arena, session, root, config, copy, err);

		if (r < 0)
			return error_wrap(err, r, "copying '%s'", quote_cstr(root->path).text);
	}
	return 0;
}

int run_workcopy_gather(const struct session *session, struct error *err)
{
	if (!run_is_workcopy(session))
		return 0;
	for (size_t i = 0; i < session->root_count; i++) {
		scoped(arena) struct arena arena = ARENA_INIT(COPY_ARENA_BYTES);
		scoped(fd) int storage_dirfd = -1;
		int r;

		if (session->roots[i].live)
			continue;
		r = storage_dirfd = kern_open(AT_FDCWD, session->roots[i].storage, O_PATH | O_DIRECTORY, 0);
		if (r >= 0)
			r = workcopy_gather(&arena, storage_dirfd, err);
		if (r < 0)
			return err && err->code ? error_wrap(err, r, "session '%s'", session->id) :
				error_sys(err, r, "opening the copy of '%s'", session->roots[i].path);
	}
	return 0;
}
