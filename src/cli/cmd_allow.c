// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_allow.c - `cordon allow ID HOST...` and `cordon deny ID HOST...`
 *
 * network_change.h says what is asked for, and how. What is to be kept is written down when it is in force.
 */
#include "cli/commands.h"
#include "cli/network_change.h"
#include "cli/network_rules.h"
#include "cli/network_save.h"

static void say(struct cli *cli, const struct json *answer)
{
	int64_t closed = json_get_int(answer, "closed", 0);

	if (cli->json) {
		cli_print_json(cli, answer);
		return;
	}
	network_rules_print(cli, answer);
	if (closed)
		cli_note(cli, "%lld connections were closed", (long long)closed);
}

/* @where: "project", "user", or NULL. */
static int keep(struct cli *cli, const char *where, const char *workspace, const struct rules_change *change)
{
	const struct network_saving saving = {
		.workspace = workspace, .is_users = where && !strcmp(where, "user"),
		.key = change->kind == RULES_CHANGE_ALLOW ? CONFIG_KEY_NETWORK_ALLOW :
			CONFIG_KEY_NETWORK_DENY,
		.entries = change->entries, .count = change->entry_count,
	};

	return where ? network_save(cli, &saving) : CLI_OK;
}

/* Each host with the programs that it is for, as an entry has them. Return: NULL: out of memory */
static char **add_programs(struct cli *cli, char **hosts, size_t count, const struct cli_values *by)
{
	scoped(buf) struct buf text = BUF_INIT(1 << 20);
	char **entries = arena_alloc_array(&cli->arena, count + 1, sizeof(*entries));

	for (size_t i = 0; i < by->count; i++)
		(void)buf_printf(&text, "%s%s", i ? "," : NET_BY_MARK, by->items[i]);
	for (size_t i = 0; entries && i < count; i++) {
		entries[i] = arena_printf(&cli->arena, "%s%.*s", hosts[i], (int)text.len, text.data ?: "");
		if (!entries[i] || buf_failed(&text))
			return NULL;
	}
	return entries;
}

/* What the options say. */
struct wanted {
	enum rules_change_kind kind;
	struct cli_number for_ns;
	const char *where;
	const struct cli_values *by;
};

static int change_rules(struct cli *cli, const struct wanted *wanted, int argc, char **argv)
{
	char **entries = add_programs(cli, argv + 1, (size_t)argc - 1, wanted->by);
	const struct cli_number for_ns = wanted->for_ns;
	const struct network_change change_wanted = {
		.session = argv[0], .kind = wanted->kind, .hosts = (const char *const *)entries,
		.count = (size_t)argc - 1, .for_ns = for_ns.value,
	};
	const char *workspace = NULL, *where = wanted->where;
	const struct json *answer = NULL;
	struct rules_change change;
	int code;

	if (for_ns.is_set && where)
		return cli_usage(cli, "--for and --save exclude each other: what is written down has no end");
	if (for_ns.is_set && !for_ns.value)
		return cli_usage(cli, "--for needs some time");
	if (!entries)
		return cli_usage(cli, "the hosts and programs are too many, or are no text");
	code = network_change_make(cli, &change_wanted, &change, &workspace, &answer);
	if (code == CLI_OK)
		say(cli, answer);
	return code == CLI_OK ? keep(cli, where, workspace, &change) : code;
}

int cmd_allow(struct cli *cli, int argc, char **argv)
{
	const struct allow_options *options = allow_options(cli);
	const struct wanted wanted = { RULES_CHANGE_ALLOW, options->for_, options->save, &options->by };

	return change_rules(cli, &wanted, argc, argv);
}

int cmd_deny(struct cli *cli, int argc, char **argv)
{
	const struct deny_options *options = deny_options(cli);
	const struct wanted wanted = { RULES_CHANGE_DENY, options->for_, options->save, &options->by };

	return change_rules(cli, &wanted, argc, argv);
}
