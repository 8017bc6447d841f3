/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow.h - the records of a session, those that there are and those that come
 *
 * Whoever writes a record appends a line to the ledger; inotify says when that happened, so nobody looks
 * again and again, and a record is seen within a millisecond. Where the user has no inotify left, one looks
 * 25 times a second instead. A line that is not finished is not there. The supervisor is not asked: it has
 * better things to do than to be watched, and a session that has ended has none.
 *
 * Source: inotify(7)
 */
#pragma once

#include "ledger/reader.h"
#include "session/session.h"

enum {
	FOLLOW_LOOK_MS = 200,		/* for the end of a supervisor, which no file tells of */
	FOLLOW_BLIND_LOOK_MS = 40,	/* without inotify */
};

struct follow {
	const struct session *session;	/* borrowed */
	int state_dirfd;		/* borrowed */
	int notify_fd;			/* owned: readable when something happened; -1: look now and then */
	bool is_open, is_watched;	/* there is a ledger; it is the one that is watched */
	struct ledger_reader reader;
};

#define FOLLOW_INIT { .notify_fd = -1, .reader = LEDGER_READER_INIT }

/**
 * follow_start() - begin at the first record
 * @follow:      FOLLOW_INIT; follow_fini() afterwards
 * @session:     open
 * @state_dirfd: borrowed
 * @keeps_on:    whether records that come count, too
 * @err:         what failed; that there is no ledger yet is no failure where they do
 *
 * Errors: as ledger_reader_open().
 * Return: 0 or negative errno.
 */
int follow_start(struct follow *follow, const struct session *session, int state_dirfd, bool keeps_on,
	struct error *err);

/**
 * follow_next() - the next record
 * @follow: started
 * @ret:    the record; its texts are good until the next call
 * @err:    as ledger_reader_next()
 *
 * Return: as ledger_reader_next(); 0: there is no more so far, and the next call looks again.
 */
int follow_next(struct follow *follow, struct ledger_record *ret, struct error *err);

/** follow_heard() - take what inotify said, so that it can say something new */
void follow_heard(struct follow *follow);

/** follow_look_ms() - how long to wait at most before looking again */
unsigned follow_look_ms(const struct follow *follow);

/** follow_fini() - close it */
void follow_fini(struct follow *follow);

static inline void follow_scope_exit(struct follow *follow)
{
	follow_fini(follow);
}
