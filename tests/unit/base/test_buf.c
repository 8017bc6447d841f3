// SPDX-License-Identifier: Apache-2.0
/*
 * test_buf.c - bytes that grow up to a limit and stick behind it
 */
#include "base/buf.h"

#include "lib/test.h"

#include <errno.h>

TEST(appends_add_up)
{
	scoped(buf) struct buf buf = BUF_INIT(4096);

	CHECK_TEXT(buf_text(&buf), "");
	CHECK_INT(buf_append(&buf, "ab\0cd", 5), 0);
	CHECK_INT(buf_append_str(&buf, "ef"), 0);
	CHECK_INT(buf_append_char(&buf, 'g'), 0);
	CHECK_INT(buf_printf(&buf, "%d-%s", 12, "h"), 0);
	CHECK_INT(buf_append(&buf, NULL, 0), 0);
	CHECK_STR(((struct str){ .data = buf.data, .len = buf.len }), STR("ab\0cdefg12-h"));
	CHECK_INT(buf.data[buf.len], '\0');
	CHECK(!buf_failed(&buf));
}

TEST(growth_keeps_what_was_there)
{
	scoped(buf) struct buf buf = BUF_INIT(1 << 20);

	for (unsigned i = 0; i < 1 << 20; i++)
		CHECK_INT(buf_append_char(&buf, (char)(i * 31 >> 3)), 0);
	for (unsigned i = 0; i < 1 << 20; i++)
		CHECK_INT(buf.data[i], (char)(i * 31 >> 3));
	CHECK_INT(buf_append_char(&buf, 'x'), -EMSGSIZE);
}

TEST(the_limit_is_exact_and_failure_sticks)
{
	scoped(buf) struct buf buf = BUF_INIT(5);

	CHECK_INT(buf_append_str(&buf, "1234"), 0);
	CHECK_INT(buf_append_str(&buf, "56"), -EMSGSIZE);
	CHECK(buf_failed(&buf));
	CHECK_TEXT(buf_text(&buf), "1234");
	CHECK_INT(buf_append_str(&buf, "5"), -EMSGSIZE);
	CHECK_INT(buf_append_char(&buf, '5'), -EMSGSIZE);
	CHECK_INT(buf_printf(&buf, "5"), -EMSGSIZE);
	CHECK(!buf_reserve(&buf, 0));
	CHECK_TEXT(buf_text(&buf), "1234");
	buf_clear(&buf);
	CHECK_INT(buf_append_str(&buf, "12345"), 0);
	CHECK_INT(buf_printf(&buf, "%s", "6"), -EMSGSIZE);
	CHECK_TEXT(buf_text(&buf), "12345");
}

TEST(an_all_zero_buffer_refuses)
{
	scoped(buf) struct buf buf = { 0 };

	CHECK_INT(buf_append_char(&buf, 'a'), -EMSGSIZE);
	CHECK_TEXT(buf_text(&buf), "");
	buf_clear(&buf);
	buf_consume(&buf, 0);
	buf_fini(&buf);
}

TEST(a_size_that_overflows_is_refused)
{
	scoped(buf) struct buf buf = BUF_INIT(100);

	CHECK_INT(buf_append_char(&buf, 'a'), 0);
	CHECK(!buf_reserve(&buf, SIZE_MAX));
	CHECK_TEXT(buf_text(&buf), "a");
}

TEST(reserve_and_commit)
{
	scoped(buf) struct buf buf = BUF_INIT(1000);
	char *room = buf_reserve(&buf, 1000);

	CHECK(room != NULL);
	CHECK_TEXT(buf_text(&buf), "");
	memset(room, 'r', 1000);
	buf_commit(&buf, 3);
	CHECK_TEXT(buf_text(&buf), "rrr");
	CHECK(!buf_reserve(&buf, 998));
}

TEST(truncate_takes_from_the_end)
{
	scoped(buf) struct buf buf = BUF_INIT(16);

	buf_truncate(&buf, 0);
	CHECK_INT(buf_append_str(&buf, "abcdef"), 0);
	buf_truncate(&buf, 6);
	buf_truncate(&buf, 2);
	CHECK_TEXT(buf_text(&buf), "ab");
	CHECK_INT(buf_append_str(&buf, "x"), 0);
	CHECK_TEXT(buf_text(&buf), "abx");
}

TEST(consume_takes_from_the_front)
{
	scoped(buf) struct buf buf = BUF_INIT(100);

	buf_append_str(&buf, "one two");
	buf_consume(&buf, 0);
	buf_consume(&buf, 4);
	CHECK_TEXT(buf_text(&buf), "two");
	buf_consume(&buf, 3);
	CHECK_TEXT(buf_text(&buf), "");
	CHECK_INT(buf.len, 0);
	CHECK_INT(buf_append_str(&buf, "again"), 0);
	CHECK_TEXT(buf_text(&buf), "again");
}

TEST(clear_empties_and_fini_starts_again)
{
	struct buf buf = BUF_INIT(10);

	buf_append_str(&buf, "0123456789");
	buf_clear(&buf);
	CHECK_TEXT(buf_text(&buf), "");
	buf_append_str(&buf, "abc");
	buf_fini(&buf);
	CHECK_TEXT(buf_text(&buf), "");
	CHECK_INT(buf.limit_bytes, 10);
	CHECK_INT(buf_append_str(&buf, "0123456789"), 0);
	buf_fini(&buf);
}

TEST_MAIN()
