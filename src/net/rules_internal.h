/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_internal.h - a set of rules as rules.c changes it and rules_judge.c asks it
 */
#pragma once

#include "net/rules.h"
#include "net/trie.h"

struct net_rule_node {
	struct net_rule rule;
	struct net_rule_node *next;	/* at the same place */
	uint32_t place;
	char texts[];			/* the entry's name, @where and its programs, each with its NUL */
};

struct net_rules {
	struct net_trie trie;
	struct net_rule_node **nodes;	/* by id */
	size_t count, room;
	uint64_t last_id;
	uint64_t first_end_ns;		/* no rule is over before; UINT64_MAX: none has an end */
	uint64_t steps;
};
