// SPDX-License-Identifier: Apache-2.0
/*
 * test_crypto.c - keys and signatures that others made, and what is made of those that are wrong
 *
 * tests/data/crypto/vectors.json has the tokens of RFC 7515, 7520 and 8037 and, for the algorithms that these
 * do not have, of another program; keys in all forms of PEM; and keys that are none. All of them are known to
 * everybody, and good for tests only.
 */
#include "base/base64.h"
#include "crypto/crypto.h"
#include "lib/test.h"
#include "test_source_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static struct arena arena = ARENA_INIT(512 << 20);
static struct error err;

static const struct json *rows(const char *name)
{
	scoped(buf) struct buf buf = BUF_INIT(1 << 20);
	int fd = open(TEST_SOURCE_DIR "/data/crypto/vectors.json", O_RDONLY | O_CLOEXEC);
	const struct json *value, *list;
	ssize_t n;

	CHECK(fd >= 0);
	while ((n = read(fd, buf_reserve(&buf, 65536), 65536)) > 0)
		buf_commit(&buf, (size_t)n);
	close(fd);
	CHECK_INT(json_read(&arena, (struct str){ buf.data, buf.len }, JSON_READ_STRICT, &value, &err), 0);
	list = json_get(value, name);
	CHECK(list && list->array.count > 10);
	return list;
}

/* ---- tokens ---- */

struct token {
	struct crypto_key key;
	enum crypto_algorithm algorithm;
	struct str signed_text, signature;
	bool is_repeatable;
};

static struct token read_token(const struct json *row)
{
	struct str text = json_get(row, "token")->text, part;
	struct token token = { .algorithm = crypto_algorithm_find(json_get(row, "algorithm")->text),
		.is_repeatable = json_get_bool(row, "repeatable", false) };
	const char *dot = memrchr(text.data, '.', text.len);
	int r = crypto_key_read_jwk(&arena, json_get(row, "key"), 0, &token.key, &err);

	if (r < 0)
		test_fail(__FILE__, __LINE__, "%s: %s", json_get_text(row, "source"), err.text);
	token.signed_text = (struct str){ text.data, (size_t)(dot - text.data) };
	part = (struct str){ dot + 1, text.len - token.signed_text.len - 1 };
	CHECK_INT(base64url_decode(&arena, part, &token.signature), 0);
	return token;
}

TEST(tokens_verify_and_nothing_else_does)
{
	const struct json *list = rows("tokens");

	for (size_t i = 0; i < list->array.count; i++) {
		struct token token = read_token(list->array.items[i]);
		struct str less = { token.signed_text.data, token.signed_text.len - 1 };

		CHECK_INT(crypto_verify(token.algorithm, &token.key, token.signed_text, token.signature), 0);
		CHECK_INT(crypto_verify(token.algorithm, &token.key, less, token.signature), -EKEYREJECTED);
		for (size_t at = 0; at < token.signature.len; at += 5) {
			char *other = arena_copy(&arena, token.signature.data, token.signature.len);

			other[at] = (char)(other[at] ^ 0x10);
			CHECK_INT(crypto_verify(token.algorithm, &token.key, token.signed_text,
				(struct str){ other, token.signature.len }), -EKEYREJECTED);
		}
	}
}

/* A signature has one length, whatever number it is; and no number that is none of its group. */
TEST(signatures_of_another_shape)
{
	const struct json *list = rows("tokens");

	for (size_t i = 0; i < list->array.count; i++) {
		struct token token = read_token(list->array.items[i]);
		size_t len = token.signature.len;
		char *longer = arena_alloc(&arena, len + 1), *filled = arena_alloc(&arena, len);

		memcpy(longer + 1, token.signature.data, len);
		CHECK_INT(crypto_verify(token.algorithm, &token.key, token.signed_text,
			(struct str){ longer, len + 1 }), -EKEYREJECTED);
		for (size_t shorter = 0; shorter < len; shorter += 7)
			CHECK_INT(crypto_verify(token.algorithm, &token.key, token.signed_text,
				(struct str){ token.signature.data, shorter }), -EKEYREJECTED);
		CHECK_INT(crypto_verify(token.algorithm, &token.key, token.signed_text,
			(struct str){ filled, len }), -EKEYREJECTED);
		memset(filled, 0xff, len);
		CHECK_INT(crypto_verify(token.algorithm, &token.key, token.signed_text,
			(struct str){ filled, len }), -EKEYREJECTED);
		memset(filled, 0, len);
		filled[len - 1] = filled[len / 2 - 1] = 1;
		CHECK_INT(crypto_verify(token.algorithm, &token.key, token.signed_text,
			(struct str){ filled, len }), -EKEYREJECTED);
	}
}

