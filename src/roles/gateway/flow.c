// SPDX-License-Identifier: Apache-2.0
/*
 * flow.c - one connection of the sandbox, from its wish to its end
 */
#include "roles/gateway/flow.h"

#include "base/fd.h"
#include "base/time.h"
#include "kern/clock.h"
#include "roles/gateway/batch.h"
#include "roles/gateway/expiry.h"
#include "roles/gateway/host.h"
#include "roles/gateway/http.h"
#include "roles/gateway/judge.h"
#include "roles/gateway/upstream.h"
#include "roles/gateway/limit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the end ---- */

static void tell_end(struct flow *flow, int error, bool is_by_rule)
{
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_CLOSED };
	struct gateway_closed *closed = &message.closed;

	batch_closed(flow, error);
	if (!flow->id || !channel_is_open(&flow->gateway->supervisor))
		return;
	*closed = (struct gateway_closed){
		.flow = flow->id, .error = error, .is_connected = flow->is_connected,
		.is_by_rule = is_by_rule, .is_encrypted = flow->is_encrypted,
		.sent_bytes = flow->bytes[NET_SENT], .received_bytes = flow->bytes[NET_RECEIVED],
		.duration_ns = kern_clock_monotonic_ns() - flow->begun_ns,
	};
	if (flow->dialled.len)
		net_address_print(&flow->dialled, closed->address);
	else if (flow->address.len && !flow->is_through)
		net_address_print(&flow->address, closed->address);
	(void)gateway_message_send(&flow->gateway->supervisor, &message, NULL, 0);
	flow->id = 0;
}

void flow_report(struct flow *flow, int error)
{
	tell_end(flow, error, false);
}

struct flow *flow_free(struct flow *flow)
{
	if (!flow)
		return NULL;
	flow_report(flow, 0);
	flow->talk = upstream_forget(flow->talk);
	asking_end(&flow->asking, GATEWAY_ANSWER_GONE);
	peek_fini(&flow->peek);
	relay_fini(&flow->relay);
	dial_fini(&flow->dial);
	loop_remove_io(&flow->hangup);
	fd_close(flow->client_fd);
	fd_close(flow->upstream_fd);
	list_remove(&flow->node);
	expiry_end(flow);
	record_end(&flow->wait);
	free(flow->refused);
	lookup_fini(&flow->lookup);
	flow->gateway->flow_count--;
	free(flow);
	return NULL;
}

