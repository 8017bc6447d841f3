/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache.h - what was made once of a text and is wanted again: patterns, networks, types of GraphQL
 *
 * A policy asks one pattern about many names, and an evaluation many policies; compiling costs more than most
 * matches. The cache is a small map from (family, text, settings) to whatever the family made of that. It has
 * an arena of its own with a limit. Where that is full, or there are too many entries, all of them are
 * forgotten and it begins anew; so there is nothing to order by age, and nobody can fill it for long.
 *
 * Whatever is in it follows from the key alone: with the cache or without, with this history or that one, an
 * evaluation gives the same answer. It belongs to one evaluation at a time, and may outlive it.
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum {
	REGO_CACHE_ENTRIES = 128,
	REGO_CACHE_BUCKETS = 64,
};

struct rego_graphql;
struct rego_networks;

enum rego_cache_family {
	REGO_CACHE_REGEX,
	REGO_CACHE_TEMPLATE,		/* of regex.template_match */
	REGO_CACHE_GLOB,
};

struct rego_cache_key {
	enum rego_cache_family family;
	struct str text;
	struct str settings;		/* delimiters and the like; may be empty */
};

struct rego_cache_entry {
	struct rego_cache_key key;
	uint32_t hash;
	void *value;
	struct rego_cache_entry *next;	/* in its bucket */
};

struct rego_cache {
	struct arena arena;
	struct rego_cache_entry *buckets[REGO_CACHE_BUCKETS];
	size_t count;
	/* that were read of texts, in the arena; NULL: none yet (builtin_net.c) */
	struct rego_networks *networks;
	const struct rego_graphql *graphql;	/* as above (graphql_schema.c) */
	bool has_texts;			/* the plan at hand wants that these are kept */
};

#define REGO_CACHE_INIT(limit) { .arena = ARENA_INIT(limit) }

/** rego_cache_find() - what was kept for a key; Return: the value, or NULL */
void *rego_cache_find(const struct rego_cache *cache, const struct rego_cache_key *key);

/**
 * rego_cache_begin() - room for one more value
 * @cache: may forget everything that is in it
 *
 * Return: the arena in which the value is to be made.
 */
struct arena *rego_cache_begin(struct rego_cache *cache);

/**
 * rego_cache_put() - keep a value
 * @cache: rego_cache_begin() was called since the last one
 * @key:   not in it; copied
 * @value: made in the cache's arena
 *
 * Errors: -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int rego_cache_put(struct rego_cache *cache, const struct rego_cache_key *key, void *value);

/** rego_cache_clear() - forget everything; values that were found are gone */
void rego_cache_clear(struct rego_cache *cache);

/** rego_cache_fini() - free the memory; the limit stays */
void rego_cache_fini(struct rego_cache *cache);

static inline void rego_cache_scope_exit(struct rego_cache *cache)
{
	rego_cache_fini(cache);
}
