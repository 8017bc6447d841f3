// SPDX-License-Identifier: Apache-2.0
/*
 * pieces.c - from changes to what git's format speaks of: one old file, one new file
 *
 * A change of type is two pieces, a deleted directory one per file in it. A move is one piece where both of
 * its ends are shown; where a person chose only one of them, that one is shown for what it is alone.
 */
#include "roles/differ/differ.h"

#include "overlay/tree.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

unsigned git_mode(const struct file_facts *facts)
{
	if (facts && facts->type == FILE_REGULAR)
		return facts->mode & 0100 ? 0100755 : 0100644;
	return facts && facts->type == FILE_SYMLINK ? 0120000 : 0;
}

struct str path_shown(struct differ *differ, const struct change *change, struct str path)
{
	const char *root = differ->request.changeset.roots[change->root];
	char *text;

	if (!change->root)
		return path;
	text = arena_printf(&differ->arena, "%s%s%s", root[1] ? root + 1 : "", root[1] ? "/" : "", path.data);
	return text ? str_from(text) : path;
}

unsigned piece_similarity(const struct differ *differ, const struct piece *piece)
{
	const struct differ_request *request = &differ->request;
	const struct rename *rename = renames_find(&request->renames,
		(size_t)(piece->change - request->changeset.changes));

	return rename ? rename->similarity : 100;
}

/* ---- moves ---- */

static bool is_selected(const struct differ *differ, const struct change *change)
{
	const struct differ_request *request = &differ->request;

	return change && (!request->selected || request->selected[change - request->changeset.changes]);
}

/*
 * Whether the deletion at the other end of a move is shown too: of the file itself, or of a directory above
 * it.
 */
static bool origin_is_selected(const struct differ *differ, const struct change *renamed)
{
	const struct changeset *changeset = &differ->request.changeset;
	struct str path = renamed->renamed_from;

	for (; path.len && !str_eq(path, STR(".")); path = path_parent(path)) {
		const struct change *origin = changeset_find(changeset, renamed->root, path);

		if (origin && (origin->kind == CHANGE_DELETED || (origin->flags & CHANGE_TREE)))
			return is_selected(differ, origin);
	}
	return false;
}

static int compare_origin(unsigned root, struct str path, const struct change *renamed)
{
	if (root != renamed->root)
		return root < renamed->root ? -1 : 1;
	return str_compare(path, renamed->renamed_from);
}

static int compare_moves(const void *a, const void *b)
{
	const struct change *const *x = a, *const *y = b;

	return compare_origin((*x)->root, (*x)->renamed_from, *y);
}

int pieces_prepare(struct differ *differ)
{
	const struct changeset *changeset = &differ->request.changeset;

	differ->moves = arena_alloc_array(&differ->arena, changeset->count, sizeof(*differ->moves));
	if (!differ->moves)
		return error_set(&differ->err, -EMSGSIZE, "the changeset needs more memory than it may have");
	for (size_t i = 0; i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i];

		if (change->kind == CHANGE_RENAMED && is_selected(differ, change) &&
				origin_is_selected(differ, change))
			differ->moves[differ->move_count++] = change;
	}
	qsort(differ->moves, differ->move_count, sizeof(*differ->moves), compare_moves);
	return 0;
}

