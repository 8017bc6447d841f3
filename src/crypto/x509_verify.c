// SPDX-License-Identifier: Apache-2.0
/*
 * x509_verify.c - ways from the last certificate to the one that is trusted
 *
 * The ways are tried one after the other, the likely ones first: from each certificate to those whose subject
 * is its issuer, and among these to those whose key is the one that it names. The first way on which
 * everything holds is the chain. What a certificate says counts only once the signature on it is by the next
 * one.
 *
 * One list serves as the way so far and as the place where to go on: each step knows which candidate comes
 * next. Signatures are what costs, so they are counted, and no certificate comes twice.
 *
 * Sources: RFC 5280, chapter 6; Go, crypto/x509, Verify (the order, the limit, uses of keys for a whole
 * chain)
 */
#include "crypto/crypto_internal.h"
#include "crypto/der.h"
#include "crypto/x509_internal.h"

#include <errno.h>

enum {
	/* the trusted one; then those with its key, with no key, with another */
	TURNS = 4,
};

struct step {
	const struct x509_certificate *cert;
	size_t next;			/* candidate: a turn and a place in it */
};

struct search {
	struct arena *arena;
	const struct x509_certificate *certs;
	size_t count;
	const struct x509_options *options;
	struct step way[X509_SIGNATURES_MAX + 1];
	size_t length;
	unsigned signatures;		/* tried so far */
};

/* ---- signatures ---- */

static bool get_scheme(enum x509_algorithm algorithm, struct crypto_scheme *ret)
{
	static const struct crypto_scheme schemes[] = {
		[X509_SHA256_RSA] = { "", CRYPTO_KEY_RSA, .hash = CRYPTO_SHA256 },
		[X509_SHA384_RSA] = { "", CRYPTO_KEY_RSA, .hash = CRYPTO_SHA384 },
		[X509_SHA512_RSA] = { "", CRYPTO_KEY_RSA, .hash = CRYPTO_SHA512 },
		[X509_SHA256_ECDSA] = { "", CRYPTO_KEY_EC, .hash = CRYPTO_SHA256 },
		[X509_SHA384_ECDSA] = { "", CRYPTO_KEY_EC, .hash = CRYPTO_SHA384 },
		[X509_SHA512_ECDSA] = { "", CRYPTO_KEY_EC, .hash = CRYPTO_SHA512 },
		[X509_SHA256_PSS] = { "", CRYPTO_KEY_RSA, .hash = CRYPTO_SHA256, .is_pss = true },
		[X509_SHA384_PSS] = { "", CRYPTO_KEY_RSA, .hash = CRYPTO_SHA384, .is_pss = true },
		[X509_SHA512_PSS] = { "", CRYPTO_KEY_RSA, .hash = CRYPTO_SHA512, .is_pss = true },
		[X509_ED25519] = { "", CRYPTO_KEY_ED25519 },
	};

	*ret = algorithm < ARRAY_SIZE(schemes) ? schemes[algorithm] : schemes[X509_ALGORITHM_NONE];
	return ret->kind != CRYPTO_KEY_NONE;
}

/* A number at the end of a field of zeros. */
static bool place_number(struct str number, size_t len, char *ret)
{
	if (number.len > len)
		return false;
	memset(ret, 0, len - number.len);
	memcpy(ret + len - number.len, number.data, number.len);
	return true;
}

/* RFC 5480, 2.2: two numbers, which a JWS has side by side */
static bool read_pair(struct str der, enum crypto_curve curve, char ret[2 * COORDINATE_BYTES_MAX])
{
	size_t len = crypto_curve_bytes(curve);
	struct str inside, r, s;

	return der_take(&der, DER_SEQUENCE, &inside) && !der.len && der_take_number(&inside, &r) &&
		der_take_number(&inside, &s) && !inside.len && place_number(r, len, ret) &&
		place_number(s, len, ret + len);
}

