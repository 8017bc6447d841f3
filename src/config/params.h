/* SPDX-License-Identifier: Apache-2.0 */
/*
 * params.h - what is known of the parameters of the policies that came with cordon
 *
 * The rows are generated from the modules' own METADATA (tools/gen/policy_params.py): each parameter with its
 * default and with what makes it stricter, and each finding with its verdict, which is a parameter, too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What a value has to be beside another to find at least as much. */
enum config_stricter {
	CONFIG_STRICTER_NONE,		/* nobody knows */
	CONFIG_STRICTER_SMALLER,	/* a number */
	CONFIG_STRICTER_SUBSET,		/* a list of texts */
	CONFIG_STRICTER_SUPERSET,
	CONFIG_STRICTER_FALSE,
	CONFIG_STRICTER_VERDICT,	/* "deny", "ask", "warn", "off", the strictest first */
};

struct config_param_row {
	const char *pointer;		/* below policy.params: "/deletions/verdicts/count" */
	enum config_stricter stricter;
	const char *default_json;	/* the module's own */
	bool has_numbers;		/* of a list: numbers, not texts */
};

/* Sorted by pointer. */
extern const struct config_param_row config_params[];
extern const size_t config_param_count;
