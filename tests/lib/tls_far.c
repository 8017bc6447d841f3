// SPDX-License-Identifier: Apache-2.0
/*
 * tls_far.c - who is at the other end of a TLS link: a server with a certificate of its own, and the loop
 */
#include "lib/tls_far.h"

#include "base/macro.h"

#include <assert.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

enum {
	DAY_SECS = 86400,
};

static void add_names(X509 *certificate, const struct tls_far_names *names)
{
	X509_NAME *subject = X509_get_subject_name(certificate);
	X509_EXTENSION *extension;

	if (names->common)
		assert(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
			(const unsigned char *)names->common, -1, -1, 0) == 1);
	assert(X509_set_issuer_name(certificate, subject) == 1);
	if (!names->alternative)
		return;
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names->alternative);
	assert(extension && X509_add_ext(certificate, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

static X509 *new_certificate(EVP_PKEY *key, const struct tls_far_names *names)
{
	X509 *certificate = X509_new();
	bool is_usual = !names->from_days && !names->until_days;

	assert(certificate && X509_set_version(certificate, 2) == 1);
	assert(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1);
	assert(X509_gmtime_adj(X509_getm_notBefore(certificate),
		(is_usual ? -1 : names->from_days) * DAY_SECS));
	assert(X509_gmtime_adj(X509_getm_notAfter(certificate),
		(is_usual ? 1 : names->until_days) * DAY_SECS));
	assert(X509_set_pubkey(certificate, key) == 1);
	add_names(certificate, names);
	assert(X509_sign(certificate, key, EVP_sha256()) > 0);
	return certificate;
}

static void print(X509 *certificate, char *ret, size_t size)
{
	BIO *text = BIO_new(BIO_s_mem());
	int len;

	assert(text && PEM_write_bio_X509(text, certificate) == 1);
	len = BIO_read(text, ret, (int)size - 1);
	assert(len > 0 && (size_t)len < size - 1);
	ret[len] = '\0';
	BIO_free(text);
}

void tls_far_init(struct tls_far *far, const struct tls_far_names *names)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate;

	assert(key);
	certificate = new_certificate(key, names);
	far->context = SSL_CTX_new(TLS_server_method());
	assert(far->context && SSL_CTX_use_certificate(far->context, certificate) == 1 &&
		SSL_CTX_use_PrivateKey(far->context, key) == 1);
	print(certificate, far->pem, sizeof(far->pem));
	X509_free(certificate);
	EVP_PKEY_free(key);
}

void tls_far_fini(struct tls_far *far)
{
	SSL_CTX_free(far->context);
	far->context = NULL;
}

struct once {
	struct loop *loop;
	struct loop_timer timer;
};

static void stop(struct loop_timer *timer)
{
	loop_stop(CONTAINER_OF(timer, struct once, timer)->loop, 0);
}

void tls_far_turn(struct loop *loop)
{
	struct once once = { .loop = loop };

	loop_set_timer(loop, &once.timer, 0, stop);
	assert(loop_run(loop) == 0);
	loop_remove_timer(&once.timer);
}
