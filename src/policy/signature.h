/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature.h - whether a bundle is what the owner of a key signed, and the same the other way round
 *
 * The file .signatures.json of a bundle holds one JSON Web Token: a list of all other files with their
 * digests, signed. The bundle verifies where the token does, by a key that is believed, its scope is the one
 * that is wanted, and files and list agree exactly, in both directions.
 *
 * A token may name the key that it is signed with ("kid"). It is then that key alone which counts: one whose
 * name is another is not tried. What `opa build` writes where nobody named a key, "default", names none.
 *
 * Source: Open Policy Agent, documentation, "Bundles", section "Signing"; RFC 7515, 7.1
 */
#pragma once

#include "crypto/crypto.h"
#include "policy/unpack.h"

enum {
	POLICY_KEYS_MAX = 64,
};

#define POLICY_SIGNATURES_FILE ".signatures.json"

struct policy_key {
	const char *name;		/* as messages show it: its file */
	struct str id;			/* empty: it goes by any */
	struct crypto_key key;
};

/* All zero: a signed bundle is refused, since there is no key, and an unsigned one taken. */
struct policy_verification {
	const struct policy_key *keys;
	size_t key_count;		/* at most POLICY_KEYS_MAX */
	enum crypto_algorithm algorithm; /* NONE: any that takes the key */
	const char *scope;		/* NULL: none; what the token says must be this */
	bool is_required;		/* what is not signed is refused, also what is no bundle */
	bool is_skipped;		/* signatures are not looked at, unless they are required */
};

/**
 * policy_signature_check() - whether a bundle may be used
 * @arena:        scratch
 * @entries:      all its files, sorted
 * @verification: how; NULL: all zero
 * @err:          why not
 *
 * Errors: -EPERM it is not signed, or there is no key; -EBADMSG it does not verify, or is malformed;
 * -EMSGSIZE over a limit.
 * Return: 1 where it may and is what was signed, 0 where it may though nobody signed it, or negative errno.
 */
int policy_signature_check(struct arena *arena, const struct policy_entries *entries,
	const struct policy_verification *verification, struct error *err);

/* How a bundle is signed. */
struct policy_signing {
	const struct crypto_key *key;	/* secret or private */
	enum crypto_algorithm algorithm; /* NONE: the usual one of the key */
	struct str id;			/* empty: the token names no key */
	const struct json *claims;	/* members of the payload besides the files: an object, or NULL */
	struct str seed;		/* as in crypto_sign() */
};

/**
 * policy_signature_make() - the file .signatures.json of a bundle
 * @arena:   owns it
 * @entries: all its files; one of that name is passed by
 * @signing: how
 * @ret:     the text of the file
 * @err:     why not
 *
 * Errors: -EINVAL the key and the algorithm do not fit, or it cannot sign; -EBADMSG a document of the bundle
 * is none; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int policy_signature_make(struct arena *arena, const struct policy_entries *entries,
	const struct policy_signing *signing, struct str *ret, struct error *err);
