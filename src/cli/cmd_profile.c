// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_profile.c - `cordon profile list`, `cordon profile show NAME`, `cordon profile validate [NAME|FILE]`
 *
 * A profile is looked at by itself, as nobody's session would have it: no other file of the user's, of the
 * project's or of the organisation's plays a part.
 */
#include "cli/commands.h"
#include "cli/profiles.h"
#include "cli/table.h"

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
		{ "NAME" }, { "EXTENDS" }, { "FROM" }, { "DESCRIPTION", .is_prose = true },
	};
	struct cli_table table;

	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < count; i++) {
		cli_table_cell(&table, str_from(profiles[i].name));
		cli_table_cell(&table, str_from(profiles[i].extends ? profiles[i].extends : "-"));
		cli_table_cell(&table, str_from(profiles[i].is_own ? profiles[i].path : "cordon"));
		if (profiles[i].is_replaced)
			cli_table_styled(&table, CLI_DIM, "replaced by your own");
		else
			cli_table_cell(&table, str_from(profiles[i].description));
	}
	cli_table_end(&table);
}

int cmd_profile_list(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	const struct config_profile *profiles = NULL;
	size_t count = 0;
	int code = profiles_list(cli, &profiles, &count);

	if (code != CLI_OK)
		return code;
	if (cli->json)
		list_json(cli, profiles, count);
	else
		list_table(cli, profiles, count);
	return CLI_OK;
}

/* ---- show ---- */

int cmd_profile_show(struct cli *cli, UNUSED int argc, char **argv)
{
	const struct profile_show_options *options = profile_show_options(cli);
	struct config_profile profile;
	const struct config *config;
	int code = profiles_find(cli, argv[0], CLI_NO, &profile);

	if (code == CLI_OK)
		code = profiles_load(cli, &profile, NULL, &config);
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

/* ---- validate ---- */

/* One profile, looked at. */
struct looked_at {
	struct config_profile profile;
	const struct config *config;			/* NULL: there are mistakes */
	const struct config_problems *problems;
	const struct config_notice *open;		/* why no session starts, or NULL */
	const struct config_widening *beyond;		/* what it extends */
	size_t beyond_count;
};

static const struct config_notice *find_open(const struct config *config)
{
	for (size_t i = 0; i < config->notice_count; i++)
		if (config->notices[i].kind == CONFIG_NOTICE_OPEN)
			return &config->notices[i];
	return NULL;
}

static int compare_with_parent(struct cli *cli, struct looked_at *one)
{
	struct config_profile parent;
	const struct config *base;
	int code;

	if (!one->profile.extends)
		return CLI_OK;
	code = profiles_find(cli, one->profile.extends, CLI_USAGE, &parent);
	if (code == CLI_OK)
		code = profiles_load(cli, &parent, NULL, &base);
	return code == CLI_OK ? profiles_beyond(cli, base, one->config, &one->beyond, &one->beyond_count) :
				code;
}

/* Mistakes are told on standard error by the loading itself. */
static int look_at(struct cli *cli, const struct config_profile *profile, struct looked_at *ret)
{
	int code;

	*ret = (struct looked_at){ .profile = *profile };
	code = profiles_load(cli, profile, &ret->problems, &ret->config);
	if (code != CLI_OK)
		return code;
	ret->open = find_open(ret->config);
	return compare_with_parent(cli, ret);
}

static void add_validated(struct cli *cli, struct cli_table *table, const struct looked_at *one)
{
	if (!one->config)
		cli_table_styled(table, CLI_BAD, "wrong");
	else if (one->open)
		cli_table_styled(table, CLI_WARN, "no start");
	else
		cli_table_styled(table, CLI_GOOD, "ok");
	cli_table_cell(table, str_from(one->profile.name));
	cli_table_cell(table, str_from(one->profile.extends ? one->profile.extends : "-"));
	cli_table_cell(table, str_from(!one->config || !one->profile.extends ? "-" :
		profiles_keys_text(cli, one->beyond, one->beyond_count)));
}

static const struct json *validated_to_json(struct cli *cli, const struct looked_at *one)
{
	struct json_object_builder object;

	json_object_begin(&object, &cli->arena);
	json_object_add_text(&object, "name", one->profile.name);
	json_object_add(&object, "path", json_new_bytes(&cli->arena, str_from(one->profile.path)));
	json_object_add_bool(&object, "valid", one->config != NULL);
	json_object_add(&object, "problems", settings_problems_to_json(cli, one->problems));
	json_object_add_int(&object, "left_out", (int64_t)one->problems->left_out);
	if (one->config) {
		if (one->profile.extends)
			json_object_add_text(&object, "extends", one->profile.extends);
		json_object_add_bool(&object, "starts", !one->open);
		json_object_add(&object, "notices", settings_notices_to_json(cli, one->config));
		json_object_add(&object, "beyond",
			settings_widenings_to_json(cli, one->beyond, one->beyond_count));
	}
	return json_object_end(&object);
}

static void tell_open(struct cli *cli, const struct looked_at *one)
{
	const char *origin = config_origin_text(&cli->arena, &one->open->origin);

	cli_note(cli, "no session starts with '%s': %s: %s", one->profile.name, origin ? origin : "?",
		one->open->text);
}

static int validate(struct cli *cli, const struct config_profile *profiles, size_t count)
{
	static const struct cli_column columns[] = {
		{ "STATE", false }, { "NAME", false }, { "EXTENDS", false },
		{ "GOES BEYOND THAT IN", .is_prose = true },
	};
	struct json_array_builder array;
	struct cli_table table;
	int code = CLI_OK;
	bool json = cli->json;

	json_array_begin(&array, &cli->arena);
	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < count; i++) {
		struct looked_at one;
		int looked;

		if (profiles[i].is_replaced)
			continue;
		/* The document has all problems, where the first error would have been the only one. */
		cli->json = false;
		looked = look_at(cli, &profiles[i], &one);
		cli->json = json;
		code = MAX(code, looked);
		if (one.open && !json)
			tell_open(cli, &one);
		json_array_add(&array, validated_to_json(cli, &one));
		add_validated(cli, &table, &one);
	}
	if (json) {
		table.cell_count = 0;
		cli_print_json(cli, json_array_end(&array));
	}
	cli_table_end(&table);
	return code;
}

int cmd_profile_validate(struct cli *cli, int argc, char **argv)
{
	const struct config_profile *profiles = NULL;
	struct config_profile one;
	size_t count = 0;
	int code;

	if (!argc) {
		code = profiles_list(cli, &profiles, &count);
		return code == CLI_OK ? validate(cli, profiles, count) : code;
	}
	code = profiles_find(cli, argv[0], CLI_NO, &one);
	one.is_replaced = false;
	return code == CLI_OK ? validate(cli, &one, 1) : code;
}
