// SPDX-License-Identifier: Apache-2.0
/*
 * resolver.c - names looked up at the servers that the host asks
 */
#include "roles/gateway/resolver.h"

#include "base/fd.h"
#include "base/map.h"
#include "base/time.h"
#include "kern/clock.h"
#include "net/name.h"
#include "net/suffix.h"
#include "roles/gateway/sockaddr.h"

#include <errno.h>
#include <stdlib.h>

enum {
	TCP_LENGTH_BYTES = 2,
	REPLY_BYTES = TCP_LENGTH_BYTES + DNS_MESSAGE_MAX_BYTES,
	FOREIGN_MAX = 64,		/* packets that are not heard, before a try is given up */
};

/* A question under way. Its list of lookups may be empty: the answer is kept all the same. */
struct question {
	struct resolver *resolver;
	struct list node, lookups;
	char name[NET_NAME_MAX + 1];
	struct dns_ask ask;
	unsigned tries, foreign_count;
	enum dns_error error;
	bool is_tcp;
	int fd;				/* owned; -1: none */
	struct loop_io io;
	struct loop_timer timer;
	size_t sent, got;		/* bytes, by TCP */
	uint8_t *in;			/* owned: REPLY_BYTES, by TCP */
	uint8_t out[TCP_LENGTH_BYTES + DNS_ASK_BYTES];
	size_t out_len;			/* of the message, behind its length */
};

/* An answer that is kept. */
struct answer {
	struct list by_use, by_name;
	uint64_t until_ns;
	struct dns_records *records;	/* owned; NULL: none */
	enum dns_rcode rcode;
	uint16_t type;
	uint8_t name_len, address_count;
	char name[NET_NAME_MAX];
	struct net_address addresses[];
};

static void begin_try(struct question *question);

/* ---- what is known ---- */

static struct list *slot_of(struct resolver *resolver, struct str name, uint16_t type)
{
	return &resolver->slots[(siphash24(resolver->seed, name.data, name.len) + type) % RESOLVER_SLOTS];
}

static void drop_answer(struct resolver *resolver, struct answer *answer)
{
	list_remove(&answer->by_use);
	list_remove(&answer->by_name);
	free(answer->records);
	free(answer);
	resolver->answer_count--;
}

static struct answer *find_answer(struct resolver *resolver, struct str name, uint16_t type)
{
	LIST_FOR_EACH(answer, slot_of(resolver, name, type), struct answer, by_name)
		if (answer->type == type && str_eq((struct str){ answer->name, answer->name_len }, name))
			return answer;
	return NULL;
}

static uint32_t bound_ttl(const struct resolved *resolved)
{
	bool is_negative = !resolved->address_count && !resolved->records;
	uint32_t most_s = is_negative ? RESOLVER_NEGATIVE_MAX_S : RESOLVER_TTL_MAX_S;
	uint32_t ttl_s = MIN(resolved->ttl_s, most_s);

	return MAX(ttl_s, (uint32_t)RESOLVER_TTL_MIN_S);
}

static void keep(struct resolver *resolver, struct str name, uint16_t type, const struct resolved *resolved)
{
	struct answer *answer = find_answer(resolver, name, type);

	if (answer)
		drop_answer(resolver, answer);
	if (resolver->answer_count == RESOLVER_ANSWERS_MAX)
		drop_answer(resolver, CONTAINER_OF(resolver->answers.next, struct answer, by_use));
	answer = calloc(1, sizeof(*answer) + resolved->address_count * sizeof(struct net_address));
	if (!answer)
		abort();
	answer->until_ns = resolver->loop->now_ns + resolved->ttl_s * NS_PER_SEC;
	answer->rcode = resolved->rcode;
	answer->type = type;
	answer->name_len = (uint8_t)name.len;
	memcpy(answer->name, name.data, name.len);
	answer->address_count = (uint8_t)resolved->address_count;
	for (size_t i = 0; i < resolved->address_count; i++)
		answer->addresses[i] = resolved->addresses[i];
	if (resolved->records) {
		answer->records = malloc(sizeof(*answer->records));
		if (!answer->records)
			abort();
		*answer->records = *resolved->records;
	}
	list_append(&resolver->answers, &answer->by_use);
	list_append(slot_of(resolver, name, type), &answer->by_name);
	resolver->answer_count++;
}