/* No key is taken for one of another kind, curve or purpose: the public one for a secret least of all. */
TEST(algorithms_take_their_own_keys)
{
	const struct json *list = rows("tokens");

	for (size_t i = 0; i < list->array.count; i++) {
		struct token token = read_token(list->array.items[i]);
		unsigned taken = 0;

		for (unsigned a = CRYPTO_ALGORITHM_NONE; a <= CRYPTO_EDDSA; a++) {
			enum crypto_algorithm other = (enum crypto_algorithm)a;
			int r = crypto_verify(other, &token.key, token.signed_text, token.signature);

			CHECK(r == -EINVAL || crypto_algorithm_kind(other) == token.key.kind);
			CHECK(r != -EINVAL || other != token.algorithm);
			CHECK(r < 0 || other == token.algorithm);
			taken += r != -EINVAL;
		}
		if (token.key.algorithm || token.key.kind == CRYPTO_KEY_EC ||
				token.key.kind == CRYPTO_KEY_ED25519)
			CHECK_INT(taken, 1);
	}
	CHECK_INT(crypto_algorithm_find(STR("none")), CRYPTO_ALGORITHM_NONE);
	CHECK_INT(crypto_algorithm_find(STR("")), CRYPTO_ALGORITHM_NONE);
	CHECK_INT(crypto_algorithm_find(STR("rs256")), CRYPTO_ALGORITHM_NONE);
}

TEST(what_is_signed_verifies)
{
	const struct json *list = rows("tokens");

	for (size_t i = 0; i < list->array.count; i++) {
		struct token token = read_token(list->array.items[i]);
		unsigned char first[CRYPTO_SIGNATURE_BYTES_MAX], again[CRYPTO_SIGNATURE_BYTES_MAX];
		struct str made = { (const char *)first, 0 };
		size_t len;

		CHECK_INT(crypto_sign(token.algorithm, &token.key, token.signed_text, STR(""), first,
			&made.len), 0);
		CHECK_INT(crypto_verify(token.algorithm, &token.key, token.signed_text, made), 0);
		CHECK(!token.is_repeatable || str_eq(made, token.signature));
		/* equal arguments, equal signatures; another seed draws something else */
		CHECK_INT(crypto_sign(token.algorithm, &token.key, token.signed_text, STR(""), again, &len),
			0);
		CHECK(len == made.len && !memcmp(first, again, len));
		CHECK_INT(crypto_sign(token.algorithm, &token.key, token.signed_text, STR("seed"), again,
			&len), 0);
		CHECK_INT(len == made.len && !memcmp(first, again, len), token.is_repeatable);
		CHECK_INT(crypto_verify(token.algorithm, &token.key, token.signed_text,
			(struct str){ (const char *)again, len }), 0);
		token.key.is_private = false;
		CHECK_INT(crypto_sign(token.algorithm, &token.key, token.signed_text, STR(""), first,
			&made.len), -EINVAL);
	}
}

/* ---- keys ---- */

static bool is_same(const struct crypto_key *a, const struct crypto_key *b)
{
	if (a->kind != b->kind || a->curve != b->curve || a->bits != b->bits)
		return false;
	if (a->kind == CRYPTO_KEY_RSA)
		return str_eq(a->rsa.n, b->rsa.n) && str_eq(a->rsa.e, b->rsa.e);
	if (a->kind == CRYPTO_KEY_EC)
		return str_eq(a->ec.x, b->ec.x) && str_eq(a->ec.y, b->ec.y);
	return str_eq(a->ed.x, b->ed.x);
}

TEST(one_key_in_all_its_forms)
{
	const struct json *list = rows("pems");

	for (size_t i = 0; i < list->array.count; i++) {
		const struct json *row = list->array.items[i];
		struct crypto_key key, same;
		const struct crypto_key *keys;
		size_t count;

		CHECK_INT(crypto_key_read_jwk(&arena, json_get(row, "key"), 0, &same, &err), 0);
		if (crypto_key_read_pem(&arena, json_get(row, "pem")->text, 0, &key, &err) < 0)
			test_fail(__FILE__, __LINE__, "%s: %s", json_get_text(row, "pem"), err.text);
		CHECK(is_same(&key, &same));
		CHECK_INT(key.is_private, json_get_bool(row, "private", false));
		CHECK_INT(crypto_keys_read(&arena, json_get(row, "pem")->text, 0, &keys, &count, &err), 0);
		CHECK(count == 1 && is_same(keys, &same));
	}
}

