// SPDX-License-Identifier: Apache-2.0
/*
 * test_port.c - ports of this machine, in a configuration
 */
#include "unit/config/resolve.h"

#include <stdio.h>

TEST(a_port_is_a_number_or_its_digits)
{
	const struct scenario scenario = {
		.user = "{\"agent\": {\"network\": {\"host_ports\": [5432, \"1\", 65535, 5432]}}}",
		.flags = { { "network.host_ports", "8080" } },
	};
	const struct config *config;

	CHECK_OK(&scenario, &config);
	CHECK_TEXT(value_text(config, "network.host_ports"), "[5432,1,65535,8080]");
	CHECK_INT(config->settings.network.host_ports.items[3].origin.source, CONFIG_SOURCE_FLAG);
	arena_fini(&test_arena);
}

TEST(whatever_is_no_port)
{
	static const char *const wrong[] = { "0", "65536", "-1", "1.5", "null", "true", "\"\"", "\"0\"",
		"\"05432\"", "\"1-2\"", "\"*\"", "\" 1\"", "[1]", "18446744073709551617" };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		char text[128];
		const struct scenario scenario = { .user = text };
		const struct config *config;

		snprintf(text, sizeof(text), "{\"agent\": {\"network\": {\"host_ports\": [%s]}}}", wrong[i]);
		CHECK_INT(resolve(&scenario, &config), -EINVAL);
		CHECK(strstr(test_problems.items[0].text, "network.host_ports"));
		arena_fini(&test_arena);
	}
}

TEST(a_project_opens_none_by_itself)
{
	const struct scenario scenario = {
		.user = "{\"agent\": {\"network\": {\"host_ports\": [5432]}}}",
		.project = "{\"agent\": {\"network\": {\"host_ports\": [5432, 6379]}}}",
	};
	struct scenario trusted = scenario;
	const struct config *config;

	CHECK_INT(resolve(&scenario, &config), -EPERM);
	arena_fini(&test_arena);
	trusted.is_trusted = true;
	CHECK_OK(&trusted, &config);
	CHECK_TEXT(value_text(config, "network.host_ports"), "[5432,6379]");
	arena_fini(&test_arena);
}

TEST(the_organisation_takes_one_away)
{
	const struct scenario scenario = {
		.user = "{\"agent\": {\"network\": {\"host_ports\": [5432, 6379]}}}",
		.policy = "{\"agent\": {\"network\": {\"host_ports\": [6379]}}}",
	};
	const struct config *config;

	CHECK_OK(&scenario, &config);
	CHECK_TEXT(value_text(config, "network.host_ports"), "[6379]");
	arena_fini(&test_arena);
}

TEST_MAIN()
