// SPDX-License-Identifier: Apache-2.0
/*
 * test_gateway.c - what a gateway is told, and what is believed of what it says
 */
#include "lib/test.h"

#include "run/gateway.h"

#include <errno.h>

static void check_servers(const char *text, const char *wanted)
{
	struct arena arena = ARENA_INIT(1 << 20);
	struct buf shown = BUF_INIT(4096);
	const char *const *servers;
	size_t count;

	CHECK_INT(run_read_servers(&arena, str_from(text), &servers, &count), 0);
	for (size_t i = 0; i < count; i++)
		CHECK_INT(buf_printf(&shown, "%s%s", i ? " " : "", servers[i]), 0);
	CHECK_TEXT(buf_text(&shown), wanted);
	buf_fini(&shown);
	arena_fini(&arena);
}

TEST(servers)
{
	check_servers("nameserver 192.0.2.1\n", "192.0.2.1");
	check_servers("search x\nnameserver\t192.0.2.1 # one\nnameserver 2001:DB8::1\n;nameserver 192.0.2.9\n",
		"192.0.2.1 2001:db8::1");
	check_servers("nameserver fe80::1%eth0\nnameserver 192.0.2.2", "192.0.2.2");
	check_servers("nameserver 1\nnameserver 0x7f.1\nnameserver a.example\n", "127.0.0.1");
	check_servers("", "127.0.0.1");
	check_servers("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n",
		"192.0.2.1 192.0.2.2 192.0.2.3");
	check_servers(" nameserver 192.0.2.1\n\xff\xfe\nnameserver\n", "192.0.2.1");
}

static void check_hosts(const char *text, const char *wanted)
{
	struct arena arena = ARENA_INIT(8 << 20);
	struct buf shown = BUF_INIT(4096);
	const struct gateway_host *hosts;
	size_t count;

	CHECK_INT(run_read_hosts(&arena, str_from(text), &hosts, &count), 0);
	for (size_t i = 0; i < count; i++)
		CHECK_INT(buf_printf(&shown, "%s%s=%s", i ? " " : "", hosts[i].name, hosts[i].address), 0);
	CHECK_TEXT(buf_text(&shown), wanted);
	buf_fini(&shown);
	arena_fini(&arena);
}

TEST(hosts)
{
	check_hosts("192.0.2.7 Git.Corp.Example git # the server\n::1 localhost\n",
		"git.corp.example=192.0.2.7 git=192.0.2.7 localhost=::1");
	check_hosts("# 192.0.2.7 a\n192.0.2.7\nx y\n192.0.2.8 bad..name ok\n", "ok=192.0.2.8");
	check_hosts("", "");
}

