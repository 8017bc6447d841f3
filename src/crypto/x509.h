/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509.h - certificates: what they say, and whether one leads to another
 *
 * Reading believes nothing: it says what a certificate claims. x509_verify() says whether a chain of
 * signatures leads from the last of some certificates to the first, and whether everybody on the way may sign
 * what they signed. Neither asks anybody: there is no store of the system's, no list of what was revoked, no
 * clock.
 *
 * What holds here:
 *
 *   - a certificate is DER to its last byte: lengths in their shortest form, no byte behind an element that
 *     ends something, no INTEGER with a sign where none can be, times in the forms of RFC 5280
 *   - all that was read is a part of the text that it was read from, or lies in the arena; nothing has an end
 *   - what is critical and not known here is kept as such, and no chain with it holds
 *   - SHA-1, MD5, DSA and keys below CRYPTO_RSA_BITS_MIN verify nothing
 *   - work is bounded by the number of certificates, of signatures tried and of names compared, and a caller
 *     is asked before each of these (struct x509_options)
 *
 * Numbers in the enumerations and the rules of a chain are those of Go's crypto/x509, which policies know;
 * where reading is stricter than Go's, that is on purpose.
 *
 * Sources: RFC 5280 (certificates), RFC 2986 (requests), RFC 4055 and RFC 5758 (algorithms), RFC 8410
 * (Ed25519)
 */
#pragma once

#include "crypto/crypto.h"

enum {
	X509_TEXT_MAX = 4 << 20,
	X509_CERTIFICATES_MAX = 256,		/* of one text */
	X509_BYTES_MAX = 256 << 10,		/* of one certificate */
	X509_NUMBER_BYTES_MAX = 1024,		/* of a serial number */
	X509_EXTENSIONS_MAX = 128,
	X509_POLICIES_MAX = 256,
	X509_SIGNATURES_MAX = 100,		/* that are tried for one chain */
};

/* ---- what a certificate says ---- */

/* How it is signed; 0 is none of these. */
enum x509_algorithm {
	X509_ALGORITHM_NONE,
	X509_MD5_RSA = 2,
	X509_SHA1_RSA,
	X509_SHA256_RSA,
	X509_SHA384_RSA,
	X509_SHA512_RSA,
	X509_SHA1_DSA,
	X509_SHA256_DSA,
	X509_SHA1_ECDSA,
	X509_SHA256_ECDSA,
	X509_SHA384_ECDSA,
	X509_SHA512_ECDSA,
	X509_SHA256_PSS,
	X509_SHA384_PSS,
	X509_SHA512_PSS,
	X509_ED25519,
};

/* What a key may be for, as bits 1 << X509_USAGE_... */
enum x509_usage {
	X509_USAGE_ANY,
	X509_USAGE_SERVER,
	X509_USAGE_CLIENT,
	X509_USAGE_CODE,
	X509_USAGE_MAIL,
	X509_USAGE_IPSEC_END,
	X509_USAGE_IPSEC_TUNNEL,
	X509_USAGE_IPSEC_USER,
	X509_USAGE_TIME,
	X509_USAGE_OCSP,
	X509_USAGE_MICROSOFT_SERVER,
	X509_USAGE_NETSCAPE_SERVER,
	X509_USAGE_MICROSOFT_CODE,
	X509_USAGE_MICROSOFT_KERNEL,
	X509_USAGE_COUNT,
};

enum {
	X509_MAY_SIGN = 1 << 5,			/* of the bits of key_usage: keyCertSign */
};

struct x509_list {
	struct str *items;
	size_t count, room;
};

struct x509_attribute {
	struct str type;		/* what is inside of its object identifier */
	struct str text;		/* UTF-8 */
};

struct x509_name {
	struct x509_attribute *items;
	size_t count, room;
};

struct x509_extension {
	struct str id;			/* what is inside of its object identifier */
	bool is_critical;
	struct str value;
};

/* Names of four kinds; addresses of constraints are followed by their masks. */
struct x509_names {
	struct x509_list dns, mail, ip, uri;
};

struct x509_limit {
	bool is_there;
	int64_t value;
};

struct x509_certificate {
	/* with tag and length */
	struct str whole, signed_part, key_info, subject_whole, issuer_whole;
	struct str signature;
	struct crypto_key key;		/* its numbers; kind NONE: one that is unknown here */
	enum x509_algorithm algorithm;
	int version;			/* 1..3 */
	struct str serial;		/* big-endian, without zeros in front */
	struct x509_name issuer, subject;
	int64_t not_before, not_after;	/* seconds since 1970, both included */

