/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regoc_internal.h - what the files of the library share: how its objects look inside
 */
#pragma once

#include "rego/policy.h"
#include "rego/regoc_json.h"

enum {
	REGOC_MEMORY_BYTES = 256 << 20,	/* where nobody says */
	REGOC_RESULT_BYTES = 64 << 20,
	REGOC_STEPS_COUNT = 100000000,
	REGOC_REPORT_BYTES = 1 << 20,
};

struct regoc_query {
	struct arena arena;
	const struct regoc_policy *policy;
	const struct rego_function *function;
	const struct rego_query *rows;	/* NULL: an entry point */
	const char **names;		/* and a NULL behind the last */
	struct regoc_expression *exprs;
};

/** regoc_rename_tests() - the second test of a name becomes NAME#01, and so on; Return: false: full */
bool regoc_rename_tests(const struct rego_module **modules, size_t count, struct arena *arena);

/** regoc_policy_plan() - what the machine runs */
const struct rego_plan *regoc_policy_plan(const struct regoc_policy *policy);
