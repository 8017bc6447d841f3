/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage_internal.h - the two halves of a look: names (storage.c), and what processes hold without one
 */
#pragma once

#include "jail/storage.h"

#include <sys/statfs.h>

enum {
	STORAGE_BLOCK_BYTES = 512,	/* st_blocks counts these, whatever the file system's own are */
};

/** storage_bytes_of() - what a file system holds: blocks and inodes; Return: bytes */
static inline uint64_t storage_bytes_of(const struct statfs *fs)
{
	/* Blocks are counted in fragments where there are any. */
	uint64_t size_bytes = (uint64_t)(fs->f_frsize ? fs->f_frsize : fs->f_bsize);

	return (uint64_t)(fs->f_blocks - fs->f_bfree) * size_bytes +
		(uint64_t)(fs->f_files - fs->f_ffree) * JAIL_STORAGE_ENTRY_BYTES;
}

/**
 * storage_look_at_processes() - files without a name, and files of memory
 * @what: view and scratch
 * @use:  its unnamed_bytes, hidden_count and memory_bytes are set
 *
 * Blocks: O(processes, their open files and mappings).
 * Errors: -EMSGSIZE there are too many of them; others from the kernel. A process that is gone holds nothing.
 * Source: proc(5), /proc/PID/fd, maps, map_files and mountinfo
 * Return: 0 or negative errno.
 */
int storage_look_at_processes(const struct jail_storage *what, struct jail_storage_use *use);
