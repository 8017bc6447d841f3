// SPDX-License-Identifier: Apache-2.0
/*
 * test_zones.c - names of time zones, and names that are none
 */
#include "run/zones.h"

#include "lib/test.h"

#include <stdio.h>
#include <unistd.h>

struct missed {
	unsigned count;
	char name[32];
};

static void take_miss(void *context, const char *name, UNUSED const char *dir)
{
	struct missed *missed = context;

	missed->count++;
	snprintf(missed->name, sizeof(missed->name), "%s", name);
}

static bool is_found(struct run_zones *zones, const char *name)
{
	const char *data;
	size_t len;

	return run_zones_read(zones, name, &data, &len) && len > 4 && !memcmp(data, "TZif", 4);
}

TEST(a_zone_is_a_file)
{
	scoped(run_zones) struct run_zones zones = RUN_ZONES_INIT;

	if (access("/usr/share/zoneinfo/Europe/Paris", R_OK) < 0)
		TEST_SKIP("tzdata");
	CHECK(is_found(&zones, "Europe/Paris"));
	CHECK(is_found(&zones, "America/Argentina/Buenos_Aires"));
	CHECK(is_found(&zones, "Etc/GMT+5"));
	CHECK(is_found(&zones, "UTC"));
}

TEST(what_is_no_name_is_not_looked_for)
{
	static const char *const names[] = {
		"", "/", "/etc/passwd", "../../../etc/passwd", "Europe/../Europe/Paris", "Europe//Paris",
		"/Europe/Paris", "Europe/Paris/", "Europe", ".", "./Europe/Paris", "zone.tab", "tzdata.zi",
		"Europe/Par\nis", "Europe/Paris ", "+VERSION", "-1", "1/2", "Europe/\xc3\xa9", "Europe/*",
	};
	struct missed missed = { 0 };
	scoped(run_zones) struct run_zones zones = RUN_ZONES_INIT;
	char long_name[4096];

	zones.miss = take_miss;
	zones.context = &missed;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		CHECK(!is_found(&zones, names[i]));
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	CHECK(!is_found(&zones, long_name));
	CHECK(missed.count == 0 || !strcmp(missed.name, "Europe"));
}

TEST_MAIN()
