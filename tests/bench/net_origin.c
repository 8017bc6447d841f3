// SPDX-License-Identifier: Apache-2.0
/*
 * net_origin.c - the server behind every proxy that is measured: as little of one as can be, so that it is
 * never the slowest
 *
 *	net_origin PORT
 *
 * It listens at 127.0.0.1, prints READY, and answers until it is killed: GET /bytes/N with so many bytes, and
 * GET /events/N with so many server-sent events, one a second, each the time at which it was sent (ns since
 * 1970). Connections stay open. Streams that come together are spread over the second, since a burst would
 * measure how long the queue is. One loop; a client that reads slowly holds up nobody else.
 */
#include "base/macro.h"
#include "base/str.h"
#include "base/time.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
	HEAD_SIZE = 4096,
	ROOM_BYTES = 1 << 18,
	STREAMS_MAX = 4096,
	TICK_NS = 1000000,
	ROUND_COUNT = 64,
	BACKLOG = 4096,
};

struct client {
	int fd;
	char head[HEAD_SIZE];
	size_t head_len;
	char out[160];			/* what goes before the bytes */
	size_t out_len, out_done;
	uint64_t left_bytes;
	uint64_t events_left, next_ns;
	bool waits_for_room;
};

struct origin {
	int epfd, listen_fd, timer_fd;
	struct client *streams[STREAMS_MAX];
	size_t stream_count, spread;
};

static char zeros[ROOM_BYTES];

static uint64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "net_origin: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void leave(struct origin *origin, struct client *client)
{
	for (size_t i = 0; i < origin->stream_count; i++)
		if (origin->streams[i] == client)
			origin->streams[i--] = origin->streams[--origin->stream_count];
	close(client->fd);
	free(client);
}

