// SPDX-License-Identifier: Apache-2.0
/*
 * traffic.c - what the gateway says of many connections at once, written down
 */
#include "roles/supervisor/supervisor.h"

#include "base/quote.h"
#include "run/gateway_wire.h"

void traffic_record_reserved(struct supervisor *s, const struct gateway_judged *judged,
	struct json_object_builder *fields)
{
	json_object_add_int(fields, "flow", (int64_t)judged->flow);
	json_object_add(fields, "target", json_new_bytes(&s->scratch, str_from(judged->target)));
	json_object_add_int(fields, "port", judged->port);
	json_object_add(fields, "rule", json_new_printf(&s->scratch, "%s", quote_cstr(judged->rule).text));
	json_object_add(fields, "source", json_new_bytes(&s->scratch, str_from(judged->source)));
	json_object_add_int(fields, "count", (int64_t)judged->reserved);
}

void traffic_record_closings(struct supervisor *s, const struct gateway_closings *closings)
{
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	json_object_add(&fields, "target", json_new_bytes(&s->scratch, str_from(closings->target)));
	json_object_add_int(&fields, "port", (int64_t)closings->port);
	json_object_add(&fields, "rule", json_new_printf(&s->scratch, "%s", quote_cstr(closings->rule).text));
	json_object_add_int(&fields, "count", (int64_t)closings->count);
	json_object_add_int(&fields, "failed_count", (int64_t)closings->failed_count);
	if (closings->encrypted_count)
		json_object_add_int(&fields, "encrypted_count", (int64_t)closings->encrypted_count);
	json_object_add_int(&fields, "sent_bytes", (int64_t)closings->sent_bytes);
	json_object_add_int(&fields, "received_bytes", (int64_t)closings->received_bytes);
	(void)supervisor_record(s, LEDGER_CONNECTIONS_CLOSED, &fields, 0);
}

static void add_row(struct json_object_builder *fields, const struct gateway_summary_row *row)
{
	json_object_add_int(fields, "connections", (int64_t)row->connections);
	json_object_add_int(fields, "requests", (int64_t)row->requests);
	json_object_add_int(fields, "sent_bytes", (int64_t)row->sent_bytes);
	json_object_add_int(fields, "received_bytes", (int64_t)row->received_bytes);
	json_object_add_int(fields, "stopped", (int64_t)row->stopped);
}

static const struct json *top_to_json(struct supervisor *s, const struct gateway_summary *summary)
{
	struct json_array_builder rows;

	json_array_begin(&rows, &s->scratch);
	for (size_t i = 0; i < summary->top_count; i++) {
		struct json_object_builder row;

		json_object_begin(&row, &s->scratch);
		json_object_add(&row, "host", json_new_bytes(&s->scratch, str_from(summary->top[i].name)));
		add_row(&row, &summary->top[i]);
		json_array_add(&rows, json_object_end(&row));
	}
	return json_array_end(&rows);
}

static const struct json *others_to_json(struct supervisor *s, const struct gateway_summary *summary)
{
	struct json_object_builder others;

	json_object_begin(&others, &s->scratch);
	add_row(&others, &summary->others);
	return json_object_end(&others);
}

static const struct json *limits_to_json(struct supervisor *s, const struct gateway_summary *summary)
{
	struct json_object_builder limits;

	json_object_begin(&limits, &s->scratch);
	for (enum net_limit limit = NET_LIMIT_NONE + 1; limit < NET_LIMIT_COUNT; limit++)
		if (summary->reached[limit])
			json_object_add_int(&limits, net_limit_name(limit), (int64_t)summary->reached[limit]);
	return json_object_end(&limits);
}

void traffic_record_summary(struct supervisor *s, const struct gateway_summary *summary)
{
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	add_row(&fields, &summary->all);
	json_object_add_int(&fields, "hosts_count", (int64_t)summary->host_count);
	json_object_add(&fields, "hosts", top_to_json(s, summary));
	json_object_add(&fields, "others", others_to_json(s, summary));
	json_object_add(&fields, "limits", limits_to_json(s, summary));
	(void)supervisor_record(s, LEDGER_NETWORK_SUMMARY, &fields, 0);
}
