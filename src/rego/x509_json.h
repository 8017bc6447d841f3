/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509_json.h - certificates, requests and keys as values, in the shape that policies know
 *
 * The shape is that which Go's encoding/json gives the structures of its crypto/x509: bytes in base64,
 * numbers of any size as numbers, object identifiers as lists, lists without elements null. All members are
 * always there.
 *
 * The functions spend. NULL is what the builders give where the evaluation is over.
 *
 * Source: Go, documentation of crypto/x509 (Certificate, CertificateRequest), crypto/rsa, crypto/ecdsa,
 * net/url
 */
#pragma once

#include "crypto/x509.h"
#include "rego/builtin.h"

/** rego_x509_bytes() - in base64; null where there is no data */
const struct json *rego_x509_bytes(struct rego_call *call, struct str bytes);

/**
 * rego_x509_uris() - whether all URIs of names are such
 * @call:  spends; its arena owns the lists
 * @names: of a certificate or a request
 *
 * Return: false with the error set where one is none, or where the evaluation is over.
 */
bool rego_x509_uris(struct rego_call *call, const struct x509_names *names);

/** rego_x509_certificate() - with the member URIStrings, or without; rego_x509_uris() was true */
const struct json *rego_x509_certificate(struct rego_call *call, const struct x509_certificate *cert,
	bool with_strings);

/** rego_x509_request() - a request for a certificate; rego_x509_uris() was true */
const struct json *rego_x509_request(struct rego_call *call, const struct x509_request *request);

/** rego_x509_private_key() - the numbers of a private key */
const struct json *rego_x509_private_key(struct rego_call *call, const struct crypto_key *key);

/**
 * rego_x509_chain() - the certificates of a text, as crypto.x509.parse_certificates() takes it
 * @call:      spends; its arena owns them
 * @text:      PEM, base64 of it, or base64 of DER
 * @ret:       NULL where there are none
 * @ret_count: any number
 *
 * Return: false as rego_x509_uris().
 */
bool rego_x509_chain(struct rego_call *call, struct str text, const struct x509_certificate **ret,
	size_t *ret_count);

/* ---- addresses (x509_uri.c) ---- */

struct rego_x509_uri {
	const struct json *parts;	/* as Go has them */
	const struct json *text;	/* put together again */
};

/** rego_x509_uri() - of a name; Return: false as rego_x509_uris() */
bool rego_x509_uri(struct rego_call *call, struct str text, struct rego_x509_uri *ret);

/** rego_x509_text() - a string of bytes; what is not UTF-8 is replaced by U+FFFD, byte by byte */
const struct json *rego_x509_text(struct rego_call *call, struct str bytes);
