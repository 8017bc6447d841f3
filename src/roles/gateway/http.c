// SPDX-License-Identifier: Apache-2.0
/*
 * http.c - a client of the sandbox that speaks HTTP
 */
#include "roles/gateway/http.h"

#include "base/fd.h"
#include "base/time.h"
#include "codec/http_body.h"
#include "codec/http_write.h"
#include "roles/gateway/flow.h"
#include "roles/gateway/judge.h"
#include "roles/gateway/limit.h"
#include "roles/gateway/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HOST_ARENA_BYTES = 4 << 10,
	LINGER_MS = 2000,
	IDLE_MS = 300 * 1000,
	STATUS_BAD_GATEWAY = 502,
	STATUS_TIMEOUT = 504,
	STATUS_FORBIDDEN = 403,
	STATUS_TOO_LARGE = 413,
	STATUS_BAD_REQUEST = 400,
	STATUS_NOT_ALLOWED = 405,
};

enum state {
	HEAD,
	ASKED,
	EXCHANGE,
	LAST,
};

struct http {
	struct gateway *gateway;
	struct list node;
	int fd;				/* owned: the client's */
	struct jail_diag_pair client_ends;
	enum state state;
	struct stream client, server;
	struct flow *flow;		/* to the server; NULL: none. Its upstream_fd is the server's */
	bool is_fixed;			/* every request is for this: */
	char name[NET_NAME_MAX + 1];	/* "": @address */
	struct net_address address;
	uint16_t port;
	struct arena arena;		/* the host of the request */
	struct http_request request;
	struct http_asked asked;
	struct http_response response;
	struct http_body up, down;
	bool is_asking;			/* of flow_ask(): what becomes of it is heard inside of progress() */
	bool is_answering;		/* the head of the answer has been passed on */
	bool is_sent;			/* the request is, with its body */
	bool is_last_of_client, is_last_of_server;
	struct loop_timer patience;
};

static void progress(struct http *http);
static void stopped(struct flow *flow, enum net_limit limit);

/* ---- the end ---- */

static void leave_server(struct http *http)
{
	struct flow *flow = http->flow;

	stream_stop(&http->server);
	http->server.has_ended = false;
	http->flow = NULL;
	if (flow)
		flow_free(flow);
}

static void http_free(struct http *http)
{
	leave_server(http);
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

	if (http->state == HEAD) {
		leave_server(http);
		return;
	}
	flow_make_abrupt(flow->upstream_fd);
	flow_make_abrupt(http->fd);
	http_free(http);
}

static void patience_is_over(struct loop_timer *timer)
{
	http_free(CONTAINER_OF(timer, struct http, patience));
}

static void be_patient(struct http *http, uint64_t ms)
{
	loop_set_timer(&http->gateway->loop, &http->patience, http->gateway->loop.now_ns + ms * NS_PER_MS,
		patience_is_over);
}

/* What waits is still sent; a body that nobody will read is read away, or its sender would be reset. */
static void begin_last(struct http *http)
{
	leave_server(http);
	http->state = LAST;
	be_patient(http, LINGER_MS);
}

/* ---- answers of our own ---- */

/* The last of the connection: what the request brought with it was not read. */
static void answer(struct http *http, uint16_t status, const char *why, const struct refusal *refusal)
{
	const struct http_denial denial = {
		.status = status, .reason = str_from(why),
		.rule = str_from(refusal ? refusal->rule : ""),
		.decision = str_from(refusal ? refusal->decision : ""),
		.hint = str_from(refusal ? refusal->hint : ""),
		.limit = str_from(refusal && refusal->limit ? refusal->rule + strlen("network/") : ""),
		.value = refusal ? refusal->value : 0, .retry_s = refusal ? refusal->retry_s : 0,
	};
	bool is_read = http->state != HEAD;

	if (http_denial_write(&http->client.out, &denial, is_read ? &http->request : NULL, true) < 0)
		buf_clear(&http->client.out);
	begin_last(http);
}

static void answer_limit(struct http *http, struct net_host *host, enum net_limit limit)
{
	struct gateway_judged judged;
	struct refusal refusal;

	limit_reached(http->gateway, host, limit, &refusal, &judged);
	answer(http, limit_status(limit), refusal.why, &refusal);
}

