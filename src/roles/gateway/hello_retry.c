// SPDX-License-Identifier: Apache-2.0
/*
 * hello_retry.c - a client that is told to say its first message of TLS again names the same host again
 */
#include "roles/gateway/hello_retry.h"

#include "base/macro.h"
#include "roles/gateway/flow_internal.h"

#include <errno.h>
#include <string.h>

/* Return: bytes, 0 at the end, or negative errno; no more than may still come */
static ssize_t read_answer(struct flow *flow, uint64_t left)
{
	struct hello_retry *retry = &flow->retry;
	ssize_t n = kern_read(flow->upstream_fd, retry->bytes + retry->len,
		(size_t)MIN(left, (uint64_t)(sizeof(retry->bytes) - retry->len)));

	if (n > 0) {
		retry->len += (size_t)n;
		flow_moved(flow, NET_RECEIVED, (uint64_t)n);
	}
	return n == -EINTR ? -EAGAIN : n;
}

/* Nothing was said to the client since it sent its hello, so there is room for so little. */
static int pass_on(struct flow *flow, size_t bytes)
{
	struct hello_retry *retry = &flow->retry;

	if (bytes && kern_write(flow->client_fd, retry->bytes, bytes) != (ssize_t)bytes)
		return -EPIPE;
	retry->len -= bytes;
	memmove(retry->bytes, retry->bytes + bytes, retry->len);
	return 0;
}

static enum server_answer pass_alerts_on(struct flow *flow, int *ret_error)
{
	const struct hello_retry *retry = &flow->retry;
	enum server_answer answer;

	*ret_error = 0;
	do {
		answer = server_answer_read((struct str){ retry->bytes, retry->len });
		if (answer == SERVER_ANSWER_ALERT)
			*ret_error = pass_on(flow, TLS_ALERT_BYTES);
	} while (answer == SERVER_ANSWER_ALERT && *ret_error >= 0);
	return answer;
}

static int answered(struct relay *relay)
{
	struct flow *flow = CONTAINER_OF(relay, struct flow, relay);
	uint64_t left = flow_left(flow, NET_RECEIVED, NULL);
	ssize_t n = left ? read_answer(flow, left) : 0;
	enum server_answer answer;
	int r;

	if (n < 0)
		return (int)n;
	answer = pass_alerts_on(flow, &r);
	if (r < 0)
		return r;
	if (answer == SERVER_ANSWER_MORE && n)
		return -EAGAIN;
	relay->first_answer = NULL;
	r = pass_on(flow, flow->retry.len);
	if (r < 0)
		return r;
	if (answer == SERVER_ANSWER_HELLO)
		return relay_open(relay);
	relay_leave(relay);
	return flow_look_at_second_hello(flow);
}

void hello_retry_watch(struct flow *flow)
{
	relay_gate(&flow->relay, flow->peek.hello.bytes);
	flow->relay.first_answer = answered;
}
