// SPDX-License-Identifier: Apache-2.0
/*
 * paint.c - the review screen as text for a terminal
 *
 * The only escape sequences in a picture are the ones that stand in this file. Whatever comes from elsewhere
 * goes through put_text(), which knows the width of what it writes and writes nothing that is not a visible
 * character, so that neither an agent nor a differ that was taken over can move the cursor.
 *
 * Source: ECMA-48, 8.3.21 CUP, 8.3.41 EL, 8.3.117 SGR
 */
#include "review/screen.h"

#include "base/quote.h"
#include "base/utf8.h"
#include "review/width.h"
#include "review/words.h"

#include <stdio.h>

enum style {
	STYLE_PLAIN,
	STYLE_BAR,
	STYLE_FILE,
	STYLE_HUNK,
	STYLE_NOTE,
	STYLE_ASK,
	STYLE_DENY,
	STYLE_ADDED,
	STYLE_REMOVED,
	STYLE_ADDED_WORD,
	STYLE_REMOVED_WORD,
	STYLE_NUMBER,
	STYLE_FOCUS,
};

struct painter {
	const struct screen *screen;
	struct buf *buf;
	size_t column;
	bool is_listing;		/* nothing is decided here */
};

enum {
	TEXT_BYTES_MAX = 8 << 12,
};

/* ---- pieces ---- */

/* With colours, and what stands for them without: those who want none still want to see the difference. */
static void set_style(struct painter *painter, enum style style)
{
	static const char *const coloured[] = {
		[STYLE_PLAIN] = "", [STYLE_BAR] = ";7", [STYLE_FILE] = ";1", [STYLE_HUNK] = ";36",
		[STYLE_NOTE] = ";33", [STYLE_ASK] = ";1;33", [STYLE_DENY] = ";1;31", [STYLE_ADDED] = ";32",
		[STYLE_REMOVED] = ";31", [STYLE_ADDED_WORD] = ";1;32;7", [STYLE_REMOVED_WORD] = ";1;31;7",
		[STYLE_NUMBER] = ";2", [STYLE_FOCUS] = ";1;7",
	};
	static const char *const plain[] = {
		[STYLE_PLAIN] = "", [STYLE_BAR] = ";7", [STYLE_FILE] = ";1", [STYLE_HUNK] = "",
		[STYLE_NOTE] = "", [STYLE_ASK] = ";1", [STYLE_DENY] = ";1", [STYLE_ADDED] = "",
		[STYLE_REMOVED] = "", [STYLE_ADDED_WORD] = ";4", [STYLE_REMOVED_WORD] = ";4",
		[STYLE_NUMBER] = "", [STYLE_FOCUS] = ";1;7",
	};

	if (painter->screen->height)
		(void)buf_printf(painter->buf, "\033[0%sm",
			painter->screen->colour ? coloured[style] : plain[style]);
}

static void put_spaces(struct painter *painter, size_t count)
{
	painter->column += count;
	while (count--)
		(void)buf_append_char(painter->buf, ' ');
}

