/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template_value.h - what the actions of a template compute with
 *
 * OPA gives the values to Go as JSON: sets are arrays, and a number is a text of digits, true in an `if` also
 * when it is 0; only what the template itself makes (literals, indexes, len) are numbers to it.
 *
 * Source: Go, documentation of package text/template
 */
#pragma once

#include "rego/builtin.h"
#include "rego/text.h"

struct template_value {
	const struct json *json;	/* NULL is what is not there */
	bool is_number;			/* a number of the template's own */
};

/* What Go compares with its like only. */
enum template_kind {
	TEMPLATE_KIND_NONE = 0,		/* with nothing */
	TEMPLATE_KIND_NUMBER,		/* of the template */
	TEMPLATE_KIND_BOOL,
	TEMPLATE_KIND_TEXT,		/* texts, and numbers out of the data */
};

/** template_fail() - give @call an error about @where, cut after 40 bytes; Return: false */
bool template_fail(struct rego_call *call, const char *what, struct str where);

/** template_value_is_missing() - whether there is none, or null; Return: so */
bool template_value_is_missing(struct template_value value);

/**
 * template_value_is_true() - what `if`, `with`, `and`, `or` and `not` take @value for; Return: true or false
 */
bool template_value_is_true(struct template_value value);

/** template_value_print() - as Go prints a value of any type: [1 2], map[a:1], <nil> */
void template_value_print(struct rego_text *out, struct template_value value);

/** template_value_kind() - what @value may be compared with; Return: its kind */
enum template_kind template_value_kind(struct template_value value);
