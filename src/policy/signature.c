// SPDX-License-Identifier: Apache-2.0
/*
 * signature.c - whether a bundle is what the owner of a key signed
 *
 * The token's header only says how it is signed; whether that may be done with a key is src/crypto's to say,
 * and what is in the payload counts only behind the signature. One thing is taken from the header, and by
 * that fewer keys come into question and never more: which one it is signed with.
 */
#include "policy/signature_internal.h"

#include "base/base64.h"
#include "base/quote.h"

#include <errno.h>

/* A token, taken apart. */
struct token {
	struct str signed_text;		/* header and payload, as they are signed */
	struct str signature;
	struct str algorithm;
	struct str key_id;		/* empty: it names none */
	const struct json *payload;
};

static int say_malformed(struct error *err, const char *what)
{
	return error_set(err, -EBADMSG, "its .signatures.json: %s", what);
}

/* ---- the token ---- */

static int decode_object(struct arena *arena, struct str part, const struct json **ret)
{
	struct str text;
	int r = base64url_decode(arena, part, &text);

	if (r >= 0)
		r = json_read(arena, text, JSON_READ_STRICT, ret, NULL);
	if (r < 0)
		return r;
	return (*ret)->type == JSON_OBJECT ? 0 : -EINVAL;
}

/* A member that has to be a text where it is there. */
static bool get_text(const struct json *object, const char *name, struct str *ret)
{
	const struct json *value = json_get(object, name);

	*ret = value && value->type == JSON_STRING ? value->text : STR("");
	return !value || value->type == JSON_STRING;
}

/* The claim is what OPA wrote before there was a name in the header. */
static int read_key_id(const struct json *head, struct token *token, struct error *err)
{
	struct str in_head, claim;

	if (!get_text(head, "kid", &in_head) || !get_text(token->payload, "keyid", &claim))
		return say_malformed(err, "the name of its key is no text");
	token->key_id = in_head.len ? in_head : claim;
	if (str_eq(token->key_id, STR("default")))
		token->key_id = STR("");
	return 0;
}

static int read_token(struct arena *arena, struct str text, struct token *ret, struct error *err)
{
	struct str header, payload, signature, rest;
	const struct json *head;

	if (!str_cut(text, '.', &header, &rest) || !str_cut(rest, '.', &payload, &signature) ||
			memchr(signature.data, '.', signature.len))
		return say_malformed(err, "its token has not three parts");
	if (decode_object(arena, header, &head) < 0)
		return say_malformed(err, "the header of its token is malformed");
	/* What we would have to understand, and do not. */
	if (json_get(head, "crit") || json_get(head, "b64"))
		return say_malformed(err, "its token uses extensions that are not understood");
	if (!get_text(head, "alg", &ret->algorithm) || !ret->algorithm.len)
		return say_malformed(err, "its token names no algorithm");
	if (decode_object(arena, payload, &ret->payload) < 0)
		return say_malformed(err, "the payload of its token is malformed");
	if (base64url_decode(arena, signature, &ret->signature) < 0 || !ret->signature.len)
		return say_malformed(err, "the signature of its token is malformed");
	ret->signed_text = (struct str){ text.data, header.len + 1 + payload.len };
	return read_key_id(head, ret, err);
}

static int find_token(struct arena *arena, struct str text, struct token *ret, struct error *err)
{
	const struct json *value, *list;
	struct str plugin;
	int r = json_read(arena, text, JSON_READ_STRICT, &value, err);

	if (r < 0)
		return error_wrap(err, r, "its .signatures.json");
	list = json_get(value, "signatures");
	if (!get_text(value, "plugin", &plugin) || (plugin.len && !str_eq(plugin, STR("_default"))))
		return say_malformed(err, "it is signed by a plugin that is not known here");
	if (!list || list->type != JSON_ARRAY || list->array.count != 1 ||
			list->array.items[0]->type != JSON_STRING)
		return say_malformed(err, "it has not exactly one token");
	return read_token(arena, list->array.items[0]->text, ret, err);
}

/* ---- by whom ---- */

static int find_algorithm(const struct token *token, const struct policy_verification *verification,
	enum crypto_algorithm *ret, struct error *err)
{
	*ret = crypto_algorithm_find(token->algorithm);
	if (!*ret) {
		error_set(err, -EBADMSG, "its signature is by the algorithm '%s', which is not taken",
			quote_text(token->algorithm).text);
		error_hint(err, "Sign it with a private key: RS256, PS256, ES256, EdDSA and their like.");
		return -EBADMSG;
	}
	if (verification->algorithm && verification->algorithm != *ret)
		return error_set(err, -EBADMSG, "its signature is by the algorithm '%s', and '%s' is wanted",
			crypto_algorithm_name(*ret), crypto_algorithm_name(verification->algorithm));
	return 0;
}

static int try_key(const struct token *token, const struct policy_key *key, enum crypto_algorithm algorithm,
	struct error *err)
{
	int r = crypto_verify(algorithm, &key->key, token->signed_text, token->signature);

	if (r == -EINVAL)
		return error_set(err, r, "its signature is by the algorithm '%s', and '%s' is a key of %s",
			crypto_algorithm_name(algorithm), quote_cstr(key->name).text,
			crypto_key_kind_name(key->key.kind));
	if (r < 0) {
		error_set(err, r, "its signature is not by the key '%s', or what was signed has changed",
			quote_cstr(key->name).text);
		error_hint(err,
			"Fetch it again from who made it, or name the public key that belongs to the one it was signed with.");
		return r;
	}
	return 0;
}

