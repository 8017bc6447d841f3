/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value.h - one value of the configuration, and where it came from
 *
 * Values are immutable and owned by the arena of the load. A list keeps the origin of every item, since its
 * items may come from different files. A map is a list whose items have a value. A tree is a list of its
 * leaves: what is no object, or an empty one, at the JSON Pointer that leads to it.
 */
#pragma once

#include "json/json.h"

/* In the order of precedence: later wins, but the organisation's policy only ever narrows. */
enum config_source {
	CONFIG_SOURCE_DEFAULT,
	CONFIG_SOURCE_PROFILE,
	CONFIG_SOURCE_AGENT,
	CONFIG_SOURCE_USER,
	CONFIG_SOURCE_PROJECT,
	CONFIG_SOURCE_FLAG,
	CONFIG_SOURCE_POLICY,
};

struct config_origin {
	enum config_source source;
	uint32_t line, column;		/* from 1; 0 for a default and for a flag */
	const char *file;		/* path; the option as it was given; NULL for a default */
};

struct net_entry;

struct config_item {
	/* a path is absolute and clean; of a map: the key; of a leaf: "/deletions/ratio" */
	const char *text;
	const char *value;		/* of an item of env.set, otherwise NULL */
	/* of an item of secrets: {"env", "from", "hosts"}; of a leaf: its value; otherwise NULL */
	const struct json *object;
	const struct net_entry *entry;	/* of a host, net/entry.h; otherwise NULL */
	struct config_origin origin;
};

/* In the order in which sources gave them, each text once. */
struct config_list {
	const struct config_item *items;
	size_t count;
};

/* What a limit is when there is none. Nothing is greater, so that "the smaller one" needs no special case. */
#define CONFIG_UNLIMITED UINT64_MAX

struct config_value {
	/* Of a list: where it was last emptied, or the default. */
	struct config_origin origin;
	union {
		bool boolean;
		uint64_t number;	/* bytes, nanoseconds, a count or thousandths; CONFIG_UNLIMITED */
		unsigned choice;	/* of the enum that the key has in struct config_settings */
		const char *text;
		struct config_list list;
	};
};
