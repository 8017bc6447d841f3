// SPDX-License-Identifier: Apache-2.0
/*
 * inspect.c - is this file what somebody says it is, and how do we know it again
 */
#include "overlay/inspect.h"

#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

enum {
	/* The most that one file's xattrs and target can take. */
	ARENA_BYTES = CHANGE_XATTRS_MAX * (XATTR_BYTES_MAX + 1024) + (1 << 20),
};

struct inspector *inspector_new(void)
{
	struct inspector *inspector = calloc(1, sizeof(*inspector));

	if (!inspector)
		abort();
	inspector->arena.limit_bytes = ARENA_BYTES;
	for (size_t i = 0; i < ARRAY_SIZE(inspector->readers); i++) {
		inspector->readers[i].xattr.arena = &inspector->arena;
		inspector->readers[i].is_branch = i == INSPECT_BRANCH || i == INSPECT_COPY;
		inspector->readers[i].is_ours = i == INSPECT_COPY;
	}
	/* There nothing is the overlay's: marks are looked for under a name that no user can write. */
	inspector->readers[INSPECT_COPY].xattr.trusted = true;
	inspector->readers[INSPECT_PUT].xattr.trusted = true;
	return inspector;
}

struct inspector *inspector_free(struct inspector *inspector)
{
	if (inspector)
		arena_fini(&inspector->arena);
	free(inspector);
	return NULL;
}

void inspector_listen(struct inspector *inspector, const struct progress *progress)
{
	for (size_t i = 0; i < ARRAY_SIZE(inspector->readers); i++)
		inspector->readers[i].progress = progress;
}

struct file_mark mark_from_stat(const struct stat *st)
{
	struct file_facts facts;

	facts_from_stat(st, &facts);
	return (struct file_mark){
		.type = facts.type,
		.mode = facts.mode,
		.uid = facts.uid, .slot_uid = facts.uid,
		.gid = facts.gid, .slot_gid = facts.gid,
		.inode = st->st_ino,
		.size_bytes = facts.size_bytes,
		.mtime_ns = facts.mtime_ns,
	};
}

bool mark_is(const struct file_mark *mark, const struct stat *st)
{
	struct file_mark found = mark_from_stat(st);

	if (found.type != mark->type || found.inode != mark->inode)
		return false;
	if (found.type == FILE_DIRECTORY)
		return true;	/* its mtime moves with every entry */
	return found.size_bytes == mark->size_bytes && found.mtime_ns == mark->mtime_ns;
}

static struct digest digest_xattrs(const struct file_facts *facts)
{
	struct digest none = { 0 };
	struct hash hash;

	if (!facts->xattr_count)
		return none;
	hash_init(&hash);
	for (size_t i = 0; i < facts->xattr_count; i++) {
		const struct xattr *xattr = &facts->xattrs[i];
		uint64_t len = xattr->value.len;

		hash_update(&hash, xattr->name, strlen(xattr->name) + 1);
		hash_update(&hash, &len, sizeof(len));
		hash_update(&hash, xattr->value.data, xattr->value.len);
	}
	return hash_final(&hash);
}

static int mark_of(struct inspector *inspector, enum inspect_side side, int dirfd, const char *name,
	enum file_type expected, struct file_mark *ret)
{
	struct facts_reader *reader = &inspector->readers[side];
	const struct file_view *view = &inspector->view;
	int r;

	reader->bytes_left = UINT64_MAX;
	arena_reset(&inspector->arena);
	r = side == INSPECT_BRANCH && expected == FILE_REGULAR ?
		facts_read_listed(reader, dirfd, name, &inspector->view) :
		facts_read(reader, dirfd, name, &inspector->view);
	if (r < 0)
		return r;
	*ret = mark_from_stat(&view->st);
	ret->digest = view->facts.digest;
	ret->xattrs = digest_xattrs(&view->facts);
	if (side == INSPECT_BRANCH && view->marks.any)
		ret->fix |= FIX_STRIP;
	if (side == INSPECT_BRANCH && view->marks.opaque)
		ret->fix |= FIX_OPAQUE;
	return 0;
}

int inspect_mark(struct inspector *inspector, enum inspect_side side, int dirfd, const char *name,
	struct file_mark *ret)
{
	return mark_of(inspector, side, dirfd, name, FILE_NONE, ret);
}

static bool same_xattrs(const struct file_facts *a, const struct file_facts *b)
{
	if (a->xattr_count != b->xattr_count)
		return false;
	for (size_t i = 0; i < a->xattr_count; i++)
		if (strcmp(a->xattrs[i].name, b->xattrs[i].name) ||
				!str_eq(a->xattrs[i].value, b->xattrs[i].value))
			return false;
	return true;
}

static bool digest_is_zero(const struct digest *digest)
{
	static const struct digest zero;

	return digest_eq(digest, &zero);
}

static bool same_content(const struct file_view *view, const struct file_facts *want)
{
	if (want->type == FILE_DIRECTORY)
		return true;
	if (view->facts.size_bytes != want->size_bytes || view->facts.device != want->device)
		return false;
	/* What nobody may read can only be known by its times. */
	if (view->unread || (want->type == FILE_REGULAR && digest_is_zero(&want->digest)))
		return view->facts.mtime_ns == want->mtime_ns;
	return digest_eq(&view->facts.digest, &want->digest);
}

static unsigned compare(const struct file_view *view, const struct file_facts *want, enum inspect_side side)
{
	unsigned differ = 0;

	if (view->facts.type != want->type)
		return FACT_TYPE;
	if (want->type != FILE_SYMLINK && view->facts.mode != want->mode)
		differ |= FACT_MODE;
	if (side != INSPECT_BRANCH && (view->facts.uid != want->uid || view->facts.gid != want->gid))
		differ |= FACT_OWNER;
	if (!same_content(view, want))
		differ |= FACT_CONTENT;
	if (!view->unread && !same_xattrs(&view->facts, want))
		differ |= FACT_XATTRS;
	if (want->type == FILE_REGULAR && view->facts.mtime_ns != want->mtime_ns)
		differ |= FACT_MTIME;
	return differ;
}

int inspect_file(struct inspector *inspector, enum inspect_side side, int dirfd, const char *name,
	const struct file_facts *want, struct file_mark *ret, unsigned *ret_differ)
{
	int r = mark_of(inspector, side, dirfd, name, want->type, ret);

	if (r >= 0)
		*ret_differ = compare(&inspector->view, want, side);
	return r;
}

static int count_entries(int fd, uint64_t *ret_count, uint64_t *ret_whiteouts)
{
	struct kern_dir_entry entry;
	struct kern_dir dir;
	struct stat st;
	int r;

	*ret_count = *ret_whiteouts = 0;
	kern_dir_init(&dir, fd);
	while ((r = kern_dir_next(&dir, &entry)) > 0) {
		++*ret_count;
		if (entry.type != DT_CHR && entry.type != DT_UNKNOWN)
			continue;
		r = kern_fstatat(fd, entry.name, &st, AT_SYMLINK_NOFOLLOW);
		if (r < 0)
			break;
		*ret_whiteouts += S_ISCHR(st.st_mode) && !st.st_rdev;
	}
	return r;
}

int inspect_count(int dirfd, const char *name, uint64_t *ret_count, uint64_t *ret_whiteouts)
{
	scoped(fd) int fd = facts_open(dirfd, name);

	return fd < 0 ? fd : count_entries(fd, ret_count, ret_whiteouts);
}
