// SPDX-License-Identifier: Apache-2.0
/*
 * test_number.c - thousands of sums, products, quotients and printed numbers against exact fractions
 *
 * number_rows.py makes the rows while building. What OPA does at the edges is in test_builtin_number.c.
 */
#include "lib/rego_call.h"

#include "number_rows.h"

TEST(floats_are_rounded_once_and_printed_shortest)
{
	REGO_CHECK_ROWS(float_rows);
}

TEST(integers_are_exact)
{
	REGO_CHECK_ROWS(integer_rows);
}

TEST(doubles_are_printed_as_doubles)
{
	REGO_CHECK_ROWS(double_rows);
}

TEST_MAIN()
