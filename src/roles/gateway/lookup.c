// SPDX-License-Identifier: Apache-2.0
/*
 * lookup.c - the addresses of a name that may be dialled
 *
 * An address is the host's own where the kernel would send to it from itself: asking that costs no packet,
 * and is true at the moment at which it matters.
 */
#include "base/fd.h"
#include "roles/gateway/names.h"
#include "roles/gateway/sockaddr.h"

#include <errno.h>
#include <string.h>

enum {
	ANY_PORT = 9,			/* nothing is sent there */
};

static bool is_own(const struct net_address *address)
{
	union sockaddr_any to, from;
	socklen_t len = sockaddr_fill(&to, address, ANY_PORT), from_len = sizeof(from);
	scoped(fd) int fd = kern_socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct net_address source;
	uint16_t port;

	return fd >= 0 && kern_connect(fd, &to.any, len) >= 0 &&
		kern_getsockname(fd, &from.any, &from_len) >= 0 && sockaddr_read(&from, &source, &port) &&
		!net_address_compare(&source, address);
}

void lookup_fini(struct lookup *lookup)
{
	if (!lookup->gateway)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(lookup->parts); i++)
		resolver_forget(&lookup->parts[i].waits);
	loop_remove_timer(&lookup->soon);
	lookup->gateway = NULL;
}

static int say_nothing_there(const struct lookup *lookup, const struct net_vetted *vetted)
{
	if (vetted->fallen_count)
		return -EACCES;
	return lookup->parts[0].is_missing || lookup->parts[1].is_missing ? -ENOENT : -EHOSTUNREACH;
}

static void end(struct lookup *lookup)
{
	static const struct net_prefix everything[] = {
		{ .address = { .len = NET_V4_BYTES } }, { .address = { .len = NET_V6_BYTES } },
	};
	struct gateway *gateway = lookup->gateway;
	struct net_address own[2 * DNS_ADDRESSES_MAX];
	struct net_vet_rules rules = {
		.named = gateway->named, .named_count = gateway->named_count, .own = own,
	};
	struct net_vetted vetted;

	if (lookup->may_lead_anywhere) {
		rules.named = everything;
		rules.named_count = ARRAY_SIZE(everything);
	}
	for (size_t i = 0; i < lookup->count; i++)
		if (is_own(&lookup->addresses[i]))
			own[rules.own_count++] = lookup->addresses[i];
	net_vet(&rules, lookup->addresses, lookup->count, &vetted);
	lookup_fini(lookup);
	lookup->fn(lookup, &vetted, vetted.count ? 0 : say_nothing_there(lookup, &vetted));
}

static void take(struct lookup_part *part, const struct resolved *resolved)
{
	struct lookup *lookup = part->lookup;

	part->is_there = true;
	part->is_missing = resolved->rcode == DNS_NXDOMAIN;
	for (size_t i = 0; i < resolved->address_count && lookup->count < ARRAY_SIZE(lookup->addresses); i++)
		lookup->addresses[lookup->count++] = resolved->addresses[i];
}

static void answered(struct resolver_lookup *waits, const struct resolved *resolved)
{
	struct lookup_part *part = CONTAINER_OF(waits, struct lookup_part, waits);
	struct lookup *lookup = part->lookup;

	take(part, resolved);
	if (lookup->parts[0].is_there && lookup->parts[1].is_there)
		end(lookup);
}

static void both_known(struct loop_timer *timer)
{
	end(CONTAINER_OF(timer, struct lookup, soon));
}

int lookup_start(struct lookup *lookup, struct gateway *gateway, struct str name, lookup_fn *fn)
{
	static const uint16_t types[] = { DNS_AAAA, DNS_A };
	struct resolved resolved;
	int r = 0;

	*lookup = (struct lookup){ .gateway = gateway, .fn = fn };
	for (size_t i = 0; i < ARRAY_SIZE(types) && r >= 0; i++) {
		struct lookup_part *part = &lookup->parts[i];

		part->lookup = lookup;
		if (resolver_known(&gateway->resolver, name, types[i], &resolved))
			take(part, &resolved);
		else
			r = resolver_ask(&gateway->resolver, &part->waits, name, types[i], answered);
	}
	if (r < 0)
		lookup_fini(lookup);
	else if (lookup->parts[0].is_there && lookup->parts[1].is_there)
		loop_set_timer(&gateway->loop, &lookup->soon, gateway->loop.now_ns, both_known);
	return r;
}
