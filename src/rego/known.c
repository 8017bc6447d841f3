// SPDX-License-Identifier: Apache-2.0
/*
 * known.c - copies of what was found, under their indexes
 */
#include "rego/known.h"

#include "rego/machine_internal.h"

#include <errno.h>

int rego_known_init(struct rego_known *known, const struct rego_plan *plan, const struct json *data,
	size_t limit_bytes)
{
	*known = (struct rego_known){ .arena = ARENA_INIT(limit_bytes), .plan = plan, .data = data };
	known->values = arena_alloc_array(&known->arena, plan->value_count, sizeof(*known->values));
	return known->values ? 0 : -EMSGSIZE;
}

void rego_known_keep(struct rego_known *known, size_t index, const struct json *value)
{
	const struct json *copy = value == &rego_undefined_value ? value : NULL;

	if (known->is_full)
		return;
	if (!copy)
		copy = json_copy(&known->arena, value);
	known->is_full = !copy;
	known->values[index] = copy;
}

void rego_known_fini(struct rego_known *known)
{
	arena_fini(&known->arena);
}
