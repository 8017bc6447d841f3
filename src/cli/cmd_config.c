// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_config.c - `cordon config show`, `cordon config check`, `cordon config schema`
 */
#include "cli/commands.h"
#include "cli/settings.h"
#include "cli/table.h"

#include "config/key.h"
#include "run/toolchains.h"
#include "run/workspace.h"

/* ---- show ---- */

/* The document of a session directory, with the notices, and what the toolchains come to. */
static int show_json(struct cli *cli, const struct config *config, const struct run_toolchains *toolchains)
{
	const struct json *document = config_to_json(&cli->arena, config);
	struct json_object_builder object;

	if (!document)
		return cli_failf(cli, CLI_FAILED, "the configuration is too large to be printed");
	json_object_begin(&object, &cli->arena);
	for (size_t i = 0; i < document->object.count; i++)
		json_object_add_value(&object, document->object.members[i].key,
			document->object.members[i].value);
	json_object_add(&object, "notices", settings_notices_to_json(cli, config));
	json_object_add(&object, "toolchains", run_toolchains_to_json(&cli->arena, toolchains));
	document = json_object_end(&object);
	if (!document)
		return cli_failf(cli, CLI_FAILED, "the configuration is too large to be printed");
	cli_print_json(cli, document);
	return CLI_OK;
}

static void print_paths(struct cli_table *table, const struct run_toolchain_paths *paths, const char *use,
	enum cli_style style)
{
	for (size_t i = 0; i < paths->count; i++) {
		cli_table_styled(table, style, "%s", use);
		cli_table_cell(table, str_from(paths->items[i].path));
		cli_table_cell(table, str_from(paths->items[i].why));
	}
}

/* Under the settings, what one of them comes to on this machine. */
static void print_toolchains(struct cli *cli, const struct run_toolchains *toolchains)
{
	static const struct cli_column columns[] = { { "TOOLCHAIN", false }, { "PATH", false },
		{ "WHY", .is_prose = true } };
	struct cli_table table;

	if (!toolchains->offers.count && !toolchains->left_out.count)
		return;
	cli_write(cli, STR("\n"));
	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
	print_paths(&table, &toolchains->offers, "read-only", CLI_PLAIN);
	print_paths(&table, &toolchains->hides, "hidden", CLI_PLAIN);
	print_paths(&table, &toolchains->left_out, "left out", CLI_DIM);
	cli_table_end(&table);
}

/* The agent that --agent names; NULL where it is not given. */
static int find_agent(struct cli *cli, const char *name, struct agent *agent, const struct agent **ret)
{
	struct config_places places;
	struct error err = ERROR_INIT;
	int r;

	*ret = NULL;
	if (!name)
		return CLI_OK;
	r = config_places_init(&cli->arena, &places, &err);
	if (r >= 0)
		r = agent_find(&cli->arena, &places, name, agent, &err);
	*ret = agent;
	return r < 0 ? cli_fail(cli, CLI_USAGE, &err) : CLI_OK;
}

int cmd_config_show(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	const struct config_show_options *options = config_show_options(cli);
	struct config_flag flag = { .option = "--profile",
		.key = CONFIG_KEY_PROFILE,
		.value = options->profile };
	struct settings_request request = { .flags = &flag, .flag_count = options->profile ? 1 : 0,
		.asks_tools = true };
	struct run_toolchains toolchains;
	struct error err = ERROR_INIT;
	const struct config *config;
	struct agent agent;
	int code;

	request.workspace = run_find_workspace(&cli->arena, options->workspace, &err);
	if (!request.workspace)
		return cli_fail(cli, CLI_USAGE, &err);
	code = find_agent(cli, options->agent, &agent, &request.agent);
	if (code == CLI_OK)
		code = settings_load(cli, &request, NULL, &config);
	if (code != CLI_OK)
		return code;
	if (run_toolchains_of_session(&cli->arena, config, request.workspace,
			(const char *const *)cli->envp, &toolchains, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	if (cli->json)
		return show_json(cli, config, &toolchains);
	settings_print_notices(cli, config);
	cli_page(cli);
	settings_print(cli, config, options->origin);
	print_toolchains(cli, &toolchains);
	return CLI_OK;
}

/* ---- check ---- */

/* What a file is, by its name, where nobody says. */
static enum config_source guess_kind(const char *path)
{
	struct str text = str_from(path);

	for (size_t i = 0; i < config_project_file_count; i++) {
		const char *name = config_project_files[i], *slash = strrchr(name, '/');

		if (str_ends_with(text, str_from(slash ? slash + 1 : name)))
			return CONFIG_SOURCE_PROJECT;
	}
	if (str_ends_with(text, STR("policy.jsonc")))
		return CONFIG_SOURCE_POLICY;
	return strstr(path, "profiles/") ? CONFIG_SOURCE_PROFILE : CONFIG_SOURCE_USER;
}

static enum config_source kind_of(const char *as, const char *path)
{
	static const enum config_source kinds[] = {
		CONFIG_SOURCE_USER, CONFIG_SOURCE_PROJECT, CONFIG_SOURCE_POLICY, CONFIG_SOURCE_PROFILE,
	};

	for (size_t i = 0; as && i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(as, config_source_name(kinds[i])))
			return kinds[i];
	return guess_kind(path);
}

static int report_check(struct cli *cli, const struct settings_request *request,
	const struct config_problems *problems, int code)
{
	struct json_object_builder object;

	if (!cli->json) {
		if (code == CLI_OK && request->only_file)
			cli_note(cli, "no problems, read as a %s file",
				config_source_name(request->only_kind));
		else if (code == CLI_OK)
			cli_note(cli, "no problems");
		return code;
	}
	json_object_begin(&object, &cli->arena);
	json_object_add_bool(&object, "valid", code == CLI_OK);
	json_object_add(&object, "problems", settings_problems_to_json(cli, problems));
	json_object_add_int(&object, "left_out", (int64_t)problems->left_out);
	cli_print_json(cli, json_object_end(&object));
	return code;
}

int cmd_config_check(struct cli *cli, int argc, char **argv)
{
	const struct config_check_options *options = config_check_options(cli);
	struct settings_request request = { .only_file = argc ? argv[0] : NULL };
	const struct config_problems *problems = NULL;
	struct error err = ERROR_INIT;
	const struct config *config;
	bool json = cli->json;
	int code;

	if (argc)
		request.only_kind = kind_of(options->as, argv[0]);
	else if (options->as)
		return cli_usage(cli, "--as says what a FILE is, and there is none");
	request.workspace = run_find_workspace(&cli->arena, options->workspace, &err);
	if (!request.workspace)
		return cli_fail(cli, CLI_USAGE, &err);
	/* The document below has all problems, where the first error would have been the only one. */
	cli->json = false;
	code = settings_load(cli, &request, &problems, &config);
	cli->json = json;
	if (code != CLI_OK && !problems->count)
		return code;
	if (code == CLI_OK)
		settings_print_notices(cli, config);
	return report_check(cli, &request, problems, code);
}

/* ---- schema ---- */

int cmd_config_schema(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	cli_write(cli, str_from(config_schema_text));
	return CLI_OK;
}
