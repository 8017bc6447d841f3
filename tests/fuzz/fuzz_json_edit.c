// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_json_edit.c - a text more in a list: nothing of the old text is lost, and not one comment changes
 *
 * The document is the input. What comes out has to be the old document and the item (which json_edit_append()
 * looks at itself, so here it is counted), and the old text with bytes put in, none of them in a comment.
 */
#include "json/json_edit.h"

enum {
	BYTES_MAX = 1 << 16,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All comments behind each other; the text is JSONC. */
static void collect_comments(struct str text, struct buf *ret)
{
	for (size_t at = 0; at < text.len; at++) {
		size_t start = at;

		if (text.data[at] == '"') {
			for (at++; text.data[at] != '"'; at++)
				at += text.data[at] == '\\';
		} else if (text.data[at] == '/') {
			bool is_line = text.data[at + 1] == '/';
			size_t end;

			for (at += 2; at < text.len && (is_line ? text.data[at] != '\n' :
				(text.data[at] != '*' || text.data[at + 1] != '/'));)
				at++;
			/* Returns at a line's end are no part of a comment that is on it. */
			for (end = at; is_line && text.data[end - 1] == '\r';)
				end--;
			assert(buf_append(ret, text.data + start, end - start) >= 0);
			assert(buf_append_char(ret, '\n') >= 0);
			at += !is_line;
		}
	}
}

static void check_bytes_stay(struct str old, struct str new)
{
	size_t at = 0;

	for (size_t i = 0; i < new.len &&at < old.len; i++)
		at += new.data[i] == old.data[at];
	assert(at == old.len);
}

static size_t count_items(struct arena *arena, struct str text, const char *const *path, size_t count)
{
	const struct json *value;

	assert(json_read(arena, text, JSON_READ_JSONC, &value, NULL) >= 0);
	for (size_t i = 0; i < count; i++)
		value = json_get(value, path[i]);
	return value ? value->array.count : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const path[] = { "a", "b" };
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	scoped(buf) struct buf text = BUF_INIT(2 * BYTES_MAX), before = BUF_INIT(2 * BYTES_MAX),
			       after = BUF_INIT(2 * BYTES_MAX);
	struct str old = { (const char *)data, size }, new;

	if (size > BYTES_MAX || json_edit_append(old, path, 2, STR("x"), &text, NULL) < 0)
		return 0;
	new = (struct str){ text.data, text.len };
	assert(count_items(&arena, new, path, 2) == count_items(&arena, old, path, 2) + 1);
	check_bytes_stay(old, new);
	collect_comments(old, &before);
	collect_comments(new, &after);
	assert(before.len == after.len && (!before.len || !memcmp(before.data, after.data, before.len)));
	return 0;
}
