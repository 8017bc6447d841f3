// SPDX-License-Identifier: Apache-2.0
/*
 * suffix_none.c - public suffixes, in a build without the list of them
 */
#include "net/suffix.h"

#include "base/macro.h"

const char *net_suffix_flaw(UNUSED const char *name)
{
	return "this build knows no public suffixes, so every wildcard may be for anybody";
}

struct str net_suffix_zone(struct str name)
{
	unsigned dots = 0;

	for (size_t i = name.len; i-- > 0;)
		if (name.data[i] == '.' && ++dots == 2)
			return (struct str){ name.data + i + 1, name.len - i - 1 };
	return name;
}
