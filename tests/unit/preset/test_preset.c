// SPDX-License-Identifier: Apache-2.0
/*
 * test_preset.c - files of presets: what is read, what is refused, what one includes, those that come with
 * cordon
 */
#include "lib/test.h"

#include "net/entry.h"
#include "preset/expand.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static struct arena arena = ARENA_INIT(32 << 20);
static struct error err;

#define HEAD "{\"version\": 1, \"description\": \"A\",\n"

static int read_text(const char *text, struct preset *ret)
{
	err = (struct error)ERROR_INIT;
	return preset_read(&arena, str_from(text), "a", "a.jsonc", ret, &err);
}

TEST(a_preset_is_read)
{
	struct preset preset;

	CHECK_INT(read_text(HEAD
		"\"entries\": [\"A.example.test\", \"*.b.example.test:80/http\"], \"includes\": [\"github\"], "
		"\"tools\": [\"pip\"], \"suggested_by\": [\"*.toml\"]}",
		&preset),
		0);
	CHECK_TEXT(preset.entries.items[0], "a.example.test:443");
	CHECK_TEXT(preset.entries.items[1], "*.b.example.test:80/http");
	CHECK_TEXT(preset.tools.items[0], "pip");
	CHECK_TEXT(preset.suggested_by.items[0], "*.toml");
	CHECK_INT(read_text("{\"version\": 1, \"description\": \"A\"}", &preset), 0);
	CHECK_INT(preset.entries.count + preset.tools.count, 0);
	arena_fini(&arena);
}

TEST(what_is_wrong_is_named_with_its_place)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "{\"version\": 1}", "a.jsonc:1:1: 'description' is missing" },
		{ "{\"version\": 2, \"description\": \"A\"}",
			"a.jsonc:1:13: this version of cordon reads version 1" },
		{ HEAD "\"hosts\": []}", "a.jsonc:2:1: unknown key 'hosts'" },
		{ HEAD "\"entries\": [\"!a.example.test\"]}",
			"a.jsonc:2:13: '!a.example.test': a preset allows, and denies nothing" },
		{ HEAD "\"tools\": [\"pip\", \"/bin/sh\"]}",
			"a.jsonc:2:18: '/bin/sh' is no tool that cordon knows how to ask" },
		{ HEAD "\"tools\": [{\"argv\": [\"sh\"]}]}",
			"a.jsonc:2:11: expected a text that is not empty" },
		{ HEAD "\"suggested_by\": [\"../x\"]}", "a.jsonc:2:18: '../x' is no clean relative path" },
	};
	struct preset preset;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_INT(read_text(rows[i].text, &preset), -EINVAL);
		CHECK_TEXT(err.text, rows[i].says);
	}
	CHECK_INT(read_text(HEAD "\"entries\": [\"a b\"]}", &preset), -EINVAL);
	CHECK(strstr(err.text, "a.jsonc:2:13: 'a b'"));
	arena_fini(&arena);
}

/* ---- files of the user's ---- */

static struct config_places places;

static void set_up(void)
{
	CHECK_INT(config_places_init(&arena, &places, &err), 0);
	places.config_dir = arena_copy(&arena, test_dir(), strlen(test_dir()));
	CHECK_INT(mkdir(arena_printf(&arena, "%s/presets", places.config_dir), 0755), 0);
}

static void write_preset(const char *name, const char *members)
{
	FILE *file = fopen(arena_printf(&arena, "%s/presets/%s.jsonc", places.config_dir, name), "we");

	CHECK(file);
	fprintf(file, "{\"version\": 1, \"description\": \"mine\", %s}", members);
	fclose(file);
}

static int find_all(const char *name, size_t *ret_count)
{
	const struct preset *found;

	err = (struct error)ERROR_INIT;
	return preset_find_all(&arena, &places, name, &found, ret_count, &err);
}

TEST(includes_are_followed_once_and_in_no_circle)
{
	size_t count = 0;

	set_up();
	write_preset("a", "\"includes\": [\"b\", \"c\"]");
	write_preset("b", "\"includes\": [\"c\"]");
	write_preset("c", "\"entries\": [\"c.example.test\"]");
	CHECK_INT(find_all("a", &count), 0);
	CHECK_INT(count, 3);
	write_preset("c", "\"includes\": [\"a\"]");
	CHECK_INT(find_all("a", &count), -ELOOP);
	CHECK(strstr(err.text, "/presets/c.jsonc:1:52: preset 'a' includes itself, through 'c'"));
	write_preset("c", "\"includes\": [\"c\"]");
	CHECK_INT(find_all("c", &count), -ELOOP);
	write_preset("c", "\"includes\": [\"gihub\"]");
	CHECK_INT(find_all("a", &count), -EINVAL);
	CHECK(strstr(err.text, "/presets/c.jsonc:1:52: there is no preset 'gihub'"));
	CHECK(strstr(err.hint, "Did you mean 'github'?"));
	CHECK_INT(find_all("../profiles/standard", &count), -ENOENT);
	arena_fini(&arena);
}

TEST(the_users_own_wins_and_one_that_others_write_is_refused)
{
	struct preset preset;

	set_up();
	write_preset("github", "\"entries\": [\"git.example.test\"]");
	CHECK_INT(preset_find(&arena, &places, "github", &preset, &err), 0);
	CHECK(preset.is_own);
	CHECK_TEXT(preset.entries.items[0], "git.example.test:443");
	CHECK_INT(chmod(preset.path, 0666), 0);
	CHECK_INT(preset_find(&arena, &places, "github", &preset, &err), -EPERM);
	arena_fini(&arena);
}

TEST(none_that_comes_with_cordon_is_broad)
{
	struct preset_expander expander = { .places = &places, .workspace = "/nowhere" };
	const char *const *names;
	size_t count = 0, wrong, hosts = 0;

	set_up();
	CHECK_INT(preset_list(&arena, &places, &names, &count, &err), 0);
	CHECK(count >= 34);
	for (size_t i = 0; i < count; i++) {
		struct config_preset meant;

		if (preset_expand(&expander, &arena, &names[i], 1, &meant, &wrong, &err) < 0)
			test_fail(__FILE__, __LINE__, "%s: %s", names[i], err.text);
		hosts += meant.host_count;
		for (size_t j = 0; j < meant.host_count; j++) {
			struct net_entry entry;
			struct net_flaw flaw;

			CHECK_INT(net_entry_read(&arena, str_from(meant.hosts[j].text), NET_PORTS_ALL, &entry,
				&flaw),
				0);
			if (net_entry_broad(&entry) || !entry.name.len || entry.ports.first != 443 ||
					entry.ports.last != 443)
				test_fail(__FILE__, __LINE__, "%s: %s", names[i], meant.hosts[j].text);
		}
	}
	CHECK(hosts > 100);
	arena_fini(&arena);
}

TEST_MAIN()
