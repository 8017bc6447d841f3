// SPDX-License-Identifier: Apache-2.0
/*
 * channel.c - typed messages over SOCK_SEQPACKET
 *
 * While something is queued, everything is queued, so order holds. The receive buffer is static: handlers
 * never nest, since one loop serves one process.
 *
 * A message that could not be sent is missed by somebody who waits for it. So the connection is over then
 * (give_up()): both sides hear that from their loops, as they hear of a peer that left.
 */
#include "loop/channel.h"

#include "base/fd.h"

#include <fcntl.h>
#include <stdlib.h>

struct header {
	uint8_t version;
	uint8_t fd_count;
	uint16_t type;
	uint32_t payload_bytes;
};

struct packet {
	struct list node;
	int fds[KERN_SOCK_FDS_MAX];
	size_t fd_count, len;
	_Alignas(struct header) char data[];
};

static_assert(sizeof(struct header) == 8, "the header is part of the protocol");

static void packet_free(struct packet *packet)
{
	for (size_t i = 0; i < packet->fd_count; i++)
		fd_close(packet->fds[i]);
	list_remove(&packet->node);
	free(packet);
}

static void drop_queue(struct channel *channel)
{
	LIST_FOR_EACH(packet, &channel->queue, struct packet, node)
		packet_free(packet);
	channel->queue_bytes = 0;
}

void channel_fini(struct channel *channel)
{
	if (!channel->queue.next)
		return;
	drop_queue(channel);
	loop_remove_io(&channel->io);
	channel->fd = fd_close(channel->fd);
}

static void end(struct channel *channel, int reason)
{
	channel_fini(channel);
	channel->fn(channel, NULL, reason);
}

static int packet_new(struct packet **ret, const struct header *header, struct str payload, const int *fds)
{
	struct packet *packet = calloc(1, sizeof(*packet) + sizeof(*header) + payload.len);

	if (!packet)
		abort();
	memcpy(packet->data, header, sizeof(*header));
	if (payload.len)
		memcpy(packet->data + sizeof(*header), payload.data, payload.len);
	packet->len = sizeof(*header) + payload.len;
	for (size_t i = 0; i < header->fd_count; i++) {
		int fd = kern_fcntl(fds[i], F_DUPFD_CLOEXEC, 3);

		if (fd < 0) {
			packet_free(packet);
			return fd;
		}
		packet->fds[packet->fd_count++] = fd;
	}
	*ret = packet;
	return 0;
}

static int flush(struct channel *channel)
{
	LIST_FOR_EACH(packet, &channel->queue, struct packet, node) {
		int r = kern_sock_send(channel->fd, packet->data, packet->len, packet->fds, packet->fd_count);

		if (r == -EAGAIN)
			return 0;
		if (r < 0)
			return r;
		channel->queue_bytes -= packet->len;
		packet_free(packet);
	}
	return loop_set_io(&channel->io, EPOLLIN);
}

static int give_up(struct channel *channel, int r)
{
	drop_queue(channel);
	if (r == -EPIPE || r == -ECONNRESET)
		return -EPIPE;		/* what the peer said before it left is still to be heard */
	channel->failure = r;
	(void)kern_shutdown(channel->fd, SHUT_RDWR);
	return r;
}

int channel_send(struct channel *channel, unsigned type, struct str payload, const int *fds, size_t fd_count)
{
	struct header header = {
		.version = CHANNEL_VERSION, .fd_count = (uint8_t)fd_count, .type = (uint16_t)type,
		.payload_bytes = (uint32_t)payload.len,
	};
	struct packet *packet;
	int r;

	assert(type && type <= UINT16_MAX && fd_count <= KERN_SOCK_FDS_MAX);
	if (!channel_is_open(channel))
		return -EPIPE;
	if (payload.len > CHANNEL_PAYLOAD_MAX)
		return -EMSGSIZE;
	if (channel->failure)
		return channel->failure;
	if (channel->queue_bytes + payload.len > CHANNEL_QUEUE_MAX_BYTES)
		return give_up(channel, -ENOBUFS);
	r = packet_new(&packet, &header, payload, fds);
	if (r < 0)
		return r;
	list_append(&channel->queue, &packet->node);
	channel->queue_bytes += packet->len;
	r = flush(channel);
	if (r >= 0 && !list_is_empty(&channel->queue))
		r = loop_set_io(&channel->io, EPOLLIN | EPOLLOUT);
	return r < 0 ? give_up(channel, r) : 0;
}

int channel_finish(struct channel *channel)
{
	struct pollfd room = { .fd = channel->fd, .events = POLLOUT };
	int r = 0;

	while (r >= 0 && channel_is_open(channel) && !list_is_empty(&channel->queue)) {
		(void)kern_ppoll(&room, 1, NULL);
		r = flush(channel);
	}
	return r < 0 ? give_up(channel, r) : 0;
}

