// SPDX-License-Identifier: Apache-2.0
/*
 * suffix_psl.c - public suffixes, by libpsl and the list within it
 *
 * A rule such as "*.compute.example" makes a suffix of whatever is right below that name; libpsl takes the
 * name itself for one, too, which is what is wanted here.
 */
#include "net/suffix.h"

#include <libpsl.h>

const char *net_suffix_flaw(const char *name)
{
	const psl_ctx_t *list = psl_builtin();

	if (!list)
		return "the list of public suffixes is missing, so every wildcard may be for anybody";
	return psl_is_public_suffix(list, name) ?
		"it stands right below a public suffix, where anybody may have a name" : NULL;
}

struct str net_suffix_zone(struct str name)
{
	const psl_ctx_t *list = psl_builtin();
	const char *zone = list ? psl_registrable_domain(list, name.data) : NULL;

	return zone ? (struct str){ zone, name.len - (size_t)(zone - name.data) } : name;
}
