/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509_internal.h - what the files that read certificates share
 */
#pragma once

#include "crypto/x509.h"

enum {
	X509_OID_MAX = (1 << 28) - 1,	/* of a number in an identifier that is no policy's */
};

/** x509_malformed() - "x509: malformed WHAT"; Return: -EBADMSG */
int x509_malformed(struct error *err, const char *what);

/** x509_refuse() - the same for -EBADMSG, otherwise "x509: too large"; Return: @code */
int x509_refuse(struct error *err, int code, const char *what);

/** x509_add() - one element more; Return: 0, or -EMSGSIZE */
int x509_add(struct arena *arena, struct x509_list *list, struct str element);

/** x509_read_name() - what is inside of a Name; Return: as x509_read() */
int x509_read_name(struct arena *arena, struct str inside, struct x509_name *ret, struct error *err);

/** x509_read_algorithm() - what is inside of an AlgorithmIdentifier of a signature; Return: -EBADMSG, or 0 */
int x509_read_algorithm(struct str inside, enum x509_algorithm *ret);

/** x509_read_key() - a whole SubjectPublicKeyInfo; Return: as x509_read() */
int x509_read_key(struct arena *arena, struct str whole, struct crypto_key *ret, struct error *err);

/** x509_read_extension() - what is inside of an Extension; Return: -EBADMSG, or 0 */
int x509_read_extension(struct str inside, struct x509_extension *ret);

/**
 * x509_read_names() - the value of the extension subjectAltName
 * @arena: owns the lists
 * @value: of the extension
 * @names: gets longer
 *
 * Return: -EBADMSG, -EMSGSIZE, or 0.
 */
int x509_read_names(struct arena *arena, struct str value, struct x509_names *names);

/** x509_take_extensions() - what all the extensions of a certificate say; Return: as x509_read() */
int x509_take_extensions(struct arena *arena, struct x509_certificate *cert, struct error *err);

/** x509_mail_domain() - what stands behind the @; Return: false where it is no address of somebody */
bool x509_mail_domain(struct str mail, struct str *ret);

/**
 * x509_check_constraints() - whether the names of a certificate are those that an authority may vouch for
 * @options:   asked before each name
 * @authority: has_subtrees
 * @cert:      below it, has_names
 * @left:      comparisons; fewer afterwards
 *
 * Errors: -EKEYREJECTED they are not, or there were too many comparisons; -ECANCELED @options said to stop.
 * Return: 0 or negative errno.
 */
int x509_check_constraints(const struct x509_options *options, const struct x509_certificate *authority,
	const struct x509_certificate *cert, int64_t *left);
