/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervisor.h - the process that owns a session
 *
 * One supervisor, one session, one loop. It creates the session's directory, ledger and branch, makes the
 * plan, starts the launcher, carries bytes and signals between the user and the sandbox, and when nothing of
 * the sandbox runs any more has the branch judged and settles it. If it dies, its launcher dies
 * (PR_SET_PDEATHSIG), and with it PID 1 of the sandbox and so the sandbox; the branch stays, and the next
 * cordon command finds an orphan.
 *
 *	open.c		request -> directory, ledger, branch, plan
 *	agent.c		what is known about the agent: recorded, and its settings imported
 *	policies.c	what judges: found out, kept, and found out again
 *	launch.c	plan -> launcher; what launcher and init report
 *	command.c	the programs of the session: the agent (0) and those of `cordon exec`
 *	watch*.c	limits: who enforces them, looking at those that nobody but us does, what was reached
 *	notify.c	what their seccomp listeners tell
 *	network.c	the way out: the gateway and what it reports; network_rules.c its rules, asker.c who asked
 *	published.c	its ways in: ports that are offered on this machine
 *	client.c	connections of terminals and commands, and what they ask for
 *	viewer.c	those of them that look at a program: what they see, and how fast
 *	viewer_record.c	who they were
 *	transcript.c	what the agent's terminal showed, on disk
 *	end.c		the end: judged, settled, told
 *
 * Order of evidence: what is about to happen is in the ledger before it happens; if it cannot be written, it
 * does not happen, and the session ends. A sandbox in which nothing is executed yet is built beside that.
 */
#pragma once

#include "jail/limits.h"
#include "jail/notify.h"
#include "ledger/ledger.h"
#include "loop/channel.h"
#include "policy/revision.h"
#include "roles/supervisor/asker.h"
#include "roles/supervisor/console.h"
#include "roles/supervisor/network.h"
#include "roles/supervisor/relay.h"
#include "roles/supervisor/served.h"
#include "roles/supervisor/watch.h"
#include "run/checker.h"
#include "run/git_identity.h"
#include "run/home.h"
#include "run/request.h"
#include "run/judge.h"
#include "session/control.h"
#include "session/session.h"
#include "term/backlog.h"

struct supervisor;

enum {
	SUPERVISOR_CLIENTS_MAX = 32,
	SUPERVISOR_COMMANDS_MAX = 64,
	SUPERVISOR_ARENA_BYTES = 512 << 20,
	SUPERVISOR_GRACE_MS = 5000,	/* between TERM and the end of the sandbox */
};

/* Why the agent ended; the words are the ledger's. */
enum end_reason {
	END_EXITED,
	END_SIGNALLED,
	END_STOPPED,
	END_LIMIT,
	END_LOST,
};

/* A program in the sandbox with its terminal and its redirections. Id 0 is the agent. */
struct command {
	struct supervisor *supervisor;
	struct list node;
	uint32_t id;
	uint64_t started_ns;		/* monotonic */
	pid_t pid;			/* inside the sandbox; 0: it has not started */
	bool has_started, has_exited;
	bool is_over;			/* of `cordon exec`: its terminal is told, and it is freed next */
	bool awaits_viewer;		/* nothing of its terminal is read before who asked for it looks */
	int code;			/* 0..255 */
	int signal;
	struct jail_notify notify;
	struct console console;
	struct term_filter terminal;	/* what it prints, read along: counted, and questions answered */
	struct term_cursor cursor;
	struct relay relays[3];
	int stdio_fds[3];		/* owned until handed over: what INHERIT stands for */
	enum jail_stdio stdio[3];
	struct backlog backlog;		/* for who looks later; has `terminal` read */
	struct control_size size;	/* of its terminal; 0: not known yet */
	struct loop_timer redraw, stall;
	/* borrowed; whose shell can continue it after job control stopped it; NULL: it is not stopped */
	struct client *suspended;
};

