// SPDX-License-Identifier: Apache-2.0
/*
 * diff_walk.c - one upper layer beside its base
 *
 * Every name in the upper layer is looked at once, with its counterpart in the base, through the two
 * directories that hold them. Three things decide what a name means: it may be a whiteout (the base's name is
 * gone), its directory may be merged with the base's or stand alone, and a merged directory may be opaque
 * (what the base has there and the branch has not, is gone too). An opaque directory is therefore compared
 * with the base entry by entry like any other, and its base is listed as well.
 *
 * Directories still to be read wait on a stack of paths, so depth costs neither descriptors nor recursion. A
 * directory that shuts its owner out has to stay open while anything below it is looked at; what was opened
 * is put back when the walk of the root ends, however it ends (opened.h).
 */
#include "overlay/diff_internal.h"
#include "overlay/opened.h"

#include "base/path.h"
#include "base/quote.h"
#include "base/time.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

enum {
	VANISHED = 1,			/* out of a branch that is not quiet */
};

struct pending {
	const char *path;
	/* the base has a directory there, and it shows through or shall be compared */
	bool merged;
	bool opaque, has_whiteouts;	/* the branch's directory is marked so */
};

struct walk {
	struct diff *diff;
	unsigned root;
	uid_t owner_uid;		/* of the base's top: whom the agent stands in for, if anybody */
	gid_t owner_gid;
	struct pending *stack;
	size_t depth, stack_room;
	struct opened opened;
	struct kern_dir dir;
};

/* The directory that is being read. */
struct place {
	const struct pending *directory;
	int upper_fd;
	int lower_fd;			/* -1 where the base has none */
};

/* Room for one more element of a heap array. */
#define GROW(array, count, room) \
	do { \
		if ((count) < (room)) \
			break; \
		(room) = MAX((room) * 2, (size_t)64); \
		(array) = reallocarray((array), (room), sizeof(*(array))); \
		if (!(array)) \
			abort(); \
	} while (0)

static int join(struct walk *walk, const char *directory, const char *name, const char **ret)
{
	bool top = !strcmp(directory, ".");

	if ((top ? 0 : strlen(directory) + 1) + strlen(name) >= PATH_TEXT_MAX)
		return error_set(walk->diff->err, -ENAMETOOLONG,
			"the branch has a path longer than %d bytes, below '%s'", PATH_TEXT_MAX - 1,
			quote_cstr(directory).text);
	*ret = top ? arena_copy(walk->diff->arena, name, strlen(name)) :
		arena_printf(walk->diff->arena, "%s/%s", directory, name);
	return *ret ? 0 : diff_fail(walk->diff, -EMSGSIZE, walk->root, "remember", name);
}

/* ---- what a program in the sandbox saw ---- */

static int map_acls(struct walk *walk, struct file_facts *facts)
{
	const struct overlay_identity *who = &walk->diff->options->identity;
	struct arena *arena = walk->diff->arena;
	struct xattr *mapped;

	if (!xattr_find(facts, "system.posix_acl_access") && !xattr_find(facts, "system.posix_acl_default"))
		return 0;
	mapped = arena_alloc_array(arena, facts->xattr_count, sizeof(*mapped));
	if (!mapped)
		return -EMSGSIZE;
	memcpy(mapped, facts->xattrs, facts->xattr_count * sizeof(*mapped));
	for (size_t i = 0; i < facts->xattr_count; i++) {
		int r = 0;

		if (xattr_is_acl(mapped[i].name))
			r = xattr_map_acl(arena, mapped[i].value, who->agent_uid, walk->owner_uid,
				who->agent_gid, walk->owner_gid, &mapped[i].value);
		if (r < 0)
			return r;
	}
	facts->xattrs = mapped;
	return 0;
}

/* From the owner on disk to the one that the host's file will have. */
static int map_identity(struct walk *walk, const struct file_facts *old_facts, struct file_facts *facts)
{
	const struct overlay_identity *who = &walk->diff->options->identity;

	if (!who->is_stand_in)
		return 0;
	if (facts->uid == who->agent_uid)
		facts->uid = old_facts->type ? old_facts->uid : walk->owner_uid;
	if (facts->gid == who->agent_gid)
		facts->gid = old_facts->type ? old_facts->gid : walk->owner_gid;
	return map_acls(walk, facts);
}

/* ---- one name ---- */

