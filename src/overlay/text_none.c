// SPDX-License-Identifier: Apache-2.0
/*
 * text_none.c - differences between two texts, in a build without libgit2
 */
#include "overlay/text.h"

#include <errno.h>

int text_start(struct error *err)
{
	(void)error_set(err, -EOPNOTSUPP, "text diffs are not supported in this build");
	error_hint(err, "use --name-status or --json, or build cordon with -Dgit=enabled");
	return -EOPNOTSUPP;
}

int text_diff(UNUSED struct str old_text, UNUSED struct str new_text, UNUSED unsigned context_count,
	UNUSED text_line_fn *line, UNUSED void *context)
{
	return -EOPNOTSUPP;
}

int text_binary_patch(UNUSED struct buf *buf, UNUSED struct str old_text, UNUSED struct str new_text)
{
	return -EOPNOTSUPP;
}

void text_id(UNUSED struct str text, char ret[TEXT_ID_SIZE])
{
	memset(ret, '0', TEXT_ID_SIZE - 1);
	ret[TEXT_ID_SIZE - 1] = '\0';
}
