// SPDX-License-Identifier: Apache-2.0
/*
 * x509_read.c - certificates and requests, element by element
 *
 * Source: RFC 5280, 4.1; RFC 2986, 4
 */
#include "crypto/crypto_internal.h"
#include "crypto/der.h"
#include "crypto/x509_internal.h"

#include <errno.h>

enum {
	DAY_SECONDS = 24 * 60 * 60,
	CENTURY_TURN = 50,		/* two digits of a year from here on are of 19xx */
	EXPONENT_BYTES_MAX = 7,
};

#define OID_EC STR("\x2a\x86\x48\xce\x3d\x02\x01")		/* 1.2.840.10045.2.1 */
#define OID_DSA STR("\x2a\x86\x48\xce\x38\x04\x01")		/* 1.2.840.10040.4.1 */
#define OID_PSS STR("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a")	/* 1.2.840.113549.1.1.10 */
#define OID_REQUESTED STR("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e")	/* 1.2.840.113549.1.9.14 */

int x509_malformed(struct error *err, const char *what)
{
	return error_set(err, -EBADMSG, "x509: malformed %s", what);
}

int x509_refuse(struct error *err, int code, const char *what)
{
	return code == -EBADMSG ? x509_malformed(err, what) : error_set(err, code, "x509: too large");
}

int x509_add(struct arena *arena, struct x509_list *list, struct str element)
{
	struct str *items = arena_grow(arena, list->items, list->count, &list->room, sizeof(*items));

	if (!items)
		return -EMSGSIZE;
	list->items = items;
	items[list->count++] = element;
	return 0;
}

/* ---- how it is signed ---- */

/* The parameters of RSASSA-PSS where one hash does all, and its salt is as long: RFC 4055, 3.1 */
static enum x509_algorithm read_pss(struct str parameters)
{
	static const unsigned char wanted[] = {
		0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
		0x02, 0, 0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
		0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0,
		0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0,
	};
	unsigned char with[sizeof(wanted)];

	for (unsigned hash = 1; hash <= 3; hash++) {
		memcpy(with, wanted, sizeof(with));
		with[16] = with[46] = (unsigned char)hash;
		with[sizeof(with) - 1] = (unsigned char)(16 * (hash + 1));
		if (str_eq(parameters, (struct str){ (const char *)with, sizeof(with) }))
			return X509_SHA256_PSS + hash - 1;
	}
	return X509_ALGORITHM_NONE;
}

