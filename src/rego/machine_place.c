// SPDX-License-Identifier: Apache-2.0
/*
 * machine_place.c - places below data that hold rules and base documents at once
 *
 * Whoever asks for a rule finds the rule; whoever asks for a package finds one object of what its rules and
 * its base documents have.
 */
#include "rego/machine_internal.h"

#include <inttypes.h>
#include <stdio.h>

/*
 * OPA keeps base documents under paths of strings, so data[2] finds the member "2" and data.list["0"] the
 * first item.
 */
static const struct json *find_by_text(const struct json *value, const struct json *key)
{
	uint64_t index;
	struct json text = { .type = JSON_STRING };
	char digits[24];

	if (value->type == JSON_ARRAY && key->type == JSON_STRING &&
			str_to_u64(key->text, SIZE_MAX, &index) == 0)
		return json_at(value, index);
	if (value->type != JSON_OBJECT || key->type != JSON_INT)
		return NULL;
	text.text.data = digits;
	text.text.len = (size_t)snprintf(digits, sizeof(digits), "%" PRId64, key->integer);
	return json_find(value, &text);
}

const struct json *rego_base_at(const struct rego_machine *machine, const struct rego_path *path)
{
	const struct json *value = machine->world->data;

	for (size_t i = 0; value && i < path->count; i++) {
		const struct json *found = json_find(value, path->keys[i]);

		value = found ? found : find_by_text(value, path->keys[i]);
	}
	return value;
}

bool rego_is_overridden(const struct rego_machine *machine, uint32_t place)
{
	const struct rego_place *places = machine->plan->places;

	for (const struct rego_override *override = machine->world->overrides; override;
			override = override->next) {
		uint32_t at = place;

		while (at != override->place && at != places[at].parent)
			at = places[at].parent;
		if (at == override->place)
			return true;
	}
	return false;
}

static const struct json *key_of(const struct rego_plan *plan, uint32_t place)
{
	const struct rego_path *path = &plan->places[place].path;

	return path->keys[path->count - 1];
}

uint32_t rego_place_child(const struct rego_plan *plan, uint32_t place, const struct json *key)
{
	const uint32_t *children = plan->children + plan->places[place].first_child;
	size_t low = 0, high = plan->places[place].child_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = json_compare(key_of(plan, children[middle]), key);

		if (r == 0)
			return children[middle];
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return REGO_NOWHERE;
}

static void add_keys(struct json_array_builder *keys, const struct json *base)
{
	if (base && base->type == JSON_OBJECT)
		for (size_t i = 0; i < base->object.count; i++)
			json_array_add(keys, base->object.members[i].key);
}

const struct json *rego_place_keys(struct rego_machine *machine, uint32_t place)
{
	const struct rego_plan *plan = machine->plan;
	const struct json *set;
	struct json *array;
	struct json_array_builder keys;

	json_array_begin(&keys, machine->arena);
	for (uint32_t i = 0; i < plan->places[place].child_count; i++) {
		uint32_t child = plan->children[plan->places[place].first_child + i];

		if (plan->functions[child].kind != REGO_FUNCTION_CALLED)
			json_array_add(&keys, key_of(plan, child));
	}
	add_keys(&keys, rego_base_at(machine, &plan->places[place].path));
	set = json_set_end(&keys);
	array = set ? arena_alloc(machine->arena, sizeof(*array)) : NULL;
	if (!array)
		return NULL;
	*array = *set;
	array->type = JSON_ARRAY;
	return array;
}

/* Packages have joined the base documents of their own place already. */
static bool is_package(const struct rego_plan *plan, uint32_t place)
{
	return place != REGO_NOWHERE && plan->functions[place].kind == REGO_FUNCTION_PACKAGE;
}

/*
 * Seen as a whole, a place shows its base documents over its rules; only a reference to the rule itself finds
 * that.
 */
const struct json *rego_place_document(struct rego_machine *machine, uint32_t place, const struct json *made)
{
	const struct json *base = rego_base_at(machine, &machine->plan->places[place].path);
	struct json_object_builder all;

	if (!base || base->type != JSON_OBJECT || !base->object.count)
		return made;
	json_object_begin(&all, machine->arena);
	for (size_t i = 0; i < made->object.count; i++)
		json_object_add_value(&all, made->object.members[i].key, made->object.members[i].value);
	for (size_t i = 0; i < base->object.count; i++) {
		const struct json_member *member = &base->object.members[i];

		if (!is_package(machine->plan, rego_place_child(machine->plan, place, member->key)))
			json_object_add_value(&all, member->key, member->value);
	}
	return json_object_end_last(&all);
}
