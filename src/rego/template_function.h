/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template_function.h - the functions of a template, by name
 *
 * Source: Go, documentation of package text/template, "Functions"
 */
#pragma once

#include "rego/template_value.h"

/* After which operand a function wants no other, so that what follows is not even evaluated. */
enum template_stop {
	TEMPLATE_STOP_NEVER = 0,
	TEMPLATE_STOP_AT_TRUE,
	TEMPLATE_STOP_AT_FALSE,
};

struct template_function {
	const char *name;
	/*
	 * @values are the operands up to the one at which it stops, @count at most TEMPLATE_WORDS_MAX + 1;
	 * what is not there is among them. Returns false where the call has the error, or is stopped.
	 */
	bool (*call)(struct rego_call *call, const struct template_value *values, size_t count,
		struct template_value *ret);
	enum template_stop stop;
};

/** template_function_find() - look a function up; Return: it, or NULL where there is none of this name */
const struct template_function *template_function_find(struct str name);

/** template_function_stops() - whether @value is the last operand that @function wants; Return: so */
bool template_function_stops(const struct template_function *function, struct template_value value);
