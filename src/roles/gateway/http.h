/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - a client of the sandbox that speaks HTTP: to the proxy, or to a server in the clear
 *
 * One connection, many requests, each judged by where it goes. What is passed on is written anew from what
 * was understood (codec/http.h), so that the server reads what was judged and nothing else. Bodies stream: of
 * each way no more is held than a buffer. One request at a time; what a client sends ahead waits.
 *
 * CONNECT ends the conversation: what follows is the other side's, and is relayed unseen.
 *
 *	HEAD       the next request is read
 *	ASKED      it is judged, its host looked up and connected to
 *	EXCHANGE   its body goes up, the answer comes down
 *	LAST       nothing but what is still to be sent, and then the end
 */
#pragma once

#include "roles/gateway/gateway.h"

struct flow;

/**
 * http_accept() - serve a client of the proxy
 * @gateway:     serves it
 * @fd:          connected; owned
 * @client:      its own end and ours
 */
void http_accept(struct gateway *gateway, int fd, const struct jail_diag_pair *client);

/* Where the requests of a connection have to go: it was made to nobody else. */
struct http_place {
	const char *name;		/* canonical; "": see @address */
	struct net_address address;
	uint16_t port;
};

/**
 * http_accept_at() - serve a client that believes to be connected to a server
 * @gateway:     serves it
 * @fd:          connected; owned
 * @client:      its own end and ours
 * @place:       every request must be for it, by its Host and by its target
 */
void http_accept_at(struct gateway *gateway, int fd, const struct jail_diag_pair *client,
	const struct http_place *place);

/**
 * http_take() - serve the client of a tunnel that leads to a port where HTTP is spoken in the clear
 * @flow: connected; it has the place, and what it owns is somebody else's from here on
 *
 * Errors: from the kernel, when it cannot watch a socket.
 * Return: 0 or negative errno; then the flow is the caller's.
 */
int http_take(struct flow *flow);

/**
 * http_lose() - the rules do not allow the connection any more that one of these clients uses
 * @flow: connected, and the client's; freed here
 *
 * Between two requests the client is not disturbed, and its next one is judged; within one it is reset.
 */
void http_lose(struct flow *flow);

/** http_free_all() - the gateway ends */
void http_free_all(struct gateway *gateway);
