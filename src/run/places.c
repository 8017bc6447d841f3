// SPDX-License-Identifier: Apache-2.0
/*
 * places.c - paths of the configuration as the roots of a changeset have them
 */
#include "run/places.h"

#include "base/path.h"
#include "run/workspace.h"

#include <errno.h>

/*
 * Where a path would be if it were there: what exists of it, every link resolved, and the rest as it is
 * written.
 */
static int would_be_path(struct arena *arena, const char *path, const char **ret)
{
	struct str parent = path_parent(str_from(path));
	const char *text = path, *real;
	int r = run_real_path(arena, path, ret);

	while (r == -ENOENT || r == -ENOTDIR || r == -EACCES || r == -ELOOP) {
		text = parent.len ? arena_copy(arena, parent.data, parent.len) : NULL;
		if (!text)
			return r;
		r = run_real_path(arena, text, &real);
		if (r >= 0) {
			*ret = arena_printf(arena, "%s/%s", real[1] ? real : "", path_relative(path, text));
			return *ret ? 0 : -ENOMEM;
		}
		parent = path_parent(str_from(text));
	}
	return r;
}

static int add_places(struct arena *arena, const struct changeset *changeset, const char *path,
	struct run_places *places)
{
	for (size_t i = 0; i < changeset->root_count; i++) {
		const char *root = changeset->roots[i], *inside, *copy;

		if (!path_is_beneath(str_from(path), str_from(root)))
			continue;
		inside = path_relative(path, root);
		copy = arena_copy(arena, inside, strlen(inside));
		if (!copy)
			return -ENOMEM;
		places->items[places->count++] = (struct policy_place){ .root = (unsigned)i, .path = copy };
	}
	return 0;
}

/* As it is written and as it is, in every root that it lies in; where nothing has changed, nobody asks. */
int run_places_find(struct arena *arena, const struct changeset *changeset, const struct config_list *list,
	struct run_places *ret)
{
	size_t room = list->count * changeset->root_count * 2 + 1;
	int r = 0;

	*ret = (struct run_places){ .items = arena_alloc_array(arena, room, sizeof(*ret->items)) };
	if (!ret->items)
		return -ENOMEM;
	for (size_t i = 0; i < list->count && r >= 0 && changeset->count; i++) {
		const char *real;

		r = add_places(arena, changeset, list->items[i].text, ret);
		if (r >= 0)
			r = would_be_path(arena, list->items[i].text, &real);
		if (r >= 0 && strcmp(real, list->items[i].text))
			r = add_places(arena, changeset, real, ret);
	}
	return r;
}
