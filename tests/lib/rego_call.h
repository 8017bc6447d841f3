/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rego_call.h - calls of built-in functions as rows of text
 *
 * One row is one call: the name, the operands as Rego writes them (ground terms, sets among them), and what
 * comes out, written as Rego does:
 *
 *     { "plus", "1, 2", "3" },
 *     { "plus", "1, \"a\"", "eval_type_error: plus: operand 2 must be number but got string" },
 *     { "object.get", "...", "undefined" },
 *
 * The evaluation that a row stands in is always the same: the moment is 2026-11-22T10:20:30.123456789Z, the
 * seed is zero, and the budget generous.
 */
#pragma once

#include "lib/test.h"
#include "rego/builtin.h"

struct rego_row {
	const char *name, *operands, *wanted;
};

/**
 * rego_call_text() - call a built-in
 * @arena:    owns everything
 * @name:     of the built-in
 * @operands: as above
 * @steps:    what may be spent
 * @bytes:    what the call may allocate
 *
 * Return: the result as text; "undefined"; "eval_type_error: ..." or "eval_builtin_error: ..."; or "stopped
 * (steps)", "stopped (memory)".
 */
const char *rego_call_text(struct arena *arena, const char *name, const char *operands, uint64_t steps,
	size_t bytes);

/** rego_check_rows() - make every call of a table, and fail with all rows that gave something else */
void rego_check_rows(const struct rego_row *rows, size_t count);

/** rego_call_zones() - the time zones of all later calls of this test; there are none before */
void rego_call_zones(struct rego_zones *zones);

#define REGO_CHECK_ROWS(rows) rego_check_rows(rows, ARRAY_SIZE(rows))
