// SPDX-License-Identifier: Apache-2.0
/*
 * model.c - what a person decides about a changeset, as data
 */
#include "review/model.h"

#include "base/path.h"
#include "overlay/subset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* What a decision was about, and what stood there before; several that were one share a number. */
struct review_undo {
	struct review_undo *next;
	size_t file, hunk_count;
	unsigned group;
	enum review_decision decision;
	enum review_decision hunks[];
};

/* ---- making it ---- */

static bool is_usual(const struct change *change)
{
	return change->new_file.mode == 0755 && !(change->flags & CHANGE_XATTRS);
}

/* A new directory that stands for nothing but what is in it. */
static bool is_brought_along(const struct changeset *changeset, size_t index)
{
	const struct change *change = &changeset->changes[index],
			    *end = changeset->changes + changeset->count;
	const struct change *next = change + 1;

	if (change->kind != CHANGE_ADDED || change->new_file.type != FILE_DIRECTORY || !is_usual(change))
		return false;
	while (next < end && next->root == change->root && str_starts_with(next->path, change->path) &&
			!path_is_beneath(next->path, change->path))
		next++;
	return next < end && next->root == change->root && path_is_beneath(next->path, change->path);
}

static const struct change *origin_of(const struct changeset *changeset, const struct change *change)
{
	const struct change *origin = change->kind == CHANGE_RENAMED ?
		changeset_find(changeset, change->root, change->renamed_from) : NULL;

	return origin && origin->kind == CHANGE_DELETED && (origin->flags & CHANGE_MOVED) ? origin : change;
}

int review_init(struct review *review, struct arena *arena, const struct changeset *changeset,
	const struct rename_list *renames)
{
	bool *moved = arena_alloc_array(arena, changeset->count + 1, sizeof(*moved));

	*review = (struct review){ .arena = arena, .changeset = changeset, .renames = renames,
		.files = arena_alloc_array(arena, changeset->count + 1, sizeof(*review->files)),
		.file_of = arena_alloc_array(arena, changeset->count + 1, sizeof(*review->file_of)) };
	if (!moved || !review->files || !review->file_of)
		return -EMSGSIZE;
	for (size_t i = 0; i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i], *origin = origin_of(changeset, change);

		if (origin != change)
			moved[origin - changeset->changes] = true;
	}
	for (size_t i = 0; i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i];
		struct review_file *file = &review->files[review->file_count];

		if (moved[i] || is_brought_along(changeset, i))
			continue;
		file->change = i;
		file->origin = (size_t)(origin_of(changeset, change) - changeset->changes);
		file->is_whole = !compose_fits(change);
		review->file_of[file->change] = review->file_of[file->origin] = file;
		review->file_count++;
	}
	return 0;
}

unsigned review_similarity(const struct review *review, const struct review_file *file)
{
	const struct rename *rename = renames_find(review->renames, file->change);

	return rename ? rename->similarity : 100;
}

ssize_t review_find_file(const struct review *review, unsigned root, struct str path)
{
	const struct change *change = changeset_find(review->changeset, root, path);
	const struct review_file *file = change ? review->file_of[change - review->changeset->changes] : NULL;

	return file ? file - review->files : REVIEW_NONE_SUCH;
}

void review_add_findings(struct review *review, unsigned root, struct str path,
	const struct review_finding *findings, size_t count)
{
	ssize_t found = review_find_file(review, root, path);
	struct review_file *file = &review->files[MAX(found, (ssize_t)0)];
	struct review_finding *all;

	if (!review->file_count)
		return;
	all = arena_alloc_array(review->arena, file->finding_count + count, sizeof(*all));
	if (!all)
		return;
	if (file->finding_count)
		memcpy(all, file->findings, file->finding_count * sizeof(*all));
	memcpy(all + file->finding_count, findings, count * sizeof(*all));
	file->findings = all;
	file->finding_count += count;
}

void review_give_up(struct review *review, size_t index, const char *why)
{
	struct review_file *file = &review->files[index];
	struct str *note = arena_alloc(review->arena, sizeof(*note));
	struct review_hunk *hunk = arena_alloc(review->arena, sizeof(*hunk));

	/* What has no room for a hunk stays unread, and can be decided about all the same. */
	if (!hunk)
		return;
	*hunk = (struct review_hunk){ .kind = REVIEW_WHOLE, .decision = file->decision };
	if (note)
		*note = str_from(why);
	file->notes = note;
	file->note_count = note != NULL;
	file->hunks = hunk;
	file->hunk_count = 1;
	file->line_count = file->edit_count = 0;
	file->is_whole = file->is_read = true;
}

/* ---- deciding ---- */

