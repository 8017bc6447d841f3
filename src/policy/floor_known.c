// SPDX-License-Identifier: Apache-2.0
/*
 * floor_known.c - which addresses in a lock file are like one that it had before
 *
 * One more package of the registry that all the others come from is what lock files are for, and which
 * registry that is, only the project knows: companies have their own. So an address is compared by its
 * origin, the part that the one who answers for it decides about, with those of the file as it was. What that
 * part is depends on the place: on a forge everybody has a directory, so its name alone says nothing.
 *
 * The comparison is of text, and an address that a client would read differently must not pass: one with
 * "..", a percent sign, a backslash or a query in it has no origin, and is a finding.
 */
#include "policy/floor_internal.h"

#include <errno.h>
#include <stdlib.h>

static const char *find(struct str text, const char *what)
{
	return memmem(text.data, text.len, what, strlen(what));
}

/* Up to and with the "/" behind @from; empty where there is none. */
static struct str up_to_slash(struct str text, size_t from)
{
	const char *slash = memchr(text.data + from, '/', text.len - from);

	text.len = slash ? (size_t)(slash - text.data) + 1 : 0;
	return text;
}

/* In front of the last component of what ends in "/". */
static struct str without_last(struct str text)
{
	if (text.len)
		text.len--;
	while (text.len && text.data[text.len - 1] != '/')
		text.len--;
	return text;
}

/* "https://HOST/PATH/" of "https://HOST/PATH/NAME/-/FILE", where NAME may be "@SCOPE/NAME". */
static struct str origin_of_package(struct str text, size_t authority)
{
	const char *dash = find((struct str){ text.data + authority, text.len - authority }, "/-/");
	struct str origin = { text.data, dash ? (size_t)(dash - text.data) + 1 : 0 }, scope;

	origin = without_last(origin);
	scope = without_last(origin);
	if (scope.len < origin.len && origin.data[scope.len] == '@')
		origin = scope;
	/* A host of its own is still there, and a slash behind it. */
	return origin.len > authority && memchr(origin.data + authority, '/', origin.len - authority) ?
		origin :
		(struct str){ 0 };
}

static struct str origin_of_directory(struct str text, size_t authority)
{
	struct str host = up_to_slash(text, authority);

	return host.len ? up_to_slash(text, host.len) : host;
}

static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] <= ' ' || text.data[i] > '~' || strchr("%\\?", text.data[i]))
			return false;
	return !find(text, "/..") && !find(text, "/./");
}

/*
 * The text that a key's address stands in, from its first letter on, or a part of it; empty: it has no
 * origin.
 */
static struct str origin_of(const struct floor_watch *watch, const struct floor_key *key)
{
	static const struct str scheme = { "https://", 8 };
	struct str text = watch->look == FLOOR_LOOK_LINES ? key->key : key->value;
	const char *at;

	if (watch->look != FLOOR_LOOK_LINES && !str_starts_with(text, STR("\"")))
		return (struct str){ 0 };
	if (watch->known == FLOOR_KNOWN_VALUE)
		return text;
	at = find(text, "https://");
	if (!at || at + 5 != find(text, "://"))
		return (struct str){ 0 };
	/* Nothing but the quote of its text, and in lines a word, stands in front of it. */
	if (at != text.data && at[-1] != '"')
		return (struct str){ 0 };
	text = (struct str){ at, text.len - (size_t)(at - text.data) };
	if (text.len && text.data[text.len - 1] == '"')
		text.len--;
	if (!is_plain(text))
		return (struct str){ 0 };
	return watch->known == FLOOR_KNOWN_PACKAGE ? origin_of_package(text, scheme.len) :
		origin_of_directory(text, scheme.len);
}

static int compare_texts(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

int floor_origins_init(struct floor_origins *origins, struct arena *arena, const struct floor_watch *watch,
	const struct floor_key *const *keys, size_t count)
{
	size_t found = 0;

	*origins = (struct floor_origins){ .watch = watch };
	if (watch->known == FLOOR_KNOWN_NONE)
		return 0;
	origins->items = arena_alloc_array(arena, count, sizeof(*origins->items));
	if (!origins->items)
		return -EMSGSIZE;
	for (size_t i = 0; i < count; i++) {
		origins->items[found] = origin_of(watch, keys[i]);
		found += origins->items[found].len > 0;
	}
	if (found)
		qsort(origins->items, found, sizeof(*origins->items), compare_texts);
	for (size_t i = 0; i < found; i++)
		if (!i || !str_eq(origins->items[i], origins->items[origins->count - 1]))
			origins->items[origins->count++] = origins->items[i];
	return 0;
}

bool floor_origins_have(const struct floor_origins *origins, const struct floor_key *key,
	struct str *ret_name)
{
	struct str origin = { 0 };

	if (origins->watch->known != FLOOR_KNOWN_NONE)
		origin = origin_of(origins->watch, key);
	if (!origin.len)
		return false;
	*ret_name = origin;
	if (origin.data[0] == '"')
		*ret_name = (struct str){ origin.data + 1, origin.len - 1 };
	return origins->count &&
		bsearch(&origin, origins->items, origins->count, sizeof(origin), compare_texts);
}
