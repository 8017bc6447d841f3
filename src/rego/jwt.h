/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt.h - JSON Web Tokens: their parts, their header, and the keys that they are verified with
 *
 *	HEADER.PAYLOAD.SIGNATURE, each base64url; signed is the text up to the second point
 *
 * The computing is crypto's (crypto/crypto.h). Whose key it is, and which algorithms may be, is decided here
 * and by the policy: an algorithm takes keys of its own kind alone, so a token cannot choose to be verified
 * by a public key as if that were a secret, and "none" is no algorithm.
 *
 * A function that gives false has set the error, or the evaluation is over: its caller ends with
 * rego_failed().
 *
 * Source: RFC 7515, RFC 7517, RFC 7519; OPA, v1/topdown/tokens.go (what is an error, and the texts)
 */
#pragma once

#include "crypto/crypto.h"
#include "rego/builtin.h"

struct rego_jwt {
	struct str signed_text, header, payload, signature;	/* as they stand in the token */
	const struct json *fields;	/* of the header, an object; NULL: nobody has read it */
};

/* What the header says, as far as it matters here; what it does not say is empty. */
struct rego_jwt_header {
	struct str alg, kid, typ, cty;
	bool wants_unknown;		/* "crit" names a member that is there, and not known here */
};

struct rego_jwt_keys {
	const struct crypto_key *items;
	size_t count;
};

/** rego_jwt_split() - the three parts of a token; Return: false as above */
bool rego_jwt_split(struct rego_call *call, struct str text, struct rego_jwt *ret);

/**
 * rego_jwt_decode() - the bytes of a part; @what stands in front of an error's text; Return: false as above
 */
bool rego_jwt_decode(struct rego_call *call, struct str part, const char *what, struct str *ret);

/** rego_jwt_read_header() - fill in the fields of the header; Return: false as above */
bool rego_jwt_read_header(struct rego_call *call, struct rego_jwt *jwt);

/** rego_jwt_read_payload() - bytes of a payload as an object; Return: false as above */
bool rego_jwt_read_payload(struct rego_call *call, struct str bytes, const struct json **ret);

/** rego_jwt_take_header() - what the fields mean; Return: false as above */
bool rego_jwt_take_header(struct rego_call *call, const struct rego_jwt *jwt, struct rego_jwt_header *ret);

/**
 * rego_jwt_read_keys() - a certificate or a public key in PEM, a JWK, or a set of them
 * @call: its arena owns the keys
 * @text: what a policy gives
 * @ret:  keys of a set whose algorithm is unknown, or which are for encryption, are left out
 *
 * Return: false as above.
 */
bool rego_jwt_read_keys(struct rego_call *call, struct str text, struct rego_jwt_keys *ret);

/**
 * rego_jwt_verify() - whether one of the keys made the signature
 * @call:      spends for each that is tried
 * @jwt:       its text
 * @header:    "kid" chooses the one key that counts, where the set has it; a key that says its algorithm is
 *             tried for tokens with that one
 * @keys:      any number
 * @algorithm: by which it is to be
 * @signature: its bytes
 * @ret:       whether it is
 *
 * Return: false as above.
 */
bool rego_jwt_verify(struct rego_call *call, const struct rego_jwt *jwt, const struct rego_jwt_header *header,
	const struct rego_jwt_keys *keys, enum crypto_algorithm algorithm, struct str signature, bool *ret);

/** rego_jwt_spend() - ask for leave to compute one signature; Return: false to stop */
bool rego_jwt_spend(struct rego_call *call, const struct crypto_key *key, struct str data, bool is_signing);
