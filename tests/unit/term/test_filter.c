// SPDX-License-Identifier: Apache-2.0
/*
 * test_filter.c - what goes in, and what reaches the terminal
 *
 * Every row is also filtered cut at every byte, and filtered twice.
 */
#include "term/filter.h"

#include "lib/term_check.h"
#include "lib/test.h"

struct row {
	struct str in, out;
	int kind;			/* counted once as this; -1: nothing is taken out */
};

#define ROW(in, out, kind) { { in, sizeof(in) - 1 }, { out, sizeof(out) - 1 }, kind }
#define SAME(text) ROW(text, text, -1)
#define GONE(text, kind) ROW("a" text "b", "ab", kind)

static void feed(struct term_filter *filter, struct str text, struct buf *out)
{
	CHECK_INT(term_filter_feed(filter, text, out), 0);
}

static void check_text(const struct buf *buf, struct str wanted)
{
	if (buf->len != wanted.len || (wanted.len && memcmp(buf->data, wanted.data, wanted.len)))
		test_fail(__FILE__, __LINE__, "\"%s\", wanted \"%s\"", buf_text(buf), wanted.data);
}

static void check_counts(const struct term_filter *filter, const struct row *row)
{
	for (int i = 0; i < TERM_KIND_COUNT; i++)
		if (filter->counts[i] != (i == row->kind))
			test_fail(__FILE__, __LINE__, "\"%s\": %s counted %" PRIu64 " times", row->in.data,
				term_kinds[i].name, filter->counts[i]);
}

static void check_row(const struct row *row)
{
	for (size_t cut = 0; cut <= row->in.len; cut++) {
		scoped(buf) struct buf out = BUF_INIT(1 << 16), again = BUF_INIT(1 << 16);
		struct term_filter filter = { 0 }, second = { 0 };

		feed(&filter, (struct str){ row->in.data, cut }, &out);
		CHECK(!term_check((struct str){ buf_text(&out), out.len }));
		feed(&filter, (struct str){ row->in.data + cut, row->in.len - cut }, &out);
		CHECK_INT(term_filter_finish(&filter, &out), 0);
		check_text(&out, row->out);
		check_counts(&filter, row);
		feed(&second, row->out, &again);
		check_text(&again, row->out);
	}
}

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_row(&rows[i]);
}

