// SPDX-License-Identifier: Apache-2.0
/*
 * dns_tcp.c - clients that ask by TCP: each message with its length before it, many on one connection
 *
 * A client reads its answers, or its questions are not read. It is gone when it closes, when it says nothing
 * for DNS_SERVER_IDLE_MS, and when it sends what is no message; what it still waits for is forgotten then.
 */
#include "base/buf.h"
#include "base/fd.h"
#include "base/time.h"
#include "roles/gateway/dns_internal.h"
#include "roles/gateway/stream.h"

#include <stdlib.h>

enum {
	LENGTH_BYTES = 2,
	QUERY_BYTES_MAX = 4096,
	OUT_BYTES_MAX = 256 << 10,
	OUT_BYTES_ENOUGH = 64 << 10,	/* with so much unread, nothing more is answered */
	ACCEPTED_AT_ONCE = 16,
	ANSWER_BYTES = DNS_UDP_MAX_BYTES + DNS_RECORD_DATA_BYTES,
};

struct dns_client {
	struct dns_server *server;
	struct list node;
	struct dns_sender sender;
	struct loop_io io;
	struct loop_timer idle;
	int fd;				/* owned */
	size_t got;
	uint8_t in[LENGTH_BYTES + QUERY_BYTES_MAX];
	struct buf out;
	bool is_held;			/* @in has messages that wait for room in @out */
	bool is_failed;
};

static void client_free(struct dns_client *client)
{
	LIST_FOR_EACH(waiting, &client->server->waiting, struct dns_waiting, node)
		if (waiting->sender.client == client)
			dns_waiting_free(waiting);
	loop_remove_io(&client->io);
	loop_remove_timer(&client->idle);
	fd_close(client->fd);
	buf_fini(&client->out);
	list_remove(&client->node);
	client->server->client_count--;
	free(client);
}

void dns_tcp_fini(struct dns_server *server)
{
	LIST_FOR_EACH(client, &server->clients, struct dns_client, node)
		client_free(client);
}

static void idle_for_long(struct loop_timer *timer)
{
	client_free(CONTAINER_OF(timer, struct dns_client, idle));
}

static void is_alive(struct dns_client *client)
{
	loop_set_timer(client->server->loop, &client->idle,
		client->server->loop->now_ns + DNS_SERVER_IDLE_MS * NS_PER_MS, idle_for_long);
}

static void put_answer(struct dns_client *client, const uint8_t *message, size_t len)
{
	const uint8_t length[LENGTH_BYTES] = { (uint8_t)(len >> 8), (uint8_t)len };

	if (buf_append(&client->out, length, sizeof(length)) < 0 ||
			buf_append(&client->out, message, len) < 0)
		client->is_failed = true;
}

static void flush(struct dns_client *client)
{
	size_t done = 0;
	uint32_t events;

	while (done < client->out.len) {
		ssize_t n = kern_write(client->fd, client->out.data + done, client->out.len - done);

		if (n < 0) {
			client->is_failed = client->is_failed || n != -EAGAIN;
			break;
		}
		done += (size_t)n;
	}
	if (done) {
		buf_consume(&client->out, done);
		is_alive(client);
	}
	events = (client->out.len < OUT_BYTES_ENOUGH ? EPOLLIN : 0u) |
		(client->out.len || client->is_held ? EPOLLOUT : 0u);
	if (loop_set_io(&client->io, events) < 0)
		client->is_failed = true;
}

/* Every whole message that is there. */
static void answer_some(struct dns_client *client)
{
	size_t at = 0;

	client->is_held = false;
	while (client->got - at >= LENGTH_BYTES && !client->is_held) {
		size_t len = (size_t)client->in[at] << 8 | client->in[at + 1], answer;
		uint8_t room[ANSWER_BYTES];

		if (!len || len > QUERY_BYTES_MAX) {
			client->is_failed = true;
			return;
		}
		if (client->got - at - LENGTH_BYTES < len)
			break;
		answer = dns_server_answer(client->server,
			(struct str){ (const char *)client->in + at + LENGTH_BYTES, len }, &client->sender,
			room, sizeof(room));
		if (answer)
			put_answer(client, room, answer);
		at += LENGTH_BYTES + len;
		client->is_held = client->out.len >= OUT_BYTES_ENOUGH;
	}
	memmove(client->in, client->in + at, client->got - at);
	client->got -= at;
}

static void client_ready(struct loop_io *io, UNUSED uint32_t events)
{
	struct dns_client *client = CONTAINER_OF(io, struct dns_client, io);
	ssize_t n = client->got == sizeof(client->in) ? -EAGAIN :
		kern_read(client->fd, client->in + client->got, sizeof(client->in) - client->got);

	if (n > 0) {
		client->got += (size_t)n;
		is_alive(client);
	}
	if (!n || (n < 0 && n != -EAGAIN))
		client->is_failed = true;
	if (!client->is_failed)
		answer_some(client);
	if (!client->is_failed)
		flush(client);
	if (client->is_failed)
		client_free(client);
}

void dns_tcp_send(struct dns_client *client, const uint8_t *message, size_t len)
{
	put_answer(client, message, len);
	/* In the next round: answers that come together leave together. */
	if (client->is_failed || loop_set_io(&client->io, EPOLLIN | EPOLLOUT) < 0)
		client_free(client);
}

static int client_new(struct dns_server *server, struct dns_socket *socket, int fd)
{
	struct dns_client *client = calloc(1, sizeof(*client));

	if (!client)
		abort();
	*client = (struct dns_client){ .server = server, .fd = fd, .out = BUF_INIT(OUT_BYTES_MAX),
		.sender = { .socket = socket, .client = client } };
	list_append(&server->clients, &client->node);
	server->client_count++;
	is_alive(client);
	stream_hurry(fd);
	(void)sockaddr_pair(fd, &client->sender.pair);
	if (loop_add_io(server->loop, &client->io, fd, EPOLLIN, client_ready) >= 0)
		return 0;
	client_free(client);
	return -1;
}

void dns_tcp_ready(struct loop_io *io, UNUSED uint32_t events)
{
	struct dns_socket *socket = CONTAINER_OF(io, struct dns_socket, io);
	struct dns_server *server = socket->server;

	for (unsigned i = 0; i < ACCEPTED_AT_ONCE; i++) {
		int fd = kern_accept4(socket->fd, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		/* Who came first and says nothing makes room. */
		if (server->client_count == DNS_SERVER_CLIENTS_MAX)
			client_free(CONTAINER_OF(server->clients.next, struct dns_client, node));
		(void)client_new(server, socket, fd);
	}
}
