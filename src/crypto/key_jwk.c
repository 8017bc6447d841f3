// SPDX-License-Identifier: Apache-2.0
/*
 * key_jwk.c - keys in JSON, and sets of them
 */
#include "base/base64.h"
#include "base/quote.h"
#include "crypto/crypto_internal.h"

#include <errno.h>

/* A number or a coordinate of a key, and where it goes. */
struct field {
	const char *name;
	struct str *to;
};

static struct str text_of(const struct json *object, const char *name)
{
	const struct json *value = json_get(object, name);

	return value && value->type == JSON_STRING ? value->text : (struct str){ 0 };
}

/* All that are there. */
static int read_fields(struct arena *arena, const struct json *value, const struct field *fields,
	size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct json *member = json_get(value, fields[i].name);
		int r;

		if (!member)
			continue;
		r = member->type == JSON_STRING && member->text.len <= CRYPTO_KEY_BYTES_MAX ?
			base64url_decode(arena, member->text, fields[i].to) : -EINVAL;
		if (r == -EMSGSIZE)
			return error_set(err, r, "it is too large");
		if (r < 0)
			return error_set(err, -EBADMSG, "its \"%s\" is not base64url", fields[i].name);
	}
	return 0;
}

static int read_rsa(struct arena *arena, const struct json *value, struct crypto_key *key, struct error *err)
{
	const struct field fields[] = {
		{ "n", &key->rsa.n }, { "e", &key->rsa.e }, { "d", &key->rsa.d }, { "p", &key->rsa.p },
		{ "q", &key->rsa.q }, { "dp", &key->rsa.dp }, { "dq", &key->rsa.dq }, { "qi", &key->rsa.qi },
	};

	key->kind = CRYPTO_KEY_RSA;
	if (json_get(value, "oth"))
		return error_set(err, -ENOTSUP, "it has more than two primes");
	return read_fields(arena, value, fields, ARRAY_SIZE(fields), err);
}

static int read_ec(struct arena *arena, const struct json *value, struct crypto_key *key, struct error *err)
{
	const struct field fields[] = { { "x", &key->ec.x }, { "y", &key->ec.y }, { "d", &key->ec.d } };
	struct str curve = text_of(value, "crv");

	key->kind = CRYPTO_KEY_EC;
	if (str_eq(curve, STR("P-256")))
		key->curve = CRYPTO_P256;
	else if (str_eq(curve, STR("P-384")))
		key->curve = CRYPTO_P384;
	else if (str_eq(curve, STR("P-521")))
		key->curve = CRYPTO_P521;
	else
		return error_set(err, -ENOTSUP, "its curve '%s' is not known here", quote_text(curve).text);
	if (!json_get(value, "x") || !json_get(value, "y"))
		return error_set(err, -EBADMSG, "it has no \"x\" or no \"y\"");
	return read_fields(arena, value, fields, ARRAY_SIZE(fields), err);
}

static int read_okp(struct arena *arena, const struct json *value, struct crypto_key *key, struct error *err)
{
	const struct field fields[] = { { "x", &key->ed.x }, { "d", &key->ed.d } };
	struct str curve = text_of(value, "crv");

	key->kind = CRYPTO_KEY_ED25519;
	if (!str_eq(curve, STR("Ed25519")))
		return error_set(err, -ENOTSUP, "its curve '%s' is not known here", quote_text(curve).text);
	if (!json_get(value, "x"))
		return error_set(err, -EBADMSG, "it has no \"x\"");
	return read_fields(arena, value, fields, ARRAY_SIZE(fields), err);
}

static int read_oct(struct arena *arena, const struct json *value, struct crypto_key *key, struct error *err)
{
	const struct field field = { "k", &key->secret };

	key->kind = CRYPTO_KEY_SECRET;
	if (!json_get(value, "k"))
		return error_set(err, -EBADMSG, "it has no \"k\"");
	return read_fields(arena, value, &field, 1, err);
}

static int read_purpose(struct arena *arena, const struct json *value, struct crypto_key *key,
	struct error *err)
{
	struct str id = text_of(value, "kid"), algorithm = text_of(value, "alg");
	const char *copy = arena_copy(arena, id.data, id.len);

