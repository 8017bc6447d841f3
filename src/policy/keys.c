// SPDX-License-Identifier: Apache-2.0
/*
 * keys.c - the files of keys that bundles are verified with
 */
#include "policy/keys.h"

#include "base/path.h"
#include "base/quote.h"
#include "kern/file.h"
#include "policy/sources_internal.h"

#include <errno.h>
#include <fcntl.h>

static int read_text(struct arena *arena, const struct policy_key_file *file, struct str *ret,
	struct error *err)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	const struct policy_source_options options = { .writer = file->writer };
	struct policy_sources sources;
	struct stat st;
	int r = fd < 0 ? fd : kern_fstat(fd, &st);

	if (r < 0) {
		error_sys(err, r, "opening the key '%s'", quote_cstr(file->path).text);
		error_hint(err, "Name a file with a public key that you can read.");
		return r;
	}
	policy_sources_begin(&sources, arena, &options);
	r = policy_sources_check_writer(&sources, file->path, &st, err);
	if (r >= 0)
		r = policy_sources_read_fd(&sources, fd, file->path, CRYPTO_KEY_BYTES_MAX, ret, err);
	return r;
}

/* "a/team.pem": "team". What cannot be a name in a token is none. */
static struct str name_of(const char *path)
{
	const char *file = path_name(path), *end = strrchr(file, '.');

	return (struct str){ file, end && end > file ? (size_t)(end - file) : strlen(file) };
}

static int add_key(struct arena *arena, const struct policy_key_file *file, const struct crypto_key *key,
	struct policy_verification *ret, struct error *err)
{
	struct policy_key *keys = arena_alloc_array(arena, ret->key_count + 1, sizeof(*keys));
	const char *name = arena_copy(arena, file->path, strlen(file->path));

	if (!keys || !name)
		return policy_sources_say_full(err);
	if (ret->key_count == POLICY_KEYS_MAX)
		return error_set(err, -E2BIG, "there are more than %d keys", POLICY_KEYS_MAX);
	if (key->is_private && !file->is_secret) {
		error_set(err, -EPERM, "the key '%s' can sign, and is not needed for more than to verify",
			quote_cstr(file->path).text);
		error_hint(err, "Name the public half of it: openssl pkey -pubout -in PRIVATE -out PUBLIC");
		return -EPERM;
	}
	if (ret->key_count)
		memcpy(keys, ret->keys, ret->key_count * sizeof(*keys));
	keys[ret->key_count++] = (struct policy_key){
		.name = name, .key = *key,
		.id = file->id ? str_from(file->id) : key->id.len ? key->id : name_of(name),
	};
	ret->keys = keys;
	return 0;
}

int policy_keys_read(struct arena *arena, const struct policy_key_file *file,
	struct policy_verification *ret, struct error *err)
{
	const struct crypto_key *keys;
	struct crypto_key secret;
	size_t count = 1;
	struct str text;
	int r = read_text(arena, file, &text, err);

	if (r < 0)
		return r;
	if (file->is_secret) {
		keys = &secret;
		r = crypto_key_secret(text, &secret);
	} else {
		r = crypto_keys_read(arena, text, 0, &keys, &count, err);
	}
	if (r < 0) {
		error_wrap(err, r, "the key '%s'", quote_cstr(file->path).text);
		error_hint(err,
			"A key is a file in the form PEM (a public key or a certificate), or a JWK, or a set of these.");
		return r;
	}
	if (file->id && count > 1)
		return error_set(err, -EINVAL, "'%s' has %zu keys, which cannot all be called '%s'",
			quote_cstr(file->path).text, count, quote_cstr(file->id).text);
	for (size_t i = 0; r >= 0 && i < count; i++)
		r = add_key(arena, file, &keys[i], ret, err);
	return r;
}
