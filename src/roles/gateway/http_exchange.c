// SPDX-License-Identifier: Apache-2.0
/*
 * http_exchange.c - a request's body goes up, its answer comes down
 */
#include "roles/gateway/http_internal.h"

#include "base/fd.h"
#include "codec/http_write.h"
#include "roles/gateway/http_through.h"
#include "roles/gateway/limit.h"

#include <errno.h>

/* ---- it is over ---- */

static void next_request(struct http *http)
{
	if (http->is_last_of_server)
		http_leave_server(http);
	if (http->is_last_of_client) {
		http_begin_last(http);
		return;
	}
	arena_reset(&http->arena);
	http->request = (struct http_request){ 0 };
	http->state = HTTP_HEAD;
	http_be_patient(http, HTTP_IDLE_MS);
}

/* The http_answer is wrong or was cut off: where none of it was passed on, something better can be said. */
static void fail_exchange(struct http *http, uint16_t status, const char *why)
{
	http_leave_server(http);
	if (!http->is_answering && !http->client.out.len)
		http_answer(http, status, why, NULL);
	else
		http_begin_last(http);
}

/* The proxy behind us answers for itself. Return: whether it does */
static bool fail_by_proxy(struct http *http)
{
	int error = http_through_hear(http);

	if (!error)
		return false;
	flow_report(http->flow, error);
	if (!http->is_answering && !http->client.out.len)
		http_answer_failure(http, error);
	else
		http_begin_last(http);
	return true;
}

static void fail_by_limit(struct http *http, enum net_limit limit)
{
	struct net_host *host = http->flow->host;
	struct gateway_judged judged;
	struct refusal refusal;

	flow_report(http->flow, limit_errno(limit));
	if (!http->is_answering && !http->client.out.len) {
		http_answer_limit(http, host, limit);
		return;
	}
	limit_reached(http->gateway, host, limit, &refusal, &judged);
	http_begin_last(http);
}

/* A limit of the traffic ends the connection to the server; between two requests nobody needs to know. */
void http_stopped(struct flow *flow, enum net_limit limit)
{
	struct http *http = flow->owner;

	if (http->state == HTTP_EXCHANGE)
		fail_by_limit(http, limit);
	else
		http_leave_server(http);
	http_progress(http);
}

/* As much of what came as may go. */
static struct str may_go(const struct http *http, const struct stream *stream, enum net_way way)
{
	struct str input = stream_input(stream);

	input.len = (size_t)MIN((uint64_t)input.len, flow_left(http->flow, way, NULL));
	return input;
}

static void fail_used_up(struct http *http, enum net_way way)
{
	enum net_limit limit;

	(void)flow_left(http->flow, way, &limit);
	fail_by_limit(http, limit);
}

/* ---- up ---- */

/* The request's body. Return: whether something happened */
static bool send_up(struct http *http)
{
	struct http_refusal refusal;
	size_t used = 0;
	enum http_step step;
	struct str input;

	if (http->is_sent || !http->client.in.len || !stream_has_room(&http->server))
		return false;
	input = may_go(http, &http->client, NET_SENT);
	if (!input.len) {
		fail_used_up(http, NET_SENT);
		return true;
	}
	step = http_body_feed(&http->up, input, &used, &refusal);
	if (step == HTTP_REFUSED) {
		if (refusal.status == HTTP_STATUS_TOO_LARGE)
			fail_by_limit(http, NET_LIMIT_REQUEST_SIZE);
		else
			fail_exchange(http, refusal.status, refusal.why);
		return true;
	}
	(void)buf_append(&http->server.out, http->client.in.data, used);
	buf_consume(&http->client.in, used);
	flow_moved(http->flow, NET_SENT, used);
	http->is_sent = step == HTTP_DONE;
	return used || http->is_sent;
}

/* ---- down ---- */

/* Return: 0 or negative errno */
static int pass_head(struct http *http)
{
	struct http_response *response = &http->response;
	size_t len = response->head.bytes;
	int r = 0;

	if (flow_left(http->flow, NET_RECEIVED, NULL) < len)
		return -EDQUOT;
	flow_moved(http->flow, NET_RECEIVED, len);
	if (!response->is_interim) {
		http->is_answering = true;
		http->is_last_of_server = response->head.is_last;
		http->is_last_of_client |= response->head.framing == HTTP_BODY_UNTIL_CLOSE || !http->is_sent;
		http_body_begin(&http->down, &response->head, false, UINT64_MAX);
	}
	if (!response->is_interim || http->asked.minor)
		r = http_response_write(&http->client.out, response, http->is_last_of_client);
	buf_consume(&http->server.in, len);
	if (response->is_interim)
		*response = (struct http_response){ 0 };
	return r;
}

