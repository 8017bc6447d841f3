/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uri.h - URIs taken apart, and %XX
 *
 * A URI is read as Go's net/url reads one, since that is what policies were written against: a little more
 * generous than RFC 3986, and strict where generosity has been abused (control characters, escapes in host
 * names, what is not an address between brackets). Nothing is normalised.
 *
 * What comes out may hold any byte: "%ff" is not UTF-8.
 *
 * Sources: RFC 3986; RFC 6874, section 2 (zones); Go, documentation of net/url
 */
#pragma once

#include "rego/text.h"

/* Where a text stands, which is what decides what has to be escaped in it. */
enum rego_uri_part {
	REGO_URI_PATH = 1 << 0,
	REGO_URI_HOST = 1 << 1,
	REGO_URI_ZONE = 1 << 2,		/* of an address: [fe80::1%25eth0] */
	REGO_URI_USER = 1 << 3,
	REGO_URI_QUERY = 1 << 4,	/* one key or one value; a space is a + */
	REGO_URI_FRAGMENT = 1 << 5,
};

struct rego_uri {
	struct str scheme;		/* in lower case */
	struct str host;		/* name or address, without brackets */
	struct str port;
	struct str path;		/* without escapes */
	struct str raw_path;		/* as it was written */
	struct str raw_query;
	struct str fragment;		/* without escapes */
};

/**
 * rego_uri_parse() - take a URI apart
 * @arena:     owns the parts and @ret_error
 * @text:      the URI
 * @ret:       its parts; those that are not there are empty
 * @ret_error: Go's text on -EINVAL, NULL where the arena is full
 *
 * Errors: -EINVAL no URI, or no memory.
 * Return: 0 or negative errno.
 */
int rego_uri_parse(struct arena *arena, struct str text, struct rego_uri *ret, const char **ret_error);

/** rego_uri_escape() - a text as it has to be written where it stands */
void rego_uri_escape(struct rego_text *text, struct str bytes, enum rego_uri_part part);

/** rego_uri_add_path() - the path as it was written, or escaped anew where it was not as it should be */
void rego_uri_add_path(struct rego_text *text, const struct rego_uri *uri);

/**
 * rego_uri_unescape() - the text behind the escapes
 * @arena:     owns the text and @ret_error
 * @text:      as it was written
 * @part:      where
 * @ret:       the bytes
 * @ret_error: Go's text on -EINVAL, NULL where the arena is full
 *
 * Errors: -EINVAL an escape that is none, or no memory.
 * Return: 0 or negative errno.
 */
int rego_uri_unescape(struct arena *arena, struct str text, enum rego_uri_part part, struct str *ret,
	const char **ret_error);
