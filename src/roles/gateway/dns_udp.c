// SPDX-License-Identifier: Apache-2.0
/*
 * dns_udp.c - packets that come and go
 */
#include "roles/gateway/dns_internal.h"

enum {
	QUERY_BYTES = 1500,		/* a longer one is no query of ours, and is not heard */
	AT_ONCE = 16,			/* packets of one call */
};

/* Packets that came in one call, and what is answered to them in one. */
struct round {
	struct dns_sender senders[AT_ONCE];
	struct mmsghdr in[AT_ONCE], out[AT_ONCE];
	struct iovec in_parts[AT_ONCE], out_parts[AT_ONCE];
	char queries[AT_ONCE][QUERY_BYTES];
	uint8_t answers[AT_ONCE][DNS_UDP_MAX_BYTES];
	size_t ready;			/* at the end of what comes in: nothing came into them since */
};

/* Return: how many packets were there */
static size_t receive(struct dns_socket *socket, struct round *round)
{
	int count;

	for (size_t i = 0; i < AT_ONCE - round->ready; i++) {
		round->senders[i] = (struct dns_sender){ 0 };
		round->in_parts[i] = (struct iovec){ round->queries[i], QUERY_BYTES };
		round->in[i].msg_hdr = (struct msghdr){
			.msg_name = &round->senders[i].address,
			.msg_namelen = sizeof(round->senders[i].address), .msg_iov = &round->in_parts[i],
			.msg_iovlen = 1,
		};
	}
	count = kern_recvmmsg(socket->fd, round->in, AT_ONCE, MSG_DONTWAIT, NULL);
	count = MAX(count, 0);
	round->ready = AT_ONCE - (size_t)count;
	return (size_t)count;
}

/* Return: whether there is something to send, and it is the next of @round->out */
static bool answer(struct dns_socket *socket, struct round *round, size_t i, size_t at)
{
	struct dns_sender *sender = &round->senders[i];
	const struct msghdr *in = &round->in[i].msg_hdr;
	const struct str query = { round->queries[i], round->in[i].msg_len };
	size_t len;

	sender->socket = socket;
	sender->address_len = in->msg_namelen;
	if (in->msg_flags & MSG_TRUNC || !sockaddr_pair_of(&socket->here, &sender->address, &sender->pair))
		return false;
	len = dns_server_answer(socket->server, query, sender, round->answers[i], DNS_UDP_MAX_BYTES);
	round->out_parts[at] = (struct iovec){ round->answers[i], len };
	round->out[at].msg_hdr = (struct msghdr){
		.msg_name = &sender->address, .msg_namelen = sender->address_len,
		.msg_iov = &round->out_parts[at], .msg_iovlen = 1,
	};
	return len;
}

/* Where the socket does not take one, it is lost, as packets are, and the others are not. */
static void send_all(struct dns_socket *socket, struct round *round, size_t count)
{
	for (size_t at = 0; at < count;) {
		int sent = kern_sendmmsg(socket->fd, round->out + at, (unsigned)(count - at), MSG_DONTWAIT);

		at += sent > 0 ? (size_t)sent : 1;
	}
}

void dns_udp_ready(struct loop_io *io, UNUSED uint32_t events)
{
	/* Handlers never nest, since one loop serves one process. */
	static struct round round;
	struct dns_socket *socket = CONTAINER_OF(io, struct dns_socket, io);
	size_t count = AT_ONCE;

	for (size_t done = 0; count == AT_ONCE && done < DNS_SERVER_BATCH; done += count) {
		size_t answered = 0;

		count = receive(socket, &round);
		for (size_t i = 0; i < count; i++)
			answered += answer(socket, &round, i, answered);
		send_all(socket, &round, answered);
	}
}

void dns_udp_send(const struct dns_sender *sender, const uint8_t *message, size_t len)
{
	union sockaddr_any to = sender->address;
	struct iovec part = { .iov_len = len };
	struct msghdr out = { .msg_name = &to, .msg_namelen = sender->address_len, .msg_iov = &part,
		.msg_iovlen = 1 };
	uint8_t copy[DNS_UDP_MAX_BYTES];

	assert(len <= sizeof(copy));
	memcpy(copy, message, len);
	part.iov_base = copy;
	(void)kern_sendmsg(sender->socket->fd, &out, MSG_DONTWAIT);
}
