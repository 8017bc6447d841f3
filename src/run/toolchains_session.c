// SPDX-License-Identifier: Apache-2.0
/*
 * toolchains_session.c - what filesystem.toolchains comes to in a session
 *
 * One answer for all who ask: the plan, the ledger, and `cordon config show`.
 */
#include "run/toolchains.h"

#include "base/quote.h"
#include "run/workspace.h"
#include "session/dirs.h"

#include <errno.h>

static const char *const *list_roots(struct arena *arena, const struct config *config, const char *workspace)
{
	const struct config_list *writes = &config->settings.filesystem.write;
	const char **roots = arena_alloc_array(arena, writes->count + 1, sizeof(*roots));

	if (!roots)
		return NULL;
	roots[0] = workspace;
	for (size_t i = 0; i < writes->count; i++)
		if (run_real_path(arena, writes->items[i].text, &roots[i + 1]) < 0)
			roots[i + 1] = writes->items[i].text;
	return roots;
}

int run_toolchains_of_session(struct arena *arena, const struct config *config, const char *workspace,
	const char *const *environment, struct run_toolchains *ret, struct error *err)
{
	const char *home, *own_dirs[] = {
		dirs_find(arena, DIRS_STATE, err), dirs_find(arena, DIRS_CONFIG, err),
		dirs_find(arena, DIRS_DATA, err),
	};
	struct run_toolchains_inputs inputs = {
		.environment = environment, .own_dirs = own_dirs, .own_dir_count = ARRAY_SIZE(own_dirs),
		.root_count = config->settings.filesystem.write.count + 1,
	};

	int r;

	*ret = (struct run_toolchains){ 0 };
	if (!config->settings.filesystem.toolchains)
		return 0;
	home = dirs_home(arena, err);
	if (!home || !own_dirs[0] || !own_dirs[1] || !own_dirs[2])
		return -ENOENT;
	r = run_real_path(arena, home, &inputs.home);
	if (r < 0)
		return error_sys(err, r, "your home directory '%s'", quote_cstr(home).text);
	inputs.roots = list_roots(arena, config, workspace);
	return inputs.roots ? run_toolchains_find(arena, &inputs, ret, err) : -ENOMEM;
}

static void add_paths(struct json_array_builder *array, const struct run_toolchain_paths *paths,
	const char *use)
{
	for (size_t i = 0; i < paths->count; i++) {
		struct json_object_builder object;

		json_object_begin(&object, array->arena);
		json_object_add(&object, "path",
			json_new_bytes(array->arena, str_from(paths->items[i].path)));
		json_object_add_text(&object, "use", use);
		json_object_add_text(&object, "why", paths->items[i].why);
		json_array_add(array, json_object_end(&object));
	}
}

const struct json *run_toolchains_to_json(struct arena *arena, const struct run_toolchains *toolchains)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	add_paths(&array, &toolchains->offers, "offered");
	add_paths(&array, &toolchains->hides, "hidden");
	add_paths(&array, &toolchains->left_out, "left-out");
	return json_array_end(&array);
}
