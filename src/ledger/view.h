/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.h - the index as a whole, in memory, for verification
 *
 * Entries are fed in file order and their chain is checked on the way. What stays is what ledgers are
 * compared with: per session the claims (record N had this hash and ended there), and the hash of every
 * entry, for the anchors in first records. Entries that others append while we read are picked up by
 * view_refresh().
 */
#pragma once

#include "base/map.h"
#include "ledger/chain.h"
#include "ledger/index.h"
#include "ledger/problem.h"

enum {
	VIEW_BYTES_MAX = 1 << 30,	/* some four million entries */
};

struct view_claim {
	struct view_claim *next;	/* later in the index */
	struct ledger_head head;
	uint64_t line;			/* of the index */
};

struct view_session {
	struct view_session *next;	/* in order of first appearance */
	struct str name;
	struct view_claim *first, *last;
	bool removed;			/* its last event */
	bool seen;			/* for the caller: a ledger was compared with it */
};

struct view {
	struct ledger_report *report;	/* borrowed */
	const char *file;		/* for problems */
	struct arena arena;
	struct map sessions;
	struct view_session *first, *last;
	struct digest *hashes;		/* hashes[sequence - 1] */
	size_t hash_count, hash_room;
	struct digest previous;
	uint64_t sequence;		/* of the last entry */
	uint64_t line, offset;		/* behind the last whole line */
	bool skipped;			/* the line before was no entry */
};

/** view_init() - an empty index; @report and @file are borrowed; view_fini() afterwards */
void view_init(struct view *view, struct ledger_report *report, const char *file);
void view_fini(struct view *view);

/**
 * view_feed() - take the next line of an index
 * @view: tells problems
 * @line: whole or too long; its number is for messages
 *
 * Errors: -EMSGSIZE the index is too large to be held.
 * Return: 0 or negative errno.
 */
int view_feed(struct view *view, const struct chain_line *line);

/**
 * view_refresh() - take what an index file holds beyond what was taken
 * @view:     tells problems
 * @fd:       the index, open for reading; borrowed
 * @ret_torn: bytes of an unfinished line at its end
 *
 * Errors: -EMSGSIZE the index is too large to be held; others from the kernel.
 * Return: 0 or negative errno.
 */
int view_refresh(struct view *view, int fd, uint64_t *ret_torn);

/** view_find() - what the index knows of a session, or NULL */
struct view_session *view_find(const struct view *view, struct str name);

/** view_has_entry() - whether entry @sequence exists and has this hash */
bool view_has_entry(const struct view *view, uint64_t sequence, const struct digest *hash);

static inline void view_scope_exit(struct view *view)
{
	view_fini(view);
}
