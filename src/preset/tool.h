/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tool.h - what says, on this host, where packages come from
 *
 * cordon knows no package registry by name. The package managers do: each has an effective configuration,
 * which may be a company's own, and a row of the table in tool.c says how it is had. There are three ways:
 *
 *	command		a program that prints it, run as the user, in "/", without a shell, for two seconds
 *	files		where no program prints it: the user's own files, or the system's
 *	variables	of the user's environment
 *
 * What is read was written by others, and is read strictly: a text that is not of the row's form means that
 * the tool said nothing at all. What comes of it is only ever a name, with one port and a protocol.
 *
 * Nothing of the project's plays a part. A program is looked for on PATH, in directories that nobody else can
 * write and that do not lie in the workspace; a file of the workspace is not read; and variables that name a
 * place in it are not handed on.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>

enum {
	TOOL_WORDS_MAX = 12,
	TOOL_LIST_MAX = 8,
	TOOL_OUTPUT_BYTES_MAX = 1 << 20,	/* that a tool prints, or of a file */
	TOOL_HOSTS_MAX = 256,			/* of one tool */
	TOOL_FILES_MAX = 256,			/* of one row */
	TOOL_DEPTH_MAX = 32,			/* of a document in JSON */
};

#define TOOL_TIME_NS (2 * UINT64_C(1000000000))

enum tool_format {
	TOOL_LINES,			/* a URL a line, as its last word */
	TOOL_JSON,			/* members of a document */
	TOOL_SETTINGS,			/* "key = value", in sections */
	TOOL_XML,			/* elements <url> */
	TOOL_NAMES,			/* names of directories: "HOST-16 hexadecimal digits" */
};

struct tool {
	const char *name;		/* "pip" */
	const char *shown;		/* for people: "pip config list" */
	/*
	 * A program, and its arguments; "pip|pip3": the first of them that is there. Ends with a NULL.
	 */
	const char *argv[TOOL_WORDS_MAX];
	const char *environment[TOOL_LIST_MAX];	/* "NAME=value", besides the user's */
	/* "~/..." , "/...", "$VARIABLE/..."; "*" in one component. What does not exist is passed over. */
	const char *files[TOOL_LIST_MAX];
	const char *variables[TOOL_LIST_MAX];	/* whose values are lists of URLs */
	enum tool_format format;
	/*
	 * Of JSON and settings: keys (globs) whose values are URLs; with "?" in front, a name of a host is
	 * one, too; with "~", what is no URL is passed over. Of lines: globs of lines that are passed over.
	 */
	const char *keys[TOOL_LIST_MAX];
	char separator;			/* of settings, "=" or ":" */
	const char *words[TOOL_LIST_MAX];	/* that may stand in place of a URL, and are no place */
	/* it counts only where the tool of that name found no value of its first key; of lines: no host */
	const char *unless;
	const char *lacks;		/* what it never tells, for people; NULL: nothing */
};

enum tool_state {
	TOOL_NOT_ASKED,
	TOOL_MISSING,			/* no program, and no file */
	TOOL_FAILED,			/* `why` says how */
	TOOL_ANSWERED,
};

/* What one tool said. */
struct tool_answer {
	const struct tool *tool;
	enum tool_state state;
	const char *why;		/* TOOL_MISSING, TOOL_FAILED: end of a sentence; otherwise NULL */
	/* canonical entries, with their ports; each once */
	const char **hosts;
	size_t host_count, room;
	bool has_first_key;
	/* a place that is not taken over, with why: an address, another protocol; NULL: none */
	const char *left_out;
};

/** tool_find() - the row of a name, or NULL */
const struct tool *tool_find(const char *name);

/** tool_at() - the rows in their order, NULL behind the last */
const struct tool *tool_at(size_t index);

/* ---- reading what it said: no I/O ---- */

