// SPDX-License-Identifier: Apache-2.0
/*
 * installed.c - whether a known agent is there to be run, before anything is prepared for it
 *
 * Whoever types `cordon run claude` without having it should read that, and nothing about settings that were
 * imported for it or a session that was. The plan says where its sandbox will look: in the directories of the
 * sandbox's PATH, of which some are the host's, some the private home's, and some not there at all.
 */
#include "cli/installed.h"

#include "base/path.h"
#include "base/quote.h"
#include "cli/advice.h"
#include "cli/preview.h"
#include "cli/program.h"
#include "cli/settings.h"

#include <errno.h>

enum {
	NOT_FOUND_EXIT = 127,		/* as where the sandbox finds out */
	PATH_SHOWN_MAX = 200,
};

static struct str path_inside(const struct jail_plan *plan)
{
	for (size_t i = 0; i < plan->command.env_count; i++)
		if (str_starts_with(str_from(plan->command.env[i]), STR("PATH=")))
			return str_from(plan->command.env[i] + strlen("PATH="));
	return (struct str){ 0 };
}

static int fail_missing(struct cli *cli, const struct agent *agent, struct str path)
{
	struct error err = ERROR_INIT;
	struct quoted shown = quote_text((struct str){ path.data, MIN(path.len, (size_t)PATH_SHOWN_MAX) });

	error_set(&err, -ENOENT, "cannot run '%s': no directory of PATH has it (%s%s)", agent->name,
		shown.text, path.len > PATH_SHOWN_MAX ? "..." : "");
	if (agent->install)
		error_hint(&err,
			"%s is installed by `%s`, for example. Where it is already, PATH has to lead to it.",
			agent->description, agent->install);
	else
		error_hint(&err, "Install %s first, or have PATH lead to it.", agent->description);
	return cli_fail(cli, NOT_FOUND_EXIT, &err);
}

/*
 * What has to be shown for a program to find the rest of itself: the packages around it, or the directory
 * whose "bin" it is in; but neither the root nor the whole home.
 */
static struct str top_of(struct cli *cli, const char *program)
{
	static const char packages[] = "/node_modules/";
	const char *found = strstr(program, packages), *home = cli_env(cli, "HOME");
	struct str dir = path_parent(str_from(program)), top = path_parent(dir);
	bool is_bin = str_ends_with(dir, STR("/bin")) && !str_eq(top, STR("/")) &&
		(!home || !path_is_beneath(str_from(home), top));

	if (found)
		return (struct str){ program, (size_t)(found - program) + strlen(packages) - 1 };
	return is_bin ? top : dir;
}

static int fail_outside(struct cli *cli, const struct agent *agent, const char *program)
{
	scoped(buf) struct buf word = BUF_INIT(ERROR_HINT_MAX);
	struct error err = ERROR_INIT;

	advice_quote(&word, top_of(cli, program));
	error_set(&err, -ENOENT, "cannot run '%s': it is '%s', and the sandbox does not see that directory",
		agent->name, quote_cstr(program).text);
	error_hint(&err,
		"`cordon run --read %s %s` shows it, read-only; filesystem.read in your own file does so each time.",
		buf_text(&word), agent->name);
	return cli_fail(cli, NOT_FOUND_EXIT, &err);
}

int installed_check(struct cli *cli, const struct run_request *request, const struct agent *agent)
{
	const char *own = cli_env(cli, "PATH"), *program;
	struct jail_plan plan;
	struct error ignored = ERROR_INIT;
	struct str path;

	if (preview_plan(cli, request, agent, &plan, &ignored) < 0)
		return CLI_OK;
	path = path_inside(&plan);
	if (program_find(cli, path, &plan, agent->name))
		return CLI_OK;
	program = program_find(cli, own ? str_from(own) : path, NULL, agent->name);
	return program ? fail_outside(cli, agent, program) : fail_missing(cli, agent, path);
}

bool installed_is_seen(struct cli *cli, const char *workspace, const char *profile, const struct agent *agent)
{
	const struct config_flag flag = { "--profile", CONFIG_KEY_PROFILE, profile };
	const struct settings_request settings = {
		.workspace = workspace, .flags = &flag, .flag_count = profile != NULL, .agent = agent,
	};
	const char *const argv[] = { agent->name, NULL };
	struct run_request request = {
		.argv = argv, .argc = 1, .cwd = workspace, .workspace = workspace, .agent_name = agent->name,
		.config = settings_peek(cli, &settings),
	};
	struct error ignored = ERROR_INIT;
	struct jail_plan plan;

	return !request.config || preview_plan(cli, &request, agent, &plan, &ignored) < 0 ||
		program_find(cli, path_inside(&plan), &plan, agent->name);
}
