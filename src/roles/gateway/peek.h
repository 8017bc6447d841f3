/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peek.h - what a client is about to send, looked at while it is still in its socket
 *
 * On a connection that has to speak TLS, the first message must be a ClientHello that names the host which
 * the connection was judged for. It is read with MSG_PEEK and stays where it is, so that whoever relays it
 * passes on the very bytes, and holds none of them. Until all of it is there the socket is not ready: its
 * low-water mark is what has been seen, and one byte more.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "codec/client_hello.h"
#include "loop/loop.h"
#include "net/name.h"

struct peek;

/* @why: NULL: it is what it has to be; else static, and @alert is what the client is told. */
typedef void peek_fn(struct peek *peek, const char *why, enum tls_alert alert);

struct peek {
	struct loop *loop;
	int fd;				/* borrowed */
	struct loop_io io;
	struct loop_timer patience;
	struct arena arena;
	struct buf bytes;
	struct client_hello hello;
	/* that it has to name; "": none, it was connected to by its address */
	char name[NET_NAME_MAX + 1];
	/* set behind peek_start(): a part that nobody can read is no reason */
	bool lets_encrypted;
	/*
	 * set behind peek_start(): it is the hello after a HelloRetryRequest, before which records may stand
	 * that are for nobody: a change of ciphers (20), an alert (21) and what was sent ahead (23). RFC
	 * 8446, 4.2.10 and appendix D.4. Who leaves instead, and has said no more than such records, may.
	 */
	bool is_second;
	peek_fn *fn;
};

/**
 * peek_start() - look, and say what it is
 * @peek: initialised here; peek_fini() when it is not wanted any more
 * @loop: serves it
 * @fd:   connected, non-blocking, nothing of it read yet
 * @name: canonical, or ""
 * @fn:   called once, never from inside of peek_start(); peek_fini() is legal in it
 *
 * Errors: from the kernel, when it cannot watch the socket.
 * Return: 0 or negative errno.
 */
int peek_start(struct peek *peek, struct loop *loop, int fd, const char *name, peek_fn *fn);

/** peek_fini() - look no more; legal on an all-zero peek, and twice */
void peek_fini(struct peek *peek);
