// SPDX-License-Identifier: Apache-2.0
/*
 * floor_watch.c - which paths a host obeys
 *
 * A path is folded (floor_name.c), split, and compared with the patterns whose anchor is one of its
 * components; a changeset of many thousand files costs a few binary searches each. A link is compared with
 * the beginnings of patterns as well: whoever makes .git/hooks a link has written every hook.
 *
 * Some files are obeyed although their own path says nothing: the base may have .git/hooks/pre-commit as a
 * link to scripts/check.sh, CLAUDE.md as one to docs/agents.md, or name a hooks directory in git's
 * configuration. Such places are found once per run and become aliases: a change there is judged as one at
 * the place that leads to it, too.
 */
#include "policy/floor_internal.h"

#include "base/path.h"
#include "base/quote.h"

#include <errno.h>
#include <stdio.h>

enum {
	FOLDED_PATH_MAX = 8192,
	FOLDED_PARTS_MAX = 4200,	/* PATH_TEXT_MAX / 2 components, and the root's two */
	CONTEXT_PARTS = 2,		/* of the root's own path that patterns see */
};

/* A path as patterns see it. */
struct folded {
	char text[FOLDED_PATH_MAX];
	size_t len;
	size_t own;			/* where the path in the root begins */
	size_t name;			/* where its last component does */
	bool is_vendored;
	bool may_match;			/* some component may be an anchor */
};

static bool is_vendored(const char *component)
{
	for (size_t i = 0; i < floor_vendored_count; i++)
		if (!strcmp(floor_vendored[i], component))
			return true;
	return false;
}

/* Whether a component may be an anchor, or a vendored directory. */
static bool is_listed(const char *component, size_t len)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)component[i]) * 16777619U;
	hash %= FLOOR_FILTER_BITS;
	return floor_filter[hash / 64] >> hash % 64 & 1;
}

static void fold_parts(struct folded *folded, struct str path, bool is_own)
{
	struct str component;

	while (path_next(&path, &component)) {
		UNINITIALIZED char part[FLOOR_COMPONENT_MAX];
		size_t len = floor_fold(component, part);

		if (folded->len + len + 2 > sizeof(folded->text))
			return;
		if (folded->len)
			folded->text[folded->len++] = '/';
		/* A name that folds to nothing is still a component. */
		if (!len)
			part[len++] = '?';
		folded->name = folded->len;
		memcpy(folded->text + folded->len, part, len);
		folded->len += len;
		part[len] = '\0';
		if (!is_listed(part, len))
			continue;
		folded->may_match = true;
		folded->is_vendored = folded->is_vendored || (is_own && path.len && is_vendored(part));
	}
	folded->text[folded->len] = '\0';
}

/* The last two components of an absolute path. */
static struct str tail(const char *root)
{
	size_t at = strlen(root);

	for (int parts = 0; at && parts < CONTEXT_PARTS; parts += root[at] == '/')
		at--;
	return str_from(root + at + (root[at] == '/'));
}

static void fold_path(struct folded *ret, const char *root, struct str path)
{
	ret->len = 0;
	ret->name = 0;
	ret->is_vendored = ret->may_match = false;
	ret->text[0] = '\0';
	fold_parts(ret, tail(root), false);
	ret->own = ret->len;
	fold_parts(ret, path, true);
}

/* ---- matching ---- */

static struct str first_part(struct str path, struct str *ret_rest)
{
	struct str part;

	str_cut(path, '/', &part, ret_rest);
	return part;
}

/*
 * Both are lists of components; "**" is to them what "*" is to characters, so the same walk with one place to
 * come back to is enough.
 */
static bool match_parts(struct str pattern, struct str path)
{
	struct str star_pattern = { 0 }, star_path = { 0 }, part, rest, path_rest;
	bool has_star = false;

	while (path.len || pattern.len) {
		part = first_part(pattern, &rest);
		if (str_eq(part, STR("**"))) {
			has_star = true;
			star_pattern = pattern = rest;
			star_path = path;
			continue;
		}
		if (path.len && part.len && str_match_glob(part, first_part(path, &path_rest))) {
			pattern = rest;
			path = path_rest;
			continue;
		}
		if (!has_star || !star_path.len)
			return false;
		(void)first_part(star_path, &star_path);
		pattern = star_pattern;
		path = star_path;
	}
	return true;
}

/* Whether what stands behind the last wildcard is how the path ends: most patterns are done with here. */
static bool ends_alike(struct str pattern, struct str path)
{
	while (pattern.len && path.len) {
		char c = pattern.data[--pattern.len];

		if (c == '*' || c == '?')
			return true;
		if (c != path.data[--path.len])
			return false;
	}
	return true;
}