/* Closed with something unread or unsent, a socket says so by a reset; this one always does. */
void flow_make_abrupt(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	if (fd >= 0)
		(void)kern_setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

void flow_reset(struct flow *flow)
{
	flow_make_abrupt(flow->client_fd);
	flow_make_abrupt(flow->upstream_fd);
	flow_free(flow);
}

/* ---- limits ---- */

uint64_t flow_left(const struct flow *flow, enum net_way way, enum net_limit *ret_limit)
{
	return net_traffic_left(&flow->gateway->traffic, flow->host, way, ret_limit);
}

void flow_moved(struct flow *flow, enum net_way way, uint64_t bytes)
{
	net_traffic_moved(&flow->gateway->traffic, flow->host, way, bytes);
	flow->bytes[way] += bytes;
	expiry_touch(flow);
}

void flow_stop(struct flow *flow, enum net_limit limit)
{
	struct refusal refusal;
	struct gateway_judged judged;

	if (flow->stopped) {
		flow->stopped(flow, limit);
		return;
	}
	limit_reached(flow->gateway, flow->host, limit, &refusal, &judged);
	flow_report(flow, limit_errno(limit));
	flow_reset(flow);
}

/* May it be one more? Counted, if so. */
static enum net_limit admit(struct flow *flow)
{
	struct gateway *gateway = flow->gateway;
	char address[NET_ADDRESS_SIZE];
	enum net_limit limit;

	if (!flow->name[0])
		net_address_print(&flow->address, address);
	flow->host = net_traffic_host(&gateway->traffic, str_from(flow->name[0] ? flow->name : address),
		gateway->loop.now_ns);
	if (gateway->flow_count > gateway->settings.limits.values[NET_LIMIT_OPEN])
		return NET_LIMIT_OPEN;
	limit = net_traffic_connect(&gateway->traffic, flow->host, gateway->loop.now_ns);
	if (!limit && flow->way == GATEWAY_WAY_REQUEST)
		limit = net_traffic_request(&gateway->traffic, flow->host, gateway->loop.now_ns);
	return limit;
}

static void refuse_one_more(struct flow *flow, enum net_limit limit)
{
	struct refusal refusal;
	struct gateway_judged judged;

	limit_reached(flow->gateway, flow->host, limit, &refusal, &judged);
	flow->speech->refused(flow, &refusal);
	flow_reset(flow);
}

/* ---- connected ---- */

static_assert(NET_SENT == 0 && NET_RECEIVED == 1, "the client is a relay's first side");

static uint64_t relay_left(struct relay *relay, size_t i)
{
	return flow_left(CONTAINER_OF(relay, struct flow, relay), (enum net_way)i, NULL);
}

static void relay_moved(struct relay *relay, size_t i, uint64_t bytes)
{
	flow_moved(CONTAINER_OF(relay, struct flow, relay), (enum net_way)i, bytes);
}

/* Which of the two ways it was: the one of which nothing is left. */
static enum net_limit used_up(const struct flow *flow)
{
	enum net_limit limit;

	if (flow_left(flow, NET_SENT, &limit))
		(void)flow_left(flow, NET_RECEIVED, &limit);
	return limit;
}

static void relay_is_over(struct relay *relay, int error)
{
	struct flow *flow = CONTAINER_OF(relay, struct flow, relay);

	if (error == -EDQUOT) {
		flow_stop(flow, used_up(flow));
		return;
	}
	flow_report(flow, error);
	if (error)
		flow_reset(flow);
	else
		flow_free(flow);
}

static int start_relay(struct flow *flow)
{
	static const struct relay_meter meter = { relay_left, relay_moved };
	const int fds[] = { flow->client_fd, flow->upstream_fd };
	int r = relay_start(&flow->relay, &flow->gateway->loop, &flow->gateway->pipes, fds, relay_is_over);

	flow->stopped = NULL;
	flow->relay.meter = &meter;
	return r;
}

/*
 * The client hears why in its own protocol. What it sent is unread, so it is read away: a socket that is
 * closed with something in it resets the connection, and the alert would be lost.
 */
static void say_alert(const struct flow *flow, enum tls_alert alert)
{
	struct msghdr message = { 0 };
	char record[TLS_ALERT_BYTES];

	if (!alert)
		return;
	tls_alert_write(alert, record);
	if (kern_write(flow->client_fd, record, sizeof(record)) == (ssize_t)sizeof(record))
		(void)kern_recvmsg(flow->client_fd, &message, MSG_TRUNC);
}

static void fail(struct flow *flow, int error)
{
	flow_report(flow, error);
	flow->speech->failed(flow, error);
	flow_reset(flow);
}

/* An address behind a name that was dialled only because the user's rules had it as an address. */
static bool is_still_dialled(const struct flow *flow)
{
	const struct net_vet_rules rules = {
		.named = flow->gateway->named, .named_count = flow->gateway->named_count,
	};
	struct net_vetted vetted;

	if (!flow->name[0] || !flow->address.len || host_owns(str_from(flow->name)))
		return true;
	net_vet(&rules, &flow->address, 1, &vetted);
	return vetted.count;
}

static void established(struct flow *flow)
{
	int r;

	/* The rules may have changed since it was vetted. */
	if (!is_still_dialled(flow)) {
		fail(flow, -EACCES);
		return;
	}
	flow->is_connected = true;
	flow->state = FLOW_CONNECTED;
	expiry_begin(flow);
	r = flow->speech->connected(flow);
	if (r < 0) {
		flow_report(flow, r);
		flow_reset(flow);
	}
}

static void upstream_answered(void *owner, int error)
{
	struct flow *flow = owner;

	flow->talk = upstream_forget(flow->talk);
	if (error)
		fail(flow, error);
	else
		established(flow);
}

/* As a URL has it: an address of IPv6 in brackets. */
static int ask_upstream(struct flow *flow)
{
	char address[NET_ADDRESS_SIZE] = "", target[NET_NAME_MAX + sizeof("[]:65535")];
	bool is_v6 = !flow->name[0] && flow->address.len == NET_V6_BYTES;

	if (!flow->name[0])
		net_address_print(&flow->address, address);
	(void)snprintf(target, sizeof(target), "%s%s%s:%u", is_v6 ? "[" : "",
		flow->name[0] ? flow->name : address, is_v6 ? "]" : "", flow->port);
	return upstream_ask(flow->gateway, flow->upstream_fd, target, upstream_answered, flow, &flow->talk);
}

static void dialled(struct dial *dial, int fd, const struct net_address *address)
{
	struct flow *flow = CONTAINER_OF(dial, struct flow, dial);
	int r = 0;

	flow->dialled = *address;
	if (!flow->is_through)
		flow->address = *address;
	loop_remove_io(&flow->hangup);
	if (fd < 0) {
		fail(flow, flow->is_through ? -EHOSTDOWN : fd);
		return;
	}
	flow->upstream_fd = fd;
	if (flow->is_through)
		r = ask_upstream(flow);
	else
		established(flow);
	if (r < 0)
		fail(flow, r);
}

/* ---- asked for ---- */

/* Nobody is left to be connected. */
static void client_left(struct loop_io *io, UNUSED uint32_t events)
{
	flow_free(CONTAINER_OF(io, struct flow, hangup));
}

static void dial_to(struct flow *flow, const struct net_address *addresses, size_t count)
{
	flow->state = FLOW_DIALLING;
	dial_start(&flow->dial, &flow->gateway->loop, addresses, MIN(count, (size_t)DIAL_ADDRESSES_MAX),
		flow->is_through ? flow->gateway->settings.proxy.port : flow->port,
		GATEWAY_DIAL_MS * NS_PER_MS, dialled);
}

struct refusal refusal_of(const struct gateway *gateway, const struct gateway_judged *judged)
{
	struct refusal refusal = {
		.target = judged->target, .port = judged->port, .rule = judged->rule,
		.source = judged->source,
		.why = judged->why,
	};

	gateway_decision(gateway->settings.session, judged, refusal.decision);
	hint_of(gateway, judged, refusal.hint);
	return refusal;
}

static void say_no(struct flow *flow, const struct gateway_judged *judged)
{
	const struct refusal refusal = refusal_of(flow->gateway, judged);

	flow->speech->refused(flow, &refusal);
	flow_reset(flow);
}

static void refusal_recorded(struct record_wait *wait)
{
	struct flow *flow = CONTAINER_OF(wait, struct flow, wait);

	loop_remove_io(&flow->hangup);
	say_no(flow, flow->refused);
}

/* A program that has its answer may be gone before anybody has seen which it was. */
static void refuse(struct flow *flow, const struct gateway_judged *judged)
{
	struct gateway_judged *kept = judged->flow ? malloc(sizeof(*kept)) : NULL;

	if (!kept) {
		say_no(flow, judged);
		return;
	}
	*kept = *judged;
	flow->refused = kept;
	flow->state = FLOW_REFUSED;
	flow->wait.recorded = refusal_recorded;
	/* Whoever was allowed first, and then led where no name may, is watched already. */
	if (flow->client_fd >= 0 && !flow->hangup.loop &&
			loop_add_io(&flow->gateway->loop, &flow->hangup, flow->client_fd, 0,
				client_left) < 0) {
		say_no(flow, judged);
		return;
	}
	record_await(flow->gateway, &flow->wait, judged->flow);
}

/* The wish of a flow. */
static struct wish wish_of(const struct flow *flow)
{
	return (struct wish){
		.way = flow->way, .name = flow->name, .address = flow->address, .port = flow->port,
		.client = flow->client,
	};
}

/* What a name leads to must not be reached by it: the user would have to name that itself. */
static void refuse_addresses(struct flow *flow, const struct net_vetted *vetted)
{
	const struct wish wish = wish_of(flow);
	struct gateway_judged judged;
	char why[GATEWAY_TEXT_SIZE], fallen[GATEWAY_TEXT_SIZE - 64];

	net_vet_explain(&vetted->fallen[0], fallen, sizeof(fallen));
	(void)snprintf(why, sizeof(why), "the name leads where no name may: %s", fallen);
	judge_refuse(flow->gateway, &wish, "address", why, &judged);
	flow_report(flow, -EACCES);
	refuse(flow, &judged);
}

static void looked_up(struct lookup *lookup, const struct net_vetted *vetted, int error)
{
	struct flow *flow = CONTAINER_OF(lookup, struct flow, lookup);

	if (!error)
		dial_to(flow, vetted->addresses, vetted->count);
	else if (flow->is_through)
		fail(flow, -EHOSTDOWN);
	else if (error == -EACCES)
		refuse_addresses(flow, vetted);
	else
		fail(flow, error);
}

/* The person named it, so its name may lead anywhere. */
static void dial_upstream(struct flow *flow)
{
	const struct upstream *upstream = &flow->gateway->upstream;
	int r;

	if (upstream->address.len) {
		dial_to(flow, &upstream->address, 1);
		return;
	}
	flow->state = FLOW_LOOKING;
	r = lookup_start(&flow->lookup, flow->gateway, upstream->name, looked_up);
	flow->lookup.may_lead_anywhere = true;
	if (r < 0)
		fail(flow, r);
}

static void recorded(struct record_wait *wait)
{
	struct flow *flow = CONTAINER_OF(wait, struct flow, wait);
	int r = 0;

	if (flow->is_through) {
		dial_upstream(flow);
		return;
	}
	if (!flow->name[0]) {
		dial_to(flow, &flow->address, 1);
		return;
	}
	if (host_owns(str_from(flow->name))) {
		dial_to(flow, host_loopback, HOST_ADDRESSES);
		return;
	}
	flow->state = FLOW_LOOKING;
	r = lookup_start(&flow->lookup, flow->gateway, str_from(flow->name), looked_up);
	if (r < 0)
		fail(flow, r);
}

static bool wants_tls(const struct flow *flow)
{
	return flow->protocol == NET_TLS;
}

/* Nobody said yes, or nobody could be asked. */
static void refuse_unanswered(struct flow *flow)
{
	const struct wish wish = wish_of(flow);
	struct gateway_judged judged;
	enum net_protocol protocol;

	loop_remove_io(&flow->hangup);
	if (judge(flow->gateway, &wish, &protocol, &judged))
		fail(flow, -EACCES);
	else
		refuse(flow, &judged);
}

static void nobody_answers(struct asking *asking)
{
	struct flow *flow = CONTAINER_OF(asking, struct flow, asking);

	asking_end(asking, GATEWAY_ANSWER_LATE);
	refuse_unanswered(flow);
}

static void ask(struct flow *flow, const struct gateway_judged *question)
{
	bool is_waiting = asking_begin(&flow->asking, flow->gateway, question, nobody_answers);

	flow->state = FLOW_ASKING;
	if (is_waiting && flow->client_fd >= 0 &&
			loop_add_io(&flow->gateway->loop, &flow->hangup, flow->client_fd, EPOLLRDHUP,
				client_left) < 0) {
		asking_end(&flow->asking, GATEWAY_ANSWER_GONE);
		is_waiting = false;
	}
	if (!is_waiting)
		refuse_unanswered(flow);
}

/* Judged here and not before, since the rules may have changed while it was looked at. */
static void allow(struct flow *flow)
{
	struct gateway *gateway = flow->gateway;
	const struct wish wish = wish_of(flow);
	struct gateway_judged judged;
	enum net_limit limit;
	int r = 0;

	if (judge_asks(gateway, &wish, &judged)) {
		ask(flow, &judged);
		return;
	}
	if (!judge(gateway, &wish, &flow->protocol, &judged)) {
		refuse(flow, &judged);
		return;
	}
	/* What a proxy is asked for in the clear would go on in the clear. */
	if (flow->way == GATEWAY_WAY_REQUEST && wants_tls(flow)) {
		judge_refuse(gateway, &wish, "tls", "it is not TLS, which has to be spoken here", &judged);
		refuse(flow, &judged);
		return;
	}
	limit = admit(flow);
	if (limit) {
		refuse_one_more(flow, limit);
		return;
	}
	flow->is_through = upstream_takes(gateway, flow->name, &flow->address, flow->port);
	if (flow->is_through)
		upstream_note(gateway, &judged);
	flow->state = FLOW_RECORDING;
	flow->wait.recorded = recorded;
	if (flow->client_fd >= 0)
		r = loop_add_io(&gateway->loop, &flow->hangup, flow->client_fd, 0, client_left);
	if (r >= 0)
		r = batch_begin(flow, &judged);
	if (r < 0)
		fail(flow, r);
	else if (r > 0)
		recorded(&flow->wait);
}

/* It was allowed to be connected, and says something else than what that was for. */
static void refuse_bytes(struct flow *flow, const char *why, enum tls_alert alert)
{
	const struct wish wish = wish_of(flow);
	struct gateway_judged judged;

	judge_refuse(flow->gateway, &wish, "tls", why, &judged);
	say_alert(flow, alert);
	flow_report(flow, -EPROTO);
	if (alert)
		flow_free(flow);
	else
		flow_reset(flow);
}

static void peeked(struct peek *peek, const char *why, enum tls_alert alert)
{
	struct flow *flow = CONTAINER_OF(peek, struct flow, peek);
	int r = 0;

	flow->is_encrypted = !why && peek->hello.has_ech;
	if (why)
		refuse_bytes(flow, why, alert);
	else if (flow->state == FLOW_PEEKING)
		allow(flow);
	else
		r = start_relay(flow);
	if (r < 0)
		flow_reset(flow);
}

static int look_at_hello(struct flow *flow)
{
	struct gateway *gateway = flow->gateway;
	int r = peek_start(&flow->peek, &gateway->loop, flow->client_fd, flow->name, peeked);

	flow->peek.lets_encrypted = gateway->settings.lets_encrypted_hello;
	return r;
}

int flow_relay(struct flow *flow)
{
	if (flow->protocol == NET_HTTP)
		return http_take(flow);
	if (flow->way == GATEWAY_WAY_CONNECT || !wants_tls(flow))
		return start_relay(flow);
	return look_at_hello(flow);
}

void flow_ask(struct flow *flow)
{
	const struct wish wish = wish_of(flow);
	int r;

	if (!judge_quietly(flow->gateway, &wish, &flow->protocol) || flow->way != GATEWAY_WAY_CONNECT ||
			!wants_tls(flow)) {
		allow(flow);
		return;
	}
	flow->state = FLOW_PEEKING;
	r = look_at_hello(flow);
	if (r < 0)
		flow_reset(flow);
}

/* ---- rules that change ---- */

/* What it has to speak now is looked for when it is connected, but where that is behind it. */
static bool speaks(struct flow *flow, enum net_protocol protocol)
{
	if (protocol == NET_TCP || protocol == flow->protocol || flow->state == FLOW_PEEKING)
		return true;
	if (flow->state == FLOW_CONNECTED || flow->way == GATEWAY_WAY_CONNECT)
		return false;
	flow->protocol = protocol;
	return true;
}

static bool is_still_allowed(struct flow *flow)
{
	const struct wish wish = wish_of(flow);
	enum net_protocol protocol;

	return judge_quietly(flow->gateway, &wish, &protocol) && speaks(flow, protocol) &&
		(flow->state != FLOW_CONNECTED || is_still_dialled(flow));
}

/* What a person said may be the answer. Return: whether it was no */
static bool hear_answer(struct flow *flow)
{
	const struct wish wish = wish_of(flow);
	struct gateway_judged judged;
	enum net_protocol protocol;
	bool is_yes;

	if (judge_asks(flow->gateway, &wish, &judged))
		return false;
	is_yes = judge_quietly(flow->gateway, &wish, &protocol);
	asking_end(&flow->asking, is_yes ? GATEWAY_ANSWER_ALLOWED : GATEWAY_ANSWER_DENIED);
	loop_remove_io(&flow->hangup);
	flow->state = FLOW_NEW;
	flow_ask(flow);
	return !is_yes;
}

/* Nothing of what was under way is heard of any more. */
static void stop_short(struct flow *flow)
{
	flow->talk = upstream_forget(flow->talk);
	peek_fini(&flow->peek);
	dial_fini(&flow->dial);
	lookup_fini(&flow->lookup);
	record_end(&flow->wait);
}

bool flow_judge_again(struct flow *flow)
{
	const struct wish wish = wish_of(flow);
	enum net_protocol protocol;
	struct gateway_judged judged;

	if (flow->state == FLOW_ASKING)
		return hear_answer(flow);
	if (flow->state == FLOW_NEW || flow->state == FLOW_REFUSED || is_still_allowed(flow))
		return false;
	if (flow->state != FLOW_CONNECTED)
		stop_short(flow);
	tell_end(flow, -EACCES, true);
	if (flow->state == FLOW_CONNECTED && flow->owner)
		http_lose(flow);
	else if (flow->state == FLOW_CONNECTED)
		flow_reset(flow);
	else if (judge(flow->gateway, &wish, &protocol, &judged))
		fail(flow, -EACCES);
	else
		refuse(flow, &judged);
	return true;
}

void flow_want_name(struct flow *flow, struct str name, uint16_t port)
{
	assert(name.len < sizeof(flow->name));
	memcpy(flow->name, name.data, name.len);
	flow->name[name.len] = '\0';
	flow->port = port;
}

struct flow *flow_new(struct gateway *gateway, int fd, enum gateway_way way, const struct flow_speech *speech,
	void *owner)
{
	struct flow *flow;

	if (gateway->flow_count == GATEWAY_FLOWS_MAX) {
		flow_make_abrupt(fd);
		fd_close(fd);
		return NULL;
	}
	flow = calloc(1, sizeof(*flow));
	if (!flow)
		abort();
	*flow = (struct flow){
		.gateway = gateway, .speech = speech, .owner = owner, .way = way, .client_fd = fd,
		.upstream_fd = -1, .begun_ns = gateway->loop.now_ns,
	};
	list_append(&gateway->flows, &flow->node);
	gateway->flow_count++;
	return flow;
}
