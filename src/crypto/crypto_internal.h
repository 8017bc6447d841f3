/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto_internal.h - what the files of this folder share: nettle's types stay in here
 */
#pragma once

#include "crypto/crypto.h"

#include <nettle/dsa.h>
#include <nettle/ecc.h>
#include <nettle/nettle-meta.h>
#include <nettle/rsa.h>

enum {
	ED25519_BYTES = 32,
	COORDINATE_BYTES_MAX = 66,		/* P-521 */
};

/* What an algorithm is made of. */
struct crypto_scheme {
	const char *name;
	enum crypto_key_kind kind;
	enum crypto_curve curve;
	enum crypto_hash hash;			/* NONE: the signature has its own */
	bool is_pss;
};

/** crypto_scheme_of() - of an algorithm; Return: one that takes no key for CRYPTO_ALGORITHM_NONE */
const struct crypto_scheme *crypto_scheme_of(enum crypto_algorithm algorithm);

/**
 * crypto_scheme_takes() - whether a key is of its kind, on its curve, and meant for it; Return: true if so
 */
bool crypto_scheme_takes(enum crypto_algorithm algorithm, const struct crypto_key *key);

/**
 * crypto_is_signature() - whether a signature is by a key, where the scheme is no token's
 * @scheme:    its kind and curve are those of the key
 * @key:       whole
 * @data:      what was signed
 * @signature: as crypto_verify() takes it
 *
 * Return: true if so.
 */
bool crypto_is_signature(const struct crypto_scheme *scheme, const struct crypto_key *key, struct str data,
	struct str signature);

/** crypto_digest_info() - a digest as RSA signs it (RFC 8017, 9.2); Return: bytes */
size_t crypto_digest_info(enum crypto_hash hash, struct str data, unsigned char ret[128]);

/** crypto_hash_of() - nettle's, for who needs more than one digest; @hash is not CRYPTO_HASH_NONE */
const struct nettle_hash *crypto_hash_of(enum crypto_hash hash);

/** crypto_curve_bytes() - of a coordinate; Return: 0 for CRYPTO_CURVE_NONE */
size_t crypto_curve_bytes(enum crypto_curve curve);

/** crypto_curve_of() - nettle's; @curve is not CRYPTO_CURVE_NONE */
const struct ecc_curve *crypto_curve_of(enum crypto_curve curve);

/* ---- keys in nettle's own form, for the time of one call ---- */

/** crypto_rsa_init() - a public key; ends with rsa_public_key_clear(); Return: false where n is impossible */
bool crypto_rsa_init(const struct crypto_key *key, struct rsa_public_key *ret);

/** crypto_rsa_private_init() - its other half; ends with rsa_private_key_clear(); Return: as above */
bool crypto_rsa_private_init(const struct crypto_key *key, struct rsa_private_key *ret);

/** crypto_point_init() - of two coordinates; ends with ecc_point_clear(); Return: false: not on the curve */
bool crypto_point_init(enum crypto_curve curve, struct str x, struct str y, struct ecc_point *ret);

/** crypto_scalar_init() - a private number; ends with ecc_scalar_clear(); Return: false: not in its range */
bool crypto_scalar_init(enum crypto_curve curve, struct str d, struct ecc_scalar *ret);

/* ---- keys that are being read ---- */

/**
 * crypto_key_finish() - make a key whole, or say why it is none
 * @arena:    owns what is computed
 * @rsa_bits: as in crypto_key_read_pem()
 * @key:      kind, curve and numbers as they were read; a private EC or Ed25519 key may lack its public half
 * @err:      as in crypto_key_read_pem()
 *
 * Errors: -EBADMSG, -ERANGE, -EMSGSIZE as there.
 * Return: 0 or negative errno.
 */
int crypto_key_finish(struct arena *arena, unsigned rsa_bits, struct crypto_key *key, struct error *err);

/** crypto_key_read_der() - the inside of a PEM block, by the block's label; borrows @der; Return: as there */
int crypto_key_read_der(struct str label, struct str der, struct crypto_key *ret, struct error *err);
