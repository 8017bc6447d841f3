/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dirs.h - where cordon keeps things on the host
 *
 * Everything follows the XDG Base Directory Specification: state (sessions, ledgers) below
 * $XDG_STATE_HOME/cordon, data (the agents' private homes) below $XDG_DATA_HOME/cordon, configuration below
 * $XDG_CONFIG_HOME/cordon. A relative value of such a variable is ignored, as the specification says. $HOME
 * that is unset falls back to the password entry.
 *
 * Branch storage has to be on the workspace's own file system, or a commit could not rename; dirs_storage()
 * finds a place, which is never inside the workspace.
 *
 * Source: XDG Base Directory Specification 0.8
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <sys/types.h>

enum dirs_kind {
	DIRS_STATE,			/* $XDG_STATE_HOME, ~/.local/state */
	DIRS_DATA,			/* $XDG_DATA_HOME, ~/.local/share */
	DIRS_CONFIG,			/* $XDG_CONFIG_HOME, ~/.config */
};

/**
 * dirs_find() - one of the user's directories for cordon; not created
 * @arena: owns the path
 * @kind:  which
 * @err:   what failed
 *
 * Links on the way to it are resolved, as far as the way exists.
 *
 * Return: an absolute clean path, or NULL (no home directory to be found).
 */
const char *dirs_find(struct arena *arena, enum dirs_kind kind, struct error *err);

/** dirs_home() - the user's real home directory, absolute and clean; NULL where none can be found */
const char *dirs_home(struct arena *arena, struct error *err);

/** dirs_user_name() - the name of the user who runs this, or "uid N" where the password file has none */
const char *dirs_user_name(struct arena *arena);

/**
 * dirs_storage() - where the branch of a root is kept
 * @arena:       owns the path
 * @root:        absolute clean path of a directory that the agent may write
 * @session_dir: the session directory, absolute
 * @id:          the session's id
 * @number:      index of the root
 * @err:         what failed
 *
 * `<session_dir>/branch/<number>` where that is on @root's file system, else `<highest directory of that file
 * system that the user may write, outside @root>/.cordon-<uid>/<id>/<number>`, else the former after all, and
 * a commit copies.
 *
 * Nothing is created.
 *
 * Return: an absolute path, or NULL.
 */
const char *dirs_storage(struct arena *arena, const char *root, const char *session_dir, const char *id,
	unsigned number, struct error *err);
