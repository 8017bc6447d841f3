/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toolchain.h - what is known about the places in a home directory where programs live
 *
 * The knowledge is data/toolchains.jsonc, installed beside the profiles (docs/formats/toolchains.md). A row
 * says where a version manager or an installer puts things, which of that a program needs in order to run,
 * and which files in it hold credentials. Nothing here looks at a home: run/toolchains.h does.
 */
#pragma once

#include "config/form.h"

enum {
	TOOLCHAINS_MAX = 128,
	TOOLCHAINS_FILE_MAX = 256 << 10,	/* bytes */
};

struct toolchain {
	const char *name;			/* "nvm" */
	const char *what;			/* "versions of Node.js" */
	const char *variable;			/* names its directory where it is set; NULL: none does */
	struct form_texts homes;		/* "~/.nvm"; any of them may be there */
	struct form_texts offers;		/* patterns below a home */
	struct form_texts hides;		/* likewise: files that hold credentials */
	struct form_texts needs;		/* names of other rows */
};

struct toolchains {
	const struct toolchain *items;
	size_t count;
	struct form_texts never;		/* "~/.ssh": neither these nor what lies in them */
	struct form_texts hides;		/* names that are hidden at the top of everything offered */
};

/**
 * toolchains_read() - the rows from a text
 * @arena: owns the rows
 * @text:  of the file; JSONC
 * @file:  its name, for errors
 * @ret:   the rows
 * @err:   says what is wrong, and where
 *
 * Errors: -EBADMSG not JSON; -EINVAL a member is unknown, missing, or not what it has to be, or a name comes
 * twice or is not there; -EMSGSIZE too many rows, or the arena's limit.
 * Return: 0 or negative errno.
 */
int toolchains_read(struct arena *arena, struct str text, const char *file, struct toolchains *ret,
	struct error *err);

/** toolchains_find() - a row by its name; NULL where there is none */
const struct toolchain *toolchains_find(const struct toolchains *toolchains, const char *name);

/**
 * toolchains_load() - read the file that came with cordon
 * @arena: owns the rows
 * @ret:   the rows
 * @err:   says what is wrong
 *
 * Errors: as toolchains_read(); from the kernel.
 * Return: 0 or negative errno.
 */
int toolchains_load(struct arena *arena, struct toolchains *ret, struct error *err);
