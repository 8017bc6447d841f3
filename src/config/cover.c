// SPDX-License-Identifier: Apache-2.0
/*
 * cover.c - whether one entry of a list stands for all that another one does
 *
 * The answer decides whether a file that nobody trusted stays inside what is allowed, so it is yes only where
 * that is certain. For patterns that means: a wildcard of the narrow one is matched by a wildcard of the wide
 * one that is at least as wide; the languages are not compared any further.
 */
#include "config/config_internal.h"

#include "base/path.h"
#include "net/entry.h"

/* One element of a pattern: a byte that stands for itself, or a wildcard. */
enum element {
	ELEMENT_BYTE,
	ELEMENT_ONE,			/* "?": one byte but '/' */
	ELEMENT_RUN,			/* "*": any run without '/' */
	ELEMENT_DEEP,			/* "**": any run */
};

static enum element element_at(struct str pattern, size_t at, size_t *ret_len)
{
	*ret_len = 1;
	if (pattern.data[at] == '?')
		return ELEMENT_ONE;
	if (pattern.data[at] != '*')
		return ELEMENT_BYTE;
	if (at + 1 < pattern.len && pattern.data[at + 1] == '*') {
		*ret_len = 2;
		return ELEMENT_DEEP;
	}
	return ELEMENT_RUN;
}

/*
 * Whether @wide stands for whatever @narrow stands for; @wide_byte and @narrow_byte matter for ELEMENT_BYTE.
 */
static bool element_covers(enum element wide, char wide_byte, enum element narrow, char narrow_byte)
{
	bool slash = narrow == ELEMENT_BYTE && narrow_byte == '/';

	switch (wide) {
	case ELEMENT_BYTE:
		return narrow == ELEMENT_BYTE && wide_byte == narrow_byte;
	case ELEMENT_ONE:
		return narrow == ELEMENT_ONE || (narrow == ELEMENT_BYTE && !slash);
	case ELEMENT_RUN:
		return narrow != ELEMENT_DEEP && !slash;
	case ELEMENT_DEEP:
		return true;
	}
	return false;
}

/*
 * reached[i]: the first i bytes of the wide pattern may have been used up by what was read of the narrow one.
 * A run of the wide pattern is left without reading anything, so its end is reached wherever its beginning
 * is.
 */
static void leave_runs(struct str wide, bool *reached)
{
	for (size_t i = 0, len; i < wide.len; i += len)
		if (element_at(wide, i, &len) >= ELEMENT_RUN && reached[i])
			reached[i + len] = true;
}

/* Whether anything of @wide can still match. @next is room for as many as @reached holds. */
static bool read_element(struct str wide, bool *reached, bool *next, enum element narrow, char narrow_byte)
{
	bool is_alive = false;

	memset(next, 0, wide.len + 1);
	for (size_t i = 0, len; i < wide.len; i += len) {
		enum element element = element_at(wide, i, &len);

		if (!reached[i] || !element_covers(element, wide.data[i], narrow, narrow_byte))
			continue;
		next[element >= ELEMENT_RUN ? i : i + len] = true;
		is_alive = true;
	}
	memcpy(reached, next, wide.len + 1);
	leave_runs(wide, reached);
	return is_alive;
}

/* How many bytes both begin with before either has a wildcard. */
static size_t common_run(struct str wide, struct str narrow)
{
	size_t at = 0, len;

	while (at < wide.len && at < narrow.len && wide.data[at] == narrow.data[at] &&
			element_at(wide, at, &len) == ELEMENT_BYTE)
		at++;
	return at;
}

static struct str skip(struct str s, size_t len)
{
	return (struct str){ .data = s.data + len, .len = s.len - len };
}

static bool covers(struct str wide, struct str narrow)
{
	bool reached[CONFIG_TEXT_MAX + 1], next[CONFIG_TEXT_MAX + 1];

	memset(reached, 0, wide.len + 1);
	reached[0] = true;
	leave_runs(wide, reached);
	for (size_t i = 0, len; i < narrow.len; i += len) {
		enum element element = element_at(narrow, i, &len);

		if (!read_element(wide, reached, next, element, narrow.data[i]))
			return false;
	}
	return reached[wide.len];
}

/* Most pairs of patterns part at once, at bytes that stand for themselves. */
bool config_pattern_covers(struct str wide, struct str narrow)
{
	size_t run = common_run(wide, narrow), len;

	if (wide.len > CONFIG_TEXT_MAX)
		return false;
	wide = skip(wide, run);
	narrow = skip(narrow, run);
	if (!wide.len)
		return !narrow.len;
	/*
	 * A byte for itself covers that byte only, and it is another one, a wildcard or nothing that is
	 * there.
	 */
	return element_at(wide, 0, &len) != ELEMENT_BYTE && covers(wide, narrow);
}

static bool same_value(const struct config_item *a, const struct config_item *b)
{
	if (a->value && b->value)
		return str_eq(str_from(a->value), str_from(b->value));
	return !a->value && !b->value && json_equal(a->object, b->object);
}

bool config_item_covers(const struct config_key_row *row, const struct config_item *wide,
	const struct config_item *narrow)
{
	struct str wide_text = str_from(wide->text), narrow_text = str_from(narrow->text);

	switch (row->item) {
	case CONFIG_ITEM_PATH:
		return path_is_beneath(narrow_text, wide_text);
	case CONFIG_ITEM_PATTERN:
	case CONFIG_ITEM_VARIABLE:
	case CONFIG_ITEM_COMMAND:
		return config_pattern_covers(wide_text, narrow_text);
	case CONFIG_ITEM_HOST:
		return net_entry_covers(wide->entry, narrow->entry);
	case CONFIG_ITEM_PRESET:
		return str_eq(wide_text, narrow_text);
	case CONFIG_ITEM_MODULE:
	case CONFIG_ITEM_SOURCE:
		return str_eq(wide_text, narrow_text) && config_item_layer(wide) == config_item_layer(narrow);
	case CONFIG_ITEM_PORT:
	case CONFIG_ITEM_PUBLICATION:
	case CONFIG_ITEM_BYPASS:
		return str_eq(wide_text, narrow_text);
	case CONFIG_ITEM_TEXT:
	case CONFIG_ITEM_SECRET:
	case CONFIG_ITEM_LEAF:
		return str_eq(wide_text, narrow_text) && same_value(wide, narrow);
	case CONFIG_ITEM_URL:
	case CONFIG_ITEM_PROXY:
	case CONFIG_ITEM_REFERENCE:
	case CONFIG_ITEM_NONE:
		break;
	}
	return false;
}

bool config_item_meet(struct config_resolver *resolver, const struct config_key_row *row,
	const struct config_item *item, const struct config_item *ceiling, struct config_item *ret)
{
	struct net_entry *entry;
	char text[NET_ENTRY_SIZE];

	*ret = *ceiling;
	if (row->item != CONFIG_ITEM_HOST)
		return config_item_covers(row, item, ceiling);
	entry = config_alloc(resolver, 1, sizeof(*entry));
	if (!entry || !net_entry_meet(resolver->arena, item->entry, ceiling->entry, entry))
		return false;
	net_entry_print(entry, text);
	ret->entry = entry;
	ret->text = config_printf(resolver, "%s", text);
	return true;
}

bool config_list_covers(const struct config_key_row *row, const struct config_list *wide,
	const struct config_item *narrow)
{
	for (size_t i = 0; i < wide->count; i++)
		if (config_item_covers(row, &wide->items[i], narrow))
			return true;
	return false;
}
