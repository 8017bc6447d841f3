// SPDX-License-Identifier: Apache-2.0
/*
 * floor.c - the rules that no policy lifts, change by change
 *
 * What a change is (its type, mode, capabilities, links) is decided here from the changeset's facts alone;
 * what it is called, where it leads and who obeys it are in the files of those names. Every rule looks at
 * every change: a person wants to see all that is wrong, not the first of it.
 */
#include "policy/floor_internal.h"

#include "base/map.h"
#include "base/path.h"
#include "base/quote.h"

#include <errno.h>
#include <stdio.h>

enum {
	MODE_SETUID = 04000,
	MODE_SETGID = 02000,
	GLOB_MAX = 4096,
};

/* ---- what it is ---- */

static int judge_type(struct floor *floor, const struct change *change)
{
	bool is_known = change->kind == CHANGE_METADATA;	/* the base has it already */

	switch (change->new_file.type) {
	case FILE_NONE:
	case FILE_REGULAR:
	case FILE_DIRECTORY:
	case FILE_SYMLINK:
		return 0;
	case FILE_FIFO:
		return is_known ? 0 : floor_find(floor, FLOOR_RULE_FIFO, change, NULL);
	case FILE_SOCKET:
		return is_known ? 0 : floor_find(floor, FLOOR_RULE_SOCKET, change, NULL);
	case FILE_CHAR_DEVICE:
	case FILE_BLOCK_DEVICE:
		return floor_find(floor, FLOOR_RULE_DEVICE, change, NULL);
	}
	return floor_find(floor, FLOOR_RULE_UNKNOWN_TYPE, change, NULL);
}

/*
 * New files of a setgid directory belong to its group, and its new subdirectories have the bit as well,
 * without anybody having asked for it. So the bit is inherited, and no finding, where the nearest directory
 * above that the base has has it.
 */
static int inherits_setgid(struct floor *floor, const struct change *change, bool *ret)
{
	struct policy_file file = { .type = FILE_NONE };
	struct str parent = change->path;

	while (file.type == FILE_NONE && !str_eq(parent, STR("."))) {
		char path[PATH_TEXT_MAX];
		int r;

		parent = path_parent(parent);
		snprintf(path, sizeof(path), "%.*s", STR_FMT(parent));
		r = floor_look_base(floor, change->root, path, &file);
		if (r < 0 && r != -EACCES)
			return r;
	}
	*ret = file.type == FILE_DIRECTORY && (file.mode & MODE_SETGID);
	return 0;
}

static int judge_mode(struct floor *floor, const struct change *change)
{
	const struct file_facts *file = &change->new_file;
	mode_t bits = file->mode & (MODE_SETUID | MODE_SETGID);
	bool is_same = change->kind == CHANGE_METADATA && !(change->flags & CHANGE_UNREAD) &&
			!(bits & ~change->old_file.mode) && change->old_file.uid == file->uid &&
			change->old_file.gid == file->gid;
	bool is_inherited;
	int r;

	if (!bits || is_same || file->type == FILE_NONE || file->type == FILE_SYMLINK)
		return 0;
	if (file->type == FILE_DIRECTORY && bits == MODE_SETGID) {
		if (change->old_file.type == FILE_DIRECTORY && (change->old_file.mode & MODE_SETGID))
			return 0;
		r = inherits_setgid(floor, change, &is_inherited);
		if (r < 0 || is_inherited)
			return r;
	}
	return floor_find(floor, FLOOR_RULE_SETUID, change,
		bits == MODE_SETGID	    ? "setgid" :
			bits == MODE_SETUID ? "setuid" :
				"setuid and setgid");
}

static const struct xattr *find_capability(const struct file_facts *file)
{
	for (size_t i = 0; i < file->xattr_count; i++)
		if (!strcmp(file->xattrs[i].name, "security.capability"))
			return &file->xattrs[i];
	return NULL;
}

