// SPDX-License-Identifier: Apache-2.0
/*
 * test_backlog.c - what a terminal that joins is shown, and how one that leaves is put back
 */
#include "lib/test.h"

#include "session/backlog.h"

#include <stdio.h>
#include <stdlib.h>

static struct backlog backlog;

static void print(const char *text)
{
	backlog_print(&backlog, str_from(text));
}

static const char *modes_on(void)
{
	static char text[BACKLOG_SEQUENCES_MAX_BYTES];
	struct buf buf = BUF_INIT(sizeof(text) - 1);

	backlog_modes_on(&backlog, &buf);
	CHECK(!buf_failed(&buf));
	memcpy(text, buf_text(&buf), buf.len + 1);
	buf_fini(&buf);
	return text;
}

static const char *modes_off(void)
{
	static char text[BACKLOG_SEQUENCES_MAX_BYTES];
	struct buf buf = BUF_INIT(sizeof(text) - 1);

	backlog_modes_off(&backlog, &buf);
	CHECK(!buf_failed(&buf));
	memcpy(text, buf_text(&buf), buf.len + 1);
	buf_fini(&buf);
	return text;
}

static bool tail_is(const char *text)
{
	return str_eq(backlog_tail(&backlog), str_from(text));
}

TEST(what_was_printed_is_shown_again)
{
	backlog_init(&backlog, 1000);
	CHECK(tail_is(""));
	print("hello ");
	print("\033[31mworld\033[m\r\n");
	CHECK(tail_is("hello \033[31mworld\033[m\r\n"));
	CHECK_TEXT(modes_on(), "");
	CHECK_TEXT(modes_off(), "");
	backlog_fini(&backlog);
}

TEST(only_the_last_bytes_are_kept_and_they_end_with_the_last)
{
	char line[32];

	backlog_init(&backlog, 1000);
	for (int i = 0; i < 10000; i++) {
		snprintf(line, sizeof(line), "\033[%dmline %d\033[m\n", i % 8 + 30, i);
		print(line);
		CHECK(backlog.tail.len <= 1000);
		CHECK(str_ends_with(backlog_tail(&backlog), str_from(line)));
	}
	CHECK(backlog_tail(&backlog).len >= 400);
	CHECK_INT(backlog.at, backlog.base + backlog.tail.len);
	backlog_fini(&backlog);
}

/* However the bytes arrive: the tail never begins inside an escape sequence or a character. */
TEST(the_tail_begins_between_sequences_and_characters)
{
	static const char *const pieces[] = {
		"\033[1;31m", "\033]0;a title\a", "\xc3\xa4\xf0\x9f\x98\x80", "word ", "\033P1;2qdata\033\\",
		"\033(B", "\r\n",
	};

	srand(3);
	backlog_init(&backlog, 200);
	for (int i = 0; i < 20000; i++) {
		const char *piece = pieces[(size_t)rand() % ARRAY_SIZE(pieces)];
		size_t cut = (size_t)rand() % (strlen(piece) + 1);
		struct str tail;

		backlog_print(&backlog, (struct str){ piece, cut });
		print(piece + cut);
		tail = backlog_tail(&backlog);
		CHECK(tail.len <= 200);
		if (tail.len)
			CHECK(strchr("w o r d \r\n\033\xc3\xf0", tail.data[0]) || tail.data[0] == ' ');
		/* A sequence that lost its beginning would show its rest. */
		CHECK(!tail.len || (tail.data[0] != '[' && tail.data[0] != ']' && tail.data[0] != '\\'));
	}
	backlog_fini(&backlog);
}

TEST(a_sequence_without_an_end_leaves_nothing_to_show)
{
	backlog_init(&backlog, 100);
	print("before\033]52;c;");
	for (int i = 0; i < 1000; i++)
		print("AAAA");
	CHECK_INT(backlog_tail(&backlog).len, 0);
	print("\a");
	CHECK_INT(backlog_tail(&backlog).len, 0);
	print("after");
	CHECK(tail_is("after"));
	backlog_fini(&backlog);
}

TEST(modes_are_brought_to_who_joins_and_taken_from_who_leaves)
{
	backlog_init(&backlog, 1000);
	print("\033[?1049h\033[?25l\033[?2004h\033[?1002;1006h\033=\033[?1h\033[?7l");
	CHECK_TEXT(modes_on(), "\033[?1049h\033[?1h\033[?7l\033[?25l\033[?1002h\033[?1006h\033[?2004h\033=");
	CHECK_TEXT(modes_off(), "\033[?1049l\033[?1l\033[?7h\033[?25h\033[?1002l\033[?1006l\033[?2004l\033>");
	print("\033[?1049l\033[?25h\033[?2004l\033[?1002;1006l\033>\033[?1l\033[?7h");
	CHECK_TEXT(modes_on(), "");
	CHECK_TEXT(modes_off(), "");
	backlog_fini(&backlog);
}