static int record(struct walk *walk, const char *path, const struct file_view *old_view,
		const struct file_view *new_view)
{
	bool linked = new_view->facts.type != FILE_DIRECTORY && new_view->st.st_nlink > 1;
	const struct timespec *ctime = &old_view->st.st_ctim;
	struct found *found;
	unsigned flags;
	enum change_kind kind = facts_compare(old_view, new_view, &flags);

	if (kind == CHANGE_INVALID && !linked)
		return 0;
	found = diff_add(walk->diff);
	if (!found)
		return -EMSGSIZE;
	/* A directory's change time moves with its entries, so it tells nothing about its metadata. */
	if (old_view->facts.type && old_view->facts.type != FILE_DIRECTORY && diff_is_stale(walk->diff,
				(int64_t)ctime->tv_sec * (int64_t)NS_PER_SEC + ctime->tv_nsec))
		flags |= CHANGE_STALE;
	found->change = (struct change){
		.kind = kind, .root = walk->root, .flags = flags, .path = str_from(path),
		.old_file = old_view->facts, .new_file = new_view->facts,
	};
	if (!change_has_content(&found->change))
		found->change.new_file.content = (struct content){ 0 };
	found->old_dev = old_view->st.st_dev;
	found->old_ino = old_view->st.st_ino;
	if (linked && new_view->facts.type) {
		found->new_dev = new_view->st.st_dev;
		found->new_ino = new_view->st.st_ino;
	}
	return 0;
}

static void push(struct walk *walk, const char *path, const struct file_view *old_view,
		const struct file_view *new_view)
{
	GROW(walk->stack, walk->depth, walk->stack_room);
	walk->stack[walk->depth++] = (struct pending){
		.path = path,
		.merged = old_view->facts.type == FILE_DIRECTORY,
		.opaque = new_view->marks.opaque,
		.has_whiteouts = new_view->marks.has_whiteouts,
	};
}

/* Opens up what its owner may not look into, until the walk ends; @ret_mode is what it had, and will have. */
static int unlock(struct walk *walk, int dirfd, const char *name, const char *path, mode_t *ret_mode)
{
	struct stat st;
	int r = kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	bool shut;

	if (r < 0)
		return r;
	*ret_mode = st.st_mode & 07777;
	shut = S_ISDIR(st.st_mode) ? (st.st_mode & 0500) != 0500 :
		S_ISREG(st.st_mode) && !(st.st_mode & 0400);
	return shut && walk->opened.record_fd >= 0 ? opened_add(&walk->opened, str_from(path)) : 0;
}

static int read_unlocked(struct walk *walk, const struct place *place, const char *name, const char *path,
	struct file_view *ret)
{
	mode_t mode;
	int r = unlock(walk, place->upper_fd, name, path, &mode);

	if (r >= 0)
		r = facts_read(walk->diff->branch, place->upper_fd, name, ret);
	if (r >= 0 && (ret->facts.type == FILE_DIRECTORY || ret->facts.type == FILE_REGULAR))
		ret->facts.mode = mode;
	return r;
}

/*
 * What the branch has under a name, as the host will have it; FILE_NONE for a whiteout. Return: also
 * VANISHED.
 */
static int read_branch(struct walk *walk, const struct place *place, const char *name,
	unsigned char listed_type, const char *path, struct file_view *ret)
{
	struct diff *diff = walk->diff;
	int r = -EACCES;

	if (listed_type == DT_REG)
		r = facts_read_listed(diff->branch, place->upper_fd, name, ret);
	if (r == -EACCES)
		r = read_unlocked(walk, place, name, path, ret);
	if (r == -ENOENT && diff->options->is_live)
		return VANISHED;
	if (r == -EFBIG) {
		error_set(diff->err, r, "the branch holds more than %ju bytes, holes included, with '%s'",
			(uintmax_t)diff->options->bytes_max, quote_cstr(path).text);
		error_hint(diff->err,
			"The branch is kept. A limit on file_size, such as 8G, stops such a file while it is written.");
		return r;
	}
	if (r < 0)
		return diff_fail(diff, r, walk->root, "read the branch's", path);
	if (ret->marks.redirect || ret->marks.metacopy) {
		error_set(diff->err, -EBADMSG,
			"the branch's '%s' carries overlayfs' mark '%s', which cordon never lets it make",
			quote_cstr(path).text, ret->marks.redirect ? "redirect" : "metacopy");
		error_hint(diff->err, "somebody mounted this branch with other options; roll it back");
		return -EBADMSG;
	}
	if (facts_is_whiteout(ret, place->directory->has_whiteouts))
		*ret = (struct file_view){ 0 };
	return 0;
}

