/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent.h - what is known about an agent: its state, what it may be given of yours, its hosts, its prompts
 *
 * One file per agent, named after the program: data/agents/NAME.jsonc, installed beside the profiles, or the
 * user's own in $XDG_CONFIG_HOME/cordon/agents/, which wins. docs/formats/agent.md has the form. A file is
 * read strictly, and a few things hold whatever it says: what is imported lies in what the agent keeps as its
 * state, and nothing that it calls a credential can be imported.
 */
#pragma once

#include "base/hash.h"
#include "config/form.h"
#include "config/load.h"

enum {
	AGENT_FILE_MAX = 64 << 10,		/* bytes */
	AGENTS_MAX = 256,
};

/* A file of the user's that the agent's private home gets a copy of, once. */
struct agent_import {
	const char *file;			/* "~/.tool/settings.json"; "*" may stand in its last name */
	bool has_keys;
	struct form_texts keys;			/* with has_keys: what is taken, and nothing else */
	const struct json *set;			/* an object: what is written besides; NULL: nothing */
};

struct agent {
	const char *name;
	const char *description;
	const char *install;			/* what one types to have it, for people; NULL: not known */
	const char *path;			/* of the file */
	bool is_own;				/* the user's, not one that came with cordon */
	struct digest digest;			/* of the file */
	struct form_texts arguments;		/* put behind the program's name */
	struct form_texts unless;		/* not if the user's own arguments have one of these */
	struct form_texts environment;		/* "NAME=value" */
	/* what it keeps from session to session, in its private home */
	struct form_texts state;
	struct form_texts never;		/* credentials: never imported */
	struct form_texts hosts;		/* in their canonical form */
	struct form_texts presets;		/* of hosts */
	const struct agent_import *imports;
	size_t import_count;
};

/**
 * agent_read() - an agent from a text
 * @arena: owns the agent
 * @text:  of the file; JSONC
 * @name:  that it has to have
 * @path:  of the file, for errors and for the agent
 * @ret:   the agent
 * @err:   says what is wrong, and where
 *
 * Errors: -EBADMSG not JSON; -EINVAL a member is unknown, missing, or not what it has to be; -EMSGSIZE the
 * arena's limit.
 * Return: 0 or negative errno.
 */
int agent_read(struct arena *arena, struct str text, const char *name, const char *path, struct agent *ret,
	struct error *err);

/**
 * agent_find() - the agent that a program's name stands for
 * @arena:  owns the agent
 * @places: where to look
 * @name:   as it was typed
 * @ret:    the agent
 * @err:    says what is wrong with its file
 *
 * Errors: -ENOENT no agent is called that; -EPERM somebody else could have written the file; as agent_read().
 * Return: 0 or negative errno.
 */
int agent_find(struct arena *arena, const struct config_places *places, const char *name, struct agent *ret,
	struct error *err);

/**
 * agent_list() - every agent that is known
 * @arena:     owns the result
 * @places:    where to look
 * @ret:       names, sorted, each once
 * @ret_count: how many
 * @err:       says what failed
 *
 * Return: 0 or negative errno from the kernel.
 */
int agent_list(struct arena *arena, const struct config_places *places, const char *const **ret,
	size_t *ret_count, struct error *err);

/**
 * agent_to_json() - the agent as its file would have it, with `file` and `own`; NULL when the arena is full
 */
const struct json *agent_to_json(struct arena *arena, const struct agent *agent);

/** agent_settings() - what an agent is to a configuration; borrows from @agent */
struct config_agent agent_settings(const struct agent *agent);

/**
 * agent_command() - the command line that an agent is started with
 * @arena:     owns the result
 * @agent:     knows what to add
 * @argv:      what the user typed: @argc words, and a NULL
 * @argc:      at least 1
 * @ret:       words, and a NULL
 * @ret_added: how many words were added behind the first; 0: the user's own say something else
 *
 * Errors: -ENOMEM the arena's limit.
 * Return: 0 or negative errno.
 */
int agent_command(struct arena *arena, const struct agent *agent, const char *const *argv, size_t argc,
	const char *const **ret, size_t *ret_added);