TEST(settings_there_and_back)
{
	static const struct gateway_rule rules[] = {
		{ .entry = "a.example:443", .source = NET_RULE_FILE, .by_user = true,
			.where = "config.jsonc:1:2", .id = 1, .expires_ns = 7,
			.hits = 12 },
		{ .entry = "!b.example:*", .asks = false, .source = NET_RULE_PRESET, .where = "\xff",
			.id = 4 },
	};
	static const struct gateway_host hosts[] = { { "h.example", "192.0.2.1" } };
	static const char *const servers[] = { "192.0.2.53", NULL };
	const struct gateway_settings settings = {
		.session = "s1", .rules = rules, .rule_count = 2, .servers = servers, .server_count = 1,
		.hosts = hosts, .host_count = 1, .host_ports = (const uint16_t[]){ 5432, 65535 },
		.host_port_count = 2, .proxy = { "proxy.corp", 3128, "Basic eDp5", "-----BEGIN\n" },
		.bypass = servers, .bypass_count = 1,
		.limits.values = { [NET_LIMIT_OPEN] = 7, [NET_LIMIT_IDLE] = UINT64_MAX },
	};
	struct arena arena = ARENA_INIT(1 << 20);
	struct gateway_settings got;
	struct error err = ERROR_INIT;

	CHECK_INT(gateway_settings_read(&arena, gateway_settings_to_json(&arena, &settings), &got, &err), 0);
	CHECK_TEXT(got.session, "s1");
	CHECK_INT(got.limits.values[NET_LIMIT_OPEN], 7);
	CHECK_INT(got.limits.values[NET_LIMIT_SENT], 0);
	CHECK_INT(got.limits.values[NET_LIMIT_IDLE], NET_UNLIMITED);
	CHECK_INT(got.rule_count, 2);
	CHECK_TEXT(got.rules[0].entry, "a.example:443");
	CHECK(got.rules[0].by_user && !got.rules[1].by_user);
	CHECK_INT(got.rules[1].source, NET_RULE_PRESET);
	CHECK_TEXT(got.rules[1].where, "\xff");
	CHECK_INT(got.rules[0].id, 1);
	CHECK_INT(got.rules[1].id, 4);
	CHECK_INT(got.rules[0].expires_ns, 7);
	CHECK_INT(got.rules[1].expires_ns, 0);
	CHECK_INT(got.rules[0].hits, 12);
	CHECK_INT(got.rules[1].hits, 0);
	CHECK_TEXT(got.hosts[0].name, "h.example");
	CHECK_TEXT(got.servers[0], "192.0.2.53");
	CHECK_INT(got.host_port_count, 2);
	CHECK_INT(got.host_ports[1], 65535);
	CHECK_TEXT(got.proxy.host, "proxy.corp");
	CHECK_INT(got.proxy.port, 3128);
	CHECK_TEXT(got.proxy.authorization, "Basic eDp5");
	CHECK_TEXT(got.proxy.authorities, "-----BEGIN\n");
	CHECK_TEXT(got.bypass[0], "192.0.2.53");
	arena_fini(&arena);
}

static int read_change(struct arena *arena, const char *text, struct gateway_change *ret)
{
	const struct json *value;
	struct error err = ERROR_INIT;

	CHECK_INT(json_read(arena, str_from(text), JSON_READ_STRICT, &value, &err), 0);
	return gateway_change_read(arena, value, ret, &err);
}

#define RULE(id, more) \
	"{\"asks\":false,\"by_user\":true,\"entry\":\"!a.example:*\",\"expires_ns\":0,\"id\":" id \
	",\"source\":4,\"where\":\"x\"" more "}"

TEST(a_change_there_and_back)
{
	static const struct gateway_rule rules[] = {
		{ .entry = "!a.example:*", .source = NET_RULE_RUNTIME, .by_user = true,
			.where = "cordon deny", .id = 5, .expires_ns = 9 },
		{ .entry = "b.example:1", .source = NET_RULE_APPROVAL, .by_user = true,
			.where = "cordon allow", .id = 6 },
	};
	static const uint64_t ids[] = { 3, 1, 2 };
	const struct gateway_change change = {
		.added = rules, .added_count = 2, .removed = ids, .removed_count = 3,
	};
	struct arena arena = ARENA_INIT(1 << 20);
	struct gateway_change got;
	struct error err = ERROR_INIT;

	CHECK_INT(gateway_change_read(&arena, gateway_change_to_json(&arena, &change), &got, &err), 0);
	CHECK_INT(got.added_count, 2);
	CHECK_TEXT(got.added[0].entry, "!a.example:*");
	CHECK_INT(got.added[0].id, 5);
	CHECK_INT(got.added[0].expires_ns, 9);
	CHECK_INT(got.added[1].source, NET_RULE_APPROVAL);
	CHECK_INT(got.removed_count, 3);
	CHECK_INT(got.removed[2], 2);
	arena_fini(&arena);
}