	if (!copy)
		return error_set(err, -EMSGSIZE, "it is too large");
	key->id = (struct str){ copy, id.len };
	key->algorithm = crypto_algorithm_find(algorithm);
	if (json_get(value, "alg") && !key->algorithm)
		return error_set(err, -ENOTSUP, "its algorithm '%s' is not known here",
			quote_text(algorithm).text);
	if (str_eq(text_of(value, "use"), STR("enc")))
		return error_set(err, -ENOTSUP, "it is for encryption, not for signatures");
	return 0;
}

int crypto_key_read_jwk(struct arena *arena, const struct json *value, unsigned rsa_bits,
	struct crypto_key *ret, struct error *err)
{
	static const struct {
		const char *type;
		int (*read)(struct arena *arena, const struct json *value, struct crypto_key *key,
			struct error *err);
	} types[] = { { "RSA", read_rsa }, { "EC", read_ec }, { "OKP", read_okp }, { "oct", read_oct } };
	struct crypto_key key = { 0 };
	struct str type = text_of(value, "kty");
	int r;

	if (!type.len)
		return error_set(err, -EBADMSG, "it is no key: it has no \"kty\"");
	r = read_purpose(arena, value, &key, err);
	if (r < 0)
		return r;
	r = error_set(err, -ENOTSUP, "it is a key of the kind '%s', which is not known here",
		quote_text(type).text);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_eq(type, str_from(types[i].type)))
			r = types[i].read(arena, value, &key, err);
	if (r < 0)
		return r;
	key.is_private = json_get(value, "d");
	r = crypto_key_finish(arena, rsa_bits, &key, err);
	if (r >= 0)
		*ret = key;
	return r;
}

/* ---- sets, and whatever somebody has ---- */

static int read_set(struct arena *arena, const struct json *list, unsigned rsa_bits,
	const struct crypto_key **ret, size_t *ret_count, struct error *err)
{
	struct crypto_key *keys;
	size_t count = 0;

	if (list->type != JSON_ARRAY || list->array.count > CRYPTO_KEYS_MAX)
		return error_set(err, -EBADMSG, "its \"keys\" are no list, or more than %d", CRYPTO_KEYS_MAX);
	keys = arena_alloc_array(arena, list->array.count, sizeof(*keys));
	if (!keys)
		return error_set(err, -EMSGSIZE, "it is too large");
	for (size_t i = 0; i < list->array.count; i++) {
		int r = crypto_key_read_jwk(arena, list->array.items[i], rsa_bits, &keys[count], err);

		if (r < 0 && r != -ENOTSUP)
			return error_wrap(err, r, "key %zu", i + 1);
		count += r >= 0;
	}
	if (!count)
		return error_set(err, -EBADMSG, "it is a set without any key that is known here");
	*ret = keys;
	*ret_count = count;
	return 0;
}

int crypto_keys_read(struct arena *arena, struct str text, unsigned rsa_bits, const struct crypto_key **ret,
	size_t *ret_count, struct error *err)
{
	struct crypto_key *key = arena_alloc(arena, sizeof(*key));
	const struct json *value, *list;
	size_t i = 0;
	int r;

	if (!key || text.len > CRYPTO_KEYS_MAX * CRYPTO_KEY_BYTES_MAX)
		return error_set(err, -EMSGSIZE, "it is too large");
	while (i < text.len && ascii_is_space(text.data[i]))
		i++;
	if (i < text.len && text.data[i] == '{') {
		r = json_read(arena, text, JSON_READ_STRICT, &value, err);
		list = r >= 0 ? json_get(value, "keys") : NULL;
		if (list)
			return read_set(arena, list, rsa_bits, ret, ret_count, err);
		if (r >= 0)
			r = crypto_key_read_jwk(arena, value, rsa_bits, key, err);
	} else {
		r = crypto_key_read_pem(arena, text, rsa_bits, key, err);
	}
	if (r < 0)
		return r;
	*ret = key;
	*ret_count = 1;
	return 0;
}