/* What follows is no HTTP: both sockets are relayed once what was said in it is sent. */
static void begin_relay(struct http *http)
{
	struct flow *flow = http->flow;
	int r = 0;

	/* The few bytes of a head, and whatever came right behind it, fit into an empty socket. */
	(void)buf_append(&http->client.out, http->server.in.data, http->server.in.len);
	(void)buf_append(&http->server.out, http->client.in.data, http->client.in.len);
	flow_moved(flow, NET_RECEIVED, http->server.in.len);
	flow_moved(flow, NET_SENT, http->client.in.len);
	if (stream_write(&http->client) < 0 || stream_write(&http->server) < 0 || http->client.out.len ||
			http->server.out.len)
		r = -EPIPE;
	loop_remove_io(&http->client.io);
	loop_remove_io(&http->server.io);
	http->flow = NULL;
	flow->owner = NULL;
	flow->client_fd = TAKE_FD(http->fd);
	http_free(http);
	flow->stopped = NULL;
	/* Whatever had to be spoken so far. */
	flow->protocol = NET_TCP;
	if (r < 0 || flow_relay(flow) < 0)
		flow_reset(flow);
}

/* More has come already than may go that way. */
static bool is_too_much(const struct http *http, const struct stream *from, enum net_way way)
{
	return may_go(http, from, way).len < from->in.len;
}

/* What was read whole, and is passed on. Return: whether it is no HTTP from here on, and http is gone */
static bool take_answer(struct http *http)
{
	bool is_tunnel = http->response.is_tunnel;
	int r = pass_head(http);

	if (r < 0 && r != -EDQUOT) {
		fail_exchange(http, HTTP_STATUS_BAD_GATEWAY, "the answer cannot be passed on");
	} else if (r < 0 || (is_tunnel && is_too_much(http, &http->server, NET_RECEIVED))) {
		fail_used_up(http, NET_RECEIVED);
	} else if (is_tunnel && is_too_much(http, &http->client, NET_SENT)) {
		fail_used_up(http, NET_SENT);
	} else if (is_tunnel) {
		begin_relay(http);
		return true;
	}
	return false;
}

/* Return: whether something happened; @ret_gone: and @http is not there any more */
static bool read_answer(struct http *http, bool *ret_gone)
{
	const struct http_limits limits = HTTP_LIMITS;
	struct http_refusal refusal;

	if (!http->server.in.len && !http->server.has_ended)
		return false;
	switch (http_response_read(&http->response, stream_input(&http->server), &http->asked, &limits,
			&refusal)) {
	case HTTP_MORE:
		if (!http->server.has_ended)
			return false;
		fail_exchange(http, HTTP_STATUS_BAD_GATEWAY, http->flow->is_by_request ?
			"the upstream proxy ended the connection without an answer" :
			"the host ended the connection without an answer");
		return true;
	case HTTP_DONE:
		if (fail_by_proxy(http))
			return true;
		*ret_gone = take_answer(http);
		return true;
	case HTTP_REFUSED:
	default:
		fail_exchange(http, refusal.status, refusal.why);
		return true;
	}
}

/* The http_answer's body. Return: whether something happened */
static bool send_down(struct http *http)
{
	bool was_over = http->down.is_over;
	struct http_refusal refusal;
	size_t used = 0;
	struct str input;

	if (!was_over && http->server.in.len && stream_has_room(&http->client)) {
		input = may_go(http, &http->server, NET_RECEIVED);
		if (!input.len) {
			fail_used_up(http, NET_RECEIVED);
			return true;
		}
		if (http_body_feed(&http->down, input, &used, &refusal) == HTTP_REFUSED) {
			fail_exchange(http, refusal.status, refusal.why);
			return true;
		}
		(void)buf_append(&http->client.out, http->server.in.data, used);
		buf_consume(&http->server.in, used);
		flow_moved(http->flow, NET_RECEIVED, used);
	}
	if (http->down.is_over || (http->server.has_ended && !http->server.in.len)) {
		if (!http_body_is_whole(&http->down))
			fail_exchange(http, HTTP_STATUS_BAD_GATEWAY, "the answer was cut off");
		else
			next_request(http);
		return true;
	}
	return used;
}

/* Return: whether something happened */
bool http_exchange(struct http *http, bool *ret_gone)
{
	bool did = send_up(http);

	if (http->state != HTTP_EXCHANGE)
		return true;
	/* Its sender has left in the middle of it: there is nobody to http_answer. */
	if (http->client.has_ended && !http->is_sent && !http->client.in.len) {
		http_begin_last(http);
		return true;
	}
	return (http->is_answering ? send_down(http) : read_answer(http, ret_gone)) || did;
}
