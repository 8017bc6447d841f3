// SPDX-License-Identifier: Apache-2.0
/*
 * plan.c - the steps of a commit, and whether they may be taken
 *
 * Changes come sorted by root and path, and steps are made in that order: first all swaps, each followed by
 * what lies within it, then the directories around them. So the two cursors move through base and branch
 * once.
 */
#include "overlay/plan.h"

#include "base/quote.h"
#include "kern/file.h"
#include "overlay/plan_internal.h"
#include "overlay/unlock.h"

#include <errno.h>
#include <fcntl.h>

/* ---- opening ---- */

static bool root_has_changes(const struct changeset *changeset, size_t root)
{
	for (size_t i = 0; i < changeset->count; i++)
		if (changeset->changes[i].root == root)
			return true;
	return false;
}

/* Whether a root and its storage are on two mounts, between which nothing can be renamed. */
static int find_staged(const struct overlay_target *target, struct journal_root *root)
{
	uint64_t of_root, of_storage;
	struct stat st;
	int r = mount_id_of(target->root_dirfd, &of_root);

	if (r >= 0)
		r = mount_id_of(target->storage_dirfd, &of_storage);
	if (r < 0 || of_root == of_storage)
		return r;
	root->staged = true;
	r = kern_fstat(target->root_dirfd, &st);
	if (r >= 0)
		root->mtime_ns = mark_from_stat(&st).mtime_ns;
	return r;
}

int plan_open(struct plan *plan, const struct overlay_commit *commit, struct inspector *inspector,
	struct arena *arena, struct error *err)
{
	const struct changeset *changeset = commit->changeset;
	struct journal_root *roots = arena_alloc_array(arena, changeset->root_count, sizeof(*roots));
	int r;

	if (!roots)
		return error_set(err, -EMSGSIZE, "the changeset is too large to commit");
	*plan = (struct plan){ .commit = commit, .arena = arena, .inspector = inspector,
		.telling = { .progress = commit->progress },
		.in_file = { telling_of_file, &plan->telling } };
	inspector_listen(inspector, &plan->in_file);
	for (size_t i = 0; i < changeset->root_count; i++) {
		const struct overlay_target *target = &commit->targets[i];

		roots[i].path = target->path;
		roots[i].storage = target->storage;
		r = find_staged(target, &roots[i]);
		if (r < 0)
			return error_sys(err, r, "'%s'", target->path);
		if (!commit->keep_branch && !roots[i].staged && root_has_changes(changeset, i))
			roots[i].tree = TREE_TAKE;
	}
	plan->journal = (struct journal){
		.kind = JOURNAL_COMMIT,
		.number = commit->number,
		.id = commit->id,
		.time_ns = commit->time_ns,
		.changeset = changeset->digest,
		.roots = roots,
		.root_count = changeset->root_count,
	};
	return 0;
}

/* ---- what shuts us out of the branch ---- */

static int unlock_root(struct plan *plan, unsigned root, int storage_dirfd)
{
	const struct changeset *changeset = plan->commit->changeset;
	struct opened *opened = &plan->opened[root];
	int upper_dirfd = kern_open_beneath(storage_dirfd, "upper", O_PATH | O_DIRECTORY, 0);
	int record_fd = upper_dirfd < 0 ? upper_dirfd : opened_record(storage_dirfd);
	int r = record_fd < 0 ? record_fd : opened_begin(opened, record_fd, upper_dirfd);

	if (r < 0) {
		fd_close(upper_dirfd);
		fd_close(record_fd);
		return r;
	}
	for (size_t i = 0; r >= 0 && i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i];

		if (change->root == root && mark_shuts_out(change->new_file.type, change->new_file.mode))
			r = opened_add(opened, change->path);
		/* Whoever took it away will be told when it is looked for. */
		if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
			r = 0;
	}
	return r;
}

