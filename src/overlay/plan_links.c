// SPDX-License-Identifier: Apache-2.0
/*
 * plan_links.c - hard links whose names lie in several steps
 *
 * A step is taken by renaming the branch's own files into place, or by copying them where a rename would not
 * do. Where one name of a file is copied and another one is renamed, they become two files. So swaps that
 * hold names of one file belong together, as do those that are linked with one of them, and where one of such
 * a set has to be copied, all of it is. One copier makes all copies of a root, and keeps links among them.
 *
 * The sets are trees of swaps with their roots as names (union-find), so an agent's longest chain of links
 * takes hardly more time than a short one.
 */
#include "overlay/plan_internal.h"

#include <errno.h>

struct linked_swaps {
	struct plan *plan;
	size_t *parents;		/* by step, of swaps: another one of the set, or itself */
	size_t *firsts;			/* by link group: the first swap that has a name of it, plus 1 */
	bool *copied;			/* by step, of the root of a set: something of it is copied */
};

static size_t find_root(struct linked_swaps *swaps, size_t at)
{
	while (swaps->parents[at] != at) {
		swaps->parents[at] = swaps->parents[swaps->parents[at]];
		at = swaps->parents[at];
	}
	return at;
}

static void join_sets(struct linked_swaps *swaps)
{
	const struct journal *journal = &swaps->plan->journal;
	size_t top = 0;

	for (size_t i = 0; i < journal->step_count; i++) {
		uint64_t group = swaps->plan->changes[i]->link_group;

		if (journal->steps[i].kind == STEP_SWAP)
			swaps->parents[i] = top = i;
		if (group && swaps->firsts[group])
			swaps->parents[find_root(swaps, top)] = find_root(swaps, swaps->firsts[group] - 1);
		else if (group)
			swaps->firsts[group] = top + 1;
	}
}

static void copy_sets(struct linked_swaps *swaps)
{
	struct journal *journal = &swaps->plan->journal;

	for (size_t i = 0; i < journal->step_count; i++)
		if (journal->steps[i].kind == STEP_SWAP && journal->steps[i].slot == SLOT_NEW)
			swaps->copied[find_root(swaps, i)] = true;
	for (size_t i = 0; i < journal->step_count; i++) {
		struct step *step = &journal->steps[i];

		if (step->kind != STEP_SWAP || step->slot != SLOT_TREE || !swaps->copied[find_root(swaps, i)])
			continue;
		step->slot = SLOT_NEW;
		swaps->plan->new_count++;
	}
}

int planner_keep_links(struct planner *planner)
{
	struct plan *plan = planner->plan;
	size_t count = plan->journal.step_count + 1, groups = plan->commit->changeset->count + 1;
	struct linked_swaps swaps = { .plan = plan };

	if (!plan->new_count)
		return 0;
	swaps.parents = arena_alloc_array(plan->arena, count, sizeof(*swaps.parents));
	swaps.firsts = arena_alloc_array(plan->arena, groups, sizeof(*swaps.firsts));
	swaps.copied = arena_alloc_array(plan->arena, count, sizeof(*swaps.copied));
	if (!swaps.parents || !swaps.firsts || !swaps.copied)
		return -EMSGSIZE;
	join_sets(&swaps);
	copy_sets(&swaps);
	return 0;
}
