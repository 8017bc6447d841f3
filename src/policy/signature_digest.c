// SPDX-License-Identifier: Apache-2.0
/*
 * signature_digest.c - the digest of a file of a bundle
 */
#include "policy/signature_internal.h"

#include "base/path.h"
#include "base/quote.h"
#include "policy/data.h"

#include <errno.h>

enum {
	DOCUMENT_BYTES_MAX = 2 * JSON_TEXT_MAX,
	DOCUMENT_ARENA_BYTES = 1 << 30,
};

static bool is_document(const char *name)
{
	const char *file = path_name(name);

	return !strcmp(file, "data.json") || !strcmp(file, "data.yaml") || !strcmp(file, ".manifest");
}

/* As Go's encoder writes a document: ours, but two characters that it escapes. */
static int write_document(struct buf *buf, const struct json *value)
{
	scoped(buf) struct buf text = BUF_INIT(DOCUMENT_BYTES_MAX);
	int r = json_write(&text, value, JSON_WRITE_CANONICAL);

	for (size_t i = 0; r >= 0 && i < text.len; i++) {
		struct str rest = { text.data + i, text.len - i };
		bool is_line = str_starts_with(rest, STR("\xe2\x80\xa8"));

		if (!is_line && !str_starts_with(rest, STR("\xe2\x80\xa9"))) {
			r = buf_append_char(buf, text.data[i]);
			continue;
		}
		r = buf_append_str(buf, is_line ? "\\u2028" : "\\u2029");
		i += 2;
	}
	return r;
}

/* OPA also takes MD5 and SHA-1, for which two files of one digest can be made. */
static enum crypto_hash hash_of(struct str algorithm)
{
	static const char *const names[] = {
		[CRYPTO_SHA224] = "SHA-224", [CRYPTO_SHA256] = "SHA-256", [CRYPTO_SHA384] = "SHA-384",
		[CRYPTO_SHA512] = "SHA-512", [CRYPTO_SHA512_224] = "SHA-512-224",
		[CRYPTO_SHA512_256] = "SHA-512-256",
	};

	for (size_t i = CRYPTO_HASH_NONE + 1; i < ARRAY_SIZE(names); i++)
		if (str_eq(algorithm, str_from(names[i])))
			return (enum crypto_hash)i;
	return CRYPTO_HASH_NONE;
}

int policy_signature_digest(const struct policy_entry *entry, struct str algorithm,
	unsigned char ret[CRYPTO_HASH_BYTES_MAX], struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(DOCUMENT_ARENA_BYTES);
	scoped(buf) struct buf buf = BUF_INIT(DOCUMENT_BYTES_MAX);
	enum crypto_hash hash = hash_of(algorithm);
	const struct json *value;
	int r;

	if (!hash)
		return error_set(err, -EBADMSG, "the digest of '%s' is of the kind '%s', which is not taken",
			quote_cstr(entry->name).text, quote_text(algorithm).text);
	if (!is_document(entry->name))
		return (int)crypto_hash(hash, entry->content, ret);
	r = policy_data_read(&arena, entry->name, entry->content, &value, err);
	if (r < 0)
		return r;
	r = write_document(&buf, value);
	if (r < 0)
		return error_set(err, r, "'%s' is too large", quote_cstr(entry->name).text);
	return (int)crypto_hash(hash, (struct str){ buf_text(&buf), buf.len }, ret);
}