/* A connection from a terminal or a command of the user. */
struct client {
	struct supervisor *supervisor;
	struct list node;
	struct channel channel;
	struct command *command;	/* borrowed; NULL: only asks */
	bool is_first;			/* `cordon run` itself */
	bool had_command;		/* what it says of one that has ended is late, not wrong */
	bool is_viewer;			/* gets what the command prints */
	bool is_read_only;
	bool is_detached;		/* it said that it leaves */
	bool is_behind;			/* it reads too slowly: gets nothing until it has read what it has */
	bool was_behind;		/* ever */
	bool awaits_reload;		/* is told what becomes of it */
	struct rules_wait rules_wait;
	struct served served;
	uint64_t skipped_bytes, missed_bytes;	/* since it is behind, and before */
	uint32_t viewer_number;		/* in the ledger; 0: `cordon run` */
	size_t queue_seen_bytes;	/* at the last look */
	uint64_t typed_ns;		/* when it last typed something */
	struct control_size size;
};

/* Policies being read anew by somebody else. */
struct policy_reload {
	bool is_under_way;
	bool is_late;			/* killed, and not reaped yet */
	struct checker checker;
	struct loop_child child;
	struct loop_timer patience;
};

/* What the agent's terminal showed, on disk. */
struct transcript {
	int log_fd, times_fd;		/* owned; -1: not yet, or no more */
	bool has_begun;
	uint64_t log_bytes, times_bytes;
	uint64_t marked_bytes, marked_ns;	/* what the last line of console.times says */
};

struct supervisor {
	struct loop loop;
	struct arena arena;		/* lives as long as the session */
	struct arena scratch;		/* of one record or one message; reset by supervisor_record() */
	char *const *environment;
	struct run_request request;
	struct session session;
	struct ledger ledger;
	const char *state_dir;
	int state_dirfd;		/* owned */

	struct list commands, clients;
	size_t client_count, command_count;
	uint32_t last_id;
	uint32_t viewer_count;		/* that ever came, but for `cordon run` */
	struct loop_io listener;
	int listen_fd;			/* owned */
	int spare_fd;			/* owned: to hang up with where there is no other (client.c) */

	struct digest policies;		/* what judges besides the floor: that of policy.json */
	struct policy_bundles bundles;	/* of them, those that were verified */
	bool has_policies;
	struct policy_reload reload;
	struct run_opa *opa;		/* owned: who allows in their place; NULL: nobody does */

	struct jail_plan plan;
	struct str plan_text;		/* as the launcher was given it; in the arena */
	int launcher_pidfd;		/* owned */
	struct loop_child launcher;
	struct channel control;		/* to launcher and init */
	int init_pidfd;			/* owned: of the sandbox's PID 1 */

	struct network network;
	struct asker asker;
	struct loop_timer grace;
	struct watch watch;
	struct transcript transcript;
	uint64_t denied_count, refused_count;	/* calls of programs, and requests of clients */
	bool has_request;		/* `cordon run` said what it wants */
	bool has_begun;			/* the launcher has the plan */
	bool is_gone;			/* nothing of the sandbox runs */
	bool is_ending;
	enum end_reason reason;
	struct error failure;		/* why cordon itself failed; code 0: it did not */
	int failure_code;		/* exit code for it */

	struct progress progress;	/* of progress.c, which told somebody at told_ns */
	uint64_t told_ns;
	struct run_outcome outcome;	/* once it is settled */
	bool is_settled;
	bool is_told;			/* the last word is on its way */
	struct loop_timer farewell;
	size_t farewell_bytes;		/* that were on their way at the last look */
	struct loop_child committer;
	int committer_pidfd;		/* owned; -1: nobody commits for us */
};

/* ---- open.c ---- */

/**
 * supervisor_start() - from the request that @request_fd holds to a launched sandbox; a failure ends the
 * session
 */
void supervisor_start(struct supervisor *s, int request_fd);

/* ---- agent.c ---- */

/**
 * supervisor_record_agent() - say in the ledger what was added for a known agent; Return: 0 or negative errno
 */
int supervisor_record_agent(struct supervisor *s, const struct agent *agent, struct error *err);

/** supervisor_clear_home() - move aside what is in the way in the home; Return: 0 or negative errno */
int supervisor_clear_home(struct supervisor *s, const struct run_obstacles *obstacles, struct error *err);

/** supervisor_import() - what its file says of settings, once, recorded; Return: 0 or negative errno */
int supervisor_import(struct supervisor *s, const struct agent *agent, struct error *err);

/**
 * supervisor_name_committer() - let the agent's commits carry the user's name
 * @s:   with a plan
 * @ret: what was written into the private home, to be recorded; all NULL: nothing
 * @err: what failed
 *
 * Return: 0 or negative errno.
 */
