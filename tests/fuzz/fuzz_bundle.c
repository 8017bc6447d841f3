// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_bundle.c - what holds for every archive that claims to be a bundle of policies
 *
 * What does not begin as gzip does is a tar to be wrapped in it, so that not every change breaks a checksum.
 *
 *   - a refusal is -EBADMSG or -EMSGSIZE and says why
 *   - names are relative, clean, of text, in order, and none comes twice; contents are within their limit
 *   - a bundle that is taken has its modules and its data below its roots, and no other root than its own
 *   - the same bundle twice is refused: its roots are taken
 */
#include "base/path.h"
#include "base/utf8.h"
#include "lib/gzip.h"
#include "policy/manifest.h"
#include "policy/sources.h"
#include "policy/unpack.h"
#include "rego/ast.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
	CONTENT_MAX_BYTES = 1 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- what holds ---- */

static void check_entries(const struct policy_entries *entries)
{
	size_t bytes = 0;

	assert(entries->count && entries->count <= POLICY_ENTRIES_MAX);
	for (size_t i = 0; i < entries->count; i++) {
		struct str name = str_from(entries->items[i].name), part, rest = name;

		assert(name.len && name.len <= POLICY_ENTRY_NAME_MAX && utf8_is_valid(name));
		for (bool more = true; more;) {
			more = str_cut(rest, '/', &part, &rest);
			assert(part.len && !str_eq(part, STR(".")) && !str_eq(part, STR("..")));
		}
		assert(!i || strcmp(entries->items[i - 1].name, entries->items[i].name) < 0);
		bytes += entries->items[i].content.len;
	}
	assert(bytes == entries->bytes && bytes <= entries->bytes_max);
}

static bool is_below(const struct policy_sources *sources, const char *path)
{
	for (size_t i = 0; i < sources->root_count; i++)
		if (policy_root_has(sources->roots[i].root, path))
			return true;
	return false;
}

/* Each leaf of the data, and each empty object, at its path. */
static void check_data(const struct policy_sources *sources, const struct json *value, struct buf *path)
{
	size_t len = path->len;

	if (value->type != JSON_OBJECT || (!value->object.count && len)) {
		assert(is_below(sources, buf_text(path)));
		return;
	}
	for (size_t i = 0; i < value->object.count; i++) {
		buf_printf(path, "%s%.*s", len ? "/" : "", STR_FMT(value->object.members[i].key->text));
		if (!is_below(sources, buf_text(path)))
			check_data(sources, value->object.members[i].value, path);
		path->len = len;
		path->data[len] = '\0';
	}
}

static void check_taken(struct arena *arena, const struct policy_entries *entries)
{
	const struct policy_source_options options = { .bytes_max = CONTENT_MAX_BYTES };
	struct buf path = BUF_INIT(CONTENT_MAX_BYTES);
	struct policy_sources sources;
	struct policy_layer layer;
	struct error err = ERROR_INIT;
	int r;

	policy_sources_begin(&sources, arena, &options);
	r = policy_sources_add_entries(&sources, "b", entries, &err);
	if (r < 0) {
		assert((r == -EBADMSG || r == -EMSGSIZE || r == -EEXIST) && err.code == r && *err.text);
		return;
	}
	assert(sources.root_count);
	assert(policy_sources_add_entries(&sources, "again", entries, &err) < 0 && *err.text);
	policy_sources_begin(&sources, arena, &options);
	assert(policy_sources_add_entries(&sources, "b", entries, &err) == 0);
	r = policy_sources_end(&sources, &layer, &err);
	assert(r == 0 || r == -EMSGSIZE);
	if (r == 0 && layer.data)
		check_data(&sources, layer.data, &path);
	buf_fini(&path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf wrapped = BUF_INIT(2 * size + GZIP_EXTRA_BYTES);
	struct str archive = { (const char *)data, size };
	struct policy_entries entries = { .bytes_max = CONTENT_MAX_BYTES };
	struct error err = ERROR_INIT;
	int r;

	if (!policy_unpack_is_supported())
		return 0;
	if (!size || data[0] != 0x1f) {
		gzip_wrap(&wrapped, archive);
		archive = (struct str){ wrapped.data, wrapped.len };
	}
	r = policy_unpack(&arena, archive, &entries, &err);
	if (r < 0) {
		assert((r == -EBADMSG || r == -EMSGSIZE) && err.code == r && *err.text);
		return 0;
	}
	check_entries(&entries);
	check_taken(&arena, &entries);
	return 0;
}
