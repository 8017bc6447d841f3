// SPDX-License-Identifier: Apache-2.0
/*
 * read_json.c - what a tool prints as JSON: members whose names the row knows, wherever they stand
 *
 * Their values are texts, or lists of texts. What else the document has is the tool's business, but it has to
 * be one.
 */
#include "preset/tool.h"

#include "json/json.h"

/* One document on its way. */
struct walk {
	struct arena *arena;
	const struct tool *tool;
	struct tool_answer *answer;
};

static const char *take_value(const struct walk *walk, const char *key, const struct json *value)
{
	const char *why = NULL;

	if (value->type == JSON_STRING)
		return tool_take(walk->arena, walk->tool, key, value->text, walk->answer);
	for (size_t i = 0; value->type == JSON_ARRAY && i < value->array.count && !why; i++)
		if (value->array.items[i]->type == JSON_STRING)
			why = tool_take(walk->arena, walk->tool, key, value->array.items[i]->text,
				walk->answer);
	return why;
}

/* Recursion: at most TOOL_DEPTH_MAX deep. */
static const char *visit(const struct walk *walk, const struct json *value, unsigned depth)
{
	const char *why = NULL;

	if (depth == TOOL_DEPTH_MAX)
		return "its document is too deep";
	for (size_t i = 0; value->type == JSON_ARRAY && i < value->array.count && !why; i++)
		why = visit(walk, value->array.items[i], depth + 1);
	for (size_t i = 0; value->type == JSON_OBJECT && i < value->object.count && !why; i++) {
		const struct json_member *member = &value->object.members[i];
		const char *key = tool_match(walk->tool, member->key->text);

		if (key)
			why = take_value(walk, key, member->value);
		if (!why)
			why = visit(walk, member->value, depth + 1);
	}
	return why;
}

const char *tool_read_json(struct arena *arena, const struct tool *tool, struct str text,
	struct tool_answer *answer)
{
	const struct walk walk = { arena, tool, answer };
	const struct json *document;

	if (json_read(arena, text, JSON_READ_STRICT, &document, NULL) < 0)
		return "it is no document in JSON";
	return visit(&walk, document, 0);
}
