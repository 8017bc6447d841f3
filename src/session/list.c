// SPDX-License-Identifier: Apache-2.0
/*
 * list.c - all sessions of a user
 *
 * A name that is no id is not a session and is passed over; a session whose file is damaged still has its
 * name listed, so that it can be shown as damaged instead of vanishing. A directory with neither that file
 * nor a ledger is one that a supervisor made a moment ago, or was killed over: no session yet.
 */
#include "session/session.h"

#include "base/fd.h"
#include "base/quote.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SESSIONS_MAX = 65536,
};

static bool looks_like_id(const char *name)
{
	return strlen(name) == SESSION_ID_LEN &&
		strspn(name, "abcdefghijkmnpqrstuvwxyz23456789") == SESSION_ID_LEN;
}

static bool has_content(int sessions_fd, const char *id)
{
	char path[SESSION_ID_LEN + sizeof("/session.json")];
	struct stat st;
	int r;

	snprintf(path, sizeof(path), "%s/session.json", id);
	r = kern_fstatat(sessions_fd, path, &st, AT_SYMLINK_NOFOLLOW);
	if (r != -ENOENT)
		return true;
	snprintf(path, sizeof(path), "%s/ledger.jsonl", id);
	return kern_fstatat(sessions_fd, path, &st, AT_SYMLINK_NOFOLLOW) != -ENOENT;
}

bool session_exists(struct arena *arena, const char *state_dir, const char *id)
{
	const char *path = looks_like_id(id) ? arena_printf(arena, "%s/sessions", state_dir) : NULL;
	scoped(fd) int fd = path ? kern_open(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0) : -ENOENT;

	return fd >= 0 && has_content(fd, id);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int collect(struct arena *arena, int fd, const char ***ret, size_t *ret_count)
{
	struct kern_dir dir;
	struct kern_dir_entry entry;
	const char **ids = NULL;
	size_t count = 0, room = 0;
	int r;

	kern_dir_init(&dir, fd);
	while ((r = kern_dir_next(&dir, &entry)) > 0) {
		if (!looks_like_id(entry.name) || !has_content(fd, entry.name))
			continue;
		if (count == room) {
			const char **more = arena_alloc_array(arena, room = room * 2 + 64, sizeof(*ids));

			if (!more || count >= SESSIONS_MAX)
				return -EMSGSIZE;
			if (count)
				memcpy(more, ids, count * sizeof(*ids));
			ids = more;
		}
		ids[count] = arena_copy(arena, entry.name, SESSION_ID_LEN);
		if (!ids[count++])
			return -EMSGSIZE;
	}
	if (count)
		qsort(ids, count, sizeof(*ids), by_name);
	*ret = ids;
	*ret_count = count;
	return r;
}

int session_ids_in(struct arena *arena, const char *path, const char *const **ret, size_t *ret_count,
	struct error *err)
{
	const char **ids = NULL;
	scoped(fd) int fd = kern_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
	int r;

	*ret = NULL;
	*ret_count = 0;
	if (fd == -ENOENT)
		return 0;
	r = fd < 0 ? fd : collect(arena, fd, &ids, ret_count);
	if (r < 0)
		return error_sys(err, r, "listing the sessions in '%s'", path);
	*ret = ids;
	return 0;
}

int session_ids(struct arena *arena, const char *state_dir, const char *const **ret, size_t *ret_count,
	struct error *err)
{
	const char *path = arena_printf(arena, "%s/sessions", state_dir);

	if (path)
		return session_ids_in(arena, path, ret, ret_count, err);
	*ret = NULL;
	*ret_count = 0;
	return error_set(err, -ENAMETOOLONG, "the path of the state directory is too long");
}

int session_latest(struct session *session, const char *state_dir, const char *workspace, unsigned wanted,
	struct error *err)
{
	const char *const *ids, *best = NULL;
	uint64_t best_ns = 0;
	size_t count;
	int r = session_ids(session->arena, state_dir, &ids, &count, err);

	for (size_t i = 0; r >= 0 && i < count; i++) {
		struct session one;

		session_init(&one, session->arena);
		if (session_open(&one, state_dir, ids[i], NULL) >= 0 && wanted & 1u << one.state &&
				(!workspace || !strcmp(workspace, one.workspace)) &&
				one.created_ns >= best_ns) {
			best = ids[i];
			best_ns = one.created_ns;
		}
		session_fini(&one);
	}
	if (r < 0)
		return r;
	if (best)
		return session_open(session, state_dir, best, err);
	error_set(err, -ENOENT, wanted == ~0u ? "there was no session yet%s%s%s" :
		"there is no session%s%s%s that this could be about", workspace ? " in '" : "",
		workspace ? quote_cstr(workspace).text : "", workspace ? "'" : "");
	error_hint(err, "`cordon run -- PROGRAM` starts one, `cordon ps --all` lists those that there are.");
	return -ENOENT;
}