static int read_base(struct walk *walk, const struct place *place, const char *name, const char *path,
		struct file_view *ret)
{
	int r = place->lower_fd < 0 ? -ENOENT : facts_read(walk->diff->base, place->lower_fd, name, ret);

	if (r == -ENOENT) {
		*ret = (struct file_view){ 0 };
		return 0;
	}
	if (r < 0)
		diff_fail(walk->diff, r, walk->root, "read the workspace's", path);
	if (r == -EAGAIN)
		error_hint(walk->diff->err, "stop what keeps writing to it, and try again");
	return r;
}

static int compare_name(struct walk *walk, const struct place *place, const char *name,
	unsigned char listed_type)
{
	struct file_view old_view = { 0 }, new_view = { 0 };
	const char *path;
	struct facts_reader *branch = walk->diff->branch;
	int r = join(walk, place->directory->path, name, &path);

	if (r >= 0) {
		r = progress_tell(branch->progress, FACTS_PROGRESS, branch->names_count++, 0);
		if (r < 0)
			return diff_fail(walk->diff, r, walk->root, "compare", path);
	}
	if (r >= 0)
		r = read_branch(walk, place, name, listed_type, path, &new_view);
	if (r < 0 || r == VANISHED)
		return MIN(r, 0);
	/* Where the base is listed as well, it says itself what is gone. */
	if (!new_view.facts.type && place->directory->opaque)
		return 0;
	r = read_base(walk, place, name, path, &old_view);
	if (r < 0)
		return r;
	r = map_identity(walk, &old_view.facts, &new_view.facts);
	if (r >= 0)
		r = record(walk, path, &old_view, &new_view);
	if (r < 0)
		return diff_fail(walk->diff, r, walk->root, "remember", path);
	if (new_view.facts.type == FILE_DIRECTORY)
		push(walk, path, &old_view, &new_view);
	return 0;
}

/* ---- one directory ---- */

