/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import.h - what an agent's private home gets of the user's own settings, once
 *
 * The agent's file says which (config/agent.h). Sources lie in the user's home: each is opened beneath it
 * without following a link, has to be a regular file of the user's or root's, and is bounded. Destinations
 * lie in the private home, where an agent may have written before: they are opened beneath it in the same
 * way, and what is there already is never touched. A marker outside of both says that it was done for this
 * home.
 */
#pragma once

#include "config/agent.h"

#include <sys/types.h>

enum {
	IMPORT_FILE_MAX = 1 << 20,		/* bytes of one file */
	IMPORT_FILES_MAX = 256,			/* in all */
};

struct run_import_inputs {
	const struct agent *agent;
	const char *home;			/* the user's: absolute, clean, without links */
	const char *private_home;		/* the agent's, which exists */
	const char *marker_dir;			/* where markers are kept; made where it is missing */
	uid_t uid;				/* the agent's on disk */
	gid_t gid;
};

/* One file that was imported, or was not. */
struct run_imported {
	const char *path;			/* "~/.tool/settings.json" */
	const char *left_out;			/* why not; NULL: it was */
	struct digest digest;			/* of what was written */
	size_t len_bytes;
};

struct run_imports {
	struct run_imported *items;
	size_t count;
};

/**
 * run_import() - give an agent what its file says, unless that was done before
 * @arena:  owns the result
 * @inputs: borrowed
 * @ret:    what was imported and what was left out; empty where it was done before
 * @err:    says what failed
 *
 * Errors: -E2BIG more than IMPORT_FILES_MAX; from the kernel.
 * Return: 0 or negative errno.
 */
int run_import(struct arena *arena, const struct run_import_inputs *inputs, struct run_imports *ret,
	struct error *err);

/**
 * run_import_filter() - the part of a settings file that is imported (import_filter.c)
 * @arena:  owns the result
 * @import: says which keys, and what is set besides
 * @path:   of the file: .json is a document, .toml, .yml and .yaml are lines, anything else is taken whole
 * @text:   of the file; data NULL: there is none
 * @ret:    what is written; len 0: nothing
 *
 * Of lines, only `key = value` and `key: value` at the top with a plain value on the same line are seen; they
 * end at the first table, and at the first value that goes on behind its line.
 *
 * Errors: -EBADMSG not JSON, or no object; -EMSGSIZE the arena's limit.
 * Return: 0 or negative errno.
 */
int run_import_filter(struct arena *arena, const struct agent_import *import, const char *path,
	struct str text, struct str *ret);
