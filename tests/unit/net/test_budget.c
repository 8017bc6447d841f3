// SPDX-License-Identifier: Apache-2.0
/*
 * test_budget.c - exactly so many, and not one more
 */
#include "net/budget.h"

#include "base/time.h"
#include "lib/test.h"

#include <stdio.h>

TEST(so_many_at_once_and_not_one_more)
{
	struct net_bucket bucket;

	net_bucket_init(&bucket, 60, 60 * NS_PER_SEC, 1000);
	for (int i = 0; i < 60; i++)
		CHECK(net_bucket_take(&bucket, 1, 1000));
	CHECK(!net_bucket_take(&bucket, 1, 1000));
	CHECK(!net_bucket_take(&bucket, 1, 1000 + NS_PER_SEC - 1));
	CHECK(net_bucket_take(&bucket, 1, 1000 + NS_PER_SEC));
	CHECK(!net_bucket_take(&bucket, 1, 1000 + NS_PER_SEC));
	/* A clock that went back gives nothing, and takes nothing away. */
	CHECK(!net_bucket_take(&bucket, 1, 0));
	CHECK(!net_bucket_take(&bucket, 1, 1000 + 2 * NS_PER_SEC - 1));
	CHECK(net_bucket_take(&bucket, 1, 1000 + 2 * NS_PER_SEC));
	/* It never holds more than it did at first. */
	CHECK(net_bucket_take(&bucket, 60, 1000 + 10000 * NS_PER_SEC));
	CHECK(!net_bucket_take(&bucket, 1, 1000 + 10000 * NS_PER_SEC));
}

TEST(all_or_none)
{
	struct net_bucket bucket;

	net_bucket_init(&bucket, 10, NS_PER_SEC, 0);
	CHECK(!net_bucket_take(&bucket, 11, 0));
	CHECK(!net_bucket_take(&bucket, UINT64_MAX, 0));
	CHECK(net_bucket_take(&bucket, 10, 0));
	CHECK(net_bucket_take(&bucket, 0, 0));
	CHECK(!net_bucket_take(&bucket, 6, NS_PER_SEC / 2));
	CHECK(net_bucket_take(&bucket, 5, NS_PER_SEC / 2));
}

TEST(nothing_is_nothing)
{
	struct net_bucket bucket = { 0 };

	CHECK(!net_bucket_take(&bucket, 1, 5) && net_bucket_take(&bucket, 0, 5));
	net_bucket_init(&bucket, 0, 1, 0);
	CHECK(!net_bucket_take(&bucket, 1, NS_PER_SEC));
}

/*
 * A limit that does not divide its period: in a thousand periods, a thousand times as many, whatever the
 * steps.
 */
TEST(parts_are_not_lost)
{
	static const uint64_t steps[] = { 1, 7, 999, 100003, 333333333, NS_PER_SEC };

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct net_bucket bucket;
		uint64_t taken = 0, now_ns = 0, most = steps[i] * 10000;

		net_bucket_init(&bucket, 7, 1000, 0);
		CHECK(net_bucket_take(&bucket, 7, 0));
		for (; now_ns < most; now_ns += steps[i])
			while (net_bucket_take(&bucket, 1, now_ns))
				taken++;
		now_ns -= steps[i];
		if (steps[i] <= 100)
			CHECK_INT(taken, now_ns * 7 / 1000);
		else
			CHECK(taken <= now_ns * 7 / 1000 && taken >= 9999);
	}
}

/* The largest that there may be: no product is too large. */
TEST(large_numbers)
{
	struct net_bucket bucket;
	uint64_t period_ns = UINT64_C(1) << 40;

	net_bucket_init(&bucket, NET_BUCKET_MAX, period_ns, 0);
	CHECK(net_bucket_take(&bucket, NET_BUCKET_MAX, 0));
	CHECK(!net_bucket_take(&bucket, NET_BUCKET_MAX, period_ns - 1));
	CHECK(net_bucket_take(&bucket, NET_BUCKET_MAX - 1, period_ns - 1));
	CHECK(!net_bucket_take(&bucket, NET_BUCKET_MAX - 1, 2 * period_ns - 2 - 2048));
	CHECK(net_bucket_take(&bucket, NET_BUCKET_MAX, UINT64_MAX));
}

