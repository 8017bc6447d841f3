// SPDX-License-Identifier: Apache-2.0
/*
 * network.c - the sandbox's way out: the gateway, and what it reports
 *
 * The sandbox's sockets come from init and stay here. Nobody serves them until something in the sandbox uses
 * one; then cordon-gateway is started and gets them. If it ends by itself, the connections are gone with it,
 * and it is started again when it is needed, a few times; then the sockets are closed, and the sandbox is as
 * if it had no network.
 *
 * What it says is allowed is written down first, and only then told to go ahead.
 */
#include "roles/supervisor/supervisor.h"

#include "base/fd.h"
#include "base/quote.h"
#include "base/time.h"
#include "kern/file.h"
#include "kern/process.h"
#include "run/gateway.h"
#include "run/gateway_hint.h"
#include "run/gateway_wire.h"
#include "run/upstream.h"
#include "session/programs.h"

#include <errno.h>

enum {
	STARTS_MAX = 4,
	END_PATIENCE_MS = 5000,		/* with one that says nothing */
	END_MOST_MS = 20000,		/* with one that does */
};

void network_init(struct network *network)
{
	*network = (struct network){ .pidfd = -1 };
	for (size_t i = 0; i < ARRAY_SIZE(network->sockets); i++)
		network->sockets[i].fd = -1;
}

static void close_sockets(struct network *network)
{
	for (size_t i = 0; i < network->socket_count; i++) {
		loop_remove_io(&network->sockets[i].io);
		network->sockets[i].fd = fd_close(network->sockets[i].fd);
	}
	network->socket_count = 0;
	published_close(&network->published);
}

static void kill_gateway(struct network *network)
{
	if (network->pidfd >= 0) {
		(void)kern_pidfd_send_signal(network->pidfd, SIGKILL);
		(void)kern_wait_pidfd(network->pidfd);
	}
	network->pidfd = fd_close(network->pidfd);
}

void network_fini(struct network *network)
{
	loop_remove_timer(&network->patience);
	loop_remove_child(&network->child);
	network_rules_fini(&network->rules);
	channel_fini(&network->gateway);
	close_sockets(network);
	kill_gateway(network);
}

/* ---- what it reports ---- */

/*
 * A text of the gateway's: the path of a file in it may be any bytes, and what is too long was cut where it
 * happened to end. The ledger takes nothing but UTF-8.
 */
static void add_quoted(struct supervisor *s, struct json_object_builder *fields, const char *key,
	const char *text)
{
	json_object_add(fields, key, json_new_printf(&s->scratch, "%s", quote_cstr(text).text));
}

/* What waits for that goes on, or says no. */
static void tell_recorded(struct supervisor *s, const struct gateway_judged *judged)
{
	struct gateway_message answer = {
		.kind = GATEWAY_MESSAGE_RECORDED, .recorded = { .flow = judged->flow },
	};

	if (judged->flow)
		(void)gateway_message_send(&s->network.gateway, &answer, NULL, 0);
}

static void record_allowed(struct supervisor *s, const struct gateway_judged *judged)
{
	bool is_lookup = judged->way == GATEWAY_WAY_LOOKUP;
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	json_object_add_int(&fields, "flow", (int64_t)judged->flow);
	json_object_add(&fields, "target", json_new_bytes(&s->scratch, str_from(judged->target)));
	if (!is_lookup) {
		json_object_add_text(&fields, "way", gateway_way_name((enum gateway_way)judged->way));
		json_object_add_int(&fields, "port", judged->port);
	}
	add_quoted(s, &fields, "rule", judged->rule);
	if (judged->why[0] && !is_lookup)
		add_quoted(s, &fields, "through", judged->why);
	json_object_add(&fields, "source", json_new_bytes(&s->scratch, str_from(judged->source)));
	asker_add(s, &judged->client, &fields);
	if (supervisor_record(s, is_lookup ? LEDGER_LOOKUP_ALLOWED : LEDGER_CONNECTION_ALLOWED, &fields, 0) >=
			0)
		tell_recorded(s, judged);
}