int supervisor_name_committer(struct supervisor *s, struct run_git_identity *ret, struct error *err);

/** supervisor_record_author() - say so in the ledger; Return: 0 or negative errno */
int supervisor_record_author(struct supervisor *s, const struct run_git_identity *author, struct error *err);

/* ---- policies.c ---- */

/**
 * supervisor_find_policies() - find out what will judge, and keep it as policy.json
 * @s:   with a session
 * @err: which source, and what is wrong with it; mistakes are told at the terminal
 *
 * Return: 0 or negative errno.
 */
int supervisor_find_policies(struct supervisor *s, struct error *err);

/** supervisor_remember_policies() - the agent has started: which revisions are used */
void supervisor_remember_policies(struct supervisor *s);

/** supervisor_start_opa() - get ready to ask the server that allows, if any; Return: 0 or negative errno */
int supervisor_start_opa(struct supervisor *s, struct error *err);

/** supervisor_reload_policies() - find out anew, and swap, or keep what there is; @client hears of it */
void supervisor_reload_policies(struct client *client);

/** supervisor_forget_reload() - the session ends: what is not read by now does not count */
void supervisor_forget_reload(struct supervisor *s);

/* ---- launch.c ---- */

/** supervisor_prepare() - start the launcher, which waits for a plan; Return: 0 or negative errno */
int supervisor_prepare(struct supervisor *s, struct error *err);

/**
 * supervisor_begin() - hand the plan to the launcher: the sandbox is built, and nothing is executed in it
 * yet; Return: 0 or negative errno
 */
int supervisor_begin(struct supervisor *s, struct command *agent, struct error *err);

/** supervisor_launch() - record, then let the agent be executed; Return: 0 or negative errno */
int supervisor_launch(struct supervisor *s, struct command *agent, struct error *err);

/** supervisor_tell_init() - a message to PID 1; one that is lost ends it; Return: as channel_send() */
int supervisor_tell_init(struct supervisor *s, const struct jail_message *message, const int *fds,
	size_t fd_count);

/** supervisor_signal() - record and pass a signal to a command */
void supervisor_signal(struct supervisor *s, uint32_t id, int number, const char *why);

/** supervisor_listen() - serve a program's seccomp listener; @fd is owned; Return: 0 or negative errno */
int supervisor_listen(struct supervisor *s, struct command *command, int fd);

/** supervisor_stop_listening() - nothing runs any more: record what was not reported yet */
void supervisor_stop_listening(struct supervisor *s);

/** supervisor_stop() - TERM for the agent, and the end of everything after @grace_ms */
void supervisor_stop(struct supervisor *s, enum end_reason reason, uint32_t grace_ms);

/** supervisor_end_sandbox() - kill all of it at once */
void supervisor_end_sandbox(struct supervisor *s);

/* ---- command.c ---- */

/** command_new() - a program of the session, not started; never fails */
struct command *command_new(struct supervisor *s, uint32_t id);

/**
 * command_take_stdio() - decide how its descriptors 0, 1 and 2 are provided, and start the relays
 * @command: new
 * @fds:     the user's descriptors; each is taken from the array (and becomes -1 there)
 * @err:     what failed
 *
 * Return: 0 or negative errno.
 */
int command_take_stdio(struct command *command, int fds[3], struct error *err);

/** command_take_terminal() - its descriptors are its terminal, which nobody looks at yet */
void command_take_terminal(struct command *command);

/** command_has_terminal() - whether any of its descriptors is a terminal that can be looked at */
bool command_has_terminal(const struct command *command);

/** command_tell() - one message to everybody who has to do with it */
void command_tell(struct command *command, enum control_type type, const void *data, size_t len);

/** command_tell_json() - the same for a document */
void command_tell_json(struct command *command, enum control_type type, const struct json *value);

/** command_hand_over() - our copies of what the program inherited are closed, so that it alone holds them */
void command_hand_over(struct command *command);

/** command_drop_stdio() - end the relays and close what of the user's is still ours */
void command_drop_stdio(struct command *command);

/** command_is_drained() - whether all that it printed has been passed on */
bool command_is_drained(const struct command *command);

/** command_has_starter() - whether who started it is still connected: the redirections are theirs */
bool command_has_starter(const struct command *command);

/**
 * command_exit_code() - what its terminal is told; Return: the program's code, 125 where its output was lost
 */
int command_exit_code(const struct command *command);

