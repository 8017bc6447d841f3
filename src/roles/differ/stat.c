// SPDX-License-Identifier: Apache-2.0
/*
 * stat.c - one line a file: how much of it changed
 *
 *	 src/a.c          | 12 +++++++-----
 *	 logo.png         | binary, 10 -> 20 bytes
 *	 old/             | removed, with 12 entries
 *	 run.sh           | mode 0644 -> 0755
 *	 3 files changed, 7 insertions(+), 5 deletions(-)
 *
 * Rows are collected first, since the widths of their columns follow from all of them.
 */
#include "roles/differ/differ.h"

#include "overlay/git_name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum {
	BAR_MIN = 10,
	NAME_MIN = 20,
	NAME_BYTES_MAX = 5 * PATH_TEXT_MAX,
};

struct row {
	const char *name;		/* quoted */
	size_t width;			/* of the name in columns, roughly: its bytes */
	uint64_t added, removed;
	const char *words;		/* instead of numbers */
};

static int count_line(void *context, enum text_line line, UNUSED struct str text)
{
	struct row *row = context;

	row->added += line == TEXT_ADDED;
	row->removed += line == TEXT_REMOVED;
	return 0;
}

static const char *name_of(struct differ *differ, const struct change *change)
{
	scoped(buf) struct buf text = BUF_INIT(2 * NAME_BYTES_MAX);

	if (change->kind == CHANGE_RENAMED) {
		(void)git_name_append(&text, "", path_shown(differ, change, change->renamed_from));
		(void)buf_append_str(&text, " => ");
	}
	(void)git_name_append(&text, "", path_shown(differ, change, change->path));
	if ((change->new_file.type ? change->new_file.type : change->old_file.type) == FILE_DIRECTORY)
		(void)buf_append_char(&text, '/');
	return arena_copy(&differ->arena, buf_text(&text), text.len);
}

/* What is said of a change that is not about lines; NULL: it is. */
static const char *words_of(struct differ *differ, const struct change *change)
{
	const struct file_facts *old_file = &change->old_file, *new_file = &change->new_file;

	if (change->flags & CHANGE_TREE)
		return arena_printf(&differ->arena, "%s, with %" PRIu64 " entries",
			new_file->type ? "replaced" : "removed", change->old_count);
	if (change->kind == CHANGE_TYPE)
		return arena_printf(&differ->arena, "%s -> %s", file_type_name(old_file->type),
			file_type_name(new_file->type));
	if (change->kind == CHANGE_RENAMED && digest_eq(&old_file->digest, &new_file->digest))
		return "moved";
	if (change->kind == CHANGE_METADATA)
		return old_file->mode == new_file->mode ? "metadata" :
			arena_printf(&differ->arena, "mode %04o -> %04o", old_file->mode, new_file->mode);
	if (!git_mode(old_file) && !git_mode(new_file))
		return arena_printf(&differ->arena, "%s %s", new_file->type ? "new" : "removed",
			file_type_name(new_file->type ? new_file->type : old_file->type));
	if (change->flags & CHANGE_BINARY)
		return arena_printf(&differ->arena, "binary, %" PRIu64 " -> %" PRIu64 " bytes",
			old_file->size_bytes, new_file->size_bytes);
	return NULL;
}

static int count_lines(struct differ *differ, const struct change *change, struct row *row)
{
	const struct piece piece = {
		.change = change, .new_path = change->path,
		.old_path = change->kind == CHANGE_RENAMED ? change->renamed_from : change->path,
		.old_file = change->old_file.type ? &change->old_file : NULL,
		.new_file = change->new_file.type ? &change->new_file : NULL,
	};
	int r = content_read(differ, &piece, DIFFER_TEXT_MAX_BYTES);

	if (r == -EFBIG || r == -ESTALE || r == -EACCES) {
		row->words = r == -EFBIG ? "too large to compare" :
			r == -ESTALE	 ? "changes right now" :
				"may not be read";
		return 0;
	}
	if (r < 0)
		return error_sys(&differ->err, r, "cannot show '%s'", row->name);
	return text_diff((struct str){ buf_text(&differ->old_content), differ->old_content.len },
		(struct str){ buf_text(&differ->new_content), differ->new_content.len }, 0, count_line, row);
}

/* Close enough for a table: a column for each character. */
static size_t count_columns(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += (*text & 0xC0) != 0x80;
	return count;
}

