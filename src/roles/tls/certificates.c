// SPDX-License-Identifier: Apache-2.0
/*
 * certificates.c - an authority, what it signs, and its end
 *
 * All keys are Ed25519. OpenSSL wipes a private key with its last reference, so no certificate may keep one;
 * the seed that the authority's was made of is wiped here.
 */
#include "roles/tls/openssl.h"

#include "base/fd.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum {
	SERIAL_BYTES = 16,
	VERSION_3 = 2,			/* as it is written */
	MODE = 0600,
	DAY_SEC = 24 * 3600,
};

/* What sets one certificate apart from another. */
struct shape {
	const char *name;
	const char *constraints, *usage;
	const char *extended;		/* NULL: none */
	const char *subject_names;	/* NULL: none */
};

static const struct shape authority = {
	.name = "cordon control", .constraints = "critical,CA:TRUE,pathlen:0",
	.usage = "critical,keyCertSign",
};

static int refused(struct error *err)
{
	return error_set(err, -EIO, "OpenSSL makes no certificate");
}

static bool add_extension(X509 *certificate, X509V3_CTX *context, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
	bool is_added = extension && X509_add_ext(certificate, extension, -1);

	X509_EXTENSION_free(extension);
	return is_added;
}

static bool add_extensions(X509 *certificate, X509 *issuer, const struct shape *shape)
{
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	if (!add_extension(certificate, &context, NID_basic_constraints, shape->constraints) ||
			!add_extension(certificate, &context, NID_key_usage, shape->usage) ||
			!add_extension(certificate, &context, NID_subject_key_identifier, "hash") ||
			!add_extension(certificate, &context, NID_authority_key_identifier, "keyid:always"))
		return false;
	if (shape->extended && !add_extension(certificate, &context, NID_ext_key_usage, shape->extended))
		return false;
	return !shape->subject_names ||
		add_extension(certificate, &context, NID_subject_alt_name, shape->subject_names);
}

static bool add_serial(X509 *certificate)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *number = NULL;
	bool is_set;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	is_set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
	BN_free(number);
	return is_set;
}

static bool add_name(X509 *certificate, const char *name)
{
	return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
		(const unsigned char *)name, -1, -1, 0);
}

/*
 * One that was made keeps a reference to the key that it was made with, the private half included: what is
 * read again from its bytes knows the public half alone. Return: NULL: OpenSSL refused
 */
static X509 *forget_key(X509 *certificate)
{
	unsigned char *der = NULL;
	int len = i2d_X509(certificate, &der);
	const unsigned char *at = der;
	X509 *fresh = len > 0 ? d2i_X509(NULL, &at, len) : NULL;

	OPENSSL_free(der);
	X509_free(certificate);
	return fresh;
}

/* @issuer: NULL: itself. Return: NULL: OpenSSL refused */
static X509 *sign(EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key, const struct shape *shape, int64_t now_s)
{
	X509 *certificate = X509_new();
	bool is_made = certificate && X509_set_version(certificate, VERSION_3) && add_serial(certificate) &&
		add_name(certificate, shape->name) &&
		X509_set_issuer_name(certificate, X509_get_subject_name(issuer ? issuer : certificate)) &&
		ASN1_TIME_set(X509_getm_notBefore(certificate), now_s - CERTIFICATES_EARLY_SEC) &&
		ASN1_TIME_set(X509_getm_notAfter(certificate),
			now_s + (int64_t)CERTIFICATES_DAYS * DAY_SEC) &&
		X509_set_pubkey(certificate, key) &&
		add_extensions(certificate, issuer ? issuer : certificate, shape) &&
		X509_sign(certificate, issuer_key, NULL) > 0;

	if (is_made)
		return forget_key(certificate);
	X509_free(certificate);
	return NULL;
}

static bool make_identity(struct identity *identity, X509 *ca, EVP_PKEY *ca_key, const struct shape *shape,
	int64_t now_s)
{
	identity->key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (identity->key)
		identity->certificate = sign(identity->key, ca, ca_key, shape, now_s);
	return identity->certificate;
}

