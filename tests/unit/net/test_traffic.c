// SPDX-License-Identifier: Apache-2.0
/*
 * test_traffic.c - as many as are allowed, and not one more
 */
#include "lib/test.h"

#include "base/time.h"
#include "net/traffic.h"

#include <stdio.h>

enum {
	MANY_HOSTS = 1000 * 1000,
};

static const uint64_t seed[2] = { 1, 2 };
static struct net_traffic traffic;

static struct net_limits unlimited(void)
{
	struct net_limits limits;

	for (size_t i = 0; i < NET_LIMIT_COUNT; i++)
		limits.values[i] = NET_UNLIMITED;
	return limits;
}

static void set_up(enum net_limit limit, uint64_t value)
{
	struct net_limits limits = unlimited();

	limits.values[limit] = value;
	net_traffic_init(&traffic, &limits, seed, 0);
}

static struct net_host *host(const char *name)
{
	return net_traffic_host(&traffic, str_from(name), 0);
}

/* How many of @tries are let through. */
static int connections(const char *name, int tries, uint64_t now_ns)
{
	int count = 0;

	for (int i = 0; i < tries; i++)
		count += net_traffic_connect(&traffic, host(name), now_ns) == NET_LIMIT_NONE;
	return count;
}

TEST(connections_of_the_session)
{
	set_up(NET_LIMIT_CONNECTIONS, 60);
	CHECK_INT(connections("a", 40, 0), 40);
	CHECK_INT(connections("b", 40, 0), 20);
	CHECK_INT(net_traffic_connect(&traffic, host("c"), 0), NET_LIMIT_CONNECTIONS);
	CHECK_INT(net_traffic_wait_s(&traffic, host("c"), NET_LIMIT_CONNECTIONS, 0), 1);
	CHECK_INT(net_traffic_wait_s(&traffic, host("c"), NET_LIMIT_CONNECTIONS, NS_PER_SEC / 2), 1);
	CHECK_INT(connections("c", 9, NS_PER_SEC - 1), 0);
	CHECK_INT(connections("c", 9, NS_PER_SEC), 1);
	CHECK_INT(connections("c", 99, 100 * NS_PER_SEC), 60);
	CHECK_INT(traffic.all.connections, 121);
	CHECK_INT(host("c")->connections, 61);
	net_traffic_fini(&traffic);
}

TEST(connections_of_a_host)
{
	set_up(NET_LIMIT_HOST_CONNECTIONS, 10);
	CHECK_INT(connections("a", 11, 0), 10);
	CHECK_INT(net_traffic_connect(&traffic, host("a"), 0), NET_LIMIT_HOST_CONNECTIONS);
	CHECK_INT(connections("b", 11, 0), 10);
	CHECK_INT(net_traffic_wait_s(&traffic, host("a"), NET_LIMIT_HOST_CONNECTIONS, 0), 6);
	CHECK_INT(net_traffic_wait_s(&traffic, host("a"), NET_LIMIT_HOST_CONNECTIONS, 1), 6);
	CHECK_INT(net_traffic_wait_s(&traffic, host("a"), NET_LIMIT_HOST_CONNECTIONS, NS_PER_SEC), 5);
	CHECK_INT(net_traffic_wait_s(&traffic, host("a"), NET_LIMIT_SENT, 0), 0);
	net_traffic_fini(&traffic);
}

/* What the host's limit refuses is not taken from the session's. */
TEST(a_refusal_costs_nothing)
{
	struct net_limits limits = unlimited();

	limits.values[NET_LIMIT_REQUESTS] = 5;
	limits.values[NET_LIMIT_HOST_REQUESTS] = 2;
	net_traffic_init(&traffic, &limits, seed, 0);
	for (int i = 0; i < 2; i++)
		CHECK_INT(net_traffic_request(&traffic, host("a"), 0), NET_LIMIT_NONE);
	for (int i = 0; i < 50; i++)
		CHECK_INT(net_traffic_request(&traffic, host("a"), 0), NET_LIMIT_HOST_REQUESTS);
	CHECK_INT(net_traffic_request(&traffic, host("b"), 0), NET_LIMIT_NONE);
	CHECK_INT(net_traffic_request(&traffic, host("b"), 0), NET_LIMIT_NONE);
	CHECK_INT(net_traffic_request(&traffic, host("c"), 0), NET_LIMIT_NONE);
	CHECK_INT(net_traffic_request(&traffic, host("c"), 0), NET_LIMIT_REQUESTS);
	CHECK_INT(traffic.all.requests, 5);
	net_traffic_fini(&traffic);
}