TEST(keys_that_are_none)
{
	const struct json *list = rows("bad");

	for (size_t i = 0; i < list->array.count; i++) {
		const struct json *row = list->array.items[i];
		struct crypto_key key;
		int r = crypto_key_read_pem(&arena, json_get(row, "pem")->text, 0, &key, &err);

		CHECK(r < 0);
		CHECK_TEXT(error_name(r), json_get_text(row, "error"));
		CHECK_TEXT(err.text, json_get_text(row, "said"));
	}
}

/* Whatever byte is changed, lost or added: a key that verifies nothing new, or a refusal. */
TEST(every_byte_of_a_key_counts)
{
	const struct json *list = rows("pems");

	for (size_t i = 0; i < list->array.count; i += 2) {
		struct str pem = json_get(list->array.items[i], "pem")->text;
		struct crypto_key key, other;

		CHECK_INT(crypto_key_read_pem(&arena, pem, 0, &key, &err), 0);
		for (size_t at = 0; at < pem.len; at += 3) {
			scoped(arena) struct arena small = ARENA_INIT(1 << 20);
			char *text = arena_copy(&small, pem.data, pem.len);

			text[at] = text[at] == 'B' ? 'C' : 'B';
			crypto_key_read_pem(&small, (struct str){ text, pem.len }, 0, &other, &err);
			memcpy(text, pem.data, pem.len);
			memmove(text + at, text + at + 1, pem.len - at - 1);
			crypto_key_read_pem(&small, (struct str){ text, pem.len - 1 }, 0, &other, &err);
			if (at < 20)
				CHECK(crypto_key_read_pem(&small, (struct str){ text, at }, 0, &other, &err) <
					0);
		}
	}
}

TEST(weak_keys_are_taken_where_they_are_asked_for)
{
	const struct json *list = rows("bad");
	struct str pem = json_get(list->array.items[0], "pem")->text;
	struct crypto_key key;

	CHECK_INT(crypto_key_read_pem(&arena, pem, 1024, &key, &err), 0);
	CHECK_INT(key.bits, 1024);
	CHECK_INT(crypto_key_read_pem(&arena, pem, 1, &key, &err), 0);
	CHECK_INT(crypto_key_read_pem(&arena, pem, 1025, &key, &err), -ERANGE);
}

static int read_keys(const char *text, size_t *ret_count)
{
	const struct crypto_key *keys;

	return crypto_keys_read(&arena, str_from(text), 0, &keys, ret_count, &err);
}

#define ED "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""

TEST(sets_of_keys)
{
	const struct crypto_key *keys;
	size_t count;

	CHECK_INT(crypto_keys_read(&arena,
		STR(" {\"keys\":[{" ED ",\"kid\":\"a\",\"alg\":\"EdDSA\"},"
		"{\"kty\":\"new\"},{" ED ",\"use\":\"enc\"},{" ED ",\"alg\":\"ES256K\"},{" ED
		"}]}"),
		0, &keys, &count, &err),
		0);
	CHECK_INT(count, 2);
	CHECK_STR(keys[0].id, STR("a"));
	CHECK_INT(keys[0].algorithm, CRYPTO_EDDSA);
	CHECK_STR(keys[1].id, STR(""));
	CHECK_INT(read_keys("{\"keys\":[{\"kty\":\"new\"}]}", &count), -EBADMSG);
	CHECK_INT(read_keys("{\"keys\":[]}", &count), -EBADMSG);
	CHECK_INT(read_keys("{\"keys\":{}}", &count), -EBADMSG);
	CHECK_INT(read_keys("{\"keys\":[{" ED "},{\"kty\":\"oct\",\"k\":\"=\"}]}", &count), -EBADMSG);
	CHECK_TEXT(err.text, "key 2: its \"k\" is not base64url");
	CHECK_INT(read_keys("{" ED "}", &count), 0);
	CHECK_INT(read_keys("{", &count), -EBADMSG);
	CHECK_INT(read_keys("[]", &count), -EBADMSG);
	CHECK_INT(read_keys("", &count), -EBADMSG);
}

