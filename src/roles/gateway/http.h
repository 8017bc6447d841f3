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

#include "base/buf.h"
#include "roles/gateway/gateway.h"

/**
 * http_accept() - serve a client of the proxy
 * @gateway:     serves it
 * @fd:          connected; owned
 * @client_port: of its own end
 */
void http_accept(struct gateway *gateway, int fd, uint16_t client_port);

/** http_free_all() - the gateway ends */
void http_free_all(struct gateway *gateway);
