// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_review.c - what holds for every answer that the differ could give to a review
 *
 * The answer is about a changeset of a new file, a changed one, one with another mode, a move, and a file
 * that was moved and edited.
 *
 *   - it is taken, or no file of it is
 *   - every text that is kept may be shown; hunks hold the lines and places of their file, each once and in
 *     order, and line numbers go up
 *   - nothing is taken before somebody says so; then everything that may be
 *   - what moved is taken with its deletion, and nothing of it without its new name
 *   - what is chosen in part are places in order that do not overlap, and splitting hunks changes nothing
 *   - rows speak of files, hunks and lines that are there
 */
#include "base/utf8.h"
#include "review/rows.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
	CHANGE_COUNT = 7,
	WIDTH = 80,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct file_facts facts(const char *content, mode_t mode)
{
	return (struct file_facts){ .type = FILE_REGULAR, .mode = mode, .size_bytes = strlen(content),
		.digest = hash_bytes(content, strlen(content)) };
}

static void make_changeset(struct change changes[CHANGE_COUNT], struct changeset *ret)
{
	static const char *const roots[] = { "/w" };

	changes[0] = (struct change){ .kind = CHANGE_ADDED, .path = STR("a"), .new_file = facts("n", 0644) };
	changes[1] = (struct change){ .kind = CHANGE_DELETED, .path = STR("gone"), .flags = CHANGE_MOVED,
		.old_file = facts("m", 0644) };
	changes[2] = (struct change){ .kind = CHANGE_MODIFIED, .path = STR("mode"),
		.old_file = facts("o", 0644), .new_file = facts("p", 0755) };
	changes[3] = (struct change){ .kind = CHANGE_RENAMED, .path = STR("moved"),
		.renamed_from = STR("gone"), .old_file = facts("m", 0644), .new_file = facts("m", 0644) };
	changes[4] = (struct change){ .kind = CHANGE_MODIFIED, .path = STR("text"),
		.old_file = facts("a", 0644), .new_file = facts("b", 0644) };
	changes[5] = (struct change){ .kind = CHANGE_DELETED, .path = STR("went"),
		.old_file = facts("c", 0644) };
	changes[6] = (struct change){ .kind = CHANGE_ADDED, .path = STR("z"), .new_file = facts("d", 0600) };
	*ret = (struct changeset){ .roots = roots, .root_count = 1, .changes = changes,
		.count = CHANGE_COUNT };
	assert(changeset_seal(ret) == 0);
}

/* ---- what was read ---- */

static void check_text(struct str text)
{
	while (text.len) {
		uint32_t point;
		int n = utf8_decode(text, &point);

		assert(n > 0 && (!utf8_is_deceptive(point) || point == '\t'));
		text = (struct str){ text.data + n, text.len - (size_t)n };
	}
}

static void check_lines(const struct review_file *file, const struct review_hunk *hunk)
{
	uint32_t old_line = 0, new_line = 0;

	assert(hunk->first_line + hunk->line_count <= file->line_count);
	assert(hunk->first_edit + hunk->edit_count <= file->edit_count);
	for (size_t i = 0; i < hunk->line_count; i++) {
		const struct review_line *line = &file->lines[hunk->first_line + i];

		check_text(line->text);
		assert(!line->old_line || line->old_line > old_line);
		assert(!line->new_line || line->new_line > new_line);
		assert(!line->old_line == (line->kind == REVIEW_ADDED));
		assert(!line->new_line == (line->kind == REVIEW_REMOVED));
		old_line = line->old_line ?: old_line;
		new_line = line->new_line ?: new_line;
	}
}

static void check_file(const struct review_file *file)
{
	size_t lines = 0, edits = 0;

	if (!file->is_read)
		return;
	assert(file->hunk_count);
	for (size_t i = 0; i < file->note_count; i++)
		check_text(file->notes[i]);
	for (size_t i = 0; i < file->hunk_count; i++) {
		const struct review_hunk *hunk = &file->hunks[i];

		if (hunk->kind != REVIEW_LINES)
			continue;
		assert(hunk->first_line == lines && hunk->first_edit == edits);
		check_lines(file, hunk);
		lines += hunk->line_count;
		edits += hunk->edit_count;
	}
	assert(lines == file->line_count && edits == file->edit_count);
}

/* ---- what comes of it ---- */

