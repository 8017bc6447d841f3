/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash.h - SHA-256, the one digest of changesets, configurations and the ledger
 *
 * Source: FIPS 180-4. The code is libcrypto's; why it is linked statically stands in
 * docs/decisions/0002-static-sha256.md.
 */
#pragma once

#include "base/str.h"

enum {
	DIGEST_BYTES = 32,
	DIGEST_HEX_SIZE = 65,		/* with the NUL */
};

struct digest {
	uint8_t bytes[DIGEST_BYTES];
};

struct hash {
	_Alignas(16) unsigned char state[128];	/* libcrypto's SHA256_CTX */
};

/** hash_init() - begin a digest */
void hash_init(struct hash *hash);

/** hash_update() - go on with @len bytes; @data may be NULL when @len is 0 */
void hash_update(struct hash *hash, const void *data, size_t len);

/** hash_final() - the digest of everything so far; @hash must be initialised again before its next use */
struct digest hash_final(struct hash *hash);

/** hash_bytes() - the digest of one run of bytes */
struct digest hash_bytes(const void *data, size_t len);

/** digest_to_hex() - 64 lower-case hexadecimal digits and a NUL */
void digest_to_hex(const struct digest *digest, char ret[DIGEST_HEX_SIZE]);

/**
 * digest_from_hex() - read what digest_to_hex() wrote
 * @hex: exactly 64 lower-case hexadecimal digits
 * @ret: set on success
 *
 * Errors: -EINVAL anything else.
 * Return: 0 or negative errno.
 */
int digest_from_hex(struct str hex, struct digest *ret);

static inline bool digest_eq(const struct digest *a, const struct digest *b)
{
	return !memcmp(a->bytes, b->bytes, DIGEST_BYTES);
}
