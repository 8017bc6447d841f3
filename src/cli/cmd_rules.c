// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_rules.c - `cordon rules ID [--remove NUMBER...]`
 */
#include "cli/commands.h"
#include "cli/network_rules.h"

#include "base/quote.h"
#include "run/rules_change.h"

/* Return: 0: it is no number of a rule */
static uint64_t read_number(const char *text)
{
	uint64_t number = 0;

	if (!*text || strlen(text) > 18)
		return 0;
	for (; *text; text++) {
		if (!ascii_is_digit(*text))
			return 0;
		number = number * 10 + (uint64_t)(*text - '0');
	}
	return number;
}

static int remove_rules(struct cli *cli, const char *id, int argc, char **argv)
{
	uint64_t *ids = arena_alloc_array(&cli->arena, (size_t)argc, sizeof(*ids));
	const struct json *answer = NULL, *change;
	int code;

	for (int i = 0; ids && i < argc; i++) {
		ids[i] = read_number(argv[i]);
		if (!ids[i])
			return cli_usage(cli, "'%s' is no number of a rule", quote_cstr(argv[i]).text);
	}
	if (argc > RULES_CHANGE_ITEMS_MAX)
		return cli_usage(cli, "at most %d rules at once", RULES_CHANGE_ITEMS_MAX);
	change = ids ? rules_removal_to_json(&cli->arena, ids, (size_t)argc) : NULL;
	if (!change)
		return cli_failf(cli, CLI_FAILED, "out of memory");
	code = network_rules_ask(cli, id, change, &answer);
	if (code != CLI_OK)
		return code;
	if (cli->json)
		cli_print_json(cli, answer);
	else
		cli_note(cli, "%lld rules removed, %lld connections closed",
			(long long)json_get_int(answer, "removed", 0),
			(long long)json_get_int(answer, "closed", 0));
	return CLI_OK;
}

int cmd_rules(struct cli *cli, int argc, char **argv)
{
	const struct rules_options *options = rules_options(cli);
	const struct json *answer = NULL;
	int code;

	if (options->remove && argc < 2)
		return cli_usage(cli, "--remove needs the numbers of rules; `cordon rules %s` shows them",
			quote_cstr(argv[0]).text);
	if (options->remove)
		return remove_rules(cli, argv[0], argc - 1, argv + 1);
	if (argc > 1)
		return cli_usage(cli, "'%s' is one argument too many", quote_cstr(argv[1]).text);
	code = network_rules_ask(cli, argv[0], NULL, &answer);
	if (code != CLI_OK)
		return code;
	if (cli->json) {
		cli_print_json(cli, answer);
		return CLI_OK;
	}
	cli_page(cli);
	network_rules_print(cli, answer);
	return CLI_OK;
}
