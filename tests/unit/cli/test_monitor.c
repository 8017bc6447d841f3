// SPDX-License-Identifier: Apache-2.0
/*
 * test_monitor.c - the monitor's screen keeps what it may keep, shows what was asked for, and nothing acts on
 * a terminal
 */
#include "unit/ledger/fixture.h"

#include "cli/monitor.h"
#include "review/screen.h"

static struct monitor monitor;

static void add(struct fixture *fix, size_t index, const char *kind, const char *fields)
{
	static struct event_flows flows;
	static uint64_t sequence;
	struct ledger_record record = {
		.sequence = ++sequence, .time_ns = 1767323045000006000, .session = STR("k3f9abcd"),
		.actor = STR("supervisor"), .kind_name = str_from(kind), .fields = read_json(fix, fields),
	};
	struct event event = event_read(&fix->arena, &flows, &record);

	monitor_add(&monitor, index, &event);
	arena_reset(&fix->arena);
}

static void begin(struct fixture *fix)
{
	*fix = (struct fixture){ .arena = ARENA_INIT(64 << 20) };
	monitor = (struct monitor){ .height = 24, .width = 80 };
	CHECK_INT(monitor_add_session(&monitor, "k3f9abcd"), 0);
}

static void end(struct fixture *fix)
{
	monitor_fini(&monitor);
	arena_fini(&fix->arena);
}

static void type(const char *keys)
{
	for (; *keys; keys++)
		CHECK_INT(monitor_key(&monitor, (uint32_t)(unsigned char)*keys), MONITOR_GO_ON);
}

static size_t listed(void)
{
	uint16_t list[MONITOR_EVENTS_MAX];

	return monitor_list(&monitor, list);
}

static bool shows(const char *text)
{
	scoped(buf) struct buf picture = BUF_INIT(MONITOR_PICTURE_BYTES_MAX);

	monitor_paint(&monitor, &picture);
	CHECK(!buf_failed(&picture));
	return strstr(buf_text(&picture), text);
}

TEST(memory_is_bounded_whatever_happens)
{
	struct fixture fix;
	char fields[200];

	begin(&fix);
	for (int i = 0; i < MONITOR_EVENTS_MAX + 500; i++) {
		snprintf(fields, sizeof(fields),
			"{\"flow\":%d,\"target\":\"h%d.example\",\"port\":443,\"rule\":\"r\"}", i, i);
		add(&fix, 0, "connection-allowed", fields);
	}
	CHECK_INT(monitor.sessions[0]->count, MONITOR_EVENTS_MAX);
	CHECK_INT(monitor.sessions[0]->host_count, MONITOR_HOSTS_MAX);
	CHECK_TEXT(monitor_event(monitor.sessions[0], 0)->texts[MONITOR_TARGET], "h500.example:443");
	CHECK_TEXT(monitor_event(monitor.sessions[0], MONITOR_EVENTS_MAX - 1)->texts[MONITOR_TARGET],
		"h1499.example:443");
	CHECK_TEXT(monitor.sessions[0]->hosts[MONITOR_HOSTS_MAX - 1].name, "(others)");
	CHECK_INT(monitor.sessions[0]->hosts[MONITOR_HOSTS_MAX - 1].allowed_count,
		MONITOR_EVENTS_MAX + 500 - (MONITOR_HOSTS_MAX - 1));
	/* As many sessions as there may be, and one more once one of them is over. */
	for (int i = 1; i < MONITOR_SESSIONS_MAX; i++)
		CHECK_INT(monitor_add_session(&monitor, "another1"), i);
	CHECK_INT(monitor_add_session(&monitor, "onemore1"), -1);
	monitor.sessions[3]->is_over = true;
	CHECK_INT(monitor_add_session(&monitor, "onemore1"), 3);
	CHECK(!monitor.sessions[3]->is_over);
	end(&fix);
}

TEST(what_is_filtered_frozen_and_summed_up)
{
	struct fixture fix;

	begin(&fix);
	add(&fix, 0, "connection-allowed",
		"{\"flow\":1,\"target\":\"a.example\",\"port\":443,\"rule\":\"r\"}");
	add(&fix, 0, "denied",
		"{\"target\":\"b.example:443\",\"rule\":\"none\",\"program\":\"/usr/bin/CURL\"}");
	add(&fix, 0, "connection-closed", "{\"flow\":1,\"sent_bytes\":12,\"received_bytes\":20480}");
	CHECK_INT(listed(), 3);
	type("/curl\r");
	CHECK_INT(listed(), 1);
	type("\033");
	CHECK_INT(listed(), 3);
	type("/allow\r");
	CHECK_INT(listed(), 1);
	type("\033f");
	add(&fix, 0, "plan", "{\"steps\":1}");
	CHECK_INT(listed(), 3);
	CHECK(shows("FROZEN"));
	type("f");
	CHECK_INT(listed(), 4);
	type("c");
	CHECK_INT(listed(), 2);
	CHECK(shows("a.example") && shows("    1 allowed      0 denied  out 12B  in 20K"));
	CHECK(shows("    0 allowed      1 denied"));
	end(&fix);
}

