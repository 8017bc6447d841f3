// SPDX-License-Identifier: Apache-2.0
/*
 * jwt.c - tokens taken apart, headers, and keys in all their forms
 */
#include "rego/jwt.h"

#include "rego/codec.h"

#include <errno.h>

enum {
	STEP_BYTES = 64,
	/* what one operation on a curve costs, in steps; for RSA it follows from the key */
	CURVE_STEPS = 100000,
	RSA_VERIFY_BITS_SQUARED_PER_STEP = 512,
	RSA_SIGN_BITS_CUBED_PER_STEP = 32768,
};

/* ---- the token ---- */

bool rego_jwt_split(struct rego_call *call, struct str text, struct rego_jwt *ret)
{
	struct str parts[3], rest = text, part;
	size_t count = 0;
	bool more = true;

	if (!rego_spend(call->budget, 1 + text.len / STEP_BYTES))
		return false;
	if (!text.len || !memchr(text.data, '.', text.len)) {
		(void)rego_fail(call, "encoded JWT had no period separators");
		return false;
	}
	for (; more; count++) {
		more = str_cut(rest, '.', &part, &rest);
		if (count < ARRAY_SIZE(parts))
			parts[count] = part;
	}
	if (count != ARRAY_SIZE(parts)) {
		(void)rego_fail(call, "encoded JWT must have 3 sections, found %zu", count);
		return false;
	}
	*ret = (struct rego_jwt){
		.signed_text = { text.data, parts[0].len + 1 + parts[1].len },
		.header = parts[0], .payload = parts[1], .signature = parts[2],
	};
	return true;
}

bool rego_jwt_decode(struct rego_call *call, struct str part, const char *what, struct str *ret)
{
	const char *wrong;

	if (!rego_base64url_decode(call, part, ret, &wrong))
		return false;
	if (wrong)
		(void)rego_fail(call, "%s%s", what, wrong);
	return !wrong;
}

static bool read_object(struct rego_call *call, struct str bytes, const char *what, const struct json **ret)
{
	struct error err = ERROR_INIT;
	int r;

	if (!rego_spend(call->budget, 1 + bytes.len))
		return false;
	r = json_read(call->arena, bytes, JSON_READ_LAST, ret, &err);
	if (r == -EBADMSG)
		(void)rego_fail(call, "%sinvalid JSON: %s", what, err.text);
	else if (r >= 0 && (*ret)->type != JSON_OBJECT)
		(void)rego_fail(call, "%sdecoded JSON type was not an Object", what);
	return r >= 0 && (*ret)->type == JSON_OBJECT;
}

bool rego_jwt_read_header(struct rego_call *call, struct rego_jwt *jwt)
{
	struct str bytes;

	if (!rego_jwt_decode(call, jwt->header, "JWT header had invalid encoding: ", &bytes) ||
			!read_object(call, bytes, "bad JWT header: ", &jwt->fields))
		return false;
	if (!json_get(jwt->fields, "enc"))
		return true;
	(void)rego_fail(call, "JWT is a JWE object, which is not supported");
	return false;
}

bool rego_jwt_read_payload(struct rego_call *call, struct str bytes, const struct json **ret)
{
	return read_object(call, bytes, "", ret);
}

/* ---- the header ---- */

static bool is_named(const struct json *list, struct str name)
{
	/* a list that goes on with something else ends there */
	for (size_t i = 0; i < list->array.count && list->array.items[i]->type == JSON_STRING; i++)
		if (str_eq(list->array.items[i]->text, name))
			return true;
	return false;
}

static bool take_crit(struct rego_call *call, const struct json *fields, struct rego_jwt_header *header)
{
	static const char *const known[] = { "alg", "kid", "typ", "cty", "crit" };
	const struct json *crit = json_get(fields, "crit");

	if (!crit)
		return true;
	if (crit->type != JSON_ARRAY || !crit->array.count || crit->array.items[0]->type != JSON_STRING) {
		(void)rego_fail(call, crit->type == JSON_ARRAY ? "crit: must be a nonempty list" :
			"crit: must be a list");
		return false;
	}
	if (!rego_spend(call->budget, crit->array.count * fields->object.count))
		return false;
	for (size_t i = 0; i < fields->object.count; i++) {
		struct str name = fields->object.members[i].key->text;
		bool is_known = false;

		for (size_t j = 0; j < ARRAY_SIZE(known); j++)
			is_known |= str_eq(name, str_from(known[j]));
		header->wants_unknown |= !is_known && is_named(crit, name);
	}
	return true;
}

