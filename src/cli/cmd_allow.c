// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_allow.c - `cordon allow ID HOST...` and `cordon deny ID HOST...`
 *
 * What a person allows a session that runs is what `cordon run --allow` would have: the configuration is
 * resolved with it, so that the organisation's policy has its say, and only what is left whole is asked for.
 * The supervisor then judges it by itself once more. What is to be kept is written down when it is in force.
 */
#include "cli/commands.h"
#include "cli/network_rules.h"
#include "cli/network_save.h"
#include "cli/sessions.h"
#include "cli/settings.h"

#include "base/quote.h"
#include "run/rules_change.h"

#include <errno.h>

/* ---- may it be allowed ---- */

static bool is_in(const struct config_list *list, const struct net_entry *entry)
{
	char text[NET_ENTRY_SIZE];

	net_entry_print(entry, text);
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->items[i].text, text))
			return true;
	return false;
}

static const struct config_flag *make_flags(struct cli *cli, const struct session *session, char **hosts,
	size_t count)
{
	struct config_flag *flags = arena_alloc_array(&cli->arena, count + 1, sizeof(*flags));

	if (!flags)
		return NULL;
	flags[0] = (struct config_flag){ "--profile", CONFIG_KEY_PROFILE, session->profile };
	for (size_t i = 0; i < count; i++)
		flags[i + 1] = (struct config_flag){ "cordon allow", CONFIG_KEY_NETWORK_ALLOW, hosts[i] };
	return flags;
}

static int check_policy(struct cli *cli, const struct session *session, char **hosts,
	const struct rules_change *change)
{
	struct settings_request request = {
		.workspace = session->workspace,
		.flags = make_flags(cli, session, hosts, change->entry_count),
		.flag_count = change->entry_count + 1, .project_trusted = true,
	};
	const struct config *config;
	struct error err = ERROR_INIT;
	int code = request.flags ? settings_load(cli, &request, NULL, &config) :
		cli_failf(cli, CLI_FAILED, "out of memory");

	if (code != CLI_OK)
		return code;
	for (size_t i = 0; i < change->entry_count; i++) {
		if (is_in(&config->values[CONFIG_KEY_NETWORK_ALLOW].list, &change->entries[i]))
			continue;
		error_set(&err, -EPERM, "'%s' may not be allowed: the organisation's policy has less",
			quote_cstr(hosts[i]).text);
		error_hint(&err, "`cordon config show --origin` says what it leaves.");
		return cli_fail(cli, CLI_NO, &err);
	}
	return CLI_OK;
}

/* ---- the change ---- */

/* As the supervisor reads it, so that what is wrong with it is said before anything else. */
static int read_change(struct cli *cli, const struct json *value, struct rules_change *ret)
{
	scoped(buf) struct buf text = BUF_INIT(1 << 20);
	struct error err = ERROR_INIT;
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -EINVAL;

	if (r < 0)
		return cli_usage(cli, "the hosts are too many, or are no text");
	r = rules_change_read(&cli->arena, (struct str){ text.data, text.len }, ret, &err);
	return r < 0 ? cli_fail(cli, CLI_USAGE, &err) : CLI_OK;
}

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
	struct cli_number for_ns = wanted->for_ns;
	enum rules_change_kind kind = wanted->kind;
	const char *workspace = NULL, *where = wanted->where;
	const struct json *value, *answer = NULL;
	struct rules_change change;
	struct session session;
	int code;

	if (for_ns.is_set && where)
		return cli_usage(cli, "--for and --save exclude each other: what is written down has no end");
	if (for_ns.is_set && !for_ns.value)
		return cli_usage(cli, "--for needs some time");
	if (!entries)
		return cli_usage(cli, "the hosts and programs are too many, or are no text");
	value = rules_change_to_json(&cli->arena, kind, (const char *const *)entries, (size_t)argc - 1,
		for_ns.value);
	code = read_change(cli, value, &change);
	if (code != CLI_OK)
		return code;
	code = sessions_open(cli, argv[0], 1u << SESSION_RUNNING, &session);
	if (code == CLI_OK && kind == RULES_CHANGE_ALLOW)
		code = check_policy(cli, &session, entries, &change);
	if (code == CLI_OK)
		workspace = arena_copy(&cli->arena, session.workspace, strlen(session.workspace));
	session_fini(&session);
	if (code == CLI_OK && !workspace)
		code = cli_failf(cli, CLI_FAILED, "out of memory");
	if (code == CLI_OK)
		code = network_rules_ask(cli, argv[0], value, &answer);
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
