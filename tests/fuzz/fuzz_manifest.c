// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_manifest.c - what holds for every manifest of a bundle, and for documents of data that stand below it
 *
 * The first line is the manifest, the second one a document in JSON, and all that follows one in YAML.
 *
 *   - a refusal is -EBADMSG, -EMSGSIZE or, of two documents together, -EEXIST, and says why
 *   - a manifest has roots, clean ones, of which none lies in another, and each has itself
 *   - data that passes lies below a root, all of it, and what does not pass has a place that does not
 *   - two documents together are what each of them is, in either order
 */
#include "policy/data.h"
#include "policy/manifest.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
	PATH_MAX_BYTES = 1 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refusal(int r, const struct error *err)
{
	assert((r == -EBADMSG || r == -EMSGSIZE || r == -EEXIST) && err->code == r && *err->text);
}

static void check_roots(const struct policy_manifest *manifest)
{
	assert(manifest->root_count && manifest->root_count <= POLICY_ROOTS_MAX);
	assert(strlen(manifest->revision) <= POLICY_REVISION_MAX &&
		utf8_is_valid(str_from(manifest->revision)));
	for (size_t i = 0; i < manifest->root_count; i++) {
		struct str root = str_from(manifest->roots[i]);

		assert(policy_root_has(root.data, root.data));
		assert(!str_starts_with(root, STR("/")) && !str_ends_with(root, STR("/")));
		for (size_t j = 0; j < i; j++)
			assert(!policy_roots_overlap(root.data, manifest->roots[j]));
	}
}

static bool is_below(const struct policy_manifest *manifest, const char *path)
{
	for (size_t i = 0; i < manifest->root_count; i++)
		if (policy_root_has(manifest->roots[i], path))
			return true;
	return false;
}

static bool is_above(const struct policy_manifest *manifest, const char *path)
{
	for (size_t i = 0; i < manifest->root_count; i++)
		if (policy_root_has(path, manifest->roots[i]))
			return true;
	return false;
}

/* Whether all of it is below a root or leads to one. */
static bool is_all_below(const struct policy_manifest *manifest, const struct json *value, struct buf *path)
{
	size_t len = path->len;

	if (is_below(manifest, buf_text(path)))
		return true;
	if (value->type != JSON_OBJECT || (len && !is_above(manifest, buf_text(path))))
		return false;
	for (size_t i = 0; i < value->object.count; i++) {
		bool is_right;

		buf_printf(path, "%s%.*s", len ? "/" : "", STR_FMT(value->object.members[i].key->text));
		is_right = is_all_below(manifest, value->object.members[i].value, path);
		path->len = len;
		path->data[len] = '\0';
		if (!is_right)
			return false;
	}
	return true;
}

/* A key with a slash or a NUL is another path than it looks. */
static bool has_strange_key(const struct json *value)
{
	for (size_t i = 0; value->type == JSON_OBJECT && i < value->object.count; i++) {
		struct str key = value->object.members[i].key->text;

		if (!key.len || memchr(key.data, '/', key.len) || memchr(key.data, '\0', key.len) ||
				has_strange_key(value->object.members[i].value))
			return true;
	}
	return false;
}

static void check_below(const struct policy_manifest *manifest, const struct json *value)
{
	scoped(buf) struct buf path = BUF_INIT(PATH_MAX_BYTES);
	struct error err = ERROR_INIT;
	int r = policy_manifest_check_data(manifest, value, &err);

	if (r < 0)
		check_refusal(r, &err);
	if (!has_strange_key(value))
		assert((r == 0) == is_all_below(manifest, value, &path));
}

/* All of @part is in @whole. */
static bool has_all(const struct json *whole, const struct json *part)
{
	if (part->type != JSON_OBJECT || whole->type != JSON_OBJECT)
		return json_equal(whole, part);
	for (size_t i = 0; i < part->object.count; i++) {
		const struct json *there = json_find(whole, part->object.members[i].key);

		if (!there || !has_all(there, part->object.members[i].value))
			return false;
	}
	return true;
}

static void check_merged(struct arena *arena, const struct json *one, const struct json *other)
{
	const struct policy_document there[] = { { "one.json", one }, { "other.yaml", other } },
		back[] = { there[1], there[0] };
	const struct json *merged, *again;
	struct error err = ERROR_INIT;
	int r = policy_data_merge(arena, there, ARRAY_SIZE(there), &merged, &err);

	assert(r == policy_data_merge(arena, back, ARRAY_SIZE(back), &again, NULL));
	if (r < 0)
		check_refusal(r, &err);
	else
		assert(json_equal(merged, again) && has_all(merged, one) && has_all(merged, other));
}

static const struct json *read_data(struct arena *arena, const char *name, struct str text)
{
	const struct json *value;
	struct error err = ERROR_INIT;
	int r = policy_data_read(arena, name, text, &value, &err);

	if (r < 0)
		check_refusal(r, &err);
	return r < 0 || value->type != JSON_OBJECT ? NULL : value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct str head, rest = { (const char *)data, size }, json;
	struct policy_manifest manifest;
	const struct json *one, *other;
	struct error err = ERROR_INIT;
	int r;

	(void)str_cut(rest, '\n', &head, &rest);
	(void)str_cut(rest, '\n', &json, &rest);
	r = policy_manifest_read(&arena, head, &manifest, &err);
	if (r < 0)
		check_refusal(r, &err);
	else
		check_roots(&manifest);
	one = read_data(&arena, "one.json", json);
	other = read_data(&arena, "other.yaml", rest);
	if (r >= 0 && one)
		check_below(&manifest, one);
	if (one && other)
		check_merged(&arena, one, other);
	return 0;
}
