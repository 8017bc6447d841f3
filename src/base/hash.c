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

enum {
	HEX_STEP_BYTES = 16,
};

/* Sixteen bytes side by side; every processor that is built for does one such operation at once. */
typedef uint8_t byte_row __attribute__((vector_size(HEX_STEP_BYTES)));

static inline byte_row digits_of(byte_row halves)
{
	return halves + (uint8_t)'0' + ((byte_row)(halves > (uint8_t)9) & (uint8_t)('a' - '0' - 10));
}

void digest_to_hex(const struct digest *digest, char ret[DIGEST_HEX_SIZE])
{
	static_assert(DIGEST_BYTES % HEX_STEP_BYTES == 0, "a digest is whole rows");
	for (size_t i = 0; i < DIGEST_BYTES; i += HEX_STEP_BYTES) {
		byte_row bytes, high, low, text;

		memcpy(&bytes, digest->bytes + i, sizeof(bytes));
		high = digits_of(bytes >> (uint8_t)4);
		low = digits_of(bytes & (uint8_t)15);
		text = __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7,
			23);
		memcpy(ret + 2 * i, &text, sizeof(text));
		text = __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14,
			30, 15, 31);
		memcpy(ret + 2 * i + HEX_STEP_BYTES, &text, sizeof(text));
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
