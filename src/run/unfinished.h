/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unfinished.h - the sessions of which a crash may have left something
 *
 * Before it does anything else, every command finishes what an earlier one could not: a commit that was cut
 * off, control groups of a supervisor that was killed. Asking each session would make every start a little
 * slower than the one before, so those at risk are noted while they are: an empty file per session in
 * $XDG_STATE_HOME/cordon/unfinished. A note costs nothing but a look; a missing one would hide something.
 * Notes are not synced, so the first command after a boot asks every session, and `.boot` there says which
 * boot that was.
 */
#pragma once

#include "session/session.h"

/**
 * unfinished_add() - note a session, before the first step that a crash could cut off
 * @session_dir: absolute path of its directory
 * @err:         what failed
 *
 * Return: 0 or negative errno.
 */
int unfinished_add(const char *session_dir, struct error *err);

/**
 * unfinished_check() - look whether a session has something left to finish; its note says so afterwards
 * @session_dir: as above
 *
 * Return: true where it has.
 */
bool unfinished_check(const char *session_dir);

/**
 * unfinished_list() - the sessions to look at
 * @arena:     owns the list
 * @state_dir: the user's
 * @ret:       ids
 * @ret_count: how many
 *
 * Return: 1 where these are all sessions, since nobody has looked since the boot; 0 where they are the noted
 * ones; negative errno where there is nothing to be read.
 */
int unfinished_list(struct arena *arena, const char *state_dir, const char *const **ret, size_t *ret_count);

/** unfinished_all_checked() - every session has been looked at since the boot */
void unfinished_all_checked(const char *state_dir);
