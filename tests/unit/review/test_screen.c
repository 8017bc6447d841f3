// SPDX-License-Identifier: Apache-2.0
/*
 * test_screen.c - what is pointed out in a line, how wide it is, how it is laid out, and what a key does
 */
#include "lib/test.h"
#include "review/screen.h"
#include "review/width.h"
#include "review/words.h"

#include "base/utf8.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <wchar.h>

enum {
	ARENA_BYTES = 1 << 22,
	TEXT_MAX = 1 << 20,
};

/* ---- words ---- */

/* "a[b]c | a[d]c" */
static const char *pointed_out(const char *old_line, const char *new_line)
{
	static char text[1024];
	struct words_spans spans[2];
	const char *lines[2] = { old_line, new_line };
	size_t len = 0;

	(void)words_compare(str_from(old_line), str_from(new_line), &spans[0], &spans[1]);
	for (size_t side = 0; side < 2; side++) {
		size_t at = 0;

		for (size_t i = 0; i < spans[side].count; i++) {
			const struct words_span *span = &spans[side].items[i];

			len += (size_t)snprintf(text + len, sizeof(text) - len, "%.*s[%.*s]",
				(int)(span->start - at), lines[side] + at, (int)span->len,
				lines[side] + span->start);
			at = span->start + span->len;
		}
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", lines[side] + at,
			side ? "" : " | ");
	}
	return text;
}

TEST(words_that_changed_are_pointed_out)
{
	CHECK_TEXT(pointed_out("int count = 0;", "int total = 0;"), "int [count] = 0; | int [total] = 0;");
	CHECK_TEXT(pointed_out("f(a, b)", "f(a, b, c)"), "f(a, b) | f(a, b[, c])");
	CHECK_TEXT(pointed_out("return x;", "return x + 1;"), "return x; | return x[ + 1];");
	CHECK_TEXT(pointed_out("ab cd ef", "ab ef"), "ab [cd ]ef | ab ef");
	CHECK_TEXT(pointed_out("name", "names of all"), "name | names of all");
	CHECK_TEXT(pointed_out("a b", "a  b"), "a[ ]b | a[  ]b");
	CHECK_TEXT(pointed_out("gr\xc3\xb6\xc3\x9f" "er als x", "gr\xc3\xb6\xc3\x9f" "te als x"),
		"[gr\xc3\xb6\xc3\x9f" "er] als x | [gr\xc3\xb6\xc3\x9f" "te] als x");
	CHECK_TEXT(pointed_out("same", "same"), "same | same");
	CHECK_TEXT(pointed_out("", "new"), " | new");
}

TEST(lines_with_nothing_in_common_are_left_alone)
{
	CHECK_TEXT(pointed_out("completely different text", "nothing of that stays here"),
		"completely different text | nothing of that stays here");
}

TEST(a_long_line_costs_no_more_than_a_short_one)
{
	scoped(buf) struct buf old_line = BUF_INIT(TEXT_MAX), new_line = BUF_INIT(TEXT_MAX);
	struct words_spans old_spans, new_spans;

	for (int i = 0; i < 20000; i++) {
		(void)buf_printf(&old_line, "w%d ", i);
		(void)buf_printf(&new_line, "w%d ", i % 100 == 50 ? -i : i);
	}
	CHECK(words_compare((struct str){ buf_text(&old_line), old_line.len },
		(struct str){ buf_text(&new_line), new_line.len }, &old_spans, &new_spans) ==
		(old_spans.count != 0));
	CHECK(old_spans.count <= 1);
}

/* ---- width ---- */

TEST(characters_have_their_columns)
{
	CHECK_INT(width_of_text(STR("abc")), 3);
	CHECK_INT(width_of_text(STR("a\tb")), 9);
	CHECK_INT(width_of_text(STR("12345678\tb")), 17);
	CHECK_INT(width_of_text(STR("\xe6\x97\xa5\xe6\x9c\xac")), 4);
	CHECK_INT(width_of_text(STR("e\xcc\x81")), 1);
	CHECK_INT(width_of_text(STR("\xf0\x9f\x98\x80")), 2);
	CHECK_INT(width_of_text(STR("\xc3\xa4\xff")), 2);
	CHECK_INT(width_of_point(0x2f), 1);
	CHECK_INT(width_of_point(0x3fffd), 2);
	CHECK_INT(width_of_point(0x10ffff), 1);
}

