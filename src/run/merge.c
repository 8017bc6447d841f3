// SPDX-License-Identifier: Apache-2.0
/*
 * merge.c - what two sides changed is merged into the branch before the commit
 *
 * The committer merges; what comes out is listed and judged like anything else that stands in a branch.
 */
#include "run/commit_internal.h"

#include "overlay/subset.h"

#include <errno.h>

static bool was_merged(const struct committer_answer *answer, const struct change *change,
	struct arena *arena)
{
	for (size_t i = 0; answer->merges && i < answer->merges->array.count; i++) {
		const struct json *one = answer->merges->array.items[i];
		struct str path;

		if (json_get_int(one, "root", -1) == change->root && json_get(one, "path") &&
				json_to_bytes(arena, json_get(one, "path"), &path) >= 0 &&
				str_eq(path, change->path))
			return true;
	}
	return false;
}

/*
 * The changeset after a merge: what it was, but for the merged files, which are as the branch has them now
 * over the base as it is now. That the base changed is known and dealt with, so they are not stale. The rest
 * is not listed anew: it was judged over the base as it was then, and stays bound to that.
 */
static int update_merged(struct committing *c, const struct committer_answer *answer)
{
	struct change *changes = arena_alloc_array(c->arena, c->whole.count + 1, sizeof(*changes));
	struct changeset fresh, updated = c->whole;
	int r = changes ? run_diff(c->arena, c->session, &fresh, c->err) : -EMSGSIZE;

	if (r < 0)
		return r;
	updated.changes = changes;
	updated.count = 0;
	for (size_t i = 0; i < c->whole.count; i++) {
		const struct change *change = &c->whole.changes[i];

		if (was_merged(answer, change, c->arena)) {
			change = changeset_find(&fresh, change->root, change->path);
			if (!change)
				continue;	/* merged, it is what the base has */
			changes[updated.count] = *change;
			changes[updated.count].flags &= ~(unsigned)CHANGE_STALE;
			changes[updated.count++].link_group = 0;
			continue;
		}
		changes[updated.count++] = *change;
	}
	{
		bool *all = arena_alloc_array(c->arena, updated.count + 1, sizeof(*all));

		/* Nothing is selected, so everything is taken: this seals it. */
		r = all ? overlay_subset(c->arena, &updated, all, false, &c->whole) : -EMSGSIZE;
	}
	if (r >= 0)
		r = run_judge_changeset(c->arena, c->session, c->ledger, c->config, &c->whole, &c->judgement,
			c->err);
	return r < 0 ? r : run_keep_judged(c->arena, c->session, &c->whole, &c->judgement, c->err);
}

/* Merges what is in conflict into the branch; then it is judged again, and may be refused. */
int committing_merge(struct committing *c)
{
	struct committer_answer answer;
	int r = committing_ask(c, COMMITTER_MERGE, &answer);

	if (r < 0)
		return r;
	if (answer.error.code == -EEXIST) {
		c->result->answer = answer;
		c->result->end = RUN_COMMIT_CONFLICT;
		return 1;
	}
	if (answer.error.code < 0) {
		*c->err = answer.error;
		return answer.error.code;
	}
	if (!answer.merges || !answer.merges->array.count)
		return 0;
	r = update_merged(c, &answer);
	if (r < 0)
		return r;
	c->is_part = false;
	r = committing_select(c);
	return r < 0 ? r : committing_accept(c);
}
