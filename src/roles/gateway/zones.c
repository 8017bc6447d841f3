// SPDX-License-Identifier: Apache-2.0
/*
 * zones.c - how much of what the agent knows can leave in the names that it asks for
 */
#include "roles/gateway/zones.h"

#include <string.h>

void zones_fini(struct zones *zones)
{
	for (size_t i = 0; i < zones->count; i++)
		net_distinct_fini(&zones->items[i].names);
	zones->count = 0;
}

/* What stands behind the last wildcard of a pattern; of one without any, nothing. */
static struct str zone_of(struct str pattern)
{
	for (size_t i = pattern.len; i > 0; i--)
		if (pattern.data[i - 1] == '*')
			return i < pattern.len ? (struct str){ pattern.data + i + 1, pattern.len - i - 1 } :
		(struct str){ pattern.data + i, 0 };
	return (struct str){ 0 };
}

static struct zone *find(struct zones *zones, struct str zone)
{
	size_t i = 0;

	while (i < zones->count && i < ZONES_MAX && !str_eq(str_from(zones->items[i].name), zone))
		i++;
	if (i == zones->count) {
		zones->count++;
		net_distinct_init(&zones->items[i].names, ZONE_NAMES_MAX, zones->seed);
		memcpy(zones->items[i].name, zone.data, zone.len);
		zones->items[i].name[zone.len] = '\0';
	}
	return &zones->items[i];
}

/*
 * A name that was admitted is asked for again and again, and is what it was. What zones share that are too
 * many is left out, since a name may stand there because of another one.
 */
static bool is_known(const struct zones *zones, struct str zone, struct str name)
{
	for (size_t i = 0; i < zones->count && i < ZONES_MAX; i++)
		if (str_eq(str_from(zones->items[i].name), zone))
			return net_distinct_has(&zones->items[i].names, name);
	return false;
}

const char *zones_admit(struct zones *zones, const struct net_rule *rule, struct str name)
{
	const struct net_carried limits = NET_CARRIED_DEFAULT;
	struct str zone;

	if (!net_name_has_wildcard(rule->entry.name))
		return NULL;
	zone = zone_of(rule->entry.name);
	if (is_known(zones, zone, name))
		return NULL;
	switch (net_carried_check(&limits, name, zone)) {
	case NET_CARRIED_LABEL:
	case NET_CARRIED_BYTES:
		return "a name that a wildcard allows may not be that long";
	case NET_CARRIED_BITS:
		return "the name looks like data and not like a name";
	case NET_CARRIED_FINE:
		break;
	}
	return net_distinct_add(&find(zones, zone)->names, name) ? NULL :
		"too many different names of one wildcard were asked for in this session";
}

bool zones_pay(struct zones *zones, const struct net_rule *rule, size_t bytes)
{
	struct zone *zone;

	if (!net_name_has_wildcard(rule->entry.name))
		return true;
	zone = find(zones, zone_of(rule->entry.name));
	if (bytes > ZONE_RECORD_BYTES_MAX - zone->record_bytes)
		return false;
	zone->record_bytes += bytes;
	return true;
}
