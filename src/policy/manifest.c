// SPDX-License-Identifier: Apache-2.0
/*
 * manifest.c - what a bundle says of itself, and what it may define
 */
#include "policy/manifest.h"

#include "base/quote.h"

#include <errno.h>

enum {
	PLACE_MAX = 4096,		/* bytes of a place below data */
};

bool policy_root_has(const char *root, const char *path)
{
	size_t len = strlen(root);

	return !len || (!strncmp(root, path, len) && (path[len] == '\0' || path[len] == '/'));
}

bool policy_roots_overlap(const char *a, const char *b)
{
	return policy_root_has(a, b) || policy_root_has(b, a);
}

/* ---- members ---- */

static int say_wrong(struct error *err, const char *what)
{
	return error_set(err, -EBADMSG, "its .manifest: %s", what);
}

static int read_revision(UNUSED struct arena *arena, const struct json *value, struct policy_manifest *ret,
	struct error *err)
{
	if (value->type != JSON_STRING || value->text.len > POLICY_REVISION_MAX ||
			memchr(value->text.data, '\0', value->text.len))
		return say_wrong(err, "'revision' is no short text");
	ret->revision = value->text.data;
	return 0;
}

/* "/a/b/" is "a/b", as in OPA. */
static const char *trim(struct arena *arena, struct str root)
{
	while (root.len && root.data[0] == '/')
		root = (struct str){ root.data + 1, root.len - 1 };
	while (root.len && root.data[root.len - 1] == '/')
		root.len--;
	return arena_copy(arena, root.data, root.len);
}

static int read_roots(struct arena *arena, const struct json *value, struct policy_manifest *ret,
	struct error *err)
{
	const char **roots;

	if (value->type != JSON_ARRAY || !value->array.count || value->array.count > POLICY_ROOTS_MAX)
		return say_wrong(err, "'roots' is no list of places, or has none, or too many");
	roots = arena_alloc_array(arena, value->array.count, sizeof(*roots));
	for (size_t i = 0; roots && i < value->array.count; i++) {
		const struct json *item = value->array.items[i];

		if (item->type != JSON_STRING || memchr(item->text.data, '\0', item->text.len))
			return say_wrong(err, "a root is no text");
		roots[i] = trim(arena, item->text);
		if (!roots[i])
			return say_wrong(err, "it is too large");
		for (size_t k = 0; k < i; k++)
			if (policy_roots_overlap(roots[i], roots[k]))
				return error_set(err, -EBADMSG,
					"its .manifest: the roots '%s' and '%s' overlap",
					quote_cstr(roots[k]).text, quote_cstr(roots[i]).text);
	}
	ret->roots = roots;
	ret->root_count = value->array.count;
	return roots ? 0 : say_wrong(err, "it is too large");
}

static bool is_one(const struct json *value)
{
	return value->type == JSON_INT && value->integer == 1;
}

static int read_version(UNUSED struct arena *arena, const struct json *value,
	UNUSED struct policy_manifest *ret, struct error *err)
{
	return is_one(value) ? 0 : say_wrong(err, "only version 1 of the language is understood");
}

static int read_versions(UNUSED struct arena *arena, const struct json *value,
	UNUSED struct policy_manifest *ret, struct error *err)
{
	if (value->type != JSON_OBJECT)
		return say_wrong(err, "'file_rego_versions' is no object");
	for (size_t i = 0; i < value->object.count; i++)
		if (!is_one(value->object.members[i].value))
			return say_wrong(err, "only version 1 of the language is understood");
	return 0;
}

static int read_metadata(UNUSED struct arena *arena, const struct json *value, struct policy_manifest *ret,
	struct error *err)
{
	if (value->type != JSON_OBJECT)
		return say_wrong(err, "'metadata' is no object");
	ret->metadata = value;
	return 0;
}

