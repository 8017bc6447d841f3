/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h - whether a document has the shape that a JSON Schema describes
 *
 * The keywords of drafts 4, 6 and 7 that say something about a value: types, numbers, texts, lists, objects,
 * combinations, conditions, and references within the schema itself ("#/definitions/x"). Nothing is ever
 * fetched: another reference is a mistake of the schema. A schema is looked at as a whole before it is used,
 * so that what matching reads can be relied on, and then read anew by every match; there is nothing that
 * would have to be kept.
 *
 * Both take documents from anybody: each step spends, and schemas may lead into each other only
 * REGO_SCHEMA_DEPTH_MAX deep, which also ends a reference that leads to itself.
 *
 * Sources: JSON Schema drafts 4, 6 and 7 (draft-wright-json-schema-validation-00 and -01,
 * draft-handrews-json-schema-validation-01); types and descriptions of mistakes are those of gojsonschema,
 * which OPA uses.
 */
#pragma once

#include "rego/builtin.h"

enum {
	REGO_SCHEMA_DEPTH_MAX = 512,
};

/* What does not match, and where. */
struct rego_schema_flaw {
	const char *type;		/* "invalid_type" */
	struct str description;
	struct str field;		/* "a.0.b", "(root)" */
	struct rego_schema_flaw *next;
};

struct rego_schema_flaws {
	struct rego_schema_flaw *first, *last;
};

/**
 * rego_schema_check() - whether a value is a schema
 * @call:   whose arena and budget are used
 * @schema: any document
 * @ret:    what is wrong with it; empty: nothing
 *
 * Return: false where the evaluation is over (rego_stopped()).
 */
bool rego_schema_check(struct rego_call *call, const struct json *schema, struct str *ret);

/**
 * rego_schema_match() - hold a document against a schema
 * @call:   whose arena and budget are used
 * @schema: one that rego_schema_check() found nothing wrong with
 * @value:  any document
 * @ret:    empty: it matches
 *
 * Return: false to end with rego_failed(): the evaluation is over, or the schema leads into itself.
 */
bool rego_schema_match(struct rego_call *call, const struct json *schema, const struct json *value,
	struct rego_schema_flaws *ret);

/**
 * rego_schema_refer() - what "$ref" means within a schema
 * @call:      whose arena and budget are used
 * @root:      the whole schema
 * @reference: "#/definitions/x", escaped as in a URI
 * @ret:       what it leads to; NULL where that is nothing, or elsewhere
 *
 * Source: RFC 6901, section 6
 * Return: false where the evaluation is over.
 */
bool rego_schema_refer(struct rego_call *call, const struct json *root, struct str reference,
	const struct json **ret);

/**
 * rego_schema_format() - whether a text has a format
 * @call:   whose arena and budget are used
 * @format: "date-time", "ipv4", ...; one that nobody knows fits everything, as the standard has it
 * @text:   to look at
 *
 * Return: 1, 0, or negative to end with rego_failed().
 */
int rego_schema_format(struct rego_call *call, struct str format, struct str text);
