// SPDX-License-Identifier: Apache-2.0
/*
 * sources.c - what was read so far, and the layer that it becomes
 *
 * Whatever reads (sources_files.c, sources_shipped.c, bundle.c) hands texts over here, where they are counted
 * and kept.
 */
#include "policy/sources_internal.h"

#include "base/quote.h"

#include <errno.h>
#include <stdlib.h>

int policy_sources_say_full(struct error *err)
{
	error_set(err, -EMSGSIZE, "policies and data are larger than the memory that they may have");
	return -EMSGSIZE;
}

void policy_sources_note(const struct policy_sources *sources, const char *fmt, ...)
{
	va_list args;
	char *text;

	if (!sources->options.note)
		return;
	va_start(args, fmt);
	text = arena_vprintf(sources->arena, fmt, args);
	va_end(args);
	if (text)
		sources->options.note(sources->options.context, text);
}

void policy_sources_begin(struct policy_sources *sources, struct arena *arena,
	const struct policy_source_options *options)
{
	*sources = (struct policy_sources){ .arena = arena };
	if (options)
		sources->options = *options;
	if (!sources->options.files_max)
		sources->options.files_max = POLICY_MODULES_MAX;
	if (!sources->options.bytes_max)
		sources->options.bytes_max = POLICY_SET_BYTES_MAX;
}

int policy_sources_count(struct policy_sources *sources, size_t len, struct error *err)
{
	if (sources->count + sources->document_count >= sources->options.files_max)
		return error_set(err, -EMSGSIZE, "there are more than %zu files of policy and data",
			sources->options.files_max);
	if (len > sources->options.bytes_max - sources->bytes)
		return error_set(err, -EMSGSIZE, "policies and data have more than %zu bytes together",
			sources->options.bytes_max);
	sources->bytes += len;
	return 0;
}

int policy_sources_take_module(struct policy_sources *sources, const struct policy_module *module,
	struct error *err)
{
	struct policy_module *modules = arena_grow(sources->arena, sources->modules,
		sources->count, &sources->room, sizeof(*modules));

	if (!modules)
		return policy_sources_say_full(err);
	sources->modules = modules;
	modules[sources->count++] = *module;
	return 0;
}

int policy_sources_add_value(struct policy_sources *sources, const char *name, const struct json *value,
	struct error *err)
{
	struct policy_document *documents = arena_grow(sources->arena, sources->documents,
		sources->document_count, &sources->document_room, sizeof(*documents));

	if (!documents)
		return policy_sources_say_full(err);
	sources->documents = documents;
	documents[sources->document_count++] = (struct policy_document){ .name = name, .value = value };
	return 0;
}

/* "kubernetes/pod" of DIR/kubernetes/pod.json. */
static const char *name_schema(struct arena *arena, const struct policy_place *place)
{
	const char *name = place->key ? arena_printf(arena, "%.*s",
		(int)(strrchr(place->key, '.') - place->key), place->key) : "";

	for (const struct policy_place *dir = place->outer; name && dir && dir->key; dir = dir->outer)
		name = arena_printf(arena, "%s/%s", dir->key, name);
	return name;
}

static int take_schema(struct policy_sources *sources, const struct policy_place *place,
	const struct json *value, struct error *err)
{
	const char *name = name_schema(sources->arena, place);

	return name ? policy_sources_add_value(sources, name, value, err) : policy_sources_say_full(err);
}

int policy_sources_take_data(struct policy_sources *sources, const struct policy_place *place,
	struct str text, struct error *err)
{
	const struct json *value;
	int r = policy_data_read(sources->arena, place->path, text, &value, err);

	if (r == -EBADMSG)
		policy_data_hint(place->path, err);
	if (r < 0)
		return r;
	if (sources->options.flags & POLICY_SOURCE_SCHEMAS)
		return take_schema(sources, place, value, err);
	for (const struct policy_place *dir = place->outer; dir; dir = dir->outer) {
		struct json_object_builder builder;

		if (!dir->key)
			continue;
		json_object_begin(&builder, sources->arena);
		json_object_add(&builder, dir->key, value);
		value = json_object_end(&builder);
	}
	if (!value)
		return policy_sources_say_full(err);
	if (value->type != JSON_OBJECT) {
		error_set(err, -EBADMSG, "'%s' is no object, and data has to be one",
			quote_cstr(place->path).text);
		error_hint(err, "Give it a name, as a member of an object or, with a command, NAME:FILE.");
		return -EBADMSG;
	}
	return policy_sources_add_value(sources, place->path, value, err);
}

/* ---- the layer ---- */

static int compare_modules(const void *left, const void *right)
{
	const struct policy_module *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static bool is_same(const struct policy_module *a, const struct policy_module *b)
{
	return a->digest || b->digest ? a->digest == b->digest : str_eq(a->text, b->text);
}

/* In order of their names; what was named twice is there once. */
static int sort_modules(struct policy_sources *sources, struct error *err)
{
	struct policy_module *modules = sources->modules;
	size_t kept = 0;

	if (sources->count)
		qsort(modules, sources->count, sizeof(*modules), compare_modules);
	for (size_t i = 0; i < sources->count; i++) {
		if (!kept || strcmp(modules[kept - 1].name, modules[i].name) != 0) {
			modules[kept++] = modules[i];
			continue;
		}
		if (is_same(&modules[kept - 1], &modules[i]))
			continue;
		return error_set(err, -EEXIST, "there are two policies of the name '%s'",
			quote_cstr(modules[i].name).text);
	}
	sources->count = kept;
	return 0;
}

int policy_sources_end(struct policy_sources *sources, struct policy_layer *ret, struct error *err)
{
	struct policy_layer layer = { 0 };
	int r = sources->options.flags & POLICY_SOURCE_IN_ORDER ? 0 : sort_modules(sources, err);

	if (r >= 0)
		r = policy_data_merge(sources->arena, sources->documents, sources->document_count,
			&layer.data, err);
	if (r < 0)
		return r;
	layer.modules = sources->modules;
	layer.count = sources->count;
	layer.revision = sources->revision;
	*ret = layer;
	return 0;
}
