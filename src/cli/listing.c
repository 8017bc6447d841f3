// SPDX-License-Identifier: Apache-2.0
/*
 * listing.c - what has a name and a file each, listed: agents, presets
 */
#include "cli/listing.h"

int listing_places(struct cli *cli, struct config_places *ret)
{
	struct error err = ERROR_INIT;

	return config_places_init(&cli->arena, ret, &err) < 0 ? cli_fail(cli, CLI_FAILED, &err) : CLI_OK;
}

static const struct json *mistake_to_json(struct arena *arena, const char *name, const struct error *err)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_text(&object, "name", name);
	json_object_add_text(&object, "error", err->text);
	return json_object_end(&object);
}

static void print_json(struct cli *cli, const struct listing *listing, const struct config_places *places,
	const char *const *names, size_t count)
{
	struct json_array_builder array;

	json_array_begin(&array, &cli->arena);
	for (size_t i = 0; i < count; i++) {
		struct error err = ERROR_INIT;
		const struct json *one = listing->to_json(cli, places, names[i], &err);

		json_array_add(&array, one ? one : mistake_to_json(&cli->arena, names[i], &err));
	}
	cli_print_json(cli, json_array_end(&array));
}

int listing_print(struct cli *cli, const struct listing *listing)
{
	struct config_places places;
	struct error err = ERROR_INIT;
	const char *const *names;
	struct cli_table table;
	size_t count = 0;
	int code = listing_places(cli, &places);

	if (code != CLI_OK)
		return code;
	if (listing->list(&cli->arena, &places, &names, &count, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	if (cli->json) {
		print_json(cli, listing, &places, names, count);
		return CLI_OK;
	}
	cli_table_begin(&table, cli, listing->columns, listing->column_count);
	for (size_t i = 0; i < count; i++)
		listing->row(cli, &table, &places, names[i]);
	cli_table_end(&table);
	return CLI_OK;
}
