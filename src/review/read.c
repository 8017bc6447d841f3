// SPDX-License-Identifier: Apache-2.0
/*
 * read.c - files of a review are filled in from what cordon-differ said
 *
 * The differ read what an agent wrote, so it is not believed more than it has to be: every byte of its answer
 * is checked to be visible text before a line of it is kept, numbers have to add up, and an answer that stops
 * in the middle is none. That it tells the truth about a file is another matter, and its own business: it
 * holds both sides to the changeset's digests.
 *
 * The answer is read twice: once to count, once to keep.
 */
#include "review/model.h"

#include "base/utf8.h"

#include <errno.h>

/* What one change needs. */
struct counts {
	size_t notes, lines, edits, hunks;
};

/* One change's part of the answer. */
struct section {
	struct review *review;
	struct review_file *file;	/* that is filled in */
	struct counts used, room;
	struct str *notes;
	struct compose_edit left;	/* of the open hunk: lines that are still to come */
	uint32_t old_line, new_line;	/* that comes next, from 0 */
	bool is_in_edit;
};

static bool is_visible(struct str text)
{
	while (text.len) {
		uint32_t point;
		int len = utf8_decode(text, &point);

		if (len <= 0 || (utf8_is_deceptive(point) && point != '\t'))
			return false;
		text = (struct str){ text.data + len, text.len - (size_t)len };
	}
	return true;
}

static struct str behind(struct str line, size_t count)
{
	return (struct str){ line.data + count, line.len - count };
}

/* ---- counting ---- */

static bool is_line(struct str line)
{
	return line.len && strchr(" +-", line.data[0]);
}

static bool is_note(struct str line)
{
	return str_starts_with(line, STR("note ")) || str_starts_with(line, STR("binary ")) ||
		str_starts_with(line, STR("large ")) || str_starts_with(line, STR("missing "));
}

static struct counts count(struct str text)
{
	struct counts counts = { 0 };
	struct str line;
	bool was_edit = false;

	while (text.len && str_cut(text, '\n', &line, &text) && !str_starts_with(line, STR("change "))) {
		bool is_edit = is_line(line) && line.data[0] != ' ';

		counts.notes += is_note(line);
		counts.lines += is_line(line);
		counts.edits += is_edit && !was_edit;
		counts.hunks += str_starts_with(line, STR("hunk "));
		if (line.len && line.data[0] != '\\')
			was_edit = is_edit;
	}
	return counts;
}

static int begin(struct section *section, struct review_file *file, struct str text)
{
	struct arena *arena = section->review->arena;

	*section = (struct section){ .review = section->review, .file = file, .room = count(text) };
	section->notes = arena_alloc_array(arena, section->room.notes + 1, sizeof(*section->notes));
	file->lines = arena_alloc_array(arena, section->room.lines + 1, sizeof(*file->lines));
	file->edits = arena_alloc_array(arena, section->room.edits + 1, sizeof(*file->edits));
	/* Mode and owner may be one more, and a new name. */
	file->hunks = arena_alloc_array(arena, section->room.hunks + 3, sizeof(*file->hunks));
	return section->notes && file->lines && file->edits && file->hunks ? 0 : -EMSGSIZE;
}

/* ---- keeping ---- */

static int keep_text(struct section *section, struct str text, struct str *ret)
{
	if (!is_visible(text))
		return -EPROTO;
	*ret = (struct str){ arena_copy(section->review->arena, text.data, text.len), text.len };
	return ret->data ? 0 : -EMSGSIZE;
}

static int keep_note(struct section *section, struct str line)
{
	struct review_file *file = section->file;
	bool is_plain = str_starts_with(line, STR("note "));

	if (section->used.notes == section->room.notes)
		return -EPROTO;
	file->is_blocked |= str_starts_with(line, STR("missing "));
	file->is_whole |= !is_plain;
	/* "binary", "large" and "missing" are words for people, too. */
	if (is_plain)
		line = behind(line, strlen("note "));
	return keep_text(section, line, &section->notes[section->used.notes++]);
}

static int read_number(struct str *rest, uint32_t *ret)
{
	struct str word, tail;
	uint64_t number;

	(void)str_cut(*rest, ' ', &word, &tail);
	if (str_to_u64(word, UINT32_MAX / 2, &number) < 0)
		return -EPROTO;
	*ret = (uint32_t)number;
	*rest = tail;
	return 0;
}

static bool is_open(const struct section *section)
{
	return section->left.old_count || section->left.new_count;
}

static int read_range(struct str rest, struct compose_edit *ret)
{
	if (read_number(&rest, &ret->old_start) < 0 || read_number(&rest, &ret->old_count) < 0 ||
			read_number(&rest, &ret->new_start) < 0 || read_number(&rest, &ret->new_count) < 0)
		return -EPROTO;
	return rest.len ? -EPROTO : 0;
}

static int keep_hunk(struct section *section, struct str rest)
{
	struct review_file *file = section->file;
	struct compose_edit range;

	if (is_open(section) || read_range(rest, &range) < 0)
		return -EPROTO;
	file->hunks[section->used.hunks] = (struct review_hunk){
		.kind = REVIEW_LINES, .number = (unsigned)section->used.hunks + 1, .range = range,
		.first_line = section->used.lines, .first_edit = section->used.edits,
	};
	section->used.hunks++;
	section->left = range;
	section->old_line = range.old_start;
	section->new_line = range.new_start;
	section->is_in_edit = false;
	return 0;
}

