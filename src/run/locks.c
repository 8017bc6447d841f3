// SPDX-License-Identifier: Apache-2.0
/*
 * locks.c - one committer at a time on a workspace, whichever sessions they belong to
 *
 * Waiting is trying again: that is bounded where it has to be, a signal ends it as it ends the command, and a
 * commit takes milliseconds.
 */
#include "run/locks.h"

#include "base/fd.h"
#include "base/macro.h"
#include "base/path.h"
#include "base/quote.h"
#include "kern/clock.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/sysmacros.h>

enum {
	PROC_LOCKS_MAX_BYTES = 16 << 20,
	HOLDER_SIZE = 128,
	PLACE_SIZE = 64,
	LOCK_FIELDS = 6,		/* of a line of /proc/locks, up to the place */
	FIRST_STEP_NS = 1000 * 1000,
	LAST_STEP_NS = 64 * 1000 * 1000,
};

#define LOCK_NAME "commit.lock"
#define MOMENT_NS (UINT64_C(500) * 1000 * 1000)
#define ROOT_WAIT_NS (UINT64_C(10) * 1000 * 1000 * 1000)
#define OWN_WAIT_NS (UINT64_C(30) * 1000 * 1000 * 1000)

struct root_id {
	dev_t dev;
	ino_t ino;
	size_t index;			/* in the list of descriptors */
};

/* ---- who has it ---- */

/* The process of one line of /proc/locks (proc(5)) if that is a flock of this place, else 0. */
static uint64_t match_line(struct str line, const char *place)
{
	struct str fields[LOCK_FIELDS] = { 0 };
	uint64_t pid;

	for (size_t i = 0; i < LOCK_FIELDS && line.len; i++) {
		while (line.len && *line.data == ' ')
			line = (struct str){ line.data + 1, line.len - 1 };
		(void)str_cut(line, ' ', &fields[i], &line);
	}
	return str_eq(fields[1], STR("FLOCK")) && str_eq(fields[5], str_from(place)) &&
			str_to_u64(fields[4], INT32_MAX, &pid) >= 0 ?
		pid :
		0;
}

/* ": process 4711 (make) holds its lock", or nothing where the kernel does not tell us. */
static void name_holder(int fd, char ret[HOLDER_SIZE])
{
	scoped(buf) struct buf text = BUF_INIT(PROC_LOCKS_MAX_BYTES), name = BUF_INIT(HOLDER_SIZE);
	char place[PLACE_SIZE], path[PLACE_SIZE];
	struct str rest, line;
	struct stat st;
	uint64_t pid = 0;

	ret[0] = '\0';
	if (kern_fstat(fd, &st) < 0 || kern_read_file(AT_FDCWD, "/proc/locks", &text) < 0)
		return;
	snprintf(place, sizeof(place), "%02x:%02x:%llu", major(st.st_dev), minor(st.st_dev),
		(unsigned long long)st.st_ino);
	rest = (struct str){ buf_text(&text), text.len };
	while (!pid && rest.len) {
		(void)str_cut(rest, '\n', &line, &rest);
		pid = match_line(line, place);
	}
	if (!pid)
		return;
	snprintf(path, sizeof(path), "/proc/%u/comm", (unsigned)pid);
	if (kern_read_file(AT_FDCWD, path, &name) < 0)
		buf_clear(&name);
	snprintf(ret, HOLDER_SIZE, ": process %u%s%.40s%s holds its lock", (unsigned)pid,
		name.len ? " (" : "",
		quote_text((struct str){ buf_text(&name), name.len ? name.len - 1 : 0 }).text,
		name.len ? ")" : "");
}

/* ---- one lock ---- */

/* Waits for at most @most_ns, 0: until it is free. */
static int take(int fd, uint64_t most_ns, const struct run_patience *patience)
{
	struct timespec step = { .tv_nsec = FIRST_STEP_NS };
	uint64_t began_ns = kern_clock_monotonic_ns(), waited_ns = 0;
	bool told = false;
	int r;

	while ((r = kern_flock(fd, LOCK_EX | LOCK_NB)) == -EWOULDBLOCK) {
		if (most_ns && waited_ns >= most_ns)
			return -ETIMEDOUT;
		if (!told && waited_ns >= MOMENT_NS && patience->tell) {
			char holder[HOLDER_SIZE];

			name_holder(fd, holder);
			patience->tell(patience->data, holder);
			told = true;
		}
		(void)kern_nanosleep(&step);
		step.tv_nsec = MIN(step.tv_nsec * 2, (long)LAST_STEP_NS);
		waited_ns = kern_clock_monotonic_ns() - began_ns;
	}
	return r;
}

static int explain(int fd, int code, const char *path, struct error *err)
{
	char holder[HOLDER_SIZE];

	if (code != -ETIMEDOUT)
		return error_sys(err, code, "taking the lock of '%s'", quote_cstr(path).text);
	name_holder(fd, holder);
	error_set(err, -ETIMEDOUT, "another commit to '%s' is under way, and does not end%s",
		quote_cstr(path).text, holder);
	error_hint(err, "Nothing was done. Wait for it to end, or end it, and try again.");
	return -ETIMEDOUT;
}

