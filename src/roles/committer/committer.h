/* SPDX-License-Identifier: Apache-2.0 */
/*
 * committer.h - the process that may write a workspace
 *
 *	main.c		request, descriptors, confinement, deed, answer
 *	confine.c	the roots and what the session keeps, nothing else
 *
 * It handles bytes that an agent wrote, with the rights of the user, so it gives up everything that a commit
 * does not need before it looks at the first of them.
 */
#pragma once

#include "base/error.h"

#include <stddef.h>

/**
 * committer_confine() - from here on only what is below these directories exists
 * @dirfds: open directories; borrowed
 * @count:  how many
 * @err:    what this kernel refuses
 *
 * Errors: as kern_confine().
 * Return: 0 or negative errno; then nothing may be committed.
 */
int committer_confine(const int *dirfds, size_t count, struct error *err);
