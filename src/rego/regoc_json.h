/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regoc_json.h - between the values of the public header and those of json.h, for callers in this tree
 *
 * They are the same thing under two names, since the public header includes nothing of ours. Whose the value
 * is does not change.
 */
#pragma once

#include "json/json.h"
#include "rego/regoc.h"

/** regoc_of_json() - a value of ours for the library; Return: the same */
static inline const struct regoc_value *regoc_of_json(const struct json *value)
{
	return (const struct regoc_value *)value;
}

/** regoc_to_json() - a value of the library as ours; Return: the same */
static inline const struct json *regoc_to_json(const struct regoc_value *value)
{
	return (const struct json *)value;
}