TEST(all_ways_into_other_keyboards_are_known)
{
	backlog_init(&backlog, 0);
	print("\033[>1u\033[>31u\033[>4;2m");
	CHECK_TEXT(modes_on(), "\033[>4;2m\033[>1u\033[>31u");
	CHECK_TEXT(modes_off(), "\033[<2u\033[>4m");
	print("\033[=5u\033[<1u\033[>4m");
	CHECK_TEXT(modes_on(), "\033[>1u");
	print("\033[<9u");
	CHECK_TEXT(modes_off(), "");
	for (int i = 0; i < 1000; i++)
		print("\033[>1u");
	CHECK_TEXT(modes_off(), "\033[<16u");
	/* Asking for the flags, and restoring the cursor, change nothing. */
	print("\033[<99u\033[?u\033[u\033[=1u");
	CHECK_TEXT(modes_off(), "");
	backlog_fini(&backlog);
}

TEST(region_and_shape_are_lifted)
{
	backlog_init(&backlog, 0);
	print("\033[2;20r\033[3 q");
	CHECK_TEXT(modes_off(), "\0337\033[r\0338\033[0 q");
	print("\033[r\033[0 q");
	CHECK_TEXT(modes_off(), "");
	backlog_fini(&backlog);
}

TEST(a_reset_resets)
{
	backlog_init(&backlog, 0);
	print("\033[?1049h\033[?25l\033[>1u\033[1;5r\033c");
	CHECK_TEXT(modes_off(), "");
	print("\033[?1049h\033[?25l\033[1;5r\033[!p");
	CHECK_TEXT(modes_off(), "\033[?1049l");
	backlog_fini(&backlog);
}

TEST(modes_inside_a_string_are_no_modes)
{
	backlog_init(&backlog, 0);
	print("\033]0;\033[?1049h\a\033P[?25l\033\\\033_[?25l\a\033X\033\\");
	CHECK_TEXT(modes_on(), "\033[?1049h");	/* ESC ends the string, as terminals have it */
	print("\033[?1049l\033[?2\0305l\033[?25\033[?7l");
	CHECK_TEXT(modes_on(), "\033[?7l");
	backlog_fini(&backlog);
}

TEST(the_other_screen_is_shown_from_where_it_began)
{
	backlog_init(&backlog, 1000);
	print("shell\r\n\033[?1049hediting");
	CHECK(backlog_is_alternate(&backlog));
	CHECK(tail_is("editing"));
	print("\033[?1049lshell again");
	CHECK(!backlog_is_alternate(&backlog));
	CHECK(tail_is("shell\r\n\033[?1049hediting\033[?1049lshell again"));
	backlog_fini(&backlog);
}

TEST(what_is_left_of_another_screen_is_not_shown_on_the_first)
{
	backlog_init(&backlog, 1000);
	print("shell\r\n\033[?1049h");
	for (int i = 0; i < 300; i++)
		print("editing ");
	CHECK(str_starts_with(backlog_tail(&backlog), STR("editing")) ||
		backlog_tail(&backlog).data[0] != 's');
	print("\033[?1049lshell again");
	CHECK(tail_is("shell again"));
	for (int i = 0; i < 60; i++)
		print("0123456789");
	CHECK(!memmem(backlog_tail(&backlog).data, backlog_tail(&backlog).len, "editing", 7));
	backlog_fini(&backlog);
}

/* Nothing that an agent prints breaks an invariant. */
TEST(random_bytes_are_survived)
{
	static const char letters[] = "\033[]?>=<;:0149hlmurpq !P\\\a\030c\n\xc3\xa4x";
	char piece[64];

	srand(11);
	backlog_init(&backlog, 256);
	for (int i = 0; i < 50000; i++) {
		size_t len = (size_t)rand() % sizeof(piece);

		for (size_t j = 0; j < len; j++)
			piece[j] = letters[(size_t)rand() % (sizeof(letters) - 1)];
		backlog_print(&backlog, (struct str){ piece, len });
		CHECK(backlog.tail.len <= 256);
		CHECK(backlog_tail(&backlog).len <= backlog.tail.len);
		CHECK(backlog.keyboard_depth <= BACKLOG_KEYBOARD_DEPTH_MAX);
		(void)modes_on();
		(void)modes_off();
	}
	backlog_fini(&backlog);
}

TEST_MAIN()
