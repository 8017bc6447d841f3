// SPDX-License-Identifier: Apache-2.0
/*
 * upstream.c - another proxy that connections go through
 */
#include "roles/gateway/upstream.h"

#include "base/time.h"
#include "roles/gateway/host.h"
#include "roles/gateway/tls_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ANSWER_MAX = 8 << 10,		/* the head of an answer */
	LINE_MAX_BYTES = 4 << 10,
	QUESTION_MAX = 4 << 10,
	PATIENCE_MS = 30000,
	STATUS_WANTS_CREDENTIALS = 407,
	STATUS_BAD_GATEWAY = 502,
	STATUS_TIMEOUT = 504,
};

struct upstream_talk {
	struct gateway *gateway;
	int fd;				/* borrowed */
	struct loop_io io;
	struct loop_timer patience;
	upstream_fn *fn;
	void *owner;
	char question[QUESTION_MAX];
	size_t len, sent;
	char answer[ANSWER_MAX];
	size_t taken;			/* of it, out of the socket */
	struct http_response response;
};

/* ---- which connections ---- */

int upstream_init(struct gateway *gateway)
{
	const struct gateway_settings *settings = &gateway->settings;
	struct upstream *upstream = &gateway->upstream;
	struct net_bypass *bypass = arena_alloc_array(&gateway->arena, settings->bypass_count + 1,
		sizeof(*bypass));

	if (!bypass)
		return -ENOMEM;
	*upstream = (struct upstream){ .is_there = settings->proxy.host, .bypass = bypass,
		.bypass_count = settings->bypass_count };
	if (!upstream->is_there)
		return 0;
	if (net_address_read(str_from(settings->proxy.host), &upstream->address) < 0)
		upstream->name = str_from(settings->proxy.host);
	for (size_t i = 0; i < settings->bypass_count; i++)
		if (net_bypass_read(&gateway->arena, str_from(settings->bypass[i]), &bypass[i]))
			return -EBADMSG;
	if (!settings->proxy.authorities)
		return 0;
	return tls_links_new(&gateway->loop, str_from(settings->proxy.authorities), settings->proxy.host,
		upstream->address.len, &upstream->links);
}

bool upstream_takes(const struct gateway *gateway, const char *name, const struct net_address *address,
	uint16_t port)
{
	const struct upstream *upstream = &gateway->upstream;

	return upstream->is_there && !host_owns(str_from(name)) &&
		!net_bypass_matches(upstream->bypass, upstream->bypass_count, str_from(name), address, port);
}

void upstream_note(const struct gateway *gateway, struct gateway_judged *judged)
{
	(void)snprintf(judged->why, sizeof(judged->why), "%s:%u", gateway->settings.proxy.host,
		gateway->settings.proxy.port);
}

int upstream_error(uint16_t status)
{
	switch (status) {
	case STATUS_WANTS_CREDENTIALS:
		return -EKEYREJECTED;
	case STATUS_BAD_GATEWAY:
	case STATUS_TIMEOUT:
		return -ENOLINK;
	default:
		return -EREMOTEIO;
	}
}

/* ---- the talk ---- */

struct upstream_talk *upstream_forget(struct upstream_talk *talk)
{
	if (!talk)
		return NULL;
	loop_remove_io(&talk->io);
	loop_remove_timer(&talk->patience);
	free(talk);
	return NULL;
}

static void end(struct upstream_talk *talk, int error)
{
	upstream_fn *fn = talk->fn;
	void *owner = talk->owner;

	/* The owner forgets it. */
	loop_remove_io(&talk->io);
	loop_remove_timer(&talk->patience);
	fn(owner, error);
}

static void patience_is_over(struct loop_timer *timer)
{
	end(CONTAINER_OF(timer, struct upstream_talk, patience), -ETIMEDOUT);
}

/* Behind what was taken, and left where it is. Return: bytes, 0 at the end, or negative errno */
static ssize_t peek(struct upstream_talk *talk)
{
	struct iovec part = {
		.iov_base = talk->answer + talk->taken, .iov_len = sizeof(talk->answer) - talk->taken,
	};
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	return kern_recvmsg(talk->fd, &message, MSG_PEEK);
}

