/* SPDX-License-Identifier: Apache-2.0 */
/*
 * undo.h - a commit is taken back
 *
 * The journal of a commit knows every path it touched, what it put there, and where what was there before is
 * kept. Undo first looks whether everything still is as the commit left it; each path that is not is listed,
 * and then nothing is done. Otherwise it writes a journal of its own, with every step of the commit turned
 * round, and runs it as a commit is run: whole or not at all, finished by the next command after a crash.
 * Afterwards the branch has its files back, so the session can be committed again.
 */
#pragma once

#include "overlay/apply.h"

struct overlay_undo {
	const struct overlay_target *targets;	/* those of the commit's journal, same order */
	size_t target_count;
	int journal_dirfd;
	unsigned number;		/* of the commit */
	const char *id;
	uint64_t time_ns;
	const struct progress *progress;	/* borrowed; may be NULL; as of struct overlay_commit */
};

/**
 * overlay_undo() - take a commit back
 * @undo:      which
 * @arena:     owns the paths of @conflicts
 * @conflicts: what changed since the commit; the caller zeroes it
 * @ret:       what was done
 * @err:       says what failed
 *
 * Errors: -EEXIST there are conflicts; -ENOENT no such commit, or it was undone; -EBADMSG its journal is
 * damaged; -EINPROGRESS, -ECANCELED as overlay_apply(); others from the kernel.
 * Return: 0 or negative errno.
 */
int overlay_undo(const struct overlay_undo *undo, struct arena *arena, struct conflict_list *conflicts,
	struct overlay_result *ret, struct error *err);
