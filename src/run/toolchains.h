/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toolchains.h - which directories of the real home hold programs that the agent may run
 *
 * The user's PATH says what they work with; data/toolchains.jsonc says what belongs to it
 * (config/toolchain.h). The outcome is a list of paths to be shown read-only at their own place, files in
 * them to be hidden, and what was left out, each with its reason. Nothing is created or changed.
 *
 * Invariants: what is offered is below the real home and never the home itself; no component of its path is a
 * link; it belongs to the user or to root, and nobody else may write it; it neither holds nor lies in a place
 * that is never offered, nor in or around what cordon keeps for itself.
 */
#pragma once

#include "base/error.h"
#include "config/config.h"
#include "config/toolchain.h"

struct run_toolchains_inputs {
	const char *home;			/* the real one: absolute, clean, without links */
	const char *const *environment;		/* of the user, ends in NULL */
	const char *const *own_dirs;		/* state, configuration and data of cordon */
	size_t own_dir_count;
	const char *const *roots;		/* directories that the agent works on: shown in any case */
	size_t root_count;
	const struct toolchains *table;		/* NULL: the one that came with cordon, if it is needed */
};

struct run_toolchain_path {
	const char *path;
	const char *why;			/* for people */
};

struct run_toolchain_paths {
	struct run_toolchain_path *items;
	size_t count, room;
};

struct run_toolchains {
	struct run_toolchain_paths offers;	/* files and directories, to be read and executed */
	struct run_toolchain_paths hides;	/* in them, to look absent */
	struct run_toolchain_paths left_out;	/* in PATH, or linked from there, and not offered */
	struct form_texts variables;		/* names: where a toolchain is told its own place */
	const char *path;			/* what PATH has to be inside; NULL: as it is */
};

/**
 * run_toolchains_find() - follow the user's PATH into the home
 * @arena:  owns the result
 * @inputs: borrowed
 * @ret:    what was found; empty where nothing of PATH lies in the home
 * @err:    says what failed
 *
 * What is not there, or cannot be offered, is no error.
 *
 * Errors: as toolchains_load(); -ENOMEM the arena is full; -E2BIG PATH leads to more than there is room for.
 * Return: 0 or negative errno.
 */
int run_toolchains_find(struct arena *arena, const struct run_toolchains_inputs *inputs,
	struct run_toolchains *ret, struct error *err);

/* ---- for a session (toolchains_session.c) ---- */

/**
 * run_toolchains_of_session() - what a configuration's filesystem.toolchains comes to
 * @arena:       owns the result
 * @config:      says whether anything is offered, and what is written in any case
 * @workspace:   the agent's
 * @environment: of the user, ends in NULL
 * @ret:         what was found; empty where the key is false
 * @err:         says what failed
 *
 * Errors: as run_toolchains_find(); -ENOENT there is no home directory.
 * Return: 0 or negative errno.
 */
int run_toolchains_of_session(struct arena *arena, const struct config *config, const char *workspace,
	const char *const *environment, struct run_toolchains *ret, struct error *err);

/**
 * run_toolchains_to_json() - [{"path", "use", "why"}, ...], where use is "offered", "hidden" or "left-out"
 */
const struct json *run_toolchains_to_json(struct arena *arena, const struct run_toolchains *toolchains);