int channel_post(int fd, unsigned type, struct str payload, const int *fds, size_t fd_count)
{
	struct header header = {
		.version = CHANNEL_VERSION, .fd_count = (uint8_t)fd_count, .type = (uint16_t)type,
		.payload_bytes = (uint32_t)payload.len,
	};
	struct pollfd room = { .fd = fd, .events = POLLOUT };
	struct packet *packet;
	int r = payload.len > CHANNEL_PAYLOAD_MAX ? -EMSGSIZE : packet_new(&packet, &header, payload, fds);

	if (r < 0)
		return r;
	do {
		r = kern_sock_send(fd, packet->data, packet->len, packet->fds, packet->fd_count);
		if (r == -EAGAIN)
			(void)kern_ppoll(&room, 1, NULL);
	} while (r == -EAGAIN);
	packet_free(packet);
	return r == -ECONNRESET ? -EPIPE : r;
}

static int check(const struct header *header, ssize_t len, size_t fd_count)
{
	if (len < (ssize_t)sizeof(*header) || header->version != CHANNEL_VERSION || !header->type ||
			header->payload_bytes != (size_t)len - sizeof(*header) ||
			header->fd_count != fd_count)
		return -EPROTO;
	return 0;
}

static void drop_fds(struct channel_message *message)
{
	for (size_t i = 0; i < message->fd_count; i++)
		fd_close(message->fds[i]);
	message->fd_count = 0;
}

/* Returns 1: a message; 0: the peer left; -EAGAIN: nothing there; any other errno: no message of ours. */
static int take(int fd, struct channel_message *ret, int fds[KERN_SOCK_FDS_MAX])
{
	static _Alignas(struct header) char data[sizeof(struct header) + CHANNEL_PAYLOAD_MAX];
	const struct header *header = (const struct header *)(const void *)data;
	ssize_t n;
	int r;

	*ret = (struct channel_message){ .fds = fds };
	n = kern_sock_recv(fd, data, sizeof(data), fds, &ret->fd_count);
	/*
	 * That a peer left without reading everything is told once, and first; what it sent is still there.
	 */
	if (n == -ECONNRESET)
		n = kern_sock_recv(fd, data, sizeof(data), fds, &ret->fd_count);
	if (n <= 0)
		return n == -ECONNRESET ? 0 : (int)n;
	r = check(header, n, ret->fd_count);
	if (r < 0) {
		drop_fds(ret);
		return r;
	}
	ret->type = header->type;
	ret->payload = (struct str){ .data = data + sizeof(*header), .len = (size_t)n - sizeof(*header) };
	return 1;
}

/* Returns 1: a message was served; 0: nothing there or the channel is gone. */
static int receive(struct channel *channel)
{
	int fds[KERN_SOCK_FDS_MAX];
	struct channel_message message;
	int r = take(channel->fd, &message, fds);

	if (r == -EAGAIN)
		return 0;
	if (r <= 0) {
		end(channel, r ? r : channel->failure);
		return 0;
	}
	channel->fn(channel, &message, 0);
	drop_fds(&message);
	return channel_is_open(channel);
}

void channel_hear_rest(struct channel *channel)
{
	while (channel_is_open(channel) && receive(channel) > 0)
		;
}

int channel_wait(int fd, struct channel_message *ret, int fds[KERN_SOCK_FDS_MAX])
{
	struct pollfd something = { .fd = fd, .events = POLLIN };
	int r;

	while ((r = take(fd, ret, fds)) == -EAGAIN)
		(void)kern_ppoll(&something, 1, NULL);
	return r;
}

enum {
	MESSAGES_PER_ROUND = 16,	/* then let the other sources have their turn */
};

static void ready(struct loop_io *io, uint32_t events)
{
	struct channel *channel = CONTAINER_OF(io, struct channel, io);
	int r = events & EPOLLOUT ? flush(channel) : 0;

	/* Nobody will read what waits here; what the peer said before it left is still to be heard. */
	if (r == -EPIPE || r == -ECONNRESET) {
		drop_queue(channel);
		r = loop_set_io(&channel->io, EPOLLIN);
	}
	if (r < 0) {
		end(channel, r);
		return;
	}
	if (events & EPOLLOUT && list_is_empty(&channel->queue) && channel->drained)
		channel->drained(channel);
	for (int i = 0; i < MESSAGES_PER_ROUND && receive(channel) > 0; i++)
		;
}

int channel_init(struct channel *channel, struct loop *loop, int fd, channel_fn *fn)
{
	int r;

	*channel = (struct channel){ .fn = fn, .fd = fd };
	list_init(&channel->queue);
	r = loop_add_io(loop, &channel->io, fd, EPOLLIN, ready);
	if (r < 0)
		channel_fini(channel);
	return r;
}
