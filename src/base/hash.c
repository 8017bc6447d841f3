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

/*
 * The digits of four bytes, the first one lowest: eight half bytes side by side, each turned into its letter.
 */
static uint64_t hex_of_four(uint64_t bytes)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t halves, above_nine;

	bytes = (bytes | bytes << 16) & UINT64_C(0x0000ffff0000ffff);
	bytes = (bytes | bytes << 8) & UINT64_C(0x00ff00ff00ff00ff);
	halves = (bytes >> 4 & UINT64_C(0x000f000f000f000f)) | (bytes & UINT64_C(0x000f000f000f000f)) << 8;
	above_nine = (halves + ones * 6) >> 4 & ones;
	return halves + ones * '0' + above_nine * ('a' - '0' - 10);
}

void digest_to_hex(const struct digest *digest, char ret[DIGEST_HEX_SIZE])
{
	for (size_t i = 0; i < DIGEST_BYTES; i += 4) {
		const uint8_t *at = &digest->bytes[i];
		uint64_t text = hex_of_four(at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 |
			(uint64_t)at[3] << 24);

		if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
			text = __builtin_bswap64(text);
		memcpy(ret + 2 * i, &text, sizeof(text));
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
