// SPDX-License-Identifier: Apache-2.0
/*
 * screen.c - the review screen: what a key does
 */
#include "review/screen.h"

#include "base/quote.h"
#include "base/utf8.h"

#include <stdio.h>

enum {
	ROWS_ARENA_BYTES = 256 << 20,
	BARS = 2,			/* lines that the head and the foot take */
	SCROLL_COLUMNS = 8,
};

typedef void key_fn(struct screen *screen);

/* ---- in sight ---- */

static size_t page(const struct screen *screen)
{
	return screen->height > BARS + 1 ? screen->height - BARS : 1;
}

static void clip(struct screen *screen)
{
	size_t last = screen->rows.count > page(screen) ? screen->rows.count - page(screen) : 0;

	screen->top = MIN(screen->top, last);
}

/* The focus stays where the eye is: on the first hunk of what is shown. */
static void focus_on_sight(struct screen *screen)
{
	size_t end = MIN(screen->top + page(screen), screen->rows.count);
	size_t at = rows_find(&screen->rows, screen->file, screen->hunk);

	if (at >= screen->top && at < end)
		return;
	for (size_t i = screen->top; i < end; i++) {
		const struct review_row *row = &screen->rows.items[i];

		if (row->kind != ROW_HUNK && row->kind != ROW_FILE && i != screen->top)
			continue;
		screen->file = row->file;
		screen->hunk = row->kind == ROW_FILE ? 0 : row->hunk;
		if (row->kind == ROW_HUNK)
			return;
	}
}

static void scroll(struct screen *screen, ssize_t rows)
{
	screen->top = rows < 0 && screen->top < (size_t)-rows ? 0 : screen->top + (size_t)rows;
	clip(screen);
	focus_on_sight(screen);
}

/* Shows the focus with what comes behind it. */
static void show_focus(struct screen *screen)
{
	size_t at = rows_find(&screen->rows, screen->file, screen->hunk);
	size_t head = rows_find(&screen->rows, screen->file, SIZE_MAX);

	/* The first hunk comes with its file's name. */
	if (!screen->hunk && at - head < page(screen) / 2)
		at = head;
	if (at < screen->top || at + page(screen) / 2 >= screen->top + page(screen))
		screen->top = at;
	clip(screen);
}

static void lay_out(struct screen *screen)
{
	const struct rows_options options = {
		.width = screen->width, .wrap = screen->wrap,
		.side_by_side = screen->side_by_side < 0 ? screen->width >= SCREEN_SIDE_BY_SIDE_FROM :
			screen->side_by_side > 0,
	};

	if (rows_build(&screen->rows, screen->review, &options) < 0)
		snprintf(screen->message, sizeof(screen->message),
			"this is too much for one screen: fold or commit some of it");
	clip(screen);
}

/* What stood in the first row stands there again; where it is gone, its file does, scrolled as far. */
void screen_refresh(struct screen *screen)
{
	struct review_row first = { 0 };
	size_t before = 0;

	if (screen->top < screen->rows.count) {
		first = screen->rows.items[screen->top];
		before = screen->top - rows_find(&screen->rows, first.file, SIZE_MAX);
	}
	lay_out(screen);
	if (!rows_find_again(&screen->rows, &first, &screen->top))
		screen->top = rows_find(&screen->rows, first.file, SIZE_MAX) + before;
	clip(screen);
}

static bool focus_is_shown(const struct screen *screen)
{
	size_t at = rows_find(&screen->rows, screen->file, screen->hunk);

	return at >= screen->top && at < screen->top + page(screen);
}

/* Who reads in the middle of a long hunk goes on there; a focus that was in sight stays in sight. */
static void show_anew(struct screen *screen, bool was_shown)
{
	screen_refresh(screen);
	if (was_shown && !focus_is_shown(screen))
		show_focus(screen);
}

void screen_resize(struct screen *screen, size_t height, size_t width)
{
	bool was_shown = focus_is_shown(screen);

	screen->height = MAX(height, (size_t)BARS + 2);
	screen->width = MAX(width, (size_t)ROWS_WIDTH_MIN);
	show_anew(screen, was_shown);
}

void screen_init(struct screen *screen, struct review *review, const char *id, bool colour)
{
	*screen = (struct screen){ .review = review, .id = id, .colour = colour, .side_by_side = -1,
		.rows = { .arena = ARENA_INIT(ROWS_ARENA_BYTES) } };
	screen_resize(screen, 24, 80);
}

void screen_fini(struct screen *screen)
{
	arena_fini(&screen->rows.arena);
}

