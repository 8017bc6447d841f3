// SPDX-License-Identifier: Apache-2.0
/*
 * machine_with.c - another world for the length of one expression
 */
#include "rego/machine_internal.h"

/* @from with @value at a path; what is on the way and is no object gives way to one. */
static const struct json *put(struct arena *arena, const struct json *from, const struct rego_path *path,
	size_t at, const struct json *value)
{
	struct json_object_builder object;
	const struct json *inner;

	if (at == path->count)
		return value;
	json_object_begin(&object, arena);
	for (size_t i = 0; from && from->type == JSON_OBJECT && i < from->object.count; i++)
		json_object_add_value(&object, from->object.members[i].key, from->object.members[i].value);
	inner = put(arena, from ? json_find(from, path->keys[at]) : NULL, path, at + 1, value);
	json_object_add_value(&object, path->keys[at], inner);
	return json_object_end_last(&object);
}

static bool add_mock(struct rego_machine *machine, struct rego_world *world,
	const struct rego_replacement *replacement, const struct json *value)
{
	struct rego_mock *mock = arena_alloc(machine->arena, sizeof(*mock));

	if (!mock)
		return false;
	*mock = (struct rego_mock){ .replacement = replacement, .value = value, .next = world->mocks };
	world->mocks = mock;
	return true;
}

static bool add_override(struct rego_machine *machine, struct rego_world *world, uint32_t place)
{
	struct rego_override *override;

	if (place == REGO_NOWHERE)
		return true;
	override = arena_alloc(machine->arena, sizeof(*override));
	if (!override)
		return false;
	*override = (struct rego_override){ .place = place, .next = world->overrides };
	world->overrides = override;
	return true;
}

static bool replace(struct rego_machine *machine, struct rego_world *world,
	const struct rego_replacement *replacement, const struct json *value)
{
	switch (replacement->what) {
	case REGO_REPLACE_INPUT:
		world->input = put(machine->arena, world->input, &replacement->path, 0, value);
		return world->input;
	case REGO_REPLACE_DATA:
		world->data = put(machine->arena, world->data, &replacement->path, 0, value);
		return world->data && add_override(machine, world, replacement->place);
	case REGO_REPLACE_BUILTIN:
	case REGO_REPLACE_FUNCTION:
		break;
	}
	return add_mock(machine, world, replacement, value);
}

/* The world at hand once more; its values are still to come. */
static struct rego_world *push_world(struct rego_machine *machine)
{
	struct rego_world *world = arena_alloc(machine->arena, sizeof(*world));

	if (!world || !rego_spend(machine->budget, machine->plan->value_count / 8 + 1))
		return NULL;
	*world = *machine->world;
	world->outer = machine->world;
	world->memos = NULL;
	return world;
}

enum rego_step rego_enter_world(struct rego_machine *machine, const struct rego_with_list *with,
	const struct json *const *values)
{
	struct rego_world *world = push_world(machine);

	if (!world)
		return rego_stop_full(machine);
	for (size_t i = 0; i < with->count; i++) {
		if (with->items[i].what != REGO_REPLACE_INPUT)
			world->known = NULL;
		if (!replace(machine, world, &with->items[i], values[i]))
			return rego_stop_full(machine);
	}
	world->values = rego_world_values(machine, world);
	if (!world->values)
		return rego_stop_full(machine);
	machine->world = world;
	return REGO_STEP_ON;
}

/* A replacement that calls what it replaces means the original, and so does all that it calls. */
bool rego_enter_plain_world(struct rego_machine *machine)
{
	struct rego_world *world = push_world(machine);

	if (!world)
		return false;
	world->mocks = NULL;
	world->values = rego_world_values(machine, world);
	if (world->values)
		machine->world = world;
	return world->values;
}

const struct rego_mock *rego_find_mock(const struct rego_machine *machine, const struct rego_builtin *builtin,
	uint32_t function)
{
	for (const struct rego_mock *mock = machine->world->mocks; mock; mock = mock->next)
		if (builtin ? mock->replacement->builtin == builtin : mock->replacement->function == function)
			return mock;
	return NULL;
}
