// SPDX-License-Identifier: Apache-2.0
/*
 * diag.c - whose connection is it?
 */
#include "jail/diag.h"

#include "base/macro.h"
#include "kern/kern.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

enum {
	ERRNO_MAX = 4095,
	ANSWERS_MAX = 8,		/* that are passed over, of earlier questions */
	STATE_TIME_WAIT = 6,		/* TCP_TIME_WAIT and TCP_LISTEN of the kernel's tcp_states.h */
	STATE_LISTEN = 10,
};

struct question {
	struct nlmsghdr header;
	struct inet_diag_req_v2 body;
};

int jail_diag_open(void)
{
	return kern_socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
}

/*
 * A connection's socket is asked for by its own end and the other one; a datagram's as the packet has it,
 * from where it came to where it goes ("src and dst are swapped for historical reasons", udp_diag.c): what is
 * looked for is who would get the answer.
 */
static void fill(const struct jail_diag_pair *pair, struct inet_diag_sockid *ret)
{
	bool is_udp = pair->is_udp;

	ret->idiag_sport = htons(is_udp ? pair->server_port : pair->port);
	ret->idiag_dport = htons(is_udp ? pair->port : pair->server_port);
	memcpy(ret->idiag_src, is_udp ? pair->server : pair->address, pair->len);
	memcpy(ret->idiag_dst, is_udp ? pair->address : pair->server, pair->len);
	ret->idiag_cookie[0] = ret->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
}

static int ask(int fd, uint32_t sequence, const struct jail_diag_pair *pair)
{
	struct question question = {
		.header = { .nlmsg_len = sizeof(question), .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = sequence },
		.body = { .sdiag_family = pair->len == sizeof(struct in_addr) ? AF_INET : AF_INET6,
			.sdiag_protocol = pair->is_udp ? IPPROTO_UDP : IPPROTO_TCP, .idiag_states = ~0u },
	};
	struct iovec part = { &question, sizeof(question) };
	const struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;

	fill(pair, &question.body.id);
	n = kern_sendmsg(fd, &message, MSG_DONTWAIT);
	return n < 0 ? (int)n : 0;
}

static int read_error(const char *data, size_t len)
{
	struct nlmsgerr answer;

	if (len < NLMSG_HDRLEN + sizeof(answer.error))
		return -EBADMSG;
	memcpy(&answer.error, data + NLMSG_HDRLEN, sizeof(answer.error));
	return answer.error < 0 && answer.error >= -ERRNO_MAX ? answer.error : -EBADMSG;
}

int jail_diag_read(const void *data, size_t len, uint32_t sequence, const struct jail_diag_pair *pair,
	uint64_t *ret_inode)
{
	struct nlmsghdr header;
	struct inet_diag_msg body;
	bool is_whole;

	if (len < sizeof(header))
		return -EBADMSG;
	memcpy(&header, data, sizeof(header));
	if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > len)
		return -EBADMSG;
	if (header.nlmsg_seq != sequence)
		return -EAGAIN;
	if (header.nlmsg_type == NLMSG_ERROR)
		return read_error(data, header.nlmsg_len);
	if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || header.nlmsg_len < NLMSG_HDRLEN + sizeof(body))
		return -EBADMSG;
	memcpy(&body, (const char *)data + NLMSG_HDRLEN, sizeof(body));
	is_whole = body.id.idiag_sport == htons(pair->port) &&
		(pair->is_udp ||
			(body.id.idiag_dport == htons(pair->server_port) &&
				body.idiag_state != STATE_LISTEN && body.idiag_state != STATE_TIME_WAIT));
	if (!is_whole || !body.idiag_inode)
		return -ENOENT;
	*ret_inode = body.idiag_inode;
	return 0;
}

int jail_diag_find(int fd, uint32_t sequence, const struct jail_diag_pair *pair, uint64_t *ret_inode)
{
	_Alignas(struct nlmsghdr) char answer[JAIL_DIAG_ANSWER_BYTES];
	int r = pair->len ? ask(fd, sequence, pair) : -ENOENT;

	if (r < 0)
		return r;
	r = -EAGAIN;
	for (int i = 0; i < ANSWERS_MAX && r == -EAGAIN; i++) {
		struct iovec part = { answer, sizeof(answer) };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
		ssize_t n = kern_recvmsg(fd, &message, MSG_DONTWAIT);

		if (n < 0)
			return n == -EAGAIN ? -EBADMSG : (int)n;
		r = message.msg_flags & MSG_TRUNC ? -EBADMSG :
			jail_diag_read(answer, (size_t)n, sequence, pair, ret_inode);
	}
	return r == -EAGAIN ? -EBADMSG : r;
}