TEST(a_change_is_exactly_one)
{
	struct arena arena = ARENA_INIT(1 << 20);
	struct gateway_change got;

	CHECK_INT(read_change(&arena, "{\"version\":3,\"added\":[" RULE("2", "") "],\"removed\":[]}", &got),
		0);
	CHECK_INT(read_change(&arena, "{\"version\":1,\"added\":[],\"removed\":[]}", &got), -EBADMSG);
	CHECK_INT(read_change(&arena, "{\"version\":3,\"removed\":[]}", &got), -EBADMSG);
	CHECK_INT(read_change(&arena, "{\"version\":3,\"added\":[]}", &got), -EBADMSG);
	CHECK_INT(read_change(&arena, "{\"version\":3,\"added\":[],\"removed\":[0]}", &got), -EBADMSG);
	CHECK_INT(read_change(&arena, "{\"version\":3,\"added\":[],\"removed\":[\"1\"]}", &got), -EBADMSG);
	CHECK_INT(read_change(&arena, "{\"version\":3,\"added\":[" RULE("0", "") "],\"removed\":[]}", &got),
		-EBADMSG);
	CHECK_INT(read_change(&arena,
		"{\"version\":3,\"added\":[" RULE("3", "") "," RULE("3", "") "],\"removed\":[]}",
		&got),
		-EBADMSG);
	CHECK_INT(read_change(&arena, "{\"version\":3,\"added\":[{}],\"removed\":[]}", &got), -EBADMSG);
	arena_fini(&arena);
}

static int read_numbered(unsigned type, const void *body, size_t len, size_t fd_count)
{
	int fds[] = { 0 };
	const struct channel_message in = {
		.type = type, .payload = { body, len }, .fds = fds, .fd_count = fd_count,
	};
	struct gateway_message message;

	return gateway_message_read(&in, &message);
}

TEST(a_question_is_whole)
{
	struct gateway_asked asked = { .number = 1, .wait_ns = 5, .port = 443, .target = "a.example" };
	struct gateway_answered answered = { 1, GATEWAY_ANSWER_LATE };

	CHECK_INT(read_numbered(GATEWAY_MESSAGE_ASKED, &asked, sizeof(asked), 0), 0);
	asked.port = 0;
	CHECK_INT(read_numbered(GATEWAY_MESSAGE_ASKED, &asked, sizeof(asked), 0), -EBADMSG);
	asked.port = 1;
	asked.way = GATEWAY_WAY_COUNT;
	CHECK_INT(read_numbered(GATEWAY_MESSAGE_ASKED, &asked, sizeof(asked), 0), -EBADMSG);
	asked.way = 0;
	memset(asked.source, 'x', sizeof(asked.source));
	CHECK_INT(read_numbered(GATEWAY_MESSAGE_ASKED, &asked, sizeof(asked), 0), -EBADMSG);
	CHECK_INT(read_numbered(GATEWAY_MESSAGE_ANSWERED, &answered, sizeof(answered), 0), 0);
	answered.answer = GATEWAY_ANSWER_COUNT;
	CHECK_INT(read_numbered(GATEWAY_MESSAGE_ANSWERED, &answered, sizeof(answered), 0), -EBADMSG);
}

static int read_counted(uint32_t count, uint32_t is_last, uint64_t first, uint64_t second)
{
	struct gateway_counted counted = {
		.number = 1, .count = count, .is_last = is_last, .rules = { { first, 3 }, { second, 0 } },
	};
	const struct channel_message in = {
		.type = GATEWAY_MESSAGE_COUNTED, .payload = { (const char *)&counted, sizeof(counted) },
	};
	struct gateway_message message;

	return gateway_message_read(&in, &message);
}

TEST(counts_are_in_order_and_no_more_than_they_say)
{
	CHECK_INT(read_counted(2, 1, 1, 2), 0);
	CHECK_INT(read_counted(2, 0, 5, 9), 0);
	CHECK_INT(read_counted(2, 2, 1, 2), -EBADMSG);
	CHECK_INT(read_counted(1, 1, 1, 2), -EBADMSG);
	CHECK_INT(read_counted(2, 1, 2, 2), -EBADMSG);
	CHECK_INT(read_counted(2, 1, 0, 2), -EBADMSG);
	CHECK_INT(read_counted(GATEWAY_COUNTED_MAX + 1, 1, 1, 2), -EBADMSG);
}

