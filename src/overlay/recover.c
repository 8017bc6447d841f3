// SPDX-License-Identifier: Apache-2.0
/*
 * recover.c - what a crash left half done is finished or taken back
 *
 * A sealed journal is finished: it was judged, and everything that it needs lies ready. Only where that is
 * not possible any more it is taken back. One that was being taken back goes on being taken back. One without
 * a seal has done nothing but leave copies about.
 */
#include "overlay/recover.h"

#include "overlay/opened.h"
#include "overlay/run.h"

#include <errno.h>

enum {
	ARENA_BYTES = 1 << 30,
};

/* The first journal that is open; JOURNAL_UNDONE in its state where there is none. */
static int find_open(int journal_dirfd, struct arena *arena, struct journal *ret, struct error *err)
{
	struct journal_ref *refs = NULL;
	size_t count = 0;
	int r = journal_list(journal_dirfd, arena, &refs, &count);

	if (r < 0)
		return error_sys(err, r, "cannot list the journals");
	for (size_t i = 0; i < count; i++) {
		r = journal_load_head(journal_dirfd, refs[i].kind, refs[i].number, arena, ret, err);
		if (r < 0)
			return r;
		if (journal_is_open(ret) && ret->root_count)
			return journal_load(journal_dirfd, refs[i].kind, refs[i].number, arena, ret, err);
		/* Cut off inside its first line: it was never used for anything. */
		if (!ret->root_count) {
			r = journal_remove(journal_dirfd, refs[i].kind, refs[i].number);
			if (r < 0)
				return error_sys(err, r, "cannot remove an empty journal");
		}
	}
	*ret = (struct journal){ .state = JOURNAL_UNDONE };
	return 0;
}

int overlay_pending(int journal_dirfd, struct arena *arena, struct overlay_pending *ret, struct error *err)
{
	struct overlay_target *targets;
	struct journal journal;
	int r = find_open(journal_dirfd, arena, &journal, err);

	if (r < 0)
		return r;
	targets = arena_alloc_array(arena, journal.root_count, sizeof(*targets));
	if (!targets)
		return error_set(err, -EMSGSIZE, "the journal is too large");
	for (size_t i = 0; i < journal.root_count; i++)
		targets[i] = (struct overlay_target){
			.path = journal.roots[i].path,
			.storage = journal.roots[i].storage,
			.root_dirfd = -1,
			.storage_dirfd = -1,
		};
	*ret = (struct overlay_pending){
		.targets = targets,
		.target_count = journal.root_count,
		.kind = journal.kind,
		.number = journal.number,
	};
	return 0;
}

int overlay_last_commit(int journal_dirfd, struct arena *arena, unsigned *ret_number, uint64_t *ret_time_ns,
	unsigned *ret_next, struct error *err)
{
	struct journal_ref *refs = NULL;
	struct journal journal;
	size_t count = 0;
	int r = journal_list(journal_dirfd, arena, &refs, &count);

	if (r < 0)
		return error_sys(err, r, "cannot list the journals");
	*ret_number = 0;
	*ret_time_ns = 0;
	*ret_next = count ? refs[count - 1].number + 1 : 1;
	while (count--) {
		if (refs[count].kind != JOURNAL_COMMIT)
			continue;
		r = journal_load_head(journal_dirfd, JOURNAL_COMMIT, refs[count].number, arena, &journal,
			err);
		if (r < 0)
			return r;
		if (journal.state != JOURNAL_APPLIED && journal.state != JOURNAL_CLEANED)
			continue;
		*ret_number = journal.number;
		*ret_time_ns = journal.time_ns;
		return 0;
	}
	return 0;
}

/* An error of the way forward is of no interest where the way back works. */
static int run_to_an_end(struct run *run, enum recover_result *ret)
{
	int r;

	switch (run->journal->state) {
	case JOURNAL_SEALED:
		*ret = RECOVER_FINISHED;
		r = run_forward(run);
		if (!r || r == -EINPROGRESS)
			return r;
		*ret = RECOVER_REVERTED;
		return 0;
	case JOURNAL_REVERTING:
		*ret = RECOVER_REVERTED;
		return run_backward(run);
	case JOURNAL_APPLIED:
	case JOURNAL_CLEANED:
		*ret = RECOVER_FINISHED;
		return run_finish(run);
	case JOURNAL_TORN:
	case JOURNAL_REVERTED:
		*ret = RECOVER_REVERTED;
		return run_finish(run);
	case JOURNAL_UNDONE:
		break;
	}
	*ret = RECOVER_NOTHING;
	return 0;
}

static int settle_branches(const struct overlay_target *targets, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		int r = opened_settle(targets[i].storage_dirfd);

		if (r < 0)
			return error_sys(err, r, "cannot put back modes in the branch of '%s'",
				targets[i].path);
	}
	return 0;
}

int overlay_recover(int journal_dirfd, const struct overlay_target *targets, size_t target_count,
	const struct progress *progress, enum recover_result *ret, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct journal journal;
	struct run run = {
		.journal = &journal,
		.targets = targets,
		.journal_dirfd = journal_dirfd,
		.progress = progress,
		.err = err,
	};
	int r = settle_branches(targets, target_count, err);

	if (r >= 0)
		r = find_open(journal_dirfd, &arena, &journal, err);
	if (r < 0)
		return r;
	if (!journal.root_count) {
		*ret = RECOVER_NOTHING;
		return 0;
	}
	if (journal.root_count != target_count)
		return error_set(err, -EINVAL, "the journal speaks of other roots");
	r = run_to_an_end(&run, ret);
	return r < 0 ? error_wrap(err, r, "recovery of %s %u of session '%s'",
		journal.kind == JOURNAL_UNDO ? "the undo of commit" : "commit", journal.number,
		journal.id) :
		0;
}