static void record_reserved(struct supervisor *s, const struct gateway_judged *judged)
{
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	traffic_record_reserved(s, judged, &fields);
	if (supervisor_record(s, LEDGER_CONNECTIONS_RESERVED, &fields, 0) >= 0)
		tell_recorded(s, judged);
}

/* A name that is only looked up has no port, and so there is no entry for it. */
static void add_hint(struct supervisor *s, struct json_object_builder *fields,
	const struct gateway_judged *judged)
{
	char hint[HINT_SIZE] = "";

	if (judged->port)
		hint_of(s->session.id, judged, hint);
	if (hint[0])
		add_quoted(s, fields, "hint", hint);
}

static void record_denied(struct supervisor *s, const struct gateway_judged *judged)
{
	bool has_rule = judged->rule[0];
	struct json_object_builder fields;
	char decision[GATEWAY_DECISION_SIZE];

	gateway_decision(s->session.id, judged, decision);
	s->denied_count++;
	s->network.denied_count++;
	json_object_begin(&fields, &s->scratch);
	json_object_add_text(&fields, "decision", decision);
	json_object_add_text(&fields, "what", "network");
	add_quoted(s, &fields, "rule", has_rule ? judged->rule : "network/default-deny");
	json_object_add(&fields, "target", judged->port ?
		json_new_printf(&s->scratch, "%s:%u", quote_cstr(judged->target).text, judged->port) :
		json_new_bytes(&s->scratch, str_from(judged->target)));
	add_quoted(s, &fields, "message", judged->why);
	add_hint(s, &fields, judged);
	json_object_add_int(&fields, "count", (int64_t)judged->count);
	asker_add(s, &judged->client, &fields);
	if (supervisor_record(s, LEDGER_DENIED, &fields, 0) >= 0)
		tell_recorded(s, judged);
}

static void record_closed(struct supervisor *s, const struct gateway_closed *closed)
{
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	json_object_add_int(&fields, "flow", (int64_t)closed->flow);
	if (closed->address[0])
		add_quoted(s, &fields, "address", closed->address);
	json_object_add_bool(&fields, "connected", closed->is_connected);
	json_object_add_int(&fields, "sent_bytes", (int64_t)closed->sent_bytes);
	json_object_add_int(&fields, "received_bytes", (int64_t)closed->received_bytes);
	json_object_add_int(&fields, "duration_ns", (int64_t)closed->duration_ns);
	if (closed->is_encrypted)
		json_object_add_bool(&fields, "encrypted_hello", true);
	if (closed->error)
		json_object_add_text(&fields, "errno", error_name(closed->error));
	if (closed->is_by_rule)
		json_object_add_text(&fields, "why", "rule");
	(void)supervisor_record(s, LEDGER_CONNECTION_CLOSED, &fields, 0);
}

static void patience_is_over(struct loop_timer *timer)
{
	struct network *network = CONTAINER_OF(timer, struct network, patience);

	if (network->pidfd >= 0)
		(void)kern_pidfd_send_signal(network->pidfd, SIGKILL);
}

/* It may have much to tell at its end. */
static void be_patient(struct supervisor *s)
{
	struct network *network = &s->network;

	loop_set_timer(&s->loop, &network->patience,
		MIN(s->loop.now_ns + END_PATIENCE_MS * NS_PER_MS, network->end_ns), patience_is_over);
}

/* Asked before it is judged, where a rule is for some programs only. */
static void say_who(struct supervisor *s, const struct gateway_wondered *wondered)
{
	struct gateway_message answer = {
		.kind = GATEWAY_MESSAGE_WHOSE, .whose = { .number = wondered->number },
	};

	asker_who(s, &wondered->client, &answer.whose.who);
	(void)gateway_message_send(&s->network.gateway, &answer, NULL, 0);
}

