// SPDX-License-Identifier: Apache-2.0
/*
 * test_resolver.c - questions to servers that answer, fail, lie and say nothing
 */
#include "roles/gateway/resolver.h"

#include "lib/upstream.h"

#include <stdio.h>

static struct loop loop;
static struct resolver resolver;
static struct upstream first, second;

struct heard {
	struct resolver_lookup lookup;
	unsigned count, address_count;
	bool stops;
	enum dns_rcode rcode;
	enum dns_error error;
	uint32_t ttl_s;
};

static unsigned waited_for;

static void hear(struct resolver_lookup *lookup, const struct resolved *resolved)
{
	struct heard *heard = CONTAINER_OF(lookup, struct heard, lookup);

	heard->count++;
	heard->rcode = resolved->rcode;
	heard->error = resolved->error;
	heard->ttl_s = resolved->ttl_s;
	heard->address_count = (unsigned)resolved->address_count;
	if (!--waited_for)
		loop_stop(&loop, 0);
}

static void start(const enum upstream_mood *moods, size_t count)
{
	struct resolver_server servers[2] = { { { { 127, 0, 0, 1 }, NET_V4_BYTES }, 0 } };

	kern_ops.clock_gettime = virtual_clock;
	kern_ops.epoll_pwait2 = virtual_wait;
	CHECK_INT(loop_init(&loop), 0);
	upstream_start(&first, &loop, moods, count);
	upstream_start(&second, &loop, moods, count);
	servers[1] = servers[0];
	servers[0].port = first.port;
	servers[1].port = second.port;
	resolver_init(&resolver, &loop, servers, 2, NULL, 0);
}

static void stop(void)
{
	resolver_fini(&resolver);
	upstream_stop(&first);
	upstream_stop(&second);
	loop_fini(&loop);
}

static void ask(struct heard *heard, const char *name, uint16_t type)
{
	waited_for = 1;
	CHECK_INT(resolver_ask(&resolver, &heard->lookup, str_from(name), type, hear), 0);
	CHECK_INT(heard->count, 0);
	CHECK_INT(loop_run(&loop), 0);
	CHECK_INT(heard->count, 1);
}

#define START(...) start((const enum upstream_mood[]){ __VA_ARGS__ }, \
	sizeof((const enum upstream_mood[]){ __VA_ARGS__ }) / sizeof(enum upstream_mood))

TEST(an_answer_is_kept_as_long_as_it_says)
{
	struct heard heard = { 0 };
	struct resolved known;

	START(UPSTREAM_ANSWERS);
	CHECK(!resolver_known(&resolver, STR("a.example"), DNS_A, &known));
	ask(&heard, "a.example", DNS_A);
	CHECK(heard.rcode == DNS_NOERROR && heard.address_count == 2 && heard.ttl_s == 100);
	CHECK_INT(first.asked, 1);
	CHECK(first.last.type == DNS_A && first.last.is_recursive && first.last.has_edns);
	CHECK_TEXT(first.last.name, "a.example");
	loop.now_ns += 99 * NS_PER_SEC;
	CHECK(resolver_known(&resolver, STR("a.example"), DNS_A, &known));
	CHECK(known.ttl_s == 1 && known.address_count == 2 && known.addresses[0].bytes[0] == 1);
	CHECK(!resolver_known(&resolver, STR("a.example"), DNS_AAAA, &known));
	CHECK(!resolver_known(&resolver, STR("b.example"), DNS_A, &known));
	loop.now_ns += NS_PER_SEC;
	CHECK(!resolver_known(&resolver, STR("a.example"), DNS_A, &known));
	CHECK(resolver.sent_count == 1 && resolver.hit_count == 1 && !second.asked);
	stop();
}

TEST(no_such_name_is_an_answer_too)
{
	struct heard heard = { 0 };
	struct resolved known;

	START(UPSTREAM_HAS_NO_NAME);
	ask(&heard, "a.example", DNS_A);
	CHECK(heard.rcode == DNS_NXDOMAIN && heard.ttl_s == 30 && first.asked == 1);
	CHECK(resolver_known(&resolver, STR("a.example"), DNS_A, &known) && known.rcode == DNS_NXDOMAIN);
	stop();
}

TEST(a_silent_server_makes_room_for_the_next)
{
	static const enum upstream_mood silent[] = { UPSTREAM_SILENT };
	struct heard heard = { 0 };
	uint64_t begun_ns = virtual_ns;

	START(UPSTREAM_ANSWERS);
	first.moods = silent;
	ask(&heard, "a.example", DNS_A);
	CHECK(heard.address_count == 2 && first.asked == 1 && second.asked == 1);
	CHECK_INT((virtual_ns - begun_ns) / NS_PER_MS, RESOLVER_TRY_MS);
	stop();
}

