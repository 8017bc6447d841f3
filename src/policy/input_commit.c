// SPDX-License-Identifier: Apache-2.0
/*
 * input_commit.c - the document about a changeset
 *
 * One record for each entry, with a record of facts for each side. What comes again and again (kinds, types,
 * an owner, a mode) is one value for the whole document: a changeset has up to a million entries.
 *
 * Paths are absolute, as the changeset's roots are real paths of the host: a rule that speaks of /etc sees
 * /etc, whatever the workspace is called. `rel` and `name` are the ends of that text.
 */
#include "policy/input_internal.h"

#include <stdio.h>

/* A number that the entry before had, too. */
struct last_number {
	const struct json *value;
};

struct commit {
	struct input_maker maker;
	const struct policy_commit *question;
	const struct json *kinds[CHANGE_TYPE + 1], *types[FILE_BLOCK_DEVICE + 1];
	struct last_number uid, gid, mode, root;
	const struct json *entropies[CONTENT_ENTROPY_MAX + 1];	/* those that came so far */
	const struct json *flags;	/* the list of the entry before */
	unsigned last_flags;
};

static const struct json *shared_number(struct commit *commit, struct last_number *last, uint64_t number)
{
	if (!last->value || (uint64_t)last->value->integer != number)
		last->value = input_int(&commit->maker, (int64_t)number);
	return last->value;
}

static const struct json *xattrs_value(struct input_maker *maker, const struct file_facts *facts)
{
	struct json_array_builder list;

	if (!facts->xattr_count)
		return input_empty_list();
	json_array_begin(&list, maker->arena);
	json_array_reserve(&list, facts->xattr_count);
	for (size_t i = 0; i < facts->xattr_count; i++)
		json_array_add(&list, input_text(maker, str_from(facts->xattrs[i].name)));
	return json_array_end(&list);
}

/* Where the new link leads, if that can be told; a document that lacks it for want of memory is none. */
static void add_resolved(struct commit *commit, struct input_record *record, const struct change *change)
{
	const struct policy_commit *question = commit->question;
	const char *path = NULL;

	if (question->resolve &&
			question->resolve(question->context, commit->maker.arena, change, &path) < 0)
		input_add(record, INPUT_RESOLVED, NULL);
	else
		input_add_text(record, INPUT_RESOLVED, path);
}

/* 4.78; the values are few, and a changeset of one kind of file has one and the same again and again. */
static const struct json *entropy_value(struct commit *commit, unsigned hundredths)
{
	char text[8];
	int len;

	assert(hundredths <= CONTENT_ENTROPY_MAX);
	if (commit->entropies[hundredths])
		return commit->entropies[hundredths];
	len = snprintf(text, sizeof(text), "%u.%02u", hundredths / 100, hundredths % 100);
	commit->entropies[hundredths] = json_new_number(commit->maker.arena,
		(struct str){ text, (size_t)len });
	return commit->entropies[hundredths];
}

static const struct json *content_value(struct commit *commit, const struct content *content)
{
	struct arena *arena = commit->maker.arena;
	UNINITIALIZED struct input_record record;

	input_begin(&record, &commit->maker);
	input_add(&record, INPUT_BIDI, json_new_bool(arena, content->has_bidi));
	input_add(&record, INPUT_ENTROPY, entropy_value(commit, content->entropy));
	input_add(&record, INPUT_INVISIBLE, json_new_bool(arena, content->has_invisible));
	input_add_count(&record, INPUT_LINES, content->lines);
	input_add_count(&record, INPUT_LONGEST_LINE, content->longest_line);
	input_add(&record, INPUT_TYPE,
		input_string(&commit->maker, str_from(content_type_name(content->type))));
	input_add(&record, INPUT_UTF8, json_new_bool(arena, content->is_utf8));
	return input_end(&record);
}

