/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rego_tricks.h - what only makes an evaluation faster, each by its name, and all of it
 */
#pragma once

#include "rego/policy.h"

struct rego_trick {
	unsigned flags;			/* that switch it off */
	const char *name;
};

static const struct rego_trick rego_tricks[] = {
	{ REGO_POLICY_NO_INDEX, "the index of rules" },
	{ REGO_POLICY_NO_SITES, "sites" },
	{ REGO_POLICY_NO_GROUPS, "groups" },
	{ REGO_POLICY_NO_MEMOS, "memos" },
	{ REGO_POLICY_NO_DIRECT, "results in their variables" },
	{ REGO_POLICY_NO_RECORDS, "records" },
	{ REGO_POLICY_NO_RETURNS, "early returns" },
	{ REGO_POLICY_NO_HINTS, "hints" },
	{ REGO_POLICY_NO_TEXTS, "kept texts" },
	{ REGO_POLICY_NO_SINGLE, "arrays of one" },
	{ REGO_POLICY_NO_RECALL, "calls that are known" },
	{ REGO_POLICY_PLAIN, "all that makes it fast" },
};
