// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_private_key.c - crypto.parse_private_keys, crypto.x509.parse_rsa_private_key, parse_keypair
 *
 * Keys are read by crypto's own reader, so each one that is given is whole, and the halves of a pair belong
 * together.
 *
 * Source: OPA, v1/topdown/crypto.go; RFC 7518, chapter 6 (keys as JSON)
 */
#include "crypto/pem.h"
#include "rego/builtin_table.h"
#include "rego/codec.h"
#include "rego/jwt.h"
#include "rego/x509_json.h"

#include <errno.h>

enum {
	STEP_BYTES = 16,
};

#define PEM_BEGIN STR("-----BEGIN")

static bool read_key(struct rego_call *call, struct str label, struct str der, struct crypto_key *ret)
{
	const struct crypto_key large = { .kind = CRYPTO_KEY_RSA, .bits = CRYPTO_RSA_BITS_MAX };
	struct error err = ERROR_INIT;
	int r;

	if (!rego_jwt_spend(call, &large, der, false))
		return false;
	r = crypto_key_read_block(call->arena, label, der, CRYPTO_RSA_BITS_MIN, ret, &err);
	if (r < 0 && r != -EMSGSIZE)
		(void)rego_fail(call, "failed to parse private key: %s", err.text);
	return r >= 0;
}

static bool is_private(struct str label)
{
	return str_eq(label, STR("PRIVATE KEY")) || str_eq(label, STR("RSA PRIVATE KEY")) ||
		str_eq(label, STR("EC PRIVATE KEY"));
}

static bool take_block(struct rego_call *call, struct str *rest, struct str *ret_label, struct str *ret)
{
	int r = pem_take(call->arena, rest, ret_label, ret);

	if (r == -EBADMSG)
		(void)rego_fail(call, "malformed PEM block");
	return r >= 0;
}

/* ---- lists of keys ---- */

struct keys {
	struct crypto_key *items;
	size_t count, room;
};

/* Of private keys in PEM, or in base64 of it; what else is there is passed over. */
static bool read_keys(struct rego_call *call, struct str text, struct keys *ret)
{
	struct str decoded, label, der;
	struct crypto_key *items;
	const char *wrong;

	*ret = (struct keys){ 0 };
	if (text.len > X509_TEXT_MAX) {
		(void)rego_fail(call, "more than %d bytes", X509_TEXT_MAX);
		return false;
	}
	if (!rego_spend(call->budget, 1 + text.len / STEP_BYTES) ||
			!rego_base64_decode(call, text, &decoded, &wrong))
		return false;
	for (text = wrong ? text : decoded; text.len;) {
		if (!take_block(call, &text, &label, &der))
			return false;
		if (!is_private(label))
			continue;
		items = arena_grow(call->arena, ret->items, ret->count, &ret->room, sizeof(*items));
		if (!items)
			return false;
		ret->items = items;
		if (!read_key(call, label, der, &items[ret->count]))
			return false;
		ret->count++;
	}
	return true;
}

enum rego_answer rego_do_crypto_parse_private_keys(struct rego_call *call)
{
	struct json_array_builder answer;
	struct keys keys;
	struct str text;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	if (!text.len)
		return rego_give(call, json_new_null(call->arena));
	if (!read_keys(call, text, &keys))
		return rego_failed(call);
	json_array_begin(&answer, call->arena);
	for (size_t i = 0; i < keys.count; i++)
		json_array_add(&answer, rego_x509_private_key(call, &keys.items[i]));
	return rego_give(call, json_array_end(&answer));
}

/* ---- a key as JSON ---- */

static const struct json *url_bytes(struct rego_call *call, struct str bytes)
{
	struct str text;

	return rego_base64url_encode(call, bytes, &text) ? json_new_string(call->arena, text) : NULL;
}

static void add_members(struct rego_call *call, const struct crypto_key *key,
	struct json_object_builder *builder)
{
	static const char *const curves[] = { "", "P-256", "P-384", "P-521" };
	const struct {
		const char *name;
		struct str number;
	} rsa[] = {
		{ "n", key->rsa.n }, { "e", key->rsa.e }, { "d", key->rsa.d }, { "p", key->rsa.p },
		{ "q", key->rsa.q }, { "dp", key->rsa.dp }, { "dq", key->rsa.dq }, { "qi", key->rsa.qi },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rsa) && key->kind == CRYPTO_KEY_RSA; i++)
		json_object_add(builder, rsa[i].name, url_bytes(call, rsa[i].number));
	if (key->kind == CRYPTO_KEY_EC) {
		json_object_add_text(builder, "crv", curves[key->curve]);
		json_object_add(builder, "x", url_bytes(call, key->ec.x));
		json_object_add(builder, "y", url_bytes(call, key->ec.y));
		json_object_add(builder, "d", url_bytes(call, key->ec.d));
	} else if (key->kind == CRYPTO_KEY_ED25519) {
		json_object_add_text(builder, "crv", "Ed25519");
		json_object_add(builder, "x", url_bytes(call, key->ed.x));
		json_object_add(builder, "d", url_bytes(call, key->ed.d));
	}
}