static void heard(struct channel *channel, const struct channel_message *in, UNUSED int reason)
{
	struct supervisor *s = CONTAINER_OF(channel, struct supervisor, network.gateway);
	struct gateway_message message;
	int r = in ? gateway_message_read(in, &message) : -EPIPE;

	if (r >= 0 && (message.kind == GATEWAY_MESSAGE_CHANGED || message.kind == GATEWAY_MESSAGE_COUNTED))
		r = network_rules_heard(s, &message);
	if (r >= 0 && (message.kind == GATEWAY_MESSAGE_ASKED || message.kind == GATEWAY_MESSAGE_ANSWERED))
		r = network_asks_heard(s, &message);
	/* What becomes of it is said by its end, which is near when it closes what it was told to. */
	if (r < 0) {
		channel_fini(channel);
		if (s->network.pidfd >= 0 && (in || !s->network.is_ending))
			(void)kern_pidfd_send_signal(s->network.pidfd, SIGKILL);
		return;
	}
	if (s->network.is_ending && s->network.pidfd >= 0)
		be_patient(s);
	else if (message.kind == GATEWAY_MESSAGE_JUDGED)
		network_rules_used(s);
	if (message.kind == GATEWAY_MESSAGE_CLOSINGS)
		traffic_record_closings(s, &message.closings);
	else if (message.kind == GATEWAY_MESSAGE_SUMMARY)
		traffic_record_summary(s, &message.summary);
	else if (message.kind == GATEWAY_MESSAGE_JUDGED && message.judged.reserved)
		record_reserved(s, &message.judged);
	else if (message.kind == GATEWAY_MESSAGE_JUDGED && message.judged.is_allowed)
		record_allowed(s, &message.judged);
	else if (message.kind == GATEWAY_MESSAGE_JUDGED)
		record_denied(s, &message.judged);
	else if (message.kind == GATEWAY_MESSAGE_CLOSED)
		record_closed(s, &message.closed);
	else if (message.kind == GATEWAY_MESSAGE_WHO)
		say_who(s, &message.wondered);
	else if (message.kind == GATEWAY_MESSAGE_WANT_INSIDE)
		published_ask(s);
	else if (message.kind == GATEWAY_MESSAGE_ENTERED)
		published_record(s, &message.entered);
}

/* ---- its life ---- */

static int watch_sockets(struct supervisor *s);

static void record_lost(struct supervisor *s, int exit_code, bool again)
{
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	json_object_add_int(&fields, "code", MAX(exit_code, 0));
	json_object_add_bool(&fields, "again", again);
	(void)supervisor_record(s, LEDGER_GATEWAY_LOST, &fields, 0);
}

static void ended(struct loop_child *child, int exit_code)
{
	struct supervisor *s = CONTAINER_OF(child, struct supervisor, network.child);
	struct network *network = &s->network;
	bool again = !network->is_ending && network->start_count < STARTS_MAX;

	network->pidfd = fd_close(network->pidfd);
	channel_hear_rest(&network->gateway);
	channel_fini(&network->gateway);
	loop_remove_timer(&network->patience);
	network_asks_lost(s);
	network_rules_lost(s);
	/* Whatever it had not said yet is missing: the ledger says so, whenever that happens. */
	if (exit_code || !network->is_ending)
		record_lost(s, exit_code, again);
	if (network->is_ending) {
		supervisor_check_end(s);
		return;
	}
	if (!again || watch_sockets(s) < 0)
		close_sockets(network);
	client_notice(s, "the gateway ended unexpectedly (code %d); %s", exit_code,
		again ? "it is started again when it is needed" :
			"there is no way out of the sandbox any more");
}

static int hand_over(struct supervisor *s, int settings_fd)
{
	struct network *network = &s->network;
	struct gateway_message begin = { .kind = GATEWAY_MESSAGE_BEGIN },
			       sockets = { .kind = GATEWAY_MESSAGE_SOCKETS };
	int fds[JAIL_SOCKETS_MAX], r;

	for (size_t i = 0; i < network->socket_count; i++)
		fds[i] = network->sockets[i].fd;
	r = gateway_message_send(&network->gateway, &begin, &settings_fd, 1);
	if (r >= 0)
		r = published_hand_over(s);
	return r < 0 ? r : gateway_message_send(&network->gateway, &sockets, fds, network->socket_count);
}

static int spawn(struct supervisor *s, int socket_fd, struct error *err)
{
	static char name[] = "cordon-gateway";
	static char *argv[] = { name, NULL }, *envp[] = { NULL };
	scoped(fd) int program_fd = programs_open(name, err);
	const int fds[GATEWAY_FD_COUNT] = { -1, -1, -1, socket_fd };
	const struct kern_spawn spawn = {
		.program_fd = program_fd, .argv = argv, .envp = envp, .fds = fds,
		.fd_count = GATEWAY_FD_COUNT, .new_session = true, .dies_with_parent = true, .in_root = true,
	};
	pid_t pid;

	return program_fd < 0 ? program_fd : kern_spawn(&spawn, &pid, &s->network.pidfd, err);
}

