// SPDX-License-Identifier: Apache-2.0
/*
 * test_match.c - which match, which groups, and one after the other
 *
 * Results are Go's, written as "start-end start-end; ..." with "-" for a group that took no part. Rows marked
 * Go are from src/regexp/find_test.go of Go (BSD-3-Clause, Copyright 2010 The Go Authors), rows marked RE2
 * from re2/testing/search_test.cc (BSD-3-Clause, Copyright 2006-2007 The RE2 Authors).
 */
#include "regex/regex.h"

#include "base/buf.h"
#include "lib/test.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
	GROUPS_MAX = 16,
};

static void print_spans(struct buf *buf, const struct regex_span *spans, size_t count)
{
	if (buf->len)
		buf_append_str(buf, "; ");
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_append_char(buf, ' ');
		if (spans[i].start == REGEX_NOWHERE)
			buf_append_char(buf, '-');
		else
			buf_printf(buf, "%zu-%zu", spans[i].start, spans[i].end);
	}
}

/* All matches with their groups, as above. */
static const char *all_matches(struct buf *buf, struct str pattern, struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct regex_span spans[GROUPS_MAX];
	struct regex_cursor cursor = { 0 };
	uint64_t steps = UINT64_MAX;
	const struct regex *regex;
	struct regex_run *run;
	size_t groups;
	int r = regex_compile(&arena, pattern, &regex, NULL), is_there;

	CHECK_INT(r, 0);
	groups = regex_group_count(regex);
	CHECK(groups <= GROUPS_MAX);
	run = regex_run_new(&arena, regex);
	CHECK(run);
	is_there = regex_match(run, text, 0, &steps, NULL, 0);
	buf_clear(buf);
	while ((r = regex_next(run, text, &cursor, &steps, spans, groups)) > 0)
		print_spans(buf, spans, groups);
	CHECK_INT(r, 0);
	CHECK_INT(is_there, buf->len > 0);
	CHECK(!buf_failed(buf));
	return buf_text(buf);
}

