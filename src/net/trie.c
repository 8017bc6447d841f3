// SPDX-License-Identifier: Apache-2.0
/*
 * trie.c - places, in an array, with a table of chains over parent and label
 */
#include "net/trie.h"

#include "base/map.h"
#include "net/net_internal.h"

#include <stdlib.h>

enum {
	BUCKETS_FIRST = 64,
	ROOMS_FIRST = 64,
};

/* A block's label. */
struct block_label {
	uint8_t bits, len;		/* @len: of the address, which says the family */
	uint8_t bytes[NET_V6_BYTES];
};

_Static_assert(sizeof(struct block_label) <= NET_LABEL_MAX, "a block is kept where a label is");

static void *must_realloc(void *p, size_t count, size_t size_bytes)
{
	p = reallocarray(p, count, size_bytes);
	if (!p)
		abort();
	return p;
}

static uint32_t *bucket_of(const struct net_trie *trie, uint32_t parent, uint64_t hash)
{
	/* The golden ratio: neighbours among parents go far apart. */
	uint64_t mixed = hash ^ parent * UINT64_C(0x9e3779b97f4a7c15);

	return &trie->buckets[(mixed ^ mixed >> 32) & (trie->bucket_count - 1)];
}

/* ---- the table ---- */

static void link_place(struct net_trie *trie, uint32_t at)
{
	struct net_place *place = &trie->places[at];
	uint32_t *bucket = bucket_of(trie, place->parent, place->hash);

	place->next = *bucket;
	*bucket = at;
}

static void unlink_place(struct net_trie *trie, uint32_t at)
{
	struct net_place *place = &trie->places[at];
	uint32_t *link = bucket_of(trie, place->parent, place->hash);

	while (*link != at)
		link = &trie->places[*link].next;
	*link = place->next;
	trie->used--;
}

static bool is_wild(const struct net_place *place)
{
	return place->label[0] == '*' && place->parent != NET_TRIE_BLOCKS;
}

static void grow_table(struct net_trie *trie)
{
	if (trie->used < trie->bucket_count)
		return;
	trie->bucket_count = MAX(trie->bucket_count * 2, (uint32_t)BUCKETS_FIRST);
	trie->buckets = must_realloc(trie->buckets, trie->bucket_count, sizeof(*trie->buckets));
	memset(trie->buckets, 0, trie->bucket_count * sizeof(*trie->buckets));
	for (uint32_t i = NET_TRIE_BLOCKS + 1; i < trie->count; i++)
		if (trie->places[i].parent && !is_wild(&trie->places[i]))
			link_place(trie, i);
}

/* ---- places ---- */

static uint32_t new_place(struct net_trie *trie, uint32_t parent, uint64_t hash, struct str label)
{
	uint32_t at = trie->free;
	struct net_place *place;

	if (at) {
		trie->free = trie->places[at].next;
	} else {
		if (trie->count == trie->room) {
			trie->room = MAX(trie->room * 2, (uint32_t)ROOMS_FIRST);
			trie->places = must_realloc(trie->places, trie->room, sizeof(*trie->places));
		}
		at = trie->count++;
	}
	place = &trie->places[at];
	*place = (struct net_place){ .parent = parent, .hash = hash, .label_len = (uint8_t)label.len };
	if (label.len)
		memcpy(place->label, label.data, label.len);
	if (parent)
		trie->places[parent].children++;
	return at;
}

static uint32_t put_plain(struct net_trie *trie, uint32_t parent, struct str label)
{
	uint64_t hash = net_trie_hash(trie, label), steps = 0;
	uint32_t at = net_trie_child(trie, parent, hash, label, &steps);

	if (at)
		return at;
	grow_table(trie);
	at = new_place(trie, parent, hash, label);
	link_place(trie, at);
	trie->used++;
	return at;
}

static uint32_t put_wild(struct net_trie *trie, uint32_t parent, struct str label)
{
	uint32_t at = label.len > 1 ? trie->places[parent].deep : trie->places[parent].star;

	if (at)
		return at;
	at = new_place(trie, parent, 0, label);
	*(label.len > 1 ? &trie->places[parent].deep : &trie->places[parent].star) = at;
	return at;
}

