// SPDX-License-Identifier: Apache-2.0
/*
 * policies.c - the policies of a session: read from where its configuration says, and kept in its directory
 */
#include "run/policies.h"

#include "base/fd.h"
#include "base/quote.h"
#include "kern/file.h"
#include "policy/sources.h"

#include <errno.h>
#include <fcntl.h>

/* Of one layer. */
static const struct {
	enum config_source source;	/* config_item_layer() of what belongs to it */
	enum policy_writer writer;
} layers[] = {
	[POLICY_LAYER_PROJECT] = { CONFIG_SOURCE_PROJECT, POLICY_WRITER_ANYBODY },
	[POLICY_LAYER_ORGANISATION] = { CONFIG_SOURCE_POLICY, POLICY_WRITER_ROOT },
	[POLICY_LAYER_USER] = { CONFIG_SOURCE_USER, POLICY_WRITER_USER },
};

/* A layer being read. */
struct reading {
	const struct run_policies_options *options;
	enum policy_layer_kind kind;
	struct policy_sources sources;
	int workspace_dirfd;
	struct error *err;
};

/* ---- parameters ---- */

static bool is_organisations(enum config_source source)
{
	return source == CONFIG_SOURCE_POLICY;
}

/* {"cordon": {"params": ...}} */
static int add_params(struct reading *reading)
{
	struct arena *arena = reading->sources.arena;
	struct json_object_builder cordon, data;

	json_object_begin(&cordon, arena);
	json_object_add(&cordon, "params",
		config_tree_to_json(arena, &reading->options->config->settings.policy.params,
			reading->kind == POLICY_LAYER_ORGANISATION ? is_organisations : NULL));
	json_object_begin(&data, arena);
	json_object_add(&data, "cordon", json_object_end(&cordon));
	return policy_sources_add_value(&reading->sources, "policy.params", json_object_end(&data),
		reading->err);
}

/* ---- modules and files ---- */

static bool is_of_layer(const struct reading *reading, const struct config_item *item)
{
	return config_item_layer(item) == layers[reading->kind].source;
}

static int add_modules(struct reading *reading)
{
	const struct config_list *modules = &reading->options->config->settings.policy.modules;
	const char **names = arena_alloc_array(reading->sources.arena, modules->count + 1, sizeof(*names));
	size_t count = 0;

	if (!names)
		return error_set(reading->err, -EMSGSIZE, "the policies are too large");
	for (size_t i = 0; i < modules->count; i++)
		if (is_of_layer(reading, &modules->items[i]))
			names[count++] = modules->items[i].text;
	return policy_sources_add_shipped(&reading->sources, names, count, reading->err);
}

/* Below the workspace, as the configuration has made sure. */
static int add_projects(struct reading *reading, const char *path)
{
	const char *workspace = reading->options->workspace, *below = path + strlen(workspace);

	while (*below == '/')
		below++;
	if (reading->workspace_dirfd < 0)
		reading->workspace_dirfd = kern_open(AT_FDCWD, workspace, O_PATH | O_DIRECTORY, 0);
	if (reading->workspace_dirfd < 0)
		return error_sys(reading->err, reading->workspace_dirfd, "opening the workspace '%s'",
			quote_cstr(workspace).text);
	return policy_sources_add_beneath(&reading->sources, reading->workspace_dirfd, *below ? below : ".",
		reading->err);
}

static int add_files(struct reading *reading)
{
	const struct config_list *files = &reading->options->config->settings.policy.files;
	int r = 0;

	for (size_t i = 0; i < files->count && r >= 0; i++) {
		const struct config_item *item = &files->items[i];

		if (!is_of_layer(reading, item))
			continue;
		r = reading->kind == POLICY_LAYER_PROJECT ? add_projects(reading, item->text) :
			policy_sources_add(&reading->sources, item->text, reading->err);
	}
	return r;
}

/* ---- layers ---- */

/* The first item that is of the layer; NULL: none is. */
static const struct config_item *find_item(const struct config_list *list, enum policy_layer_kind kind)
{
	for (size_t i = 0; i < list->count; i++)
		if (config_item_layer(&list->items[i]) == layers[kind].source)
			return &list->items[i];
	return NULL;
}

/* What cannot be verified is no policy; what came with cordon is believed as cordon itself is. */
static int check_signed(const struct run_policies_options *options, enum policy_layer_kind kind,
	struct error *err)
{
	const struct config_item *file = find_item(&options->config->settings.policy.files, kind);

	if (!options->config->settings.policy.is_signed || !file)
		return 0;
	error_set(err, -EOPNOTSUPP,
		"policy.signed asks for a signature, and this version verifies none: '%s'",
		quote_cstr(file->text).text);
	error_hint(err, "Use the policies that come with cordon (policy.modules), which need none.");
	return -EOPNOTSUPP;
}

static int read_layer(struct arena *arena, const struct run_policies_options *options,
	enum policy_layer_kind kind, struct policy_layer *ret, struct error *err)
{
	const struct policy_source_options how = { .writer = layers[kind].writer,
		.shipped_dir = options->shipped_dir, .note = options->note, .context = options->context };
	struct reading reading = { .options = options, .kind = kind, .workspace_dirfd = -1, .err = err };
	int r;

	/* Without modules there is nothing that helpers or parameters would help. */
	if (!find_item(&options->config->settings.policy.modules, kind) &&
			!find_item(&options->config->settings.policy.files, kind))
		return 0;
	r = check_signed(options, kind, err);
	if (r < 0)
		return r;
	policy_sources_begin(&reading.sources, arena, &how);
	r = add_modules(&reading);
	if (r >= 0)
		r = add_files(&reading);
	if (r >= 0)
		r = add_params(&reading);
	if (r >= 0)
		r = policy_sources_end(&reading.sources, ret, err);
	fd_close(reading.workspace_dirfd);
	return r < 0 ? error_wrap(err, r, "the policies of the %s", policy_layer_name(kind)) : 0;
}

int run_policies_read(struct arena *arena, const struct run_policies_options *options, struct policy_set *ret,
	struct error *err)
{
	int r = 0;

	*ret = (struct policy_set){ 0 };
	for (int kind = 0; kind < POLICY_LAYERS && r >= 0; kind++)
		r = read_layer(arena, options, (enum policy_layer_kind)kind, &ret->layers[kind], err);
	if (r < 0)
		return r;
	r = policy_set_seal(ret);
	return r < 0 ? error_sys(err, r, "taking the policies together") : 0;
}

/* ---- policy.json ---- */

int run_policies_keep(struct arena *arena, const struct session *session, const struct policy_set *set,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(RUN_POLICIES_ARENA_BYTES);
	const struct json *value = policy_set_to_json(arena, set);
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -EMSGSIZE;

	if (r >= 0)
		r = kern_write_file(session->dirfd, "policy.json", (struct str){ text.data, text.len }, 0600,
			false);
	return r < 0 ? error_sys(err, r, "session '%s': writing policy.json", session->id) : 0;
}

int run_policies_load(struct arena *arena, const struct session *session, struct policy_set *ret,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(RUN_POLICIES_ARENA_BYTES);
	const struct json *value;
	int r = kern_read_file(session->dirfd, "policy.json", &text);

	if (r < 0)
		return error_sys(err, r, "session '%s': reading policy.json", session->id);
	r = json_read(arena, (struct str){ text.data, text.len }, JSON_READ_STRICT, &value, err);
	if (r >= 0)
		r = policy_set_read(arena, value, ret, err);
	return r < 0 ? error_wrap(err, r, "session '%s': policy.json", session->id) : 0;
}
