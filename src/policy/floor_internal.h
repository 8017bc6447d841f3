/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor_internal.h - between the files of the floor
 *
 *	floor.c		one changeset, change by change: facts, limits, protection
 *	floor_name.c	names: folding, deception, disguise
 *	floor_link.c	where a link leads, as far as text and the base can tell
 *	floor_watch.c	which paths a host obeys
 *	floor_alias.c	which other places it obeys in their stead
 *	floor_look.c	what in such a file matters: keys before, keys after
 *	floor_known.c	which addresses it had before, or one like them
 *	extract.h	keys and values of a file's syntax
 *	judge.c		findings become a judgement
 *	judge_policy.c	what the policies found
 *	judge_accept.c	what a person accepts
 */
#pragma once

#include "policy/extract.h"
#include "policy/floor_table.h"
#include "policy/judge.h"
#include "policy/rules.h"

/* ---- rows of tables/floor.toml (floor_table.c); the rules and watches are in rules.h ---- */

struct floor_pattern {
	const char *anchor;		/* the last component without a wildcard; "" where there is none */
	const char *pattern;
	size_t watch;
	/* of the name that it wants, where it wants no more: the characters at both ends; 0: any */
	char first, last;
};

enum {
	FLOOR_FILTER_BITS = 32768,
};

/*
 * One bit for each anchor and each vendored directory, at its hash (32 bits of Fowler, Noll and Vo's second
 * kind): most components of most paths have none, and need not be searched for.
 */
extern const uint64_t floor_filter[FLOOR_FILTER_BITS / 64];

extern const char floor_table_digest[];
extern const struct floor_pattern floor_patterns[];	/* sorted by anchor */
extern const size_t floor_patterns_count;
extern const char *const floor_vendored[];
extern const size_t floor_vendored_count;
extern const char *const floor_link_prefixes[];	/* sorted: "a" before "a/b" */
extern const size_t floor_link_prefixes_count;

/* ---- one run ---- */

/*
 * A place of the base that is obeyed as if it lay at another: the target of a hook that is a link,
 * core.hooksPath.
 */
struct floor_alias {
	unsigned root;
	struct str real;		/* clean, relative to the root */
	const char *seen_as;		/* likewise */
};

enum {
	FLOOR_ALIASES_MAX = 512,
};

/* The findings of a run, as they come. */
struct judge {
	struct decision *decisions;
	size_t count, room;
	uint64_t rule_counts[FLOOR_RULE_COUNT];
	struct judged_rule *rules;	/* of policies, as they come */
	size_t rule_count;
};

struct floor {
	struct arena *arena;
	const struct changeset *changeset;
	const struct policy_settings *settings;
	struct digest input;
	struct judge judge;
	struct floor_alias aliases[FLOOR_ALIASES_MAX];
	size_t alias_count;
	uint64_t read_bytes;
	struct error *err;
};

/**
 * floor_judge() - every rule over every change
 * @floor: arena, changeset, settings, input and err are set
 *
 * Errors: as policy_judge_changeset().
 * Return: 0 or negative errno.
 */
int floor_judge(struct floor *floor);

/* ---- findings (judge.c) ---- */

/**
 * floor_find() - a rule found something
 * @floor:  the run
 * @index:  of the rule in floor_rules; enum floor_rule_index names those that C code finds
 * @change: where
 * @detail: put behind the rule's `what` in parentheses; safe to print; NULL: nothing
 *
 * A rule is found once per change, with the detail that came first.
 *
 * Return: 0 or -EMSGSIZE.
 */
int floor_find(struct floor *floor, size_t index, const struct change *change, const char *detail);

/**
 * judge_add() - keep a decision, with an id; all of it but the id is set; Return: 0 or -EMSGSIZE
 */
int judge_add(struct floor *floor, const struct decision *decision);

/** judgement_worst() - what the rules come to; Return: the verdict */
enum verdict judgement_worst(const struct judgement *judgement);

/* ---- policies (judge_policy.c) ---- */

/**
 * judge_ask_policies() - the engine's findings, or one about why there are none
 * @floor: judged
 *
 * Return: 0 or -EMSGSIZE the judgement's arena.
 */
int judge_ask_policies(struct floor *floor);

/* ---- names (floor_name.c) ---- */

enum {
	FLOOR_COMPONENT_MAX = 256,
};

/**
 * floor_fold() - what a component is taken for where case and dressing mean nothing
 * @component: one component of a path
 * @ret:       lower case, without invisible characters, trailing dots and spaces, or an NTFS stream; at most
 *             FLOOR_COMPONENT_MAX bytes with the NUL
 *
 * Source: git's is_hfs_dotgit() and is_ntfs_dotgit() say which names to fear; HFS+ "Unicode Subtleties"
 * (TN1150)
 * Return: its length.
 */