TEST(matches_are_those_of_go)
{
	static const struct {
		const char *pattern, *text, *matches;
	} cases[] = {
		/* Go */
		{ "", "", "0-0" },
		{ "^abcdefg", "abcdefg", "0-7" },
		{ "a+", "baaab", "1-4" },
		{ "abcd..", "abcdef", "0-6" },
		{ "a", "a", "0-1" },
		{ "x", "y", "" },
		{ "b", "abc", "1-2" },
		{ ".", "a", "0-1" },
		{ ".*", "abcdef", "0-6" },
		{ "^", "abcde", "0-0" },
		{ "$", "abcde", "5-5" },
		{ "^bcd'", "abcdef", "" },
		{ "^bcd$", "abcde", "" },
		{ "a*", "baaab", "0-0; 1-4; 5-5" },
		{ "[a-z]+", "abcd", "0-4" },
		{ "[^a-z]+", "ab1234cd", "2-6" },
		{ "[a\\-\\]z]+", "az]-bcz", "0-4; 6-7" },
		{ "[^\\n]+", "abcd\n", "0-4" },
		{ "[\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e]+", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "0-9" },
		{ "()", "", "0-0 0-0" },
		{ "(a)", "a", "0-1 0-1" },
		{ "(.*)", "", "0-0 0-0" },
		{ "(.*)", "abcd", "0-4 0-4" },
		{ "(..)(..)", "abcd", "0-4 0-2 2-4" },
		{ "(([^xyz]*)(d))", "abcd", "0-4 0-4 0-3 3-4" },
		{ "((a|b|c)*(d))", "abcd", "0-4 0-4 2-3 3-4" },
		{ "(((a|b|c)*)(d))", "abcd", "0-4 0-4 0-3 2-3 3-4" },
		{ "\\a\\f\\n\\r\\t\\v", "\a\f\n\r\t\v", "0-6" },
		{ "[\\a\\f\\n\\r\\t\\v]+", "\a\f\n\r\t\v", "0-6" },
		{ "a*(|(b))c*", "aacc", "0-4 2-2 -" },
		{ "(.*).*", "ab", "0-2 0-2" },
		{ "[.]", ".", "0-1" },
		{ "/$", "/abc/", "4-5" },
		{ "/$", "/abc", "" },
		{ ".", "abc", "0-1; 1-2; 2-3" },
		{ ".", "abc\n", "0-1; 1-2; 2-3" },
		{ "ab*", "abbaab", "0-3; 3-4; 4-6" },
		{ "(ab*)", "abbaab", "0-3 0-3; 3-4 3-4; 4-6 4-6" },
		{ "[^\\S\\s]", "abcd", "" },
		{ "[^\\D\\d]", "aaa", "" },
		{ "(?i)\\W", "x", "" },
		{ "(?i)\\W", "k", "" },
		{ "(?i)\\W", "s", "" },
		{ "\\!\\\"\\#\\$", "!\"#$", "0-4" },
		{ "(?:(?:^).)", "\n", "" },
		{ "\\B", "x", "" },
		{ "\\B", "xx yy", "1-1; 4-4" },
		{ "\\b", "x", "0-0; 1-1" },
		{ "(|a)*", "aa", "0-0 0-0; 1-1 1-1; 2-2 2-2" },
		{ "(|a)+", "aa", "0-0 0-0; 1-1 1-1; 2-2 2-2" },
		/* RE2 */
		{ "(?i)n", "\xc5\x88N", "2-3" },
		{ "(?:a|b|c)$", "cbad\nc", "5-6" },
		{ "(?m)^(?:foo|bar)$", "foo\nbar\nbarfoo", "0-3; 4-7" },
		{ "(?m)$^$^$^", "\n\n", "0-0; 1-1; 2-2" },
		{ "\\Aab\\z", "ab\n", "" },
		{ "(?s).+", "a\nb", "0-3" },
		{ "\\Bfoo\\B", "nofoos", "2-5" },
		{ "(?:(?:^a)|(?:b$))+?", "abb", "0-1; 2-3" },
		{ "((((((((((a))))))))))", "a",
			"0-1 0-1 0-1 0-1 0-1 0-1 0-1 0-1 0-1 0-1 0-1" },
		/* our own */
		{ "a|ab", "ab", "0-1" },
		{ "(a|ab)(c|bcd)(d*)", "abcd", "0-4 0-1 1-4 4-4" },
		{ "a*?", "aa", "0-0; 1-1; 2-2" },
		{ "(?U)a+b+?", "aabb", "0-4" },
		{ "a{2,3}", "aaaaa", "0-3; 3-5" },
		{ "a{2,3}?", "aaaaa", "0-2; 2-4" },
		{ "(a){0}b", "ab", "1-2 -" },
		{ "(a)|(b)", "ba", "0-1 - 0-1; 1-2 1-2 -" },
		{ "(?P<k>\\w+)=(\\w*)", "a=1 b=", "0-3 0-1 2-3; 4-6 4-5 6-6" },
		{ "^(GET|POST) /api/v[0-9]+/.*$", "POST /api/v12/x", "0-15 0-4" },
		{ ".*\\.(sh|py)$", "a.sh.py", "0-7 5-7" },
		{ "\\Q.*\\E+", "x.***", "1-5" },
		{ "(?i)straSSe", "STRA\xc5\xbf\xc5\xbf" "E", "0-9" },
		{ "(?i)[^k]", "Kk\xe2\x84\xaa", "" },
		{ "(?i:A)a", "aA aa", "3-5" },
		/* without a choice from a given beginning */
		{ "^(\\d+)-(\\w+)$", "2026-nov", "0-8 0-4 5-8" },
		{ "^(\\d+?)(\\w*)", "2026", "0-4 0-1 1-4" },
		{ "^(\\d+?)(?:-|$)", "2026", "0-4 0-4" },
		{ "(\\w+)=(\\w*);?", "a b=c;d=", "2-6 2-3 4-5; 6-8 6-7 8-8" },
		{ "(a)?b", "ab b", "0-2 0-1; 3-4 -" },
		{ "\\b(x)\\B", "x xy", "2-3 2-3" },
		{ "a+?", "aaa", "0-1; 1-2; 2-3" },
		{ "^a*?$", "aaa", "0-3" },
		{ "(?:^|,)([^,]*)", "a,,b", "0-1 0-1; 1-2 2-2; 2-4 3-4" },
		{ "^(?:a|b|)c??", "b", "0-1" },
		{ "^a$|^b", "ba", "0-1" },
		{ "x(?i)y|z", "xY Z", "0-2; 3-4" },
		{ "(?i)(?-i)A", "aA", "1-2" },
	};
	scoped(buf) struct buf buf = BUF_INIT(1 << 16);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got = all_matches(&buf, str_from(cases[i].pattern), str_from(cases[i].text));

		CHECK_TEXT(got, cases[i].matches);
	}
}

TEST(a_broken_byte_is_one_character)
{
	scoped(buf) struct buf buf = BUF_INIT(1 << 16);

	CHECK_TEXT(all_matches(&buf, STR("."), STR("\xff" "a\xe2\x82")), "0-1; 1-2; 2-3; 3-4");
	CHECK_TEXT(all_matches(&buf, STR("^.$"), STR("\xe2\x82\xac")), "0-3");
	CHECK_TEXT(all_matches(&buf, STR("^...$"), STR("\xed\xa0\x80")), "0-3");
	CHECK_TEXT(all_matches(&buf, STR("\\x{fffd}"), STR("\x80\xef\xbf\xbd")), "0-1; 1-4");
	CHECK_TEXT(all_matches(&buf, STR("[^a]+"), STR("\xc0\x80" "a\xf5")), "0-2; 3-4");
	CHECK_TEXT(all_matches(&buf, STR("\\x00+"), STR("a\0\0b")), "1-3");
}