ssize_t screen_wants(const struct screen *screen)
{
	size_t end = MIN(screen->top + page(screen), screen->rows.count);

	for (size_t i = screen->top; i < end; i++)
		if (!screen->review->files[screen->rows.items[i].file].is_read)
			return (ssize_t)screen->rows.items[i].file;
	return REVIEW_NONE_SUCH;
}

static struct review_file *focused(const struct screen *screen)
{
	return &screen->review->files[screen->file];
}

static void focus(struct screen *screen, size_t file, size_t hunk)
{
	screen->file = file;
	screen->hunk = hunk;
	show_focus(screen);
}

/* ---- moving ---- */

static void next_file(struct screen *screen)
{
	if (screen->file + 1 < screen->review->file_count)
		focus(screen, screen->file + 1, 0);
}

static void previous_file(struct screen *screen)
{
	focus(screen, screen->hunk || !screen->file ? screen->file : screen->file - 1, 0);
}

static void next_hunk(struct screen *screen)
{
	const struct review_file *file = focused(screen);

	if (!file->is_folded && screen->hunk + 1 < file->hunk_count)
		focus(screen, screen->file, screen->hunk + 1);
	else
		next_file(screen);
}

static void previous_hunk(struct screen *screen)
{
	const struct review_file *before = screen->file ? &screen->review->files[screen->file - 1] : NULL;

	if (screen->hunk)
		focus(screen, screen->file, screen->hunk - 1);
	else if (before)
		focus(screen, screen->file - 1,
			before->is_folded || !before->hunk_count ? 0 : before->hunk_count - 1);
}

static void line_down(struct screen *screen)
{
	scroll(screen, 1);
}

static void line_up(struct screen *screen)
{
	scroll(screen, -1);
}

static void page_down(struct screen *screen)
{
	scroll(screen, (ssize_t)page(screen) - 1);
}

static void page_up(struct screen *screen)
{
	scroll(screen, 1 - (ssize_t)page(screen));
}

static void go_home(struct screen *screen)
{
	screen->top = 0;
	focus(screen, 0, 0);
}

static void go_end(struct screen *screen)
{
	screen->top = screen->rows.count;
	clip(screen);
	focus_on_sight(screen);
}

static void scroll_right(struct screen *screen)
{
	if (!screen->wrap)
		screen->left += SCROLL_COLUMNS;
}

static void scroll_left(struct screen *screen)
{
	screen->left -= MIN(screen->left, (size_t)SCROLL_COLUMNS);
}

static void find_finding(struct screen *screen, bool back)
{
	size_t count = screen->review->file_count;

	for (size_t i = 1; i <= count; i++) {
		size_t file = (screen->file + (back ? count - i : i)) % count;

		if (!screen->review->files[file].finding_count)
			continue;
		screen->review->files[file].is_folded = false;
		lay_out(screen);
		focus(screen, file, 0);
		screen->top = rows_find(&screen->rows, file, SIZE_MAX);
		clip(screen);
		return;
	}
	snprintf(screen->message, sizeof(screen->message), "policy found nothing in these changes");
}

static void next_finding(struct screen *screen)
{
	find_finding(screen, false);
}

static void previous_finding(struct screen *screen)
{
	find_finding(screen, true);
}

/* ---- deciding ---- */

static bool is_open_at(const struct review_file *file, size_t hunk)
{
	return file->is_read && hunk < file->hunk_count ? file->hunks[hunk].decision == REVIEW_OPEN :
		file->decision == REVIEW_OPEN;
}

/* On to what nobody decided about yet; where all is decided, the focus stays. */
static void next_open(struct screen *screen, bool skip_file)
{
	const struct review *review = screen->review;
	size_t hunk = screen->hunk + 1;

	for (size_t i = screen->file + skip_file; i < review->file_count; i++, hunk = 0) {
		const struct review_file *file = &review->files[i];
		size_t from = i == screen->file ? hunk : 0;

		if (!file->is_read && file->decision == REVIEW_OPEN && i != screen->file) {
			focus(screen, i, 0);
			return;
		}
		for (; from < (file->is_whole ? MIN(file->hunk_count, (size_t)1) : file->hunk_count); from++)
			if (is_open_at(file, from)) {
				focus(screen, i, from);
				return;
			}
	}
}

static void decide(struct screen *screen, bool whole_file, enum review_decision decision)
{
	const struct review_file *file = focused(screen);
	bool is_all = whole_file || file->is_whole || file->is_folded;

	if (!review_decide(screen->review, screen->file, is_all ? SIZE_MAX : screen->hunk, decision)) {
		snprintf(screen->message, sizeof(screen->message),
			"it is not what was judged any more: it cannot be taken");
		return;
	}
	next_open(screen, is_all);
}