static void remember(struct review *review, size_t index, unsigned group)
{
	const struct review_file *file = &review->files[index];
	struct review_undo *undo;

	if (review->undo_count >= REVIEW_UNDO_MAX + review->file_count)
		return;
	undo = arena_alloc(review->arena, sizeof(*undo) + file->hunk_count * sizeof(undo->hunks[0]));
	if (!undo)
		return;
	undo->file = index;
	undo->group = group;
	undo->decision = file->decision;
	undo->hunk_count = file->hunk_count;
	for (size_t i = 0; i < file->hunk_count; i++)
		undo->hunks[i] = file->hunks[i].decision;
	undo->next = review->undo;
	review->undo = undo;
	review->undo_count++;
}

static void decide(struct review_file *file, size_t hunk, enum review_decision decision)
{
	bool is_all = file->is_whole || hunk >= file->hunk_count;

	if (is_all)
		file->decision = decision;
	for (size_t i = 0; i < file->hunk_count; i++)
		if (is_all || i == hunk)
			file->hunks[i].decision = decision;
	if (is_all || file->hunks[0].kind != REVIEW_RENAME)
		return;
	/* Without its new name there is nothing of the file to take. */
	if (decision == REVIEW_TAKE)
		file->hunks[0].decision = decision;
	else if (!hunk)
		decide(file, SIZE_MAX, decision);
}

static unsigned next_group(const struct review *review)
{
	return review->undo ? review->undo->group + 1 : 0;
}

bool review_decide(struct review *review, size_t index, size_t hunk, enum review_decision decision)
{
	struct review_file *file = &review->files[index];

	if (file->is_blocked && decision == REVIEW_TAKE)
		return false;
	remember(review, index, next_group(review));
	decide(file, hunk, decision);
	return true;
}

void review_decide_all(struct review *review, enum review_decision decision)
{
	unsigned group = next_group(review);

	for (size_t i = 0; i < review->file_count; i++) {
		if (review->files[i].is_blocked && decision == REVIEW_TAKE)
			continue;
		remember(review, i, group);
		decide(&review->files[i], SIZE_MAX, decision);
	}
}

/* A split or a reading since then changed how many hunks there are: then the file's own decision counts. */
static void take_back(struct review *review, const struct review_undo *undo)
{
	struct review_file *file = &review->files[undo->file];

	file->decision = undo->decision;
	for (size_t i = 0; i < file->hunk_count; i++)
		file->hunks[i].decision = undo->hunk_count == file->hunk_count ? undo->hunks[i] :
		undo->decision;
}

ssize_t review_undo(struct review *review)
{
	const struct review_undo *newest = review->undo;
	ssize_t file = REVIEW_NONE_SUCH;

	while (review->undo && review->undo->group == newest->group) {
		file = (ssize_t)review->undo->file;
		take_back(review, review->undo);
		review->undo = review->undo->next;
		review->undo_count--;
	}
	return file;
}

/* ---- splitting ---- */

/* How many of the hunk's lines belong to its first changed places: those behind them are for the next. */
static size_t lines_until(const struct review_file *file, const struct review_hunk *hunk, size_t edit_count)
{
	const struct review_line *lines = file->lines + hunk->first_line;
	size_t i = 0;

	for (size_t seen = 0; i < hunk->line_count; i++) {
		bool is_first = lines[i].kind != REVIEW_CONTEXT &&
			(!i || lines[i - 1].kind == REVIEW_CONTEXT);

		seen += is_first;
		if (seen == edit_count && lines[i].kind != REVIEW_CONTEXT &&
				(i + 1 == hunk->line_count || lines[i + 1].kind == REVIEW_CONTEXT))
			return i + 1;
	}
	return i;
}

static struct compose_edit range_of(const struct review_line *lines, size_t count, struct compose_edit after)
{
	struct compose_edit range = after;

	range.old_count = range.new_count = 0;
	for (size_t i = 0; i < count; i++) {
		range.old_count += lines[i].kind != REVIEW_ADDED;
		range.new_count += lines[i].kind != REVIEW_REMOVED;
	}
	return range;
}

