// SPDX-License-Identifier: Apache-2.0
/*
 * floor_look.c - what in a watched file matters, before and after
 *
 * The file is read on both sides, taken apart into keys and values, and a key is a finding when the values
 * that it has differ: added, changed, reordered where it is given several times, and for some keys also when
 * it went away. What the branch shows must have the digest that the changeset gives it, or the judgement
 * would be of other bytes. What the base shows need not: if it changed meanwhile the commit is a conflict
 * anyway, and here it only counts as having had no keys.
 *
 * Whatever cannot be read, is too long, or cannot be understood, is a finding that says so.
 */
#include "policy/floor_internal.h"

#include "base/path.h"
#include "base/quote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SCRATCH_BYTES = 64 << 20,	/* of the keys of one file */
	NAMED_MAX = 5,			/* keys that a message names */
	DETAIL_BYTES = 600,
	LINK_BYTES_MAX = 8192,		/* of a .git file */
};

/* ---- reading ---- */

/*
 * Reads up to the buffer's limit. -ENOENT also where there is no regular file; -EMSGSIZE too long, or the
 * whole run has read too much.
 */
static int read_side(struct floor *floor, enum policy_side side, unsigned root, const char *path,
	struct buf *ret)
{
	const struct policy_view *view = &floor->settings->view;
	int r;

	if (!view->read)
		return -EMSGSIZE;
	if (floor->read_bytes >= POLICY_READ_TOTAL_MAX)
		return -EMSGSIZE;
	r = view->read(view->context, side, root, path, ret);
	floor->read_bytes += ret->len;
	if (r == -ELOOP || r == -EINVAL || r == -ENOTDIR || r == -EISDIR)
		return -ENOENT;
	if (r >= 0 || r == -ENOENT || r == -EMSGSIZE)
		return r;
	/* What the user may not read, the agent could not either, and the host's programs run as the user. */
	if (r == -EACCES || r == -EPERM)
		return -ENOENT;
	return error_sys(floor->err, r, "reading '%s/%s'", floor->changeset->roots[root],
		quote_cstr(path).text);
}

static size_t limit_of(enum floor_look look)
{
	return look == FLOOR_LOOK_GIT_INDEX ? POLICY_READ_INDEX_MAX : POLICY_READ_BYTES_MAX;
}

int floor_read_keys(struct floor *floor, enum floor_look look, enum policy_side side, unsigned root,
	const char *path, struct floor_keys *keys)
{
	scoped(buf) struct buf text = BUF_INIT(limit_of(look));
	const char *kept;
	int r = read_side(floor, side, root, path, &text);

	if (r < 0)
		return r;
	/* The keys point into the text. */
	kept = arena_copy(keys->arena, buf_text(&text), text.len);
	return kept ? floor_extract(look, (struct str){ kept, text.len }, keys) : -EMSGSIZE;
}

/* The new content, checked against what the changeset says it is. */
static int read_new(struct floor *floor, const struct change *change, struct buf *ret)
{
	struct digest digest;
	int r = read_side(floor, POLICY_BRANCH, change->root, change->path.data, ret);

	if (r < 0 && r != -ENOENT)
		return r;
	digest = hash_bytes(buf_text(ret), ret->len);
	if (r == -ENOENT || !digest_eq(&digest, &change->new_file.digest))
		return error_set(floor->err, -ESTALE, "'%s': the branch changed after the changeset was made",
				quote_text(change->path).text);
	return 0;
}

/* ---- comparing ---- */

static int compare_keys(const void *a, const void *b)
{
	const struct floor_key *const *left = a, *const *right = b;
	int order = str_compare((*left)->key, (*right)->key);

	/* Pointers into one array: among equal keys the order of the file. */
	return order ? order : (*left > *right) - (*left < *right);
}

/* The keys that matter, sorted. */
struct selection {
	const struct floor_key **items;
	size_t count;
};

static bool matters(const struct floor_watch *watch, const struct floor_key *key)
{
	if (floor_key_matches(&watch->except_keys, key))
		return false;
	return floor_key_matches(&watch->keys, key) || floor_key_matches(&watch->removed_keys, key);
}

static int select_keys(struct arena *arena, const struct floor_watch *watch, const struct floor_keys *keys,
		struct selection *ret)
{
	ret->items = arena_alloc_array(arena, keys->count, sizeof(*ret->items));
	ret->count = 0;
	if (!ret->items)
		return -EMSGSIZE;
	for (size_t i = 0; i < keys->count; i++)
		if (matters(watch, &keys->items[i]))
			ret->items[ret->count++] = &keys->items[i];
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), compare_keys);
	return 0;
}

