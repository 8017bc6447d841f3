// SPDX-License-Identifier: Apache-2.0
/*
 * test_config_json.c - a configuration goes into a document and comes back as it was
 */
#include "unit/config/resolve.h"

static const struct scenario everything = {
	.user = "{\"agent\": {\n"
		"  \"filesystem\": {\"read\": [\"/r\", \"~/r\"], \"deny\": [\"/r/no\"]},\n"
		"  \"env\": {\"set\": {\"Z\": \"1\", \"A\": \"x\\ny\"}},\n"
		"  \"limits\": {\"cpus\": 1.5, \"pids\": \"unlimited\", \"idle\": \"5m\"},\n"
		"  \"network\": {\"ask\": [\"[::1]:22\"]}, \"exec\": {\"deny\": [\"rm **\"]},\n"
		"  \"secrets\": {\"k\": {\"from\": \"file:~/key\", \"env\": \"K\", \"hosts\": "
		"[\"a.b\"]}}}}",
	.project = "{\"agent\": {\"limits\": {\"memory\": \"16G\"}, \"commit\": {\"on_exit\": \"hold\"}}}",
	.is_trusted = true,
	.flags = { { "env.set", "M=2" } },
};

static const char *canonical(const struct json *json)
{
	struct buf text = BUF_INIT(1 << 20);
	const char *copy;

	CHECK(json != NULL);
	CHECK_INT(json_write(&text, json, JSON_WRITE_CANONICAL), 0);
	copy = arena_copy(&test_arena, buf_text(&text), text.len);
	buf_fini(&text);
	return copy;
}

static bool is_organisations(enum config_source source)
{
	return source == CONFIG_SOURCE_POLICY;
}

TEST(everything_comes_back)
{
	const struct config *config, *back;
	const struct json *document, *again;

	CHECK_OK(&everything, &config);
	document = config_to_json(&test_arena, config);
	CHECK_INT(json_read(&test_arena, str_from(canonical(document)), JSON_READ_STRICT, &again, &test_err),
		0);
	CHECK_INT(config_from_json(&test_arena, again, &back, &test_err), 0);
	for (int i = 0; i < CONFIG_KEY_COUNT; i++) {
		enum config_key key = (enum config_key)i;

		CHECK_TEXT(value_text(back, config_key_name(key)), value_text(config, config_key_name(key)));
		CHECK_TEXT(origin_text(back, key), origin_text(config, key));
	}
	CHECK_INT(back->settings.limits.cpus_milli, 1500);
	CHECK(back->settings.limits.pids_count == CONFIG_UNLIMITED);
	CHECK_INT(back->settings.env.set.count, 3);
	CHECK_TEXT(back->settings.env.set.items[0].text, "A");
	CHECK_TEXT(back->settings.env.set.items[0].value, "x\ny");
	CHECK_TEXT(config_origin_text(&test_arena, &back->settings.env.set.items[0].origin),
		"user.jsonc:3:29");
	CHECK_TEXT(config_origin_text(&test_arena, &back->settings.env.set.items[1].origin), "--option");
	CHECK_TEXT(config_origin_text(&test_arena, &back->settings.filesystem.read.items[2].origin),
		"user.jsonc:2:33");
	CHECK_TEXT(back->project_file, "cordon.jsonc");
	CHECK(back->project_trusted);
	CHECK(digest_eq(&back->project_digest, &config->project_digest));
	arena_fini(&test_arena);
}

/* One file may be named by two, and counts as the word of each. */
TEST(policies_come_back)
{
	const struct scenario scenario = {
		.user = "{\"agent\": {\"policy\": {\"files\": [\"/o.rego\"],\n"
			"\"params\": {\"a/b\": {\"~\": [1, {}]}, \"c\": {\"d\": {}, \"e\": 1}}}}}",
		.policy =
			"{\"agent\": {\"policy\": {\"files\": [\"/o.rego\"], \"params\": {\"c\": {\"e\": 2}}}}}",
	};
	const struct config *config, *back;
	const struct json *document;
	const struct config_list *params;

	CHECK_OK(&scenario, &config);
	CHECK_INT(json_read(&test_arena, str_from(canonical(config_to_json(&test_arena, config))),
		JSON_READ_STRICT, &document, &test_err), 0);
	CHECK_INT(config_from_json(&test_arena, document, &back, &test_err), 0);
	CHECK_INT(back->settings.policy.files.count, 2);
	CHECK_INT(back->settings.policy.files.items[0].origin.source, CONFIG_SOURCE_USER);
	CHECK_INT(back->settings.policy.files.items[1].origin.source, CONFIG_SOURCE_POLICY);
	params = &back->settings.policy.params;
	CHECK_TEXT(canonical(config_tree_to_json(&test_arena, params, NULL)),
		"{\"a/b\":{\"~\":[1,{}]},\"c\":{\"d\":{},\"e\":2}}");
	CHECK_TEXT(canonical(config_tree_to_json(&test_arena, params, is_organisations)),
		"{\"c\":{\"e\":2}}");
	CHECK_TEXT(canonical(json_pointer(document, STR("/origins/policy.params/items/~1a~01b~1~00"))),
		"{\"column\":20,\"file\":\"user.jsonc\",\"line\":2,\"source\":\"user\"}");
	arena_fini(&test_arena);
}

