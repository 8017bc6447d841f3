// SPDX-License-Identifier: Apache-2.0
/*
 * expand.c - what presets come to on this host
 *
 * All presets are looked at first, so that all their tools are asked at the same time.
 */
#include "preset/expand.h"

#include <errno.h>

/* One name, with all that it includes. */
struct found {
	const struct preset *presets;
	size_t count;
};

/* Room for what it comes to. */
struct result {
	struct arena *arena;
	const char *name;
	struct config_preset_host *hosts;
	size_t host_count, host_room;
	const char **notes;
	size_t note_count, note_room;
	bool is_full;
};

/* ---- asking ---- */

static struct tool_answer *find_answer(const struct preset_expander *expander, const char *name)
{
	for (size_t i = 0; i < expander->answer_count; i++)
		if (!strcmp(expander->answers[i].tool->name, name))
			return &expander->answers[i];
	return NULL;
}

/* Makes a place for a tool's answer, which is not there yet; every tool has one at most. */
static void want(struct preset_expander *expander, const char *name)
{
	if (!find_answer(expander, name))
		expander->answers[expander->answer_count++] = (struct tool_answer){
			.tool = tool_find(name),
		};
}

static int ask(struct preset_expander *expander, struct arena *arena, const struct found *found, size_t count)
{
	struct tool_host host = {
		.arena = arena, .home = expander->places->home, .workspace = expander->workspace,
		.envp = expander->envp,
	};
	size_t known = expander->answer_count, room = 0;

	if (!expander->answers) {
		while (tool_at(room))
			room++;
		expander->answers = arena_alloc_array(arena, room, sizeof(*expander->answers));
		if (!expander->answers)
			return -EMSGSIZE;
	}
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < found[i].count; j++)
			for (size_t k = 0; k < found[i].presets[j].tools.count; k++)
				want(expander, found[i].presets[j].tools.items[k]);
	if (expander->answer_count > known)
		tool_ask(&host, expander->answers + known, expander->answer_count - known);
	return 0;
}

/* ---- adding up ---- */

static void add_host(struct result *result, const char *text, const char *where)
{
	struct config_preset_host *hosts;

	for (size_t i = 0; i < result->host_count; i++)
		if (!strcmp(result->hosts[i].text, text))
			return;
	hosts = where ? arena_grow(result->arena, result->hosts, result->host_count, &result->host_room,
		sizeof(*hosts)) : NULL;
	if (!hosts) {
		result->is_full = true;
		return;
	}
	result->hosts = hosts;
	hosts[result->host_count++] = (struct config_preset_host){ text, where };
}

static void add_note(struct result *result, const struct tool *tool, const char *text)
{
	const char **notes = arena_grow(result->arena, result->notes, result->note_count, &result->note_room,
		sizeof(*notes));
	const char *note = arena_printf(result->arena, "%s: %s", tool->shown, text ? text : "it cannot say");

	if (!notes || !note) {
		result->is_full = true;
		return;
	}
	result->notes = notes;
	notes[result->note_count++] = note;
}

static void add_answer(struct result *result, const struct preset_expander *expander,
	const struct tool_answer *answer)
{
	const struct tool *tool = answer->tool;
	const struct tool_answer *other = tool->unless ? find_answer(expander, tool->unless) : NULL;
	const char *where = arena_printf(result->arena, "preset %s (%s)", result->name, tool->shown);

	if (other && other->state == TOOL_ANSWERED && other->has_first_key)
		return;
	for (size_t i = 0; answer->state == TOOL_ANSWERED && i < answer->host_count; i++)
		add_host(result, answer->hosts[i], where);
	/* Who has no such file or variable has nothing to be told of. */
	if (answer->state == TOOL_FAILED || (answer->state == TOOL_MISSING && tool->argv[0]))
		add_note(result, tool, answer->why);
	if (answer->state == TOOL_ANSWERED && answer->left_out)
		add_note(result, tool, answer->left_out);
	if (tool->lacks && (expander->tells_all || !answer->host_count))
		add_note(result, tool, tool->lacks);
}

/* A preset with several tools is for who has one of them: what is missing beside an answer is no news. */
static bool has_answer(const struct preset_expander *expander, const struct preset *preset)
{
	for (size_t i = 0; i < preset->tools.count; i++) {
		const struct tool_answer *answer = find_answer(expander, preset->tools.items[i]);

		if (answer && answer->state == TOOL_ANSWERED && answer->host_count)
			return true;
	}
	return false;
}

static void add_preset(struct result *result, const struct preset_expander *expander,
	const struct preset *preset)
{
	const char *where = !strcmp(preset->name, result->name) ?
		arena_printf(result->arena, "preset %s", result->name) :
		arena_printf(result->arena, "preset %s (%s)", result->name, preset->name);
	bool is_answered = expander->asks && has_answer(expander, preset);

	for (size_t i = 0; i < preset->entries.count; i++)
		add_host(result, preset->entries.items[i], where);
	for (size_t i = 0; expander->asks && i < preset->tools.count; i++) {
		const struct tool_answer *answer = find_answer(expander, preset->tools.items[i]);

		if (answer && (answer->state != TOOL_MISSING || !is_answered))
			add_answer(result, expander, answer);
	}
}

int preset_expand(void *context, struct arena *arena, const char *const *names, size_t count,
	struct config_preset *ret, size_t *ret_wrong, struct error *err)
{
	struct preset_expander *expander = context;
	struct found *found = arena_alloc_array(arena, count + 1, sizeof(*found));
	int r = found ? 0 : -EMSGSIZE;

	*ret_wrong = 0;
	for (size_t i = 0; i < count && r >= 0; i++) {
		*ret_wrong = i;
		r = preset_find_all(arena, expander->places, names[i], &found[i].presets, &found[i].count,
			err);
		if (r < 0)
			return r;
	}
	if (r >= 0 && expander->asks)
		r = ask(expander, arena, found, count);
	for (size_t i = 0; i < count && r >= 0; i++) {
		struct result result = { .arena = arena, .name = names[i] };

		*ret_wrong = i;
		for (size_t j = 0; j < found[i].count; j++)
			add_preset(&result, expander, &found[i].presets[j]);
		if (result.is_full)
			r = -EMSGSIZE;
		ret[i] = (struct config_preset){
			result.hosts, result.host_count, result.notes, result.note_count,
		};
	}
	return r < 0 ? error_set(err, r, "the presets come to too much") : 0;
}