static bool make_all(struct certificates *certificates, EVP_PKEY *ca_key, int64_t now_s)
{
	static const struct shape server = {
		.name = "127.0.0.1", .constraints = "critical,CA:FALSE",
		.usage = "critical,digitalSignature", .extended = "serverAuth",
		.subject_names = "IP:127.0.0.1",
	}, reader = {
		.name = "reader", .constraints = "critical,CA:FALSE", .usage = "critical,digitalSignature",
		.extended = "clientAuth",
	}, operator_ = {
		.name = "operator", .constraints = "critical,CA:FALSE", .usage = "critical,digitalSignature",
		.extended = "clientAuth",
	};

	certificates->ca = ca_key ? sign(ca_key, NULL, ca_key, &authority, now_s) : NULL;
	return certificates->ca &&
		make_identity(&certificates->server, certificates->ca, ca_key, &server, now_s) &&
		make_identity(&certificates->reader, certificates->ca, ca_key, &reader, now_s) &&
		make_identity(&certificates->operator_, certificates->ca, ca_key, &operator_, now_s);
}

int certificates_new(unsigned char ca_seed[CERTIFICATES_SEED_BYTES], int64_t now_s, struct certificates **ret,
	struct error *err)
{
	struct certificates *certificates = calloc(1, sizeof(*certificates));
	EVP_PKEY *ca_key;
	bool is_made;

	if (!certificates)
		abort();
	/* No file of the host has a say in what is done here. */
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	ca_key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, ca_seed, CERTIFICATES_SEED_BYTES);
	OPENSSL_cleanse(ca_seed, CERTIFICATES_SEED_BYTES);
	is_made = make_all(certificates, ca_key, now_s);
	EVP_PKEY_free(ca_key);
	if (!is_made) {
		certificates_free(certificates);
		return refused(err);
	}
	*ret = certificates;
	return 0;
}

static void identity_fini(struct identity *identity)
{
	X509_free(identity->certificate);
	EVP_PKEY_free(identity->key);
	*identity = (struct identity){ 0 };
}

struct certificates *certificates_free(struct certificates *certificates)
{
	if (!certificates)
		return NULL;
	identity_fini(&certificates->server);
	identity_fini(&certificates->reader);
	identity_fini(&certificates->operator_);
	X509_free(certificates->ca);
	free(certificates);
	return NULL;
}

/* ---- files ---- */

/* One of the two. */
static int save(int dirfd, const char *name, X509 *certificate, EVP_PKEY *key, struct error *err)
{
	BIO *text = BIO_new(key ? BIO_s_secmem() : BIO_s_mem());
	bool is_written = text && (key ? PEM_write_bio_PKCS8PrivateKey(text, key, NULL, NULL, 0, NULL, NULL) :
					 PEM_write_bio_X509(text, certificate));
	char *data = NULL;
	long len = is_written ? BIO_get_mem_data(text, &data) : 0;
	scoped(fd) int fd = -1;
	int r = len > 0 ? 0 : refused(err);

	if (r >= 0)
		r = fd = kern_open(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, MODE);
	if (r >= 0)
		r = kern_write_all(fd, data, (size_t)len);
	if (r < 0 && r != -EIO)
		r = error_sys(err, r, "writing '%s'", name);
	BIO_free(text);
	return r;
}

static int save_identity(int dirfd, const char *certificate_name, const char *key_name,
	struct identity *identity, struct error *err)
{
	int r = save(dirfd, certificate_name, identity->certificate, NULL, err);

	if (r >= 0)
		r = save(dirfd, key_name, NULL, identity->key, err);
	EVP_PKEY_free(identity->key);
	identity->key = NULL;
	return r;
}

int certificates_save(struct certificates *certificates, int dirfd, struct error *err)
{
	enum { CA, READER, READER_KEY, OPERATOR, OPERATOR_KEY, COUNT };
	static const char *const names[COUNT] = { API_FILES };
	int r = save(dirfd, names[CA], certificates->ca, NULL, err);

	if (r >= 0)
		r = save_identity(dirfd, names[READER], names[READER_KEY], &certificates->reader, err);
	if (r >= 0)
		r = save_identity(dirfd, names[OPERATOR], names[OPERATOR_KEY], &certificates->operator_, err);
	return r;
}
