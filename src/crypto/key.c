// SPDX-License-Identifier: Apache-2.0
/*
 * key.c - whether numbers make a key
 *
 * Everything that would make the computing fail, or never end, or leak is found here, once, so that verify.c
 * and sign.c may take keys as they are. Whether the primes of a private RSA key are primes is not asked: a
 * key that somebody broke gives signatures that do not verify, and sign.c does not hand these out.
 */
#include "crypto/crypto_internal.h"

#include <errno.h>
#include <nettle/bignum.h>
#include <nettle/eddsa.h>

enum {
	EXPONENT_BYTES_MAX = 4,		/* as other programs have it: what is larger is slow, and of no use */
};

static const unsigned char *bytes_of(struct str text)
{
	return (const unsigned char *)text.data;
}

int crypto_key_secret(struct str secret, struct crypto_key *ret)
{
	if (secret.len > CRYPTO_SECRET_BYTES_MAX)
		return -EMSGSIZE;
	*ret = (struct crypto_key){ .kind = CRYPTO_KEY_SECRET, .is_private = true, .secret = secret };
	return 0;
}

/* ---- nettle's form ---- */

bool crypto_rsa_init(const struct crypto_key *key, struct rsa_public_key *ret)
{
	rsa_public_key_init(ret);
	nettle_mpz_set_str_256_u(ret->n, key->rsa.n.len, bytes_of(key->rsa.n));
	nettle_mpz_set_str_256_u(ret->e, key->rsa.e.len, bytes_of(key->rsa.e));
	return rsa_public_key_prepare(ret);
}

bool crypto_rsa_private_init(const struct crypto_key *key, struct rsa_private_key *ret)
{
	rsa_private_key_init(ret);
	nettle_mpz_set_str_256_u(ret->d, key->rsa.d.len, bytes_of(key->rsa.d));
	nettle_mpz_set_str_256_u(ret->p, key->rsa.p.len, bytes_of(key->rsa.p));
	nettle_mpz_set_str_256_u(ret->q, key->rsa.q.len, bytes_of(key->rsa.q));
	nettle_mpz_set_str_256_u(ret->a, key->rsa.dp.len, bytes_of(key->rsa.dp));
	nettle_mpz_set_str_256_u(ret->b, key->rsa.dq.len, bytes_of(key->rsa.dq));
	nettle_mpz_set_str_256_u(ret->c, key->rsa.qi.len, bytes_of(key->rsa.qi));
	return rsa_private_key_prepare(ret);
}

bool crypto_point_init(enum crypto_curve curve, struct str x, struct str y, struct ecc_point *ret)
{
	mpz_t a, b;
	bool is_on_it;

	nettle_mpz_init_set_str_256_u(a, x.len, bytes_of(x));
	nettle_mpz_init_set_str_256_u(b, y.len, bytes_of(y));
	ecc_point_init(ret, crypto_curve_of(curve));
	is_on_it = ecc_point_set(ret, a, b);
	mpz_clear(a);
	mpz_clear(b);
	return is_on_it;
}

bool crypto_scalar_init(enum crypto_curve curve, struct str d, struct ecc_scalar *ret)
{
	mpz_t number;
	bool is_in_range;

	nettle_mpz_init_set_str_256_u(number, d.len, bytes_of(d));
	ecc_scalar_init(ret, crypto_curve_of(curve));
	is_in_range = ecc_scalar_set(ret, number);
	mpz_clear(number);
	return is_in_range;
}

/* ---- RSA ---- */

static struct str without_zeros(struct str number)
{
	while (number.len && !number.data[0])
		number = (struct str){ number.data + 1, number.len - 1 };
	return number;
}

static unsigned bits_of(struct str number)
{
	unsigned bits = (unsigned)number.len * 8;

	for (unsigned char mask = 0x80; number.len && mask && !(number.data[0] & mask); mask >>= 1)
		bits--;
	return bits;
}

static bool is_odd(struct str number)
{
	return number.len && number.data[number.len - 1] & 1;
}