/**
 * command_read_along() - it printed @text: count what a person's terminal is not sent, and answer the
 * questions that its own terminal has to answer
 */
void command_read_along(struct command *command, struct str text);

/** command_resize() - its window has another size */
void command_resize(struct command *command, struct control_size size);

/**
 * command_record_terminal() - it has ended: what was counted goes into the ledger, if anything was; Return: 0
 * or negative errno
 */
int command_record_terminal(struct command *command);

/** command_find() - by id; NULL where there is none */
struct command *command_find(struct supervisor *s, uint32_t id);

/** command_free() - close everything of it; Return: NULL */
struct command *command_free(struct command *command);

/* ---- client.c ---- */

/** client_new() - serve a connection; @fd is owned from here on; Return: the client, or NULL */
struct client *client_new(struct supervisor *s, int fd);

/** client_free() - Return: NULL */
struct client *client_free(struct client *client);

/** client_listen() - accept connections on control.sock; Return: 0 or negative errno */
int client_listen(struct supervisor *s, struct error *err);

/** client_stop_listening() - nobody else may connect; legal twice */
void client_stop_listening(struct supervisor *s);

/** client_send() - one message; what the peer does not take is lost */
void client_send(struct client *client, enum control_type type, const void *data, size_t len);

/** client_send_json() - the same for a document */
void client_send_json(struct client *client, enum control_type type, const struct json *value);

/** client_fail() - tell why what was asked for cannot be done */
void client_fail(struct client *client, const struct error *err);

/** client_notice() - a line for the users of the agent's terminals */
void client_notice(struct supervisor *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* ---- viewer.c ---- */

/**
 * viewer_attach() - a client looks from now on
 * @client:  no viewer yet; of the command that it asked for, or else of the agent
 * @message: its window and what it may do
 * @err:     why it cannot
 *
 * Errors: -ENOTTY the agent has no terminal.
 * Return: 0 or negative errno.
 */
int viewer_attach(struct client *client, const struct control_attach *message, struct error *err);

/** viewer_resize() - its window changed */
void viewer_resize(struct client *client, struct control_size size);

/** viewer_leave() - it looks no more; legal for one that never did */
void viewer_leave(struct client *client);

/** viewer_drained() - it has read everything that waited for it */
void viewer_drained(struct client *client);

/** viewer_print() - the console_fn of every command: its viewers see it */
void viewer_print(struct console *console, struct str text);

/** viewer_fit() - the program's terminal exists: give it its size */
void viewer_fit(struct command *command);

/** viewer_suspend() - job control stopped the program: somebody's shell takes over, or it goes on */
void viewer_suspend(struct command *command, int signal);

/**
 * viewer_owner() - who is asked what becomes of the session: its oldest viewer that may type; NULL: nobody
 */
struct client *viewer_owner(struct command *command);

/* ---- viewer_record.c ---- */

/**
 * viewer_record_attached() - a client is about to look at the agent's terminal
 * @client:  gets its number
 * @message: what it asked for
 * @err:     what failed
 *
 * Errors: from the kernel; as supervisor_record(), and then the session ends.
 * Return: 0 or negative errno; then it may not look.
 */
int viewer_record_attached(struct client *client, const struct control_attach *message, struct error *err);

/** viewer_record_skipped() - it does not keep up with what is printed */
void viewer_record_skipped(struct client *client);

/** viewer_record_left() - it looks no more; nothing is recorded once the program has ended */
void viewer_record_left(struct client *client);

/* ---- transcript.c ---- */

/** transcript_init() - nothing was shown; transcript_fini() - close */
void transcript_init(struct transcript *transcript);
void transcript_fini(struct transcript *transcript);

/** transcript_keep() - the agent's terminal showed this */
void transcript_keep(struct supervisor *s, struct str text);

/* ---- end.c ---- */

/** supervisor_check_end() - settle the session once nothing runs and everything is drained */
void supervisor_check_end(struct supervisor *s);

/** supervisor_fail() - cordon itself failed: end the session, tell @exit_code and @err */
void supervisor_fail(struct supervisor *s, int exit_code, const struct error *err);

/**
 * supervisor_record() - a ledger record; where it cannot be written the session fails; Return: 0 or negative
 * errno
 */
int supervisor_record(struct supervisor *s, enum ledger_kind kind, struct json_object_builder *fields,
	unsigned flags);