bool rego_jwt_take_header(struct rego_call *call, const struct rego_jwt *jwt, struct rego_jwt_header *ret)
{
	struct rego_jwt_header header = { 0 };
	const struct {
		const char *name;
		struct str *text;
	} texts[] = {
		{ "alg", &header.alg }, { "cty", &header.cty }, { "kid", &header.kid },
		{ "typ", &header.typ },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct json *value = json_get(jwt->fields, texts[i].name);

		if (value && value->type != JSON_STRING) {
			(void)rego_fail(call, "%s: must be a string", texts[i].name);
			return false;
		}
		*texts[i].text = value ? value->text : (struct str){ 0 };
	}
	if (!take_crit(call, jwt->fields, &header))
		return false;
	*ret = header;
	return true;
}

/* ---- keys in PEM ---- */

#define PEM_BEGIN "-----BEGIN "

/* What stands behind the block, from the line below its end on. */
static struct str behind_block(struct str block)
{
	struct str rest = block, line;

	for (bool more = true; more;) {
		more = str_cut(rest, '\n', &line, &rest);
		if (str_starts_with(line, STR("-----END ")))
			return more ? rest : (struct str){ 0 };
	}
	return (struct str){ 0 };
}

static bool read_pem(struct rego_call *call, struct str block, struct crypto_key *key)
{
	bool is_certificate = str_starts_with(block, STR(PEM_BEGIN "CERTIFICATE-----"));
	struct error err = ERROR_INIT;
	int r;

	if (behind_block(block).len) {
		(void)rego_fail(call, "extra data after a PEM certificate block");
		return false;
	}
	if (!is_certificate && !str_starts_with(block, STR(PEM_BEGIN "PUBLIC KEY-----"))) {
		(void)rego_fail(call, "failed to extract a Key from the PEM certificate");
		return false;
	}
	r = crypto_key_read_pem(call->arena, block, CRYPTO_RSA_BITS_MIN, key, &err);
	/* A key that is none of ours verifies nothing. */
	if (r == -ENOTSUP)
		*key = (struct crypto_key){ .kind = CRYPTO_KEY_NONE };
	else if (r < 0 && r != -EMSGSIZE)
		(void)rego_fail(call, "failed to parse a PEM %s: %s",
			is_certificate ? "certificate" : "public key", err.text);
	return r >= 0 || r == -ENOTSUP;
}

/* ---- keys in JSON ---- */

static bool has_unknown_algorithm(const struct json *value)
{
	const struct json *alg = json_get(value, "alg");

	return alg && alg->type == JSON_STRING && crypto_algorithm_find(alg->text) == CRYPTO_ALGORITHM_NONE;
}

static bool is_for_encryption(const struct json *value)
{
	const struct json *use = json_get(value, "use");

	return use && use->type == JSON_STRING && str_eq(use->text, STR("enc"));
}

static bool add_jwk(struct rego_call *call, const struct json *value, struct crypto_key *items,
	struct rego_jwt_keys *keys)
{
	struct error err = ERROR_INIT;
	int r;

	if (!rego_spend(call->budget, CURVE_STEPS))
		return false;
	if (has_unknown_algorithm(value) || is_for_encryption(value))
		return true;
	r = crypto_key_read_jwk(call->arena, value, CRYPTO_RSA_BITS_MIN, &items[keys->count], &err);
	if (r < 0 && r != -EMSGSIZE)
		(void)rego_fail(call, "failed to parse a JWK key (set): %s", err.text);
	keys->count += r >= 0;
	return r >= 0;
}