TEST(what_went_is_no_number_that_a_record_could_not_have)
{
	struct gateway_counted counted = { .number = 1, .is_last = 1 };
	struct gateway_traffic *traffic = &counted.traffic;
	uint64_t *const numbers[] = {
		&traffic->open, &traffic->connections, &traffic->requests, &traffic->sent_bytes,
		&traffic->received_bytes,
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		*numbers[i] = INT64_MAX;
		CHECK_INT(read_numbered(GATEWAY_MESSAGE_COUNTED, &counted, sizeof(counted), 0), 0);
		*numbers[i] += 1;
		CHECK_INT(read_numbered(GATEWAY_MESSAGE_COUNTED, &counted, sizeof(counted), 0), -EBADMSG);
		*numbers[i] = i;
	}
}

TEST(a_question_has_a_number)
{
	struct gateway_numbered numbered = { 1 };
	struct gateway_changed changed = { 1, 2 };

	CHECK_INT(read_numbered(GATEWAY_MESSAGE_CHANGE, &numbered, sizeof(numbered), 1), 0);
	CHECK_INT(read_numbered(GATEWAY_MESSAGE_CHANGE, &numbered, sizeof(numbered), 0), -EBADMSG);
	CHECK_INT(read_numbered(GATEWAY_MESSAGE_COUNT, &numbered, sizeof(numbered), 0), 0);
	CHECK_INT(read_numbered(GATEWAY_MESSAGE_COUNT, &numbered, sizeof(numbered) - 1, 0), -EBADMSG);
	CHECK_INT(read_numbered(GATEWAY_MESSAGE_CHANGED, &changed, sizeof(changed), 0), 0);
	numbered.number = changed.number = 0;
	CHECK_INT(read_numbered(GATEWAY_MESSAGE_COUNT, &numbered, sizeof(numbered), 0), -EBADMSG);
	CHECK_INT(read_numbered(GATEWAY_MESSAGE_CHANGED, &changed, sizeof(changed), 0), -EBADMSG);
}

TEST(settings_without_anything)
{
	const struct gateway_settings settings = { .session = "s1" };
	struct arena arena = ARENA_INIT(1 << 20);
	struct gateway_settings got;
	struct error err = ERROR_INIT;

	CHECK_INT(gateway_settings_read(&arena, gateway_settings_to_json(&arena, &settings), &got, &err), 0);
	CHECK_INT(got.rule_count + got.host_count + got.server_count + got.host_port_count, 0);
	arena_fini(&arena);
}

/* What comes from the gateway's end, changed in one place each. */
static int read_judged(void (*change)(struct gateway_judged *judged))
{
	struct gateway_judged judged = { .flow = 1, .port = 443, .is_allowed = 1, .target = "a.example" };
	const struct channel_message in = {
		.type = GATEWAY_MESSAGE_JUDGED, .payload = { (const char *)&judged, sizeof(judged) },
	};
	struct gateway_message message;

	change(&judged);
	return gateway_message_read(&in, &message);
}

static void nothing(UNUSED struct gateway_judged *judged)
{
}

static void no_end(struct gateway_judged *judged)
{
	memset(judged->why, 'x', sizeof(judged->why));
}

static void no_way(struct gateway_judged *judged)
{
	judged->way = GATEWAY_WAY_COUNT;
}

static void both(struct gateway_judged *judged)
{
	judged->count = 1;
}

static void neither(struct gateway_judged *judged)
{
	judged->is_allowed = 0;
}

static void odd_address(struct gateway_judged *judged)
{
	judged->client.len = 5;
}

static void odd_protocol(struct gateway_judged *judged)
{
	judged->client.is_udp = 2;
}