/* One key is enough. What is said is about the last one that came into question. */
static int check_keys(const struct token *token, const struct policy_verification *verification,
	struct error *err)
{
	enum crypto_algorithm algorithm;
	bool is_known = false;
	int r = find_algorithm(token, verification, &algorithm, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < verification->key_count; i++) {
		const struct policy_key *key = &verification->keys[i];

		if (key->id.len && token->key_id.len && !str_eq(key->id, token->key_id))
			continue;
		if (try_key(token, key, algorithm, err) >= 0)
			return 0;
		is_known = true;
	}
	if (!is_known) {
		error_set(err, -EBADMSG, "it is signed with the key '%s', and no key of that name is known",
			quote_text(token->key_id).text);
		error_hint(err,
			"The name of a key is that of its file without the end, or the \"kid\" in it.");
	}
	return -EBADMSG;
}

static int check_scope(const struct token *token, const char *wanted, struct error *err)
{
	struct str said;

	if (!get_text(token->payload, "scope", &said))
		return say_malformed(err, "its scope is no text");
	if (str_eq(said, str_from(wanted ? wanted : "")))
		return 0;
	return error_set(err, -EBADMSG, "it is signed for the scope '%s', and '%s' is wanted",
		quote_text(said).text, quote_cstr(wanted ? wanted : "").text);
}

/* ---- its files ---- */

static bool is_hex_of(struct str hex, const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	if (hex.len != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (ascii_lower(hex.data[2 * i]) != digits[bytes[i] >> 4] ||
				ascii_lower(hex.data[2 * i + 1]) != digits[bytes[i] & 15])
			return false;
	return true;
}

static int check_file(struct arena *arena, const struct policy_entries *entries, const struct json *file,
	bool *is_listed, struct error *err)
{
	unsigned char digest[CRYPTO_HASH_BYTES_MAX];
	const struct policy_entry *entry;
	struct str name, hash, algorithm;
	const char *clean;
	int len;

	if (!get_text(file, "name", &name) || !get_text(file, "hash", &hash) ||
			!get_text(file, "algorithm", &algorithm) || !name.len || !hash.len || !algorithm.len)
		return say_malformed(err, "a file of its list has no name, hash or algorithm");
	clean = policy_entry_name(arena, name, err);
	if (!clean)
		return -EBADMSG;
	entry = policy_entries_find(entries, clean);
	if (!entry || is_listed[entry - entries->items])
		return error_set(err, -EBADMSG, "its signature is for '%s', which it %s",
			quote_cstr(clean).text, entry ? "lists twice" : "does not hold");
	is_listed[entry - entries->items] = true;
	len = policy_signature_digest(entry, algorithm, digest, err);
	if (len < 0)
		return len;
	return is_hex_of(hash, digest, (size_t)len) ? 0 :
		error_set(err, -EBADMSG, "'%s' in it is not what was signed", quote_cstr(clean).text);
}

static int check_files(struct arena *arena, const struct policy_entries *entries, const struct token *token,
	struct error *err)
{
	const struct json *files = json_get(token->payload, "files");
	bool *is_listed = arena_alloc_array(arena, entries->count, sizeof(*is_listed));
	int r = 0;

	if (!files || files->type != JSON_ARRAY || files->array.count > POLICY_ENTRIES_MAX)
		return say_malformed(err, "its token has no list of files, or too long a one");
	if (!is_listed)
		return error_set(err, -EMSGSIZE, "it is larger than the memory that it may have");
	for (size_t i = 0; r >= 0 && i < files->array.count; i++)
		r = check_file(arena, entries, files->array.items[i], is_listed, err);
	for (size_t i = 0; r >= 0 && i < entries->count; i++)
		if (!is_listed[i] && strcmp(entries->items[i].name, POLICY_SIGNATURES_FILE) != 0)
			r = error_set(err, -EBADMSG, "'%s' in it was not signed",
				quote_cstr(entries->items[i].name).text);
	return r;
}

/* ---- all of it ---- */

int policy_signature_check(struct arena *arena, const struct policy_entries *entries,
	const struct policy_verification *verification, struct error *err)
{
	static const struct policy_verification none;
	const struct policy_verification *how = verification ? verification : &none;
	const struct policy_entry *entry = policy_entries_find(entries, POLICY_SIGNATURES_FILE);
	struct token token;
	int r;

	if (!how->is_required && (how->is_skipped || !entry))
		return 0;
	if (!entry) {
		error_set(err, -EPERM, "it is not signed, and a signature is wanted");
		error_hint(err,
			"Sign it (`cordon policy sign`), with a key whose public half is named here.");
		return -EPERM;
	}
	if (!how->key_count || how->key_count > POLICY_KEYS_MAX) {
		error_set(err, -EPERM, "it is signed, and there is no key to verify it with, or too many");
		error_hint(err,
			"Name the public key: policy.keys in your configuration, --verification-key for a command.");
		return -EPERM;
	}
	r = find_token(arena, entry->content, &token, err);
	if (r >= 0)
		r = check_keys(&token, how, err);
	if (r >= 0)
		r = check_scope(&token, how->scope, err);
	if (r >= 0)
		r = check_files(arena, entries, &token, err);
	return r < 0 ? r : 1;
}
