// SPDX-License-Identifier: Apache-2.0
/*
 * policies.c - the policies of a session, read from where its configuration says
 */
#include "run/policies.h"

#include "base/fd.h"
#include "base/quote.h"
#include "kern/file.h"
#include "policy/keys.h"

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
	struct policy_bundles *bundles;	/* room for all files */
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

/*
 * Who names policies relies on them: a directory that has none is one whose name is wrong, or that was
 * cleared.
 */
static int add_file(struct reading *reading, const char *path)
{
	const struct policy_sources *sources = &reading->sources;
	size_t before = sources->count + sources->document_count;
	int r = reading->kind == POLICY_LAYER_PROJECT ? add_projects(reading, path) :
		policy_sources_add(&reading->sources, path, reading->err);

	if (r < 0 || sources->count + sources->document_count > before)
		return r;
	error_set(reading->err, -ENOENT, "policy.files: '%s' has no policy and no data",
		quote_cstr(path).text);
	error_hint(reading->err,
		"Put a file of policy (.rego, but not _test.rego) or data into it, or name it no more.");
	return -ENOENT;
}

static int add_files(struct reading *reading)
{
	const struct config_list *files = &reading->options->config->settings.policy.files;
	int r = 0;

	for (size_t i = 0; i < files->count && r >= 0; i++) {
		const struct config_item *item = &files->items[i];

		if (!is_of_layer(reading, item))
			continue;
		reading->sources.verified = NULL;
		r = add_file(reading, item->text);
		if (r >= 0 && reading->sources.verified)
			reading->bundles->items[reading->bundles->count++] = (struct policy_bundle){
				item->text, reading->sources.verified,
			};
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

/* Where the organisation names keys, only its own count. */
static int read_keys(struct arena *arena, const struct run_policies_options *options,
	struct policy_verification *ret, struct error *err)
{
	const struct config_list *list = &options->config->settings.policy.keys;
	bool organisation = find_item(list, POLICY_LAYER_ORGANISATION);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < list->count; i++) {
		bool is_own = config_item_layer(&list->items[i]) == CONFIG_SOURCE_POLICY;
		const struct policy_key_file file = { .path = list->items[i].text,
			.writer = is_own ? POLICY_WRITER_ROOT : POLICY_WRITER_USER };

		if (!organisation || is_own)
			r = policy_keys_read(arena, &file, ret, err);
	}
	ret->is_required = options->config->settings.policy.is_signed;
	return r < 0 ? error_wrap(err, r, "policy.keys") : 0;
}

static int read_layer(struct arena *arena, const struct run_policies_options *options,
	enum policy_layer_kind kind, struct policy_layer *ret, struct policy_bundles *bundles,
	struct error *err)
{
	struct policy_verification verification = { 0 };
	const struct policy_source_options how = { .writer = layers[kind].writer,
		.verification = &verification,
		.note = options->note, .context = options->context };
	struct reading reading = { .options = options, .kind = kind, .bundles = bundles,
		.workspace_dirfd = -1, .err = err };
	int r;

	/* Without modules there is nothing that helpers or parameters would help. */
	if (!find_item(&options->config->settings.policy.modules, kind) &&
			!find_item(&options->config->settings.policy.files, kind))
		return 0;
	r = read_keys(arena, options, &verification, err);
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
	struct policy_bundles *ret_bundles, struct error *err)
{
	size_t count = options->config->settings.policy.files.count;
	int r = 0;

	*ret = (struct policy_set){ 0 };
	*ret_bundles = (struct policy_bundles){
		.items = arena_alloc_array(arena, count, sizeof(*ret_bundles->items)),
	};
	if (!ret_bundles->items)
		return error_set(err, -EMSGSIZE, "policy.files names too many files");
	if (options->config->settings.policy.engine == CONFIG_ENGINE_OPA)
		ret->opa = options->config->settings.policy.url;
	for (int kind = 0; kind < POLICY_LAYERS && r >= 0; kind++)
		r = read_layer(arena, options, (enum policy_layer_kind)kind, &ret->layers[kind], ret_bundles,
			err);
	if (r < 0)
		return r;
	r = policy_set_seal(ret);
	return r < 0 ? error_sys(err, r, "taking the policies together") : 0;
}