/* Our own words, as far as the line goes. */
static void put(struct painter *painter, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* One character; what is not visible becomes a question mark. */
static void put_point(struct painter *painter, struct str text, size_t len, unsigned width)
{
	uint32_t point;
	int decoded = utf8_decode(text, &point);

	if (decoded > 0 && point == '\t') {
		put_spaces(painter, width);
		return;
	}
	if (decoded <= 0 || utf8_is_deceptive(point)) {
		(void)buf_append_char(painter->buf, '?');
		painter->column++;
		return;
	}
	(void)buf_append(painter->buf, text.data, len);
	painter->column += width;
}

struct window {
	size_t skip, width;		/* columns of the text */
	const struct words_spans *spans;	/* pointed out; NULL: nothing */
	enum style style, word_style;
};

static bool is_in_span(const struct words_spans *spans, size_t at)
{
	for (size_t i = 0; spans && i < spans->count; i++)
		if (at >= spans->items[i].start && at < spans->items[i].start + spans->items[i].len)
			return true;
	return false;
}

/* The part of a text that a window shows; a wide character at its edge becomes a space. */
static void put_text(struct painter *painter, struct str text, const struct window *window)
{
	size_t column = 0, end = window->skip + window->width, at = 0;
	bool in_word = false;

	set_style(painter, window->style);
	while (at < text.len && column < end) {
		struct str rest = { text.data + at, text.len - at };
		unsigned width;
		size_t len = width_next(rest, column, &width);
		bool is_word = is_in_span(window->spans, at);

		if (is_word != in_word)
			set_style(painter, is_word ? window->word_style : window->style);
		in_word = is_word;
		if (column >= window->skip && column + width <= end)
			put_point(painter, rest, len, width);
		else if (column + width > window->skip)
			put_spaces(painter, MIN(column + width, end) - MAX(column, window->skip));
		column += width;
		at += len;
	}
	set_style(painter, STYLE_PLAIN);
}

static size_t room(const struct painter *painter)
{
	return painter->screen->width > painter->column ? painter->screen->width - painter->column : 0;
}

static void put_styled(struct painter *painter, enum style style, struct str text)
{
	put_text(painter, text, &(struct window){ .width = room(painter), .style = style });
}

static void put(struct painter *painter, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	put_styled(painter, STYLE_PLAIN, str_from(text));
}

/* ---- rows ---- */

static const char *decision_text(enum review_decision decision)
{
	static const char *const texts[] = {
		[REVIEW_OPEN] = "[     ]", [REVIEW_TAKE] = "[take ]", [REVIEW_LEAVE] = "[leave]",
	};

	return texts[decision];
}

static enum style decision_style(enum review_decision decision)
{
	return decision == REVIEW_TAKE ? STYLE_ADDED : decision == REVIEW_LEAVE ? STYLE_REMOVED : STYLE_PLAIN;
}

static void put_decision(struct painter *painter, enum review_decision decision, bool has_focus)
{
	if (painter->is_listing)
		return;
	put_styled(painter, has_focus ? STYLE_FOCUS : STYLE_PLAIN, has_focus ? STR(">") : STR(" "));
	put_styled(painter, decision_style(decision), str_from(decision_text(decision)));
	put_spaces(painter, 1);
}

static const char *kind_text(const struct change *change)
{
	if (change->kind == CHANGE_RENAMED)
		return "moved";
	return change->kind == CHANGE_TYPE ? "other type" : change_kind_name(change->kind);
}

static void put_name(struct painter *painter, enum style style, struct str path)
{
	scoped(buf) struct buf name = BUF_INIT(TEXT_BYTES_MAX);

	(void)quote_append(&name, path);
	put_styled(painter, style, (struct str){ buf_text(&name), name.len });
}

/* Where from, and what does not go along with it. */
static void put_origin(struct painter *painter, const struct review_file *file, const struct change *change)
{
	unsigned similarity = review_similarity(painter->screen->review, file);

	put(painter, " (from ");
	put_name(painter, STYLE_PLAIN, change->renamed_from);
	if (similarity < 100)
		put(painter, ", %u%% of it", similarity);
	if (file->origin == file->change)
		put(painter, "; its old directory is decided about by itself");
	put(painter, ")");
}

static void put_file(struct painter *painter, size_t index, bool has_focus)
{
	const struct review *review = painter->screen->review;
	const struct review_file *file = &review->files[index];
	const struct change *change = &review->changeset->changes[file->change];
	enum review_decision decision = review_file_decision(file);

	put_decision(painter, decision, has_focus);
	put(painter, "%s ", kind_text(change));
	if (change->root) {
		put_name(painter, STYLE_FILE, str_from(review->changeset->roots[change->root]));
		put_styled(painter, STYLE_FILE, STR("/"));
	}
	put_name(painter, STYLE_FILE, change->path);
	if (change->kind == CHANGE_RENAMED)
		put_origin(painter, file, change);
	if (file->is_read && (file->added_count || file->removed_count))
		put(painter, "  +%zu -%zu", file->added_count, file->removed_count);
	if (file->is_folded)
		put(painter, "  ...");
	if (file->finding_count)
		put_styled(painter, STYLE_ASK, STR("  !"));
}

static void put_finding(struct painter *painter, const struct review_finding *finding)
{
	enum style style = strcmp(finding->verdict, "ask") ? STYLE_DENY : STYLE_ASK;

	put_spaces(painter, 2);
	put_styled(painter, style, str_from(finding->verdict));
	put_styled(painter, style, STR(" "));
	put_styled(painter, style, str_from(finding->rule));
	put_styled(painter, style, STR(": "));
	put_styled(painter, STYLE_PLAIN, str_from(finding->message));
}

static void put_hunk(struct painter *painter, const struct review_file *file, size_t index, bool has_focus)
{
	const struct review_hunk *hunk = &file->hunks[index];
	const struct compose_edit *range = &hunk->range;
	char text[128] = "the file as a whole", piece[16] = "";

	if (hunk->piece)
		snprintf(piece, sizeof(piece), ".%u", hunk->piece);
	if (hunk->kind == REVIEW_METADATA)
		snprintf(text, sizeof(text), "mode, owner and attributes");
	else if (hunk->kind == REVIEW_RENAME)
		snprintf(text, sizeof(text), "the new name: without it, nothing of the file is taken");
	else if (hunk->kind == REVIEW_LINES)
		snprintf(text, sizeof(text), "hunk %u%s  @@ -%u,%u +%u,%u @@", hunk->number, piece,
			range->old_start + (range->old_count > 0), range->old_count,
			range->new_start + (range->new_count > 0), range->new_count);
	put_decision(painter, hunk->decision, has_focus);
	put_styled(painter, STYLE_HUNK, str_from(text));
	if (file->is_whole && hunk->kind == REVIEW_LINES && !painter->is_listing)
		put(painter, "  (whole file)");
	if (hunk->is_folded)
		put(painter, "  ... %zu lines", hunk->line_count);
}

/* ---- lines ---- */

static void put_number(struct painter *painter, uint32_t number, bool is_shown)
{
	char text[16] = "     ";

	if (number && is_shown)
		snprintf(text, sizeof(text), "%5u", number % 100000);
	put_styled(painter, STYLE_NUMBER, str_from(text));
}

/* One line's text in its window, with the words that its partner does not have. */
static void put_content(struct painter *painter, const struct review_row *row, uint32_t index)
{
	const struct screen *screen = painter->screen;
	const struct review_file *file = &screen->review->files[row->file];
	const struct review_line *line = &file->lines[index];
	uint32_t partner = rows_partner(file, &file->hunks[row->hunk], index);
	size_t width = rows_text_width(&screen->rows.options);
	bool is_added = line->kind == REVIEW_ADDED;
	struct words_spans mine, others;
	struct window window = {
		.skip = screen->rows.options.wrap ? row->part * width : screen->left, .width = width,
		.style = line->kind == REVIEW_CONTEXT ? STYLE_PLAIN : is_added ? STYLE_ADDED : STYLE_REMOVED,
		.word_style = is_added ? STYLE_ADDED_WORD : STYLE_REMOVED_WORD,
	};

	if (partner != ROW_NO_LINE &&
			words_compare(line->text, file->lines[partner].text, &mine, &others))
		window.spans = &mine;
	put_text(painter, line->text, &window);
	if (line->no_newline && room(painter) > 14)
		put_styled(painter, STYLE_NOTE, STR(" (no newline)"));
}

static char sign_of(const struct review_line *line)
{
	return line->kind == REVIEW_ADDED ? '+' : line->kind == REVIEW_REMOVED ? '-' : ' ';
}

static void put_sign(struct painter *painter, const struct review_line *line)
{
	const char sign[] = { ' ', sign_of(line), ' ', '\0' };

	put_styled(painter, line->kind == REVIEW_ADDED ? STYLE_ADDED :
		line->kind == REVIEW_REMOVED ? STYLE_REMOVED : STYLE_PLAIN, str_from(sign));
}

static void put_line(struct painter *painter, const struct review_row *row)
{
	const struct review_line *line = &painter->screen->review->files[row->file].lines[row->left];

	put_spaces(painter, 2);
	put_number(painter, line->old_line, !row->part);
	put_spaces(painter, 1);
	put_number(painter, line->new_line, !row->part);
	put_sign(painter, line);
	put_content(painter, row, row->left);
}

static void put_side(struct painter *painter, const struct review_row *row, uint32_t index, bool is_left)
{
	const struct review_line *line = index == ROW_NO_LINE ? NULL :
		&painter->screen->review->files[row->file].lines[index];
	size_t start = painter->column;

	put_spaces(painter, 1);
	if (line) {
		put_number(painter, is_left ? line->old_line : line->new_line, !row->part);
		put_sign(painter, line);
		put_content(painter, row, index);
	}
	if (is_left && painter->column < start + painter->screen->width / 2)
		put_spaces(painter, start + painter->screen->width / 2 - painter->column);
}

static void put_pair(struct painter *painter, const struct review_row *row)
{
	put_side(painter, row, row->left, true);
	put_side(painter, row, row->right, false);
}

static void put_row(struct painter *painter, const struct review_row *row)
{
	const struct screen *screen = painter->screen;
	const struct review_file *file = &screen->review->files[row->file];
	bool has_focus = row->file == screen->file;

	switch (row->kind) {
	case ROW_FILE:
		put_file(painter, row->file, has_focus && (file->is_folded || !file->hunk_count));
		break;
	case ROW_FINDING:
		put_finding(painter, &file->findings[row->item]);
		break;
	case ROW_NOTE:
		put_styled(painter, STYLE_NOTE, STR("  # "));
		put_styled(painter, STYLE_NOTE, file->notes[row->item]);
		break;
	case ROW_WAIT:
		put(painter, "  ...");
		break;
	case ROW_HUNK:
		put_hunk(painter, file, row->hunk, has_focus && row->hunk == screen->hunk);
		break;
	case ROW_LINE:
		put_line(painter, row);
		break;
	case ROW_PAIR:
		put_pair(painter, row);
		break;
	case ROW_GAP:
		break;
	}
}

/* ---- the picture ---- */

static void begin_line(struct painter *painter, size_t line)
{
	(void)buf_printf(painter->buf, "\033[%zu;1H", line);
	set_style(painter, STYLE_PLAIN);
	painter->column = 0;
}

static void end_line(struct painter *painter)
{
	set_style(painter, STYLE_PLAIN);
	/* In the last column, EL would take the character there. */
	if (painter->column < painter->screen->width)
		(void)buf_append_str(painter->buf, "\033[K");
}

static void put_bar(struct painter *painter, size_t line, const char *text)
{
	begin_line(painter, line);
	put_styled(painter, STYLE_BAR, str_from(text));
	set_style(painter, STYLE_BAR);
	put_spaces(painter, room(painter));
	end_line(painter);
}

static void put_head(struct painter *painter)
{
	const struct screen *screen = painter->screen;
	struct review_sums sums = review_sum(screen->review);
	char text[256];

	snprintf(text, sizeof(text), " review %s   file %zu/%zu   %zu of %zu decided   %zu taken%s",
		screen->id, screen->review->file_count ? screen->file + 1 : 0, screen->review->file_count,
		sums.decided, sums.hunks, sums.taken, sums.files_in_part ? " (files in part)" : "");
	put_bar(painter, 1, text);
}

static void put_foot(struct painter *painter)
{
	const struct screen *screen = painter->screen;
	struct review_sums sums = review_sum(screen->review);
	char text[256 + SCREEN_SEARCH_MAX] =
		" y take  x leave  s split  u undo  / search  c commit  q quit  h help";
	char taken[REVIEW_TAKEN_MAX];

	review_say_taken(&sums, taken);
	if (screen->mode == MODE_SEARCH)
		snprintf(text, sizeof(text), " %c%.*s_", screen->search_is_back ? '?' : '/',
			(int)screen->search_len, screen->search);
	else if (screen->mode == MODE_COMMIT)
		snprintf(text, sizeof(text), " Commit %s? [y/N]", taken);
	else if (screen->mode == MODE_QUIT)
		snprintf(text, sizeof(text), " Quit, and commit nothing of what was taken? [y/N]");
	else if (screen->message[0])
		snprintf(text, sizeof(text), " %s", screen->message);
	put_bar(painter, screen->height, text);
}

static void put_rows(struct painter *painter)
{
	const struct screen *screen = painter->screen;

	for (size_t i = 0; i + 2 < screen->height; i++) {
		size_t row = screen->top + i;
		const char *help = screen->mode == MODE_HELP ? screen_help(i) : NULL;

		begin_line(painter, i + 2);
		if (screen->mode == MODE_HELP && help)
			put(painter, "  %s", help);
		else if (screen->mode != MODE_HELP && row < screen->rows.count)
			put_row(painter, &screen->rows.items[row]);
		end_line(painter);
	}
}

void screen_paint(const struct screen *screen, struct buf *ret)
{
	struct painter painter = { .screen = screen, .buf = ret };

	put_head(&painter);
	put_rows(&painter);
	put_foot(&painter);
}

/* ---- without a screen ---- */

void screen_paint_rows(const struct screen *screen, size_t first, size_t end, struct buf *ret)
{
	struct screen listing = *screen;
	struct painter painter = { .screen = &listing, .buf = ret, .is_listing = true };

	/* Without a height no sequence is written. */
	listing.height = screen->colour;
	listing.file = SIZE_MAX;
	for (; first < end; first++) {
		const struct review_row *row = &screen->rows.items[first];

		painter.column = 0;
		/* What there is to choose from is of no interest here. */
		if (row->kind == ROW_HUNK &&
				screen->review->files[row->file].hunks[row->hunk].kind != REVIEW_LINES)
			continue;
		put_row(&painter, row);
		(void)buf_append_char(ret, '\n');
	}
}

static void put_plain_lines(struct painter *painter, size_t file, size_t hunk)
{
	const struct review_file *from = &painter->screen->review->files[file];
	const struct review_hunk *lines = &from->hunks[hunk];

	for (size_t i = 0; i < lines->line_count; i++) {
		const struct review_line *line = &from->lines[lines->first_line + i];
		const char sign[] = { sign_of(line), '\0' };

		painter->column = 0;
		put_styled(painter, STYLE_PLAIN, str_from(sign));
		put_text(painter, line->text, &(struct window){ .width = SIZE_MAX / 2 });
		(void)buf_append_str(painter->buf, line->no_newline ? " (no newline)\n" : "\n");
	}
}

void screen_paint_hunk(const struct screen *screen, size_t file, size_t hunk, struct buf *ret)
{
	struct screen plain = *screen;
	struct painter painter = { .screen = &plain, .buf = ret };
	const struct review_file *from = &screen->review->files[file];

	/* No height: no sequence of any kind. */
	plain.height = 0;
	plain.width = SIZE_MAX / 2;
	if (!hunk) {
		put_file(&painter, file, false);
		(void)buf_append_char(ret, '\n');
		for (size_t i = 0; i < from->finding_count; i++) {
			put_finding(&painter, &from->findings[i]);
			(void)buf_append_char(ret, '\n');
		}
		for (size_t i = 0; i < from->note_count; i++) {
			put_styled(&painter, STYLE_NOTE, STR("  # "));
			put_styled(&painter, STYLE_NOTE, from->notes[i]);
			(void)buf_append_char(ret, '\n');
		}
	}
	painter.column = 0;
	put_hunk(&painter, from, hunk, false);
	(void)buf_append_char(ret, '\n');
	put_plain_lines(&painter, file, hunk);
}