TEST(allowing_asks_and_says_what_it_is_about)
{
	struct fixture fix;

	begin(&fix);
	add(&fix, 0, "plan", "{\"steps\":1}");
	type("a");
	CHECK(monitor.mode == MONITOR_LIST && shows("nothing to allow"));
	add(&fix, 0, "denied", "{\"target\":\"b.example:443\",\"rule\":\"none\"}");
	add(&fix, 0, "denied", "{\"target\":\"b.example:443\",\"rule\":\"none\"}");
	type("a");
	CHECK(shows("allow in k3f9abcd this host and port alone (refused 2 times)?") &&
		shows("b.example:443"));
	type("n");
	CHECK_INT(monitor.mode, MONITOR_LIST);
	type("d");
	CHECK_INT(monitor_key(&monitor, 'y'), MONITOR_ORDER);
	CHECK_TEXT(monitor.order.command, "deny");
	CHECK_TEXT(monitor.order.entry, "b.example:443");
	/* A name that was looked up has no port yet. */
	add(&fix, 0, "lookup-allowed", "{\"flow\":1,\"target\":\"c.example\",\"rule\":\"r\"}");
	type("a");
	CHECK_TEXT(monitor.order.entry, "c.example:443");
	type("n");
	type("d");
	CHECK_TEXT(monitor.order.entry, "c.example");
	CHECK(shows("deny in k3f9abcd every port of this host"));
	type("n");
	/* A name that an agent made up is no word of a command line. */
	add(&fix, 0, "denied", "{\"target\":\"--json\\u001b[2J b.example:443\",\"rule\":\"none\"}");
	type("a");
	CHECK_INT(monitor.mode, MONITOR_LIST);
	add(&fix, 0, "denied", "{\"target\":\"--for:1\",\"rule\":\"none\"}");
	type("a");
	CHECK_INT(monitor.mode, MONITOR_LIST);
	end(&fix);
}

/* Only what stands in monitor_paint.c, and no line wider than the terminal. */
static void check_picture(size_t width)
{
	scoped(buf) struct buf picture = BUF_INIT(MONITOR_PICTURE_BYTES_MAX);
	size_t column = 0;

	monitor_paint(&monitor, &picture);
	CHECK(!buf_failed(&picture));
	for (const char *at = buf_text(&picture); *at; at++) {
		if (*at != '\033') {
			CHECK((unsigned char)*at >= ' ' && *at != 127);
			/* A mark that is put on a character takes no room. */
			column += (*at & 0xc0) != 0x80 && *at != '\xcc';
			CHECK(column <= width);
			continue;
		}
		CHECK(at[1] == '[');
		at += 2;
		at += strspn(at, "0123456789;");
		CHECK(*at == 'm' || *at == 'H' || *at == 'K');
		if (*at == 'H')
			column = 0;
	}
}

TEST(no_size_and_no_text_acts_on_a_terminal)
{
	static const char *const modes[] = { "", "\r", "c", "c?", "x/\001\033[2Jabc", "\ra" };
	struct fixture fix;

	begin(&fix);
	add(&fix, 0, "denied",
		"{\"target\":\"\\u001b[2J\\u202e\\u00e4\\u0301x:1\",\"program\":{\"bytes\":\"/w==\"},"
		"\"message\":\"\\n\\t\\u0007\",\"rule\":\"\\u009b2J\"}");
	for (size_t m = 0; m < ARRAY_SIZE(modes); m++) {
		for (const char *key = modes[m]; *key; key++)
			(void)monitor_key(&monitor, (uint32_t)(unsigned char)*key);
		for (monitor.height = 1; monitor.height < 40; monitor.height++)
			for (monitor.width = 1; monitor.width < 130; monitor.width += 3)
				check_picture(monitor.width);
	}
	end(&fix);
}

TEST(the_cursor_stays_where_it_is_while_events_come)
{
	uint16_t list[MONITOR_EVENTS_MAX];
	struct fixture fix;
	uint64_t number;

	begin(&fix);
	CHECK_INT(monitor_key(&monitor, KEY_UP), MONITOR_GO_ON);
	for (int i = 0; i < 3; i++)
		add(&fix, 0, "plan", "{\"steps\":1}");
	CHECK_INT(monitor_cursor(&monitor, list, monitor_list(&monitor, list)), 2);
	CHECK_INT(monitor_key(&monitor, KEY_UP), MONITOR_GO_ON);
	number = monitor.sessions[0]->cursor;
	CHECK_INT(number, monitor_event(monitor.sessions[0], 1)->number);
	add(&fix, 0, "plan", "{\"steps\":1}");
	CHECK_INT(monitor_cursor(&monitor, list, monitor_list(&monitor, list)), 1);
	type("G");
	add(&fix, 0, "plan", "{\"steps\":1}");
	CHECK_INT(monitor_cursor(&monitor, list, monitor_list(&monitor, list)), 4);
	CHECK_INT(monitor_key(&monitor, 'q'), MONITOR_QUIT);
	end(&fix);
}

TEST_MAIN()
