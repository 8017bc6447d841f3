// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_signature.c - what holds for every .signatures.json
 *
 * A text that begins with '{' is the file. Any other is the payload of a token that is signed here, since
 * nobody else could, so that what is behind the signature is reached, too.
 *
 *   - a refusal is one of three errors, and says why
 *   - what nobody signed never verifies
 *   - where a bundle verifies, it does no more with a file less, a file more, or a file changed
 */
#include "base/base64.h"
#include "policy/signature.h"

#include <errno.h>

enum {
	ARENA_BYTES_MAX = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct policy_entry files[] = {
	{ ".signatures.json", { 0 } },
	{ "a/data.json", { "{\"b\": 1.0, \"a\": []}", 19 } },
	{ "a/x.rego", { "package a\n", 10 } },
};

static int check(struct arena *arena, const struct policy_verification *how, size_t count)
{
	const struct policy_entries entries = { .items = files, .count = count };
	struct error err = ERROR_INIT;
	int r = policy_signature_check(arena, &entries, how, &err);

	assert(r >= 0 || r == -EPERM || r == -EBADMSG || r == -EMSGSIZE);
	assert(r >= 0 || *err.text);
	return r;
}

/* {"alg":"HS256"} */
static struct str sign(struct arena *arena, const struct crypto_key *key, struct str payload)
{
	unsigned char signature[CRYPTO_SIGNATURE_BYTES_MAX];
	struct str text, made = { (const char *)signature, 0 };
	int r = base64url_encode(arena, payload, &text);
	const char *token = arena_printf(arena, "eyJhbGciOiJIUzI1NiJ9.%.*s", STR_FMT(text));

	assert(!r && token);
	r = crypto_sign(CRYPTO_HS256, key, str_from(token), STR(""), signature, &made.len);
	assert(!r);
	r = base64url_encode(arena, made, &text);
	token = arena_printf(arena, "{\"signatures\":[\"%s.%.*s\"]}", token, STR_FMT(text));
	assert(!r && token);
	return str_from(token);
}

static void check_bundle(struct arena *arena, const struct policy_verification *how)
{
	struct str content = files[2].content;

	if (check(arena, how, ARRAY_SIZE(files)) < 0)
		return;
	assert(check(arena, how, ARRAY_SIZE(files) - 1) < 0);
	files[2].content.len--;
	assert(check(arena, how, ARRAY_SIZE(files)) < 0);
	files[2].content = content;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES_MAX);
	struct str text = { .data = (const char *)data, .len = size };
	struct policy_key keys[2] = { { .name = "secret" }, { .name = "k.pem", .id = STR("k") } };
	const struct policy_verification how = { .keys = keys, .key_count = ARRAY_SIZE(keys) };
	const struct json *jwk;
	int r = crypto_key_secret(STR("known here"), &keys[0].key);

	assert(!r);
	r = json_read(&arena, STR("{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
		"\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"), JSON_READ_STRICT, &jwk, NULL);
	assert(!r);
	r = crypto_key_read_jwk(&arena, jwk, 0, &keys[1].key, NULL);
	assert(!r);
	if (size && data[0] == '{') {
		files[0].content = text;
		r = check(&arena, &how, ARRAY_SIZE(files));
		assert(r < 0);
	}
	files[0].content = sign(&arena, &keys[0].key, text);
	check_bundle(&arena, &how);
	return 0;
}