bool review_split(struct review *review, size_t index, size_t at)
{
	struct review_file *file = &review->files[index];
	const struct review_hunk whole = file->hunks[at];
	size_t pieces = whole.edit_count, line = 0;
	struct compose_edit next = whole.range;
	struct review_hunk *hunks;

	if (file->is_whole || pieces < 2)
		return false;
	hunks = arena_alloc_array(review->arena, file->hunk_count + pieces - 1, sizeof(*hunks));
	if (!hunks)
		return false;
	memcpy(hunks, file->hunks, at * sizeof(*hunks));
	memcpy(hunks + at + pieces, file->hunks + at + 1, (file->hunk_count - at - 1) * sizeof(*hunks));
	for (size_t i = 0; i < pieces; i++) {
		struct review_hunk *piece = &hunks[at + i];
		size_t end = i + 1 < pieces ? lines_until(file, &whole, i + 1) : whole.line_count;

		*piece = whole;
		piece->piece = (unsigned)i + 1;
		piece->first_line = whole.first_line + line;
		piece->line_count = end - line;
		piece->first_edit = whole.first_edit + i;
		piece->edit_count = 1;
		piece->range = range_of(file->lines + piece->first_line, piece->line_count, next);
		next.old_start = piece->range.old_start + piece->range.old_count;
		next.new_start = piece->range.new_start + piece->range.new_count;
		line = end;
	}
	file->hunks = hunks;
	file->hunk_count += pieces - 1;
	return true;
}

/* ---- what came of it ---- */

enum review_decision review_file_decision(const struct review_file *file)
{
	enum review_decision decision = file->hunk_count ? file->hunks[0].decision : file->decision;

	for (size_t i = 1; i < file->hunk_count; i++)
		if (file->hunks[i].decision != decision)
			return REVIEW_OPEN;
	return decision;
}

static size_t count_taken(const struct review_file *file)
{
	size_t count = 0;

	for (size_t i = 0; i < file->hunk_count; i++)
		count += file->hunks[i].decision == REVIEW_TAKE;
	return count;
}

struct review_sums review_sum(const struct review *review)
{
	struct review_sums sums = { 0 };

	for (size_t i = 0; i < review->file_count; i++) {
		const struct review_file *file = &review->files[i];
		size_t count = file->is_read && !file->is_whole ? file->hunk_count : 1;
		bool is_one = count == 1 || !file->is_read || file->is_whole;
		size_t taken = is_one ? review_file_decision(file) == REVIEW_TAKE : count_taken(file);

		sums.hunks += count;
		sums.taken += taken;
		sums.files_taken += taken == count;
		sums.files_in_part += taken && taken < count;
		if (is_one)
			sums.decided += review_file_decision(file) != REVIEW_OPEN;
		for (size_t k = 0; !is_one && k < count; k++)
			sums.decided += file->hunks[k].decision != REVIEW_OPEN;
	}
	return sums;
}

void review_say_taken(const struct review_sums *sums, char ret[REVIEW_TAKEN_MAX])
{
	size_t taken = sums->files_taken, in_part = sums->files_in_part;

	if (!in_part)
		snprintf(ret, REVIEW_TAKEN_MAX, "%zu file%s", taken, taken == 1 ? "" : "s");
	else if (!taken)
		snprintf(ret, REVIEW_TAKEN_MAX, "parts of %zu file%s", in_part, in_part == 1 ? "" : "s");
	else
		snprintf(ret, REVIEW_TAKEN_MAX, "%zu whole file%s and parts of %zu", taken,
			taken == 1 ? "" : "s", in_part);
}

static int take_part(const struct review *review, const struct review_file *file, struct compose_part *ret)
{
	struct compose_edit *edits = arena_alloc_array(review->arena, file->edit_count + 1, sizeof(*edits));

	*ret = (struct compose_part){ .change = file->change, .edits = edits,
		.rename = renames_find(review->renames, file->change) };
	if (!edits)
		return -EMSGSIZE;
	for (size_t i = 0; i < file->hunk_count; i++) {
		const struct review_hunk *hunk = &file->hunks[i];

		if (hunk->decision != REVIEW_TAKE)
			continue;
		ret->metadata |= hunk->kind == REVIEW_METADATA;
		for (size_t k = 0; k < hunk->edit_count; k++)
			edits[ret->edit_count++] = file->edits[hunk->first_edit + k];
	}
	return 0;
}

int review_choice(const struct review *review, bool **ret_selected, struct compose_part **ret_parts,
	size_t *ret_count)
{
	bool *selected = arena_alloc_array(review->arena, review->changeset->count + 1, sizeof(*selected));
	struct compose_part *parts = arena_alloc_array(review->arena, review->file_count + 1, sizeof(*parts));
	size_t count = 0;
	int r = selected && parts ? 0 : -EMSGSIZE;

	for (size_t i = 0; i < review->file_count && r >= 0; i++) {
		const struct review_file *file = &review->files[i];
		bool is_all = review_file_decision(file) == REVIEW_TAKE;

		if (!is_all && !count_taken(file))
			continue;
		overlay_select_one(review->changeset, file->change, selected);
		overlay_select_one(review->changeset, file->origin, selected);
		if (!is_all)
			r = take_part(review, file, &parts[count++]);
	}
	*ret_selected = selected;
	*ret_parts = parts;
	*ret_count = count;
	return r;
}
