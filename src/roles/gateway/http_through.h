/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_through.h - requests in the clear that another proxy serves
 *
 * What a program says in HTTP in the clear goes to the proxy behind us (upstream.h) as any program would say
 * it there: in absolute form, each request by itself, with our credentials and never with the program's. A
 * WebSocket is what no request can be; it goes by CONNECT, as programs do that, too.
 *
 * The answer is read as strictly as a host's, and cannot always be told from one. What is the proxy's own for
 * sure is not passed on: 407, which would make the program ask its person for a password that is not its
 * business, and an answer whose head says that the proxy failed (Proxy-Status with an error, X-Squid-Error).
 * The program hears 502, why, and what to do. Any other 403 or 5xx goes on as it came, with a Proxy-Status of
 * ours that names the proxy as who may have said it.
 *
 * TRACE, which answers with the request as it came, would show a program the credentials: Max-Forwards makes
 * the proxy itself the one that answers. codec/http.h takes no TRACE from anybody.
 *
 * Sources: RFC 9112, section 3.2.2; RFC 9110, sections 7.6, 9.3.8 and 11.7; RFC 9209 (Proxy-Status); RFC
 * 6455, section 4.1
 */
#pragma once

#include "roles/gateway/http_internal.h"

/**
 * http_through_write() - the head of a request, to its server or to the proxy; Return: 0 or negative errno
 */
int http_through_write(struct http *http);

/**
 * http_through_hear() - an answer's head is there, and not passed on yet
 * @http: in an exchange; where the answer may be the proxy's, its note says so afterwards
 *
 * Return: 0: it is passed on; as upstream_error(): the proxy answers for itself.
 */
int http_through_hear(struct http *http);

/** http_through_hint() - what to do about a negative errno; empty: there is nothing to say */
void http_through_hint(const struct gateway *gateway, int error, char ret[HINT_SIZE]);