TEST(what_a_full_screen_program_needs_stays)
{
	static const struct row rows[] = {
		SAME("plain text, caf\xC3\xA9 \xE2\x9C\x93 \xF0\x9F\x98\x80\r\n\t\b\a"),
		SAME("\033[?1049h\033[22;0;0t\033[1;24r\033[H\033[2J\033[?25l"),
		SAME("\033[3;4Hx\033[38;5;200mred\033[48;2;1;2;3mx\033[4:3mcurl\033[38:2::1:2:3mx\033[m"),
		SAME("\033[?1000;1006h\033[?1002l\033[?2004h\033[?1h\033=\033>\033[4 q\033[>4;2m\033[>4;m"),
		SAME("\033(0\016lqk\017\033(B\0337\0338\033M\033D\033E\033H\033c\033[!p"),
		SAME("\033[5@\033[2A\033[B\033[3L\033[M\033[P\033[S\033[T\033[X\033[7b\033[4d\033[g\033[s\033[u"),
		SAME("\033[;5H\033[?2026h\033[?2026l"),
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST(what_attacks_goes)
{
	static const struct row rows[] = {
		GONE("\033]52;c;cm0gLXJmIH4K\a", TERM_KIND_CLIPBOARD),
		GONE("\033]52;c;?\033\\", TERM_KIND_CLIPBOARD),
		GONE("\033]5522;type=read\033\\", TERM_KIND_CLIPBOARD),
		GONE("\033[21t", TERM_KIND_READ_BACK),
		GONE("\033[20t", TERM_KIND_READ_BACK),
		GONE("\033[1;1;1;1;1;1*y", TERM_KIND_READ_BACK),
		GONE("\033[>2;3t", TERM_KIND_READ_BACK),
		GONE("\033[c", TERM_KIND_QUERY),
		GONE("\033[>c", TERM_KIND_QUERY),
		GONE("\033[=c", TERM_KIND_QUERY),
		GONE("\033[6n", TERM_KIND_QUERY),
		GONE("\033[?15n", TERM_KIND_QUERY),
		GONE("\033[?2004$p", TERM_KIND_QUERY),
		GONE("\033[>q", TERM_KIND_QUERY),
		GONE("\033[18t", TERM_KIND_QUERY),
		GONE("\033Z", TERM_KIND_QUERY),
		GONE("\033[8;10;10t", TERM_KIND_WINDOW),
		GONE("\033[2t", TERM_KIND_WINDOW),
		GONE("\033[12;3]", TERM_KIND_WINDOW),
		GONE("\033[5i", TERM_KIND_PRINTER),
		GONE("\033[?4i", TERM_KIND_PRINTER),
		GONE("\033P+q544e\033\\", TERM_KIND_STRING),
		GONE("\033P1;1|17/0a\033\\", TERM_KIND_STRING),
		GONE("\033_Ga=T,t=f;L2V0Yy9wYXNzd2Q=\033\\", TERM_KIND_STRING),
		GONE("\033Xstring\033\\", TERM_KIND_STRING),
		GONE("\033^message\033\\", TERM_KIND_STRING),
		GONE("\033ktitle\033\\", TERM_KIND_STRING),
		GONE("\033]11;?\a", TERM_KIND_COMMAND),
		GONE("\033]4;1;?\033\\", TERM_KIND_COMMAND),
		GONE("\033]7;file:///tmp\033\\", TERM_KIND_COMMAND),
		GONE("\033]9;attention\a", TERM_KIND_COMMAND),
		GONE("\033]777;notify;a;b\a", TERM_KIND_COMMAND),
		GONE("\033]50;?\a", TERM_KIND_COMMAND),
		GONE("\033]1337;File=name=eA==:eA==\a", TERM_KIND_COMMAND),
		GONE("\033]lname\033\\", TERM_KIND_COMMAND),
		GONE("\005", TERM_KIND_CONTROL),
		GONE("\x7F", TERM_KIND_CONTROL),
		GONE("\023", TERM_KIND_CONTROL),
		GONE("\033%@", TERM_KIND_CHARSET),
		GONE("\033 G", TERM_KIND_CHARSET),
		GONE("\033[62;0\"p", TERM_KIND_CHARSET),
		GONE("\033[?2l", TERM_KIND_MODE),
		GONE("\033[2h", TERM_KIND_MODE),
		GONE("\033[=1u", TERM_KIND_KEYBOARD),
		GONE("\033[1$q", TERM_KIND_UNKNOWN),
		GONE("\033#8", TERM_KIND_UNKNOWN),
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST(eight_bit_controls_go_and_continuation_bytes_stay)
{
	static const struct row rows[] = {
		GONE("\xC2\x85", TERM_KIND_C1),
		GONE("\xC2\x9B" "31m", TERM_KIND_C1),
		SAME("\xC4\x9B \xE2\x80\x9D \xE2\x9C\x9B"),
		/* raw ones are no UTF-8 */
		ROW("a\x9B" "31mb", "a\xEF\xBF\xBD" "31mb", -1),
		ROW("\xE2\x9C", "\xEF\xBF\xBD", -1),
		ROW("\xC2\033[1m\x80", "\xEF\xBF\xBD\033[1m\xEF\xBF\xBD", -1),
		ROW("\xF0\x9F\x98x\xED\xA0\x80\xC0\x80", "\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
			"\xEF\xBF\xBD\xEF\xBF\xBD", -1),
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST(strings_end_where_a_terminal_ends_them)
{
	static const struct row rows[] = {
		/* an escape sequence inside a string ends it and counts by itself */
		ROW("\033]52;c;\033[31mx", "\033[31mx", TERM_KIND_CLIPBOARD),
		ROW("\033]52;c;eA\030x", "x", TERM_KIND_BROKEN),
		ROW("\033Pq\a more\033\\x", "x", TERM_KIND_STRING),
		ROW("\033Pq\032x", "x", TERM_KIND_STRING),
		ROW("\033]52;c;\xE2\x9C\x9C" "eA==\ax", "x", TERM_KIND_CLIPBOARD),
		/* the Linux console's palette has no end */
		ROW("a\033]Rb", "ab", TERM_KIND_COMMAND),
		ROW("a\033]P1ff00aab", "ab", TERM_KIND_COMMAND),
		ROW("ok\033]0;never ended", "ok", TERM_KIND_BROKEN),
		ROW("ok\033Pnever ended", "ok", TERM_KIND_STRING),
		ROW("ok\033[12;", "ok", TERM_KIND_BROKEN),
		ROW("ok\033", "ok", TERM_KIND_BROKEN),
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST(sequences_are_written_anew)
{
	static const struct row rows[] = {
		ROW("\033[0003;04H", "\033[3;4H", -1),
		ROW("\033[99999999999A", "\033[9999A", -1),
		/* controls inside a sequence act before it */
		ROW("\033[3\n1mx", "\n\033[31mx", -1),
		ROW("\033[31\033[32mx", "\033[32mx", TERM_KIND_BROKEN),
		ROW("\033[31\030x", "x", TERM_KIND_BROKEN),
		ROW("\033[1:2Hx", "x", TERM_KIND_BROKEN),
		ROW("\033[1;2;3;4;5Tx", "x", TERM_KIND_BROKEN),
		ROW("\033[3;4sx", "x", TERM_KIND_BROKEN),
		ROW("\033[9 qx", "x", TERM_KIND_BROKEN),
		ROW("\033[1?hx", "x", TERM_KIND_BROKEN),
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

TEST(a_string_by_its_8_bit_name_disappears_as_a_whole)
{
	scoped(buf) struct buf out = BUF_INIT(4096);
	struct term_filter filter = { 0 };

	feed(&filter, STR("a\xC2\x9D" "52;c;eA==\xC2\x9C" "b\xC2\x90q\033\\c\xC2\x9D" "0;t\ad"), &out);
	CHECK_TEXT(buf_text(&out), "abcd");
	CHECK_INT(filter.counts[TERM_KIND_C1], 4);
}

TEST(modes_that_are_not_kept_are_taken_out_of_their_list)
{
	scoped(buf) struct buf out = BUF_INIT(4096);
	struct term_filter filter = { 0 };

	feed(&filter, STR("\033[?3;25;2l\033[4;2h"), &out);
	CHECK_TEXT(buf_text(&out), "\033[?25l\033[4h");
	CHECK_INT(filter.counts[TERM_KIND_MODE], 3);
	CHECK(term_filter_is_quiet(&filter));
}

TEST(titles_are_text_and_links_are_of_the_web)
{
	static const struct row rows[] = {
		SAME("\033]0;vim: file.c\a"),
		ROW("\033]2;caf\xC3\xA9\033\\", "\033]2;caf\xC3\xA9\a", -1),
		ROW("\033]0;a\xE2\x80\xAE" "b\tc\a", "\033]0;abc\a", -1),
		ROW("\033]0\a", "\033]0;\a", -1),
		ROW("\033]8;id=1:x=y;https://example.org/a?b=c;d\033\\x\033]8;;\033\\",
			"\033]8;id=1;https://example.org/a?b=c;d\ax\033]8;;\a", -1),
		ROW("\033]8;;file:///etc/passwd\ax\033]8;;\a", "\033]8;;\ax\033]8;;\a", TERM_KIND_LINK),
		ROW("\033]8;;https://a b\ax", "\033]8;;\ax", TERM_KIND_LINK),
		ROW("\033]8;;HTTPS://a\ax", "\033]8;;\ax", TERM_KIND_LINK),
	};
	char text[3000] = "\033]0;";
	scoped(buf) struct buf out = BUF_INIT(8192);
	struct term_filter filter = { 0 };

	check_rows(rows, ARRAY_SIZE(rows));
	memset(text + 4, 'x', sizeof(text) - 5);
	feed(&filter, (struct str){ text, sizeof(text) - 1 }, &out);
	feed(&filter, STR("\a"), &out);
	CHECK_INT(out.len, 4 + TERM_TITLE_MAX + 1);
}

TEST(the_terminal_is_put_back)
{
	static const struct {
		struct str in;
		const char *restore;
	} rows[] = {
		{ STR("text\n"), "" },
		{ STR("\033[?1049h\033[?25l\033[?1000;1006h"), "\033[?1000l\033[?1006l\033[?1049l\033[?25h" },
		{ STR("\033[?1049h\033[?25l\033[?25h\033[?1049l"), "" },
		{ STR("\033[?2004h\033=\033[?1h"), "\033[?2004l\033[?1l\033>" },
		{ STR("\033[31m"), "\033[m" },
		{ STR("\033[31mx\033[0m"), "" },
		{ STR("\033[3;5r"), "\0337\033[r\0338" },
		{ STR("\033[3;5r\033[r"), "" },
		{ STR("\033(0\016"), "\017\033(B" },
		{ STR("\033)0"), "\033)B" },
		{ STR("\033[5 q\033[>4;2m"), "\033[>4m\033[0 q" },
		{ STR("\033[?7l\033[4h"), "\033[?7h\033[4l" },
		{ STR("\033]8;;https://a\a"), "\033]8;;\a" },
		{ STR("\033[?1048h"), "" },
		{ STR("\033[?1049h\033c"), "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(buf) struct buf out = BUF_INIT(4096), restore = BUF_INIT(4096), again = BUF_INIT(4096);
		struct term_filter filter = { 0 };

		feed(&filter, rows[i].in, &out);
		CHECK_INT(term_state_restore(&filter.modes, &restore), 0);
		CHECK_TEXT(buf_text(&restore), rows[i].restore);
		CHECK_INT(term_state_restore(&filter.modes, &again), 0);
		CHECK_TEXT(buf_text(&again), "");
	}
}

TEST(a_terminal_that_comes_later_is_brought_there)
{
	scoped(buf) struct buf out = BUF_INIT(4096), enter = BUF_INIT(4096);
	struct term_filter filter = { 0 };

	feed(&filter, STR("\033[?1049h\033[?25l\033=\033[31m"), &out);
	CHECK_INT(term_state_enter_screen(&filter.modes, &enter), 0);
	CHECK_TEXT(buf_text(&enter), "\033[?1049h");
	CHECK_INT(term_state_enter(&filter.modes, &enter), 0);
	CHECK_TEXT(buf_text(&enter), "\033[?1049h\033[?25l\033=");
}

TEST(any_name_of_the_other_screen_leaves_it)
{
	static const struct {
		const char *in;
		bool is_alternate;
	} rows[] = {
		{ "", false }, { "\033[?47h", true }, { "\033[?1047h", true }, { "\033[?1049h", true },
		{ "\033[?1049h\033[?47l", false }, { "\033[?47h\033[?1049h\033[?1047l", false },
		{ "\033[?1049h\033c", false }, { "\033[?1049h\033[!p", true }, { "\033[?25l\033[4h", false },
		{ "\033[?1049l\033[?1049h", true }, { "\033[1049h", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct term_filter filter = { 0 };

		feed(&filter, str_from(rows[i].in), NULL);
		CHECK_INT(filter.modes.is_alternate, rows[i].is_alternate);
	}
}

/* What the filter takes out is nobody's to put back, unless it came through by another way. */
TEST(what_is_not_kept_is_remembered_where_everything_came_through)
{
	static const struct {
		const char *in, *enter, *restore;
	} rows[] = {
		{ "\033[>1u\033[>31u\033[>4;2m", "\033[>4;2m\033[>1u\033[>31u", "\033[<2u\033[>4m" },
		{ "\033[>1u\033[>31u\033[=5u\033[<1u", "\033[>1u", "\033[<1u" },
		{ "\033[>1u\033[=5u", "\033[>5u", "\033[<1u" },
		{ "\033[>u\033[<9u", "", "" },
		{ "\033[<99u\033[?u\033[u\033[=1u", "", "" },
		{ "\033[>4;3m\033[>m", "", "" },
		{ "\033[>4;1m\033[>2;3m", "\033[>4;1m", "\033[>4m" },
		{ "\033[>4;1m\033[>0m\033[>0;2m", "\033[>4;1m", "\033[>4m" },
		{ "\033[>;2m\033[>;14m\033[>0;2m\033[>0;14m", "", "" },
		{ "\033[>4;14m", "\033[>4;14m", "\033[>4m" },
		{ "\033[>4;14m\033[>4m", "", "" },
		{ "\033[7 q", "", "\033[0 q" },
		{ "\033[7 q\033[ q", "", "" },
		{ "\033[?2031;69;1001h", "\033[?69h\033[?1001h\033[?2031h",
			"\033[?69l\033[?1001l\033[?2031l" },
		{ "\033[?2031h\033[?2031l", "", "" },
		{ "\033]8;;file:///etc\a", "", "\033]8;;\a" },
		{ "\033]8;;file:///etc\a\033]8;;\a", "", "" },
		{ "\033]0;\033[?1049h\a\033P[?25l\033\\\033_[?25l\a\033X\033\\\033[?1049l", "", "" },
		{ "\033[?2\0305l\033[?25\033[?7l", "\033[?7l", "\033[?7h" },
		{ "\033[?25l\033[1;5r\033[31m\033(0\033[?2004h\033[!p", "\033[?2004h", "\033[?2004l" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(buf) struct buf enter = BUF_INIT(TERM_RESTORE_MAX_BYTES);
		scoped(buf) struct buf restore = BUF_INIT(TERM_RESTORE_MAX_BYTES);
		struct term_filter filter = { .tracks_all = true };

		feed(&filter, str_from(rows[i].in), NULL);
		CHECK_INT(term_state_enter(&filter.modes, &enter), 0);
		CHECK_TEXT(buf_text(&enter), rows[i].enter);
		CHECK_INT(term_state_restore(&filter.modes, &restore), 0);
		CHECK_TEXT(buf_text(&restore), rows[i].restore);
	}
}

TEST(what_was_taken_out_is_not_put_back)
{
	scoped(buf) struct buf restore = BUF_INIT(TERM_RESTORE_MAX_BYTES);
	struct term_filter filter = { 0 };

	feed(&filter, STR("\033[>1u\033[?2031;69;1001h\033]8;;file:///etc\a\033[>4;14m\033[7 q"), NULL);
	CHECK_INT(term_state_restore(&filter.modes, &restore), 0);
	CHECK_TEXT(buf_text(&restore), "");
}

static bool has(const struct buf *buf, const char *sequence)
{
	return memmem(buf_text(buf), buf->len, sequence, strlen(sequence)) != NULL;
}

TEST(a_terminal_that_nobody_knows_is_put_back)
{
	static const char *const always[] = {
		"\0337", "\033[?1049l", "\033[?25h", "\033[?7h", "\033[?1000l", "\033[?1006l", "\033[?2004l",
		"\033[?1l", "\033>", "\017", "\033(B", "\033[>4m", "\033[r", "\033[m", "\033[4l",
	};
	/* The person's choice, what moves the cursor, and what there is nothing to put back of. */
	static const char *const never[] = { "\033[?12l", "\033[?1007l", "\033[?6l", "\033[?47l",
		"\033[?1048l" };
	static const char *const taken_out[] = { "\033[<16u", "\033[?69l", "\033[?2031l" };

	for (int was_filtered = 0; was_filtered < 2; was_filtered++) {
		scoped(buf) struct buf restore = BUF_INIT(TERM_RESTORE_MAX_BYTES);

		CHECK_INT(term_state_restore_unknown(was_filtered, &restore), 0);
		for (size_t i = 0; i < ARRAY_SIZE(always); i++)
			CHECK(has(&restore, always[i]));
		for (size_t i = 0; i < ARRAY_SIZE(never); i++)
			CHECK(!has(&restore, never[i]));
		for (size_t i = 0; i < ARRAY_SIZE(taken_out); i++)
			CHECK_INT(has(&restore, taken_out[i]), !was_filtered);
		/* The cursor is saved before the screen is left. */
		CHECK(str_starts_with((struct str){ buf_text(&restore), restore.len },
			was_filtered ? STR("\0337\033[?") : STR("\0337\033[<16u")));
	}
}

static void check_answer(const char *text, const char *wanted)
{
	scoped(buf) struct buf answers = BUF_INIT(TERM_ANSWERS_MAX);
	struct term_cursor cursor = { .rows = 24, .columns = 80 };
	struct term_filter filter = { .cursor = &cursor, .answers = &answers };

	feed(&filter, str_from(text), NULL);
	if (strcmp(buf_text(&answers), wanted) != 0)
		test_fail(__FILE__, __LINE__, "\"%s\": \"%s\", wanted \"%s\"", text, buf_text(&answers),
			wanted);
}

TEST(three_questions_are_answered)
{
	check_answer("\033[c\033[0c\033Z", "\033[?62;22c\033[?62;22c\033[?62;22c");
	check_answer("\033[5n", "\033[0n");
	check_answer("\033[>c\033[21t\033]11;?\a\033[?6n\033[18t\033P$qm\033\\\005", "");
	check_answer("\xC2\x9B" "6n", "");
}

TEST(the_cursor_is_where_a_terminal_has_it)
{
	check_answer("\033[6n", "\033[24;1R");
	check_answer("abc\033[6n", "\033[24;4R");
	check_answer("\033[3;5H\033[6n", "\033[3;5R");
	check_answer("\033[999;999H\033[6n", "\033[24;80R");
	check_answer("\033[Habc\n\033[6n\r\n\tx\033[6n", "\033[2;4R\033[3;10R");
	check_answer("\033[2;1H\xE2\x96\xBD\033[6n", "\033[2;2R");
	check_answer("\033[2;1H\xE6\x97\xA5\033[6n", "\033[2;3R");
	check_answer("\033[1;79Hab\033[6nc\033[6n", "\033[1;80R\033[2;2R");
	check_answer("\033[5;5H\033[2A\033[3C\033[6n\033[10A\033[99D\033[6n", "\033[3;8R\033[1;1R");
	check_answer("\033[5;5H\0337\033[H\0338\033[6n\033[s\033[9d\033[u\033[6n", "\033[5;5R\033[5;5R");
	check_answer("\033[5;10r\033[6n\033[10;3H\n\033[6n\033[5;1H\033M\033[6n",
		"\033[1;1R\033[10;3R\033[5;1R");
	check_answer("\033[5;10r\033[?6h\033[6n\033[99;1H\033[6n", "\033[1;1R\033[6;1R");
	check_answer("\0337\033[H\0337\033[5;10r\033[?6h\0338\033[6n", "\033[1;1R");
	check_answer("\033[3;3H\033[?1049h\033[H\033[?1049l\033[6n", "\033[3;3R");
	check_answer("\033[3;3H\033E\033[6n\033[4G\033[6n\033[2F\033[6n\033[E\033[6n",
		"\033[4;1R\033[4;4R\033[2;1R\033[3;1R");
	check_answer("\033[H\033[2I\033[6n\033[Z\033[6nx\033[3b\033[6n", "\033[1;17R\033[1;9R\033[1;13R");
}

TEST(answers_and_output_have_a_limit)
{
	scoped(buf) struct buf answers = BUF_INIT(32), out = BUF_INIT(8);
	struct term_filter filter = { .answers = &answers };

	for (int i = 0; i < 100; i++)
		feed(&filter, STR("\033[c"), NULL);
	CHECK(answers.len <= 32);
	CHECK(term_filter_feed(&filter, STR("much more than eight"), &out) < 0);
}

TEST(a_listing_is_text_alone)
{
	scoped(buf) struct buf out = BUF_INIT(4096);
	struct term_filter filter = { .only_text = true };

	feed(&filter, STR("\033[1mbold\033[m\r\n\033]0;t\aa\tb\b\a\033(0\033[2J\xC2\x9B" "1mc"), &out);
	CHECK_TEXT(buf_text(&out), "bold\na\tbc");
}

TEST(what_was_taken_out_is_said)
{
	scoped(buf) struct buf note = BUF_INIT(4096), nothing = BUF_INIT(4096);
	struct term_filter filter = { 0 }, clean = { 0 };

	feed(&filter, STR("\033]52;c;eA==\a\033]52;c;eQ==\a\033[2t\033[c"), NULL);
	CHECK(!term_filter_is_quiet(&filter));
	CHECK_INT(term_filter_total(&filter), 4);
	CHECK_INT(term_filter_note(&filter, &note), 0);
	CHECK_TEXT(buf_text(&note), "2 clipboard accesses, 1 query, 1 window command");
	CHECK_INT(term_filter_note(&clean, &nothing), 0);
	CHECK_TEXT(buf_text(&nothing), "");
}

TEST_MAIN()
