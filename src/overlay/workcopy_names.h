/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workcopy_names.h - the list of names between the two halves, workcopy.c and gather.c
 *
 *	cordon-names 1 TIME\n
 *	INODE PATH\0
 *	...
 *
 * TIME is the change time, in nanoseconds since the epoch and twenty digits, from which on a file is one that
 * the agent changed; INODE is the copy's, in decimal; PATH is relative to the tree, "." first and a directory
 * before what lies in it.
 */
#pragma once

#include "overlay/workcopy.h"

#include "base/str.h"

#define WORKCOPY_NAMES "names"
#define WORKCOPY_HEAD "cordon-names 1 "

enum {
	WORKCOPY_TIME_DIGITS = 20,
	WORKCOPY_HEAD_LEN = sizeof(WORKCOPY_HEAD) - 1 + WORKCOPY_TIME_DIGITS + 1,
	WORKCOPY_NAMES_MAX = 1 << 23,		/* names in one tree */
	WORKCOPY_LIST_BYTES_MAX = 1 << 30,
};

/**
 * workcopy_head_read() - the first line of a list of names
 * @list:         the whole list; what is left of it stands behind the line
 * @ret_since_ns: TIME
 *
 * Return: false where the list is damaged.
 */
bool workcopy_head_read(struct str *list, int64_t *ret_since_ns);

/**
 * workcopy_name_next() - the next name of a list
 * @list:      not empty; moved on
 * @ret_inode: INODE
 * @ret_path:  PATH, in @list; relative, clean, and a NUL behind it
 *
 * Return: false where the list is damaged.
 */
bool workcopy_name_next(struct str *list, uint64_t *ret_inode, struct str *ret_path);
