/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world.h - a base and a branch in memory, and the changeset between them, for tests of the floor
 *
 * A test is a list of lines "VERB PATH|TEXT", the path perhaps with the number of its root in front
 * ("1:.bashrc"):
 *
 *	in the base     file exec link dir setgid (directory) suid (file) unreadable
 *	by the agent    write writex symlink mkdir mkgid chmod (TEXT octal) touch rm rmtree
 *	                move (TEXT: from) fifo socket chr blk cap (file capabilities) hardlink (joins group 1)
 *
 * Roots: /home/a/project, /home/a/notes, /home/a/project/inner.
 */
#pragma once

#include "lib/test.h"
#include "overlay/changeset.h"
#include "policy/judge.h"

#include <errno.h>
#include <stdio.h>

enum {
	WORLD_FILES_MAX = 64,
};

struct world_file {
	unsigned root;
	char path[512];
	enum file_type type;
	mode_t mode;
	struct str text;		/* content or target */
	bool is_unreadable;
};

struct world {
	struct arena arena;
	struct world_file base[WORLD_FILES_MAX];
	size_t base_count;
	struct change changes[WORLD_FILES_MAX];
	size_t change_count;
	struct changeset changeset;
	struct policy_settings settings;
	int view_error;			/* what every read fails with; 0: nothing */
	int look_error;
};

static const char *const world_roots[] = { "/home/a/project", "/home/a/notes", "/home/a/project/inner" };

/* "1:path" is the path in root 1. Return: how many characters of @text that prefix has. */
static inline size_t world_root(const char *text, unsigned *ret)
{
	*ret = text[0] >= '0' && text[0] <= '9' && text[1] == ':' ? (unsigned)(text[0] - '0') : 0;
	return text[0] >= '0' && text[0] <= '9' && text[1] == ':' ? 2 : 0;
}

static inline struct world_file *world_find(struct world *w, unsigned root, const char *path)
{
	for (size_t i = 0; i < w->base_count; i++)
		if (w->base[i].root == root && !strcmp(w->base[i].path, path))
			return &w->base[i];
	return NULL;
}

static inline void world_add_base(struct world *w, unsigned root, const char *path, enum file_type type,
	mode_t mode, const char *text)
{
	struct world_file *file = &w->base[w->base_count++];

	CHECK(w->base_count <= WORLD_FILES_MAX);
	*file = (struct world_file){
		.root = root, .type = type, .mode = mode, .text = str_from(text),
		.is_unreadable = file->is_unreadable,
	};
	snprintf(file->path, sizeof(file->path), "%s", path);
	/* The directories above it. */
	for (char *slash = strrchr(file->path, '/'); slash; slash = NULL) {
		char parent[512];

		snprintf(parent, sizeof(parent), "%.*s", (int)(slash - file->path), path);
		if (!world_find(w, root, parent))
			world_add_base(w, root, parent, FILE_DIRECTORY, 0755, "");
	}
}

static inline struct file_facts world_facts(enum file_type type, mode_t mode, struct str text)
{
	struct file_facts facts = { .type = type, .mode = mode, .uid = 1000, .gid = 1000 };

	if (type == FILE_REGULAR || type == FILE_SYMLINK) {
		facts.size_bytes = text.len;
		facts.digest = hash_bytes(text.data, text.len);
	}
	if (type == FILE_SYMLINK)
		facts.target = text;
	return facts;
}

/* @new_text is kept as the content that the branch shows: target doubles as the store of it. */
static inline struct change *world_change(struct world *w, unsigned root, const char *path,
	struct file_facts new_file)
{
	struct world_file *base = world_find(w, root, path);
	struct change *change = &w->changes[w->change_count++];

	CHECK(w->change_count <= WORLD_FILES_MAX);
	*change = (struct change){ .root = root, .new_file = new_file };
	change->path = (struct str){ arena_copy(&w->arena, path, strlen(path)), strlen(path) };
	if (base)
		change->old_file = world_facts(base->type, base->mode, base->text);
	if (!base)
		change->kind = CHANGE_ADDED;
	else if (!new_file.type)
		change->kind = CHANGE_DELETED;
	else if (new_file.type != base->type)
		change->kind = CHANGE_TYPE;
	else if (digest_eq(&new_file.digest, &change->old_file.digest))
		change->kind = CHANGE_METADATA;
	else
		change->kind = CHANGE_MODIFIED;
	return change;
}