/* The head is taken out of the socket, up to @end of it; what stands behind it is the host's. */
static int take(struct upstream_talk *talk, size_t end)
{
	while (talk->taken < end) {
		ssize_t n = kern_read(talk->fd, talk->answer + talk->taken, end - talk->taken);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? (int)n : -EPROTO;
		talk->taken += (size_t)n;
	}
	return 0;
}

static int judge_answer(struct upstream_talk *talk)
{
	const struct http_response *response = &talk->response;

	if (response->is_interim)
		return -EPROTO;
	if (!response->is_tunnel)
		return upstream_error(response->status);
	return take(talk, response->head.bytes);
}

static void hear(struct upstream_talk *talk)
{
	const struct http_limits limits = { ANSWER_MAX, LINE_MAX_BYTES, HTTP_FIELDS_MAX };
	const struct http_asked asked = { .method = HTTP_METHOD_CONNECT, .minor = 1 };
	struct http_refusal refusal;
	ssize_t n = peek(talk);
	size_t seen = talk->taken + (n > 0 ? (size_t)n : 0);
	int r;

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0) {
		end(talk, n < 0 ? (int)n : -EPROTO);
		return;
	}
	switch (http_response_read(&talk->response, (struct str){ talk->answer, seen }, &asked, &limits,
			&refusal)) {
	case HTTP_MORE:
		/* A head that goes on is nothing but head so far; a buffer that is full has no end in it. */
		r = seen < sizeof(talk->answer) ? take(talk, seen) : -EPROTO;
		if (r < 0)
			end(talk, r);
		return;
	case HTTP_DONE:
		end(talk, judge_answer(talk));
		return;
	case HTTP_REFUSED:
	default:
		end(talk, -EPROTO);
	}
}

static void ready(struct loop_io *io, UNUSED uint32_t events)
{
	struct upstream_talk *talk = CONTAINER_OF(io, struct upstream_talk, io);
	ssize_t n = 0;
	int r;

	/* Whoever answers before they were asked answers something else. */
	if (!talk->sent && peek(talk) != -EAGAIN) {
		end(talk, -EPROTO);
		return;
	}
	while (talk->sent < talk->len && n >= 0) {
		n = kern_write(talk->fd, talk->question + talk->sent, talk->len - talk->sent);
		talk->sent += n > 0 ? (size_t)n : 0;
	}
	if (n < 0 && n != -EAGAIN && n != -EINTR) {
		end(talk, (int)n);
		return;
	}
	if (talk->sent < talk->len)
		return;
	r = loop_set_io(&talk->io, EPOLLIN);
	if (r < 0)
		end(talk, r);
	else
		hear(talk);
}

int upstream_ask(struct gateway *gateway, int fd, const char *target, upstream_fn *fn, void *owner,
	struct upstream_talk **ret)
{
	const char *authorization = gateway->settings.proxy.authorization;
	struct upstream_talk *talk = calloc(1, sizeof(*talk));
	int len, r;

	if (!talk)
		abort();
	talk->gateway = gateway;
	talk->fd = fd;
	talk->fn = fn;
	talk->owner = owner;
	len = snprintf(talk->question, sizeof(talk->question),
		"CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s%s%s\r\n", target, target,
		authorization ? "Proxy-Authorization: " : "", authorization ? authorization : "",
		authorization ? "\r\n" : "");
	if (len < 0 || (size_t)len >= sizeof(talk->question)) {
		free(talk);
		return -EMSGSIZE;
	}
	talk->len = (size_t)len;
	*ret = talk;
	loop_set_timer(&gateway->loop, &talk->patience, gateway->loop.now_ns + PATIENCE_MS * NS_PER_MS,
		patience_is_over);
	r = loop_add_io(&gateway->loop, &talk->io, fd, EPOLLOUT, ready);
	if (r < 0)
		*ret = upstream_forget(talk);
	return r;
}
