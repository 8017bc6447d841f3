// SPDX-License-Identifier: Apache-2.0
/*
 * revisions.c - the file of the revisions of signed bundles that were used
 */
#include "run/revisions.h"

#include "base/fd.h"
#include "base/quote.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#define FILE_NAME "policy-revisions.json"
#define LOCK_NAME "policy-revisions.lock"

enum {
	FILE_BYTES_MAX = 16 << 20,
	ARENA_BYTES_MAX = 8 * FILE_BYTES_MAX,
};

int run_revisions_read(int state_dirfd, struct arena *arena, const struct json **ret, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(FILE_BYTES_MAX);
	int r = kern_read_file(state_dirfd, FILE_NAME, &text);

	if (r == -ENOENT) {
		*ret = policy_revisions_begin(arena);
		return *ret ? 0 : error_set(err, -EMSGSIZE, "no memory for revisions of policies");
	}
	if (r < 0)
		error_sys(err, r, "reading it");
	else
		r = policy_revisions_read(arena, (struct str){ text.data, text.len }, ret, err);
	if (r >= 0)
		return 0;
	error_wrap(err, r, "which revisions of policies were used before is in %s", FILE_NAME);
	error_hint(err, "To begin anew, where you know why it is so: cordon policy forget --all");
	return r;
}

int run_revisions_check(int state_dirfd, const struct policy_bundles *bundles, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES_MAX);
	const struct json *seen;
	int r = bundles->count ? run_revisions_read(state_dirfd, &arena, &seen, err) : 0;

	for (size_t i = 0; r >= 0 && i < bundles->count; i++)
		r = policy_revisions_check(seen, &bundles->items[i], err);
	return r;
}

/* ---- changing ---- */

static int lock(int state_dirfd, struct error *err)
{
	scoped(fd) int fd = kern_open(state_dirfd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
	int r = fd < 0 ? fd : kern_flock(fd, LOCK_EX);

	return r < 0 ? error_sys(err, r, "locking %s", LOCK_NAME) : TAKE_FD(fd);
}

static int write_all(int state_dirfd, const struct json *seen, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(FILE_BYTES_MAX);
	int r = seen ? json_write(&text, seen, JSON_WRITE_PRETTY) : -EMSGSIZE;

	if (r >= 0)
		r = buf_append_char(&text, '\n');
	if (r >= 0)
		r = kern_write_file(state_dirfd, FILE_NAME, (struct str){ text.data, text.len }, 0600, true);
	return r < 0 ? error_sys(err, r, "writing %s", FILE_NAME) : 0;
}

int run_revisions_keep(int state_dirfd, const struct policy_bundles *bundles, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES_MAX);
	scoped(fd) int fd = bundles->count ? lock(state_dirfd, err) : -1;
	const struct json *before, *seen;
	int r;

	if (!bundles->count)
		return 0;
	r = fd < 0 ? fd : run_revisions_read(state_dirfd, &arena, &before, err);
	if (r < 0)
		return r;
	seen = before;
	for (size_t i = 0; seen && i < bundles->count; i++)
		if (policy_revisions_check(seen, &bundles->items[i], NULL) >= 0)
			seen = policy_revisions_note(&arena, seen, &bundles->items[i]);
	return seen == before ? 0 : write_all(state_dirfd, seen, err);
}

int run_revisions_forget(int state_dirfd, const char *path, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES_MAX);
	scoped(fd) int fd = lock(state_dirfd, err);
	const struct json *seen;
	int r;

	if (fd < 0)
		return fd;
	if (!path)
		return write_all(state_dirfd, policy_revisions_begin(&arena), err);
	r = run_revisions_read(state_dirfd, &arena, &seen, err);
	if (r < 0)
		return r;
	if (!policy_revisions_last(seen, path))
		return error_set(err, -ENOENT, "no revision of '%s' was used", quote_cstr(path).text);
	return write_all(state_dirfd, policy_revisions_forget(&arena, seen, path), err);
}
