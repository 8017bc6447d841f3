/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli.h - what every command of `cordon` works with
 *
 * A command is one file, cmd_NAME.c, with one function, and one row of tables/commands.toml:
 *
 *	int cmd_NAME(struct cli *cli, int argc, char **argv);
 *
 * By the time it runs, the frame has parsed and checked everything that the row declares. The handler finds
 *
 *	NAME_options(cli)	its own options, typed (generated, cli/commands.h)
 *	argv[0..argc-1]		the operands only, as many as the row allows; argv[argc] is NULL
 *	cli->json, ...		the global options
 *
 * and returns the exit code. Results go to standard output through cli_printf() and friends, everything else
 * to standard error. Text that an agent chose (paths, names, messages) goes through cli_quote() or a table
 * cell, which escape what would act on a terminal; cli_printf()'s format and arguments are ours, or
 * quote_text()ed.
 *
 * Output is buffered and written at the end, when the buffer is full, or by cli_flush(). A write that fails
 * is remembered and turns the exit code into CLI_FAILED at the end, so handlers need not look; a reader that
 * went away (the pager was left) is no failure.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/progress.h"
#include "base/str.h"
#include "json/json.h"

#include <sys/types.h>

enum {
	CLI_OK = 0,
	CLI_NO = 1,			/* held, conflict, not found, verification failed */
	CLI_USAGE = 2,			/* command line or configuration */
	CLI_FAILED = 125,		/* cordon or the system below it */
	CLI_CANNOT_EXECUTE = 126,	/* as env(1) */
	CLI_NOT_FOUND = 127,
	CLI_INTERRUPTED = 130,		/* as a shell has it for a program that SIGINT ended */

	CLI_ARENA_BYTES = 1 << 30,		/* a changeset of half a million entries */
};

enum cli_style {
	CLI_PLAIN,
	CLI_BOLD,
	CLI_DIM,
	CLI_GOOD,			/* green: allowed, added */
	CLI_WARN,			/* yellow: ask, modified */
	CLI_BAD,			/* red: denied, deleted */
	CLI_INFO,			/* cyan */
};

struct command;

/* Every argument of a repeatable option, in the order of the command line. */
struct cli_values {
	const char *const *items;
	size_t count;
};

/* An option of type number, size (bytes) or duration (nanoseconds). */
struct cli_number {
	bool is_set;
	uint64_t value;
};

struct cli_stream {
	int fd;				/* borrowed */
	/* the first write that failed, negative errno; later output is dropped */
	int error;
	struct buf buf;
};

struct cli {
	const struct command *command;	/* NULL before it is known */
	const void *options;		/* of this command: NAME_options(cli) */
	bool json;
	bool quiet;
	bool no_pager;
	unsigned verbosity;
	bool colour;			/* standard output takes colours */
	bool colour_err;		/* standard error does */
	bool is_terminal;		/* standard output is one */
	bool is_interactive;		/* standard input and standard error are: a person can be asked */
	bool has_printed_json;
	struct cli_stream out, err;
	struct arena arena;		/* lives as long as the command */
	char *const *envp;
	struct {
		pid_t pid;		/* 0: no pager */
		int pidfd, fd;
	} pager;
	struct {
		uint64_t began_ns, drawn_ns;
		bool is_drawn;
	} progress;
	struct progress listener;	/* calls cli_progress() */
};

/**
 * cli_main() - the whole program
 * @argc: of main()
 * @argv: of main()
 * @envp: the environment
 *
 * Return: the exit code.
 */
int cli_main(int argc, char **argv, char *const *envp);

/**
 * cli_init() - a frame over given descriptors
 * @cli:    set
 * @out_fd: standard output; borrowed
 * @err_fd: standard error; borrowed
 * @envp:   the environment; borrowed
 */
void cli_init(struct cli *cli, int out_fd, int err_fd, char *const *envp);

/**
 * cli_dispatch() - find the command, parse its options, run it
 * @cli:  initialised
 * @argc: words behind the program's name
 * @argv: those words
 *
 * Return: the exit code.
 */
int cli_dispatch(struct cli *cli, int argc, char **argv);

