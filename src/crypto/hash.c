// SPDX-License-Identifier: Apache-2.0
/*
 * hash.c - digests and what is made of them with a secret
 *
 * nettle describes each hash by a row of functions, so the same few lines do for all of them. The largest
 * state is that of SHA-512.
 */
#include "crypto/crypto_internal.h"

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>

union state {
	struct sha256_ctx small;
	struct sha512_ctx large;
};

const struct nettle_hash *crypto_hash_of(enum crypto_hash hash)
{
	switch (hash) {
	case CRYPTO_SHA224:
		return &nettle_sha224;
	case CRYPTO_SHA256:
		return &nettle_sha256;
	case CRYPTO_SHA384:
		return &nettle_sha384;
	case CRYPTO_SHA512:
		return &nettle_sha512;
	case CRYPTO_SHA512_224:
		return &nettle_sha512_224;
	case CRYPTO_SHA512_256:
		return &nettle_sha512_256;
	case CRYPTO_HASH_NONE:
		break;
	}
	assert(false && "no hash");
	return &nettle_sha256;
}

size_t crypto_hash(enum crypto_hash hash, struct str data, unsigned char ret[CRYPTO_HASH_BYTES_MAX])
{
	const struct nettle_hash *how = crypto_hash_of(hash);
	union state state;

	how->init(&state);
	how->update(&state, data.len, (const unsigned char *)data.data);
	how->digest(&state, how->digest_size, ret);
	return how->digest_size;
}

size_t crypto_hmac(enum crypto_hash hash, struct str secret, struct str data,
	unsigned char ret[CRYPTO_HASH_BYTES_MAX])
{
	const struct nettle_hash *how = crypto_hash_of(hash);
	union state outer, inner, state;

	hmac_set_key(&outer, &inner, &state, how, secret.len, (const unsigned char *)secret.data);
	hmac_update(&state, how, data.len, (const unsigned char *)data.data);
	hmac_digest(&outer, &inner, &state, how, how->digest_size, ret);
	explicit_bzero(&outer, sizeof(outer));
	explicit_bzero(&inner, sizeof(inner));
	return how->digest_size;
}

bool crypto_equal(struct str a, struct str b)
{
	return a.len == b.len && memeql_sec(a.data, b.data, a.len);
}
