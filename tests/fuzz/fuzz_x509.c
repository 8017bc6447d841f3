// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_x509.c - what holds for all bytes that somebody says are certificates
 *
 * The bytes are certificates one behind the other, or else a text of PEM blocks, or a request.
 *
 *   - a refusal is one of four errors, and says why; a certificate that was read is the bytes that were cut
 *     off, and what it says of itself lies within them
 *   - a chain that holds begins with the last certificate, ends with the first, and each is called what the
 *     one before it names as its issuer
 *   - with less memory it is the same, or -EMSGSIZE
 */
#include "crypto/pem.h"
#include "crypto/x509.h"

#include <errno.h>

enum {
	ARENA_BYTES_MAX = 16 << 20,
	CERTS_MAX = 8,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_within(struct str part, struct str whole)
{
	return !part.len || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static void check_refusal(int r, const struct error *err)
{
	assert(r == -EBADMSG || r == -ENOTSUP || r == -E2BIG || r == -EMSGSIZE);
	assert(err->code == r && str_starts_with(str_from(err->text), STR("x509: ")));
}

static void check_cert(struct arena *arena, const struct x509_certificate *cert, struct str bytes)
{
	const struct str parts[] = {
		cert->signed_part, cert->key_info, cert->subject_whole, cert->issuer_whole, cert->signature,
		cert->serial, cert->subject_key_id, cert->authority_key_id,
	};

	assert(str_eq(cert->whole, bytes));
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		assert(is_within(parts[i], bytes));
	for (size_t i = 0; i < cert->extension_count; i++)
		assert(is_within(cert->extensions[i].value, bytes));
	assert(cert->version >= 1 && cert->version <= 3);
	assert(x509_decimal(arena, cert->serial));
}

static void check_chain(const struct x509_chain *chain, const struct x509_certificate *certs, size_t count)
{
	assert(chain->count && chain->count <= count);
	assert(chain->items[0] == &certs[count - 1]);
	assert(str_eq(chain->items[chain->count - 1]->whole, certs[0].whole));
	for (size_t i = 1; i < chain->count; i++)
		assert(str_eq(chain->items[i - 1]->issuer_whole, chain->items[i]->subject_whole));
}

static void check_all(struct arena *arena, struct x509_certificate *certs, struct str rest)
{
	const struct x509_options options = { .now_ns = INT64_C(1795342830123456789),
		.comparisons_max = 10000 };
	struct error err = ERROR_INIT;
	struct x509_chain chain;
	size_t count = 0;
	int r = 0;

	while (rest.len && count < CERTS_MAX && r >= 0) {
		struct str before = rest;

		r = x509_read(arena, &rest, &certs[count], &err);
		if (r >= 0)
			check_cert(arena, &certs[count++],
				(struct str){ before.data, before.len - rest.len });
		else
			assert(rest.data == before.data && rest.len == before.len);
	}
	if (r < 0)
		check_refusal(r, &err);
	if (!count)
		return;
	r = x509_verify(arena, certs, count, &options, &chain);
	assert(!r || r == -EKEYREJECTED || r == -EMSGSIZE);
	if (!r)
		check_chain(&chain, certs, count);
}

static void check_blocks(struct arena *arena, struct x509_certificate *certs, struct str text)
{
	struct str label, der;

	while (text.len && pem_take(arena, &text, &label, &der) >= 0 && label.len)
		check_all(arena, certs, der);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES_MAX), small = ARENA_INIT(size);
	struct str text = { .data = (const char *)data, .len = size }, rest = text;
	struct x509_certificate certs[CERTS_MAX], other;
	struct x509_request request;
	struct error err = ERROR_INIT;
	int r;

	check_all(&arena, certs, text);
	check_blocks(&arena, certs, text);
	r = x509_read_request(&arena, text, &request, &err);
	if (r < 0)
		check_refusal(r, &err);
	else
		assert(str_eq(request.whole, text));
	if (x509_read(&arena, &rest, &certs[0], NULL) < 0)
		return 0;
	rest = text;
	r = x509_read(&small, &rest, &other, NULL);
	assert(!r || r == -EMSGSIZE);
	return 0;
}