static const struct json *facts_value(struct commit *commit, const struct change *change,
	const struct file_facts *facts)
{
	static const struct digest unread;
	bool is_file = facts->type == FILE_REGULAR, is_link = facts->type == FILE_SYMLINK;
	UNINITIALIZED struct input_record record;

	input_begin(&record, &commit->maker);
	if (facts->content.type)
		input_add(&record, INPUT_CONTENT, content_value(commit, &facts->content));
	if ((is_file || is_link) && !digest_eq(&facts->digest, &unread))
		input_add_digest(&record, INPUT_DIGEST, &facts->digest);
	if (is_file)
		input_add(&record, INPUT_EXECUTABLE, json_new_bool(commit->maker.arena, facts->mode & 0111));
	input_add(&record, INPUT_GID, shared_number(commit, &commit->gid, facts->gid));
	input_add(&record, INPUT_MODE, shared_number(commit, &commit->mode, facts->mode));
	input_add_int(&record, INPUT_MTIME_NS, facts->mtime_ns);
	if (is_link && facts == &change->new_file)
		add_resolved(commit, &record, change);
	if (is_file || is_link)
		input_add_count(&record, INPUT_SIZE, facts->size_bytes);
	if (is_link)
		input_add(&record, INPUT_TARGET, input_text(&commit->maker, facts->target));
	input_add(&record, INPUT_TYPE, commit->types[facts->type]);
	input_add(&record, INPUT_UID, shared_number(commit, &commit->uid, facts->uid));
	input_add(&record, INPUT_XATTRS, xattrs_value(&commit->maker, facts));
	return input_end(&record);
}

/* ---- one entry ---- */

static const struct json *flags_value(struct commit *commit, unsigned flags)
{
	struct json_array_builder list;

	if (!flags)
		return input_empty_list();
	if (commit->flags && commit->last_flags == flags)
		return commit->flags;
	json_array_begin(&list, commit->maker.arena);
	for (unsigned flag = 1; flag && flag <= flags; flag <<= 1)
		if (flags & flag)
			json_array_add(&list, input_string(&commit->maker, str_from(change_flag_name(flag))));
	commit->flags = json_array_end(&list);
	commit->last_flags = flags;
	return commit->flags;
}

/* ".py" of "Tool.PY"; nothing of "Makefile" and ".profile". */
static const struct json *extension_value(struct input_maker *maker, const struct json *name)
{
	struct str text = name->text, ext = STR("");
	bool is_lower = true;
	char *copy;

	while (text.len && text.data[0] == '.')
		text = (struct str){ text.data + 1, text.len - 1 };
	for (size_t i = text.len; i > 0 && !ext.len; i--)
		if (text.data[i - 1] == '.')
			ext = (struct str){ text.data + i - 1, text.len - i + 1 };
	for (size_t i = 0; i < ext.len; i++)
		is_lower = is_lower && ascii_lower(ext.data[i]) == ext.data[i];
	if (is_lower)
		return input_string(maker, ext);
	copy = arena_copy(maker->arena, ext.data, ext.len);
	for (size_t i = 0; copy && i < ext.len; i++)
		copy[i] = ascii_lower(copy[i]);
	return copy ? input_string(maker, (struct str){ copy, ext.len }) : NULL;
}

static const struct json *path_value(struct commit *commit, const struct change *change, struct str path)
{
	struct str text = policy_input_path(commit->maker.arena,
		str_from(commit->question->changeset->roots[change->root]), path);

	return text.len ? input_string(&commit->maker, text) : NULL;
}

/*
 * What of a path lies below the root: its last components, as many as the relative path has, since nothing
 * that is escaped brings or takes a slash.
 */
static const struct json *relative_value(struct input_maker *maker, const struct json *path,
	struct str relative)
{
	size_t slashes = 1, at = path->text.len;

	if (str_eq(relative, STR(".")))
		return input_string(maker, STR("."));
	for (size_t i = 0; i < relative.len; i++)
		slashes += relative.data[i] == '/';
	while (slashes && at)
		slashes -= path->text.data[--at] == '/';
	return input_string(maker, (struct str){ path->text.data + at + 1, path->text.len - at - 1 });
}

