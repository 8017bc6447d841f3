// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rules_change.c - what a client of the supervisor wants of the rules: what is read, read again from its
 * own words, is the same
 */
#include "run/rules_change.h"

enum {
	ARENA_MAX_BYTES = 4 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json *write_back(struct arena *arena, const struct rules_change *change)
{
	const char **texts = arena_alloc_array(arena, change->entry_count + 1, sizeof(*texts));

	if (change->kind == RULES_CHANGE_REMOVE)
		return rules_removal_to_json(arena, change->ids, change->id_count);
	for (size_t i = 0; texts && i < change->entry_count; i++) {
		char text[NET_ENTRY_SIZE];

		assert(change->entries[i].denies == (change->kind == RULES_CHANGE_DENY));
		net_entry_print(&change->entries[i], text);
		texts[i] = arena_copy(arena, text + change->entries[i].denies,
			strlen(text + change->entries[i].denies));
		if (!texts[i])
			return NULL;
	}
	return texts ? rules_change_to_json(arena, change->kind, texts, change->entry_count, change->for_ns) :
		NULL;
}

static void compare(const struct rules_change *a, const struct rules_change *b)
{
	assert(a->kind == b->kind && a->for_ns == b->for_ns && a->entry_count == b->entry_count &&
		a->id_count == b->id_count);
	for (size_t i = 0; i < a->id_count; i++)
		assert(a->ids[i] && a->ids[i] == b->ids[i]);
	for (size_t i = 0; i < a->entry_count; i++)
		assert(net_entry_covers(&a->entries[i], &b->entries[i]) &&
			net_entry_covers(&b->entries[i], &a->entries[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf text = BUF_INIT(ARENA_MAX_BYTES);
	struct rules_change change, again;
	const struct json *value;
	struct error err;

	if (rules_change_read(&arena, (struct str){ (const char *)data, size }, &change, &err) < 0)
		return 0;
	assert(change.kind < RULES_CHANGE_KIND_COUNT && change.for_ns <= RULES_CHANGE_FOR_MAX_NS);
	assert(change.entry_count + change.id_count && !change.entry_count != !change.id_count);
	assert(change.entry_count + change.id_count <= RULES_CHANGE_ITEMS_MAX);
	value = write_back(&arena, &change);
	if (!value)
		return 0;
	assert(json_write(&text, value, JSON_WRITE_CANONICAL) >= 0);
	assert(rules_change_read(&arena, (struct str){ text.data, text.len }, &again, &err) >= 0);
	compare(&change, &again);
	return 0;
}
