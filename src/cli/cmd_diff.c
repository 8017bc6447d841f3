// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_diff.c - `cordon diff [ID] [PATH...]`
 *
 * Names and JSON are printed here, from the changeset. Whatever needs the content of files is left to
 * cordon-differ: what an agent wrote is not parsed by a process that can do anything else.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "base/quote.h"
#include "cli/changes.h"
#include "cli/findings.h"
#include "cli/reviewing.h"
#include "cli/sessions.h"
#include "cli/which.h"
#include "kern/process.h"
#include "overlay/git_name.h"
#include "review/screen.h"
#include "run/show.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	CONTEXT_DEFAULT = 3,
	CONTEXT_MAX = 1000000,
	WIDTH_DEFAULT = 80,
	FINDINGS_SHOWN_MAX = 10,
	STATES = 1u << SESSION_RUNNING | 1u << SESSION_STOPPED | 1u << SESSION_HELD,
};

/* ---- names ---- */

static void print_name(struct cli *cli, struct str name)
{
	scoped(buf) struct buf text = BUF_INIT(8 << 12);

	(void)git_name_append(&text, "", name);
	cli_write(cli, (struct str){ buf_text(&text), text.len });
}

static void print_status(struct cli *cli, const struct changes *changes, const struct change *change)
{
	cli_printf(cli, "%s%c%s\t", cli_style(cli, changes_style(change->kind)), changes_letter(change->kind),
		cli_style(cli, CLI_PLAIN));
	/* The first root is the project; elsewhere the whole path tells where. */
	if (change->root)
		cli_printf(cli, "%s/", quote_cstr(changes->changeset.roots[change->root]).text);
	if (change->kind == CHANGE_RENAMED) {
		print_name(cli, change->renamed_from);
		cli_printf(cli, "\t");
	}
	print_name(cli, change->path);
	cli_printf(cli, "\n");
}

static int print_names(struct cli *cli, const struct changes *changes, const bool *selected)
{
	cli_page(cli);
	for (size_t i = 0; i < changes->changeset.count; i++)
		if (!selected || selected[i])
			print_status(cli, changes, &changes->changeset.changes[i]);
	return CLI_OK;
}

/* ---- JSON ---- */

/* A part of a changeset has neither its sums nor its digest, so that nobody takes it for the whole. */
static const struct json *part_to_json(struct cli *cli, const struct json *whole, const bool *selected)
{
	const struct json *list = json_get(whole, "changes");
	struct json_object_builder object;
	struct json_array_builder some;

	json_array_begin(&some, &cli->arena);
	for (size_t i = 0; list && i < list->array.count; i++)
		if (selected[i])
			json_array_add(&some, list->array.items[i]);
	json_object_begin(&object, &cli->arena);
	json_object_add(&object, "changes", json_array_end(&some));
	json_object_add(&object, "roots", json_get(whole, "roots"));
	json_object_add(&object, "version", json_get(whole, "version"));
	return json_object_end(&object);
}

static int print_json(struct cli *cli, const struct changes *changes, const bool *selected)
{
	const struct json *value = changeset_to_json(&cli->arena, &changes->changeset);

	if (value && selected)
		value = part_to_json(cli, value, selected);
	if (!value)
		return cli_failf(cli, CLI_FAILED, "the changeset is too large to print");
	cli_print_json(cli, value);
	return CLI_OK;
}

/* ---- content ---- */

