// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_commit.c - `cordon commit [ID] [--except] [PATH...] [--accept RULE... --reason TEXT] [--merge]`
 *
 * Everything that decides stands in run/commit.c; this says it to a person.
 */
#include "cli/commands.h"

#include "base/path.h"
#include "base/quote.h"
#include "cli/hold.h"
#include "cli/outcome.h"
#include "cli/rules.h"
#include "cli/which.h"
#include "run/workspace.h"

/* ---- what was asked ---- */

static int make_request(struct cli *cli, int argc, char **argv, struct run_commit_request *request)
{
	const struct commit_options *options = commit_options(cli);
	const char **paths = arena_alloc_array(&cli->arena, (size_t)argc + 1, sizeof(*paths)), *current;
	struct error err = ERROR_INIT;

	if (options->accept.count && !options->reason)
		return cli_usage(cli, "--accept needs a --reason, which the ledger keeps");
	if (options->reason && !options->accept.count)
		return cli_usage(cli, "--reason says why a rule is accepted: name it with --accept");
	if (options->except && !argc)
		return cli_usage(cli, "--except needs at least one PATH to leave out");
	for (size_t i = 0; i < options->accept.count; i++)
		if (!rules_may_be(options->accept.items[i]))
			return rules_fail_unknown(cli, CLI_USAGE, options->accept.items[i]);
	current = run_current_dir(&cli->arena, &err);
	if (!paths || !current)
		return cli_fail(cli, CLI_FAILED, &err);
	for (int i = 0; i < argc; i++) {
		paths[i] = path_clean(&cli->arena, current, str_from(argv[i]));
		if (!paths[i])
			return cli_usage(cli, "'%s' is no path", quote_cstr(argv[i]).text);
	}
	*request = (struct run_commit_request){
		.paths = paths,
		.path_count = (size_t)argc,
		.except = options->except,
		.accept = options->accept.items,
		.accept_count = options->accept.count,
		.reason = options->reason,
		.merge = options->merge,
		.user = hold_user(cli),
		.uid = kern_geteuid(),
		.patience = hold_patience(cli, true),
	};
	return CLI_OK;
}

int cmd_commit(struct cli *cli, int argc, char **argv)
{
	struct run_commit_request request = { 0 };
	struct run_commit_result result;
	struct hold hold;
	struct error err = ERROR_INIT;
	bool has_id = which_names_session(cli, argv[0]), is_lost;
	int code = make_request(cli, argc - has_id, argv + has_id, &request);

	if (code != CLI_OK)
		return code;
	code = hold_open(cli, has_id ? argv[0] : NULL, 1u << SESSION_HELD, &hold);
	is_lost = code != CLI_OK;
	if (code == CLI_OK) {
		int r = run_commit(&cli->arena, &hold.session, &hold.ledger, &request, &result, &err);

		is_lost = r == -ENOENT;
		code = r < 0 ? cli_fail(cli, outcome_exit_code(r), &err) :
			outcome_say(cli, &hold.session, &request, &result);
	}
	if (is_lost && !has_id)
		which_note_path(cli, argv[0]);
	return hold_close(cli, &hold, code);
}
