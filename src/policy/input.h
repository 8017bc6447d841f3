/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.h - the input documents of the four questions
 *
 * What each member means stands in docs/policy-inputs.md, and its shape in data/schemas/policy, which
 * a test holds against what is built here. Texts are shared with what they are made of where they can be, so
 * a document lives no longer than that.
 *
 * Bytes that are no UTF-8 are written as \xHH, and a backslash in such a text as \\. A text that is UTF-8 is
 * written so, too, if it has a \xHH in it. So each path has a text that no other path has, and a rule over
 * paths never passes one by.
 */
#pragma once

#include "json/json.h"
#include "overlay/changeset.h"

enum {
	POLICY_INPUT_VERSION = 1,
	POLICY_PARENTS_MAX = 32,
};

/* Who asks. All texts may be NULL: not known, and then not in the document. */
struct policy_session {
	const char *id, *workspace, *profile, *level, *user;
	const char *agent;		/* name of a known agent */
	const char *const *argv;
	size_t argc;
	uint64_t created_ns;		/* since the epoch; 0: not known */
	int exit_code;			/* the agent's; negative: it runs */
	/* what policy_input_session() made of all that; NULL: build it each time */
	const struct json *built;
};

/*
 * Where a link would lead once the changeset is applied: an absolute path of the arena's, or NULL, nobody can
 * tell. Return: 0, or -EMSGSIZE: the arena is full.
 */
typedef int policy_resolve_fn(void *context, struct arena *arena, const struct change *change,
	const char **ret);

struct policy_commit {
	const struct policy_session *session;
	const struct changeset *changeset;
	policy_resolve_fn *resolve;	/* NULL: nobody can tell of any */
	void *context;
};

/* One program, as it was executed. */
struct policy_program {
	int32_t pid;			/* 0: not known */
	const char *file;		/* real path in the sandbox's own view */
	const struct digest *digest;	/* of the file; NULL: not known */
	const char *const *argv;
	size_t argc;
	const char *cwd;
};

struct policy_exec {
	const struct policy_session *session;
	struct policy_program program;	/* that wants to run */
	const char *script;		/* that its interpreter was started for; NULL: none */
	const struct policy_program *parents;	/* nearest first, at most POLICY_PARENTS_MAX */
	size_t parent_count;
};

struct policy_net {
	const struct policy_session *session;
	const char *name;		/* as it was asked for: a name, or an address */
	const char *address;		/* NULL: not resolved yet */
	uint16_t port;			/* 0: not known */
	const char *protocol;		/* "tcp", "udp", "tls", "http", "https" */
	const char *method, *path;	/* of HTTP; NULL: not known */
	uint64_t sent_bytes, received_bytes;
	const struct policy_program *program;	/* NULL: not known */
};

struct policy_file_access {
	const struct policy_session *session;
	const char *path;		/* real, absolute */
	const char *access;		/* "read", "write", "create", "delete", "list" */
	const struct policy_program *program;	/* NULL: not known */
};

/**
 * policy_input_session() - the part that every document of a session has; kept in `built`, it is built once
 */
const struct json *policy_input_session(struct arena *arena, const struct policy_session *session);

/** policy_input_commit() - and so on: the document; Return: it, or NULL: the arena is full */
const struct json *policy_input_commit(struct arena *arena, const struct policy_commit *question);
const struct json *policy_input_exec(struct arena *arena, const struct policy_exec *question);
const struct json *policy_input_net(struct arena *arena, const struct policy_net *question);
const struct json *policy_input_file(struct arena *arena, const struct policy_file_access *question);

/**
 * policy_input_path() - a path as the documents have it
 * @arena: owns the text
 * @root:  of the changeset
 * @path:  clean, relative to it
 *
 * Return: the text, NUL-terminated, or an empty one: the arena is full.
 */
struct str policy_input_path(struct arena *arena, struct str root, struct str path);
