/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.h - what a terminal and a supervisor say to each other
 *
 * `cordon run` talks to the supervisor that it started over a socketpair; later commands (attach, exec, stop)
 * connect to `control.sock` in the session directory, which only the user can reach, and are checked by
 * SO_PEERCRED besides. Both are channels (loop/channel.h) with the messages below. Small fixed payloads are
 * the structs here, native byte order: the peers are one installation on one machine. Everything else is
 * UTF-8 JSON or raw bytes, as said. What does not have exactly its form is refused, and every packet names
 * its version (CHANNEL_VERSION), which changes with anything here: a session that an older cordon started can
 * be stopped and attached to by that one only.
 *
 * A peer that is attached is a viewer: it gets what the program prints. The agent's program may have any
 * number of them, one of `cordon exec` has the peer that asked for it. Viewers come and go (DETACH, or the
 * connection just ends) while the agent goes on; a program of `cordon exec` hears a hang-up when its viewer
 * is gone without DETACH.
 *
 * The agent never has either end: neither socket is visible in the sandbox.
 */
#pragma once

#include "json/json.h"

enum control_type {
	CONTROL_INVALID,

	/* command to supervisor */
	/* `cordon run` only, once; memfd: JSON, docs/formats/session.md "request" */
	CONTROL_RUN,
	/*
	 * struct control_attach: wants output and the end; of the program that the peer asked for, or else of
	 * the agent
	 */
	CONTROL_ATTACH,
	CONTROL_DETACH,			/* nothing: this peer says no more, and its program goes on */
	CONTROL_INPUT,			/* bytes for the pty; not of a viewer that only reads */
	CONTROL_RESIZE,			/* struct control_size */
	CONTROL_SIGNAL,			/* struct control_signal, for the peer's own command */
	CONTROL_CONTINUE,		/* the user's shell put us into the foreground again */
	CONTROL_STOP,			/* struct control_stop: end the session */
	/* JSON, struct control_command; descriptors: the peer's own 0, 1, 2 */
	CONTROL_EXEC,

	/* supervisor to command */
	/* JSON {id, pid}: the program runs; to a viewer that joins later at once */
	CONTROL_STARTED,
	CONTROL_OUTPUT,			/* bytes of the pty */
	/* struct control_signal: job control stopped it; to the viewer that typed last */
	CONTROL_SUSPENDED,
	/* struct control_exit: the program ended; for a session, settling follows */
	CONTROL_EXITED,
	CONTROL_NOTICE,			/* UTF-8 text, one line for the user's stderr */
	/*
	 * struct control_progress: how far something is that takes long, before the program runs or after it
	 * has ended. A peer that shuts down its sending side then wants no more of it, and hears how that
	 * ended.
	 */
	CONTROL_PROGRESS,
	/*
	 * JSON, docs/formats/session.md: how the session ended; the last message. One viewer alone is told to
	 * ask a person or to commit.
	 */
	CONTROL_SETTLED,
	CONTROL_FAILED,			/* struct control_failure: cordon itself failed; the last message */

	/* a command's question, and the supervisor's answer */
	CONTROL_RELOAD,			/* nothing: read the policies again */
	CONTROL_RELOADED,		/* JSON, docs/formats/session.md "reloaded" */
	CONTROL_RULES,			/* nothing: which rules has the session's network? */
	CONTROL_CHANGE_RULES,		/* JSON, run/rules_change.h */
	CONTROL_RULED,			/* memfd: JSON, docs/formats/session.md "rules" and "ruled" */
	/*
	 * struct control_serve: this peer is about to serve the session to other programs, for as long as
	 * this connection lasts
	 */
	CONTROL_SERVE,
	CONTROL_SERVED,			/* nothing: that is on record */
	CONTROL_TRAFFIC,		/* nothing: what has gone by the session's network? */
	CONTROL_TOLD_TRAFFIC,		/* struct control_traffic */
	CONTROL_TYPE_COUNT,
};