int plan_unlock(struct plan *plan, struct error *err)
{
	size_t count = plan->journal.root_count;
	int r = 0;

	if (!opened_is_needed())
		return 0;
	plan->opened = arena_alloc_array(plan->arena, count, sizeof(*plan->opened));
	if (!plan->opened)
		return error_set(err, -EMSGSIZE, "the changeset is too large to commit");
	for (size_t root = 0; root < count; root++)
		plan->opened[root] = (struct opened)OPENED_NONE;
	plan->is_unlocked = true;
	for (unsigned root = 0; r >= 0 && root < count; root++) {
		r = unlock_root(plan, root, plan->commit->targets[root].storage_dirfd);
		if (r < 0)
			error_sys(err, r, "cannot look into the branch of '%s'",
				plan->commit->targets[root].path);
	}
	return r;
}

int plan_relock(struct plan *plan, struct error *err)
{
	int r = 0;

	for (size_t root = 0; r >= 0 && plan->is_unlocked && root < plan->journal.root_count; root++) {
		struct opened *opened = &plan->opened[root];
		int record_fd = opened->record_fd, upper_dirfd = opened->upper_dirfd;

		r = opened_end(opened);
		if (r < 0)
			return error_sys(err, r, "cannot put back modes in the branch of '%s'",
				plan->commit->targets[root].path);
		fd_close(record_fd);
		fd_close(upper_dirfd);
	}
	plan->is_unlocked = false;
	return 0;
}

void plan_fini(struct plan *plan)
{
	/* What cannot be put back now is put back by whoever looks next. */
	(void)plan_relock(plan, NULL);
	for (size_t root = 0; plan->is_unlocked && root < plan->journal.root_count; root++) {
		fd_close(plan->opened[root].record_fd);
		fd_close(plan->opened[root].upper_dirfd);
	}
	plan->is_unlocked = false;
}

/* ---- the planner ---- */

static void leave_root(struct planner *planner)
{
	cursor_fini(&planner->base);
	cursor_fini(&planner->branch);
	planner->upper_dirfd = fd_close(planner->upper_dirfd);
	planner->root_is_open = false;
}

int planner_enter(struct planner *planner, unsigned root)
{
	const struct overlay_target *target = &planner->plan->commit->targets[root];
	int r;

	if (planner->root_is_open && planner->root == root)
		return 0;
	leave_root(planner);
	if (!planner->check_only) {
		planner->upper_dirfd = kern_open_beneath(target->storage_dirfd, "upper", O_PATH | O_DIRECTORY,
			0);
		if (planner->upper_dirfd < 0) {
			r = planner->upper_dirfd;
			planner->upper_dirfd = -1;
			return error_sys(planner->err, r, "the branch of '%s'", target->path);
		}
	}
	cursor_init(&planner->base, target->root_dirfd);
	cursor_init(&planner->branch, planner->upper_dirfd);
	planner->root = root;
	planner->root_is_open = true;
	r = mount_id_of(target->root_dirfd, &planner->mount_id);
	return r < 0 ? error_sys(planner->err, r, "'%s'", target->path) : 0;
}

struct step *planner_add_step(struct planner *planner, enum step_kind kind, unsigned root, struct str path,
	const struct change *change)
{
	struct journal *journal = &planner->plan->journal;
	struct step *step = &journal->steps[journal->step_count];

	planner->plan->changes[journal->step_count] = change;
	*step = (struct step){
		.kind = kind,
		.root = root,
		.path = path,
		.number = (uint32_t)journal->step_count,
	};
	journal->step_count++;
	return step;
}

static int fail_branch(struct planner *planner, const struct change *change, const char *what)
{
	error_set(planner->err, -EBADMSG, "'%s' in the branch %s", quote_text(change->path).text, what);
	error_hint(planner->err,
		"the branch was written to after it was judged: look at it with `cordon diff %s`, "
		"then judge it again",
		planner->plan->commit->id);
	return -EBADMSG;
}

/* ---- the branch's side ---- */

/*
 * Whether the xattrs are the judged ones but for ids in ACLs: where root runs an agent, the branch has the
 * agent's id there and the changeset the owner's. Such a file is copied, with what was judged.
 */