/**
 * tool_read() - the hosts in what a tool printed, or in a file of it
 * @arena:  owns what is found
 * @tool:   the row
 * @text:   any bytes
 * @lenient: a line of settings that is none is passed over, as in a file of the user's
 * @answer: gets the hosts, besides those that it has
 *
 * Return: NULL, or why it is not believed; @answer has to be thrown away then.
 */
const char *tool_read(struct arena *arena, const struct tool *tool, struct str text, bool lenient,
	struct tool_answer *answer);

/**
 * tool_take() - a text that should name one place, or several
 * @arena:  owns what is found
 * @tool:   the row, for its words
 * @key:    that it stands under, with its sign; "": none
 * @text:   URLs, with commas, bars or white space between them
 * @answer: gets their hosts
 *
 * Return: NULL, or why it is not believed.
 */
const char *tool_take(struct arena *arena, const struct tool *tool, const char *key, struct str text,
	struct tool_answer *answer);

/** tool_match() - the key of a row that a name stands under, with its sign; NULL: none */
const char *tool_match(const struct tool *tool, struct str name);

/** tool_read_lines() - read_lines.c; Return: as tool_read() */
const char *tool_read_lines(struct arena *arena, const struct tool *tool, struct str text,
	struct tool_answer *answer);
/** tool_read_json() - read_json.c; Return: as tool_read() */
const char *tool_read_json(struct arena *arena, const struct tool *tool, struct str text,
	struct tool_answer *answer);
/** tool_read_settings() - read_settings.c; Return: as tool_read() */
const char *tool_read_settings(struct arena *arena, const struct tool *tool, struct str text, bool lenient,
	struct tool_answer *answer);
/** tool_read_xml() - read_xml.c; Return: as tool_read() */
const char *tool_read_xml(struct arena *arena, const struct tool *tool, struct str text,
	struct tool_answer *answer);

/* ---- asking ---- */

/* Who asks, and what must not be believed. */
struct tool_host {
	struct arena *arena;		/* owns the answers */
	const char *home;		/* absolute, clean, links resolved */
	const char *workspace;		/* likewise */
	char *const *envp;		/* the user's */
	const char *path;		/* made by tool_environment(): the directories that count */
	char *const *tool_envp;		/* likewise: what a tool is started with */
};

/**
 * tool_ask() - ask some tools, all at the same time
 * @host:    who asks; its last two members are filled in
 * @answers: @count of them, whose `tool` is set, of state TOOL_NOT_ASKED; they get the rest
 * @count:   any number
 *
 * Blocks: for TOOL_TIME_NS at most, and as long as the slowest; then what still runs is killed, with all that
 * it started and that stayed in its session.
 */
void tool_ask(struct tool_host *host, struct tool_answer *answers, size_t count);

/** tool_variable() - a variable of an environment; NULL: it is not there, or empty */
const char *tool_variable(char *const *envp, const char *name);

/* ---- parts of it ---- */

/**
 * tool_environment() - what tools are started with: the user's variables, but those that name a place in the
 * workspace or that make programs load code, and a PATH of directories that count
 *
 * Return: 0 or -ENOMEM.
 */
int tool_environment(struct tool_host *host);

/**
 * tool_find_program() - a program on the PATH that tool_environment() made
 * @host:  knows that PATH
 * @names: "pip|pip3"
 * @ret:   where it is, set where there is one
 *
 * Return: NULL, or why there is none.
 */
const char *tool_find_program(const struct tool_host *host, const char *names, const char **ret);

/**
 * tool_path_is_safe() - whether nobody but the user and root decides what stands at a path
 * @host: whose workspace does not count
 * @path: absolute, links resolved
 *
 * Every directory on the way belongs to the user, to root, or to whom "/" belongs to (in a namespace without
 * root's number, nobody), and no others may write it, but for one with the sticky bit.
 *
 * Return: true when it is so.
 */
bool tool_path_is_safe(const struct tool_host *host, const char *path);

/** tool_read_files() - the answer of a row that has files */
void tool_read_files(const struct tool_host *host, struct tool_answer *answer);
