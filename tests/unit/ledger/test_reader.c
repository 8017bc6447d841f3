// SPDX-License-Identifier: Apache-2.0
/*
 * test_reader.c - records are gone through in order, filtered, and damage is said once and passed
 */
#include "unit/ledger/fixture.h"

#include "ledger/reader.h"

#include <unistd.h>

#define LEDGER_FILE "sessions/k3f9/ledger.jsonl"

/* Sequences of what came, "!" for a damaged line. */
static void collect(struct fixture *fix, const struct ledger_filter *filter, char *ret, size_t size)
{
	scoped(ledger_reader) struct ledger_reader reader = LEDGER_READER_INIT;
	struct ledger_record record;
	size_t len = 0;
	int r;

	ret[0] = '\0';
	OK(fix, ledger_reader_open(&reader, fix->state_dirfd, "k3f9", filter, &fix->err));
	while ((r = ledger_reader_next(&reader, &record, &fix->err)) != 0) {
		CHECK(r == 1 || r == -EBADMSG || r == -EKEYREJECTED);
		if (r < 0)
			len += (size_t)snprintf(ret + len, size - len, "!");
		else
			len += (size_t)snprintf(ret + len, size - len, "%" PRIu64, record.sequence);
	}
}

TEST(a_filter_chooses_by_kind_and_time)
{
	struct ledger_filter filter = { 0 };
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	char text[64];

	fixture_init(&fix);
	fixture_write_ledger(&fix, 3);
	place = fixture_place(&fix);
	OK(&fix, ledger_open(&ledger, &place, 0, &fix.err));
	OK(&fix, ledger_append(&ledger, LEDGER_ROLLED_BACK, rolled_back_fields(&fix), 0, &fix.err));
	OK(&fix, ledger_close(&ledger, &fix.err));
	collect(&fix, NULL, text, sizeof(text));
	CHECK_TEXT(text, "1234");
	filter.kinds[LEDGER_PLAN] = true;
	collect(&fix, &filter, text, sizeof(text));
	CHECK_TEXT(text, "23");
	filter.kinds[LEDGER_ROLLED_BACK] = true;
	collect(&fix, &filter, text, sizeof(text));
	CHECK_TEXT(text, "234");
	filter.since_ns = UINT64_MAX;
	collect(&fix, &filter, text, sizeof(text));
	CHECK_TEXT(text, "");
	filter = (struct ledger_filter){ .until_ns = 1 };
	collect(&fix, &filter, text, sizeof(text));
	CHECK_TEXT(text, "");
	filter.until_ns = UINT64_MAX;
	collect(&fix, &filter, text, sizeof(text));
	CHECK_TEXT(text, "1234");
	fixture_fini(&fix);
}

TEST(damage_is_said_and_passed)
{
	struct ledger_filter filter = { .kinds = { [LEDGER_ROLLED_BACK] = true } };
	static char text[LEDGER_LINE_MAX * 2];
	struct fixture fix;
	char seen[64];
	size_t len;
	char *data, *line;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 4);
	data = slurp(LEDGER_FILE, &len);
	strstr(data, "\"steps\":1")[8] = '2';
	line = strchr(data, '\n') + 1;
	snprintf(text, sizeof(text), "%.*s{}\n%s%0*d\n%s", (int)(line - data), data, line,
		LEDGER_LINE_MAX + 5, 0, "torn");
	spew(LEDGER_FILE, text, strlen(text));
	collect(&fix, NULL, seen, sizeof(seen));
	CHECK_TEXT(seen, "1!!34!!");
	CHECK(strstr(fix.err.text, "sessions/k3f9/ledger.jsonl:7: the line is unfinished"));
	collect(&fix, &filter, seen, sizeof(seen));
	CHECK_TEXT(seen, "!!!!");
	free(data);
	fixture_fini(&fix);
}

TEST(what_a_writer_has_not_finished_is_not_there_yet)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	char seen[64];

	fixture_init(&fix);
	place = fixture_place(&fix);
	OK(&fix, ledger_create(&ledger, &place, &fix.err));
	OK(&fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err));
	CHECK_INT(write(ledger.fd, "{\"ac", 4), 4);
	collect(&fix, NULL, seen, sizeof(seen));
	CHECK_TEXT(seen, "1");
	ledger_fini(&ledger);
	collect(&fix, NULL, seen, sizeof(seen));
	CHECK_TEXT(seen, "1!");
	fixture_fini(&fix);
}

TEST(a_session_without_a_ledger_cannot_be_read)
{
	struct ledger_reader reader = LEDGER_READER_INIT;
	struct fixture fix;

	fixture_init(&fix);
	CHECK_INT(ledger_reader_open(&reader, fix.state_dirfd, "k3f9", NULL, &fix.err), -ENOENT);
	CHECK_INT(ledger_reader_open(&reader, fix.state_dirfd, "a/b", NULL, &fix.err), -EINVAL);
	ledger_reader_fini(&reader);
	/* No link is followed to somebody else's ledger. */
	CHECK_INT(symlinkat("/etc/passwd", fix.session_dirfd, "ledger.jsonl"), 0);
	CHECK_INT(ledger_reader_open(&reader, fix.state_dirfd, "k3f9", NULL, &fix.err), -ELOOP);
	ledger_reader_fini(&reader);
	fixture_fini(&fix);
}

TEST_MAIN()