static const struct json *entry_value(struct commit *commit, const struct change *change)
{
	const struct json *path = path_value(commit, change, change->path);
	const struct json *name = input_name(&commit->maker, path);
	UNINITIALIZED struct input_record record;

	if (!path || !name)
		return NULL;
	input_begin(&record, &commit->maker);
	if (change->flags & CHANGE_TREE)
		input_add_count(&record, INPUT_BELOW, change->old_count);
	input_add(&record, INPUT_EXT, extension_value(&commit->maker, name));
	input_add(&record, INPUT_FLAGS, flags_value(commit, change->flags));
	input_add(&record, INPUT_KIND, commit->kinds[change->kind]);
	if (change->link_group)
		input_add_count(&record, INPUT_LINKS, change->link_group);
	input_add(&record, INPUT_NAME, name);
	if (change->new_file.type)
		input_add(&record, INPUT_NEW, facts_value(commit, change, &change->new_file));
	if (change->old_file.type)
		input_add(&record, INPUT_OLD, facts_value(commit, change, &change->old_file));
	input_add(&record, INPUT_PATH, path);
	input_add(&record, INPUT_REL, relative_value(&commit->maker, path, change->path));
	if (change->renamed_from.len)
		input_add(&record, INPUT_RENAMED_FROM, path_value(commit, change, change->renamed_from));
	input_add(&record, INPUT_ROOT, shared_number(commit, &commit->root, change->root));
	return input_end(&record);
}

static const struct json *entries_value(struct commit *commit)
{
	const struct changeset *changeset = commit->question->changeset;
	struct json_array_builder list;

	json_array_begin(&list, commit->maker.arena);
	json_array_reserve(&list, changeset->count);
	for (size_t i = 0; i < changeset->count && !list.failed; i++)
		json_array_add(&list, entry_value(commit, &changeset->changes[i]));
	return json_array_end(&list);
}

/* ---- the whole ---- */

static const struct json *counts_value(struct input_maker *maker, const struct changeset *changeset)
{
	uint64_t kinds[CHANGE_TYPE + 1] = { 0 }, below = 0, moved = 0, stale = 0;
	UNINITIALIZED struct input_record record;

	for (size_t i = 0; i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i];

		kinds[change->kind]++;
		below += change->old_count;
		moved += !!(change->flags & CHANGE_MOVED);
		stale += !!(change->flags & CHANGE_STALE);
	}
	input_begin(&record, maker);
	input_add_count(&record, INPUT_ADDED, kinds[CHANGE_ADDED]);
	input_add_count(&record, INPUT_DELETED, kinds[CHANGE_DELETED]);
	input_add_count(&record, INPUT_DELETED_FILES, kinds[CHANGE_DELETED] + below);
	input_add_count(&record, INPUT_ENTRIES, changeset->count);
	input_add_count(&record, INPUT_METADATA, kinds[CHANGE_METADATA]);
	input_add_count(&record, INPUT_MODIFIED, kinds[CHANGE_MODIFIED]);
	input_add_count(&record, INPUT_MOVED, moved);
	input_add_count(&record, INPUT_RENAMED, kinds[CHANGE_RENAMED]);
	input_add_count(&record, INPUT_STALE, stale);
	input_add_count(&record, INPUT_TYPE, kinds[CHANGE_TYPE]);
	return input_end(&record);
}

/* The names that many entries share. */
static void name_all(struct commit *commit)
{
	for (enum change_kind kind = CHANGE_ADDED; kind <= CHANGE_TYPE; kind++)
		commit->kinds[kind] = input_string(&commit->maker, str_from(change_kind_name(kind)));
	for (enum file_type type = FILE_REGULAR; type <= FILE_BLOCK_DEVICE; type++)
		commit->types[type] = input_string(&commit->maker, str_from(file_type_name(type)));
}

const struct json *policy_input_commit(struct arena *arena, const struct policy_commit *question)
{
	const struct changeset *changeset = question->changeset;
	struct commit commit = { .maker = INPUT_MAKER(arena), .question = question };
	UNINITIALIZED struct input_record record;

	name_all(&commit);
	input_begin(&record, &commit.maker);
	input_add_count(&record, INPUT_BYTES, changeset->total_bytes);
	input_add(&record, INPUT_COUNTS, counts_value(&commit.maker, changeset));
	input_add_digest(&record, INPUT_DIGEST, &changeset->digest);
	input_add(&record, INPUT_ENTRIES, entries_value(&commit));
	input_add(&record, INPUT_ROOTS, input_words(&commit.maker, changeset->roots, changeset->root_count));
	return input_document(&commit.maker, question->session, "commit", INPUT_CHANGESET,
		input_end(&record));
}