/* Another judge. It may know another year's Unicode than the tables; that moves some hundred characters. */
TEST(columns_are_those_of_the_c_library)
{
	unsigned compared = 0, wrong = 0;

	CHECK(setlocale(LC_CTYPE, "C.UTF-8"));
	for (uint32_t point = 0xa1; point <= 0x10ffff; point++) {
		int theirs = wcwidth((wchar_t)point);

		/* The soft hyphen is shown by some; those of no assigned character are nobody's. */
		if (theirs < 0 || point == 0xad)
			continue;
		compared++;
		wrong += (unsigned)theirs != width_of_point(point);
	}
	CHECK(compared > 100000);
	CHECK(wrong * 1000 < compared);
}

/* ---- a review ---- */

static const char *const roots[] = { "/w" };

static const struct rename_list no_renames;

struct scene {
	struct arena arena;
	struct change changes[2];
	struct changeset changeset;
	struct review review;
	struct screen screen;
};

static const char answer[] =
	"change 0\nhunk 0 5 0 6\n 1\n-two old\n-three old\n+two new\n+three new\n+four\n 5\n 6\n"
	"hunk 20 1 21 1\n-x\n+needle\n"
	"change 1\nhunk 0 0 0 1\n+\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5 a long line that goes on and on and on and on\nend\n";

static struct file_facts facts(const char *content)
{
	return (struct file_facts){ .type = FILE_REGULAR, .mode = 0644, .size_bytes = strlen(content),
		.digest = hash_bytes(content, strlen(content)) };
}

static struct scene *scene_open(bool is_read)
{
	static struct scene scene;
	const size_t changes[] = { 0, 1 };

	scene = (struct scene){ .arena = ARENA_INIT(ARENA_BYTES) };
	scene.changes[0] = (struct change){ .kind = CHANGE_MODIFIED, .path = STR("a"), .old_file = facts("a"),
		.new_file = facts("b") };
	scene.changes[1] = (struct change){ .kind = CHANGE_ADDED, .path = STR("b\033"),
		.new_file = facts("c") };
	scene.changeset =
		(struct changeset){ .roots = roots, .root_count = 1, .changes = scene.changes, .count = 2 };
	CHECK_INT(review_init(&scene.review, &scene.arena, &scene.changeset, &no_renames), 0);
	if (is_read)
		CHECK_INT(review_read(&scene.review, changes, 2, str_from(answer)), 0);
	screen_init(&scene.screen, &scene.review, "id", false);
	return &scene;
}

static void scene_close(struct scene *scene)
{
	screen_fini(&scene->screen);
	arena_fini(&scene->arena);
}

/* "F0 H0 1:1 2:4 ..." */
static const char *laid_out(const struct scene *scene)
{
	static char text[1024];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < scene->screen.rows.count; i++) {
		const struct review_row *row = &scene->screen.rows.items[i];
		static const char letters[] = "F!#wHlp.";

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%c", len ? " " : "",
			letters[row->kind]);
		if (row->kind == ROW_PAIR || row->kind == ROW_LINE)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%d:%d", (int)row->left,
				(int)row->right);
		if (row->part)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "/%u", row->part);
	}
	return text;
}

TEST(lines_stand_below_or_beside_each_other)
{
	struct scene *scene = scene_open(true);

	CHECK_TEXT(laid_out(scene), "F H l0:0 l1:1 l2:2 l3:3 l4:4 l5:5 l6:6 l7:7 H l8:8 l9:9 . F H l0:0 .");
	screen_resize(&scene->screen, 24, 160);
	CHECK_TEXT(laid_out(scene), "F H p0:0 p1:3 p2:4 p-1:5 p6:6 p7:7 H p8:9 . F H p-1:0 .");
	screen_resize(&scene->screen, 24, 40);
	(void)screen_key(&scene->screen, 'w');
	CHECK_TEXT(laid_out(scene),
		"F H l0:0 l1:1 l2:2 l3:3 l4:4 l5:5 l6:6 l7:7 H l8:8 l9:9 . F H l0:0 l0:0/1 l0:0/2 .");
	(void)screen_key(&scene->screen, 'z');
	CHECK_TEXT(laid_out(scene), "F H H l8:8 l9:9 . F H l0:0 l0:0/1 l0:0/2 .");
	(void)screen_key(&scene->screen, 'Z');
	CHECK_TEXT(laid_out(scene), "F F H l0:0 l0:0/1 l0:0/2 .");
	(void)screen_key(&scene->screen, 'O');
	CHECK_TEXT(laid_out(scene), "F H H l8:8 l9:9 . F H l0:0 l0:0/1 l0:0/2 .");
	scene_close(scene);
}

