// SPDX-License-Identifier: Apache-2.0
/*
 * data.c - documents of data, read and put together
 *
 * All documents are merged at once, level by level: the members of all objects at one place are put in order
 * of their keys, and those with the same key are merged as the documents of the place below. One document
 * after the other would copy the members of the first ones as often as there are further ones.
 */
#include "policy/data.h"

#include "base/quote.h"
#include "rego/yaml.h"

#include <errno.h>
#include <stdlib.h>

static int read_yaml(struct arena *arena, struct str text, const struct json **ret, struct error *err)
{
	struct rego_yaml_error fault = { 0 };
	int r = rego_yaml_read(arena, text, ret, &fault);

	return r < 0 ? error_set(err, r, "%s", quote_cstr(fault.text).text) : 0;
}

static bool is_yaml(const char *name)
{
	return str_ends_with(str_from(name), STR(".yaml")) || str_ends_with(str_from(name), STR(".yml"));
}

void policy_data_hint(const char *name, struct error *err)
{
	error_hint(err,
		is_yaml(name) ?
			"It has to be one document of YAML: look at that line, and the one before it." :
			"It has to be JSON: names and texts in double quotes, no comment, no comma behind the last one.");
}

int policy_data_read(struct arena *arena, const char *name, struct str text, const struct json **ret,
	struct error *err)
{
	int r = is_yaml(name) ? read_yaml(arena, text, ret, err) : json_read(arena, text, 0, ret, err);

	return r < 0 ? error_wrap(err, r, "'%s'", quote_cstr(name).text) : 0;
}

/* One member of one of the documents. */
struct piece {
	const struct json *key;
	struct policy_document document;
	size_t order;
};

static int compare_pieces(const void *left, const void *right)
{
	const struct piece *a = left, *b = right;
	int r = json_compare(a->key, b->key);

	return r ? r : (a->order > b->order) - (a->order < b->order);
}

static int say_full(struct error *err)
{
	return error_set(err, -EMSGSIZE, "the data is larger than the memory that it may have");
}

static int gather(struct arena *arena, const struct policy_document *documents, size_t count,
	struct piece **ret, size_t *ret_count)
{
	size_t total = 0, n = 0;
	struct piece *pieces;

	for (size_t i = 0; i < count; i++)
		total += documents[i].value->object.count;
	pieces = arena_alloc_array(arena, total, sizeof(*pieces));
	if (!pieces)
		return -EMSGSIZE;
	for (size_t i = 0; i < count; i++) {
		const struct json *value = documents[i].value;

		for (size_t k = 0; k < value->object.count; k++, n++)
			pieces[n] = (struct piece){ value->object.members[k].key,
				{ documents[i].name, value->object.members[k].value }, n };
	}
	qsort(pieces, total, sizeof(*pieces), compare_pieces);
	*ret = pieces;
	*ret_count = total;
	return 0;
}

/* What all pieces of one key are together; at least one. It recurses, as deep as JSON may be. */
static int join(struct arena *arena, const struct piece *pieces, size_t count, const struct json **ret,
	struct error *err)
{
	struct policy_document *documents;

	if (count == 1) {
		*ret = pieces->document.value;
		return 0;
	}
	documents = arena_alloc_array(arena, count, sizeof(*documents));
	if (!documents)
		return say_full(err);
	for (size_t i = 0; i < count; i++) {
		documents[i] = pieces[i].document;
		if (documents[i].value->type == JSON_OBJECT)
			continue;
		error_set(err, -EEXIST, "'%s' has a value for what another file has a value for, too: '%s'",
			quote_cstr(pieces[MAX(i, (size_t)1)].document.name).text,
			quote_text(pieces->key->text).text);
		error_hint(err, "Keep it in one of the two; only objects are merged, member by member.");
		return -EEXIST;
	}
	return policy_data_merge(arena, documents, count, ret, err);
}

int policy_data_merge(struct arena *arena, const struct policy_document *documents, size_t count,
	const struct json **ret, struct error *err)
{
	struct json_object_builder builder;
	size_t total = 0, first = 0;
	struct piece *pieces = NULL;

	if (gather(arena, documents, count, &pieces, &total) < 0)
		return say_full(err);
	json_object_begin(&builder, arena);
	while (first < total) {
		const struct json *value = NULL;
		size_t end = first + 1;
		int r;

		while (end < total && json_equal(pieces[first].key, pieces[end].key))
			end++;
		r = join(arena, &pieces[first], end - first, &value, err);
		if (r < 0)
			return r;
		json_object_add_value(&builder, pieces[first].key, value);
		first = end;
	}
	*ret = json_object_end(&builder);
	return *ret ? 0 : say_full(err);
}