/* Lines that were changed and stand together are one place. */
static void keep_edit(struct section *section, enum review_line_kind kind)
{
	struct review_file *file = section->file;
	struct compose_edit *edit;

	if (!section->is_in_edit) {
		file->edits[section->used.edits++] = (struct compose_edit){ .old_start = section->old_line,
			.new_start = section->new_line };
		file->hunks[section->used.hunks - 1].edit_count++;
	}
	edit = &file->edits[section->used.edits - 1];
	edit->old_count += kind == REVIEW_REMOVED;
	edit->new_count += kind == REVIEW_ADDED;
	file->added_count += kind == REVIEW_ADDED;
	file->removed_count += kind == REVIEW_REMOVED;
}

static int keep_line(struct section *section, struct str text)
{
	struct review_file *file = section->file;
	enum review_line_kind kind = text.data[0] == '+' ? REVIEW_ADDED :
		text.data[0] == '-' ? REVIEW_REMOVED : REVIEW_CONTEXT;
	bool is_old = kind != REVIEW_ADDED, is_new = kind != REVIEW_REMOVED;
	struct review_line *line = &file->lines[section->used.lines];

	if (!section->used.hunks || (is_old && !section->left.old_count) ||
			(is_new && !section->left.new_count))
		return -EPROTO;
	if (kind != REVIEW_CONTEXT)
		keep_edit(section, kind);
	section->is_in_edit = kind != REVIEW_CONTEXT;
	section->left.old_count -= is_old;
	section->left.new_count -= is_new;
	section->old_line += is_old;
	section->new_line += is_new;
	*line = (struct review_line){ .kind = kind, .old_line = is_old ? section->old_line : 0,
		.new_line = is_new ? section->new_line : 0 };
	file->hunks[section->used.hunks - 1].line_count++;
	section->used.lines++;
	return keep_text(section, behind(text, 1), &line->text);
}

static int keep(struct section *section, struct str line)
{
	if (is_note(line))
		return keep_note(section, line);
	if (str_starts_with(line, STR("hunk ")))
		return keep_hunk(section, behind(line, strlen("hunk ")));
	if (is_line(line))
		return keep_line(section, line);
	if (!str_eq(line, STR("\\")) || !section->used.lines)
		return -EPROTO;
	section->file->lines[section->used.lines - 1].no_newline = true;
	return 0;
}

/* ---- what can be decided about it ---- */

static void put_first(struct review_file *file, enum review_hunk_kind kind)
{
	memmove(file->hunks + 1, file->hunks, file->hunk_count * sizeof(*file->hunks));
	file->hunks[0] = (struct review_hunk){ .kind = kind };
	file->hunk_count++;
}

static int finish(struct section *section)
{
	struct review_file *file = section->file;
	const struct change *change = &section->review->changeset->changes[file->change];

	if (is_open(section))
		return -EPROTO;
	file->notes = section->notes;
	file->note_count = section->used.notes;
	file->line_count = section->used.lines;
	file->edit_count = section->used.edits;
	file->hunk_count = section->used.hunks;
	if (!file->is_whole && compose_has_metadata(change))
		put_first(file, REVIEW_METADATA);
	if (!file->is_whole && change->kind == CHANGE_RENAMED)
		put_first(file, REVIEW_RENAME);
	if (!file->hunk_count) {
		file->hunks[file->hunk_count++] = (struct review_hunk){ .kind = REVIEW_WHOLE };
		file->is_whole = true;
	}
	/* It was decided about unseen: that is what each hunk begins with. */
	for (size_t i = 0; i < file->hunk_count; i++)
		file->hunks[i].decision = file->is_blocked ? REVIEW_OPEN : file->decision;
	file->is_read = true;
	return 0;
}

/* ---- the answer ---- */

static int open_section(struct section *section, const size_t *changes, size_t change_count, struct str line,
	struct str text)
{
	struct review *review = section->review;
	struct review_file *file;
	uint64_t index;

	if (str_to_u64(behind(line, strlen("change ")), change_count - 1, &index) < 0)
		return -EPROTO;
	*section = (struct section){ .review = review };
	if (changes[index] == REVIEW_NOT_ASKED)
		return 0;
	file = review->file_of[changes[index]];
	/* The other half of a move has nothing of its own to say. */
	if (!file || file->change != changes[index])
		return 0;
	return file->is_read ? -EPROTO : begin(section, file, text);
}

static int read_answer(struct review *review, const size_t *changes, size_t count, struct str text)
{
	struct section section = { .review = review };
	struct str line;
	int r = 0;

	while (r >= 0 && str_cut(text, '\n', &line, &text)) {
		bool is_end = str_eq(line, STR("end")), is_next = str_starts_with(line, STR("change "));

		if ((is_end || is_next) && section.file)
			r = finish(&section);
		if (is_end)
			return text.len ? -EPROTO : r;
		if (r >= 0 && is_next)
			r = open_section(&section, changes, count, line, text);
		else if (r >= 0 && section.file)
			r = keep(&section, line);
	}
	return r < 0 ? r : -EPROTO;
}

/* Back to a file of which only its decision is known. */
static void forget(struct review *review, struct review_file *file)
{
	const struct review_file old = *file;

	*file = (struct review_file){
		.change = old.change, .origin = old.origin, .decision = old.decision,
		.is_folded = old.is_folded, .findings = old.findings, .finding_count = old.finding_count,
		.is_whole = !compose_fits(&review->changeset->changes[old.change]),
	};
}

int review_read(struct review *review, const size_t *changes, size_t count, struct str text)
{
	int r = count ? read_answer(review, changes, count, text) : 0;

	for (size_t i = 0; i < count && r < 0; i++)
		if (changes[i] != REVIEW_NOT_ASKED && review->file_of[changes[i]])
			forget(review, review->file_of[changes[i]]);
	return r;
}
