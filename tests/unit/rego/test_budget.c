// SPDX-License-Identifier: Apache-2.0
/*
 * test_budget.c - all the steps and no more, and somebody who says that it is too late
 */
#include "rego/budget.h"

#include "lib/test.h"

static bool count_and_end(void *context)
{
	unsigned *left = context;

	return (*left)-- == 0;
}

TEST(every_step_is_there_and_not_one_more)
{
	static const uint64_t sizes[] = { 1, 2, 1023, 1024, 1025, 5000 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct rego_budget budget;

		rego_budget_init(&budget, sizes[i], NULL, NULL);
		for (uint64_t step = 1; step < sizes[i]; step++)
			CHECK(rego_spend(&budget, 1));
		CHECK(!rego_spend(&budget, 1));
		CHECK_INT(budget.stop, REGO_STOP_STEPS);
	}
}

TEST(much_at_once_is_taken_from_the_whole)
{
	struct rego_budget budget;

	rego_budget_init(&budget, 10000, NULL, NULL);
	CHECK(rego_spend(&budget, 9000));
	CHECK(rego_spend(&budget, 999));
	CHECK(!rego_spend(&budget, 1));
	rego_budget_init(&budget, 10000, NULL, NULL);
	CHECK(!rego_spend(&budget, UINT64_MAX));
}

TEST(whoever_stopped_stays_stopped)
{
	struct rego_budget budget;
	unsigned looks = 3;

	rego_budget_init(&budget, UINT64_MAX, count_and_end, &looks);
	for (unsigned i = 0; i < 100 * REGO_BUDGET_SLICE && rego_spend(&budget, 1); i++)
		;
	CHECK_INT(budget.stop, REGO_STOP_LATE);
	CHECK(!rego_spend(&budget, 0));
	CHECK(!rego_spend(&budget, 1));
	CHECK_INT(budget.stop, REGO_STOP_LATE);
}

TEST(zero_allows_nothing)
{
	struct rego_budget budget = { 0 };

	CHECK(!rego_spend(&budget, 1));
	rego_budget_init(&budget, 0, NULL, NULL);
	CHECK(!rego_spend(&budget, 1));
}

TEST_MAIN()
