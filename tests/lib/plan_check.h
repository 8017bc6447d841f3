/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_check.h - that a compiled policy never reads what it has not set
 *
 * The machine trusts the compiler: a frame's registers and slots are not cleared, and no instruction looks
 * whether its operands are there. This follows every way through a function, each failing test and each loop,
 * and looks: that a register that is read was given a value before, on all of them (UNSET gives none; behind
 * IF_UNSET there is one); that a slot is what the instruction takes it for; that constants, paths, places and
 * labels exist; that the last instruction is not passed; and that as many replacements end as begin.
 */
#pragma once

#include "base/buf.h"
#include "rego/plan.h"

/** plan_check_function() - one function; @why: gets what is wrong; Return: whether it is right */
bool plan_check_function(const struct rego_plan *plan, const struct rego_function *function, struct buf *why);

/**
 * plan_check() - all functions of a plan; @why: gets the first thing that is wrong; Return: whether none is
 */
bool plan_check(const struct rego_plan *plan, struct buf *why);
