/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upstream.h - another proxy that connections go through
 *
 * Where the configuration names one, a connection that the rules allow is not made to its host but to that
 * proxy, which is asked for the host by CONNECT; but for HTTP in the clear, of which each request is asked
 * for in absolute form (http_through.h). The proxy looks the name up:
 * nobody does here, and so no address is vetted; the record of such a connection says so. What the client's
 * bytes have to be (TLS or HTTP for that host) is looked at as ever. What goes past it (net/upstream.h), and
 * the host's own ports, are connected to from here.
 *
 * The answer has to be one head of HTTP with a status of 2xx, and nothing may come before the question.
 * Behind that head is the host's first word: it is peeked at, and not a byte more is read than the head has.
 * The proxy's own name may lead to any address, since the person named it. It is never passed over because it
 * does not answer.
 *
 * Sources: RFC 9110, sections 9.3.6 (CONNECT) and 11.7 (Proxy-Authorization)
 */
#pragma once

#include "codec/http.h"
#include "roles/gateway/gateway.h"

/** upstream_init() - from the settings; Return: 0 or negative errno */
int upstream_init(struct gateway *gateway);

/** upstream_takes() - whether a connection goes through it; @port 0: the name is looked up */
bool upstream_takes(const struct gateway *gateway, const char *name, const struct net_address *address,
	uint16_t port);

/** upstream_note() - say on record that a connection goes through it */
void upstream_note(const struct gateway *gateway, struct gateway_judged *judged);

/**
 * upstream_error() - what it means that the proxy answers for itself, with no status of 2xx
 *
 * Return: -EKEYREJECTED it wants credentials, or others; -ENOLINK it cannot reach the host; -EREMOTEIO it
 * does not want to.
 */
int upstream_error(uint16_t status);

/* ---- being let through ---- */

struct upstream_talk;

/*
 * @error: 0: the host is there; one of upstream_error(), -EPROTO, -ETIMEDOUT, or another from the kernel.
 */
typedef void upstream_fn(void *owner, int error);

/**
 * upstream_ask() - have the proxy connect to a host
 * @gateway: has its credentials
 * @fd:      connected to it, nothing said yet; borrowed
 * @target:  "host:port", an address of IPv6 in brackets
 * @fn:      called once, never from inside of upstream_ask(); upstream_forget() is legal in it
 * @owner:   for @fn
 * @ret:     upstream_forget() when it is not wanted any more
 *
 * Errors: -EMSGSIZE a question that is too long; others from the kernel, when it cannot watch the socket.
 * Return: 0 or negative errno.
 */
int upstream_ask(struct gateway *gateway, int fd, const char *target, upstream_fn *fn, void *owner,
	struct upstream_talk **ret);

/** upstream_forget() - wait no more; NULL is legal; Return: NULL */
struct upstream_talk *upstream_forget(struct upstream_talk *talk);
