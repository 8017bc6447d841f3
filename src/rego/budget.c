// SPDX-License-Identifier: Apache-2.0
/*
 * budget.c - the next slice of work, or the reason why there is none
 */
#include "rego/budget.h"

void rego_budget_init(struct rego_budget *budget, uint64_t steps, bool (*is_late)(void *context),
	void *context)
{
	*budget = (struct rego_budget){
		.slice = MIN(steps, (uint64_t)REGO_BUDGET_SLICE),
		.steps = steps - MIN(steps, (uint64_t)REGO_BUDGET_SLICE),
		.is_late = is_late,
		.context = context,
	};
}

/*
 * What a large request takes beyond its slice comes out of the whole, so that it is looked at once and not in
 * slices.
 */
bool rego_budget_refill(struct rego_budget *budget, uint64_t steps)
{
	uint64_t all = budget->slice + budget->steps;

	if (budget->stop == REGO_STOP_NONE && steps >= all)
		budget->stop = REGO_STOP_STEPS;
	if (budget->stop == REGO_STOP_NONE && budget->is_late && budget->is_late(budget->context))
		budget->stop = REGO_STOP_LATE;
	if (budget->stop != REGO_STOP_NONE) {
		budget->slice = 0;
		budget->steps = 0;
		return false;
	}
	all -= steps;
	budget->slice = MIN(all, (uint64_t)REGO_BUDGET_SLICE);
	budget->steps = all - budget->slice;
	return true;
}