static const char *say_failure(int error, uint16_t *ret_status)
{
	*ret_status = error == -ETIMEDOUT ? STATUS_TIMEOUT : STATUS_BAD_GATEWAY;
	switch (error) {
	case -ETIMEDOUT:
		return "the host did not answer in time";
	case -EHOSTDOWN:
		return "the upstream proxy cannot be reached";
	case -EKEYREJECTED:
		return "the upstream proxy wants credentials, or others (407)";
	case -EREMOTEIO:
		return "the upstream proxy refused to connect to the host";
	case -EPROTO:
		return "the upstream proxy's answer cannot be understood";
	case -ENOENT:
		return "the host's name does not exist";
	case -ECONNREFUSED:
		return "the host refused the connection";
	case -ENETUNREACH:
	case -EHOSTUNREACH:
		return "the host cannot be reached";
	default:
		return "the host could not be connected to";
	}
}

/* ---- what becomes of a flow ---- */

static void refused(struct flow *flow, const struct refusal *refusal)
{
	struct http *http = flow->owner;

	http->flow = NULL;
	answer(http, limit_status(refusal->limit), refusal->why, refusal);
	if (!http->is_asking)
		progress(http);
}

static void failed(struct flow *flow, int error)
{
	struct http *http = flow->owner;
	uint16_t status;
	const char *why = say_failure(error, &status);

	http->flow = NULL;
	answer(http, status, why, NULL);
	if (!http->is_asking)
		progress(http);
}

static void server_ready(struct loop_io *io, UNUSED uint32_t events)
{
	progress(CONTAINER_OF(io, struct http, server.io));
}

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
	if (http_request_write(&http->server.out, &http->request, false) < 0) {
		answer(http, STATUS_BAD_REQUEST, "the request cannot be passed on", NULL);
		return;
	}
	limit = object(http, http->server.out.len - before);
	if (limit) {
		answer_limit(http, http->flow->host, limit);
		return;
	}
	flow_moved(http->flow, NET_SENT, http->server.out.len - before);
	if (http->request.expects_continue)
		(void)buf_append(&http->client.out, HTTP_CONTINUE.data, HTTP_CONTINUE.len);
	buf_consume(&http->client.in, head->bytes);
	http->state = EXCHANGE;
}

static int connected(struct flow *flow)
{
	struct http *http = flow->owner;
	int r;

	flow->stopped = stopped;
	r = stream_start(&http->server, &http->gateway->loop, flow->upstream_fd, server_ready);
	if (r < 0)
		http->flow = NULL;
	if (r < 0)
		answer(http, STATUS_BAD_GATEWAY, "the host could not be connected to", NULL);
	else
		send_request(http);
	progress(http);
	return r;
}

static const struct flow_speech request_speech = { refused, failed, connected };

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

static const struct flow_speech tunnel_speech = { refused, failed, tunnel_connected };

/* ---- requests ---- */

/* The connection that is there may serve this one as well. */
static bool is_same_server(const struct http *http)
{
	const struct http_host *host = &http->request.host;
	const struct flow *flow = http->flow;

	if (!flow || flow->port != host->port)
		return false;
	return host->address.len ? !flow->name[0] && !net_address_compare(&flow->address, &host->address) :
		str_eq(str_from(flow->name), host->name);
}

