// SPDX-License-Identifier: Apache-2.0
/*
 * reviewing.c - a held session while a person decides about it
 *
 * Files are read by cordon-differ and by it alone, some at a time: starting it costs a few milliseconds, and
 * nobody waits for what is far down the screen.
 */
#include "cli/reviewing.h"

#include "cli/hold.h"
#include "cli/outcome.h"
#include "cli/renames.h"
#include "overlay/subset.h"
#include "run/commit.h"
#include "run/show.h"

#include <errno.h>
#include <unistd.h>

enum {
	SIGHT_FILES_MAX = 64,		/* at once, of those that come into sight */
	BATCH_FILES_MAX = 512,		/* of those that a search passes */
	BATCH_BYTES_MAX = 4 << 20,
	/* Every byte may become several; what is longer is not shown. */
	ANSWER_BYTES_MAX = 256 << 20,
	CONTEXT_LINES = 3,
};

/* ---- opening ---- */

/* What is about no file is shown at the first one, and says so. */
static const char *message_of(struct reviewing *reviewing, const struct decision *decision)
{
	const char *message = decision->path.len ? decision->message :
		arena_printf(&reviewing->cli->arena, "about all of it: %s", decision->message);

	return message ? message : decision->message;
}

static void add_findings(struct reviewing *reviewing)
{
	const struct judgement *judgement = &reviewing->judgement;

	for (size_t i = 0; i < judgement->count; i++) {
		const struct decision *decision = &judgement->decisions[i];
		const struct review_finding finding = {
			.verdict = decision->verdict == VERDICT_ALLOW ? "warn" :
									verdict_name(decision->verdict),
			.rule = decision->rule, .message = message_of(reviewing, decision),
		};

		review_add_findings(&reviewing->review, decision->root, decision->path, &finding, 1);
	}
}

/* The review is about what is shown, with its renames. */
static int begin(struct reviewing *reviewing)
{
	int r = renames_apply(&reviewing->cli->arena, &reviewing->shown, &reviewing->renames,
		&reviewing->view);

	return r < 0 ? r : review_init(&reviewing->review, &reviewing->arena, &reviewing->view,
		&reviewing->renames);
}

static int load(struct reviewing *reviewing, struct hold *hold, unsigned percent, struct error *err)
{
	struct cli *cli = reviewing->cli;
	int r = run_open_judged(&cli->arena, &hold->session, &hold->ledger, &reviewing->changeset,
		&reviewing->judgement, err);

	if (r < 0)
		return r;
	reviewing->id = arena_printf(&cli->arena, "%s", hold->session.id);
	r = run_roots_open(&hold->session, &reviewing->roots, err);
	if (r < 0)
		return r;
	reviewing->shown = reviewing->changeset;
	r = reviewing->id ? 0 : -EMSGSIZE;
	if (r >= 0 && !percent)
		r = renames_remove(&cli->arena, &reviewing->changeset, &reviewing->shown);
	renames_look(cli, &reviewing->shown, NULL, &reviewing->roots, false, percent, &reviewing->renames);
	if (r >= 0)
		r = begin(reviewing);
	return r < 0 ? error_set(err, r, "session '%s': too many changes to review", hold->session.id) : 0;
}

int reviewing_open(struct cli *cli, const char *id, unsigned percent, struct reviewing *reviewing)
{
	struct error err = ERROR_INIT;
	struct hold hold;
	int code, r;

	*reviewing = (struct reviewing){ .cli = cli, .arena = ARENA_INIT(REVIEW_BYTES_MAX),
		.context_count = CONTEXT_LINES };
	code = hold_open(cli, id, 1u << SESSION_HELD, &hold);
	if (code == CLI_OK) {
		r = load(reviewing, &hold, percent, &err);
		code = r < 0 ? cli_fail(cli, outcome_exit_code(r), &err) : CLI_OK;
	}
	code = hold_close(cli, &hold, code);
	if (code == CLI_OK)
		add_findings(reviewing);
	return code;
}

int reviewing_look(struct cli *cli, struct changes *changes, const bool *selected,
	const struct rename_list *renames, struct reviewing *reviewing)
{
	int r = 0;

	*reviewing = (struct reviewing){ .cli = cli, .arena = ARENA_INIT(REVIEW_BYTES_MAX),
		.changeset = changes->changeset, .shown = changes->changeset, .renames = *renames,
		.roots = changes->roots, .is_live = changes->is_live, .context_count = CONTEXT_LINES };
	changes->roots.count = 0;
	if (selected)
		r = overlay_subset(&cli->arena, &changes->changeset, selected, true, &reviewing->shown);
	if (selected && r >= 0)
		r = renames_subset(&cli->arena, &changes->changeset, renames, selected, &reviewing->shown,
			&reviewing->renames);
	if (r >= 0)
		r = begin(reviewing);
	return r < 0 ? cli_failf(cli, CLI_FAILED, "there are too many changes to show") : CLI_OK;
}

void reviewing_close(struct reviewing *reviewing)
{
	run_roots_close(&reviewing->roots);
	arena_fini(&reviewing->arena);
}

/* ---- reading ---- */

struct batch {
	size_t changes[2 * BATCH_FILES_MAX];	/* sorted, but for those that are there for others */
	size_t count;
};

static uint64_t size_of(const struct change *change)
{
	return change->old_file.size_bytes + change->new_file.size_bytes;
}

/* What is read at once: a file, and unread ones behind it, or before it, as long as they are small. */
struct stretch {
	size_t first, limit;
	bool back;
};

