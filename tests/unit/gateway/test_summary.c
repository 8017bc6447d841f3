// SPDX-License-Identifier: Apache-2.0
/*
 * test_summary.c - a summary has one size, whatever a session did
 */
#include "lib/test.h"

#include "roles/gateway/summary.h"

#include <stdio.h>

static struct gateway gateway;
static struct channel supervisor;
static struct gateway_summary got;
static int heard_count;

static void heard(UNUSED struct channel *channel, const struct channel_message *in, UNUSED int reason)
{
	struct gateway_message message;

	if (!in)
		return;
	CHECK_INT(gateway_message_read(in, &message), 0);
	CHECK_INT(message.kind, GATEWAY_MESSAGE_SUMMARY);
	got = message.summary;
	heard_count++;
}

static void quiet(UNUSED struct channel *channel, UNUSED const struct channel_message *in, UNUSED int reason)
{
}

static void stop(struct loop_timer *timer)
{
	(void)timer;
	loop_stop(&gateway.loop, 0);
}

static void set_up(void)
{
	static const uint64_t seed[2] = { 1, 2 };
	struct net_limits limits;
	int pair[2];

	for (size_t i = 0; i < NET_LIMIT_COUNT; i++)
		limits.values[i] = NET_UNLIMITED;
	heard_count = 0;
	CHECK_INT(loop_init(&gateway.loop), 0);
	CHECK_INT(kern_sock_pair(pair), 0);
	CHECK_INT(channel_init(&gateway.supervisor, &gateway.loop, pair[0], quiet), 0);
	CHECK_INT(channel_init(&supervisor, &gateway.loop, pair[1], heard), 0);
	net_traffic_init(&gateway.traffic, &limits, seed, 0);
}

static void tell(void)
{
	struct loop_timer timer = { 0 };

	summary_tell(&gateway);
	loop_set_timer(&gateway.loop, &timer, gateway.loop.now_ns, stop);
	CHECK_INT(loop_run(&gateway.loop), 0);
}

static void tear_down(void)
{
	net_traffic_fini(&gateway.traffic);
	channel_fini(&gateway.supervisor);
	channel_fini(&supervisor);
	loop_fini(&gateway.loop);
}

static void use(const char *name, uint64_t bytes)
{
	struct net_host *host = net_traffic_host(&gateway.traffic, str_from(name), 0);

	CHECK_INT(net_traffic_connect(&gateway.traffic, host, 0), NET_LIMIT_NONE);
	net_traffic_moved(&gateway.traffic, host, NET_SENT, bytes);
	net_traffic_moved(&gateway.traffic, host, NET_RECEIVED, 1);
}

TEST(a_session_that_did_nothing_says_nothing)
{
	set_up();
	tell();
	CHECK_INT(heard_count, 0);
	tear_down();
}

TEST(the_ones_with_the_most_and_all_others)
{
	char name[32];

	set_up();
	for (uint64_t i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof(name), "n%d.example.org", (int)i);
		use(name, i * 7919 % 5000);
	}
	tell();
	CHECK_INT(heard_count, 1);
	CHECK_INT(got.host_count, NET_HOSTS_MAX);
	CHECK_INT(got.top_count, GATEWAY_SUMMARY_HOSTS);
	CHECK_INT(got.all.connections, 5000);
	CHECK_INT(got.all.sent_bytes, 4999 * 5000 / 2);
	CHECK_INT(got.all.received_bytes, 5000);
	for (size_t i = 1; i < got.top_count; i++)
		CHECK(got.top[i - 1].sent_bytes > got.top[i].sent_bytes);
	CHECK_INT(got.others.connections, 5000 - GATEWAY_SUMMARY_HOSTS);
	CHECK_INT(got.others.received_bytes, 5000 - GATEWAY_SUMMARY_HOSTS);
	for (size_t i = 0; i < got.top_count; i++)
		got.others.sent_bytes += got.top[i].sent_bytes;
	CHECK_INT(got.others.sent_bytes, got.all.sent_bytes);
	tear_down();
}

TEST(few_hosts_are_all_of_them)
{
	set_up();
	use("a.example", 5);
	use("b.example", 7);
	use("c.example", 5);
	tell();
	CHECK_INT(got.top_count, 3);
	CHECK_TEXT(got.top[0].name, "b.example");
	CHECK_TEXT(got.top[1].name, "a.example");
	CHECK_TEXT(got.top[2].name, "c.example");
	CHECK_INT(got.others.connections, 0);
	tear_down();
}

TEST_MAIN()
