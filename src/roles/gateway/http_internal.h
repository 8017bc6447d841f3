/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_internal.h - one client that speaks HTTP, as the parts that serve it share it
 *
 *	http.c		 how it begins, what moves it on, how it ends
 *	http_request.c	 a request, from its head until it goes to a server, or a tunnel is there
 *	http_exchange.c	 its body goes up, its answer comes down
 *	http_through.c	 where another proxy serves it
 *	http_answer.c	 answers of our own
 *
 * The states are those of http.h. Only http_free() frees a client, and only http_progress() looks whether it
 * has to be; whoever else is called from there leaves a state for it.
 */
#pragma once

#include "codec/http_body.h"
#include "roles/gateway/flow.h"
#include "roles/gateway/http.h"
#include "roles/gateway/stream.h"

enum {
	HTTP_IDLE_MS = 300 * 1000,
	HTTP_STATUS_BAD_REQUEST = 400,
	HTTP_STATUS_FORBIDDEN = 403,
	HTTP_STATUS_NOT_ALLOWED = 405,
	HTTP_STATUS_TOO_SLOW = 408,
	HTTP_STATUS_TOO_LARGE = 413,
	HTTP_STATUS_BAD_GATEWAY = 502,
	HTTP_STATUS_TIMEOUT = 504,
};

enum http_state {
	HTTP_HEAD,
	HTTP_ASKED,
	HTTP_EXCHANGE,
	HTTP_LAST,
};

struct http {
	struct gateway *gateway;
	struct list node;
	int fd;				/* owned: the client's */
	struct jail_diag_pair client_ends;
	enum http_state state;
	struct stream client, server;
	struct flow *flow;		/* to the server; NULL: none. Its upstream_fd is the server's */
	bool is_fixed;			/* every request is for this: */
	char name[NET_NAME_MAX + 1];	/* "": @address */
	struct net_address address;
	uint16_t port;
	struct arena arena;		/* the host of the request */
	struct http_request request;
	struct http_asked asked;
	struct http_response response;
	struct http_body up, down;
	/* of flow_ask(): what becomes of it is heard inside of http_progress() */
	bool is_begun;			/* a part of the next head is there */
	bool is_asking;
	bool is_answering;		/* the head of the answer has been passed on */
	bool is_sent;			/* the request is, with its body */
	bool is_last_of_client, is_last_of_server;
	struct loop_timer patience;
};

/* ---- http.c ---- */

/** http_progress() - as far as it goes with what is there; it may be freed */
void http_progress(struct http *http);

/** http_server_ready() - its server's socket is */
void http_server_ready(struct loop_io *io, uint32_t events);

/** http_be_patient() - it is freed in so many milliseconds, unless something else is said */
void http_be_patient(struct http *http, uint64_t ms);

/** http_leave_server() - close the connection to the server; legal where there is none */
void http_leave_server(struct http *http);

/**
 * http_begin_last() - nothing is read any more: what waits is still sent
 * @http: a body that nobody will read is read away, or its sender would be reset
 */
void http_begin_last(struct http *http);

/** http_free() - close all of it */
void http_free(struct http *http);

/* ---- http_answer.c ---- */

/**
 * http_answer() - an answer of our own
 * @http:    this is its last: what the request brought with it was not read
 * @status:  of HTTP
 * @why:     for a person
 * @refusal: NULL: nobody refused anything
 */
void http_answer(struct http *http, uint16_t status, const char *why, const struct refusal *refusal);

/** http_answer_failure() - nobody serves the request, for a reason: a negative errno */
void http_answer_failure(struct http *http, int error);

/** http_answer_limit() - @limit of @host is reached: counted, and said */
void http_answer_limit(struct http *http, struct net_host *host, enum net_limit limit);

/** http_refused() - for a struct flow_speech */
void http_refused(struct flow *flow, const struct refusal *refusal);

/** http_failed() - for a struct flow_speech */
void http_failed(struct flow *flow, int error);

/* ---- http_request.c ---- */

/** http_read_request() - the head, if it is there; Return: whether something happened */
bool http_read_request(struct http *http);

/* ---- http_exchange.c ---- */

/**
 * http_exchange() - as much of it as may go now
 * @http:     in an exchange
 * @ret_gone: set where @http is not there any more: its sockets are relayed
 *
 * Return: whether something happened.
 */
bool http_exchange(struct http *http, bool *ret_gone);

/** http_stopped() - a limit of the traffic ends the connection to the server; a flow's stopped() */
void http_stopped(struct flow *flow, enum net_limit limit);
