// SPDX-License-Identifier: Apache-2.0
/*
 * test_config.c - typed settings, several widenings at once, notices, devcontainers, memory
 */
#include "unit/config/resolve.h"

TEST(settings_are_typed)
{
	const struct scenario scenario = {
		.user = "{\"agent\": {\"limits\": {\"idle\": \"90s\", \"cpus\": 1.5}, \"commit\": "
			"{\"on_exit\": \"auto\"}}}",
	};
	const struct config *config;

	CHECK_OK(&scenario, &config);
	CHECK_INT(config->settings.limits.memory_bytes, INT64_C(4) << 30);
	CHECK_INT(config->settings.limits.idle_ns, INT64_C(90000000000));
	CHECK_INT(config->settings.limits.cpus_milli, 1500);
	CHECK_INT(config->settings.limits.pids_count, 100);
	CHECK(config->settings.limits.storage_bytes == CONFIG_UNLIMITED);
	CHECK_INT(config->settings.commit.on_exit, CONFIG_ON_EXIT_AUTO);
	CHECK_TEXT(config->settings.profile, "standard");
	CHECK_INT(config->settings.filesystem.read.count, 1);
	CHECK_TEXT(config->settings.filesystem.read.items[0].text, "/srv/a");
	CHECK_TEXT(config_origin_text(&test_arena, &config->settings.filesystem.read.items[0].origin),
		"standard.jsonc:2:27");
	CHECK(!config->project_file);
	CHECK_TEXT(value_text(config, "env.pass"), "[\"PATH\",\"LC_*\"]");
	arena_fini(&test_arena);
}

TEST(defaults_are_closed)
{
	const struct scenario scenario = {
		.user = "{\"agent\": {\"filesystem\": {\"read\": [], \"write\": []}, \"exec\": "
			"{\"allow\": []}, \"env\": {\"pass\": []}}}",
	};
	const struct config *config;

	CHECK_OK(&scenario, &config);
	CHECK_INT(config->settings.filesystem.read.count, 0);
	CHECK_INT(config->settings.filesystem.write.count, 0);
	CHECK_INT(config->settings.exec.allow.count, 0);
	CHECK_INT(config->settings.secrets.count, 0);
	CHECK_INT(CONFIG_ON_EXIT_HOLD, 0);
	arena_fini(&test_arena);
}

TEST(what_one_goes_beyond_another_is_named)
{
	const struct scenario less = {
		.user = "{\"agent\": {\"limits\": {\"pids\": 7}, \"filesystem\": {\"hide\": [\"/w/project/x\"]}}}",
	};
	const struct scenario more = { .user = "{\"agent\": {\"env\": {\"pass\": [\"A\"]}}}" };
	struct arena small = ARENA_INIT(1);
	const struct config_widening *beyond;
	const struct config *a, *b;
	size_t count;

	CHECK_OK(&less, &a);
	CHECK_OK(&more, &b);
	CHECK_INT(config_compare(&test_arena, "/w/project", a, b, &beyond, &count), 0);
	CHECK_INT(count, 3);
	CHECK_TEXT(beyond[0].text, "filesystem.hide: drops '/w/project/x' (user.jsonc:1:59)");
	CHECK_TEXT(beyond[1].text, "env.pass: 'A' goes beyond what is allowed");
	CHECK_TEXT(beyond[2].text, "limits.pids: 100, where 7 is allowed (user.jsonc:1:23)");
	CHECK_INT(config_compare(&test_arena, "/w/project", b, a, &beyond, &count), 0);
	CHECK_INT(count, 0);
	CHECK_INT(config_compare(&small, "/w/project", a, b, &beyond, &count), -EMSGSIZE);
	arena_fini(&small);
	arena_fini(&test_arena);
}

TEST(all_widenings_are_named_at_once)
{
	const struct scenario scenario = {
		.project =
			"{\"agent\": {\"limits\": {\"memory\": \"5G\", \"pids\": 101}, \"filesystem\": "
			"{\"read\": [\"/a\", \"/srv/a\", \"/b\"]}}}",
	};
	const struct config *config;

	CHECK_INT(resolve(&scenario, &config), -EPERM);
	CHECK_INT(test_problems.count, 4);
	CHECK(strstr(test_err.text, "4 problems, the first: cordon.jsonc:1:23: limits.memory"));
	arena_fini(&test_arena);
}

