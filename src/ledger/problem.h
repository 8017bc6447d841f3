/* SPDX-License-Identifier: Apache-2.0 */
/*
 * problem.h - what verification finds, and whom it tells
 *
 * A problem means that the evidence is not what was written. A note is something that a crash leaves behind
 * and that took nothing away. Both name the file and the line where they show; the names of the kinds are
 * part of the public format.
 */
#pragma once

#include "base/macro.h"

#include <stdbool.h>

enum ledger_problem_kind {
	LEDGER_PROBLEM_MALFORMED,	/* a line that is no record */
	LEDGER_PROBLEM_CHANGED,		/* a record whose hash is not that of its content */
	LEDGER_PROBLEM_UNCHAINED,	/* a record that does not follow from the one before */
	LEDGER_PROBLEM_MISSING,		/* records between two lines are gone */
	LEDGER_PROBLEM_MISPLACED,	/* a record that stands too late, or twice */
	LEDGER_PROBLEM_FOREIGN,		/* another session's record */
	LEDGER_PROBLEM_FIELDS,		/* no known kind, not in its place, or wrong fields */
	LEDGER_PROBLEM_TORN,		/* the last line is unfinished */
	LEDGER_PROBLEM_TRUNCATED,	/* head file or index know records behind the end */
	LEDGER_PROBLEM_HEAD,		/* the head file is missing, damaged, or knows another record */
	LEDGER_PROBLEM_INDEX,		/* the index knows another record, or lacks what it has to hold */
	LEDGER_PROBLEM_REMOVED,		/* the index knows a ledger that is gone */
	LEDGER_PROBLEM_LOST,		/* a "repaired" record says that records are gone */
	LEDGER_PROBLEM_BUNDLE,		/* the frame of an exported bundle */
};

struct ledger_problem {
	enum ledger_problem_kind kind;
	bool is_note;
	const char *session;		/* NULL: the index itself, or a bundle's frame */
	const char *file;		/* below the state directory, or the bundle's name */
	uint64_t line;			/* from 1; 0: the file as a whole */
	uint64_t sequence;		/* of the record; 0: none */
	const char *text;		/* what is wrong; fit for a terminal */
};

typedef void ledger_problem_fn(const struct ledger_problem *problem, void *context);

/* How often what was seen. */
struct ledger_summary {
	uint64_t sessions, records, entries, problems, notes;
};

struct ledger_report {
	ledger_problem_fn *tell;
	void *context;
	struct ledger_summary summary;
};

/** ledger_problem_name() - "malformed", "changed", ... */
const char *ledger_problem_name(enum ledger_problem_kind kind);

/**
 * ledger_report_problem() - count a problem or a note, and tell it
 * @report:  whom; counts
 * @problem: everything but its text
 * @fmt:     its text; what a file says goes through quote_text()
 */
void ledger_report_problem(struct ledger_report *report, const struct ledger_problem *problem,
	const char *fmt, ...) PRINTF_LIKE(3, 4);
