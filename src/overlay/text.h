/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - differences between two texts, line by line or as git's binary patch
 *
 * The library that does it (libgit2) reads bytes that an agent wrote, so only the differ, which can do
 * nothing else, links this. Built without it, text_none.c answers that it cannot.
 *
 * Source: git-diff(1), "generating patch text with -p"; gitformat-patch
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

enum {
	TEXT_ID_SIZE = 41,		/* forty hexadecimal digits and a NUL */
	TEXT_CONTEXT_MAX = 1000000,
};

enum text_line {
	TEXT_HUNK,			/* "@@ -1,2 +1,3 @@ text\n" */
	TEXT_CONTEXT,
	TEXT_ADDED,
	TEXT_REMOVED,
	/* "\ No newline at end of file\n": the line before ended without one */
	TEXT_NO_NEWLINE,
};

/* Called for each line, without the sign in front of it. Return: 0 to go on, or negative errno. */
typedef int text_line_fn(void *context, enum text_line line, struct str text);

/**
 * text_start() - load what is needed, before the process confines itself
 * @err: says that this build cannot
 *
 * Errors: -EOPNOTSUPP built without text diff; -ENOMEM.
 * Return: 0 or negative errno.
 */
int text_start(struct error *err);

/**
 * text_diff() - a unified diff of two texts
 * @old_text:      any bytes
 * @new_text:      any bytes
 * @context_count: lines around each change, up to TEXT_CONTEXT_MAX
 * @line:          called in order
 * @context:       for @line
 *
 * Errors: as @line; -ENOMEM; -EFBIG a text is too large.
 * Return: 0 or negative errno.
 */
int text_diff(struct str old_text, struct str new_text, unsigned context_count, text_line_fn *line,
	void *context);

/**
 * text_binary_patch() - what takes one run of bytes to another and back, as `git apply` reads it
 * @buf:      "GIT binary patch\n..." is added; nothing where both are the same
 * @old_text: any bytes
 * @new_text: any bytes
 *
 * Errors: -ENOMEM; -EFBIG a text is too large; -EMSGSIZE the buffer's limit.
 * Return: 0 or negative errno.
 */
int text_binary_patch(struct buf *buf, struct str old_text, struct str new_text);

/** text_id() - the name that git gives to a file of this content (SHA-1 over "blob SIZE\0" and the bytes) */
void text_id(struct str text, char ret[TEXT_ID_SIZE]);
