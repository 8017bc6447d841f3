// SPDX-License-Identifier: Apache-2.0
/*
 * core.c - looking at lowered terms
 */
#include "rego/core.h"

bool core_needs_evaluation(const struct core_term *term)
{
	switch (term->type) {
	case CORE_CONST:
	case CORE_VAR:
		return false;
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		for (size_t i = 0; i < term->list.count; i++)
			if (core_needs_evaluation(term->list.items[i]))
				return true;
		return false;
	case CORE_INPUT:
	case CORE_DATA:
	case CORE_REF:
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		break;
	}
	return true;
}

bool core_is_same(const struct core_term *a, const struct core_term *b)
{
	if (a->type == CORE_CONST && b->type == CORE_CONST)
		return json_compare(a->value, b->value) == 0;
	return a->type == CORE_VAR && b->type == CORE_VAR && a->var == b->var;
}
