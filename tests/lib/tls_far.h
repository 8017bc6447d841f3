/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_far.h - who is at the other end of a TLS link: a server with a certificate of its own, and the loop
 *
 * A certificate is signed by its own key, so whoever is to be believed is believed by name.
 */
#pragma once

#include "loop/loop.h"

#include <openssl/ssl.h>

/* What a certificate says; all-zero: nothing, valid from yesterday until tomorrow. */
struct tls_far_names {
	/* "DNS:proxy.example", "IP:192.0.2.1"; NULL: it has no subjectAltName */
	const char *alternative;
	const char *common;		/* of the subject; NULL: none */
	int from_days, until_days;	/* from now; both 0: -1 and 1 */
};

struct tls_far {
	SSL_CTX *context;
	char pem[4096];			/* its certificate */
};

/** tls_far_init() - a new key, and a certificate for it; fails the test where it cannot */
void tls_far_init(struct tls_far *far, const struct tls_far_names *names);

/** tls_far_fini() */
void tls_far_fini(struct tls_far *far);

/** tls_far_turn() - serve what is ready in @loop, once, without waiting */
void tls_far_turn(struct loop *loop);
