/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.h - what this host can do for a sandbox
 *
 * Two halves that meet in `struct jail_facts`, plain bytes without pointers:
 *
 *	jail_probe_host()	tries things, each in a child of its own, and writes down what happened. It makes
 *				namespaces, so only the launcher holds it: what it may do is what a session may do.
 *	jail_probe_judge()	says what the facts mean: a state, words for a person, and a remedy. It is pure.
 *
 * A probe does what a session does, with the same functions wherever there is one: a view of one step is
 * built, access rules and filters are installed, groups are made. Version numbers decide nothing.
 *
 * Facts and states begin at zero with the answer that promises nothing.
 */
#pragma once

#include "jail/limits.h"

enum {
	JAIL_FACTS_VERSION = 2,
	JAIL_FD_FACTS = 3,		/* of the launcher, when it is the prober */
	JAIL_PROBE_TEXT_SIZE = 256,
	JAIL_PROBE_REMEDY_SIZE = 400,
	JAIL_RELEASE_SIZE = 65,
	JAIL_LABEL_SIZE = 128,
};

/* What it means when a probe finds nothing. */
enum jail_need {
	JAIL_NEED_SESSION,		/* no session starts */
	JAIL_NEED_PROMISE,		/* sessions start, and a promise is not kept in full */
	JAIL_NEED_NETWORK,		/* sessions without a network start, and lack nothing */
	JAIL_NEED_KNOW,			/* explains the others, decides nothing */
};

/*
 * X(PROBE, need, name, what it is for), in the order in which they are shown. The name is what --json and
 * documents call it.
 */
#define JAIL_PROBES(X) \
	X(USER_NAMESPACE, SESSION, "user-namespace", "a sandbox without root's rights") \
	X(NAMESPACES, SESSION, "namespaces", "own mounts, processes, network, IPC, names, cgroups") \
	X(TIME_NAMESPACE, SESSION, "time-namespace", "a clock of uptime that tells nothing") \
	X(PIDFD, SESSION, "pidfd", "processes ended without mistaking one for another") \
	X(MOUNT_API, SESSION, "mount-api", "a file view that is finished before anybody sees it") \
	X(FRESH_PROC, SESSION, "fresh-proc", "a /proc that shows the sandbox alone") \
	X(PRIVATE_PTS, SESSION, "private-pts", "terminals of its own") \
	X(OPENAT2, SESSION, "openat2", "paths that no planted link can bend") \
	X(IDMAPPED_MOUNT, SESSION, "idmapped-mount", "root's files, seen by an agent that is not root") \
	X(OVERLAY, SESSION, "overlay", "the branch that takes all writes") \
	X(NO_NEW_PRIVS, SESSION, "no-new-privs", "setuid programs that gain nothing") \
	X(LANDLOCK, SESSION, "landlock", "a second line around files, TCP, sockets, signals") \
	X(SECCOMP, SESSION, "seccomp", "system calls, refused unless listed") \
	X(SECCOMP_NOTIFY, SESSION, "seccomp-notify", "refused calls in the ledger, renames completed") \
	X(TASK_MEMORY, PROMISE, "task-memory", "renames of the project's directories") \
	X(MEMFD_SEALS, SESSION, "memfd-seals", "plans that nobody can change any more") \
	X(STATE_DIR, SESSION, "state-dir", "sessions, branches and ledgers") \
	X(EXCHANGE, PROMISE, "exchange", "commits that swap files in one step") \
	X(CGROUPS, SESSION, "cgroups", "limits that count the sandbox as a whole") \
	X(TPROXY, NETWORK, "tproxy", "a network for programs that know no proxy") \
	X(SOCK_DIAG, NETWORK, "sock-diag", "which program asked, in the ledger") \
	X(SUBUID, KNOW, "subuid", "an id of its own for root's agents") \
	X(USERNS_CLONE, KNOW, "userns-clone", "kernel.unprivileged_userns_clone") \
	X(USERNS_MAX, KNOW, "userns-max", "user.max_user_namespaces") \
	X(USERNS_APPARMOR, KNOW, "userns-apparmor", "kernel.apparmor_restrict_unprivileged_userns") \
	X(PTRACE_SCOPE, KNOW, "ptrace-scope", "kernel.yama.ptrace_scope")

enum jail_probe {
#define JAIL_PROBE_VALUE(probe, need, name, purpose) JAIL_PROBE_##probe,
	JAIL_PROBES(JAIL_PROBE_VALUE)
#undef JAIL_PROBE_VALUE
	JAIL_PROBE_COUNT,
};

enum jail_outcome {
	JAIL_OUTCOME_UNTRIED,		/* something that it stands on failed */
	JAIL_OUTCOME_FAILED,		/* @error */
	JAIL_OUTCOME_KILLED,		/* @value: the signal that ended the child that tried */
	JAIL_OUTCOME_HUNG,		/* no answer in time */
	JAIL_OUTCOME_ABSENT,		/* there is no such thing here, and none is needed */
	JAIL_OUTCOME_DONE,
};

