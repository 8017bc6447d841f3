// SPDX-License-Identifier: Apache-2.0
/*
 * read_lines.c - what a tool prints as lines: a URL is the last word of each
 *
 * Lines that the row knows (a heading, a source that is switched off) are passed over; any other that has no
 * URL ends it.
 */
#include "preset/tool.h"

static struct str trim(struct str line)
{
	while (line.len && ascii_is_space(line.data[0]))
		line.data++, line.len--;
	while (line.len && ascii_is_space(line.data[line.len - 1]))
		line.len--;
	return line;
}

const char *tool_read_lines(struct arena *arena, const struct tool *tool, struct str text,
	struct tool_answer *answer)
{
	const char *why = NULL;
	struct str line;

	while (text.len && !why) {
		(void)str_cut(text, '\n', &line, &text);
		line = trim(line);
		if (!line.len || tool_match(tool, line))
			continue;
		for (size_t i = line.len; i; i--) {
			if (!ascii_is_space(line.data[i - 1]))
				continue;
			line.data += i;
			line.len -= i;
			break;
		}
		why = tool_take(arena, tool, "", line, answer);
	}
	answer->has_first_key = answer->host_count;
	return why;
}
