// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_ps.c - `cordon ps [--all]`
 *
 * Running and held sessions are what a person has to deal with, so those are listed; --all shows the settled
 * ones too. An orphan is shown as what it is, whatever its file says.
 */
#include "cli/commands.h"

#include "base/quote.h"
#include "base/time.h"
#include "cli/hold.h"
#include "cli/sessions.h"
#include "cli/table.h"
#include "kern/clock.h"
#include "session/dirs.h"

static const char *shown_state(const struct session *session)
{
	return session_is_orphan(session) ? "orphaned" : session_state_name(session->state);
}

static bool is_listed(const struct session *session, bool all)
{
	return all || session->state == SESSION_HELD ||
		(session->state >= SESSION_CREATING && session->state <= SESSION_STOPPED);
}

static const char *command_line(struct arena *arena, const struct session *session)
{
	struct buf text = BUF_INIT(200);
	const char *copy;

	for (size_t i = 0; i < session->argc; i++) {
		const char *quote = quote_is_needed(str_from(session->argv[i])) ? "'" : "";

		(void)buf_printf(&text, "%s%s%s%s", i ? " " : "", quote, session->argv[i], quote);
	}
	copy = arena_copy(arena, buf_text(&text), text.len);
	buf_fini(&text);
	return copy ? copy : "";
}

/* "3s", "12m", "5h", "9d": what a person needs to tell sessions apart. */
static const char *age(struct arena *arena, uint64_t since_ns)
{
	uint64_t now_ns = kern_clock_real_ns(),
		secs = now_ns > since_ns ? (now_ns - since_ns) / NS_PER_SEC : 0;

	if (secs < 60)
		return arena_printf(arena, "%llus", (unsigned long long)secs);
	if (secs < 3600)
		return arena_printf(arena, "%llum", (unsigned long long)secs / 60);
	if (secs < 86400)
		return arena_printf(arena, "%lluh", (unsigned long long)secs / 3600);
	return arena_printf(arena, "%llud", (unsigned long long)secs / 86400);
}

static const struct json *to_json(struct cli *cli, const struct session *session)
{
	const struct json *value = session_to_json(session);
	struct json_object_builder object;

	json_object_begin(&object, &cli->arena);
	for (size_t i = 0; value && i < value->object.count; i++) {
		struct str key = value->object.members[i].key->text;

		if (str_eq(key, STR("state")))
			json_object_add_text(&object, "state", shown_state(session));
		else
			json_object_add_str(&object, key, value->object.members[i].value);
	}
	return json_object_end(&object);
}

static void add_row(struct cli_table *table, const struct session *session)
{
	struct arena *arena = session->arena;

	cli_table_cell(table, str_from(session->id));
	cli_table_cell(table, str_from(shown_state(session)));
	cli_table_cell(table, str_from(age(arena, session->created_ns)));
	cli_table_cell(table, str_from(session->level ? session->level : "namespaces"));
	cli_table_cell(table, str_from(session->workspace));
	cli_table_cell(table, str_from(command_line(arena, session)));
}

int cmd_ps(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	static const struct cli_column columns[] = {
		{ "ID" }, { "STATE" }, { "AGE", .is_right = true }, { "LEVEL" }, { "WORKSPACE" },
		{ "COMMAND" },
	};
	struct error err = ERROR_INIT;
	const char *state_dir = dirs_find(&cli->arena, DIRS_STATE, &err);
	const char *const *ids;
	struct json_array_builder list;
	struct cli_table table;
	size_t count = 0;

	if (!state_dir || session_ids(&cli->arena, state_dir, &ids, &count, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	json_array_begin(&list, &cli->arena);
	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < count; i++) {
		struct session session;

		session_init(&session, &cli->arena);
		if (session_open(&session, state_dir, ids[i], &err) < 0) {
			cli_warn(cli, "%s", err.text);
		} else if (is_listed(&session, ps_options(cli)->all) && !hold_remove_unbegun(&session)) {
			if (cli->json)
				json_array_add(&list, to_json(cli, &session));
			else
				add_row(&table, &session);
		}
		session_fini(&session);
	}
	if (cli->json)
		cli_print_json(cli, json_array_end(&list));
	else if (!table.cell_count)
		cli_note(cli, count ? "no session runs or is held; --all lists those that are over, too" :
			"there was no session yet; `cordon run -- PROGRAM` starts one");
	cli_table_end(&table);
	return CLI_OK;
}
