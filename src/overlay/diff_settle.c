// SPDX-License-Identifier: Apache-2.0
/*
 * diff_settle.c - what can only be said when everything was seen: trees, moves, links
 *
 * A move leaves no trace in an upper layer: the old name is a whiteout (or lies below one), the new one is a
 * file. So moves are found by content: an added file is renamed where a departed file has its size and
 * digest. Departed files below deleted directories are read only if some added file has their size. Two
 * sorted lists are merged twice, first over (digest, last component), then over what is left by digest alone,
 * so that a moved directory of many equal files keeps its pairs, and the work stays O(n log n). Empty files
 * move nowhere: any would match any.
 */
#include "overlay/diff_internal.h"
#include "overlay/tree.h"

#include "base/path.h"

#include <errno.h>
#include <stdlib.h>

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* ---- departed files ---- */

static void add_departed(struct diff *diff, struct departed departed)
{
	if (diff->departed_count == diff->departed_room) {
		diff->departed_room = MAX(diff->departed_room * 2, (size_t)64);
		diff->departed = reallocarray(diff->departed, diff->departed_room, sizeof(*diff->departed));
		if (!diff->departed)
			abort();
	}
	diff->departed[diff->departed_count++] = departed;
}

struct tree_visit {
	struct diff *diff;
	unsigned root;
	const uint64_t *sizes;		/* of added files, sorted */
	size_t size_count;
};

static bool is_of_size(const struct tree_visit *visit, uint64_t size_bytes)
{
	if (!visit->size_count)
		return false;
	return bsearch(&size_bytes, visit->sizes, visit->size_count, sizeof(size_bytes), compare_u64);
}

static int visit_file(void *context, int dirfd, const char *name, struct str path, const struct stat *st)
{
	struct tree_visit *visit = context;
	struct file_view view;
	const char *copy;
	int r;

	if (!S_ISREG(st->st_mode) || !is_of_size(visit, (uint64_t)st->st_size))
		return 0;
	r = facts_read(visit->diff->base, dirfd, name, &view);
	if (r < 0)
		return r == -ENOENT ? -EAGAIN : r;
	if (view.unread || view.facts.type != FILE_REGULAR)
		return 0;
	copy = arena_copy(visit->diff->arena, path.data, path.len);
	if (!copy)
		return -EMSGSIZE;
	add_departed(visit->diff, (struct departed){
		.root = visit->root, .path = { copy, path.len }, .facts = view.facts, .found_at = SIZE_MAX,
	});
	return 0;
}

static int settle_tree(struct diff *diff, struct change *change, struct tree_visit *visit)
{
	int dirfd = diff->roots[change->root].lower_dirfd, r = -EAGAIN;
	size_t before = diff->departed_count;
	struct tree_summary summary;

	visit->root = change->root;
	for (int i = 0; i < TREE_TRIES && r == -EAGAIN; i++) {
		diff->departed_count = before;
		r = tree_summarize(dirfd, change->path.data, visit_file, visit, &summary);
	}
	if (r < 0)
		return diff_fail(diff, r, change->root, "read the deleted directory", change->path.data);
	change->old_count = summary.entry_count;
	change->old_file.digest = summary.digest;
	if (summary.unread)
		change->flags |= CHANGE_UNREAD;
	if (diff_is_stale(diff, summary.newest_ns))
		change->flags |= CHANGE_STALE;
	return 0;
}

/* The sizes that a departed file must have to be of interest. Return: their number. */
static size_t list_sizes(const struct diff *diff, uint64_t *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < diff->found_count; i++) {
		const struct change *change = &diff->found[i].change;

		if (change->kind == CHANGE_ADDED && change->new_file.type == FILE_REGULAR &&
				change->new_file.size_bytes)
			ret[count++] = change->new_file.size_bytes;
	}
	qsort(ret, count, sizeof(*ret), compare_u64);
	return count;
}

int diff_settle_trees(struct diff *diff)
{
	uint64_t *sizes = calloc(diff->found_count + 1, sizeof(*sizes));
	struct tree_visit visit = { .diff = diff, .sizes = sizes };
	int r = 0;

	if (!sizes)
		abort();
	visit.size_count = list_sizes(diff, sizes);
	for (size_t i = 0; i < diff->found_count && r >= 0; i++) {
		struct change *change = &diff->found[i].change;

		if (change->flags & CHANGE_TREE)
			r = settle_tree(diff, change, &visit);
		else if (change->kind == CHANGE_DELETED && change->old_file.type == FILE_REGULAR &&
			change->old_file.size_bytes && !(change->flags & CHANGE_UNREAD))
			add_departed(diff, (struct departed){ .root = change->root, .path = change->path,
				.facts = change->old_file, .found_at = i });
	}
	free(sizes);
	return r;
}

/* ---- renames ---- */

/* What both lists are sorted by. */
struct match_key {
	unsigned root;
	const struct digest *digest;
	struct str path;
	size_t at;			/* in diff->departed or diff->found */
};

static int compare_content(const struct match_key *a, const struct match_key *b)
{
	if (a->root != b->root)
		return a->root < b->root ? -1 : 1;
	return memcmp(a->digest, b->digest, sizeof(*a->digest));
}

