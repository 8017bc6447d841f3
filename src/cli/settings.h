/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h - the configuration, for every command that needs it: loaded, and what is wrong with it told
 */
#pragma once

#include "cli/cli.h"
#include "config/agent.h"

/*
 * Where a profile is looked at by itself, this stands for the workspace that a session would have: relative
 * paths are shown below it, and nothing of the host is.
 */
#define SETTINGS_ANY_WORKSPACE "/workspace"

/* What to load. */
struct settings_request {
	/* absolute, as run_find_workspace() gives it; with only_file it need not exist */
	const char *workspace;
	const struct config_flag *flags;
	size_t flag_count;
	bool project_trusted;		/* as if it were, to see what the project file would widen */
	/* of presets: what the tools of this host say, which takes as long as the slowest */
	bool asks_tools;
	/* that is run, with the hosts that it needs; NULL: none, or unknown */
	const struct agent *agent;
	/* Resolve this file alone, as what `kind` says; NULL: all sources. */
	const char *only_file;
	enum config_source only_kind;
};

/**
 * settings_load() - load the configuration and tell all that is wrong with it
 * @cli:          owns the result
 * @request:      borrowed; flags must outlive the command
 * @ret_problems: what was wrong, already told; NULL where nobody wants to know
 * @ret:          the configuration, on CLI_OK
 *
 * Return: CLI_OK; CLI_USAGE where a source is wrong; CLI_FAILED where one could not be read.
 */
int settings_load(struct cli *cli, const struct settings_request *request,
	const struct config_problems **ret_problems, const struct config **ret);

/** settings_peek() - the same without a word; Return: NULL where a source is wrong, or could not be read */
const struct config *settings_peek(struct cli *cli, const struct settings_request *request);

/**
 * settings_print_notices() - tell what is worth knowing; Return: whether less is enforced than was asked for
 */
bool settings_print_notices(struct cli *cli, const struct config *config);

/** settings_print() - every value in effect as a table, with where it came from if @with_origin */
void settings_print(struct cli *cli, const struct config *config, bool with_origin);

/** settings_problems_to_json() - [{"file", "line", "column", "message", "hint"}, ...] */
const struct json *settings_problems_to_json(struct cli *cli, const struct config_problems *problems);

/** settings_notices_to_json() - [{"kind", "origin", "message"}, ...] */
const struct json *settings_notices_to_json(struct cli *cli, const struct config *config);

/** settings_widenings_to_json() - [{"key", "origin", "message"}, ...] */
const struct json *settings_widenings_to_json(struct cli *cli, const struct config_widening *widenings,
	size_t count);
