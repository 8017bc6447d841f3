// SPDX-License-Identifier: Apache-2.0
/*
 * test_refused.c - what was refused of the network, gathered from records
 */
#include "unit/ledger/fixture.h"

#include "cli/refused.h"

static void add(struct fixture *fix, struct refused *refused, const char *fields)
{
	CHECK_INT(refused_add(&fix->arena, refused, read_json(fix, fields)), 0);
}

TEST(the_last_number_of_a_decision_counts)
{
	struct fixture fix = { .arena = ARENA_INIT(64 << 20) };
	struct refused refused = { 0 };

	add(&fix, &refused, "{\"what\":\"network\",\"decision\":\"d-1\",\"target\":\"a:443\",\"count\":1,"
		"\"rule\":\"network/default-deny\"}");
	add(&fix, &refused, "{\"what\":\"network\",\"decision\":\"d-2\",\"target\":\"b:80\",\"count\":1,"
		"\"rule\":\"network/address\"}");
	add(&fix, &refused, "{\"what\":\"network\",\"decision\":\"d-1\",\"target\":\"a:443\",\"count\":64,"
		"\"rule\":\"network/default-deny\"}");
	add(&fix, &refused, "{\"what\":\"syscall\",\"decision\":\"d-3\",\"target\":\"c\",\"count\":1}");
	add(&fix, &refused, "{\"what\":\"network\",\"decision\":\"d-4\",\"count\":1}");
	CHECK_INT(refused.host_count, 2);
	CHECK_TEXT(refused.hosts[0].target, "a:443");
	CHECK_INT(refused.hosts[0].count, 64);
	CHECK(refused.hosts[0].is_unlisted && !refused.hosts[1].is_unlisted);
	CHECK_INT(refused.other_count, 0);
	arena_fini(&fix.arena);
}

TEST(hosts_beyond_the_last_row_are_counted)
{
	struct fixture fix = { .arena = ARENA_INIT(64 << 20) };
	struct refused refused = { 0 };
	char text[200];

	for (int i = 0; i < REFUSED_HOSTS_MAX + 5; i++) {
		snprintf(text, sizeof(text),
			"{\"what\":\"network\",\"decision\":\"d-%d\",\"target\":\"h%d:1\",\"count\":1}", i,
			i);
		add(&fix, &refused, text);
	}
	CHECK_INT(refused.host_count, REFUSED_HOSTS_MAX);
	CHECK_INT(refused.other_count, 5);
	CHECK_INT(refused_to_json(&fix.arena, &refused)->array.count, REFUSED_HOSTS_MAX);
	arena_fini(&fix.arena);
}

TEST_MAIN()
