// SPDX-License-Identifier: Apache-2.0
/*
 * renames.c - which files moved and were edited, for whoever asks us to show them so afterwards
 *
 * The old ends are deleted files, and those in deleted directories, which are no entries of their own; the
 * new ends are added files. Of both only what was selected counts, as git does with paths. A file that cannot
 * be read, or is not what the changeset says, is similar to nothing.
 */
#include "roles/differ/differ.h"

#include "overlay/facts.h"
#include "overlay/similar.h"
#include "overlay/tree.h"

#include <errno.h>

enum {
	SOURCES_MAX = 100000,
};

struct seeker {
	struct differ *differ;
	struct similar_file *old_files, *new_files;
	struct file_facts *old_facts;	/* of each old file */
	size_t *sources, *targets;	/* the changes that they belong to */
	size_t old_count, old_room, new_count;
	unsigned cut;
};

static bool is_selected(const struct differ *differ, size_t index)
{
	return !differ->request.selected || differ->request.selected[index];
}

/* ---- the files ---- */

static void *grow(struct arena *arena, const void *items, size_t count, size_t room, size_t size_bytes)
{
	void *more = arena_alloc_array(arena, room, size_bytes);

	if (more && count)
		memcpy(more, items, count * size_bytes);
	return more;
}

static int make_room(struct seeker *seeker)
{
	struct arena *arena = &seeker->differ->arena;
	size_t count = seeker->old_count, room = MAX(2 * count, (size_t)64);

	if (count == SOURCES_MAX)
		return -E2BIG;
	if (count < seeker->old_room)
		return 0;
	seeker->old_files = grow(arena, seeker->old_files, count, room, sizeof(*seeker->old_files));
	seeker->old_facts = grow(arena, seeker->old_facts, count, room, sizeof(*seeker->old_facts));
	seeker->sources = grow(arena, seeker->sources, count, room, sizeof(*seeker->sources));
	if (!seeker->old_files || !seeker->old_facts || !seeker->sources)
		return -EMSGSIZE;
	seeker->old_room = room;
	return 0;
}

static int add_source(struct seeker *seeker, size_t change, struct str path, const struct file_facts *facts)
{
	unsigned root = seeker->differ->request.changeset.changes[change].root;
	int r = make_room(seeker);

	if (r < 0)
		return r;
	seeker->old_files[seeker->old_count] = (struct similar_file){ root, path, facts->size_bytes };
	seeker->old_facts[seeker->old_count] = *facts;
	seeker->sources[seeker->old_count++] = change;
	return 0;
}

struct visit {
	struct seeker *seeker;
	size_t change;
};

static int visit_file(void *context, UNUSED int dirfd, UNUSED const char *name, struct str path,
	const struct stat *st)
{
	const struct visit *visit = context;
	struct differ *differ = visit->seeker->differ;
	unsigned root = differ->request.changeset.changes[visit->change].root;
	struct file_facts facts;
	const char *copy;

	facts_from_stat(st, &facts);
	if (facts.type != FILE_REGULAR || !facts.size_bytes || pieces_find_move(differ, root, path))
		return 0;
	copy = arena_copy(&differ->arena, path.data, path.len);
	return copy ? add_source(visit->seeker, visit->change, (struct str){ copy, path.len }, &facts) :
		-EMSGSIZE;
}

/* A directory that cannot be walked is shown as what it is all the same. */
static int add_tree(struct seeker *seeker, size_t index)
{
	const struct change *change = &seeker->differ->request.changeset.changes[index];
	struct visit visit = { seeker, index };
	size_t before = seeker->old_count;
	struct tree_summary summary;
	int r = tree_summarize(seeker->differ->dirfds[2 * change->root], change->path.data, visit_file,
		&visit, &summary);

	if (r == -EMSGSIZE || r == -E2BIG)
		return r;
	if (r < 0)
		seeker->old_count = before;
	return 0;
}

