// SPDX-License-Identifier: Apache-2.0
/*
 * revision_seen.c - the document of the revisions that were seen
 *
 *	{"version": 1, "bundles": {PATH: {"revision": TEXT, "earlier": [TEXT, ...]}}}
 *
 * `earlier` has what was replaced by something that could not be compared with it, newest first; what is
 * newer than one of these takes its place.
 */
#include "policy/revision.h"

#include "base/path.h"
#include "base/quote.h"
#include "policy/manifest.h"

#include <errno.h>

enum {
	FORMAT_VERSION = 1,
};

static int say_wrong(struct error *err, const char *what)
{
	return error_set(err, -EBADMSG, "%s", what);
}

/* ---- reading ---- */

static bool is_revision(const struct json *value)
{
	return value && value->type == JSON_STRING && value->text.len <= POLICY_REVISION_MAX &&
		!memchr(value->text.data, '\0', value->text.len);
}

static bool is_bundle(const struct json_member *member)
{
	const struct json *value = member->value, *earlier = json_get(value, "earlier");

	if (!path_is_clean(member->key->text) || member->key->text.data[0] != '/' ||
			value->type != JSON_OBJECT || value->object.count != 2 ||
			!is_revision(json_get(value, "revision")))
		return false;
	if (!earlier || earlier->type != JSON_ARRAY || earlier->array.count > POLICY_EARLIER_MAX)
		return false;
	for (size_t i = 0; i < earlier->array.count; i++)
		if (!is_revision(earlier->array.items[i]))
			return false;
	return true;
}

int policy_revisions_read(struct arena *arena, struct str text, const struct json **ret, struct error *err)
{
	const struct json *value, *bundles;
	int r = json_read(arena, text, JSON_READ_STRICT, &value, err);

	if (r < 0)
		return r;
	bundles = json_get(value, "bundles");
	if (json_get_int(value, "version", 0) != FORMAT_VERSION)
		return say_wrong(err, "it is of another version");
	if (value->object.count != 2 || !bundles || bundles->type != JSON_OBJECT ||
			bundles->object.count > POLICY_SEEN_MAX)
		return say_wrong(err, "it has no list of bundles, or too long a one, or more than that");
	for (size_t i = 0; i < bundles->object.count; i++)
		if (!is_bundle(&bundles->object.members[i]))
			return error_set(err, -EBADMSG, "what it has of '%s' is malformed",
				quote_text(bundles->object.members[i].key->text).text);
	*ret = value;
	return 0;
}

/* ---- looking ---- */

static const struct json *find(const struct json *seen, const char *path)
{
	return json_get(json_get(seen, "bundles"), path);
}

const char *policy_revisions_last(const struct json *seen, const char *path)
{
	return json_get_text(find(seen, path), "revision");
}

static int say_older(const struct policy_bundle *bundle, const char *last, struct error *err)
{
	if (!bundle->revision[0])
		error_set(err, -ESTALE, "the bundle '%s' has no revision, and '%s' of it was used before",
			quote_cstr(bundle->path).text, quote_cstr(last).text);
	else
		error_set(err, -ESTALE,
			"the bundle '%s' is of the revision '%s', which is older than '%s', which was used before",
			quote_cstr(bundle->path).text, quote_cstr(bundle->revision).text,
			quote_cstr(last).text);
	error_hint(err, "If it is meant to go back: cordon policy forget '%s'",
		quote_cstr(bundle->path).text);
	return -ESTALE;
}

int policy_revisions_check(const struct json *seen, const struct policy_bundle *bundle, struct error *err)
{
	const struct json *entry = find(seen, bundle->path), *earlier = json_get(entry, "earlier");
	struct str revision = str_from(bundle->revision);
	const char *last = json_get_text(entry, "revision");

	if (!last || str_eq(revision, str_from(last)))
		return 0;
	if (policy_revision_compare(revision, str_from(last)) == POLICY_REVISION_OLDER)
		return say_older(bundle, last, err);
	for (size_t i = 0; i < earlier->array.count; i++) {
		enum policy_revision_order order = policy_revision_compare(revision,
			earlier->array.items[i]->text);

		if (order == POLICY_REVISION_OLDER || order == POLICY_REVISION_SAME)
			return say_older(bundle, last, err);
	}
	return 0;
}

/* ---- changing ---- */

static const struct json *make(struct arena *arena, const struct json *bundles)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", FORMAT_VERSION);
	json_object_add(&object, "bundles", bundles);
	return json_object_end(&object);
}

const struct json *policy_revisions_begin(struct arena *arena)
{
	struct json_object_builder bundles;

	json_object_begin(&bundles, arena);
	return make(arena, json_object_end(&bundles));
}

/* What the new one cannot be compared with. */
static void add_earlier(struct json_array_builder *list, struct str revision, const struct json *replaced)
{
	if (list->count < POLICY_EARLIER_MAX &&
			policy_revision_compare(revision, replaced->text) == POLICY_REVISION_OTHER)
		json_array_add(list, replaced);
}

static const struct json *make_entry(struct arena *arena, const struct json *old, struct str revision)
{
	const struct json *earlier = json_get(old, "earlier");
	struct json_object_builder entry;
	struct json_array_builder list;

	json_array_begin(&list, arena);
	if (old)
		add_earlier(&list, revision, json_get(old, "revision"));
	for (size_t i = 0; earlier && i < earlier->array.count; i++)
		add_earlier(&list, revision, earlier->array.items[i]);
	json_object_begin(&entry, arena);
	json_object_add(&entry, "revision", json_new_string(arena, revision));
	json_object_add(&entry, "earlier", json_array_end(&list));
	return json_object_end(&entry);
}

/* All bundles but one, which gets another entry, or none. */
static const struct json *replace(struct arena *arena, const struct json *seen, const char *path,
	const struct json *entry)
{
	const struct json *bundles = json_get(seen, "bundles");
	struct json_object_builder object;

	json_object_begin(&object, arena);
	for (size_t i = 0; i < bundles->object.count; i++) {
		const struct json_member *member = &bundles->object.members[i];

		if (!str_eq(member->key->text, str_from(path)))
			json_object_add_value(&object, member->key, member->value);
	}
	if (entry)
		json_object_add(&object, path, entry);
	return object.count > POLICY_SEEN_MAX ? NULL : make(arena, json_object_end(&object));
}

const struct json *policy_revisions_note(struct arena *arena, const struct json *seen,
	const struct policy_bundle *bundle)
{
	const struct json *old = find(seen, bundle->path), *entry;
	struct str revision = str_from(bundle->revision);

	if (old && str_eq(json_get(old, "revision")->text, revision))
		return seen;
	entry = make_entry(arena, old, revision);
	return entry ? replace(arena, seen, bundle->path, entry) : NULL;
}

const struct json *policy_revisions_forget(struct arena *arena, const struct json *seen, const char *path)
{
	return replace(arena, seen, path, NULL);
}
