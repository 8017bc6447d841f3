/* SPDX-License-Identifier: Apache-2.0 */
/*
 * socks.h - SOCKS 5: where a program wants to be connected to
 *
 * A client greets, is told that nobody asks who it is, and names a host and a port. CONNECT alone is done;
 * what else a client asks for has an answer of its own. A host comes as a name or as an address, and stays
 * what it is: whether an address may be asked for is the caller's to judge. A name that is an address in
 * another spelling is an address.
 *
 * Nothing is kept between calls: a message is at most 262 bytes, and is read from its beginning each time.
 *
 * Source: RFC 1928, sections 3 to 6
 */
#pragma once

#include "codec/http.h"

enum {
	SOCKS_VERSION = 5,		/* the first byte of a connection tells it from HTTP */
	SOCKS_GREETING_MAX = 257,
	SOCKS_REQUEST_MAX = 262,
	SOCKS_ANSWER_BYTES = 10,
};

/* Answers to a greeting: nobody is asked who it is, or the client wants to be. */
#define SOCKS_WELCOME STR("\x05\x00")
#define SOCKS_UNWELCOME STR("\x05\xff")

enum socks_step {
	SOCKS_REFUSED,
	SOCKS_MORE,
	SOCKS_DONE,
};

/* Answers to a request. RFC 1928, 6 */
enum socks_answer {
	SOCKS_SUCCEEDED,
	SOCKS_FAILED,
	SOCKS_NOT_ALLOWED,
	SOCKS_NETWORK_UNREACHABLE,
	SOCKS_HOST_UNREACHABLE,
	SOCKS_CONNECTION_REFUSED,
	SOCKS_TOO_LATE,
	SOCKS_NO_SUCH_COMMAND,
	SOCKS_NO_SUCH_ADDRESS,		/* of no kind that is known */
};

struct socks_refusal {
	enum socks_answer answer;
	const char *why;		/* a sentence without its dot; static */
};

/**
 * socks_greeting_read() - the ways in which a client would say who it is
 * @bytes:     all that came
 * @ret_bytes: how long the greeting is; set when done
 * @ret_why:   why it is refused: a sentence without its dot; static
 *
 * Behind a greeting that is done SOCKS_WELCOME is said. Every client that was looked at (curl, OpenBSD's nc,
 * Go, Java, PySocks) offers to say nothing, whatever else it offers; one that does not is refused, with
 * SOCKS_UNWELCOME where it spoke SOCKS 5 at all.
 *
 * Source: RFC 1928, section 3
 * Return: SOCKS_DONE, SOCKS_MORE or SOCKS_REFUSED.
 */
enum socks_step socks_greeting_read(struct str bytes, size_t *ret_bytes, const char **ret_why);

/**
 * socks_request_read() - where a client wants to be connected to
 * @arena:     owns the host; 2 KiB are enough
 * @bytes:     all that came behind the greeting
 * @ret_host:  the host and its port; set when done
 * @ret_bytes: how long the request is; set when done
 * @ret:       what is answered to it, and why, when it is refused
 *
 * Source: RFC 1928, sections 4 and 5
 * Return: SOCKS_DONE, SOCKS_MORE or SOCKS_REFUSED.
 */
enum socks_step socks_request_read(struct arena *arena, struct str bytes, struct http_host *ret_host,
	size_t *ret_bytes, struct socks_refusal *ret);

/** socks_answer_write() - the answer to a request; it names no address of ours */
void socks_answer_write(enum socks_answer answer, char ret[SOCKS_ANSWER_BYTES]);
