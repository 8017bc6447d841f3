// SPDX-License-Identifier: Apache-2.0
/*
 * http_request.c - a request, from its head until it goes to a server, or a tunnel is there
 */
#include "roles/gateway/http_internal.h"

#include "base/fd.h"
#include "base/time.h"
#include "codec/http_write.h"
#include "roles/gateway/http_through.h"
#include "roles/gateway/judge.h"

#include <errno.h>

/* ---- requests ---- */

static uint64_t size_limit(const struct http *http)
{
	return http->gateway->settings.limits.values[NET_LIMIT_REQUEST_SIZE];
}

/* What a limit has against a request that is about to be sent; its head is in the buffer. */
static enum net_limit object(const struct http *http, size_t head_bytes)
{
	const struct http_head *head = &http->request.head;
	enum net_limit limit;

	if (head->framing == HTTP_BODY_LENGTH && head->length_bytes > size_limit(http))
		return NET_LIMIT_REQUEST_SIZE;
	return flow_left(http->flow, NET_SENT, &limit) < head_bytes ? limit : NET_LIMIT_NONE;
}

static void send_request(struct http *http)
{
	struct http_head *head = &http->request.head;
	size_t before = http->server.out.len;
	enum net_limit limit;

	http->asked = http_request_asked(&http->request);
	http->response = (struct http_response){ 0 };
	http->is_answering = false;
	http->is_last_of_client = head->is_last;
	http_body_begin(&http->up, head, true, size_limit(http));
	http->is_sent = http->up.is_over;
	if (http_through_write(http) < 0) {
		http_answer(http, HTTP_STATUS_BAD_REQUEST, "the request cannot be passed on", NULL);
		return;
	}
	limit = object(http, http->server.out.len - before);
	if (limit) {
		http_answer_limit(http, http->flow->host, limit);
		return;
	}
	flow_moved(http->flow, NET_SENT, http->server.out.len - before);
	if (http->request.expects_continue)
		(void)buf_append(&http->client.out, HTTP_CONTINUE.data, HTTP_CONTINUE.len);
	buf_consume(&http->client.in, head->bytes);
	http->state = HTTP_EXCHANGE;
}

static int connected(struct flow *flow)
{
	struct http *http = flow->owner;
	int r;

	flow->stopped = http_stopped;
	r = stream_start(&http->server, &http->gateway->loop, flow->upstream_fd, http_server_ready);
	if (r < 0)
		http->flow = NULL;
	if (r < 0)
		http_answer(http, HTTP_STATUS_BAD_GATEWAY, "the host could not be connected to", NULL);
	else
		send_request(http);
	http_progress(http);
	return r;
}

static const struct flow_speech request_speech = { http_refused, http_failed, connected };

/* ---- tunnels ---- */

/* The client's socket is the flow's from here on; the rest of us goes. */
static int tunnel_connected(struct flow *flow)
{
	struct http *http = flow->owner;
	ssize_t n = kern_write(http->fd, HTTP_CONNECTED.data, HTTP_CONNECTED.len);

	http->flow = NULL;
	flow->owner = NULL;
	if (n != (ssize_t)HTTP_CONNECTED.len) {
		http_free(http);
		return n < 0 ? (int)n : -EPIPE;
	}
	loop_remove_io(&http->client.io);
	flow->client_fd = TAKE_FD(http->fd);
	http_free(http);
	return flow_relay(flow);
}

static const struct flow_speech tunnel_speech = { http_refused, http_failed, tunnel_connected };

/* ---- may it be ---- */

/* The connection that is there may serve this one as well. */
static bool is_same_server(const struct http *http)
{
	const struct http_host *host = &http->request.host;
	const struct flow *flow = http->flow;

	if (!flow || flow->port != host->port || (flow->is_by_request && http->request.is_websocket))
		return false;
	return host->address.len ? !flow->name[0] && !net_address_compare(&flow->address, &host->address) :
		str_eq(str_from(flow->name), host->name);
}

static void ask(struct http *http, enum gateway_way way, const struct flow_speech *speech)
{
	const struct http_host *host = &http->request.host;
	struct flow *flow;

	http_leave_server(http);
	http->state = HTTP_ASKED;
	flow = flow_new(http->gateway, -1, way, speech, http);
	if (!flow) {
		http_answer(http, HTTP_STATUS_BAD_GATEWAY, "there are too many connections", NULL);
		return;
	}
	http->flow = flow;
	flow->client = http->client_ends;
	flow->port = host->port;
	flow->wants_tunnel = http->request.is_websocket;
	if (host->address.len)
		flow->address = host->address;
	else
		flow_want_name(flow, host->name, host->port);
	http->is_asking = true;
	flow_ask(flow);
	http->is_asking = false;
}

