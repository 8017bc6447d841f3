// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_crypto.c - digests and keyed digests
 *
 * The low-level functions of libcrypto, for the reasons that docs/decisions/0002-static-sha256.md gives. MD5
 * and SHA-1 are here because others still publish them; nothing of ours relies on them.
 *
 * Sources: RFC 1321 (MD5); FIPS 180-4 (SHA-1, SHA-256, SHA-512); RFC 2104 (HMAC)
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "rego/builtin_table.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

enum {
	STEP_BYTES = 64,
	DIGEST_MAX = SHA512_DIGEST_LENGTH,
	BLOCK_MAX = SHA512_CBLOCK,
	INNER_PAD = 0x36,
	OUTER_PAD = 0x5c,
};

union state {
	MD5_CTX md5;
	SHA_CTX sha1;
	SHA256_CTX sha256;
	SHA512_CTX sha512;
};

/* One algorithm; each function does nothing but pass the state on. */
struct algorithm {
	size_t digest_bytes, block_bytes;
	void (*init)(union state *state);
	void (*update)(union state *state, const void *data, size_t len);
	void (*final)(union state *state, unsigned char *ret);
};

#define ALGORITHM(name, member, prefix, digest, block) \
	static void name##_init(union state *state) \
	{ \
		(void)prefix##_Init(&state->member); \
	} \
	static void name##_update(union state *state, const void *data, size_t len) \
	{ \
		(void)prefix##_Update(&state->member, data, len); \
	} \
	static void name##_final(union state *state, unsigned char *ret) \
	{ \
		(void)prefix##_Final(ret, &state->member); \
	} \
	static const struct algorithm name = { digest, block, name##_init, name##_update, name##_final }

ALGORITHM(md5, md5, MD5, MD5_DIGEST_LENGTH, MD5_CBLOCK);
ALGORITHM(sha1, sha1, SHA1, SHA_DIGEST_LENGTH, SHA_CBLOCK);
ALGORITHM(sha256, sha256, SHA256, SHA256_DIGEST_LENGTH, SHA256_CBLOCK);
ALGORITHM(sha512, sha512, SHA512, SHA512_DIGEST_LENGTH, SHA512_CBLOCK);

static enum rego_answer give_hex(struct rego_call *call, const unsigned char *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";
	char hex[DIGEST_MAX * 2];

	for (size_t i = 0; i < count; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	return rego_give(call, json_new_string(call->arena, (struct str){ .data = hex, .len = count * 2 }));
}

static void compute(const struct algorithm *algorithm, struct str text, unsigned char ret[DIGEST_MAX])
{
	union state state;

	algorithm->init(&state);
	algorithm->update(&state, text.data, text.len);
	algorithm->final(&state, ret);
}

static enum rego_answer digest(struct rego_call *call, const struct algorithm *algorithm)
{
	unsigned char bytes[DIGEST_MAX];
	struct str text;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	if (!rego_spend(call->budget, 1 + text.len / STEP_BYTES))
		return rego_stopped(call);
	compute(algorithm, text, bytes);
	return give_hex(call, bytes, algorithm->digest_bytes);
}

static enum rego_answer hmac(struct rego_call *call, const struct algorithm *algorithm)
{
	unsigned char key_block[BLOCK_MAX] = { 0 }, pad[BLOCK_MAX], bytes[DIGEST_MAX];
	struct str text, key;
	union state state;

	if (!rego_take_string(call, 0, &text) || !rego_take_string(call, 1, &key))
		return rego_failed(call);
	if (!rego_spend(call->budget, 2 + (text.len + key.len) / STEP_BYTES))
		return rego_stopped(call);
	if (key.len > algorithm->block_bytes)
		compute(algorithm, key, key_block);
	else if (key.len)
		memcpy(key_block, key.data, key.len);
	for (size_t i = 0; i < algorithm->block_bytes; i++)
		pad[i] = key_block[i] ^ INNER_PAD;
	algorithm->init(&state);
	algorithm->update(&state, pad, algorithm->block_bytes);
	algorithm->update(&state, text.data, text.len);
	algorithm->final(&state, bytes);
	for (size_t i = 0; i < algorithm->block_bytes; i++)
		pad[i] = key_block[i] ^ OUTER_PAD;
	algorithm->init(&state);
	algorithm->update(&state, pad, algorithm->block_bytes);
	algorithm->update(&state, bytes, algorithm->digest_bytes);
	algorithm->final(&state, bytes);
	return give_hex(call, bytes, algorithm->digest_bytes);
}

enum rego_answer rego_do_crypto_md5(struct rego_call *call)
{
	return digest(call, &md5);
}

enum rego_answer rego_do_crypto_sha1(struct rego_call *call)
{
	return digest(call, &sha1);
}

enum rego_answer rego_do_crypto_sha256(struct rego_call *call)
{
	return digest(call, &sha256);
}

enum rego_answer rego_do_crypto_hmac_md5(struct rego_call *call)
{
	return hmac(call, &md5);
}

enum rego_answer rego_do_crypto_hmac_sha1(struct rego_call *call)
{
	return hmac(call, &sha1);
}

enum rego_answer rego_do_crypto_hmac_sha256(struct rego_call *call)
{
	return hmac(call, &sha256);
}

enum rego_answer rego_do_crypto_hmac_sha512(struct rego_call *call)
{
	return hmac(call, &sha512);
}

/* All of both texts is looked at, so that the time it takes says nothing of where they differ. */
enum rego_answer rego_do_crypto_hmac_equal(struct rego_call *call)
{
	unsigned char difference = 0;
	struct str a, b;

	if (!rego_take_string(call, 0, &a) || !rego_take_string(call, 1, &b))
		return rego_failed(call);
	if (!rego_spend(call->budget, 1 + a.len / STEP_BYTES))
		return rego_stopped(call);
	for (size_t i = 0; i < a.len && a.len == b.len; i++)
		difference |= (unsigned char)(a.data[i] ^ b.data[i]);
	return rego_give(call, json_new_bool(call->arena, a.len == b.len && !difference));
}
