// SPDX-License-Identifier: Apache-2.0
/*
 * answer.c - from what a tool printed to hosts, by the form of its row
 */
#include "preset/tool.h"

const char *tool_match(const struct tool *tool, struct str name)
{
	for (size_t i = 0; i < TOOL_LIST_MAX && tool->keys[i]; i++) {
		const char *key = tool->keys[i];

		if (str_match_glob(str_from(key + (key[0] == '?' || key[0] == '~')), name))
			return key;
	}
	return NULL;
}

const char *tool_read(struct arena *arena, const struct tool *tool, struct str text, bool lenient,
	struct tool_answer *answer)
{
	if (memchr(text.data, '\0', text.len))
		return "it has something that is no text";
	switch (tool->format) {
	case TOOL_LINES:
		return tool_read_lines(arena, tool, text, answer);
	case TOOL_JSON:
		return tool_read_json(arena, tool, text, answer);
	case TOOL_SETTINGS:
		return tool_read_settings(arena, tool, text, lenient, answer);
	case TOOL_XML:
		return tool_read_xml(arena, tool, text, answer);
	case TOOL_NAMES:
		return tool_take(arena, tool, "?", text, answer);
	}
	return "cordon cannot read it";
}
