// SPDX-License-Identifier: Apache-2.0
/*
 * init_text.c - the file that `cordon init` writes
 *
 * What is in force in it takes something away, so it works at once, for whoever clones the project too. What
 * would allow more is written down beside it as a comment: a person takes the slashes away, and then says
 * `cordon trust`. Names that the project chose stand in comments quoted, and in values as JSON has it.
 */
#include "cli/init_text.h"

#include "base/quote.h"
#include "config/agent.h"

#include <errno.h>
#include <stdio.h>

enum {
	COMMENT_COLUMNS = 100,
};

/* ---- pieces ---- */

/* ["a", "b"]; a path that begins like a home directory is none. */
static void put_list(struct buf *out, const char *const *items, size_t count, bool are_paths)
{
	scoped(arena) struct arena arena = ARENA_INIT(INIT_TEXT_BYTES_MAX);

	(void)buf_append_str(out, "[");
	for (size_t i = 0; i < count; i++) {
		bool is_odd = are_paths && items[i][0] == '~';
		const char *text = arena_printf(&arena, "%s%s", is_odd ? "${workspace}/" : "", items[i]);

		(void)buf_append_str(out, i ? ", " : "");
		(void)json_write(out, text ? json_new_text(&arena, text) : NULL, JSON_WRITE_CANONICAL);
	}
	(void)buf_append_str(out, "]");
}

/* Words, separated by commas, in lines of a comment of their own. */
struct words {
	struct buf *out;
	size_t column;
};

static void put_word(struct words *words, const char *word, bool is_last)
{
	size_t len = strlen(word) + !is_last;

	if (words->column && words->column + 1 + len > COMMENT_COLUMNS)
		words->column = 0;
	(void)buf_printf(words->out, "%s%s%s", words->column ? " " : "\n\t\t//\t", word, is_last ? "" : ",");
	words->column += 1 + len;
}

static void put_sources(struct buf *out, const struct project *project)
{
	struct words words = { .out = out };

	for (size_t i = 0; i < project->source_count; i++) {
		char command[128];

		snprintf(command, sizeof(command), "`%s`", project->sources[i]);
		put_word(&words, command, i + 1 == project->source_count);
	}
	(void)buf_append_str(out, "\n");
}

static void put_commands(struct buf *out, const struct project *project, bool are_here)
{
	size_t count = 0, seen = 0;
	struct words words = { .out = out };

	for (size_t i = 0; i < project->command_count; i++)
		count += project->commands[i].is_here == are_here;
	if (!count)
		return;
	(void)buf_append_str(out, are_here ? "\t\t// Likely needed, and on your PATH:" :
		"\t\t// Likely needed, and not on your PATH, so the agent will not find it either:");
	for (size_t i = 0; i < project->command_count; i++)
		if (project->commands[i].is_here == are_here)
			put_word(&words, project->commands[i].name, ++seen == count);
	(void)buf_append_str(out, "\n");
}

/* ---- sections ---- */

static void put_head(struct buf *out, const struct project *project)
{
	(void)buf_append_str(out,
		"// What an agent in cordon is given in this project. `cordon init` wrote it; from here on it is yours.\n"
		"//\n"
		"// A project's file takes away from what your own configuration allows. Where it would allow more, no session\n"
		"// starts until you said `cordon trust` to exactly this content. `cordon config show --origin` prints every\n"
		"// value in effect and who says so, `cordon config check` looks for mistakes, cordon.jsonc(5) has all keys.\n"
		"//\n");
	if (!project->found_count)
		(void)buf_append_str(out,
			"// Nothing was found here that tells what kind of project this is.\n");
	for (size_t i = 0; i < project->found_count; i++)
		(void)buf_printf(out, "%s//\t%s (%s)\n", i ? "" : "// Found here:\n",
			project->found[i].kind->title, quote_cstr(project->found[i].mark).text);
}

static void put_profile(struct buf *out, const struct project *project, const char *profile)
{
	if (profile) {
		(void)buf_printf(out,
			"\t\t// What sessions here stand on: `cordon profile show %s`.\n\t\t\"profile\": \"%s\",\n\n",
			profile, profile);
		return;
	}
	(void)buf_append_str(out,
		"\t\t// What sessions here stand on. Without a choice it is your own configuration's, or else \"standard\".\n");
	if (project->profile)
		(void)buf_printf(out,
			"\t\t// Made for projects like this one: \"%s\". `cordon profile diff standard %s` shows\n"
			"\t\t// what it changes; it allows more than \"standard\" in some things, so it needs `cordon trust`.\n"
			"\t\t// \"profile\": \"%s\",\n\n",
			project->profile, project->profile, project->profile);
	else
		(void)buf_append_str(out,
			"\t\t// `cordon profile list` names them all.\n\t\t// \"profile\": \"restricted\",\n\n");
}