/* "any directory, and this name in it": what most patterns are. False: the pattern is not so simple. */
static bool is_name(struct str pattern, struct str *ret_name)
{
	struct str any = STR("**/");

	if (!str_starts_with(pattern, any))
		return false;
	*ret_name = (struct str){ pattern.data + any.len, pattern.len - any.len };
	return !memchr(ret_name->data, '/', ret_name->len) && !str_eq(*ret_name, STR("**"));
}

static struct str last_part(struct str path)
{
	const char *slash = memrchr(path.data, '/', path.len);
	size_t before = slash ? (size_t)(slash + 1 - path.data) : 0;

	return (struct str){ path.data + before, path.len - before };
}

bool floor_match_path(const char *pattern, const char *path)
{
	struct str wanted = str_from(pattern), whole = str_from(path), name;

	if (!ends_alike(wanted, whole))
		return false;
	return is_name(wanted, &name) ? str_match_glob(name, last_part(whole)) : match_parts(wanted, whole);
}

/* Whether something below @path could match: it matches the pattern up to a component that is not "**". */
static bool matches_beginning(const char *pattern, const char *path)
{
	struct str whole = str_from(pattern);

	for (size_t i = 0; i < whole.len; i++) {
		if (whole.data[i] != '/' || (i >= 2 && !memcmp(whole.data + i - 2, "**", 2)))
			continue;
		if (match_parts((struct str){ pattern, i }, str_from(path)))
			return true;
	}
	return false;
}

static bool is_excepted(const struct floor_watch *watch, const char *path)
{
	for (size_t i = 0; i < watch->except.count; i++)
		if (floor_match_path(watch->except.items[i], path))
			return true;
	return false;
}

/* ---- one path ---- */

struct hits {
	uint64_t exact, beginning;	/* one bit per watch */
};

static void add_hit(struct hits *hits, const struct floor_pattern *pattern, const struct folded *path,
	bool beginnings)
{
	const struct floor_watch *watch = &floor_watches[pattern->watch];
	uint64_t bit = UINT64_C(1) << pattern->watch;

	if (path->is_vendored && !(watch->flags & FLOOR_WATCH_VENDORED))
		return;
	if (!(hits->exact & bit) && floor_match_path(pattern->pattern, path->text) &&
			!is_excepted(watch, path->text))
		hits->exact |= bit;
	if (beginnings && matches_beginning(pattern->pattern, path->text))
		hits->beginning |= bit;
}

