// SPDX-License-Identifier: Apache-2.0
/*
 * merge.c - layers on top of each other
 *
 * A scalar replaces what came before; a list, a map or a tree adds to it, and an empty one empties it.
 */
#include "config/config_internal.h"

#include <errno.h>

static void merge_list(struct config_resolver *resolver, const struct config_key_row *row,
	struct config_value *value, const struct config_value *layer)
{
	struct config_list_builder builder = { .resolver = resolver, .sameness = config_list_sameness(row) };
	bool is_map = row->type == CONFIG_TYPE_MAP;

	if (!layer->list.count) {
		*value = *layer;
		return;
	}
	if (row->type == CONFIG_TYPE_TREE) {
		value->list = config_tree_merge(resolver, &value->list, &layer->list);
		return;
	}
	for (size_t i = 0; i < value->list.count; i++)
		config_list_add(&builder, &value->list.items[i], is_map);
	for (size_t i = 0; i < layer->list.count; i++)
		config_list_add(&builder, &layer->list.items[i], is_map);
	value->list = config_list_end(&builder);
}

void config_layer_merge(struct config_resolver *resolver, struct config_layer *layer,
	const struct config_layer *upper)
{
	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
		const struct config_key_row *row = &config_keys[i];

		if (!upper->is_set[i])
			continue;
		if (config_type_is_list(row->type) && layer->is_set[i])
			merge_list(resolver, row, &layer->values[i], &upper->values[i]);
		else
			layer->values[i] = upper->values[i];
		layer->is_set[i] = true;
	}
}

/* One profile of a chain. */
struct link {
	const char *name;
	struct config_layer layer;
	struct config_head head;
};

static bool read_link(struct config_resolver *resolver, struct link *link, const struct config_origin *origin)
{
	const struct config_inputs *inputs = resolver->inputs;
	struct config_document document = { 0 };
	struct error err = ERROR_INIT;
	int r;

	r = inputs->find_profile ? inputs->find_profile(inputs->find_profile_context, resolver->arena,
		link->name, &document, &err) :
		-ENOENT;
	if (r < 0) {
		config_problem_add(resolver, origin, "%s", err.code ? err.text : "there is no such profile");
		if (err.hint[0])
			config_problem_hint(resolver, "%s", err.hint);
		return false;
	}
	config_document_read(resolver, CONFIG_SOURCE_PROFILE, &document, &link->layer, &link->head);
	return true;
}

static bool is_in_chain(const struct link *chain, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(chain[i].name, name))
			return true;
	return false;
}

/* Reads the profile and what it extends, the chosen one first; returns how many there are. */
static size_t read_chain(struct config_resolver *resolver, const char *name,
	const struct config_origin *origin, struct link *chain)
{
	size_t count = 0;

	while (name) {
		if (is_in_chain(chain, count, name)) {
			config_problem_add(resolver, origin, "profile '%s' extends itself, through '%s'",
				name, chain[count - 1].name);
			break;
		}
		if (count == CONFIG_EXTENDS_MAX) {
			config_problem_add(resolver, origin, "more than %d profiles extend each other",
				(int)CONFIG_EXTENDS_MAX);
			break;
		}
		chain[count] = (struct link){ .name = name };
		if (!read_link(resolver, &chain[count], origin))
			break;
		name = chain[count].head.extends;
		origin = &chain[count].head.extends_origin;
		count++;
	}
	return count;
}

void config_profile_merge(struct config_resolver *resolver, const char *name,
	const struct config_origin *origin, struct config_layer *layer)
{
	struct link *chain = config_alloc(resolver, CONFIG_EXTENDS_MAX, sizeof(*chain));
	size_t count = chain ? read_chain(resolver, name, origin, chain) : 0;

	while (count--)
		config_layer_merge(resolver, layer, &chain[count].layer);
}
