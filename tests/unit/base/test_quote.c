// SPDX-License-Identifier: Apache-2.0
/*
 * test_quote.c - what an agent chose, made fit for a terminal
 */
#include "base/quote.h"

#include "base/utf8.h"

#include "lib/test.h"

#include <errno.h>

TEST(safe_text_stays_and_the_rest_is_escaped)
{
	static const struct {
		struct str text;
		const char *wanted;
	} rows[] = {
		{ { "src/main.c", 10 }, "src/main.c" },
		{ { "", 0 }, "" },
		{ { "caf\xC3\xA9 \xE6\x97\xA5\xF0\x9F\x98\x80", 13 },
			"caf\xC3\xA9 \xE6\x97\xA5\xF0\x9F\x98\x80" },
		{ { "it's a \\", 8 }, "it\\'s a \\\\" },
		{ { "\"", 1 }, "\"" },
		{ { "a\nb\tc", 5 }, "a\\nb\\tc" },
		{ { "\r\0\x7F", 3 }, "\\x0D\\x00\\x7F" },
		/* a terminal's own language: clear the screen, set the title, C1 CSI */
		{ { "\x1B[2J\x1B]0;x\x07", 10 }, "\\x1B[2J\\x1B]0;x\\x07" },
		{ { "\xC2\x9B" "31m", 5 }, "\\u{9B}31m" },
		/* reversed reading (CVE-2021-42574), a zero-width space, a tag character */
		{ { "gnp\xE2\x80\xAE.exe", 10 }, "gnp\\u{202E}.exe" },
		{ { "a\xE2\x80\x8B" "b", 5 }, "a\\u{200B}b" },
		{ { "\xF3\xA0\x81\x81", 4 }, "\\u{E0041}" },
		/* not UTF-8: each byte for itself, and what follows is not lost */
		{ { "\xFF\xFE", 2 }, "\\xFF\\xFE" },
		{ { "\xC3(", 2 }, "\\xC3(" },
		{ { "\xE2\x82", 2 }, "\\xE2\\x82" },
		{ { "\xED\xA0\x80", 3 }, "\\xED\\xA0\\x80" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(buf) struct buf buf = BUF_INIT(1024);

		CHECK_INT(quote_append(&buf, rows[i].text), 0);
		CHECK_TEXT(buf_text(&buf), rows[i].wanted);
		CHECK_TEXT(quote_text(rows[i].text).text, rows[i].wanted);
	}
	CHECK_TEXT(quote_cstr("a\x1B").text, "a\\x1B");
}

/* Two texts never look the same, so one name cannot pass for another. */
TEST(what_is_quoted_can_be_told_apart)
{
	CHECK(strcmp(quote_cstr("\\n").text, quote_cstr("\n").text) != 0);
	CHECK(strcmp(quote_cstr("\\x1B").text, quote_cstr("\x1B").text) != 0);
	CHECK(strcmp(quote_cstr("\\u{202E}").text, quote_cstr("\xE2\x80\xAE").text) != 0);
}

TEST(no_text_of_two_bytes_is_dangerous)
{
	for (unsigned i = 0; i < 0x10000; i++) {
		const char bytes[] = { (char)(i >> 8), (char)i };
		struct quoted quoted = quote_text((struct str){ .data = bytes, .len = 2 });
		struct str rest = str_from(quoted.text);

		while (rest.len) {
			uint32_t point;
			int n = utf8_decode(rest, &point);

			CHECK(n > 0 && !utf8_is_deceptive(point));
			rest = (struct str){ .data = rest.data + n, .len = rest.len - (size_t)n };
		}
	}
}

TEST(long_text_is_cut_between_characters)
{
	for (size_t shift = 0; shift < 12; shift++) {
		char text[600];
		struct quoted quoted;

		memset(text, 'x', sizeof(text));
		for (size_t at = shift; at + 3 <= sizeof(text); at += 3)
			memcpy(text + at, "\xE2\x80\xAE", 3);
		quoted = quote_text((struct str){ .data = text, .len = sizeof(text) });
		CHECK(strlen(quoted.text) < QUOTE_MAX);
		CHECK(strlen(quoted.text) > QUOTE_MAX - 16);
		CHECK(str_ends_with(str_from(quoted.text), STR("}...")));
	}
}

TEST(text_up_to_the_limit_is_not_cut)
{
	char text[QUOTE_MAX];

	memset(text, 'x', sizeof(text));
	CHECK_INT(strlen(quote_text((struct str){ .data = text, .len = QUOTE_MAX - 4 }).text), QUOTE_MAX - 4);
	CHECK(!strchr(quote_text((struct str){ .data = text, .len = QUOTE_MAX - 4 }).text, '.'));
	CHECK(str_ends_with(str_from(quote_text((struct str){ .data = text, .len = QUOTE_MAX - 3 }).text),
		STR("x...")));
}

TEST(without_quotes_around_it_a_quote_is_one)
{
	scoped(buf) struct buf buf = BUF_INIT(1024);

	CHECK_INT(quote_append_bare(&buf, STR("an editor's \x1B[m \\n")), 0);
	CHECK_TEXT(buf_text(&buf), "an editor's \\x1B[m \\\\n");
}

TEST(a_word_that_could_pass_for_another_number_of_words)
{
	CHECK(quote_is_needed(STR("")));
	CHECK(quote_is_needed(STR("a b")));
	CHECK(!quote_is_needed(STR("a'b")));
}

TEST(a_full_buffer_is_an_error)
{
	scoped(buf) struct buf buf = BUF_INIT(5);

	CHECK_INT(quote_append(&buf, STR("ab\x1B")), -EMSGSIZE);
	CHECK_TEXT(buf_text(&buf), "ab");
}

TEST_MAIN()
