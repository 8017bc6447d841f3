// SPDX-License-Identifier: Apache-2.0
/*
 * map.c - open addressing over SipHash
 *
 * slots is a power of two and at most half full; an entry's place in `entries` never changes, so pointers
 * into it are good until the next put.
 */
#include "base/map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	SLOTS_MIN_COUNT = 16,
};

static uint64_t rotl(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static ALWAYS_INLINE void sip_round(uint64_t v[4])
{
	v[0] += v[1], v[1] = rotl(v[1], 13), v[1] ^= v[0], v[0] = rotl(v[0], 32);
	v[2] += v[3], v[3] = rotl(v[3], 16), v[3] ^= v[2];
	v[0] += v[3], v[3] = rotl(v[3], 21), v[3] ^= v[0];
	v[2] += v[1], v[1] = rotl(v[1], 17), v[1] ^= v[2], v[2] = rotl(v[2], 32);
}

/* In a shape that the compiler knows to be one load. */
static ALWAYS_INLINE uint64_t load_whole_le64(const unsigned char *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
		(uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

static uint64_t load_le64(const unsigned char *p, size_t len)
{
	uint64_t x = 0;

	for (size_t i = 0; i < len; i++)
		x |= (uint64_t)p[i] << (8 * i);
	return x;
}

uint64_t siphash24(const uint64_t seed[2], const void *data, size_t len)
{
	uint64_t v[4] = {
		seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
		seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573,
	};
	const unsigned char *p = data;
	uint64_t last = (uint64_t)len << 56;

	for (; len >= 8; p += 8, len -= 8) {
		uint64_t m = load_whole_le64(p);

		v[3] ^= m;
		sip_round(v), sip_round(v);
		v[0] ^= m;
	}
	last |= load_le64(p, len);
	v[3] ^= last;
	sip_round(v), sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	sip_round(v), sip_round(v), sip_round(v), sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static size_t find_slot(const struct map *map, const void *key, size_t key_len, uint64_t hash)
{
	size_t mask = map->slots_count - 1, slot = (size_t)hash & mask;

	for (;; slot = (slot + 1) & mask) {
		const struct map_entry *entry;

		if (!map->slots[slot])
			return slot;
		entry = &map->entries[map->slots[slot] - 1];
		if (entry->hash == hash && entry->key_len == key_len && !memcmp(entry->key, key, key_len))
			return slot;
	}
}

static void *must_realloc(void *p, size_t count, size_t size_bytes)
{
	p = reallocarray(p, count, size_bytes);
	if (!p)
		abort();
	return p;
}

static void grow(struct map *map)
{
	if (map->count == map->entries_room) {
		map->entries_room = MAX(map->entries_room * 2, (size_t)SLOTS_MIN_COUNT / 2);
		map->entries = must_realloc(map->entries, map->entries_room, sizeof(*map->entries));
	}
	if ((map->count + 1) * 2 <= map->slots_count)
		return;
	map->slots_count = MAX(map->slots_count * 2, (size_t)SLOTS_MIN_COUNT);
	map->slots = must_realloc(map->slots, map->slots_count, sizeof(*map->slots));
	memset(map->slots, 0, map->slots_count * sizeof(*map->slots));
	for (size_t i = 0; i < map->count; i++) {
		const struct map_entry *entry = &map->entries[i];

		map->slots[find_slot(map, entry->key, entry->key_len, entry->hash)] = (uint32_t)i + 1;
	}
}

void *map_get(const struct map *map, const void *key, size_t key_len)
{
	size_t slot;

	if (!map->count)
		return NULL;
	slot = find_slot(map, key, key_len, siphash24(map->seed, key, key_len));
	return map->slots[slot] ? map->entries[map->slots[slot] - 1].value : NULL;
}

int map_put(struct map *map, const void *key, size_t key_len, void *value)
{
	uint64_t hash = siphash24(map->seed, key, key_len);
	size_t slot;

	assert(value);
	if (map_get(map, key, key_len))
		return -EEXIST;
	if (map->count >= map->limit_count || map->count >= UINT32_MAX - 1)
		return -EMSGSIZE;
	grow(map);
	slot = find_slot(map, key, key_len, hash);
	map->entries[map->count] =
		(struct map_entry){ .key = key, .key_len = key_len, .hash = hash, .value = value };
	map->slots[slot] = (uint32_t)++map->count;
	return 0;
}

void map_fini(struct map *map)
{
	free(map->entries);
	free(map->slots);
	*map = (struct map)MAP_INIT(map->limit_count, map->seed[0], map->seed[1]);
}
