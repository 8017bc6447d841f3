// SPDX-License-Identifier: Apache-2.0
/*
 * algorithm.c - one row for each algorithm of a token
 */
#include "crypto/crypto_internal.h"

#include <nettle/ecc-curve.h>

static const struct crypto_scheme schemes[] = {
	[CRYPTO_ALGORITHM_NONE] = { .name = "none" },
	[CRYPTO_HS256] = { "HS256", CRYPTO_KEY_SECRET, .hash = CRYPTO_SHA256 },
	[CRYPTO_HS384] = { "HS384", CRYPTO_KEY_SECRET, .hash = CRYPTO_SHA384 },
	[CRYPTO_HS512] = { "HS512", CRYPTO_KEY_SECRET, .hash = CRYPTO_SHA512 },
	[CRYPTO_RS256] = { "RS256", CRYPTO_KEY_RSA, .hash = CRYPTO_SHA256 },
	[CRYPTO_RS384] = { "RS384", CRYPTO_KEY_RSA, .hash = CRYPTO_SHA384 },
	[CRYPTO_RS512] = { "RS512", CRYPTO_KEY_RSA, .hash = CRYPTO_SHA512 },
	[CRYPTO_PS256] = { "PS256", CRYPTO_KEY_RSA, .hash = CRYPTO_SHA256, .is_pss = true },
	[CRYPTO_PS384] = { "PS384", CRYPTO_KEY_RSA, .hash = CRYPTO_SHA384, .is_pss = true },
	[CRYPTO_PS512] = { "PS512", CRYPTO_KEY_RSA, .hash = CRYPTO_SHA512, .is_pss = true },
	[CRYPTO_ES256] = { "ES256", CRYPTO_KEY_EC, CRYPTO_P256, CRYPTO_SHA256 },
	[CRYPTO_ES384] = { "ES384", CRYPTO_KEY_EC, CRYPTO_P384, CRYPTO_SHA384 },
	[CRYPTO_ES512] = { "ES512", CRYPTO_KEY_EC, CRYPTO_P521, CRYPTO_SHA512 },
	[CRYPTO_EDDSA] = { "EdDSA", CRYPTO_KEY_ED25519 },
};

const struct crypto_scheme *crypto_scheme_of(enum crypto_algorithm algorithm)
{
	assert(algorithm < ARRAY_SIZE(schemes));
	return &schemes[algorithm];
}

bool crypto_scheme_takes(enum crypto_algorithm algorithm, const struct crypto_key *key)
{
	const struct crypto_scheme *scheme = crypto_scheme_of(algorithm);

	return scheme->kind != CRYPTO_KEY_NONE && scheme->kind == key->kind && scheme->curve == key->curve &&
		(!key->algorithm || key->algorithm == algorithm);
}

enum crypto_algorithm crypto_algorithm_find(struct str name)
{
	for (size_t i = CRYPTO_ALGORITHM_NONE + 1; i < ARRAY_SIZE(schemes); i++)
		if (str_eq(name, str_from(schemes[i].name)))
			return (enum crypto_algorithm)i;
	return CRYPTO_ALGORITHM_NONE;
}

const char *crypto_algorithm_name(enum crypto_algorithm algorithm)
{
	return crypto_scheme_of(algorithm)->name;
}

enum crypto_key_kind crypto_algorithm_kind(enum crypto_algorithm algorithm)
{
	return crypto_scheme_of(algorithm)->kind;
}

const char *crypto_key_kind_name(enum crypto_key_kind kind)
{
	static const char *const names[] = { "unknown", "secret", "RSA", "EC", "Ed25519" };

	return names[kind];
}

size_t crypto_curve_bytes(enum crypto_curve curve)
{
	static const size_t bytes[] = { 0, 32, 48, COORDINATE_BYTES_MAX };

	return bytes[curve];
}

const struct ecc_curve *crypto_curve_of(enum crypto_curve curve)
{
	assert(curve != CRYPTO_CURVE_NONE);
	if (curve == CRYPTO_P256)
		return nettle_get_secp_256r1();
	return curve == CRYPTO_P384 ? nettle_get_secp_384r1() : nettle_get_secp_521r1();
}

/* nettle knows this prefix for two of the three. RFC 8017, 9.2, note 1: they differ in two bytes. */
size_t crypto_digest_info(enum crypto_hash hash, struct str data, unsigned char ret[128])
{
	static const unsigned char prefix[] = {
		0x30, 0, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0, 0x05,
		0x00, 0x04, 0,
	};
	size_t len = crypto_hash(hash, data, ret + sizeof(prefix));

	memcpy(ret, prefix, sizeof(prefix));
	ret[1] = (unsigned char)(sizeof(prefix) - 2 + len);
	ret[14] = hash == CRYPTO_SHA256 ? 1 : hash == CRYPTO_SHA384 ? 2 : 3;
	ret[18] = (unsigned char)len;
	return sizeof(prefix) + len;
}
