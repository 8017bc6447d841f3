// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_jwt_sign.c - io.jwt.encode_sign, io.jwt.encode_sign_raw
 *
 * The key is a JWK, or the first one of a set. What signatures draw at random comes from the moment's seed,
 * so an evaluation can be repeated (crypto_sign() says why no nonce is ever used twice).
 *
 * Source: RFC 7515, section 5.1; OPA, v1/topdown/tokens.go
 */
#include "rego/builtin_table.h"
#include "rego/codec.h"
#include "rego/jwt.h"
#include "rego/text.h"

#include <errno.h>

/* What is to be signed, as texts. */
struct order {
	struct str headers, payload, key;
};

static bool read_json(struct rego_call *call, struct str text, const struct json **ret, struct error *err)
{
	int r;

	*ret = NULL;
	if (!rego_spend(call->budget, 1 + text.len))
		return false;
	r = json_read(call->arena, text, JSON_READ_LAST, ret, err);
	return r >= 0 || r == -EBADMSG;
}

static bool read_key(struct rego_call *call, struct str text, struct crypto_key *ret)
{
	struct error err = ERROR_INIT;
	const struct json *value, *list;
	int r = -EBADMSG;

	if (text.len > CRYPTO_KEY_BYTES_MAX) {
		(void)rego_fail(call, "the key has more than %d bytes", CRYPTO_KEY_BYTES_MAX);
		return false;
	}
	if (!read_json(call, text, &value, &err))
		return false;
	list = json_get(value, "keys");
	if (list && (list->type != JSON_ARRAY || !list->array.count)) {
		(void)rego_fail(call, "no keys found in JWK set");
		return false;
	}
	value = list ? list->array.items[0] : value;
	if (value)
		r = crypto_key_read_jwk(call->arena, value, CRYPTO_RSA_BITS_MIN, ret, &err);
	if (r < 0 && r != -EMSGSIZE)
		(void)rego_fail(call, "failed to parse JWK: %s", err.text);
	return r >= 0;
}

/* The algorithm that the headers name, and whether they say that the payload is something else than JSON. */
static bool read_headers(struct rego_call *call, struct str text, enum crypto_algorithm *ret,
	bool *ret_is_other)
{
	struct error err = ERROR_INIT;
	const struct json *value, *alg, *typ;

	if (!read_json(call, text, &value, &err))
		return false;
	alg = json_get(value, "alg");
	typ = json_get(value, "typ");
	*ret_is_other = typ && typ->type == JSON_STRING && !str_eq(typ->text, STR("JWT"));
	*ret = alg && alg->type == JSON_STRING ? crypto_algorithm_find(alg->text) : CRYPTO_ALGORITHM_NONE;
	if (*ret != CRYPTO_ALGORITHM_NONE)
		return true;
	if (!value)
		(void)rego_fail(call, "missing or invalid 'alg' header: cannot parse JSON: %s",
			text.len ? err.text : "cannot parse empty string");
	else if (!alg)
		(void)rego_fail(call, "missing or invalid 'alg' header: jwsbb: header \"alg\" not found");
	else if (alg->type != JSON_STRING)
		(void)rego_fail(call, "missing or invalid 'alg' header: jwsbb: header \"alg\" is no string");
	else
		(void)rego_fail(call, "unknown JWS algorithm: %.*s", STR_FMT(alg->text));
	return false;
}

static bool check_payload(struct rego_call *call, struct str payload, bool is_other)
{
	const struct json *value;

	if (is_other)
		return true;
	if (!read_json(call, payload, &value, NULL))
		return false;
	if (!value)
		(void)rego_fail(call, "type is JWT but payload is not JSON");
	return value;
}

/* HEADERS.PAYLOAD */
static bool encode(struct rego_call *call, const struct order *order, struct str *ret)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct str headers, payload;

	if (!rego_base64url_encode(call, order->headers, &headers) ||
			!rego_base64url_encode(call, order->payload, &payload))
		return false;
	rego_text_add_str(&text, headers);
	rego_text_add_char(&text, '.');
	rego_text_add_str(&text, payload);
	return rego_text_end(&text, ret);
}

static enum rego_answer sign(struct rego_call *call, const struct order *order)
{
	const struct str seed = { (const char *)call->moment->seed, sizeof(call->moment->seed) };
	unsigned char signature[CRYPTO_SIGNATURE_BYTES_MAX];
	struct rego_text token = REGO_TEXT_INIT(call->arena);
	enum crypto_algorithm algorithm;
	struct str text, encoded;
	struct crypto_key key;
	bool is_other;
	size_t count;

	if (!read_key(call, order->key, &key) || !read_headers(call, order->headers, &algorithm, &is_other) ||
			!check_payload(call, order->payload, is_other) || !encode(call, order, &text))
		return rego_failed(call);
	if (!rego_jwt_spend(call, &key, text, true))
		return rego_stopped(call);
	if (crypto_sign(algorithm, &key, text, seed, signature, &count) < 0)
		return rego_fail(call, "a key of the kind %s cannot sign by %s",
			crypto_key_kind_name(key.kind), crypto_algorithm_name(algorithm));
	if (!rego_base64url_encode(call, (struct str){ (const char *)signature, count }, &encoded))
		return rego_stopped(call);
	rego_text_add_str(&token, text);
	rego_text_add_char(&token, '.');
	rego_text_add_str(&token, encoded);
	return rego_text_end(&token, &text) ? rego_give(call, json_new_string(call->arena, text)) :
		rego_stopped(call);
}

enum rego_answer rego_do_io_jwt_encode_sign(struct rego_call *call)
{
	struct order order;

	for (size_t i = 0; i < call->builtin->operand_count; i++)
		if (!rego_take(call, i, JSON_OBJECT))
			return rego_failed(call);
	if (!rego_marshal(call, call->operands[0], &order.headers) ||
			!rego_marshal(call, call->operands[1], &order.payload) ||
			!rego_marshal(call, call->operands[2], &order.key))
		return rego_stopped(call);
	return sign(call, &order);
}

enum rego_answer rego_do_io_jwt_encode_sign_raw(struct rego_call *call)
{
	struct order order;

	if (!rego_take_string(call, 2, &order.key) || !rego_take_string(call, 0, &order.headers) ||
			!rego_take_string(call, 1, &order.payload))
		return rego_failed(call);
	return sign(call, &order);
}
