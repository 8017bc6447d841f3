/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.h - the control API of one session, as `cordon control` serves it
 *
 * cordon-tls hands over a socket for each client that has proved who it is (run/api.h). From there on it is
 * HTTP/1.1, one request after the other on a connection, in one loop:
 *
 *	api.c			clients, their bytes, their time, the end
 *	api_request.c		what is wanted
 *	api_routes.c		doing it
 *	api_events.c		a stream of events
 *	api_stats.c		what the session did so far, counted
 *	api_answer.c		what is answered
 *	api_record.c		that it is served, on record
 *
 * Everything is asked of the session as any command would ask: rules of its supervisor, over its control
 * socket, events of its ledger. Nothing is kept that a client could fill: a client has one piece of input and
 * one answer, and of a stream no more is read from the ledger than the client takes.
 */
#pragma once

#include "cli/api_answer.h"
#include "cli/cli.h"
#include "cli/event.h"
#include "cli/follow.h"
#include "loop/loop.h"
#include "run/api.h"
#include "session/session.h"

enum {
	API_CLIENTS_MAX = 64,
	API_STREAMS_MAX = 16,
	API_INPUT_BYTES = API_HEAD_BYTES_MAX + API_BODY_BYTES_MAX,
	API_OUTPUT_BYTES_MAX = 32 << 20,
	API_ARENA_BYTES = 64 << 20,
};

struct api_stats {
	struct follow follow;
	struct event_flows flows;
	uint64_t sequence, count;	/* of the last record; of all */
	uint64_t kinds[LEDGER_KIND_COUNT];
	uint64_t allowed, asked, denied;
	uint64_t sent_bytes, received_bytes;
	bool is_whole;			/* nothing is left to be read */
};

struct api_server {
	struct cli *cli;
	struct loop loop;
	struct run_api run;
	struct session session;
	int state_dirfd;		/* owned */
	/* owned; the ledger says that it is served for as long as this is open */
	int record_fd;
	struct loop_io teller;		/* cordon-tls */
	struct loop_signal signals;
	struct loop_timer look, end;
	struct list clients;
	unsigned client_count, stream_count;
	uint64_t request_count;
	struct api_stats stats;
	bool is_over;			/* the session is */
};

struct api_stream;

enum api_state {
	API_READS,
	API_STREAMS,
	API_SAYS_LAST,			/* what is written is the last */
};

struct api_client {
	struct api_server *server;
	struct list node;
	struct loop_io io;
	int fd;				/* owned */
	enum api_role role;
	enum api_state state;
	struct loop_timer deadline;
	struct loop_timer again;	/* more requests are here than one turn takes */
	struct arena arena;		/* of one request */
	struct http_request http;
	struct api_request request;
	bool has_head;
	char *in;			/* API_INPUT_BYTES, owned; never moved while it is read */
	size_t in_len;
	struct buf out;
	struct api_stream *stream;	/* owned */
};

/**
 * api_serve() - until the session ends, or a signal comes
 * @server: open, but for the loop
 * @err:    what failed
 *
 * Errors: -EINTR a signal came; -ECONNRESET cordon-tls is gone.
 * Return: 0 the session has ended, or negative errno.
 */
int api_serve(struct api_server *server, struct error *err);

/**
 * api_record() - have the supervisor write down that the session is served
 * @server: run.port is set; its record_fd is set on success
 * @err:    what failed, or why it was refused
 *
 * It writes down as well when @server's record_fd is closed, by whatever end.
 *
 * Blocks: until the supervisor has answered, 30 seconds at most.
 * Return: 0 or negative errno.
 */
int api_record(struct api_server *server, struct error *err);

/** api_client_serve() - go on after something was written into its output */
void api_client_serve(struct api_client *client);

/** api_route() - do what a whole request wants, and write the answer */
void api_route(struct api_client *client, struct str body);

/** api_say_problem() - the answer is that it is not done */
void api_say_problem(struct api_client *client, const struct api_problem *problem);

/* ---- events (api_events.c) ---- */

/** api_stream_begin() - answer with events, from the one behind request.after on */
void api_stream_begin(struct api_client *client);

/** api_stream_fill() - write what has come, as far as there is room; at the end of all, the last word */
void api_stream_fill(struct api_client *client);

/** api_stream_free() - Return: NULL */
struct api_stream *api_stream_free(struct api_stream *stream);

/* ---- counting (api_stats.c) ---- */

/** api_stats_start() - begin at the first record; Return: as follow_start() */
int api_stats_start(struct api_server *server, struct error *err);

/** api_stats_read() - count some more, at most @records */
void api_stats_read(struct api_server *server, unsigned records);

/** api_stats_to_json() - as docs/control-api.yaml has it; Return: NULL: the arena is full */
const struct json *api_stats_to_json(struct arena *arena, const struct api_server *server);
