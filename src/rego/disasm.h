/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disasm.h - the instructions of a function as text
 *
 *     data.authz.allow                              its name, registers and slots
 *        0  UNSET        r0                         number, operation, operands
 *        3  EQUAL_CONST  r2 "admin" >9       ; authz.rego:5:2  input.role == "admin"
 *
 * Operands are shown as ops.h lists them: r register, s slot, a number, a constant or a path as it is written
 * in Rego, the name of a built-in, function or place, and >N for where to go on. The place is told where it
 * is another one than the instruction's before.
 */
#pragma once

#include "base/buf.h"
#include "rego/plan.h"

/**
 * rego_disassemble() - all of a function
 * @plan:     what calls refer to
 * @function: of the plan, or a question's
 * @buf:      takes the line at hand; large enough for a constant
 * @line:     gets each line, without its end
 * @data:     for @line
 */
void rego_disassemble(const struct rego_plan *plan, const struct rego_function *function, struct buf *buf,
	void (*line)(void *data, const char *text, size_t len), void *data);
