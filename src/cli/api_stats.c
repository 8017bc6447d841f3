// SPDX-License-Identifier: Apache-2.0
/*
 * api_stats.c - what the session did so far, counted from its ledger
 */
#include "cli/api.h"

#include "base/time.h"
#include "ledger/schema.h"

#include <errno.h>

int api_stats_start(struct api_server *server, struct error *err)
{
	return follow_start(&server->stats.follow, &server->session, server->state_dirfd, true, err);
}

static void count(struct api_stats *stats, const struct event *event)
{
	stats->count++;
	stats->sequence = event->record->sequence;
	stats->kinds[event->kind]++;
	stats->sent_bytes += event->sent_bytes;
	stats->received_bytes += event->received_bytes;
	if (!event->verdict)
		return;
	stats->allowed += !strcmp(event->verdict, "allow");
	stats->asked += !strcmp(event->verdict, "ask");
	stats->denied += !strcmp(event->verdict, "deny");
}

void api_stats_read(struct api_server *server, unsigned records)
{
	struct api_stats *stats = &server->stats;
	struct ledger_record record;
	struct error err;

	follow_heard(&stats->follow);
	for (unsigned i = 0; i < records; i++) {
		int r = follow_next(&stats->follow, &record, &err);
		struct event event;

		stats->is_whole = !r;
		if (r == -EBADMSG || r == -EKEYREJECTED)
			continue;
		if (r <= 0)
			return;
		event = event_read(&stats->follow.reader.arena, &stats->flows, &record);
		count(stats, &event);
	}
}

static const struct json *events_to_json(struct arena *arena, const struct api_stats *stats)
{
	struct json_object_builder object, kinds;

	json_object_begin(&kinds, arena);
	for (enum ledger_kind i = LEDGER_KIND_INVALID + 1; i < LEDGER_KIND_COUNT; i++)
		if (stats->kinds[i])
			json_object_add_int(&kinds, ledger_kind_name(i), (int64_t)stats->kinds[i]);
	json_object_begin(&object, arena);
	json_object_add_int(&object, "count", (int64_t)stats->count);
	json_object_add_int(&object, "last", (int64_t)stats->sequence);
	json_object_add_bool(&object, "whole", stats->is_whole);
	json_object_add(&object, "kinds", json_object_end(&kinds));
	return json_object_end(&object);
}

static const struct json *verdicts_to_json(struct arena *arena, const struct api_stats *stats)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "allow", (int64_t)stats->allowed);
	json_object_add_int(&object, "ask", (int64_t)stats->asked);
	json_object_add_int(&object, "deny", (int64_t)stats->denied);
	return json_object_end(&object);
}

static const struct json *api_to_json(struct arena *arena, const struct api_server *server)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "connections", server->client_count);
	json_object_add_int(&object, "streams", server->stream_count);
	json_object_add_int(&object, "requests", (int64_t)server->request_count);
	return json_object_end(&object);
}

const struct json *api_stats_to_json(struct arena *arena, const struct api_server *server)
{
	const struct api_stats *stats = &server->stats;
	struct json_object_builder object;
	char created[TIME_TEXT_SIZE];

	time_to_text(server->session.created_ns, created);
	json_object_begin(&object, arena);
	json_object_add_text(&object, "session", server->session.id);
	json_object_add_text(&object, "created", created);
	json_object_add(&object, "events", events_to_json(arena, stats));
	json_object_add(&object, "verdicts", verdicts_to_json(arena, stats));
	json_object_add_int(&object, "sent_bytes", (int64_t)stats->sent_bytes);
	json_object_add_int(&object, "received_bytes", (int64_t)stats->received_bytes);
	json_object_add(&object, "api", api_to_json(arena, server));
	return json_object_end(&object);
}
