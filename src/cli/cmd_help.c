// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_help.c - `cordon help [COMMAND]`
 *
 * The texts are generated from tables/commands.toml; this file only chooses one, or lists those that begin
 * with one word.
 */
#include "cli/commands.h"

#include "base/quote.h"
#include "cli/table.h"

#include <errno.h>

/* "policy" of "policy eval": a first word that is a command by its second one only. */
static bool is_of_family(const struct command *command, const char *family)
{
	struct str first, second;

	return !command->is_hidden && (str_cut(str_from(command->name), ' ', &first, &second) &&
		str_eq(first, str_from(family)));
}

/* Of all commands, or of @family. */
static int print_list(struct cli *cli, const char *family)
{
	struct json_array_builder list;

	json_array_begin(&list, &cli->arena);
	for (size_t i = 0; i < commands_count; i++) {
		struct json_object_builder entry;

		if (commands[i].is_hidden || (family && !is_of_family(&commands[i], family)))
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
		return print_list(cli, NULL);
	cli_print_json(cli, json_new_text(&cli->arena, command->help));
	return CLI_OK;
}

static void print_family(struct cli *cli, const char *family)
{
	static const struct cli_column columns[] = { { .title = "COMMAND" },
		{ .title = "WHAT", .is_prose = true } };
	struct cli_table table;

	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < commands_count; i++) {
		if (!is_of_family(&commands[i], family))
			continue;
		cli_table_cell(&table, str_from(commands[i].name));
		cli_table_cell(&table, str_from(commands[i].summary));
	}
	cli_table_end(&table);
	cli_printf(cli, "\n'cordon help %s COMMAND' explains one.\n", family);
}

bool cli_help_family(struct cli *cli, const char *family)
{
	bool is_family = false;

	for (size_t i = 0; i < commands_count; i++)
		is_family |= is_of_family(&commands[i], family);
	if (is_family && cli->json)
		print_list(cli, family);
	else if (is_family)
		print_family(cli, family);
	return is_family;
}

int cmd_help(struct cli *cli, int argc, char **argv)
{
	const struct command *command;
	int words;

	if (!argc)
		return cli_help(cli, NULL);
	command = command_find(argc, argv, &words);
	if (!command && argc == 1 && cli_help_family(cli, argv[0]))
		return CLI_OK;
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
