/* SPDX-License-Identifier: Apache-2.0 */
/*
 * messages.h - what supervisor, launcher and init say to each other
 *
 * A message is one packet of a channel (loop/channel.h): its type is the kind, its payload the id and the
 * kind's body, descriptors come beside it. The launcher gets its end of the channel as descriptor 3
 * (JAIL_FD_CONTROL); init inherits it, so both write to it. All of them are our own code from one build:
 * bodies are the structs themselves, and a payload that does not fit its kind ends the connection.
 *
 * A session, seen from the supervisor:
 *
 *	-> BEGIN	the plan and what the agent inherits; before it the launcher only waits, and when the
 *			connection ends without it, leaves without a word
 *	-> GO		at any time after it: what must be on record before the agent's first instruction is;
 *			init builds the sandbox without it, and waits for it then
 *	<- CREATED	the namespaces exist; descriptor: a pidfd of PID 1
 *	<- NETWORK	only with plan.gateway: its listening sockets
 *	<- DIAG		likewise, where the kernel has one: whom a connection is of
 *	<- TTY		only with a terminal: its master end
 *	<- LISTENER	only with plan.notify: the agent's seccomp notifications
 *	<- STARTED	the agent's exec succeeded
 *	   ... STOPPED, CONTINUED, EXITED, RENAMED, TOUCHED in any number;
 *	-> SIGNAL, EXEC, RENAME, TOUCH, END at any time ...
 *	<- EXITED 0	the agent is gone; init ends what is left of the sandbox by itself
 *	<- GONE		no process of the sandbox exists any more: the branch may be read
 *
 * or FAILED at any point before STARTED, followed by GONE where CREATED came. After EXITED for id 0, init
 * reads no more messages. End of file without GONE means that the launcher was killed; its death kills the
 * sandbox.
 *
 * Commands have ids: 0 is the plan's own, others are chosen by the supervisor in EXEC. EXEC answers with TTY,
 * LISTENER and STARTED or FAILED of that id, and a CREATED never comes again.
 */
#pragma once

#include "base/error.h"
#include "jail/plan.h"
#include "loop/channel.h"

enum {
	JAIL_FD_CONTROL = 3,
	JAIL_RENAME_PATH_MAX = 4096,	/* with the NUL */
};

/* X(KIND, body, descriptors: exactly n, or -1 where the kind's comment says) */
#define JAIL_MESSAGES(X) \
	X(CREATED, created, 1)		/* to the supervisor: a pidfd of PID 1 */ \
	X(FAILED, failed, 0) \
	X(NETWORK, nothing, -1)		/* sockets of the sandbox's network, as in jail/network.h */ \
	X(DIAG, nothing, 1)		/* to ask about the sandbox's sockets (jail/diag.h) */ \
	X(SOCKETS, nothing, -1)		/* unconnected, of TCP, of the sandbox's network: ways in */ \
	X(TTY, nothing, 1)		/* master */ \
	X(LISTENER, nothing, 1)		/* seccomp listener */ \
	X(STARTED, started, 0) \
	X(STOPPED, stopped, 0) \
	X(CONTINUED, nothing, 0) \
	X(EXITED, exited, 0) \
	X(RENAMED, renamed, 0) \
	X(TOUCHED, touched, 0) \
	X(GONE, gone, 0) \
	X(BEGIN, nothing, -1)		/* to the launcher; memfd: the plan; then each JAIL_STDIO_INHERIT */ \
	X(GO, nothing, 0)		/* to init: execute the plan's command */ \
	X(SIGNAL, signal, 0)		/* to init */ \
	X(EXEC, nothing, -1)		/* memfd: jail_command_to_json(); then each JAIL_STDIO_INHERIT */ \
	X(RENAME, rename, 2)		/* O_PATH directories that `from` and `to` start at */ \
	X(TOUCH, touch, 1)		/* O_PATH: what `path` starts at, or the file where there is none */ \
	X(MAKE_SOCKETS, nothing, 0)	/* to init, where there is a gateway: some SOCKETS */ \
	X(END, nothing, 0)		/* kill everything and leave */

enum jail_message_kind {
	JAIL_MESSAGE_INVALID,
#define JAIL_MESSAGE_VALUE(kind, member, fds) JAIL_MESSAGE_##kind,
	JAIL_MESSAGES(JAIL_MESSAGE_VALUE)
#undef JAIL_MESSAGE_VALUE
	JAIL_MESSAGE_KIND_COUNT,
};

/* Who enforces a limit; the ledger says so. */
enum jail_mechanism {
	JAIL_BY_NOBODY,			/* nobody set this limit */
	JAIL_BY_CGROUP2,
	JAIL_BY_CGROUP1,
	JAIL_BY_RLIMIT,			/* of the whole sandbox (pids), or of each process */
	JAIL_BY_AFFINITY,		/* fewer CPUs, rounded up */
	/* who looks at jail_usage_read() now and then; each process has an rlimit, too */
	JAIL_BY_SUPERVISOR,
};