/* The same capabilities on other content are new ones. */
static int judge_capability(struct floor *floor, const struct change *change)
{
	const struct xattr *now = find_capability(&change->new_file),
			   *before = find_capability(&change->old_file);
	bool is_same = now && before && str_eq(now->value, before->value) &&
		change->kind == CHANGE_METADATA && !(change->flags & CHANGE_UNREAD);

	if ((change->flags & CHANGE_CAPABILITY) || (now && !is_same))
		return floor_find(floor, FLOOR_RULE_CAPABILITY, change, NULL);
	return 0;
}

/*
 * In a branch the kernel escapes them; in the workspace they would stand in plain, where the kernel obeys
 * them once a later session makes the workspace a lower layer. What the base has is judged like what is new,
 * since the commit would write it.
 */
static int judge_overlay_attributes(struct floor *floor, const struct change *change)
{
	const struct file_facts *file = &change->new_file;

	for (size_t i = 0; i < file->xattr_count; i++) {
		struct str name = str_from(file->xattrs[i].name);

		if (str_starts_with(name, STR("user.overlay.")) ||
				str_starts_with(name, STR("trusted.overlay.")))
			return floor_find(floor, FLOOR_RULE_OVERLAY_ATTRIBUTE, change,
				quote_text(name).text);
	}
	return 0;
}

/* ---- git directories in disguise of ordinary ones ---- */

static int look_type(struct floor *floor, const struct change *change, struct str dir, const char *name,
		bool in_base, enum file_type *ret)
{
	bool at_top = str_eq(dir, STR("."));
	char path[PATH_TEXT_MAX + 16];
	struct policy_file file;
	int r;

	snprintf(path, sizeof(path), "%.*s%s%s", at_top ? 0 : (int)dir.len, dir.data, at_top ? "" : "/",
		name);
	r = in_base ? floor_look_base(floor, change->root, path, &file) :
		floor_look_new(floor, change->root, path, &file);
	*ret = file.type;
	return r == -EACCES ? 0 : r;
}

/*
 * As git looks at it: HEAD, objects and refs side by side. Where there is a commondir, the last two, and the
 * configuration, are where it points: anywhere.
 */
static int is_git_directory(struct floor *floor, const struct change *change, struct str dir, bool in_base,
	bool *ret)
{
	enum file_type head, objects, refs, common;
	int r = look_type(floor, change, dir, "HEAD", in_base, &head);

	*ret = false;
	if (r < 0 || (head != FILE_REGULAR && head != FILE_SYMLINK))
		return r;
	r = look_type(floor, change, dir, "commondir", in_base, &common);
	*ret = r >= 0 && (common == FILE_REGULAR || common == FILE_SYMLINK);
	if (r < 0 || *ret)
		return r;
	r = look_type(floor, change, dir, "objects", in_base, &objects);
	if (r >= 0)
		r = look_type(floor, change, dir, "refs", in_base, &refs);
	if (r >= 0)
		*ret = (objects == FILE_DIRECTORY || objects == FILE_SYMLINK) &&
				(refs == FILE_DIRECTORY || refs == FILE_SYMLINK);
	return r;
}

/* What git obeys in a repository whose directory is not called .git. */
static int judge_bare_content(struct floor *floor, const struct change *change, bool is_hook)
{
	if (change->new_file.type == FILE_SYMLINK && change->kind != CHANGE_METADATA)
		return floor_find(floor, is_hook ? FLOOR_RULE_GIT_HOOKS : FLOOR_RULE_GIT_CONFIG, change,
			"a symbolic link");
	if (change->new_file.type != FILE_REGULAR)
		return 0;
	if (is_hook)
		return str_ends_with(change->path, STR(".sample")) ? 0 :
				floor_find(floor, FLOOR_RULE_GIT_HOOKS, change, "of a bare repository");
	for (size_t i = 0; i < floor_watches_count; i++)
		if (floor_watches[i].rule == FLOOR_RULE_GIT_CONFIG)
			return floor_judge_content(floor, &floor_watches[i], change, "of a bare repository");
	return 0;
}