static bool is_signed_by(struct arena *arena, const struct x509_certificate *cert,
	const struct x509_certificate *issuer)
{
	char pair[2 * COORDINATE_BYTES_MAX];
	struct str signature = cert->signature;
	struct crypto_key key = issuer->key;
	struct crypto_scheme scheme;

	if (!get_scheme(cert->algorithm, &scheme) || scheme.kind != key.kind ||
			crypto_key_finish(arena, CRYPTO_RSA_BITS_MIN, &key, NULL) < 0)
		return false;
	scheme.curve = key.curve;
	if (key.kind == CRYPTO_KEY_EC) {
		if (!read_pair(signature, key.curve, pair))
			return false;
		signature = (struct str){ pair, 2 * crypto_curve_bytes(key.curve) };
	}
	return crypto_is_signature(&scheme, &key, cert->signed_part, signature);
}

/* ---- one certificate on the way ---- */

static bool is_now(const struct x509_certificate *cert, int64_t now_ns)
{
	const int64_t second = 1000000000;
	int64_t now = now_ns / second, rest = now_ns % second;

	if (rest < 0) {
		now--;
		rest += second;
	}
	return now >= cert->not_before && (now < cert->not_after || (now == cert->not_after && !rest));
}

/* RFC 5280, 4.2.1.9 and 4.2.1.3 */
static bool may_sign(const struct x509_certificate *cert)
{
	if (cert->has_constraints ? !cert->is_ca : cert->version == 3)
		return false;
	return !cert->key_usage || cert->key_usage & X509_MAY_SIGN;
}

static bool is_valid_step(const struct search *search, const struct x509_certificate *cert, bool is_trusted)
{
	size_t between = search->length - 1;

	if (cert->unhandled.count || !is_now(cert, search->options->now_ns))
		return false;
	if (!is_trusted && (!cert->has_constraints || !cert->is_ca))
		return false;
	return !cert->has_constraints || !cert->path_length.is_there ||
		(uint64_t)cert->path_length.value >= between;
}

static const struct x509_extension *names_of(const struct x509_certificate *cert)
{
	for (size_t i = 0; i < cert->extension_count; i++)
		if (str_eq(cert->extensions[i].id, STR("\x55\x1d\x11")))
			return &cert->extensions[i];
	return NULL;
}

/* The same somebody with the same key, whoever signed it this time. */
static bool is_same(const struct x509_certificate *a, const struct x509_certificate *b)
{
	const struct x509_extension *x = names_of(a), *y = names_of(b);

	return str_eq(a->subject_whole, b->subject_whole) && str_eq(a->key_info, b->key_info) &&
		(x ? y && str_eq(x->value, y->value) : !y);
}

static bool is_on_way(const struct search *search, const struct x509_certificate *cert)
{
	for (size_t i = 0; i < search->length; i++)
		if (is_same(search->way[i].cert, cert))
			return true;
	return false;
}

/* ---- candidates ---- */

static size_t turn_of(const struct x509_certificate *cert, const struct x509_certificate *issuer)
{
	if (str_eq(cert->authority_key_id, issuer->subject_key_id))
		return 1;
	return !cert->authority_key_id.len != !issuer->subject_key_id.len ? 2 : 3;
}

/* One that is there twice counts once. */
static bool was_before(const struct search *search, size_t index)
{
	for (size_t i = 1; i < index; i++)
		if (str_eq(search->certs[i].whole, search->certs[index].whole))
			return true;
	return false;
}

/* The next certificate that may have signed the last one of the way; NULL: there is none any more. */
static const struct x509_certificate *next_candidate(struct search *search, bool *ret_is_trusted)
{
	struct step *step = &search->way[search->length - 1];

	while (step->next < TURNS * search->count) {
		size_t turn = step->next / search->count, index = step->next % search->count;
		const struct x509_certificate *issuer = &search->certs[index];

		step->next++;
		/* the first is trusted, and the last is where the way begins */
		if ((turn == 0) != (index == 0) || (index && index == search->count - 1) ||
				!str_eq(step->cert->issuer_whole, issuer->subject_whole))
			continue;
		if (turn && (turn != turn_of(step->cert, issuer) || was_before(search, index)))
			continue;
		*ret_is_trusted = index == 0;
		return issuer;
	}
	return NULL;
}

/* ---- the whole way ---- */

static bool has_any_policy(const struct x509_certificate *cert)
{
	for (size_t i = 0; i < cert->mappings.count; i++)
		if (str_eq(cert->mappings.items[i], STR("\x55\x1d\x20\0")))
			return true;
	return false;
}

