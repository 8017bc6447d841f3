// SPDX-License-Identifier: Apache-2.0
/*
 * dns_server.c - the sandbox's DNS: what is said to whom
 */
#include "roles/gateway/dns_server.h"

#include "base/fd.h"
#include "roles/gateway/dns_internal.h"

#include <errno.h>
#include <stdlib.h>

/* Types of questions that are no type of a record (RFC 6895, 3.1): transfers, mailboxes, all. */
static bool is_meta(uint16_t type)
{
	return !type || type == DNS_OPT || (type >= 128 && type <= 255);
}

/* ---- answers ---- */

/* Synthetic, of the family that was asked for; the name is bound by it. */
static enum dns_rcode bind_name(struct dns_server *server, const struct dns_query *query,
	struct net_address *ret, struct dns_answer *answer)
{
	const struct str name = { query->name, query->name_len };
	struct net_address v4, v6;

	if (synthetic_bind(server->synthetic, name, &v4, &v6) < 0) {
		answer->error = DNS_ERROR_NOT_READY;
		answer->error_text = STR("this session has looked up as many names as it may");
		return DNS_SERVFAIL;
	}
	*ret = query->type == DNS_A ? v4 : v6;
	answer->addresses = ret;
	answer->address_count = 1;
	return DNS_NOERROR;
}

/* Of addresses that came, one that may be dialled is enough; which one is for who connects to choose. */
static void answer_addresses(struct dns_server *server, const struct dns_query *query,
	const struct resolved *resolved, struct net_address *address, char text[DNS_SERVER_TEXT_SIZE],
	struct dns_answer *answer)
{
	struct net_vet_rules rules = { 0 };
	UNINITIALIZED struct net_vetted vetted;

	server->ops->vet_rules(server, (struct str){ query->name, query->name_len }, &rules);
	net_vet(&rules, resolved->addresses, resolved->address_count, &vetted);
	answer->ttl_s = MIN(answer->ttl_s, (uint32_t)DNS_SERVER_TTL_S);
	if (vetted.count) {
		answer->rcode = bind_name(server, query, address, answer);
		return;
	}
	answer->rcode = DNS_REFUSED;
	answer->error = DNS_ERROR_FILTERED;
	net_vet_explain(&vetted.fallen[0], text, DNS_SERVER_TEXT_SIZE);
	answer->error_text = str_from(text);
}

static size_t say(struct dns_server *server, const struct dns_query *query, const struct dns_answer *answer,
	uint8_t *ret, size_t size)
{
	server->answered_count++;
	return dns_answer_write(query, answer, ret, size);
}

static size_t say_code(struct dns_server *server, const struct dns_query *query, enum dns_rcode rcode,
	enum dns_error error, struct str text, uint8_t *ret, size_t size)
{
	struct dns_answer answer = { .rcode = rcode, .ttl_s = DNS_SERVER_DENIED_S, .error = error,
		.error_text = text };

	return say(server, query, &answer, ret, size);
}

static size_t say_resolved(struct dns_server *server, const struct dns_query *query,
	const struct resolved *resolved, uint8_t *ret, size_t size)
{
	struct dns_answer answer = { .rcode = resolved->rcode, .ttl_s = resolved->ttl_s,
		.error = resolved->error, .records = resolved->records };
	struct net_address address;
	UNINITIALIZED char text[DNS_SERVER_TEXT_SIZE];

	if (resolved->rcode == DNS_SERVFAIL)
		answer.error_text = STR("no server of the host's answered this question");
	if (resolved->records && !server->ops->pays(server, (struct str){ query->name, query->name_len },
			query->type, resolved->records->data_len))
		return say_code(server, query, DNS_REFUSED, DNS_ERROR_FILTERED,
			STR("this session was told as many records of one wildcard's names as it may be"),
			ret, size);
	if (resolved->address_count)
		answer_addresses(server, query, resolved, &address, text, &answer);
	return say(server, query, &answer, ret, size);
}

