// SPDX-License-Identifier: Apache-2.0
/*
 * merge_none.c - a build without libgit2 cannot merge, and says so
 */
#include "overlay/merge_backend.h"

#include <errno.h>

int merge_backend_open(struct error *err)
{
	error_set(err, -EOPNOTSUPP, "three-way merge is not supported in this build");
	error_hint(err, "build cordon with libgit2 (-Dgit=enabled), or resolve the conflicts by hand");
	return -EOPNOTSUPP;
}

void merge_backend_close(void)
{
}

int merge_backend_ancestor(UNUSED const char *root, UNUSED const char *path,
	UNUSED const struct digest *digest, UNUSED struct buf *ret)
{
	return -EOPNOTSUPP;
}

int merge_backend_text(UNUSED struct str ancestor, UNUSED struct str ours, UNUSED struct str theirs,
	UNUSED struct buf *ret)
{
	return -EOPNOTSUPP;
}