TEST(none_of_it)
{
	set_up(NET_LIMIT_CONNECTIONS, 0);
	CHECK_INT(connections("a", 3, 0), 0);
	CHECK_INT(net_traffic_wait_s(&traffic, host("a"), NET_LIMIT_CONNECTIONS, 0), 60);
	net_traffic_fini(&traffic);
}

TEST(bytes_of_the_session_and_of_a_host)
{
	struct net_limits limits = unlimited();
	enum net_limit limit;

	limits.values[NET_LIMIT_SENT] = 1000;
	limits.values[NET_LIMIT_HOST_SENT] = 700;
	net_traffic_init(&traffic, &limits, seed, 0);
	CHECK_INT(net_traffic_left(&traffic, host("a"), NET_SENT, &limit), 700);
	CHECK_INT(limit, NET_LIMIT_HOST_SENT);
	CHECK_INT(net_traffic_left(&traffic, host("a"), NET_RECEIVED, &limit), NET_UNLIMITED);
	CHECK_INT(limit, NET_LIMIT_NONE);
	net_traffic_moved(&traffic, host("a"), NET_SENT, 699);
	CHECK_INT(net_traffic_left(&traffic, host("a"), NET_SENT, NULL), 1);
	CHECK_INT(net_traffic_left(&traffic, host("b"), NET_SENT, &limit), 301);
	CHECK_INT(limit, NET_LIMIT_SENT);
	net_traffic_moved(&traffic, host("b"), NET_SENT, 301);
	CHECK_INT(net_traffic_left(&traffic, host("a"), NET_SENT, &limit), 0);
	CHECK_INT(limit, NET_LIMIT_SENT);
	CHECK_INT(traffic.all.bytes[NET_SENT], 1000);
	net_traffic_fini(&traffic);
}

TEST(more_hosts_than_there_are_rows)
{
	char name[32];
	int fine = 0;

	set_up(NET_LIMIT_HOST_CONNECTIONS, 3);
	CHECK_INT(connections("first", 9, 0), 3);
	for (int i = 0; i < MANY_HOSTS; i++) {
		(void)snprintf(name, sizeof(name), "n%d.example.org", i);
		fine += connections(name, 1, 0);
	}
	CHECK_INT(traffic.count, NET_HOSTS_MAX);
	/* those without a row share what one has */
	CHECK_INT(fine, NET_HOSTS_MAX - 1 + 3);
	CHECK_INT(traffic.others.connections, 3);
	CHECK_INT(traffic.all.connections, NET_HOSTS_MAX + 5);
	/* and nobody has lost theirs by that */
	CHECK_INT(connections("first", 9, 0), 0);
	CHECK_INT(connections("n7.example.org", 9, 0), 2);
	net_traffic_fini(&traffic);
}

TEST(how_often)
{
	set_up(NET_LIMIT_NONE, 0);
	CHECK_INT(net_traffic_reached(&traffic, host("a"), NET_LIMIT_HOST_SENT), 1);
	CHECK_INT(net_traffic_reached(&traffic, host("b"), NET_LIMIT_HOST_SENT), 1);
	CHECK_INT(net_traffic_reached(&traffic, host("b"), NET_LIMIT_HOST_SENT), 2);
	CHECK_INT(net_traffic_reached(&traffic, host("a"), NET_LIMIT_SENT), 1);
	CHECK_INT(net_traffic_reached(&traffic, host("b"), NET_LIMIT_SENT), 2);
	CHECK_INT(traffic.all.reached[NET_LIMIT_HOST_SENT], 3);
	net_traffic_fini(&traffic);
}

TEST(in_words)
{
	char text[NET_LIMIT_TEXT_SIZE];

	net_limit_explain(NET_LIMIT_OPEN, 256, text);
	CHECK_TEXT(text, "no more than 256 connections at the same time (traffic.open)");
	net_limit_explain(NET_LIMIT_IDLE, 900 * NS_PER_SEC, text);
	CHECK_TEXT(text, "a connection is closed when nothing was said for 900 seconds (traffic.idle)");
	for (enum net_limit limit = NET_LIMIT_NONE + 1; limit < NET_LIMIT_COUNT; limit++)
		CHECK(net_limit_name(limit)[0]);
}

TEST_MAIN()
