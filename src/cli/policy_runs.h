/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_runs.h - what one or several evaluations of a question cost, in the forms of `opa eval`
 *
 * Of one, times are numbers; of several (--count), each is what statistics say of them: the least, the most,
 * the mean, and what 90 and 99 of a hundred did not take longer than.
 */
#pragma once

#include "cli/policy_question.h"
#include "cli/policy_watch.h"

/* One evaluation. */
struct policy_run {
	struct policy_times times;
	const struct policy_cost *costs;	/* of lines, where they were wanted */
	size_t cost_count;
};

/* All of them; the caller sets the first two. */
struct policy_runs {
	struct cli *cli;
	size_t profile_limit;		/* lines of a profile; 0: all */
	struct policy_run *items;
	size_t count, room;
};

/** policy_runs_add() - one more, that has just ended; Return: CLI_OK, or the exit code after a message */
int policy_runs_add(struct policy_runs *runs, const struct policy_times *times,
	const struct policy_watch *watch);

/** policy_runs_metrics() - "metrics", or of several "aggregated_metrics"; Return: NULL: the arena is full */
const struct json *policy_runs_metrics(const struct policy_runs *runs);

/** policy_runs_profile() - "profile" or "aggregated_profile"; @watch is the last one's; Return: likewise */
const struct json *policy_runs_profile(const struct policy_runs *runs, struct policy_watch *watch);

/** policy_runs_print_metrics() - the times as a table */
void policy_runs_print_metrics(const struct policy_runs *runs);

/** policy_runs_print_profile() - the profile as a table */
void policy_runs_print_profile(const struct policy_runs *runs, struct policy_watch *watch);
