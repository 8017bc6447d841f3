/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_tests.h - how the tests of policies went, as people and other programs read it
 */
#pragma once

#include "cli/policies.h"

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
	uint64_t duration_ns;
};

struct policy_tests {
	struct policy_test *items;
	size_t count;
};

/**
 * policy_tests_print() - the report
 * @cli:    the frame; its verbosity shows those that passed, too
 * @tests:  all were run or skipped
 * @format: "pretty", "json" (as `opa test` has both), "junit"
 */
void policy_tests_print(struct cli *cli, const struct policy_tests *tests, const char *format);

/**
 * policy_tests_code() - CLI_OK where all passed, also where some were skipped with @skipped_is_fine; Return:
 * otherwise 2, as `opa test` does
 */
int policy_tests_code(const struct policy_tests *tests, bool skipped_is_fine);