static int judge_bare_repository(struct floor *floor, const struct change *change)
{
	const char *name = path_name(change->path.data);
	struct str dir = path_parent(change->path);
	bool is_hook = str_eq(dir, STR("hooks")) || str_ends_with(dir, STR("/hooks"));
	bool is_core = !strcmp(name, "HEAD") || !strcmp(name, "objects") || !strcmp(name, "refs") ||
		!strcmp(name, "commondir");
	bool is_now, was;
	int r;

	if (change->new_file.type == FILE_NONE || (!is_core && !is_hook && strcmp(name, "config")))
		return 0;
	if (floor_match_path("**/.git/**", change->path.data))
		return 0;
	dir = is_hook ? path_parent(dir) : dir;
	r = is_git_directory(floor, change, dir, false, &is_now);
	if (r >= 0 && is_now)
		r = is_git_directory(floor, change, dir, true, &was);
	if (r < 0 || !is_now)
		return r;
	if (!was)
		return is_core && change->kind != CHANGE_METADATA ?
				floor_find(floor, FLOOR_RULE_BARE_REPOSITORY, change, NULL) : 0;
	/* Another commondir is another configuration, whatever its directory was before. */
	if (!strcmp(name, "commondir") && change->kind != CHANGE_METADATA)
		return floor_find(floor, FLOOR_RULE_BARE_REPOSITORY, change,
			"its configuration lies elsewhere");
	return is_core ? 0 : judge_bare_content(floor, change, is_hook);
}

/* ---- what the configuration protects ---- */

/*
 * Whether @pattern could match something below the directory @dir: the positions in the pattern that can be
 * reached with "DIR/" are kept as a set, and any that is left could go on. Everything that a glob has left
 * matches something.
 */
static bool glob_reaches_below(struct str pattern, struct str dir)
{
	bool at[GLOB_MAX + 1] = { true };
	size_t len = MIN(pattern.len, (size_t)GLOB_MAX);

	for (size_t t = 0; t <= dir.len; t++) {
		char c = t < dir.len ? dir.data[t] : '/';
		bool next[GLOB_MAX + 1] = { false }, any = false;

		for (size_t p = 0; p <= len; p++) {
			bool is_star = p < len && pattern.data[p] == '*';
			bool is_deep = is_star && p + 1 < len && pattern.data[p + 1] == '*';

			if (!at[p] || p == len)
				continue;
			if (is_star)
				at[p + (is_deep ? 2 : 1)] = true;
			if (is_star ? is_deep || c != '/' : 0)
				next[p] = any = true;
			if (!is_star && (pattern.data[p] == c || (pattern.data[p] == '?' && c != '/')))
				next[p + 1] = any = true;
		}
		if (!any)
			return false;
		memcpy(at, next, sizeof(at));
	}
	/* A pattern that ends exactly here would match "DIR/", which is no path. */
	at[len] = false;
	return memchr(at, true, len + 1) != NULL;
}

static int judge_protected(struct floor *floor, const struct change *change)
{
	const struct policy_settings *settings = floor->settings;

	if (change->root != 0)
		return 0;
	for (size_t i = 0; i < settings->protect_count; i++) {
		struct str pattern = str_from(settings->protect[i]);

		if (str_match_glob(pattern, change->path) ||
				((change->flags & CHANGE_TREE) && glob_reaches_below(pattern, change->path)))
			return floor_find(floor, FLOOR_RULE_PROTECT, change, NULL);
	}
	return 0;
}

/* ---- what the configuration takes away ---- */

/*
 * A change is at a place when it is there or below; or above it, where a tree goes away with all that is in
 * it, or a link makes the place another one.
 */
static bool is_at_place(const struct change *change, struct str path, const struct policy_place *place)
{
	struct str there = str_from(place->path);

	if (change->root != place->root)
		return false;
	if (path_is_beneath(path, there))
		return true;
	return path_is_beneath(there, path) &&
		(change->flags & CHANGE_TREE || change->new_file.type == FILE_SYMLINK);
}