static bool xattrs_are_mapped(struct planner *planner, const struct change *change,
	const struct file_mark *mark)
{
	const struct file_facts *found = &planner->plan->inspector->view.facts, *want = &change->new_file;

	if (found->xattr_count != want->xattr_count)
		return false;
	for (size_t i = 0; i < want->xattr_count; i++) {
		struct str value = found->xattrs[i].value;

		if (strcmp(found->xattrs[i].name, want->xattrs[i].name))
			return false;
		if (xattr_is_acl(want->xattrs[i].name) &&
				xattr_map_acl(&planner->plan->inspector->arena, value, mark->slot_uid,
					want->uid, mark->slot_gid, want->gid, &value) < 0)
			return false;
		if (!str_eq(value, want->xattrs[i].value))
			return false;
	}
	return true;
}

static bool has_escaped_xattr(const struct file_facts *facts)
{
	for (size_t i = 0; i < facts->xattr_count; i++)
		if (str_starts_with(str_from(facts->xattrs[i].name), STR("user.overlay.")))
			return true;
	return false;
}

/* More names than the commit moves: a rename would leave the others with the workspace's own file. */
static bool has_other_names(const struct planner *planner, const struct change *change, const struct stat *st)
{
	return st->st_nlink > MAX(planner->group_sizes[change->link_group], UINT32_C(1));
}

static void set_owner(struct file_mark *mark, const struct file_facts *facts)
{
	mark->uid = facts->uid;
	mark->gid = facts->gid;
	if (mark->uid != mark->slot_uid || mark->gid != mark->slot_gid)
		mark->fix |= FIX_OWNER;
}

/* A new directory that moves whole has to hold what was judged and nothing else. */
static int check_entries(struct planner *planner, size_t index, int dirfd, const char *name,
	struct file_mark *mark, bool *must_copy)
{
	const struct change *change = &planner->plan->commit->changeset->changes[index];
	uint64_t count, whiteouts;
	int r = inspect_count(dirfd, name, &count, &whiteouts);

	if (r < 0)
		return error_sys(planner->err, r, "cannot list '%s' in the branch",
			quote_text(change->path).text);
	mark->count = planner->children[index];
	if (count - whiteouts != mark->count)
		return fail_branch(planner, change, "holds other files than were judged");
	*must_copy |= whiteouts > 0;
	return 0;
}

/* Looks at one new file; sets @must_copy where a rename would not give what was judged. */
static int check_new(struct planner *planner, size_t index, struct file_mark *ret, bool *must_copy)
{
	const struct change *change = &planner->plan->commit->changeset->changes[index];
	struct inspector *inspector = planner->plan->inspector;
	const char *name;
	int dirfd = cursor_open(&planner->branch, change->path, &name), r;
	unsigned differ;

	r = dirfd < 0 ? dirfd :
			inspect_file(inspector, INSPECT_BRANCH, dirfd, name, &change->new_file, ret, &differ);
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
		return fail_branch(planner, change, "is gone");
	if (r < 0)
		return error_sys(planner->err, r, "cannot read '%s' in the branch",
			quote_text(change->path).text);
	if (differ == FACT_XATTRS && xattrs_are_mapped(planner, change, ret)) {
		*must_copy = true;
		differ = 0;
	}
	if (differ == FACT_MODE && planner->plan->is_unlocked &&
			mode_is(ret->mode, ret->type, change->new_file.mode))
		differ = 0;
	if (differ)
		return fail_branch(planner, change, "is not what was judged");
	if (ret->type != FILE_SYMLINK)
		ret->mode = change->new_file.mode;
	set_owner(ret, &change->new_file);
	*must_copy |= has_escaped_xattr(&change->new_file);
	if (ret->type == FILE_DIRECTORY)
		return check_entries(planner, index, dirfd, name, ret, must_copy);
	*must_copy |= has_other_names(planner, change, &inspector->view.st);
	return 0;
}

/* ---- steps ---- */