static void ask(struct http *http, enum gateway_way way, const struct flow_speech *speech)
{
	const struct http_host *host = &http->request.host;
	struct flow *flow;

	leave_server(http);
	http->state = ASKED;
	flow = flow_new(http->gateway, -1, way, speech, http);
	if (!flow) {
		answer(http, STATUS_BAD_GATEWAY, "there are too many connections", NULL);
		return;
	}
	http->flow = flow;
	flow->client = http->client_ends;
	flow->port = host->port;
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

static void refuse_elsewhere(struct http *http)
{
	const struct wish wish = {
		.way = GATEWAY_WAY_REQUEST, .name = http->name, .address = http->address, .port = http->port,
		.client = http->client_ends,
	};
	struct gateway_judged judged;
	struct refusal refusal;

	judge_refuse(http->gateway, &wish, "host", "the request is for another host than its connection",
		&judged);
	refusal = refusal_of(http->gateway, &judged);
	answer(http, STATUS_FORBIDDEN, judged.why, &refusal);
}

/* On the connection of the one before, which counted itself when it was made. */
static void send_another(struct http *http)
{
	struct gateway *gateway = http->gateway;
	enum net_limit limit = net_traffic_request(&gateway->traffic, http->flow->host, gateway->loop.now_ns);

	if (limit)
		answer_limit(http, http->flow->host, limit);
	else
		send_request(http);
}

static void begin_request(struct http *http)
{
	bool is_tunnel = http->request.method == HTTP_METHOD_CONNECT;

	http->state = ASKED;
	if (!http->request.host.name.len && !http->request.host.address.len)
		answer(http, STATUS_BAD_REQUEST, "the request names no host", NULL);
	else if (is_tunnel && http->is_fixed)
		answer(http, STATUS_NOT_ALLOWED, "there is no tunnel within a connection to a server", NULL);
	else if (is_elsewhere(http))
		refuse_elsewhere(http);
	else if (is_tunnel && http->client.in.len > http->request.head.bytes)
		answer(http, STATUS_BAD_REQUEST, "bytes came before the tunnel was there", NULL);
	else if (!is_tunnel && is_same_server(http))
		send_another(http);
	else
		ask(http, is_tunnel ? GATEWAY_WAY_TUNNEL : GATEWAY_WAY_REQUEST,
			is_tunnel ? &tunnel_speech : &request_speech);
}

/* Return: whether something happened */
static bool read_request(struct http *http)
{
	const struct http_limits limits = HTTP_LIMITS;
	struct http_refusal refusal;

	if (!http->client.in.len)
		return false;
	switch (http_request_read(&http->request, &http->arena, stream_input(&http->client), &limits,
			&refusal)) {
	case HTTP_MORE:
		return false;
	case HTTP_DONE:
		loop_remove_timer(&http->patience);
		begin_request(http);
		return true;
	case HTTP_REFUSED:
	default:
		answer(http, refusal.status, refusal.why, NULL);
		return true;
	}
}

/* ---- exchanges ---- */

static void next_request(struct http *http)
{
	if (http->is_last_of_server)
		leave_server(http);
	if (http->is_last_of_client) {
		begin_last(http);
		return;
	}
	arena_reset(&http->arena);
	http->request = (struct http_request){ 0 };
	http->state = HEAD;
	be_patient(http, IDLE_MS);
}

/* The answer is wrong or was cut off: where none of it was passed on, something better can be said. */
static void fail_exchange(struct http *http, uint16_t status, const char *why)
{
	leave_server(http);
	if (!http->is_answering && !http->client.out.len)
		answer(http, status, why, NULL);
	else
		begin_last(http);
}

static void fail_by_limit(struct http *http, enum net_limit limit)
{
	struct net_host *host = http->flow->host;
	struct gateway_judged judged;
	struct refusal refusal;

	flow_report(http->flow, limit_errno(limit));
	if (!http->is_answering && !http->client.out.len) {
		answer_limit(http, host, limit);
		return;
	}
	limit_reached(http->gateway, host, limit, &refusal, &judged);
	begin_last(http);
}

/* A limit of the traffic ends the connection to the server; between two requests nobody needs to know. */
static void stopped(struct flow *flow, enum net_limit limit)
{
	struct http *http = flow->owner;

	if (http->state == EXCHANGE)
		fail_by_limit(http, limit);
	else
		leave_server(http);
	progress(http);
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
		if (refusal.status == STATUS_TOO_LARGE)
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

/* Return: whether something happened; @ret_gone: and @http is not there any more */
static bool read_answer(struct http *http, bool *ret_gone)
{
	const struct http_limits limits = HTTP_LIMITS;
	struct http_refusal refusal;
	int r;

	if (!http->server.in.len && !http->server.has_ended)
		return false;
	switch (http_response_read(&http->response, stream_input(&http->server), &http->asked, &limits,
			&refusal)) {
	case HTTP_MORE:
		if (!http->server.has_ended)
			return false;
		fail_exchange(http, STATUS_BAD_GATEWAY, "the host ended the connection without an answer");
		return true;
	case HTTP_DONE:
		r = pass_head(http);
		if (r == -EDQUOT) {
			fail_used_up(http, NET_RECEIVED);
		} else if (r < 0) {
			fail_exchange(http, STATUS_BAD_GATEWAY, "the answer cannot be passed on");
		} else if (http->response.is_tunnel && may_go(http, &http->server, NET_RECEIVED).len <
				http->server.in.len) {
			fail_used_up(http, NET_RECEIVED);
		} else if (http->response.is_tunnel && may_go(http, &http->client, NET_SENT).len <
				http->client.in.len) {
			fail_used_up(http, NET_SENT);
		} else if (http->response.is_tunnel) {
			begin_relay(http);
			*ret_gone = true;
		}
		return true;
	case HTTP_REFUSED:
	default:
		fail_exchange(http, refusal.status, refusal.why);
		return true;
	}
}

/* The answer's body. Return: whether something happened */
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
			fail_exchange(http, STATUS_BAD_GATEWAY, "the answer was cut off");
		else
			next_request(http);
		return true;
	}
	return used;
}

