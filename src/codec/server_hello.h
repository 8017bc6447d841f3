/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server_hello.h - the first message of a server of TLS, as far as it says whether its client speaks again
 *
 * After a HelloRetryRequest the client says a second ClientHello, and a server may go by the name in that
 * one. It is a ServerHello with one certain random, which stands in the first bytes.
 *
 * Source: RFC 8446, sections 4.1.3, 4.1.4 and 5.1
 */
#pragma once

#include "base/str.h"

enum {
	SERVER_HELLO_FIRST_BYTES = 43,	/* up to the end of the random */
};

enum server_answer {
	SERVER_ANSWER_RETRY,		/* the client says another hello, or nobody can tell */
	SERVER_ANSWER_MORE,		/* not enough of it is there */
	/* TLS_ALERT_BYTES of an alert, behind which its answer may still come */
	SERVER_ANSWER_ALERT,
	SERVER_ANSWER_HELLO,		/* its hello: no other one of the client is waited for */
};

/**
 * server_answer_read() - what the first bytes of a server are
 * @bytes: all that came, SERVER_HELLO_FIRST_BYTES of it at most
 *
 * What is no TLS counts as a retry, and so does a handshake record that is no ServerHello, or too short for
 * one up to its random, which nobody sends (RFC 8449 has 64 bytes for the smallest limit): after any of them,
 * an honest client says nothing more.
 *
 * Return: never SERVER_ANSWER_MORE for SERVER_HELLO_FIRST_BYTES
 */
enum server_answer server_answer_read(struct str bytes);
