// SPDX-License-Identifier: Apache-2.0
/*
 * schemas.c - what `input` is in the packages of the product
 *
 * The texts are data/schemas/policy without what says nothing about types, compiled in: what a policy is held
 * against belongs to the program that asks, not to a file beside it. A text is read where a module is
 * compiled that it is about, and nowhere else.
 */
#include "policy/schemas.h"

#include "base/macro.h"
#include "policy/policy_schemas.h"

static const char commit[] = POLICY_SCHEMA_COMMIT, exec[] = POLICY_SCHEMA_EXEC, net[] = POLICY_SCHEMA_NET,
	file[] = POLICY_SCHEMA_FILE;

static const struct regoc_schema schemas[] = {
	{ .package = "cordon.commit", .text = commit, .len = sizeof(commit) - 1 },
	{ .package = "cordon.exec", .text = exec, .len = sizeof(exec) - 1 },
	{ .package = "cordon.net", .text = net, .len = sizeof(net) - 1 },
	{ .package = "cordon.file", .text = file, .len = sizeof(file) - 1 },
	/* of what modules take from there, they know the types, too */
	{ .package = "cordon.lib.changes", .text = commit, .len = sizeof(commit) - 1 },
};

const struct regoc_schema *policy_schemas(size_t *ret_count)
{
	*ret_count = ARRAY_SIZE(schemas);
	return schemas;
}