TEST(an_agents_hosts_are_defaults)
{
	static const char *const hosts[] = { "api.example.org:443", "**.example.net:8443" };
	static const struct config_agent agent = { "tool", hosts, ARRAY_SIZE(hosts) };
	static const char *const all =
		"[\"**.example.org:443\",\"api.example.org:443\",\"**.example.net:8443\"]";
	const struct {
		struct scenario scenario;
		const char *allow;
	} cases[] = {
		{ { .agent = &agent }, all },
		{ { .agent = &agent, .user = "{\"agent\": {\"network\": {\"allow\": [\"own.org\"]}}}" },
			"[\"**.example.org:443\",\"api.example.org:443\",\"**.example.net:8443\",\"own.org:443\"]" },
		{ { .agent = &agent, .user = "{\"agent\": {\"network\": {\"allow\": []}}}" }, "[]" },
		/*
		 * What the user runs is no widening of the project's; what the project empties is a
		 * narrowing.
		 */
		{ { .agent = &agent, .project = "{}" }, all },
		{ { .agent = &agent, .project = "{\"agent\": {\"network\": {\"allow\": []}}}" }, "[]" },
		{ { .agent = &agent,
			.policy = "{\"agent\": {\"network\": {\"allow\": [\"api.example.org\"]}}}" },
			"[\"api.example.org:443\"]" },
		{ { .user = "{}" }, "[\"**.example.org:443\"]" },
	};
	const struct config *config, *again;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CHECK_OK(&cases[i].scenario, &config);
		CHECK_TEXT(value_text(config, "network.allow"), cases[i].allow);
	}
	CHECK_OK(&cases[1].scenario, &config);
	for (int i = 0; i < 2; i++) {
		const struct config_list *allow = &config->settings.network.allow;

		CHECK_TEXT(config_origin_text(&test_arena, &allow->items[1].origin), "agent tool");
		CHECK_INT(allow->items[0].origin.source, CONFIG_SOURCE_PROFILE);
		CHECK_INT(allow->items[1].origin.source, CONFIG_SOURCE_AGENT);
		CHECK_INT(allow->items[3].origin.source, CONFIG_SOURCE_USER);
		CHECK_INT(config_from_json(&test_arena, config_to_json(&test_arena, config), &again, NULL),
			0);
		config = again;
	}
	arena_fini(&test_arena);
}

TEST(a_widening_that_a_flag_overrides_has_no_effect_and_is_none)
{
	const struct scenario scenario = {
		.project = "{\"agent\": {\"limits\": {\"memory\": \"5G\"}, \"profile\": \"loose\"}}",
		.flags = { { "limits.memory", "2G" }, { "profile", "standard" } },
	};
	const struct config *config;

	CHECK_OK(&scenario, &config);
	CHECK_TEXT(value_text(config, "limits.memory"), "\"2G\"");
	arena_fini(&test_arena);
}

TEST(flags_may_widen_and_the_project_file_may_use_what_they_allow)
{
	const struct scenario scenario = {
		.project = "{\"agent\": {\"filesystem\": {\"read\": [\"/data/x\"]}}}",
		.flags = { { "filesystem.read", "/data" }, { "commit.on_exit", "auto" } },
	};
	const struct config *config;

	CHECK_OK(&scenario, &config);
	CHECK_INT(config->widening_count, 0);
	CHECK_TEXT(value_text(config, "filesystem.read"), "[\"/srv/a\",\"/data\"]");
	arena_fini(&test_arena);
}

/* ---- notices ---- */

static size_t count_notices(const struct config *config, enum config_notice_kind kind, const char *word)
{
	size_t count = 0;

	for (size_t i = 0; i < config->notice_count; i++)
		count += config->notices[i].kind == kind && strstr(config->notices[i].text, word);
	return count;
}

TEST(no_trust_lets_a_project_allow_what_is_broad)
{
	const struct scenario scenario = {
		.user = "{\"agent\": {\"profile\": \"closed\"}}",
		.project = "{\"agent\": {\"network\": {\"allow\": [\"**\"], \"broad\": true}}}",
		.is_trusted = true,
	};
	const struct config *config;

	CHECK_INT(resolve(&scenario, &config), -EPERM);
	CHECK(strstr(test_err.text, "network.broad: true, where false is allowed"));
	CHECK(strstr(test_err.hint, "No project can ask for that"));
	arena_fini(&test_arena);
}

TEST(what_is_not_enforced_is_said_once)
{
	const struct scenario scenario = {
		.user = "{\"agent\": {\"exec\": {\"deny\": [\"rm **\", \"dd **\"]}, \"network\": "
			"{\"allow\": [\"a.b\"]}, \"policy\": {\"engine\": \"opa\", "
			"\"url\": \"https://opa\"},"
			"\"secrets\": {\"k\": {\"from\": \"file:~/key\", \"env\": \"K\", \"hosts\": "
			"[\"A.b:8443\"]}}}}",
	};
	const struct scenario plain = {
		.user = "{\"agent\": {\"network\": {\"allow\": []}, \"exec\": {\"allow\": [\"make\"]}}}"
	};
	const struct scenario all = {
		.user = "{\"agent\": {\"network\": {\"allow\": []}, \"exec\": {\"allow\": []}}}"
	};
	const struct config *config;

	CHECK_OK(&scenario, &config);
	CHECK_INT(count_notices(config, CONFIG_NOTICE_OPEN, "exec.deny is not enforced yet"), 1);
	CHECK_INT(count_notices(config, CONFIG_NOTICE_CLOSED, "secrets is not enforced yet"), 1);
	CHECK_INT(config->notice_count, 2);
	CHECK_TEXT(value_text(config, "secrets"),
		"{\"k\":{\"env\":\"K\",\"from\":\"file:/home/ann/key\",\"hosts\":[\"a.b:8443\"]}}");
	CHECK_OK(&plain, &config);
	CHECK_INT(config->notice_count, 0);
	CHECK_OK(&all, &config);
	CHECK_INT(count_notices(config, CONFIG_NOTICE_OPEN, "exec.allow is not enforced yet"), 1);
	CHECK_TEXT(config_origin_text(&test_arena, &config->notices[0].origin), "user.jsonc:1:47");
	arena_fini(&test_arena);
}

