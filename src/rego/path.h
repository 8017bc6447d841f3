/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path.h - places in documents, as json.filter, json.remove and json.patch are given them
 *
 * A path is an array of keys, or a string: keys behind each other with '/' between them, where "~1" stands
 * for '/' and "~0" for '~'. Slashes in front of a string do not count, and "" is the whole document.
 */
#pragma once

#include "rego/builtin.h"

/** rego_is_path() - whether a value is of one of the types that a path has */
static inline bool rego_is_path(const struct json *value)
{
	return value->type == JSON_STRING || value->type == JSON_ARRAY;
}

/**
 * rego_path_read() - the keys of a path
 * @call:  whose arena and budget are used
 * @value: rego_is_path()
 *
 * Return: an array, or NULL where the evaluation is over.
 */
const struct json *rego_path_read(struct rego_call *call, const struct json *value);
