// SPDX-License-Identifier: Apache-2.0
/*
 * rules.c - the set: rules come and go
 *
 * A rule owns its texts, and lies in two orders: by id in an array, and by exactness at its place.
 */
#include "net/rules.h"

#include "net/rules_internal.h"

#include <errno.h>
#include <stdlib.h>

enum {
	ROOM_FIRST = 16,
};

struct net_rules *net_rules_new(const uint64_t seed[2])
{
	struct net_rules *set = calloc(1, sizeof(*set));

	if (!set)
		abort();
	net_trie_init(&set->trie, seed);
	set->first_end_ns = UINT64_MAX;
	return set;
}

void net_rules_free(struct net_rules *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count; i++)
		free(set->nodes[i]);
	free(set->nodes);
	net_trie_fini(&set->trie);
	free(set);
}

/* ---- at a place ---- */

static unsigned port_count(const struct net_rule *rule)
{
	return (unsigned)rule->entry.ports.last - rule->entry.ports.first;
}

/* Whether @a decides where @b, of the same pattern, would say the same. */
static bool is_before(const struct net_rule *a, const struct net_rule *b)
{
	if (!a->entry.by.len != !b->entry.by.len)
		return a->entry.by.len;
	if (port_count(a) != port_count(b))
		return port_count(a) < port_count(b);
	if (!a->entry.protocol != !b->entry.protocol)
		return a->entry.protocol != NET_TCP;
	return a->id < b->id;
}

static void link_rule(struct net_rules *set, struct net_rule_node *node)
{
	struct net_place *place = &set->trie.places[node->place];
	struct net_rule_node **link = &place->rules;

	while (*link && is_before(&(*link)->rule, &node->rule))
		link = &(*link)->next;
	node->next = *link;
	*link = node;
	place->rule_count++;
}

static void unlink_rule(struct net_rules *set, struct net_rule_node *node)
{
	struct net_place *place = &set->trie.places[node->place];
	struct net_rule_node **link = &place->rules;

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	place->rule_count--;
	net_trie_drop(&set->trie, node->place);
}

/* ---- coming ---- */

static struct net_rule_node *copy_rule(const struct net_rule *rule, size_t where_len)
{
	size_t name_len = rule->entry.name.len, by_len = rule->entry.by.len;
	struct net_rule_node *node = calloc(1, sizeof(*node) + name_len + 1 + where_len + 1 + by_len + 1);
	char *by = node->texts + name_len + 1 + where_len + 1;

	if (!node)
		abort();
	node->rule = *rule;
	node->rule.hits = 0;
	if (name_len)
		memcpy(node->texts, rule->entry.name.data, name_len);
	node->rule.entry.name.data = node->texts;
	if (where_len)
		memcpy(node->texts + name_len + 1, rule->where, where_len);
	node->rule.where = node->texts + name_len + 1;
	if (by_len)
		memcpy(by, rule->entry.by.data, by_len);
	node->rule.entry.by.data = by;
	return node;
}

static void keep(struct net_rules *set, struct net_rule_node *node)
{
	if (set->count == set->room) {
		set->room = MAX(set->room * 2, (size_t)ROOM_FIRST);
		set->nodes = reallocarray(set->nodes, set->room, sizeof(struct net_rule_node *));
		if (!set->nodes)
			abort();
	}
	node->rule.id = ++set->last_id;
	set->nodes[set->count++] = node;
	link_rule(set, node);
	if (node->rule.expires_ns)
		set->first_end_ns = MIN(set->first_end_ns, node->rule.expires_ns);
}

static int add_one(struct net_rules *set, const struct net_rule *rule)
{
	size_t where_len = rule->where ? strnlen(rule->where, NET_RULE_WHERE_MAX + 1) : 0;
	struct net_rule_node *node;
	uint32_t place;

	if (where_len > NET_RULE_WHERE_MAX || (rule->asks && rule->entry.denies))
		return -EINVAL;
	if (set->count == NET_RULES_MAX)
		return -ENOSPC;
	place = rule->entry.name.len ? net_trie_put_name(&set->trie, rule->entry.name) :
		net_trie_put_block(&set->trie, &rule->entry.prefix);
	if (set->trie.places[place].rule_count == NET_RULES_PLACE_MAX)
		return -ENOSPC;
	node = copy_rule(rule, where_len);
	node->place = place;
	keep(set, node);
	return 0;
}

int net_rules_add(struct net_rules *set, const struct net_rule *rules, size_t count, uint64_t now_ns,
	uint64_t *ret_id)
{
	uint64_t last_id = set->last_id;
	int r = 0;

	(void)net_rules_expire(set, now_ns);
	for (size_t i = 0; i < count && r >= 0; i++)
		r = add_one(set, &rules[i]);
	while (r < 0 && set->last_id > last_id)
		(void)net_rules_remove(set, set->last_id--);
	if (r >= 0 && ret_id)
		*ret_id = last_id + 1;
	return r;
}

/* ---- going ---- */

/* The first whose id is not below @id. */
static size_t find(const struct net_rules *set, uint64_t id)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->nodes[middle]->rule.id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int net_rules_remove(struct net_rules *set, uint64_t id)
{
	size_t at = find(set, id);

	if (at == set->count || set->nodes[at]->rule.id != id)
		return -ENOENT;
	unlink_rule(set, set->nodes[at]);
	free(set->nodes[at]);
	memmove(set->nodes + at, set->nodes + at + 1,
		(set->count - at - 1) * sizeof(struct net_rule_node *));
	set->count--;
	return 0;
}

int net_rules_number(struct net_rules *set, uint64_t id)
{
	if (id <= set->last_id)
		return -EINVAL;
	set->last_id = id - 1;
	return 0;
}

size_t net_rules_expire(struct net_rules *set, uint64_t now_ns)
{
	size_t kept = 0, count = set->count;

	if (now_ns < set->first_end_ns)
		return 0;
	set->first_end_ns = UINT64_MAX;
	for (size_t i = 0; i < count; i++) {
		struct net_rule_node *node = set->nodes[i];
		uint64_t end_ns = node->rule.expires_ns;

		if (end_ns && end_ns <= now_ns) {
			unlink_rule(set, node);
			free(node);
			continue;
		}
		if (end_ns)
			set->first_end_ns = MIN(set->first_end_ns, end_ns);
		set->nodes[kept++] = node;
	}
	set->count = kept;
	return count - kept;
}

/* ---- looking ---- */

uint64_t net_rules_end(const struct net_rules *set)
{
	return set->first_end_ns;
}

void net_rules_hit(struct net_rules *set, uint64_t id, uint64_t count)
{
	size_t at = find(set, id);

	if (at < set->count && set->nodes[at]->rule.id == id)
		set->nodes[at]->rule.hits += count;
}

size_t net_rules_count(const struct net_rules *set)
{
	return set->count;
}

const struct net_rule *net_rules_next(const struct net_rules *set, uint64_t id)
{
	size_t at = find(set, id + 1);

	return at < set->count ? &set->nodes[at]->rule : NULL;
}

uint64_t net_rules_steps(const struct net_rules *set)
{
	return set->steps;
}
