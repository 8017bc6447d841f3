/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h - the files of keys that bundles are verified with
 *
 * A file holds one key (PEM, a certificate, a JWK) or a set of them. Its name is the name of the key: that of
 * the file without its end, or the "kid" in it.
 */
#pragma once

#include "policy/sources.h"

struct policy_key_file {
	const char *path;		/* may be a link */
	enum policy_writer writer;	/* whose word it has to be */
	const char *id;			/* NULL: as above; what its one key is called instead */
	bool is_secret;			/* its bytes are the secret of HS*; otherwise no secret is taken */
};

/**
 * policy_keys_read() - add the keys of a file to those that verify
 * @arena: owns them
 * @file:  which
 * @ret:   gets them behind those that are there
 * @err:   what is wrong with the file
 *
 * A private key is refused: who can verify with it could also sign, and so could whoever reads the file.
 *
 * Errors: -EPERM somebody else could have written it, or it is private; -EINVAL it has several keys, and
 * @file an id; -E2BIG more than POLICY_KEYS_MAX; others as crypto_keys_read() and from the kernel.
 * Return: 0 or negative errno.
 */
int policy_keys_read(struct arena *arena, const struct policy_key_file *file,
	struct policy_verification *ret, struct error *err);
