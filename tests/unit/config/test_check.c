// SPDX-License-Identifier: Apache-2.0
/*
 * test_check.c - what is left of paths that do not contradict each other
 */
#include "unit/config/resolve.h"

TEST(a_later_prohibition_takes_a_grant_away)
{
	const struct scenario scenario = {
		.user = "{\"agent\": {\"filesystem\": {\"read\": [\"/data/x\"], \"write\": [\"/out\"]}}}",
		.project = "{\"agent\": {\"filesystem\": {\"deny\": [\"/data\"]}}}",
		.policy = "{\"agent\": {\"filesystem\": {\"hide\": [\"/out\"]}}}",
	};
	const struct config *config;

	CHECK_OK(&scenario, &config);
	CHECK_TEXT(value_text(config, "filesystem.read"), "[\"/srv/a\"]");
	CHECK_TEXT(value_text(config, "filesystem.write"), "[\"/home/ann/notes\"]");
	CHECK_INT(config->notices[0].kind, CONFIG_NOTICE_NARROWED);
	CHECK_TEXT(config->notices[0].text,
		"filesystem.write: '/out' is taken away by filesystem.hide (policy.jsonc:1:36)");
	CHECK_TEXT(config->notices[1].text,
		"filesystem.read: '/data/x' is taken away by filesystem.deny (cordon.jsonc:1:36)");
	arena_fini(&test_arena);
}

TEST(what_is_said_twice_is_dropped)
{
	const struct scenario scenario = {
		.user = "{\"agent\": {\"filesystem\": {"
			"\"write\": [\"/a\", \"/a/b\", \"sub\", \"/c\", \".\"],"
			"\"read\": [\"/r/s\", \"/r\", \"/a/z\", \"docs\", \"/w\"],"
			"\"deny\": [\"/r/no\"], \"hide\": [\"/r/no/deeper\", \"/r/hidden\"]}}}",
	};
	const struct config *config;

	CHECK_OK(&scenario, &config);
	CHECK_TEXT(value_text(config, "filesystem.write"), "[\"/home/ann/notes\",\"/a\",\"/c\"]");
	CHECK_TEXT(value_text(config, "filesystem.read"), "[\"/srv/a\",\"/r\",\"/w\"]");
	CHECK_TEXT(value_text(config, "filesystem.hide"), "[\"/home/ann/x\",\"/r/hidden\"]");
	arena_fini(&test_arena);
}

TEST(cordons_own_directories_are_denied_where_they_would_be_seen)
{
	const struct scenario scenario = {
		.user = "{\"agent\": {\"filesystem\": {\"read\": [\"~/.config\"]}}}"
	};
	const struct config *config;

	CHECK_OK(&scenario, &config);
	CHECK_TEXT(value_text(config, "filesystem.deny"),
		"[\"/home/ann/.config/cordon\",\"/home/ann/.ssh\"]");
	arena_fini(&test_arena);
}

TEST(there_are_only_so_many_writable_roots)
{
	struct buf text = BUF_INIT(1 << 20);
	struct scenario scenario = { 0 };
	const struct config *config;

	buf_append_str(&text, "{\"agent\": {\"filesystem\": {\"write\": [");
	for (int i = 0; i < 64; i++)
		buf_printf(&text, "\"/x%d\",", i);
	buf_append_str(&text, "]}}}");
	scenario.user = buf_text(&text);
	CHECK_INT(resolve(&scenario, &config), -EINVAL);
	CHECK(strstr(test_err.text,
		"filesystem.write: a session has at most 63 directories besides the workspace"));
	buf_fini(&text);
	arena_fini(&test_arena);
}

TEST_MAIN()
