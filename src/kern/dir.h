/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dir.h - reading a directory, and removing a tree
 *
 * kern_dir reads through getdents64 into a buffer of its own: no heap, no readdir(3) errno games, and names
 * are bytes. "." and ".." never appear. The entry's name is good until the next call.
 */
#pragma once

#include "kern/kern.h"

#include <dirent.h>
#include <stdbool.h>

enum {
	KERN_DIR_BUFFER_BYTES = 32768,
};

struct kern_dir {
	int fd;				/* borrowed; open for reading */
	size_t at, len;
	_Alignas(8) char buffer[KERN_DIR_BUFFER_BYTES];
};

struct kern_dir_entry {
	const char *name;
	uint64_t inode;
	unsigned char type;		/* DT_*; DT_UNKNOWN where the file system does not say */
};

/** kern_dir_init() - start reading at the descriptor's position; @fd is borrowed */
static inline void kern_dir_init(struct kern_dir *dir, int fd)
{
	dir->fd = fd;
	dir->at = dir->len = 0;
}

/**
 * kern_dir_next() - the next entry
 * @dir: being read
 * @ret: set when there is one; its name is good until the next call
 *
 * Source: getdents64(2)
 * Return: 1 an entry, 0 the end, or negative errno from the kernel.
 */
int kern_dir_next(struct kern_dir *dir, struct kern_dir_entry *ret);