/* The first pattern whose anchor is not before @anchor. */
static size_t lower_bound(struct str anchor)
{
	size_t low = 0, high = floor_patterns_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_compare(str_from(floor_patterns[middle].anchor), anchor) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_anchored(struct hits *hits, const struct folded *path, struct str anchor)
{
	for (size_t i = lower_bound(anchor); i < floor_patterns_count; i++) {
		if (!str_eq(str_from(floor_patterns[i].anchor), anchor))
			return;
		add_hit(hits, &floor_patterns[i], path, false);
	}
}

/* Those without an anchor, of which almost all are told by the ends of the name. */
static void add_unanchored(struct hits *hits, const struct folded *path)
{
	char first = path->text[path->name], last = path->len ? path->text[path->len - 1] : '\0';

	for (size_t i = 0; i < floor_patterns_count && !*floor_patterns[i].anchor; i++) {
		const struct floor_pattern *pattern = &floor_patterns[i];

		if ((!pattern->first || pattern->first == first) && (!pattern->last || pattern->last == last))
			add_hit(hits, pattern, path, false);
	}
}

static struct hits find_hits(const struct folded *path, bool beginnings)
{
	struct hits hits = { 0 };
	struct str rest = { path->text, path->len };

	if (beginnings) {
		for (size_t i = 0; i < floor_patterns_count; i++)
			add_hit(&hits, &floor_patterns[i], path, true);
		return hits;
	}
	add_unanchored(&hits, path);
	while (path->may_match && rest.len)
		add_anchored(&hits, path, first_part(rest, &rest));
	return hits;
}

static bool becomes_executable(const struct change *change)
{
	return !(change->old_file.mode & 0111) && (change->new_file.mode & 0111);
}

/* Mode, owner and times alone; where the base could not be read, its content may differ, too. */
static bool is_metadata(const struct change *change)
{
	return change->kind == CHANGE_METADATA && !(change->flags & CHANGE_UNREAD);
}

static int judge_metadata(struct floor *floor, const struct floor_watch *watch, const struct change *change)
{
	if (change->link_group)
		return floor_find(floor, watch->rule, change, "now one file with another path");
	if ((watch->flags & FLOOR_WATCH_EXECUTABLE) && becomes_executable(change))
		return floor_find(floor, watch->rule, change, "now executable");
	return 0;
}

static int judge_deletion(struct floor *floor, const struct floor_watch *watch, const struct change *change,
		bool is_exact, const char *detail)
{
	if (watch->look != FLOOR_LOOK_WRITE)
		return is_exact ? floor_judge_content(floor, watch, change, detail) : 0;
	if (!(watch->flags & FLOOR_WATCH_DELETED))
		return 0;
	return floor_find(floor, watch->rule, change, detail ? detail : "deleted");
}

/* Whether the file that a watch goes with lies beside a change, on either side. */
static int is_beside(struct floor *floor, const struct floor_watch *watch, const struct change *change,
	bool *ret)
{
	struct str dir = path_parent(change->path);
	bool at_top = str_eq(dir, STR("."));
	char path[PATH_TEXT_MAX + 64];
	struct policy_file file;
	int r;

	snprintf(path, sizeof(path), "%.*s%s%s", at_top ? 0 : (int)dir.len, dir.data, at_top ? "" : "/",
		watch->beside);
	r = floor_look_new(floor, change->root, path, &file);
	if (r >= 0 && file.type == FILE_NONE)
		r = floor_look_base(floor, change->root, path, &file);
	*ret = file.type != FILE_NONE || r == -EACCES;
	return r == -EACCES ? 0 : r;
}

/* What one watch makes of a change at a path that it matches. */
static int judge_hit(struct floor *floor, const struct floor_watch *watch, const struct change *change,
		bool is_exact, const char *detail)
{
	enum file_type type = change->new_file.type;
	bool is_meant = true;
	int r = watch->beside ? is_beside(floor, watch, change, &is_meant) : 0;

	if (r < 0 || !is_meant)
		return r;
	if (type == FILE_NONE)
		return judge_deletion(floor, watch, change, is_exact, detail);
	if (type == FILE_SYMLINK && !is_metadata(change))
		return floor_find(floor, watch->rule, change, detail ? detail : "a symbolic link");
	if (type != FILE_REGULAR || !is_exact)
		return 0;
	if (is_metadata(change))
		return judge_metadata(floor, watch, change);
	if (watch->look == FLOOR_LOOK_WRITE)
		return floor_find(floor, watch->rule, change, detail);
	return floor_judge_content(floor, watch, change, detail);
}

static int judge_as(struct floor *floor, const struct change *change, struct str path, const char *detail)
{
	UNINITIALIZED struct folded folded;
	struct hits hits;
	int r = 0;
	/* A link stands for what lies below it; so does a directory that goes away. */
	bool beginnings = change->new_file.type == FILE_SYMLINK ||
			(change->new_file.type == FILE_NONE && (change->flags & CHANGE_TREE));

	fold_path(&folded, floor->changeset->roots[change->root], path);
	hits = find_hits(&folded, beginnings);
	/* A link that is watched itself needs no word about what would lie below it. */
	if (change->new_file.type == FILE_SYMLINK && hits.exact)
		hits.beginning = 0;
	for (uint64_t left = hits.exact | hits.beginning; left && r >= 0; left &= left - 1) {
		int i = __builtin_ctzll(left);

		r = judge_hit(floor, &floor_watches[i], change, hits.exact >> i & 1, detail);
	}
	return r;
}

/* The path that @change has as seen through an alias; NULL: it does not lie at or below its real place. */
static const char *path_as(struct floor *floor, const struct floor_alias *alias, const struct change *change)
{
	struct str rest;

	if (alias->root != change->root)
		return NULL;
	if (str_eq(alias->real, STR(".")))
		return arena_printf(floor->arena, "%s/%s", alias->seen_as, change->path.data);
	if (!path_is_beneath(change->path, alias->real))
		return NULL;
	rest = (struct str){ change->path.data + alias->real.len, change->path.len - alias->real.len };
	return arena_printf(floor->arena, "%s%.*s", alias->seen_as, STR_FMT(rest));
}

int floor_judge_watched(struct floor *floor, const struct change *change)
{
	int r = judge_as(floor, change, change->path, NULL);

	for (size_t i = 0; i < floor->alias_count && r >= 0; i++) {
		const char *path = path_as(floor, &floor->aliases[i], change);
		char detail[QUOTE_MAX + 32];

		if (!path)
			continue;
		snprintf(detail, sizeof(detail), "obeyed as %s", quote_cstr(path).text);
		r = judge_as(floor, change, str_from(path), detail);
	}
	return r;
}