struct control_size {
	uint16_t rows, columns;		/* not 0 */
};

enum {
	CONTROL_WHAT_MAX = 64,		/* with the NUL */
};

enum control_attach_flags {
	CONTROL_ATTACH_READ_ONLY = 1,	/* neither its keys nor its window nor its signals count */
	CONTROL_ATTACH_TERMINAL = 2,	/* it has one: what it is sent is seen by a person */
	CONTROL_ATTACH_FLAGS = 3,	/* all of them */
};

struct control_attach {
	struct control_size size;
	uint32_t flags;
};

struct control_signal {
	int32_t signal;
};

struct control_stop {
	uint32_t grace_ms;		/* between TERM and KILL */
};

struct control_serve {
	uint16_t port;			/* of 127.0.0.1; not 0 */
};

struct control_exit {
	int32_t code;			/* 0..255, 128+n for signal n */
};

struct control_failure {
	int32_t exit_code;		/* that the command should leave with: 2, 125, 126 or 127; not 0 */
	struct error error;
};

struct control_progress {
	uint64_t done, total;		/* as of struct progress */
	char what[CONTROL_WHAT_MAX];
};

/* Since the session began; what a gateway that was lost had counted in its last two seconds is not in it. */
struct control_traffic {
	uint64_t open;			/* connections, now */
	uint64_t connections, requests;	/* that were let through */
	uint64_t sent_bytes, received_bytes;	/* by the sandbox */
};

/* A message that was read: its type, and the body where that type has one. */
struct control_message {
	unsigned type;			/* enum control_type */
	union {
		struct control_attach attach;
		struct control_size size;
		struct control_signal signal;	/* SIGNAL and SUSPENDED */
		struct control_stop stop;
		struct control_serve serve;
		struct control_exit exit;
		struct control_failure failure;
		struct control_progress progress;
		struct control_traffic traffic;
	};
};

/* A program that `cordon exec` wants to have run. */
struct control_command {
	const char *const *argv;	/* argc entries and a NULL; any bytes */
	size_t argc;			/* not 0 */
	struct control_size size;	/* of the terminal that it gets, where it gets one */
};

/**
 * control_read() - whether a packet is a message, and what its body is
 * @type:    of the packet
 * @payload: of the packet
 * @ret:     the message; what is JSON, text or bytes stays in @payload
 *
 * Which side may send it, and when, is for the receiver to say.
 *
 * Errors: -EBADMSG it has not exactly the form of its type, or there is no such type.
 * Return: 0 or negative errno.
 */
int control_read(unsigned type, struct str payload, struct control_message *ret);

/** control_command_to_json() - the payload of CONTROL_EXEC; NULL when the arena is full */
const struct json *control_command_to_json(struct arena *arena, const struct control_command *command);

/**
 * control_command_read() - read the payload of CONTROL_EXEC
 * @arena:   owns the words
 * @payload: of the message
 * @ret:     the command
 * @err:     what is wrong with it
 *
 * Errors: -EBADMSG not JSON; -EINVAL no such command; -EMSGSIZE over the arena's limit.
 * Return: 0 or negative errno.
 */
int control_command_read(struct arena *arena, struct str payload, struct control_command *ret,
	struct error *err);

/*
 * Descriptors that `cordon run` gives the supervisor at its start; 0 to 2 are /dev/null, /dev/null and its
 * stderr. The supervisor starts while the configuration is still being resolved, and waits for CONTROL_RUN; a
 * connection that ends before leaves nothing behind.
 */
enum control_fd {
	CONTROL_FD_CHANNEL = 3,
	CONTROL_FD_STDIO = 4,		/* 4, 5, 6: the user's own stdin, stdout, stderr */
	/* `cordon` itself, O_PATH: who commits where nobody is left to be told */
	CONTROL_FD_COMMAND = 7,
	CONTROL_FD_COUNT = 8,
};
