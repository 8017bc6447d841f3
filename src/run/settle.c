// SPDX-License-Identifier: Apache-2.0
/*
 * settle.c - hold, or drop, as configuration and verdict say
 *
 * Settling never writes the workspace: a branch that may be committed is held first, and the commit is the
 * one and only `cordon commit`, whoever asks for it. So a crash between the two leaves a held branch, which
 * is the safe state. Removing takes time that nobody has to wait for, so it is a step of its own, run_tidy(),
 * and a crash before it leaves a branch that `cordon gc` removes with its session. Only what lies outside of
 * the state directory has to be gone earlier, since who waits for a session may unmount that file system
 * next.
 */
#include "run/judge.h"

#include "base/fd.h"
#include "base/path.h"
#include "kern/dir.h"
#include "kern/file.h"
#include "overlay/compose.h"
#include "overlay/opened.h"
#include "overlay/workcopy.h"
#include "run/plan.h"

#include <errno.h>
#include <fcntl.h>

/* The directory that holds a root's storage, and the one above it, were made for this session, too. */
static void remove_parents(const struct session *session, const char *storage)
{
	struct str dir = path_parent(str_from(storage));

	for (int i = 0; i < 2 && dir.len; i++, dir = path_parent(dir)) {
		const char *text = arena_copy(session->arena, dir.data, dir.len);
		int r = text ? kern_unlinkat(AT_FDCWD, text, AT_REMOVEDIR) : -ENOMEM;

		/*
		 * Where something is left in it, it stays; one that was never made may have a parent that
		 * was.
		 */
		if (r < 0 && r != -ENOENT)
			return;
	}
}

/* What of a root's storage is removed. */
enum part {
	PART_WORK,		/* the overlay's own directory, of no use without its mount */
	PART_BRANCH,		/* and the branch */
	PART_ALL,		/* and what its commits keep for undo */
};

static int remove_copy(int storage_dirfd, const struct progress *progress)
{
	static const char *const names[] = { "copy", "names", "names.new", "upper.new" };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names) && r >= 0; i++)
		r = kern_remove_tree_telling(storage_dirfd, names[i], progress);
	return r;
}

static int remove_storage(const struct session *session, const struct session_root *root, enum part part)
{
	scoped(fd) int dirfd = kern_open(AT_FDCWD, root->storage, O_PATH | O_DIRECTORY, 0);
	int r = dirfd;

	if (dirfd == -ENOENT) {
		remove_parents(session, root->storage);
		return 0;
	}
	if (r >= 0)
		r = kern_remove_tree(dirfd, "work");
	if (r >= 0)
		r = kern_remove_tree_telling(dirfd, COMPOSED_DIR, session->progress);
	/* A copy of which the branch was gathered; else it is the branch. */
	if (r >= 0 && (part >= PART_BRANCH || !workcopy_is_ungathered(dirfd)))
		r = remove_copy(dirfd, session->progress);
	if (r >= 0 && part >= PART_BRANCH)
		r = kern_remove_tree_telling(dirfd, "upper", session->progress);
	if (r >= 0 && part >= PART_BRANCH)
		r = kern_remove_tree(dirfd, OPENED_NAME);
	if (r >= 0 && part == PART_ALL)
		r = kern_remove_tree_telling(dirfd, "commit", session->progress);
	if (r < 0 || part == PART_WORK)
		return r;
	if (kern_unlinkat(AT_FDCWD, root->storage, AT_REMOVEDIR) >= 0)
		remove_parents(session, root->storage);
	return 0;
}

/* Whether a root's storage is where the root is, and not with the session. */
static bool is_elsewhere(const struct session *session, const struct session_root *root)
{
	return !path_is_beneath(str_from(root->storage), str_from(session->path));
}