TEST(json_keys_that_are_none)
{
	static const struct {
		const char *key;
		int code;
	} keys[] = {
		{ "{}", -EBADMSG }, { "{\"kty\":1}", -EBADMSG }, { "{\"kty\":\"rsa\"}", -ENOTSUP },
		{ "{\"kty\":\"RSA\"}", -EBADMSG },
		{ "{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}", -ERANGE },
		{ "{\"kty\":\"RSA\",\"oth\":[]}", -ENOTSUP }, { "{\"kty\":\"oct\"}", -EBADMSG },
		{ "{\"kty\":\"oct\",\"k\":\"a+b_\"}", -EBADMSG }, { "{\"kty\":\"oct\",\"k\":3}", -EBADMSG },
		{ "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\"}", -ENOTSUP },
		{ "{\"kty\":\"OKP\"}", -ENOTSUP },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", -EBADMSG },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}", -EBADMSG },
		{ "{" ED ",\"d\":\"AA\"}", -EBADMSG },
		{ "{" ED ",\"d\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", -EBADMSG },
		{ "{" ED ",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2B\"}", -EBADMSG },
		{ "{\"kty\":\"EC\",\"crv\":\"P-224\",\"x\":\"AA\",\"y\":\"AA\"}", -ENOTSUP },
		{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\"}", -EBADMSG },
		{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}", -EBADMSG },
		{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		  "\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}", -EBADMSG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct json *value;
		struct crypto_key key;

		CHECK_INT(json_read(&arena, str_from(keys[i].key), JSON_READ_STRICT, &value, &err), 0);
		CHECK_INT(crypto_key_read_jwk(&arena, value, 0, &key, &err), keys[i].code);
		CHECK(!strncmp(err.text, "it", 2));
	}
}

TEST(too_large_is_no_crash)
{
	const struct json *list = rows("pems");
	char *large = arena_alloc(&arena, CRYPTO_KEY_BYTES_MAX + 2);
	struct crypto_key key;

	memset(large, 'A', CRYPTO_KEY_BYTES_MAX + 1);
	CHECK_INT(crypto_key_read_pem(&arena, str_from(large), 0, &key, &err), -EMSGSIZE);
	CHECK_INT(crypto_key_secret(str_from(large), &key), -EMSGSIZE);
	CHECK_INT(crypto_key_secret((struct str){ large, CRYPTO_SECRET_BYTES_MAX }, &key), 0);
	for (size_t i = 0; i < list->array.count; i++)
		for (size_t limit = 64; limit < 8192; limit *= 2) {
			scoped(arena) struct arena small = ARENA_INIT(limit);
			struct str pem = json_get(list->array.items[i], "pem")->text;
			int r = crypto_key_read_pem(&small, pem, 0, &key, &err);

			CHECK(r == 0 || r == -EMSGSIZE);
			r = crypto_key_read_jwk(&small, json_get(list->array.items[i], "key"), 0, &key, &err);
			CHECK(r == 0 || r == -EMSGSIZE);
		}
}

/* ---- digests ---- */

static const char *hex(const unsigned char *bytes, size_t len)
{
	char *text = arena_alloc(&arena, 2 * len + 1);

	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return text;
}

/* FIPS 180-4: of "abc"; RFC 4231, case 2 */
TEST(digests_and_codes)
{
	static const struct {
		enum crypto_hash hash;
		size_t len;
		const char *start, *code;
	} all[] = {
		{ CRYPTO_SHA224, 28, "23097d223405d822", "a30e01098bc6dbbf" },
		{ CRYPTO_SHA256, 32, "ba7816bf8f01cfea", "5bdcc146bf60754e" },
		{ CRYPTO_SHA384, 48, "cb00753f45a35e8b", "af45d2e376484031" },
		{ CRYPTO_SHA512, 64, "ddaf35a193617aba", "164b7a7bfcf819e2" },
		{ CRYPTO_SHA512_224, 28, "4634270f707b6a54", NULL },
		{ CRYPTO_SHA512_256, 32, "53048e2681941ef9", NULL },
	};
	unsigned char bytes[CRYPTO_HASH_BYTES_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		CHECK_INT(crypto_hash(all[i].hash, STR("abc"), bytes), all[i].len);
		CHECK_TEXT(hex(bytes, 8), all[i].start);
		CHECK_INT(crypto_hmac(all[i].hash, STR("Jefe"), STR("what do ya want for nothing?"), bytes),
			all[i].len);
		if (all[i].code)
			CHECK_TEXT(hex(bytes, 8), all[i].code);
	}
	CHECK(crypto_equal(STR("ab"), STR("ab")) && crypto_equal(STR(""), STR("")));
	CHECK(!crypto_equal(STR("ab"), STR("ac")) && !crypto_equal(STR("ab"), STR("abc")));
}

TEST_MAIN()