TEST(a_changed_line_goes_with_the_one_that_it_became)
{
	struct scene *scene = scene_open(true);
	const struct review_file *file = &scene->review.files[0];

	CHECK_INT(rows_partner(file, &file->hunks[0], 1), 3);
	CHECK_INT(rows_partner(file, &file->hunks[0], 4), 2);
	CHECK(rows_partner(file, &file->hunks[0], 5) == ROW_NO_LINE);
	CHECK(rows_partner(file, &file->hunks[0], 0) == ROW_NO_LINE);
	CHECK_INT(rows_partner(file, &file->hunks[1], 9), 8);
	scene_close(scene);
}

TEST(keys_decide_and_the_focus_goes_on)
{
	struct scene *scene = scene_open(true);
	struct screen *screen = &scene->screen;

	CHECK_INT(screen_key(screen, 'c'), SCREEN_GO_ON);
	CHECK(screen->message[0]);
	(void)screen_key(screen, 'y');
	CHECK_INT(screen->hunk, 1);
	(void)screen_key(screen, 'x');
	CHECK_INT(screen->file, 1);
	CHECK_INT(review_sum(&scene->review).taken, 1);
	(void)screen_key(screen, 'u');
	(void)screen_key(screen, 'u');
	CHECK_INT(review_sum(&scene->review).decided, 0);
	CHECK_INT(screen_key(screen, 'q'), SCREEN_QUIT);
	(void)screen_key(screen, 'A');
	CHECK_INT(screen_key(screen, 'q'), SCREEN_GO_ON);
	CHECK_INT(screen_key(screen, 'n'), SCREEN_GO_ON);
	CHECK_INT(screen_key(screen, 'q'), SCREEN_GO_ON);
	CHECK_INT(screen_key(screen, 'y'), SCREEN_QUIT);
	CHECK_INT(screen_key(screen, 'c'), SCREEN_GO_ON);
	CHECK_INT(screen_key(screen, 'y'), SCREEN_COMMIT);
	CHECK_INT(screen_key(screen, 26), SCREEN_SUSPEND);
	scene_close(scene);
}

static enum screen_action type(struct screen *screen, const char *keys)
{
	enum screen_action action = SCREEN_GO_ON;

	for (; *keys; keys++)
		action = screen_key(screen, (unsigned char)*keys);
	return action;
}

TEST(a_search_asks_for_what_was_not_read)
{
	struct scene *scene = scene_open(false);
	const size_t changes[] = { 0, 1 };

	CHECK_INT(screen_wants(&scene->screen), 0);
	CHECK_INT(type(&scene->screen, "/needle\r"), SCREEN_SEARCH_ON);
	CHECK_INT(scene->screen.search_from, 0);
	CHECK_INT(review_read(&scene->review, changes, 2, str_from(answer)), 0);
	CHECK_INT(screen_search_on(&scene->screen), SCREEN_GO_ON);
	CHECK_INT(scene->screen.hunk, 1);
	CHECK_TEXT(scene->screen.message, "");
	CHECK_INT(type(&scene->screen, "/nothing\r"), SCREEN_GO_ON);
	CHECK_TEXT(scene->screen.message, "not found");
	CHECK_INT(screen_wants(&scene->screen), REVIEW_NONE_SUCH);
	scene_close(scene);
}

static const char *found_line(const struct scene *scene)
{
	const struct review_row *row = &scene->screen.rows.items[scene->screen.found];

	return row->kind == ROW_LINE ? scene->review.files[row->file].lines[row->left].text.data : "";
}

