/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trie.h - the places that rules are kept at: patterns of names, and blocks of addresses
 *
 * A tree for names, the top-level label first, and beside it a flat one for blocks of addresses. A place is a
 * number; children are found by a hash of parent and label, "*" and "**" directly. So a name leads to its
 * places in a step for each of its labels, times the wildcards on the way, however many places there are. A
 * place that no rule and no child needs is given back with dropping the last of them.
 *
 * Numbers of places stay as they are until they are dropped; pointers to them do not.
 */
#pragma once

#include "net/address.h"
#include "net/name.h"

enum {
	NET_TRIE_NONE = 0,
	NET_TRIE_NAMES = 1,		/* the roots */
	NET_TRIE_BLOCKS = 2,
};

struct net_rule_node;

struct net_place {
	uint32_t parent, next;		/* next: of its bucket, or of those that are free */
	uint32_t star, deep;		/* the children "*" and "**" of a name's place */
	uint32_t children;		/* how many, those two among them */
	uint32_t rule_count;
	struct net_rule_node *rules;	/* rules.c's, the narrowest first */
	uint64_t hash;			/* of the label, without its parent */
	uint8_t label_len;
	char label[NET_LABEL_MAX];	/* of a block: its bits, and its address */
};

struct net_trie {
	uint64_t seed[2];
	struct net_place *places;
	uint32_t count, room, free;	/* @free: the first that may be used again */
	uint32_t used;			/* places in buckets */
	uint32_t *buckets;
	uint32_t bucket_count;		/* a power of two */
	/* How many blocks there are of each length, IPv4 first. */
	uint32_t blocks[2][8 * NET_V6_BYTES + 1];
};

/** net_trie_init() - with the two roots; @seed is random where strangers choose labels */
void net_trie_init(struct net_trie *trie, const uint64_t seed[2]);

/** net_trie_fini() - free it, and no rule */
void net_trie_fini(struct net_trie *trie);

/** net_trie_put_name() - the place of a pattern (net/entry.h), made where there is none; Return: the place */
uint32_t net_trie_put_name(struct net_trie *trie, struct str pattern);

/** net_trie_put_block() - the place of a block, made where there is none; Return: the place */
uint32_t net_trie_put_block(struct net_trie *trie, const struct net_prefix *block);

/** net_trie_drop() - give back a place, and those that led only to it, if no rule is there */
void net_trie_drop(struct net_trie *trie, uint32_t place);

/** net_trie_hash() - of a label, for net_trie_child() */
uint64_t net_trie_hash(const struct net_trie *trie, struct str label);

/**
 * net_trie_child() - the place of a plain label below another
 * @trie:   where
 * @parent: a place
 * @hash:   net_trie_hash() of @label
 * @label:  not a wildcard
 * @steps:  how many places were looked at is added
 *
 * Return: the place, or NET_TRIE_NONE.
 */
uint32_t net_trie_child(const struct net_trie *trie, uint32_t parent, uint64_t hash, struct str label,
	uint64_t *steps);

/** net_trie_block() - the place of the first @bits of an address; Return: the place, or NET_TRIE_NONE */
uint32_t net_trie_block(const struct net_trie *trie, const struct net_address *address, unsigned bits,
	uint64_t *steps);
