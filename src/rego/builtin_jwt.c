// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_jwt.c - io.jwt.decode, io.jwt.verify_*
 *
 * decode() believes nothing: it says what a token says, whoever wrote it. verify_*() say whether somebody who
 * has the key wrote it, and not whether it is still valid: that is io.jwt.decode_verify()'s.
 *
 * Source: RFC 7519, section 7.2; OPA, v1/topdown/tokens.go
 */
#include "rego/builtin_table.h"
#include "rego/jwt.h"
#include "rego/text.h"

/* ---- decode ---- */

static struct str trim_quotes(struct str text)
{
	while (text.len && (text.data[0] == '"' || text.data[0] == '\''))
		text = (struct str){ text.data + 1, text.len - 1 };
	while (text.len && (text.data[text.len - 1] == '"' || text.data[text.len - 1] == '\''))
		text.len--;
	return text;
}

static bool is_nested(const struct rego_jwt *jwt)
{
	const struct json *cty = json_get(jwt->fields, "cty");

	return cty && cty->type == JSON_STRING && str_eq(cty->text, STR("JWT"));
}

static const struct json *hex_of(struct rego_call *call, struct str bytes)
{
	static const char digits[] = "0123456789abcdef";
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct str hex;

	for (size_t i = 0; i < bytes.len; i++) {
		rego_text_add_char(&text, digits[(unsigned char)bytes.data[i] >> 4]);
		rego_text_add_char(&text, digits[(unsigned char)bytes.data[i] & 15]);
	}
	return rego_text_end(&text, &hex) ? json_new_string(call->arena, hex) : NULL;
}

/* A token in a token is what counts; each is shorter than the one around it. */
static bool read_innermost(struct rego_call *call, struct str text, struct rego_jwt *jwt,
	struct str *ret_payload)
{
	do {
		if (!rego_jwt_split(call, text, jwt) || !rego_jwt_read_header(call, jwt) ||
				!rego_jwt_decode(call, jwt->payload, "JWT payload had invalid encoding: ",
					ret_payload))
			return false;
		text = trim_quotes(*ret_payload);
	} while (is_nested(jwt));
	return true;
}

enum rego_answer rego_do_io_jwt_decode(struct rego_call *call)
{
	struct json_array_builder answer;
	struct str text, payload, signature;
	const struct json *claims;
	struct rego_jwt jwt;

	if (!rego_take_string(call, 0, &text) || !read_innermost(call, text, &jwt, &payload) ||
			!rego_jwt_read_payload(call, payload, &claims) ||
			!rego_jwt_decode(call, jwt.signature, "JWT signature had invalid encoding: ",
				&signature))
		return rego_failed(call);
	json_array_begin(&answer, call->arena);
	json_array_add(&answer, jwt.fields);
	json_array_add(&answer, claims);
	json_array_add(&answer, hex_of(call, signature));
	return rego_give(call, json_array_end(&answer));
}

/* ---- verify ---- */

static enum rego_answer verify(struct rego_call *call, enum crypto_algorithm algorithm)
{
	struct rego_jwt_header header;
	struct str text, key, signature;
	struct rego_jwt_keys keys;
	struct rego_jwt jwt;
	bool is_valid;

	if (!rego_take_string(call, 0, &text) || !rego_jwt_split(call, text, &jwt) ||
			!rego_take_string(call, 1, &key) || !rego_jwt_read_keys(call, key, &keys) ||
			!rego_jwt_decode(call, jwt.signature, "", &signature) ||
			!rego_jwt_read_header(call, &jwt) || !rego_jwt_take_header(call, &jwt, &header) ||
			!rego_jwt_verify(call, &jwt, &header, &keys, algorithm, signature, &is_valid))
		return rego_failed(call);
	return rego_give(call, json_new_bool(call->arena, is_valid));
}

/* The header is not looked at: who has the secret may say what it likes there. */
static enum rego_answer verify_secret(struct rego_call *call, enum crypto_hash hash)
{
	unsigned char code[CRYPTO_HASH_BYTES_MAX];
	struct str text, secret, signature;
	struct rego_jwt jwt;
	size_t count;

	if (!rego_take_string(call, 0, &text) || !rego_take_string(call, 1, &secret) ||
			!rego_jwt_split(call, text, &jwt) ||
			!rego_jwt_decode(call, jwt.signature, "", &signature))
		return rego_failed(call);
	if (!rego_spend(call->budget, 1 + (text.len + secret.len) / CRYPTO_HASH_BYTES_MAX))
		return rego_stopped(call);
	count = crypto_hmac(hash, secret, jwt.signed_text, code);
	return rego_give(call, json_new_bool(call->arena,
		crypto_equal(signature, (struct str){ (const char *)code, count })));
}

enum rego_answer rego_do_io_jwt_verify_rs256(struct rego_call *call)
{
	return verify(call, CRYPTO_RS256);
}

enum rego_answer rego_do_io_jwt_verify_rs384(struct rego_call *call)
{
	return verify(call, CRYPTO_RS384);
}

enum rego_answer rego_do_io_jwt_verify_rs512(struct rego_call *call)
{
	return verify(call, CRYPTO_RS512);
}

enum rego_answer rego_do_io_jwt_verify_ps256(struct rego_call *call)
{
	return verify(call, CRYPTO_PS256);
}

enum rego_answer rego_do_io_jwt_verify_ps384(struct rego_call *call)
{
	return verify(call, CRYPTO_PS384);
}

enum rego_answer rego_do_io_jwt_verify_ps512(struct rego_call *call)
{
	return verify(call, CRYPTO_PS512);
}

enum rego_answer rego_do_io_jwt_verify_es256(struct rego_call *call)
{
	return verify(call, CRYPTO_ES256);
}

enum rego_answer rego_do_io_jwt_verify_es384(struct rego_call *call)
{
	return verify(call, CRYPTO_ES384);
}

enum rego_answer rego_do_io_jwt_verify_es512(struct rego_call *call)
{
	return verify(call, CRYPTO_ES512);
}

enum rego_answer rego_do_io_jwt_verify_eddsa(struct rego_call *call)
{
	return verify(call, CRYPTO_EDDSA);
}

enum rego_answer rego_do_io_jwt_verify_hs256(struct rego_call *call)
{
	return verify_secret(call, CRYPTO_SHA256);
}

enum rego_answer rego_do_io_jwt_verify_hs384(struct rego_call *call)
{
	return verify_secret(call, CRYPTO_SHA384);
}

enum rego_answer rego_do_io_jwt_verify_hs512(struct rego_call *call)
{
	return verify_secret(call, CRYPTO_SHA512);
}