TEST(a_search_goes_both_ways)
{
	struct scene *scene = scene_open(true);
	struct screen *screen = &scene->screen;

	(void)type(screen, "/three\r");
	CHECK_INT(strncmp(found_line(scene), "three old", 9), 0);
	(void)type(screen, "n");
	CHECK_INT(strncmp(found_line(scene), "three new", 9), 0);
	(void)type(screen, "N");
	CHECK_INT(strncmp(found_line(scene), "three old", 9), 0);
	/* From the first row backwards is from the last one. */
	(void)type(screen, "g?three\r");
	CHECK_INT(strncmp(found_line(scene), "three new", 9), 0);
	(void)type(screen, "n");
	CHECK_INT(strncmp(found_line(scene), "three old", 9), 0);
	(void)type(screen, "N");
	CHECK_INT(strncmp(found_line(scene), "three new", 9), 0);
	CHECK_INT(type(screen, "h"), SCREEN_GO_ON);
	CHECK_INT(screen->mode, MODE_HELP);
	scene_close(scene);
}

/* Backwards, too, what was not read is read first, and then it goes on from where it was. */
TEST(a_search_backwards_reads_what_it_passes)
{
	struct scene *scene = scene_open(false);
	const size_t first[] = { 0 }, second[] = { 1 };

	CHECK_INT(type(&scene->screen, "?needle\r"), SCREEN_SEARCH_ON);
	CHECK_INT(scene->screen.search_from, 1);
	CHECK_INT(review_read(&scene->review, second, 1, STR("change 0\nhunk 0 0 0 2\n+one\n+two\nend\n")),
		0);
	CHECK_INT(screen_search_on(&scene->screen), SCREEN_SEARCH_ON);
	CHECK_INT(scene->screen.search_from, 0);
	CHECK_INT(review_read(&scene->review, first, 1,
		STR("change 0\nhunk 20 1 21 1\n-x\n+needle\nend\n")), 0);
	CHECK_INT(screen_search_on(&scene->screen), SCREEN_GO_ON);
	CHECK_INT(strncmp(found_line(scene), "needle", 6), 0);
	/* The other way there is one needle only, too: all of it was searched. */
	CHECK_INT(type(&scene->screen, "n"), SCREEN_GO_ON);
	CHECK_INT(strncmp(found_line(scene), "needle", 6), 0);
	scene_close(scene);
}

/* Who reads a line in the middle of a hunk reads it still when the terminal has another size. */
TEST(another_size_leaves_the_eye_where_it_was)
{
	struct scene *scene = scene_open(true);
	struct screen *screen = &scene->screen;
	const struct review_row *row;

	screen_resize(screen, 6, 80);
	(void)type(screen, "jjjj");
	row = &screen->rows.items[screen->top];
	CHECK_INT(row->kind, ROW_LINE);
	CHECK_INT(row->left, 2);
	for (size_t width = 40; width <= 200; width += 40) {
		screen_resize(screen, 6, width);
		row = &screen->rows.items[screen->top];
		CHECK(row->left == 2 || row->right == 2);
		CHECK_INT(row->file, 0);
	}
	(void)type(screen, "dwdw");
	row = &screen->rows.items[screen->top];
	CHECK(row->left == 2 || row->right == 2);
	scene_close(scene);
}

/* No picture of any size or state goes beyond its edge or holds a byte that nobody put there. */
TEST(pictures_of_any_size_are_safe)
{
	static const char keys[] = "ywd>sJzZu?]fK[jkgG bAYXxO/e\r<nN";
	struct scene *scene = scene_open(true);
	scoped(buf) struct buf picture = BUF_INIT(TEXT_MAX);

	for (size_t i = 0; i < 400; i++) {
		screen_resize(&scene->screen, i % 30, i * 7 % 200);
		(void)screen_key(&scene->screen, (unsigned char)keys[i % (sizeof(keys) - 1)]);
		buf_clear(&picture);
		screen_paint(&scene->screen, &picture);
		CHECK(!buf_failed(&picture));
		for (size_t k = 0; k < picture.len; k++) {
			CHECK((unsigned char)picture.data[k] >= ' ' || picture.data[k] == '\033');
			CHECK(picture.data[k] != '\033' || picture.data[k + 1] == '[');
		}
	}
	buf_clear(&picture);
	screen_paint_hunk(&scene->screen, 1, 0, &picture);
	CHECK(!memchr(buf_text(&picture), '\033', picture.len));
	CHECK(strstr(buf_text(&picture), "b\\x1B"));
	scene_close(scene);
}

