/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pick.h - what a person types to take some of a file
 *
 *	2		the second hunk
 *	2.1		the first changed place of it
 *	3-5		hunks three to five
 *	mode		mode, owner and attributes
 *	rename		the new name, and nothing that was edited; any other word takes it along
 *	1,3-5,mode	all of these
 */
#pragma once

#include "base/error.h"
#include "review/model.h"

/**
 * review_pick() - take what is named
 * @review: the file was read
 * @index:  the file
 * @list:   as above
 * @err:    says which word is wrong, and what there is
 *
 * Errors: -EINVAL the list is not one, or the file cannot be taken in part; -ENOENT there is no such hunk.
 * Return: 0 or negative errno.
 */
int review_pick(struct review *review, size_t index, struct str list, struct error *err);

/**
 * review_pick_cut() - "FILE:LIST" in two, at the last colon; Return: whether what follows it looks like a
 * list
 */
bool review_pick_cut(struct str word, struct str *ret_file, struct str *ret_list);
