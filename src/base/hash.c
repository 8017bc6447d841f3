// SPDX-License-Identifier: Apache-2.0
/*
 * hash.c - SHA-256 by libcrypto's block functions
 *
 * The low-level interface is used on purpose: it is a few kilobytes of a static archive, while EVP pulls in
 * providers, locks and configuration files, none of which a digest needs.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include <errno.h>
#include <openssl/sha.h>

static_assert(sizeof(SHA256_CTX) <= sizeof(((struct hash *)0)->state),
	"struct hash must hold libcrypto's state");

static SHA256_CTX *context(struct hash *hash)
{
	return (SHA256_CTX *)(void *)hash->state;
}

void hash_init(struct hash *hash)
{
	SHA256_Init(context(hash));
}

void hash_update(struct hash *hash, const void *data, size_t len)
{
	if (len)
		SHA256_Update(context(hash), data, len);
}

struct digest hash_final(struct hash *hash)
{
	struct digest digest;

	SHA256_Final(digest.bytes, context(hash));
	return digest;
}

struct digest hash_bytes(const void *data, size_t len)
{
	struct hash hash;

	hash_init(&hash);
	hash_update(&hash, data, len);
	return hash_final(&hash);
}

void digest_to_hex(const struct digest *digest, char ret[DIGEST_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		ret[2 * i] = digits[digest->bytes[i] >> 4];
		ret[2 * i + 1] = digits[digest->bytes[i] & 15];
	}
	ret[2 * DIGEST_BYTES] = '\0';
}

/* One more than the value of each digit, so that whatever is none is 0. */
static const uint8_t digit_values[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9,
	['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

int digest_from_hex(struct str hex, struct digest *ret)
{
	struct digest digest;

	if (hex.len != 2 * DIGEST_BYTES)
		return -EINVAL;
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		unsigned high = digit_values[(unsigned char)hex.data[2 * i]];
		unsigned low = digit_values[(unsigned char)hex.data[2 * i + 1]];

		if (!high || !low)
			return -EINVAL;
		digest.bytes[i] = (uint8_t)((high - 1) << 4 | (low - 1));
	}
	*ret = digest;
	return 0;
}