/* Nobody looks it up here: whoever connects says the name, and it is found out then whether there is one. */
static size_t say_passed_on(struct dns_server *server, const struct dns_query *query, uint8_t *ret,
	size_t size)
{
	struct dns_answer answer = { .ttl_s = DNS_SERVER_TTL_S };
	struct net_address address;

	if (query->type == DNS_A || query->type == DNS_AAAA)
		answer.rcode = bind_name(server, query, &address, &answer);
	return say(server, query, &answer, ret, size);
}

static bool is_passed_on(struct dns_server *server, const struct dns_query *query)
{
	return server->ops->passes_on && server->ops->passes_on(server, query->name);
}

/* "localhost" and what is below it are this machine, by definition, and nobody is asked (RFC 6761, 6.3). */
static bool is_localhost(struct str name)
{
	return str_eq(name, STR("localhost")) || str_ends_with(name, STR(".localhost"));
}

static size_t say_localhost(struct dns_server *server, const struct dns_query *query, uint8_t *ret,
	size_t size)
{
	static const struct net_address v4 = { { 127, 0, 0, 1 }, NET_V4_BYTES };
	static const struct net_address v6 = { { [NET_V6_BYTES - 1] = 1 }, NET_V6_BYTES };
	struct dns_answer answer = { .ttl_s = DNS_SERVER_TTL_S, .addresses = query->type == DNS_A ? &v4 : &v6,
		.address_count = query->type == DNS_A || query->type == DNS_AAAA };

	return say(server, query, &answer, ret, size);
}

/* ---- waiting ---- */

static struct dns_waiting *wait_for_it(struct dns_server *server, const struct dns_query *query,
	const struct dns_sender *sender)
{
	struct dns_waiting *waiting;

	if (server->waiting_count == DNS_SERVER_WAITING_MAX)
		return NULL;
	waiting = calloc(1, sizeof(*waiting));
	if (!waiting)
		abort();
	*waiting = (struct dns_waiting){ .server = server, .sender = *sender, .query = *query,
		.number = ++server->last_number };
	assert(query->question.len <= sizeof(waiting->question));
	memcpy(waiting->question, query->question.data, query->question.len);
	waiting->query.question.data = waiting->question;
	list_append(&server->waiting, &waiting->node);
	server->waiting_count++;
	return waiting;
}

void dns_waiting_free(struct dns_waiting *waiting)
{
	resolver_forget(&waiting->lookup);
	list_remove(&waiting->node);
	waiting->server->waiting_count--;
	free(waiting);
}

static void send_answer(struct dns_waiting *waiting, const uint8_t *message, size_t len)
{
	struct dns_sender sender = waiting->sender;

	dns_waiting_free(waiting);
	if (sender.client)
		dns_tcp_send(sender.client, message, len);
	else
		dns_udp_send(&sender, message, len);
}

static size_t room_for(const struct dns_query *query, const struct dns_sender *sender, size_t size)
{
	return sender->client ? size : MIN(size, (size_t)query->room_bytes);
}

static void resolved_now(struct resolver_lookup *lookup, const struct resolved *resolved)
{
	struct dns_waiting *waiting = CONTAINER_OF(lookup, struct dns_waiting, lookup);
	uint8_t room[DNS_UDP_MAX_BYTES + DNS_RECORD_DATA_BYTES];
	size_t len = say_resolved(waiting->server, &waiting->query, resolved, room,
		room_for(&waiting->query, &waiting->sender, sizeof(room)));

	send_answer(waiting, room, len);
}

static void fail_waiting(struct dns_waiting *waiting, struct str text)
{
	uint8_t room[DNS_UDP_MIN_BYTES];
	size_t len = say_code(waiting->server, &waiting->query, DNS_SERVFAIL, DNS_ERROR_NOT_READY, text, room,
		sizeof(room));

	send_answer(waiting, room, len);
}

