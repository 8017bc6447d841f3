// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_changeset.c - what holds for every text that could be a changeset
 *
 * A digest cannot be guessed, so an object is sealed here before it is read: then everything behind the
 * digest is reached, too.
 *
 *   - the reader takes it, or says what is wrong
 *   - what it takes is written again as the same bytes, with the same digest
 *   - as a text, it is taken where it is taken as a value, and nothing else is
 *   - every entry is found by its path, and nothing else is
 *   - each path of it can be committed alone: that part and the rest are changesets themselves
 */
#include "fuzz/seal.h"
#include "overlay/subset.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
	PARTS_MAX = 8,			/* tried of one changeset */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(struct arena *arena, const struct changeset *changeset)
{
	const struct json *value = changeset_to_json(arena, changeset);
	struct error err = ERROR_INIT;
	struct changeset again;

	if (!value)
		return;
	assert(changeset_read(arena, value, &again, &err) == 0);
	assert(digest_eq(&again.digest, &changeset->digest) && again.count == changeset->count);
}

/* What was sealed here, and what came as it came: the quick way and the whole one agree. */
static void check_text(struct str text, int expected)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf again = BUF_INIT(JSON_TEXT_MAX);
	struct error err = ERROR_INIT;
	struct changeset changeset;
	int r = changeset_parse(&arena, text, &changeset, &err);

	/* It needs less memory. */
	assert(expected == -EMSGSIZE || (r == 0) == (expected == 0));
	assert(r == 0 || (err.code == r && err.text[0]));
	if (r < 0)
		return;
	assert(changeset_write(&again, &changeset) == 0);
	assert(str_eq(text, (struct str){ again.data, again.len }));
}

static void check_part(struct arena *arena, const struct changeset *changeset, size_t index)
{
	const struct change *change = &changeset->changes[index];
	bool *selected = arena_alloc_array(arena, changeset->count + 1, sizeof(*selected));
	struct changeset part, rest;

	assert(changeset_find(changeset, change->root, change->path) == change);
	if (!selected)
		return;
	assert(overlay_select(changeset, change->root, change->path, selected) > 0 && selected[index]);
	if (overlay_subset(arena, changeset, selected, true, &part) < 0 ||
			overlay_subset(arena, changeset, selected, false, &rest) < 0)
		return;
	assert(part.count + rest.count == changeset->count);
	check_again(arena, &part);
	check_again(arena, &rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf text = BUF_INIT(JSON_TEXT_MAX), again = BUF_INIT(JSON_TEXT_MAX);
	struct error err = ERROR_INIT;
	struct changeset changeset;
	const struct json *value;
	int r;

	if (json_read(&arena, (struct str){ (const char *)data, size }, JSON_READ_STRICT, &value, &err) < 0) {
		check_text((struct str){ (const char *)data, size }, -EBADMSG);
		return 0;
	}
	value = seal_changeset(&arena, value);
	r = changeset_read(&arena, value, &changeset, &err);
	assert(r == 0 || r == -EBADMSG || r == -EMSGSIZE);
	if (json_write(&text, value, JSON_WRITE_CANONICAL) == 0)
		check_text((struct str){ buf_text(&text), text.len }, r);
	if (r < 0) {
		assert(err.code == r && err.text[0]);
		return 0;
	}
	assert(text.len);
	assert(changeset_write(&again, &changeset) == 0);
	assert(again.len == text.len && !memcmp(again.data, text.data, text.len));
	assert(!changeset_find(&changeset, CHANGE_ROOTS_MAX, STR("nowhere")));
	for (size_t i = 0; i < MIN(changeset.count, (size_t)PARTS_MAX); i++)
		check_part(&arena, &changeset, i);
	return 0;
}
