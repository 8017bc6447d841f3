/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - one run of one agent, as a directory that outlives its processes
 *
 * Everything about a session lives in `<state>/sessions/ID` (0700), where <state> is $XDG_STATE_HOME/cordon;
 * the format of session.json stands in docs/formats/session.md. The supervisor writes it while it lives;
 * afterwards any cordon command may, holding the session's lock. Reading needs no lock: the file is replaced
 * as a whole.
 *
 * A session whose supervisor is gone although its state says otherwise was cut off: session_is_orphan()
 * tells, and its branch is as good as a held one.
 *
 * Who owns what: `struct session` owns its directory descriptor and, when taken, its lock; all text is the
 * arena's.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/progress.h"
#include "json/json.h"

#include <stdbool.h>
#include <sys/types.h>

enum session_state {
	SESSION_INVALID,
	SESSION_CREATING,
	SESSION_RUNNING,
	SESSION_STOPPED,
	SESSION_HELD,
	SESSION_COMMITTED,
	SESSION_ROLLED_BACK,
};

enum {
	SESSION_ID_LEN = 8,
	SESSION_ROOTS_MAX = 64,
	SESSION_PORTS_MAX = 16,
};

/*
 * A directory that the agent may write: its branch's storage is on the same file system wherever that can be.
 */
struct session_root {
	const char *path;		/* absolute, clean, on the host */
	/* absolute directory that holds upper/ and work/, or copy/ and names; NULL where live */
	const char *storage;
	bool live;			/* written straight through: no branch */
};

/* A port of the sandbox that can be reached at one of this machine's loopback while the session runs. */
struct session_port {
	uint16_t port, host_port;
};

struct session {
	struct arena *arena;		/* borrowed */
	char id[SESSION_ID_LEN + 1];
	const char *path;		/* the session directory, absolute */
	int dirfd;			/* owned */
	int lock_fd;			/* owned; -1: not locked */

	enum session_state state;
	const char *workspace;
	const char *profile;
	const char *level;		/* of isolation; NULL: "namespaces" */
	const char *const *argv;	/* argc entries and a NULL */
	size_t argc;
	uint64_t created_ns, ended_ns;	/* since the epoch; ended 0: not yet */
	int exit_code;			/* the agent's; -1: none yet */
	pid_t supervisor_pid;
	/* its start time in clock ticks since boot, so that a reused pid is noticed */
	uint64_t supervisor_start;
	uid_t user_uid, agent_uid;	/* who started it; whom the agent's files belong to on disk */
	gid_t user_gid, agent_gid;
	struct session_root roots[SESSION_ROOTS_MAX];
	size_t root_count;
	struct session_port ports[SESSION_PORTS_MAX];
	size_t port_count;
	/* who is told how far something long is that is done about it; NULL: nobody; borrowed, not saved */
	const struct progress *progress;
};

/** session_state_name() - "creating", ..., "rolled-back" */
const char *session_state_name(enum session_state state);

/**
 * session_init() - an empty session without a directory
 * @session: initialised; session_fini() is legal from here on
 * @arena:   owns every text; borrowed
 */
void session_init(struct session *session, struct arena *arena);

/** session_fini() - close the directory and drop the lock */
void session_fini(struct session *session);

/**
 * session_create() - a new id and its directory, in state "creating"
 * @session: initialised; workspace, argv, ids and roots may be filled in before the first session_save()
 * @state_dir: from dirs_find(DIRS_STATE)
 * @err:     what failed
 *
 * The id is random and unique in @state_dir. Nothing is written but the empty directory.
 *
 * Return: 0 or negative errno.
 */
int session_create(struct session *session, const char *state_dir, struct error *err);

/**
 * session_preview() - fill in the id and path of a session that is only thought of; nothing is created;
 * Return: 0 or negative errno
 */
int session_preview(struct session *session, const char *state_dir, struct error *err);

/**
 * session_open() - an existing session
 * @session:   initialised
 * @state_dir: as above
 * @id:        a whole id or a prefix that only one session has
 * @err:       says also which sessions a short prefix could mean
 *
 * Errors: -ENOENT no such session; -EEXIST the prefix is ambiguous; -EBADMSG session.json is damaged.
 * Return: 0 or negative errno.
 */
int session_open(struct session *session, const char *state_dir, const char *id, struct error *err);

/**
 * session_read() - fill in what session.json says
 * @session: initialised; its id is that of the directory, whatever the file says
 * @text:    of the file
 * @err:     what is wrong with it
 *
 * What may be missing has its default; what is there has to fit. After a failure no member but the id means
 * anything.
 *
 * Errors: -EBADMSG no such document; -EPROTONOSUPPORT of another version; -EMSGSIZE over the arena's limit.
 * Return: 0 or negative errno.
 */
int session_read(struct session *session, struct str text, struct error *err);

/**
 * session_save() - write session.json; a reader sees what was or what is, never a part; Return: 0 or negative
 * errno
 */
int session_save(struct session *session, struct error *err);

/** session_set_state() - change the state and save; Return: 0 or negative errno */
int session_set_state(struct session *session, enum session_state state, struct error *err);

/**
 * session_lock() - take the session for a change that must not meet another
 * @session: open; unlocked by session_fini(); read again, since it may have changed until now
 * @err:     says who is at it
 *
 * Errors: -EBUSY another cordon command holds it, or its supervisor lives; as session_open().
 * Return: 0 or negative errno.
 */
int session_lock(struct session *session, struct error *err);

/** session_claim() - name the calling process as the supervisor; takes effect with session_save() */
void session_claim(struct session *session);

/** session_is_alive() - whether its supervisor still runs */
bool session_is_alive(const struct session *session);

/** session_is_orphan() - whether its supervisor vanished before it could settle the session */
bool session_is_orphan(const struct session *session);

/** session_to_json() - the public form; NULL when the arena is full */
const struct json *session_to_json(const struct session *session);

/** session_ports_to_json() - its published ports, as they stand there; NULL when the arena is full */
const struct json *session_ports_to_json(struct arena *arena, const struct session *session);

/* ---- all sessions (list.c) ---- */

/**
 * session_ids() - every session of the user, oldest name first
 * @arena:     owns the list
 * @state_dir: as above
 * @ret:       ids, sorted bytewise
 * @ret_count: how many
 * @err:       what failed
 *
 * Return: 0 (also where there is no directory yet) or negative errno.
 */
int session_ids(struct arena *arena, const char *state_dir, const char *const **ret, size_t *ret_count,
	struct error *err);

/** session_exists() - whether a whole id is that of a session; a prefix is not */
bool session_exists(struct arena *arena, const char *state_dir, const char *id);

/** session_ids_in() - the same of a directory whose names are ids; Return: as session_ids() */
int session_ids_in(struct arena *arena, const char *path, const char *const **ret, size_t *ret_count,
	struct error *err);

/**
 * session_latest() - the newest session of a workspace
 * @session:   initialised; opened on success
 * @state_dir: as above
 * @workspace: absolute clean path; NULL for any
 * @wanted:    bit (1 << enum session_state) of each state that counts
 * @err:       what failed
 *
 * Errors: -ENOENT there is none.
 * Return: 0 or negative errno.
 */
int session_latest(struct session *session, const char *state_dir, const char *workspace, unsigned wanted,
	struct error *err);
