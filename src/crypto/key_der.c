// SPDX-License-Identifier: Apache-2.0
/*
 * key_der.c - keys and certificates as they lie in PEM blocks
 *
 * Only the way to the numbers is read here; whether they make a key is key.c's to say. Of a certificate it is
 * the public key that counts: no name, no time and no signature of it is looked at, since nobody is believed
 * for having a certificate, but for having this one named in a configuration.
 *
 * All the functions return 0, -EBADMSG for what is not of its form and -ENOTSUP for a kind unknown here.
 */
#include "crypto/crypto_internal.h"
#include "crypto/der.h"

#include <errno.h>

/* Object identifiers, as their bytes. */
#define OID_RSA STR("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")	/* 1.2.840.113549.1.1.1 */
#define OID_EC STR("\x2a\x86\x48\xce\x3d\x02\x01")		/* 1.2.840.10045.2.1 */
#define OID_ED25519 STR("\x2b\x65\x70")				/* 1.3.101.112 */
#define OID_P256 STR("\x2a\x86\x48\xce\x3d\x03\x01\x07")	/* 1.2.840.10045.3.1.7 */
#define OID_P384 STR("\x2b\x81\x04\x00\x22")			/* 1.3.132.0.34 */
#define OID_P521 STR("\x2b\x81\x04\x00\x23")			/* 1.3.132.0.35 */

static int take(struct str *rest, unsigned char tag, struct str *ret)
{
	return der_take(rest, tag, ret) ? 0 : -EBADMSG;
}

/* ---- which algorithm ---- */

static int curve_of(struct str oid, enum crypto_curve *ret)
{
	if (str_eq(oid, OID_P256))
		*ret = CRYPTO_P256;
	else if (str_eq(oid, OID_P384))
		*ret = CRYPTO_P384;
	else if (str_eq(oid, OID_P521))
		*ret = CRYPTO_P521;
	else
		return -ENOTSUP;
	return 0;
}

/* AlgorithmIdentifier: RFC 3279 2.3.1, RFC 5480 2.1, RFC 8410 3. */
static int take_algorithm(struct str *rest, struct crypto_key *key)
{
	struct str inside, oid, parameter;

	if (!der_take(rest, DER_SEQUENCE, &inside) || !der_take(&inside, DER_OID, &oid))
		return -EBADMSG;
	if (str_eq(oid, OID_RSA)) {
		key->kind = CRYPTO_KEY_RSA;
		return der_take(&inside, DER_NULL, &parameter) && !parameter.len && !inside.len ?
			0 : -EBADMSG;
	}
	if (str_eq(oid, OID_ED25519)) {
		key->kind = CRYPTO_KEY_ED25519;
		return inside.len ? -EBADMSG : 0;
	}
	if (!str_eq(oid, OID_EC))
		return -ENOTSUP;
	key->kind = CRYPTO_KEY_EC;
	if (!der_take(&inside, DER_OID, &parameter))
		return -ENOTSUP;
	return inside.len ? -EBADMSG : curve_of(parameter, &key->curve);
}

/* ---- public keys ---- */

/* RFC 8017, A.1.1 */
static int read_rsa_public(struct str der, struct crypto_key *key)
{
	struct str inside;

	key->kind = CRYPTO_KEY_RSA;
	if (!der_take(&der, DER_SEQUENCE, &inside) || der.len || !der_take_number(&inside, &key->rsa.n) ||
			!der_take_number(&inside, &key->rsa.e) || inside.len)
		return -EBADMSG;
	return 0;
}

/* SEC 1, 2.3.3: only the form that has both coordinates. */
static int read_point(struct str point, struct crypto_key *key)
{
	size_t len = crypto_curve_bytes(key->curve);

	if (point.len && (point.data[0] == 2 || point.data[0] == 3))
		return -ENOTSUP;
	if (point.len != 1 + 2 * len || point.data[0] != 4)
		return -EBADMSG;
	key->ec.x = (struct str){ point.data + 1, len };
	key->ec.y = (struct str){ point.data + 1 + len, len };
	return 0;
}

/* SubjectPublicKeyInfo: RFC 5280, 4.1 */
static int take_public(struct str *rest, struct crypto_key *key)
{
	struct str inside, bits;
	int r = take(rest, DER_SEQUENCE, &inside);

	if (r >= 0)
		r = take_algorithm(&inside, key);
	if (r < 0)
		return r;
	if (!der_take_bits(&inside, &bits) || inside.len)
		return -EBADMSG;
	if (key->kind == CRYPTO_KEY_RSA)
		return read_rsa_public(bits, key);
	if (key->kind == CRYPTO_KEY_EC)
		return read_point(bits, key);
	key->ed.x = bits;
	return 0;
}

