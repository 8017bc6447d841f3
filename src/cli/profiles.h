/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profiles.h - profiles by the words that people call them, for every command that looks at one
 */
#pragma once

#include "cli/settings.h"

/**
 * profiles_list() - every profile that there is, those that are replaced too
 * @cli:       owns the result
 * @ret:       array of *@ret_count, by name
 * @ret_count: how many
 *
 * Return: CLI_OK, or CLI_FAILED, told.
 */
int profiles_list(struct cli *cli, const struct config_profile **ret, size_t *ret_count);

/**
 * profiles_find() - the profile that a word means
 * @cli:     owns the result
 * @word:    its name; or a path, which has a "/" or ends in ".jsonc"
 * @missing: exit code for a name that no profile has
 * @ret:     the profile; of a path whatever the file says of itself, be it there or not
 *
 * Return: CLI_OK, @missing or CLI_FAILED, told.
 */
int profiles_find(struct cli *cli, const char *word, int missing, struct config_profile *ret);

/**
 * profiles_load() - what a profile and all that it extends come to, for SETTINGS_ANY_WORKSPACE
 * @cli:          owns the result
 * @profile:      as profiles_find() gave it
 * @ret_problems: what was wrong, already told; NULL where nobody wants to know
 * @ret:          the settings, on CLI_OK
 *
 * Return: as settings_load().
 */
int profiles_load(struct cli *cli, const struct config_profile *profile,
	const struct config_problems **ret_problems, const struct config **ret);

/**
 * profiles_beyond() - what a profile allows beyond another
 * @cli:       owns the result
 * @base:      what profiles_load() gave for the other
 * @config:    what it gave for this one
 * @ret:       array of *@ret_count
 * @ret_count: 0: nothing
 *
 * Return: CLI_OK, or CLI_FAILED, told.
 */
int profiles_beyond(struct cli *cli, const struct config *base, const struct config *config,
	const struct config_widening **ret, size_t *ret_count);

/** profiles_keys_text() - the keys of widenings, each once: "env.pass, limits.pids"; "nothing" for none */
const char *profiles_keys_text(struct cli *cli, const struct config_widening *widenings, size_t count);