static int compare_names(struct walk *walk, const struct place *place)
{
	struct kern_dir_entry entry;
	int r;

	kern_dir_init(&walk->dir, place->upper_fd);
	while ((r = kern_dir_next(&walk->dir, &entry)) > 0) {
		r = compare_name(walk, place, entry.name, entry.type);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return diff_fail(walk->diff, r, walk->root, "list the branch's", place->directory->path);
	return 0;
}

/* A name of the base behind an opaque directory: gone, unless the branch has it too. */
static int compare_hidden(struct walk *walk, const struct place *place, const char *name)
{
	const struct file_view none = { 0 };
	struct file_view old_view;
	const char *path;
	struct stat st;
	int r = kern_fstatat(place->upper_fd, name, &st, AT_SYMLINK_NOFOLLOW);

	if (r >= 0 && !(S_ISCHR(st.st_mode) && !st.st_rdev))
		return 0;
	if (r < 0 && r != -ENOENT)
		return diff_fail(walk->diff, r, walk->root, "read the branch's", name);
	r = join(walk, place->directory->path, name, &path);
	if (r >= 0)
		r = read_base(walk, place, name, path, &old_view);
	if (r < 0)
		return r;
	r = record(walk, path, &old_view, &none);
	return r < 0 ? diff_fail(walk->diff, r, walk->root, "remember", path) : 0;
}

static int compare_hidden_names(struct walk *walk, const struct place *place)
{
	struct kern_dir_entry entry;
	int r;

	kern_dir_init(&walk->dir, place->lower_fd);
	while ((r = kern_dir_next(&walk->dir, &entry)) > 0) {
		r = compare_hidden(walk, place, entry.name);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return diff_fail(walk->diff, r, walk->root, "list the workspace's", place->directory->path);
	return 0;
}

/*
 * Names are looked up in the base through a descriptor that needs no right to list, unless its names are
 * wanted.
 */
static int open_lower(struct walk *walk, const struct pending *directory)
{
	int flags = (directory->opaque ? O_RDONLY : O_PATH) | O_DIRECTORY;
	int fd;

	if (!directory->merged)
		return -1;
	fd = kern_open_beneath(walk->diff->roots[walk->root].lower_dirfd, directory->path, flags, 0);
	if (fd >= 0)
		return fd;
	/* Whoever removed it meanwhile left the branch's directory to stand alone. */
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
		return -1;
	diff_fail(walk->diff, fd, walk->root, "open the workspace's", directory->path);
	if (fd == -EACCES)
		error_hint(walk->diff->err,
			"give yourself the right to read and search this directory, and try again");
	return fd;
}

static int walk_directory(struct walk *walk, const struct pending *directory)
{
	const struct overlay_root *root = &walk->diff->roots[walk->root];
	scoped(fd) int upper_fd = kern_open_beneath(root->upper_dirfd, directory->path,
		O_RDONLY | O_DIRECTORY, 0);
	scoped(fd) int lower_fd = -1;
	struct place place = { .directory = directory };
	int r;

	if (upper_fd == -ENOENT && walk->diff->options->is_live)
		return 0;
	if (upper_fd < 0)
		return diff_fail(walk->diff, upper_fd, walk->root, "open the branch's", directory->path);
	lower_fd = open_lower(walk, directory);
	if (lower_fd < -1)
		return lower_fd;
	place.upper_fd = upper_fd;
	place.lower_fd = lower_fd;
	r = compare_names(walk, &place);
	if (r >= 0 && directory->opaque && lower_fd >= 0)
		r = compare_hidden_names(walk, &place);
	return r;
}

/*
 * The root itself: it is there on both sides, and only its metadata can differ. Its owner in the branch is
 * whoever made the branch, who may not be able to give it to the base's; nobody in a sandbox of one id could
 * change it.
 */
static int walk_root(struct walk *walk)
{
	const struct overlay_root *root = &walk->diff->roots[walk->root];
	const struct pending above = { .path = "." };
	const struct place place = {
		.directory = &above, .upper_fd = root->upper_dirfd, .lower_fd = root->lower_dirfd,
	};
	struct file_view old_view = { 0 }, new_view = { 0 };
	int r = read_branch(walk, &place, ".", DT_DIR, ".", &new_view);

	if (r >= 0)
		r = read_base(walk, &place, ".", ".", &old_view);
	if (r < 0)
		return r;
	if (old_view.facts.type != FILE_DIRECTORY || new_view.facts.type != FILE_DIRECTORY)
		return diff_fail(walk->diff, -ENOTDIR, walk->root, "compare", ".");
	walk->owner_uid = new_view.facts.uid = old_view.facts.uid;
	walk->owner_gid = new_view.facts.gid = old_view.facts.gid;
	r = map_identity(walk, &old_view.facts, &new_view.facts);
	if (r >= 0)
		r = record(walk, ".", &old_view, &new_view);
	if (r < 0)
		return diff_fail(walk->diff, r, walk->root, "remember", ".");
	push(walk, ".", &old_view, &new_view);
	return 0;
}

/* Nobody but us looks into the branch while its modes are not what they are. */
static int begin(struct walk *walk, int *ret_record_fd)
{
	const struct overlay_root *root = &walk->diff->roots[walk->root];
	int r;

	walk->opened = (struct opened)OPENED_NONE;
	if (walk->diff->options->is_live || !opened_is_needed())
		return 0;
	r = *ret_record_fd = opened_record(root->storage_dirfd);
	/* Nothing can be opened there, nor has it to be put back. */
	if (r == -EROFS)
		return 0;
	if (r >= 0)
		r = opened_begin(&walk->opened, *ret_record_fd, root->upper_dirfd);
	return r < 0 ? diff_fail(walk->diff, r, walk->root, "look into the branch's", ".") : 0;
}

static int walk_all(struct walk *walk)
{
	int r = walk_root(walk);

	while (r >= 0 && walk->depth) {
		struct pending directory = walk->stack[--walk->depth];

		r = walk_directory(walk, &directory);
	}
	return r;
}

int diff_walk(struct diff *diff, unsigned root)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	scoped(fd) int record_fd = -1;
	int r, locked;

	if (!walk)
		abort();
	walk->diff = diff;
	walk->root = root;
	r = begin(walk, &record_fd);
	if (r >= 0)
		r = walk_all(walk);
	locked = opened_end(&walk->opened);
	free(walk->stack);
	free(walk);
	if (r < 0 || locked >= 0)
		return r;
	return diff_fail(diff, locked, root, "put back the mode of a directory of the branch, in", ".");
}
