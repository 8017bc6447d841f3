// SPDX-License-Identifier: Apache-2.0
/*
 * test_chain.c - lines are found whole, torn and too long, wherever a buffer happens to end
 */
#include "unit/ledger/fixture.h"

#include "ledger/chain.h"

#include <sys/file.h>
#include <unistd.h>

static int file_with(const char *data, size_t len)
{
	int fd = kern_memfd_create("lines", 0);

	CHECK(fd >= 0 && kern_write_all(fd, data, len) == 0);
	return fd;
}

/* One letter per line: w(hole), t(orn), l(ong), and its length. */
static void describe(int fd, size_t limit, char *ret, size_t size)
{
	struct chain_lines lines;
	struct chain_line line;
	size_t len = 0;
	uint64_t end = 0;

	ret[0] = '\0';
	chain_lines_init(&lines, fd, 0, UINT64_MAX, limit);
	while (chain_lines_next(&lines, &line) > 0) {
		CHECK_INT(line.offset, end);
		end = line.end;
		len += (size_t)snprintf(ret + len, size - len, "%s%c%zu", len ? " " : "", "wtl"[line.state],
			line.text.len);
	}
	chain_lines_fini(&lines);
}

TEST(lines_are_whole_torn_or_long)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "", "" },
		{ "\n", "w0" },
		{ "a\n", "w1" },
		{ "a", "t1" },
		{ "a\nb", "w1 t1" },
		{ "1234567\n", "w7" },
		{ "12345678\n", "l8" },
		{ "12345678\n1\n", "l8 w1" },
		{ "12345678", "l8" },
		{ "1234567", "t7" },
		{ "123456789\n\n", "l8 w0" },
		{ "123456789\n1234567890\nx\ny", "l8 l8 w1 t1" },
	};
	char text[128];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		scoped(fd) int fd = file_with(cases[i].text, strlen(cases[i].text));

		describe(fd, 8, text, sizeof(text));
		CHECK_TEXT(text, cases[i].wanted);
	}
}

/* A line that is as long as many buffers is passed over, and the one behind it is found where it is. */
TEST(a_long_line_takes_no_memory)
{
	size_t len = 1 << 20;
	char *data = malloc(len + 8), text[64];

	CHECK(data);
	for (size_t step = 0; step < 3; step++) {
		scoped(fd) int fd = -1;

		memset(data, 'x', len);
		memcpy(data + len - step, "\nabc\n", 5);
		fd = file_with(data, len - step + 5);
		describe(fd, 64, text, sizeof(text));
		CHECK_TEXT(text, "l64 w3");
	}
	free(data);
}

TEST(reading_stops_where_it_is_told_to)
{
	scoped(fd) int fd = file_with("abc\ndef\nghi\n", 12);
	scoped(chain_lines) struct chain_lines lines;
	struct chain_line line;

	chain_lines_init(&lines, fd, 4, 10, 16);
	CHECK_INT(chain_lines_next(&lines, &line), 1);
	CHECK_STR(line.text, STR("def"));
	CHECK_INT(line.offset, 4);
	CHECK_INT(chain_lines_next(&lines, &line), 1);
	CHECK_INT(line.state, CHAIN_LINE_TORN);
	CHECK_STR(line.text, STR("gh"));
	CHECK_INT(chain_lines_next(&lines, &line), 0);
}

TEST(the_tail_is_the_last_whole_line_and_what_follows)
{
	static const struct { const char *text; int code; const char *last, *torn; } cases[] = {
		{ "", 0, "", "" },
		{ "a\n", 0, "a", "" },
		{ "a\nbc\n", 0, "bc", "" },
		{ "a\nbc\nd", 0, "bc", "d" },
		{ "abc", 0, "", "abc" },
		{ "1234567\n", 0, "1234567", "" },
		{ "12345678\n", -EBADMSG, "", "" },
		{ "a\n12345678\n", -EBADMSG, "", "" },
		{ "123456789012345678901234567890", -EBADMSG, "", "" },
		{ "123456789012345678901234567890\n", -EBADMSG, "", "" },
		{ "a\n123456789", -EBADMSG, "", "" },
		{ "123456789", -EBADMSG, "", "" },
		{ "12345678", 0, "", "12345678" },
		{ "a\n1234567\n12345678", 0, "1234567", "12345678" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		scoped(fd) int fd = file_with(cases[i].text, strlen(cases[i].text));
		scoped(buf) struct buf buf = BUF_INIT(CHAIN_TAIL_BYTES(8));
		struct str last, torn;

		if (chain_find_tail(fd, strlen(cases[i].text), 8, &buf, &last, &torn) != cases[i].code)
			test_fail(__FILE__, __LINE__, "case %zu", i);
		if (cases[i].code)
			continue;
		CHECK_STR(last, str_from(cases[i].last));
		CHECK_STR(torn, str_from(cases[i].torn));
		/* A file that is shorter than somebody said. */
		CHECK_INT(chain_find_tail(fd, strlen(cases[i].text) + 1, 8, &buf, &last, &torn), -EIO);
	}
}

TEST(a_torn_line_is_overwritten_where_it_stands)
{
	char path[256], *text;
	int fd;

	fixture_path("file", path);
	fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, "one\ntorn torn torn", 18) == 18);
	CHECK_INT(chain_replace_torn(fd, 4, 18, STR("two\n")), 0);
	/* And it appends again. */
	CHECK_INT(chain_append(fd, 8, STR("three\n")), 0);
	text = slurp("file", NULL);
	CHECK_TEXT(text, "one\ntwo\nthree\n");
	free(text);
	CHECK_INT(chain_replace_torn(fd, 8, 14, STR("a longer line\n")), 0);
	text = slurp("file", NULL);
	CHECK_TEXT(text, "one\ntwo\na longer line\n");
	free(text);
	close(fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK_INT(chain_replace_torn(fd, 4, 8, STR("x\n")), -EBADF);
	CHECK_INT(chain_append(fd, 22, STR("x\n")), -EBADF);
	close(fd);
}

TEST(a_lock_is_waited_for_and_then_given_up)
{
	struct fixture fix;
	char path[256];
	int one, two;

	fixture_init(&fix);
	fixture_path("file", path);
	one = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	two = open(path, O_RDWR | O_CLOEXEC);
	CHECK(one >= 0 && two >= 0);
	CHECK_INT(chain_lock(one, 0), 0);
	CHECK_INT(chain_lock(two, 0), -EBUSY);
	CHECK_INT(chain_lock(two, 20), -EBUSY);
	CHECK_INT(flock(one, LOCK_UN), 0);
	CHECK_INT(chain_lock(two, 20), 0);
	close(one);
	close(two);
	fixture_fini(&fix);
}

TEST_MAIN()
