// SPDX-License-Identifier: Apache-2.0
/*
 * project_presets.c - which presets of hosts suit a project, by the names in it
 *
 * Each preset says by itself what suggests it. Those that another suggested one includes are left out: one
 * name is enough.
 */
#include "cli/project.h"

#include "preset/preset.h"

static bool is_suggested(const struct preset *preset, const char *const *names, size_t count)
{
	for (size_t i = 0; i < preset->suggested_by.count; i++)
		for (size_t j = 0; j < count; j++)
			if (str_match_glob(str_from(preset->suggested_by.items[i]), str_from(names[j])))
				return true;
	return false;
}

static bool is_included(const struct preset *presets, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < presets[i].includes.count; j++)
			if (!strcmp(presets[i].includes.items[j], name))
				return true;
	return false;
}

void project_find_presets(struct cli *cli, const char *const *names, size_t count, struct project *ret)
{
	struct config_places places;
	struct preset *presets = NULL;
	const char *const *all = NULL;
	const char **items = NULL;
	size_t all_count = 0, found = 0;

	if (config_places_init(&cli->arena, &places, NULL) >= 0 &&
			preset_list(&cli->arena, &places, &all, &all_count, NULL) >= 0) {
		presets = arena_alloc_array(&cli->arena, all_count + 1, sizeof(*presets));
		items = arena_alloc_array(&cli->arena, all_count + 1, sizeof(*items));
	}
	if (!presets || !items) {
		cli_warn(cli, "no preset of hosts is suggested: they cannot be read");
		return;
	}
	/* One whose file is wrong suggests nothing: whoever names it hears why. */
	for (size_t i = 0; i < all_count; i++)
		if (preset_find(&cli->arena, &places, all[i], &presets[found], NULL) >= 0 &&
				is_suggested(&presets[found], names, count))
			found++;
	for (size_t i = 0; i < found; i++)
		if (!is_included(presets, found, presets[i].name))
			items[ret->preset_count++] = presets[i].name;
	ret->presets = items;
}