/* Return: 1 all of it is out, 0 the client does not read, -1 it is gone */
static int pour(struct client *client)
{
	while (client->out_done < client->out_len || client->left_bytes) {
		bool is_head = client->out_done < client->out_len;
		ssize_t n = is_head ?
			send(client->fd, client->out + client->out_done, client->out_len - client->out_done,
				MSG_NOSIGNAL | (client->left_bytes ? MSG_MORE : 0)) :
			send(client->fd, zeros, MIN(client->left_bytes, (uint64_t)ROOM_BYTES), MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		if (is_head)
			client->out_done += (size_t)n;
		else
			client->left_bytes -= (uint64_t)n;
	}
	return 1;
}

static void say(struct client *client, int len)
{
	client->out_len = (size_t)len;
	client->out_done = 0;
}

/* "GET http://host:port/bytes/12 HTTP/1.1", or without the host. Return: false, where it is neither */
static bool begin_answer(struct origin *origin, struct client *client, struct str head)
{
	static const char kinds[][9] = { "/bytes/", "/events/" };
	const char *end = memmem(head.data, head.len, " HTTP/1.1\r\n", 11);

	for (size_t i = 0; end && i < ARRAY_SIZE(kinds); i++) {
		const char *at = memmem(head.data, (size_t)(end - head.data), kinds[i], strlen(kinds[i]));
		uint64_t number;

		if (!at)
			continue;
		at += strlen(kinds[i]);
		if (str_to_u64((struct str){ .data = at, .len = (size_t)(end - at) }, UINT64_MAX, &number) <
				0)
			return false;
		if (!i) {
			client->left_bytes = number;
			say(client,
				snprintf(client->out, sizeof(client->out),
					"HTTP/1.1 200 OK\r\nContent-Length: %llu\r\n\r\n",
					(unsigned long long)number));
			return true;
		}
		if (origin->stream_count == STREAMS_MAX)
			return false;
		client->events_left = number;
		client->next_ns = wall_ns() + NS_PER_SEC + origin->spread++ % 1000 * (NS_PER_SEC / 1000);
		origin->streams[origin->stream_count++] = client;
		say(client, snprintf(client->out, sizeof(client->out), "HTTP/1.1 200 OK\r\n"
			"Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"));
		return true;
	}
	return false;
}

static int watch(struct origin *origin, struct client *client, bool for_room)
{
	struct epoll_event event = { .events = EPOLLIN | (for_room ? EPOLLOUT : 0u), .data.ptr = client };

	if (client->waits_for_room == for_room)
		return 0;
	client->waits_for_room = for_room;
	return epoll_ctl(origin->epfd, EPOLL_CTL_MOD, client->fd, &event);
}

/* One request at a time: nobody here sends the next before the answer is there. Return: false, it is over */
static bool serve(struct origin *origin, struct client *client, uint32_t events)
{
	int r;

	if (events & EPOLLIN) {
		ssize_t n = read(client->fd, client->head + client->head_len, HEAD_SIZE - client->head_len);
		const char *end;

		if (n <= 0)
			return n < 0 && errno == EAGAIN;
		client->head_len += (size_t)n;
		end = memmem(client->head, client->head_len, "\r\n\r\n", 4);
		if (!end)
			return client->head_len < HEAD_SIZE;
		if (!begin_answer(origin, client,
				(struct str){ .data = client->head, .len = client->head_len }))
			return false;
		client->head_len = 0;
	}
	r = pour(client);
	return r >= 0 && watch(origin, client, !r) >= 0;
}

static bool tell_event(struct client *client, uint64_t now_ns)
{
	char event[64];
	int len = snprintf(event, sizeof(event), "data: %llu\n\n", (unsigned long long)now_ns);

	client->next_ns += NS_PER_SEC;
	client->events_left--;
	say(client, snprintf(client->out, sizeof(client->out), "%x\r\n%s\r\n%s", (unsigned)len, event,
		client->events_left ? "" : "0\r\n\r\n"));
	return pour(client) > 0;
}

static void tell_events(struct origin *origin)
{
	uint64_t ticks;

	if (read(origin->timer_fd, &ticks, sizeof(ticks)) < 0)
		return;
	for (size_t i = 0; i < origin->stream_count; i++) {
		struct client *client = origin->streams[i];

		if (client->next_ns > wall_ns())
			continue;
		if (!tell_event(client, wall_ns()))
			(void)shutdown(client->fd, SHUT_RDWR);
		if (!client->events_left)
			origin->streams[i--] = origin->streams[--origin->stream_count];
	}
}

static void take(struct origin *origin)
{
	const int one = 1;
	int fd;

	while ((fd = accept4(origin->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct client *client = calloc(1, sizeof(*client));
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

		if (!client)
			die("memory");
		client->fd = fd;
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (epoll_ctl(origin->epfd, EPOLL_CTL_ADD, fd, &event) < 0)
			leave(origin, client);
	}
}

static void start(struct origin *origin, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct itimerspec tick = { { 0, TICK_NS }, { 0, TICK_NS } };
	struct epoll_event listening = { .events = EPOLLIN, .data.ptr = &origin->listen_fd },
			   ticking = { .events = EPOLLIN, .data.ptr = &origin->timer_fd };
	const int one = 1;

	origin->epfd = epoll_create1(EPOLL_CLOEXEC);
	origin->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	origin->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (setsockopt(origin->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
			bind(origin->listen_fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
			listen(origin->listen_fd, BACKLOG) < 0 ||
			timerfd_settime(origin->timer_fd, 0, &tick, NULL) < 0 ||
			epoll_ctl(origin->epfd, EPOLL_CTL_ADD, origin->listen_fd, &listening) < 0 ||
			epoll_ctl(origin->epfd, EPOLL_CTL_ADD, origin->timer_fd, &ticking) < 0)
		die("listening");
}

int main(int argc, char **argv)
{
	static struct origin origin;
	uint64_t port;

	if (argc != 2 || str_to_u64(str_from(argv[1]), UINT16_MAX, &port) < 0) {
		fprintf(stderr, "usage: net_origin PORT\n");
		return 2;
	}
	start(&origin, (uint16_t)port);
	printf("READY\n");
	(void)fflush(stdout);
	for (;;) {
		struct epoll_event events[ROUND_COUNT];
		int count = epoll_wait(origin.epfd, events, ROUND_COUNT, -1);

		for (int i = 0; i < count; i++) {
			void *what = events[i].data.ptr;

			if (what == &origin.listen_fd)
				take(&origin);
			else if (what == &origin.timer_fd)
				tell_events(&origin);
			else if (!serve(&origin, what, events[i].events))
				leave(&origin, what);
		}
	}
}
