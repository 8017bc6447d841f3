// SPDX-License-Identifier: Apache-2.0
/*
 * content.c - the two sides of a piece
 *
 * Each side is read below its root without following anything, and has to be what the changeset says: a diff
 * of something else, shown under this changeset's name, would be a lie. What shuts its owner out of the
 * branch is opened up for the moment in which one file is opened (opened.h): whoever reads us may take hours.
 */
#include "roles/differ/differ.h"

#include "base/fd.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

enum {
	/* Copies of every directory's path on the way to a file. */
	WAY_BYTES = PATH_TEXT_MAX * PATH_TEXT_MAX,
};

static int open_file(int dirfd, const char *path)
{
	return kern_open_beneath(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
}

/* Opens up every directory on the way that shuts us out, and the file. */
static int open_way(struct opened *opened, struct arena *arena, struct str path)
{
	int r = 0;

	for (size_t len = 1; r >= 0 && len <= path.len; len++) {
		if (len < path.len && path.data[len] != '/')
			continue;
		r = opened_add(opened, (struct str){ arena_copy(arena, path.data, len), len });
	}
	return r;
}

static int open_shut_file(int dirfd, int record_fd, struct str path)
{
	scoped(arena) struct arena arena = ARENA_INIT(WAY_BYTES);
	struct opened opened;
	int r = record_fd < 0 ? -EACCES : opened_begin(&opened, record_fd, dirfd), fd, ended;

	if (r < 0)
		return r;
	r = open_way(&opened, &arena, path);
	fd = r < 0 ? r : open_file(dirfd, path.data);
	ended = opened_end(&opened);
	if (ended < 0 && fd >= 0) {
		fd_close(fd);
		return ended;
	}
	return fd;
}

static int read_file(int dirfd, int record_fd, struct str path, struct buf *ret)
{
	scoped(fd) int fd = open_file(dirfd, path.data);
	struct stat st;
	int r;

	if (fd == -EACCES)
		fd = open_shut_file(dirfd, record_fd, path);
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
static int read_side(const struct file_facts *facts, int dirfd, int record_fd, struct str path,
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
	r = read_file(dirfd, record_fd, path, ret);
	if (r < 0)
		return r;
	digest = hash_bytes(buf_text(ret), ret->len);
	/* A base that could not be read then has no digest, and is what it is now. */
	return digest_eq(&digest, &facts->digest) || digest_eq(&facts->digest, &none) ? 0 : -ESTALE;
}

int content_read_one(struct differ *differ, const struct file_facts *facts, unsigned root, bool is_new,
	struct str path, uint64_t max_bytes, struct buf *ret)
{
	return read_side(facts, differ->dirfds[2 * root + is_new], is_new ? differ->record_fds[root] : -1,
		path, max_bytes, ret);
}

int content_read(struct differ *differ, const struct piece *piece, uint64_t max_bytes)
{
	unsigned root = piece->change->root;
	int r = content_read_one(differ, piece->old_file, root, false, piece->old_path, max_bytes,
		&differ->old_content);

	return r < 0 ? r : content_read_one(differ, piece->new_file, root, true, piece->new_path, max_bytes,
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