TEST(what_came_in_is_counted_so_that_it_adds_up)
{
	struct gateway_entered entered = { .port = 3000, .host_port = 8080, .connections = 2, .failed = 2 };
	const struct channel_message in = {
		.type = GATEWAY_MESSAGE_ENTERED, .payload = { (const char *)&entered, sizeof(entered) },
	};
	struct gateway_message message;

	CHECK_INT(gateway_message_read(&in, &message), 0);
	entered.failed = 3;
	CHECK_INT(gateway_message_read(&in, &message), -EBADMSG);
	entered = (struct gateway_entered){ .port = 65536 };
	CHECK_INT(gateway_message_read(&in, &message), -EBADMSG);
	entered = (struct gateway_entered){ .sent_bytes = UINT64_MAX };
	CHECK_INT(gateway_message_read(&in, &message), -EBADMSG);
}

TEST(what_is_not_believed)
{
	CHECK_INT(read_judged(nothing), 0);
	CHECK_INT(read_judged(no_end), -EBADMSG);
	CHECK_INT(read_judged(no_way), -EBADMSG);
	CHECK_INT(read_judged(both), -EBADMSG);
	CHECK_INT(read_judged(neither), -EBADMSG);
	CHECK_INT(read_judged(odd_address), -EBADMSG);
	CHECK_INT(read_judged(odd_protocol), -EBADMSG);
}

TEST(the_same_wish_has_the_same_id)
{
	struct gateway_judged judged = { .port = 443, .target = "a.example", .why = "no" };
	char one[GATEWAY_DECISION_SIZE], two[GATEWAY_DECISION_SIZE];

	gateway_decision("s1", &judged, one);
	judged.count = 7;
	judged.client = (struct jail_diag_pair){ .len = 4, .port = 1234 };
	gateway_decision("s1", &judged, two);
	CHECK_TEXT(one, two);
	CHECK_INT(strlen(one), 14);
	gateway_decision("s2", &judged, two);
	CHECK(strcmp(one, two) != 0);
	judged.port = 80;
	gateway_decision("s1", &judged, two);
	CHECK(strcmp(one, two) != 0);
}

static int read_closings(uint64_t count, uint64_t failed_count, uint64_t port)
{
	struct gateway_closings closings = { .count = count, .failed_count = failed_count, .port = port };
	const struct channel_message in = {
		.type = GATEWAY_MESSAGE_CLOSINGS, .payload = { (const char *)&closings, sizeof(closings) },
	};
	struct gateway_message message;

	return gateway_message_read(&in, &message);
}

TEST(what_many_connections_were)
{
	CHECK_INT(read_closings(3, 3, 443), 0);
	CHECK_INT(read_closings(3, 4, 443), -EBADMSG);
	CHECK_INT(read_closings(UINT64_MAX, 0, 443), -EBADMSG);
	CHECK_INT(read_closings(3, 0, 65536), -EBADMSG);
}

static int read_summary(void (*change)(struct gateway_summary *summary))
{
	struct gateway_summary summary = { .host_count = 2, .top_count = 2 };
	const struct channel_message in = {
		.type = GATEWAY_MESSAGE_SUMMARY, .payload = { (const char *)&summary, sizeof(summary) },
	};
	struct gateway_message message;

	change(&summary);
	return gateway_message_read(&in, &message);
}

static void as_it_is(UNUSED struct gateway_summary *summary)
{
}

static void too_many_rows(struct gateway_summary *summary)
{
	summary->host_count = summary->top_count = GATEWAY_SUMMARY_HOSTS + 1;
}

static void more_rows_than_hosts(struct gateway_summary *summary)
{
	summary->host_count = 1;
}

static void a_name_without_an_end(struct gateway_summary *summary)
{
	memset(summary->top[1].name, 'x', sizeof(summary->top[1].name));
}

static void a_number_that_no_ledger_holds(struct gateway_summary *summary)
{
	summary->reached[NET_LIMIT_SENT] = UINT64_MAX;
}

TEST(a_summary)
{
	CHECK_INT(read_summary(as_it_is), 0);
	CHECK_INT(read_summary(too_many_rows), -EBADMSG);
	CHECK_INT(read_summary(more_rows_than_hosts), -EBADMSG);
	CHECK_INT(read_summary(a_name_without_an_end), -EBADMSG);
	CHECK_INT(read_summary(a_number_that_no_ledger_holds), -EBADMSG);
}

TEST_MAIN()
