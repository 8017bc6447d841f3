// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_completion.c - `cordon completion bash|zsh|fish`
 */
#include "cli/commands.h"

int cmd_completion(struct cli *cli, UNUSED int argc, char **argv)
{
	const char *script = completion_bash;

	if (!strcmp(argv[0], "zsh"))
		script = completion_zsh;
	else if (!strcmp(argv[0], "fish"))
		script = completion_fish;
	if (cli->json)
		cli_print_json(cli, json_new_text(&cli->arena, script));
	else
		cli_write(cli, str_from(script));
	return CLI_OK;
}
