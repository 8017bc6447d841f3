/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zones.h - how much of what the agent knows can leave in the names that it asks for
 *
 * Where a rule allows every name of a zone ("**.example.org"), whoever owns the zone reads each name that is
 * looked up in it. So a name there must be one that names something (net/budget.h), and there are only so
 * many different ones in a session. Names that a rule spells out are not counted: they were chosen by a
 * person.
 */
#pragma once

#include "net/budget.h"
#include "net/rules.h"

enum {
	ZONES_MAX = 64,			/* that are counted each by itself; the others share one more */
	ZONE_NAMES_MAX = 1000,
	ZONE_RECORD_BYTES_MAX = 256 << 10,	/* that are told of records of other types than addresses */
};

struct zones {
	struct zone {
		char name[NET_NAME_MAX + 1];
		struct net_distinct names;
		size_t record_bytes;
	} items[ZONES_MAX + 1];
	size_t count;
	uint64_t seed[2];
};

/** zones_fini() - legal on an all-zero one */
void zones_fini(struct zones *zones);

/**
 * zones_pay() - may so many bytes of records that are no address be told
 * @zones: counts them
 * @rule:  that allows it
 * @bytes: of the records' data
 *
 * Return: true where they are within what its wildcard may be told, or it has none.
 */
bool zones_pay(struct zones *zones, const struct net_rule *rule, size_t bytes);

/**
 * zones_admit() - may this name be looked up, as far as it carries something
 * @zones: counts it
 * @rule:  that allows it
 * @name:  canonical
 *
 * Return: NULL, or why not: a sentence without its dot; static.
 */
const char *zones_admit(struct zones *zones, const struct net_rule *rule, struct str name);