TEST(the_document_says_what_trust_allowed)
{
	const struct config *config;
	const struct json *document;

	CHECK_OK(&everything, &config);
	document = config_to_json(&test_arena, config);
	CHECK_TEXT(canonical(json_pointer(document, STR("/project/widenings"))),
		"[\"limits.memory: 16G, where 4G is allowed (standard.jsonc:6:14)\"]");
	CHECK_TEXT(canonical(json_pointer(document, STR("/origins/limits.memory"))),
		"{\"column\":23,\"file\":\"cordon.jsonc\",\"line\":1,\"source\":\"project\"}");
	CHECK_TEXT(canonical(json_pointer(document, STR("/agent/limits"))),
		"{\"cpus\":1.5,\"file_size\":\"unlimited\","
		"\"files\":1024,\"idle\":\"5m\",\"memory\":\"16G\","
		"\"pids\":\"unlimited\",\"storage\":\"unlimited\",\"time\":\"2h\"}");
	arena_fini(&test_arena);
}

/* The text of a document with one change: @from is replaced by @to. */
static int read_changed(const char *document, const char *from, const char *to)
{
	const char *at = strstr(document, from);
	const struct config *config;
	const struct json *json;
	const char *changed;

	CHECK(at != NULL);
	changed = arena_printf(&test_arena, "%.*s%s%s", (int)(at - document), document, to,
		at + strlen(from));
	CHECK_INT(json_read(&test_arena, str_from(changed), JSON_READ_STRICT, &json, &test_err), 0);
	return config_from_json(&test_arena, json, &config, &test_err);
}

static const char *const damages[][2] = {
	{ "\"version\":1", "\"version\":2" },
	{ "\"version\":1", "\"version\":null" },
	{ "\"agent\":", "\"agemt\":" },
	{ "\"memory\":\"16G\"", "\"memory\":16" },
	{ "\"memory\":\"16G\",", "" },
	{ "\"origins\":", "\"origin\":" },
	{ "\"source\":\"project\"", "\"source\":\"moon\"" },
	{ "\"line\":1", "\"line\":-1" },
	{ "\"line\":1", "\"line\":4294967296" },
	{ "\"column\":23", "\"column\":4294967296" },
	{ "\"file\":\"user.jsonc\"", "\"file\":7" },
	{ "\"items\":[", "\"items\":[{}," },
	{ "\"items\":{\"A\"", "\"items\":{\"B\"" },
	{ "\"list\":{\"source\":\"default\"}", "\"list\":{}" },
	{ "\"/home/ann/r\"", "\"r\"" },
	{ "\"/home/ann/r\"", "\"/home//r\"" },
	{ "\"/home/ann/r\"", "7" },
	{ "\"digest\":\"", "\"digest\":\"x" },
	{ "\"digest\":", "\"digit\":" },
	{ "\"file\":\"cordon.jsonc\",\"trusted\"", "\"trusted\"" },
};

TEST(a_damaged_document_is_refused)
{
	const struct config *config;
	const char *document;

	CHECK_OK(&everything, &config);
	document = canonical(config_to_json(&test_arena, config));
	CHECK_INT(read_changed(document, "\"hold\"", "\"hold\""), 0);
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		int r = read_changed(document, damages[i][0], damages[i][1]);

		if (r != -EINVAL || !test_err.text[0])
			test_fail(__FILE__, __LINE__, "%s for %s: %d", damages[i][1], damages[i][0], r);
	}
	CHECK_INT(config_from_json(&test_arena, NULL, &config, &test_err), -EINVAL);
	arena_fini(&test_arena);
}

TEST(a_small_arena_is_an_error)
{
	struct arena small;
	const struct config *config, *back;
	const struct json *document;
	size_t needed;

	CHECK_OK(&everything, &config);
	needed = test_arena.used_bytes;
	document = config_to_json(&test_arena, config);
	needed = test_arena.used_bytes - needed;
	for (size_t limit = 0; limit < needed; limit += 101) {
		small = (struct arena)ARENA_INIT(limit);
		CHECK(!config_to_json(&small, config));
		arena_fini(&small);
	}
	for (size_t limit = 0;; limit += 101) {
		int r;

		small = (struct arena)ARENA_INIT(limit);
		r = config_from_json(&small, document, &back, &test_err);
		arena_fini(&small);
		if (r >= 0)
			break;
		CHECK(r == -EMSGSIZE || r == -EINVAL);
	}
	arena_fini(&test_arena);
}

TEST(bytes_that_are_no_text_survive)
{
	const struct config_inputs inputs = { .workspace = "/w/\xff",
		.home = "/h",
		.find_profile = find_test_profile };
	const struct config_flag flag = { "--deny", CONFIG_KEY_FILESYSTEM_DENY, "secret" };
	struct config_inputs with_flag = inputs;
	const struct config *config, *back;

	with_flag.flags = &flag;
	with_flag.flag_count = 1;
	CHECK_INT(config_resolve(&test_arena, &with_flag, NULL, &config, &test_err), 0);
	CHECK_INT(config_from_json(&test_arena, config_to_json(&test_arena, config), &back, &test_err), 0);
	CHECK_TEXT(back->settings.filesystem.deny.items[1].text, "/w/\xff/secret");
	CHECK(!back->project_file);
	arena_fini(&test_arena);
}

TEST_MAIN()
