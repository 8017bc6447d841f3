/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget.h - how much an evaluation may still do
 *
 * A policy, its input and the patterns in it may all come from somebody who wants the engine to run for ever.
 * So whoever works spends: the machine one step an instruction, a built-in one step for every element or 64
 * bytes that it looks at, a pattern one for every state. When nothing is left the evaluation ends, which its
 * caller takes for "deny". Memory is bounded apart from this, by the limit of the evaluation's arena.
 *
 * No clock is read here: whether it is too late is asked of the caller, once every REGO_BUDGET_SLICE steps.
 */
#pragma once

#include "base/macro.h"
#include "json/json.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	REGO_BUDGET_SLICE = 1024,	/* steps between two questions to is_late */
	/* of the weight of a value (json.h) is looked at for one step, where values are compared */
	REGO_BUDGET_WEIGHT = 4,
	REGO_BUDGET_FIND = 16,		/* with how many others a key is compared where it is looked up */
};

/* Why an evaluation ended before it had an answer; 0 while it goes on. */
enum rego_stop {
	REGO_STOP_NONE = 0,
	REGO_STOP_STEPS,		/* the steps are used up */
	REGO_STOP_LATE,			/* is_late said so: a deadline, or somebody cancelled */
	REGO_STOP_MEMORY,		/* the arena is full */
	REGO_STOP_RESULT,		/* the result is larger than was allowed, or nested too deep */
};

struct rego_budget {
	uint64_t slice;			/* steps until the next look */
	uint64_t steps;			/* that are left behind that slice */
	bool (*is_late)(void *context);	/* may be NULL */
	void *context;
	enum rego_stop stop;
};

/** rego_budget_init() - @steps of work, and whom to ask for the time */
void rego_budget_init(struct rego_budget *budget, uint64_t steps, bool (*is_late)(void *context),
	void *context);

/**
 * rego_budget_refill() - what rego_spend() does when the slice is used up; Return: false to stop, with
 * @budget->stop set
 */
bool rego_budget_refill(struct rego_budget *budget, uint64_t steps);

/**
 * rego_spend() - ask for leave to do some work
 * @budget: of the evaluation
 * @steps:  how much
 *
 * Return: false to stop at once; @budget->stop says why, and every later call says false too.
 */
static inline bool rego_spend(struct rego_budget *budget, uint64_t steps)
{
	if (likely(steps < budget->slice)) {
		budget->slice -= steps;
		return true;
	}
	return rego_budget_refill(budget, steps);
}

/**
 * rego_spend_value() - ask for leave to compare a value with @times others
 *
 * What values are made of may be shared, so a small policy can have values that take for ever to compare: x0
 * := [x1, x1], x1 := [x2, x2], and so on. Texts and lists that are short cost nothing. Return: as
 * rego_spend()
 */
static inline bool rego_spend_value(struct rego_budget *budget, const struct json *value, uint64_t times)
{
	return likely(value->weight < REGO_BUDGET_WEIGHT) ||
		rego_spend(budget, value->weight / REGO_BUDGET_WEIGHT * times);
}

/**
 * rego_spend_compare() - the same for two values, of which the lighter one counts; Return: as rego_spend()
 */
static inline bool rego_spend_compare(struct rego_budget *budget, const struct json *a, const struct json *b)
{
	return a == b || rego_spend_value(budget, a->weight < b->weight ? a : b, 1);
}

/** rego_spend_find() - the same for a key and the list that json_find() looks it up in */
static inline bool rego_spend_find(struct rego_budget *budget, const struct json *key)
{
	return rego_spend_value(budget, key, REGO_BUDGET_FIND);
}
