// SPDX-License-Identifier: Apache-2.0
/*
 * test_committer.c - the committer's answer is believed in its form only: it reads what an agent wrote
 */
#include "lib/test.h"

#include "run/committer.h"

#include <errno.h>
#include <stdio.h>

#define COUNTS "\"applied\":1,\"copied_bytes\":2,\"conflict_count\":3,\"hint\":\"\",\"recovered\":1," \
	"\"recovered_kind\":1,\"recovered_number\":4,\"swaps\":5,\"sync_ns\":6,\"text\":\"\""

static struct arena arena = ARENA_INIT(1 << 20);
static struct committer_answer answer;

static int read_answer(const char *text)
{
	const struct json *value;

	CHECK_INT(json_read(&arena, str_from(text), JSON_READ_STRICT, &value, NULL), 0);
	return committer_answer_read(&arena, value, &answer, NULL);
}

TEST(an_answer_says_what_was_done)
{
	CHECK_INT(read_answer("{\"code\":0,\"merges\":[{}]," COUNTS "}"), 0);
	CHECK_INT(answer.applied_count, 1);
	CHECK_INT(answer.recovered, RECOVER_FINISHED);
	CHECK_INT(answer.recovered_kind, JOURNAL_UNDO);
	CHECK_INT(answer.recovered_number, 4);
	CHECK_INT(answer.merges->array.count, 1);
	CHECK(!answer.conflicts);
}

TEST(what_is_no_list_is_not_walked)
{
	CHECK_INT(read_answer("{\"code\":0,\"conflicts\":\"a text as long as it wants to be\"," COUNTS "}"),
		-EPROTO);
	CHECK_INT(read_answer("{\"code\":0,\"merges\":{}," COUNTS "}"), -EPROTO);
	CHECK_INT(read_answer("{\"code\":0,\"merges\":[5]," COUNTS "}"), -EPROTO);
}

TEST(a_number_that_means_nothing_is_none)
{
	CHECK_INT(read_answer("{\"code\":5," COUNTS "}"), -EPROTO);
	CHECK_INT(read_answer("{\"code\":-5000," COUNTS "}"), -EPROTO);
	CHECK_INT(read_answer("{" COUNTS "}"), -EPROTO);
	CHECK_INT(read_answer("{\"code\":0}"), -EPROTO);
	CHECK_INT(read_answer("{}"), -EPROTO);
	CHECK_INT(read_answer(
		"{\"code\":0,\"applied\":1,\"copied_bytes\":2,\"conflict_count\":3,\"hint\":\"\","
		"\"recovered\":3,\"recovered_kind\":1,\"recovered_number\":4,\"swaps\":5,"
		"\"sync_ns\":6,\"text\":\"\"}"), -EPROTO);
}

TEST_MAIN()