/* ---- all of them ---- */

static int compare_ids(const void *a, const void *b)
{
	const struct root_id *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

/* Theirs and ours is one file, which is made once and never removed: so there is never another one. */
static int open_own(const struct session *session, struct error *err)
{
	char path[PATH_TEXT_MAX];
	int len = snprintf(path, sizeof(path), "%s/../../" LOCK_NAME, session->path);
	int fd = len < PATH_TEXT_MAX ? kern_open(AT_FDCWD, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600) :
		-ENAMETOOLONG;

	return fd < 0 ? error_sys(err, fd, "session '%s': opening the lock of all commits", session->id) : fd;
}

/* A path that was resolved once: there is no link in it now. */
static int open_root(const char *path, struct error *err)
{
	int fd = kern_open_plain(path, O_RDONLY | O_DIRECTORY);

	return fd < 0 ? error_sys(err, fd, "the workspace '%s'", quote_cstr(path).text) : fd;
}

static int open_all(struct run_locks *locks, const struct session *session, const char **paths,
	struct error *err)
{
	int fd = open_own(session, err);

	if (fd < 0)
		return fd;
	paths[locks->count] = session->workspace;
	locks->fds[locks->count++] = fd;
	for (size_t i = 0; i < session->root_count; i++) {
		if (session->roots[i].live)
			continue;
		fd = open_root(session->roots[i].path, err);
		if (fd < 0)
			return fd;
		paths[locks->count] = session->roots[i].path;
		locks->fds[locks->count++] = fd;
	}
	return 0;
}

/*
 * The indices of the roots in the order in which they are locked. Two may be the same directory, through
 * another mount: one lock is enough, the second would wait for the first.
 */
static int sort_roots(const int *fds, size_t count, size_t *ret, size_t *ret_count)
{
	struct root_id ids[RUN_LOCKS_MAX];

	*ret_count = 0;
	for (size_t i = 1; i < count; i++) {
		struct stat st;
		int r = kern_fstat(fds[i], &st);

		if (r < 0)
			return r;
		ids[i - 1] = (struct root_id){ st.st_dev, st.st_ino, i };
	}
	if (count > 1)
		qsort(ids, count - 1, sizeof(*ids), compare_ids);
	for (size_t i = 0; i + 1 < count; i++)
		if (!i || compare_ids(&ids[i - 1], &ids[i]))
			ret[(*ret_count)++] = ids[i].index;
	return 0;
}

/* A file system that has no locks for directories says so with one of these. */
static bool has_no_locks(int code)
{
	return code == -EBADF || code == -ENOLCK || code == -EOPNOTSUPP;
}

static int take_all(struct run_locks *locks, const char *const *paths, const struct run_patience *patience,
	struct error *err)
{
	size_t order[RUN_LOCKS_MAX], count;
	int r = take(locks->fds[0], patience->until_free ? 0 : OWN_WAIT_NS, patience);

	if (r < 0)
		return explain(locks->fds[0], r, paths[0], err);
	r = sort_roots(locks->fds, locks->count, order, &count);
	if (r < 0)
		return error_sys(err, r, "looking at the workspace '%s'", quote_cstr(paths[0]).text);
	for (size_t i = 0; i < count; i++) {
		r = take(locks->fds[order[i]], ROOT_WAIT_NS, patience);
		if (r < 0 && !has_no_locks(r))
			return explain(locks->fds[order[i]], r, paths[order[i]], err);
	}
	return 0;
}

static int watch(struct run_locks *locks, const struct session *session,
	const struct run_patience *patience, struct error *err)
{
	int r = interrupt_begin(&locks->interrupt, patience->too_late, patience->data);

	return r < 0 ? error_sys(err, r, "session '%s': waiting for interrupts", session->id) : 0;
}

int run_locks_take(struct run_locks *locks, const struct session *session,
	const struct run_patience *patience, struct error *err)
{
	const char *paths[RUN_LOCKS_MAX];
	int r;

	*locks = (struct run_locks){ 0 };
	r = open_all(locks, session, paths, err);
	if (r >= 0)
		r = take_all(locks, paths, patience, err);
	if (r >= 0)
		r = watch(locks, session, patience, err);
	if (r < 0)
		run_locks_drop(locks);
	return r;
}

void run_locks_drop(struct run_locks *locks)
{
	while (locks->count)
		fd_close(locks->fds[--locks->count]);
	interrupt_end(&locks->interrupt);
}

int run_locks_confirm(const int *fds, size_t count)
{
	size_t order[RUN_LOCKS_MAX], order_count;
	int r = kern_flock(fds[0], LOCK_EX | LOCK_NB);

	if (r >= 0)
		r = sort_roots(fds, count, order, &order_count);
	for (size_t i = 0; r >= 0 && i < order_count; i++) {
		r = kern_flock(fds[order[i]], LOCK_EX | LOCK_NB);
		if (has_no_locks(r))
			r = 0;
	}
	return r == -EWOULDBLOCK ? -EBUSY : r;
}
