// SPDX-License-Identifier: Apache-2.0
/*
 * follow.c - the records of a session, those that there are and those that come
 */
#include "cli/follow.h"

#include "kern/kern.h"

#include <stdio.h>
#include <sys/inotify.h>

enum {
	PATH_SIZE = 32,
	NEWS_BYTES = 4096,
};

static bool watch(struct follow *follow, int fd, uint32_t events)
{
	char path[PATH_SIZE];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return kern_inotify_add_watch(follow->notify_fd, path, events) >= 0;
}

static int open_ledger(struct follow *follow, struct error *err)
{
	int r = ledger_reader_open(&follow->reader, follow->state_dirfd, follow->session->id, NULL, err);

	if (r < 0)
		return r;
	follow->is_open = true;
	follow->reader.follows = true;
	follow->is_watched = follow->notify_fd >= 0 &&
		watch(follow, follow->reader.source.fd, IN_MODIFY | IN_CLOSE_WRITE);
	return 0;
}

int follow_start(struct follow *follow, const struct session *session, int state_dirfd, bool keeps_on,
	struct error *err)
{
	int r;

	follow->session = session;
	follow->state_dirfd = state_dirfd;
	if (keeps_on) {
		follow->notify_fd = kern_inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		/* Until there is a ledger. */
		follow->is_watched = follow->notify_fd >= 0 && watch(follow, session->dirfd, IN_CREATE);
	}
	r = open_ledger(follow, err);
	return r == -ENOENT && keeps_on ? 0 : r;
}

int follow_next(struct follow *follow, struct ledger_record *ret, struct error *err)
{
	struct error none;
	int r = 0;

	if (!follow->is_open)
		r = open_ledger(follow, &none);
	if (r < 0)
		return r == -ENOENT ? 0 : error_set(err, r, "%s", none.text);
	r = ledger_reader_next(&follow->reader, ret, err);
	if (!r)
		ledger_reader_again(&follow->reader);
	return r;
}

void follow_heard(struct follow *follow)
{
	char news[NEWS_BYTES];

	while (follow->notify_fd >= 0 && kern_read(follow->notify_fd, news, sizeof(news)) > 0)
		;
}

unsigned follow_look_ms(const struct follow *follow)
{
	return follow->is_watched ? FOLLOW_LOOK_MS : FOLLOW_BLIND_LOOK_MS;
}

void follow_fini(struct follow *follow)
{
	ledger_reader_fini(&follow->reader);
	follow->notify_fd = fd_close(follow->notify_fd);
	follow->is_open = follow->is_watched = false;
}
