// SPDX-License-Identifier: Apache-2.0
/*
 * set.c - a set's digest, and a set as a document
 *
 * The digest is over the canonical text of the document without it and with the digests of modules where
 * their texts were, so whoever has the document can check it with any SHA-256. Reading works all of them out
 * again: a policy.json that was edited is refused, and so is one that another cordon would write differently.
 */
#include "policy/set.h"

#include "base/utf8.h"
#include "policy/reader_internal.h"

#include <errno.h>

enum {
	SET_VERSION = 1,
	NAME_BYTES_MAX = 8192,
	REVISION_BYTES_MAX = 4096,
	/* the data of a set as values, and little for each of its modules */
	SEAL_ARENA_BYTES = 1 << 30,
};

static const char *const layer_names[] = {
	[POLICY_LAYER_PROJECT] = "project", [POLICY_LAYER_ORGANISATION] = "organisation",
	[POLICY_LAYER_USER] = "user",
};

bool policy_layer_is_shipped(const struct policy_layer *layer)
{
	for (size_t i = 0; i < layer->count; i++)
		if (!layer->modules[i].digest)
			return false;
	return true;
}

bool policy_set_is_shipped(const struct policy_set *set)
{
	for (int kind = 0; kind < POLICY_LAYERS; kind++)
		if (!policy_layer_is_shipped(&set->layers[kind]))
			return false;
	return true;
}

const char *policy_layer_name(enum policy_layer_kind kind)
{
	assert(kind < POLICY_LAYERS);
	return layer_names[kind];
}

/* ---- writing ---- */

/* What the digest is over, and what is written: they differ in what stands for a module. */
enum form {
	FORM_SEALED,
	FORM_WRITTEN,
};

static const struct json *module_to_json(struct arena *arena, const struct policy_module *module,
	enum form form)
{
	struct json_object_builder object;
	struct digest digest;

	json_object_begin(&object, arena);
	json_object_add_text(&object, "name", module->name);
	if (form == FORM_WRITTEN) {
		assert(module->text.data || !module->text.len);
		json_object_add(&object, "text", json_new_string(arena, module->text));
		return json_object_end(&object);
	}
	digest = module->digest ? *module->digest : hash_bytes(module->text.data, module->text.len);
	json_object_add(&object, "digest", policy_digest_to_json(arena, &digest));
	return json_object_end(&object);
}

static const struct json *layer_to_json(struct arena *arena, const struct policy_layer *layer, enum form form)
{
	static const struct json none = { .type = JSON_OBJECT, .height = 1 };
	struct json_object_builder object;
	struct json_array_builder modules;

	json_array_begin(&modules, arena);
	json_array_reserve(&modules, layer->count);
	for (size_t i = 0; i < layer->count; i++)
		json_array_add(&modules, module_to_json(arena, &layer->modules[i], form));
	json_object_begin(&object, arena);
	json_object_add(&object, "modules", json_array_end(&modules));
	json_object_add(&object, "data", layer->data ? layer->data : &none);
	if (layer->revision)
		json_object_add_text(&object, "revision", layer->revision);
	return json_object_end(&object);
}

static const struct json *to_json(struct arena *arena, const struct policy_set *set, enum form form)
{
	struct json_object_builder object, layers;

	json_object_begin(&layers, arena);
	for (size_t i = 0; i < POLICY_LAYERS; i++)
		json_object_add(&layers, layer_names[i], layer_to_json(arena, &set->layers[i], form));
	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", SET_VERSION);
	json_object_add(&object, "layers", json_object_end(&layers));
	if (set->opa)
		json_object_add_text(&object, "opa", set->opa);
	if (form == FORM_WRITTEN)
		json_object_add(&object, "digest", policy_digest_to_json(arena, &set->digest));
	return json_object_end(&object);
}

const struct json *policy_set_to_json(struct arena *arena, const struct policy_set *set)
{
	return to_json(arena, set, FORM_WRITTEN);
}

/* ---- the digest ---- */

static bool is_in_order(const struct policy_layer *layer)
{
	for (size_t i = 1; i < layer->count; i++)
		if (strcmp(layer->modules[i - 1].name, layer->modules[i].name) >= 0)
			return false;
	return true;
}

static int check_layer(const struct policy_layer *layer, size_t *bytes)
{
	if (layer->count > POLICY_MODULES_MAX)
		return -EMSGSIZE;
	for (size_t i = 0; i < layer->count; i++) {
		if (layer->modules[i].text.len > POLICY_SET_BYTES_MAX - *bytes)
			return -EMSGSIZE;
		*bytes += layer->modules[i].text.len;
		if (!layer->modules[i].digest && !utf8_is_valid(layer->modules[i].text))
			return -EINVAL;
	}
	return is_in_order(layer) && (!layer->data || layer->data->type == JSON_OBJECT) ? 0 : -EINVAL;
}