TEST(nobody_answers)
{
	struct heard heard = { 0 };
	uint64_t begun_ns = virtual_ns;

	START(UPSTREAM_SILENT);
	ask(&heard, "a.example", DNS_A);
	CHECK(heard.rcode == DNS_SERVFAIL && heard.error == DNS_ERROR_NO_AUTHORITY);
	CHECK(first.asked == 2 && second.asked == 2);
	CHECK_INT((virtual_ns - begun_ns) / NS_PER_MS, RESOLVER_TRIES * RESOLVER_TRY_MS);
	CHECK_INT(resolver.question_count, 0);
	stop();
}

TEST(who_fails_or_makes_no_sense_is_not_waited_for)
{
	static const enum upstream_mood moods[] = { UPSTREAM_FAILS, UPSTREAM_TALKS_NONSENSE };
	uint64_t begun_ns = virtual_ns;

	for (size_t i = 0; i < ARRAY_SIZE(moods); i++) {
		struct heard heard = { 0 };

		START(UPSTREAM_ANSWERS);
		first.moods = &moods[i];
		ask(&heard, "a.example", DNS_A);
		CHECK(heard.address_count == 2 && first.asked == 1 && second.asked == 1);
		CHECK_INT(virtual_ns, begun_ns);
		stop();
	}
}

TEST(all_fail)
{
	struct heard heard = { 0 };

	START(UPSTREAM_FAILS);
	ask(&heard, "a.example", DNS_A);
	CHECK(heard.rcode == DNS_SERVFAIL && first.asked == 2 && second.asked == 2);
	stop();
}

TEST(a_server_that_is_not_there)
{
	struct heard heard = { 0 };
	struct resolver_server nobody = { { { 127, 0, 0, 1 }, NET_V4_BYTES }, 0 };

	START(UPSTREAM_ANSWERS);
	fd_close(loopback_socket(SOCK_DGRAM, &nobody.port));
	resolver.servers[0] = nobody;
	ask(&heard, "a.example", DNS_A);
	CHECK(heard.address_count == 2 && second.asked == 1);
	resolver.server_count = 0;
	heard = (struct heard){ 0 };
	ask(&heard, "b.example", DNS_A);
	CHECK(heard.rcode == DNS_SERVFAIL);
	stop();
}

TEST(what_is_forged_is_not_heard)
{
	struct heard heard = { 0 };

	START(UPSTREAM_IS_FORGED);
	ask(&heard, "a.example", DNS_A);
	CHECK(heard.address_count == 2 && first.asked == 1 && !second.asked);
	stop();
}

TEST(what_is_cut_off_or_has_other_capitals_comes_by_tcp)
{
	static const enum upstream_mood moods[] = { UPSTREAM_CUTS, UPSTREAM_LOWERS };

	for (size_t i = 0; i < ARRAY_SIZE(moods); i++) {
		struct heard heard = { 0 };

		start(&moods[i], 1);
		/* Long enough that not all of its letters are small by chance. */
		ask(&heard, "a.long-name-of-many-letters-in-it.and-more-of-them-in-this-one.example", DNS_A);
		CHECK(heard.address_count == 2 && first.asked == 1 && first.asked_by_tcp == 1 &&
			!second.asked);
		stop();
	}
}

TEST(equal_questions_are_one)
{
	struct heard heard[3] = { 0 }, gone = { 0 };

	START(UPSTREAM_ANSWERS);
	waited_for = 3;
	for (size_t i = 0; i < 3; i++)
		CHECK_INT(resolver_ask(&resolver, &heard[i].lookup, STR("a.example"), DNS_A, hear), 0);
	CHECK_INT(resolver_ask(&resolver, &gone.lookup, STR("a.example"), DNS_A, hear), 0);
	resolver_forget(&gone.lookup);
	resolver_forget(&gone.lookup);
	CHECK_INT(resolver.question_count, 1);
	CHECK_INT(loop_run(&loop), 0);
	CHECK(heard[0].count == 1 && heard[1].count == 1 && heard[2].count == 1 && !gone.count);
	CHECK_INT(first.asked, 1);
	stop();
}

TEST(no_more_questions_than_there_may_be)
{
	static struct heard heard[RESOLVER_QUESTIONS_MAX + 1];
	char name[32];

	START(UPSTREAM_ANSWERS);
	for (unsigned i = 0; i <= RESOLVER_QUESTIONS_MAX; i++) {
		snprintf(name, sizeof(name), "n%u.example", i);
		CHECK_INT(resolver_ask(&resolver, &heard[i].lookup, str_from(name), DNS_A, hear),
			i == RESOLVER_QUESTIONS_MAX ? -EBUSY : 0);
	}
	waited_for = RESOLVER_QUESTIONS_MAX;
	CHECK_INT(loop_run(&loop), 0);
	CHECK_INT(first.asked + second.asked, RESOLVER_QUESTIONS_MAX);
	stop();
}

