/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suffix.h - under which names anybody may have one
 *
 * A public suffix is a name below which strangers register their own: "org", "co.uk", "github.io". A wildcard
 * right below one is an invitation to all of them. The list is that of publicsuffix.org, both of its parts,
 * as it was when the library was built; a last label that it does not know is a suffix by its own rule.
 *
 * Source: publicsuffix.org, "Format" and "Algorithm"
 */
#pragma once

#include "base/str.h"

/**
 * net_suffix_flaw() - why a wildcard right below a name is for anybody
 * @name: in the form of net/name.h
 *
 * Return: the end of a sentence, or NULL: what is below it is somebody's, as far as the list knows.
 */
const char *net_suffix_flaw(const char *name);

/**
 * net_suffix_zone() - the part of a name that somebody has registered, with whoever owns it
 * @name: canonical, ends in a NUL
 *
 * Return: its end ("example.co.uk" of "a.b.example.co.uk"); all of it where it is a public suffix itself; in
 * a build without the list, its last two labels.
 */
struct str net_suffix_zone(struct str name);
