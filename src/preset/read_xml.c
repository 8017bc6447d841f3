// SPDX-License-Identifier: Apache-2.0
/*
 * read_xml.c - the elements <url> of a document in XML
 *
 * Comments are passed over. Entities are not resolved, and a document that declares some is not read: nothing
 * that names a host has a use for them.
 */
#include "preset/tool.h"

static struct str behind(struct str text, const char *mark, struct str *ret_before)
{
	size_t len = strlen(mark);
	const char *at = memmem(text.data, text.len, mark, len);

	*ret_before = text;
	if (!at)
		return (struct str){ text.data + text.len, 0 };
	ret_before->len = (size_t)(at - text.data);
	return (struct str){ at + len, text.len - ret_before->len - len };
}

const char *tool_read_xml(struct arena *arena, const struct tool *tool, struct str text,
	struct tool_answer *answer)
{
	const char *why = NULL;
	struct str skipped, value;

	if (memmem(text.data, text.len, "<!DOCTYPE", 9) || memmem(text.data, text.len, "<!ENTITY", 8))
		return "it declares entities";
	while (text.len && !why) {
		text = behind(text, "<", &skipped);
		if (str_starts_with(text, STR("!--"))) {
			text = behind(text, "-->", &skipped);
		} else if (str_starts_with(text, STR("url>"))) {
			text = behind(text, "url>", &skipped);
			text = behind(text, "</url>", &value);
			why = tool_take(arena, tool, "", value, answer);
		}
	}
	return why;
}