TEST(a_devcontainer_is_accepted_and_what_is_ignored_is_said_once)
{
	struct scenario scenario = {
		.project = "{\n"
			"  // a usual one\n"
			"  \"name\": \"node\", \"image\": \"node:22\", \"features\": {},\n"
			"  \"postCreateCommand\": \"npm ci\",\n"
			"  \"containerEnv\": {\"A\": \"1\", \"B\": \"${localEnv:HOME}\"},\n"
			"  \"remoteEnv\": {\"A\": \"2\", \"C\": null},\n"
			"  \"customizations\": {\"vscode\": {}},\n"
			"}\n",
	};
	const struct config *config;

	CHECK_OK(&scenario, &config);
	/* The other notice is about the network of the profile. */
	CHECK_INT(count_notices(config, CONFIG_NOTICE_IGNORED, ""), 1);
	CHECK_TEXT(config->notices[0].text,
		"cordon does not act on: containerEnv, features, image, postCreateCommand, remoteEnv");
	CHECK_TEXT(value_text(config, "env.set"), "{}");
	scenario.is_trusted = true;
	CHECK_OK(&scenario, &config);
	CHECK_TEXT(value_text(config, "env.set"), "{\"A\":\"2\"}");
	CHECK_INT(count_notices(config, CONFIG_NOTICE_IGNORED, "variable 'B' is not set"), 1);
	CHECK_INT(count_notices(config, CONFIG_NOTICE_IGNORED,
		"cordon does not act on: features, image, postCreateCommand"),
		1);
	CHECK_INT(config->widening_count, 1);
	arena_fini(&test_arena);
}

TEST(agent_env_wins_over_the_devcontainer)
{
	const struct scenario scenario = {
		.project =
			"{\"containerEnv\": {\"A\": \"1\", \"B\": \"2\"}, \"agent\": {\"env\": "
			"{\"set\": {\"A\": \"x\"}}}}",
		.is_trusted = true,
	};
	const struct config *config;

	CHECK_OK(&scenario, &config);
	CHECK_TEXT(value_text(config, "env.set"), "{\"A\":\"x\",\"B\":\"2\"}");
	arena_fini(&test_arena);
}

TEST(a_full_arena_is_an_error_wherever_it_happens)
{
	const struct scenario scenario = {
		.user = "{\"agent\": {\"env\": {\"pass\": [\"A\", \"B\", \"C\", \"D\", \"E\", \"F\", "
			"\"G\", \"H\", \"I\"], \"set\": {\"A\": \"1\"}},"
			"\"secrets\": {\"k\": {\"from\": \"file:~/key\", \"env\": \"K\", \"hosts\": "
			"[\"a.b\"]}}}}",
		.project =
			"{\"name\": \"x\", \"image\": \"y\", \"containerEnv\": {\"Q\": \"1\", \"R\": "
			"\"${x}\"}, \"agent\": {\"profile\": \"loose\","
			"\"commit\": {\"protect\": []}, \"filesystem\": {\"deny\": [\"/srv/a\"]}}}",
		.is_trusted = true,
		.policy = "{\"agent\": {\"profile\": \"tight\", \"env\": {\"pass\": [\"A\"]}}}",
		.flags = { { "env.set", "B=2" }, { "env.pass", "Z" }, { "limits.memory", "2G" } },
	};
	const struct config *config;
	size_t needed = 0;

	CHECK_OK(&scenario, &config);
	needed = test_arena.used_bytes;
	arena_fini(&test_arena);
	for (size_t limit = 0; limit < needed; limit += 97) {
		struct arena small = ARENA_INIT(limit);
		int r = resolve_in(&small, &scenario, &config);

		/* Some texts are only for messages, so success is possible a little below what was used. */
		if (r >= 0 ? limit + 8192 < needed : r != -EMSGSIZE && r != -EINVAL)
			test_fail(__FILE__, __LINE__, "%zu of %zu bytes: %d, %s", limit, needed, r,
				test_err.text);
		arena_fini(&small);
	}
}

TEST_MAIN()
