/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expand.h - what presets come to on this host
 *
 * The hosts of a preset are its own entries, those of the presets that it includes, and those that its tools
 * name. Each is told with where it comes from.
 */
#pragma once

#include "config/load.h"
#include "preset/preset.h"
#include "preset/tool.h"

struct preset_expander {
	const struct config_places *places;
	/* absolute, links resolved; what lies in it is not believed */
	const char *workspace;
	char *const *envp;		/* the user's */
	bool asks;			/* tools; otherwise a preset is its entries alone */
	bool tells_all;			/* what a tool never tells, although it told of hosts */
	/* what tools said, so that each is asked once; the expander's own */
	struct tool_answer *answers;
	size_t answer_count;
};

/**
 * preset_expand() - a config_presets_fn; the context is a struct preset_expander
 * @context:   the expander; remembers answers, in @arena
 * @arena:     owns the result
 * @names:     @count well-formed names
 * @count:     any number
 * @ret:       one for each
 * @ret_wrong: which name an error is about
 * @err:       what is wrong
 *
 * Blocks: while tools are asked, TOOL_TIME_NS at most.
 * Errors: as preset_find_all(); -EMSGSIZE the arena's limit.
 * Return: 0 or negative errno.
 */
int preset_expand(void *context, struct arena *arena, const char *const *names, size_t count,
	struct config_preset *ret, size_t *ret_wrong, struct error *err);
