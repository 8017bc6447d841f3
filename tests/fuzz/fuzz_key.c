// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_key.c - what holds for every text that somebody says is a key
 *
 *   - a refusal is one of five errors, and says why
 *   - a key that was read has a kind, takes the algorithms of that kind only, and refuses any signature of
 *     nothing
 *   - a private one signs what its public half verifies, or says that it cannot
 *   - an arena that is too small gives -EMSGSIZE and nothing else
 */
#include "crypto/crypto.h"

#include <errno.h>

enum {
	ARENA_BYTES_MAX = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_key(const struct crypto_key *key, struct str text)
{
	unsigned char signature[CRYPTO_SIGNATURE_BYTES_MAX];

	assert(key->kind != CRYPTO_KEY_NONE);
	for (unsigned a = CRYPTO_ALGORITHM_NONE; a <= CRYPTO_EDDSA; a++) {
		enum crypto_algorithm algorithm = (enum crypto_algorithm)a;
		int r = crypto_verify(algorithm, key, text, STR(""));
		size_t len;

		assert(r == -EKEYREJECTED || r == -EINVAL);
		assert(r == -EINVAL || key->kind == crypto_algorithm_kind(algorithm));
		r = crypto_sign(algorithm, key, text, STR(""), signature, &len);
		assert(!r || r == -EINVAL || r == -EKEYREJECTED);
		assert(r || !crypto_verify(algorithm, key, text,
			(struct str){ (const char *)signature, len }));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES_MAX), small = ARENA_INIT(size);
	struct str text = { .data = (const char *)data, .len = size };
	struct error err = ERROR_INIT;
	const struct crypto_key *keys;
	size_t count;
	int r = crypto_keys_read(&arena, text, CRYPTO_RSA_BITS_MIN, &keys, &count, &err);

	if (r < 0) {
		assert(r == -EBADMSG || r == -ENOTSUP || r == -ERANGE || r == -EMSGSIZE);
		assert(err.code == r && *err.text);
		return 0;
	}
	assert(count && count <= CRYPTO_KEYS_MAX);
	for (size_t i = 0; i < count && i < 4; i++)
		check_key(&keys[i], text);
	r = crypto_keys_read(&small, text, CRYPTO_RSA_BITS_MIN, &keys, &count, NULL);
	assert(!r || r == -EMSGSIZE);
	return 0;
}
