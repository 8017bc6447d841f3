// SPDX-License-Identifier: Apache-2.0
/*
 * host.c - entries of the network lists, as items of a configuration
 *
 * What an entry is stands in net/entry.h. Where it names no port, what allows means 443, and what forbids or
 * asks means every port: in doubt, the one that lets less through. An item's text is the canonical one, with
 * its port.
 */
#include "config/config_internal.h"

#include "net/entry.h"

enum {
	HTTPS_PORT = 443,
};

const char *config_host_read(struct arena *arena, struct str text, enum config_narrow narrow,
	struct config_item *ret, size_t *ret_at)
{
	static const struct net_ports https = { HTTPS_PORT, HTTPS_PORT };
	struct net_entry *entry = arena_alloc(arena, sizeof(*entry));
	char canonical[NET_ENTRY_SIZE];
	struct net_flaw flaw;

	*ret_at = 0;
	if (!entry)
		return "it is too long";
	if (net_entry_read(arena, text, narrow == CONFIG_NARROW_RESTRICTS ? NET_PORTS_ALL : https, entry,
			&flaw) < 0) {
		*ret_at = flaw.at;
		return flaw.why;
	}
	if (entry->denies && narrow != CONFIG_NARROW_GRANTS)
		return "'!' denies what a list allows, and this one allows nothing";
	net_entry_print(entry, canonical);
	ret->entry = entry;
	ret->text = arena_copy(arena, canonical, strlen(canonical));
	return ret->text ? NULL : "it is too long";
}