struct jail_fact {
	enum jail_outcome outcome;
	int error;			/* negative errno */
	int64_t value;			/* a version, a setting, the first id of a range */
	char text[JAIL_PROBE_TEXT_SIZE];	/* what the failing step said, or what is there; quoted */
};

struct jail_facts {
	uint32_t version;		/* JAIL_FACTS_VERSION: both ends are of one build */
	bool is_complete;		/* all were tried */
	bool is_root;			/* the prober's user */
	bool is_nested;			/* this user namespace knows only some of the ids: a container's */
	bool is_agent_unknown;		/* among them are not the agent's */
	bool is_container_root;		/* the agent is root of that container, and somebody else inside */
	char release[JAIL_RELEASE_SIZE];	/* of the kernel; "" unknown */
	/* the AppArmor profile whose rules hold the prober, quoted; "" none */
	char confined_by[JAIL_LABEL_SIZE];
	enum jail_mechanism by[JAIL_LIMIT_COUNT];	/* who would enforce each limit */
	struct jail_fact items[JAIL_PROBE_COUNT];
};

/* ---- trying (probe_host.c, probe_try.c) ---- */

struct jail_probe_inputs {
	struct jail_identity identity;	/* that an agent would get */
	/* real paths of existing directories */
	const char *state;		/* at or above the state directory */
	const char *storage;		/* at or above the place of a branch */
	const char *workspace;		/* the base of a branch; "": none */
};

/**
 * jail_probe_host() - try everything
 * @inputs:  who and where
 * @ret_fd:  a file that *@facts are written to after each probe, so that a crash leaves what was found; -1:
 *           none
 * @facts:   set
 *
 * Blocks: about 100 ms; a probe that hangs is given up after some seconds. Makes a directory in
 * @inputs->state and one in @inputs->storage, and removes them again. Changes nothing of the calling process.
 */
void jail_probe_host(const struct jail_probe_inputs *inputs, int ret_fd, struct jail_facts *facts);

/**
 * jail_probe_settings() - only read what the host's settings say about user namespaces, who asks, and under
 * which rules
 */
void jail_probe_settings(struct jail_facts *facts);

/* ---- judging (probe.c) ---- */

enum jail_state {
	JAIL_STATE_UNTRIED,
	JAIL_STATE_MISSING,
	JAIL_STATE_DEGRADED,		/* there, but less than there could be; the detail says what */
	JAIL_STATE_OK,
};

struct jail_row {
	enum jail_probe probe;
	const char *name, *purpose;
	enum jail_need need;
	enum jail_state state;
	char detail[JAIL_PROBE_TEXT_SIZE];
	char remedy[JAIL_PROBE_REMEDY_SIZE];	/* "" where there is nothing to do */
};

struct jail_report {
	struct jail_row rows[JAIL_PROBE_COUNT];
};

/**
 * jail_probe_judge() - what the facts mean
 * @facts: any bytes that jail_probe_host() wrote
 * @ret:   set
 */
void jail_probe_judge(const struct jail_facts *facts, struct jail_report *ret);

/** jail_state_name() - "untried", "missing", "degraded", "ok" */
const char *jail_state_name(enum jail_state state);

/* What a session of some limits can count on here. */
enum jail_promise {
	JAIL_PROMISE_NONE,		/* it does not start */
	JAIL_PROMISE_WEAKER,		/* it starts, and something is not kept in full */
	JAIL_PROMISE_FULL,
};

struct jail_outlook {
	enum jail_promise promise;
	bool lacks[JAIL_PROBE_COUNT];	/* the rows that stand in the way */
	bool weak_limits[JAIL_LIMIT_COUNT];	/* set, and not kept by the kernel in full */
};

/**
 * jail_probe_promise() - what a session could count on
 * @facts:  as above
 * @report: what jail_probe_judge() made of them
 * @limits: of the session's configuration
 * @ret:    set
 */
void jail_probe_promise(const struct jail_facts *facts, const struct jail_report *report,
	const struct jail_limits *limits, struct jail_outlook *ret);

/**
 * jail_probe_level() - whether sessions of a level of isolation start here
 * @facts:     as above
 * @report:    what jail_probe_judge() made of them
 * @level:     which
 * @ret_lacks: the rows that stand in the way; none where it is root that the level is not for
 *
 * Return: true where they do.
 */
bool jail_probe_level(const struct jail_facts *facts, const struct jail_report *report, enum jail_level level,
	bool ret_lacks[JAIL_PROBE_COUNT]);

/** jail_promise_name() - "none", "weaker", "full" */
const char *jail_promise_name(enum jail_promise promise);
