// SPDX-License-Identifier: Apache-2.0
/*
 * workcopy_memory.c - copies on file systems that do not tell what changed
 *
 * What is kept in memory is never written back, so the kernel does not watch the pages of a shared mapping
 * become dirty: a byte that is read and then written through one leaves the times of its file as they were.
 * So the digest of each file of such a copy stands in the list of names. An overlay may lie upon one.
 *
 * Source: vma_wants_writenotify() of the kernel; seen on Linux 6.18
 */
#include "overlay/workcopy_names.h"

#include "base/fd.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>

enum {
	CHUNK_BYTES = 1 << 14,
};

bool workcopy_needs_digests(int fd)
{
	struct statfs fs;

	return kern_fstatfs(fd, &fs) < 0 || fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC ||
		fs.f_type == OVERLAYFS_SUPER_MAGIC;
}

int workcopy_digest(int dirfd, const char *name, struct digest *ret)
{
	scoped(fd) int fd = kern_open_beneath(dirfd, name, O_RDONLY | O_NOFOLLOW, 0);
	char chunk[CHUNK_BYTES];
	struct hash hash;

	if (fd < 0)
		return fd;
	hash_init(&hash);
	for (;;) {
		ssize_t n = kern_read(fd, chunk, sizeof(chunk));

		if (n < 0)
			return (int)n;
		if (!n)
			break;
		hash_update(&hash, chunk, (size_t)n);
	}
	*ret = hash_final(&hash);
	return 0;
}
