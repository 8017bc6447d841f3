// SPDX-License-Identifier: Apache-2.0
/*
 * test_agent.c - agents: what is read, what is refused, the command line, and those that come with cordon
 */
#include "lib/test.h"

#include "config/agent.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static struct arena arena = ARENA_INIT(8 << 20);
static struct error err;

static int read_text(const char *text, struct agent *ret)
{
	err = (struct error)ERROR_INIT;
	return agent_read(&arena, str_from(text), "a", "a.jsonc", ret, &err);
}

#define HEAD "{\"version\": 1, \"name\": \"a\", \"description\": \"A\", "
#define AGENT(members) HEAD "\"state\": [\"~/.a\"], \"never\": [\"~/.a/key\"], \"hosts\": [],\n" members "}"

TEST(an_agent_is_read)
{
	struct agent agent;

	CHECK_INT(read_text(AGENT("\"arguments\": [\"-x\"], \"unless\": [\"-y\"], \"environment\": {\"V\": \"1=2\"}, "
		"\"import\": [{\"file\": \"~/.a/rc.json\", \"keys\": [\"k\"], \"set\": {\"s\": 1}}, "
		"{\"file\": \"~/.a/*.md\"}]"), &agent), 0);
	CHECK_TEXT(agent.environment.items[0], "V=1=2");
	CHECK_INT(agent.import_count, 2);
	CHECK(agent.imports[0].has_keys && agent.imports[0].set && !agent.imports[1].has_keys);
	CHECK_TEXT(agent.imports[0].keys.items[0], "k");
	CHECK(json_equal(json_pointer(agent_to_json(&arena, &agent), STR("/environment/V")),
		json_new_text(&arena, "1=2")));
	arena_fini(&arena);
}

TEST(what_is_wrong_is_named_with_its_place)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ HEAD "\"never\": [], \"hosts\": []}", "a.jsonc:1:1: 'state' is missing" },
		{ "{\"version\": 1, \"name\": \"b\", \"description\": \"A\", \"state\": [], \"never\": [], \"hosts\": []}",
			"a.jsonc:1:24: the file of agent 'b' is called b.jsonc" },
		{ "{\"version\": 9, \"name\": \"a\", \"description\": \"A\", \"state\": [], \"never\": [], \"hosts\": []}",
			"a.jsonc:1:13: this version of cordon reads version 1" },
		{ AGENT("\"stat\": []"), "a.jsonc:2:1: unknown key 'stat'" },
		{ AGENT("\"environment\": {\"A-B\": \"x\"}"),
			"a.jsonc:2:24: 'A-B' is no name of a variable" },
		{ AGENT("\"environment\": {\"A\": 1}"), "a.jsonc:2:22: a variable's value is a text" },
		{ AGENT("\"import\": [{\"file\": \"~/.a/key\"}]"),
			"a.jsonc:2:12: '~/.a/key' is never imported" },
		{ AGENT("\"import\": [{\"file\": \"~/.a/k*\"}]"),
			"a.jsonc:2:12: '~/.a/key' is never imported" },
		{ AGENT("\"import\": [{\"file\": \"~/.a\"}]"), "a.jsonc:2:12: '~/.a/key' is never imported" },
		{ AGENT("\"import\": [{\"file\": \"~/.a/key/x\"}]"),
			"a.jsonc:2:12: '~/.a/key' is never imported" },
		{ AGENT("\"import\": [{\"file\": \"~/.b\"}]"),
			"a.jsonc:2:12: '~/.b' does not lie in the agent's state" },
		{ AGENT("\"import\": [{\"file\": \"~/.a/*/x\"}]"),
			"a.jsonc:2:12: '~/.a/*/x': '*' may stand in the last name only" },
		{ AGENT("\"import\": [{\"file\": \"~/.a/x.toml\", \"set\": {}}]"),
			"a.jsonc:2:12: 'set' is for files that end in .json" },
		{ AGENT("\"import\": [{\"files\": \"x\"}]"), "a.jsonc:2:13: unknown key 'files'" },
	};
	struct agent agent;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CHECK_INT(read_text(cases[i].text, &agent), -EINVAL);
		CHECK_TEXT(err.text, cases[i].says);
	}
	CHECK_INT(read_text(HEAD "\"state\": [], \"never\": [], \"hosts\": [\"a b\"]}", &agent), -EINVAL);
	CHECK(strstr(err.text, "a.jsonc:1:") && strstr(err.text, "'a b'"));
	CHECK_INT(read_text("{", &agent), -EBADMSG);
	arena_fini(&arena);
}

static const char *command(const struct agent *agent, const char *const *argv, size_t argc)
{
	struct buf text = BUF_INIT(1000);
	const char *const *words, *joined;
	size_t added;

	CHECK_INT(agent_command(&arena, agent, argv, argc, &words, &added), 0);
	for (size_t i = 0; i < argc + added; i++)
		buf_printf(&text, "%s ", words[i]);
	CHECK(!words[argc + added]);
	joined = arena_copy(&arena, text.data, text.len);
	buf_fini(&text);
	return joined;
}

