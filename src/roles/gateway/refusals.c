// SPDX-License-Identifier: Apache-2.0
/*
 * refusals.c - what was refused, counted and reported
 */
#include "roles/gateway/refusals.h"

#include "roles/gateway/gateway.h"
#include "roles/gateway/record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Its first two digits are as good as any. */
static size_t row_of(const char *decision)
{
	size_t row = 0;

	for (const char *digit = decision + 2; digit < decision + 4; digit++)
		row = row << 4 | (size_t)(ascii_is_digit(*digit) ? *digit - '0' : *digit - 'a' + 10);
	return row % REFUSALS_ROWS;
}

static uint64_t count_one(struct refusals *refusals, const char *decision)
{
	struct refusal_count *row = refusals->rows[row_of(decision)], *oldest = &row[0];

	for (size_t i = 0; i < REFUSALS_PER_ROW; i++) {
		if (!strcmp(row[i].decision, decision)) {
			row[i].seen = refusals->total;
			return ++row[i].count;
		}
		if (row[i].seen < oldest->seen)
			oldest = &row[i];
	}
	*oldest = (struct refusal_count){ .count = 1, .seen = refusals->total };
	memcpy(oldest->decision, decision, sizeof(oldest->decision));
	return 1;
}

static bool is_told(uint64_t count)
{
	return count <= REFUSALS_EACH || !(count & (count - 1));
}

static int tell(struct gateway *gateway, const struct gateway_judged *judged)
{
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_JUDGED, .judged = *judged };

	return channel_is_open(&gateway->supervisor) ?
		gateway_message_send(&gateway->supervisor, &message, NULL, 0) :
		-EPIPE;
}

/* How many more there were, and nothing about any of them. */
static void tell_others(struct gateway *gateway)
{
	struct gateway_judged others = { .count = ++gateway->refusals.other_count };

	if (!is_told(others.count))
		return;
	(void)snprintf(others.target, sizeof(others.target), "others");
	(void)snprintf(others.why, sizeof(others.why),
		"further refusals are only counted: there were %d different ones, or too many at once",
		REFUSALS_REPORTS_MAX);
	(void)tell(gateway, &others);
}

void refusals_report(struct gateway *gateway, struct gateway_judged *judged)
{
	struct refusals *refusals = &gateway->refusals;
	char decision[GATEWAY_DECISION_SIZE];

	gateway_decision(gateway->settings.session, judged, decision);
	refusals->total++;
	judged->count = count_one(refusals, decision);
	if (!is_told(judged->count))
		return;
	if (refusals->report_count == REFUSALS_REPORTS_MAX ||
			gateway->supervisor.queue_bytes > RECORD_REFUSED_BYTES) {
		tell_others(gateway);
		return;
	}
	refusals->report_count++;
	judged->flow = ++gateway->last_flow;
	if (tell(gateway, judged) < 0)
		judged->flow = 0;
}
