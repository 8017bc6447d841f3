// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_review.c - `cordon review [ID] [--take FILE[:HUNKS]...] [--changeset DIGEST] [--accept RULE...]`
 *
 * Three ways to the same commit: a screen for a person at a terminal, --take for whoever knows already, and
 * --json for a program that wants to know what there is to take.
 */
#include "cli/commands.h"

#include "base/path.h"
#include "base/quote.h"
#include "cli/renames.h"
#include "cli/review_ask.h"
#include "cli/rules.h"
#include "review/pick.h"
#include "run/workspace.h"

#include <errno.h>

/* ---- the plan ---- */

static const struct json *hunk_to_json(struct arena *arena, const struct review_hunk *hunk)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	if (hunk->kind != REVIEW_LINES) {
		json_object_add_text(&object, "hunk", hunk->kind == REVIEW_RENAME ? "rename" : "mode");
		return json_object_end(&object);
	}
	json_object_add(&object, "hunk", json_new_printf(arena, "%u", hunk->number));
	json_object_add_int(&object, "old_start", hunk->range.old_start + (hunk->range.old_count > 0));
	json_object_add_int(&object, "old_count", hunk->range.old_count);
	json_object_add_int(&object, "new_start", hunk->range.new_start + (hunk->range.new_count > 0));
	json_object_add_int(&object, "new_count", hunk->range.new_count);
	json_object_add_int(&object, "places", (int64_t)hunk->edit_count);
	return json_object_end(&object);
}

static const struct json *hunks_to_json(struct arena *arena, const struct review_file *file)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < file->hunk_count && !file->is_whole; i++)
		json_array_add(&array, hunk_to_json(arena, &file->hunks[i]));
	return json_array_end(&array);
}

static const struct json *notes_to_json(struct arena *arena, const struct review_file *file)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < file->note_count; i++)
		json_array_add(&array, json_new_string(arena, file->notes[i]));
	return json_array_end(&array);
}

static const struct json *findings_to_json(struct arena *arena, const struct review_file *file)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < file->finding_count; i++) {
		struct json_object_builder object;

		json_object_begin(&object, arena);
		json_object_add_text(&object, "message", file->findings[i].message);
		json_object_add_text(&object, "rule", file->findings[i].rule);
		json_object_add_text(&object, "verdict", file->findings[i].verdict);
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}

static const struct json *file_to_json(struct arena *arena, const struct review *review,
	const struct review_file *file)
{
	const struct change *change = &review->changeset->changes[file->change];
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add(&object, "path", json_new_bytes(arena, change->path));
	json_object_add(&object, "root",
		json_new_bytes(arena, str_from(review->changeset->roots[change->root])));
	json_object_add_text(&object, "kind", change_kind_name(change->kind));
	if (change->kind == CHANGE_RENAMED) {
		json_object_add(&object, "from", json_new_bytes(arena, change->renamed_from));
		json_object_add_int(&object, "similarity", review_similarity(review, file));
	}
	json_object_add_bool(&object, "whole", file->is_whole);
	json_object_add_int(&object, "added", (int64_t)file->added_count);
	json_object_add_int(&object, "removed", (int64_t)file->removed_count);
	json_object_add(&object, "hunks", hunks_to_json(arena, file));
	json_object_add(&object, "notes", notes_to_json(arena, file));
	json_object_add(&object, "findings", findings_to_json(arena, file));
	return json_object_end(&object);
}

static int print_plan(struct reviewing *reviewing)
{
	struct cli *cli = reviewing->cli;
	const struct review *review = &reviewing->review;
	struct json_object_builder object;
	struct json_array_builder files;
	char hex[DIGEST_HEX_SIZE];

	reviewing_fetch_all(reviewing);
	digest_to_hex(&reviewing->changeset.digest, hex);
	json_array_begin(&files, &cli->arena);
	for (size_t i = 0; i < review->file_count; i++)
		json_array_add(&files, file_to_json(&cli->arena, review, &review->files[i]));
	json_object_begin(&object, &cli->arena);
	json_object_add_text(&object, "id", reviewing->id);
	json_object_add_text(&object, "changeset", hex);
	json_object_add_text(&object, "verdict", verdict_name(reviewing->judgement.verdict));
	json_object_add(&object, "files", json_array_end(&files));
	cli_print_json(cli, json_object_end(&object));
	return CLI_OK;
}

