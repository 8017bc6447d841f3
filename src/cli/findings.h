/* SPDX-License-Identifier: Apache-2.0 */
/*
 * findings.h - what judging found, for every command that tells a person
 *
 *	struct findings findings;
 *
 *	findings_begin(&findings, cli, FINDINGS_TO_OUTPUT, 20);
 *	findings_add(&findings, "ask", "floor/ci", NULL, path, message);
 *	findings_end(&findings);
 *
 * One line a finding: verdict, rule, path if it has one, what and why. Behind the last of them stands the
 * command that explains the rules which were named. Paths and messages are made safe for a terminal here.
 */
#pragma once

#include "cli/cli.h"
#include "overlay/changeset.h"
#include "policy/judge.h"

enum {
	FINDINGS_RULES_NAMED_MAX = 8,
};

enum findings_stream {
	FINDINGS_TO_OUTPUT,
	FINDINGS_TO_ERROR,		/* where standard output belongs to somebody else */
};

struct findings {
	struct cli *cli;
	enum findings_stream stream;
	size_t count, shown_max;
	const char *rules[FINDINGS_RULES_NAMED_MAX];	/* named so far; borrowed */
	size_t rule_count;
	bool has_more_rules;
};

/** findings_begin() - at most @shown_max lines, then only how many more there are */
void findings_begin(struct findings *findings, struct cli *cli, enum findings_stream stream,
	size_t shown_max);

/**
 * findings_add() - one finding
 * @findings: begun
 * @verdict:  "deny", "ask", or "allow" for what only warns
 * @rule:     its rule; borrowed until findings_end()
 * @root:     directory that @path lies in, where that is not the project's; else NULL
 * @path:     any bytes; empty: it is about the changeset as a whole
 * @message:  what was found and why it matters
 */
void findings_add(struct findings *findings, const char *verdict, const char *rule, const char *root,
	struct str path, const char *message);

/**
 * findings_end() - how many more there are, and how to learn about the rules; nothing if nothing was found
 */
void findings_end(struct findings *findings);

/**
 * findings_print() - all that a judgement found
 * @cli:       the frame
 * @stream:    where to
 * @shown_max: lines
 * @changeset: that was judged
 * @judgement: of it
 * @selected:  changeset->count flags: only findings about these changes; NULL: about all
 */
void findings_print(struct cli *cli, enum findings_stream stream, size_t shown_max,
	const struct changeset *changeset, const struct judgement *judgement, const bool *selected);
