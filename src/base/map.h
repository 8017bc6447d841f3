/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.h - bytes to pointer, in memory, for keys that a stranger may have chosen
 *
 * Open addressing with linear probing over SipHash-2-4, keyed by a seed that the caller brings (base reads no
 * randomness), so nobody outside can make the probes long. Keys and values are borrowed: they must outlive
 * the map, usually because an arena holds them. Entries cannot be removed; a map lives as long as one load or
 * one walk. Iteration is in insertion order, so that output never depends on the seed.
 */
#pragma once

#include "base/macro.h"

struct map_entry {
	const char *key;
	size_t key_len;
	uint64_t hash;
	void *value;
};

struct map {
	uint64_t seed[2];
	struct map_entry *entries;	/* in insertion order */
	uint32_t *slots;		/* index into entries plus one; 0: free */
	size_t count, entries_room, slots_count, limit_count;
};

#define MAP_INIT(limit, seed0, seed1) { .limit_count = (limit), .seed = { (seed0), (seed1) } }

/**
 * map_get() - look a key up
 * @map: the map
 * @key: @key_len bytes
 * @key_len: bytes
 *
 * Return: the value, or NULL.
 */
void *map_get(const struct map *map, const void *key, size_t key_len);

/**
 * map_put() - add a key
 * @map: grows
 * @key: @key_len bytes, borrowed
 * @key_len: bytes
 * @value: not NULL, borrowed
 *
 * Errors: -EEXIST the key is there (nothing changes); -EMSGSIZE the map's limit would be passed.
 * Return: 0 or negative errno.
 */
int map_put(struct map *map, const void *key, size_t key_len, void *value);

/** map_fini() - free the table, not the keys and values */
void map_fini(struct map *map);

/**
 * siphash24() - SipHash-2-4
 * @seed: the key
 * @data: @len bytes
 * @len:  bytes
 *
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012)
 * Return: the hash.
 */
uint64_t siphash24(const uint64_t seed[2], const void *data, size_t len);

static inline void map_scope_exit(struct map *map)
{
	map_fini(map);
}