static int list_targets(struct seeker *seeker)
{
	const struct changeset *changeset = &seeker->differ->request.changeset;
	struct arena *arena = &seeker->differ->arena;

	seeker->new_files = arena_alloc_array(arena, changeset->count + 1, sizeof(*seeker->new_files));
	seeker->targets = arena_alloc_array(arena, changeset->count + 1, sizeof(*seeker->targets));
	if (!seeker->new_files || !seeker->targets)
		return -EMSGSIZE;
	for (size_t i = 0; i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i];

		if (!is_selected(seeker->differ, i) || !rename_can_end(change) ||
				!change->new_file.size_bytes)
			continue;
		seeker->targets[seeker->new_count] = i;
		seeker->new_files[seeker->new_count++] = (struct similar_file){ change->root, change->path,
			change->new_file.size_bytes };
	}
	return 0;
}

static int list_sources(struct seeker *seeker)
{
	const struct changeset *changeset = &seeker->differ->request.changeset;
	int r = 0;

	for (size_t i = 0; r >= 0 && seeker->new_count && i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i];

		if (!is_selected(seeker->differ, i))
			continue;
		if (change->flags & CHANGE_TREE)
			r = add_tree(seeker, i);
		else if (rename_can_begin(change) && change->old_file.size_bytes)
			r = add_source(seeker, i, change->path, &change->old_file);
	}
	if (r == -E2BIG)
		seeker->cut |= SIMILAR_CUT_PAIRS;
	return r == -E2BIG ? 0 : r;
}

/* ---- their content ---- */

static int read_file(void *context, bool is_new, size_t index, struct str *ret)
{
	struct seeker *seeker = context;
	struct differ *differ = seeker->differ;
	struct buf *content = &differ->old_content;
	const struct similar_file *file = is_new ? &seeker->new_files[index] : &seeker->old_files[index];
	struct file_facts *facts = &seeker->old_facts[index];
	int r;

	if (is_new)
		r = content_read_one(differ,
			&differ->request.changeset.changes[seeker->targets[index]].new_file, file->root, true,
			file->path, file->size_bytes, content);
	else
		r = content_read_one(differ, facts, file->root, false, file->path, file->size_bytes, content);
	if (r == -ESTALE || r == -EACCES || r == -EPERM || r == -EFBIG)
		return 0;
	if (r < 0)
		return error_sys(&differ->err, r, "cannot read '%s'", file->path.data);
	*ret = (struct str){ buf_text(content), content->len };
	/* What is in a deleted directory has no digest yet. */
	if (!is_new && ret->len == file->size_bytes)
		facts->digest = hash_bytes(ret->data, ret->len);
	return ret->len == file->size_bytes;
}

/* ---- the answer ---- */

static int answer(struct seeker *seeker, const struct similar_answer *found)
{
	struct differ *differ = seeker->differ;
	scoped(buf) struct buf text = BUF_INIT(JSON_TEXT_MAX);
	struct rename *items = arena_alloc_array(&differ->arena, found->count + 1, sizeof(*items));
	struct rename_list list = { items, found->count };

	if (!items)
		return -EMSGSIZE;
	for (size_t i = 0; i < found->count; i++) {
		const struct similar_pair *pair = &found->pairs[i];

		items[i] = rename_make(&differ->request.changeset, seeker->targets[pair->new_file],
			seeker->sources[pair->old_file], seeker->old_files[pair->old_file].path,
			&seeker->old_facts[pair->old_file], pair->score / (SIMILAR_WHOLE / 100));
	}
	differ_found_write(&text, &list, found->cut | seeker->cut);
	if (buf_failed(&text))
		return -EMSGSIZE;
	out_bytes(&differ->out, (struct str){ buf_text(&text), text.len });
	return differ->out.r;
}

int renames_show(struct differ *differ)
{
	struct seeker seeker = { .differ = differ };
	struct similar_search search = { .percent = differ->request.similarity, .read = read_file,
		.context = &seeker, .limits = similar_limits_default() };
	struct similar_answer found;
	int r = list_targets(&seeker);

	if (r >= 0)
		r = list_sources(&seeker);
	search.old_files = seeker.old_files, search.old_count = seeker.old_count;
	search.new_files = seeker.new_files, search.new_count = seeker.new_count;
	if (r >= 0)
		r = similar_find(&differ->arena, &search, &found);
	if (r >= 0)
		r = answer(&seeker, &found);
	if (r == -EMSGSIZE)
		return error_set(&differ->err, r, "the changeset needs more memory than it may have");
	return r;
}
