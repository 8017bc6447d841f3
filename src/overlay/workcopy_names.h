/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workcopy_names.h - the list of names between the two halves, workcopy.c and gather.c
 *
 *	cordon-names 1 TIME\n
 *	INODE[:DIGEST] PATH\0
 *	...
 *
 * TIME is the change time, in nanoseconds since the epoch and twenty digits, from which on a file is one that
 * the agent changed; INODE is the copy's, in decimal; DIGEST that of a file's content, in hexadecimal, where
 * the file system's times do not tell all changes; PATH is relative to the tree, "." first and a directory
 * before what lies in it.
 */
#pragma once

#include "overlay/workcopy.h"

#include "base/hash.h"
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

struct workcopy_name {
	uint64_t inode;
	bool has_digest;
	struct digest digest;
	struct str path;		/* in the list; relative, clean, and a NUL behind it */
};

/**
 * workcopy_name_next() - the next name of a list
 * @list: not empty; moved on
 * @ret:  filled
 *
 * Return: false where the list is damaged.
 */
bool workcopy_name_next(struct str *list, struct workcopy_name *ret);

/**
 * workcopy_needs_digests() - whether a copy lies where files can change and keep their times; true if unknown
 */
bool workcopy_needs_digests(int fd);

/**
 * workcopy_digest() - of a file's content
 * @dirfd: where it lies
 * @name:  a regular file's, one component
 * @ret:   set on success
 *
 * Return: 0 or negative errno from the kernel.
 */
int workcopy_digest(int dirfd, const char *name, struct digest *ret);
