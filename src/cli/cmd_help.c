// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_help.c - `cordon help [COMMAND]`
 *
 * The texts are generated from tables/commands.toml; this file only chooses one.
 */
#include "cli/commands.h"

#include "base/quote.h"

#include <errno.h>

static int print_list(struct cli *cli)
{
	struct json_array_builder list;

	json_array_begin(&list, &cli->arena);
	for (size_t i = 0; i < commands_count; i++) {
		struct json_object_builder entry;

		if (commands[i].is_hidden)
			continue;
		json_object_begin(&entry, &cli->arena);
		json_object_add_text(&entry, "name", commands[i].name);
		json_object_add_text(&entry, "summary", commands[i].summary);
		json_object_add_text(&entry, "group", commands[i].group);
		json_array_add(&list, json_object_end(&entry));
	}
	cli_print_json(cli, json_array_end(&list));
	return CLI_OK;
}

int cli_help(struct cli *cli, const struct command *command)
{
	if (!cli->json) {
		cli_page(cli);
		cli_write(cli, str_from(command ? command->help : commands_overview));
		return CLI_OK;
	}
	if (!command)
		return print_list(cli);
	cli_print_json(cli, json_new_text(&cli->arena, command->help));
	return CLI_OK;
}

int cmd_help(struct cli *cli, int argc, char **argv)
{
	const struct command *command;
	int words;

	if (!argc)
		return cli_help(cli, NULL);
	command = command_find(argc, argv, &words);
	if (!command || words != argc) {
		const char *nearest = command_nearest(str_from(argv[0]));
		struct error err = ERROR_INIT;

		error_set(&err, -ENOENT, "there is no command '%s'", quote_cstr(argv[argc - 1]).text);
		if (nearest)
			error_hint(&err, "did you mean 'cordon help %s'?", nearest);
		error_hint(&err, "see 'cordon help' for the list");
		return cli_fail(cli, CLI_NO, &err);
	}
	return cli_help(cli, command);
}