TEST(so_many_names_and_those_again)
{
	static const uint64_t seed[2] = { 3, 4 };
	struct net_distinct set;
	char text[32];

	net_distinct_init(&set, 1000, seed);
	for (int round = 0; round < 2; round++)
		for (unsigned i = 0; i < 1000; i++) {
			snprintf(text, sizeof(text), "n%u.example", i);
			CHECK(net_distinct_add(&set, str_from(text)));
		}
	CHECK_INT(set.count, 1000);
	CHECK(net_distinct_has(&set, STR("n0.example")) && net_distinct_has(&set, STR("n999.example")));
	CHECK(!net_distinct_has(&set, STR("n1000.example")));
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "x%u.example", i);
		CHECK(!net_distinct_add(&set, str_from(text)));
	}
	CHECK(set.count == 1000 && set.room <= 2048);
	CHECK(net_distinct_add(&set, STR("n999.example")));
	net_distinct_fini(&set);
	CHECK(!net_distinct_has(&set, STR("n999.example")));
	CHECK(!net_distinct_add(&set, STR("a")));
	net_distinct_fini(&set);
}

TEST(what_a_name_carries)
{
	static const struct {
		const char *name;
		enum net_carried_why why;
	} rows[] = {
		{ "example.org", NET_CARRIED_FINE }, { "www.example.org", NET_CARRIED_FINE },
		{ "api-7.eu-central-1.prod.example.org", NET_CARRIED_FINE },
		{ "my-app-git-feature-some-long-branch-name-team.example.org", NET_CARRIED_FINE },
		{ "d2b7f1c0a9e84c3f5d6e7a8b9c0d1e2f3a4b5c6d.example.org", NET_CARRIED_FINE },
		/* 96 letters of base32: 60 bytes of somebody's key. */
		{ "mzxw6ytboi4dqnzrgqydenbwhaytsmrtgq2tmnzyhe3g.nfxgk3dpojuxa43vnvwwcztjmvzxi2lomzzxg5dfnrwgc4q.example.org",
			NET_CARRIED_BITS },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.org",
			NET_CARRIED_BYTES },
	};
	struct net_carried narrow = { .label_bytes = 3, .bytes = 8, .bits = 6 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum net_carried_why why = net_carried_check(&NET_CARRIED_DEFAULT, str_from(rows[i].name),
			STR("example.org"));

		if (why != rows[i].why)
			test_fail(__FILE__, __LINE__, "%s: %d", rows[i].name, why);
	}
	CHECK_INT(net_carried_check(&narrow, STR("abc.x"), STR("x")), NET_CARRIED_FINE);
	CHECK_INT(net_carried_check(&narrow, STR("abcd.x"), STR("x")), NET_CARRIED_LABEL);
	CHECK_INT(net_carried_check(&narrow, STR("aaa.aaaa.x"), STR("x")), NET_CARRIED_LABEL);
	CHECK_INT(net_carried_check(&narrow, STR("aaa.aaa.a.x"), STR("x")), NET_CARRIED_BYTES);
	/* Four letters, each once, have 8 bits; three have 4. */
	CHECK_INT(net_carried_check(&narrow, STR("ab.c.x"), STR("x")), NET_CARRIED_BITS);
	CHECK_INT(net_carried_check(&narrow, STR("abc.x"), STR("x")), NET_CARRIED_FINE);
	/* Another zone, of which the name has only the letters. */
	CHECK_INT(net_carried_check(&narrow, STR("aaaxx"), STR("x")), NET_CARRIED_LABEL);
}

TEST_MAIN()
