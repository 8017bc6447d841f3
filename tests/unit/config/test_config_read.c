// SPDX-License-Identifier: Apache-2.0
/*
 * test_config_read.c - how much may be wrong, how long things may be, and what an option may hold
 */
#include "unit/config/resolve.h"

static void check(const char *what, const struct scenario *scenario, const char *problems)
{
	const struct config *config = NULL;
	int r = resolve(scenario, &config);
	const char *got = problems_text();

	if (r != -EINVAL || config || strcmp(got, problems))
		test_fail(__FILE__, __LINE__, "%s: %d\ngot    %s\nwanted %s", what, r, got, problems);
	CHECK_INT(test_err.code, -EINVAL);
}

TEST(an_option_is_text)
{
	const struct scenario pair = { .flags = { { "env.set", "A=\xff" } } };
	const struct scenario path = { .flags = { { "filesystem.read", "/\xff" } } };
	const struct scenario bracket = { .flags = { { "filesystem.deny", "[\"/a\"" } } };
	const struct config *config;

	check("pair", &pair, "--option: env.set: 'A=\\xFF' is not understood [Write NAME=VALUE, in UTF-8.]");
	check("path", &path, "--option: filesystem.read: '/\\xFF' is not understood [Write it in UTF-8.]");
	/* What is no JSON after all is a path that begins with a bracket. */
	CHECK_OK(&bracket, &config);
	CHECK_TEXT(config->settings.filesystem.deny.items[1].text, "/w/project/[\"/a\"");
	arena_fini(&test_arena);
}

TEST(at_most_twenty_problems_are_kept_and_the_rest_is_counted)
{
	struct buf text = BUF_INIT(1 << 20);
	struct scenario scenario = { 0 };
	const struct config *config;

	buf_append_str(&text, "{\"agent\": {\"env\": {\"pass\": [");
	for (int i = 0; i < 25; i++)
		buf_append_str(&text, "\"%\",");
	buf_append_str(&text, "]}, \"limits\": {\"memroy\": 1}}}");
	scenario.user = buf_text(&text);
	CHECK_INT(resolve(&scenario, &config), -EINVAL);
	CHECK_INT(test_problems.count, CONFIG_PROBLEMS_MAX);
	CHECK_INT(test_problems.left_out, 6);
	CHECK(strstr(test_err.text, "26 problems"));
	buf_fini(&text);
	arena_fini(&test_arena);
}

TEST(what_is_too_long_is_refused)
{
	struct buf text = BUF_INIT(4 << 20);
	struct scenario scenario = { 0 };

	buf_append_str(&text, "{\"agent\": {\"env\": {\"pass\": [");
	for (int i = 0; i <= CONFIG_LIST_MAX; i++)
		buf_append_str(&text, "\"A\",");
	buf_append_str(&text, "]}}}");
	scenario.user = buf_text(&text);
	check("list", &scenario,
		"user.jsonc:1:28: env.pass: 1025 entries are more than the 1024 there may be");

	buf_clear(&text);
	buf_append_str(&text, "{\"agent\": {\"env\": {\"set\": {");
	for (int i = 0; i <= CONFIG_LIST_MAX; i++)
		buf_printf(&text, "\"A%d\": \"\",", i);
	buf_append_str(&text, "}}}}");
	scenario.user = buf_text(&text);
	check("map", &scenario, "user.jsonc:1:27: env.set: 1025 entries are more than the 1024 there may be");

	buf_clear(&text);
	buf_append_str(&text, "{\"agent\": {\"filesystem\": {\"read\": [\"");
	for (int i = 0; i < CONFIG_TEXT_MAX; i++)
		buf_append_char(&text, 'a');
	buf_append_str(&text, "\"]}}}");
	scenario.user = buf_text(&text);
	CHECK_INT(resolve(&scenario, &(const struct config *){ NULL }), -EINVAL);
	CHECK(strstr(test_err.text, "it is too long"));

	/* Short enough as it is written, too long below the workspace. */
	scenario.user = arena_printf(&test_arena, "{\"agent\": {\"filesystem\": {\"read\": [\"%.*s\"]}}}",
		4090, buf_text(&text) + 40);
	CHECK_INT(resolve(&scenario, &(const struct config *){ NULL }), -EINVAL);
	CHECK(strstr(test_err.text, "it is too long for a path"));

	buf_clear(&text);
	for (int i = 0; i <= CONFIG_FILE_MAX; i++)
		buf_append_char(&text, ' ');
	scenario.user = buf_text(&text);
	check("file", &scenario, "user.jsonc: the file is longer than 1048576 bytes");
	buf_fini(&text);
	arena_fini(&test_arena);
}

TEST_MAIN()
