/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workcopy_internal.h - the list of names between the two halves, workcopy.c and gather.c
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
