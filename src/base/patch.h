/* SPDX-License-Identifier: Apache-2.0 */
/*
 * patch.h - what would make one text of another, line by line, as patch(1) reads it
 *
 * For texts that a program of ours made of a person's. Whatever an agent wrote is compared elsewhere, in a
 * process that can do nothing else (overlay/text.h).
 *
 * Source: POSIX, diff utility, "Diff -u or -U Output Format"
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/**
 * patch_append() - the hunks of a unified diff
 * @buf:      grows by them, "@@ -1,2 +1,3 @@" and so on; nothing where both texts are the same
 * @arena:    scratch
 * @old_text: any bytes
 * @new_text: any bytes
 *
 * It is the smallest that there is where that is not too much to find; past it, one hunk has all lines
 * between the first that differs and the last.
 *
 * Errors: -EMSGSIZE the limit of @buf or @arena.
 * Return: 0 or negative errno.
 */
int patch_append(struct buf *buf, struct arena *arena, struct str old_text, struct str new_text);
