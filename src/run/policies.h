/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policies.h - the policies of a session: read from where its configuration says, and kept in its directory
 *
 *	configuration --run_policies_read()--> struct policy_set --run_policies_keep()--> SESSION/policy.json
 *	SESSION/policy.json --run_policies_load()--> struct policy_set --policy_engine_new()--> who answers
 *
 * They are read when a session starts, and again by `cordon policy reload`; whatever happens to the files in
 * between is of no account. Who named a file or a module decides its layer (policy/set.h):
 *
 *	user		the user, flags, profiles; files that the user or root wrote, and not everybody may write
 *	organisation	/etc/cordon/policy.jsonc; files that root wrote; the organisation's own parameters alone, so
 *			that a user's do not soften its modules
 *	project		the project's file, trusted or not; opened below the workspace on the host, no link
 *			followed. An agent cannot write them, since what it writes is in the branch; what a commit
 *			brought was judged, and counts from the next session on. They only add.
 *
 * The parameters are the member cordon.params of a layer's data.
 */
#pragma once

#include "config/config.h"
#include "policy/set.h"
#include "session/session.h"

enum {
	/* for the arena of a set: its texts, and its document */
	RUN_POLICIES_ARENA_BYTES = 6 * POLICY_SET_BYTES_MAX,
};

struct run_policies_options {
	const struct config *config;
	const char *workspace;		/* absolute, clean, without links */
	const char *shipped_dir;	/* NULL: of the policies that came with cordon */
	/* told what was left out of a directory; may be NULL */
	void (*note)(void *context, const char *text);
	void *context;
};

/**
 * run_policies_read() - read what judges a session, as it is now
 * @arena:   owns the set; see RUN_POLICIES_ARENA_BYTES
 * @options: borrowed
 * @ret:     sealed
 * @err:     which source, and what is wrong with it
 *
 * Errors: as policy_sources_add() and its like (policy/sources.h), and policy_set_seal().
 * Return: 0 or negative errno.
 */
int run_policies_read(struct arena *arena, const struct run_policies_options *options, struct policy_set *ret,
	struct error *err);

/** run_policies_keep() - write policy.json; @arena is scratch; Return: 0 or negative errno */
int run_policies_keep(struct arena *arena, const struct session *session, const struct policy_set *set,
	struct error *err);

/**
 * run_policies_load() - read policy.json
 * @arena:   owns the set
 * @session: open
 * @ret:     sealed; its digest is its own
 * @err:     what is wrong with it
 *
 * Errors: -ENOENT the session has none: it never came so far, or an older cordon started it; others as
 * policy_set_read() and from the kernel.
 * Return: 0 or negative errno.
 */
int run_policies_load(struct arena *arena, const struct session *session, struct policy_set *ret,
	struct error *err);
