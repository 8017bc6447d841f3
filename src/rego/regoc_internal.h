/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regoc_internal.h - what the files of the library share: how its objects look inside
 *
 * Names begin with rego_api_, since whatever begins with regoc_ is seen by those who link the library.
 */
#pragma once

#include "rego/policy.h"
#include "rego/regoc_json.h"

#include <stdlib.h>

enum {
	REGOC_MEMORY_BYTES = 256 << 20,	/* where nobody says */
	REGOC_RESULT_BYTES = 64 << 20,
	REGOC_STEPS_COUNT = 100000000,
	REGOC_REPORT_BYTES = 1 << 20,
};

struct regoc_query {
	struct arena arena;
	const struct regoc_policy *policy;
	const struct rego_function *function;
	const struct rego_query *rows;	/* NULL: an entry point */
	const char **names;		/* of variables, and a NULL behind the last */
	const struct rego_entry *members;	/* NULL: it asks for none */
	const struct json **keys;	/* of members */
	size_t member_count;
	struct regoc_expression *exprs;
};

/** rego_api_new() - an object of the library's, zeroed */
static inline void *rego_api_new(size_t bytes)
{
	void *object = calloc(1, bytes);

	if (!object)
		abort();
	return object;
}

/* ---- regoc_policy.c ---- */

/** rego_api_compiled() - what the modules became */
const struct rego_policy *rego_api_compiled(const struct regoc_policy *policy);

/** rego_api_parse_flags() - what of the language the modules were read with: enum rego_parse_flags */
unsigned rego_api_parse_flags(const struct regoc_policy *policy);

/* ---- regoc_tests.c ---- */

/** rego_api_rename_tests() - the second test of a name becomes NAME#01, and so on; Return: false: full */
bool rego_api_rename_tests(const struct rego_module **modules, size_t count, struct arena *arena);

/* ---- regoc_query.c ---- */

/** rego_api_source() - a text that lives as long as the arena; Return: NULL: it is full */
const struct rego_source *rego_api_source(struct arena *arena, const char *name, const char *text,
	size_t len);

/** rego_api_say_full() - one diagnostic more: there is no memory for this */
void rego_api_say_full(struct rego_diags *diags);

/** rego_api_ground_count() - how many elements of a path are known without evaluating: r.a[x].b has two */
size_t rego_api_ground_count(const struct rego_term *ref);

/**
 * rego_api_find() - a rule or package by its path, "authz/allow"; "" is data; Return: NULL where there is
 * none
 */
const struct rego_function *rego_api_find(const struct rego_policy *policy, const char *path);

/* ---- regoc_report.c ---- */

/** rego_api_report() - diagnostics for the caller; nothing where there are none, or @ret is NULL */
void rego_api_report(const struct rego_diags *diags, struct regoc_report **ret);

/** rego_api_report_json() - the same of a text that is no JSON */
void rego_api_report_json(const struct error *err, struct regoc_report **ret);
