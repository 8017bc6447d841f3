// SPDX-License-Identifier: Apache-2.0
/*
 * test_expand.c - presets in a configuration: whose word a host is, what a project may, what the policy
 * leaves
 */
#include "unit/config/resolve.h"

/* What the tests' profile allows. */
#define OWN "[\"**.example.org:443\""

static size_t asked;

/* "web" is two hosts, "odd" one and a note; any other is unknown. */
static int find_presets(UNUSED void *context, struct arena *arena, const char *const *names, size_t count,
	struct config_preset *ret, size_t *ret_wrong, struct error *err)
{
	static const struct config_preset_host web[] = {
		{ "a.example.test:443", "preset web" }, { "b.example.test:443/tls", "preset web (a tool)" },
	};
	static const char *const notes[] = { "a tool: it cannot say" };

	(void)arena;
	asked++;
	for (size_t i = 0; i < count; i++) {
		*ret_wrong = i;
		if (!strcmp(names[i], "web"))
			ret[i] = (struct config_preset){ .hosts = web, .host_count = 2 };
		else if (!strcmp(names[i], "odd"))
			ret[i] = (struct config_preset){ .hosts = web, .host_count = 1, .notes = notes,
				.note_count = 1 };
		else
			return error_set(err, -ENOENT, "there is no preset '%s'", names[i]);
	}
	return 0;
}

#define PRESETS(list) "{\"agent\": {\"network\": {\"presets\": " list "}}}"
#define BOTH(allow, list) "{\"agent\": {\"network\": {\"allow\": " allow ", \"presets\": " list "}}}"

/* Behind what the tests' profile allows. */
static const struct config_item *allowed(const struct config *config, size_t index)
{
	const struct config_list *list = &config->values[CONFIG_KEY_NETWORK_ALLOW].list;

	if (index + 1 >= list->count)
		test_fail(__FILE__, __LINE__, "%zu are allowed", list->count);
	return &list->items[index + 1];
}

TEST(hosts_come_behind_what_is_allowed_and_keep_whose_word_they_are)
{
	const struct config *config;

	CHECK_INT(resolve(&(struct scenario){ .user = BOTH("[\"a.example.test:443\"]", "[\"web\"]"),
		.presets = find_presets },
		&config),
		0);
	CHECK_TEXT(value_text(config, "network.allow"),
		OWN ",\"a.example.test:443\",\"b.example.test:443/tls\"]");
	CHECK_TEXT(config_origin_text(&test_arena, &allowed(config, 1)->origin), "preset web (a tool)");
	CHECK_INT(allowed(config, 1)->origin.source, CONFIG_SOURCE_USER);
	CHECK_INT(resolve(&(struct scenario){ .flags = { { "network.presets", "odd" } },
		.presets = find_presets },
		&config),
		0);
	CHECK_INT(allowed(config, 0)->origin.source, CONFIG_SOURCE_FLAG);
	CHECK_INT(config->notice_count, 1);
	CHECK_TEXT(config->notices[0].text, "preset 'odd': a tool: it cannot say");
	arena_fini(&test_arena);
}

TEST(an_unknown_name_has_its_place)
{
	const struct config *config;

	CHECK_INT(resolve(&(struct scenario){ .user = PRESETS("[\"web\",\n\"wbe\"]"),
		.presets = find_presets },
		&config),
		-EINVAL);
	CHECK_TEXT(problems_text(), "user.jsonc:2:1: network.presets: there is no preset 'wbe'");
	CHECK_INT(resolve(&(struct scenario){ .user = PRESETS("[\"../x\"]"), .presets = find_presets },
		&config),
		-EINVAL);
	CHECK(strstr(problems_text(), "user.jsonc:1:36: network.presets: '../x': the name of a preset has"));
	arena_fini(&test_arena);
}

