// SPDX-License-Identifier: Apache-2.0
/*
 * rules_change.c - what a person wants of the rules of a session that runs
 */
#include "run/rules_change.h"

#include "base/quote.h"

#include <errno.h>

enum {
	PORT_USUAL = 443,
};

static const char *const kinds[RULES_CHANGE_KIND_COUNT] = {
	[RULES_CHANGE_ALLOW] = "allow",
	[RULES_CHANGE_DENY] = "deny",
	[RULES_CHANGE_REMOVE] = "remove",
};

/* ---- out ---- */

const struct json *rules_change_to_json(struct arena *arena, enum rules_change_kind kind,
	const char *const *entries, size_t count, uint64_t for_ns)
{
	struct json_object_builder object;
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&array, json_new_text(arena, entries[i]));
	json_object_begin(&object, arena);
	json_object_add_text(&object, "kind", kinds[kind]);
	json_object_add(&object, "entries", json_array_end(&array));
	if (for_ns)
		json_object_add_int(&object, "for_ns", (int64_t)for_ns);
	return json_object_end(&object);
}

const struct json *rules_removal_to_json(struct arena *arena, const uint64_t *ids, size_t count)
{
	struct json_object_builder object;
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&array, json_new_int(arena, (int64_t)ids[i]));
	json_object_begin(&object, arena);
	json_object_add_text(&object, "kind", kinds[RULES_CHANGE_REMOVE]);
	json_object_add(&object, "ids", json_array_end(&array));
	return json_object_end(&object);
}

const struct json *rules_change_through_api(struct arena *arena, const struct json *change)
{
	struct json_object_builder object;

	if (!change)
		return NULL;
	json_object_begin(&object, arena);
	for (size_t i = 0; i < change->object.count; i++)
		json_object_add_value(&object, change->object.members[i].key,
			change->object.members[i].value);
	json_object_add_text(&object, "through", "control");
	return json_object_end(&object);
}

/* ---- in ---- */

static int is_none(struct error *err)
{
	return error_set(err, -EBADMSG, "this is no change of rules");
}

/* Nothing but the members that its kind has. */
static bool has_only(const struct json *value, const char *list)
{
	size_t known = 0;

	if (value->type != JSON_OBJECT)
		return false;
	known += json_get(value, "kind") != NULL;
	known += json_get(value, list) != NULL;
	known += json_get(value, "through") != NULL;
	if (!strcmp(list, "entries"))
		known += json_get(value, "for_ns") != NULL;
	return known == value->object.count;
}

static bool read_kind(const struct json *value, enum rules_change_kind *ret)
{
	const char *kind = json_get_text(value, "kind");

	for (size_t i = 0; kind && i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kind, kinds[i])) {
			*ret = (enum rules_change_kind)i;
			return true;
		}
	return false;
}

static bool read_through(const struct json *value, bool *ret)
{
	const struct json *through = json_get(value, "through");

	*ret = through;
	return !through || (through->type == JSON_STRING && str_eq(through->text, STR("control")));
}

static int list_of(const struct json *value, const char *key, const struct json **ret, struct error *err)
{
	*ret = json_get(value, key);
	if (!has_only(value, key) || !*ret || (*ret)->type != JSON_ARRAY || !(*ret)->array.count)
		return is_none(err);
	if ((*ret)->array.count > RULES_CHANGE_ITEMS_MAX)
		return error_set(err, -EMSGSIZE, "more than %d rules at once", RULES_CHANGE_ITEMS_MAX);
	return 0;
}

static int read_entry(struct arena *arena, const struct json *item, bool denies, struct net_entry *ret,
	struct error *err)
{
	struct net_ports usual = denies ? NET_PORTS_ALL : (struct net_ports){ PORT_USUAL, PORT_USUAL };
	struct net_flaw flaw;

	if (item->type != JSON_STRING)
		return is_none(err);
	if (str_starts_with(item->text, STR("!"))) {
		error_set(err, -EINVAL, "'%s': '!' is not for here", quote_text(item->text).text);
		error_hint(err, "`cordon deny` denies what it names.");
		return -EINVAL;
	}
	if (net_entry_read(arena, item->text, usual, ret, &flaw) < 0)
		return error_set(err, -EINVAL, "'%s' is no host to allow or to deny: %s (at character %zu)",
			quote_text(item->text).text, flaw.why, flaw.at + 1);
	ret->denies = denies;
	return 0;
}

static int read_entries(struct arena *arena, const struct json *value, struct rules_change *ret,
	struct error *err)
{
	const struct json *list, *for_ns = json_get(value, "for_ns");
	struct net_entry *entries;
	int r = list_of(value, "entries", &list, err);

	if (r < 0)
		return r;
	if (for_ns && (for_ns->type != JSON_INT || for_ns->integer <= 0))
		return is_none(err);
	ret->for_ns = for_ns ? (uint64_t)for_ns->integer : 0;
	if (ret->for_ns > RULES_CHANGE_FOR_MAX_NS)
		return error_set(err, -EINVAL, "a rule may be for a year, and not for longer");
	entries = arena_alloc_array(arena, list->array.count, sizeof(*entries));
	if (!entries)
		return error_set(err, -EMSGSIZE, "too many rules at once");
	for (size_t i = 0; i < list->array.count && r >= 0; i++)
		r = read_entry(arena, list->array.items[i], ret->kind == RULES_CHANGE_DENY, &entries[i], err);
	ret->entries = entries;
	ret->entry_count = list->array.count;
	return r;
}

static int read_ids(struct arena *arena, const struct json *value, struct rules_change *ret,
	struct error *err)
{
	const struct json *list;
	uint64_t *ids;
	int r = list_of(value, "ids", &list, err);

	if (r < 0)
		return r;
	ids = arena_alloc_array(arena, list->array.count, sizeof(*ids));
	if (!ids)
		return error_set(err, -EMSGSIZE, "too many rules at once");
	for (size_t i = 0; i < list->array.count; i++) {
		const struct json *id = list->array.items[i];

		if (id->type != JSON_INT || id->integer <= 0)
			return is_none(err);
		ids[i] = (uint64_t)id->integer;
	}
	ret->ids = ids;
	ret->id_count = list->array.count;
	return 0;
}

int rules_change_read(struct arena *arena, struct str text, struct rules_change *ret, struct error *err)
{
	struct rules_change change = { 0 };
	const struct json *value;
	int r = json_read(arena, text, JSON_READ_STRICT, &value, err);

	if (r < 0 || !read_kind(value, &change.kind) || !read_through(value, &change.through_api))
		return is_none(err);
	r = change.kind == RULES_CHANGE_REMOVE ? read_ids(arena, value, &change, err) :
		read_entries(arena, value, &change, err);
	if (r >= 0)
		*ret = change;
	return r;
}