/* The host's own table: a name that stands in it has what stands there, and nothing else. */
static bool look_into_hosts(struct resolver *resolver, struct str name, uint16_t type)
{
	struct net_address addresses[DNS_ADDRESSES_MAX];
	struct resolved resolved = { .ttl_s = RESOLVER_TTL_MAX_S, .addresses = addresses };
	bool is_known = false;

	for (size_t i = 0; i < resolver->host_count; i++) {
		const struct resolver_host *host = &resolver->hosts[i];

		if (!str_eq(host->name, name))
			continue;
		is_known = true;
		if (type == (host->address.len == NET_V4_BYTES ? DNS_A : DNS_AAAA) &&
				resolved.address_count < DNS_ADDRESSES_MAX)
			addresses[resolved.address_count++] = host->address;
	}
	if (is_known)
		keep(resolver, name, type, &resolved);
	return is_known;
}

static void describe(const struct resolver *resolver, const struct answer *answer, struct resolved *ret)
{
	*ret = (struct resolved){
		.rcode = answer->rcode, .address_count = answer->address_count,
		.addresses = answer->addresses,
		.records = answer->records,
		.ttl_s = (uint32_t)((answer->until_ns - resolver->loop->now_ns + NS_PER_SEC - 1) /
			NS_PER_SEC),
	};
}

bool resolver_known(struct resolver *resolver, struct str name, uint16_t type, struct resolved *ret)
{
	struct answer *answer = find_answer(resolver, name, type);

	if (answer && answer->until_ns <= resolver->loop->now_ns) {
		drop_answer(resolver, answer);
		answer = NULL;
	}
	if (!answer && look_into_hosts(resolver, name, type))
		answer = find_answer(resolver, name, type);
	if (!answer)
		return false;
	list_remove(&answer->by_use);
	list_append(&resolver->answers, &answer->by_use);
	resolver->hit_count++;
	describe(resolver, answer, ret);
	return true;
}

/* ---- the end of a question ---- */

static void close_try(struct question *question)
{
	loop_remove_io(&question->io);
	loop_remove_timer(&question->timer);
	question->fd = fd_close(question->fd);
	question->sent = question->got = 0;
}

static void question_free(struct question *question)
{
	close_try(question);
	LIST_FOR_EACH(lookup, &question->lookups, struct resolver_lookup, node)
		list_remove(&lookup->node);
	list_remove(&question->node);
	question->resolver->question_count--;
	free(question->in);
	free(question);
}

static void answer_lookups(struct question *question, const struct resolved *resolved)
{
	struct list waiting;

	/* Whoever asks the same from inside of a handler asks anew: this question is over. */
	list_init(&waiting);
	list_remove(&question->node);
	close_try(question);
	while (!list_is_empty(&question->lookups)) {
		struct list *node = question->lookups.next;

		list_remove(node);
		list_append(&waiting, node);
	}
	/* A handler may forget any of the others. */
	while (!list_is_empty(&waiting)) {
		struct resolver_lookup *lookup = CONTAINER_OF(waiting.next, struct resolver_lookup, node);

		list_remove(&lookup->node);
		lookup->fn(lookup, resolved);
	}
	question_free(question);
}

static void give_up(struct question *question)
{
	struct resolved resolved = { .rcode = DNS_SERVFAIL, .error = question->error };

	answer_lookups(question, &resolved);
}

static void next_try(struct question *question, enum dns_error error)
{
	close_try(question);
	question->error = error;
	question->is_tcp = false;
	question->tries++;
	begin_try(question);
}

