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
#include "cli/renames.h"
#include "cli/reviewing.h"
#include "cli/sessions.h"
#include "cli/which.h"
#include "kern/process.h"
#include "overlay/git_name.h"
#include "overlay/subset.h"
#include "policy/sarif.h"
#include "review/screen.h"
#include "run/show.h"

#include <errno.h>
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

/* The first root is the project; elsewhere the whole path tells where. */
static void print_path(struct cli *cli, const struct changeset *changeset, unsigned root, struct str path)
{
	cli_printf(cli, "\t");
	if (root)
		cli_printf(cli, "%s/", quote_cstr(changeset->roots[root]).text);
	print_name(cli, path);
}

static void print_status(struct cli *cli, const struct changeset *changeset, const struct change *change,
	unsigned similarity)
{
	bool is_renamed = change->kind == CHANGE_RENAMED;

	cli_printf(cli, "%s%c", cli_style(cli, changes_style(change->kind)), changes_letter(change->kind));
	if (is_renamed)
		cli_printf(cli, "%03u", similarity);
	cli_printf(cli, "%s", cli_style(cli, CLI_PLAIN));
	if (is_renamed)
		print_path(cli, changeset, change->root, change->renamed_from);
	print_path(cli, changeset, change->root, change->path);
	cli_printf(cli, "\n");
}

static unsigned similarity_of(const struct rename_list *renames, size_t index)
{
	const struct rename *rename = renames_find(renames, index);

	return rename ? rename->similarity : 100;
}

/* Of what is selected, so that a file of which only one end is shown is deleted or added. */
static int view_part(struct cli *cli, const struct changeset *changeset, const bool *selected,
	const struct rename_list *renames, struct changeset *ret, struct rename_list *ret_renames)
{
	int r = selected ? overlay_subset(&cli->arena, changeset, selected, true, ret) : 0;

	*ret_renames = *renames;
	if (!selected)
		*ret = *changeset;
	else if (r >= 0)
		r = renames_subset(&cli->arena, changeset, renames, selected, ret, ret_renames);
	return r < 0 ? r : renames_apply(&cli->arena, ret, ret_renames, ret);
}

static int print_names(struct cli *cli, const struct changes *changes, const bool *selected,
	const struct rename_list *renames)
{
	struct rename_list some;
	struct changeset view;

	if (view_part(cli, &changes->changeset, selected, renames, &view, &some) < 0)
		return cli_failf(cli, CLI_FAILED, "the changeset is too large to print");
	cli_page(cli);
	for (size_t i = 0; i < view.count; i++)
		if (!(view.changes[i].flags & CHANGE_MOVED))
			print_status(cli, &view, &view.changes[i], similarity_of(&some, i));
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

static const struct json *rename_to_json(struct arena *arena, const struct change *change,
	unsigned similarity)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add(&object, "from", json_new_bytes(arena, change->renamed_from));
	json_object_add(&object, "path", json_new_bytes(arena, change->path));
	json_object_add_int(&object, "root", change->root);
	json_object_add_int(&object, "similarity", similarity);
	return json_object_end(&object);
}

/* Beside the changeset, which stays what it is: deletions and additions. */
static const struct json *with_renames(struct cli *cli, const struct json *value,
	const struct changeset *view, const struct rename_list *renames)
{
	struct json_object_builder object;
	struct json_array_builder list;
	size_t count = 0;

	json_array_begin(&list, &cli->arena);
	for (size_t i = 0; i < view->count; i++) {
		if (view->changes[i].kind != CHANGE_RENAMED)
			continue;
		json_array_add(&list,
			rename_to_json(&cli->arena, &view->changes[i], similarity_of(renames, i)));
		count++;
	}
	if (!count)
		return value;
	json_object_begin(&object, &cli->arena);
	for (size_t i = 0; i < value->object.count; i++)
		json_object_add_value(&object, value->object.members[i].key, value->object.members[i].value);
	json_object_add(&object, "renames", json_array_end(&list));
	return json_object_end(&object);
}

/* @renames: NULL where none are wanted. */
static int print_json(struct cli *cli, const struct changes *changes, const bool *selected,
	const struct rename_list *renames)
{
	const struct json *value = changeset_to_json(&cli->arena, &changes->changeset);
	struct rename_list some;
	struct changeset view;

	if (value && selected)
		value = part_to_json(cli, value, selected);
	if (value && renames)
		value = view_part(cli, &changes->changeset, selected, renames, &view, &some) < 0 ? NULL :
			with_renames(cli, value, &view, &some);
	if (!value)
		return cli_failf(cli, CLI_FAILED, "the changeset is too large to print");
	cli_print_json(cli, value);
	return CLI_OK;
}

/* ---- SARIF ---- */

