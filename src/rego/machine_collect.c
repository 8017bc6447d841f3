// SPDX-License-Identifier: Apache-2.0
/*
 * machine_collect.c - values that are put together: of registers, or of what was collected
 *
 * Each element is a step, where it is not one already that brought it.
 */
#include "rego/machine_internal.h"

bool rego_may_sort(struct rego_machine *machine, const struct json *const *values, size_t count,
	size_t stride)
{
	uint64_t weight = 0;

	for (size_t i = 0; i < count * stride; i++)
		weight += values[i]->weight;
	return rego_spend(machine->budget, weight / REGO_BUDGET_WEIGHT + count);
}

enum rego_step rego_make_list(struct rego_machine *machine, const struct rego_insn *insn, bool is_set)
{
	struct json_array_builder list;

	if (!(is_set ? rego_may_sort(machine, &REG(insn->b), insn->c, 1) :
			rego_spend(machine->budget, insn->c)))
		return rego_stop_full(machine);
	if (!is_set)
		return rego_made(machine, insn->a, json_new_array(machine->arena, &REG(insn->b), insn->c));
	json_array_begin_with(&list, machine->arena, &REG(insn->b), insn->c);
	return rego_made(machine, insn->a, json_set_end(&list));
}

enum rego_step rego_make_object(struct rego_machine *machine, const struct rego_insn *insn)
{
	struct json_object_builder object;

	if (!rego_may_sort(machine, &REG(insn->b), insn->c, 2))
		return rego_stop_full(machine);
	json_object_begin(&object, machine->arena);
	for (uint32_t i = 0; i < insn->c; i++)
		json_object_add_value(&object, REG(insn->b + 2 * i), REG(insn->b + 2 * i + 1));
	return rego_made(machine, insn->a, json_object_end_last(&object));
}

enum rego_step rego_make_record(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct json *keys = machine->frame->function->unit->consts[insn->c];

	if (!rego_spend(machine->budget, keys->array.count))
		return rego_stop_full(machine);
	return rego_made(machine, insn->a, json_new_record(machine->arena, keys, &REG(insn->b)));
}

enum rego_step rego_make_row(struct rego_machine *machine, const struct rego_insn *insn)
{
	json_array_add(&machine->rows, json_new_array(machine->arena, &REG(insn->a), insn->b));
	return machine->rows.failed ? rego_stop_full(machine) : REGO_STEP_ON;
}

/* Of what failed, nothing is sorted. */
static bool may_sort_members(struct rego_machine *machine, const struct json_object_builder *builder)
{
	return !builder->count || builder->failed ||
		rego_may_sort(machine, (const struct json *const *)(const void *)builder->members,
			builder->count, 2);
}

static enum rego_step collected_object(struct rego_machine *machine, struct rego_slot *slot,
	const struct json **ret)
{
	if (!may_sort_members(machine, &slot->object))
		return rego_stop_full(machine);
	*ret = json_object_end_merged(&slot->object);
	if (!*ret && slot->object.conflict)
		return rego_stop(machine, REGO_FAULT_CONFLICT, "object keys must be unique");
	return *ret ? REGO_STEP_ON : rego_stop_full(machine);
}

enum rego_step rego_collected(struct rego_machine *machine, struct rego_slot *slot, const struct json **ret)
{
	switch (slot->kind) {
	case REGO_COLLECT_OBJECT:
		return collected_object(machine, slot, ret);
	case REGO_COLLECT_TREE:
		return rego_tree_end(machine, slot, ret);
	case REGO_COLLECT_GROUPS:
		if (!may_sort_members(machine, &slot->object))
			return rego_stop_full(machine);
		*ret = json_object_end_grouped(&slot->object);
		break;
	case REGO_COLLECT_SET:
		if (slot->array.count && !slot->array.failed &&
				!rego_may_sort(machine, slot->array.items, slot->array.count, 1))
			return rego_stop_full(machine);
		*ret = json_set_end(&slot->array);
		break;
	case REGO_COLLECT_ARRAY:
		*ret = json_array_end(&slot->array);
		break;
	}
	return *ret ? REGO_STEP_ON : rego_stop_full(machine);
}