size_t floor_fold(struct str component, char ret[FLOOR_COMPONENT_MAX]);

/** floor_judge_name() - findings about a change's path; Return: 0 or negative errno */
int floor_judge_name(struct floor *floor, const struct change *change);

/* ---- links (floor_link.c) ---- */

enum floor_reach {
	FLOOR_REACH_OUTSIDE,		/* also: too many links, too long, or unknown */
	FLOOR_REACH_INSIDE,
};

struct floor_place {
	enum floor_reach reach;
	unsigned root;
	char path[4096];		/* clean, relative; "." is the root itself */
};

/**
 * floor_resolve() - where a symbolic link leads once the changeset is applied
 * @floor:  the run
 * @root:   of the link
 * @path:   of the link
 * @target: its text
 * @ret:    the place; every link on the way is followed
 *
 * Errors: what the view failed with.
 * Return: 0 or negative errno.
 */
int floor_resolve(struct floor *floor, unsigned root, struct str path, struct str target,
	struct floor_place *ret);

/**
 * floor_look_base() - what a path is in the base
 * @floor: the run
 * @root:  index
 * @path:  clean, relative
 * @ret:   what is there; FILE_NONE also where the view sees nothing, or may not look
 *
 * Errors: -EACCES the user may not look there (@ret is FILE_NONE); others that the view failed with,
 * explained.
 * Return: 0 or negative errno.
 */
int floor_look_base(struct floor *floor, unsigned root, const char *path, struct policy_file *ret);

/** floor_look_new() - what a path will be once the changeset is applied; Return: as floor_look_base() */
int floor_look_new(struct floor *floor, unsigned root, const char *path, struct policy_file *ret);

/** floor_judge_link() - findings about a link; Return: 0 or negative errno */
int floor_judge_link(struct floor *floor, const struct change *change);

/* ---- watched paths (floor_watch.c) ---- */

/** floor_match_path() - whether folded, NUL-terminated @path matches @pattern whole */
bool floor_match_path(const char *pattern, const char *path);

/** floor_judge_watched() - findings about a path that a host obeys; Return: 0 or negative errno */
int floor_judge_watched(struct floor *floor, const struct change *change);

/* ---- aliases (floor_alias.c) ---- */

/** floor_find_aliases() - which places are obeyed as others; Return: 0 or negative errno */
int floor_find_aliases(struct floor *floor);

/* ---- contents (floor_look.c) ---- */

/**
 * floor_read_keys() - the keys of a file as it is, or as it will be
 * @floor: the run
 * @look:  its syntax
 * @side:  POLICY_BASE, or POLICY_BRANCH for a file that the changeset brings
 * @root:  index
 * @path:  clean, relative
 * @keys:  arena is set; grows
 *
 * Errors: -ENOENT there is no such regular file; -EBADMSG it cannot be understood; -EMSGSIZE it is too long.
 * Return: 0 or negative errno.
 */
int floor_read_keys(struct floor *floor, enum floor_look look, enum policy_side side, unsigned root,
	const char *path, struct floor_keys *keys);

/**
 * floor_judge_content() - whether what matters in a watched file changed
 * @floor:  the run
 * @watch:  why it is watched
 * @change: the file
 * @detail: text to put behind the names of keys, or NULL
 *
 * Errors: -ESTALE the branch holds other bytes than the changeset says; -EMSGSIZE the arena's limit; others
 * that the view failed with.
 * Return: 0 or negative errno.
 */
int floor_judge_content(struct floor *floor, const struct floor_watch *watch, const struct change *change,
		const char *detail);

/* ---- where packages came from (floor_known.c) ---- */

/* What addresses of a lock file begin with. */
struct floor_origins {
	const struct floor_watch *watch;	/* says which part of an address is its origin */
	struct str *items;		/* sorted, each once */
	size_t count;
};

/**
 * floor_origins_init() - the origins that some keys name
 * @origins: made
 * @arena:   owns the list; the texts are the keys'
 * @watch:   which part of an address that is
 * @keys:    @count of them
 * @count:   of @keys
 *
 * Return: 0 or -EMSGSIZE.
 */
int floor_origins_init(struct floor_origins *origins, struct arena *arena, const struct floor_watch *watch,
	const struct floor_key *const *keys, size_t count);

/**
 * floor_origins_have() - whether a key's address is like one of those
 * @origins:  what there was
 * @key:      what there is now
 * @ret_name: the address's origin, fit to be named; untouched where it has none
 *
 * An address that is not plain, with a step upwards, a user or a query in front of what tells, is like none.
 *
 * Return: true when it is.
 */
bool floor_origins_have(const struct floor_origins *origins, const struct floor_key *key,
	struct str *ret_name);
