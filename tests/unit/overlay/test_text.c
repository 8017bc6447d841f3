// SPDX-License-Identifier: Apache-2.0
/*
 * test_text.c - line by line differences and binary patches, as git has them
 */
#include "lib/test.h"
#include "overlay/text.h"

#include "base/error.h"

#include <errno.h>

struct shown {
	struct buf text;
	int lines_left;			/* until the reader has had enough */
};

static int take(void *context, enum text_line line, struct str text)
{
	static const char signs[] = { [TEXT_HUNK] = 'h', [TEXT_CONTEXT] = ' ', [TEXT_ADDED] = '+',
		[TEXT_REMOVED] = '-', [TEXT_NO_NEWLINE] = 'n' };
	struct shown *shown = context;

	if (!shown->lines_left--)
		return -EPIPE;
	(void)buf_append_char(&shown->text, signs[line]);
	return buf_append(&shown->text, text.data, text.len);
}

static void start(void)
{
	struct error err = ERROR_INIT;

	CHECK_INT(text_start(&err), 0);
}

static void check_diff(const char *old_text, const char *new_text, unsigned context, const char *wanted)
{
	struct shown shown = { .text = BUF_INIT(1 << 12), .lines_left = 100 };

	CHECK_INT(text_diff(str_from(old_text), str_from(new_text), context, take, &shown), 0);
	CHECK_TEXT(buf_text(&shown.text), wanted);
	buf_fini(&shown.text);
}

TEST(differences)
{
	start();
	check_diff("a\nb\nc\n", "a\nB\nc\n", 1, "h@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
	check_diff("a\nb\nc\n", "a\nB\nc\n", 0, "h@@ -2 +2 @@ a\n-b\n+B\n");
	check_diff("", "x\n", 3, "h@@ -0,0 +1 @@\n+x\n");
	check_diff("x", "", 3, "h@@ -1 +0,0 @@\n-xn\\ No newline at end of file\n");
	check_diff("x", "x\n", 3, "h@@ -1 +1 @@\n-xn\\ No newline at end of file\n+x\n");
	check_diff("a\nx", "b\nx", 3, "h@@ -1,2 +1,2 @@\n-a\n+b\n xn\\ No newline at end of file\n");
	check_diff("same\n", "same\n", 3, "");
}

TEST(a_reader_that_has_had_enough)
{
	start();
	for (int lines = 0; lines < 4; lines++) {
		struct shown shown = { .text = BUF_INIT(1 << 12), .lines_left = lines };

		CHECK_INT(text_diff(STR("a\nb"), STR("a\nc"), 3, take, &shown), -EPIPE);
		buf_fini(&shown.text);
	}
}

TEST(binary_patches)
{
	scoped(buf) struct buf patch = BUF_INIT(1 << 12), small = BUF_INIT(8), nothing = BUF_INIT(8);

	start();
	CHECK_INT(text_binary_patch(&patch, STR("\0\1\2"), STR("\0\1\3")), 0);
	CHECK(!strncmp(buf_text(&patch), "GIT binary patch\nliteral 3\n", 27));
	CHECK_INT(text_binary_patch(&small, STR("\0\1\2"), STR("\0\1\3")), -EMSGSIZE);
	CHECK_INT(text_binary_patch(&nothing, STR("\0\1"), STR("\0\1")), 0);
	CHECK_INT(nothing.len, 0);
}

TEST(names_of_contents)
{
	char id[TEXT_ID_SIZE];

	start();
	text_id(STR(""), id);
	CHECK_TEXT(id, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
	text_id(STR("hello\n"), id);
	CHECK_TEXT(id, "ce013625030ba8dba906f756967f9e9ca394464a");
}

TEST_MAIN()
