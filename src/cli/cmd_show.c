// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_show.c - `cordon show [ID]`
 *
 * One session on one screen: what ran, how it ended, what it changed, how that was judged, and what can be
 * done now. What was judged is what is shown; while nothing was, the branch is compared as it is now.
 */
#include "cli/commands.h"

#include "base/quote.h"
#include "base/time.h"
#include "base/units.h"
#include "cli/advice.h"
#include "cli/changes.h"
#include "cli/findings.h"
#include "cli/refused.h"
#include "cli/sessions.h"
#include "cli/which.h"
#include "kern/file.h"
#include "ledger/reader.h"
#include "overlay/git_name.h"
#include "policy/judge.h"
#include "policy/sarif.h"
#include "run/workcopy.h"
#include "term/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

enum {
	CHANGES_SHOWN_MAX = 40,
	COMMAND_SHOWN_MAX = 200,
	HOSTS_SHOWN_MAX = 5,
};

/* What is known about a session; a part that does not exist is not set. */
struct record {
	struct session session;
	struct changeset changeset;
	struct judgement judgement;
	const struct json *limits;	/* as recorded when the sandbox was made; NULL: it never was */
	const struct json *network;	/* its network-summary; NULL: none was recorded */
	struct refused refused;
	/* its counts: what all programs printed that terminals are not sent */
	struct term_filter terminal;
	bool has_changeset, is_judged, is_saved;
};

/* ---- reading ---- */

static int read_verdict(struct cli *cli, struct record *record, struct error *err)
{
	int r = changes_read_verdict(cli, &record->session, &record->judgement, err);

	if (r == -ENOENT)
		return 0;
	record->is_judged = r >= 0 && digest_eq(&record->judgement.changeset, &record->changeset.digest);
	return r;
}

static void add_counts(struct record *record, const struct json *counts)
{
	for (size_t i = 0; i < TERM_KIND_COUNT; i++)
		record->terminal.counts[i] += (uint64_t)json_get_int(counts, term_kinds[i].name, 0);
}

static int read_fact(struct cli *cli, struct record *record, struct str line, struct error *err)
{
	const char *text = arena_copy(&cli->arena, line.data, line.len);
	const struct json *value, *fields;
	int r = !text ? error_set(err, -ENOMEM, "the session's ledger") :
			json_read(&cli->arena, (struct str){ text, line.len }, JSON_READ_STRICT, &value, err);

	if (r < 0)
		return r;
	fields = json_get(value, "fields");
	if (json_get(fields, "hosts_count"))
		record->network = fields;
	else if (json_get(fields, "limits"))
		record->limits = json_get(fields, "limits");
	else
		add_counts(record, json_get(fields, "counts"));
	return 0;
}

/*
 * Who enforces which limit was known only once the sandbox was made, and what was printed only at the end, so
 * both stand in the ledger.
 */
static int read_facts(struct cli *cli, struct record *record, struct error *err)
{
	scoped(ledger_reader) struct ledger_reader reader = LEDGER_READER_INIT;
	struct ledger_filter filter = {
		.kinds = { [LEDGER_LIMITS] = true, [LEDGER_NETWORK_SUMMARY] = true,
			[LEDGER_TERMINAL_FILTERED] = true },
	};
	const char *path = which_state_dir(cli, err);
	scoped(fd) int dirfd = path ? kern_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0) : -ENOENT;
	struct ledger_record found;
	int r = dirfd < 0 ? dirfd : ledger_reader_open(&reader, dirfd, record->session.id, &filter, err);

	while (r >= 0) {
		r = ledger_reader_next(&reader, &found, err);
		if (r <= 0)
			break;
		r = read_fact(cli, record, (struct str){ reader.text.data, reader.text.len }, err);
	}
	return r == -ENOENT ? 0 : r;
}

static bool is_in_copy(const struct session *session)
{
	return session->state == SESSION_RUNNING && run_is_workcopy(session) && !session_is_orphan(session);
}