static bool is_at_any(const struct change *change, const struct policy_place *places, size_t count)
{
	struct str from = change->renamed_from;

	for (size_t i = 0; i < count; i++)
		if (is_at_place(change, change->path, &places[i]) ||
				(from.len && is_at_place(change, from, &places[i])))
			return true;
	return false;
}

static int judge_taken_away(struct floor *floor, const struct change *change)
{
	const struct policy_settings *settings = floor->settings;
	int r = 0;

	if (is_at_any(change, settings->denied, settings->denied_count))
		r = floor_find(floor, FLOOR_RULE_DENY, change, NULL);
	if (r >= 0 && is_at_any(change, settings->hidden, settings->hidden_count))
		r = floor_find(floor, FLOOR_RULE_HIDE, change, NULL);
	return r;
}

/* ---- all of it ---- */

static bool is_in_roots(const struct floor *floor, const struct change *change)
{
	return change->root < floor->changeset->root_count && path_is_clean(change->path) &&
		change->path.data[0] != '/' && !memchr(change->path.data, '\0', change->path.len);
}

static int judge_change(struct floor *floor, const struct change *change)
{
	static int (*const rules[])(struct floor * floor, const struct change *change) = {
		judge_type,
		judge_mode,
		judge_capability,
		judge_overlay_attributes,
		floor_judge_name,
		floor_judge_link,
		floor_judge_watched,
		judge_bare_repository,
		judge_taken_away,
		judge_protected,
	};

	if (!is_in_roots(floor, change))
		return floor_find(floor, FLOOR_RULE_OUTSIDE_ROOTS, change, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		int r = rules[i](floor, change);

		if (r < 0)
			return r;
	}
	return 0;
}

/* A changeset that was read has no such group; one that was just made has been checked by nobody. */
static int judge_link_groups(struct floor *floor)
{
	const struct changeset *changeset = floor->changeset;
	scoped(map) struct map firsts = MAP_INIT(CHANGES_MAX, 0, 0);

	for (size_t i = 0; i < changeset->count && changeset->root_count > 1; i++) {
		const struct change *change = &changeset->changes[i];
		union {
			const struct change *in;
			void *out;
		} first = { .in = change };
		int r;

		if (!change->link_group)
			continue;
		r = map_put(&firsts, &change->link_group, sizeof(change->link_group), first.out);
		if (r == -EEXIST) {
			first.out = map_get(&firsts, &change->link_group, sizeof(change->link_group));
			r = first.in->root == change->root ? 0 :
					floor_find(floor, FLOOR_RULE_HARD_LINK_OUTSIDE, change, NULL);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static int judge_limits(struct floor *floor)
{
	const struct changeset *changeset = floor->changeset;
	const struct policy_settings *settings = floor->settings;
	char detail[64];
	int r = 0;

	if (changeset->count > settings->changes_max) {
		snprintf(detail, sizeof(detail), "%zu", changeset->count);
		r = floor_find(floor, FLOOR_RULE_MANY_CHANGES, &changeset->changes[0], detail);
	}
	if (r >= 0 && changeset->count && changeset->total_bytes > settings->bytes_max) {
		snprintf(detail, sizeof(detail), "%ju", (uintmax_t)changeset->total_bytes);
		r = floor_find(floor, FLOOR_RULE_MANY_BYTES, &changeset->changes[0], detail);
	}
	return r;
}

int floor_judge(struct floor *floor)
{
	int r = floor->changeset->count ? floor_find_aliases(floor) : 0;

	if (r >= 0)
		r = judge_limits(floor);
	if (r >= 0)
		r = judge_link_groups(floor);
	for (size_t i = 0; i < floor->changeset->count && r >= 0; i++)
		r = judge_change(floor, &floor->changeset->changes[i]);
	return r;
}
