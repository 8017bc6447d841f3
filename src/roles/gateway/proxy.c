// SPDX-License-Identifier: Apache-2.0
/*
 * proxy.c - the port of the proxy: HTTP, and SOCKS 5
 *
 * Whoever begins with the number of a version of SOCKS speaks that; all else is HTTP, which no text begins
 * like that. A client of SOCKS says two short messages and is a flow from then on. SOCKS 4 is refused: it
 * looks names up by itself, or has an extension that says nothing of what it is.
 */
#include "roles/gateway/proxy.h"

#include "base/fd.h"
#include "base/time.h"
#include "codec/socks.h"
#include "roles/gateway/flow.h"
#include "roles/gateway/http.h"
#include "roles/gateway/judge.h"

#include <errno.h>
#include <stdlib.h>

enum {
	HOST_ARENA_BYTES = 4 << 10,
	SOCKS_VERSION_4 = 4,
};

/* Until it is known what it speaks, and then as long as it is greeted in SOCKS. */
struct proxy {
	struct gateway *gateway;
	struct list node;
	int fd;				/* owned */
	struct jail_diag_pair client;
	struct loop_io io;
	struct loop_timer patience;
	bool is_greeted;
	size_t used;
	char bytes[SOCKS_GREETING_MAX + SOCKS_REQUEST_MAX];
	size_t len;
};

static void proxy_free(struct proxy *proxy)
{
	loop_remove_io(&proxy->io);
	loop_remove_timer(&proxy->patience);
	list_remove(&proxy->node);
	proxy->gateway->client_count--;
	fd_close(proxy->fd);
	free(proxy);
}

void proxy_free_all(struct gateway *gateway)
{
	LIST_FOR_EACH(proxy, &gateway->proxies, struct proxy, node)
		proxy_free(proxy);
}

static void patience_is_over(struct loop_timer *timer)
{
	proxy_free(CONTAINER_OF(timer, struct proxy, patience));
}

/* ---- what is answered ---- */

static int say(int fd, enum socks_answer answer)
{
	char bytes[SOCKS_ANSWER_BYTES];
	ssize_t n;

	socks_answer_write(answer, bytes);
	n = kern_write(fd, bytes, sizeof(bytes));
	if (n < 0)
		return (int)n;
	return n == (ssize_t)sizeof(bytes) ? 0 : -EPIPE;
}

static void refused(struct flow *flow, UNUSED const struct refusal *refusal)
{
	(void)say(flow->client_fd, SOCKS_NOT_ALLOWED);
}

static void failed(struct flow *flow, int error)
{
	(void)say(flow->client_fd, error == -ECONNREFUSED ? SOCKS_CONNECTION_REFUSED :
		error == -ENETUNREACH ? SOCKS_NETWORK_UNREACHABLE :
		error == -EHOSTUNREACH || error == -ETIMEDOUT ? SOCKS_HOST_UNREACHABLE : SOCKS_FAILED);
}

static int connected(struct flow *flow)
{
	int r = say(flow->client_fd, SOCKS_SUCCEEDED);

	return r < 0 ? r : flow_relay(flow);
}

/* ---- what is said ---- */

static void become_flow(struct proxy *proxy, const struct http_host *host)
{
	static const struct flow_speech speech = { refused, failed, connected };
	struct flow *flow;

	loop_remove_io(&proxy->io);
	flow = flow_new(proxy->gateway, TAKE_FD(proxy->fd), GATEWAY_WAY_SOCKS, &speech, NULL);
	if (flow) {
		flow->client = proxy->client;
		flow->port = host->port;
		flow->address = host->address;
		if (!host->address.len)
			flow_want_name(flow, host->name, host->port);
		flow_ask(flow);
	}
	proxy_free(proxy);
}

static void report(struct proxy *proxy, const char *why)
{
	struct gateway_judged judged;

	judge_refuse_unread(proxy->gateway, GATEWAY_WAY_SOCKS, &proxy->client, "socks", why, &judged);
}