static int read_record(struct cli *cli, struct record *record)
{
	struct error err = ERROR_INIT;
	struct changes changes = { 0 };
	int code, r = read_facts(cli, record, &err);

	if (r >= 0)
		r = refused_read(cli, record->session.id, &record->refused, &err);
	if (r < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	r = changes_read_saved(cli, &record->session, &record->changeset, &err);

	if (r >= 0) {
		record->has_changeset = record->is_saved = true;
		r = read_verdict(cli, record, &err);
	}
	if (r >= 0)
		return CLI_OK;
	if (r != -ENOENT)
		return cli_fail(cli, CLI_FAILED, &err);
	/* What a program changes in a copy is gathered when it has ended. */
	if (is_in_copy(&record->session))
		return CLI_OK;
	if (record->session.state < SESSION_RUNNING || record->session.state > SESSION_HELD)
		return CLI_OK;
	code = changes_open(cli, &record->session, &changes);
	changes_close(&changes);
	record->changeset = changes.changeset;
	record->has_changeset = code == CLI_OK;
	return code;
}

/* ---- for people ---- */

static void print_field(struct cli *cli, const char *name)
{
	cli_printf(cli, "%s%-10s%s", cli_style(cli, CLI_BOLD), name, cli_style(cli, CLI_PLAIN));
}

static void print_text(struct cli *cli, const char *name, const char *text)
{
	print_field(cli, name);
	cli_quote(cli, str_from(text));
	cli_printf(cli, "\n");
}

static void print_command(struct cli *cli, const struct session *session)
{
	size_t shown = 0;

	print_field(cli, "command");
	for (size_t i = 0; i < session->argc && shown < COMMAND_SHOWN_MAX; i++) {
		const char *quote = quote_is_needed(str_from(session->argv[i])) ? "'" : "";

		cli_printf(cli, "%s%s", i ? " " : "", quote);
		cli_quote(cli, str_from(session->argv[i]));
		cli_printf(cli, "%s", quote);
		shown += strlen(session->argv[i]) + 1;
	}
	cli_printf(cli, "%s\n", shown >= COMMAND_SHOWN_MAX ? " ..." : "");
}

static void print_time(struct cli *cli, const char *name, uint64_t time_ns)
{
	char text[TIME_TEXT_SIZE];

	if (!time_ns)
		return;
	time_to_text(time_ns, text);
	print_text(cli, name, text);
}

static void print_session(struct cli *cli, const struct session *session)
{
	print_text(cli, "session", session->id);
	print_text(cli, "state",
		session_is_orphan(session) ? "orphaned" : session_state_name(session->state));
	print_text(cli, "workspace", session->workspace);
	print_command(cli, session);
	if (session->profile)
		print_text(cli, "profile", session->profile);
	print_text(cli, "level", session->level ? session->level : "namespaces");
	print_time(cli, "began", session->created_ns);
	print_time(cli, "ended", session->ended_ns);
	if (session->exit_code >= 0) {
		print_field(cli, "exit code");
		cli_printf(cli, "%d\n", session->exit_code);
	}
}

/* Where a program works that has no overlay; what it changed can be looked at there while it runs. */
static void print_copies(struct cli *cli, const struct session *session)
{
	for (size_t i = 0; i < session->root_count && is_in_copy(session); i++) {
		const char *path = session->roots[i].live ? NULL :
			run_workcopy_path(&cli->arena, &session->roots[i]);

		if (path)
			print_text(cli, "copy", path);
	}
}

static bool is_size(const char *limit)
{
	return !strcmp(limit, "memory") || !strcmp(limit, "storage") || !strcmp(limit, "file_size");
}

static void print_limit(struct cli *cli, const struct json *limit)
{
	const char *name = json_get_text(limit, "limit"), *value = json_get_text(limit, "value");
	const char *mechanism = json_get_text(limit, "mechanism");
	int64_t every_ms = json_get_int(limit, "every_ms", 0);
	char text[UNITS_TEXT_SIZE];
	uint64_t bytes;

	if (!name || !value || !mechanism || !strcmp(value, "unlimited"))
		return;
	if (is_size(name) && str_to_u64(str_from(value), UINT64_MAX, &bytes) >= 0) {
		units_format_size(bytes, text);
		value = text;
	}
	cli_printf(cli, "  %s ", quote_cstr(name).text);
	cli_printf(cli, "%s, enforced by ", quote_cstr(value).text);
	cli_printf(cli, "%s", quote_cstr(mechanism).text);
	if (every_ms)
		cli_printf(cli, " %slooking every %" PRId64 " ms: what happens in between is not prevented%s",
			cli_style(cli, CLI_WARN), every_ms, cli_style(cli, CLI_PLAIN));
	cli_printf(cli, "\n");
}

static void print_limits(struct cli *cli, const struct json *limits)
{
	if (!limits || limits->type != JSON_ARRAY)
		return;
	print_field(cli, "limits");
	cli_printf(cli, "\n");
	for (size_t i = 0; i < limits->array.count; i++)
		print_limit(cli, limits->array.items[i]);
}

static void print_traffic(struct cli *cli, const struct json *row)
{
	char sent[UNITS_TEXT_SIZE], received[UNITS_TEXT_SIZE];
	int64_t stopped = json_get_int(row, "stopped", 0);

	units_format_size((uint64_t)json_get_int(row, "sent_bytes", 0), sent);
	units_format_size((uint64_t)json_get_int(row, "received_bytes", 0), received);
	cli_printf(cli, "%" PRId64 " connections, %s sent, %s received", json_get_int(row, "connections", 0),
		sent, received);
	if (stopped)
		cli_printf(cli, ", %s%" PRId64 " stopped by limits%s", cli_style(cli, CLI_WARN), stopped,
			cli_style(cli, CLI_PLAIN));
	cli_printf(cli, "\n");
}

/* "network   3 connections, 1.2 KiB sent, 40 MiB received", and below it the hosts with the most */
static void print_network(struct cli *cli, const struct json *network)
{
	const struct json *hosts = network ? json_get(network, "hosts") : NULL;
	struct str name;

	if (!hosts || hosts->type != JSON_ARRAY)
		return;
	print_field(cli, "network");
	print_traffic(cli, network);
	for (size_t i = 0; i < MIN(hosts->array.count, (size_t)HOSTS_SHOWN_MAX); i++) {
		if (json_to_bytes(&cli->arena, json_get(hosts->array.items[i], "host"), &name) < 0)
			continue;
		cli_printf(cli, "  ");
		cli_quote(cli, name);
		cli_printf(cli, ": ");
		print_traffic(cli, hosts->array.items[i]);
	}
	if (json_get_int(network, "hosts_count", 0) > HOSTS_SHOWN_MAX)
		cli_printf(cli, "  %" PRId64 " hosts in all (`cordon audit --kind network-summary`)\n",
			json_get_int(network, "hosts_count", 0));
}

/* "terminal  not sent: 2 clipboard accesses" */
static void print_terminal(struct cli *cli, const struct term_filter *terminal)
{
	scoped(buf) struct buf text = BUF_INIT(4096);

	if (!term_filter_total(terminal))
		return;
	(void)term_filter_note(terminal, &text);
	print_field(cli, "terminal");
	cli_printf(cli, "not for a person's: %s\n", buf_text(&text));
}

static void print_counts(struct cli *cli, const struct changeset *changeset)
{
	size_t counts[CHANGE_TYPE + 1] = { 0 };
	char bytes[UNITS_TEXT_SIZE];
	const char *separator = "";

	for (size_t i = 0; i < changeset->count; i++)
		counts[changeset->changes[i].kind]++;
	print_field(cli, "changes");
	for (int kind = CHANGE_ADDED; kind <= CHANGE_TYPE; kind++) {
		if (!counts[kind])
			continue;
		cli_printf(cli, "%s%zu %s", separator, counts[kind],
			change_kind_name((enum change_kind)kind));
		separator = ", ";
	}
	units_format_size(changeset->total_bytes, bytes);
	if (changeset->count)
		cli_printf(cli, " (%s bytes of new content)\n", bytes);
	else
		cli_printf(cli, "none\n");
}

static void print_names(struct cli *cli, const struct changeset *changeset)
{
	for (size_t i = 0; i < MIN(changeset->count, (size_t)CHANGES_SHOWN_MAX); i++) {
		const struct change *change = &changeset->changes[i];
		scoped(buf) struct buf text = BUF_INIT(8 << 12);

		(void)git_name_append(&text, "", change->path);
		cli_printf(cli, "  %s%c%s ", cli_style(cli, changes_style(change->kind)),
			changes_letter(change->kind), cli_style(cli, CLI_PLAIN));
		if (change->root)
			cli_printf(cli, "%s/", quote_cstr(changeset->roots[change->root]).text);
		cli_write(cli, (struct str){ buf_text(&text), text.len });
		cli_printf(cli, "\n");
	}
	if (changeset->count > CHANGES_SHOWN_MAX)
		cli_printf(cli, "  ... and %zu more; see `cordon diff --name-status`\n",
			changeset->count - CHANGES_SHOWN_MAX);
}

static enum cli_style verdict_style(enum verdict verdict)
{
	return verdict == VERDICT_ALLOW ? CLI_GOOD : verdict == VERDICT_ASK ? CLI_WARN : CLI_BAD;
}

static void print_verdict(struct cli *cli, const struct record *record)
{
	const struct judgement *judgement = &record->judgement;

	print_field(cli, "verdict");
	cli_printf(cli, "%s%s%s\n", cli_style(cli, verdict_style(judgement->verdict)),
		verdict_name(judgement->verdict), cli_style(cli, CLI_PLAIN));
	findings_print(cli, FINDINGS_TO_OUTPUT, CHANGES_SHOWN_MAX, &record->changeset, judgement, NULL);
}

static void print_ways(struct cli *cli, const struct record *record)
{
	const struct session *session = &record->session;
	const struct advice_request advice = {
		.id = session->id, .changeset = &record->changeset, .judgement = &record->judgement,
	};
	bool is_held = session->state == SESSION_HELD;
	bool passes = !is_held || !record->is_judged || record->judgement.verdict == VERDICT_ALLOW;
	const char *line = passes ? NULL : advice_commit(cli, &advice);

	if (!is_held && !session_is_orphan(session))
		return;
	if (passes)
		cli_note(cli,
			"`cordon diff %s` shows it, `cordon commit %s` makes it real, `cordon rollback %s` drops it",
			session->id, session->id, session->id);
	else
		cli_note(cli, "`cordon diff %s` shows it, `cordon rollback %s` drops it", session->id,
			session->id);
	if (line)
		cli_note(cli, "what may be committed: `%s`", line);
}

static int print_record(struct cli *cli, const struct record *record)
{
	cli_page(cli);
	print_session(cli, &record->session);
	print_copies(cli, &record->session);
	print_limits(cli, record->limits);
	print_network(cli, record->network);
	refused_print(cli, &record->refused);
	print_terminal(cli, &record->terminal);
	if (record->has_changeset) {
		print_counts(cli, &record->changeset);
		print_names(cli, &record->changeset);
	}
	if (record->is_judged)
		print_verdict(cli, record);
	else if (record->is_saved)
		print_text(cli, "verdict", "none for these changes");
	print_ways(cli, record);
	return CLI_OK;
}

/* ---- for programs ---- */

static const struct json *terminal_to_json(struct cli *cli, const struct term_filter *terminal)
{
	struct json_object_builder counts;

	json_object_begin(&counts, &cli->arena);
	for (size_t i = 0; i < TERM_KIND_COUNT; i++)
		if (terminal->counts[i])
			json_object_add_int(&counts, term_kinds[i].name, (int64_t)terminal->counts[i]);
	return json_object_end(&counts);
}

static const struct json *copies_to_json(struct cli *cli, const struct session *session)
{
	struct json_array_builder array;

	json_array_begin(&array, &cli->arena);
	for (size_t i = 0; i < session->root_count; i++) {
		const struct session_root *root = &session->roots[i];
		const char *path = root->live ? NULL : run_workcopy_path(&cli->arena, root);
		struct json_object_builder object;

		if (!path)
			continue;
		json_object_begin(&object, &cli->arena);
		json_object_add(&object, "path", json_new_bytes(&cli->arena, str_from(root->path)));
		json_object_add(&object, "copy", json_new_bytes(&cli->arena, str_from(path)));
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}

static int print_json(struct cli *cli, const struct record *record)
{
	struct json_object_builder object;
	const struct json *value;

	json_object_begin(&object, &cli->arena);
	json_object_add(&object, "session", session_to_json(&record->session));
	json_object_add_bool(&object, "orphan", session_is_orphan(&record->session));
	if (is_in_copy(&record->session))
		json_object_add(&object, "copies", copies_to_json(cli, &record->session));
	if (record->limits)
		json_object_add(&object, "limits", record->limits);
	if (record->network)
		json_object_add(&object, "network", record->network);
	if (record->refused.host_count)
		json_object_add(&object, "refused", refused_to_json(&cli->arena, &record->refused));
	if (term_filter_total(&record->terminal))
		json_object_add(&object, "terminal", terminal_to_json(cli, &record->terminal));
	if (record->has_changeset)
		json_object_add(&object, "changeset", changeset_to_json(&cli->arena, &record->changeset));
	if (record->is_judged)
		json_object_add(&object, "verdict", judgement_to_json(&cli->arena, &record->judgement));
	value = json_object_end(&object);
	if (!value)
		return cli_failf(cli, CLI_FAILED, "the session is too large to print");
	cli_print_json(cli, value);
	return CLI_OK;
}

static int print_sarif(struct cli *cli, const struct record *record)
{
	const struct json *value;

	if (!record->is_judged)
		return cli_failf(cli, CLI_NO, "session '%s': nobody has judged its changes yet",
			record->session.id);
	value = judgement_to_sarif(&cli->arena, &record->judgement, &record->changeset, NULL,
		record->session.id, CORDON_VERSION);
	if (!value)
		return cli_failf(cli, CLI_FAILED, "the findings are too many to print");
	cli_print_json(cli, value);
	return CLI_OK;
}

static int print(struct cli *cli, const struct record *record)
{
	if (show_options(cli)->sarif)
		return print_sarif(cli, record);
	return cli->json ? print_json(cli, record) : print_record(cli, record);
}

int cmd_show(struct cli *cli, UNUSED int argc, char **argv)
{
	struct record record = { 0 };
	int code;

	if (show_options(cli)->sarif && cli->json)
		return cli_usage(cli, "--sarif and --json exclude each other");
	code = sessions_open(cli, argv[0], ~0u, &record.session);
	if (code == CLI_OK)
		code = read_record(cli, &record);
	if (code == CLI_OK)
		code = print(cli, &record);
	session_fini(&record.session);
	return code;
}
