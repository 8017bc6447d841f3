// SPDX-License-Identifier: Apache-2.0
/*
 * problem.c - what verification finds, and whom it tells
 */
#include "ledger/problem.h"

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

const char *ledger_problem_name(enum ledger_problem_kind kind)
{
	static const char *const names[] = {
		[LEDGER_PROBLEM_MALFORMED] = "malformed", [LEDGER_PROBLEM_CHANGED] = "changed",
		[LEDGER_PROBLEM_UNCHAINED] = "unchained", [LEDGER_PROBLEM_MISSING] = "missing",
		[LEDGER_PROBLEM_MISPLACED] = "misplaced", [LEDGER_PROBLEM_FOREIGN] = "foreign",
		[LEDGER_PROBLEM_FIELDS] = "fields", [LEDGER_PROBLEM_TORN] = "torn",
		[LEDGER_PROBLEM_TRUNCATED] = "truncated", [LEDGER_PROBLEM_HEAD] = "head",
		[LEDGER_PROBLEM_INDEX] = "index", [LEDGER_PROBLEM_REMOVED] = "removed",
		[LEDGER_PROBLEM_LOST] = "lost",
		[LEDGER_PROBLEM_BUNDLE] = "bundle",
	};

	return names[kind];
}

void ledger_report_problem(struct ledger_report *report, const struct ledger_problem *problem,
	const char *fmt, ...)
{
	struct ledger_problem told = *problem;
	char text[ERROR_TEXT_MAX];
	va_list args;

	if (problem->is_note)
		report->summary.notes++;
	else
		report->summary.problems++;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	told.text = text;
	report->tell(&told, report->context);
}