	struct x509_extension *extensions;
	size_t extension_count, extension_room;
	struct x509_list unhandled;	/* identifiers of what is critical and not known */
	struct x509_list usages;	/* identifiers; of those that are known, the bits below */
	unsigned usage_bits;
	unsigned key_usage;		/* bits, from digitalSignature on; 0: any */
	struct str subject_key_id, authority_key_id;	/* without data: none */
	struct x509_list ocsp, issuers, revocations;	/* addresses, any bytes */
	struct x509_names names;
	struct x509_names permitted, excluded;
	struct x509_list policies;
	struct x509_list mappings;	/* pairs */
	struct x509_limit path_length;	/* authorities between it and the last certificate, at most */
	struct x509_limit inhibit_any, inhibit_mapping, explicit_policy;
	/* which extensions are there */
	bool has_constraints;		/* basic ones */
	bool is_ca;
	bool has_names, has_policies;
	bool has_subtrees, are_subtrees_critical;
};

struct x509_request {
	struct str whole, signed_part, key_info, subject_whole;
	struct str signature;
	enum x509_algorithm algorithm;
	struct crypto_key key;
	int64_t version;
	struct x509_name subject;
	struct x509_extension *extensions;
	size_t extension_count, extension_room;
	struct x509_names names;
};

/**
 * x509_read() - the next certificate
 * @arena: owns what is no part of @rest
 * @rest:  one certificate behind the other; what was read is cut off
 * @ret:   the certificate
 * @err:   "x509: ...", why it is none
 *
 * Addresses of names (URIs) are ASCII; whether they are addresses is not asked.
 *
 * Errors: -EBADMSG it is none, or not in DER; -ENOTSUP its key is on a curve, or of a kind (DSA), that is not
 * known; -E2BIG over X509_BYTES_MAX, or too many extensions or policies; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno; then nothing is cut off.
 */
int x509_read(struct arena *arena, struct str *rest, struct x509_certificate *ret, struct error *err);

/**
 * x509_read_request() - all of a request for a certificate; its signature is not verified; Return: as above
 */
int x509_read_request(struct arena *arena, struct str der, struct x509_request *ret, struct error *err);

/** x509_usage_find() - which use an object identifier stands for; Return: enum x509_usage, or -1 */
int x509_usage_find(struct str oid);

/**
 * x509_is_domain() - whether a name has no empty label and no odd character; "" is one; Return: true if so
 */
bool x509_is_domain(struct str name, bool is_constraint);

/** x509_decimal() - a big-endian number as decimal digits, in the arena; Return: NULL where that is full */
const char *x509_decimal(struct arena *arena, struct str number);

/* ---- chains (x509_verify.c) ---- */

struct x509_options {
	int64_t now_ns;			/* since 1970 */
	unsigned usages;		/* bits, any of which will do; 0: for servers */
	int64_t comparisons_max;	/* of names with constraints, for each authority */
	/* before a signature (@key) or @count comparisons; false: stop */
	bool (*may)(void *context, const struct crypto_key *key, size_t count);
	void *context;
};

struct x509_chain {
	const struct x509_certificate *items[X509_SIGNATURES_MAX + 2];
	size_t count;
};

/**
 * x509_verify() - whether the last certificate is vouched for by the first
 * @arena:   for the time of the call
 * @certs:   the one that is trusted, any that may stand between, and the last
 * @count:   2 or more
 * @options: when, what for, and how much
 * @ret:     the chain, from the last to the one that is trusted
 *
 * On each step the signature is right and by a key that may sign certificates, names follow each other, all
 * are valid at that time, no critical extension is unknown, the path is no longer than anybody allows, the
 * names below satisfy the constraints, and all allow the use. A chain in which policies have to hold does
 * not: they are not followed here.
 *
 * Errors: -EKEYREJECTED there is no such chain; -ECANCELED @options said to stop; -EMSGSIZE the arena is
 * full.
 * Source: RFC 5280, chapter 6
 * Return: 0 or negative errno.
 */
int x509_verify(struct arena *arena, const struct x509_certificate *certs, size_t count,
	const struct x509_options *options, struct x509_chain *ret);
