/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto.h - who signed these bytes: signatures of tokens and bundles, and the keys they are verified with
 *
 * The algorithms are those of JSON Web Signatures: RSA (RS*, PS*), ECDSA on the curves of NIST (ES*), Ed25519
 * (EdDSA) and HMAC (HS*). The computing is nettle's, linked statically (docs/decisions/0006-nettle.md). What
 * holds here:
 *
 *   - a key is plain bytes in an arena: it owns nothing else, has no end, and may be shared and copied
 *   - a key that was read is whole: numbers are in their range, a point of NIST's curves is on its curve, the
 *     halves of a private key belong together. Nothing of it has to be looked at again
 *   - a key has a kind, and each algorithm takes keys of one kind (and ES* of one curve). A public key is
 *     therefore never taken for the secret of an HMAC, and there is no algorithm "none"
 *   - what is not exactly the form of its standard is refused: base64 that is not canonical, DER with a
 *     length that is not the shortest, bytes behind the end
 *   - sizes are bounded before anything is computed. nettle and GMP take memory from the heap while they
 *     compute, a few kilobytes for each call, and give it back before they return
 *   - nothing is read from the system: randomness is an argument (crypto_sign())
 *
 * Comparisons of what an attacker may guess take the same time wherever the difference is. Private keys are
 * used in constant time where nettle does, and are not wiped from memory: programs that sign end soon after.
 *
 * Sources: RFC 7515 (JWS), RFC 7517 (JWK), RFC 7518 (JWA), RFC 8037 (Ed25519 in both); RFC 7468 (PEM);
 * RFC 5280 (certificates), RFC 8017 (RSA), RFC 5915 and SEC 1 (EC), RFC 5958 and RFC 8410 (PKCS #8, Ed25519).
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "json/json.h"

enum {
	CRYPTO_KEY_BYTES_MAX = 64 << 10,	/* of the text of one key */
	CRYPTO_SECRET_BYTES_MAX = 64 << 10,
	CRYPTO_RSA_BITS_USUAL = 2048,		/* the least that is taken where nobody says otherwise */
	CRYPTO_RSA_BITS_MIN = 1024,
	CRYPTO_RSA_BITS_MAX = 8192,
	CRYPTO_KEYS_MAX = 256,			/* of a set */
	CRYPTO_HASH_BYTES_MAX = 64,
	CRYPTO_SIGNATURE_BYTES_MAX = CRYPTO_RSA_BITS_MAX / 8,
};

/* ---- digests (hash.c) ---- */

enum crypto_hash {
	CRYPTO_HASH_NONE,
	CRYPTO_SHA224,
	CRYPTO_SHA256,
	CRYPTO_SHA384,
	CRYPTO_SHA512,
	CRYPTO_SHA512_224,
	CRYPTO_SHA512_256,
};

/**
 * crypto_hash() - the digest of one run of bytes
 * @hash: not CRYPTO_HASH_NONE
 * @data: any bytes
 * @ret:  as many bytes as are returned
 *
 * Source: FIPS 180-4
 * Return: bytes of the digest.
 */
size_t crypto_hash(enum crypto_hash hash, struct str data, unsigned char ret[CRYPTO_HASH_BYTES_MAX]);

/**
 * crypto_hmac() - the authentication code of one run of bytes
 * @hash:   not CRYPTO_HASH_NONE
 * @secret: any bytes, also none
 * @data:   any bytes
 * @ret:    as many bytes as are returned
 *
 * Source: RFC 2104
 * Return: bytes of the code.
 */
size_t crypto_hmac(enum crypto_hash hash, struct str secret, struct str data,
	unsigned char ret[CRYPTO_HASH_BYTES_MAX]);

/** crypto_equal() - whether bytes are equal, in a time that only their number decides; Return: true if so */
bool crypto_equal(struct str a, struct str b);

/* ---- algorithms (algorithm.c) ---- */

enum crypto_key_kind {
	CRYPTO_KEY_NONE,
	CRYPTO_KEY_SECRET,		/* what both sides know */
	CRYPTO_KEY_RSA,
	CRYPTO_KEY_EC,
	CRYPTO_KEY_ED25519,
};

enum crypto_curve {
	CRYPTO_CURVE_NONE,
	CRYPTO_P256,
	CRYPTO_P384,
	CRYPTO_P521,
};

enum crypto_algorithm {
	CRYPTO_ALGORITHM_NONE,
	CRYPTO_HS256,
	CRYPTO_HS384,
	CRYPTO_HS512,
	CRYPTO_RS256,
	CRYPTO_RS384,
	CRYPTO_RS512,
	CRYPTO_PS256,
	CRYPTO_PS384,
	CRYPTO_PS512,
	CRYPTO_ES256,
	CRYPTO_ES384,
	CRYPTO_ES512,
	CRYPTO_EDDSA,
};

/** crypto_algorithm_find() - by its name in a token, "RS256"; Return: CRYPTO_ALGORITHM_NONE for any other */
enum crypto_algorithm crypto_algorithm_find(struct str name);

/** crypto_algorithm_name() - as in a token; "none" for CRYPTO_ALGORITHM_NONE */
const char *crypto_algorithm_name(enum crypto_algorithm algorithm);

/** crypto_algorithm_kind() - the one kind of key that it takes; CRYPTO_KEY_NONE for none */
enum crypto_key_kind crypto_algorithm_kind(enum crypto_algorithm algorithm);

/** crypto_key_kind_name() - for messages: "secret", "RSA", "EC", "Ed25519"; "unknown" for CRYPTO_KEY_NONE */
const char *crypto_key_kind_name(enum crypto_key_kind kind);

/* ---- keys (key.c, key_pem.c, key_der.c, key_jwk.c) ---- */

/*
 * Numbers are big-endian: those of RSA without zeros in front, those of a curve as long as its coordinates.
 * What a public key does not have is empty. Made by the readers below only.
 */
struct crypto_key {
	enum crypto_key_kind kind;
	enum crypto_curve curve;		/* CRYPTO_KEY_EC */
	enum crypto_algorithm algorithm;	/* the one that it is meant for; NONE: the key does not say */
	bool is_private;			/* it can sign; a secret always can */
	unsigned bits;				/* of the modulus, RSA */
	struct str id;				/* "kid" of a JWK, valid UTF-8; empty: none */
	union {
		struct str secret;
		struct {
			struct str n, e, d, p, q, dp, dq, qi;
		} rsa;
		struct {
			struct str x, y, d;
		} ec;
		struct {
			struct str x, d;	/* 32 bytes each: the public key, and the seed */
		} ed;
	};
};

/**
 * crypto_key_secret() - a secret as a key for HS*
 * @secret: any bytes, borrowed; at most CRYPTO_SECRET_BYTES_MAX
 * @ret:    the key
 *
 * Errors: -EMSGSIZE longer than that.
 * Return: 0 or negative errno.
 */
int crypto_key_secret(struct str secret, struct crypto_key *ret);

/**
 * crypto_key_read_pem() - a key as programs keep it in a file
 * @arena:    owns the key
 * @text:     one block: PUBLIC KEY, RSA PUBLIC KEY, CERTIFICATE (its key; nothing else of it is believed),
 *            PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY; only space may stand around it, and a block
 *            EC PARAMETERS in front
 * @rsa_bits: the fewest that RSA may have; 0: CRYPTO_RSA_BITS_USUAL
 * @ret:      the key, without id and algorithm
 * @err:      "it is ...", why it is none
 *
 * Errors: -EBADMSG no such block, or not what it says it is; -ENOTSUP a key of another kind, or encrypted;
 * -ERANGE RSA with too few bits, or too many; -EMSGSIZE over CRYPTO_KEY_BYTES_MAX, or the arena is full.
 * Source: RFC 7468
 * Return: 0 or negative errno.
 */
int crypto_key_read_pem(struct arena *arena, struct str text, unsigned rsa_bits, struct crypto_key *ret,
	struct error *err);

/**
 * crypto_key_read_block() - a key that is one of several blocks of a text
 * @arena:    owns what is computed; the rest is borrowed
 * @label:    of the block, as above
 * @der:      its bytes
 * @rsa_bits: as above
 * @ret:      the key
 * @err:      as above
 *
 * Errors: as above.
 * Return: 0 or negative errno.
 */
int crypto_key_read_block(struct arena *arena, struct str label, struct str der, unsigned rsa_bits,
	struct crypto_key *ret, struct error *err);

/**
 * crypto_key_read_jwk() - a key as JSON says it
 * @arena:    owns the key
 * @value:    an object with "kty": "RSA", "EC", "OKP" or "oct"
 * @rsa_bits: as above
 * @ret:      the key, with its "kid" and "alg"
 * @err:      as above
 *
 * A private key of RSA has to have all its numbers ("p" to "qi"). What the key is for ("use", "key_ops") is
 * looked at no further than that a key which says it is for encryption is none.
 *
 * Errors: as above; -ENOTSUP is also an "alg" that is none of ours.
 * Source: RFC 7517, RFC 7518 chapter 6, RFC 8037 chapter 2
 * Return: 0 or negative errno.
 */
int crypto_key_read_jwk(struct arena *arena, const struct json *value, unsigned rsa_bits,
	struct crypto_key *ret, struct error *err);

/**
 * crypto_keys_read() - one key or a set of keys, whatever the form
 * @arena:     owns the keys
 * @text:      a PEM block, a JWK, or a set of JWKs ({"keys": [..]})
 * @rsa_bits:  as above
 * @ret:       the keys
 * @ret_count: at least 1
 * @err:       as above
 *
 * Keys of a set that are of a kind unknown here (-ENOTSUP) are left out, as RFC 7517 wants it; any other flaw
 * in one of them is one of the set.
 *
 * Errors: as above; -EBADMSG is also a set without any key that is left.
 * Return: 0 or negative errno.
 */
int crypto_keys_read(struct arena *arena, struct str text, unsigned rsa_bits, const struct crypto_key **ret,
	size_t *ret_count, struct error *err);

/* ---- signatures (verify.c, sign.c) ---- */

/**
 * crypto_verify() - whether somebody who has the key signed this
 * @algorithm: that of the signature; the caller decides whether it is one that may be
 * @key:       public, private or secret
 * @data:      what was signed
 * @signature: as in a JWS: ES* is the two numbers side by side
 *
 * PS* has to have a salt as long as its digest.
 *
 * Errors: -EINVAL the algorithm takes no such key; -EKEYREJECTED the signature is not by this key, or is of
 * other bytes.
 * Source: RFC 7518, chapter 3; RFC 8037, 3.1
 * Return: 0 if so, or negative errno.
 */
int crypto_verify(enum crypto_algorithm algorithm, const struct crypto_key *key, struct str data,
	struct str signature);

/**
 * crypto_sign() - sign bytes
 * @algorithm: how
 * @key:       secret or private
 * @data:      what
 * @seed:      32 bytes or more from the system's randomness; it may be empty, where equal arguments should
 *             give equal signatures
 * @ret:       the signature, as in a JWS
 * @ret_count: its bytes
 *
 * What ES* and PS* draw at random comes from a generator keyed with the private key, the data and @seed: no
 * two signatures of different data share a nonce, whatever @seed is.
 *
 * Errors: -EINVAL the algorithm takes no such key, or it cannot sign; -EKEYREJECTED its numbers give no valid
 * signature.
 * Source: as above; draft-irtf-cfrg-det-sigs-with-noise for the idea of the seed
 * Return: 0 or negative errno.
 */
int crypto_sign(enum crypto_algorithm algorithm, const struct crypto_key *key, struct str data,
	struct str seed, unsigned char ret[CRYPTO_SIGNATURE_BYTES_MAX], size_t *ret_count);
