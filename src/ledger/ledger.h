/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger.h - writing down what is decided, before it takes effect
 *
 * A ledger is a file of JSON lines, one record each, chained by SHA-256 (docs/formats/ledger.md). The pattern
 * for every caller is one and the same:
 *
 *	r = ledger_append(ledger, LEDGER_COMMIT_STARTED, fields, 0, err);
 *	if (r < 0)
 *		return r;	// what cannot be recorded does not happen
 *	... do it ...
 *
 * Three files stand against loss and change:
 *
 *   ledger.jsonl   the records; grows by one write(2) per record, under an exclusive lock
 *   head.json      the end of the chain, rewritten in place after each record: shows a cut tail
 *   heads.jsonl    one per user, itself a chain: the heads of all ledgers at their creation, at each synced
 *                  record and at their close; shows that a ledger is missing as a whole, or was written anew
 *
 * Invariants: one `struct ledger` at a time owns a ledger (flock); a record that ledger_append() accepted is
 * whole, in order and known to the head file; after any failed write the ledger refuses every later record,
 * since nobody can say any more what stands on the disk. Kinds and their fields come from tables/ledger.toml
 * (schema.h).
 *
 * Cost: an append without sync is two writes into the page cache, no allocation after the first.
 */
#pragma once

#include "base/error.h"
#include "base/hash.h"
#include "json/json.h"
#include "ledger/schema.h"

#include <stdbool.h>

enum {
	LEDGER_LINE_MAX = 65536,	/* bytes of a record, with its newline */
	LEDGER_NAME_MAX = 64,		/* bytes of a session id or an actor */
};

#define LEDGER_USER_SESSION "user"	/* the session id of the ledger that belongs to no session */

/* The end of a chain. All zero: nothing stands in it yet. */
struct ledger_head {
	uint64_t sequence;		/* of the last record; records count from 1 */
	struct digest hash;		/* of the last record */
	uint64_t size_bytes;		/* of the file up to its end */
};

/*
 * Where a ledger lives and who writes. Descriptors are borrowed until ledger_fini() and open for reading, not
 * O_PATH.
 */
struct ledger_place {
	int session_dirfd;		/* holds ledger.jsonl and head.json */
	int state_dirfd;		/* holds heads.jsonl: $XDG_STATE_HOME/cordon */
	const char *session;		/* [a-z0-9][a-z0-9-]*, at most LEDGER_NAME_MAX */
	const char *actor;		/* "supervisor", "committer", "cli": [a-z0-9][a-z0-9._:@-]* */
};

/* What ledger_open() found and wrote down as a record of kind "repaired". All zero: nothing. */
struct ledger_repair {
	uint64_t torn_bytes;		/* an unfinished line at the end; nobody was told of its record */
	uint64_t lost_count;		/* records that the head file knew and that are gone */
	bool head_lost;			/* the head file was missing or damaged */
};

struct ledger {
	int fd, head_fd, index_fd;	/* owned */
	int session_dirfd, state_dirfd;	/* borrowed */
	char session[LEDGER_NAME_MAX + 1], actor[LEDGER_NAME_MAX + 1];
	struct ledger_head head;
	uint64_t indexed_sequence;	/* of the last record that this object put into the index */
	struct ledger_repair repair;
	bool failed, directory_synced;
	int owned_dirfd;		/* the user ledger's directory; -1 */
	struct arena arena;		/* for one append */
	struct buf line;
};

/* For a ledger that is not open; legal to fini. */
#define LEDGER_INIT { .fd = -1, .head_fd = -1, .index_fd = -1, .owned_dirfd = -1 }

enum ledger_open_flags {
	/*
	 *  Go on after records were lost (a power cut, or somebody removed them): write down which, and
	 *  continue. Without
	 * it such a ledger takes no more records.
	 */
	LEDGER_OPEN_ACCEPT_LOSS = 1 << 0,
};

enum ledger_append_flags {
	/* on the disk, and in the index, before it returns; implied by some kinds */
	LEDGER_SYNC = 1 << 0,
};

