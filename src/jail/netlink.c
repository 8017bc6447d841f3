// SPDX-License-Identifier: Apache-2.0
/*
 * netlink.c - requests to the kernel's network configuration
 */
#include "jail/netlink.h"

#include "base/fd.h"
#include "base/macro.h"
#include "kern/kern.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>

enum {
	ANSWER_BYTES_MAX = 8192,
};

static void *grow(struct jail_netlink *batch, size_t len)
{
	size_t padded = NLMSG_ALIGN(len);
	void *place = batch->data + batch->len;

	if (batch->is_full || padded > sizeof(batch->data) - batch->len) {
		batch->is_full = true;
		return NULL;
	}
	memset(place, 0, padded);
	batch->len += padded;
	return place;
}

/* The kernel's header counts what was put behind it. */
static void count_message(struct jail_netlink *batch)
{
	struct nlmsghdr header;

	memcpy(&header, batch->data + batch->message, sizeof(header));
	header.nlmsg_len = (uint32_t)(batch->len - batch->message);
	memcpy(batch->data + batch->message, &header, sizeof(header));
}

void jail_netlink_begin(struct jail_netlink *batch, uint16_t type, uint16_t flags, const void *body,
	size_t len)
{
	const struct nlmsghdr header = {
		.nlmsg_type = type, .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
		.nlmsg_seq = ++batch->sequence,
	};
	char *place;

	assert(!batch->depth);
	batch->message = batch->len;
	place = grow(batch, sizeof(header) + len);
	if (!place)
		return;
	memcpy(place, &header, sizeof(header));
	memcpy(place + sizeof(header), body, len);
	batch->acks += !!(flags & NLM_F_ACK);
	count_message(batch);
}

void jail_netlink_put(struct jail_netlink *batch, uint16_t type, const void *data, size_t len)
{
	const struct nlattr attribute = { .nla_type = type, .nla_len = (uint16_t)(NLA_HDRLEN + len) };
	char *place;

	assert(len <= UINT16_MAX - NLA_HDRLEN);
	place = grow(batch, NLA_HDRLEN + len);
	if (!place)
		return;
	memcpy(place, &attribute, sizeof(attribute));
	if (len)
		memcpy(place + NLA_HDRLEN, data, len);
	count_message(batch);
}

void jail_netlink_put_text(struct jail_netlink *batch, uint16_t type, const char *text)
{
	jail_netlink_put(batch, type, text, strlen(text) + 1);
}

void jail_netlink_put_be32(struct jail_netlink *batch, uint16_t type, uint32_t number)
{
	const uint8_t bytes[] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
		(uint8_t)number };

	jail_netlink_put(batch, type, bytes, sizeof(bytes));
}

void jail_netlink_nest(struct jail_netlink *batch, uint16_t type)
{
	assert(batch->depth < JAIL_NETLINK_DEPTH_MAX);
	batch->nests[batch->depth++] = batch->len;
	jail_netlink_put(batch, type | NLA_F_NESTED, NULL, 0);
}

void jail_netlink_end(struct jail_netlink *batch)
{
	struct nlattr attribute;
	size_t at;

	assert(batch->depth);
	at = batch->nests[--batch->depth];
	if (batch->is_full)
		return;
	memcpy(&attribute, batch->data + at, sizeof(attribute));
	attribute.nla_len = (uint16_t)(batch->len - at);
	memcpy(batch->data + at, &attribute, sizeof(attribute));
}

/* One datagram of answers. Return: how many there were, or what the first that is an error says */
static int count_answers(const char *data, size_t len)
{
	int count = 0;

	while (len >= NLMSG_HDRLEN) {
		struct nlmsghdr header;
		struct nlmsgerr answer;
		size_t used;

		memcpy(&header, data, sizeof(header));
		if (header.nlmsg_len < NLMSG_HDRLEN + sizeof(answer.error) || header.nlmsg_len > len ||
				header.nlmsg_type != NLMSG_ERROR)
			return -EBADMSG;
		memcpy(&answer.error, data + NLMSG_HDRLEN, sizeof(answer.error));
		if (answer.error)
			return answer.error < 0 ? answer.error : -EBADMSG;
		count++;
		used = MIN(NLMSG_ALIGN(header.nlmsg_len), len);
		data += used;
		len -= used;
	}
	return len ? -EBADMSG : count;
}

static int hear(int fd, unsigned wanted)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER_BYTES_MAX];

	for (unsigned got = 0; got < wanted;) {
		struct iovec part = { .iov_base = answer, .iov_len = sizeof(answer) };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
		ssize_t len = kern_recvmsg(fd, &message, 0);
		int r;

		if (len == -EINTR)
			continue;
		if (len < 0)
			return (int)len;
		if (message.msg_flags & MSG_TRUNC)
			return -EBADMSG;
		r = count_answers(answer, (size_t)len);
		if (r <= 0)
			return r < 0 ? r : -EBADMSG;
		got += (unsigned)r;
	}
	return 0;
}

int jail_netlink_talk(const struct jail_netlink *batch, int protocol)
{
	scoped(fd) int fd = kern_socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	struct iovec part = { .iov_len = batch->len };
	const struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	const void *data = batch->data;
	ssize_t n;

	if (batch->is_full)
		return -EMSGSIZE;
	if (fd < 0)
		return fd;
	memcpy(&part.iov_base, &data, sizeof(data));
	n = kern_sendmsg(fd, &message, 0);
	return n < 0 ? (int)n : hear(fd, batch->acks);
}