static int fill_row(struct differ *differ, const struct change *change, struct row *row)
{
	*row = (struct row){ .name = name_of(differ, change), .words = words_of(differ, change) };
	if (!row->name)
		return error_set(&differ->err, -EMSGSIZE, "the changeset needs more memory than it may have");
	row->width = count_columns(row->name);
	return row->words ? 0 : count_lines(differ, change, row);
}

/* ---- printing ---- */

static void print_bar(struct output *out, const struct row *row, uint64_t most, size_t room)
{
	uint64_t total = row->added + row->removed, signs = total, added = row->added;

	if (most > room) {
		signs = total ? MAX(total * room / most, UINT64_C(1)) : 0;
		added = total ? (signs * row->added + total / 2) / total : 0;
	}
	out_paint(out, PAINT_ADDED);
	for (uint64_t i = 0; i < added; i++)
		out_text(out, "+");
	out_paint(out, PAINT_REMOVED);
	for (uint64_t i = added; i < signs; i++)
		out_text(out, "-");
	out_paint(out, PAINT_NONE);
}

/* The end of a long name tells more than its beginning. */
static void print_name(struct output *out, const struct row *row, size_t columns)
{
	const char *name = row->name;
	size_t width = row->width;

	if (width <= columns) {
		out_bytes(out, str_from(name));
		out_text(out, "%*s", (int)(columns - width), "");
		return;
	}
	for (; width > columns - strlen("..."); width--)
		do
			name++;
		while ((*name & 0xC0) == 0x80);
	out_text(out, "...");
	out_bytes(out, str_from(name));
}

static void print_rows(struct differ *differ, const struct row *rows, size_t count, uint64_t most,
	size_t widest)
{
	char number[24];
	int digits = snprintf(number, sizeof(number), "%" PRIu64, most);
	size_t width = differ->request.width,
		names = MIN(widest, MAX(width - BAR_MIN - (size_t)digits - 6, (size_t)NAME_MIN));
	size_t room = MAX(width - MIN(names + (size_t)digits + 6, width), (size_t)BAR_MIN);

	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];

		out_text(&differ->out, " ");
		print_name(&differ->out, row, names);
		out_text(&differ->out, " | ");
		if (row->words) {
			out_text(&differ->out, "%s\n", row->words);
			continue;
		}
		out_text(&differ->out, "%*" PRIu64 " ", digits, row->added + row->removed);
		print_bar(&differ->out, row, most, room);
		out_text(&differ->out, "\n");
	}
}

static void print_table(struct differ *differ, const struct row *rows, size_t count)
{
	uint64_t added = 0, removed = 0, most = 0;
	size_t widest = 0;

	for (size_t i = 0; i < count; i++) {
		added += rows[i].added;
		removed += rows[i].removed;
		most = MAX(most, rows[i].added + rows[i].removed);
		widest = MAX(widest, rows[i].width);
	}
	print_rows(differ, rows, count, most, widest);
	out_text(&differ->out, " %zu file%s changed", count, count == 1 ? "" : "s");
	if (added)
		out_text(&differ->out, ", %" PRIu64 " insertion%s(+)", added, added == 1 ? "" : "s");
	if (removed)
		out_text(&differ->out, ", %" PRIu64 " deletion%s(-)", removed, removed == 1 ? "" : "s");
	out_text(&differ->out, "\n");
}

int stat_show(struct differ *differ)
{
	const struct differ_request *request = &differ->request;
	struct row *rows = arena_alloc_array(&differ->arena, request->changeset.count, sizeof(*rows));
	size_t count = 0;

	if (!rows)
		return error_set(&differ->err, -EMSGSIZE, "the changeset needs more memory than it may have");
	for (size_t i = 0; i < request->changeset.count; i++) {
		const struct change *change = &request->changeset.changes[i];
		int r;

		if ((request->selected && !request->selected[i]) ||
				(change->kind == CHANGE_ADDED && is_brought_along(differ, change)))
			continue;
		/* The old end of a move that has a line of its own. */
		if ((change->flags & CHANGE_MOVED) && pieces_find_move(differ, change->root, change->path))
			continue;
		r = fill_row(differ, change, &rows[count]);
		if (r < 0)
			return r;
		count++;
	}
	if (count)
		print_table(differ, rows, count);
	return 0;
}