/**
 * ledger_create() - start the ledger of a session
 * @ledger: LEDGER_INIT; owned by the caller, who calls ledger_fini() in any case
 * @place:  where; there must be no ledger yet
 * @err:    what failed
 *
 * Nothing is recorded yet: the first record has to be of a kind that begins a ledger ("session-created").
 *
 * Errors: -EEXIST there is one; -EINVAL a bad session id or actor; -EBUSY another process keeps the index
 * locked.
 * Return: 0 or negative errno.
 */
int ledger_create(struct ledger *ledger, const struct ledger_place *place, struct error *err);

/**
 * ledger_open() - continue a ledger
 * @ledger: LEDGER_INIT
 * @place:  where
 * @flags:  enum ledger_open_flags
 * @err:    what failed
 *
 * Checks the end of the chain against the head file, not the whole of it. A torn last line is replaced by a
 * record of kind "repaired" that holds its bytes; @ledger->repair tells, so that the caller can say so.
 *
 * Errors: -ENOENT there is none; -ENODATA it is empty, so its session never began; -EBUSY another process
 * writes it; -EBADMSG the chain is broken, or records were lost and the flag is not given; -EINVAL a bad
 * session id or actor.
 * Return: 0 or negative errno.
 */
int ledger_open(struct ledger *ledger, const struct ledger_place *place, unsigned flags, struct error *err);

/**
 * ledger_open_user() - continue the ledger of what a user decides outside of any session, or begin it
 * @ledger:      LEDGER_INIT
 * @state_dirfd: $XDG_STATE_HOME/cordon; the ledger is in its directory "user"
 * @actor:       as in struct ledger_place
 * @user:        the user's name
 * @uid:         and id
 * @err:         what failed
 *
 * Waits a moment for another command that has it.
 *
 * Errors: as ledger_open().
 * Return: 0 or negative errno.
 */
int ledger_open_user(struct ledger *ledger, int state_dirfd, const char *actor, const char *user,
	uint64_t uid, struct error *err);

/**
 * ledger_append() - record what is about to happen, or what has happened
 * @ledger: created or open
 * @kind:   what
 * @fields: as tables/ledger.toml asks for; NULL (a builder that failed) is refused
 * @flags:  enum ledger_append_flags
 * @err:    what failed
 *
 * Fields that would make the line longer than LEDGER_LINE_MAX are written in their omitted form (omitted.h).
 *
 * Blocks: with LEDGER_SYNC for two or three fdatasync(2).
 * Errors: -EINVAL fields that do not fit the kind, or a kind that has no place here (nothing is written, the
 * ledger can be used further); -EIO an earlier write failed; others from the kernel, after which the ledger
 * refuses every record.
 * Return: 0 or negative errno; the caller must not do what it wanted to record on failure.
 */
int ledger_append(struct ledger *ledger, enum ledger_kind kind, const struct json *fields, unsigned flags,
	struct error *err) MUST_USE;

/**
 * ledger_close() - put the head into the index, and let go of the ledger
 * @ledger: any; all closed afterwards, also on failure
 * @err:    what failed
 *
 * Errors: -EIO opening or writing it had failed; -EBUSY another process keeps the index locked; -EBADMSG the
 * end of the index is damaged; others from the kernel.
 * Return: 0 or negative errno.
 */
int ledger_close(struct ledger *ledger, struct error *err);

/**
 * ledger_fini() - let go of the ledger without a word to the index, as a crash would; @ledger is LEDGER_INIT
 * after it
 */
void ledger_fini(struct ledger *ledger);

/**
 * ledger_forget() - put into the index that a ledger is about to be removed on purpose
 * @ledger: open; closed afterwards, also on failure
 * @err:    what failed
 *
 * The entry is synced. Without it the missing ledger would be reported by every later verification. Why it
 * goes stands in the user's own ledger (kind "gc").
 *
 * Errors: -EIO the ledger is not open, or damaged; as ledger_close().
 * Return: 0 or negative errno.
 */
int ledger_forget(struct ledger *ledger, struct error *err);

static inline void ledger_scope_exit(struct ledger *ledger)
{
	ledger_fini(ledger);
}
