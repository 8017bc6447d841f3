/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusals.h - what was refused, counted and reported
 *
 * A program that is refused tries again, and one that means harm a million times under a million names. So
 * equal refusals are counted: each of the first eight is reported, then the 16th, the 32nd and so on. How
 * many different ones are known at a time is limited, and so is how many reports there are in a session:
 * behind that, all further ones are one row, "others", counted in the same way. So are those that come faster
 * than they are written down.
 *
 * What is known is a table of short rows that a decision's id leads to, which is a digest already; in a full
 * row the one that was longest not seen gives way.
 */
#pragma once

#include "run/gateway_wire.h"

struct gateway;

enum {
	REFUSALS_ROWS = 256,
	REFUSALS_PER_ROW = 4,
	REFUSALS_EACH = 8,
	REFUSALS_REPORTS_MAX = 10000,
};

struct refusal_count {
	char decision[GATEWAY_DECISION_SIZE];	/* "": none */
	uint64_t count, seen;
};

struct refusals {
	struct refusal_count rows[REFUSALS_ROWS][REFUSALS_PER_ROW];
	uint64_t total, report_count, other_count;
};

/**
 * refusals_report() - one more: counted, and where it is its turn, told to the supervisor
 * @gateway: has the table
 * @judged:  what was refused; its count is set
 */
void refusals_report(struct gateway *gateway, struct gateway_judged *judged);
