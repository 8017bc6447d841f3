/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copy.h - files that cannot be renamed are copied, with everything that belongs to them
 *
 * Content with its holes, mode, owner, mtime, xattrs and ACLs, links among what one copier copies, FIFOs,
 * sockets and device nodes. A directory is made first and finished (mode, mtime) when everything in it is
 * there. Both ends are trees that an agent may have written: no link is followed on either side.
 */
#pragma once

#include "base/map.h"
#include "overlay/cursor.h"
#include "overlay/inspect.h"

/* One copier copies within one pair of trees, so that links among its files stay links. */
struct copier {
	/* borrowed: remembers files with several links, and the walk's directories */
	struct arena *arena;
	struct xattr_reader *xattrs;	/* owned */
	struct cursor from, to;
	struct map links;		/* device and inode to path below @to */
	uint64_t copied_bytes;		/* of files that are done */
	const struct progress *progress;	/* told how many bytes of the file at hand are; may be NULL */
	/* an owner, or capabilities of a file, that this process may not give are left as they come */
	bool as_own;
	/*
	 * into an upper layer that no overlay wrote: attributes that look like overlayfs' marks are escaped
	 */
	bool escape;
};

/**
 * copier_init() - get ready to copy between two directories
 * @copier:     filled; ends with copier_fini()
 * @arena:      for links and for the walk's directories; borrowed
 * @from_dirfd: what source paths are below; borrowed
 * @to_dirfd:   what target paths are below; borrowed
 */
void copier_init(struct copier *copier, struct arena *arena, int from_dirfd, int to_dirfd);

/** copier_fini() - forget the links, close the cursors */
void copier_fini(struct copier *copier);

/**
 * copy_node() - copy one file of any type; a directory is made empty and 0700
 * @copier: knows both sides
 * @from:   clean path below its source
 * @to:     clean path below its target, whose parent exists
 * @facts:  whose owner, mode and xattrs the copy gets; NULL: those of the source
 *
 * Errors: -EEXIST the target exists; -EOPNOTSUPP a type that cannot be made; others from the kernel.
 * Return: 0 or negative errno.
 */
int copy_node(struct copier *copier, struct str from, struct str to, const struct file_facts *facts);

/**
 * copy_finish() - xattrs, owner, mode and mtime of a copied directory, once it holds everything
 * @copier: knows both sides
 * @from:   as for copy_node()
 * @to:     as for copy_node()
 * @facts:  as for copy_node()
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int copy_finish(struct copier *copier, struct str from, struct str to, const struct file_facts *facts);

/**
 * copy_tree() - copy a file, or a directory and everything below it
 * @copier: knows both sides
 * @from:   clean path below its source
 * @to:     clean path below its target, whose parent exists
 *
 * Crosses no mount.
 *
 * Errors: -EXDEV another file system is mounted inside; others as copy_node().
 * Return: 0 or negative errno.
 */
int copy_tree(struct copier *copier, struct str from, struct str to);
