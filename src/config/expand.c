// SPDX-License-Identifier: Apache-2.0
/*
 * expand.c - presets become the hosts that they stand for
 *
 * A host keeps whose word the preset was: what a trusted project asked for does not become the user's own.
 */
#include "config/config_internal.h"

/* What the preset that @chosen names came to; @builder gets it. */
static void add_preset(struct config_resolver *resolver, const struct config_item *chosen,
	const struct config_preset *preset, struct config_list_builder *builder)
{
	for (size_t i = 0; i < preset->host_count; i++) {
		const struct config_preset_host *host = &preset->hosts[i];
		struct config_item item = { .origin = { chosen->origin.source, .file = host->where } };
		size_t at;
		const char *why = config_host_read(resolver->arena, str_from(host->text),
			CONFIG_NARROW_FIXED, &item, &at);

		if (why)
			config_problem_add(resolver, &item.origin, "'%s': %s", host->text, why);
		else
			config_list_add(builder, &item, false);
	}
	for (size_t i = 0; i < preset->note_count; i++)
		config_notice_add(resolver, CONFIG_NOTICE_CLOSED, &chosen->origin, "preset '%s': %s",
			chosen->text, preset->notes[i]);
}

static bool find(struct config_resolver *resolver, const struct config_list *chosen,
	struct config_preset *presets)
{
	const struct config_inputs *inputs = resolver->inputs;
	const char **names = config_alloc(resolver, chosen->count, sizeof(*names));
	struct error err = ERROR_INIT;
	size_t wrong = 0;

	if (!names)
		return false;
	for (size_t i = 0; i < chosen->count; i++)
		names[i] = chosen->items[i].text;
	if (inputs->find_presets(inputs->find_presets_context, resolver->arena, names, chosen->count, presets,
			&wrong, &err) >= 0)
		return true;
	config_problem_add(resolver, &chosen->items[wrong].origin, "network.presets: %s", err.text);
	if (err.hint[0])
		config_problem_hint(resolver, "%s", err.hint);
	return false;
}

void config_presets_expand(struct config_resolver *resolver, const struct config_value *presets,
	struct config_value *allow)
{
	struct config_list_builder builder = { .resolver = resolver };
	struct config_preset *found;

	if (!presets->list.count || !resolver->inputs->find_presets)
		return;
	found = config_alloc(resolver, presets->list.count, sizeof(*found));
	if (!found || !find(resolver, &presets->list, found))
		return;
	for (size_t i = 0; i < allow->list.count; i++)
		config_list_add(&builder, &allow->list.items[i], false);
	for (size_t i = 0; i < presets->list.count; i++)
		add_preset(resolver, &presets->list.items[i], &found[i], &builder);
	if (builder.count > CONFIG_LIST_MAX)
		config_problem_add(resolver, &presets->list.items[0].origin,
			"network.presets: they come to more than %d hosts", (int)CONFIG_LIST_MAX);
	allow->list = config_list_end(&builder);
}
