// SPDX-License-Identifier: Apache-2.0
/*
 * unpack_none.c - archives, in a build without libarchive
 */
#include "policy/unpack.h"

#include <errno.h>

bool policy_unpack_is_supported(void)
{
	return false;
}

int policy_unpack(UNUSED struct arena *arena, UNUSED struct str archive,
	UNUSED struct policy_entries *entries, struct error *err)
{
	error_set(err, -EOPNOTSUPP, "bundles are not supported in this build");
	error_hint(err,
		"Name the directory that the bundle was made of, or build cordon with -Dbundle=enabled.");
	return -EOPNOTSUPP;
}
