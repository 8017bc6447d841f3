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
