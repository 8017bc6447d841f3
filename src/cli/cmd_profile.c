// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_profile.c - `cordon profile list`, `cordon profile show NAME`
 */
#include "cli/commands.h"
#include "cli/settings.h"
#include "cli/table.h"

#include "base/quote.h"

#include <errno.h>

/* ---- list ---- */

static void list_json(struct cli *cli, const struct config_profile *profiles, size_t count)
{
	struct json_array_builder array;

	json_array_begin(&array, &cli->arena);
	for (size_t i = 0; i < count; i++) {
		struct json_object_builder object;

		json_object_begin(&object, &cli->arena);
		json_object_add_text(&object, "name", profiles[i].name);
		json_object_add(&object, "path", json_new_bytes(&cli->arena, str_from(profiles[i].path)));
		json_object_add_text(&object, "description", profiles[i].description);
		if (profiles[i].extends)
			json_object_add_text(&object, "extends", profiles[i].extends);
		json_object_add_bool(&object, "own", profiles[i].is_own);
		json_object_add_bool(&object, "replaced", profiles[i].is_replaced);
		json_array_add(&array, json_object_end(&object));
	}
	cli_print_json(cli, json_array_end(&array));
}

static void list_table(struct cli *cli, const struct config_profile *profiles, size_t count)
{
	static const struct cli_column columns[] = {
		{ "NAME", false }, { "EXTENDS", false }, { "DESCRIPTION", false }, { "FILE", false },
	};
	struct cli_table table;

	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < count; i++) {
		cli_table_cell(&table, str_from(profiles[i].name));
		cli_table_cell(&table, str_from(profiles[i].extends ? profiles[i].extends : "-"));
		if (profiles[i].is_replaced)
			cli_table_styled(&table, CLI_DIM, "replaced by your own");
		else
			cli_table_cell(&table, str_from(profiles[i].description));
		cli_table_cell(&table, str_from(profiles[i].path));
	}
	cli_table_end(&table);
}

static int find_profiles(struct cli *cli, const struct config_profile **ret, size_t *ret_count)
{
	struct config_places places;
	struct error err = ERROR_INIT;
	int r = config_places_init(&cli->arena, &places, &err);

	if (r >= 0)
		r = config_profile_list(&cli->arena, &places, ret, ret_count, &err);
	return r < 0 ? cli_fail(cli, CLI_FAILED, &err) : CLI_OK;
}

int cmd_profile_list(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	const struct config_profile *profiles = NULL;
	size_t count = 0;
	int code = find_profiles(cli, &profiles, &count);

	if (code != CLI_OK)
		return code;
	if (cli->json)
		list_json(cli, profiles, count);
	else
		list_table(cli, profiles, count);
	return CLI_OK;
}

/* ---- show ---- */

static int no_profile(struct cli *cli, const char *name, const struct config_profile *profiles, size_t count)
{
	const char **names = arena_alloc_array(&cli->arena, count, sizeof(*names));
	struct error err = ERROR_INIT;
	const char *near = NULL;

	for (size_t i = 0; names && i < count; i++)
		names[i] = profiles[i].name;
	if (names)
		near = str_nearest(str_from(name), names, count);
	error_set(&err, -ENOENT, "there is no profile '%s'", quote_cstr(name).text);
	if (near)
		error_hint(&err, "Did you mean '%s'?", near);
	else
		error_hint(&err, "`cordon profile list` names them.");
	return cli_fail(cli, CLI_NO, &err);
}

int cmd_profile_show(struct cli *cli, UNUSED int argc, char **argv)
{
	const struct profile_show_options *options = profile_show_options(cli);
	/* No workspace plays a part: a profile is shown as it is, relative paths and all below this one. */
	struct settings_request request = { .workspace = "/", .only_kind = CONFIG_SOURCE_PROFILE };
	const struct config_profile *profiles = NULL;
	const struct config *config;
	size_t count = 0;
	int code = find_profiles(cli, &profiles, &count);

	if (code != CLI_OK)
		return code;
	for (size_t i = 0; i < count && !request.only_file; i++)
		if (!strcmp(profiles[i].name, argv[0]))
			request.only_file = profiles[i].path;
	if (!request.only_file)
		return no_profile(cli, argv[0], profiles, count);
	code = settings_load(cli, &request, NULL, &config);
	if (code != CLI_OK)
		return code;
	if (cli->json) {
		cli_print_json(cli, config_to_json(&cli->arena, config));
		return CLI_OK;
	}
	cli_page(cli);
	settings_print(cli, config, options->origin);
	return CLI_OK;
}
