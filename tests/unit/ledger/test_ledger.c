// SPDX-License-Identifier: Apache-2.0
/*
 * test_ledger.c - records get in whole, in order, and only where they belong
 */
#include "unit/ledger/fixture.h"

#include "kern/clock.h"

#include <sys/file.h>

#define LEDGER_FILE "sessions/k3f9/ledger.jsonl"
#define HEAD_FILE "sessions/k3f9/head.json"

static int clock_stands_still(clockid_t clock, struct timespec *ret)
{
	(void)clock;
	*ret = (struct timespec){ .tv_sec = 1767323045, .tv_nsec = 6789 };
	return 0;
}

/* The format is public, so its bytes stand here, and the hash was made by another program (sha256sum). */
TEST(the_first_line_is_the_documented_one)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	char *text;

	kern_ops.clock_gettime = clock_stands_still;
	fixture_init(&fix);
	place = fixture_place(&fix);
	OK(&fix, ledger_create(&ledger, &place, &fix.err));
	OK(&fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err));
	OK(&fix, ledger_close(&ledger, &fix.err));
	text = slurp(LEDGER_FILE, NULL);
	CHECK_TEXT(text, "{\"actor\":\"supervisor\",\"fields\":{\"argv\":[\"sh\",\"-c\",\"true\"],\"config\":\""
		DIGEST_OF_NOTHING "\",\"host\":{\"kernel\":\"6.1\"},\"policy\":\"" DIGEST_OF_NOTHING "\",\"uid\":1000,"
		"\"user\":\"a\",\"workspace\":\"/home/a/project\"},"
		"\"hash\":\"af9463486445d395ec6c827487fdd5ff3c53bdb5dd52742601604799dc891bbd\","
		"\"kind\":\"session-created\",\"previous\":\"0000000000000000000000000000000000000000000000000000000000000000\","
		"\"sequence\":1,\"session\":\"k3f9\",\"time\":\"2026-01-02T03:04:05.000006Z\",\"version\":1}\n");
	free(text);
	fixture_fini(&fix);
}

TEST(each_record_names_the_one_before)
{
	struct fixture fix;
	char *text, *line, *rest;
	char previous[DIGEST_HEX_SIZE] = "0000000000000000000000000000000000000000000000000000000000000000";
	int sequence = 0;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 5);
	text = slurp(LEDGER_FILE, NULL);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const struct json *record = read_json(&fix, line);

		CHECK_INT(json_get_int(record, "sequence", 0), ++sequence);
		CHECK_TEXT(json_get_text(record, "previous"), previous);
		snprintf(previous, sizeof(previous), "%s", json_get_text(record, "hash"));
	}
	CHECK_INT(sequence, 5);
	free(text);
	text = slurp(HEAD_FILE, NULL);
	CHECK_TEXT(json_get_text(read_json(&fix, text), "hash"), previous);
	CHECK_INT(json_get_int(read_json(&fix, text), "sequence", 0), 5);
	free(text);
	fixture_fini(&fix);
}

TEST(a_ledger_is_continued_by_another_process)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	char *text;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 3);
	place = fixture_place(&fix);
	place.actor = "committer";
	OK(&fix, ledger_open(&ledger, &place, 0, &fix.err));
	CHECK_INT(ledger.repair.torn_bytes + ledger.repair.lost_count + ledger.repair.head_lost, 0);
	OK(&fix, ledger_append(&ledger, LEDGER_ROLLED_BACK, rolled_back_fields(&fix), 0, &fix.err));
	OK(&fix, ledger_close(&ledger, &fix.err));
	text = slurp(LEDGER_FILE, NULL);
	CHECK_INT(count_lines(text), 4);
	CHECK(strstr(text, "\"actor\":\"committer\"") && strstr(text, "\"sequence\":4,"));
	free(text);
	fixture_fini(&fix);
}

TEST_MAIN()