static void check_names(const struct review *review, const bool *selected)
{
	assert(selected[1] == selected[3] && selected[5] == selected[6]);
	for (size_t i = 0; i < review->file_count; i++) {
		const struct review_file *file = &review->files[i];
		bool has_name = file->hunk_count && file->hunks[0].kind == REVIEW_RENAME;

		assert(!has_name || (file->change == 6 && !file->is_whole));
		for (size_t k = 1; has_name && k < file->hunk_count; k++)
			assert(file->hunks[0].decision == REVIEW_TAKE ||
				file->hunks[k].decision != REVIEW_TAKE);
	}
}

static void check_choice(const struct review *review)
{
	struct compose_part *parts;
	bool *selected;
	size_t count;

	if (review_choice(review, &selected, &parts, &count) < 0)
		return;
	check_names(review, selected);
	for (size_t i = 0; i < count; i++) {
		assert(parts[i].change < CHANGE_COUNT && selected[parts[i].change]);
		assert(!parts[i].rename == (parts[i].change != 6));
		for (size_t j = 1; j < parts[i].edit_count; j++) {
			const struct compose_edit *before = &parts[i].edits[j - 1], *edit = before + 1;

			(void)edit;
			assert(before->old_start + before->old_count <= edit->old_start ||
				before->new_start + before->new_count <= edit->new_start);
		}
	}
}

static void check_nothing(const struct review *review)
{
	struct compose_part *parts;
	bool *selected;
	size_t count;

	if (review_choice(review, &selected, &parts, &count) < 0)
		return;
	assert(!count && !review_sum(review).taken);
	for (size_t i = 0; i < CHANGE_COUNT; i++)
		assert(!selected[i]);
}

static void check_rows(const struct review *review)
{
	for (int side_by_side = 0; side_by_side < 2; side_by_side++) {
		struct review_rows rows = { .arena = ARENA_INIT(ARENA_MAX_BYTES) };
		const struct rows_options options = { .width = WIDTH, .side_by_side = side_by_side,
			.wrap = true };

		if (rows_build(&rows, review, &options) < 0)
			rows.count = 0;
		for (size_t i = 0; i < rows.count; i++) {
			const struct review_row *row = &rows.items[i];
			const struct review_file *file = &review->files[row->file];

			assert(row->file < review->file_count);
			if (row->kind == ROW_HUNK || row->kind == ROW_LINE || row->kind == ROW_PAIR)
				assert(row->hunk < file->hunk_count);
			if (row->kind == ROW_LINE || row->kind == ROW_PAIR) {
				assert(row->left == ROW_NO_LINE || row->left < file->line_count);
				assert(row->right == ROW_NO_LINE || row->right < file->line_count);
			}
		}
		arena_fini(&rows.arena);
	}
}

static void decide(struct review *review)
{
	struct review_sums whole, split;

	check_nothing(review);
	review_decide_all(review, REVIEW_TAKE);
	check_choice(review);
	whole = review_sum(review);
	for (size_t i = 0; i < review->file_count; i++)
		for (size_t j = 0; j < MIN(review->files[i].hunk_count, (size_t)4); j++)
			(void)review_split(review, i, j);
	split = review_sum(review);
	assert(split.files_taken == whole.files_taken && split.hunks >= whole.hunks);
	for (size_t i = 0; i < review->file_count; i++)
		check_file(&review->files[i]);
	(void)review_decide(review, review->file_count - 1, 0, REVIEW_LEAVE);
	check_choice(review);
	(void)review_decide(review, review->file_count - 1, 1, REVIEW_TAKE);
	check_choice(review);
	check_rows(review);
	while (review_undo(review) != REVIEW_NONE_SUCH)
		check_choice(review);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t asked[] = { 0, 1, 2, 3, 4, 5, 6 };
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct change changes[CHANGE_COUNT];
	struct changeset changeset, view;
	struct rename rename;
	const struct rename_list renames = { &rename, 1 };
	struct review review;
	int r;

	make_changeset(changes, &changeset);
	rename = rename_make(&changeset, 6, 5, changes[5].path, NULL, 60);
	assert(renames_apply(&arena, &changeset, &renames, &view) == 0);
	assert(review_init(&review, &arena, &view, &renames) == 0);
	r = review_read(&review, asked, ARRAY_SIZE(asked), (struct str){ (const char *)data, size });
	assert(r == 0 || r == -EPROTO || r == -EMSGSIZE);
	for (size_t i = 0; i < review.file_count; i++) {
		assert(r == 0 || !review.files[i].is_read);
		check_file(&review.files[i]);
	}
	if (r == 0)
		decide(&review);
	return 0;
}