TEST(arguments_are_added_unless_the_user_says_otherwise)
{
	struct agent agent;

	CHECK_INT(read_text(AGENT("\"arguments\": [\"-x\", \"--all\"], \"unless\": [\"--mode\"]"), &agent),
		0);
	CHECK_TEXT(command(&agent, (const char *[]){ "a", NULL }, 1), "a -x --all ");
	CHECK_TEXT(command(&agent, (const char *[]){ "a", "w", NULL }, 2), "a -x --all w ");
	CHECK_TEXT(command(&agent, (const char *[]){ "a", "--mode", NULL }, 2), "a --mode ");
	CHECK_TEXT(command(&agent, (const char *[]){ "a", "--mode=x", NULL }, 2), "a --mode=x ");
	CHECK_TEXT(command(&agent, (const char *[]){ "a", "--model", NULL }, 2), "a -x --all --model ");
	CHECK_TEXT(command(&agent, (const char *[]){ "a", "--", "--mode", NULL }, 3),
		"a -x --all -- --mode ");
	arena_fini(&arena);
}

TEST(the_agents_of_cordon_are_sound)
{
	struct config_places places;
	const char *const *names;
	struct agent agent;
	size_t count = 0;

	CHECK_INT(config_places_init(&arena, &places, &err), 0);
	CHECK_INT(agent_list(&arena, &places, &names, &count, &err), 0);
	CHECK(count >= 8);
	for (size_t i = 0; i < count; i++) {
		CHECK_INT(agent_find(&arena, &places, names[i], &agent, &err), 0);
		CHECK(agent.never.count && agent.hosts.count && agent.state.count && !agent.is_own);
	}
	CHECK_INT(agent_find(&arena, &places, "nobody", &agent, &err), -ENOENT);
	CHECK_INT(agent_find(&arena, &places, "../profiles/standard", &agent, &err), -ENOENT);
	arena_fini(&arena);
}

/* ---- the user's own ---- */

static struct config_places own_places(void)
{
	struct config_places places;

	CHECK_INT(config_places_init(&arena, &places, &err), 0);
	places.config_dir = test_dir();
	CHECK_INT(mkdir(arena_printf(&arena, "%s/agents", test_dir()), 0755), 0);
	return places;
}

static const char *write_own(const char *file, const char *text, mode_t mode)
{
	const char *path = arena_printf(&arena, "%s/agents/%s", test_dir(), file);
	FILE *stream = fopen(path, "w");

	CHECK(stream && fputs(text, stream) >= 0 && !fclose(stream));
	CHECK_INT(chmod(path, mode), 0);
	return path;
}

TEST(the_users_own_file_counts_and_is_listed_once)
{
	struct config_places places = own_places();
	const char *const *names;
	size_t shipped = 0, count = 0;
	struct agent agent;

	CHECK_INT(agent_list(&arena, &places, &names, &shipped, &err), 0);
	write_own("a.jsonc", AGENT("\"arguments\": []"), 0644);
	write_own("aider.jsonc", "{}", 0644);
	write_own("notes.txt", "", 0644);
	write_own("Not a name.jsonc", "", 0644);
	CHECK_INT(agent_list(&arena, &places, &names, &count, &err), 0);
	CHECK_INT(count, shipped + 1);
	CHECK_TEXT(names[0], "a");
	CHECK_TEXT(names[1], "aider");
	CHECK_INT(agent_find(&arena, &places, "a", &agent, &err), 0);
	CHECK(agent.is_own);
	/* The one that came with cordon does not stand in for one's own that is wrong. */
	CHECK(agent_find(&arena, &places, "aider", &agent, &err) < 0 && err.code != -ENOENT);
	arena_fini(&arena);
}

TEST(what_somebody_else_could_have_written_is_not_believed)
{
	struct config_places places = own_places();
	const char *path = write_own("a.jsonc", AGENT("\"arguments\": []"), 0666);
	struct agent agent;

	CHECK_INT(agent_find(&arena, &places, "a", &agent, &err), -EPERM);
	CHECK(strstr(err.text, "can be written by somebody else"));
	CHECK(strstr(err.hint, "chmod o-w"));
	CHECK_INT(remove(path), 0);
	CHECK_INT(mkfifo(path, 0600), 0);
	CHECK_INT(agent_find(&arena, &places, "a", &agent, &err), -EINVAL);
	CHECK(strstr(err.text, "is not a regular file"));
	CHECK_INT(remove(path), 0);
	CHECK_INT(mkdir(path, 0700), 0);
	CHECK_INT(agent_find(&arena, &places, "a", &agent, &err), -EINVAL);
	arena_fini(&arena);
}

TEST(more_agents_than_can_be_listed_are_an_error)
{
	struct config_places places = own_places();
	const char *const *names;
	size_t count;
	char file[32];

	for (int i = 0; i <= AGENTS_MAX; i++) {
		snprintf(file, sizeof(file), "a%d.jsonc", i);
		write_own(file, "{}", 0644);
	}
	CHECK_INT(agent_list(&arena, &places, &names, &count, &err), -EMSGSIZE);
	CHECK(strstr(err.text, "reading the agents in"));
	arena_fini(&arena);
}

TEST_MAIN()
