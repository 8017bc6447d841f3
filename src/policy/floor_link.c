// SPDX-License-Identifier: Apache-2.0
/*
 * floor_link.c - where a symbolic link leads
 *
 * The walk is the kernel's, done over two things that stand still: the changeset, and the base as the view
 * shows it. Every component is looked at, every link on the way is followed, ".." goes to the physical
 * parent. An absolute target is inside when it lies beneath a root, since the workspace has its own path in
 * the sandbox and on the host alike. As soon as the walk leaves every root the answer is "outside", also
 * where it would come back later: what lies outside is not ours to look at, and may change.
 *
 * What cannot be told (a view that sees nothing, too many links, a path that is too long) counts as outside.
 */
#include "policy/floor_internal.h"

#include "base/path.h"
#include "base/quote.h"

#include <errno.h>
#include <stdio.h>

enum {
	LINKS_MAX = 40,			/* as the kernel has it */
};

/* What the changeset says about @path; false: it says nothing, and nothing above it does. */
static bool look_changeset(const struct floor *floor, unsigned root, const char *path,
	struct policy_file *ret)
{
	const struct change *change = changeset_find(floor->changeset, root, str_from(path));
	struct str parent = str_from(path);

	*ret = (struct policy_file){ .type = FILE_NONE };
	if (change) {
		ret->type = change->new_file.type;
		ret->mode = change->new_file.mode;
		ret->target_len = MIN(change->new_file.target.len, sizeof(ret->target) - 1);
		if (ret->target_len)
			memcpy(ret->target, change->new_file.target.data, ret->target_len);
		return true;
	}
	/* Below a directory that is new, or gone, the base's files are not there any more. */
	for (parent = path_parent(parent); !str_eq(parent, STR(".")); parent = path_parent(parent)) {
		change = changeset_find(floor->changeset, root, parent);
		if (!change)
			continue;
		if (change->new_file.type != FILE_DIRECTORY || change->old_file.type != FILE_DIRECTORY)
			return true;
	}
	return false;
}

int floor_look_base(struct floor *floor, unsigned root, const char *path, struct policy_file *ret)
{
	const struct policy_view *view = &floor->settings->view;
	int r;

	*ret = (struct policy_file){ .type = FILE_NONE };
	r = view->look ? view->look(view->context, root, path, ret) : 0;
	if (r >= 0)
		return 0;
	*ret = (struct policy_file){ .type = FILE_NONE };
	/* A name that is too long for the kernel is no file's. */
	if (r == -ENAMETOOLONG)
		return 0;
	if (r == -EACCES || r == -EPERM)
		return -EACCES;
	return error_sys(floor->err, r, "looking at '%s/%s'", floor->changeset->roots[root],
		quote_cstr(path).text);
}

int floor_look_new(struct floor *floor, unsigned root, const char *path, struct policy_file *ret)
{
	return look_changeset(floor, root, path, ret) ? 0 : floor_look_base(floor, root, path, ret);
}

struct walk {
	struct floor *floor;
	struct floor_place *place;
	size_t len;			/* of place->path; 0 is the root itself */
	char rest[2 * 4096];		/* what is still to be walked */
	int links;
};

/* The walk goes on with @text, and then with what was left. */
static int push_text(struct walk *walk, struct str text)
{
	char rest[sizeof(walk->rest)];
	int len = snprintf(rest, sizeof(rest), "%.*s/%s", STR_FMT(text), walk->rest);

	if (len >= (int)sizeof(rest))
		return -ENAMETOOLONG;
	memcpy(walk->rest, rest, (size_t)len + 1);
	return 0;
}

/* An absolute path: into the innermost root that it begins with, then on from there. */
static int restart(struct walk *walk, struct str target)
{
	const struct changeset *changeset = walk->floor->changeset;
	size_t longest = 0;

	for (size_t i = 0; i < changeset->root_count; i++) {
		struct str root = str_from(changeset->roots[i]);

		if (root.len > longest && path_is_beneath(target, root)) {
			longest = root.len;
			walk->place->root = (unsigned)i;
		}
	}
	if (!longest)
		return -EXDEV;
	walk->len = 0;
	target.data += longest;
	target.len -= longest;
	return push_text(walk, target);
}

/* ".." at the top of a root leads out, unless that root lies in another one. */
static int go_up(struct walk *walk)
{
	if (!walk->len) {
		struct str root = str_from(walk->floor->changeset->roots[walk->place->root]);

		return restart(walk, path_parent(root));
	}
	while (walk->len && walk->place->path[--walk->len] != '/')
		;
	return 0;
}

/* Where roots are nested, what lies below the inner one is the inner one's. */
static void enter_nested(struct walk *walk)
{
	const struct changeset *changeset = walk->floor->changeset;
	struct str here = str_from(changeset->roots[walk->place->root]);
	struct str below = { walk->place->path, walk->len };

	for (size_t i = 0; i < changeset->root_count; i++) {
		struct str root = str_from(changeset->roots[i]);

		if (root.len == here.len || !path_is_beneath(root, here))
			continue;
		if (!str_eq(str_from(path_relative(root.data, here.data)), below))
			continue;
		walk->place->root = (unsigned)i;
		walk->len = 0;
		return;
	}
}

