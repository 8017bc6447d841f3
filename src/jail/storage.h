/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage.h - how many bytes a running sandbox holds on the disk, and in files of memory
 *
 * No quota of the kernel is open to an ordinary user, so a limit on storage is enforced by looking. A look
 * walks directories that the agent writes at the same time, and takes as long as they are large; so it is a
 * short-lived child that does it, and the supervisor's loop only hears of the end. How much the file systems
 * behind them hold as a whole costs one call each: who watches that knows when the next look is worth it.
 *
 * What counts is what the disk gave away (blocks, not lengths), once for all names of a file, and at least
 * JAIL_STORAGE_ENTRY_BYTES for each name or directory, since an empty file is an inode all the same. A
 * directory that shuts its owner out is looked into, too: the child takes on a user namespace in which it
 * may.
 *
 * A file without a name counts as long as a process of the sandbox has it open or mapped. The size of one
 * that is only mapped is root's to know; for others it counts as far as it is mapped, and the look says how
 * many there were.
 *
 * Files of memory (memfd_create(2), and the sandbox's own tmpfs) are summed apart: they are memory's.
 *
 * The child that looks owns nothing of the supervisor's: it closes every descriptor but its own.
 */
#pragma once

#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

struct jail_processes;

enum {
	JAIL_STORAGE_PATHS_MAX = 128,
	JAIL_STORAGE_SCRATCH_MAX = 64,
	JAIL_STORAGE_ENTRY_BYTES = 1024,
};

struct jail_storage {
	const char *const *paths;	/* directories; one that is gone holds nothing */
	size_t path_count;
	const char *const *scratch;	/* where the sandbox has a tmpfs: absolute, as it sees them */
	size_t scratch_count;
	const struct jail_processes *view;	/* NULL: look at no process */
};

/* What a look found. */
struct jail_storage_use {
	int32_t code;			/* 0, or why it could not look: negative errno */
	uint64_t bytes[JAIL_STORAGE_PATHS_MAX];
	uint64_t unnamed_bytes;
	uint64_t hidden_count;		/* files without a name of which only the mapped part is known */
	uint64_t memory_bytes;		/* of files of memory */
	uint64_t entry_count;
};

/** jail_storage_total() - all bytes that a look found; Return: their sum */
uint64_t jail_storage_total(const struct jail_storage_use *use);

/**
 * jail_storage_look() - look now, in this process, with the rights it has
 * @what: where to look
 * @ret:  what was found; its code says whether that is everything
 *
 * Blocks: O(entries).
 * Errors: in @ret: -ENAMETOOLONG, -EMSGSIZE nested too deep or too wide; others from the kernel.
 */
void jail_storage_look(const struct jail_storage *what, struct jail_storage_use *ret);

/**
 * jail_storage_disk() - what the file systems hold that the places lie on, whoever wrote it
 * @what:      its paths
 * @ret_bytes: blocks in use, and JAIL_STORAGE_ENTRY_BYTES for each inode; each file system once
 *
 * A sandbox cannot come to hold more without this growing as much, unless somebody else deletes meanwhile.
 *
 * Errors: from the kernel; a place that is gone is on no file system.
 * Source: statfs(2)
 * Return: 0 or negative errno.
 */
int jail_storage_disk(const struct jail_storage *what, uint64_t *ret_bytes);

/**
 * jail_storage_start() - let a child look
 * @what:      where; copied with the process
 * @ret_pidfd: ends when it has looked; the caller reaps it, and owns the descriptor
 * @ret_fd:    holds one struct jail_storage_use then; owned by the caller
 * @err:       what failed
 *
 * Return: 0 or negative errno.
 */
int jail_storage_start(const struct jail_storage *what, int *ret_pidfd, int *ret_fd, struct error *err);

/** jail_storage_read() - the answer of a child that has ended; one that said nothing has failed with -EIO */
void jail_storage_read(int fd, struct jail_storage_use *ret);