/* Types that are no address are told only where the rules say so; the name itself exists all the same. */
static bool is_told(struct dns_server *server, const struct dns_query *query)
{
	return query->type == DNS_A || query->type == DNS_AAAA ||
		server->ops->tells(server, (struct str){ query->name, query->name_len }, query->type);
}

static struct str cannot_ask(int r)
{
	return r == -ENOSPC ? STR("this session has looked up as many names as it may") :
		r == -EAGAIN ? STR("more names were looked up than may be in a minute") :
			STR("too many names are being looked up");
}

static void pass_on(struct dns_waiting *waiting)
{
	uint8_t room[DNS_UDP_MIN_BYTES];

	send_answer(waiting, room, say_passed_on(waiting->server, &waiting->query, room, sizeof(room)));
}

static void look_up(struct dns_waiting *waiting)
{
	struct dns_query *query = &waiting->query;
	struct str name = { query->name, query->name_len };
	struct resolver *resolver = waiting->server->resolver;
	struct resolved resolved = { .ttl_s = DNS_SERVER_DENIED_S };
	int r;

	if (is_passed_on(waiting->server, query))
		pass_on(waiting);
	else if (!is_told(waiting->server, query) || resolver_known(resolver, name, query->type, &resolved))
		resolved_now(&waiting->lookup, &resolved);
	else if ((r = resolver_ask(resolver, &waiting->lookup, name, query->type, resolved_now)) < 0)
		fail_waiting(waiting, cannot_ask(r));
}

void dns_server_go_on(struct dns_server *server, uint64_t number, bool is_allowed)
{
	LIST_FOR_EACH(waiting, &server->waiting, struct dns_waiting, node) {
		if (waiting->number != number || list_is_linked(&waiting->lookup.node))
			continue;
		if (is_allowed)
			look_up(waiting);
		else
			fail_waiting(waiting, STR("the lookup could not be written down"));
		return;
	}
}

/* ---- judging ---- */

static size_t answer_allowed(struct dns_server *server, const struct dns_query *query,
	const struct dns_sender *sender, uint8_t *ret, size_t size)
{
	const struct str name = { query->name, query->name_len };
	struct resolved resolved;
	struct dns_waiting *waiting;
	int r = -EBUSY;

	if (is_passed_on(server, query))
		return say_passed_on(server, query, ret, size);
	if (resolver_known(server->resolver, name, query->type, &resolved))
		return say_resolved(server, query, &resolved, ret, size);
	waiting = wait_for_it(server, query, sender);
	if (waiting)
		r = resolver_ask(server->resolver, &waiting->lookup, name, query->type, resolved_now);
	if (r >= 0)
		return 0;
	if (waiting)
		dns_waiting_free(waiting);
	return say_code(server, query, DNS_SERVFAIL, DNS_ERROR_NOT_READY, cannot_ask(r), ret, size);
}

/* Nothing is known of the name, and nothing is found out. */
static size_t say_unseen(struct dns_server *server, const struct dns_query *query, uint8_t *ret, size_t size)
{
	struct dns_answer answer = { .rcode = DNS_NOERROR, .ttl_s = DNS_SERVER_DENIED_S };
	struct net_address address;

	if (query->type == DNS_A || query->type == DNS_AAAA)
		answer.rcode = bind_name(server, query, &address, &answer);
	return say(server, query, &answer, ret, size);
}

