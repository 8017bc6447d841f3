/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_cases.h - the cases of a test
 *
 * A rule test_NAME[KEY]... makes an object: what is true in it is a case that passed, whatever else is there
 * one that failed. A case of which nothing is there failed, too, if it was begun: its keys were told.
 */
#pragma once

#include "cli/cli.h"
#include "json/json.h"

struct policy_case {
	const char *const *path;	/* its keys as texts */
	size_t depth;			/* of them, 1 at least */
	bool has_failed;
};

struct policy_cases {
	struct policy_case *items;	/* by their paths */
	size_t count, room;
};

/**
 * policy_cases_collect() - all cases of a test
 * @cli:   its arena owns them
 * @value: of the test's rule, or NULL
 * @begun: an array of arrays of keys, or NULL
 * @ret:   filled
 *
 * Return: whether there was memory for all.
 */
bool policy_cases_collect(struct cli *cli, const struct json *value, const struct json *begun,
	struct policy_cases *ret);

/** policy_cases_failed() - how many failed */
size_t policy_cases_failed(const struct policy_cases *cases);

/** policy_cases_print() - one line each, those that failed or @all of them */
void policy_cases_print(struct cli *cli, const struct policy_cases *cases, bool all);

/** policy_cases_document() - {"NAME": {"name": "NAME", "fail": true}}, as `opa test` has it */
const struct json *policy_cases_document(struct cli *cli, const struct policy_cases *cases);
