/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.h - the files that a configuration is made of, and the user's trust in one of them
 *
 * This is the folder's only I/O. Each file is read once, and what was read is what is parsed and digested. A
 * project file is opened beneath the workspace without following any link; the policy must be root's and
 * nobody else's to write.
 */
#pragma once

#include "config/config.h"

#define CONFIG_POLICY_FILE "/etc/cordon/policy.jsonc"

/* Where things are on this host. */
struct config_places {
	const char *home;		/* absolute, clean, links resolved */
	const char *config_dir;		/* $XDG_CONFIG_HOME/cordon */
	const char *state_dir;		/* $XDG_STATE_HOME/cordon */
	const char *profile_dir;	/* the profiles that came with cordon */
	const char *policy_file;	/* CONFIG_POLICY_FILE but for tests */
};

/**
 * config_places_init() - find the places (session/dirs.h)
 * @arena: owns the texts
 * @ret:   the places
 * @err:   says what could not be found
 *
 * The profiles are those of the build folder for a program that runs from there, otherwise the installed
 * ones: the directory of the running executable decides, and nothing else (session/programs.h says why).
 *
 * Errors: -ENOENT there is no home directory, or no profiles where they belong; others from the kernel.
 * Return: 0 or negative errno.
 */
int config_places_init(struct arena *arena, struct config_places *ret, struct error *err);

/**
 * config_data_dir() - where the files that came with cordon are, found as config_places_init() says; NULL
 * where they are not where they belong
 */
const char *config_data_dir(struct arena *arena, struct error *err);

struct config_sources {
	struct config_places places;
	const char *workspace;		/* absolute, clean, links resolved */
	int workspace_dirfd;		/* open O_PATH | O_DIRECTORY or for reading; borrowed */
	bool project_trusted;		/* as if the project file was trusted, to see what it would widen */
	/* that is run; NULL: none; borrowed, must outlive the config */
	const struct config_agent *agent;
	config_presets_fn *find_presets;	/* as in struct config_inputs */
	void *find_presets_context;
	const struct config_flag *flags;
	size_t flag_count;
};

/* Names of the project file, in the order in which they are looked for. */
extern const char *const config_project_files[];
extern const size_t config_project_file_count;

/**
 * config_load() - read all sources and resolve them
 * @arena:        owns the result; see CONFIG_ARENA_BYTES
 * @sources:      borrowed; flags must outlive the config
 * @ret_problems: as config_resolve(); may be NULL
 * @ret:          the configuration
 * @err:          the first problem, or the file that could not be read
 *
 * Errors: as config_resolve(); -ELOOP or -EXDEV the project file or a directory on its way is a link; -EPERM
 * the policy, or a file of the user's, could have been written by somebody else; -EFBIG over CONFIG_FILE_MAX.
 * Return: 0 or negative errno.
 */
int config_load(struct arena *arena, const struct config_sources *sources,
	struct config_problems *ret_problems, const struct config **ret, struct error *err);

/**
 * config_load_file() - resolve one file by itself, on top of the defaults and the profile that it names
 * @arena:        owns the result
 * @sources:      borrowed; no file but this one and profiles is read
 * @kind:         what the file is: CONFIG_SOURCE_USER, _PROJECT, _POLICY or _PROFILE
 * @path:         the file; a link is followed and anybody may have written it, since nothing will obey it
 * @ret_problems: as config_resolve(); may be NULL
 * @ret:          the configuration; a project file counts as trusted
 * @err:          the first problem, or why the file could not be read
 *
 * Errors: as config_load(); -ENOENT there is no such file.
 * Return: 0 or negative errno.
 */
int config_load_file(struct arena *arena, const struct config_sources *sources, enum config_source kind,
	const char *path, struct config_problems *ret_problems, const struct config **ret, struct error *err);

/* ---- profiles (profiles.c) ---- */

struct config_profile {
	const char *name;
	const char *path;
	const char *description;	/* "" where it has none, or cannot be read */
	const char *extends;		/* NULL: nothing */
	bool is_own;			/* the user's, not one that came with cordon */
	bool is_replaced;		/* by the user's own of the same name */
};

/**
 * config_profile_list() - every profile that could be chosen, and those that are replaced
 * @arena:     owns the result
 * @places:    where to look
 * @ret:       array of *@ret_count, by name, the user's own first
 * @ret_count: how many
 * @err:       says what failed
 *
 * Errors: -EMSGSIZE the arena's limit, or too many; others from the kernel.
 * Return: 0 or negative errno.
 */
int config_profile_list(struct arena *arena, const struct config_places *places,
	const struct config_profile **ret, size_t *ret_count, struct error *err);

/**
 * config_profile_describe() - what one file says of itself, read as a profile
 * @arena: owns the result
 * @path:  the file
 * @ret:   name, path, description and extends; the name is the file's, without ".jsonc"
 *
 * Where the file cannot be read, it has no description and extends nothing: loading it says why.
 *
 * Return: 0, or -EMSGSIZE the arena's limit.
 */
int config_profile_describe(struct arena *arena, const char *path, struct config_profile *ret);

/* ---- trust (trust.c) ---- */

/* The user's word for one content of one project file of one workspace. */
struct config_trust {
	const char *workspace;
	const char *file;		/* relative to the workspace */
	struct digest digest;
	uint64_t time_ns;
};

/**
 * config_trust_check() - whether the user trusted exactly this content
 * @state_dir: as in struct config_places
 * @trust:     workspace, file and digest to look for
 * @err:       says what failed
 *
 * Errors: -EBADMSG the record is damaged; others from the kernel.
 * Return: 1 trusted, 0 not, or negative errno.
 */
int config_trust_check(const char *state_dir, const struct config_trust *trust, struct error *err);

/**
 * config_trust_add() - remember the user's word, for as long as the content stays; Return: 0 or negative
 * errno
 */
int config_trust_add(const char *state_dir, const struct config_trust *trust, struct error *err);

/**
 * config_trust_revoke() - forget it, whatever content it was for
 * @state_dir: as in struct config_places
 * @workspace: the workspace
 * @file:      relative to the workspace
 * @err:       says what failed
 *
 * Errors: from the kernel.
 * Return: 1 forgotten, 0 there was none, or negative errno.
 */
int config_trust_revoke(const char *state_dir, const char *workspace, const char *file, struct error *err);

/**
 * config_trust_list() - all that is trusted, ordered by workspace and file
 * @arena:     owns the result
 * @state_dir: as in struct config_places
 * @ret:       array of *@ret_count
 * @ret_count: how many
 * @err:       says what failed
 *
 * Errors: -EBADMSG a record is damaged; -EMSGSIZE the arena's limit; others from the kernel.
 * Return: 0 or negative errno.
 */
int config_trust_list(struct arena *arena, const char *state_dir, const struct config_trust **ret,
	size_t *ret_count, struct error *err);
