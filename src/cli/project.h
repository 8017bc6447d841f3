/* SPDX-License-Identifier: Apache-2.0 */
/*
 * project.h - what kind of project a directory holds, by the names in it
 *
 * Names are all that is looked at: no file is opened, so a project that nobody trusts cannot make this do
 * anything. The names themselves are the project's choice, and are quoted wherever they are shown.
 */
#pragma once

#include "cli/cli.h"

enum {
	PROJECT_MARKS_MAX = 8,
	PROJECT_COMMANDS_MAX = 6,
	PROJECT_NAMES_MAX = 20000,	/* entries of a directory that are looked at */
};

/* A kind of project: what it is known by, and what work on it takes. Arrays end with NULL. */
struct project_kind {
	const char *name;			/* "node" */
	const char *title;			/* "Node.js" */
	const char *marks[PROJECT_MARKS_MAX];	/* names, as str_match_glob() matches them */
	const char *commands[PROJECT_COMMANDS_MAX];
	/* a command that prints where packages come from; NULL: none does */
	const char *source;
	const char *profile;			/* the one that suits it, or NULL: the default one does */
};

struct project_found {
	const struct project_kind *kind;
	const char *mark;			/* the name that told; any bytes but "/" and NUL */
};

struct project_command {
	const char *name;
	bool is_here;				/* on the person's PATH */
};

/* Everything is owned by the arena. */
struct project {
	const struct project_found *found;
	size_t found_count;
	const struct project_command *commands;
	size_t command_count;
	const char *const *sources;		/* commands that print where packages come from */
	size_t source_count;
	/* of hosts, that suit it: preset/preset.h */
	const char *const *presets;
	size_t preset_count;
	const char *const *secrets;		/* names that often hold credentials */
	size_t secret_count;
	const char *const *terms;		/* names that say under which terms the project is given */
	size_t term_count;
	const char *profile;			/* suggested, or NULL */
	/* secrets whose names no file can say: no text, invisible, a pattern */
	size_t unnameable_count;
	bool is_partial;			/* more than PROJECT_NAMES_MAX names are there */
};

/**
 * project_look() - find out what a directory holds
 * @cli:   for its arena and the environment's PATH
 * @dirfd: the directory, open for reading; borrowed
 * @ret:   what was found
 * @err:   says what failed
 *
 * Errors: -ENOMEM; others from the kernel.
 * Return: 0 or negative errno.
 */
int project_look(struct cli *cli, int dirfd, struct project *ret, struct error *err);

/**
 * project_find_presets() - the presets that names in a project suggest (project_presets.c)
 * @cli:   owns the result
 * @names: in the project's directory
 * @count: of them
 * @ret:   gets the presets, sorted; none where the presets cannot be read, which is a warning
 */
void project_find_presets(struct cli *cli, const char *const *names, size_t count, struct project *ret);
