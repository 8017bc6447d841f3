// SPDX-License-Identifier: Apache-2.0
/*
 * bundle.c - the files of a bundle as a part of a layer
 *
 * Data is merged and held to the roots by itself before it joins that of others. A module is held to them by
 * the package it names; one that cannot be parsed is taken as it is, since no engine will be made of it, and
 * the compiler says more of it than this could. Nothing of a signed bundle is looked at before its signature.
 */
#include "policy/manifest.h"
#include "policy/sources_internal.h"

#include "base/path.h"
#include "base/quote.h"
#include "rego/ast.h"

#include <errno.h>

enum {
	PACKAGE_ARENA_BYTES = 256 << 20,	/* to look at one module */
};

struct bundle {
	struct policy_sources *sources;
	const char *path;
	struct policy_manifest manifest;
	struct policy_document *documents;
	size_t count, room;
};

/* ---- what each file is ---- */

static bool is_named(const char *name, const char *file)
{
	return !strcmp(path_name(name), file);
}

static bool is_data(const char *name)
{
	return is_named(name, "data.json") || is_named(name, "data.yaml") || is_named(name, "data.yml");
}

/* ---- data ---- */

/* The value of a file at the place of its directories: "a/b/data.json" is {"a": {"b": ...}}. */
static const struct json *wrap(struct arena *arena, const char *name, const struct json *value)
{
	struct str dir = path_parent(str_from(name));

	while (value && !str_eq(dir, STR("."))) {
		struct str outer = path_parent(dir);
		size_t skip = str_eq(outer, STR(".")) ? 0 : outer.len + 1;
		struct json_object_builder builder;

		json_object_begin(&builder, arena);
		json_object_add_str(&builder, (struct str){ dir.data + skip, dir.len - skip }, value);
		value = json_object_end(&builder);
		dir = outer;
	}
	return value;
}

static int take_data(struct bundle *bundle, const struct policy_entry *entry, struct error *err)
{
	struct arena *arena = bundle->sources->arena;
	struct policy_document *documents;
	const struct json *value;
	int r = policy_data_read(arena, entry->name, entry->content, &value, err);

	if (r < 0)
		return r;
	value = wrap(arena, entry->name, value);
	documents = arena_grow(arena, bundle->documents, bundle->count, &bundle->room,
		sizeof(*documents));
	if (!value || !documents)
		return policy_sources_say_full(err);
	if (value->type != JSON_OBJECT)
		return error_set(err, -EBADMSG, "'%s' is no object, and data has to be one",
			quote_cstr(entry->name).text);
	bundle->documents = documents;
	documents[bundle->count++] = (struct policy_document){ .name = entry->name, .value = value };
	return 0;
}

static int end_data(struct bundle *bundle, struct error *err)
{
	const struct json *data;
	int r = policy_data_merge(bundle->sources->arena, bundle->documents, bundle->count, &data, err);

	if (r >= 0)
		r = policy_manifest_check_data(&bundle->manifest, data, err);
	return r < 0 ? r : policy_sources_add_value(bundle->sources, bundle->path, data, err);
}

/* ---- modules ---- */

/* Whether a package, a reference that begins with data, lies below a root. */
static bool has_package(const char *root, const struct rego_term *package)
{
	struct str rest = str_from(root), part;

	for (size_t i = 1; rest.len; i++) {
		const struct json *key = i < package->list.count &&
			package->list.items[i]->type == REGO_TERM_VALUE ?
			package->list.items[i]->value : NULL;

		(void)str_cut(rest, '/', &part, &rest);
		if (!key || key->type != JSON_STRING || !str_eq(key->text, part))
			return false;
	}
	return true;
}

static int check_package(const struct bundle *bundle, const struct policy_entry *entry, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(PACKAGE_ARENA_BYTES);
	struct rego_source source = { .name = entry->name, .text = entry->content };
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	const struct rego_module *module = rego_parse_module(&source, REGO_PARSE_LOGIC, &arena, &diags);

	if (!module && diags.is_full)
		return error_set(err, -EMSGSIZE, "'%s' is too large to see which package it is of",
			quote_cstr(entry->name).text);
	for (size_t i = 0; i < bundle->manifest.root_count; i++)
		if (!module || has_package(bundle->manifest.roots[i], module->package))
			return 0;
	error_set(err, -EBADMSG, "its roots do not have the package of '%s'", quote_cstr(entry->name).text);
	error_hint(err, "Add the package to the roots in .manifest, or move the module to another bundle.");
	return -EBADMSG;
}