/* A file with all that the differ has to know of it. */
static void choose_one(const struct review *review, const struct review_file *file, bool *selected)
{
	const struct rename *rename = renames_find(review->renames, file->change);

	selected[file->change] = selected[file->origin] = true;
	if (rename)
		selected[rename->source] = true;
}

static void choose(const struct review *review, const struct stretch *stretch, bool *selected)
{
	/* Before the first one there is none: SIZE_MAX is no file. */
	size_t next = stretch->back ? SIZE_MAX : 1, count = 0;
	uint64_t bytes = 0;

	for (size_t i = stretch->first; i < review->file_count && count < stretch->limit; i += next) {
		const struct review_file *file = &review->files[i];

		if (file->is_read)
			continue;
		bytes += size_of(&review->changeset->changes[file->change]);
		if (count++ && bytes > BATCH_BYTES_MAX)
			break;
		choose_one(review, file, selected);
	}
}

static void list_batch(const struct review *review, const bool *selected, struct batch *batch)
{
	for (size_t i = 0; i < review->changeset->count && batch->count < ARRAY_SIZE(batch->changes); i++) {
		const struct review_file *file = review->file_of[i];

		if (selected[i])
			batch->changes[batch->count++] = file && file->is_read ? REVIEW_NOT_ASKED : i;
	}
}

static int read_batch(struct reviewing *reviewing, const struct stretch *stretch)
{
	struct review *review = &reviewing->review;
	scoped(arena) struct arena arena = ARENA_INIT(CLI_ARENA_BYTES);
	bool *selected = arena_alloc_array(&arena, review->changeset->count + 1, sizeof(*selected));
	struct differ_request request = { .format = DIFFER_MODEL, .width = DIFFER_WIDTH_MIN,
		.context_count = reviewing->context_count, .is_live = reviewing->is_live };
	scoped(buf) struct buf answer = BUF_INIT(ANSWER_BYTES_MAX);
	struct error err = ERROR_INIT;
	struct batch batch = { 0 };
	int r = selected ? 0 : -EMSGSIZE;

	if (r < 0)
		return r;
	choose(review, stretch, selected);
	list_batch(review, selected, &batch);
	r = overlay_subset(&arena, &reviewing->shown, selected, true, &request.changeset);
	if (r >= 0)
		r = renames_subset(&arena, &reviewing->shown, &reviewing->renames, selected,
			&request.changeset, &request.renames);
	if (r >= 0)
		r = run_differ_read(&request, reviewing->roots.items,
			reviewing->is_silent ? -1 : STDERR_FILENO, &answer, &err);
	return r < 0 ? r :
		review_read(review, batch.changes, batch.count,
			(struct str){ buf_text(&answer), answer.len });
}

static void fetch(struct reviewing *reviewing, const struct stretch *stretch)
{
	const struct stretch alone = { .first = stretch->first, .limit = 1 };

	if (reviewing->review.files[stretch->first].is_read || read_batch(reviewing, stretch) >= 0)
		return;
	/* One of them may be what cannot be shown; this one perhaps can. */
	if (read_batch(reviewing, &alone) < 0)
		review_give_up(&reviewing->review, stretch->first, "it cannot be shown here");
}

void reviewing_fetch(struct reviewing *reviewing, size_t file)
{
	fetch(reviewing, &(struct stretch){ .first = file, .limit = SIGHT_FILES_MAX });
}

void reviewing_fetch_many(struct reviewing *reviewing, size_t file, bool back)
{
	fetch(reviewing, &(struct stretch){ .first = file, .limit = BATCH_FILES_MAX, .back = back });
}

void reviewing_fetch_all(struct reviewing *reviewing)
{
	const struct review *review = &reviewing->review;

	for (size_t i = 0; i < review->file_count; i++) {
		cli_progress(reviewing->cli, "reading changes", i, review->file_count);
		reviewing_fetch_many(reviewing, i, false);
	}
	cli_progress_end(reviewing->cli);
}

/* ---- committing ---- */

int reviewing_commit(struct reviewing *reviewing, const struct reviewing_answer *answer,
	struct judgement *ret_judgement)
{
	struct cli *cli = reviewing->cli;
	struct run_choice choice = { .changeset = reviewing->changeset.digest };
	struct run_commit_request request = { .choice = &choice, .accept = answer->rules,
		.accept_count = answer->count, .reason = answer->reason, .user = hold_user(cli),
		.uid = kern_geteuid(), .patience = hold_patience(cli, true) };
	struct run_commit_result result;
	struct error err = ERROR_INIT;
	struct compose_part *parts;
	bool *selected;
	struct hold hold;
	int code, r;

	if (ret_judgement)
		*ret_judgement = (struct judgement){ .verdict = VERDICT_ALLOW };
	r = review_choice(&reviewing->review, &selected, &parts, &choice.part_count);

	if (r < 0)
		return cli_failf(cli, CLI_FAILED, "session '%s': too much was chosen", reviewing->id);
	choice.selected = selected;
	choice.parts = parts;
	code = hold_open(cli, reviewing->id, 1u << SESSION_HELD, &hold);
	if (code == CLI_OK) {
		r = run_commit(&cli->arena, &hold.session, &hold.ledger, &request, &result, &err);
		code = r < 0 ? cli_fail(cli, outcome_exit_code(r), &err) :
			outcome_say(cli, &hold.session, &request, &result);
		if (ret_judgement && r >= 0 && result.end == RUN_COMMIT_REFUSED)
			*ret_judgement = result.judgement;
	}
	return hold_close(cli, &hold, code);
}