const struct change *pieces_find_move(const struct differ *differ, unsigned root, struct str path)
{
	size_t low = 0, high = differ->move_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_origin(root, path, differ->moves[middle]);

		if (!order)
			return differ->moves[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* ---- deleted directories ---- */

struct removal {
	struct differ *differ;
	const struct change *change;
	piece_fn *emit;
	struct facts_reader *reader;
};

static int remove_entry(void *context, int dirfd, const char *name, struct str path,
	UNUSED const struct stat *st)
{
	const struct removal *removal = context;
	struct differ *differ = removal->differ;
	struct piece piece = { .change = removal->change, .old_path = path, .new_path = path };
	struct file_view view;
	int r;

	if (pieces_find_move(differ, removal->change->root, path))
		return 0;
	r = facts_read(removal->reader, dirfd, name, &view);
	if (r < 0)
		return r;
	if (!git_mode(&view.facts)) {
		differ->formless_count++;
		return 0;
	}
	piece.old_file = &view.facts;
	r = removal->emit(differ, &piece);
	/* Targets and attributes of one file are of no use to the next. */
	arena_reset(removal->reader->xattr.arena);
	return r;
}

static int remove_tree(struct differ *differ, const struct change *change, piece_fn *emit)
{
	struct facts_reader *reader = calloc(1, sizeof(*reader));
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct removal removal = { .differ = differ, .change = change, .emit = emit, .reader = reader };
	struct tree_summary summary;
	int r;

	if (!reader)
		abort();
	reader->xattr.arena = &arena;
	r = tree_summarize(differ->dirfds[2 * change->root], change->path.data, remove_entry, &removal,
		&summary);
	free(reader);
	if (r >= 0 && !digest_eq(&summary.digest, &change->old_file.digest))
		r = -ESTALE;
	return r;
}

/* ---- one change ---- */

static int emit_one(struct differ *differ, const struct change *change, const struct file_facts *old_file,
	const struct file_facts *new_file, piece_fn *emit)
{
	const struct piece piece = {
		.change = change, .old_path = change->path, .new_path = change->path, .old_file = old_file,
		.new_file = new_file,
	};

	if ((old_file && !git_mode(old_file)) || (new_file && !git_mode(new_file))) {
		differ->formless_count++;
		return 0;
	}
	return emit(differ, &piece);
}

static int emit_old(struct differ *differ, const struct change *change, piece_fn *emit)
{
	if (change->flags & CHANGE_TREE)
		return remove_tree(differ, change, emit);
	return emit_one(differ, change, &change->old_file, NULL, emit);
}

bool is_brought_along(const struct differ *differ, const struct change *change)
{
	const struct changeset *changeset = &differ->request.changeset;
	const struct change *end = changeset->changes + changeset->count, *next = change + 1;

	if (change->new_file.type != FILE_DIRECTORY || change->kind == CHANGE_METADATA)
		return false;
	/* What sorts between a directory and its entries ("a.b" after "a", before "a/b") begins like it. */
	while (next < end && next->root == change->root && str_starts_with(next->path, change->path) &&
			!path_is_beneath(next->path, change->path))
		next++;
	return next < end && next->root == change->root && path_is_beneath(next->path, change->path);
}

/* A new directory needs no piece where one of its files brings it along. */
static int emit_new(struct differ *differ, const struct change *change, piece_fn *emit)
{
	if (is_brought_along(differ, change))
		return 0;
	return emit_one(differ, change, NULL, &change->new_file, emit);
}

static int emit_moved(struct differ *differ, const struct change *change, piece_fn *emit)
{
	const struct piece piece = {
		.change = change, .old_path = change->renamed_from, .new_path = change->path,
		.old_file = &change->old_file, .new_file = &change->new_file,
	};

	if (pieces_find_move(differ, change->root, change->renamed_from) != change)
		return emit_one(differ, change, NULL, &change->new_file, emit);
	return emit(differ, &piece);
}

int pieces_of(struct differ *differ, size_t index, piece_fn *emit)
{
	const struct change *change = &differ->request.changeset.changes[index];
	int r;

	switch (change->kind) {
	case CHANGE_ADDED:
		return emit_new(differ, change, emit);
	case CHANGE_DELETED:
		if (pieces_find_move(differ, change->root, change->path))
			return 0;
		return emit_old(differ, change, emit);
	case CHANGE_RENAMED:
		return emit_moved(differ, change, emit);
	case CHANGE_MODIFIED:
	case CHANGE_METADATA:
		return emit_one(differ, change, &change->old_file, &change->new_file, emit);
	case CHANGE_TYPE:
		r = emit_old(differ, change, emit);
		return r < 0 ? r : emit_new(differ, change, emit);
	case CHANGE_INVALID:
		break;
	}
	return -EBADMSG;
}
