/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference.h - a credential, from where the configuration says that it is
 *
 * A configuration holds no credential but a reference to one, "env:NAME" or "file:PATH". Who needs it reads
 * it, keeps it no longer than it must, and writes it nowhere.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

enum {
	REFERENCE_BYTES_MAX = 16 << 10,
};

/**
 * reference_read() - the credential itself
 * @reference: as the configuration has it, a path absolute
 * @ret:       empty, with a limit of REFERENCE_BYTES_MAX or less; gets it without the line's end of a file
 * @err:       what is wrong, without a word of what was read
 *
 * Errors: -ENOENT no such variable or file, or there is nothing in it; -EINVAL neither form, or no regular
 * file; -EMSGSIZE too long; others from the kernel.
 * Return: 0 or negative errno.
 */
int reference_read(const char *reference, struct buf *ret, struct error *err);
