// SPDX-License-Identifier: Apache-2.0
/*
 * test_zones.c - names of a wildcard: exactly as many as there may be, of each by itself
 */
#include "lib/test.h"

#include "roles/gateway/zones.h"

#include <stdio.h>

static struct zones zones;

static const char *admit(const char *entry, const char *name)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 16);
	struct net_rule rule = { 0 };
	struct net_flaw flaw;

	CHECK_INT(net_entry_read(&arena, str_from(entry), NET_PORTS_ALL, &rule.entry, &flaw), 0);
	return zones_admit(&zones, &rule, str_from(name));
}

/* Asks for @count names of a zone. Return: how many of them are admitted */
static int admitted(const char *entry, const char *zone, int count)
{
	char name[128];
	int fine = 0;

	for (int i = 0; i < count; i++) {
		(void)snprintf(name, sizeof(name), "n%d.%s", i, zone);
		fine += !admit(entry, name);
	}
	return fine;
}

TEST(a_name_that_a_person_wrote_is_not_counted)
{
	for (int i = 0; i < 3 * ZONE_NAMES_MAX; i++)
		CHECK(!admit("a.example.org:443", "a.example.org"));
	CHECK_INT(zones.count, 0);
}

TEST(a_thousand_and_one)
{
	CHECK_INT(admitted("**.example.org:443", "example.org", ZONE_NAMES_MAX), ZONE_NAMES_MAX);
	CHECK_TEXT(admit("**.example.org:443", "other.example.org"),
		"too many different names of one wildcard were asked for in this session");
	/* those that were there stay */
	CHECK_INT(admitted("**.example.org:443", "example.org", ZONE_NAMES_MAX), ZONE_NAMES_MAX);
	/* another port of the same zone is no other zone */
	CHECK(admit("**.example.org:8443", "other.example.org"));
	CHECK_INT(admitted("*.example.net:443", "example.net", 10), 10);
	zones_fini(&zones);
}

TEST(more_zones_than_are_counted)
{
	char entry[64], zone[32];
	int fine = 0;

	for (int i = 0; i < ZONES_MAX + 40; i++) {
		(void)snprintf(zone, sizeof(zone), "z%d.example.org", i);
		(void)snprintf(entry, sizeof(entry), "*.%s:443", zone);
		fine += admitted(entry, zone, 100);
	}
	CHECK_INT(zones.count, ZONES_MAX + 1);
	/* the forty share what one has */
	CHECK_INT(fine, ZONES_MAX * 100 + ZONE_NAMES_MAX);
	zones_fini(&zones);
}

TEST(what_records_of_a_wildcard_may_say)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 16);
	struct net_rule wild = { 0 }, plain = { 0 };
	struct net_flaw flaw;

	CHECK_INT(net_entry_read(&arena, STR("**.example.org dns=TXT"), NET_PORTS_ALL, &wild.entry, &flaw),
		0);
	CHECK_INT(net_entry_read(&arena, STR("a.example.org dns=TXT"), NET_PORTS_ALL, &plain.entry, &flaw),
		0);
	CHECK(zones_pay(&zones, &wild, ZONE_RECORD_BYTES_MAX - 1));
	CHECK(!zones_pay(&zones, &wild, 2));
	CHECK(zones_pay(&zones, &wild, 1));
	CHECK(!zones_pay(&zones, &wild, 1));
	CHECK(zones_pay(&zones, &plain, ZONE_RECORD_BYTES_MAX + 1));
	zones_fini(&zones);
}

TEST(what_a_name_may_carry)
{
	CHECK(!admit("**.example.org:443", "raw.githubusercontent.example.org"));
	CHECK(admit("**.example.org:443",
		"z9x8c7v6b5n4m3k2j1h0g9f8d7s6a5q4w3e2r1t0y9u8i7o6.z9x8c7v6b5n4m3k2j1h0g9f8d7s6a5q4w3e2r1t0y9u8i7o6p5.example.org"));
	CHECK(admit("**:443",
		"z9x8c7v6b5n4m3k2j1h0g9f8d7s6a5q4w3e2r1t0y9u8i7o6p5z9x8.z9x8c7v6b5n4m3k2j1h0g9f8d7s6a5q4w3e2r1t.org"));
	zones_fini(&zones);
}

TEST_MAIN()
