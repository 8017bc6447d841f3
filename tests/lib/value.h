/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value.h - values from Rego text, so that a test can say {1, 2} and {[1]: "x"}
 *
 * Null, booleans, numbers, strings as JSON quotes them, arrays, objects with any key, sets and set(). No
 * variables, no comprehensions, no references: this is no parser of policies.
 */
#pragma once

#include "json/json.h"

/** value_read() - one value; the test fails where @text is none; Return: it, in @arena */
const struct json *value_read(struct arena *arena, const char *text);

/** value_text() - the Rego text of a value, in @arena; "NULL" for NULL */
const char *value_text(struct arena *arena, const struct json *value);
