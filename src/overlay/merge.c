// SPDX-License-Identifier: Apache-2.0
/*
 * merge.c - three-way text merge of files that both the agent and somebody else changed
 *
 * First everything is merged in memory; then, only if all of it is clean, the branch's files are exchanged
 * for the merged ones. A crash in between leaves some of them merged: the branch is then not what was judged,
 * which the next commit says.
 */
#include "overlay/merge.h"

#include "base/quote.h"
#include "kern/file.h"
#include "overlay/cursor.h"
#include "overlay/merge_backend.h"
#include "overlay/xattr.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>

#define MERGE_NAME "merged"		/* in the storage: one file at a time on its way into the branch */

static const struct {
	const char *name, *text;
} outcomes[] = {
	[MERGE_NONE] = { "", "" },
	[MERGE_CLEAN] = { "clean", "merged" },
	[MERGE_OVERLAP] = { "overlap", "both sides changed the same lines" },
	[MERGE_NO_ANCESTOR] = { "no-ancestor", "git does not have the content that both sides began with" },
	[MERGE_NOT_TEXT] = { "not-text", "it is no text file on both sides" },
};

const char *merge_outcome_name(enum merge_outcome outcome)
{
	assert(outcome < ARRAY_SIZE(outcomes));
	return outcomes[outcome].name;
}

const char *merge_outcome_text(enum merge_outcome outcome)
{
	assert(outcome < ARRAY_SIZE(outcomes));
	return outcomes[outcome].text;
}

const struct json *merged_to_json(struct arena *arena, const struct merged_file *files, size_t count)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < count; i++) {
		struct json_object_builder object;

		json_object_begin(&object, arena);
		json_object_add_text(&object, "message", merge_outcome_text(files[i].outcome));
		json_object_add_text(&object, "outcome", merge_outcome_name(files[i].outcome));
		json_object_add(&object, "path", json_new_bytes(arena, files[i].change->path));
		json_object_add_int(&object, "root", files[i].change->root);
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}

/* ---- merging in memory ---- */

static bool is_text(const struct buf *text)
{
	return !memchr(buf_text(text), '\0', text->len);
}

