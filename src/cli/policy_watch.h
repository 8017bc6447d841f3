/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_watch.h - what becomes of the events of an evaluation: lines of print(), trace, coverage, profile
 *
 * All of it lives in the arena of the command. A trace has a limit, since a policy can go on for ever; what
 * is behind it is counted and not kept, which is said.
 */
#pragma once

#include "cli/policies.h"
#include "cli/table.h"

enum policy_wants {
	POLICY_WANTS_TRACE = 1 << 0,
	POLICY_WANTS_COVERAGE = 1 << 1,
	POLICY_WANTS_PROFILE = 1 << 2,
	POLICY_WANTS_TESTS = 1 << 3,	/* cases, and the last expression that failed */
};

struct policy_hit {
	const char *file;
	unsigned line;
	bool is_covered;
};

/* A line of a profile: all expressions of a line in a file are one, as with OPA. */
struct policy_cost {
	const char *file;
	unsigned line, column;		/* of the first of them */
	uint64_t time_ns;
	uint64_t eval_count, redo_count;
	uint64_t columns;		/* a bit for each column modulo 64: how many expressions there are */
};

struct policy_step {
	enum regoc_event_kind kind;
	const char *file, *rule, *text;
	unsigned line, column, depth;
};

struct policy_watch {
	struct cli *cli;
	unsigned wants;			/* enum policy_wants */
	struct buf *prints;		/* takes the lines of print(); NULL: standard error, at once */
	bool has_places;		/* with the place in front of each line */
	struct policy_step *steps;
	size_t step_count, step_room, lost_count;
	struct policy_hit *hits;	/* by file and line */
	size_t hit_count;
	struct policy_cost *costs;
	size_t cost_count, cost_room;
	struct policy_cost *running;	/* whose time it is */
	struct cli_values profile_sort;	/* what the lines of a profile are put in order by, first */
	uint64_t since_ns;
	struct json_array_builder cases;	/* keys of those that were begun */
	struct policy_step failure;	/* of modules; .file is NULL where nothing failed */
	struct buf failure_text;	/* the caller sets its limit, and gives it back */
	struct regoc_watch regoc;	/* for a request */
};

/**
 * policy_watch_begin() - nothing is seen yet
 * @watch:  the caller sets .cli, .wants, .prints and .has_places before
 * @policy: compiled with policy_watch_flags()
 *
 * Return: CLI_OK, or the exit code after a message.
 */
int policy_watch_begin(struct policy_watch *watch, const struct regoc_policy *policy);

/** policy_watch_flags() - what a policy must be compiled with for some wants; print() is always kept */
unsigned policy_watch_flags(unsigned wants);

/** policy_watch_rest() - an evaluation is over: no expression's time is going on */
void policy_watch_rest(struct policy_watch *watch);

/* ---- policy_trace.c ---- */

/** policy_trace_print() - the steps as a person reads them; @how is "full", "notes", "fails" or "debug" */
void policy_trace_print(struct policy_watch *watch, const char *how);

/** policy_trace_document() - the same as a list */
const struct json *policy_trace_document(struct policy_watch *watch, const char *how);

/* ---- policy_coverage.c ---- */

/** policy_coverage_tell_missed() - the lines that were not, on standard error */
void policy_coverage_tell_missed(const struct policy_watch *watch);

/** policy_coverage_document() - as `opa test --coverage` prints it; @ret_percent: 0..100 of all lines */
const struct json *policy_coverage_document(const struct policy_watch *watch, double *ret_percent);

/* ---- policy_profile.c ---- */

/** policy_profile_sort() - the dearest lines first; Return: how many there are, up to @limit (0: all) */
size_t policy_profile_sort(struct policy_watch *watch, size_t limit);

/** policy_profile_add() - what OPA says of a line besides its time */
void policy_profile_add(struct json_object_builder *object, const struct policy_cost *cost);

/** policy_profile_cells() - the same as cells of a table: evaluations, redone ones, expressions, place */
void policy_profile_cells(struct cli_table *table, const struct policy_cost *cost);
