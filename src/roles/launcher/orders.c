// SPDX-License-Identifier: Apache-2.0
/*
 * orders.c - what the launcher tells init, which it has cloned before there was a plan
 *
 * A descriptor of SOURCES belongs to a slot: twice the number of its step, and one more for the directory of
 * layers. Both ends are one program, but what does not fit is refused all the same: init would mount it.
 */
#include "roles/launcher/orders.h"

#include "base/fd.h"
#include "kern/sock.h"

#include <errno.h>

enum order {
	ORDER_PLAN = 1,
	ORDER_MAPPED,
	ORDER_SOURCES,
	ORDER_READY,
};

struct batch {
	uint32_t slots[KERN_SOCK_FDS_MAX];
	int fds[KERN_SOCK_FDS_MAX];
	size_t count;
};

int orders_post_plan(int fd, const int *fds, size_t fd_count)
{
	return channel_post(fd, ORDER_PLAN, (struct str){ 0 }, fds, fd_count);
}

int orders_post_mapped(int fd)
{
	return channel_post(fd, ORDER_MAPPED, (struct str){ 0 }, NULL, 0);
}

static int post_batch(int fd, struct batch *batch)
{
	struct str slots = { (const char *)batch->slots, batch->count * sizeof(batch->slots[0]) };
	int r = batch->count ? channel_post(fd, ORDER_SOURCES, slots, batch->fds, batch->count) : 0;

	batch->count = 0;
	return r;
}

static int add(int fd, struct batch *batch, uint32_t slot, int source)
{
	if (source < 0)
		return 0;
	batch->slots[batch->count] = slot;
	batch->fds[batch->count++] = source;
	return batch->count < KERN_SOCK_FDS_MAX ? 0 : post_batch(fd, batch);
}

int orders_post_sources(int fd, const struct jail_sources *sources)
{
	struct batch batch = { .count = 0 };
	int r = 0;

	for (uint32_t i = 0; i < sources->count && r >= 0; i++) {
		r = add(fd, &batch, 2 * i, sources->items[i].source);
		if (r >= 0)
			r = add(fd, &batch, 2 * i + 1, sources->items[i].layers);
	}
	return r < 0 ? r : post_batch(fd, &batch);
}

int orders_post_ready(int fd, const struct orders_ready *ready)
{
	return channel_post(fd, ORDER_READY, (struct str){ (const char *)ready, sizeof(*ready) }, NULL, 0);
}

static void drop(struct channel_message *message)
{
	for (size_t i = 0; i < message->fd_count; i++)
		fd_close(message->fds[i]);
}

int orders_wait_plan(int fd, struct channel_message *ret, int fds[KERN_SOCK_FDS_MAX])
{
	int r = channel_wait(fd, ret, fds);

	if (r <= 0 || (ret->type == ORDER_PLAN && ret->fd_count))
		return r;
	drop(ret);
	return -EBADMSG;
}

int orders_wait_mapped(int fd)
{
	struct channel_message message;
	int fds[KERN_SOCK_FDS_MAX], r = channel_wait(fd, &message, fds);

	if (r <= 0)
		return r < 0 ? r : -ECANCELED;
	drop(&message);
	return message.type == ORDER_MAPPED ? 0 : -EBADMSG;
}

static int *find_slot(struct jail_sources *sources, uint32_t slot)
{
	struct jail_source *item = slot / 2 < sources->count ? &sources->items[slot / 2] : NULL;
	int *place = !item ? NULL : slot % 2 ? &item->layers : &item->source;

	return place && *place < 0 ? place : NULL;
}

/* What has found its place is taken from the message. */
static int take_sources(struct channel_message *message, struct jail_sources *sources)
{
	uint32_t slots[KERN_SOCK_FDS_MAX];

	if (message->payload.len != message->fd_count * sizeof(slots[0]))
		return -EBADMSG;
	memcpy(slots, message->payload.data, message->payload.len);
	for (size_t i = 0; i < message->fd_count; i++) {
		int *place = find_slot(sources, slots[i]);

		if (!place)
			return -EBADMSG;
		*place = TAKE_FD(message->fds[i]);
	}
	return 0;
}

static int take_ready(const struct channel_message *message, struct orders_ready *ret)
{
	if (message->type != ORDER_READY || message->payload.len != sizeof(*ret) || message->fd_count)
		return -EBADMSG;
	memcpy(ret, message->payload.data, sizeof(*ret));
	return 0;
}

/* An order may be older than the launcher's end, and its end older than our being bound to it. */
static int check_alive(int fd)
{
	struct pollfd launcher = { .fd = fd };
	const struct timespec now = { 0 };
	int r;

	/* a signal that is pending interrupts even what does not wait */
	do
		r = kern_ppoll(&launcher, 1, &now);
	while (r == -EINTR);
	return r > 0 ? -ECANCELED : r;
}

int orders_wait_ready(int fd, struct jail_sources *sources, struct orders_ready *ret)
{
	struct channel_message message;
	int fds[KERN_SOCK_FDS_MAX], r;

	for (;;) {
		r = channel_wait(fd, &message, fds);
		if (r <= 0)
			return r < 0 ? r : -ECANCELED;
		if (message.type != ORDER_SOURCES)
			break;
		r = take_sources(&message, sources);
		drop(&message);
		if (r < 0)
			return r;
	}
	r = take_ready(&message, ret);
	drop(&message);
	return r < 0 ? r : check_alive(fd);
}
