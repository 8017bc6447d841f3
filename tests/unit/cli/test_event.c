// SPDX-License-Identifier: Apache-2.0
/*
 * test_event.c - records in the words that all of them share, as lines and as documents
 */
#include "unit/ledger/fixture.h"

#include "cli/event.h"

struct say {
	struct fixture *fix;
	struct event_flows *flows;
	struct ledger_record record;
};

static void read_event(struct say *say, const char *kind, const char *fields, struct event *ret)
{
	say->record = (struct ledger_record){
		.sequence = say->record.sequence + 1, .time_ns = 1767323045000006000, .session = STR("k3f9"),
		.actor = STR("supervisor"), .kind_name = str_from(kind),
		.fields = read_json(say->fix, fields),
	};
	*ret = event_read(&say->fix->arena, say->flows, &say->record);
}

static const char *line_of(const struct event *event)
{
	static char text[4096];
	scoped(buf) struct buf line = BUF_INIT(sizeof(text) - 1);

	event_print(event, &line);
	CHECK(!buf_failed(&line));
	memcpy(text, buf_text(&line), line.len + 1);
	return text;
}

TEST(a_line_has_six_words_whatever_the_agent_chose)
{
	static struct event_flows flows;
	struct fixture fix = { .arena = ARENA_INIT(64 << 20) };
	struct say say = { .fix = &fix, .flows = &flows };
	struct event event;

	read_event(&say, "denied", "{\"decision\":\"d-1\",\"what\":\"file\",\"rule\":\"a b\","
		"\"path\":\"/x\\u001b[2J y\\n\",\"program\":{\"bytes\":\"/w==\"}}", &event);
	CHECK_TEXT(line_of(&event),
		"2026-01-02T03:04:05.000006Z  denied              deny   /x\\x1B[2J\\x20y\\n              a\\x20b                  \\xFF\n");
	read_event(&say, "session-stopped", "{\"exit_code\":0}", &event);
	CHECK_TEXT(line_of(&event),
		"2026-01-02T03:04:05.000006Z  session-stopped     -      -                             -                       -\n");
	arena_fini(&fix.arena);
}

TEST(the_end_of_a_connection_knows_its_target)
{
	static struct event_flows flows;
	struct fixture fix = { .arena = ARENA_INIT(64 << 20) };
	struct say say = { .fix = &fix, .flows = &flows };
	struct event event;

	read_event(&say, "connection-allowed",
		"{\"flow\":7,\"target\":\"2a00::1\",\"port\":443,\"rule\":\"r\","
		"\"way\":\"connect\"}",
		&event);
	CHECK(str_eq(event.target, STR("[2a00::1]:443")));
	CHECK_TEXT(event.verdict, "allow");
	read_event(&say, "connection-closed", "{\"flow\":7,\"address\":\"2a00::1\",\"sent_bytes\":5}",
		&event);
	CHECK(str_eq(event.target, STR("[2a00::1]:443")) && event.sent_bytes == 5);
	/* Another connection has the place of the first by now, so its end has what it says itself. */
	read_event(&say, "connection-allowed", "{\"flow\":1031,\"target\":\"b\",\"port\":1,\"rule\":\"r\"}",
		&event);
	read_event(&say, "connection-closed", "{\"flow\":7,\"address\":\"2a00::1\"}", &event);
	CHECK(str_eq(event.target, STR("2a00::1")));
	read_event(&say, "connection-closed", "{\"flow\":9}", &event);
	CHECK(!event.target.len);
	arena_fini(&fix.arena);
}

TEST(a_document_has_what_the_record_says_and_nothing_else)
{
	static struct event_flows flows;
	struct fixture fix = { .arena = ARENA_INIT(64 << 20) };
	struct say say = { .fix = &fix, .flows = &flows };
	scoped(buf) struct buf text = BUF_INIT(4096);
	struct event event;

	read_event(&say, "denied",
		"{\"decision\":\"d-1\",\"what\":\"network\",\"rule\":\"r\",\"target\":\"h:1\","
		"\"program\":\"/bin/a\",\"pid\":4}",
		&event);
	CHECK_INT(json_write(&text, event_to_json(&fix.arena, &event), JSON_WRITE_CANONICAL), 0);
	CHECK_TEXT(buf_text(&text),
		"{\"actor\":\"supervisor\",\"decision\":\"d-1\",\"fields\":{\"decision\":\"d-1\","
		"\"pid\":4,\"program\":\"/bin/a\",\"rule\":\"r\",\"target\":\"h:1\",\"what\":\"network\"},\"kind\":\"denied\","
		"\"pid\":4,\"program\":\"/bin/a\",\"rule\":\"r\",\"sequence\":1,\"session\":\"k3f9\",\"target\":\"h:1\","
		"\"time\":\"2026-01-02T03:04:05.000006Z\",\"verdict\":\"deny\",\"version\":1}");
	arena_fini(&fix.arena);
}

TEST_MAIN()
