/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h - cordon-tls: who may speak to a session's control API, and the bytes that they say
 *
 * There is an authority for each run of this program. It signs three certificates, and its key is gone before
 * the first byte of a network is read: so there is a server and two clients, and there never will be another.
 * A client is one of the two by its whole certificate, byte by byte, and not by a name in it.
 *
 * Invariants: the server's key and the authority's are in no file. Nothing below TLS 1.3 is spoken, nothing
 * is resumed, and nothing is said before a handshake is over but the handshake.
 */
#pragma once

#include "base/error.h"
#include "base/list.h"
#include "loop/loop.h"
#include "run/api_wire.h"

enum {
	CERTIFICATES_SEED_BYTES = 32,
	CERTIFICATES_DAYS = 30,
	CERTIFICATES_EARLY_SEC = 300,	/* before now: clocks differ */
	LINKS_MAX = 160,
	HANDSHAKES_MAX = 48,		/* of them; the oldest one makes room for the next */
	HANDSHAKE_MS = 10000,
	LINGER_MS = 1000,		/* behind the last word */
	STALL_MS = 60000,		/* a client that takes nothing of what is for it */
};

struct certificates;
struct endpoint;

/**
 * certificates_new() - an authority, what it signs, and its end
 * @ca_seed: the authority's private key; wiped here, whatever happens
 * @now_s:   since 1970
 * @ret:     owned by the caller
 * @err:     what failed
 *
 * Errors: -EOPNOTSUPP this build has no OpenSSL; -EIO OpenSSL refused something.
 * Source: RFC 5280; RFC 8410 (Ed25519)
 * Return: 0 or negative errno.
 */
int certificates_new(unsigned char ca_seed[CERTIFICATES_SEED_BYTES], int64_t now_s, struct certificates **ret,
	struct error *err);

/** certificates_free() - and wipe the keys; Return: NULL */
struct certificates *certificates_free(struct certificates *certificates);

/**
 * certificates_save() - the files that clients need, API_FILES, each 0600
 * @certificates: borrowed
 * @dirfd:        an empty directory
 * @err:          what failed
 *
 * Keys of clients are in nobody's memory here afterwards.
 *
 * Return: 0 or negative errno.
 */
int certificates_save(struct certificates *certificates, int dirfd, struct error *err);

/* All that is served. */
struct tls {
	struct loop loop;
	struct endpoint *endpoint;	/* owned */
	struct loop_io asker, listener;
	struct list links;		/* oldest first */
	unsigned link_count, handshake_count;
};

/** endpoint_new() - the server's side of TLS, ready to be used; takes nothing; Return: 0 or negative errno */
int endpoint_new(const struct certificates *certificates, struct endpoint **ret, struct error *err);

/** endpoint_free() - Return: NULL */
struct endpoint *endpoint_free(struct endpoint *endpoint);

/** link_new() - serve one connection; @fd is owned from here on */
void link_new(struct tls *tls, int fd);

/** links_free() - end all */
void links_free(struct tls *tls);
