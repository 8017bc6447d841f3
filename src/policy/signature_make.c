// SPDX-License-Identifier: Apache-2.0
/*
 * signature_make.c - the signature of a bundle, as `opa sign` makes it
 *
 * The list of files is in order of their names, so that a bundle has one text that is signed.
 */
#include "policy/signature_internal.h"

#include "base/base64.h"

#include <errno.h>

enum {
	TEXT_BYTES_MAX = 16 << 20,
};

static int say_full(struct error *err)
{
	return error_set(err, -EMSGSIZE, "it is larger than the memory that it may have");
}

/* ---- what is signed ---- */

static int describe(struct arena *arena, const struct policy_entry *entry, const struct json **ret,
	struct error *err)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[CRYPTO_HASH_BYTES_MAX];
	struct json_object_builder file;
	char hex[2 * sizeof(digest)];
	int len = policy_signature_digest(entry, STR("SHA-256"), digest, err);

	if (len < 0)
		return len;
	for (int i = 0; i < len; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	json_object_begin(&file, arena);
	json_object_add_text(&file, "name", entry->name);
	json_object_add(&file, "hash", json_new_string(arena, (struct str){ hex, 2 * (size_t)len }));
	json_object_add_text(&file, "algorithm", "SHA-256");
	*ret = json_object_end(&file);
	return *ret ? 0 : say_full(err);
}

static int describe_all(struct arena *arena, const struct policy_entries *entries, const struct json **ret,
	struct error *err)
{
	struct json_array_builder files;
	int r = 0;

	json_array_begin(&files, arena);
	for (size_t i = 0; r >= 0 && i < entries->count; i++) {
		const struct json *file;

		if (!strcmp(entries->items[i].name, POLICY_SIGNATURES_FILE))
			continue;
		r = describe(arena, &entries->items[i], &file, err);
		if (r >= 0)
			json_array_add(&files, file);
	}
	if (r < 0)
		return r;
	*ret = json_array_end(&files);
	return *ret ? 0 : say_full(err);
}

/* Claims never take the place of the list. */
static int make_payload(struct arena *arena, const struct policy_entries *entries,
	const struct policy_signing *signing, const struct json **ret, struct error *err)
{
	const struct json *files, *claims = signing->claims;
	struct json_object_builder payload;
	int r;

	if (claims && (claims->type != JSON_OBJECT || json_get(claims, "files")))
		return error_set(err, -EINVAL,
			"the claims are no object, or have a list of files themselves");
	r = describe_all(arena, entries, &files, err);
	if (r < 0)
		return r;
	json_object_begin(&payload, arena);
	json_object_add(&payload, "files", files);
	for (size_t i = 0; claims && i < claims->object.count; i++)
		json_object_add_value(&payload, claims->object.members[i].key,
			claims->object.members[i].value);
	if (!claims && signing->id.len)
		json_object_add(&payload, "keyid", json_new_string(arena, signing->id));
	*ret = json_object_end(&payload);
	return *ret ? 0 : say_full(err);
}

/* ---- the token ---- */

static enum crypto_algorithm usual_of(const struct crypto_key *key)
{
	static const enum crypto_algorithm of_kind[] = {
		[CRYPTO_KEY_SECRET] = CRYPTO_HS256, [CRYPTO_KEY_RSA] = CRYPTO_RS256,
		[CRYPTO_KEY_ED25519] = CRYPTO_EDDSA,
	};
	static const enum crypto_algorithm of_curve[] = {
		[CRYPTO_P256] = CRYPTO_ES256, [CRYPTO_P384] = CRYPTO_ES384, [CRYPTO_P521] = CRYPTO_ES512,
	};

	if (key->algorithm)
		return key->algorithm;
	return key->kind == CRYPTO_KEY_EC ? of_curve[key->curve] : of_kind[key->kind];
}

static int append_encoded(struct arena *arena, struct buf *token, struct str bytes)
{
	struct str text;
	int r = base64url_encode(arena, bytes, &text);

	return r < 0 ? r : buf_append(token, text.data, text.len);
}

static int append_document(struct arena *arena, struct buf *token, const struct json *value)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	int r = json_write(&text, value, JSON_WRITE_CANONICAL);

	return r < 0 ? r : append_encoded(arena, token, (struct str){ text.data, text.len });
}

static int sign(struct arena *arena, struct buf *token, const struct policy_signing *signing,
	enum crypto_algorithm algorithm, struct error *err)
{
	unsigned char signature[CRYPTO_SIGNATURE_BYTES_MAX];
	struct str made = { (const char *)signature, 0 };
	int r = crypto_sign(algorithm, signing->key, (struct str){ token->data, token->len }, signing->seed,
		signature, &made.len);

	if (r == -EINVAL && !signing->key->is_private)
		return error_set(err, r, "the key is a public one, and signs nothing");
	if (r == -EINVAL)
		return error_set(err, r, "'%s' is no algorithm for a key of %s",
			crypto_algorithm_name(algorithm), crypto_key_kind_name(signing->key->kind));
	if (r < 0)
		return error_set(err, -EINVAL, "the numbers of the key give no signature");
	buf_append_char(token, '.');
	return append_encoded(arena, token, made) < 0 ? say_full(err) : 0;
}

static int make_token(struct arena *arena, const struct json *payload, const struct policy_signing *signing,
	struct buf *token, struct error *err)
{
	enum crypto_algorithm algorithm = signing->algorithm ? signing->algorithm : usual_of(signing->key);
	struct json_object_builder head;

	json_object_begin(&head, arena);
	json_object_add_text(&head, "alg", crypto_algorithm_name(algorithm));
	if (signing->id.len)
		json_object_add(&head, "kid", json_new_string(arena, signing->id));
	if (append_document(arena, token, json_object_end(&head)) < 0 || buf_append_char(token, '.') < 0 ||
			append_document(arena, token, payload) < 0)
		return say_full(err);
	return sign(arena, token, signing, algorithm, err);
}

int policy_signature_make(struct arena *arena, const struct policy_entries *entries,
	const struct policy_signing *signing, struct str *ret, struct error *err)
{
	scoped(buf) struct buf token = BUF_INIT(TEXT_BYTES_MAX), text = BUF_INIT(TEXT_BYTES_MAX);
	struct json_object_builder object;
	struct json_array_builder list;
	const struct json *payload;
	int r = make_payload(arena, entries, signing, &payload, err);

	if (r >= 0)
		r = make_token(arena, payload, signing, &token, err);
	if (r < 0)
		return r;
	json_array_begin(&list, arena);
	json_array_add(&list, json_new_string(arena, (struct str){ token.data, token.len }));
	json_object_begin(&object, arena);
	json_object_add(&object, "signatures", json_array_end(&list));
	if (json_write(&text, json_object_end(&object), JSON_WRITE_PRETTY) < 0 ||
			buf_append_char(&text, '\n') < 0)
		return say_full(err);
	ret->data = arena_copy(arena, text.data, text.len);
	ret->len = text.len;
	return ret->data ? 0 : say_full(err);
}
