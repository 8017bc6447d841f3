// SPDX-License-Identifier: Apache-2.0
/*
 * sign.c - signatures, without asking the system for anything
 *
 * ECDSA draws a nonce for each signature, and who learns one, or sees one used for two texts, has the key.
 * The generator here is therefore keyed with all that decides the signature, the private key among it, and
 * with what randomness the caller has: with none of it, signatures are deterministic, as those of RFC 6979
 * are; with some, nobody can make a device sign the same text twice in the same way to measure it.
 */
#include "crypto/crypto_internal.h"

#include <errno.h>
#include <nettle/bignum.h>
#include <nettle/ecdsa.h>
#include <nettle/eddsa.h>

/* Block i is the HMAC of i by the key. */
struct generator {
	unsigned char key[CRYPTO_HASH_BYTES_MAX];
	unsigned char block[CRYPTO_HASH_BYTES_MAX];
	uint64_t count;
	size_t used;
};

static const unsigned char *bytes_of(struct str text)
{
	return (const unsigned char *)text.data;
}

/* ---- what is drawn ---- */

/* Each part goes in as its digest, so that none can pass for two. */
static void generator_init(struct generator *generator, enum crypto_algorithm algorithm, struct str private,
	struct str data, struct str seed)
{
	unsigned char parts[4][CRYPTO_HASH_BYTES_MAX];

	crypto_hash(CRYPTO_SHA512, str_from(crypto_algorithm_name(algorithm)), parts[0]);
	crypto_hash(CRYPTO_SHA512, private, parts[1]);
	crypto_hash(CRYPTO_SHA512, data, parts[2]);
	crypto_hash(CRYPTO_SHA512, seed, parts[3]);
	*generator = (struct generator){ .used = sizeof(generator->block) };
	crypto_hash(CRYPTO_SHA512, (struct str){ (const char *)parts, sizeof(parts) }, generator->key);
	explicit_bzero(parts, sizeof(parts));
}

static void generator_draw(void *context, size_t len, uint8_t *ret)
{
	struct generator *generator = context;
	struct str key = { (const char *)generator->key, sizeof(generator->key) };
	struct str count = { (const char *)&generator->count, sizeof(generator->count) };

	for (size_t i = 0; i < len; i++) {
		if (generator->used == sizeof(generator->block)) {
			crypto_hmac(CRYPTO_SHA512, key, count, generator->block);
			generator->count++;
			generator->used = 0;
		}
		ret[i] = generator->block[generator->used++];
	}
}

/* ---- RSA ---- */

/* RFC 8017, 8.1.1 and 8.2.1: blinded, and verified before anybody sees it. */
static bool sign_number(const struct crypto_scheme *scheme, const struct rsa_public_key *public,
	const struct rsa_private_key *private, struct generator *generator, struct str data, mpz_t ret)
{
	unsigned char digest[128], salt[CRYPTO_HASH_BYTES_MAX];
	size_t len;

	if (!scheme->is_pss) {
		len = crypto_digest_info(scheme->hash, data, digest);
		return rsa_pkcs1_sign_tr(public, private, generator, generator_draw, len, digest, ret);
	}
	len = crypto_hash(scheme->hash, data, digest);
	generator_draw(generator, len, salt);
	if (scheme->hash == CRYPTO_SHA256)
		return rsa_pss_sha256_sign_digest_tr(public, private, generator, generator_draw, len, salt,
			digest, ret);
	if (scheme->hash == CRYPTO_SHA384)
		return rsa_pss_sha384_sign_digest_tr(public, private, generator, generator_draw, len, salt,
			digest, ret);
	return rsa_pss_sha512_sign_digest_tr(public, private, generator, generator_draw, len, salt, digest,
		ret);
}

static size_t sign_rsa(const struct crypto_scheme *scheme, const struct crypto_key *key,
	struct generator *generator, struct str data, unsigned char *ret)
{
	struct rsa_private_key private;
	struct rsa_public_key public;
	bool is_fine = crypto_rsa_init(key, &public);
	size_t len = 0;
	mpz_t number;

	mpz_init(number);
	is_fine = crypto_rsa_private_init(key, &private) && is_fine &&
		sign_number(scheme, &public, &private, generator, data, number);
	if (is_fine) {
		len = public.size;
		nettle_mpz_get_str_256(len, ret, number);
	}
	mpz_clear(number);
	rsa_private_key_clear(&private);
	rsa_public_key_clear(&public);
	return len;
}

/* ---- curves ---- */

static size_t sign_ecdsa(const struct crypto_scheme *scheme, const struct crypto_key *key,
	struct generator *generator, struct str data, unsigned char *ret)
{
	unsigned char digest[CRYPTO_HASH_BYTES_MAX];
	size_t part = crypto_curve_bytes(scheme->curve), len = crypto_hash(scheme->hash, data, digest);
	struct dsa_signature pair;
	struct ecc_scalar scalar;
	bool is_fine = crypto_scalar_init(key->curve, key->ec.d, &scalar);

	if (is_fine) {
		dsa_signature_init(&pair);
		ecdsa_sign(&scalar, generator, generator_draw, len, digest, &pair);
		nettle_mpz_get_str_256(part, ret, pair.r);
		nettle_mpz_get_str_256(part, ret + part, pair.s);
		dsa_signature_clear(&pair);
	}
	ecc_scalar_clear(&scalar);
	return is_fine ? 2 * part : 0;
}

static size_t sign_eddsa(const struct crypto_key *key, struct str data, unsigned char *ret)
{
	ed25519_sha512_sign(bytes_of(key->ed.x), bytes_of(key->ed.d), data.len, bytes_of(data), ret);
	return ED25519_SIGNATURE_SIZE;
}

/* ---- all of them ---- */

static struct str private_of(const struct crypto_key *key)
{
	return key->kind == CRYPTO_KEY_RSA ? key->rsa.d : key->kind == CRYPTO_KEY_EC ? key->ec.d :
		(struct str){ 0 };
}

static size_t sign(const struct crypto_scheme *scheme, const struct crypto_key *key,
	struct generator *generator, struct str data, unsigned char *ret)
{
	switch (scheme->kind) {
	case CRYPTO_KEY_SECRET:
		return crypto_hmac(scheme->hash, key->secret, data, ret);
	case CRYPTO_KEY_RSA:
		return sign_rsa(scheme, key, generator, data, ret);
	case CRYPTO_KEY_EC:
		return sign_ecdsa(scheme, key, generator, data, ret);
	case CRYPTO_KEY_ED25519:
		return sign_eddsa(key, data, ret);
	case CRYPTO_KEY_NONE:
		break;
	}
	return 0;
}

int crypto_sign(enum crypto_algorithm algorithm, const struct crypto_key *key, struct str data,
	struct str seed, unsigned char ret[CRYPTO_SIGNATURE_BYTES_MAX], size_t *ret_count)
{
	struct generator generator;
	size_t len;

	if (!crypto_scheme_takes(algorithm, key) || !key->is_private)
		return -EINVAL;
	generator_init(&generator, algorithm, private_of(key), data, seed);
	len = sign(crypto_scheme_of(algorithm), key, &generator, data, ret);
	explicit_bzero(&generator, sizeof(generator));
	if (!len)
		return -EKEYREJECTED;
	*ret_count = len;
	return 0;
}