static bool read_jwks(struct rego_call *call, struct str text, struct rego_jwt_keys *ret)
{
	struct error err = ERROR_INIT;
	const struct json *value, *list;
	struct crypto_key *items;
	size_t count;
	int r;

	if (!rego_spend(call->budget, 1 + text.len))
		return false;
	r = json_read(call->arena, text, JSON_READ_STRICT, &value, &err);
	if (r == -EBADMSG)
		(void)rego_fail(call, "failed to parse a JWK key (set): %s", err.text);
	if (r < 0)
		return false;
	list = json_get(value, "keys");
	count = !list ? 1 : list->type == JSON_ARRAY ? list->array.count : CRYPTO_KEYS_MAX + 1;
	if (count > CRYPTO_KEYS_MAX) {
		(void)rego_fail(call,
			"failed to parse a JWK key (set): its \"keys\" are no list, or more than %d",
			CRYPTO_KEYS_MAX);
		return false;
	}
	items = arena_alloc_array(call->arena, count, sizeof(*items));
	if (!items)
		return false;
	ret->items = items;
	for (size_t i = 0; i < count; i++)
		if (!add_jwk(call, list ? list->array.items[i] : value, items, ret))
			return false;
	return true;
}

bool rego_jwt_read_keys(struct rego_call *call, struct str text, struct rego_jwt_keys *ret)
{
	const char *block = str_starts_with(text, STR(PEM_BEGIN)) ? text.data :
		text.len ? memmem(text.data, text.len, "\n" PEM_BEGIN, strlen("\n" PEM_BEGIN)) : NULL;
	struct crypto_key *key;

	*ret = (struct rego_jwt_keys){ 0 };
	/* So what crypto finds too large is too large for the arena. */
	if (text.len > CRYPTO_KEY_BYTES_MAX) {
		(void)rego_fail(call, "the key has more than %d bytes", CRYPTO_KEY_BYTES_MAX);
		return false;
	}
	if (!block)
		return read_jwks(call, text, ret);
	block += *block == '\n';
	key = arena_alloc(call->arena, sizeof(*key));
	if (!key || !rego_spend(call->budget, CURVE_STEPS + text.len) ||
			!read_pem(call, (struct str){ block, (size_t)(text.data + text.len - block) }, key))
		return false;
	ret->items = key;
	ret->count = 1;
	return true;
}

/* ---- signatures ---- */

bool rego_jwt_spend(struct rego_call *call, const struct crypto_key *key, struct str data, bool is_signing)
{
	uint64_t bits = key->bits, steps = CURVE_STEPS;

	if (key->kind == CRYPTO_KEY_SECRET)
		steps = 1;
	else if (key->kind == CRYPTO_KEY_RSA)
		steps = is_signing ? bits * bits * bits / RSA_SIGN_BITS_CUBED_PER_STEP :
		bits * bits / RSA_VERIFY_BITS_SQUARED_PER_STEP;
	return rego_spend(call->budget, steps + data.len / STEP_BYTES);
}

static const struct crypto_key *find_key(const struct rego_jwt_keys *keys, struct str id)
{
	for (size_t i = 0; id.len && i < keys->count; i++)
		if (str_eq(keys->items[i].id, id))
			return &keys->items[i];
	return NULL;
}

bool rego_jwt_verify(struct rego_call *call, const struct rego_jwt *jwt, const struct rego_jwt_header *header,
	const struct rego_jwt_keys *keys, enum crypto_algorithm algorithm, struct str signature, bool *ret)
{
	const struct crypto_key *only = find_key(keys, header->kid);

	*ret = false;
	for (size_t i = 0; i < keys->count && !*ret; i++) {
		const struct crypto_key *key = &keys->items[i];

		if (only ? key != only : key->algorithm != CRYPTO_ALGORITHM_NONE &&
			key->algorithm != crypto_algorithm_find(header->alg))
			continue;
		if (!rego_jwt_spend(call, key, jwt->signed_text, false))
			return false;
		*ret = !crypto_verify(algorithm, key, jwt->signed_text, signature);
	}
	return true;
}