/* How many from @at on have the same key. */
static size_t run_length(const struct selection *selection, size_t at)
{
	size_t end = at;

	while (end < selection->count && str_eq(selection->items[end]->key, selection->items[at]->key))
		end++;
	return end - at;
}

static bool same_values(const struct selection *old_keys, size_t old_at, const struct selection *new_keys,
	size_t new_at, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!str_eq(old_keys->items[old_at + i]->value, new_keys->items[new_at + i]->value))
			return false;
	return true;
}

struct report {
	struct buf text;
	size_t count;
	struct floor_origins origins;	/* of the old keys */
};

static void report_key(struct report *report, const struct floor_key *key, bool is_removed)
{
	struct str name = key->key;

	if (!is_removed && floor_origins_have(&report->origins, key, &name))
		return;
	if (report->count++ >= NAMED_MAX)
		return;
	if (name.len && name.data[0] == '/')
		name = (struct str){ name.data + 1, name.len - 1 };
	(void)buf_printf(&report->text, "%s%s%s", report->text.len ? ", " : "", is_removed ? "no more " : "",
			quote_text((struct str){ name.data, MIN(name.len, (size_t)80) }).text);
}

/* Walks both lists side by side, key by key. */
static void compare(const struct floor_watch *watch, const struct selection *old_keys,
	const struct selection *new_keys, struct report *report)
{
	size_t o = 0, n = 0;

	while (o < old_keys->count || n < new_keys->count) {
		size_t old_count = o < old_keys->count ? run_length(old_keys, o) : 0;
		size_t new_count = n < new_keys->count ? run_length(new_keys, n) : 0;
		int order = !old_count ? 1 : !new_count ? -1 :
				str_compare(old_keys->items[o]->key, new_keys->items[n]->key);

		if (order < 0) {
			if (floor_key_matches(&watch->removed_keys, old_keys->items[o]))
				report_key(report, old_keys->items[o], true);
			o += old_count;
			continue;
		}
		if (order > 0 || old_count != new_count || !same_values(old_keys, o, new_keys, n, new_count))
			report_key(report, new_keys->items[n], false);
		n += new_count;
		o += order ? 0 : old_count;
	}
}

/* ---- one file ---- */

static int find_unseen(struct floor *floor, const struct floor_watch *watch, const struct change *change,
	int why)
{
	return floor_find(floor, watch->rule, change,
		why == -EBADMSG ? "perhaps; it cannot be understood with certainty" :
		"perhaps; it is too long to be looked into");
}

static int report_changes(struct floor *floor, const struct floor_watch *watch, const struct change *change,
		struct report *report, const char *detail)
{
	if (!report->count)
		return 0;
	if (report->count > NAMED_MAX)
		(void)buf_printf(&report->text, " and %zu more", report->count - NAMED_MAX);
	if (detail)
		(void)buf_printf(&report->text, "; %s", detail);
	return floor_find(floor, watch->rule, change, buf_text(&report->text));
}

/* What the file had before; a new path had nothing, whatever file was moved to it. */
static int read_old_keys(struct floor *floor, const struct floor_watch *watch, const struct change *change,
		struct floor_keys *keys)
{
	int r;

	if (change->kind == CHANGE_RENAMED || change->old_file.type != FILE_REGULAR)
		return 0;
	r = floor_read_keys(floor, watch->look, POLICY_BASE, change->root, change->path.data, keys);
	if (r == -ENOENT || r == -EBADMSG || r == -EMSGSIZE) {
		keys->count = 0;
		return 0;
	}
	return r;
}

