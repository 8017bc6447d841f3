/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.h - heads.jsonl, one user's chain of the heads of all ledgers
 *
 * Every process that writes ledgers appends here, under a lock that is held for the time of a read and a
 * write. An entry names a session and the head of its ledger at that moment, so that it vouches for every
 * record up to there. What the index lacks is found through the sessions: each ledger that exists must stand
 * here, and its first record names a recent entry of the index (its anchor), which must stand here too.
 *
 * Events: "created" with the first record of a ledger; "head" with a synced record, and itself synced;
 * "closed" when a writer lets go; "removed" when a ledger goes on purpose, synced before it goes.
 *
 * A torn last line, left by a crash, is replaced by the next entry, which carries the number and the digest
 * of the torn bytes: the reason for a gap is never lost.
 */
#pragma once

#include "ledger/chain.h"
#include "ledger/ledger.h"

#define INDEX_NAME "heads.jsonl"

enum {
	INDEX_LINE_MAX = 1024,		/* bytes of an entry, with its newline */
};

enum index_event {
	INDEX_INVALID,
	INDEX_CREATED,
	INDEX_HEAD,
	INDEX_CLOSED,
	INDEX_REMOVED,
	INDEX_EVENT_COUNT,
};

struct index_entry {
	uint64_t sequence;		/* of the entry, from 1 */
	uint64_t time_ns;
	enum index_event event;
	struct str session;
	struct ledger_head head;	/* of the session's ledger */
	uint64_t torn_bytes;		/* of a torn line that this entry replaced; 0: none */
	struct digest torn_digest;
	struct digest previous, hash;
};

/* An entry that a ledger's first record vouches for. sequence 0: none. */
struct index_anchor {
	uint64_t sequence;
	struct digest hash;
};

/**
 * index_render() - the line of an entry, as record_render(); Return: 0 or -EMSGSIZE over the buffer's limit
 */
int index_render(struct buf *line, const struct index_entry *entry, struct digest *ret_hash);

/** index_parse() - read a line; @arena owns the session's name; Return: as record_parse() */
int index_parse(struct arena *arena, struct str text, struct index_entry *ret, struct error *err);

/**
 * index_open() - open a user's index for appending, created where there is none
 * @state_dirfd: its directory
 * @err:         what failed
 *
 * Errors: the kernel's.
 * Return: a descriptor or negative errno.
 */
int index_open(int state_dirfd, struct error *err);

/**
 * index_append() - add an entry
 * @fd:      from index_open()
 * @line:    scratch, limit INDEX_LINE_MAX or more
 * @event:   what happened to the ledger
 * @session: whose
 * @head:    the end of its ledger
 * @err:     what failed
 *
 * Not synced. Events of a ledger that no longer has any records are not asked for (asserted: head->sequence).
 *
 * Errors: -EBUSY the lock; -EBADMSG the end of the index is damaged, so that nothing can be chained to it.
 * Return: 0 or negative errno.
 */
int index_append(int fd, struct buf *line, enum index_event event, const char *session,
	const struct ledger_head *head, struct error *err);

/**
 * index_find_anchor() - a recent entry that is known to be synced
 * @fd:  from index_open()
 * @ret: the anchor; sequence 0 where the last few entries hold none
 *
 * Errors: the kernel's.
 * Return: 0 or negative errno.
 */
int index_find_anchor(int fd, struct index_anchor *ret);