/**
 * cli_finish() - write what is buffered, wait for the pager, free everything
 * @cli:       initialised
 * @exit_code: so far
 *
 * Return: @exit_code, or CLI_FAILED where output was lost.
 */
int cli_finish(struct cli *cli, int exit_code);

/** cli_env() - an environment variable; Return: its value, or NULL where it is not set or empty */
const char *cli_env(const struct cli *cli, const char *name);

/* ---- printing (output.c) ---- */

/** cli_printf() - print a result */
void cli_printf(struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** cli_write() - print bytes as they are: ours, or safe by construction */
void cli_write(struct cli *cli, struct str text);

/** cli_width() - columns of the terminal that standard output is; 0 where it is none, or does not say */
unsigned cli_width(const struct cli *cli);

/** cli_quote() - print text that an agent chose, with everything escaped that would act on a terminal */
void cli_quote(struct cli *cli, struct str text);

/** cli_style() - the escape sequence that begins a style (CLI_PLAIN: ends one); Return: "" without colours */
const char *cli_style(const struct cli *cli, enum cli_style style);

/** cli_print_json() - print a document and a newline: indented for a terminal, on one line otherwise */
void cli_print_json(struct cli *cli, const struct json *value);

/** cli_print_json_line() - print a document on one line: for streams of documents */
void cli_print_json_line(struct cli *cli, const struct json *value);

/** cli_flush() - write what is buffered now; for commands that go on for long */
void cli_flush(struct cli *cli);

/* ---- saying (output.c) ---- */

/** cli_note() - tell the person something by the way, on standard error; nothing with --quiet */
void cli_note(struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** cli_warn() - a warning, on standard error, always */
void cli_warn(struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);

/**
 * cli_fail() - say why the command ends here
 * @cli:       the frame
 * @exit_code: CLI_NO, CLI_USAGE, CLI_FAILED, ...
 * @err:       what failed; its hint is printed on a line of its own
 *
 * With --json, {"error": {...}} goes to standard output as well, unless a document was printed before.
 *
 * Return: @exit_code, so that `return cli_fail(...)` reads well.
 */
int cli_fail(struct cli *cli, int exit_code, const struct error *err);

/** cli_failf() - the same for a text; Return: @exit_code */
int cli_failf(struct cli *cli, int exit_code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** cli_usage() - the command line is wrong, with a hint at the command's help; Return: CLI_USAGE */
int cli_usage(struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** cli_tell() - print to standard error at once, as it is: ours, or safe by construction */
void cli_tell(struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** cli_tell_text() - the same for bytes of any length */
void cli_tell_text(struct cli *cli, struct str text);

/* ---- the terminal (pager.c, prompt.c) ---- */

/**
 * cli_page() - send the rest of standard output through the pager
 * @cli: the frame
 *
 * Only on a terminal, without --json and --no-pager. $PAGER is split at spaces and executed directly, never
 * by a shell. A pager that cannot be started is said so in a note, and output goes straight to the terminal.
 */
void cli_page(struct cli *cli);

/**
 * cli_confirm() - ask a person a yes-or-no question
 * @cli: the frame
 * @fmt: the question, without " [y/N]"
 *
 * Return: true only when a person at a terminal answered yes.
 */
bool cli_confirm(struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);

/**
 * cli_ask() - ask a person for a line
 * @cli:      the frame
 * @ret:      the line, without its end; may be empty
 * @size:     of @ret; a longer line is no answer
 * @question: ours
 *
 * Return: true where a person at a terminal answered.
 */
bool cli_ask(struct cli *cli, char *ret, size_t size, const char *question);

/**
 * cli_progress() - show how far a long action is
 * @cli:   the frame
 * @what:  "hashing files"
 * @done:  so far; 0 and of an unknown number: nothing that is counted
 * @total: of how many; 0: unknown
 *
 * Draws on standard error, on a terminal only, from the second second on, and ten times a second at most.
 */
void cli_progress(struct cli *cli, const char *what, uint64_t done, uint64_t total);

/** cli_progress_tell() - cli_progress() for struct progress; @data is the frame; Return: 0 */
int cli_progress_tell(void *data, const char *what, uint64_t done, uint64_t total);

/** cli_progress_end() - remove the line; legal when there is none */
void cli_progress_end(struct cli *cli);
