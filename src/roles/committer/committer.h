/* SPDX-License-Identifier: Apache-2.0 */
/*
 * committer.h - the process that may write a workspace
 *
 *	main.c		request, descriptors, confinement, deed, answer
 *	confine.c	Landlock: the roots and what the session keeps, nothing else
 *	filter.c	seccomp: no network, no other program, no way out of here
 *
 * It handles bytes that an agent wrote, with the rights of the user, so it gives up everything that a commit
 * does not need before it looks at the first of them.
 */
#pragma once

#include "base/error.h"

#include <stddef.h>

/**
 * confine_files() - from here on only what is below these directories exists
 * @dirfds:  open directories; borrowed
 * @count:   how many
 * @ret_abi: version of Landlock that is in force; 0: the kernel has none that a commit can work under
 * @err:     what failed
 *
 * Below version 2 a file cannot be moved from one directory to another under Landlock: then there is none.
 *
 * Errors: from the kernel.
 * Source: landlock(7)
 * Return: 0 or negative errno.
 */
int confine_files(const int *dirfds, size_t count, int *ret_abi, struct error *err);

/** confine_calls() - refuse every call of a kind that a commit never makes; Return: 0 or negative errno */
int confine_calls(struct error *err);
