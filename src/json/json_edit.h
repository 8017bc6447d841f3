/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_edit.h - one text more in a list of a document that a person wrote
 *
 * The document is JSONC, and stays as it is but for what is put in: its comments, its spaces, its trailing
 * commas, the ends of its lines. What is put in follows the layout that it comes into: an item of a list that
 * has one on a line gets a line of its own with their indent, one of a list on a line stays there.
 */
#pragma once

#include "json/json.h"

/**
 * json_edit_append() - the text of a document with one text more at the end of a list
 * @text:  JSONC, an object
 * @path:  names of members on the way to the list, from the outermost; what is missing is put in
 * @count: of them, at least one
 * @item:  UTF-8
 * @ret:   empty; gets the new text
 * @err:   what is in the way, with its place
 *
 * What comes out was read again and is the old document with @item behind the others of that list, or there
 * is an error: nothing else is ever given out.
 *
 * Errors: -EBADMSG @text is not JSONC; -EINVAL a value on the way is no object, or the last no list;
 * -EMSGSIZE it is too large; -EIO it could not be done.
 * Return: 0 or negative errno.
 */
int json_edit_append(struct str text, const char *const *path, size_t count, struct str item, struct buf *ret,
	struct error *err);
