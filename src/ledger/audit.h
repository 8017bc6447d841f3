/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h - one ledger, checked line by line, wherever its lines come from
 *
 * Verification of the state directory and of an exported bundle differ in where they find lines, head and
 * index; what they make of them is here. The order is audit_begin(), audit_feed() per line, audit_finish();
 * the claims of the index must have been read before the lines, and the head before the claims, so that a
 * session that goes on meanwhile is never behind what it is compared with.
 */
#pragma once

#include "ledger/ledger.h"
#include "ledger/view.h"

struct audit {
	/* Set by the caller, borrowed. */
	struct ledger_report *report;
	const struct view *view;	/* the index */
	const char *session;		/* whose ledger it has to be */
	const char *file;		/* for problems */
	const struct ledger_head *head;	/* what the head file said; NULL: it is missing or damaged */
	/* somebody writes it: the end may be in motion; settled by audit_finish() */
	bool live;

	struct ledger_head at;		/* the last record */
	const struct view_claim *claim;	/* the next one */
	uint64_t last_sync;		/* the last record of a kind that is always synced */
	uint64_t torn_bytes, torn_line;
	bool skipped;			/* the line before was no record */
	struct arena arena;
};

/** audit_begin() - start on a ledger; @audit is zero but for what the caller sets, audit_fini() afterwards */
void audit_begin(struct audit *audit);

/** audit_feed() - the next line, in whatever state */
void audit_feed(struct audit *audit, const struct chain_line *line);

/** audit_finish() - compare the end with the head and with the index */
void audit_finish(struct audit *audit);

/** audit_fini() - free what it holds */
void audit_fini(struct audit *audit);

static inline void audit_scope_exit(struct audit *audit)
{
	audit_fini(audit);
}