static size_t judge(struct dns_server *server, const struct dns_query *query, const struct dns_sender *sender,
	uint8_t *ret, size_t size)
{
	char why[DNS_SERVER_TEXT_SIZE] = "";

	switch (server->ops->judge(server, query, &sender->pair, server->last_number + 1, why)) {
	case DNS_PERMISSION_YES:
		if (is_told(server, query))
			return answer_allowed(server, query, sender, ret, size);
		return say_code(server, query, DNS_NOERROR, DNS_ERROR_NONE, STR(""), ret, size);
	case DNS_PERMISSION_UNSEEN:
		return say_unseen(server, query, ret, size);
	case DNS_PERMISSION_LATER:
		if (wait_for_it(server, query, sender))
			return 0;
		return say_code(server, query, DNS_SERVFAIL, DNS_ERROR_NOT_READY,
			STR("too many lookups are waiting to be written down"), ret, size);
	case DNS_PERMISSION_NO:
	default:
		return say_code(server, query, server->says_refused ? DNS_REFUSED : DNS_NXDOMAIN,
			DNS_ERROR_BLOCKED, str_from(why), ret, size);
	}
}

static size_t answer_query(struct dns_server *server, const struct dns_query *query,
	const struct dns_sender *sender, uint8_t *ret, size_t size)
{
	if (query->class != DNS_CLASS_IN || is_meta(query->type))
		return say_code(server, query, DNS_REFUSED, DNS_ERROR_NOT_SUPPORTED,
			STR("only records of names are looked up here, one type at a time"), ret, size);
	if (is_localhost((struct str){ query->name, query->name_len }))
		return say_localhost(server, query, ret, size);
	return judge(server, query, sender, ret, size);
}

size_t dns_server_answer(struct dns_server *server, struct str message, const struct dns_sender *sender,
	uint8_t *ret, size_t size)
{
	struct dns_query query;
	enum dns_query_kind kind = dns_query_read(message, &query);

	server->asked_count++;
	size = room_for(&query, sender, size);
	switch (kind) {
	case DNS_QUERY_OK:
		return answer_query(server, &query, sender, ret, size);
	case DNS_QUERY_NO_HOST:
		return say_code(server, &query, DNS_REFUSED, DNS_ERROR_NOT_SUPPORTED,
			STR("this is no name of a host"), ret, size);
	case DNS_QUERY_BAD_VERSION:
		return say_code(server, &query, DNS_BADVERS, DNS_ERROR_NONE, STR(""), ret, size);
	case DNS_QUERY_NOT_IMPLEMENTED:
		return say_code(server, &query, DNS_NOTIMP, DNS_ERROR_NONE, STR(""), ret, size);
	case DNS_QUERY_MALFORMED:
		return say_code(server, &query, DNS_FORMERR, DNS_ERROR_NONE, STR(""), ret, size);
	case DNS_QUERY_DROP:
	default:
		server->dropped_count++;
		return 0;
	}
}

/* ---- sockets ---- */

int dns_server_add_socket(struct dns_server *server, int fd, bool is_tcp)
{
	struct dns_socket *socket = &server->sockets[server->socket_count];
	int r;

	if (server->socket_count == DNS_SERVER_SOCKETS_MAX) {
		fd_close(fd);
		return -ENOSPC;
	}
	*socket = (struct dns_socket){ .server = server, .fd = fd };
	server->socket_count++;
	(void)sockaddr_here(fd, &socket->here);
	r = loop_add_io(server->loop, &socket->io, fd, EPOLLIN, is_tcp ? dns_tcp_ready : dns_udp_ready);
	return MIN(r, 0);
}

void dns_server_init(struct dns_server *server, struct loop *loop, struct resolver *resolver,
	struct synthetic *synthetic, const struct dns_server_ops *ops)
{
	*server =
		(struct dns_server){ .loop = loop, .resolver = resolver, .synthetic = synthetic, .ops = ops };
	list_init(&server->waiting);
	list_init(&server->clients);
}

void dns_server_fini(struct dns_server *server)
{
	if (!server->loop)
		return;
	LIST_FOR_EACH(waiting, &server->waiting, struct dns_waiting, node)
		dns_waiting_free(waiting);
	dns_tcp_fini(server);
	for (size_t i = 0; i < server->socket_count; i++) {
		loop_remove_io(&server->sockets[i].io);
		server->sockets[i].fd = fd_close(server->sockets[i].fd);
	}
	server->loop = NULL;
}
