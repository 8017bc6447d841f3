// SPDX-License-Identifier: Apache-2.0
/*
 * key_pem.c - the text around a key: one block, and nothing besides
 *
 * Programs print certificates for people in front of the block, or put a chain of them into one file. Which
 * of several keys was meant would be a guess, so there is to be one.
 */
#include "base/base64.h"
#include "crypto/crypto_internal.h"
#include "crypto/pem.h"

#include <errno.h>

struct block {
	struct str label;		/* "PUBLIC KEY" */
	struct str base64;		/* without the ends of lines */
};

static int say_malformed(struct error *err)
{
	return error_set(err, -EBADMSG, "it is no key in the form PEM");
}

static struct str trim(struct str text)
{
	while (text.len && ascii_is_space(text.data[0]))
		text = (struct str){ text.data + 1, text.len - 1 };
	while (text.len && ascii_is_space(text.data[text.len - 1]))
		text.len--;
	return text;
}

static struct str take_line(struct str *rest)
{
	struct str line;

	str_cut(*rest, '\n', &line, rest);
	if (str_ends_with(line, STR("\r")))
		line.len--;
	return line;
}

static int take_block(struct arena *arena, struct str *rest, struct block *ret, struct error *err)
{
	char *text = arena_alloc(arena, rest->len + 1);
	struct str line, label;
	size_t len = 0;

	if (!text)
		return error_set(err, -EMSGSIZE, "it is too large");
	if (!pem_read_edge(take_line(rest), STR("-----BEGIN "), &ret->label))
		return say_malformed(err);
	while (rest->len) {
		line = take_line(rest);
		if (pem_read_edge(line, STR("-----END "), &label)) {
			ret->base64 = (struct str){ text, len };
			return str_eq(label, ret->label) ? 0 : say_malformed(err);
		}
		memcpy(text + len, line.data, line.len);
		len += line.len;
	}
	return say_malformed(err);
}

int crypto_key_read_block(struct arena *arena, struct str label, struct str der, unsigned rsa_bits,
	struct crypto_key *ret, struct error *err)
{
	struct crypto_key key;
	int r = crypto_key_read_der(label, der, &key, err);

	if (r >= 0)
		r = crypto_key_finish(arena, rsa_bits, &key, err);
	if (r >= 0)
		*ret = key;
	return r;
}

int crypto_key_read_pem(struct arena *arena, struct str text, unsigned rsa_bits, struct crypto_key *ret,
	struct error *err)
{
	struct str rest = trim(text), der;
	struct block block;
	int r;

	if (text.len > CRYPTO_KEY_BYTES_MAX)
		return error_set(err, -EMSGSIZE, "it is too large");
	r = take_block(arena, &rest, &block, err);
	if (r >= 0 && str_eq(block.label, STR("EC PARAMETERS")))
		r = take_block(arena, &rest, &block, err);
	if (r < 0)
		return r;
	if (rest.len)
		return error_set(err, -EBADMSG, "it has more in it than one key");
	if (str_starts_with(block.label, STR("ENCRYPTED")) || str_starts_with(block.base64, STR("Proc-Type")))
		return error_set(err, -ENOTSUP,
			"it is encrypted, and nobody could be asked for its password");
	r = base64_decode(arena, block.base64, &der);
	if (r < 0)
		return r == -EMSGSIZE ? error_set(err, r, "it is too large") : say_malformed(err);
	return crypto_key_read_block(arena, block.label, der, rsa_bits, ret, err);
}
