/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workcopy.h - a branch without an overlay: a copy to work in, and the upper layer that an overlay would have
 * left
 *
 * Where nothing can be mounted, the agent works in a copy of the directory. Before it starts, workcopy_make()
 * copies the tree and writes down which names it has (docs/formats/session.md); when nothing runs any more,
 * workcopy_gather() compares the copy with that list and makes an upper layer: files that changed or are new,
 * a whiteout for each name that is gone. From there on everything is as with an overlay: diff, commit, undo
 * know no other kind of branch.
 *
 * In a storage directory (session.h):
 *
 *	copy/NAME	the tree; NAME is the directory's own, since programs show it
 *	names		what was copied; there once the copy is complete
 *	upper		there once it was gathered; then copy and names may go
 *
 * What changed is told by inode change times, which no unprivileged program can set: a file whose change time
 * is older than the list, and whose inode is the one in the list, is what was copied. So gathering looks at
 * each name once and reads the content of what changed alone. The upper layer gets copies (shared blocks
 * where the file system can), never the files themselves: a name that the agent linked out of the tree, or a
 * descriptor that somebody still holds, reaches none of what is judged.
 *
 * What may not be read, and device nodes, are left out of the copy; what lies on another file system mounted
 * in the tree is, too. None of it is gone afterwards: what was never in the list cannot be missing.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/progress.h"

#include <stdbool.h>
#include <stdint.h>

struct workcopy {
	int root_dirfd;			/* what is copied, open for reading; borrowed */
	int storage_dirfd;		/* where to, O_PATH will do; borrowed */
	const char *name;		/* one component: of the tree below copy/ */
	/* clean paths relative to the root, which stay out of the copy */
	const char *const *excluded;
	size_t excluded_count;
	uint64_t total_bytes;		/* as far as known, for @progress; 0: not */
	const struct progress *progress;	/* may be NULL */
};

struct workcopy_result {
	uint64_t entry_count;
	uint64_t byte_count;		/* of regular files, holes included */
	uint64_t left_out_count;	/* could not be read or made; not those that are excluded */
	const char *left_out;		/* the first of them; NULL: none */
};

/**
 * workcopy_make() - copy a tree, with everything that belongs to its files
 * @arena: owns what is remembered while it is made, and the result's text
 * @copy:  what and where to; copy/ must not be there
 * @ret:   what was copied
 * @err:   says which file, and why
 *
 * Content with its holes (shared where the file system can), modes, times, user's attributes and ACLs, links
 * among the files; owners where this process may give them. Returns when a change from then on has a later
 * change time than anything in the copy.
 *
 * Blocks: reads the whole tree.
 * Errors: -EMSGSIZE the arena is full; what @copy->progress answers; others from the kernel.
 * Return: 0 or negative errno; then what is there is to be removed.
 */
int workcopy_make(struct arena *arena, const struct workcopy *copy, struct workcopy_result *ret,
	struct error *err);

/** workcopy_is_ungathered() - whether a storage holds a copy, and no upper layer yet; or nobody can tell */
bool workcopy_is_ungathered(int storage_dirfd);

/**
 * workcopy_gather() - make the upper layer of a copy in which nothing runs any more
 * @arena:         owns what is remembered while it is made
 * @storage_dirfd: of workcopy_make(); borrowed
 * @err:           says which file, and why
 *
 * Where the copy was never complete, nothing has run in it, and the layer is empty. Two processes that gather
 * wait for each other. One that is killed leaves the copy as it is, apart from modes that shut out the owner.
 *
 * Blocks: looks at every name of the copy, reads what changed.
 * Errors: -EBADMSG the list is damaged; -EMSGSIZE the arena is full, or too many names; others from the
 * kernel.
 * Return: 0 (also where it was done before) or negative errno.
 */
int workcopy_gather(struct arena *arena, int storage_dirfd, struct error *err);
