/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h - the programs on the person's PATH
 *
 * Found as execvp(3) would, but for entries that are empty or relative: they mean the current directory,
 * which an agent may have filled. Nothing is executed here.
 */
#pragma once

#include "cli/cli.h"
#include "jail/plan.h"

/**
 * program_find() - the first program of a name on a PATH
 * @cli:  owns the result
 * @path: directories, with colons between them
 * @plan: the directories are this sandbox's, relative ones below where its program starts; NULL: the host's,
 *        relative ones are passed over
 * @name: a word without a slash
 *
 * Return: where it is on the host, or NULL.
 */
const char *program_find(struct cli *cli, struct str path, const struct jail_plan *plan, const char *name);

/**
 * program_is_here() - whether there is a program of a name
 * @cli:  for the environment's PATH
 * @name: a word; with a slash, a path
 *
 * Return: true when there is one, and it may be executed.
 */
bool program_is_here(const struct cli *cli, const char *name);
