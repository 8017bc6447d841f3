// SPDX-License-Identifier: Apache-2.0
/*
 * review_line.c - a review in questions and answers, one hunk after the other
 *
 * For a terminal that cannot move its cursor. What is shown holds no control character but newlines.
 */
#include "cli/review_ask.h"

#include "review/screen.h"

static const char help[] =
	"y - take this hunk\n"
	"x - leave it in the branch\n"
	"Y - take this file, or what is left of it\n"
	"X - leave this file, or what is left of it\n"
	"s - split this hunk\n"
	"u - undo the last decision and go back to it\n"
	"c - commit what was taken so far\n"
	"q - quit, commit nothing\n";

struct asking {
	struct reviewing *reviewing;
	struct screen screen;		/* only to paint with */
	size_t file, hunk;
	bool is_done;
	enum review_end end;
};

static void show(struct asking *asking)
{
	scoped(buf) struct buf text = BUF_INIT(SCREEN_BYTES_MAX);

	screen_paint_hunk(&asking->screen, asking->file, asking->hunk, &text);
	cli_write(asking->reviewing->cli, buf_failed(&text) ? STR("(this hunk is too long to show)\n") :
		(struct str){ buf_text(&text), text.len });
	cli_flush(asking->reviewing->cli);
}

static void advance(struct asking *asking, bool whole_file)
{
	const struct review *review = &asking->reviewing->review;
	const struct review_file *file = &review->files[asking->file];

	if (!whole_file && !file->is_whole && ++asking->hunk < file->hunk_count)
		return;
	asking->hunk = 0;
	asking->file++;
}

static void decide(struct asking *asking, bool rest_of_file, enum review_decision decision)
{
	struct review *review = &asking->reviewing->review;
	const struct review_file *file = &review->files[asking->file];
	/* Who leaves the new name leaves the file. */
	bool is_all = rest_of_file || (decision == REVIEW_LEAVE && asking->hunk < file->hunk_count &&
		file->hunks[asking->hunk].kind == REVIEW_RENAME);
	bool ok = true;

	for (size_t i = asking->hunk; ok && i < (is_all ? file->hunk_count : asking->hunk + 1); i++)
		ok = review_decide(review, asking->file, i, decision);
	if (ok)
		advance(asking, is_all);
	else
		cli_tell(asking->reviewing->cli, "It is not what was judged any more: it cannot be taken.\n");
}

static void undo(struct asking *asking)
{
	ssize_t file = review_undo(&asking->reviewing->review);

	if (file < 0) {
		cli_tell(asking->reviewing->cli, "There is no decision to undo.\n");
		return;
	}
	asking->file = (size_t)file;
	for (asking->hunk = 0; asking->hunk + 1 < asking->reviewing->review.files[file].hunk_count;
			asking->hunk++)
		if (asking->reviewing->review.files[file].hunks[asking->hunk].decision == REVIEW_OPEN)
			return;
}

static void finish(struct asking *asking, enum review_end end)
{
	asking->is_done = true;
	asking->end = end;
}

static void obey(struct asking *asking, char word)
{
	struct cli *cli = asking->reviewing->cli;

	switch (word) {
	case 'y':
	case 'Y':
		decide(asking, word == 'Y', REVIEW_TAKE);
		break;
	case 'x':
	case 'X':
		decide(asking, word == 'X', REVIEW_LEAVE);
		break;
	case 's':
		if (!review_split(&asking->reviewing->review, asking->file, asking->hunk))
			cli_tell(cli, "This hunk cannot be split.\n");
		break;
	case 'u':
		undo(asking);
		break;
	case 'c':
		finish(asking, REVIEW_END_COMMIT);
		break;
	case 'q':
		finish(asking, REVIEW_END_QUIT);
		break;
	default:
		cli_tell(cli, "%s", help);
		break;
	}
}

enum review_end review_by_line(struct reviewing *reviewing)
{
	struct asking asking = { .reviewing = reviewing };
	char word[8], taken[REVIEW_TAKEN_MAX];
	struct review_sums sums;

	screen_init(&asking.screen, &reviewing->review, reviewing->id, false);
	while (!asking.is_done && asking.file < reviewing->review.file_count) {
		reviewing_fetch(reviewing, asking.file);
		show(&asking);
		if (cli_ask(reviewing->cli, word, sizeof(word), "Take this [y,x,Y,X,s,u,c,q,?]? "))
			obey(&asking, word[0]);
		else
			finish(&asking, REVIEW_END_QUIT);
	}
	screen_fini(&asking.screen);
	if (asking.is_done)
		return asking.end;
	sums = review_sum(&reviewing->review);
	review_say_taken(&sums, taken);
	return sums.taken && cli_confirm(reviewing->cli, "Commit %s?", taken) ? REVIEW_END_COMMIT :
										REVIEW_END_QUIT;
}
