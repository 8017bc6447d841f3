// SPDX-License-Identifier: Apache-2.0
/*
 * rows.c - a review laid out for a screen of some width
 *
 * The rows are counted first and made then, by the same walk.
 */
#include "review/rows.h"

#include "review/width.h"

#include <errno.h>

struct layout {
	const struct review *review;
	const struct rows_options *options;
	struct review_row *items;	/* NULL: only count */
	size_t count;
};

size_t rows_text_width(const struct rows_options *options)
{
	size_t width = MAX(options->width, (size_t)ROWS_WIDTH_MIN);

	return options->side_by_side ? width / 2 - ROWS_SIDE_MARGIN : width - ROWS_UNIFIED_MARGIN;
}

static void add(struct layout *layout, struct review_row row)
{
	if (layout->items)
		layout->items[layout->count] = row;
	layout->count++;
}

/* How many rows a line takes. */
static uint32_t parts_of(const struct layout *layout, const struct review_file *file, uint32_t line)
{
	size_t width = rows_text_width(layout->options);

	if (line == ROW_NO_LINE || !layout->options->wrap)
		return 1;
	return (uint32_t)MAX((width_of_text(file->lines[line].text) + width - 1) / width, (size_t)1);
}

static void add_lines(struct layout *layout, struct review_row row)
{
	const struct review_file *file = &layout->review->files[row.file];
	uint32_t parts = MAX(parts_of(layout, file, row.left), parts_of(layout, file, row.right));

	for (row.part = 0; row.part < parts; row.part++)
		add(layout, row);
}

uint32_t rows_partner(const struct review_file *file, const struct review_hunk *hunk, uint32_t line)
{
	size_t begin = hunk->first_line, end = begin + hunk->line_count, first = line, last = line, middle;
	size_t removed, added;

	if (file->lines[line].kind == REVIEW_CONTEXT)
		return ROW_NO_LINE;
	while (first > begin && file->lines[first - 1].kind != REVIEW_CONTEXT)
		first--;
	while (last < end && file->lines[last].kind != REVIEW_CONTEXT)
		last++;
	for (middle = first; middle < last && file->lines[middle].kind == REVIEW_REMOVED;)
		middle++;
	removed = middle - first;
	added = last - middle;
	if (line < middle)
		return line - first < added ? (uint32_t)(middle + (line - first)) : ROW_NO_LINE;
	return line - middle < removed ? (uint32_t)(first + (line - middle)) : ROW_NO_LINE;
}

/* A changed place: what is removed on the left, what is added on the right. */
static size_t add_place(struct layout *layout, struct review_row row, size_t line, size_t end)
{
	const struct review_line *lines = layout->review->files[row.file].lines;
	size_t middle = line, last;

	while (middle < end && lines[middle].kind == REVIEW_REMOVED)
		middle++;
	for (last = middle; last < end && lines[last].kind == REVIEW_ADDED;)
		last++;
	for (size_t i = 0; i < MAX(middle - line, last - middle); i++) {
		row.left = line + i < middle ? (uint32_t)(line + i) : ROW_NO_LINE;
		row.right = middle + i < last ? (uint32_t)(middle + i) : ROW_NO_LINE;
		add_lines(layout, row);
	}
	return last;
}

static void add_pairs(struct layout *layout, struct review_row row, const struct review_hunk *hunk)
{
	const struct review_line *lines = layout->review->files[row.file].lines;
	size_t line = hunk->first_line, end = line + hunk->line_count;

	row.kind = ROW_PAIR;
	while (line < end) {
		if (lines[line].kind != REVIEW_CONTEXT) {
			line = add_place(layout, row, line, end);
			continue;
		}
		row.left = row.right = (uint32_t)line++;
		add_lines(layout, row);
	}
}

static void add_hunk(struct layout *layout, struct review_row row)
{
	const struct review_hunk *hunk = &layout->review->files[row.file].hunks[row.hunk];

	row.kind = ROW_HUNK;
	add(layout, row);
	if (hunk->is_folded)
		return;
	if (layout->options->side_by_side) {
		add_pairs(layout, row, hunk);
		return;
	}
	row.kind = ROW_LINE;
	for (size_t i = 0; i < hunk->line_count; i++) {
		row.left = row.right = (uint32_t)(hunk->first_line + i);
		add_lines(layout, row);
	}
}

static void add_file(struct layout *layout, size_t index)
{
	const struct review_file *file = &layout->review->files[index];
	struct review_row row = { .kind = ROW_FILE, .file = (uint32_t)index, .left = ROW_NO_LINE,
		.right = ROW_NO_LINE };

	add(layout, row);
	if (file->is_folded)
		return;
	row.kind = ROW_FINDING;
	for (row.item = 0; row.item < file->finding_count; row.item++)
		add(layout, row);
	row.kind = ROW_NOTE;
	for (row.item = 0; row.item < file->note_count; row.item++)
		add(layout, row);
	row.item = 0;
	row.kind = ROW_WAIT;
	if (!file->is_read)
		add(layout, row);
	for (size_t i = 0; i < file->hunk_count; i++) {
		row.hunk = (uint32_t)i;
		add_hunk(layout, row);
	}
	row.kind = ROW_GAP;
	add(layout, row);
}

static size_t lay_out(struct layout *layout)
{
	layout->count = 0;
	for (size_t i = 0; i < layout->review->file_count; i++)
		add_file(layout, i);
	return layout->count;
}

int rows_build(struct review_rows *rows, const struct review *review, const struct rows_options *options)
{
	struct layout layout = { .review = review, .options = options };
	size_t count = lay_out(&layout);

	arena_reset(&rows->arena);
	rows->options = *options;
	rows->count = 0;
	layout.items = rows->items = arena_alloc_array(&rows->arena, count + 1, sizeof(*rows->items));
	if (!rows->items)
		return -EMSGSIZE;
	rows->count = lay_out(&layout);
	return 0;
}

size_t rows_find(const struct review_rows *rows, size_t file, size_t hunk)
{
	size_t low = 0, high = rows->count, first;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows->items[middle].file < file)
			low = middle + 1;
		else
			high = middle;
	}
	first = low;
	for (; low < rows->count && rows->items[low].file == file; low++)
		if (rows->items[low].kind == ROW_HUNK && rows->items[low].hunk == hunk)
			return low;
	return first;
}

static bool shows_same(const struct review_row *row, const struct review_row *was)
{
	bool is_line = was->kind == ROW_LINE || was->kind == ROW_PAIR;
	uint32_t line = was->left != ROW_NO_LINE ? was->left : was->right;

	if (is_line)
		return (row->kind == ROW_LINE || row->kind == ROW_PAIR) && row->part <= was->part &&
			(row->left == line || row->right == line);
	return row->kind == was->kind && row->hunk == was->hunk && row->item == was->item;
}

bool rows_find_again(const struct review_rows *rows, const struct review_row *was, size_t *ret)
{
	bool found = false;

	for (size_t i = rows_find(rows, was->file, SIZE_MAX); i < rows->count; i++) {
		const struct review_row *row = &rows->items[i];

		if (row->file != was->file)
			break;
		if (!shows_same(row, was))
			continue;
		found = true;
		*ret = i;
	}
	return found;
}
