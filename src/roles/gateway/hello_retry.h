/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hello_retry.h - a client that is told to say its first message of TLS again names the same host again
 *
 * A server of TLS 1.3 may ask for a second ClientHello (HelloRetryRequest, RFC 8446, 4.1.4), and some go by
 * the name that stands there. So of what the client says, its first hello goes out and nothing behind it,
 * until the server has answered. Its answer goes to the client as it comes, but for its first 43 bytes behind
 * alerts, which are held until all of them are there. Is it a ServerHello, bytes go both ways from now on;
 * otherwise what the client says next is peeked at as its first hello was, whatever the server's answer is:
 * it may be a retry, and behind anything else there is nothing to say but that it leaves.
 *
 * What a client sends ahead (0-RTT) waits for that answer, and so takes as long as without it.
 */
#pragma once

#include "codec/server_hello.h"

struct flow;

struct hello_retry {
	char bytes[SERVER_HELLO_FIRST_BYTES];	/* of the server's answer */
	size_t len;
};

/** hello_retry_watch() - of a flow whose relay was started a moment ago, and whose client's hello was seen */
void hello_retry_watch(struct flow *flow);
