// SPDX-License-Identifier: Apache-2.0
/*
 * published.c - ports of the sandbox that are offered on this machine's loopback
 */
#include "roles/supervisor/supervisor.h"

#include "base/fd.h"
#include "base/time.h"

#define ASK_AGAIN_NS NS_PER_SEC		/* an init that could make none said nothing */

void published_close(struct published *published)
{
	published_unwatch(published);
	for (size_t i = 0; i < published->count; i++)
		run_publish_close(&published->items[i]);
	published->count = 0;
}

/* ---- offering ---- */

static int record_one(struct supervisor *s, const struct run_published *published, struct error *err)
{
	static const char *const addresses[] = { "127.0.0.1", "::1" };
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	json_object_add_int(&fields, "port", published->wanted.inner);
	json_object_add_int(&fields, "host_port", published->port);
	json_object_add(&fields, "addresses",
		json_new_words(&s->scratch, addresses, published->fds[1] < 0 ? 1 : 2));
	json_object_add(&fields, "source", json_new_bytes(&s->scratch, str_from(published->where)));
	return ledger_append(&s->ledger, LEDGER_PORT_PUBLISHED, json_object_end(&fields), 0, err);
}

static void say(struct supervisor *s, const struct run_published *published)
{
	uint16_t wanted = published->wanted.host ? published->wanted.host : published->wanted.inner;

	client_notice(s, "port %u of the sandbox is http://localhost:%u here%s%s", published->wanted.inner,
		published->port, published->port == wanted ? "" : " (another listens at its own)",
		published->fds[1] < 0 ? ", by IPv4 alone" : "");
}

int published_open(struct supervisor *s, struct error *err)
{
	struct published *published = &s->network.published;
	int r = run_publications(&s->arena, s->request.config, published->items, &published->count, err);

	for (size_t i = 0; i < published->count && r >= 0; i++) {
		struct run_published *item = &published->items[i];

		r = run_publish_open(item, err);
		if (r >= 0)
			r = record_one(s, item, err);
		if (r < 0)
			break;
		s->session.ports[s->session.port_count++] =
			(struct session_port){ item->wanted.inner, item->port };
		say(s, item);
	}
	return r;
}

/* ---- until there is a gateway ---- */

static void wanted(struct loop_io *io, UNUSED uint32_t events)
{
	network_want(CONTAINER_OF(io, struct published_watch, io)->supervisor);
}

int published_watch(struct supervisor *s)
{
	struct published *published = &s->network.published;
	int r = 0;

	/* Whichever comes last: GO for init, or the sockets of the sandbox, which a gateway needs. */
	if (!published->has_begun || !s->network.socket_count)
		return 0;
	for (size_t i = 0; i < published->count; i++) {
		for (size_t j = 0; j < RUN_PUBLISH_FAMILIES && r >= 0; j++) {
			struct published_watch *watch = &published->watches[i][j];
			int fd = published->items[i].fds[j];

			watch->supervisor = s;
			if (fd >= 0 && !watch->io.loop)
				r = loop_add_io(&s->loop, &watch->io, fd, EPOLLIN, wanted);
		}
	}
	return r;
}

void published_unwatch(struct published *published)
{
	for (size_t i = 0; i < published->count; i++)
		for (size_t j = 0; j < RUN_PUBLISH_FAMILIES; j++)
			loop_remove_io(&published->watches[i][j].io);
}

int published_hand_over(struct supervisor *s)
{
	struct published *published = &s->network.published;
	int r = 0;

	published->asked_ns = 0;
	for (size_t i = 0; i < published->count && r >= 0; i++) {
		const struct run_published *item = &published->items[i];
		struct gateway_message message = { .kind = GATEWAY_MESSAGE_PUBLISHED,
			.published = { .port = item->wanted.inner, .host_port = item->port } };

		r = gateway_message_send(&s->network.gateway, &message, item->fds, item->fds[1] < 0 ? 1 : 2);
	}
	return r;
}

/* ---- sockets of the sandbox's network ---- */

/* One question at a time, whatever the gateway says: init has other things to do. */
void published_ask(struct supervisor *s)
{
	struct published *published = &s->network.published;
	struct jail_message message = { .kind = JAIL_MESSAGE_MAKE_SOCKETS };
	uint64_t now_ns = s->loop.now_ns;

	if (!published->has_begun || !published->count || s->is_gone ||
			(published->asked_ns && now_ns - published->asked_ns < ASK_AGAIN_NS))
		return;
	published->asked_ns = now_ns;
	(void)supervisor_tell_init(s, &message, NULL, 0);
}

void published_pass_on(struct supervisor *s, const int *fds, size_t count)
{
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_INSIDE };

	s->network.published.asked_ns = 0;
	if (channel_is_open(&s->network.gateway))
		(void)gateway_message_send(&s->network.gateway, &message, fds, count);
}

void published_record(struct supervisor *s, const struct gateway_entered *entered)
{
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	json_object_add_int(&fields, "port", entered->port);
	json_object_add_int(&fields, "host_port", entered->host_port);
	json_object_add_int(&fields, "connections", (int64_t)entered->connections);
	json_object_add_int(&fields, "failed", (int64_t)entered->failed);
	json_object_add_int(&fields, "sent_bytes", (int64_t)entered->sent_bytes);
	json_object_add_int(&fields, "received_bytes", (int64_t)entered->received_bytes);
	(void)supervisor_record(s, LEDGER_PORT_USED, &fields, 0);
}