/* a * b = 1, modulo m or modulo one less */
static bool is_inverse(const mpz_t a, const mpz_t b, const mpz_t m, unsigned long less)
{
	mpz_t product, modulus;
	bool is_one;

	mpz_init(product);
	mpz_init(modulus);
	mpz_sub_ui(modulus, m, less);
	mpz_mul(product, a, b);
	mpz_mod(product, product, modulus);
	is_one = mpz_cmp_ui(product, 1) == 0;
	mpz_clear(product);
	mpz_clear(modulus);
	return is_one;
}

/* RFC 8017, 3.2. nettle wants the primes to be of one size and all the rest to be smaller than they are. */
static bool is_private_half(const struct rsa_public_key *public, const struct rsa_private_key *private)
{
	mpz_t product;
	bool is_n;

	if (mpz_even_p(private->p) || mpz_even_p(private->q) ||
			mpz_size(private->p) != mpz_size(private->q) || mpz_cmp_ui(private->p, 3) < 0 ||
			mpz_cmp_ui(private->q, 3) < 0)
		return false;
	mpz_init(product);
	mpz_mul(product, private->p, private->q);
	is_n = mpz_cmp(product, public->n) == 0;
	mpz_clear(product);
	return is_n && mpz_cmp(private->a, private->p) < 0 && mpz_cmp(private->b, private->q) < 0 &&
		mpz_cmp(private->c, private->p) < 0 && is_inverse(public->e, private->a, private->p, 1) &&
		is_inverse(public->e, private->b, private->q, 1) &&
		is_inverse(private->q, private->c, private->p, 0);
}

static bool has_private_half(const struct crypto_key *key)
{
	struct rsa_private_key private;
	struct rsa_public_key public;
	bool is_one = crypto_rsa_init(key, &public);

	is_one = crypto_rsa_private_init(key, &private) && is_one && is_private_half(&public, &private);
	rsa_private_key_clear(&private);
	rsa_public_key_clear(&public);
	return is_one;
}

static int finish_rsa(unsigned bits_min, struct crypto_key *key, struct error *err)
{
	struct str *const numbers[] = {
		&key->rsa.n, &key->rsa.e, &key->rsa.d, &key->rsa.p, &key->rsa.q, &key->rsa.dp, &key->rsa.dq,
		&key->rsa.qi,
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		*numbers[i] = without_zeros(*numbers[i]);
		if (numbers[i]->len > CRYPTO_RSA_BITS_MAX / 8)
			return error_set(err, -ERANGE, "it has more than %d bits", CRYPTO_RSA_BITS_MAX);
	}
	key->bits = bits_of(key->rsa.n);
	bits_min = MAX(bits_min ? bits_min : CRYPTO_RSA_BITS_USUAL, (unsigned)CRYPTO_RSA_BITS_MIN);
	if (!is_odd(key->rsa.n) || !is_odd(key->rsa.e) || bits_of(key->rsa.e) < 2 ||
			key->rsa.e.len > EXPONENT_BYTES_MAX)
		return error_set(err, -EBADMSG, "its numbers are no key of RSA");
	if (key->bits < bits_min)
		return error_set(err, -ERANGE, "it has only %u bits, and %u are wanted", key->bits, bits_min);
	if (key->is_private && !has_private_half(key))
		return error_set(err, -EBADMSG,
			"its private numbers are missing, or not those of the public key");
	return 0;
}

/* ---- curves ---- */

/* The public half of a private key, out of it. Return: false where the arena is full. */
static bool derive_point(struct arena *arena, const struct crypto_key *key, const struct ecc_scalar *scalar,
	struct str *ret_x, struct str *ret_y)
{
	size_t len = crypto_curve_bytes(key->curve);
	unsigned char *bytes = arena_alloc(arena, 2 * len);
	struct ecc_point point;
	mpz_t x, y;

