// SPDX-License-Identifier: Apache-2.0
/*
 * pack_none.c - archives, in a build without libarchive
 */
#include "policy/pack.h"

#include <errno.h>

int policy_pack(UNUSED const struct policy_entries *entries, UNUSED struct buf *ret, struct error *err)
{
	error_set(err, -EOPNOTSUPP, "bundles are not supported in this build");
	error_hint(err, "Sign the directory (`cordon policy sign`), or build cordon with -Dbundle=enabled.");
	return -EOPNOTSUPP;
}