/* Return: whether something happened */
static bool exchange(struct http *http, bool *ret_gone)
{
	bool did = send_up(http);

	if (http->state != EXCHANGE)
		return true;
	/* Its sender has left in the middle of it: there is nobody to answer. */
	if (http->client.has_ended && !http->is_sent && !http->client.in.len) {
		begin_last(http);
		return true;
	}
	return (http->is_answering ? send_down(http) : read_answer(http, ret_gone)) || did;
}

/* ---- as far as it goes ---- */

static bool wants_client(const struct http *http)
{
	return http->state == HEAD || http->state == LAST ||
		(http->state == EXCHANGE && !http->is_sent && stream_has_room(&http->server));
}

/* Between two requests a server may end the connection, and must not say anything else. */
static bool wants_server(const struct http *http)
{
	return http->state == HEAD || (http->state == EXCHANGE && stream_has_room(&http->client));
}

/* Bytes from the sockets. Return: 1 something came, 0 nothing, or negative errno: the client is gone */
static int take_bytes(struct http *http)
{
	ssize_t n = 0, m = 0;

	if (wants_client(http) && !http->client.has_ended) {
		n = stream_read(&http->client);
		if (n < 0 && n != -EAGAIN && n != -ENOBUFS)
			return (int)n;
		if (http->state == LAST)
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
	return (http->state == LAST && http->client.has_ended) ||
		(http->state == HEAD && http->client.has_ended);
}

/* Everything that was to be said is said; the client may hear the end of it before its own is waited for. */
static void shut_when_said(struct http *http)
{
	if (http->state == LAST && !http->client.out.len)
		(void)kern_shutdown(http->fd, SHUT_WR);
}

static bool waits_for_person(const struct http *http)
{
	return http->state == ASKED && http->flow && http->flow->state == FLOW_ASKING;
}

static void progress(struct http *http)
{
	bool did = true, gone = false;
	int r = 0;

	while (did && !gone && r >= 0) {
		r = take_bytes(http);
		did = r > 0;
		if (http->state == HEAD && (http->server.has_ended || http->server.in.len))
			leave_server(http);
		if (http->state == HEAD)
			did |= read_request(http);
		else if (http->state == EXCHANGE)
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

	/* Nobody is left while a host is being connected to. */
	if (http->state == ASKED && (events & (EPOLLHUP | EPOLLERR) ||
			(events & EPOLLRDHUP && waits_for_person(http))))
		http_free(http);
	else
		progress(http);
}

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
	be_patient(http, GATEWAY_WORD_MS);
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
		progress(http);
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
	r = stream_start(&http->server, &http->gateway->loop, flow->upstream_fd, server_ready);
	if (r < 0) {
		http->fd = -1;
		http_free(http);
		return r;
	}
	flow->client_fd = -1;
	flow->stopped = stopped;
	flow->owner = http;
	http->flow = flow;
	begin(http);
	return 0;
}