static int record_started(struct supervisor *s, const struct gateway_settings *settings)
{
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	json_object_add_int(&fields, "rules", (int64_t)settings->rule_count);
	json_object_add(&fields, "servers",
		json_new_words(&s->scratch, settings->servers, settings->server_count));
	if (settings->proxy.host)
		json_object_add(&fields, "proxy",
			json_new_printf(&s->scratch, "%s:%u", settings->proxy.host, settings->proxy.port));
	return supervisor_record(s, LEDGER_GATEWAY_STARTED, &fields, 0);
}

static int start(struct supervisor *s, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(RUN_GATEWAY_ARENA_BYTES);
	struct network *network = &s->network;
	struct gateway_settings settings;
	int pair[2], settings_fd,
		r = run_gateway_settings(&arena, s->request.config, s->session.id, &settings, err);

	if (r >= 0)
		r = run_upstream(&arena, s->request.config, s->environment, &settings, err);
	if (r >= 0)
		r = network_rules_fill(s, &arena, &settings, err);
	if (r < 0)
		return r;
	settings_fd = run_gateway_settings_fd(&arena, &settings, err);
	if (settings_fd < 0)
		return settings_fd;
	r = record_started(s, &settings);
	if (r >= 0)
		r = kern_sock_pair(pair);
	if (r < 0) {
		fd_close(settings_fd);
		return error_sys(err, r, "starting the gateway");
	}
	r = channel_init(&network->gateway, &s->loop, pair[0], heard);
	if (r >= 0)
		r = spawn(s, pair[1], err);
	fd_close(pair[1]);
	if (r >= 0) {
		r = loop_add_child(&s->loop, &network->child, network->pidfd, ended);
		/* The session's end would wait for one of which nobody would hear. */
		if (r < 0)
			kill_gateway(network);
	}
	if (r >= 0)
		r = hand_over(s, settings_fd);
	fd_close(settings_fd);
	return r < 0 && err && !err->code ? error_sys(err, r, "starting the gateway") : r;
}

/* Something in the sandbox wants something: the kernel keeps it waiting until the gateway takes it. */
void network_want(struct supervisor *s)
{
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < s->network.socket_count; i++)
		loop_remove_io(&s->network.sockets[i].io);
	published_unwatch(&s->network.published);
	s->network.start_count++;
	if (start(s, &err) >= 0)
		return;
	close_sockets(&s->network);
	supervisor_fail(s, 125, &err);
}

static void wanted(struct loop_io *io, UNUSED uint32_t events)
{
	network_want(CONTAINER_OF(io, struct network_socket, io)->supervisor);
}

static int watch_sockets(struct supervisor *s)
{
	struct network *network = &s->network;
	int r = 0;

	for (size_t i = 0; i < network->socket_count && r >= 0; i++)
		r = loop_add_io(&s->loop, &network->sockets[i].io, network->sockets[i].fd, EPOLLIN, wanted);
	return r < 0 ? r : published_watch(s);
}

int network_take(struct supervisor *s, int *fds, size_t count)
{
	struct network *network = &s->network;

	if (network->socket_count || count > JAIL_SOCKETS_MAX || count % JAIL_SOCKET_COUNT)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++)
		network->sockets[i] = (struct network_socket){ .supervisor = s, .fd = TAKE_FD(fds[i]) };
	network->socket_count = count;
	return watch_sockets(s);
}

bool network_end(struct supervisor *s)
{
	struct network *network = &s->network;
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_END };

	close_sockets(network);
	s->session.port_count = 0;
	if (network->pidfd < 0)
		return true;
	if (network->is_ending)
		return false;
	network->is_ending = true;
	network->end_ns = s->loop.now_ns + END_MOST_MS * NS_PER_MS;
	(void)gateway_message_send(&network->gateway, &message, NULL, 0);
	be_patient(s);
	return false;
}