static const struct json *jwk(struct rego_call *call, const struct crypto_key *key)
{
	struct json_object_builder builder;

	json_object_begin(&builder, call->arena);
	json_object_add_text(&builder, "kty", key->kind == CRYPTO_KEY_RSA ? "RSA" :
		key->kind == CRYPTO_KEY_EC ? "EC" : "OKP");
	add_members(call, key, &builder);
	return json_object_end(&builder);
}

static bool decode(struct rego_call *call, struct str text, struct str *ret)
{
	const char *wrong;

	if (str_starts_with(text, PEM_BEGIN)) {
		*ret = text;
		return true;
	}
	if (!rego_base64_decode(call, text, ret, &wrong))
		return false;
	if (wrong)
		(void)rego_fail(call, "%s", wrong);
	return !wrong;
}

enum rego_answer rego_do_crypto_x509_parse_rsa_private_key(struct rego_call *call)
{
	struct keys keys;
	struct str text;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	if (!text.len)
		return rego_fail(call, "input PEM data was empty");
	if (!decode(call, text, &text) || !read_keys(call, text, &keys))
		return rego_failed(call);
	return rego_give(call, keys.count ? jwk(call, &keys.items[0]) : json_new_null(call->arena));
}

/* ---- pairs ---- */

/* The first private key; what is no PEM is DER, of whatever kind. */
static bool read_private(struct rego_call *call, struct str text, struct crypto_key *ret)
{
	static const char *const labels[] = { "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY" };
	struct str label, der;

	if (!str_starts_with(text, PEM_BEGIN)) {
		for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
			call->error = NULL;
			if (read_key(call, str_from(labels[i]), text, ret))
				return true;
			if (!call->error)
				return false;
		}
		return false;
	}
	while (text.len) {
		if (!take_block(call, &text, &label, &der))
			return false;
		if (is_private(label))
			return read_key(call, label, der, ret);
	}
	(void)rego_fail(call,
		"tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input");
	return false;
}

static bool is_pair(const struct crypto_key *public, const struct crypto_key *private)
{
	if (public->kind != private->kind)
		return false;
	if (public->kind == CRYPTO_KEY_RSA)
		return str_eq(public->rsa.n, private->rsa.n) && str_eq(public->rsa.e, private->rsa.e);
	if (public->kind == CRYPTO_KEY_EC)
		return public->curve == private->curve && str_eq(public->ec.x, private->ec.x) &&
			str_eq(public->ec.y, private->ec.y);
	return public->kind == CRYPTO_KEY_ED25519 && str_eq(public->ed.x, private->ed.x);
}

static const struct json *pair(struct rego_call *call, const struct x509_certificate *certs, size_t count,
	const struct crypto_key *key)
{
	struct json_object_builder builder;
	struct json_array_builder list;

	json_array_begin(&list, call->arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&list, rego_x509_bytes(call, certs[i].whole));
	json_object_begin(&builder, call->arena);
	json_object_add(&builder, "Certificate", json_array_end(&list));
	json_object_add(&builder, "PrivateKey", rego_x509_private_key(call, key));
	json_object_add(&builder, "SupportedSignatureAlgorithms", json_new_null(call->arena));
	json_object_add(&builder, "OCSPStaple", json_new_null(call->arena));
	json_object_add(&builder, "SignedCertificateTimestamps", json_new_null(call->arena));
	json_object_add(&builder, "Leaf", rego_x509_certificate(call, &certs[0], false));
	return json_object_end(&builder);
}

enum rego_answer rego_do_crypto_x509_parse_keypair(struct rego_call *call)
{
	const struct x509_certificate *certs;
	struct str text, key_text;
	struct crypto_key key;
	size_t count;

	if (!rego_take_string(call, 0, &text) || !rego_take_string(call, 1, &key_text) ||
			!rego_x509_chain(call, text, &certs, &count))
		return rego_failed(call);
	if (!count)
		return rego_fail(call, "tls: failed to find any PEM data in certificate input");
	if (key_text.len > CRYPTO_KEY_BYTES_MAX)
		return rego_fail(call, "the key has more than %d bytes", CRYPTO_KEY_BYTES_MAX);
	if (!decode(call, key_text, &key_text) || !read_private(call, key_text, &key))
		return rego_failed(call);
	if (!is_pair(&certs[0].key, &key))
		return rego_fail(call, "tls: private key does not match public key");
	return rego_give(call, pair(call, certs, count, &key));
}
