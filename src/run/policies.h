/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policies.h - the policies of a session: read from where its configuration says, and kept in its directory
 *
 *	configuration --run_policies_read()--> struct policy_set --run_policies_keep()--> SESSION/policy.json
 *	SESSION/policy.json --run_policies_load()--> struct policy_set --policy_engine_new()--> who answers
 *
 * They are read when a session starts, and again by `cordon policy reload`; whatever happens to the files in
 * between is of no account. What judges is always what is kept, and only where its digest is the one that the
 * ledger had before: in its first record, or in that of the last reload. Who named a file or a module decides
 * its layer (policy/set.h):
 *
 *	user		the user, flags, profiles; files that the user or root wrote, and not everybody may write
 *	organisation	/etc/cordon/policy.jsonc; files that root wrote; the organisation's own parameters alone, so
 *			that a user's do not soften its modules
 *	project		the project's file, trusted or not; opened below the workspace on the host, no link
 *			followed. An agent cannot write them, since what it writes is in the branch; what a commit
 *			brought was judged, and counts from the next session on. They only add.
 *
 * The parameters are the member cordon.params of a layer's data. Where the configuration has an OPA answer,
 * the set says which, and the user's layer only adds (run/opa.h).
 */
#pragma once

#include "config/config.h"
#include "ledger/ledger.h"
#include "policy/revision.h"
#include "policy/shipped.h"
#include "session/session.h"

enum {
	/* for the arena of a set: its texts, and its document */
	RUN_POLICIES_ARENA_BYTES = 6 * POLICY_SET_BYTES_MAX,
};

struct run_policies_options {
	const struct config *config;
	const char *workspace;		/* absolute, clean, without links */
	/* told what was left out of a directory; may be NULL */
	void (*note)(void *context, const char *text);
	void *context;
};

/**
 * run_policies_read() - read what judges a session, as it is now
 * @arena:   owns the set; see RUN_POLICIES_ARENA_BYTES
 * @options: borrowed
 * @ret:     sealed; of cordon's own modules it has no texts (policy_shipped_fetch())
 * @ret_bundles: those of them that were verified, owned by @arena
 * @err:     which source, and what is wrong with it
 *
 * Errors: as policy_sources_add() and its like (policy/sources.h), and policy_set_seal().
 * Return: 0 or negative errno.
 */
int run_policies_read(struct arena *arena, const struct run_policies_options *options, struct policy_set *ret,
	struct policy_bundles *ret_bundles, struct error *err);

/* Which document of a session it becomes. */
enum run_policies_place {
	RUN_POLICIES_FIRST,		/* policy.json, of a session that has none */
	RUN_POLICIES_NEXT,		/* beside that of another set, which judges */
};

/**
 * run_policies_keep() - make the document of a set
 * @arena:       scratch, and owns the texts that are fetched
 * @state_dirfd: where documents of earlier sessions are
 * @session:     open
 * @set:         sealed; gets its texts where they are needed
 * @place:       which document
 * @err:         what failed
 *
 * Errors: as policy_shipped_fetch() and from the kernel; -EMSGSIZE over POLICY_SET_BYTES_MAX.
 * Return: 0 or negative errno.
 */
int run_policies_keep(struct arena *arena, int state_dirfd, const struct session *session,
	struct policy_set *set, enum run_policies_place place, struct error *err);

/**
 * run_policies_is_shared() - whether an earlier session's document is there, whole, so that none has to be
 * written
 */
bool run_policies_is_shared(int state_dirfd, const struct digest *digest);

/**
 * run_policies_write() - write the document of a set, to the disk
 * @arena: scratch
 * @set:   sealed, with its texts
 * @fd:    open for writing, empty
 *
 * Errors: -EMSGSIZE over POLICY_SET_BYTES_MAX; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_policies_write(struct arena *arena, const struct policy_set *set, int fd);

/** run_policies_draft() - begin a document that has no place yet; Return: a descriptor or negative errno */
int run_policies_draft(const struct session *session);

/** run_policies_drop_draft() - nothing comes of it; legal where there is none */
void run_policies_drop_draft(const struct session *session);

/**
 * run_policies_take_draft() - it is whole, or was not needed: give it its place
 * @state_dirfd: where documents of earlier sessions are
 * @session:     open
 * @digest:      of its set
 * @place:       which document it becomes
 * @err:         what failed
 *
 * Return: 0 or negative errno.
 */
int run_policies_take_draft(int state_dirfd, const struct session *session, const struct digest *digest,
	enum run_policies_place place, struct error *err);

/**
 * run_policies_take_next() - it is recorded: it takes its place; Return: 0 or negative errno: until then it
 * is found where it is
 */
int run_policies_take_next(const struct session *session, const struct digest *digest);

/** run_policies_sweep() - remove documents that no session has any more; Return: 0 or negative errno */
int run_policies_sweep(int state_dirfd, struct error *err);

/**
 * run_policies_recorded() - what the ledger of a session says that judges it
 * @state_dirfd: borrowed
 * @session:     its id
 * @ret:         the digest of its first record, or of that of the last reload
 * @err:         what is wrong with the ledger
 *
 * Errors: -ENOENT it names none: the session never came so far, or an older cordon started it; -EBADMSG,
 * -EKEYREJECTED a line of it was changed; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_policies_recorded(int state_dirfd, const char *session, struct digest *ret, struct error *err);

/**
 * run_policies_load() - read what is kept
 * @arena:    owns the set
 * @session:  open
 * @recorded: the digest that it must have
 * @ret:      sealed, with its texts
 * @err:      what is wrong with it
 *
 * Errors: -ENOENT there is nothing; -EBADMSG it is another set, or none; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_policies_load(struct arena *arena, const struct session *session, const struct digest *recorded,
	struct policy_set *ret, struct error *err);

/**
 * run_policies_mend() - what is kept is damaged or gone: write it again
 * @session:  open, with its configuration in @config
 * @config:   that it was started with
 * @ledger:   of the session: it is recorded there before it takes its place
 * @recorded: the digest that it must have
 * @why:      what is wrong with what is kept, for the record
 * @err:      what failed
 *
 * Nothing of what is kept is used. What came with cordon is taken from there, files are read anew by
 * cordon-checker, and only a set with the very same digest is taken: then it is what the session began with.
 *
 * Blocks: for the checker, CHECKER_PATIENCE_MS at most.
 * Errors: -ESTALE the files, or cordon's own modules, are other ones by now; else as run_policies_read(),
 * checker_read() and ledger_append().
 * Return: 0 or negative errno.
 */
int run_policies_mend(const struct session *session, const struct config *config, struct ledger *ledger,
	const struct digest *recorded, const struct error *why, struct error *err);