struct jail_nothing {
};

struct jail_created {
	int32_t pid;			/* of PID 1, in the launcher's pid namespace */
	int32_t landlock_abi;
	uint32_t mechanisms[JAIL_LIMIT_COUNT];	/* enum jail_mechanism */
};

enum jail_stage {
	JAIL_STAGE_SETUP,		/* the sandbox could not be made: cordon failed */
	/* the program could not be executed: error.code is what execve(2) said */
	JAIL_STAGE_EXEC,
};

struct jail_failed {
	uint32_t stage;			/* enum jail_stage */
	struct error error;
};

struct jail_started {
	int32_t pid;			/* in the sandbox */
};

struct jail_stopped {
	int32_t signal;
};

struct jail_exited {
	int32_t code;			/* 0..255 as a shell has it: 128+n for signal n */
	int32_t signal;			/* n, or 0 */
	bool core;			/* it would have dumped core */
};

struct jail_renamed {
	uint64_t cookie;
	/* 0, negative errno, or JAIL_RENAME_CONTINUE: the kernel can do it alone */
	int32_t result;
};

enum {
	JAIL_RENAME_CONTINUE = 1,
};

/* What became of a TOUCH. */
struct jail_touched {
	uint64_t cookie;
	int32_t number;			/* of the call, as it came */
	int32_t result;			/* 0 or negative errno */
	/* the file, where it was refused since it is not the session's own; else empty */
	char path[JAIL_RENAME_PATH_MAX];
};

/* What the kernel counted while the sandbox was there. */
struct jail_gone {
	/* by a control group: processes killed, forks refused */
	uint64_t refused_counts[JAIL_LIMIT_COUNT];
	uint64_t throttled_ns;		/* that a control group made it wait for processors */
	uint64_t cpu_ns;		/* that all of it used */
};

struct jail_signal {
	int32_t signal;			/* to the command's process group */
};

enum jail_touch_kind {
	JAIL_TOUCH_MODE,
	JAIL_TOUCH_TIMES,
};

/* One chmod(2) or utimensat(2) of an agent's task, to be done on its behalf; TOUCHED is the answer. */
struct jail_touch {
	uint64_t cookie;
	int32_t number;			/* of the call; these two come back in TOUCHED */
	uint32_t kind;			/* enum jail_touch_kind */
	uint32_t mode;
	struct timespec times[2];	/* as for utimensat(2) */
	bool follows;			/* a symbolic link at the end */
	char path[JAIL_RENAME_PATH_MAX];
};

/*
 * One rename(2) of an agent's task, to be done on its behalf. Absolute paths do not look at their descriptor.
 */
struct jail_rename {
	uint64_t cookie;		/* comes back in RENAMED */
	uint32_t flags;			/* of renameat2(2) */
	char from[JAIL_RENAME_PATH_MAX];
	char to[JAIL_RENAME_PATH_MAX];
};

struct jail_message {
	uint32_t kind;			/* enum jail_message_kind */
	uint32_t id;			/* of the command; 0 where the kind is not about one */
	union {
		struct jail_nothing nothing;
		struct jail_created created;
		struct jail_failed failed;
		struct jail_started started;
		struct jail_stopped stopped;
		struct jail_exited exited;
		struct jail_renamed renamed;
		struct jail_touched touched;
		struct jail_gone gone;
		struct jail_signal signal;
		struct jail_rename rename;
		struct jail_touch touch;
	};
};

/** jail_message_name() - "CREATED", ... */
const char *jail_message_name(enum jail_message_kind kind);

/** jail_mechanism_name() - "none", "cgroup2", ... as the ledger has it */
const char *jail_mechanism_name(enum jail_mechanism mechanism);

/**
 * jail_message_send() - one message through a channel, queued where it must wait
 * @channel:  open
 * @message:  kind, id and the kind's body
 * @fds:      descriptors of the kind, borrowed
 * @fd_count: as the kind demands
 *
 * Return: as channel_send().
 */
int jail_message_send(struct channel *channel, const struct jail_message *message, const int *fds,
	size_t fd_count);

/**
 * jail_message_post() - one message from a process that has no loop
 * @fd:       the channel's descriptor
 * @message:  as above
 * @fds:      as above
 * @fd_count: as above
 *
 * Blocks: until the peer made room.
 * Return: 0 or negative errno from the kernel (-EPIPE: the peer is gone).
 */
int jail_message_post(int fd, const struct jail_message *message, const int *fds, size_t fd_count);

/**
 * jail_message_read() - what a channel's handler was given
 * @in:  from the channel; its descriptors stay there
 * @ret: the message, zero behind its body
 *
 * Errors: -EBADMSG not a message of ours: end the connection.
 * Return: 0 or negative errno.
 */
int jail_message_read(const struct channel_message *in, struct jail_message *ret);

/** jail_fail() - post FAILED with @err, whose code must be set; nobody is left to hear a second failure */
void jail_fail(int fd, uint32_t id, enum jail_stage stage, const struct error *err);