static int take_module(struct bundle *bundle, const struct policy_entry *entry, struct error *err)
{
	const char *name = arena_printf(bundle->sources->arena, "%s/%s", bundle->path, entry->name);
	int r = bundle->manifest.roots[0][0] ? check_package(bundle, entry, err) : 0;

	if (r < 0)
		return r;
	return name ? policy_sources_take_module(bundle->sources,
			&(struct policy_module){ name, entry->content, NULL }, err) :
		policy_sources_say_full(err);
}

/* ---- files ---- */

static bool is_left_out(const struct bundle *bundle, const char *name)
{
	if (is_data(name))
		return bundle->sources->options.flags & POLICY_SOURCE_NO_DATA;
	return str_ends_with(str_from(name), STR("_test.rego")) &&
		!(bundle->sources->options.flags & POLICY_SOURCE_WITH_TESTS);
}

static int take_entry(struct bundle *bundle, const struct policy_entry *entry, struct error *err)
{
	const char *name = entry->name;
	int r;

	if (is_named(name, "patch.json"))
		return error_set(err, -EBADMSG, "it is a delta bundle, which says only what to change");
	if (str_ends_with(str_from(name), STR(".manifest")) && strcmp(name, ".manifest") != 0)
		return error_set(err, -EBADMSG, "'%s' is a second manifest", quote_cstr(name).text);
	if (is_named(name, "policy.wasm") || is_named(name, "plan.json"))
		policy_sources_note(bundle->sources,
			"'%s' in '%s' is compiled for other engines, and was left out", quote_cstr(name).text,
			quote_cstr(bundle->path).text);
	if (is_left_out(bundle, name))
		return 0;
	if (!is_data(name) && !str_ends_with(str_from(name), STR(".rego")))
		return 0;
	r = policy_sources_count(bundle->sources, entry->content.len, err);
	if (r < 0)
		return r;
	return is_data(name) ? take_data(bundle, entry, err) : take_module(bundle, entry, err);
}

/* ---- among other bundles ---- */

static int take_root(struct bundle *bundle, const char *root, struct error *err)
{
	struct policy_sources *sources = bundle->sources;
	struct policy_source_root *roots;

	for (size_t i = 0; i < sources->root_count; i++) {
		if (!policy_roots_overlap(root, sources->roots[i].root))
			continue;
		error_set(err, -EEXIST, "its root '%s' overlaps with '%s' of '%s'", quote_cstr(root).text,
			quote_cstr(sources->roots[i].root).text, quote_cstr(sources->roots[i].bundle).text);
		error_hint(err, "Give each bundle roots of its own in its .manifest.");
		return -EEXIST;
	}
	roots = arena_grow(sources->arena, sources->roots, sources->root_count, &sources->root_room,
		sizeof(*roots));
	if (!roots)
		return policy_sources_say_full(err);
	sources->roots = roots;
	roots[sources->root_count++] = (struct policy_source_root){ root, bundle->path };
	return 0;
}

/* Roots of one manifest do not overlap, so only those that were there before are looked at. */
static int take_roots(struct bundle *bundle, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < bundle->manifest.root_count; i++)
		r = take_root(bundle, bundle->manifest.roots[i], err);
	return r;
}

static int take_revision(struct bundle *bundle, struct error *err)
{
	struct policy_sources *sources = bundle->sources;
	const char *revision = bundle->manifest.revision;

	if (!revision[0])
		return 0;
	sources->revision = sources->revision ?
		arena_printf(sources->arena, "%s, %s", sources->revision, revision) : revision;
	return sources->revision ? 0 : policy_sources_say_full(err);
}

int policy_sources_take_bundle(struct policy_sources *sources, const char *path,
	const struct policy_entries *entries, struct error *err)
{
	struct bundle bundle = { .sources = sources, .path = path };
	const struct policy_entry *manifest = policy_entries_find(entries, ".manifest");
	int r = policy_signature_check(sources->arena, entries, sources->options.verification, err);
	bool is_verified = r > 0;

	if (r < 0)
		return r;
	r = policy_manifest_read(sources->arena, manifest ? manifest->content : (struct str){ 0 },
		&bundle.manifest, err);
	if (r >= 0)
		r = take_roots(&bundle, err);
	for (size_t i = 0; r >= 0 && i < entries->count; i++)
		r = take_entry(&bundle, &entries->items[i], err);
	if (r >= 0)
		r = end_data(&bundle, err);
	if (r >= 0)
		r = take_revision(&bundle, err);
	if (r >= 0 && is_verified)
		sources->verified = bundle.manifest.revision;
	return r;
}