static const struct {
	const char *verb;
	enum file_type type;
	mode_t mode;
} world_base_verbs[] = {
	{ "file", FILE_REGULAR, 0644 }, { "exec", FILE_REGULAR, 0755 }, { "link", FILE_SYMLINK, 0777 },
	{ "dir", FILE_DIRECTORY, 0755 }, { "setgid", FILE_DIRECTORY, 02775 }, { "suid", FILE_REGULAR, 04755 },
	{ "unreadable", FILE_REGULAR, 0600 }, { "basefifo", FILE_FIFO, 0644 },
}, world_agent_verbs[] = {
	{ "write", FILE_REGULAR, 0644 }, { "writex", FILE_REGULAR, 0755 }, { "symlink", FILE_SYMLINK, 0777 },
	{ "mkdir", FILE_DIRECTORY, 0755 }, { "mkgid", FILE_DIRECTORY, 02755 }, { "rm", FILE_NONE, 0 },
	{ "rmtree", FILE_NONE, 0 }, { "fifo", FILE_FIFO, 0644 }, { "socket", FILE_SOCKET, 0755 },
	{ "chr", FILE_CHAR_DEVICE, 0666 }, { "blk", FILE_BLOCK_DEVICE, 0660 },
	{ "writesuid", FILE_REGULAR, 04755 },
	{ "writesgid", FILE_REGULAR, 02755 },
};

static inline void world_do_metadata(struct world *w, const char *verb, unsigned root, const char *path,
	const char *text)
{
	static const struct xattr capability = { "security.capability", { "\1\0\0\2", 4 } };
	struct xattr *named;
	struct world_file *base = world_find(w, root, path);
	struct file_facts facts;
	struct change *change;

	CHECK(base);
	facts = world_facts(base->type, base->mode, base->text);
	if (!strcmp(verb, "chmod"))
		facts.mode = (mode_t)strtoul(text, NULL, 8);
	else if (!strcmp(verb, "chown"))
		facts.uid = 0;
	else if (!strcmp(verb, "cap"))
		facts.xattrs = &capability, facts.xattr_count = 1;
	else if (!strcmp(verb, "xattr")) {
		named = arena_alloc(&w->arena, sizeof(*named));
		CHECK(named);
		*named = (struct xattr){ arena_copy(&w->arena, text, strlen(text)), STR("y") };
		facts.xattrs = named, facts.xattr_count = 1;
	} else if (strcmp(verb, "touch") && strcmp(verb, "hardlink"))
		test_fail(__FILE__, __LINE__, "no such verb: %s", verb);
	change = world_change(w, root, path, facts);
	if (!strcmp(verb, "hardlink"))
		change->link_group = 1;
	if (base->is_unreadable) {
		change->flags |= CHANGE_UNREAD;
		change->old_file.digest = (struct digest){ 0 };
	}
}

static inline void world_do(struct world *w, const char *line)
{
	char verb[16], path[512];
	const char *bar = strchr(line, '|'), *space = strchr(line, ' '), *text = bar ? bar + 1 : "";
	unsigned root;

	CHECK(space && space - line < (int)sizeof(verb));
	snprintf(verb, sizeof(verb), "%.*s", (int)(space - line), line);
	space += 1 + world_root(space + 1, &root);
	snprintf(path, sizeof(path), "%.*s", bar ? (int)(bar - space) : (int)strlen(space), space);
	for (size_t i = 0; i < ARRAY_SIZE(world_base_verbs); i++) {
		if (strcmp(verb, world_base_verbs[i].verb))
			continue;
		w->base[w->base_count].is_unreadable = !strcmp(verb, "unreadable");
		world_add_base(w, root, path, world_base_verbs[i].type, world_base_verbs[i].mode, text);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(world_agent_verbs); i++) {
		struct change *change;

		if (strcmp(verb, world_agent_verbs[i].verb))
			continue;
		change = world_change(w, root, path,
			world_facts(world_agent_verbs[i].type, world_agent_verbs[i].mode, str_from(text)));
		if (!strcmp(verb, "rmtree"))
			change->flags |= CHANGE_TREE;
		if (change->new_file.type == FILE_REGULAR)
			change->new_file.target = str_from(text);
		return;
	}
	if (!strcmp(verb, "move")) {
		struct world_file *from = world_find(w, root, text);
		struct change *change;

		CHECK(from);
		change = world_change(w, root, path, world_facts(FILE_REGULAR, from->mode, from->text));
		change->kind = CHANGE_RENAMED;
		change->old_file = world_facts(FILE_REGULAR, from->mode, from->text);
		change->renamed_from = str_from(from->path);
		change->new_file.target = from->text;
		change = world_change(w, root, text, (struct file_facts){ 0 });
		change->flags |= CHANGE_MOVED;
		return;
	}
	world_do_metadata(w, verb, root, path, text);
}

