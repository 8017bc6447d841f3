// SPDX-License-Identifier: Apache-2.0
/*
 * network_change.c - hosts that a running session is to be allowed or denied
 */
#include "cli/network_change.h"

#include "base/quote.h"
#include "cli/network_rules.h"
#include "cli/sessions.h"
#include "cli/settings.h"

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

static const struct config_flag *make_flags(struct cli *cli, const struct session *session,
	const char *const *hosts, size_t count)
{
	struct config_flag *flags = arena_alloc_array(&cli->arena, count + 1, sizeof(*flags));

	if (!flags)
		return NULL;
	flags[0] = (struct config_flag){ "--profile", CONFIG_KEY_PROFILE, session->profile };
	for (size_t i = 0; i < count; i++)
		flags[i + 1] = (struct config_flag){ "cordon allow", CONFIG_KEY_NETWORK_ALLOW, hosts[i] };
	return flags;
}

static int check_policy(struct cli *cli, const struct session *session, const char *const *hosts,
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

int network_change_make(struct cli *cli, const struct network_change *change, struct rules_change *ret,
	const char **ret_workspace, const struct json **ret_answer)
{
	const struct json *value =
		rules_change_to_json(&cli->arena, change->kind, change->hosts, change->count, change->for_ns);
	const char *workspace = NULL;
	struct rules_change read = { 0 };
	struct session session;
	int code;

	if (change->through_api)
		value = rules_change_through_api(&cli->arena, value);
	code = read_change(cli, value, &read);
	if (code != CLI_OK)
		return code;
	code = sessions_open(cli, change->session, 1u << SESSION_RUNNING, &session);
	if (code == CLI_OK && change->kind == RULES_CHANGE_ALLOW)
		code = check_policy(cli, &session, change->hosts, &read);
	if (code == CLI_OK)
		workspace = arena_copy(&cli->arena, session.workspace, strlen(session.workspace));
	session_fini(&session);
	if (code == CLI_OK && !workspace)
		code = cli_failf(cli, CLI_FAILED, "out of memory");
	if (code == CLI_OK)
		code = network_rules_ask(cli, change->session, value, ret_answer);
	if (ret)
		*ret = read;
	if (ret_workspace)
		*ret_workspace = workspace;
	return code;
}
