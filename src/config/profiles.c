// SPDX-License-Identifier: Apache-2.0
/*
 * profiles.c - the profiles that there are, for people who want to choose one
 *
 * A profile that cannot be read is listed all the same, without a description: choosing it says what is
 * wrong.
 */
#include "config/config_internal.h"
#include "config/load.h"

#include "base/path.h"
#include "base/quote.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

enum {
	PROFILES_MAX = 256,
};

struct listing {
	struct arena *arena;
	struct config_profile *items;
	size_t count;
};

/* What a profile says of itself; nothing, where it cannot be read. */
static void describe(struct arena *arena, int dirfd, const char *file, struct config_profile *profile)
{
	scoped(buf) struct buf text = BUF_INIT(CONFIG_FILE_MAX);
	scoped(fd) int fd = kern_open(dirfd, file, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	const struct json *json;
	const char *description;

	profile->description = "";
	if (fd < 0 || kern_read_all(fd, &text) < 0)
		return;
	if (json_read(arena, (struct str){ buf_text(&text), text.len }, JSON_READ_JSONC, &json, NULL) < 0)
		return;
	description = json_get_text(json, "description");
	if (description)
		profile->description = description;
	profile->extends = json_get_text(json, "extends");
}

int config_profile_describe(struct arena *arena, const char *path, struct config_profile *ret)
{
	struct str name = str_from(path_name(path));

	if (str_ends_with(name, STR(".jsonc")))
		name.len -= strlen(".jsonc");
	*ret = (struct config_profile){
		.name = arena_copy(arena, name.data, name.len), .path = path, .is_own = true,
	};
	describe(arena, AT_FDCWD, path, ret);
	return ret->name ? 0 : -EMSGSIZE;
}

static int add(struct listing *listing, int dirfd, const char *dir, const char *file, bool is_own)
{
	struct str name = str_from(file);
	struct config_profile *profile = &listing->items[listing->count];

	if (!str_ends_with(name, STR(".jsonc")))
		return 0;
	name.len -= strlen(".jsonc");
	if (!config_name_is_valid(name))
		return 0;
	if (listing->count == PROFILES_MAX)
		return -EMSGSIZE;
	*profile = (struct config_profile){
		.name = arena_copy(listing->arena, name.data, name.len),
		.path = arena_printf(listing->arena, "%s/%s", dir, file),
		.is_own = is_own,
	};
	if (!profile->name || !profile->path)
		return -EMSGSIZE;
	describe(listing->arena, dirfd, file, profile);
	listing->count++;
	return 0;
}

static int add_directory(struct listing *listing, const char *dir, bool is_own, struct error *err)
{
	scoped(fd) int dirfd = kern_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0);
	struct kern_dir_entry entry;
	struct kern_dir reader;
	int r;

	if (dirfd == -ENOENT && is_own)
		return 0;
	if (dirfd < 0)
		return error_sys(err, dirfd, "opening '%s'", quote_cstr(dir).text);
	kern_dir_init(&reader, dirfd);
	while ((r = kern_dir_next(&reader, &entry)) > 0) {
		r = add(listing, dirfd, dir, entry.name, is_own);
		if (r < 0)
			return error_set(err, r, "there are too many profiles in '%s'", quote_cstr(dir).text);
	}
	return r < 0 ? error_sys(err, r, "reading '%s'", quote_cstr(dir).text) : 0;
}

static int compare(const void *left, const void *right)
{
	const struct config_profile *a = left, *b = right;
	int r = strcmp(a->name, b->name);

	return r ? r : (int)b->is_own - (int)a->is_own;
}

int config_profile_list(struct arena *arena, const struct config_places *places,
	const struct config_profile **ret, size_t *ret_count, struct error *err)
{
	struct listing listing = { .arena = arena };
	const char *own = arena_printf(arena, "%s/profiles", places->config_dir);
	int r;

	listing.items = arena_alloc_array(arena, PROFILES_MAX + 1, sizeof(*listing.items));
	if (!own || !listing.items)
		return error_set(err, -EMSGSIZE, "there are too many profiles");
	r = add_directory(&listing, own, true, err);
	if (r >= 0)
		r = add_directory(&listing, places->profile_dir, false, err);
	if (r < 0)
		return r;
	qsort(listing.items, listing.count, sizeof(*listing.items), compare);
	for (size_t i = 1; i < listing.count; i++)
		listing.items[i].is_replaced = !strcmp(listing.items[i].name, listing.items[i - 1].name);
	*ret = listing.items;
	*ret_count = listing.count;
	return 0;
}