static void take_hunk(struct screen *screen)
{
	decide(screen, false, REVIEW_TAKE);
}

static void leave_hunk(struct screen *screen)
{
	decide(screen, false, REVIEW_LEAVE);
}

static void take_file(struct screen *screen)
{
	decide(screen, true, REVIEW_TAKE);
}

static void leave_file(struct screen *screen)
{
	decide(screen, true, REVIEW_LEAVE);
}

static void take_all(struct screen *screen)
{
	review_decide_all(screen->review, REVIEW_TAKE);
	snprintf(screen->message, sizeof(screen->message), "everything is taken; u takes that back");
}

static void undo(struct screen *screen)
{
	ssize_t file = review_undo(screen->review);

	if (file < 0)
		snprintf(screen->message, sizeof(screen->message), "there is no decision to take back");
	else
		focus(screen, (size_t)file, MIN(screen->hunk, screen->review->files[file].hunk_count ?
			screen->review->files[file].hunk_count - 1 : 0));
}

static void split(struct screen *screen)
{
	const struct review_file *file = focused(screen);

	if (screen->hunk >= file->hunk_count || !review_split(screen->review, screen->file, screen->hunk))
		snprintf(screen->message, sizeof(screen->message), "this hunk cannot be split");
	screen_refresh(screen);
}

/* ---- looking ---- */

static void fold_hunk(struct screen *screen)
{
	struct review_file *file = focused(screen);

	if (screen->hunk < file->hunk_count)
		file->hunks[screen->hunk].is_folded = !file->hunks[screen->hunk].is_folded;
	lay_out(screen);
	show_focus(screen);
}

static void fold_file(struct screen *screen)
{
	focused(screen)->is_folded = !focused(screen)->is_folded;
	screen->hunk = 0;
	lay_out(screen);
	show_focus(screen);
}

static void fold_all(struct screen *screen)
{
	bool fold = !focused(screen)->is_folded;

	for (size_t i = 0; i < screen->review->file_count; i++)
		screen->review->files[i].is_folded = fold;
	screen->hunk = 0;
	lay_out(screen);
	show_focus(screen);
}

static void toggle_wrap(struct screen *screen)
{
	screen->wrap = !screen->wrap;
	screen->left = 0;
	show_anew(screen, focus_is_shown(screen));
}

static void toggle_sides(struct screen *screen)
{
	screen->side_by_side = !screen->rows.options.side_by_side;
	show_anew(screen, focus_is_shown(screen));
}

static void show_help(struct screen *screen)
{
	screen->mode = MODE_HELP;
}

/* ---- searching ---- */

static bool has_word(const struct screen *screen, struct str text)
{
	return text.len && memmem(text.data, text.len, screen->search, screen->search_len);
}

static bool row_has_word(const struct screen *screen, const struct review_row *row)
{
	const struct review_file *file = &screen->review->files[row->file];

	switch (row->kind) {
	case ROW_FILE:
		return has_word(screen, screen->review->changeset->changes[file->change].path);
	case ROW_NOTE:
		return has_word(screen, file->notes[row->item]);
	case ROW_FINDING:
		return has_word(screen, str_from(file->findings[row->item].message)) ||
			has_word(screen, str_from(file->findings[row->item].rule));
	case ROW_LINE:
	case ROW_PAIR:
		return !row->part && ((row->left != ROW_NO_LINE &&
				has_word(screen, file->lines[row->left].text)) ||
			(row->right != ROW_NO_LINE && has_word(screen, file->lines[row->right].text)));
	case ROW_WAIT:
	case ROW_HUNK:
	case ROW_GAP:
		break;
	}
	return false;
}

static void show_found(struct screen *screen, size_t at)
{
	const struct review_row *row = &screen->rows.items[at];

	screen->found = at;
	screen->file = row->file;
	screen->hunk = row->kind == ROW_FILE ? 0 : row->hunk;
	screen->top = at > page(screen) / 3 ? at - page(screen) / 3 : 0;
	clip(screen);
	screen->message[0] = '\0';
}

/* From the row that was found last; what is not read yet has to be read first. */
static enum screen_action search(struct screen *screen, bool back)
{
	size_t count = screen->rows.count;

