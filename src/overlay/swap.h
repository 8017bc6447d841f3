/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swap.h - the steps of a sealed journal, taken forwards or backwards
 *
 * Each step is idempotent in each direction: it looks into its slot, finds out whether it was taken, and does
 * what is missing. So a first run, a run after a crash and a run that takes everything back are the same
 * code.
 *
 * Nothing is trusted between looking and doing. The directory is held open; the swap is made; then what came
 * out has to be the file that was expected, and the directory has to be where its path says. Otherwise the
 * swap is made again, which puts everything back, and the run ends as a conflict.
 */
#pragma once

#include "base/progress.h"
#include "overlay/cursor.h"
#include "overlay/slots.h"

enum swap_direction {
	SWAP_FORWARD,
	SWAP_BACKWARD,
};

struct swapper {
	const struct journal *journal;		/* borrowed */
	const struct overlay_target *targets;	/* borrowed */
	struct conflict_list *conflicts;	/* borrowed; of a forward run; may be NULL */
	struct error *err;
	enum swap_direction direction;
	const struct progress *progress;	/* may be NULL; what it answers is not looked at */
	size_t swap_count;			/* renames that were made */
	bool is_superuser;			/* modes shut nobody out */

	unsigned root;
	bool root_is_open;
	/* its tree is elsewhere: there is nothing left to do but settle */
	bool root_is_closed;
	struct slots slots;
	struct cursor base, tree, new_files;
};

/**
 * swap_init() - get ready to run
 * @swapper:   filled; ends with swap_fini()
 * @journal:   sealed; borrowed
 * @targets:   of its roots; borrowed
 * @conflicts: of a forward run; may be NULL; borrowed
 * @err:       says what failed; borrowed
 */
void swap_init(struct swapper *swapper, const struct journal *journal, const struct overlay_target *targets,
	struct conflict_list *conflicts, struct error *err);

/** swap_fini() - close what is open */
void swap_fini(struct swapper *swapper);

/**
 * swap_forward() - take every step, then settle the directories
 * @swapper:       initialised
 * @ret_failed_at: the step that failed, for swap_backward(); only set on failure
 *
 * Errors: -EEXIST the workspace is not as expected, and a conflict was added; others from the kernel.
 * Return: 0 or negative errno; the error is set.
 */
int swap_forward(struct swapper *swapper, size_t *ret_failed_at);

/**
 * swap_backward() - take every step back
 * @swapper: initialised; after a failed forward run it still holds the directory that the failure was in
 * @from:    the last step that may have been taken; the journal's last one where nobody knows
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno; the error is set and says which path is in the way.
 */
int swap_backward(struct swapper *swapper, size_t from);
