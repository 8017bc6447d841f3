/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authorities.h - who the programs in a sandbox believe that a host is itself
 *
 * A company whose proxy opens TLS signs with a certificate of its own, which its programs have to trust.
 * network.ca_bundle names a file of them. Inside, the system's bundle is covered by itself with those behind
 * it, and the variables that programs with a bundle of their own look at lead there. Nothing of the host
 * changes. The gateway believes the same when it speaks TLS to a proxy behind it (run/upstream.h).
 */
#pragma once

#include "config/config.h"

enum {
	RUN_AUTHORITIES_BYTES_MAX = 2 << 20,	/* of both together */
	RUN_AUTHORITIES_VARIABLES = 5,
};

struct run_authorities {
	const char *path;		/* of the system's bundle, without links; NULL: nothing is added */
	struct str text;		/* that it has inside */
	const char *variables[RUN_AUTHORITIES_VARIABLES];	/* "SSL_CERT_FILE=..." */
};

/**
 * run_authorities() - the bundle that a sandbox sees
 * @arena:  owns it
 * @config: of the session
 * @ret:    set on success
 * @err:    which file cannot be used
 *
 * Errors: -EINVAL it has no certificate in PEM, or a private key; -ENOENT this system has no bundle to add it
 * to; -EMSGSIZE too long; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_authorities(struct arena *arena, const struct config *config, struct run_authorities *ret,
	struct error *err);

/**
 * run_authorities_believed() - whose signature this user's programs believe
 * @arena:  owns it
 * @config: of the session; its network.ca_bundle is added to the system's
 * @ret:    certificates in PEM one behind the other, with nothing between them
 * @err:    which file cannot be used
 *
 * Errors: -EINVAL a bundle as run_authorities() refuses it; -ENOKEY there is none at all; -EMSGSIZE too long;
 * others from the kernel.
 * Return: 0 or negative errno.
 */
int run_authorities_believed(struct arena *arena, const struct config *config, const char **ret,
	struct error *err);