static int remove_parts(struct session *session, enum part part, bool only_elsewhere, struct error *err)
{
	for (size_t i = 0; i < session->root_count; i++) {
		const struct session_root *root = &session->roots[i];
		int r = 0;

		if (root->storage && (!only_elsewhere || is_elsewhere(session, root)))
			r = remove_storage(session, root, part);
		if (r < 0)
			return error_sys(err, r, "session '%s': removing the branch of '%s'", session->id,
				session->roots[i].path);
	}
	return 0;
}

int run_remove_storage(struct session *session, struct error *err)
{
	return remove_parts(session, PART_ALL, false, err);
}

static enum part spent_part(const struct session *session)
{
	bool is_settled = session->state == SESSION_COMMITTED || session->state == SESSION_ROLLED_BACK;

	return is_settled ? PART_BRANCH : PART_WORK;
}

int run_tidy(struct session *session, struct error *err)
{
	int r = kern_remove_tree(session->dirfd, RUN_SCRATCH);

	if (r < 0)
		return error_sys(err, r, "session '%s': removing its temporary files", session->id);
	return remove_parts(session, spent_part(session), false, err);
}

int run_tidy_elsewhere(struct session *session, struct error *err)
{
	return remove_parts(session, spent_part(session), true, err);
}

/* 0 an empty directory or none, 1 it holds something, or negative errno. */
static int holds_something(const char *storage)
{
	scoped(fd) int dirfd = kern_open(AT_FDCWD, storage, O_PATH | O_DIRECTORY, 0);
	scoped(fd) int upper_fd = dirfd < 0 ? dirfd :
		kern_open_beneath(dirfd, "upper", O_RDONLY | O_DIRECTORY, 0);
	struct kern_dir_entry entry;
	struct kern_dir dir;

	if (upper_fd < 0)
		return upper_fd == -ENOENT ? 0 : upper_fd;
	kern_dir_init(&dir, upper_fd);
	return kern_dir_next(&dir, &entry);
}

bool run_has_work(const struct session *session)
{
	for (size_t i = 0; i < session->root_count; i++)
		if (session->roots[i].storage && holds_something(session->roots[i].storage))
			return true;
	return false;
}

int run_drop(struct session *session, struct error *err)
{
	int r = session_set_state(session, SESSION_ROLLED_BACK, err);

	return r < 0 ? r : run_tidy(session, err);
}

static int record(struct arena *arena, struct ledger *ledger, enum ledger_kind kind, const char *reason,
	const struct run_outcome *outcome, struct error *err)
{
	struct json_object_builder fields;
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&outcome->changeset.digest, hex);
	json_object_begin(&fields, arena);
	json_object_add_text(&fields, "reason", reason);
	json_object_add_text(&fields, "changeset", hex);
	if (kind == LEDGER_HELD)
		json_object_add_text(&fields, "verdict", verdict_name(outcome->judgement.verdict));
	return ledger_append(ledger, kind, json_object_end(&fields), 0, err);
}

static const char *hold_reason(const struct run_outcome *outcome)
{
	switch (outcome->judgement.verdict) {
	case VERDICT_DENY:
		return "policy refuses the changeset";
	case VERDICT_ASK:
		return "policy asks a person";
	case VERDICT_ALLOW:
		break;
	}
	return outcome->on_exit == CONFIG_ON_EXIT_AUTO ? "about to be committed" :
		"waits for a person's review";
}

int run_settle(struct arena *arena, struct session *session, struct ledger *ledger,
	struct run_outcome *outcome, struct error *err)
{
	int r;

	if (outcome->is_empty)
		return session_set_state(session, SESSION_COMMITTED, err);
	if (outcome->on_exit == CONFIG_ON_EXIT_ROLLBACK) {
		r = record(arena, ledger, LEDGER_ROLLED_BACK, "commit.on_exit is rollback", outcome, err);
		return r < 0 ? r : session_set_state(session, SESSION_ROLLED_BACK, err);
	}
	r = record(arena, ledger, LEDGER_HELD, hold_reason(outcome), outcome, err);
	return r < 0 ? r : session_set_state(session, SESSION_HELD, err);
}