/* Reads a regular file below a directory; -EINVAL for anything else. */
static int read_text(int dirfd, const char *path, struct buf *ret)
{
	scoped(fd) int fd = kern_open_beneath(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;
	int r = fd < 0 ? fd : kern_fstat(fd, &st);

	if (r >= 0 && !S_ISREG(st.st_mode))
		r = -EINVAL;
	return r < 0 ? r : kern_read_all(fd, ret);
}

/*
 * The content that the branch began with is the changeset's old side, unless the base had changed by then:
 * then nobody knows it any more.
 */
static bool may_have_ancestor(const struct conflict *conflict, const struct change *change)
{
	return conflict->kind == CONFLICT_CHANGED && change->kind == CHANGE_MODIFIED &&
		!(change->flags & CHANGE_STALE) && change->old_file.type == FILE_REGULAR &&
		change->new_file.type == FILE_REGULAR;
}

static int merge_one(const struct overlay_target *target, int upper_dirfd, const struct change *change,
	struct arena *arena, struct merged_file *file)
{
	scoped(buf) struct buf ancestor = BUF_INIT(MERGE_TEXT_MAX), ours = BUF_INIT(MERGE_TEXT_MAX);
	scoped(buf) struct buf theirs = BUF_INIT(MERGE_TEXT_MAX), merged = BUF_INIT(MERGE_TEXT_MAX * 2);
	int r = read_text(upper_dirfd, change->path.data, &ours);
	struct digest found;

	if (r >= 0)
		r = read_text(target->root_dirfd, change->path.data, &theirs);
	file->outcome = MERGE_NOT_TEXT;
	if (r == -EINVAL || r == -EMSGSIZE || (r >= 0 && (!is_text(&ours) || !is_text(&theirs))))
		return 0;
	if (r < 0)
		return r;
	found = hash_bytes(ours.data, ours.len);
	if (!digest_eq(&found, &change->new_file.digest))
		return -EBADMSG;
	file->outcome = MERGE_NO_ANCESTOR;
	r = merge_backend_ancestor(target->path, change->path.data, &change->old_file.digest, &ancestor);
	if (r == -ENOENT || r == -EMSGSIZE)
		return 0;
	if (r >= 0)
		r = merge_backend_text((struct str){ ancestor.data, ancestor.len },
			(struct str){ ours.data, ours.len }, (struct str){ theirs.data, theirs.len },
			&merged);
	file->outcome = MERGE_OVERLAP;
	if (r == -EEXIST)
		return 0;
	if (r < 0)
		return r;
	file->text = (struct str){ arena_copy(arena, merged.data, merged.len), merged.len };
	file->outcome = MERGE_CLEAN;
	return file->text.data ? 0 : -EMSGSIZE;
}

static int merge_in_memory(const struct overlay_commit *commit, const struct conflict_list *conflicts,
	struct arena *arena, struct merged_file *files, struct error *err)
{
	for (size_t i = 0; i < conflicts->count; i++) {
		const struct conflict *conflict = &conflicts->items[i];
		const struct overlay_target *target = &commit->targets[conflict->root];
		const struct change *change = changeset_find(commit->changeset, conflict->root,
			conflict->path);
		scoped(fd) int upper_dirfd = kern_open_beneath(target->storage_dirfd, "upper",
			O_PATH | O_DIRECTORY, 0);
		int r = upper_dirfd;

		assert(change);
		files[i].change = change;
		if (r >= 0 && !may_have_ancestor(conflict, change))
			files[i].outcome = change->flags & CHANGE_STALE ? MERGE_NO_ANCESTOR : MERGE_NOT_TEXT;
		else if (r >= 0)
			r = merge_one(target, upper_dirfd, change, arena, &files[i]);
		if (r < 0)
			return error_sys(err, r, "cannot merge '%s'", quote_text(change->path).text);
	}
	return 0;
}

/* ---- into the branch ---- */

/* The merged text as a file with everything else that the branch's file has. */
static int make_file(const struct overlay_target *target, int dirfd, const char *name, struct str text)
{
	scoped(fd) int from = kern_open_beneath(dirfd, name, O_RDONLY, 0), to = -1;
	scoped(arena) struct arena arena = ARENA_INIT(CHANGE_XATTRS_MAX * (XATTR_BYTES_MAX + 1024));
	struct xattr_reader *reader = calloc(1, sizeof(*reader));
	struct overlay_marks marks;
	struct file_facts facts;
	struct stat st;
	int r = from;

	if (!reader)
		abort();
	reader->arena = &arena;
	reader->trusted = true;		/* every user.* as it is stored */
	(void)kern_unlinkat(target->storage_dirfd, MERGE_NAME, 0);
	if (r >= 0)
		r = to = kern_open_beneath(target->storage_dirfd, MERGE_NAME, O_WRONLY | O_CREAT | O_EXCL,
			0600);
	if (r >= 0)
		r = kern_fstat(from, &st);
	if (r >= 0)
		r = xattr_read_fd(reader, from, &facts, &marks);
	if (r >= 0)
		r = kern_write_all(to, text.data, text.len);
	if (r >= 0)
		r = kern_fchownat(to, "", st.st_uid, st.st_gid, AT_EMPTY_PATH);
	for (size_t i = 0; r >= 0 && i < facts.xattr_count; i++)
		r = kern_fsetxattr(to, facts.xattrs[i].name, facts.xattrs[i].value.data,
			facts.xattrs[i].value.len, 0);
	if (r >= 0)
		r = kern_fchmod(to, st.st_mode & 07777);
	free(reader);
	return r;
}

static int put_into_branch(const struct overlay_target *target, const struct merged_file *file)
{
	scoped(fd) int upper_dirfd = kern_open_beneath(target->storage_dirfd, "upper", O_PATH | O_DIRECTORY,
		0);
	struct cursor cursor;
	const char *name;
	int dirfd, r;

	if (upper_dirfd < 0)
		return upper_dirfd;
	cursor_init(&cursor, upper_dirfd);
	r = dirfd = cursor_open(&cursor, file->change->path, &name);
	if (r >= 0)
		r = make_file(target, dirfd, name, file->text);
	if (r >= 0)
		r = kern_renameat2(target->storage_dirfd, MERGE_NAME, dirfd, name, 0);
	if (r < 0)
		(void)kern_unlinkat(target->storage_dirfd, MERGE_NAME, 0);
	cursor_fini(&cursor);
	return r;
}

static int merge_all(const struct overlay_commit *commit, const struct conflict_list *conflicts,
	struct arena *arena, struct merged_file *files, struct error *err)
{
	int r = merge_in_memory(commit, conflicts, arena, files, err);

	for (size_t i = 0; r >= 0 && i < conflicts->count; i++)
		if (files[i].outcome != MERGE_CLEAN)
			r = error_set(err, -EEXIST, "not every file in conflict can be merged");
	for (size_t i = 0; r >= 0 && i < conflicts->count; i++) {
		r = put_into_branch(&commit->targets[files[i].change->root], &files[i]);
		if (r < 0)
			error_sys(err, r, "cannot put the merged '%s' into the branch",
				quote_text(files[i].change->path).text);
	}
	return r;
}

int overlay_merge(const struct overlay_commit *commit, const struct conflict_list *conflicts,
	struct arena *arena, struct merged_file **ret, struct error *err)
{
	struct merged_file *files = arena_alloc_array(arena, conflicts->count, sizeof(*files));
	int r;

	if (!files)
		return error_set(err, -EMSGSIZE, "there are too many conflicts to merge");
	if (conflicts->total > conflicts->count)
		return error_set(err, -EMSGSIZE, "%zu conflicts are too many to merge at once",
			conflicts->total);
	r = merge_backend_open(err);
	if (r < 0)
		return r;
	*ret = files;
	r = merge_all(commit, conflicts, arena, files, err);
	merge_backend_close();
	return r;
}