/* Hebrew, Arabic and Hindi with marks, Thai, Hangul in pieces, pictures, a mark with nothing under it. */
static const char scripts[] =
	"change 0\nhunk 0 0 0 1\n+\xcc\x81\xd7\xa9\xd6\xb8\xd7\x9c\xd7\x95\xd7\x9d "
	"\xd9\x85\xd9\x8e\xd8\xb1\xd9\x92\xd8\xad\xd8\xa8\xd8\xa7 \xe0\xa4\x95\xe0\xa5\x8d\xe0\xa4\xb7\xe0\xa4\xbf"
	"\xe0\xb8\x97\xe0\xb8\xb5\xe0\xb9\x88 \xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab \xe6\x97\xa5\xe6\x9c\xac\xf0\x9f\x98\x80 "
	"\\u{202E} \xe0\xa4\x95\xe0\xa5\x8d\xe0\xa4\xb7\xe0\xa4\xbf\xe0\xa4\x95\xe0\xa5\x8d\n"
	"change 1\nhunk 0 0 0 1\n+b\nend\n";

/* How far the cursor goes to the right, by the columns of the C library. */
static size_t rightmost(struct str picture)
{
	size_t column = 0, max = 0;

	while (picture.len) {
		uint32_t point;
		int len = utf8_decode(picture, &point);

		CHECK(len > 0);
		if (point == '\033') {
			len = 2 + (int)strcspn(picture.data + 2, "ABCDEFGHJKhlm");
			column = picture.data[len++] == 'H' ? 0 : column;
		} else {
			CHECK(!utf8_is_deceptive(point));
			column += (size_t)wcwidth((wchar_t)point);
		}
		max = MAX(max, column);
		picture = (struct str){ picture.data + len, picture.len - (size_t)len };
	}
	return max;
}

TEST(no_script_reaches_over_the_edge)
{
	static const char keys[] = "ww>s><w>>";
	const size_t changes[] = { 0, 1 };
	struct scene *scene = scene_open(false);
	scoped(buf) struct buf picture = BUF_INIT(TEXT_MAX);

	CHECK(setlocale(LC_CTYPE, "C.UTF-8"));
	CHECK_INT(review_read(&scene->review, changes, 2, str_from(scripts)), 0);
	for (size_t i = 0; i < 9 * 160; i++) {
		size_t width = ROWS_WIDTH_MIN + i / 9;

		screen_resize(&scene->screen, 24, width);
		(void)screen_key(&scene->screen, (unsigned char)keys[i % 9]);
		buf_clear(&picture);
		screen_paint(&scene->screen, &picture);
		CHECK(rightmost((struct str){ buf_text(&picture), picture.len }) <= width);
	}
	scene_close(scene);
}

/* The differ wrote it otherwise: whoever sends it is not the differ. */
TEST(what_turns_text_round_is_refused)
{
	static const char text[] = "change 0\nhunk 0 0 0 1\n+a\xe2\x80\xae"
		"b\nchange 1\nend\n";
	const size_t changes[] = { 0, 1 };
	struct scene *scene = scene_open(false);

	CHECK_INT(review_read(&scene->review, changes, 2, str_from(text)), -EPROTO);
	scene_close(scene);
}

TEST(what_a_terminal_sends_is_one_key_at_a_time)
{
	static const struct {
		struct str text;
		size_t len;
		uint32_t key;
	} rows[] = {
		{ STR("a"), 1, 'a' }, { STR("\n"), 1, KEY_ENTER }, { STR("\033[A"), 3, KEY_UP },
		{ STR("\033OB"), 3, KEY_DOWN }, { STR("\033[5~x"), 4, KEY_PAGE_UP },
		{ STR("\033"), 1, KEY_ESCAPE }, { STR("\033["), 2, KEY_NONE },
		{ STR("\033[1;5C"), 6, KEY_UNKNOWN }, { STR("\xc3\xa4"), 2, 0xe4 },
		{ STR("\xff"), 1, KEY_UNKNOWN }, { STR("\033x"), 1, KEY_ESCAPE },
		{ STR("\033[H"), 3, KEY_HOME },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t key;

		CHECK_INT(screen_decode(rows[i].text, &key), rows[i].len);
		CHECK_INT(key, rows[i].key);
	}
}

TEST_MAIN()
