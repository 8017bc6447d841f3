// SPDX-License-Identifier: Apache-2.0
/*
 * dns_udp.c - packets that come and go
 */
#include "roles/gateway/dns_internal.h"

enum {
	QUERY_BYTES = 1500,		/* a longer one is no query of ours, and is not heard */
};

/* Return: whether a packet was there */
static bool serve_one(struct dns_socket *socket)
{
	char query[QUERY_BYTES];
	uint8_t answer[DNS_UDP_MAX_BYTES];
	struct dns_sender sender = { .socket = socket };
	struct iovec part = { query, sizeof(query) };
	struct msghdr message = { .msg_name = &sender.address, .msg_namelen = sizeof(sender.address),
		.msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n = kern_recvmsg(socket->fd, &message, MSG_DONTWAIT);
	size_t len;

	if (n < 0)
		return false;
	sender.address_len = message.msg_namelen;
	if (message.msg_flags & MSG_TRUNC || !sockaddr_pair(socket->fd, &sender.address, &sender.pair))
		return true;
	len = dns_server_answer(socket->server, (struct str){ query, (size_t)n }, &sender, answer,
		sizeof(answer));
	part = (struct iovec){ answer, len };
	/* Where the socket takes none, it is lost, as packets are. */
	if (len)
		(void)kern_sendmsg(socket->fd, &message, MSG_DONTWAIT);
	return true;
}

void dns_udp_ready(struct loop_io *io, UNUSED uint32_t events)
{
	struct dns_socket *socket = CONTAINER_OF(io, struct dns_socket, io);

	for (unsigned i = 0; i < DNS_SERVER_BATCH; i++)
		if (!serve_one(socket))
			return;
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