TEST(no_more_answers_than_are_kept)
{
	struct resolved known;
	char name[32];

	START(UPSTREAM_ANSWERS);
	for (unsigned i = 0; i < RESOLVER_ANSWERS_MAX + 1; i++) {
		struct heard heard = { 0 };

		/* The first is used again and again, and stays. */
		CHECK(i == 0 || resolver_known(&resolver, STR("n0.example"), DNS_A, &known));
		snprintf(name, sizeof(name), "n%u.example", i);
		virtual_ns += NS_PER_SEC / 40;
		ask(&heard, name, DNS_A);
	}
	CHECK_INT(resolver.answer_count, RESOLVER_ANSWERS_MAX);
	CHECK(resolver_known(&resolver, STR("n0.example"), DNS_A, &known));
	CHECK(!resolver_known(&resolver, STR("n1.example"), DNS_A, &known));
	CHECK(resolver_known(&resolver, STR("n2.example"), DNS_A, &known));
	stop();
}

/* Names are a way out for what the agent knows, so there are so many a minute, and so many altogether. */
TEST(no_more_questions_than_may_go_out)
{
	static struct heard last;
	char name[32];

	START(UPSTREAM_ANSWERS);
	for (unsigned i = 0; i < RESOLVER_A_MINUTE; i++) {
		struct heard heard = { 0 };

		snprintf(name, sizeof(name), "n%u.example", i);
		ask(&heard, name, DNS_A);
	}
	CHECK_INT(resolver_ask(&resolver, &last.lookup, STR("more.example"), DNS_A, hear), -EAGAIN);
	loop.now_ns += NS_PER_SEC;
	CHECK_INT(resolver.names.count, RESOLVER_A_MINUTE);
	resolver.names.limit = RESOLVER_A_MINUTE;
	CHECK_INT(resolver_ask(&resolver, &last.lookup, STR("more.example"), DNS_A, hear), -ENOSPC);
	/* One that was asked for before may be asked for again. */
	CHECK_INT(resolver_ask(&resolver, &last.lookup, STR("n7.example"), DNS_AAAA, hear), 0);
	waited_for = 1;
	CHECK_INT(loop_run(&loop), 0);
	CHECK_INT(last.count, 1);
	stop();
}

static bool is_short(UNUSED struct resolver *asked, struct str name)
{
	return str_eq(name, STR("example.org"));
}

/* One owner of names hears less than all of them together. */
TEST(no_more_questions_than_may_go_to_one_owner)
{
	static struct heard last;
	char name[32];

	START(UPSTREAM_ANSWERS);
	/* With these, the two owners below do not share. */
	resolver.seed[0] = 1;
	resolver.seed[1] = 2;
	for (unsigned i = 0; i < RESOLVER_ZONE_A_MINUTE; i++) {
		struct heard heard = { 0 };

		snprintf(name, sizeof(name), i & 1 ? "n%u.a.example.org" : "n%u.example.org", i);
		ask(&heard, name, DNS_A);
	}
	CHECK_INT(resolver_ask(&resolver, &last.lookup, STR("more.example.org"), DNS_A, hear), -EAGAIN);
	CHECK_INT(resolver_ask(&resolver, &last.lookup, STR("example.org"), DNS_A, hear), -EAGAIN);
	/* But for a name that a person spelled out. */
	resolver.is_chosen = is_short;
	CHECK_INT(resolver_ask(&resolver, &last.lookup, STR("more.example.org"), DNS_A, hear), -EAGAIN);
	/*
	 * Nothing of the session's budget was taken for what did not go out, and another owner has its own.
	 */
	CHECK_INT(resolver.names.count, RESOLVER_ZONE_A_MINUTE);
	CHECK_INT(resolver.a_minute.missing_whole, RESOLVER_ZONE_A_MINUTE);
	CHECK_INT(resolver_ask(&resolver, &last.lookup, STR("a.example.net"), DNS_A, hear), 0);
	waited_for = 1;
	CHECK_INT(loop_run(&loop), 0);
	CHECK_INT(last.count, 1);
	CHECK_INT(resolver_ask(&resolver, &last.lookup, STR("example.org"), DNS_A, hear), 0);
	waited_for = 1;
	CHECK_INT(loop_run(&loop), 0);
	CHECK_INT(last.count, 2);
	last.count = 0;
	loop.now_ns += NS_PER_SEC;
	CHECK_INT(resolver_ask(&resolver, &last.lookup, STR("more.example.org"), DNS_A, hear), 0);
	waited_for = 1;
	CHECK_INT(loop_run(&loop), 0);
	CHECK_INT(last.count, 1);
	stop();
}

TEST(the_host_knows_some_names_itself)
{
	static const struct resolver_host hosts[] = {
		{ STR("db.corp"), { { 10, 0, 0, 5 }, NET_V4_BYTES } },
		{ STR("db.corp"), { { 10, 0, 0, 6 }, NET_V4_BYTES } },
	};
	struct resolved known;

	START(UPSTREAM_ANSWERS);
	resolver.hosts = hosts;
	resolver.host_count = 2;
	CHECK(resolver_known(&resolver, STR("db.corp"), DNS_A, &known));
	CHECK(known.address_count == 2 && known.addresses[1].bytes[3] == 6);
	CHECK(resolver_known(&resolver, STR("db.corp"), DNS_AAAA, &known));
	CHECK(known.rcode == DNS_NOERROR && !known.address_count && !first.asked);
	stop();
}

TEST_MAIN()