static int compare_named(const struct match_key *a, const struct match_key *b)
{
	int order = compare_content(a, b);

	return order ? order : strcmp(path_name(a->path.data), path_name(b->path.data));
}

static int compare_keys(const void *a, const void *b)
{
	const struct match_key *x = a, *y = b;
	int order = compare_named(x, y);

	return order ? order : str_compare(x->path, y->path);
}

static void rename_found(struct diff *diff, struct found *found, struct departed *departed)
{
	departed->taken = true;
	found->change.kind = CHANGE_RENAMED;
	found->change.flags &= ~(unsigned)(CHANGE_XATTRS | CHANGE_ACL | CHANGE_CAPABILITY);
	found->change.flags |= facts_compare_xattrs(&departed->facts, &found->change.new_file);
	found->change.renamed_from = departed->path;
	found->change.old_file = departed->facts;
	if (departed->found_at != SIZE_MAX)
		diff->found[departed->found_at].change.flags |= CHANGE_MOVED;
}

/* One merge of the two sorted lists; pairs what @compare calls equal. */
static void pair(struct diff *diff, const struct match_key *gone, size_t gone_count,
	const struct match_key *added, size_t added_count,
	int (*compare)(const struct match_key *a, const struct match_key *b))
{
	for (size_t g = 0, a = 0; g < gone_count && a < added_count;) {
		struct departed *departed = &diff->departed[gone[g].at];
		struct found *found = &diff->found[added[a].at];
		int order;

		if (departed->taken || found->change.kind == CHANGE_RENAMED) {
			g += departed->taken;
			a += found->change.kind == CHANGE_RENAMED;
			continue;
		}
		order = compare(&gone[g], &added[a]);
		if (!order)
			rename_found(diff, found, departed);
		g += order <= 0;
		a += order >= 0;
	}
}

void diff_settle_renames(struct diff *diff)
{
	struct match_key *gone = calloc(diff->departed_count + 1, sizeof(*gone));
	struct match_key *added = calloc(diff->found_count + 1, sizeof(*added));
	size_t added_count = 0;

	if (!gone || !added)
		abort();
	for (size_t i = 0; i < diff->departed_count; i++) {
		const struct departed *departed = &diff->departed[i];

		gone[i] = (struct match_key){ departed->root, &departed->facts.digest, departed->path, i };
	}
	for (size_t i = 0; i < diff->found_count; i++) {
		const struct change *change = &diff->found[i].change;

		if (change->kind == CHANGE_ADDED && change->new_file.type == FILE_REGULAR &&
				change->new_file.size_bytes)
			added[added_count++] = (struct match_key){ change->root, &change->new_file.digest,
				change->path, i };
	}
	qsort(gone, diff->departed_count, sizeof(*gone), compare_keys);
	qsort(added, added_count, sizeof(*added), compare_keys);
	pair(diff, gone, diff->departed_count, added, added_count, compare_named);
	pair(diff, gone, diff->departed_count, added, added_count, compare_content);
	free(gone);
	free(added);
}

/* ---- hard links ---- */

static int compare_inodes(const struct found *a, const struct found *b)
{
	if (a->change.root != b->change.root)
		return a->change.root < b->change.root ? -1 : 1;
	if (a->new_dev != b->new_dev)
		return a->new_dev < b->new_dev ? -1 : 1;
	return a->new_ino < b->new_ino ? -1 : a->new_ino > b->new_ino;
}

static int compare_links(const void *a, const void *b)
{
	const struct found *x = *(struct found *const *)a, *y = *(struct found *const *)b;
	int order = compare_inodes(x, y);

	return order ? order : str_compare(x->change.path, y->change.path);
}

/*
 * Whether @count names of one file in the branch are, all of them, unchanged names of one file in the base.
 */
static bool is_unchanged_group(struct found *const *group, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (group[i]->change.kind != CHANGE_INVALID || group[i]->old_ino != group[0]->old_ino ||
				group[i]->old_dev != group[0]->old_dev)
			return false;
	return true;
}

/* Return: whether it is a group. */
static bool settle_group(struct found **group, size_t count, uint64_t number)
{
	if (count < 2 || is_unchanged_group(group, count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct change *change = &group[i]->change;

		if (change->kind == CHANGE_INVALID)
			change->kind = CHANGE_METADATA;
		change->link_group = number;
	}
	return true;
}

static void drop_unchanged(struct diff *diff)
{
	size_t kept = 0;

	for (size_t i = 0; i < diff->found_count; i++)
		if (diff->found[i].change.kind != CHANGE_INVALID)
			diff->found[kept++] = diff->found[i];
	diff->found_count = kept;
}

void diff_settle_links(struct diff *diff)
{
	struct found **linked = calloc(diff->found_count + 1, sizeof(*linked));
	size_t count = 0, end;
	uint64_t number = 1;

	if (!linked)
		abort();
	for (size_t i = 0; i < diff->found_count; i++)
		if (diff->found[i].new_ino)
			linked[count++] = &diff->found[i];
	qsort(linked, count, sizeof(*linked), compare_links);
	for (size_t start = 0; start < count; start = end) {
		end = start + 1;
		while (end < count && !compare_inodes(linked[start], linked[end]))
			end++;
		number += settle_group(linked + start, end - start, number);
	}
	free(linked);
	drop_unchanged(diff);
}
