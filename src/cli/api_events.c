// SPDX-License-Identifier: Apache-2.0
/*
 * api_events.c - a stream of events, for a client that may come back
 *
 * The id of an event is the number of its record, so whoever comes back says the last one that came, and gets
 * what is behind it: the ledger is the queue. Each stream reads the ledger by itself, no further than its
 * client takes it, so a slow client costs what its place in the file costs. It begins at the first record,
 * since what a later one means may stand in an earlier (event.h), and does not tell what is known.
 *
 * A stream ends with the session: the event "end" is the last, and has no id.
 */
#include "cli/api.h"

#include "base/time.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum {
	RECORDS_AT_ONCE = 500,		/* then others are looked at */
	WAITING_BYTES = 64 << 10,	/* in the output; behind that nothing is read */
	HEARTBEAT_MS = 15000,
	EVENT_ARENA_BYTES = 2 << 20,
};

struct api_stream {
	struct api_client *client;
	struct follow follow;
	struct event_flows flows;
	struct loop_io news;
	struct loop_timer look, heartbeat;
	uint64_t after;
};

struct api_stream *api_stream_free(struct api_stream *stream)
{
	if (!stream)
		return NULL;
	loop_remove_io(&stream->news);
	loop_remove_timer(&stream->look);
	loop_remove_timer(&stream->heartbeat);
	follow_fini(&stream->follow);
	free(stream);
	return NULL;
}

/* ---- when ---- */

static void look(struct loop_timer *timer)
{
	struct api_stream *stream = CONTAINER_OF(timer, struct api_stream, look);

	api_client_serve(stream->client);
}

static void look_after(struct api_stream *stream, unsigned ms)
{
	struct loop *loop = &stream->client->server->loop;

	loop_set_timer(loop, &stream->look, loop->now_ns + ms * NS_PER_MS, look);
}

static void heard(struct loop_io *io, UNUSED uint32_t events)
{
	struct api_stream *stream = CONTAINER_OF(io, struct api_stream, news);

	follow_heard(&stream->follow);
	api_client_serve(stream->client);
}

static void beat(struct loop_timer *timer)
{
	struct api_stream *stream = CONTAINER_OF(timer, struct api_stream, heartbeat);
	struct api_client *client = stream->client;
	struct loop *loop = &client->server->loop;

	loop_set_timer(loop, timer, loop->now_ns + HEARTBEAT_MS * NS_PER_MS, beat);
	if (!client->out.len)
		(void)buf_append_str(&client->out, ":\n\n");
	api_client_serve(client);
}

/* ---- what ---- */

static int write_event(struct buf *out, const struct event *event)
{
	scoped(arena) struct arena arena = ARENA_INIT(EVENT_ARENA_BYTES);
	const struct json *value = event_to_json(&arena, event);
	int r;

	(void)buf_printf(out, "id: %llu\nevent: %s\ndata: ", (unsigned long long)event->record->sequence,
		event->kind == LEDGER_KIND_INVALID ? "unknown" : ledger_kind_name(event->kind));
	r = json_write(out, value, JSON_WRITE_CANONICAL);
	return r < 0 ? r : buf_append_str(out, "\n\n");
}

/* A record that cannot be read is no event, and is not passed over in silence, either. */
static int write_damage(struct buf *out, const struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(EVENT_ARENA_BYTES);
	struct json_object_builder object;
	int r;

	json_object_begin(&object, &arena);
	json_object_add(&object, "detail", json_new_bytes(&arena, str_from(err->text)));
	(void)buf_append_str(out, "event: damaged\ndata: ");
	r = json_write(out, json_object_end(&object), JSON_WRITE_CANONICAL);
	return r < 0 ? r : buf_append_str(out, "\n\n");
}

/* Return: 1 one record, 0 no more so far, or negative errno: the stream cannot go on */
static int write_next(struct api_client *client)
{
	struct api_stream *stream = client->stream;
	struct ledger_record record;
	struct error err = ERROR_INIT;
	struct event event;
	int r = follow_next(&stream->follow, &record, &err);

	if (r == -EBADMSG || r == -EKEYREJECTED)
		return write_damage(&client->out, &err) < 0 ? -EMSGSIZE : 1;
	if (r <= 0)
		return r;
	event = event_read(&stream->follow.reader.arena, &stream->flows, &record);
	if (record.sequence <= stream->after)
		return 1;
	stream->after = record.sequence;
	return write_event(&client->out, &event) < 0 ? -EMSGSIZE : 1;
}

void api_stream_fill(struct api_client *client)
{
	struct api_stream *stream = client->stream;
	const bool is_over = client->server->is_over;
	int r = 1;

	for (int i = 0; i < RECORDS_AT_ONCE && r > 0 && client->out.len < WAITING_BYTES; i++)
		r = write_next(client);
	if (r < 0 || (!r && is_over)) {
		(void)buf_append_str(&client->out, r < 0 ? "" : "event: end\ndata: {}\n\n");
		client->state = API_SAYS_LAST;
		return;
	}
	if (client->out.len >= WAITING_BYTES)
		loop_remove_timer(&stream->look);
	else
		look_after(stream, r ? 0 : follow_look_ms(&stream->follow));
}

void api_stream_begin(struct api_client *client)
{
	struct api_server *server = client->server;
	struct api_stream *stream;
	struct api_problem problem;
	struct error err = ERROR_INIT;
	int r;

	if (server->stream_count >= API_STREAMS_MAX) {
		api_problem_set(&problem, 503, "Close one of them first.",
			"there are %d streams of events, and no more at a time", (int)API_STREAMS_MAX);
		api_say_problem(client, &problem);
		return;
	}
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		abort();
	*stream = (struct api_stream){ .client = client, .follow = FOLLOW_INIT,
		.after = client->request.after };
	client->stream = stream;
	server->stream_count++;
	r = follow_start(&stream->follow, &server->session, server->state_dirfd, true, &err);
	if (r >= 0 && stream->follow.notify_fd >= 0)
		r = loop_add_io(&server->loop, &stream->news, stream->follow.notify_fd, EPOLLIN, heard);
	if (r >= 0)
		r = api_answer_stream(&client->out);
	if (r < 0) {
		buf_clear(&client->out);
		client->request.is_last = true;
		api_problem_set(&problem, 500, "`cordon events` may say more.",
			"the session's ledger cannot be followed");
		api_say_problem(client, &problem);
		return;
	}
	client->state = API_STREAMS;
	loop_set_timer(&server->loop, &stream->heartbeat, server->loop.now_ns + HEARTBEAT_MS * NS_PER_MS,
		beat);
}
