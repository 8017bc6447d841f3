// SPDX-License-Identifier: Apache-2.0
/*
 * unpack.c - names and contents of an archive or a directory, whatever reads them
 */
#include "policy/unpack.h"

#include "base/path.h"
#include "base/quote.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>

const char *policy_entry_name(struct arena *arena, struct str name, struct error *err)
{
	struct str rest = name;
	const char *copy;

	if (str_starts_with(rest, STR("./")))
		rest = (struct str){ rest.data + 2, rest.len - 2 };
	else if (str_starts_with(rest, STR("/")))
		rest = (struct str){ rest.data + 1, rest.len - 1 };
	if (rest.len && rest.data[rest.len - 1] == '/')
		rest.len--;
	if (!rest.len)
		rest = STR(".");
	if (name.len > POLICY_ENTRY_NAME_MAX || !utf8_is_valid(rest) || !path_is_clean(rest) ||
			rest.data[0] == '/') {
		error_set(err, -EBADMSG, "it holds a file of the name '%s'", quote_text(name).text);
		error_hint(err, "Names in a bundle are relative, UTF-8, and without '..' or empty parts.");
		return NULL;
	}
	copy = arena_copy(arena, rest.data, rest.len);
	if (!copy)
		error_set(err, -EMSGSIZE, "its names are longer than the memory that they may have");
	return copy;
}

int policy_entries_add(struct arena *arena, struct policy_entries *entries, const char *name,
	struct str content, struct error *err)
{
	struct policy_entry *items;

	/* The directory that all of it is in may have that name; a file cannot. */
	if (!strcmp(name, "."))
		return error_set(err, -EBADMSG, "it holds a file without a name");
	if (entries->count == POLICY_ENTRIES_MAX)
		return error_set(err, -EMSGSIZE, "it holds more than %d files", POLICY_ENTRIES_MAX);
	items = arena_grow(arena, entries->items, entries->count, &entries->room, sizeof(*items));
	if (!items)
		return error_set(err, -EMSGSIZE, "it is larger than the memory that it may have");
	entries->items = items;
	items[entries->count++] = (struct policy_entry){ .name = name, .content = content };
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct policy_entry *a = left, *b = right;

	return strcmp(a->name, b->name);
}

int policy_entries_sort(struct policy_entries *entries, struct error *err)
{
	if (entries->count)
		qsort(entries->items, entries->count, sizeof(*entries->items), compare);
	for (size_t i = 1; i < entries->count; i++)
		if (!compare(&entries->items[i - 1], &entries->items[i]))
			return error_set(err, -EBADMSG, "it holds two files of the name '%s'",
				quote_cstr(entries->items[i].name).text);
	return 0;
}

const struct policy_entry *policy_entries_find(const struct policy_entries *entries, const char *name)
{
	struct policy_entry wanted = { .name = name };

	return entries->count ?
		bsearch(&wanted, entries->items, entries->count, sizeof(wanted), compare) : NULL;
}
