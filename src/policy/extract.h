/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract.h - the keys and values of a file that a host obeys
 *
 * Whatever the syntax, a file becomes a flat list of keys with their values, in the order of the file, and
 * the floor compares two such lists. The texts come from an agent: readers are bounded in memory and depth,
 * take no short cuts, and refuse what they cannot understand with certainty. They are fuzzed
 * (tests/fuzz/fuzz_extract.c).
 *
 *	json, toml	"/outer/inner/0", written as a JSON Pointer; a string's value begins with a quote
 *	git-config	"section.Sub Section.name", section and name in lower case
 *	ini, env	"name"
 *	cfg		"section/name"
 *	lines		the line
 *	attributes	"filter", "diff", ... with the value behind its "="
 *	todo		"exec"
 *	git-index	"assume-unchanged PATH", "skip-worktree PATH"
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum floor_look {
	FLOOR_LOOK_WRITE,		/* every write is a finding */
	FLOOR_LOOK_GIT_CONFIG,
	FLOOR_LOOK_JSON,
	FLOOR_LOOK_JSONC,
	FLOOR_LOOK_TOML,
	FLOOR_LOOK_INI,
	FLOOR_LOOK_CFG,
	FLOOR_LOOK_LINES,
	FLOOR_LOOK_ENV,
	FLOOR_LOOK_ATTRIBUTES,
	FLOOR_LOOK_TODO,
	FLOOR_LOOK_GIT_INDEX,
	FLOOR_LOOK_GITDIR,		/* from here on, not lists of keys */
	FLOOR_LOOK_COMMONDIR,
	FLOOR_LOOK_WORKTREE,
};

struct floor_words {
	const char *const *items;
	size_t count;
};

struct floor_key {
	struct str key;			/* as it is shown */
	struct str value;
};

struct floor_keys {
	struct arena *arena;
	struct floor_key *items;
	size_t count, room;
};

enum {
	FLOOR_KEYS_MAX = 100000,
	FLOOR_DEPTH_MAX = 64,
};

/** floor_keys_add() - one more; the texts are borrowed; Return: 0 or -EMSGSIZE */
int floor_keys_add(struct floor_keys *keys, struct str key, struct str value);

/**
 * floor_extract() - the keys and values of a file
 * @look: its syntax, one of those that have keys
 * @text: the whole file
 * @keys: arena is set; grows
 *
 * Keys that a syntax repeats are repeated, in order. More keys than a lenient reader would see are fine,
 * fewer are not.
 *
 * Errors: -EBADMSG it cannot be understood with certainty; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int floor_extract(enum floor_look look, struct str text, struct floor_keys *keys);

/** floor_key_matches() - whether a folded key, or folded key=value, matches one of the patterns */
bool floor_key_matches(const struct floor_words *patterns, const struct floor_key *key);
