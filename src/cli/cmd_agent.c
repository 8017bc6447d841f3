// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_agent.c - `cordon agent list`, `cordon agent show NAME`
 *
 * A file that is wrong is listed with its mistake: who looks for an agent should find it.
 */
#include "cli/commands.h"
#include "cli/listing.h"

#include "base/quote.h"
#include "config/agent.h"

#include <errno.h>

/* ---- list ---- */

static void list_row(struct cli *cli, struct cli_table *table, const struct config_places *places,
	const char *name)
{
	struct error err = ERROR_INIT;
	struct agent agent;
	int r = agent_find(&cli->arena, places, name, &agent, &err);

	cli_table_cell(table, str_from(name));
	if (r < 0)
		cli_table_styled(table, CLI_BAD, "%s", err.text);
	else
		cli_table_cell(table, str_from(agent.description));
	cli_table_cell(table, str_from(r < 0 ? "-" : agent.path));
}

static const struct json *one_to_json(struct cli *cli, const struct config_places *places, const char *name,
	struct error *err)
{
	struct agent agent;

	return agent_find(&cli->arena, places, name, &agent, err) < 0 ? NULL :
									agent_to_json(&cli->arena, &agent);
}

int cmd_agent_list(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	static const struct cli_column columns[] = {
		{ "NAME", false }, { "DESCRIPTION", false }, { "FILE", false },
	};
	static const struct listing listing = {
		columns, ARRAY_SIZE(columns), agent_list, list_row, one_to_json,
	};

	return listing_print(cli, &listing);
}

/* ---- show ---- */

static void show_texts(struct cli_table *table, const char *what, const struct form_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		cli_table_cell(table, str_from(what));
		cli_table_cell(table, str_from(texts->items[i]));
	}
}

static void show_imports(struct cli_table *table, const struct agent *agent)
{
	for (size_t i = 0; i < agent->import_count; i++) {
		const struct agent_import *import = &agent->imports[i];
		scoped(buf) struct buf text = BUF_INIT(AGENT_FILE_MAX);

		(void)buf_append_str(&text, import->file);
		for (size_t j = 0; j < import->keys.count; j++)
			(void)buf_printf(&text, "%s%s", j ? ", " : ": only ", import->keys.items[j]);
		if (import->set) {
			(void)buf_append_str(&text, import->has_keys ? "; and " : ": and ");
			(void)json_write(&text, import->set, JSON_WRITE_CANONICAL);
		}
		cli_table_cell(table, STR("imported once"));
		cli_table_cell(table, (struct str){ buf_text(&text), text.len });
	}
}

static void show_table(struct cli *cli, const struct agent *agent)
{
	static const struct cli_column columns[] = { { "WHAT", false }, { "VALUE", false } };
	struct cli_table table;

	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
	cli_table_cell(&table, STR("agent"));
	cli_table_cell(&table, str_from(agent->description));
	cli_table_cell(&table, STR("file"));
	cli_table_cell(&table, str_from(agent->path));
	if (agent->install) {
		cli_table_cell(&table, STR("installed by"));
		cli_table_cell(&table, str_from(agent->install));
	}
	show_texts(&table, "argument", &agent->arguments);
	show_texts(&table, "unless given", &agent->unless);
	show_texts(&table, "variable", &agent->environment);
	show_texts(&table, "keeps", &agent->state);
	show_imports(&table, agent);
	show_texts(&table, "never imported", &agent->never);
	show_texts(&table, "host", &agent->hosts);
	cli_table_end(&table);
}

int cmd_agent_show(struct cli *cli, UNUSED int argc, char **argv)
{
	struct config_places places;
	struct error err = ERROR_INIT;
	struct agent agent;
	int code = listing_places(cli, &places), r;

	if (code != CLI_OK)
		return code;
	r = agent_find(&cli->arena, &places, argv[0], &agent, &err);
	if (r < 0)
		return cli_fail(cli, r == -ENOENT ? CLI_NO : CLI_USAGE, &err);
	if (cli->json)
		cli_print_json(cli, agent_to_json(&cli->arena, &agent));
	else
		show_table(cli, &agent);
	return CLI_OK;
}