static void finish(struct question *question, const struct dns_reply *reply)
{
	struct resolved resolved = {
		.rcode = (enum dns_rcode)reply->rcode, .ttl_s = reply->ttl_s, .addresses = reply->addresses,
		.address_count = reply->address_count,
		.records = reply->records.count ? &reply->records : NULL,
	};

	/* Whatever else a server says of itself, another one may know. */
	if (reply->rcode != DNS_NOERROR && reply->rcode != DNS_NXDOMAIN) {
		next_try(question, DNS_ERROR_NO_AUTHORITY);
		return;
	}
	resolved.ttl_s = bound_ttl(&resolved);
	keep(question->resolver, question->ask.name, question->ask.type, &resolved);
	answer_lookups(question, &resolved);
}

static void begin_tcp(struct question *question)
{
	close_try(question);
	question->is_tcp = true;
	begin_try(question);
}

/* Return: whether the question goes on as it is, and waits. */
static bool take_reply(struct question *question, struct str message)
{
	struct dns_reply reply UNINITIALIZED;

	switch (dns_reply_read(&question->ask, message, &reply)) {
	case DNS_REPLY_FOREIGN:
		if (!question->is_tcp && ++question->foreign_count < FOREIGN_MAX)
			return true;
		next_try(question, DNS_ERROR_INVALID_DATA);
		return false;
	case DNS_REPLY_OTHER_CASE:
	case DNS_REPLY_TRUNCATED:
		if (question->is_tcp)
			next_try(question, DNS_ERROR_INVALID_DATA);
		else
			begin_tcp(question);
		return false;
	case DNS_REPLY_OK:
		finish(question, &reply);
		return false;
	case DNS_REPLY_BROKEN:
	default:
		next_try(question, DNS_ERROR_INVALID_DATA);
		return false;
	}
}

/* ---- UDP ---- */

static void udp_ready(struct loop_io *io, UNUSED uint32_t events)
{
	struct question *question = CONTAINER_OF(io, struct question, io);
	char bytes[DNS_UDP_MAX_BYTES];
	bool goes_on = true;

	while (goes_on) {
		ssize_t n = kern_read(question->fd, bytes, sizeof(bytes));

		if (n == -EAGAIN)
			return;
		if (n < 0) {
			next_try(question, DNS_ERROR_NETWORK);
			return;
		}
		goes_on = take_reply(question, (struct str){ bytes, (size_t)n });
	}
}

/* ---- TCP: each message with its length before it ---- */

static int tcp_send(struct question *question)
{
	size_t len = TCP_LENGTH_BYTES + question->out_len;

	while (question->sent < len) {
		ssize_t n = kern_write(question->fd, question->out + question->sent, len - question->sent);

		if (n < 0)
			return (int)n;
		question->sent += (size_t)n;
	}
	return loop_set_io(&question->io, EPOLLIN);
}

/* Return: 1 a whole message is there, 0 not yet, or negative errno */
static int tcp_receive(struct question *question)
{
	size_t wanted = TCP_LENGTH_BYTES;

	for (;;) {
		ssize_t n;

		if (question->got >= TCP_LENGTH_BYTES)
			wanted = TCP_LENGTH_BYTES + ((size_t)question->in[0] << 8 | question->in[1]);
		if (question->got == wanted && wanted > TCP_LENGTH_BYTES)
			return 1;
		if (question->got == wanted)
			return -EBADMSG;
		n = kern_read(question->fd, question->in + question->got, wanted - question->got);
		if (n <= 0)
			return n == -EAGAIN ? 0 : n < 0 ? (int)n : -ECONNRESET;
		question->got += (size_t)n;
	}
}

