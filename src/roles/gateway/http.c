// SPDX-License-Identifier: Apache-2.0
/*
 * http.c - a client of the sandbox that speaks HTTP: how it begins, what moves it on, how it ends
 */
#include "roles/gateway/http_internal.h"

#include "base/fd.h"
#include "base/time.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	HOST_ARENA_BYTES = 4 << 10,
	LINGER_MS = 2000,
};

/* ---- the end ---- */

void http_leave_server(struct http *http)
{
	struct flow *flow = http->flow;

	stream_stop(&http->server);
	http->server.has_ended = false;
	http->flow = NULL;
	if (flow)
		flow_free(flow);
}

void http_free(struct http *http)
{
	http_leave_server(http);
	stream_fini(&http->client);
	stream_fini(&http->server);
	loop_remove_timer(&http->patience);
	fd_close(http->fd);
	list_remove(&http->node);
	http->gateway->client_count--;
	arena_fini(&http->arena);
	free(http);
}

void http_free_all(struct gateway *gateway)
{
	LIST_FOR_EACH(http, &gateway->https, struct http, node)
		http_free(http);
}

void http_lose(struct flow *flow)
{
	struct http *http = flow->owner;

	if (http->state == HTTP_HEAD) {
		http_leave_server(http);
		return;
	}
	flow_cut(flow);
	flow_make_abrupt(http->fd);
	http_free(http);
}

/* Who has begun to say something hears that it was too slow. */
static void patience_is_over(struct loop_timer *timer)
{
	struct http *http = CONTAINER_OF(timer, struct http, patience);

	if (!http->is_begun) {
		http_free(http);
		return;
	}
	http->is_begun = false;
	http_answer(http, HTTP_STATUS_TOO_SLOW, "the head of the request did not come in time", NULL);
	http_progress(http);
}

void http_be_patient(struct http *http, uint64_t ms)
{
	loop_set_timer(&http->gateway->loop, &http->patience, http->gateway->loop.now_ns + ms * NS_PER_MS,
		patience_is_over);
}

/* What waits is still sent; a body that nobody will read is read away, or its sender would be reset. */
void http_begin_last(struct http *http)
{
	http_leave_server(http);
	http->state = HTTP_LAST;
	http_be_patient(http, LINGER_MS);
}

/* ---- as far as it goes ---- */

static bool wants_client(const struct http *http)
{
	return http->state == HTTP_HEAD || http->state == HTTP_LAST ||
		(http->state == HTTP_EXCHANGE && !http->is_sent && stream_has_room(&http->server));
}

/* Between two requests a server may end the connection, and must not say anything else. */
static bool wants_server(const struct http *http)
{
	return http->state == HTTP_HEAD || (http->state == HTTP_EXCHANGE && stream_has_room(&http->client));
}

/* Bytes from the sockets. Return: 1 something came, 0 nothing, or negative errno: the client is gone */
static int take_bytes(struct http *http)
{
	ssize_t n = 0, m = 0;

	if (wants_client(http) && !http->client.has_ended) {
		n = stream_read(&http->client);
		if (n < 0 && n != -EAGAIN && n != -ENOBUFS)
			return (int)n;
		if (http->state == HTTP_LAST)
			buf_clear(&http->client.in);
	}
	if (http->server.fd >= 0 && wants_server(http) && !http->server.has_ended) {
		m = stream_read(&http->server);
		/* A reset is an end, and not an orderly one: what came is not whole. */
		if (m < 0 && m != -EAGAIN && m != -ENOBUFS)
			http->server.has_ended = true;
	}
	return n > 0 || m > 0;
}

static bool is_over(const struct http *http)
{
	if (http->client.out.len)
		return false;
	return (http->state == HTTP_LAST && http->client.has_ended) ||
		(http->state == HTTP_HEAD && http->client.has_ended);
}

/* Everything that was to be said is said; the client may hear the end of it before its own is waited for. */
static void shut_when_said(struct http *http)
{
	if (http->state == HTTP_LAST && !http->client.out.len)
		(void)kern_shutdown(http->fd, SHUT_WR);
}

static bool waits_for_person(const struct http *http)
{
	return http->state == HTTP_ASKED && http->flow && http->flow->state == FLOW_ASKING;
}