/* ---- taking what is named ---- */

static ssize_t find_file(struct reviewing *reviewing, const char *base, struct str word)
{
	const char *path = path_clean(&reviewing->cli->arena, base, word);
	int root = path ? changeset_root_of(&reviewing->changeset, path) : -1;

	if (root < 0)
		return REVIEW_NONE_SUCH;
	return review_find_file(&reviewing->review, (unsigned)root,
		str_from(path_relative(path, reviewing->changeset.roots[root])));
}

/* A name that has a colon in it is a name, if something changed there. */
static int take_one(struct reviewing *reviewing, const char *base, const char *word)
{
	struct cli *cli = reviewing->cli;
	struct review *review = &reviewing->review;
	struct str name = str_from(word), list = { 0 };
	ssize_t file = find_file(reviewing, base, name);
	struct error err = ERROR_INIT;

	if (file < 0 && review_pick_cut(str_from(word), &name, &list))
		file = find_file(reviewing, base, name);
	if (file < 0)
		return cli_failf(cli, CLI_NO, "no file '%s' changed in session '%s'", quote_text(name).text,
			reviewing->id);
	reviewing_fetch(reviewing, (size_t)file);
	if (list.len)
		return review_pick(review, (size_t)file, list, &err) < 0 ? cli_fail(cli, CLI_NO, &err) :
		CLI_OK;
	if (!review_decide(review, (size_t)file, SIZE_MAX, REVIEW_TAKE))
		return cli_failf(cli, CLI_NO, "'%s' is not what was judged: it cannot be taken",
			quote_text(name).text);
	return CLI_OK;
}

static int take(struct reviewing *reviewing, const struct review_options *options)
{
	struct cli *cli = reviewing->cli;
	const struct reviewing_answer answer = { options->accept.items, options->accept.count,
		options->reason };
	struct error err = ERROR_INIT;
	const char *base = run_current_dir(&cli->arena, &err);
	int code = base ? CLI_OK : cli_fail(cli, CLI_FAILED, &err);

	for (size_t i = 0; i < options->take.count && code == CLI_OK; i++)
		code = take_one(reviewing, base, options->take.items[i]);
	return code == CLI_OK ? reviewing_commit(reviewing, &answer, NULL) : code;
}

/* ---- asking ---- */

/* What the cursor cannot be moved on is asked line by line. */
static bool has_screen(const struct cli *cli)
{
	const char *term = cli_env(cli, "TERM");

	return term && strcmp(term, "dumb") && strcmp(term, "unknown");
}

/* A person answers for every rule that asks, in one word of their own, or the commit is off. */
static int commit_with_reason(struct reviewing *reviewing, const struct judgement *judgement, int code)
{
	struct cli *cli = reviewing->cli;
	const char **rules = arena_alloc_array(&cli->arena, judgement->rule_count + 1, sizeof(*rules));
	struct reviewing_answer answer = { .rules = rules };
	char reason[POLICY_REASON_MAX];

	for (size_t i = 0; rules && i < judgement->rule_count; i++)
		if (judgement->rules[i].verdict == VERDICT_ASK)
			rules[answer.count++] = judgement->rules[i].rule;
	if (!rules || !cli_ask(cli, reason, sizeof(reason),
			"Why may it be committed all the same? (empty: it may not) ") || !reason[0])
		return code;
	answer.reason = reason;
	return reviewing_commit(reviewing, &answer, NULL);
}

static int commit(struct reviewing *reviewing, const struct review_options *options)
{
	const struct reviewing_answer answer = { options->accept.items, options->accept.count,
		options->reason };
	struct judgement judgement;
	int code = reviewing_commit(reviewing, &answer, &judgement);

	return code == CLI_NO && judgement.verdict == VERDICT_ASK ?
		commit_with_reason(reviewing, &judgement, code) : code;
}