static struct str block_label(const struct net_address *address, unsigned bits, struct block_label *ret)
{
	struct net_address first = *address;

	(void)net_address_clear_behind(&first, bits);
	*ret = (struct block_label){ .bits = (uint8_t)bits, .len = first.len };
	memcpy(ret->bytes, first.bytes, sizeof(ret->bytes));
	return (struct str){ (const char *)ret, sizeof(*ret) };
}

void net_trie_init(struct net_trie *trie, const uint64_t seed[2])
{
	*trie = (struct net_trie){ .seed = { seed[0], seed[1] } };
	grow_table(trie);
	for (int i = NET_TRIE_NONE; i <= NET_TRIE_BLOCKS; i++)
		(void)new_place(trie, NET_TRIE_NONE, 0, (struct str){ 0 });
}

void net_trie_fini(struct net_trie *trie)
{
	free(trie->places);
	free(trie->buckets);
	*trie = (struct net_trie){ 0 };
}

uint32_t net_trie_put_name(struct net_trie *trie, struct str pattern)
{
	uint32_t at = NET_TRIE_NAMES;

	while (pattern.len) {
		const char *dot = memrchr(pattern.data, '.', pattern.len);
		size_t start = dot ? (size_t)(dot - pattern.data) + 1 : 0;
		struct str label = { pattern.data + start, pattern.len - start };

		at = label.data[0] == '*' ? put_wild(trie, at, label) : put_plain(trie, at, label);
		pattern.len = dot ? start - 1 : 0;
	}
	return at;
}

uint32_t net_trie_put_block(struct net_trie *trie, const struct net_prefix *block)
{
	uint32_t used = trie->used, at;
	struct block_label label;

	at = put_plain(trie, NET_TRIE_BLOCKS, block_label(&block->address, block->bits, &label));
	trie->blocks[block->address.len != NET_V4_BYTES][block->bits] += trie->used - used;
	return at;
}

static void take_out(struct net_trie *trie, uint32_t at)
{
	struct net_place *place = &trie->places[at], *parent = &trie->places[place->parent];
	struct block_label block;

	if (!is_wild(place))
		unlink_place(trie, at);
	if (parent->star == at)
		parent->star = NET_TRIE_NONE;
	if (parent->deep == at)
		parent->deep = NET_TRIE_NONE;
	if (place->parent == NET_TRIE_BLOCKS) {
		memcpy(&block, place->label, sizeof(block));
		trie->blocks[block.len != NET_V4_BYTES][block.bits]--;
	}
	parent->children--;
	*place = (struct net_place){ .next = trie->free };
	trie->free = at;
}

void net_trie_drop(struct net_trie *trie, uint32_t place)
{
	while (place > NET_TRIE_BLOCKS && !trie->places[place].children && !trie->places[place].rule_count) {
		uint32_t parent = trie->places[place].parent;

		take_out(trie, place);
		place = parent;
	}
}

/* ---- looking up ---- */

uint64_t net_trie_hash(const struct net_trie *trie, struct str label)
{
	return siphash24(trie->seed, label.data, label.len);
}

uint32_t net_trie_child(const struct net_trie *trie, uint32_t parent, uint64_t hash, struct str label,
	uint64_t *steps)
{
	uint32_t at = *bucket_of(trie, parent, hash);

	for (; at; at = trie->places[at].next) {
		const struct net_place *place = &trie->places[at];

		++*steps;
		if (place->hash == hash && place->parent == parent && place->label_len == label.len &&
				!memcmp(place->label, label.data, label.len))
			break;
	}
	return at;
}

uint32_t net_trie_block(const struct net_trie *trie, const struct net_address *address, unsigned bits,
	uint64_t *steps)
{
	struct block_label block;
	struct str label;

	if (!trie->blocks[address->len != NET_V4_BYTES][bits])
		return NET_TRIE_NONE;
	label = block_label(address, bits, &block);
	return net_trie_child(trie, NET_TRIE_BLOCKS, net_trie_hash(trie, label), label, steps);
}