static int read_public(struct str der, struct crypto_key *key)
{
	int r = take_public(&der, key);

	return r >= 0 && der.len ? -EBADMSG : r;
}

/* Certificate: RFC 5280, 4.1 */
static int read_certificate(struct str der, struct crypto_key *key)
{
	struct str all, inside, skipped;

	if (!der_take(&der, DER_SEQUENCE, &all) || der.len || !der_take(&all, DER_SEQUENCE, &inside))
		return -EBADMSG;
	/* the version, which only the oldest certificates do not have */
	der_take(&inside, DER_CONTEXT_0, &skipped);
	if (!der_take(&inside, DER_INTEGER, &skipped))
		return -EBADMSG;
	/* how it is signed, by whom, how long it is good, whose it is */
	for (int i = 0; i < 4; i++)
		if (!der_take(&inside, DER_SEQUENCE, &skipped))
			return -EBADMSG;
	return take_public(&inside, key);
}

/* ---- private keys ---- */

/* RFC 8017, A.1.2; only with two primes */
static int read_rsa_private(struct str der, struct crypto_key *key)
{
	struct str inside, version;
	struct str *const numbers[] = {
		&key->rsa.n, &key->rsa.e, &key->rsa.d, &key->rsa.p, &key->rsa.q, &key->rsa.dp, &key->rsa.dq,
		&key->rsa.qi,
	};

	key->kind = CRYPTO_KEY_RSA;
	key->is_private = true;
	if (!der_take(&der, DER_SEQUENCE, &inside) || der.len || !der_take_number(&inside, &version))
		return -EBADMSG;
	if (version.len)
		return -ENOTSUP;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!der_take_number(&inside, numbers[i]))
			return -EBADMSG;
	return inside.len ? -EBADMSG : 0;
}

/* RFC 5915; inside PKCS #8 the curve is known already */
static int read_ec_private(struct str der, struct crypto_key *key)
{
	struct str inside, version, tagged, oid, bits = { 0 };
	enum crypto_curve curve = key->curve;
	int r = 0;

	key->kind = CRYPTO_KEY_EC;
	key->is_private = true;
	if (!der_take(&der, DER_SEQUENCE, &inside) || der.len || !der_take_number(&inside, &version) ||
			!str_eq(version, STR("\x01")) || !der_take(&inside, DER_BYTES, &key->ec.d))
		return -EBADMSG;
	if (der_take(&inside, DER_CONTEXT_0, &tagged))
		r = der_take(&tagged, DER_OID, &oid) && !tagged.len ? curve_of(oid, &curve) : -ENOTSUP;
	if (r < 0)
		return r;
	if (!curve || (key->curve && key->curve != curve))
		return -EBADMSG;
	key->curve = curve;
	if (!der_take(&inside, DER_CONTEXT_1, &tagged))
		return inside.len ? -EBADMSG : 0;
	if (!der_take_bits(&tagged, &bits) || tagged.len || inside.len)
		return -EBADMSG;
	return read_point(bits, key);
}

/* RFC 5958; what may stand behind the key repeats or describes it */
static int read_private(struct str der, struct crypto_key *key)
{
	struct str inside, version, bytes;
	int r;

	if (!der_take(&der, DER_SEQUENCE, &inside) || der.len || !der_take_number(&inside, &version) ||
			version.len > 1)
		return -EBADMSG;
	r = take_algorithm(&inside, key);
	if (r < 0)
		return r;
	if (!der_take(&inside, DER_BYTES, &bytes))
		return -EBADMSG;
	if (key->kind == CRYPTO_KEY_RSA)
		return read_rsa_private(bytes, key);
	if (key->kind == CRYPTO_KEY_EC)
		return read_ec_private(bytes, key);
	key->is_private = true;
	return der_take(&bytes, DER_BYTES, &key->ed.d) && !bytes.len ? 0 : -EBADMSG;
}

/* ---- all of them ---- */

int crypto_key_read_der(struct str label, struct str der, struct crypto_key *ret, struct error *err)
{
	static const struct {
		const char *label;
		int (*read)(struct str der, struct crypto_key *key);
	} forms[] = {
		{ "PUBLIC KEY", read_public },
		{ "RSA PUBLIC KEY", read_rsa_public },
		{ "CERTIFICATE", read_certificate },
		{ "PRIVATE KEY", read_private },
		{ "RSA PRIVATE KEY", read_rsa_private },
		{ "EC PRIVATE KEY", read_ec_private },
	};
	int r = -ENOTSUP;

	*ret = (struct crypto_key){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (str_eq(label, str_from(forms[i].label)))
			r = forms[i].read(der, ret);
	if (r == -ENOTSUP)
		return error_set(err, r, "it is a key of a kind that is not known here");
	return r < 0 ? error_set(err, r, "it is not in the form that it says it is") : 0;
}
