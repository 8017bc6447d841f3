// SPDX-License-Identifier: Apache-2.0
/*
 * compare.c - what one configuration allows beyond another
 *
 * For people who choose between profiles. It judges as narrow.c judges a project file, so that "goes beyond"
 * means the same to somebody who reads about a profile and to a session that refuses one.
 */
#include "config/config_internal.h"

#include <errno.h>

int config_compare(struct arena *arena, const char *workspace, const struct config *base,
	const struct config *other, const struct config_widening **ret, size_t *ret_count)
{
	const struct config_inputs inputs = { .workspace = workspace };
	struct config_resolver resolver = { .arena = arena, .inputs = &inputs };
	struct config_widenings widenings;

	config_find_widenings(&resolver, base->values, other->values, &widenings);
	if (resolver.full)
		return -EMSGSIZE;
	*ret = widenings.items;
	*ret_count = widenings.count;
	return 0;
}
