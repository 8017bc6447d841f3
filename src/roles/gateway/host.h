/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.h - "host.cordon": the host's own loopback, at the ports that the user opened
 *
 * The sandbox has a loopback of its own, so the host's needs a name. It is reached at the ports of
 * network.host_ports and at no other, whatever network.allow says; a denial wins here as well. The name, and
 * all names below it, are nobody's: no server is asked for them, what the host's own table has for them is
 * passed over, and a name of somebody else's that leads to 127.0.0.1 is vetted like any other. It is dialled
 * at 127.0.0.1 and then at ::1.
 *
 * What is spoken there is not looked at, on whatever port, unless an entry for just this name asks for it
 * ("host.cordon:8443/tls" in network.allow).
 */
#pragma once

#include "roles/gateway/judge.h"

enum {
	HOST_ADDRESSES = 2,
};

extern const struct net_address host_loopback[HOST_ADDRESSES];	/* in the order in which they are dialled */
extern const struct net_prefix host_blocks[HOST_ADDRESSES];

/** host_owns() - whether @name, which is canonical, is the host's or one below it */
bool host_owns(struct str name);

/** host_opens() - whether @name is the host's, and @port open */
bool host_opens(const struct gateway *gateway, struct str name, uint16_t port);

/**
 * host_find() - what decides about a wish for a name that host_owns()
 * @gateway:      has the ports and the rules
 * @wish:         canonical
 * @ret_protocol: what has to be spoken; NET_TCP: anything
 *
 * Return: the verdict; without a rule where the port is not open.
 */
struct net_judgement host_find(struct gateway *gateway, const struct wish *wish,
	enum net_protocol *ret_protocol);

/** host_explain() - why a port is not open, into @judged, which has its target and port */
void host_explain(struct gateway_judged *judged);
