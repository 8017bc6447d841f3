/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schemas.h - what `input` is in the packages of the product, for whoever compiles them
 *
 * Source: data/schemas/policy, docs/policy-inputs.md
 */
#pragma once

#include "rego/regoc.h"

/**
 * policy_schemas() - of the packages cordon.commit, .exec, .net and .file; Return: @ret_count of them, static
 */
const struct regoc_schema *policy_schemas(size_t *ret_count);
