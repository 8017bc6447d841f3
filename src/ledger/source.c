// SPDX-License-Identifier: Apache-2.0
/*
 * source.c - the ledger of one session, opened to be read
 */
#include "ledger/source.h"

#include "base/quote.h"
#include "kern/dir.h"
#include "kern/file.h"
#include "ledger/head.h"
#include "ledger/index.h"
#include "ledger/ledger_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

enum {
	SESSIONS_MAX = 1 << 20,
	HEAD_TRIES_MAX = 8,
	HEAD_STEP_NS = 1000 * 1000,
};

bool source_is_live(const struct source *source)
{
	int r = kern_flock(source->fd, LOCK_SH | LOCK_NB);

	if (r >= 0)
		(void)kern_flock(source->fd, LOCK_UN);
	return r == -EWOULDBLOCK;
}

static bool head_eq(const struct ledger_head *a, const struct ledger_head *b)
{
	return a->sequence == b->sequence && a->size_bytes == b->size_bytes && digest_eq(&a->hash, &b->hash);
}

static int read_head_twice(const char *session, int state_dirfd, const char *path, struct ledger_head *ret)
{
	scoped(fd) int fd = kern_open(state_dirfd, path, O_RDONLY | O_NOFOLLOW, 0);
	struct ledger_head again;
	int r = fd < 0 ? fd : head_read(fd, session, ret);

	if (r >= 0)
		r = head_read(fd, session, &again);
	return r < 0 || head_eq(ret, &again) ? r : -EBADMSG;
}

/*
 * A head that is being written may be seen half old and half new, and the halves may even make a valid head
 * that never was. Its writer needs a microsecond to finish, so what is seen twice in a row is one that was
 * written. The head of a ledger that is being made is not there yet. Where nobody writes we look once more,
 * for whoever has finished, or begun, since.
 */
static int read_head(struct source *source, int state_dirfd, const char *path)
{
	const struct timespec step = { .tv_nsec = HEAD_STEP_NS };
	int r = read_head_twice(source->session, state_dirfd, path, &source->head);

	for (int i = 0; (r == -EBADMSG || r == -ENOENT) && i < HEAD_TRIES_MAX && (!i || source->live); i++) {
		(void)kern_nanosleep(&step);
		source->live = source_is_live(source);
		r = read_head_twice(source->session, state_dirfd, path, &source->head);
	}
	source->has_head = r >= 0;
	return r == -ENOENT || r == -EBADMSG || r == -ELOOP ? 0 : r;
}

int source_open(struct source *source, int state_dirfd, const char *session, struct error *err)
{
	char directory[LEDGER_NAME_MAX + 16], head[sizeof(directory) + sizeof(HEAD_NAME)];
	bool is_user = !strcmp(session, LEDGER_USER_SESSION);
	int r;

	if (!chain_name_is_valid(str_from(session), false))
		return error_set(err, -EINVAL, "'%s' is not the name of a session", quote_cstr(session).text);
	snprintf(source->session, sizeof(source->session), "%s", session);
	snprintf(directory, sizeof(directory), "%s%s", is_user ? "" : "sessions/", session);
	snprintf(source->path, sizeof(source->path), "%s/" LEDGER_NAME, directory);
	snprintf(head, sizeof(head), "%s/" HEAD_NAME, directory);
	r = kern_open(state_dirfd, source->path, O_RDONLY | O_NOFOLLOW, 0);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return error_sys(err, r, "opening %s", source->path);
	source->fd = r;
	source->live = source_is_live(source);
	r = read_head(source, state_dirfd, head);
	return r < 0 ? error_sys(err, r, "reading %s", head) : 0;
}

int source_open_index(int state_dirfd, struct error *err)
{
	int fd = kern_open(state_dirfd, INDEX_NAME, O_RDONLY | O_NOFOLLOW, 0);

	return fd < 0 && fd != -ENOENT ? error_sys(err, fd, "opening " INDEX_NAME) : fd;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct names {
	const char **items;		/* owned */
	size_t count, room;
};

static void names_scope_exit(struct names *names)
{
	free(names->items);
}

static int add_name(struct names *names, struct arena *arena, const char *name)
{
	const char *copy = arena_copy(arena, name, strlen(name));

	if (!copy || names->count == SESSIONS_MAX)
		return -EMSGSIZE;
	if (names->count == names->room) {
		names->room = names->room ? names->room * 2 : 64;
		names->items = reallocarray(names->items, names->room, sizeof(*names->items));
		if (!names->items)
			abort();
	}
	names->items[names->count++] = copy;
	return 0;
}

static int read_names(struct names *names, struct arena *arena, int state_dirfd)
{
	scoped(fd) int fd = kern_open(state_dirfd, "sessions", O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	struct kern_dir_entry entry;
	struct kern_dir dir;
	int r;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	kern_dir_init(&dir, fd);
	while ((r = kern_dir_next(&dir, &entry)) > 0) {
		/* What cannot be an id has never been one: a file of somebody else's. */
		if (!chain_name_is_valid(str_from(entry.name), false))
			continue;
		r = add_name(names, arena, entry.name);
		if (r < 0)
			break;
	}
	return r;
}

int source_list(struct arena *arena, int state_dirfd, const char *const **ret, size_t *ret_count,
	struct error *err)
{
	scoped(names) struct names names = { 0 };
	const char **list;
	int r = read_names(&names, arena, state_dirfd);

	if (r >= 0 && kern_faccessat(state_dirfd, LEDGER_USER_SESSION, F_OK, AT_SYMLINK_NOFOLLOW) >= 0)
		r = add_name(&names, arena, LEDGER_USER_SESSION);
	if (r < 0)
		return error_sys(err, r, "listing the sessions");
	list = arena_alloc_array(arena, names.count + 1, sizeof(*list));
	if (!list)
		return error_set(err, -EMSGSIZE, "listing the sessions: too many");
	if (names.count)
		memcpy(list, names.items, names.count * sizeof(*list));
	qsort(list, names.count, sizeof(*list), compare_names);
	*ret = list;
	*ret_count = names.count;
	return 0;
}
