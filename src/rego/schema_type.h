/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_type.h - JSON Schemas as types of documents
 *
 * Who knows what a policy will be asked with says so, and a reference that can lead nowhere is then a type
 * error instead of a rule that is quietly undefined for ever. Only what has a bearing on types is read:
 *
 *	type, properties, additionalProperties, items, enum, const, anyOf, oneOf, allOf, $ref to the same
 *	document, true and false
 *
 * As in OPA, an object with properties has no others, unless additionalProperties says that it may; and what
 * has properties or items without a type is taken for an object or an array. What only narrows a value down
 * (minimum, pattern, format, ...) is no type and is passed over. Words that change the shape in a way that
 * types cannot say (not, if, patternProperties, prefixItems, ...) make what they stand in `any`, which agrees
 * with everything: the check may miss a mistake, and never invents one. A schema that is no schema, or refers
 * to another document, is refused.
 *
 * Source: JSON Schema 2020-12; OPA, v1/ast/compile.go (schemaParser) and "Using schemas to enhance the Rego
 * type checker"
 */
#pragma once

#include "rego/types.h"

enum {
	REGO_SCHEMA_STEPS_MAX = 100000,	/* schemas within each other, each as often as it is referred to */
};

/* A schema, and what it is about. Either may be NULL. */
struct rego_schema {
	/* as METADATA names it behind `schema`, with slashes between the words: "kubernetes/pod" */
	const char *name;
	/*
	 * where `input` has it: "cordon.commit" and all packages below it; "": everywhere. The longest counts
	 */
	const char *package;
	const struct json *value;	/* lives as long as the policy */
};

/**
 * rego_type_of_schema() - the type of what a schema accepts
 * @types:    makes it
 * @schema:   a document
 * @ret:      the type
 * @ret_what: what is wrong with it, static
 *
 * Errors: -EBADMSG no schema.
 * Return: 0 or negative errno.
 */
int rego_type_of_schema(struct rego_types *types, const struct json *schema, const struct rego_type **ret,
	const char **ret_what);