	if (!screen->search_len || !count)
		return SCREEN_GO_ON;
	screen->search_back = back;
	screen->found = MIN(screen->found, count - 1);
	for (size_t i = 1; i <= count; i++) {
		size_t at = (screen->found + (back ? count - i : i)) % count;

		if (screen->rows.items[at].kind == ROW_WAIT) {
			screen->search_from = screen->rows.items[at].file;
			screen->search_is_above = at < screen->found;
			return SCREEN_SEARCH_ON;
		}
		if (row_has_word(screen, &screen->rows.items[at])) {
			show_found(screen, at);
			return SCREEN_GO_ON;
		}
	}
	snprintf(screen->message, sizeof(screen->message), "not found");
	return SCREEN_GO_ON;
}

enum screen_action screen_search_on(struct screen *screen)
{
	size_t count = screen->rows.count;

	screen_refresh(screen);
	/* What was read above moved the row that the search began from. */
	if (screen->search_is_above)
		screen->found += screen->rows.count - count;
	return search(screen, screen->search_back);
}

static enum screen_action key_while_searching(struct screen *screen, uint32_t key)
{
	char bytes[4];
	size_t len;

	if (key == KEY_ENTER) {
		screen->mode = MODE_NORMAL;
		/* From what is in sight, forwards its first row included. */
		screen->found = screen->top;
		if (!screen->search_is_back)
			screen->found += MAX(screen->rows.count, (size_t)1) - 1;
		if (screen->rows.count)
			screen->found %= screen->rows.count;
		return search(screen, screen->search_is_back);
	}
	if (key == KEY_ESCAPE) {
		screen->mode = MODE_NORMAL;
	} else if (key == KEY_BACKSPACE || key == '\b') {
		while (screen->search_len &&
				((unsigned char)screen->search[--screen->search_len] & 0xc0) == 0x80)
			;
	} else if (key >= ' ' && key < KEY_UP && !utf8_is_deceptive(key)) {
		len = utf8_encode(key, bytes);
		if (screen->search_len + len < SCREEN_SEARCH_MAX) {
			memcpy(screen->search + screen->search_len, bytes, len);
			screen->search_len += len;
		}
	}
	return SCREEN_GO_ON;
}

/* ---- keys ---- */

static const struct {
	uint32_t keys[3];
	key_fn *fn;
	const char *help;
} bindings[] = {
	{ { 'y' }, take_hunk,
		"y        take this hunk (where a file is whole or folded: the file), go to the next one" },
	{ { 'x' }, leave_hunk, "x        leave it in the branch, go to the next one" },
	{ { 'Y' }, take_file, "Y X      take, leave the whole file" },
	{ { 'X' }, leave_file, NULL },
	{ { 'A' }, take_all, "A        take everything" },
	{ { 'u' }, undo, "u        undo the last decision" },
	{ { 's' }, split, "s        split this hunk into its changed places" },
	{ { 'J', '\t' }, next_hunk, "J K      next, previous hunk (also Tab)" },
	{ { 'K' }, previous_hunk, NULL },
	{ { ']' }, next_file, "] [      next, previous file" },
	{ { '[' }, previous_file, NULL },
	{ { 'f' }, next_finding, "f F      next, previous finding of the policy" },
	{ { 'F' }, previous_finding, NULL },
	{ { KEY_DOWN, 'j' }, line_down, "j k      a line down, up (also the arrows)" },
	{ { KEY_UP, 'k' }, line_up, NULL },
	{ { KEY_PAGE_DOWN, ' ' }, page_down, "Space b  a page down, up (also PgDn, PgUp)" },
	{ { KEY_PAGE_UP, 'b' }, page_up, NULL },
	{ { KEY_HOME, 'g' }, go_home, "g G      first, last line" },
	{ { KEY_END, 'G' }, go_end, NULL },
	{ { KEY_RIGHT, '>' }, scroll_right,
		"> <      long lines to the left, to the right (also the arrows)" },
	{ { KEY_LEFT, '<' }, scroll_left, NULL },
	{ { 'z' }, fold_hunk, "z        fold or unfold this hunk" },
	{ { 'Z' }, fold_file, "Z        fold or unfold this file" },
	{ { 'O' }, fold_all, "O        fold or unfold all files" },
	{ { 'w' }, toggle_wrap, "w        wrap long lines or not" },
	{ { 'd' }, toggle_sides, "d        side by side or not" },
	{ { 'h' }, show_help, NULL },
};

static const char *const more_help[] = {
	"/ ?      search forwards, backwards",
	"n N      on with the search, the other way",
	"c        commit what was taken; the rest stays held",
	"q        quit; nothing is committed",
	"h        this help",
	"Ctrl-L   draw anew     Ctrl-Z   suspend",
};