/*
 * All of what came, before any of it is written: a head goes with what follows it. Return: as http_exchange()
 */
static bool exchange(struct http *http, bool *ret_gone)
{
	bool did = false;

	while (!*ret_gone && http->state == HTTP_EXCHANGE && http_exchange(http, ret_gone))
		did = true;
	return did;
}

void http_progress(struct http *http)
{
	bool did = true, gone = false;
	int r = 0;

	while (did && !gone && r >= 0) {
		r = take_bytes(http);
		did = r > 0;
		if (http->state == HTTP_HEAD && (http->server.has_ended || http->server.in.len))
			http_leave_server(http);
		if (http->state == HTTP_HEAD)
			did |= http_read_request(http);
		else if (http->state == HTTP_EXCHANGE)
			did |= exchange(http, &gone);
		if (gone)
			return;
		if (r >= 0)
			r = stream_write(&http->client);
		if (r >= 0 && http->server.fd >= 0 && stream_write(&http->server) < 0)
			http->server.has_ended = true;
	}
	if (r < 0 || is_over(http)) {
		http_free(http);
		return;
	}
	shut_when_said(http);
	r = stream_wait(&http->client, wants_client(http));
	/* Who says no more does not wait for a person, and a question takes its time from them. */
	if (r >= 0 && waits_for_person(http))
		r = loop_set_io(&http->client.io, EPOLLRDHUP);
	if (r >= 0 && http->server.fd >= 0)
		r = stream_wait(&http->server, wants_server(http));
	if (r < 0)
		http_free(http);
}

static void client_ready(struct loop_io *io, uint32_t events)
{
	struct http *http = CONTAINER_OF(io, struct http, client.io);

	stream_heard(&http->client);
	/* Nobody is left while a host is being connected to. */
	if (http->state == HTTP_ASKED && (events & (EPOLLHUP | EPOLLERR) ||
			(events & EPOLLRDHUP && waits_for_person(http))))
		http_free(http);
	else
		http_progress(http);
}

void http_server_ready(struct loop_io *io, UNUSED uint32_t events)
{
	struct http *http = CONTAINER_OF(io, struct http, server.io);

	stream_heard(&http->server);
	http_progress(http);
}

/* ---- the beginning ---- */

static struct http *http_new(struct gateway *gateway, int fd, const struct jail_diag_pair *client)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http)
		abort();
	*http = (struct http){
		.gateway = gateway, .fd = fd, .client_ends = *client, .client = STREAM_INIT,
		.server = STREAM_INIT, .arena = ARENA_INIT(HOST_ARENA_BYTES),
	};
	list_append(&gateway->https, &http->node);
	gateway->client_count++;
	http_be_patient(http, GATEWAY_WORD_MS);
	return http;
}

static void fix(struct http *http, const char *name, const struct net_address *address, uint16_t port)
{
	http->is_fixed = true;
	(void)snprintf(http->name, sizeof(http->name), "%s", name);
	http->address = *address;
	http->port = port;
}

static void begin(struct http *http)
{
	if (stream_start(&http->client, &http->gateway->loop, http->fd, client_ready) < 0)
		http_free(http);
	else
		http_progress(http);
}

void http_accept(struct gateway *gateway, int fd, const struct jail_diag_pair *client)
{
	begin(http_new(gateway, fd, client));
}

void http_accept_at(struct gateway *gateway, int fd, const struct jail_diag_pair *client,
	const struct http_place *place)
{
	struct http *http = http_new(gateway, fd, client);

	fix(http, place->name, &place->address, place->port);
	begin(http);
}

int http_take(struct flow *flow)
{
	struct http *http = http_new(flow->gateway, flow->client_fd, &flow->client);
	int r;

	fix(http, flow->name, &flow->address, flow->port);
	r = stream_start(&http->server, &http->gateway->loop, flow->upstream_fd, http_server_ready);
	if (r < 0) {
		http->fd = -1;
		http_free(http);
		return r;
	}
	flow->client_fd = -1;
	flow->stopped = http_stopped;
	flow->owner = http;
	http->flow = flow;
	begin(http);
	return 0;
}
