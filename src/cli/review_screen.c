// SPDX-License-Identifier: Apache-2.0
/*
 * review_screen.c - the review screen's terminal: bytes in, pictures out
 *
 * What a key means and what is shown is review/screen.h's, the terminal is full_screen.h's. Here is the
 * reading of files that came into sight.
 */
#include "cli/full_screen.h"
#include "cli/review_ask.h"
#include "review/screen.h"

#include <errno.h>
#include <stdio.h>

enum {
	/* A search reads on so many times, then it says so. */
	SEARCH_READS_MAX = 100,
};

struct ask {
	struct reviewing *reviewing;
	struct screen screen;
	struct full_screen full;
	enum review_end end;
};

/* ---- the picture ---- */

static void draw_now(const struct ask *ask)
{
	scoped(buf) struct buf picture = BUF_INIT(SCREEN_BYTES_MAX);

	screen_paint(&ask->screen, &picture);
	if (!buf_failed(&picture))
		full_screen_write(&ask->full, (struct str){ buf_text(&picture), picture.len });
}

/* First what is known, then what had to be read for it. */
static void draw(struct full_screen *full)
{
	struct ask *ask = CONTAINER_OF(full, struct ask, full);
	ssize_t file;

	draw_now(ask);
	while ((file = screen_wants(&ask->screen)) >= 0) {
		reviewing_fetch(ask->reviewing, (size_t)file);
		screen_refresh(&ask->screen);
		draw_now(ask);
	}
}

static void measured(struct full_screen *full, struct control_size size)
{
	screen_resize(&CONTAINER_OF(full, struct ask, full)->screen, size.rows, size.columns);
}

/* ---- keys ---- */

static void search_on(struct ask *ask, enum screen_action action)
{
	for (size_t i = 0; action == SCREEN_SEARCH_ON && i < SEARCH_READS_MAX; i++) {
		reviewing_fetch_many(ask->reviewing, ask->screen.search_from, ask->screen.search_back);
		action = screen_search_on(&ask->screen);
	}
	if (action == SCREEN_SEARCH_ON)
		snprintf(ask->screen.message, sizeof(ask->screen.message),
			"not found so far: n searches on");
}

static void finish(struct ask *ask, enum review_end end)
{
	ask->end = end;
	loop_stop(&ask->full.loop, 0);
}

static void press(struct full_screen *full, uint32_t key)
{
	struct ask *ask = CONTAINER_OF(full, struct ask, full);
	enum screen_action action;

	action = screen_key(&ask->screen, key);
	if (action == SCREEN_SUSPEND)
		full_screen_suspend(full);
	else if (action == SCREEN_SEARCH_ON)
		search_on(ask, action);
	else if (action == SCREEN_COMMIT)
		finish(ask, REVIEW_END_COMMIT);
	else if (action == SCREEN_QUIT)
		finish(ask, REVIEW_END_QUIT);
}

int review_on_screen(struct reviewing *reviewing, enum review_end *ret, struct error *err)
{
	static const struct full_screen_ops ops = { measured, draw, press };
	struct ask ask = { .reviewing = reviewing };
	int r;

	full_screen_init(&ask.full, reviewing->cli, &ops);
	screen_init(&ask.screen, &reviewing->review, reviewing->id, reviewing->cli->colour);
	reviewing->is_silent = true;
	r = loop_init(&ask.full.loop);
	if (r >= 0)
		r = full_screen_run(&ask.full, err);
	full_screen_fini(&ask.full);
	reviewing->is_silent = false;
	screen_fini(&ask.screen);
	*ret = ask.end;
	if (r == -EINTR)
		return error_set(err, r, "the review was ended from outside: nothing was committed");
	return r < 0 && !err->text[0] ? error_sys(err, r, "the review screen") : r;
}