const char *screen_help(size_t line)
{
	for (size_t i = 0; i < ARRAY_SIZE(bindings); i++)
		if (bindings[i].help && !line--)
			return bindings[i].help;
	return line < ARRAY_SIZE(more_help) ? more_help[line] : NULL;
}

static enum screen_action ask_commit(struct screen *screen)
{
	if (review_sum(screen->review).taken)
		screen->mode = MODE_COMMIT;
	else
		snprintf(screen->message, sizeof(screen->message), "nothing is taken yet: y takes a hunk");
	return SCREEN_GO_ON;
}

static enum screen_action ask_quit(struct screen *screen)
{
	if (!review_sum(screen->review).taken)
		return SCREEN_QUIT;
	screen->mode = MODE_QUIT;
	return SCREEN_GO_ON;
}

static enum screen_action answer(struct screen *screen, uint32_t key, enum screen_action action)
{
	screen->mode = MODE_NORMAL;
	return key == 'y' || key == 'Y' ? action : SCREEN_GO_ON;
}

static enum screen_action normal_key(struct screen *screen, uint32_t key)
{
	switch (key) {
	case 'c':
		return ask_commit(screen);
	case 'q':
	case 3:		/* Ctrl-C */
		return ask_quit(screen);
	case 26:	/* Ctrl-Z */
		return SCREEN_SUSPEND;
	case '/':
	case '?':
		screen->mode = MODE_SEARCH;
		screen->search_is_back = key == '?';
		screen->search_len = 0;
		return SCREEN_GO_ON;
	case 'n':
	case 'N':
		return search(screen, screen->search_is_back != (key == 'N'));
	default:
		break;
	}
	for (size_t i = 0; i < ARRAY_SIZE(bindings) && screen->review->file_count; i++)
		for (size_t k = 0; k < ARRAY_SIZE(bindings[i].keys); k++)
			if (key && bindings[i].keys[k] == key) {
				bindings[i].fn(screen);
				return SCREEN_GO_ON;
			}
	return SCREEN_GO_ON;
}

enum screen_action screen_key(struct screen *screen, uint32_t key)
{
	screen->message[0] = '\0';
	switch (screen->mode) {
	case MODE_SEARCH:
		return key_while_searching(screen, key);
	case MODE_HELP:
		screen->mode = MODE_NORMAL;
		return SCREEN_GO_ON;
	case MODE_COMMIT:
		return answer(screen, key, SCREEN_COMMIT);
	case MODE_QUIT:
		return answer(screen, key, SCREEN_QUIT);
	case MODE_NORMAL:
		break;
	}
	return normal_key(screen, key);
}

/* ---- what a terminal sends ---- */

/* "ESC [ parameters letter" or "ESC O letter". */
static size_t decode_sequence(struct str text, uint32_t *ret_key)
{
	static const struct {
		const char *parameters;
		enum screen_key key;
		char last;
	} sequences[] = {
		{ "", KEY_UP, 'A' }, { "", KEY_DOWN, 'B' }, { "", KEY_RIGHT, 'C' }, { "", KEY_LEFT, 'D' },
		{ "", KEY_HOME, 'H' }, { "", KEY_END, 'F' }, { "1", KEY_HOME, '~' }, { "4", KEY_END, '~' },
		{ "5", KEY_PAGE_UP, '~' }, { "6", KEY_PAGE_DOWN, '~' }, { "7", KEY_HOME, '~' },
		{ "8", KEY_END, '~' },
	};
	size_t len = 2;

	*ret_key = KEY_NONE;
	while (len < text.len && (unsigned char)text.data[len] < 0x40)
		len++;
	if (len == text.len)
		return len;
	*ret_key = KEY_UNKNOWN;
	for (size_t i = 0; i < ARRAY_SIZE(sequences); i++)
		if (text.data[len] == sequences[i].last && strlen(sequences[i].parameters) == len - 2 &&
				!memcmp(text.data + 2, sequences[i].parameters, len - 2))
			*ret_key = sequences[i].key;
	return len + 1;
}

size_t screen_decode(struct str text, uint32_t *ret_key)
{
	uint32_t point;
	int len;

	if (text.data[0] == KEY_ESCAPE && text.len > 1 && (text.data[1] == '[' || text.data[1] == 'O'))
		return decode_sequence(text, ret_key);
	*ret_key = (unsigned char)text.data[0];
	if (*ret_key == '\n')
		*ret_key = KEY_ENTER;
	if (*ret_key < 0x80)
		return 1;
	len = utf8_decode(text, &point);
	*ret_key = len > 0 ? point : KEY_UNKNOWN;
	return len > 0 ? (size_t)len : 1;
}