/* Return: 0 it goes on, or -EPIPE it is over, and freed */
static int greet(struct proxy *proxy)
{
	struct str bytes = { proxy->bytes, proxy->len };
	const char *why;
	struct str word = SOCKS_WELCOME;

	switch (socks_greeting_read(bytes, &proxy->used, &why)) {
	case SOCKS_MORE:
		return 0;
	case SOCKS_DONE:
		proxy->is_greeted = true;
		break;
	case SOCKS_REFUSED:
	default:
		report(proxy, why);
		word = SOCKS_UNWELCOME;
	}
	if (kern_write(proxy->fd, word.data, word.len) == (ssize_t)word.len && proxy->is_greeted)
		return 0;
	proxy_free(proxy);
	return -EPIPE;
}

static void hear_request(struct proxy *proxy)
{
	scoped(arena) struct arena arena = ARENA_INIT(HOST_ARENA_BYTES);
	struct str bytes = { proxy->bytes + proxy->used, proxy->len - proxy->used };
	struct socks_refusal refusal;
	struct http_host host;
	size_t used;

	switch (socks_request_read(&arena, bytes, &host, &used, &refusal)) {
	case SOCKS_MORE:
		return;
	case SOCKS_DONE:
		/* What it sent ahead would be lost: it does not know yet whether it is connected. */
		if (used == bytes.len) {
			become_flow(proxy, &host);
			return;
		}
		report(proxy, "bytes came before the connection was there");
		(void)say(proxy->fd, SOCKS_FAILED);
		break;
	case SOCKS_REFUSED:
	default:
		report(proxy, refusal.why);
		(void)say(proxy->fd, refusal.answer);
	}
	proxy_free(proxy);
}

static void hear_socks(struct loop_io *io, UNUSED uint32_t events)
{
	struct proxy *proxy = CONTAINER_OF(io, struct proxy, io);
	ssize_t n = kern_read(proxy->fd, proxy->bytes + proxy->len, sizeof(proxy->bytes) - proxy->len);

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0) {
		proxy_free(proxy);
		return;
	}
	proxy->len += (size_t)n;
	if (!proxy->is_greeted && greet(proxy) < 0)
		return;
	if (proxy->is_greeted)
		hear_request(proxy);
}

/* Its answer is what a client of it understands: "rejected", of 8 bytes (SOCKS 4, CONNECT). */
static void refuse_version_4(struct proxy *proxy)
{
	static const char rejected[8] = { 0, 91 };

	report(proxy, "SOCKS 4 is not spoken here, and SOCKS 5 is");
	/* What is unread when a socket is closed resets it, and the answer would be lost. */
	(void)kern_read(proxy->fd, proxy->bytes, sizeof(proxy->bytes));
	(void)kern_write(proxy->fd, rejected, sizeof(rejected));
	proxy_free(proxy);
}

static void hear_first(struct loop_io *io, uint32_t events)
{
	struct proxy *proxy = CONTAINER_OF(io, struct proxy, io);
	char first;
	struct iovec part = { .iov_base = &first, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n = kern_recvmsg(proxy->fd, &message, MSG_PEEK);

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0) {
		proxy_free(proxy);
		return;
	}
	if (first == SOCKS_VERSION) {
		io->fn = hear_socks;
		hear_socks(io, events);
		return;
	}
	if (first == SOCKS_VERSION_4) {
		refuse_version_4(proxy);
		return;
	}
	loop_remove_io(io);
	http_accept(proxy->gateway, TAKE_FD(proxy->fd), &proxy->client);
	proxy_free(proxy);
}

void proxy_accept(struct gateway *gateway, int fd, const struct jail_diag_pair *client)
{
	struct proxy *proxy = calloc(1, sizeof(*proxy));

	if (!proxy)
		abort();
	*proxy = (struct proxy){ .gateway = gateway, .fd = fd, .client = *client };
	list_append(&gateway->proxies, &proxy->node);
	gateway->client_count++;
	loop_set_timer(&gateway->loop, &proxy->patience,
		gateway->loop.now_ns + GATEWAY_WORD_MS * NS_PER_MS, patience_is_over);
	if (loop_add_io(&gateway->loop, &proxy->io, fd, EPOLLIN, hear_first) < 0)
		proxy_free(proxy);
}