/* On a connection that was judged for one host, a request for another one would reach the first. */
static bool is_elsewhere(const struct http *http)
{
	const struct http_host *host = &http->request.host;

	if (!http->is_fixed)
		return false;
	if (host->port != http->port)
		return true;
	return host->address.len ? http->name[0] || net_address_compare(&host->address, &http->address) :
		!str_eq(host->name, str_from(http->name));
}

/* The wish of a client that believes to be connected to a server. */
static struct wish wish_of(const struct http *http)
{
	return (struct wish){
		.way = GATEWAY_WAY_REQUEST, .name = http->name, .address = http->address, .port = http->port,
		.client = http->client_ends,
	};
}

static void refuse_elsewhere(struct http *http)
{
	const struct wish wish = wish_of(http);
	struct gateway_judged judged;
	struct refusal refusal;

	judge_refuse(http->gateway, &wish, "host", "the request is for another host than its connection",
		&judged);
	refusal = refusal_of(http->gateway, &judged);
	http_answer(http, HTTP_STATUS_FORBIDDEN, judged.why, &refusal);
}

/* On the connection of the one before, which counted itself when it was made. */
static void send_another(struct http *http)
{
	struct gateway *gateway = http->gateway;
	enum net_limit limit = net_traffic_request(&gateway->traffic, http->flow->host, gateway->loop.now_ns);

	if (limit)
		http_answer_limit(http, http->flow->host, limit);
	else
		send_request(http);
}

/* It cannot be understood, or must not be: whoever looks into the ledger finds that somebody tried. */
static void refuse_head(struct http *http, uint16_t status, const char *why)
{
	const struct wish wish = wish_of(http);
	struct gateway_judged judged;
	struct refusal refusal;

	if (http->is_fixed)
		judge_refuse(http->gateway, &wish, "http", why, &judged);
	else
		judge_refuse_unread(http->gateway, GATEWAY_WAY_REQUEST, &http->client_ends, "http", why,
			&judged);
	refusal = refusal_of(http->gateway, &judged);
	http_answer(http, status, why, &refusal);
}

static void begin_request(struct http *http)
{
	bool is_tunnel = http->request.method == HTTP_METHOD_CONNECT;

	http->state = HTTP_ASKED;
	if (!http->request.host.name.len && !http->request.host.address.len)
		refuse_head(http, HTTP_STATUS_BAD_REQUEST, "the request names no host");
	else if (is_tunnel && http->is_fixed)
		refuse_head(http, HTTP_STATUS_NOT_ALLOWED,
			"there is no tunnel within a connection to a server");
	else if (is_elsewhere(http))
		refuse_elsewhere(http);
	else if (is_tunnel && http->client.in.len > http->request.head.bytes)
		refuse_head(http, HTTP_STATUS_BAD_REQUEST, "bytes came before the tunnel was there");
	else if (!is_tunnel && is_same_server(http))
		send_another(http);
	else
		ask(http, is_tunnel ? GATEWAY_WAY_TUNNEL : GATEWAY_WAY_REQUEST,
			is_tunnel ? &tunnel_speech : &request_speech);
}

/* Between two requests a client may be silent for long, and within one not longer than before the first. */
static void hurry(struct http *http)
{
	uint64_t latest_ns = http->gateway->loop.now_ns + GATEWAY_WORD_MS * NS_PER_MS;

	if (!http->is_begun && http->patience.deadline_ns > latest_ns)
		http_be_patient(http, GATEWAY_WORD_MS);
	http->is_begun = true;
}

/* Return: whether something happened */
bool http_read_request(struct http *http)
{
	const struct http_limits limits = HTTP_LIMITS;
	struct http_refusal refusal;

	if (!http->client.in.len)
		return false;
	switch (http_request_read(&http->request, &http->arena, stream_input(&http->client), &limits,
			&refusal)) {
	case HTTP_MORE:
		hurry(http);
		return false;
	case HTTP_DONE:
		http->is_begun = false;
		loop_remove_timer(&http->patience);
		begin_request(http);
		return true;
	case HTTP_REFUSED:
	default:
		http->is_begun = false;
		refuse_head(http, refusal.status, refusal.why);
		return true;
	}
}
