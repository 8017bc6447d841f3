// SPDX-License-Identifier: Apache-2.0
/*
 * machine_tree.c - one document from rules that say where in it they stand
 *
 * `p[x].q := y`, `p.a contains z` and `p.b := 1` all grow the document p. Each solution leaves one entry, the
 * array [[key, key, ...], is it an element of a set?, value]. As the set that they become in the end they are
 * in order and each of them is there once, so that what shares its first keys stands together; from there
 * objects are made from the outside inwards. The same value twice is no matter; two values at one path, or a
 * value where others have an object, are an error.
 */
#include "rego/machine_internal.h"

bool rego_tree_add(struct rego_machine *machine, struct rego_slot *slot, const struct json *const *keys,
	size_t count, bool is_element)
{
	struct json_array_builder path, entry;

	json_array_begin(&path, machine->arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&path, keys[i]);
	json_array_begin(&entry, machine->arena);
	json_array_add(&entry, json_array_end(&path));
	json_array_add(&entry, json_new_bool(machine->arena, is_element));
	json_array_add(&entry, keys[count]);
	json_array_add(&slot->array, json_array_end(&entry));
	return !slot->array.failed;
}

/* Entries that agree in their first keys. */
struct range {
	const struct json *const *entries;
	size_t count;
};

static const struct json *keys_of(const struct json *entry)
{
	return entry->array.items[0];
}

static bool is_element(const struct json *entry)
{
	return entry->array.items[1]->boolean;
}

static const struct json *value_of(const struct json *entry)
{
	return entry->array.items[2];
}

/* NULL with machine->fault: a conflict; NULL without: full. */
static const struct json *conflict(struct rego_machine *machine)
{
	rego_stop(machine, REGO_FAULT_CONFLICT, "object keys must be unique");
	return NULL;
}

static const struct json *make_leaf(struct rego_machine *machine, struct range range, size_t depth)
{
	struct json_array_builder set;

	if (!is_element(range.entries[0]) && range.count == 1)
		return value_of(range.entries[0]);
	json_array_begin(&set, machine->arena);
	for (size_t i = 0; i < range.count; i++) {
		if (!is_element(range.entries[i]) || keys_of(range.entries[i])->array.count != depth)
			return conflict(machine);
		json_array_add(&set, value_of(range.entries[i]));
	}
	return json_set_end(&set);
}

static size_t same_key(struct range range, size_t depth)
{
	const struct json *key = keys_of(range.entries[0])->array.items[depth];
	size_t n = 1;

	while (n < range.count && json_equal(keys_of(range.entries[n])->array.items[depth], key))
		n++;
	return n;
}

/* Depth is that of an array's nesting and so bounded: whatever is deeper could not be built. */
static const struct json *make(struct rego_machine *machine, struct range range, size_t depth)
{
	struct json_object_builder object;

	if (range.count && keys_of(range.entries[0])->array.count == depth)
		return make_leaf(machine, range, depth);
	if (depth > JSON_DEPTH_MAX)
		return NULL;
	json_object_begin(&object, machine->arena);
	while (range.count) {
		size_t same = same_key(range, depth);
		const struct json *value = make(machine, (struct range){ range.entries, same }, depth + 1);

		if (!value)
			return NULL;
		json_object_add_value(&object, keys_of(range.entries[0])->array.items[depth], value);
		range.entries += same;
		range.count -= same;
	}
	return json_object_end(&object);
}

enum rego_step rego_tree_end(struct rego_machine *machine, struct rego_slot *slot, const struct json **ret)
{
	const struct json *entries;

	if (!slot->array.failed && !rego_may_sort(machine, slot->array.items, slot->array.count, 1))
		return rego_stop_full(machine);
	entries = json_set_end(&slot->array);
	if (!entries)
		return rego_stop_full(machine);
	*ret = make(machine, (struct range){ entries->array.items, entries->array.count }, 0);
	if (*ret)
		return REGO_STEP_ON;
	return machine->fault.code ? REGO_STEP_STOP : rego_stop_full(machine);
}
