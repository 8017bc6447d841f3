/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows.h - a review laid out for a screen of some width
 *
 * One row is one line of the screen. Rows know which file, hunk and lines they show, and nothing about
 * colours. They are made anew whenever a file was read, something was folded, or the width changed, which
 * costs a walk over what is unfolded.
 */
#pragma once

#include "review/model.h"

enum review_row_kind {
	ROW_FILE,			/* its name */
	ROW_FINDING,			/* @item of the file */
	ROW_NOTE,			/* @item of the file */
	ROW_WAIT,			/* the file is still to be read */
	ROW_HUNK,			/* the hunk's header */
	ROW_LINE,			/* one line, as in a patch */
	ROW_PAIR,			/* what was on the left, what is on the right */
	ROW_GAP,			/* empty, behind a file */
};

enum {
	ROW_NO_LINE = UINT32_MAX,
	/* Columns before a line's text: two line numbers, or one on each side, and what is between. */
	ROWS_UNIFIED_MARGIN = 16,
	ROWS_SIDE_MARGIN = 9,
	ROWS_WIDTH_MIN = 40,
};

struct review_row {
	enum review_row_kind kind;
	uint32_t file, hunk, item;
	uint32_t left, right;		/* lines of the file; ROW_LINE: the same twice */
	uint32_t part;			/* of a wrapped line, from 0 */
};

struct rows_options {
	size_t width;			/* columns */
	bool side_by_side, wrap;
};

struct review_rows {
	struct arena arena;		/* of the items */
	struct review_row *items;
	size_t count;
	struct rows_options options;	/* that they were made with */
};

/** rows_text_width() - Return: columns that the text of a line gets, on one side where there are two */
size_t rows_text_width(const struct rows_options *options);

/**
 * rows_build() - lay it out
 * @rows:    all-zero but for its arena, or built before
 * @review:  what to show
 * @options: how
 *
 * Errors: -EMSGSIZE the arena is full; then there are no rows.
 * Return: 0 or negative errno.
 */
int rows_build(struct review_rows *rows, const struct review *review, const struct rows_options *options);

/**
 * rows_partner() - the line that stands for a changed one on the other side
 * @file: read
 * @hunk: that the line is in
 * @line: index
 *
 * Within one changed place the first removed line goes with the first added one, and so on.
 *
 * Return: its index, or ROW_NO_LINE.
 */
uint32_t rows_partner(const struct review_file *file, const struct review_hunk *hunk, uint32_t line);

/** rows_find() - the first row of a hunk, or with @hunk 0 of a file that has none; Return: its index */
size_t rows_find(const struct review_rows *rows, size_t file, size_t hunk);

/**
 * rows_find_again() - where what a row showed stands now that all was laid out anew
 * @rows: built again: for another width, or after a file was read
 * @was:  the row as it was
 * @ret:  its index, set where it was found
 *
 * A line of a patch is found in a pair and the other way round, and a part of a wrapped line in the part that
 * comes closest to it.
 *
 * Return: false where nothing shows it any more.
 */
bool rows_find_again(const struct review_rows *rows, const struct review_row *was, size_t *ret);
