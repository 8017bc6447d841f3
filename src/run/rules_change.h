/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_change.h - what a person wants of the rules of a session that runs
 *
 * `cordon allow`, `cordon deny` and `cordon rules --remove` ask for it, and the supervisor reads it as if a
 * stranger had sent it (CONTROL_CHANGE_RULES):
 *
 *	{"kind": "allow", "entries": ["example.org:443"], "for_ns": 600000000000}
 *	{"kind": "deny", "entries": ["example.org"]}
 *	{"kind": "remove", "ids": [7, 8]}
 *
 * What came by the session's control API says so with "through": "control".
 *
 * An entry is one of net/entry.h, without its "!": of what allows, one that names no port means 443, as in
 * the configuration, and of what denies, all of them.
 */
#pragma once

#include "base/error.h"
#include "json/json.h"
#include "net/entry.h"

enum {
	RULES_CHANGE_ITEMS_MAX = 1000,
};

#define RULES_CHANGE_FOR_MAX_NS (UINT64_C(366) * 24 * 3600 * 1000000000)

enum rules_change_kind {
	RULES_CHANGE_ALLOW,
	RULES_CHANGE_DENY,
	RULES_CHANGE_REMOVE,
	RULES_CHANGE_KIND_COUNT,
};

struct rules_change {
	enum rules_change_kind kind;
	const struct net_entry *entries;	/* of allow and deny, at least one; a denial says so */
	size_t entry_count;
	const uint64_t *ids;			/* of remove, at least one */
	size_t id_count;
	uint64_t for_ns;			/* how long; 0: it has no end */
	bool through_api;			/* of another program, which a person gave a key */
};

/**
 * rules_change_to_json() - as it is sent
 * @arena:   owns the result
 * @kind:    allow or deny
 * @entries: @count texts, as a person typed them
 * @count:   1..RULES_CHANGE_ITEMS_MAX
 * @for_ns:  how long; 0: without an end
 *
 * Return: the document, or NULL: an entry is no text, or the arena is full.
 */
const struct json *rules_change_to_json(struct arena *arena, enum rules_change_kind kind,
	const char *const *entries, size_t count, uint64_t for_ns);

/** rules_removal_to_json() - the same for what is removed; Return: the document, or NULL */
const struct json *rules_removal_to_json(struct arena *arena, const uint64_t *ids, size_t count);

/** rules_change_through_api() - the same, with where it came from; Return: the document, or NULL */
const struct json *rules_change_through_api(struct arena *arena, const struct json *change);

/**
 * rules_change_read() - what was sent
 * @arena: owns the result
 * @text:  any bytes
 * @ret:   set on success
 * @err:   what is wrong, for the person who typed it
 *
 * Errors: -EBADMSG it is no such document; -EINVAL an entry is none, or for longer than may be; -EMSGSIZE
 * there are too many.
 * Return: 0 or negative errno.
 */
int rules_change_read(struct arena *arena, struct str text, struct rules_change *ret, struct error *err);
