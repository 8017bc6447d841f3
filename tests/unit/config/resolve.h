/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.h - a configuration from texts, for tests
 *
 * The workspace is /w/project and the home directory /home/ann. Profiles come from
 * tests/tables/config/profiles, so that what the real ones say is free to change.
 */
#pragma once

#include "lib/test.h"

#include "config/config.h"
#include "kern/file.h"
#include "test_source_dir.h"

#include <errno.h>
#include <fcntl.h>

#define TABLES TEST_SOURCE_DIR "/tables/config/"

enum {
	FLAGS_MAX = 8,
};

struct scenario {
	const char *user, *project, *policy; /* NULL: there is no such file */
	const struct config_agent *agent; /* NULL: none is run */
	config_presets_fn *presets; /* NULL: they come to nothing */
	bool is_trusted;
	const char *flags[FLAGS_MAX][2]; /* key and value, up to a NULL */
};

static struct arena test_arena = ARENA_INIT(CONFIG_ARENA_BYTES);
static struct config_problems test_problems;
static struct error test_err;

static int find_test_profile(UNUSED void *context, struct arena *arena, const char *name,
	struct config_document *ret, struct error *err)
{
	struct buf text = BUF_INIT(CONFIG_FILE_MAX);
	int r = kern_read_file(AT_FDCWD, arena_printf(&test_arena, TABLES "profiles/%s.jsonc", name), &text);

	if (r >= 0) {
		ret->file = arena_printf(arena, "%s.jsonc", name);
		ret->text = (struct str){ arena_copy(arena, buf_text(&text), text.len), text.len };
		r = ret->file && ret->text.data ? 0 : -EMSGSIZE;
	} else {
		error_set(err, -ENOENT, "there is no profile '%s'", name);
		error_hint(err, "Known are: standard.");
	}
	buf_fini(&text);
	return r;
}

static struct config_document document(const char *file, const char *text)
{
	return text ? (struct config_document){ file, str_from(text) } : (struct config_document){ 0 };
}

/* A key by its name ("limits.memory"). */
static enum config_key find_key(const char *name)
{
	for (int i = 0; i < CONFIG_KEY_COUNT; i++)
		if (!strcmp(config_key_name((enum config_key)i), name))
			return (enum config_key)i;
	test_fail(__FILE__, __LINE__, "there is no key '%s'", name);
	return CONFIG_KEY_COUNT;
}

static int resolve_in(struct arena *arena, const struct scenario *scenario, const struct config **ret)
{
	static const char *const own_dirs[] = { "/home/ann/.local/state/cordon", "/home/ann/.config/cordon" };
	struct config_flag flags[FLAGS_MAX];
	struct config_inputs inputs = {
		.workspace = "/w/project",
		.home = "/home/ann",
		.own_dirs = own_dirs,
		.own_dir_count = ARRAY_SIZE(own_dirs),
		.user = document("user.jsonc", scenario->user),
		.project = document("cordon.jsonc", scenario->project),
		.policy = document("policy.jsonc", scenario->policy),
		.project_trusted = scenario->is_trusted,
		.agent = scenario->agent,
		.find_profile = find_test_profile,
		.find_presets = scenario->presets,
		.flags = flags,
	};

	for (; inputs.flag_count < FLAGS_MAX && scenario->flags[inputs.flag_count][0]; inputs.flag_count++) {
		flags[inputs.flag_count] = (struct config_flag){
			.option = "--option",
			.key = find_key(scenario->flags[inputs.flag_count][0]),
			.value = scenario->flags[inputs.flag_count][1],
		};
	}
	test_err = (struct error)ERROR_INIT;
	return config_resolve(arena, &inputs, &test_problems, ret, &test_err);
}

UNUSED static int resolve(const struct scenario *scenario, const struct config **ret)
{
	return resolve_in(&test_arena, scenario, ret);
}

/* A problem as a person sees it: FILE:LINE:COLUMN: TEXT [HINT] */
UNUSED static const char *problem_text(const struct config_problem *problem)
{
	return arena_printf(&test_arena, "%s: %s%s%s%s", config_origin_text(&test_arena, &problem->origin),
		problem->text, problem->hint ? " [" : "", problem->hint ? problem->hint : "",
		problem->hint ? "]" : "");
}

/* All problems, one a line. */
UNUSED static const char *problems_text(void)
{
	const char *text = "";

	for (size_t i = 0; i < test_problems.count; i++)
		text = arena_printf(&test_arena, "%s%s%s", text, i ? "\n" : "",
			problem_text(&test_problems.items[i]));
	return text;
}

/* The value of a key as canonical JSON. */
UNUSED static const char *value_text(const struct config *config, const char *name)
{
	enum config_key key = find_key(name);
	struct buf text = BUF_INIT(1 << 20);
	const char *copy;

	json_write(&text, config_value_to_json(&test_arena, key, &config->values[key]),
		   JSON_WRITE_CANONICAL);
	copy = arena_copy(&test_arena, buf_text(&text), text.len);
	buf_fini(&text);
	return copy;
}

/* Where a scalar, or the list itself, came from. */
UNUSED static const char *origin_text(const struct config *config, enum config_key key)
{
	return config_origin_text(&test_arena, &config->values[key].origin);
}

#define CHECK_OK(scenario, config) \
	do { \
		int ok_ = resolve((scenario), (config)); \
		if (ok_ < 0) \
			test_fail(__FILE__, __LINE__, "%d: %s\n%s", ok_, test_err.text, problems_text()); \
	} while (0)
