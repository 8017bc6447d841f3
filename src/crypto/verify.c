// SPDX-License-Identifier: Apache-2.0
/*
 * verify.c - whether a signature is by a key
 *
 * Nothing is secret here but the key of an HMAC. What nettle is given was bounded when the key was read; the
 * signature has exactly one length for each key, and any other is refused before its numbers are looked at.
 */
#include "crypto/crypto_internal.h"

#include <errno.h>
#include <nettle/bignum.h>
#include <nettle/ecdsa.h>
#include <nettle/eddsa.h>

static const unsigned char *bytes_of(struct str text)
{
	return (const unsigned char *)text.data;
}

static bool is_hmac(const struct crypto_scheme *scheme, const struct crypto_key *key, struct str data,
	struct str signature)
{
	unsigned char code[CRYPTO_HASH_BYTES_MAX];
	size_t len = crypto_hmac(scheme->hash, key->secret, data, code);

	return crypto_equal((struct str){ (const char *)code, len }, signature);
}

/* RFC 8017, 8.1.2 and 8.2.2 */
static bool is_rsa_number(const struct crypto_scheme *scheme, const struct rsa_public_key *key,
	struct str data, const mpz_t number)
{
	unsigned char digest[128];
	size_t len;

	if (!scheme->is_pss) {
		len = crypto_digest_info(scheme->hash, data, digest);
		return rsa_pkcs1_verify(key, len, digest, number);
	}
	len = crypto_hash(scheme->hash, data, digest);
	if (scheme->hash == CRYPTO_SHA256)
		return rsa_pss_sha256_verify_digest(key, len, digest, number);
	if (scheme->hash == CRYPTO_SHA384)
		return rsa_pss_sha384_verify_digest(key, len, digest, number);
	return rsa_pss_sha512_verify_digest(key, len, digest, number);
}

static bool is_rsa(const struct crypto_scheme *scheme, const struct crypto_key *key, struct str data,
	struct str signature)
{
	struct rsa_public_key public;
	bool is_by_it = crypto_rsa_init(key, &public) && signature.len == public.size;
	mpz_t number;

	if (is_by_it) {
		nettle_mpz_init_set_str_256_u(number, signature.len, bytes_of(signature));
		is_by_it = is_rsa_number(scheme, &public, data, number);
		mpz_clear(number);
	}
	rsa_public_key_clear(&public);
	return is_by_it;
}

/* RFC 7518, 3.4 */
static bool is_ecdsa(const struct crypto_scheme *scheme, const struct crypto_key *key, struct str data,
	struct str signature)
{
	unsigned char digest[CRYPTO_HASH_BYTES_MAX];
	size_t part = crypto_curve_bytes(scheme->curve), len = crypto_hash(scheme->hash, data, digest);
	struct dsa_signature pair;
	struct ecc_point point;
	bool is_by_it;

	if (signature.len != 2 * part)
		return false;
	dsa_signature_init(&pair);
	nettle_mpz_set_str_256_u(pair.r, part, bytes_of(signature));
	nettle_mpz_set_str_256_u(pair.s, part, bytes_of(signature) + part);
	is_by_it = crypto_point_init(key->curve, key->ec.x, key->ec.y, &point) &&
		ecdsa_verify(&point, len, digest, &pair);
	ecc_point_clear(&point);
	dsa_signature_clear(&pair);
	return is_by_it;
}

static bool is_eddsa(const struct crypto_key *key, struct str data, struct str signature)
{
	return signature.len == ED25519_SIGNATURE_SIZE && ed25519_sha512_verify(bytes_of(key->ed.x), data.len,
		bytes_of(data), bytes_of(signature));
}

bool crypto_is_signature(const struct crypto_scheme *scheme, const struct crypto_key *key, struct str data,
	struct str signature)
{
	switch (scheme->kind) {
	case CRYPTO_KEY_SECRET:
		return is_hmac(scheme, key, data, signature);
	case CRYPTO_KEY_RSA:
		return is_rsa(scheme, key, data, signature);
	case CRYPTO_KEY_EC:
		return is_ecdsa(scheme, key, data, signature);
	case CRYPTO_KEY_ED25519:
		return is_eddsa(key, data, signature);
	case CRYPTO_KEY_NONE:
		break;
	}
	return false;
}

int crypto_verify(enum crypto_algorithm algorithm, const struct crypto_key *key, struct str data,
	struct str signature)
{
	if (!crypto_scheme_takes(algorithm, key))
		return -EINVAL;
	return crypto_is_signature(crypto_scheme_of(algorithm), key, data, signature) ? 0 : -EKEYREJECTED;
}
