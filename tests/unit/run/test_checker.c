// SPDX-License-Identifier: Apache-2.0
/*
 * test_checker.c - what the asker takes for an answer of cordon-checker, and what it does not
 *
 * The checker itself runs in tests/e2e/test_session_policies.py and test_policy_faults.py.
 */
#include "unit/run/files.h"

#include "run/checker.h"

#include <sys/mman.h>

static struct error err;

static struct checker answered(const char *text)
{
	struct checker checker = CHECKER_INIT;

	checker.answer_fd = kern_memfd_create("answer", MFD_CLOEXEC);
	CHECK(checker.answer_fd >= 0);
	CHECK_INT(kern_write_all(checker.answer_fd, text, strlen(text)), 0);
	return checker;
}

static int read_text(const char *text, int exit_code, struct checker_answer *ret)
{
	struct checker checker = answered(text);
	int r;

	err = (struct error)ERROR_INIT;
	r = checker_read(&arena, &checker, exit_code, ret, &err);
	checker_fini(&checker);
	return r;
}

#define HEX "00000000000000000000000000000000000000000000000000000000000000ff"

static const char good[] =
	"{\"bundles\":[{\"path\":\"/b\",\"revision\":\"7\"}],\"code\":-22,\"compile_ns\":2,\"digest\":\"" HEX
	"\",\"hint\":\"h\","
	"\"notes\":[\"a\",\"b\"],\"read_ns\":1,\"report\":\"line\",\"text\":\"wrong\"}";

TEST(an_answer)
{
	struct checker_answer answer;

	CHECK_INT(read_text(good, 0, &answer), 0);
	CHECK_INT(answer.error.code, -EINVAL);
	CHECK_TEXT(answer.error.text, "wrong");
	CHECK_TEXT(answer.error.hint, "h");
	CHECK_STR(answer.report, STR("line"));
	CHECK_INT(answer.note_count, 2);
	CHECK_TEXT(answer.notes[1], "b");
	CHECK_INT(answer.read_ns, 1);
	CHECK_INT(answer.compile_ns, 2);
	CHECK_INT(answer.digest.bytes[31], 0xff);
	CHECK_INT(answer.bundles.count, 1);
	CHECK_TEXT(answer.bundles.items[0].path, "/b");
	CHECK_TEXT(answer.bundles.items[0].revision, "7");
}

TEST(no_answer)
{
	struct checker_answer answer;

	CHECK_INT(read_text(good, 137, &answer), -EPROTO);
	CHECK(strstr(err.text, "ended with signal 9"));
	CHECK_INT(read_text(good, 125, &answer), -EPROTO);
	CHECK(strstr(err.text, "ended with exit code 125"));
	CHECK(read_text("", 0, &answer) < 0);
	CHECK_INT(read_text("{}", 0, &answer), -EPROTO);
	CHECK_INT(read_text("[]", 0, &answer), -EPROTO);
}

/* Each member by another value: none of them is guessed. */
TEST(half_an_answer)
{
	static const char *const wrong[][2] = {
		{ "-22", "22" }, { "-22", "-4096" }, { "-22", "\"\"" }, { HEX, "ff" },
		{ "[\"a\",\"b\"]", "[1]" }, { "\"read_ns\":1", "\"read_ns\":-1" },
		{ "\"compile_ns\":2", "\"compile_ns\":[]" }, { "\"line\"", "7" }, { "\"wrong\"", "null" },
		{ "\"h\"", "{}" }, { "\"7\"", "7" }, { "\"/b\"", "null" },
		{ "{\"path\":\"/b\",\"revision\":\"7\"}", "1" },
	};
	struct checker_answer answer;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const char *at = strstr(good, wrong[i][0]);

		CHECK(at);
		CHECK_INT(read_text(arena_printf(&arena, "%.*s%s%s", (int)(at - good), good, wrong[i][1],
			at + strlen(wrong[i][0])), 0, &answer), -EPROTO);
	}
}

TEST_MAIN()