/* One component down; a link there puts its target before the rest. */
static int go_down(struct walk *walk, struct str component)
{
	char *path = walk->place->path;
	size_t before = walk->len;
	struct policy_file file;
	int r;

	if (walk->len + component.len + 2 > sizeof(walk->place->path))
		return -ENAMETOOLONG;
	if (walk->len)
		path[walk->len++] = '/';
	memcpy(path + walk->len, component.data, component.len);
	walk->len += component.len;
	path[walk->len] = '\0';
	r = floor_look_new(walk->floor, walk->place->root, path, &file);
	if (r < 0)
		return r;
	if (file.type != FILE_SYMLINK) {
		enter_nested(walk);
		return 0;
	}
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	walk->len = before;
	if (file.target_len && file.target[0] == '/')
		return restart(walk, (struct str){ file.target, file.target_len });
	return push_text(walk, (struct str){ file.target, file.target_len });
}

/* Takes the next component off the rest; false at its end. */
static bool next_component(struct walk *walk, char ret[FLOOR_COMPONENT_MAX], size_t *ret_len)
{
	size_t skip = strspn(walk->rest, "/"), len = strcspn(walk->rest + skip, "/");

	*ret_len = MIN(len, (size_t)FLOOR_COMPONENT_MAX);
	memcpy(ret, walk->rest + skip, MIN(len, (size_t)FLOOR_COMPONENT_MAX));
	memmove(walk->rest, walk->rest + skip + len, strlen(walk->rest + skip + len) + 1);
	return len > 0;
}

static int run_walk(struct walk *walk)
{
	char component[FLOOR_COMPONENT_MAX];
	size_t len;
	int r = 0;

	while (r >= 0 && next_component(walk, component, &len)) {
		struct str name = { component, len };

		/* No file has such a name, so nobody can say where the rest would lead. */
		if (len == FLOOR_COMPONENT_MAX)
			return -ENAMETOOLONG;
		if (str_eq(name, STR(".")))
			continue;
		r = str_eq(name, STR("..")) ? go_up(walk) : go_down(walk, name);
	}
	return r;
}

int floor_resolve(struct floor *floor, unsigned root, struct str path, struct str target,
	struct floor_place *ret)
{
	struct str parent = path_parent(path);
	struct walk walk = { .floor = floor, .place = ret };
	int r;

	*ret = (struct floor_place){ .reach = FLOOR_REACH_OUTSIDE, .root = root };
	if (!floor->settings->view.look || memchr(target.data, '\0', target.len))
		return 0;
	if (target.len && target.data[0] == '/') {
		r = restart(&walk, target);
	} else {
		/*
		 * The directory that holds the link is a real one: the changeset lists no path through a
		 * link.
		 */
		walk.len = str_eq(parent, STR(".")) ? 0 : parent.len;
		memcpy(ret->path, parent.data, walk.len);
		r = push_text(&walk, target);
	}
	if (r >= 0)
		r = run_walk(&walk);
	if (r == -EXDEV || r == -ENAMETOOLONG || r == -ELOOP || r == -EACCES)
		return 0;
	if (r < 0)
		return r;
	if (!walk.len)
		ret->path[walk.len++] = '.';
	ret->path[walk.len] = '\0';
	ret->reach = FLOOR_REACH_INSIDE;
	return 0;
}

int policy_resolve_link(void *context, struct arena *arena, const struct change *change, const char **ret)
{
	const struct policy_resolver *resolver = context;
	const struct changeset *changeset = resolver->changeset;
	struct floor floor = { .arena = arena, .changeset = changeset, .settings = resolver->settings };
	struct floor_place place;
	const char *root;

	*ret = NULL;
	if (floor_resolve(&floor, change->root, change->path, change->new_file.target, &place) < 0 ||
			place.reach != FLOOR_REACH_INSIDE)
		return 0;
	root = changeset->roots[place.root];
	*ret = !strcmp(place.path, ".") ? root :
		arena_printf(arena, "%s/%s", strcmp(root, "/") ? root : "", place.path);
	return *ret ? 0 : -EMSGSIZE;
}

static int judge_target(struct floor *floor, const struct change *change)
{
	const struct file_facts *file = &change->new_file;
	struct floor_place place;
	char detail[QUOTE_MAX + 8];
	int r = floor_resolve(floor, change->root, change->path, file->target, &place);

	if (r < 0 || place.reach == FLOOR_REACH_INSIDE)
		return r;
	snprintf(detail, sizeof(detail), "to '%s'", quote_text(file->target).text);
	return floor_find(floor, FLOOR_RULE_LINK_OUTSIDE, change, detail);
}

int floor_judge_link(struct floor *floor, const struct change *change)
{
	/* Its owner or times alone do not change where it leads. */
	if (change->new_file.type == FILE_SYMLINK && change->kind != CHANGE_METADATA)
		return judge_target(floor, change);
	return 0;
}