int x509_read_algorithm(struct str inside, enum x509_algorithm *ret)
{
	static const struct {
		enum x509_algorithm algorithm;
		const char *oid;
	} known[] = {
		{ X509_MD5_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04" },
		{ X509_SHA1_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05" },
		{ X509_SHA1_RSA, "\x2b\x0e\x03\x02\x1d" },
		{ X509_SHA256_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b" },
		{ X509_SHA384_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c" },
		{ X509_SHA512_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d" },
		{ X509_SHA1_DSA, "\x2a\x86\x48\xce\x38\x04\x03" },
		{ X509_SHA256_DSA, "\x60\x86\x48\x01\x65\x03\x04\x03\x02" },
		{ X509_SHA1_ECDSA, "\x2a\x86\x48\xce\x3d\x04\x01" },
		{ X509_SHA256_ECDSA, "\x2a\x86\x48\xce\x3d\x04\x03\x02" },
		{ X509_SHA384_ECDSA, "\x2a\x86\x48\xce\x3d\x04\x03\x03" },
		{ X509_SHA512_ECDSA, "\x2a\x86\x48\xce\x3d\x04\x03\x04" },
		{ X509_ED25519, "\x2b\x65\x70" },
	};
	enum x509_algorithm found = X509_ALGORITHM_NONE;
	struct str oid, rest, parameters;
	unsigned char tag;

	if (!der_take(&inside, DER_OID, &oid) || !der_oid_is_valid(oid, X509_OID_MAX))
		return -EBADMSG;
	rest = inside;
	if (rest.len && (!der_take_any(&rest, &tag, &parameters) || rest.len))
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (str_eq(oid, str_from(known[i].oid)))
			found = known[i].algorithm;
	if (str_eq(oid, OID_PSS))
		found = read_pss(inside);
	*ret = found == X509_ED25519 && inside.len ? X509_ALGORITHM_NONE : found;
	return 0;
}

/* ---- its key ---- */

static bool is_number(const struct crypto_key *key)
{
	return key->rsa.n.len && key->rsa.n.len <= CRYPTO_RSA_BITS_MAX / 8 && key->rsa.e.len &&
		key->rsa.e.len <= EXPONENT_BYTES_MAX;
}

/* The kind of a key that crypto does not know. */
static int check_unknown(struct str whole, struct crypto_key *ret, struct error *err)
{
	struct str inside, algorithm, oid, parameters, bits;
	unsigned char tag;

	if (!der_take(&whole, DER_SEQUENCE, &inside) || !der_take(&inside, DER_SEQUENCE, &algorithm) ||
			!der_take(&algorithm, DER_OID, &oid) || !der_oid_is_valid(oid, X509_OID_MAX) ||
			!der_take_bits(&inside, &bits) || inside.len)
		return x509_malformed(err, "key");
	if (algorithm.len && (!der_take_any(&algorithm, &tag, &parameters) || algorithm.len))
		return x509_malformed(err, "key");
	if (str_eq(oid, OID_EC))
		return error_set(err, -ENOTSUP, "x509: unsupported elliptic curve");
	if (str_eq(oid, OID_DSA))
		return error_set(err, -ENOTSUP, "x509: keys of DSA are not known here");
	*ret = (struct crypto_key){ .kind = CRYPTO_KEY_NONE };
	return 0;
}

/* The numbers of RSA are weighed when something is verified with them (crypto_key_finish()). */
int x509_read_key(struct arena *arena, struct str whole, struct crypto_key *ret, struct error *err)
{
	struct crypto_key key;
	int r = crypto_key_read_der(STR("PUBLIC KEY"), whole, &key, NULL);

	if (r == -ENOTSUP)
		return check_unknown(whole, ret, err);
	if (r < 0 || (key.kind == CRYPTO_KEY_RSA && !is_number(&key)) ||
			(key.kind != CRYPTO_KEY_RSA && crypto_key_finish(arena, 0, &key, NULL) < 0))
		return x509_malformed(err, "key");
	*ret = key;
	return 0;
}

/* ---- how long it is valid ---- */

static bool read_digits(struct str *rest, size_t count, int *ret)
{
	int value = 0;

	if (rest->len < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!ascii_is_digit(rest->data[i]))
			return false;
		value = 10 * value + (rest->data[i] - '0');
	}
	*rest = (struct str){ rest->data + count, rest->len - count };
	*ret = value;
	return true;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap);
}

/* Days from 1970 to the beginning of a year, and of a month in it. */
static int64_t days_before(int year, int month)
{
	int64_t before = (int64_t)year - 1, days = 365 * before + before / 4 - before / 100 + before / 400;

	/* the year 0 is before the first one, and a leap year */
	if (!year)
		days = -366;
	for (int i = 1; i < month; i++)
		days += days_in_month(year, i);
	return days - 719162;
}

/* RFC 5280, 4.1.2.5: with seconds, and in Greenwich */
static bool take_time(struct str *rest, int64_t *ret)
{
	int year, month, day, hour, minute, second;
	struct str text;
	bool is_short = der_take(rest, DER_UTC_TIME, &text);

	if ((!is_short && !der_take(rest, DER_TIME, &text)) || !read_digits(&text, is_short ? 2 : 4, &year) ||
			!read_digits(&text, 2, &month) || !read_digits(&text, 2, &day) ||
			!read_digits(&text, 2, &hour) || !read_digits(&text, 2, &minute) ||
			!read_digits(&text, 2, &second) || !str_eq(text, STR("Z")))
		return false;
	if (is_short)
		year += year < CENTURY_TURN ? 2000 : 1900;
	if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
			minute > 59 || second > 59)
		return false;
	*ret = (days_before(year, month) + day - 1) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
	return true;
}

static int read_validity(struct str inside, struct x509_certificate *cert, struct error *err)
{
	if (!take_time(&inside, &cert->not_before) || !take_time(&inside, &cert->not_after) || inside.len)
		return x509_malformed(err, "validity");
	return 0;
}

/* ---- certificates ---- */

static int read_version(struct str *rest, struct x509_certificate *cert, struct error *err)
{
	struct str tagged;
	int64_t version = 0;

	if (der_take(rest, DER_CONTEXT_0, &tagged) &&
			(!der_take_int(&tagged, DER_INTEGER, &version) || tagged.len || version > 2))
		return x509_malformed(err, "version");
	cert->version = (int)version + 1;
	if (!der_take_number(rest, &cert->serial) || cert->serial.len > X509_NUMBER_BYTES_MAX)
		return x509_malformed(err, "serial number");
	return 0;
}

static int take_name(struct arena *arena, struct str *rest, struct str *ret_whole, struct x509_name *ret,
	struct error *err)
{
	struct str inside;

	return der_take_whole(rest, DER_SEQUENCE, &inside, ret_whole) ?
		x509_read_name(arena, inside, ret, err) : x509_malformed(err, "name");
}

static int take_key(struct arena *arena, struct str *rest, struct str *ret_whole, struct crypto_key *ret,
	struct error *err)
{
	struct str inside;

	return der_take_whole(rest, DER_SEQUENCE, &inside, ret_whole) ?
		x509_read_key(arena, *ret_whole, ret, err) : x509_malformed(err, "key");
}

static int add_extension(struct arena *arena, struct str inside, struct x509_extension **items, size_t *count,
	size_t *room)
{
	struct x509_extension extension, *all;
	int r = x509_read_extension(inside, &extension);

	if (r < 0)
		return r;
	for (size_t i = 0; i < *count; i++)
		if (str_eq((*items)[i].id, extension.id))
			return -EBADMSG;
	if (*count == X509_EXTENSIONS_MAX)
		return -E2BIG;
	all = arena_grow(arena, *items, *count, room, sizeof(*all));
	if (!all)
		return -EMSGSIZE;
	*items = all;
	all[(*count)++] = extension;
	return 0;
}

static int read_extensions(struct arena *arena, struct str list, struct x509_extension **items, size_t *count,
	size_t *room, struct error *err)
{
	struct str inside;

	while (list.len) {
		int r = der_take(&list, DER_SEQUENCE, &inside) ?
			add_extension(arena, inside, items, count, room) : -EBADMSG;

		if (r < 0)
			return x509_refuse(err, r, "extension");
	}
	return 0;
}

/* What stands behind the key: RFC 5280, 4.1.2.8 and 4.1.2.9 */
static int read_rest(struct arena *arena, struct str rest, struct x509_certificate *cert, struct error *err)
{
	struct str skipped, tagged, list;
	int r = 0;

	if (cert->version > 1) {
		der_take(&rest, DER_CHOICE_1, &skipped);
		der_take(&rest, DER_CHOICE_2, &skipped);
	}
	if (cert->version == 3 && der_take(&rest, DER_CONTEXT_3, &tagged)) {
		if (!der_take(&tagged, DER_SEQUENCE, &list) || tagged.len)
			return x509_malformed(err, "extensions");
		r = read_extensions(arena, list, &cert->extensions, &cert->extension_count,
			&cert->extension_room, err);
	}
	if (r >= 0 && rest.len)
		return x509_malformed(err, "certificate");
	return r < 0 ? r : x509_take_extensions(arena, cert, err);
}

static int read_signed(struct arena *arena, struct str inside, struct str algorithm,
	struct x509_certificate *cert, struct error *err)
{
	struct str inner, validity;
	int r = read_version(&inside, cert, err);

	if (r < 0)
		return r;
	if (!der_take(&inside, DER_SEQUENCE, &inner) || !str_eq(inner, algorithm) ||
			x509_read_algorithm(inner, &cert->algorithm) < 0)
		return x509_malformed(err, "signature algorithm");
	r = take_name(arena, &inside, &cert->issuer_whole, &cert->issuer, err);
	if (r < 0)
		return r;
	r = der_take(&inside, DER_SEQUENCE, &validity) ? read_validity(validity, cert, err) :
		x509_malformed(err, "validity");
	if (r >= 0)
		r = take_name(arena, &inside, &cert->subject_whole, &cert->subject, err);
	if (r >= 0)
		r = take_key(arena, &inside, &cert->key_info, &cert->key, err);
	return r < 0 ? r : read_rest(arena, inside, cert, err);
}

int x509_read(struct arena *arena, struct str *rest, struct x509_certificate *ret, struct error *err)
{
	struct x509_certificate cert = { .version = 0 };
	struct str left = *rest, all, inside, algorithm;
	int r;

	if (!der_take_whole(&left, DER_SEQUENCE, &all, &cert.whole))
		return x509_malformed(err, "certificate");
	if (cert.whole.len > X509_BYTES_MAX)
		return x509_refuse(err, -E2BIG, NULL);
	if (!der_take_whole(&all, DER_SEQUENCE, &inside, &cert.signed_part) ||
			!der_take(&all, DER_SEQUENCE, &algorithm) ||
			!der_take_bits(&all, &cert.signature) || all.len)
		return x509_malformed(err, "certificate");
	r = read_signed(arena, inside, algorithm, &cert, err);
	if (r < 0)
		return r;
	*ret = cert;
	*rest = left;
	return 0;
}

/* ---- requests ---- */

/* Extensions that somebody asks for: RFC 2985, 5.4.2. Others are kept as they are. */
static int read_attribute(struct arena *arena, struct str inside, struct x509_request *request,
	struct error *err)
{
	struct str oid, set, list;

	if (!der_take(&inside, DER_OID, &oid) || !der_oid_is_valid(oid, X509_OID_MAX) ||
			!der_take(&inside, DER_SET, &set) || inside.len)
		return x509_malformed(err, "attribute");
	if (!str_eq(oid, OID_REQUESTED))
		return 0;
	if (!der_take(&set, DER_SEQUENCE, &list) || set.len)
		return x509_malformed(err, "extensions");
	return read_extensions(arena, list, &request->extensions, &request->extension_count,
		&request->extension_room, err);
}

static int read_asked(struct arena *arena, struct str inside, struct x509_request *request,
	struct error *err)
{
	struct str attributes, attribute;
	int r;

	if (!der_take_int(&inside, DER_INTEGER, &request->version))
		return x509_malformed(err, "version");
	r = take_name(arena, &inside, &request->subject_whole, &request->subject, err);
	if (r >= 0)
		r = take_key(arena, &inside, &request->key_info, &request->key, err);
	if (r < 0)
		return r;
	if (!der_take(&inside, DER_CONTEXT_0, &attributes) || inside.len)
		return x509_malformed(err, "request");
	while (attributes.len && r >= 0)
		r = der_take(&attributes, DER_SEQUENCE, &attribute) ?
			read_attribute(arena, attribute, request, err) : x509_malformed(err, "attribute");
	return r;
}

int x509_read_request(struct arena *arena, struct str der, struct x509_request *ret, struct error *err)
{
	struct x509_request request = { .version = 0 };
	struct str all, inside, algorithm;
	int r;

	if (der.len > X509_BYTES_MAX)
		return x509_refuse(err, -E2BIG, NULL);
	if (!der_take_whole(&der, DER_SEQUENCE, &all, &request.whole) || der.len ||
			!der_take_whole(&all, DER_SEQUENCE, &inside, &request.signed_part) ||
			!der_take(&all, DER_SEQUENCE, &algorithm) ||
			x509_read_algorithm(algorithm, &request.algorithm) < 0 ||
			!der_take_bits(&all, &request.signature) || all.len)
		return x509_malformed(err, "request");
	r = read_asked(arena, inside, &request, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < request.extension_count && r >= 0; i++)
		if (str_eq(request.extensions[i].id, STR("\x55\x1d\x11")))
			r = x509_read_names(arena, request.extensions[i].value, &request.names);
	if (r < 0)
		return x509_refuse(err, r, "alternative names");
	*ret = request;
	return 0;
}
