// SPDX-License-Identifier: Apache-2.0
/*
 * test_backlog.c - what a terminal that joins is shown
 */
#include "lib/test.h"

#include "term/backlog.h"

#include <stdio.h>
#include <stdlib.h>

static struct term_filter filter;
static struct backlog backlog;

static void print(const char *text)
{
	backlog_print(&backlog, str_from(text));
}

static void begin(size_t tail_bytes)
{
	filter = (struct term_filter){ .tracks_all = true };
	backlog_init(&backlog, &filter, tail_bytes);
}

static struct str tail_of_it(void)
{
	struct str unfinished;

	return backlog_tail(&backlog, &unfinished);
}

static bool tail_is(const char *text)
{
	return str_eq(tail_of_it(), str_from(text));
}

TEST(what_was_printed_is_shown_again)
{
	begin(1000);
	CHECK(tail_is(""));
	print("hello ");
	print("\033[31mworld\033[m\r\n");
	CHECK(tail_is("hello \033[31mworld\033[m\r\n"));
	backlog_fini(&backlog);
}

TEST(only_the_last_bytes_are_kept_and_they_end_with_the_last)
{
	char line[32];

	begin(1000);
	for (int i = 0; i < 10000; i++) {
		snprintf(line, sizeof(line), "\033[%dmline %d\033[m\n", i % 8 + 30, i);
		print(line);
		CHECK(backlog.tail.len <= 1000);
		CHECK(str_ends_with(tail_of_it(), str_from(line)));
	}
	CHECK(tail_of_it().len >= 400);
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
	begin(200);
	for (int i = 0; i < 20000; i++) {
		const char *piece = pieces[(size_t)rand() % ARRAY_SIZE(pieces)];
		size_t cut = (size_t)rand() % (strlen(piece) + 1);
		struct str tail;

		backlog_print(&backlog, (struct str){ piece, cut });
		print(piece + cut);
		tail = tail_of_it();
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
	begin(100);
	print("before\033]52;c;");
	for (int i = 0; i < 1000; i++)
		print("AAAA");
	CHECK_INT(tail_of_it().len, 0);
	print("\a");
	CHECK_INT(tail_of_it().len, 0);
	print("after");
	CHECK(tail_is("after"));
	backlog_fini(&backlog);
}

/* Modes are sent between the two, and what comes next goes on with the second. */
TEST(what_has_not_ended_is_kept_apart)
{
	static const struct {
		const char *printed, *tail, *unfinished;
	} rows[] = {
		{ "text", "text", "" },
		{ "text\033[3", "text", "\033[3" },
		{ "text\033[31m", "text\033[31m", "" },
		{ "text\xf0\x9f\x98", "text", "\xf0\x9f\x98" },
		{ "text\xf0\x9f\x98\x80", "text\xf0\x9f\x98\x80", "" },
		{ "text\033]0;ti", "text", "\033]0;ti" },
		{ "text\033P\033", "text", "\033P\033" },
		{ "text\033P\033\\", "text\033P\033\\", "" },
		{ "a\033[?1049hb\033", "b", "\033" },
		{ "a\033[?1049h\033[", "", "\033[" },
	};
	struct str unfinished;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		begin(1000);
		print(rows[i].printed);
		CHECK(str_eq(backlog_tail(&backlog, &unfinished), str_from(rows[i].tail)));
		CHECK(str_eq(unfinished, str_from(rows[i].unfinished)));
		backlog_fini(&backlog);
	}
}

TEST(the_other_screen_is_shown_from_where_it_began)
{
	begin(1000);
	print("shell\r\n\033[?1049hediting");
	CHECK(filter.modes.is_alternate);
	CHECK(tail_is("editing"));
	print("\033[?1049lshell again");
	CHECK(!filter.modes.is_alternate);
	CHECK(tail_is("shell\r\n\033[?1049hediting\033[?1049lshell again"));
	backlog_fini(&backlog);
}

TEST(what_is_left_of_another_screen_is_not_shown_on_the_first)
{
	begin(1000);
	print("shell\r\n\033[?1049h");
	for (int i = 0; i < 300; i++)
		print("editing ");
	CHECK(str_starts_with(tail_of_it(), STR("editing")) ||
		tail_of_it().data[0] != 's');
	print("\033[?1049lshell again");
	CHECK(tail_is("shell again"));
	for (int i = 0; i < 60; i++)
		print("0123456789");
	CHECK(!memmem(tail_of_it().data, tail_of_it().len, "editing", 7));
	backlog_fini(&backlog);
}

/* Nothing that an agent prints breaks an invariant. */
TEST(random_bytes_are_survived)
{
	static const char letters[] = "\033[]?>=<;:0149hlmurpq !P\\\a\030c\n\xc3\xa4x";
	char piece[64];

	srand(11);
	begin(256);
	for (int i = 0; i < 50000; i++) {
		size_t len = (size_t)rand() % sizeof(piece);

		for (size_t j = 0; j < len; j++)
			piece[j] = letters[(size_t)rand() % (sizeof(letters) - 1)];
		backlog_print(&backlog, (struct str){ piece, len });
		CHECK(backlog.tail.len <= 256);
		CHECK(tail_of_it().len <= backlog.tail.len);
		CHECK(filter.modes.keyboard_depth <= TERM_KEYBOARDS_MAX);
	}
	backlog_fini(&backlog);
}

TEST_MAIN()
