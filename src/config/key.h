/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.h - what a row of tables/config.toml says, as the parser uses it
 *
 * The rows are generated (tools/gen/config.py); what the words mean stands in the table's own head.
 */
#pragma once

#include "base/macro.h"

#include <stdbool.h>

enum config_type {
	CONFIG_TYPE_BOOL,
	CONFIG_TYPE_SIZE,		/* number: bytes */
	CONFIG_TYPE_DURATION,		/* number: nanoseconds */
	CONFIG_TYPE_COUNT,		/* number */
	CONFIG_TYPE_DECIMAL,		/* number: thousandths */
	CONFIG_TYPE_ENUM,		/* choice */
	CONFIG_TYPE_NAME,		/* text: of a profile */
	CONFIG_TYPE_KEYS,		/* text: session/detach_keys.h */
	CONFIG_TYPE_TEXT,		/* text: of one item; "" for none */
	CONFIG_TYPE_LIST,
	CONFIG_TYPE_MAP,
	CONFIG_TYPE_TREE,		/* list: of its leaves, tree.c */
};

/** config_type_is_list() - whether values of that type are kept as a list of items */
static inline bool config_type_is_list(enum config_type type)
{
	return type == CONFIG_TYPE_LIST || type == CONFIG_TYPE_MAP || type == CONFIG_TYPE_TREE;
}

enum config_item_kind {
	CONFIG_ITEM_NONE,
	CONFIG_ITEM_PATH,
	CONFIG_ITEM_PATTERN,		/* over paths relative to the workspace */
	CONFIG_ITEM_VARIABLE,		/* over names of environment variables */
	CONFIG_ITEM_COMMAND,		/* over command lines */
	CONFIG_ITEM_HOST,
	CONFIG_ITEM_PORT,
	CONFIG_ITEM_PRESET,		/* of hosts */
	CONFIG_ITEM_BYPASS,		/* net/upstream.h */
	CONFIG_ITEM_PROXY,
	CONFIG_ITEM_PUBLICATION,	/* net/publication.h */
	CONFIG_ITEM_MODULE,		/* of policy, that came with cordon */
	CONFIG_ITEM_SOURCE,		/* of policy: a path */
	CONFIG_ITEM_URL,		/* "https://HOST[:PORT][/PATH]" or "unix:/PATH" */
	CONFIG_ITEM_REFERENCE,		/* "env:NAME" or "file:PATH" */
	CONFIG_ITEM_TEXT,		/* of a map */
	CONFIG_ITEM_SECRET,		/* of a map */
	CONFIG_ITEM_LEAF,		/* of a tree */
};

enum config_narrow {
	CONFIG_NARROW_FIXED,
	CONFIG_NARROW_LEAST,
	CONFIG_NARROW_GRANTS,
	CONFIG_NARROW_RESTRICTS,
	CONFIG_NARROW_STRICTER,
	CONFIG_NARROW_OUTCOME,
};

enum config_until {
	CONFIG_UNTIL_DONE,		/* the key is acted on */
	CONFIG_UNTIL_OPEN,
	CONFIG_UNTIL_CLOSED,
};

enum config_trustable {
	CONFIG_TRUST_NEVER,
	CONFIG_TRUST_PROFILE,		/* by its choice of a profile that does, and not by itself */
	CONFIG_TRUST_FILE,
};

struct config_key_row {
	const char *name;		/* "limits.memory" */
	const char *section;		/* "limits", "" for a key of its own */
	enum config_type type;
	enum config_item_kind item;
	enum config_narrow narrow;
	enum config_until until;
	uint64_t min, max;		/* in the unit of struct config_value */
	bool unlimited;			/* the word is accepted */
	enum config_trustable trust;	/* how far a trusted project file may widen it */
	/* of a list that restricts: the entry that allows; NULL: none does */
	const char *permits;
	const char *const *choices;	/* of an enum, by position */
	size_t choice_count;
	const char *default_json;
	const char *inert_json;		/* "" for none */
	const char *until_doc;
	const char *doc;
};

/* By enum config_key. */
extern const struct config_key_row config_keys[];

/* Top-level keys of devcontainer.json, sorted. */
enum config_devcontainer_use {
	CONFIG_DEVCONTAINER_REPORTED,
	CONFIG_DEVCONTAINER_ENV,
	CONFIG_DEVCONTAINER_NONE,
};

struct config_devcontainer_row {
	const char *name;
	enum config_devcontainer_use use;
};

extern const struct config_devcontainer_row config_devcontainer_keys[];
extern const size_t config_devcontainer_key_count;

/* The JSON Schema of a file, as `cordon config schema` prints it. */
extern const char config_schema_text[];
