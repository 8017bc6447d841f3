// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_ps.c - `cordon ps [--all]`
 *
 * Running and held sessions are what a person has to deal with, so those are listed; --all shows the settled
 * ones too. An orphan is shown as what it is, whatever its file says.
 *
 * What has gone by a session's network only its supervisor knows while it runs. All that run are asked first,
 * and then listened to, so that they answer beside each other; whoever has not answered when two seconds are
 * over is listed without. Nothing is kept of an answer but its five numbers.
 */
#include "cli/commands.h"

#include "base/quote.h"
#include "base/time.h"
#include "cli/hold.h"
#include "cli/sessions.h"
#include "cli/table.h"
#include "cli/traffic.h"
#include "kern/clock.h"
#include "session/dirs.h"

#include <stdlib.h>

enum {
	PATIENCE_MS = 2000,		/* with all of them together */
};

struct ps_row {
	struct session session;		/* closed */
	struct traffic traffic;
};

struct ps {
	struct ps_row *rows;		/* owned */
	size_t count, asked_count;
	bool has_traffic;		/* somebody told of some */
};

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

static const struct json *to_json(struct cli *cli, const struct ps_row *row)
{
	const struct session *session = &row->session;
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
	if (row->traffic.is_told)
		json_object_add(&object, "traffic", traffic_to_json(&cli->arena, &row->traffic.told));
	return json_object_end(&object);
}

static void add_traffic(struct cli_table *table, const struct traffic *traffic)
{
	const uint64_t numbers[] = { traffic->told.sent_bytes, traffic->told.received_bytes };
	char text[TRAFFIC_TEXT_SIZE];

	if (!traffic->is_told) {
		for (size_t i = 0; i < 3; i++)
			cli_table_styled(table, CLI_DIM, "%s", "-");
		return;
	}
	cli_table_styled(table, CLI_PLAIN, "%llu", (unsigned long long)traffic->told.open);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		traffic_format(numbers[i], text);
		cli_table_cell(table, str_from(text));
	}
}

static void print_table(struct cli *cli, const struct ps *ps)
{
	static const struct cli_column quiet[] = {
		{ "ID" }, { "STATE" }, { "AGE", .is_right = true }, { "LEVEL" }, { "WORKSPACE" },
		{ "COMMAND" },
	}, busy[] = {
		{ "ID" }, { "STATE" }, { "AGE", .is_right = true }, { "LEVEL" }, { "OPEN", .is_right = true },
		{ "SENT", .is_right = true }, { "RECEIVED", .is_right = true }, { "WORKSPACE" },
		{ "COMMAND" },
	};
	struct cli_table table;

	cli_table_begin(&table, cli, ps->has_traffic ? busy : quiet,
		ps->has_traffic ? ARRAY_SIZE(busy) : ARRAY_SIZE(quiet));
	for (size_t i = 0; i < ps->count; i++) {
		const struct session *session = &ps->rows[i].session;

		cli_table_cell(&table, str_from(session->id));
		cli_table_cell(&table, str_from(shown_state(session)));
		cli_table_cell(&table, str_from(age(session->arena, session->created_ns)));
		cli_table_cell(&table, str_from(session->level ? session->level : "namespaces"));
		if (ps->has_traffic)
			add_traffic(&table, &ps->rows[i].traffic);
		cli_table_cell(&table, str_from(session->workspace));
		cli_table_cell(&table, str_from(command_line(session->arena, session)));
	}
	cli_table_end(&table);
}

static void print_json(struct cli *cli, const struct ps *ps)
{
	struct json_array_builder list;

	json_array_begin(&list, &cli->arena);
	for (size_t i = 0; i < ps->count; i++)
		json_array_add(&list, to_json(cli, &ps->rows[i]));
	cli_print_json(cli, json_array_end(&list));
}

/* The sessions that are listed, read, and those that run asked: no descriptor of theirs stays open. */
static void read_rows(struct cli *cli, const char *state_dir, const char *const *ids, size_t count,
	struct ps *ps)
{
	for (size_t i = 0; i < count; i++) {
		struct ps_row *row = &ps->rows[ps->count];
		struct error err = ERROR_INIT;

		*row = (struct ps_row){ .traffic = TRAFFIC_INIT };
		session_init(&row->session, &cli->arena);
		if (session_open(&row->session, state_dir, ids[i], &err) < 0) {
			cli_warn(cli, "%s", err.text);
		} else if (is_listed(&row->session, ps_options(cli)->all) &&
				!hold_remove_unbegun(&row->session)) {
			if (ps->asked_count < TRAFFIC_ASKED_MAX && session_is_alive(&row->session) &&
					traffic_ask(&row->session, &row->traffic) >= 0)
				ps->asked_count++;
			ps->count++;
		}
		session_fini(&row->session);
	}
}

int cmd_ps(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	struct error err = ERROR_INIT;
	const char *state_dir = dirs_find(&cli->arena, DIRS_STATE, &err);
	const char *const *ids;
	struct ps ps = { 0 };
	uint64_t deadline_ns;
	size_t count = 0;

	if (!state_dir || session_ids(&cli->arena, state_dir, &ids, &count, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	ps.rows = calloc(count + 1, sizeof(*ps.rows));
	if (!ps.rows)
		abort();
	read_rows(cli, state_dir, ids, count, &ps);
	deadline_ns = kern_clock_monotonic_ns() + PATIENCE_MS * NS_PER_MS;
	for (size_t i = 0; i < ps.count; i++)
		ps.has_traffic |= traffic_hear(&ps.rows[i].traffic, deadline_ns);
	if (cli->json)
		print_json(cli, &ps);
	else if (!ps.count)
		cli_note(cli, count ? "no session runs or is held; --all lists those that are over, too" :
			"there was no session yet; `cordon run -- PROGRAM` starts one");
	else
		print_table(cli, &ps);
	free(ps.rows);
	return CLI_OK;
}