/* First change behind @index whose path is not before "PATH/". */
static size_t find_below(const struct changeset *changeset, size_t index)
{
	const struct change *dir = &changeset->changes[index];
	size_t low = index + 1, high = changeset->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct change *change = &changeset->changes[middle];
		struct str head = { change->path.data, MIN(change->path.len, dir->path.len) };
		int order = change->root != dir->root ? 1 : str_compare(head, dir->path);

		/* Equal heads: "PATH-x" comes before "PATH/x", "PATHx" behind. */
		if (!order)
			order = change->path.len == dir->path.len ? -1 :
				(unsigned char)change->path.data[dir->path.len] - '/';
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_below(const struct change *change, const struct change *dir)
{
	return change->root == dir->root && change->path.len > dir->path.len &&
		change->path.data[dir->path.len] == '/' && str_starts_with(change->path, dir->path);
}

/* Counts what each directory of the tree holds, and says that nothing in it needs a step of its own. */
static void cover_tree(struct planner *planner, size_t index, size_t first, size_t *ret_end)
{
	const struct changeset *changeset = planner->plan->commit->changeset;
	size_t i = first;

	for (; i < changeset->count && is_below(&changeset->changes[i], &changeset->changes[index]); i++) {
		const struct change *parent;

		planner->covered[i] = true;
		parent = changeset_find(changeset, changeset->changes[i].root,
			path_parent(changeset->changes[i].path));
		if (parent)
			planner->children[parent - changeset->changes]++;
	}
	*ret_end = i;
}

static int add_within(struct planner *planner, size_t first, size_t end, bool check, bool *must_copy)
{
	const struct changeset *changeset = planner->plan->commit->changeset;
	int r = 0;

	for (size_t i = first; r >= 0 && i < end; i++) {
		struct step *step;

		step = planner_add_step(planner, STEP_WITHIN, planner->root, changeset->changes[i].path,
			&changeset->changes[i]);
		/* Filled in now or, for a copy, when it is made; the type must be there for the journal. */
		step->in.type = changeset->changes[i].new_file.type;
		step->in.count = planner->children[i];
		if (check)
			r = check_new(planner, i, &step->in, must_copy);
		if (r >= 0)
			r = telling_step(&planner->plan->telling);
	}
	return r;
}

/* A disguise cannot be taken off inside directories that shut us out. */
static bool needs_copy_to_undress(const struct planner *planner, size_t top)
{
	const struct journal *journal = &planner->plan->journal;
	bool locked = false, fix = false;

	for (size_t i = top; i < journal->step_count; i++) {
		const struct file_mark *mark = &journal->steps[i].in;

		locked |= mark->type == FILE_DIRECTORY && mode_is_locked(mark->mode);
		fix |= mark->fix != 0;
	}
	return locked && fix && planner->plan->is_unlocked;
}

/* @first to @end: the changes below a new directory. */
static int add_swap(struct planner *planner, size_t index, const struct file_mark *out, size_t first,
	size_t end)
{
	const struct change *change = &planner->plan->commit->changeset->changes[index];
	bool take = planner->plan->journal.roots[change->root].tree == TREE_TAKE, must_copy = !take;
	size_t top = planner->plan->journal.step_count;
	struct step *step = planner_add_step(planner, STEP_SWAP, change->root, change->path, change);
	int r = 0;

	step->out = *out;
	step->slot = SLOT_OLD;
	planner_touch(planner, change->root, change->path);
	if (change->new_file.type == FILE_NONE)
		return 0;
	step->in.type = change->new_file.type;
	step->in.count = planner->children[index];
	if (take)
		r = check_new(planner, index, &step->in, &must_copy);
	if (r >= 0)
		r = add_within(planner, first, end, take, &must_copy);
	must_copy |= needs_copy_to_undress(planner, top);
	step->slot = must_copy ? SLOT_NEW : SLOT_TREE;
	planner->plan->new_count += must_copy;
	return r;
}

/* A directory that stays: its step is made with those of the directories that are merely touched. */
static int add_metadata(struct planner *planner, const struct change *change)
{
	/* To touch a directory is to name something in it. */
	char *inside = arena_printf(planner->plan->arena, "%s/x", change->path.data);

	if (!inside)
		return error_set(planner->err, -EMSGSIZE, "the changeset is too large to commit");
	planner_touch(planner, change->root, str_eq(change->path, STR(".")) ? STR("x") : str_from(inside));
	return 0;
}

static int plan_change(struct planner *planner, size_t index)
{
	const struct changeset *changeset = planner->plan->commit->changeset;
	const struct change *change = &changeset->changes[index];
	bool stays = change_base_type(change) == FILE_DIRECTORY && change->new_file.type == FILE_DIRECTORY;
	size_t first = 0, end = 0;
	struct file_mark out;
	int r = planner_enter(planner, change->root);

	if (r < 0)
		return r;
	if (change->new_file.type == FILE_DIRECTORY && !stays) {
		first = find_below(changeset, index);
		cover_tree(planner, index, first, &end);
	}
	r = planner_check_base(planner, change, &out);
	if (r < 0)
		return error_sys(planner->err, r, "cannot look at '%s' in '%s'",
			quote_text(change->path).text, planner->plan->commit->targets[change->root].path);
	/* One conflict is enough to end it, but all of them are looked for. */
	if (planner->check_only || planner->conflicts->total)
		return 0;
	return stays ? add_metadata(planner, change) : add_swap(planner, index, &out, first, end);
}

static int prepare(struct planner *planner)
{
	const struct changeset *changeset = planner->plan->commit->changeset;
	struct arena *arena = planner->plan->arena;
	/* Every change makes one step at most and touches one directory at most. */
	size_t room = changeset->count * 2 + changeset->root_count + 1;

	planner->covered = arena_alloc_array(arena, changeset->count + 1, sizeof(*planner->covered));
	planner->children = arena_alloc_array(arena, changeset->count + 1, sizeof(*planner->children));
	planner->group_sizes = arena_alloc_array(arena, changeset->count + 1, sizeof(*planner->group_sizes));
	planner->touched = arena_alloc_array(arena, changeset->count + changeset->root_count,
		sizeof(*planner->touched));
	/* Most often half of the room stays empty, and is never touched. */
	planner->plan->journal.steps = arena_alloc_raw(arena, room * sizeof(*planner->plan->journal.steps));
	planner->plan->changes = arena_alloc_array(arena, room, sizeof(const struct change *));
	if (!planner->covered || !planner->children || !planner->group_sizes || !planner->touched ||
			!planner->plan->journal.steps || !planner->plan->changes)
		return error_set(planner->err, -EMSGSIZE, "the changeset is too large to commit");
	for (size_t i = 0; i < changeset->count; i++) {
		uint64_t group = changeset->changes[i].link_group;

		if ((changeset->changes[i].flags & CHANGE_COMPOSED) && !planner->plan->commit->keep_branch)
			return error_set(planner->err, -EBADMSG,
				"a file that was taken in part cannot take its branch along");
		if (group > changeset->count)
			return error_set(planner->err, -EBADMSG,
				"the changeset has an impossible link group");
		if (group)
			planner->group_sizes[group]++;
	}
	return 0;
}

static int make_steps(struct planner *planner)
{
	const struct changeset *changeset = planner->plan->commit->changeset;
	int r = prepare(planner);

	planner->plan->applied_count = changeset->count;
	telling_begin(&planner->plan->telling, OVERLAY_CHECKING, changeset->count);
	for (size_t i = 0; r >= 0 && i < changeset->count; i++) {
		if (planner->covered[i])
			continue;
		r = plan_change(planner, i);
		if (r >= 0)
			r = telling_step(&planner->plan->telling);
	}
	if (r < 0 || planner->check_only || planner->conflicts->total)
		return r;
	r = planner_keep_links(planner);
	if (r < 0)
		return error_set(planner->err, r, "the changeset is too large to commit");
	/* A staging directory comes and goes in the root, which moves its mtime. */
	for (unsigned root = 0; root < changeset->root_count; root++)
		if (planner->plan->journal.roots[root].staged)
			planner_touch(planner, root, STR("x"));
	return planner_add_directories(planner);
}

int plan_steps(struct plan *plan, bool check_only, struct conflict_list *conflicts, struct error *err)
{
	struct planner planner = {
		.plan = plan,
		.conflicts = conflicts,
		.err = err,
		.check_only = check_only,
		.upper_dirfd = -1,
		.base.fd = -1,
		.branch.fd = -1,
	};
	int r = make_steps(&planner);

	leave_root(&planner);
	return r;
}
