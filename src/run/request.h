/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.h - what `cordon run` asks a supervisor to do
 *
 * The command resolves the configuration, since its errors belong to the user's terminal; the supervisor gets
 * the result and decides nothing about it. A request travels once, as JSON in a memfd, and is then part of
 * the session.
 */
#pragma once

#include "config/agent.h"
#include "config/config.h"
#include "jail/plan.h"

enum {
	RUN_REQUEST_MAX_BYTES = 16 << 20,
	RUN_LIVE_MAX = 32,
};

struct run_request {
	const char *const *argv;	/* argc entries and a NULL; any bytes */
	size_t argc;
	const char *cwd;		/* absolute, clean */
	const char *workspace;		/* absolute, clean, without links */
	const char *const *live;	/* paths that are written straight through */
	size_t live_count;
	mode_t umask;
	struct jail_tty tty;		/* of the user's terminal, where there is one */
	/* whose file says more about the program; NULL: unknown, or not wanted */
	const char *agent_name;
	size_t added_count;		/* words of argv, behind the first, that come from that file */
	/* the program's descriptors are its own terminal, whatever ours are */
	bool is_detached;
	const struct config *config;
};

/** run_request_to_json() - Return: the document, or NULL when the arena is full */
const struct json *run_request_to_json(struct arena *arena, const struct run_request *request);

/**
 * run_request_read() - what run_request_to_json() made
 * @arena: owns what @ret points to
 * @value: borrowed; must outlive @ret
 * @ret:   the request
 * @err:   says which member is wrong
 *
 * Errors: -EINVAL not a request.
 * Return: 0 or negative errno.
 */
int run_request_read(struct arena *arena, const struct json *value, struct run_request *ret,
	struct error *err);

/**
 * run_request_agent() - what is known about the agent of a request
 * @arena:   owns the agent
 * @request: whose agent_name is set
 * @ret:     the agent
 * @err:     says what is wrong with its file
 *
 * Errors: as agent_find() and config_places_init().
 * Return: 0 or negative errno.
 */
int run_request_agent(struct arena *arena, const struct run_request *request, struct agent *ret,
	struct error *err);

/** run_request_send() - write the request into a sealed memfd; Return: a descriptor or negative errno */
int run_request_send(const struct run_request *request, struct error *err);

/** run_request_receive() - read it from that descriptor; Return: 0 or negative errno */
int run_request_receive(struct arena *arena, int fd, struct run_request *ret, struct error *err);
