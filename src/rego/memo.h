/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo.h - what a function gave the last time
 *
 * A function gives the same for the same operands, as long as its world is the same (machine.h). Policies
 * that ask one thing in several ways call the same functions for it, so the operands of the last call are
 * kept with what came of it. They are the same if they are at the same address, or short of that the same
 * text or integer, which costs no more than to look; equal lists at two addresses are another call.
 *
 * Where calls go on and none of them is the same as the one before, the memo of that function ends for good.
 * It belongs to a world, and is of the evaluation's arena.
 */
#pragma once

#include "rego/machine.h"

/**
 * rego_memo_find() - what a function gave for these operands
 * @machine:  in whose world
 * @function: has a memo
 * @operands: operand_count of them
 *
 * Return: the value, or rego_undefined_value; NULL: not known.
 */
const struct json *rego_memo_find(const struct rego_machine *machine, const struct rego_function *function,
	const struct json *const *operands);

/**
 * rego_memo_keep() - what it gave now; nothing where there is no room
 * @machine:  in whose world
 * @function: has a memo
 * @operands: as above
 * @value:    NULL: it is undefined
 */
void rego_memo_keep(struct rego_machine *machine, const struct rego_function *function,
	const struct json *const *operands, const struct json *value);
