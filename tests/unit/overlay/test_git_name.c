// SPDX-License-Identifier: Apache-2.0
/*
 * test_git_name.c - names as git prints them, which neither break a line nor deceive
 */
#include "lib/test.h"
#include "overlay/git_name.h"

#include <errno.h>

static void check(const char *prefix, struct str name, const char *wanted)
{
	scoped(buf) struct buf buf = BUF_INIT(1 << 12);

	CHECK_INT(git_name_append(&buf, prefix, name), 0);
	CHECK_TEXT(buf_text(&buf), wanted);
}

TEST(names)
{
	check("a/", STR("src/main.c"), "a/src/main.c");
	check("", STR("spa ce"), "spa ce");
	check("b/", STR("gr\xc3\xbc\xc3\x9f"), "b/gr\xc3\xbc\xc3\x9f");
	check("a/", STR("new\nline"), "\"a/new\\nline\"");
	check("", STR("\a\b\t\v\f\r\x01\x1b"), "\"\\a\\b\\t\\v\\f\\r\\001\\033\"");
	check("", STR("quote\"back\\slash"), "\"quote\\\"back\\\\slash\"");
	check("", STR("not\xffutf8"), "\"not\\377utf8\"");
	/* Right-to-left override, all of its bytes; what is harmless beside it stays. */
	check("", STR("a\xe2\x80\xae" "b\xc3\xbc"), "\"a\\342\\200\\256b\xc3\xbc\"");
	check("", STR("cut\xc3"), "\"cut\\303\"");
	check("", STR(""), "");
}

TEST(a_buffer_that_is_full)
{
	for (size_t limit = 1; limit < 16; limit++) {
		scoped(buf) struct buf buf = BUF_INIT(limit);

		CHECK_INT(git_name_append(&buf, "a/", STR("name\nwith a newline")), -EMSGSIZE);
	}
}

TEST_MAIN()
