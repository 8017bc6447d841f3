/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h - the floor's rules, for people who want to read them
 *
 * Everything here is a row of tables/floor.toml, as it stands in the program: whoever explains a rule speaks
 * of what judges, not of what somebody wrote about it. Rules without a watch are decided by code from the
 * facts of a changeset; `looks` says from which.
 */
#pragma once

#include "policy/extract.h"
#include "policy/verdict.h"

struct floor_rule {
	const char *id;			/* "floor/setuid" */
	enum verdict verdict;
	enum severity severity;
	const char *what, *why, *todo;	/* ends of sentences: "PATH <what>: <why>", "<todo>" */
	const char *looks;		/* what the rule looks at */
	const char *example;		/* a shell command that it finds something of */
};

extern const struct floor_rule floor_rules[];

enum floor_watch_flags {
	FLOOR_WATCH_DELETED = 1 << 0,
	FLOOR_WATCH_EXECUTABLE = 1 << 1,
	FLOOR_WATCH_VENDORED = 1 << 2,
};

/* Which addresses are like one that the file had before, and so no finding. */
enum floor_known {
	FLOOR_KNOWN_NONE,
	FLOOR_KNOWN_VALUE,		/* the same one */
	FLOOR_KNOWN_PACKAGE,		/* https://HOST/PATH/NAME/-/FILE: of the same HOST and PATH */
	FLOOR_KNOWN_DIRECTORY,		/* https://HOST/NAME/...: of the same HOST and NAME */
};

/* Paths that one rule watches in one way. */
struct floor_watch {
	size_t rule;			/* index into floor_rules */
	enum floor_look look;
	enum floor_known known;
	unsigned flags;			/* enum floor_watch_flags */
	/* only where such a file lies in the same directory; NULL: anywhere */
	const char *beside;
	struct floor_words paths, except, keys, except_keys, removed_keys;
};

extern const struct floor_watch floor_watches[];
extern const size_t floor_watches_count;	/* at most 64 */

/** floor_rules_count() - how many there are */
size_t floor_rules_count(void);

/** floor_find_rule() - the rule of that name, or NULL */
const struct floor_rule *floor_find_rule(const char *id);

/** floor_nearest_rule() - the name of the rule that was probably meant, or NULL */
const char *floor_nearest_rule(const char *id);

/** floor_look_name() - "write", "json", ...: the word of tables/floor.toml */
const char *floor_look_name(enum floor_look look);

/** floor_known_name() - "value", "package", "directory": the word of tables/floor.toml; "none" for none */
const char *floor_known_name(enum floor_known known);

/** floor_known_text() - the same for people: what is no finding */
const char *floor_known_text(enum floor_known known);