/* Findings about other changes than these are none of these. */
static int print_sarif(struct cli *cli, const struct session *session, const struct changes *changes,
	const bool *selected)
{
	struct error err = ERROR_INIT;
	struct judgement judgement;
	const struct json *value;
	int r = changes->is_live ? -ENOENT : changes_read_verdict(cli, session, &judgement, &err);

	if (r < 0 && r != -ENOENT)
		return cli_fail(cli, CLI_FAILED, &err);
	if (r < 0 || !digest_eq(&judgement.changeset, &changes->changeset.digest)) {
		error_set(&err, -ENOENT, "session '%s': nobody has judged these changes yet", session->id);
		error_hint(&err, "They are judged when the session ends, and again by `cordon commit %s`.",
			session->id);
		return cli_fail(cli, CLI_NO, &err);
	}
	value = judgement_to_sarif(&cli->arena, &judgement, &changes->changeset, selected, session->id,
		CORDON_VERSION);
	if (!value)
		return cli_failf(cli, CLI_FAILED, "the findings are too many to print");
	cli_print_json(cli, value);
	return CLI_OK;
}

/* ---- content ---- */

static unsigned terminal_width(const struct cli *cli)
{
	unsigned width = cli_width(cli);

	if (!width)
		return WIDTH_DEFAULT;
	return MIN(MAX(width, (unsigned)DIFFER_WIDTH_MIN), (unsigned)DIFFER_WIDTH_MAX);
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

static int show_sides(struct cli *cli, struct changes *changes, const bool *selected,
	const struct rename_list *renames)
{
	const struct diff_options *options = diff_options(cli);
	struct reviewing reviewing;
	int code = reviewing_look(cli, changes, selected, renames, &reviewing);

	if (options->context.is_set)
		reviewing.context_count = (unsigned)options->context.value;
	if (code == CLI_OK)
		code = show_files(cli, &reviewing);
	reviewing_close(&reviewing);
	return code;
}

static int show_content(struct cli *cli, const struct session *session, struct changes *changes,
	const bool *selected, const struct rename_list *renames)
{
	const struct diff_options *options = diff_options(cli);
	struct differ_request request = {
		.format = options->patch ? DIFFER_PATCH : options->stat ? DIFFER_STAT : DIFFER_UNIFIED,
		.changeset = changes->changeset, .selected = selected, .is_live = changes->is_live,
		.context_count = options->context.is_set ? (unsigned)options->context.value : CONTEXT_DEFAULT,
		.width = terminal_width(cli), .colour = cli->colour, .renames = *renames,
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
		return show_sides(cli, changes, selected, renames);
	cli_flush(cli);
	return run_differ(cli, changes, &request);
}

/* ---- the command ---- */

static int check_options(struct cli *cli)
{
	const struct diff_options *options = diff_options(cli);

	if (options->patch + options->stat + options->name_status + options->side_by_side + options->sarif >
			1)
		return cli_usage(cli,
			"--patch, --stat, --name-status, --side-by-side and --sarif exclude each other");
	if (options->sarif && cli->json)
		return cli_usage(cli, "--sarif and --json exclude each other");
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
	const bool *selected, unsigned percent)
{
	struct rename_list renames = { 0 };

	if (changes->is_live)
		cli_note(cli, "session %s still runs: this is how far it is", session->id);
	if (diff_options(cli)->sarif)
		return print_sarif(cli, session, changes, selected);
	/* Without a branch there is nothing to compare: files are renamed that moved as they were. */
	if (changes->has_branch)
		renames_look(cli, &changes->changeset, selected, &changes->roots, changes->is_live, percent,
			&renames);
	if (cli->json)
		return print_json(cli, changes, selected, percent ? &renames : NULL);
	note_findings(cli, session, changes, selected);
	if (!percent && renames_remove(&cli->arena, &changes->changeset, &changes->changeset) < 0)
		return cli_failf(cli, CLI_FAILED, "the changeset is too large to show");
	if (diff_options(cli)->name_status)
		return print_names(cli, changes, selected, &renames);
	return show_content(cli, session, changes, selected, &renames);
}

/* @selected: NULL means all. */
static bool is_any_selected(const struct changes *changes, const bool *selected)
{
	bool any = !selected;

	for (size_t i = 0; selected && i < changes->changeset.count; i++)
		any |= selected[i];
	return any;
}

int cmd_diff(struct cli *cli, int argc, char **argv)
{
	bool has_id = which_names_session(cli, argv[0]);
	struct session session;
	struct changes changes = { 0 };
	const bool *selected = NULL;
	unsigned percent = 0;
	int code = check_options(cli);

	if (code == CLI_OK)
		code = renames_percent(cli, diff_options(cli)->find_renames, diff_options(cli)->no_renames,
			&percent);
	if (code != CLI_OK)
		return code;
	code = sessions_open(cli, has_id ? argv[0] : NULL, STATES, &session);
	if (code == CLI_OK)
		code = changes_open(cli, &session, &changes);
	if (code == CLI_OK)
		code = changes_select(cli, &changes, argv + has_id, (size_t)(argc - has_id), &selected);
	if (!has_id && (code != CLI_OK || !is_any_selected(&changes, selected)))
		which_note_path(cli, argv[0]);
	if (code == CLI_OK)
		code = show(cli, &session, &changes, selected, percent);
	changes_close(&changes);
	session_fini(&session);
	return code;
}
