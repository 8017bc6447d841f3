// SPDX-License-Identifier: Apache-2.0
/*
 * cache.c - a few buckets, and everything forgotten at once
 *
 * An attacker who chooses the texts can put all of them into one bucket. That is REGO_CACHE_ENTRIES
 * comparisons of a hash and a length at most, and needs no better hash.
 */
#include "rego/cache.h"

#include <errno.h>

/*
 * Eight bytes at a time, since it is asked for at each match; what is left at the end is a word of its own.
 */
static uint64_t hash_str(uint64_t hash, struct str text)
{
	const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);	/* 2^64 over the golden ratio */
	uint64_t word;

	for (; text.len >= sizeof(word); text.data += sizeof(word), text.len -= sizeof(word)) {
		memcpy(&word, text.data, sizeof(word));
		hash = (hash ^ word) * factor;
		hash ^= hash >> 32;
	}
	word = text.len;
	for (size_t i = 0; i < text.len; i++)
		word = word << 8 | (unsigned char)text.data[i];
	hash = (hash ^ word) * factor;
	return hash ^ hash >> 32;
}

static uint32_t hash_key(const struct rego_cache_key *key)
{
	return (uint32_t)hash_str(hash_str((uint64_t)key->family, key->settings), key->text);
}

static bool is_same(const struct rego_cache_key *a, const struct rego_cache_key *b)
{
	return a->family == b->family && str_eq(a->text, b->text) && str_eq(a->settings, b->settings);
}

void *rego_cache_find(const struct rego_cache *cache, const struct rego_cache_key *key)
{
	uint32_t hash = hash_key(key);

	for (const struct rego_cache_entry *entry = cache->buckets[hash % REGO_CACHE_BUCKETS]; entry;
			entry = entry->next)
		if (entry->hash == hash && is_same(&entry->key, key))
			return entry->value;
	return NULL;
}

struct arena *rego_cache_begin(struct rego_cache *cache)
{
	if (cache->count == REGO_CACHE_ENTRIES || cache->arena.used_bytes > cache->arena.limit_bytes / 2)
		rego_cache_clear(cache);
	return &cache->arena;
}

int rego_cache_put(struct rego_cache *cache, const struct rego_cache_key *key, void *value)
{
	struct rego_cache_entry *entry = arena_alloc(&cache->arena, sizeof(*entry));
	struct rego_cache_entry **bucket;

	if (!entry)
		return -EMSGSIZE;
	*entry = (struct rego_cache_entry){ .key = *key, .hash = hash_key(key), .value = value };
	entry->key.text.data = arena_copy(&cache->arena, key->text.data, key->text.len);
	entry->key.settings.data = arena_copy(&cache->arena, key->settings.data, key->settings.len);
	if (!entry->key.text.data || !entry->key.settings.data)
		return -EMSGSIZE;
	bucket = &cache->buckets[entry->hash % REGO_CACHE_BUCKETS];
	entry->next = *bucket;
	*bucket = entry;
	cache->count++;
	return 0;
}

void rego_cache_clear(struct rego_cache *cache)
{
	memset(cache->buckets, 0, sizeof(cache->buckets));
	cache->count = 0;
	cache->networks = NULL;
	cache->graphql = NULL;
	arena_reset(&cache->arena);
}

void rego_cache_fini(struct rego_cache *cache)
{
	rego_cache_clear(cache);
	arena_fini(&cache->arena);
}
