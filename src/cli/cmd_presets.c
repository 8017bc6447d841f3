// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_presets.c - `cordon presets`, `cordon presets show NAME`
 *
 * A file that is wrong is listed with its mistake: who looks for a preset should find it.
 */
#include "cli/commands.h"
#include "cli/listing.h"

#include "base/quote.h"
#include "preset/expand.h"
#include "run/workspace.h"

#include <errno.h>

static const struct json *texts_to_json(struct arena *arena, const char *const *texts, size_t count)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&array, json_new_bytes(arena, str_from(texts[i])));
	return json_array_end(&array);
}

static void add_preset(struct json_object_builder *object, const struct preset *preset)
{
	struct arena *arena = object->arena;

	json_object_add_text(object, "name", preset->name);
	json_object_add_text(object, "description", preset->description);
	json_object_add(object, "file", json_new_bytes(arena, str_from(preset->path)));
	json_object_add_bool(object, "own", preset->is_own);
	json_object_add(object, "entries",
		texts_to_json(arena, preset->entries.items, preset->entries.count));
	json_object_add(object, "includes",
		texts_to_json(arena, preset->includes.items, preset->includes.count));
	json_object_add(object, "tools", texts_to_json(arena, preset->tools.items, preset->tools.count));
	json_object_add(object, "suggested_by",
		texts_to_json(arena, preset->suggested_by.items, preset->suggested_by.count));
}

/* ---- list ---- */

static const struct json *one_to_json(struct cli *cli, const struct config_places *places, const char *name,
	struct error *err)
{
	struct json_object_builder object;
	struct preset preset;

	if (preset_find(&cli->arena, places, name, &preset, err) < 0)
		return NULL;
	json_object_begin(&object, &cli->arena);
	add_preset(&object, &preset);
	return json_object_end(&object);
}

static void list_row(struct cli *cli, struct cli_table *table, const struct config_places *places,
	const char *name)
{
	struct error err = ERROR_INIT;
	struct preset preset;
	int r = preset_find(&cli->arena, places, name, &preset, &err);

	cli_table_cell(table, str_from(name));
	cli_table_cell(table, str_from(r < 0 ? "-" : preset.is_own ? preset.path : "cordon"));
	cli_table_cell(table, r < 0 ? STR("-") : preset.tools.count ? STR("asked here") :
		STR("listed"));
	if (r < 0)
		cli_table_styled(table, CLI_BAD, "%s", err.text);
	else
		cli_table_cell(table, str_from(preset.description));
}

int cmd_presets(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	static const struct cli_column columns[] = {
		{ "NAME" }, { "FROM" }, { "HOSTS" }, { "DESCRIPTION", .is_prose = true },
	};
	static const struct listing listing = {
		columns, ARRAY_SIZE(columns), preset_list, list_row, one_to_json,
	};

	return listing_print(cli, &listing);
}

/* ---- show ---- */

/* "python (pip config list)" is enough below the preset's own name. */
static const char *short_where(const char *where)
{
	static const char prefix[] = "preset ";

	return !strncmp(where, prefix, strlen(prefix)) ? where + strlen(prefix) : where;
}

static void show_json(struct cli *cli, const struct preset *preset, const struct config_preset *meant)
{
	struct json_object_builder object;
	struct json_array_builder hosts;

	json_array_begin(&hosts, &cli->arena);
	for (size_t i = 0; i < meant->host_count; i++) {
		struct json_object_builder host;

		json_object_begin(&host, &cli->arena);
		json_object_add_text(&host, "host", meant->hosts[i].text);
		json_object_add_text(&host, "from", meant->hosts[i].where);
		json_array_add(&hosts, json_object_end(&host));
	}
	json_object_begin(&object, &cli->arena);
	add_preset(&object, preset);
	json_object_add(&object, "hosts", json_array_end(&hosts));
	json_object_add(&object, "notes", texts_to_json(&cli->arena, meant->notes, meant->note_count));
	cli_print_json(cli, json_object_end(&object));
}

static void show_table(struct cli *cli, const struct preset *preset, const struct config_preset *meant)
{
	static const struct cli_column columns[] = { { "HOST", false }, { "FROM", false } };
	struct cli_table table;

	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < meant->host_count; i++) {
		cli_table_cell(&table, str_from(meant->hosts[i].text));
		cli_table_cell(&table, str_from(short_where(meant->hosts[i].where)));
	}
	cli_table_end(&table);
	for (size_t i = 0; i < meant->note_count; i++)
		cli_note(cli, "preset '%s': %s", preset->name, meant->notes[i]);
	if (!meant->host_count)
		cli_note(cli,
			"it means no host here: what a session is refused says which line of network.allow is missing");
}

int cmd_presets_show(struct cli *cli, UNUSED int argc, char **argv)
{
	const struct presets_show_options *options = presets_show_options(cli);
	const char *const names[] = { argv[0] };
	struct config_preset meant;
	struct config_places places;
	struct error err = ERROR_INIT;
	struct preset preset;
	size_t wrong;
	struct preset_expander expander = {
		.places = &places, .envp = cli->envp, .asks = true, .tells_all = true,
	};
	int code = listing_places(cli, &places), r;

	if (code != CLI_OK)
		return code;
	expander.workspace = run_find_workspace(&cli->arena, options->workspace, &err);
	if (!expander.workspace)
		return cli_fail(cli, CLI_USAGE, &err);
	r = preset_find(&cli->arena, &places, names[0], &preset, &err);
	if (r >= 0)
		r = preset_expand(&expander, &cli->arena, names, 1, &meant, &wrong, &err);
	if (r < 0)
		return cli_fail(cli, r == -ENOENT ? CLI_NO : CLI_USAGE, &err);
	if (cli->json)
		show_json(cli, &preset, &meant);
	else
		show_table(cli, &preset, &meant);
	return CLI_OK;
}