	if (!bytes)
		return false;
	mpz_init(x);
	mpz_init(y);
	ecc_point_init(&point, crypto_curve_of(key->curve));
	ecc_point_mul_g(&point, scalar);
	ecc_point_get(&point, x, y);
	nettle_mpz_get_str_256(len, bytes, x);
	nettle_mpz_get_str_256(len, bytes + len, y);
	ecc_point_clear(&point);
	mpz_clear(x);
	mpz_clear(y);
	*ret_x = (struct str){ (const char *)bytes, len };
	*ret_y = (struct str){ (const char *)bytes + len, len };
	return true;
}

static int finish_ec_private(struct arena *arena, struct crypto_key *key, struct error *err)
{
	struct ecc_scalar scalar;
	struct str x, y;
	int r = 0;

	if (key->ec.d.len != crypto_curve_bytes(key->curve))
		return error_set(err, -EBADMSG, "its private number is not %zu bytes long",
			crypto_curve_bytes(key->curve));
	if (!crypto_scalar_init(key->curve, key->ec.d, &scalar))
		r = error_set(err, -EBADMSG, "its private number is not in its range");
	else if (!derive_point(arena, key, &scalar, &x, &y))
		r = error_set(err, -EMSGSIZE, "it is too large");
	else if (key->ec.x.len && (!str_eq(x, key->ec.x) || !str_eq(y, key->ec.y)))
		r = error_set(err, -EBADMSG, "its private number is not that of the public key");
	ecc_scalar_clear(&scalar);
	if (r < 0)
		return r;
	key->ec.x = x;
	key->ec.y = y;
	return 0;
}

static int finish_ec(struct arena *arena, struct crypto_key *key, struct error *err)
{
	size_t len = crypto_curve_bytes(key->curve);
	struct ecc_point point;
	bool is_on_curve;

	if (key->is_private)
		return finish_ec_private(arena, key, err);
	if (key->ec.x.len != len || key->ec.y.len != len)
		return error_set(err, -EBADMSG, "its coordinates are not %zu bytes long", len);
	is_on_curve = crypto_point_init(key->curve, key->ec.x, key->ec.y, &point);
	ecc_point_clear(&point);
	return is_on_curve ? 0 : error_set(err, -EBADMSG, "its point is not on its curve");
}

static int finish_ed25519(struct arena *arena, struct crypto_key *key, struct error *err)
{
	unsigned char *public;

	if ((key->ed.x.len || !key->is_private) && key->ed.x.len != ED25519_BYTES)
		return error_set(err, -EBADMSG, "its public key is not %d bytes long", ED25519_BYTES);
	if (!key->is_private)
		return 0;
	if (key->ed.d.len != ED25519_BYTES)
		return error_set(err, -EBADMSG, "its private key is not %d bytes long", ED25519_BYTES);
	public = arena_alloc(arena, ED25519_BYTES);
	if (!public)
		return error_set(err, -EMSGSIZE, "it is too large");
	ed25519_sha512_public_key(public, bytes_of(key->ed.d));
	if (key->ed.x.len && memcmp(public, key->ed.x.data, ED25519_BYTES) != 0)
		return error_set(err, -EBADMSG, "its private key is not that of the public key");
	key->ed.x = (struct str){ (const char *)public, ED25519_BYTES };
	return 0;
}

int crypto_key_finish(struct arena *arena, unsigned rsa_bits, struct crypto_key *key, struct error *err)
{
	switch (key->kind) {
	case CRYPTO_KEY_SECRET:
		key->is_private = true;
		return key->secret.len <= CRYPTO_SECRET_BYTES_MAX ? 0 :
			error_set(err, -EMSGSIZE, "it is too large");
	case CRYPTO_KEY_RSA:
		return finish_rsa(rsa_bits, key, err);
	case CRYPTO_KEY_EC:
		return finish_ec(arena, key, err);
	case CRYPTO_KEY_ED25519:
		return finish_ed25519(arena, key, err);
	case CRYPTO_KEY_NONE:
		break;
	}
	return error_set(err, -EBADMSG, "it is no key");
}
