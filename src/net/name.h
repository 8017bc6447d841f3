/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name.h - names of hosts, in the one form that rules are held against
 *
 * A name comes from a person's configuration, from the wire of DNS, from a proxy's request line, from a
 * ClientHello, from a Host field: the same name must be the same bytes in all of them, or a rule and a
 * connection would speak of different hosts. The form is: lower case, A-labels of IDNA 2008 (by UTS 46,
 * without transitional processing), no dot at its end, labels of 1 to 63 letters, digits, "-" and "_", 253
 * bytes at most, and no last label that is a number, since such a text is an address to some program
 * (net/address.h).
 *
 * Sources: RFC 1123, section 2.1; RFC 2181, section 11 ("_" in names of services); RFC 5890 to 5893 (IDNA);
 * UTS 46
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum {
	NET_NAME_MAX = 253,
	NET_LABEL_MAX = 63,
	NET_LABELS_MAX = 127,
};

/**
 * net_name_read() - a name as somebody wrote it
 * @arena: owns the result
 * @text:  any bytes
 * @ret:   its form, set on success
 *
 * Return: NULL, or what is wrong with it.
 */
const char *net_name_read(struct arena *arena, struct str text, struct str *ret);

/** net_label_is_valid() - whether it is a label in that form */
bool net_label_is_valid(struct str label);
