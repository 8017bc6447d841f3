/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - the configuration of a session: many sources in, one immutable struct out
 *
 * The keys stand in tables/config.toml; `struct config_settings` (config/config_keys.h) is made from it. The
 * sources, later ones win, are
 *
 *	built-in defaults	always the closed answer
 *	profile			a file with "extends"; the user chooses it, or a flag, or the project
 *	agent			the hosts that the file of a known agent names (config/agent.h), while it is run
 *	user			$XDG_CONFIG_HOME/cordon/config.jsonc
 *	project			the first of config_project_files[] in the workspace
 *	flags			the user's own voice
 *	policy			/etc/cordon/policy.jsonc, the organisation's: applied last, can only narrow
 *
 * and three rules hold whatever they say:
 *
 *   - A scalar replaces what came before, a list or a map adds to it, and an empty one ([] or {}) empties it.
 *   - A project file that the user has not trusted may only narrow. That is judged by the outcome: the
 *     settings with the project file are compared, key by key, with those without it. So it does not matter
 *     how a widening came about (a value, an emptied prohibition, another profile).
 *   - The policy is a ceiling for the outcome of everything else, flags included.
 *
 * config_resolve() is pure: texts in, settings out. config_load() reads the files and calls it. After either,
 * a config is immutable, and owned by the arena. Paths are compared as text: that no component is a link is
 * for the jail to insist on, which opens them.
 */
#pragma once

#include "base/hash.h"
#include "config/config_keys.h"
#include "config/value.h"

enum {
	CONFIG_FILE_MAX = 1 << 20,		/* bytes of one file */
	CONFIG_LIST_MAX = 1024,			/* items of one list or map */
	CONFIG_TEXT_MAX = 4096,			/* bytes of one string */
	CONFIG_EXTENDS_MAX = 8,			/* profiles in a chain */
	CONFIG_TREE_DEPTH_MAX = 16,		/* objects within each other in a tree */
	CONFIG_PROBLEMS_MAX = 20,
	CONFIG_ARENA_BYTES = 64 << 20,		/* a good limit for the arena of a load */
};

/* One thing that is wrong. The text does not repeat the origin. */
struct config_problem {
	struct config_origin origin;
	const char *text;
	const char *hint;			/* what to do about it, or NULL */
};

struct config_problems {
	struct config_problem items[CONFIG_PROBLEMS_MAX];
	size_t count;
	size_t left_out;			/* more than there is room for */
};

enum config_notice_kind {
	/* less is enforced than was asked for: a session must not start like this */
	CONFIG_NOTICE_OPEN,
	CONFIG_NOTICE_CLOSED,		/* more is refused than was asked for */
	CONFIG_NOTICE_NARROWED,		/* the policy, or a later prohibition, took something away */
	CONFIG_NOTICE_IGNORED,		/* a key of another tool that cordon does not act on */
};

struct config_notice {
	enum config_notice_kind kind;
	struct config_origin origin;
	const char *text;
};

/* A value with which the project file goes beyond what the user allows. */
struct config_widening {
	enum config_key key;
	struct config_origin origin;
	const char *text;			/* "limits.memory: 8G, where 4G is allowed (FILE:LINE)" */
};

struct config {
	struct config_settings settings;
	struct config_value values[CONFIG_KEY_COUNT];	/* the same, with origins */
	const struct config_notice *notices;
	size_t notice_count;

	/* The project file; the path is relative to the workspace, NULL where there is none. */
	const char *project_file;
	struct digest project_digest;			/* of every byte of it */
	bool project_trusted;
	const struct config_widening *widenings;	/* what trust allowed; empty unless trusted */
	size_t widening_count;
};

/* ---- resolving: no file is touched (config.c) ---- */

/* One file, read. */
struct config_document {
	const char *file;		/* as it is shown, NULL: there is no such file */
	struct str text;
};

/* One option of the command line. */
struct config_flag {
	const char *option;		/* as it is shown: "--memory" */
	enum config_key key;
	/*
	 * A scalar as in a file, without quotes ("2G"); one item of a list ("~/notes"); NAME=VALUE for
	 * env.set. A list or map in JSON is one too, so that "[]" empties it.
	 */
	const char *value;
};

/* What a known agent asks for by being run. */
struct config_agent {
	const char *name;		/* "claude" */
	const char *const *hosts;	/* in their canonical form */
	size_t host_count;
	const char *const *presets;
	size_t preset_count;
};

/* A host that a preset stands for. */
struct config_preset_host {
	const char *text;		/* an entry of network.allow */
	const char *where;		/* for people: "preset python (pip config list)" */
};

/* What one preset comes to. */
struct config_preset {
	const struct config_preset_host *hosts;
	size_t host_count;
	const char *const *notes;	/* what it cannot tell: ends of sentences */
	size_t note_count;
};

/*
 * Finds out what presets come to, all of them at once: @names, well-formed ones, @count of them, each into
 * ret[i]. -ENOENT: there is none called names[*ret_wrong]. Any other error is about that one, too.
 */