TEST(a_project_needs_trust_and_nobody_is_asked_before_it_has_it)
{
	const struct config *config;

	asked = 0;
	CHECK_INT(resolve(&(struct scenario){ .project = PRESETS("[\"web\"]"), .presets = find_presets },
		&config),
		-EPERM);
	CHECK(strstr(problems_text(),
		"cordon.jsonc:1:36: network.presets: 'web' goes beyond what is allowed"));
	CHECK_INT(asked, 0);
	CHECK_INT(resolve(&(struct scenario){ .project = PRESETS("[\"web\"]"), .is_trusted = true,
		.presets = find_presets },
		&config),
		0);
	CHECK_INT(allowed(config, 0)->origin.source, CONFIG_SOURCE_PROJECT);
	/* One that the user named already is no widening, and stays the user's word. */
	CHECK_INT(resolve(&(struct scenario){ .user = PRESETS("[\"web\"]"), .project = PRESETS("[\"web\"]"),
		.presets = find_presets },
		&config),
		0);
	CHECK_INT(allowed(config, 0)->origin.source, CONFIG_SOURCE_USER);
	/* A project may take one away. */
	CHECK_INT(resolve(&(struct scenario){ .user = PRESETS("[\"web\"]"), .project = PRESETS("[]"),
		.presets = find_presets },
		&config),
		0);
	CHECK_TEXT(value_text(config, "network.allow"), OWN "]");
	arena_fini(&test_arena);
}

TEST(the_policy_narrows_names_and_hosts)
{
	const struct config *config;
	struct scenario scenario = { .user = PRESETS("[\"web\", \"odd\"]"), .presets = find_presets };

	scenario.policy = "{\"agent\": {\"network\": {\"allow\": [\"b.example.test:443\"]}}}";
	CHECK_INT(resolve(&scenario, &config), 0);
	CHECK_TEXT(value_text(config, "network.allow"), "[\"b.example.test:443/tls\"]");
	scenario.policy = PRESETS("[\"odd\"]");
	CHECK_INT(resolve(&scenario, &config), 0);
	CHECK_TEXT(value_text(config, "network.presets"), "[\"odd\"]");
	CHECK_TEXT(value_text(config, "network.allow"), OWN ",\"a.example.test:443\"]");
	/* Its own presets are part of what it allows. */
	scenario.user = BOTH("[\"a.example.test:443\", \"c.example.test:443\"]", "[\"odd\"]");
	scenario.policy = BOTH("[\"d.example.test:443\"]", "[\"odd\"]");
	CHECK_INT(resolve(&scenario, &config), 0);
	CHECK_TEXT(value_text(config, "network.allow"), "[\"a.example.test:443\"]");
	arena_fini(&test_arena);
}

TEST(an_agent_brings_presets)
{
	static const char *const presets[] = { "web" };
	const struct config_agent agent = { .name = "a", .presets = presets, .preset_count = 1 };
	const struct config *config;

	CHECK_INT(resolve(&(struct scenario){ .agent = &agent, .presets = find_presets }, &config), 0);
	CHECK_INT(allowed(config, 0)->origin.source, CONFIG_SOURCE_AGENT);
	CHECK_INT(resolve(&(struct scenario){ .agent = &agent, .user = PRESETS("[]"),
		.presets = find_presets },
		&config),
		0);
	CHECK_TEXT(value_text(config, "network.allow"), OWN "]");
	arena_fini(&test_arena);
}

TEST(what_a_session_keeps_is_not_expanded_again)
{
	const struct config *config, *again;

	CHECK_INT(resolve(&(struct scenario){ .user = PRESETS("[\"web\"]"), .presets = find_presets },
		&config),
		0);
	asked = 0;
	CHECK_INT(config_from_json(&test_arena, config_to_json(&test_arena, config), &again, &test_err), 0);
	CHECK_TEXT(value_text(again, "network.allow"), value_text(config, "network.allow"));
	CHECK_TEXT(config_origin_text(&test_arena, &allowed(again, 1)->origin), "preset web (a tool)");
	CHECK_INT(asked, 0);
	arena_fini(&test_arena);
}

TEST_MAIN()