static inline int world_read(void *context, enum policy_side side, unsigned root, const char *path,
	struct buf *ret)
{
	struct world *w = context;
	struct world_file *base = world_find(w, root, path);
	struct str text;

	if (w->view_error)
		return w->view_error;
	if (side == POLICY_BRANCH) {
		const struct change *change = changeset_find(&w->changeset, root, str_from(path));

		CHECK(change);
		/*
		 * A regular file's content is kept where a link's target is; the changeset itself has none
		 * there.
		 */
		text = change->new_file.target;
		if (change->kind == CHANGE_METADATA)
			text = base->text;
	} else {
		if (!base)
			return -ENOENT;
		if (base->type != FILE_REGULAR)
			return -ELOOP;
		if (base->is_unreadable)
			return -EACCES;
		text = base->text;
	}
	return buf_append(ret, text.data, text.len);
}

static inline int world_look(void *context, unsigned root, const char *path, struct policy_file *ret)
{
	struct world *w = context;
	struct world_file *base = world_find(w, root, path);

	*ret = (struct policy_file){ .type = FILE_NONE };
	if (w->look_error)
		return w->look_error;
	if (!strcmp(path, "."))
		ret->type = FILE_DIRECTORY;
	if (!base)
		return 0;
	ret->type = base->type;
	ret->mode = base->mode;
	if (base->type == FILE_SYMLINK) {
		ret->target_len = base->text.len;
		memcpy(ret->target, base->text.data, base->text.len);
	}
	return 0;
}

static inline int world_compare(const void *a, const void *b)
{
	const struct change *left = a, *right = b;

	if (left->root != right->root)
		return left->root < right->root ? -1 : 1;
	return str_compare(left->path, right->path);
}

static inline void world_init(struct world *w, const char *const *lines)
{
	*w = (struct world){
		.arena = ARENA_INIT(64 << 20),
		.settings = {
			.changes_max = POLICY_CHANGES_DEFAULT, .bytes_max = POLICY_BYTES_DEFAULT,
			.view = { .context = w, .read = world_read, .look = world_look },
		},
	};
	for (; *lines; lines++)
		world_do(w, *lines);
	if (w->change_count)
		qsort(w->changes, w->change_count, sizeof(w->changes[0]), world_compare);
	w->changeset = (struct changeset){
		.roots = world_roots, .root_count = ARRAY_SIZE(world_roots), .changes = w->changes,
		.count = w->change_count,
	};
	for (size_t i = 0; i < w->change_count; i++)
		w->changeset.total_bytes += w->changes[i].new_file.size_bytes;
	w->changeset.digest = hash_bytes("world", 5);
}

static inline void world_fini(struct world *w)
{
	arena_fini(&w->arena);
}

static inline int world_judge(struct world *w, struct judgement *ret, struct error *err)
{
	return policy_judge_floor(&w->arena, &w->changeset, &w->settings, ret, err);
}

/* "deny floor/a floor/b": the verdict and the rules that found something. */
static inline const char *world_summary(struct world *w, const struct judgement *judgement)
{
	scoped(buf) struct buf text = BUF_INIT(4096);

	buf_append_str(&text, verdict_name(judgement->verdict));
	for (size_t i = 0; i < judgement->rule_count; i++)
		buf_printf(&text, " %s", judgement->rules[i].rule);
	return arena_copy(&w->arena, buf_text(&text), text.len);
}

/* ---- tables of cases ---- */

#define LINES(...) (const char *const[]){ __VA_ARGS__, NULL }

/* Lines, and the summary of what the floor makes of them. */
struct floor_case {
	const char *lines[12];
	const char *wanted;
};

static inline void check_cases(const struct floor_case *cases, size_t count)
{
	static struct world w;

	for (size_t i = 0; i < count; i++) {
		struct judgement judgement;
		struct error err = ERROR_INIT;
		const char *got;

		world_init(&w, cases[i].lines);
		if (world_judge(&w, &judgement, &err) < 0)
			test_fail(__FILE__, __LINE__, "%s: %s", cases[i].lines[0], err.text);
		got = world_summary(&w, &judgement);
		if (strcmp(got, cases[i].wanted)) {
			for (size_t d = 0; d < judgement.count; d++)
				fprintf(stderr, "# %s: %s\n", judgement.decisions[d].path.data,
					judgement.decisions[d].message);
			test_fail(__FILE__, __LINE__, "case %zu '%s' '%s': \"%s\", wanted \"%s\"", i,
				cases[i].lines[0], cases[i].lines[1] ? cases[i].lines[1] : "", got,
				cases[i].wanted);
		}
		world_fini(&w);
	}
}

#define CHECK_CASES(cases) check_cases(cases, ARRAY_SIZE(cases))