typedef int config_presets_fn(void *context, struct arena *arena, const char *const *names, size_t count,
	struct config_preset *ret, size_t *ret_wrong, struct error *err);

/* Finds profile @name, which is a well-formed one; -ENOENT: there is none. */
typedef int config_profile_fn(void *context, struct arena *arena, const char *name,
	struct config_document *ret, struct error *err);

struct config_inputs {
	const char *workspace;		/* absolute, clean, no component is a link */
	const char *home;		/* likewise */
	/* cordon's state and configuration; nothing may give them to an agent */
	const char *const *own_dirs;
	size_t own_dir_count;
	const struct config_agent *agent;	/* NULL: none is run */
	struct config_document user, project, policy;
	bool project_trusted;
	config_profile_fn *find_profile;
	void *find_profile_context;
	config_presets_fn *find_presets;	/* NULL: their names are kept, and come to nothing */
	void *find_presets_context;
	const struct config_flag *flags;	/* later ones win */
	size_t flag_count;
};

/**
 * config_resolve() - from texts to settings
 * @arena:        owns the result, the problems' texts too; see CONFIG_ARENA_BYTES
 * @inputs:       borrowed; texts need not outlive the call, names must
 * @ret_problems: what is wrong, also on failure; sorted by file and position; may be NULL
 * @ret:          the configuration
 * @err:          the first problem, and how many more there are
 *
 * Errors: -EINVAL a source is wrong (all that is wrong is in @ret_problems); -EPERM the only thing wrong is
 * that the project file widens and is not trusted; -EMSGSIZE the arena's limit; what find_profile returns.
 * Return: 0 or negative errno; nothing is written to @ret on failure.
 */
int config_resolve(struct arena *arena, const struct config_inputs *inputs,
	struct config_problems *ret_problems, const struct config **ret, struct error *err);

/**
 * config_compare() - what one configuration allows beyond another (compare.c)
 * @arena:     owns the result
 * @workspace: absolute; the one that both were resolved for
 * @base:      what is allowed
 * @other:     what is judged, as a project file that is not trusted would be
 * @ret:       array of *@ret_count; each with the place in @other's sources that says so
 * @ret_count: 0: @other is @base or narrower
 *
 * Errors: -EMSGSIZE the arena's limit.
 * Return: 0 or negative errno.
 */
int config_compare(struct arena *arena, const char *workspace, const struct config *base,
	const struct config *other, const struct config_widening **ret, size_t *ret_count);

/** config_key_name() - the name of a key */
const char *config_key_name(enum config_key key);

/**
 * config_origin_text() - an origin for people: "built-in", "--memory" or
 * "/home/a/.config/cordon/config.jsonc:3:12"
 * @arena:  owns the text
 * @origin: where a value came from
 *
 * Return: the text, without control characters, or NULL when the arena is full.
 */
const char *config_origin_text(struct arena *arena, const struct config_origin *origin);

/** config_source_name() - "default", "profile", "user", "project", "flag", "policy" */
const char *config_source_name(enum config_source source);

/* ---- as a document (config_json.c) ---- */

/**
 * config_to_json() - the whole configuration, as session directories keep it
 * @arena:  owns the result
 * @config: what to write
 *
 * {"version": 1, "agent": {...}, "origins": {"limits.memory": {...}, "env.pass": [...], ...}, "project":
 * {...}}; "agent" is what a configuration file could hold, with every key present and paths absolute.
 * docs/formats/config.md.
 *
 * Return: the document, or NULL when the arena is full.
 */
const struct json *config_to_json(struct arena *arena, const struct config *config);

/**
 * config_from_json() - read what config_to_json() wrote
 * @arena:    owns the result
 * @document: borrowed
 * @ret:      the configuration, without notices
 * @err:      says what is wrong
 *
 * Errors: -EINVAL not such a document, or another version; -EMSGSIZE the arena's limit.
 * Return: 0 or negative errno.
 */
int config_from_json(struct arena *arena, const struct json *document, const struct config **ret,
	struct error *err);

/**
 * config_item_layer() - whose word an item is: the organisation's, the project's, or that of the user and
 * whom they chose; Return: CONFIG_SOURCE_POLICY, _PROJECT or _USER
 */
enum config_source config_item_layer(const struct config_item *item);

/**
 * config_tree_to_json() - leaves of a tree as the object that they are of
 * @arena: owns the result
 * @tree:  of a key of that type
 * @is_of: whether a leaf is wanted, by where it came from; NULL: all are
 *
 * Return: the object, or NULL when the arena is full.
 */
const struct json *config_tree_to_json(struct arena *arena, const struct config_list *tree,
	bool (*is_of)(enum config_source source));

/**
 * config_value_to_json() - one value as a file would have it; Return: the value, or NULL when the arena is
 * full
 */
const struct json *config_value_to_json(struct arena *arena, enum config_key key,
	const struct config_value *value);