int policy_set_seal(struct policy_set *set)
{
	scoped(arena) struct arena arena = ARENA_INIT(SEAL_ARENA_BYTES);
	scoped(buf) struct buf text = BUF_INIT(POLICY_SET_BYTES_MAX);
	const struct json *document;
	size_t bytes = 0;
	int r = 0;

	for (size_t i = 0; i < POLICY_LAYERS && r >= 0; i++)
		r = check_layer(&set->layers[i], &bytes);
	if (r < 0)
		return r;
	document = to_json(&arena, set, FORM_SEALED);
	if (!document)
		return -EINVAL;
	r = json_write(&text, document, JSON_WRITE_CANONICAL);
	if (r >= 0)
		set->digest = hash_bytes(text.data, text.len);
	return r;
}

/* ---- reading ---- */

static int read_module(const struct policy_reader *reader, const struct json *value,
	struct policy_module *ret)
{
	static const char *const names[] = { "name", "text" };
	const struct json *text;
	int r = policy_reader_members(reader, value, names, ARRAY_SIZE(names), 0, "modules");

	if (r >= 0)
		r = policy_reader_text(reader, value, "name", NAME_BYTES_MAX, &ret->name);
	if (r < 0)
		return r;
	text = json_get(value, "text");
	if (text->type != JSON_STRING)
		return policy_reader_refuse(reader, "text", "expected a text");
	ret->text = text->text;
	return 0;
}

static int read_modules(const struct policy_reader *reader, struct arena *arena, const struct json *list,
	struct policy_layer *ret)
{
	struct policy_module *modules;
	int r = 0;

	if (list->type != JSON_ARRAY)
		return policy_reader_refuse(reader, "modules", "expected a list");
	if (list->array.count > POLICY_MODULES_MAX)
		return error_set(reader->err, -EMSGSIZE, "%s: more than %d modules in a layer", reader->what,
			POLICY_MODULES_MAX);
	modules = arena_alloc_array(arena, list->array.count, sizeof(*modules));
	if (!modules)
		return error_set(reader->err, -EMSGSIZE, "%s: too many modules", reader->what);
	for (size_t i = 0; i < list->array.count && r >= 0; i++)
		r = read_module(reader, list->array.items[i], &modules[i]);
	ret->modules = modules;
	ret->count = list->array.count;
	if (r >= 0 && !is_in_order(ret))
		r = policy_reader_refuse(reader, "modules", "not sorted by name, or a name twice");
	return r;
}

static int read_layer(const struct policy_reader *reader, struct arena *arena, const struct json *value,
	const char *name, struct policy_layer *ret)
{
	static const char *const names[] = { "modules", "data", "revision" };
	int r = policy_reader_members(reader, value, names, ARRAY_SIZE(names), 1, name);

	if (r < 0)
		return r;
	ret->data = json_get(value, "data");
	if (ret->data->type != JSON_OBJECT)
		return policy_reader_refuse(reader, "data", "expected an object");
	if (json_get(value, "revision"))
		r = policy_reader_text(reader, value, "revision", REVISION_BYTES_MAX, &ret->revision);
	return r < 0 ? r : read_modules(reader, arena, json_get(value, "modules"), ret);
}

static int check_digest(const struct policy_reader *reader, const struct policy_set *set)
{
	struct policy_set sealed = *set;
	int r = policy_set_seal(&sealed);

	if (r < 0)
		return error_sys(reader->err, r, "%s", reader->what);
	if (!digest_eq(&sealed.digest, &set->digest))
		return policy_reader_refuse(reader, "digest", "not that of these policies");
	return 0;
}

int policy_set_read(struct arena *arena, const struct json *value, struct policy_set *ret, struct error *err)
{
	static const char *const names[] = { "version", "digest", "layers", "opa" };
	struct policy_reader reader = { "no set of policies", err };
	struct policy_set set = { 0 };
	int r = policy_reader_members(&reader, value, names, ARRAY_SIZE(names), 1, "document");

	if (r >= 0 && json_get_int(value, "version", 0) != SET_VERSION)
		r = policy_reader_refuse(&reader, "version", "not one that this cordon knows");
	if (r >= 0)
		r = policy_reader_digest(&reader, value, "digest", &set.digest);
	if (r >= 0 && json_get(value, "opa"))
		r = policy_reader_text(&reader, value, "opa", POLICY_OPA_BYTES_MAX, &set.opa);
	if (r >= 0)
		r = policy_reader_members(&reader, json_get(value, "layers"), layer_names,
			ARRAY_SIZE(layer_names), 0, "layers");
	for (size_t i = 0; i < POLICY_LAYERS && r >= 0; i++)
		r = read_layer(&reader, arena, json_get(json_get(value, "layers"), layer_names[i]),
			layer_names[i], &set.layers[i]);
	if (r >= 0)
		r = check_digest(&reader, &set);
	if (r >= 0)
		*ret = set;
	return r;
}