static int judge_keys(struct floor *floor, const struct floor_watch *watch, const struct change *change,
		const char *detail)
{
	scoped(arena) struct arena scratch = ARENA_INIT(2 * SCRATCH_BYTES);
	scoped(arena) struct arena old_scratch = ARENA_INIT(SCRATCH_BYTES);
	scoped(buf) struct buf text = BUF_INIT(limit_of(watch->look));
	struct floor_keys old_keys = { .arena = &old_scratch }, new_keys = { .arena = &scratch };
	struct selection old_selected, new_selected;
	struct report report = { .text = BUF_INIT(DETAIL_BYTES) };
	int r = 0;

	if (change->new_file.type == FILE_REGULAR) {
		r = read_new(floor, change, &text);
		if (r >= 0)
			r = floor_extract(watch->look, (struct str){ buf_text(&text), text.len }, &new_keys);
	}
	if (r == -EBADMSG || r == -EMSGSIZE)
		return find_unseen(floor, watch, change, r);
	if (r >= 0)
		r = read_old_keys(floor, watch, change, &old_keys);
	if (r < 0)
		return r;
	if (select_keys(&scratch, watch, &old_keys, &old_selected) < 0 ||
			select_keys(&scratch, watch, &new_keys, &new_selected) < 0 ||
			floor_origins_init(&report.origins, &old_scratch, watch, old_selected.items,
				old_selected.count) < 0)
		return find_unseen(floor, watch, change, -EMSGSIZE);
	compare(watch, &old_selected, &new_selected, &report);
	r = report_changes(floor, watch, change, &report, detail);
	buf_fini(&report.text);
	return r;
}

/* ---- files that name another directory ---- */

static struct str first_line(const struct buf *text)
{
	struct str line = { buf_text(text), text->len };

	while (line.len && (line.data[line.len - 1] == '\n' || line.data[line.len - 1] == '\r'))
		line.len--;
	return line;
}

/* Whether a clean path is X/.git/worktrees/NAME or X/.git/modules/..., which is judged where it lies. */
static bool is_git_child(const char *path)
{
	return floor_match_path("**/.git/worktrees/*", path) || floor_match_path("**/.git/modules/**", path);
}

/*
 * A .git file: "gitdir: PATH". Inside, and where git itself puts such directories, it sends git nowhere new.
 */
static bool gitdir_is_own(const struct floor_place *place)
{
	return place->reach == FLOOR_REACH_INSIDE && is_git_child(place->path);
}

/* .git/worktrees/NAME/commondir: the .git that it lies in. */
static bool commondir_is_own(const struct change *change, const struct floor_place *place)
{
	struct str dir = path_parent(path_parent(path_parent(change->path)));

	return place->reach == FLOOR_REACH_INSIDE && place->root == change->root &&
		str_eq(dir, str_from(place->path)) &&
		floor_match_path("**/.git/worktrees/*/commondir", change->path.data);
}

/* .git/worktrees/NAME/gitdir: the .git file of a working tree inside. */
static bool worktree_is_own(const struct floor_place *place)
{
	return place->reach == FLOOR_REACH_INSIDE && !strcmp(path_name(place->path), ".git");
}

static bool is_own(enum floor_look look, const struct change *change, const struct floor_place *place)
{
	if (look == FLOOR_LOOK_GITDIR)
		return gitdir_is_own(place);
	return look == FLOOR_LOOK_WORKTREE ? worktree_is_own(place) : commondir_is_own(change, place);
}

static int judge_directory(struct floor *floor, const struct floor_watch *watch, const struct change *change)
{
	scoped(buf) struct buf text = BUF_INIT(LINK_BYTES_MAX);
	struct floor_place place = { 0 };
	char detail[QUOTE_MAX + 8];
	struct str line;
	int r;

	/* Without the file git looks elsewhere, but nothing that the agent wrote tells it where. */
	if (change->new_file.type != FILE_REGULAR)
		return 0;
	r = read_new(floor, change, &text);
	if (r == -EMSGSIZE)
		return find_unseen(floor, watch, change, r);
	if (r < 0)
		return r;
	line = first_line(&text);
	if (watch->look == FLOOR_LOOK_GITDIR) {
		if (!str_starts_with(line, STR("gitdir: ")))
			return find_unseen(floor, watch, change, -EBADMSG);
		line = (struct str){ line.data + 8, line.len - 8 };
	}
	r = floor_resolve(floor, change->root, change->path, line, &place);
	if (r < 0)
		return r;
	if (is_own(watch->look, change, &place))
		return 0;
	snprintf(detail, sizeof(detail), "'%s'", quote_text(line).text);
	return floor_find(floor, watch->rule, change, detail);
}

int floor_judge_content(struct floor *floor, const struct floor_watch *watch, const struct change *change,
		const char *detail)
{
	if (watch->look >= FLOOR_LOOK_GITDIR)
		return judge_directory(floor, watch, change);
	return judge_keys(floor, watch, change, detail);
}