static void tcp_ready(struct loop_io *io, uint32_t events)
{
	struct question *question = CONTAINER_OF(io, struct question, io);
	int r = 0;

	if (question->sent < TCP_LENGTH_BYTES + question->out_len) {
		r = events & (EPOLLERR | EPOLLHUP) ? -ECONNREFUSED : tcp_send(question);
		r = r == -EAGAIN ? 0 : r;
	} else if ((r = tcp_receive(question)) > 0) {
		(void)take_reply(question, (struct str){ (char *)question->in + TCP_LENGTH_BYTES,
			question->got - TCP_LENGTH_BYTES });
		return;
	}
	if (r < 0)
		next_try(question, DNS_ERROR_NETWORK);
}

/* ---- one try ---- */

static void time_is_over(struct loop_timer *timer)
{
	next_try(CONTAINER_OF(timer, struct question, timer), DNS_ERROR_NO_AUTHORITY);
}

static int open_try(struct question *question, const struct resolver_server *server)
{
	struct loop *loop = question->resolver->loop;
	union sockaddr_any address;
	socklen_t len = sockaddr_fill(&address, &server->address, server->port);
	int r;

	question->fd = kern_socket(address.any.sa_family,
		(question->is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (question->fd < 0)
		return question->fd;
	r = kern_connect(question->fd, &address.any, len);
	if (r < 0 && !(question->is_tcp && r == -EINPROGRESS))
		return r;
	if (question->is_tcp)
		return loop_add_io(loop, &question->io, question->fd, EPOLLOUT, tcp_ready);
	r = loop_add_io(loop, &question->io, question->fd, EPOLLIN, udp_ready);
	if (r < 0)
		return r;
	r = (int)kern_write(question->fd, question->out + TCP_LENGTH_BYTES, question->out_len);
	return r < 0 ? r : 0;
}

/* A new id and new capitals: a reply to an older try is not heard. */
static int make_message(struct question *question)
{
	size_t len;

	kern_random(&question->ask.id, sizeof(question->ask.id));
	kern_random(question->ask.case_bits, sizeof(question->ask.case_bits));
	len = dns_ask_write(&question->ask, question->out + TCP_LENGTH_BYTES);
	question->out[0] = (uint8_t)(len >> 8);
	question->out[1] = (uint8_t)len;
	question->out_len = len;
	if (question->is_tcp && !question->in) {
		question->in = malloc(REPLY_BYTES);
		if (!question->in)
			abort();
	}
	return len ? 0 : -EINVAL;
}

static void begin_try(struct question *question)
{
	struct resolver *resolver = question->resolver;
	int r = -ENETUNREACH;

	for (; resolver->server_count && question->tries < RESOLVER_TRIES; question->tries++) {
		question->foreign_count = 0;
		r = make_message(question);
		if (r >= 0)
			r = open_try(question, &resolver->servers[question->tries % resolver->server_count]);
		if (r >= 0)
			break;
		close_try(question);
		question->error = DNS_ERROR_NETWORK;
		question->is_tcp = false;
	}
	if (r < 0) {
		give_up(question);
		return;
	}
	resolver->sent_count++;
	loop_set_timer(resolver->loop, &question->timer,
		resolver->loop->now_ns + (question->is_tcp ? RESOLVER_TCP_MS : RESOLVER_TRY_MS) * NS_PER_MS,
		time_is_over);
}

static void first_try(struct loop_timer *timer)
{
	begin_try(CONTAINER_OF(timer, struct question, timer));
}

/* ---- asking ---- */

static struct question *find_question(struct resolver *resolver, struct str name, uint16_t type)
{
	LIST_FOR_EACH(question, &resolver->questions, struct question, node)
		if (question->ask.type == type && str_eq(question->ask.name, name))
			return question;
	return NULL;
}

/* What those who own a zone may still hear. */
static struct net_bucket *owner_of(struct resolver *resolver, struct str zone)
{
	return &resolver->zones_a_minute[siphash24(resolver->seed, zone.data, zone.len) % RESOLVER_ZONES];
}

static int say_over(struct resolver *resolver, struct str zone)
{
	if (resolver->is_over)
		resolver->is_over(resolver, zone);
	return -EAGAIN;
}

/* What a new question costs. */
static int pay(struct resolver *resolver, struct str name)
{
	bool is_chosen = resolver->is_chosen && resolver->is_chosen(resolver, name);
	uint64_t now_ns = resolver->loop->now_ns;
	char text[NET_NAME_MAX + 1];
	struct str zone;
	struct net_bucket *of_owner;

	memcpy(text, name.data, name.len);
	text[name.len] = '\0';
	zone = net_suffix_zone((struct str){ text, name.len });
	of_owner = is_chosen ? NULL : owner_of(resolver, zone);
	if (resolver->question_count == RESOLVER_QUESTIONS_MAX)
		return -EBUSY;
	if (of_owner && !net_bucket_take(of_owner, 1, now_ns))
		return say_over(resolver, zone);
	if (!net_bucket_take(&resolver->a_minute, 1, now_ns)) {
		if (of_owner)
			net_bucket_give(of_owner, 1);
		return say_over(resolver, (struct str){ 0 });
	}
	return net_distinct_add(&resolver->names, name) ? 0 : -ENOSPC;
}

int resolver_ask(struct resolver *resolver, struct resolver_lookup *lookup, struct str name, uint16_t type,
	resolver_fn *fn)
{
	struct question *question = find_question(resolver, name, type);
	int r;

	assert(name.len && name.len <= NET_NAME_MAX);
	r = question ? 0 : pay(resolver, name);
	if (r < 0)
		return r;
	if (!question) {
		question = calloc(1, sizeof(*question));
		if (!question)
			abort();
		question->resolver = resolver;
		question->fd = -1;
		question->error = DNS_ERROR_NO_AUTHORITY;
		memcpy(question->name, name.data, name.len);
		question->ask.name = (struct str){ question->name, name.len };
		question->ask.type = type;
		list_init(&question->lookups);
		list_append(&resolver->questions, &question->node);
		resolver->question_count++;
		/* In the next round of the loop, so that nobody hears of it before this returned. */
		loop_set_timer(resolver->loop, &question->timer, resolver->loop->now_ns, first_try);
	}
	lookup->fn = fn;
	list_append(&question->lookups, &lookup->node);
	return 0;
}

void resolver_forget(struct resolver_lookup *lookup)
{
	list_remove(&lookup->node);
}

void resolver_init(struct resolver *resolver, struct loop *loop, const struct resolver_server *servers,
	size_t server_count, const struct resolver_host *hosts, size_t host_count)
{
	assert(server_count <= RESOLVER_SERVERS_MAX);
	*resolver = (struct resolver){ .loop = loop, .server_count = server_count, .hosts = hosts,
		.host_count = host_count };
	for (size_t i = 0; i < server_count; i++)
		resolver->servers[i] = servers[i];
	kern_random(resolver->seed, sizeof(resolver->seed));
	net_bucket_init(&resolver->a_minute, RESOLVER_A_MINUTE, 60 * NS_PER_SEC, loop->now_ns);
	for (size_t i = 0; i < RESOLVER_ZONES; i++)
		net_bucket_init(&resolver->zones_a_minute[i], RESOLVER_ZONE_A_MINUTE, 60 * NS_PER_SEC,
			loop->now_ns);
	net_distinct_init(&resolver->names, RESOLVER_NAMES_MAX, resolver->seed);
	list_init(&resolver->questions);
	list_init(&resolver->answers);
	for (size_t i = 0; i < RESOLVER_SLOTS; i++)
		list_init(&resolver->slots[i]);
}

void resolver_fini(struct resolver *resolver)
{
	if (!resolver->loop)
		return;
	LIST_FOR_EACH(question, &resolver->questions, struct question, node)
		question_free(question);
	LIST_FOR_EACH(answer, &resolver->answers, struct answer, by_use)
		drop_answer(resolver, answer);
	net_distinct_fini(&resolver->names);
	resolver->loop = NULL;
}
