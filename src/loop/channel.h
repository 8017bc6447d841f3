/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.h - typed messages between our processes
 *
 * One SOCK_SEQPACKET packet is one message: a fixed header, a payload of at most CHANNEL_PAYLOAD_MAX bytes,
 * and up to KERN_SOCK_FDS_MAX descriptors. What a message means is the business of the two roles that share a
 * channel; the numbers stand in their common header. Larger things (a plan, a changeset) travel as a sealed
 * memfd.
 *
 * The peer is never trusted to be polite: packets of another version, an unknown size or too many unread
 * answers end the connection. Sending never blocks: what the socket does not take is queued up to a limit.
 * Passing the limit ends the connection too, and so does a message that cannot be sent, since the peer would
 * wait for it.
 */
#pragma once

#include "base/str.h"
#include "kern/sock.h"
#include "loop/loop.h"

enum {
	CHANNEL_VERSION = 4,
	CHANNEL_PAYLOAD_MAX = 60 * 1024,
	CHANNEL_QUEUE_MAX_BYTES = 4 << 20,
};

struct channel;

struct channel_message {
	unsigned type;
	struct str payload;		/* good until the handler returns */
	int *fds;			/* the handler takes what it wants with TAKE_FD; the rest is closed */
	size_t fd_count;
};

/* @message is NULL when the connection ended: @reason is 0 (the peer left) or a negative errno. */
typedef void channel_fn(struct channel *channel, const struct channel_message *message, int reason);

/* The queue is empty again after something had to wait: a producer may go on. */
typedef void channel_drained_fn(struct channel *channel);

struct channel {
	channel_fn *fn;
	channel_drained_fn *drained;	/* optional; set by the owner after channel_init() */
	struct loop_io io;
	int fd;				/* owned */
	struct list queue;		/* of packets not yet sent */
	size_t queue_bytes;
	int failure;			/* negative errno: a message was lost, and the end is on its way */
};

/**
 * channel_init() - serve a socket
 * @channel: initialised here
 * @loop:    serves it
 * @fd:      SOCK_SEQPACKET, non-blocking; owned by @channel from here on, also on failure
 * @fn:      called for each message and once at the end
 *
 * Return: 0 or negative errno from the kernel.
 */
int channel_init(struct channel *channel, struct loop *loop, int fd, channel_fn *fn);

/** channel_fini() - close; legal on an all-zero channel and inside its handler */
void channel_fini(struct channel *channel);

/** channel_is_open() - whether messages can be sent */
static inline bool channel_is_open(const struct channel *channel)
{
	return channel->io.loop != NULL;
}

/**
 * channel_send() - send or queue one message
 * @channel:  open; -EPIPE otherwise
 * @type:     1..65535
 * @payload:  at most CHANNEL_PAYLOAD_MAX bytes
 * @fds:      borrowed (duplicated where the message must wait)
 * @fd_count: at most KERN_SOCK_FDS_MAX
 *
 * Errors: -EMSGSIZE too large, -EMFILE no descriptor to duplicate with; in both cases nothing else happened.
 * -ENOBUFS the peer does not read and the queue is full, or others from the kernel: the handler hears next
 * that the connection has ended, with that as its reason. -EPIPE not open, or the peer has left.
 * Return: 0 or negative errno.
 */
int channel_send(struct channel *channel, unsigned type, struct str payload, const int *fds, size_t fd_count);

/**
 * channel_finish() - send what is queued, for a process that is about to end
 * @channel: open or not
 *
 * Blocks: until the peer made room for all of it.
 * Return: 0 or negative errno from the kernel (-EPIPE the peer is gone).
 */
int channel_finish(struct channel *channel);

/**
 * channel_hear_rest() - serve what has come already, of a peer that is known to have ended
 * @channel: open or not; its handler may end it
 *
 * A peer's end may be seen before its last messages are. Bounded: nothing more comes.
 */
void channel_hear_rest(struct channel *channel);

/**
 * channel_post() - one message from a process that shares a channel's socket but runs no loop
 * @fd:       the socket, borrowed
 * @type:     as above
 * @payload:  as above
 * @fds:      as above
 * @fd_count: as above
 *
 * Blocks: until the peer made room. Must not be mixed with channel_send() in one process: order would be
 * lost.
 * Return: 0 or negative errno from the kernel (-EPIPE the peer is gone).
 */
int channel_post(int fd, unsigned type, struct str payload, const int *fds, size_t fd_count);

/**
 * channel_wait() - one message for a process that shares a channel's socket but runs no loop yet
 * @fd:  the socket, borrowed
 * @ret: the message; its payload is good until the next one comes
 * @fds: room for its descriptors, owned by the caller
 *
 * Blocks: until something comes.
 *
 * Errors: -EPROTO not a message of ours; others from the kernel.
 * Return: 1 with a message, 0 at the end of the connection, or negative errno.
 */
int channel_wait(int fd, struct channel_message *ret, int fds[KERN_SOCK_FDS_MAX]);

/** channel_queue_bytes() - what waits for the peer, to slow a producer down */
static inline size_t channel_queue_bytes(const struct channel *channel)
{
	return channel->queue_bytes;
}
