/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regoc_members.h - some members of a document as one question, for callers in this tree
 *
 * Who wants three rules of a package could ask for {"a": [v | v := data.p.a], ...}, so that one without a
 * value does not leave the others without an answer, or for all of the package, and evaluate what nobody
 * asked for. Here each is asked for by itself, and has its value or none; but it is one evaluation, in which
 * what several of them want is worked out once, and limits are those of all together.
 */
#pragma once

#include "rego/regoc.h"

/**
 * rego_api_query_members() - a question for data.PATH[NAME] of each name
 * @policy: what it is about; borrowed
 * @path:   of a rule or package, as of regoc_query_new_entry()
 * @names:  @count of them, in the order in which they are evaluated; copied
 * @count:  of @names
 *
 * Its value as a whole is an object of those that are defined, which regoc_result_text() writes;
 * regoc_result() gives NULL.
 *
 * Return: the question, or NULL where no rule and no package has this path, or a member is a function.
 */
struct regoc_query *rego_api_query_members(const struct regoc_policy *policy, const char *path,
	const char *const *names, size_t count);

/**
 * rego_api_member() - what the last evaluation found; Return: the value of names[index], or NULL: undefined
 */
const struct regoc_value *rego_api_member(const struct regoc_context *context, size_t index);