static unsigned terminal_width(const struct cli *cli)
{
	struct winsize size = { 0 };

	if (!cli->is_terminal || kern_ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return WIDTH_DEFAULT;
	return MIN(MAX((unsigned)size.ws_col, (unsigned)DIFFER_WIDTH_MIN), (unsigned)DIFFER_WIDTH_MAX);
}

static int wait_for(struct cli *cli, int pidfd)
{
	int code = kern_wait_pidfd(pidfd);

	if (code == CLI_OK || code == CLI_NO)
		return code;
	/* It has said itself what failed, unless it could not. */
	if (code > 128)
		return cli_failf(cli, CLI_FAILED,
			"cordon-differ was ended by signal %d while it showed the changes", code - 128);
	return CLI_FAILED;
}

static int run_differ(struct cli *cli, const struct changes *changes, const struct differ_request *request)
{
	struct error err = ERROR_INIT;
	scoped(fd) int pidfd = -1;
	int r = run_differ_start(request, changes->roots.items, cli->out.fd, STDERR_FILENO, &pidfd, &err);

	return r < 0 ? cli_fail(cli, CLI_FAILED, &err) : wait_for(cli, pidfd);
}

/* ---- side by side ---- */

/* Some files at a time, so that the first of many is seen at once. */
static int show_files(struct cli *cli, struct reviewing *reviewing)
{
	struct review *review = &reviewing->review;
	struct screen screen;

	screen_init(&screen, review, "", cli->colour);
	screen.side_by_side = 1;
	screen.wrap = true;
	for (size_t i = 0; i < review->file_count; i++) {
		scoped(buf) struct buf text = BUF_INIT(SCREEN_BYTES_MAX);

		reviewing_fetch(reviewing, i);
		screen_resize(&screen, 1, terminal_width(cli));
		screen_paint_rows(&screen, rows_find(&screen.rows, i, SIZE_MAX),
			rows_find(&screen.rows, i + 1, SIZE_MAX), &text);
		cli_write(cli, buf_failed(&text) ? STR("(this file is too long to show)\n") :
			(struct str){ buf_text(&text), text.len });
		cli_flush(cli);
		/* What was shown takes one row from here on. */
		review->files[i].is_folded = true;
	}
	screen_fini(&screen);
	return CLI_OK;
}

static int show_sides(struct cli *cli, struct changes *changes, const bool *selected)
{
	const struct diff_options *options = diff_options(cli);
	struct reviewing reviewing;
	int code = reviewing_look(cli, changes, selected, &reviewing);

	if (options->context.is_set)
		reviewing.context_count = (unsigned)options->context.value;
	if (code == CLI_OK)
		code = show_files(cli, &reviewing);
	reviewing_close(&reviewing);
	return code;
}

static int show_content(struct cli *cli, const struct session *session, struct changes *changes,
	const bool *selected)
{
	const struct diff_options *options = diff_options(cli);
	struct differ_request request = {
		.format = options->patch ? DIFFER_PATCH : options->stat ? DIFFER_STAT : DIFFER_UNIFIED,
		.changeset = changes->changeset, .selected = selected, .is_live = changes->is_live,
		.context_count = options->context.is_set ? (unsigned)options->context.value : CONTEXT_DEFAULT,
		.width = terminal_width(cli), .colour = cli->colour,
	};
	struct error err = ERROR_INIT;

	if (!changes->has_branch) {
		error_set(&err, -ENOENT, "session '%s' is %s: its branch is gone, and with it the content",
			session->id, session_state_name(session->state));
		error_hint(&err, "see `cordon diff --name-status %s` for what it changed", session->id);
		return cli_fail(cli, CLI_NO, &err);
	}
	/* A patch that goes to a tool is exact; one that goes to a terminal must not act on it. */
	request.raw = options->patch && !cli->is_terminal;
	if (!changes->changeset.count)
		return CLI_OK;
	cli_page(cli);
	if (options->side_by_side)
		return show_sides(cli, changes, selected);
	cli_flush(cli);
	return run_differ(cli, changes, &request);
}

/* ---- the command ---- */

static int check_options(struct cli *cli)
{
	const struct diff_options *options = diff_options(cli);

	if (options->patch + options->stat + options->name_status + options->side_by_side > 1)
		return cli_usage(cli, "--patch, --stat, --name-status and --side-by-side exclude each other");
	if (options->context.is_set && options->context.value > CONTEXT_MAX)
		return cli_usage(cli, "--context: at most %d lines", CONTEXT_MAX);
	return CLI_OK;
}

/*
 * Who reads what was changed should know what was found in it, as long as the judgement is about these very
 * changes. It stands before them, on standard error: the changes themselves may go to another program.
 */
static void note_findings(struct cli *cli, const struct session *session, const struct changes *changes,
	const bool *selected)
{
	struct error err = ERROR_INIT;
	struct judgement judgement;
	int r;

	if (cli->quiet || changes->is_live)
		return;
	r = changes_read_verdict(cli, session, &judgement, &err);
	if (r < 0 && r != -ENOENT)
		cli_warn(cli, "%s", err.text);
	if (r >= 0 && digest_eq(&judgement.changeset, &changes->changeset.digest))
		findings_print(cli, FINDINGS_TO_ERROR, FINDINGS_SHOWN_MAX, &changes->changeset, &judgement,
			selected);
}

static int show(struct cli *cli, const struct session *session, struct changes *changes,
	const bool *selected)
{
	if (changes->is_live)
		cli_note(cli, "session %s still runs: this is how far it is", session->id);
	if (cli->json)
		return print_json(cli, changes, selected);
	note_findings(cli, session, changes, selected);
	if (diff_options(cli)->name_status)
		return print_names(cli, changes, selected);
	return show_content(cli, session, changes, selected);
}

int cmd_diff(struct cli *cli, int argc, char **argv)
{
	bool has_id = which_names_session(cli, argv[0]);
	struct session session;
	struct changes changes = { 0 };
	const bool *selected = NULL;
	int code = check_options(cli);

	if (code != CLI_OK)
		return code;
	code = sessions_open(cli, has_id ? argv[0] : NULL, STATES, &session);
	if (code == CLI_OK)
		code = changes_open(cli, &session, &changes);
	if (code == CLI_OK)
		code = changes_select(cli, &changes, argv + has_id, (size_t)(argc - has_id), &selected);
	if (code == CLI_OK)
		code = show(cli, &session, &changes, selected);
	changes_close(&changes);
	session_fini(&session);
	return code;
}