TEST(beginnings_are_those_of_the_text_and_not_of_the_search)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	static const struct {
		const char *pattern;
		size_t from, start;
	} cases[] = {
		{ "^b", 1, REGEX_NOWHERE }, { "\\bb", 1, REGEX_NOWHERE }, { "\\Bb", 1, 1 },
		{ "b", 2, REGEX_NOWHERE }, { "(?m)^c", 3, 3 }, { "$", 4, 4 }, { "\\z", 4, 4 },
		{ "(?m)$", 0, 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct regex_span span = { REGEX_NOWHERE, REGEX_NOWHERE };
		uint64_t steps = 10000;
		const struct regex *regex;
		struct regex_run *run;

		CHECK_INT(regex_compile(&arena, str_from(cases[i].pattern), &regex, NULL), 0);
		run = regex_run_new(&arena, regex);
		CHECK_INT(regex_match(run, STR("ab\nc"), cases[i].from, &steps, &span, 1),
			cases[i].start != REGEX_NOWHERE);
		CHECK(span.start == cases[i].start);
		CHECK_INT(regex_match(run, STR("ab\nc"), cases[i].from, &steps, NULL, 0),
			cases[i].start != REGEX_NOWHERE);
	}
}

TEST(spans_beyond_the_groups_are_nowhere)
{
	static const char *const patterns[] = { "(b)", "b" };
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		struct regex_span spans[4] = { 0 };
		uint64_t steps = 1000;
		const struct regex *regex;

		CHECK_INT(regex_compile(&arena, str_from(patterns[i]), &regex, NULL), 0);
		CHECK_INT(regex_match(regex_run_new(&arena, regex), STR("abc"), 0, &steps, spans, 4), 1);
		CHECK_INT(spans[0].start, 1);
		CHECK_INT(spans[0].end, 2);
		CHECK((spans[1].start == 1) == (i == 0));
		CHECK(spans[2].start == REGEX_NOWHERE && spans[3].end == REGEX_NOWHERE);
	}
}

TEST(a_template_is_expanded_as_in_go)
{
	static const struct {
		const char *pattern, *template, *text, *result;
	} cases[] = {
		/* from src/regexp/all_test.go of Go (BSD-3-Clause, Copyright 2009 The Go Authors) */
		{ "a+", "($0)", "banana", "b(a)n(a)n(a)" },
		{ "hello, (.+)", "goodbye, ${1}", "hello, world", "goodbye, world" },
		{ "hello, (.+)", "goodbye, $1x", "hello, world", "goodbye, " },
		{ "hello, (?P<noun>.+)", "goodbye, $noun!", "hello, world", "goodbye, world!" },
		{ "(?P<x>hi)|(?P<x>bye)", "$x$x$x", "hi", "hihihi" },
		{ "(?P<x>hi)|(?P<x>bye)", "$x$x$x", "bye", "byebyebye" },
		{ "(?P<x>hi)|(?P<x>bye)", "$xyz", "hi", "" },
		{ "(?P<x>hi)|(?P<x>bye)", "${x}yz", "hi", "hiyz" },
		{ "(?P<x>hi)|(?P<x>bye)", "hello $$x", "hi", "hello $x" },
		{ "a+", "${oops", "aaa", "${oops" },
		{ "a+", "$$", "aaa", "$" },
		{ "a+", "$", "aaa", "$" },
		{ "(x)?", "($1)", "123", "()1()2()3()" },
		/* our own */
		{ "(a)(b)?", "<$2$01$9$1>", "a", "<a>" },
		{ "(?P<x>a)", "$x\xc3\xa9", "a", "" },
		{ "a", "${}$ {1}", "a", "${}$ {1}" },
		{ "(a)", "$100000000$1000000000000000000000", "a", "" },
	};
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		scoped(buf) struct buf buf = BUF_INIT(1000);
		struct str text = str_from(cases[i].text), piece;
		struct regex_span spans[GROUPS_MAX];
		struct regex_cursor cursor = { 0 };
		uint64_t steps = 10000;
		const struct regex *regex;
		struct regex_run *run;
		size_t end = 0;

		CHECK_INT(regex_compile(&arena, str_from(cases[i].pattern), &regex, NULL), 0);
		run = regex_run_new(&arena, regex);
		while (regex_next(run, text, &cursor, &steps, spans, GROUPS_MAX) > 0) {
			struct str template = str_from(cases[i].template);

			buf_append(&buf, text.data + end, spans[0].start - end);
			while (regex_expand(regex, &template, text, spans, GROUPS_MAX, &piece))
				buf_append(&buf, piece.data, piece.len);
			end = spans[0].end;
		}
		buf_append(&buf, text.data + end, text.len - end);
		CHECK_TEXT(buf_text(&buf), cases[i].result);
	}
	CHECK(regex_is_special('.') && regex_is_special('$') && !regex_is_special('a') &&
		!regex_is_special('\0'));
}

TEST_MAIN()
