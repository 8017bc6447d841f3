/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sprintf.h - what the reader of a format tells those who print one operand
 *
 * OPA hands the operands of sprintf to Go's package fmt as what they are there: an int where 64 bits suffice,
 * a big integer or a double for other numbers, and a text for everything else, which a list is written as
 * Rego. Go's verbs do something else for each of these, and a verb that does not go with an operand prints
 * what is wrong.
 *
 * Source: Go, documentation of package fmt
 */
#pragma once

#include "rego/number.h"
#include "rego/text.h"

struct sprintf_spec {
	bool minus, plus, sharp, space, zero;
	bool has_width, has_precision;
	bool is_go_text;		/* %#v: texts are quoted */
	size_t width, precision;
};

enum sprintf_kind {
	SPRINTF_INT,
	SPRINTF_BIG,
	SPRINTF_DOUBLE,
	SPRINTF_TEXT,
};

struct sprintf_operand {
	enum sprintf_kind kind;
	int64_t integer;
	struct rego_int big;
	struct rego_float real;		/* of 53 bits */
	struct str text;
};

struct sprintf_printer {
	struct rego_call *call;
	struct rego_text out;
	struct sprintf_spec spec;
};

/** rego_sprintf_type() - "int", "*big.Int", "float64", "string" */
const char *rego_sprintf_type(const struct sprintf_operand *operand);

/**
 * rego_sprintf_print() - one operand for one verb
 * @printer: grows; the flags are those of the verb
 * @operand: what to print
 * @verb:    a code point
 *
 * Return: false where the evaluation is over; a text without room is seen at its end.
 */
bool rego_sprintf_print(struct sprintf_printer *printer, const struct sprintf_operand *operand,
	uint32_t verb);

/** rego_sprintf_pad() - a text and what it is padded with */
void rego_sprintf_pad(struct sprintf_printer *printer, struct str text);

/** rego_sprintf_double() - a double; @verb is one of those that it has; Return: false as above */
bool rego_sprintf_double(struct sprintf_printer *printer, struct rego_float real, char verb);
