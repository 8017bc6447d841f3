// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_trust.c - `cordon trust [--list | --revoke]`
 *
 * The person sees what the project file would widen, and says yes to exactly the content that was shown: the
 * digest that is remembered was taken over the bytes that were parsed. What they say goes into their own
 * ledger first, and only then takes effect.
 */
#include "cli/commands.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "cli/trusting.h"

#include "base/quote.h"
#include "base/time.h"
#include "kern/clock.h"
#include "run/workspace.h"
#include "session/dirs.h"

#include <errno.h>

/* ---- --list ---- */

static const struct json *trust_to_json(struct cli *cli, const struct config_trust *trust)
{
	struct json_object_builder object;
	char digest[DIGEST_HEX_SIZE], time[TIME_TEXT_SIZE];

	digest_to_hex(&trust->digest, digest);
	time_to_text(trust->time_ns, time);
	json_object_begin(&object, &cli->arena);
	json_object_add(&object, "workspace", json_new_bytes(&cli->arena, str_from(trust->workspace)));
	json_object_add(&object, "file", json_new_bytes(&cli->arena, str_from(trust->file)));
	json_object_add_text(&object, "digest", digest);
	json_object_add_text(&object, "time", time);
	return json_object_end(&object);
}

static int list_trusted(struct cli *cli, const char *state_dir)
{
	static const struct cli_column columns[] = {
		{ "SINCE", false }, { "DIGEST", false }, { "FILE", false }, { "WORKSPACE", false },
	};
	const struct config_trust *trusts;
	struct json_array_builder array;
	struct error err = ERROR_INIT;
	struct cli_table table;
	size_t count;

	if (config_trust_list(&cli->arena, state_dir, &trusts, &count, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	json_array_begin(&array, &cli->arena);
	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < count; i++) {
		char digest[DIGEST_HEX_SIZE], time[TIME_TEXT_SIZE];

		digest_to_hex(&trusts[i].digest, digest);
		time_to_text(trusts[i].time_ns, time);
		json_array_add(&array, trust_to_json(cli, &trusts[i]));
		cli_table_styled(&table, CLI_PLAIN, "%.19sZ", time);
		cli_table_styled(&table, CLI_PLAIN, "%.12s", digest);
		cli_table_cell(&table, str_from(trusts[i].file));
		cli_table_cell(&table, str_from(trusts[i].workspace));
	}
	if (cli->json) {
		table.cell_count = 0;
		cli_print_json(cli, json_array_end(&array));
	} else if (!count) {
		cli_note(cli, "no project's file is trusted: `cordon trust` asks for the one that is here");
	}
	cli_table_end(&table);
	return CLI_OK;
}

/* ---- --revoke ---- */

static int revoke_workspace(struct cli *cli, const char *state_dir, const char *workspace)
{
	const struct config_trust *trusts;
	struct error err = ERROR_INIT;
	size_t count, revoked = 0;
	int r = config_trust_list(&cli->arena, state_dir, &trusts, &count, &err);

	for (size_t i = 0; r >= 0 && i < count; i++) {
		if (strcmp(trusts[i].workspace, workspace))
			continue;
		r = trusting_record(cli, state_dir, &trusts[i], false, &err);
		if (r >= 0)
			r = config_trust_revoke(state_dir, workspace, trusts[i].file, &err);
		if (r < 0)
			break;
		revoked++;
		cli_note(cli, "'%s' is not trusted any more", quote_cstr(trusts[i].file).text);
	}
	if (r < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	if (!revoked) {
		error_set(&err, -ENOENT, "nothing in '%s' is trusted", quote_cstr(workspace).text);
		error_hint(&err, "`cordon trust --list` names what you trust, in all workspaces.");
		return cli_fail(cli, CLI_NO, &err);
	}
	if (cli->json)
		cli_print_json(cli, json_new_int(&cli->arena, (int64_t)revoked));
	return CLI_OK;
}

/* ---- trusting ---- */

/* The one answer of the command, in both forms. */
static int answer(struct cli *cli, const struct config *config, const struct config_trust *trust,
	bool trusted, const char *why)
{
	struct json_object_builder object;
	char digest[DIGEST_HEX_SIZE];

	if (!cli->json) {
		cli_note(cli, "'%s' %s", quote_cstr(trust->file).text, why);
		return trusted ? CLI_OK : CLI_NO;
	}
	digest_to_hex(&trust->digest, digest);
	json_object_begin(&object, &cli->arena);
	json_object_add(&object, "workspace", json_new_bytes(&cli->arena, str_from(trust->workspace)));
	json_object_add(&object, "file", json_new_bytes(&cli->arena, str_from(trust->file)));
	json_object_add_text(&object, "digest", digest);
	json_object_add_bool(&object, "trusted", trusted);
	json_object_add(&object, "widenings",
		settings_widenings_to_json(cli, config->widenings, config->widening_count));
	cli_print_json(cli, json_object_end(&object));
	return trusted ? CLI_OK : CLI_NO;
}

static void show_widenings(struct cli *cli, const struct config *config)
{
	if (cli->json)
		return;
	cli_printf(cli, "With your trust, '%s' goes beyond what your own configuration allows:\n",
		quote_cstr(config->project_file).text);
	for (size_t i = 0; i < config->widening_count; i++) {
		const char *origin = config_origin_text(&cli->arena, &config->widenings[i].origin);

		cli_printf(cli, "  %s: %s%s%s\n", origin ? origin : "?", cli_style(cli, CLI_WARN),
			config->widenings[i].text, cli_style(cli, CLI_PLAIN));
	}
	cli_flush(cli);
}

static int trust_project(struct cli *cli, const char *state_dir, const struct config *config,
	const char *workspace, bool yes)
{
	struct config_trust trust = {
		.workspace = workspace, .file = config->project_file, .digest = config->project_digest,
		.time_ns = kern_clock_real_ns(),
	};
	struct error err = ERROR_INIT;
	int r;

	if (!config->widening_count)
		return answer(cli, config, &trust, true, "only narrows, and needs no trust");
	show_widenings(cli, config);
	r = config_trust_check(state_dir, &trust, &err);
	if (r > 0)
		return answer(cli, config, &trust, true, "is trusted already, in this content");
	if (!yes && !cli->is_interactive && !cli->json)
		return cli_failf(cli, CLI_NO, "nobody is there to be asked; --yes says that you looked");
	if (r == 0 && !yes && !cli_confirm(cli, "Trust this content of '%s'?", quote_cstr(trust.file).text))
		return answer(cli, config, &trust, false, "is not trusted");
	if (r == 0)
		r = trusting_record(cli, state_dir, &trust, true, &err);
	if (r >= 0)
		r = config_trust_add(state_dir, &trust, &err);
	if (r < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	return answer(cli, config, &trust, true, "is trusted, until a byte of it changes");
}

static int no_file(struct cli *cli, const char *workspace)
{
	struct error err = ERROR_INIT;

	error_set(&err, -ENOENT, "there is no project file in '%s'", quote_cstr(workspace).text);
	error_hint(&err,
		"None is needed: sessions have what you allow. `cordon init` writes one that narrows it.");
	return cli_fail(cli, CLI_NO, &err);
}

int cmd_trust(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	const struct trust_options *options = trust_options(cli);
	struct settings_request request = { .project_trusted = true };
	const char *state_dir;
	struct error err = ERROR_INIT;
	const struct config *config;
	int code;

	if (options->list && options->revoke)
		return cli_usage(cli, "--list and --revoke exclude each other");
	state_dir = dirs_find(&cli->arena, DIRS_STATE, &err);
	if (!state_dir)
		return cli_fail(cli, CLI_FAILED, &err);
	if (options->list)
		return list_trusted(cli, state_dir);
	request.workspace = run_find_workspace(&cli->arena, options->workspace, &err);
	if (!request.workspace)
		return cli_fail(cli, CLI_USAGE, &err);
	if (options->revoke)
		return revoke_workspace(cli, state_dir, request.workspace);
	code = settings_load(cli, &request, NULL, &config);
	if (code != CLI_OK)
		return code;
	if (!config->project_file)
		return no_file(cli, request.workspace);
	return trust_project(cli, state_dir, config, request.workspace, options->yes);
}