/* Where somebody says that policies have to hold they would have to be followed, which nobody here does. */
static bool asks_for_policies(const struct x509_chain *chain)
{
	for (size_t i = 0; i + 1 < chain->count; i++)
		if (chain->items[i]->explicit_policy.is_there || has_any_policy(chain->items[i]))
			return true;
	return false;
}

static bool is_for(const struct x509_chain *chain, unsigned usages)
{
	const unsigned any = 1u << X509_USAGE_ANY;
	unsigned left = usages ? usages : 1u << X509_USAGE_SERVER;

	if (left & any)
		return true;
	for (size_t i = chain->count; i-- > 0;)
		if (chain->items[i]->usages.count && !(chain->items[i]->usage_bits & any))
			left &= chain->items[i]->usage_bits;
	return left;
}

static int check_names(const struct x509_options *options, const struct x509_chain *chain)
{
	int r = 0;

	for (size_t i = 1; i < chain->count && r >= 0; i++) {
		int64_t left = options->comparisons_max;

		for (size_t j = 0; j < i && chain->items[i]->has_subtrees && r >= 0; j++)
			if (chain->items[j]->has_names)
				r = x509_check_constraints(options, chain->items[i], chain->items[j], &left);
	}
	return r;
}

static int check_chain(const struct x509_options *options, const struct x509_chain *chain)
{
	if (asks_for_policies(chain) || !is_for(chain, options->usages))
		return -EKEYREJECTED;
	return check_names(options, chain);
}

/* The way, and behind it the certificate that is trusted. */
static int finish(const struct search *search, const struct x509_certificate *trusted, struct x509_chain *ret)
{
	struct x509_chain chain = { .count = 0 };
	int r;

	for (size_t i = 0; i < search->length; i++)
		chain.items[chain.count++] = search->way[i].cert;
	if (trusted)
		chain.items[chain.count++] = trusted;
	r = check_chain(search->options, &chain);
	if (r >= 0)
		*ret = chain;
	return r;
}

/* -EAGAIN: not this one; 0: it is the next step, or the trusted one that ends a chain which does not hold */
static int try_candidate(struct search *search, const struct x509_certificate *issuer, bool is_trusted)
{
	const struct x509_certificate *cert = search->way[search->length - 1].cert;

	if (is_on_way(search, issuer))
		return -EAGAIN;
	if (search->signatures++ == X509_SIGNATURES_MAX)
		return -EKEYREJECTED;
	if (!may_sign(issuer))
		return -EAGAIN;
	if (search->options->may &&
			!search->options->may(search->options->context, &issuer->key, cert->signed_part.len))
		return -ECANCELED;
	return is_signed_by(search->arena, cert, issuer) && is_valid_step(search, issuer, is_trusted) ?
		0 : -EAGAIN;
}

static int find(struct search *search, struct x509_chain *ret)
{
	const struct x509_certificate *issuer;
	bool is_trusted;
	int r;

	while (search->length) {
		issuer = next_candidate(search, &is_trusted);
		if (!issuer) {
			search->length--;
			continue;
		}
		r = try_candidate(search, issuer, is_trusted);
		if (r == -EAGAIN)
			continue;
		if (r >= 0 && is_trusted) {
			r = finish(search, issuer, ret);
			if (r == -EKEYREJECTED)
				continue;
			return r;
		}
		if (r < 0)
			return r;
		assert(search->length < ARRAY_SIZE(search->way));
		search->way[search->length++] = (struct step){ issuer, 0 };
	}
	return -EKEYREJECTED;
}

int x509_verify(struct arena *arena, const struct x509_certificate *certs, size_t count,
	const struct x509_options *options, struct x509_chain *ret)
{
	const struct x509_certificate *last = &certs[count - 1];
	struct search *search;

	if (count < 2 || last->unhandled.count || !is_now(last, options->now_ns))
		return -EKEYREJECTED;
	search = arena_alloc(arena, sizeof(*search));
	if (!search)
		return -EMSGSIZE;
	*search = (struct search){ .arena = arena, .certs = certs, .count = count, .options = options };
	search->way[search->length++] = (struct step){ last, 0 };
	if (str_eq(last->whole, certs[0].whole))
		return finish(search, NULL, ret);
	return find(search, ret);
}