static int read_wasm(UNUSED struct arena *arena, const struct json *value,
	UNUSED struct policy_manifest *ret, struct error *err)
{
	if (value->type == JSON_ARRAY && !value->array.count)
		return 0;
	say_wrong(err, "its policies are compiled to WebAssembly, which is not run here");
	error_hint(err, "Build the bundle for the target 'rego'.");
	return -EBADMSG;
}

static const struct {
	const char *name;
	int (*read)(struct arena *arena, const struct json *value, struct policy_manifest *ret,
		struct error *err);
} members[] = {
	{ "revision", read_revision }, { "roots", read_roots }, { "rego_version", read_version },
	{ "file_rego_versions", read_versions }, { "metadata", read_metadata }, { "wasm", read_wasm },
};

static int read_member(struct arena *arena, const struct json_member *member, struct policy_manifest *ret,
	struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (str_eq(member->key->text, str_from(members[i].name)))
			return members[i].read(arena, member->value, ret, err);
	return error_set(err, -EBADMSG, "its .manifest: nobody knows '%s'",
		quote_text(member->key->text).text);
}

int policy_manifest_read(struct arena *arena, struct str text, struct policy_manifest *ret,
	struct error *err)
{
	static const char *const everything[] = { "" };
	struct policy_manifest manifest = { .revision = "", .roots = everything, .root_count = 1 };
	const struct json *value;
	int r = 0;

	if (text.data) {
		r = json_read(arena, text, 0, &value, err);
		if (r < 0)
			return error_wrap(err, r, "its .manifest");
		if (value->type != JSON_OBJECT)
			return say_wrong(err, "it is no object");
		for (size_t i = 0; r >= 0 && i < value->object.count; i++)
			r = read_member(arena, &value->object.members[i], &manifest, err);
	}
	if (r >= 0)
		*ret = manifest;
	return r;
}

/* ---- what it may define ---- */

static bool is_within(const struct policy_manifest *manifest, const char *place)
{
	for (size_t i = 0; i < manifest->root_count; i++)
		if (policy_root_has(manifest->roots[i], place))
			return true;
	return false;
}

static bool leads_to_one(const struct policy_manifest *manifest, const char *place)
{
	for (size_t i = 0; i < manifest->root_count; i++)
		if (policy_root_has(place, manifest->roots[i]))
			return true;
	return false;
}

/* It recurses only on the way to a root, so as deep as roots are and JSON may be. */
static int check_object(const struct policy_manifest *manifest, struct buf *place, const struct json *object,
	struct error *err);

static int check_member(const struct policy_manifest *manifest, struct buf *place,
	const struct json_member *member, struct error *err)
{
	if (buf_failed(place))
		return error_set(err, -EBADMSG, "a place of its data has too long a name");
	if (is_within(manifest, buf_text(place)))
		return 0;
	if (member->value->type == JSON_OBJECT && leads_to_one(manifest, buf_text(place)))
		return check_object(manifest, place, member->value, err);
	return error_set(err, -EBADMSG, "its roots do not have the data at '%s'",
		quote_cstr(buf_text(place)).text);
}

static int check_object(const struct policy_manifest *manifest, struct buf *place, const struct json *object,
	struct error *err)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < object->object.count; i++) {
		const struct json_member *member = &object->object.members[i];
		size_t len = place->len;

		/* Such a name is no part of a place, but could look like more or less of one. */
		if (memchr(member->key->text.data, '/', member->key->text.len) ||
				memchr(member->key->text.data, '\0', member->key->text.len))
			return error_set(err, -EBADMSG, "its roots do not have the data at '%s'",
				quote_text(member->key->text).text);
		if (len)
			buf_append_char(place, '/');
		buf_append(place, member->key->text.data, member->key->text.len);
		r = check_member(manifest, place, member, err);
		buf_truncate(place, len);
	}
	return r;
}

int policy_manifest_check_data(const struct policy_manifest *manifest, const struct json *data,
	struct error *err)
{
	scoped(buf) struct buf place = BUF_INIT(PLACE_MAX);

	return is_within(manifest, "") ? 0 : check_object(manifest, &place, data, err);
}
