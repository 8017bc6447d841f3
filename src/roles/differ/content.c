// SPDX-License-Identifier: Apache-2.0
/*
 * content.c - the two sides of a piece
 *
 * Each side is read below its root without following anything, and has to be what the changeset says: a diff
 * of something else, shown under this changeset's name, would be a lie. A directory of the branch that shuts
 * its owner out is opened up before the first piece and shut after the last, a file for the moment of its
 * opening.
 */
#include "roles/differ/differ.h"

#include "base/fd.h"
#include "kern/file.h"
#include "overlay/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

static int open_branch_file(int dirfd, const char *path, const struct file_facts *facts)
{
	const char *name;
	scoped(fd) int parent = kern_open_parent_beneath(dirfd, path, &name);
	bool changed = false;
	int fd;

	if (parent < 0)
		return parent;
	fd = inspect_open(parent, name, facts->mode, 0400, &changed);
	if (fd >= 0 && changed)
		(void)kern_fchmod(fd, facts->mode);
	return fd;
}

static int read_file(int dirfd, const char *path, const struct file_facts *facts, bool may_unlock,
	struct buf *ret)
{
	scoped(fd) int fd = kern_open_beneath(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;
	int r;

	if (fd == -EACCES && may_unlock)
		fd = open_branch_file(dirfd, path, facts);
	if (fd < 0)
		return fd == -ENOENT || fd == -ELOOP ? -ESTALE : fd;
	r = kern_fstat(fd, &st);
	if (r < 0)
		return r;
	if (!S_ISREG(st.st_mode))
		return -ESTALE;
	r = kern_read_all(fd, ret);
	return r == -EMSGSIZE ? -ESTALE : r;
}

/* One side; without a file it is empty. */
static int read_side(const struct file_facts *facts, int dirfd, struct str path, bool may_unlock,
	uint64_t max_bytes, struct buf *ret)
{
	static const struct digest none;
	struct digest digest;
	int r = 0;

	buf_clear(ret);
	if (!facts)
		return 0;
	if (facts->type == FILE_SYMLINK)
		return buf_append(ret, facts->target.data, facts->target.len);
	if (facts->size_bytes > max_bytes)
		return -EFBIG;
	r = read_file(dirfd, path.data, facts, may_unlock, ret);
	if (r < 0)
		return r;
	digest = hash_bytes(buf_text(ret), ret->len);
	/* A base that could not be read then has no digest, and is what it is now. */
	return digest_eq(&digest, &facts->digest) || digest_eq(&facts->digest, &none) ? 0 : -ESTALE;
}

int content_read(struct differ *differ, const struct piece *piece, uint64_t max_bytes)
{
	const int *dirfds = differ->dirfds + 2 * piece->change->root;
	int r = read_side(piece->old_file, dirfds[0], piece->old_path, false, max_bytes,
		&differ->old_content);

	if (r < 0)
		return r;
	return read_side(piece->new_file, dirfds[1], piece->new_path, !differ->request.is_live, max_bytes,
		&differ->new_content);
}

static bool has_nul(const struct buf *content)
{
	return content->len && memchr(content->data, '\0', MIN(content->len, (size_t)8000));
}

bool content_is_binary(const struct differ *differ)
{
	return has_nul(&differ->old_content) || has_nul(&differ->new_content);
}

/* ---- directories that shut us out ---- */

static size_t list_locked(const struct changeset *changeset, unsigned root, struct locked *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i];

		if (change->root == root && change->new_file.type == FILE_DIRECTORY &&
				mode_is_locked(change->new_file.mode))
			ret[count++] = (struct locked){ .path = change->path, .mode = change->new_file.mode };
	}
	return count;
}

int content_unlock(struct differ *differ)
{
	const struct changeset *changeset = &differ->request.changeset;
	struct locked *at = calloc(changeset->count + 1, sizeof(*at));

	if (!at)
		abort();
	differ->locked = at;
	for (unsigned root = 0; root < changeset->root_count; root++) {
		size_t count = list_locked(changeset, root, at);
		int r = count ? unlock_directories(differ->dirfds[2 * root + 1], at, count) : 0;

		if (r < 0)
			return error_sys(&differ->err, r, "cannot open up a directory of the branch");
		differ->locked_counts[root] = count;
		at += count;
	}
	return 0;
}

void content_lock(struct differ *differ)
{
	const struct locked *at = differ->locked;

	for (unsigned root = 0; at && root < differ->request.changeset.root_count; root++) {
		(void)relock_directories(differ->dirfds[2 * root + 1], at, differ->locked_counts[root]);
		at += differ->locked_counts[root];
	}
	free(differ->locked);
	differ->locked = NULL;
}
