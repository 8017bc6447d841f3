/* SPDX-License-Identifier: Apache-2.0 */
/*
 * machine_internal.h - what the files of the machine share
 */
#pragma once

#include "rego/machine.h"

/* How the machine goes on after an instruction. */
enum rego_step {
	REGO_STEP_ON = 0,
	REGO_STEP_FAIL,			/* at the instruction's label */
	REGO_STEP_ENTER,		/* in a frame that was pushed */
	REGO_STEP_STOP,			/* not at all: machine->fault, or the outermost function is done */
};

/* In a cache of values: the rule was evaluated and has none. */
extern const struct json rego_undefined_value;

static inline bool rego_is_cursor(const struct json *value)
{
	return (int)value->type == REGO_CURSOR;
}

/** rego_place_of() - the place that a cursor stands for */
static inline uint32_t rego_place_of(const struct rego_machine *machine, const struct json *cursor)
{
	const struct rego_place *places = machine->plan->places;

	return (uint32_t)(((const char *)cursor - (const char *)&places->cursor) /
		(ptrdiff_t)sizeof(*places));
}

#define REG(index) (machine->frame->regs[index])
#define SLOT(index) (&machine->frame->slots[index])

/* ---- machine_stop.c ---- */

/** rego_stop_with() - end the evaluation with an error of the arena; Return: REGO_STEP_STOP */
enum rego_step rego_stop_with(struct rego_machine *machine, enum rego_fault_code code, const char *text);

/** rego_stop() - end the evaluation with an error; Return: REGO_STEP_STOP */
enum rego_step rego_stop(struct rego_machine *machine, enum rego_fault_code code, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/** rego_stop_full() - end it for want of memory, or for whatever the budget says; Return: REGO_STEP_STOP */
enum rego_step rego_stop_full(struct rego_machine *machine);

/** rego_made() - what must be there unless memory ran out; Return: REGO_STEP_ON or _STOP */
static inline enum rego_step rego_made(struct rego_machine *machine, uint16_t reg, const struct json *value)
{
	if (!value)
		return rego_stop_full(machine);
	REG(reg) = value;
	return REGO_STEP_ON;
}

/* ---- machine_stack.c ---- */

/* Frames lie one behind the other in chunks; a chunk that was needed once stays for the next time. */
struct rego_chunk {
	struct rego_chunk *before, *after;
	size_t used, size;
	_Alignas(16) char bytes[];
};

/** rego_next_chunk() - a chunk behind that at hand with room for @bytes; Return: it, or NULL: full */
struct rego_chunk *rego_next_chunk(struct rego_machine *machine, size_t bytes);

/* ---- machine_collect.c ---- */

/**
 * rego_may_sort() - leave to put values in order
 * @machine: whose budget pays
 * @values:  @count times @stride values; NULL where @count is 0
 * @count:   of what is put in order
 * @stride:  values of each: the first is compared, the second where the first ones are the same
 *
 * Return: as rego_spend()
 */
bool rego_may_sort(struct rego_machine *machine, const struct json *const *values, size_t count,
	size_t stride);

/** rego_make_list() - the instructions ARRAY and SET; Return: REGO_STEP_ON or _STOP */
enum rego_step rego_make_list(struct rego_machine *machine, const struct rego_insn *insn, bool is_set);

/** rego_make_object() - the instruction OBJECT; Return: REGO_STEP_ON or _STOP */
enum rego_step rego_make_object(struct rego_machine *machine, const struct rego_insn *insn);

/** rego_make_record() - the instruction RECORD; Return: REGO_STEP_ON or _STOP */
enum rego_step rego_make_record(struct rego_machine *machine, const struct rego_insn *insn);

/** rego_make_row() - the instruction ROW; Return: REGO_STEP_ON or _STOP */
enum rego_step rego_make_row(struct rego_machine *machine, const struct rego_insn *insn);

/** rego_collected() - all that was collected in a slot; Return: REGO_STEP_ON with *@ret, or _STOP */
enum rego_step rego_collected(struct rego_machine *machine, struct rego_slot *slot, const struct json **ret);

/* ---- machine.c ---- */

/**
 * rego_world_values() - room for the values of a world, with those that are known; Return: it, or NULL: full
 */
const struct json **rego_world_values(struct rego_machine *machine, const struct rego_world *world);

/* ---- machine_place.c ---- */

/** rego_base_at() - the base document at a path; Return: the value, or NULL */
const struct json *rego_base_at(const struct rego_machine *machine, const struct rego_path *path);

/** rego_is_overridden() - whether `with` has put a value at a place or above it */
bool rego_is_overridden(const struct rego_machine *machine, uint32_t place);

/** rego_place_child() - the place below a place; Return: its index, or REGO_NOWHERE */
uint32_t rego_place_child(const struct rego_plan *plan, uint32_t place, const struct json *key);

/**
 * rego_place_keys() - all keys below a place, of rules and of base documents; Return: an array, or NULL: full
 */
const struct json *rego_place_keys(struct rego_machine *machine, uint32_t place);

/**
 * rego_place_document() - what rules made below a place, and the base documents beside it; Return: the
 * object, or NULL: full
 */
const struct json *rego_place_document(struct rego_machine *machine, uint32_t place, const struct json *made);

/* ---- machine_choice.c ---- */

/** rego_choose() - the rules that a value leads to; @value: NULL where there is none */
void rego_choose(const struct rego_machine *machine, struct rego_slot *slot, const struct rego_choice *choice,
	const struct json *value);

/** rego_next_rule() - the first rule that is left; Return: where it begins, or REGO_NOWHERE */
uint32_t rego_next_rule(struct rego_slot *slots, size_t count);

/* ---- machine_with.c ---- */

/**
 * rego_enter_world() - the replacements of an expression, with their values; Return: REGO_STEP_ON or _STOP
 */
enum rego_step rego_enter_world(struct rego_machine *machine, const struct rego_with_list *with,
	const struct json *const *values);

/**
 * rego_enter_plain_world() - the same documents and nothing replaced: where a replacement runs; Return:
 * false: full
 */
bool rego_enter_plain_world(struct rego_machine *machine);

/** rego_find_mock() - what takes the place of a built-in or function; Return: it, or NULL */
const struct rego_mock *rego_find_mock(const struct rego_machine *machine, const struct rego_builtin *builtin,
	uint32_t function);

/* ---- machine_watch.c ---- */

/** rego_tell_print() - the instruction PRINT; Return: REGO_STEP_ON or _STOP */
enum rego_step rego_tell_print(struct rego_machine *machine, const struct rego_insn *insn);

/** rego_tell_event() - the instruction TRACE; Return: REGO_STEP_ON or _STOP */
enum rego_step rego_tell_event(struct rego_machine *machine, const struct rego_insn *insn);

/* ---- machine_tree.c ---- */

/**
 * rego_tree_add() - a value at a path of keys; @is_element: an element of the set there; Return: false: full
 */
bool rego_tree_add(struct rego_machine *machine, struct rego_slot *slot, const struct json *const *keys,
	size_t count, bool is_element);

/** rego_tree_end() - the object of all paths; Return: REGO_STEP_ON with *@ret, or _STOP */
enum rego_step rego_tree_end(struct rego_machine *machine, struct rego_slot *slot, const struct json **ret);
