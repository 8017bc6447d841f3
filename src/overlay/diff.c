// SPDX-License-Identifier: Apache-2.0
/*
 * diff.c - what a branch would change
 *
 * The parts stand in diff_walk.c and diff_settle.c (the order of work is in diff_internal.h); here they are
 * put together, and what they found becomes a sorted, sealed changeset. The list of what was found lives on
 * the heap while it grows, bounded by changes_max; paths, targets and attributes are in the caller's arena
 * from the start.
 */
#include "overlay/changeset_internal.h"
#include "overlay/diff_internal.h"

#include "base/path.h"
#include "base/quote.h"

#include <errno.h>
#include <stdlib.h>

struct found *diff_add(struct diff *diff)
{
	struct found *found;

	if (diff->found_count >= MIN(diff->options->changes_max, (size_t)CHANGES_MAX))
		return NULL;
	if (diff->found_count == diff->found_room) {
		diff->found_room = MAX(diff->found_room * 2, (size_t)64);
		diff->found = reallocarray(diff->found, diff->found_room, sizeof(*diff->found));
		if (!diff->found)
			abort();
	}
	found = &diff->found[diff->found_count++];
	*found = (struct found){ 0 };
	return found;
}

int diff_fail(struct diff *diff, int code, unsigned root, const char *what, const char *path)
{
	const struct quoted where = quote_cstr(diff->roots[root].path);

	if (code == -EMSGSIZE)
		return error_set(diff->err, code,
			"cannot %s '%s' in '%s': the branch has more changes than the limit allows", what,
			quote_cstr(path).text, where.text);
	if (code == -E2BIG)
		return error_set(diff->err, code, "cannot %s '%s' in '%s': more than %d extended attributes",
			what, quote_cstr(path).text, where.text, CHANGE_XATTRS_MAX);
	if (code == -EAGAIN)
		return error_set(diff->err, code, "cannot %s '%s' in '%s': it changes while it is read", what,
				quote_cstr(path).text, where.text);
	return error_sys(diff->err, code, "cannot %s '%s' in '%s'", what, quote_cstr(path).text, where.text);
}

static int compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return change_compare(&x->change, &y->change);
}

/* Groups get their numbers in the order of their first entries. */
static void number_groups(struct change *changes, size_t count)
{
	uint64_t *numbers = calloc(count + 1, sizeof(*numbers)), next = 0;

	if (!numbers)
		abort();
	for (size_t i = 0; i < count; i++) {
		uint64_t group = changes[i].link_group;

		if (!group)
			continue;
		if (!numbers[group])
			numbers[group] = ++next;
		changes[i].link_group = numbers[group];
	}
	free(numbers);
}

static int copy_roots(struct diff *diff, struct changeset *ret)
{
	const char **roots = arena_alloc_array(diff->arena, diff->root_count, sizeof(*roots));

	if (!roots)
		return -EMSGSIZE;
	for (size_t i = 0; i < diff->root_count; i++) {
		roots[i] = arena_copy(diff->arena, diff->roots[i].path, strlen(diff->roots[i].path));
		if (!roots[i])
			return -EMSGSIZE;
	}
	ret->roots = roots;
	ret->root_count = diff->root_count;
	return 0;
}

static int build(struct diff *diff, struct changeset *ret)
{
	struct change *changes = arena_alloc_array(diff->arena, diff->found_count, sizeof(*changes));
	int r = changes ? copy_roots(diff, ret) : -EMSGSIZE;

	if (r < 0)
		return r;
	if (diff->found_count)
		qsort(diff->found, diff->found_count, sizeof(*diff->found), compare_found);
	for (size_t i = 0; i < diff->found_count; i++)
		changes[i] = diff->found[i].change;
	number_groups(changes, diff->found_count);
	ret->changes = changes;
	ret->count = diff->found_count;
	ret->total_bytes = changeset_sum_bytes(ret);
	return changeset_seal(ret);
}

static struct facts_reader *reader_new(const struct diff *diff, bool is_branch)
{
	struct facts_reader *reader = malloc(sizeof(*reader));

	if (!reader)
		abort();
	/* Not initialised as a whole: most of it is buffers. */
	reader->xattr.arena = diff->arena;
	reader->xattr.trusted = diff->options->trusted_xattrs;
	reader->is_branch = is_branch;
	reader->is_ours = false;
	reader->bytes_left = diff->options->bytes_max;
	reader->progress = diff->options->progress;
	reader->names_count = 0;
	reader->looks_at_content = is_branch;
	return reader;
}

static int run(struct diff *diff, struct changeset *ret)
{
	int r = 0;

	for (unsigned i = 0; i < diff->root_count && r >= 0; i++)
		r = diff_walk(diff, i);
	if (r >= 0)
		r = diff_settle_trees(diff);
	if (r < 0)
		return r;
	diff_settle_renames(diff);
	diff_settle_links(diff);
	r = build(diff, ret);
	if (r < 0) {
		error_set(diff->err, r, "the branch has %zu changes, more than a changeset can hold",
			diff->found_count);
		error_hint(diff->err,
			"Nothing was committed. `cordon show --json` names the branch's directory (storage), where its files "
			"can be looked at and copied; `cordon rollback` drops it.");
	}
	return MIN(r, 0);
}

int overlay_diff(struct arena *arena, const struct overlay_root *roots, size_t root_count,
		const struct overlay_diff_options *options, struct changeset *ret, struct error *err)
{
	struct diff diff = {
		.arena = arena, .roots = roots, .root_count = root_count, .options = options, .err = err,
	};
	struct changeset changeset = { 0 };
	int r;

	assert(root_count && root_count <= CHANGE_ROOTS_MAX);
	diff.branch = reader_new(&diff, true);
	diff.base = reader_new(&diff, false);
	r = run(&diff, &changeset);
	free(diff.found);
	free(diff.departed);
	free(diff.branch);
	free(diff.base);
	if (r >= 0)
		*ret = changeset;
	return r < 0 ? r : 0;
}
