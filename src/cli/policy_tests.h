/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_tests.h - how the tests of policies went, as people and other programs read it
 */
#pragma once

#include "cli/policies.h"
#include "cli/policy_cases.h"

enum policy_test_outcome {
	POLICY_TEST_NOT_RUN = 0,
	POLICY_TEST_FAILED,
	POLICY_TEST_ERROR,
	POLICY_TEST_SKIPPED,
	POLICY_TEST_PASSED,
};

struct policy_test {
	struct regoc_rule rule;
	enum policy_test_outcome outcome;
	struct regoc_diagnostic fault;	/* ERROR */
	const char *fault_text;		/* the same for a person, lines; or NULL */
	const char *failed_at;		/* FAILED: "a.rego:7: input.x == 1", or NULL */
	const char *output;		/* what print() said; "" or lines */
	struct policy_cases cases;	/* of a test with cases */
	uint64_t duration_ns;
	uint64_t runs;			/* with --bench: how often it was run in that time; 0: it was not */
};

struct policy_tests {
	struct policy_test *items;
	size_t count;
};

/**
 * policy_tests_print() - the report
 * @cli:    the frame; its verbosity shows those that passed, too
 * @tests:  all were run or skipped
 * @format: "pretty", "json", "gobench" (as `opa test` has them), "junit"
 */
void policy_tests_print(struct cli *cli, const struct policy_tests *tests, const char *format);

/** policy_tests_failed() - how many tests or cases failed or had an error */
size_t policy_tests_failed(const struct policy_tests *tests);

/**
 * policy_tests_code() - CLI_OK where all passed, also where some were skipped with @skipped_is_fine; Return:
 * otherwise 2, as `opa test` does
 */
int policy_tests_code(const struct policy_tests *tests, bool skipped_is_fine);