static int ask_once(struct reviewing *reviewing, enum review_end *ret)
{
	struct error err = ERROR_INIT;
	int r = 0;

	if (has_screen(reviewing->cli))
		r = review_on_screen(reviewing, ret, &err);
	else
		*ret = review_by_line(reviewing);
	return r < 0 ? cli_fail(reviewing->cli, CLI_FAILED, &err) : CLI_OK;
}

/* Until it is committed, or the person has enough. */
static int ask(struct reviewing *reviewing, const struct review_options *options)
{
	struct cli *cli = reviewing->cli;

	for (;;) {
		enum review_end end;
		int code = ask_once(reviewing, &end);

		if (code != CLI_OK)
			return code;
		if (end == REVIEW_END_QUIT) {
			cli_note(cli, "session %s: nothing was committed", reviewing->id);
			return CLI_OK;
		}
		code = commit(reviewing, options);
		if (code != CLI_NO || !cli_confirm(cli, "Back to the review?"))
			return code;
	}
}

/* ---- the command ---- */

static int check_options(struct cli *cli, const struct review_options *options)
{
	struct digest digest;

	if (options->accept.count && !options->reason)
		return cli_usage(cli, "--accept needs a --reason, which the ledger keeps");
	if (options->reason && !options->accept.count)
		return cli_usage(cli, "--reason says why a rule is accepted: name it with --accept");
	for (size_t i = 0; i < options->accept.count; i++)
		if (!rules_may_be(options->accept.items[i]))
			return rules_fail_unknown(cli, CLI_USAGE, options->accept.items[i]);
	if (options->changeset && digest_from_hex(str_from(options->changeset), &digest) < 0)
		return cli_usage(cli, "--changeset: not a digest of 64 hexadecimal digits");
	return CLI_OK;
}

static int check_changeset(struct reviewing *reviewing, const char *wanted)
{
	struct error err = ERROR_INIT;
	struct digest digest;

	if (!wanted || (digest_from_hex(str_from(wanted), &digest) >= 0 &&
			digest_eq(&digest, &reviewing->changeset.digest)))
		return CLI_OK;
	error_set(&err, -ESTALE, "session '%s' does not hold the changeset that was asked for",
		reviewing->id);
	error_hint(&err, "`cordon review --json %s` prints what it holds now.", reviewing->id);
	return cli_fail(reviewing->cli, CLI_NO, &err);
}

/* Nobody can be asked, so what can be typed instead is said. */
static int say_ways(struct reviewing *reviewing)
{
	struct error err = ERROR_INIT;

	error_set(&err, -ENOTTY, "session '%s': a review needs a terminal", reviewing->id);
	error_hint(&err,
		"`cordon diff %s` shows what changed and `cordon review --json %s` what there is to take; "
		"`cordon review %s --take FILE[:HUNK,...]` or `cordon commit %s [PATH...]` commits it.",
		reviewing->id, reviewing->id, reviewing->id, reviewing->id);
	return cli_fail(reviewing->cli, CLI_USAGE, &err);
}

static int review(struct reviewing *reviewing, const struct review_options *options)
{
	int code = check_changeset(reviewing, options->changeset);

	if (code != CLI_OK)
		return code;
	if (options->take.count)
		return take(reviewing, options);
	if (reviewing->cli->json)
		return print_plan(reviewing);
	if (reviewing->cli->is_terminal && reviewing->cli->is_interactive)
		return ask(reviewing, options);
	return say_ways(reviewing);
}

int cmd_review(struct cli *cli, UNUSED int argc, char **argv)
{
	const struct review_options *options = review_options(cli);
	struct reviewing reviewing;
	unsigned percent = 0;
	int code = check_options(cli, options);

	if (code == CLI_OK)
		code = renames_percent(cli, options->find_renames, options->no_renames, &percent);
	if (code != CLI_OK)
		return code;
	code = reviewing_open(cli, argv[0], percent, &reviewing);
	if (code == CLI_OK)
		code = review(&reviewing, options);
	reviewing_close(&reviewing);
	return code;
}
