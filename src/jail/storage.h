/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage.h - how many bytes a running sandbox holds on the disk
 *
 * No quota of the kernel is open to an ordinary user, so a limit on storage is enforced by looking. A look
 * walks directories that the agent writes at the same time, and takes as long as they are large; so it is a
 * short-lived child that does it, and the supervisor's loop only hears of the end.
 *
 * What counts is what the disk gave away (blocks, not lengths), once for all names of a file. A directory
 * that shuts its owner out is looked into all the same: the child takes on a user namespace in which it may.
 * A file without a name counts as long as a process of the sandbox has it open. What is not seen: a nameless
 * file that is only mapped, and inodes without blocks.
 *
 * The child that looks owns nothing of the supervisor's: it closes every descriptor but its own.
 */
#pragma once

#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

enum {
	JAIL_STORAGE_PATHS_MAX = 128,
};

struct jail_storage {
	const char *const *paths;	/* directories; one that is gone holds nothing */
	size_t path_count;
	pid_t pid;			/* PID 1 of the sandbox, or 0: look at no process */
};

/* What a look found. */
struct jail_storage_use {
	int32_t code;			/* 0, or why it could not look: negative errno */
	uint64_t bytes[JAIL_STORAGE_PATHS_MAX];
	uint64_t unnamed_bytes;
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