static void put_files(struct buf *out, const struct project *project)
{
	(void)buf_append_str(out, "\t\t\"filesystem\": {\n");
	if (project->secret_count) {
		(void)buf_append_str(out,
			"\t\t\t// Files with such names often hold credentials: the agent sees the names and cannot open them.\n"
			"\t\t\t// Take out what it has to read.\n\t\t\t\"deny\": ");
		put_list(out, project->secrets, project->secret_count, true);
		(void)buf_append_str(out, ",\n");
	}
	(void)buf_append_str(out,
		"\t\t\t// Look as if they were not there:\n"
		"\t\t\t// \"hide\": [\"private\"],\n"
		"\t\t\t// Besides the project, each at its own path (needs `cordon trust`):\n"
		"\t\t\t// \"read\": [\"~/reference\"],\n"
		"\t\t},\n\n");
}

static void put_network(struct buf *out, const struct project *project)
{
	(void)buf_append_str(out,
		"\t\t// Without an entry, nothing is reached; a refusal says which one is missing.\n");
	if (project->source_count) {
		(void)buf_append_str(out,
			"\t\t// Where packages come from is for your own settings to say, and these print it:");
		put_sources(out, project);
		(void)buf_append_str(out, "\t\t// Such hosts stand here (needs `cordon trust`):\n");
	}
	if (project->preset_count)
		(void)buf_append_str(out,
			"\t\t// Presets are hosts under a name: `cordon presets show NAME` prints those of one, on this host. By the\n"
			"\t\t// names in this project (needs `cordon trust`):\n");
	(void)buf_append_str(out, "\t\t// \"network\": { ");
	if (project->preset_count) {
		(void)buf_append_str(out, "\"presets\": ");
		put_list(out, project->presets, project->preset_count, false);
		(void)buf_append_str(out, ", ");
	}
	(void)buf_append_str(out, "\"allow\": [\"example.org\"] },\n\n");
}

static void put_exec(struct buf *out, const struct project *project)
{
	(void)buf_append_str(out,
		"\t\t// Every program that the sandbox sees may run: the sandbox is what holds it. A narrower list is not\n"
		"\t\t// enforced by this version, so no session starts with one.\n");
	put_commands(out, project, true);
	put_commands(out, project, false);
	(void)buf_append_str(out, "\n");
}

static void put_agents(struct buf *out, const struct agents_here *agents)
{
	struct words words = { .out = out };

	if (!agents->count)
		return;
	(void)buf_printf(out,
		"\t\t// Agents on your PATH that cordon knows. `cordon run %s` is all that one types; `cordon agent show %s`\n"
		"\t\t// prints the hosts that it adds, what it keeps, and what it is given of your settings:",
		agents->items[0].name, agents->items[0].name);
	for (size_t i = 0; i < agents->count; i++)
		put_word(&words, agents->items[i].name, i + 1 == agents->count);
	(void)buf_append_str(out, "\n\n");
}

static void put_limits(struct buf *out)
{
	(void)buf_append_str(out,
		"\t\t// Less than your own configuration allows; all processes of a session count together.\n"
		"\t\t\"limits\": {\n"
		"\t\t\t// \"memory\": \"8G\",\n"
		"\t\t\t// \"pids\": 1024,\n"
		"\t\t\t// \"storage\": \"16G\",\n"
		"\t\t\t// \"time\": \"4h\",\n"
		"\t\t\t// \"idle\": \"30m\",\n"
		"\t\t},\n\n");
}

static void put_commit(struct buf *out, const struct project *project)
{
	(void)buf_append_str(out,
		"\t\t\"commit\": {\n"
		"\t\t\t// No commit changes these without your explicit word; patterns are relative to the project.\n\t\t\t");
	if (!project->term_count)
		(void)buf_append_str(out, "// ");
	(void)buf_append_str(out, "\"protect\": ");
	if (project->term_count)
		put_list(out, project->terms, project->term_count, false);
	else
		(void)buf_append_str(out, "[\"deploy/**\"]");
	(void)buf_append_str(out,
		",\n"
		"\t\t\t// At the end: \"review\" shows the changes and asks, \"hold\" keeps them for later.\n"
		"\t\t\t// \"on_exit\": \"hold\",\n"
		"\t\t},\n");
}

static void put_policy(struct buf *out)
{
	(void)buf_append_str(out,
		"\n\t\t// Rules of this project's own, in Rego, deny, ask and warn beside those that judge anyway: files and\n"
		"\t\t// directories. cordon-policy(7) is a tour, `cordon policy explain commit` lists what judges here.\n"
		"\t\t// \"policy\": { \"files\": [\"rules\"] },\n");
}

int init_text(const struct project *project, const struct agents_here *agents, const char *profile,
	struct buf *ret)
{
	put_head(ret, project);
	(void)buf_append_str(ret, "{\n\t\"agent\": {\n");
	put_profile(ret, project, profile);
	put_files(ret, project);
	put_network(ret, project);
	put_exec(ret, project);
	put_agents(ret, agents);
	put_limits(ret);
	put_commit(ret, project);
	put_policy(ret);
	(void)buf_append_str(ret, "\t},\n}\n");
	return buf_failed(ret) ? -EMSGSIZE : 0;
}
