// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_extract.c - what holds for every file that a host might obey
 *
 * The first byte chooses the syntax, the rest is the file.
 *
 *   - the answer is 0, -EBADMSG or -EMSGSIZE, and the same again for the same text
 *   - no key is longer than can be matched, and none lies outside the arena or the text
 *   - a line that the syntax takes by itself is seen wherever it is put: at the end of any text that is
 *     understood
 *   - a smaller arena gives the same keys or -EMSGSIZE, never fewer keys
 */
#include "base/buf.h"
#include "base/hash.h"
#include "policy/extract.h"

#include <errno.h>

enum {
	ARENA_BYTES = 16 << 20,
	KEY_MAX = 4096,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A key that must be found when it stands behind a text on lines of its own. */
static const struct {
	enum floor_look look;
	const char *line, *key;
} witnesses[] = {
	{ FLOOR_LOOK_GIT_CONFIG, "\n[core]\nfsmonitor = x\n", "core.fsmonitor" },
	{ FLOOR_LOOK_JSON, NULL, NULL },
	{ FLOOR_LOOK_JSONC, NULL, NULL },
	{ FLOOR_LOOK_TOML, "\n[build-system]\nbuild-backend = 'x'\n", "/build-system/build-backend" },
	{ FLOOR_LOOK_INI, "\nscript-shell = x\n", "script-shell" },
	{ FLOOR_LOOK_CFG, "\n[options]\nsetup_requires = x\n", "options/setup_requires" },
	{ FLOOR_LOOK_LINES, "\n-i x\n", "-i x" },
	{ FLOOR_LOOK_ENV, "\nLD_PRELOAD=x\n", "LD_PRELOAD" },
	{ FLOOR_LOOK_ATTRIBUTES, "\n* filter=x\n", "filter" },
	{ FLOOR_LOOK_TODO, "\nexec x\n", "exec" },
	{ FLOOR_LOOK_GIT_INDEX, NULL, NULL },
};

static int extract(struct arena *arena, enum floor_look look, struct str text, struct floor_keys *ret)
{
	int r;

	*ret = (struct floor_keys){ .arena = arena };
	r = floor_extract(look, text, ret);
	assert(r == 0 || r == -EBADMSG || r == -EMSGSIZE);
	for (size_t i = 0; i < ret->count; i++) {
		assert(ret->items[i].key.len <= KEY_MAX);
		/* Every byte is there to be read. */
		(void)hash_bytes(ret->items[i].key.data, ret->items[i].key.len);
		(void)hash_bytes(ret->items[i].value.data, ret->items[i].value.len);
	}
	return r;
}

static bool same_keys(const struct floor_keys *a, const struct floor_keys *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!str_eq(a->items[i].key, b->items[i].key) ||
				!str_eq(a->items[i].value, b->items[i].value))
			return false;
	return true;
}

static bool has_key(const struct floor_keys *keys, const char *key)
{
	for (size_t i = 0; i < keys->count; i++)
		if (str_eq(keys->items[i].key, str_from(key)))
			return true;
	return false;
}

/*
 * A text that is understood hides nothing of what follows it, unless it made another text of it and is
 * refused.
 */
static void check_witness(size_t i, struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	scoped(buf) struct buf longer = BUF_INIT(text.len + 100);
	struct floor_keys keys;

	if (!witnesses[i].line)
		return;
	(void)buf_append(&longer, text.data, text.len);
	(void)buf_append_str(&longer, witnesses[i].line);
	if (extract(&arena, witnesses[i].look, (struct str){ longer.data, longer.len }, &keys) == 0)
		assert(has_key(&keys, witnesses[i].key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena first = ARENA_INIT(ARENA_BYTES), second = ARENA_INIT(ARENA_BYTES), small;
	struct floor_keys keys, again, few;
	struct str text;
	size_t i;
	int r;

	if (!size)
		return 0;
	i = data[0] % ARRAY_SIZE(witnesses);
	text = (struct str){ (const char *)data + 1, size - 1 };
	r = extract(&first, witnesses[i].look, text, &keys);
	assert(extract(&second, witnesses[i].look, text, &again) == r);
	assert(same_keys(&keys, &again));
	small = (struct arena)ARENA_INIT(first.used_bytes / 2);
	if (extract(&small, witnesses[i].look, text, &few) == 0)
		assert(r == 0 && same_keys(&keys, &few));
	if (r == 0)
		check_witness(i, text);
	arena_fini(&small);
	arena_fini(&second);
	arena_fini(&first);
	return 0;
}
