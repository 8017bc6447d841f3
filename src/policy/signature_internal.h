/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature_internal.h - what who verifies and who signs have to agree on: the digest of a file
 */
#pragma once

#include "policy/signature.h"

/**
 * policy_signature_digest() - of one file of a bundle
 * @entry:     the file
 * @algorithm: as a token names it: "SHA-256"
 * @ret:       as many bytes as are returned
 * @err:       what is wrong
 *
 * Of data.json, data.yaml and .manifest it is that of the document, written without spaces and with the names
 * of objects in order, so that a file may be laid out anew; of any other file that of its bytes.
 *
 * Errors: -EBADMSG another algorithm, or a document that is none; -EMSGSIZE one that is too large.
 * Return: bytes, or negative errno.
 */
int policy_signature_digest(const struct policy_entry *entry, struct str algorithm,
	unsigned char ret[CRYPTO_HASH_BYTES_MAX], struct error *err);
