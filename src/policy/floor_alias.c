// SPDX-License-Identifier: Apache-2.0
/*
 * floor_alias.c - places that are obeyed although their own path says nothing
 *
 * Two ways lead there. The base, or the changeset, may hold a link where a host looks: .git/hooks/pre-commit
 * to scripts/check.sh, .git/hooks to tools/hooks, CLAUDE.md to docs/agents.md. And git's configuration may
 * name a hooks directory, an attributes file or a further configuration file by its path. Each becomes an
 * alias, so that a change at the real place is judged as one at the obeyed place.
 *
 * Links are looked for at the leading literal components of all patterns, at the top of each root: some
 * hundred looks.
 */
#include "policy/floor_internal.h"

#include "base/path.h"

#include <errno.h>

static int add_alias(struct floor *floor, const struct floor_place *place, const char *seen_as)
{
	const char *real;

	if (place->reach != FLOOR_REACH_INSIDE)
		return 0;
	for (size_t i = 0; i < floor->alias_count; i++)
		if (floor->aliases[i].root == place->root && !strcmp(floor->aliases[i].seen_as, seen_as) &&
				str_eq(floor->aliases[i].real, str_from(place->path)))
			return 0;
	real = arena_copy(floor->arena, place->path, strlen(place->path));
	if (!real || floor->alias_count == FLOOR_ALIASES_MAX)
		return error_set(floor->err, -EMSGSIZE,
			"judging the changeset: the project has too many links");
	floor->aliases[floor->alias_count++] = (struct floor_alias){ place->root, str_from(real), seen_as };
	return 0;
}

/* ---- links ---- */

static bool is_below(const char *path, const char *dir)
{
	return dir && path_is_beneath(str_from(path), str_from(dir));
}

static int find_links(struct floor *floor, unsigned root)
{
	const char *missing = NULL;

	for (size_t i = 0; i < floor_link_prefixes_count; i++) {
		const char *prefix = floor_link_prefixes[i];
		struct floor_place place;
		struct policy_file file;
		int r;

		/* Sorted: what lies below something that is not there follows it. */
		if (is_below(prefix, missing))
			continue;
		r = floor_look_new(floor, root, prefix, &file);
		/* Where the user may not look, programs that run as the user find nothing to obey. */
		if (r < 0 && r != -EACCES)
			return r;
		missing = file.type == FILE_DIRECTORY ? NULL : prefix;
		if (file.type != FILE_SYMLINK)
			continue;
		r = floor_resolve(floor, root, str_from(prefix), (struct str){ file.target, file.target_len },
			&place);
		if (r >= 0)
			r = add_alias(floor, &place, prefix);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- git's configuration ---- */

/* Keys that name files, what each is obeyed as, and the path that a relative value is relative to. */
static const struct {
	const char *key, *seen_as, *relative_to;
} path_keys[] = {
	{ "core.hookspath", ".git/hooks", "x" },
	{ "core.attributesfile", ".git/info/attributes", "x" },
	{ "include.path", ".git/config", ".git/config" },
	{ "includeif.**.path", ".git/config", ".git/config" },
};

static int add_path_key(struct floor *floor, unsigned root, const struct floor_key *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(path_keys); i++) {
		const struct floor_words words = { &path_keys[i].key, 1 };
		struct floor_place place;
		int r;

		/* "~" is the home directory: outside, or a root of its own with rules for it. */
		if (!floor_key_matches(&words, key) || !key->value.len || key->value.data[0] == '~')
			continue;
		r = floor_resolve(floor, root, str_from(path_keys[i].relative_to), key->value, &place);
		if (r >= 0)
			r = add_alias(floor, &place, path_keys[i].seen_as);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Both as it is and as it will be: the old one is what the host obeys until the commit, the new one after it.
 */
static int find_git_paths(struct floor *floor, unsigned root, enum policy_side side, const char *path)
{
	scoped(arena) struct arena scratch = ARENA_INIT(4 * POLICY_READ_BYTES_MAX);
	struct floor_keys keys = { .arena = &scratch };
	int r;

	r = floor_read_keys(floor, FLOOR_LOOK_GIT_CONFIG, side, root, path, &keys);
	/*
	 * One that cannot be read or understood is a finding of its own if the agent wrote it, and inert if
	 * not.
	 */
	if (r == -ENOENT || r == -EBADMSG || r == -EMSGSIZE)
		return 0;
	for (size_t i = 0; i < keys.count && r >= 0; i++)
		r = add_path_key(floor, root, &keys.items[i]);
	return r;
}

int floor_find_aliases(struct floor *floor)
{
	static const char *const configs[] = { ".git/config", ".git/config.worktree" };
	int r = 0;

	for (unsigned root = 0; root < floor->changeset->root_count && r >= 0; root++) {
		r = find_links(floor, root);
		for (size_t i = 0; i < ARRAY_SIZE(configs) && r >= 0; i++) {
			const struct change *change = changeset_find(floor->changeset, root,
				str_from(configs[i]));

			r = find_git_paths(floor, root, POLICY_BASE, configs[i]);
			if (r >= 0 && change && change->new_file.type == FILE_REGULAR)
				r = find_git_paths(floor, root, POLICY_BRANCH, configs[i]);
		}
	}
	return r;
}
