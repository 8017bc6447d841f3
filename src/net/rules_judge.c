// SPDX-License-Identifier: Apache-2.0
/*
 * rules_judge.c - a set of rules, asked
 *
 * A name is walked from its last label on: below each place the plain label first, then "*", then "**", so
 * that what is met first is what decides among rules that say the same. All of it is walked, since a denial
 * may stand anywhere. The walk is as deep as a name has labels, and comes to no place twice.
 */
#include "net/rules.h"

#include "net/rules_internal.h"

struct question {
	const struct net_rules *set;
	uint16_t port;			/* 0: any */
	enum net_protocol protocol;
	const struct net_who *who;
	uint64_t now_ns;
	uint64_t steps;
	/* What was met first of each kind. */
	unsigned dns;			/* of enum net_dns: of a lookup of that type */
	struct net_rule_node *denial, *ask, *permission, *approval;
	struct net_rule_node *denial_by;	/* of some programs */
	struct net_rule_node *others;	/* allows it to other programs, or to nobody knows whom */
	bool has_by;			/* some rule is for some programs */
};

/* A name, its labels counted from the last. */
struct labels {
	const char *name;
	unsigned count, hashed;
	uint8_t start[NET_LABELS_MAX], len[NET_LABELS_MAX];
	uint64_t hashes[NET_LABELS_MAX];
};

/* ---- one place ---- */

static bool concerns(const struct question *question, const struct net_rule *rule)
{
	if (rule->expires_ns && rule->expires_ns <= question->now_ns)
		return false;
	if (question->dns && !rule->entry.denies && !rule->asks && !(rule->entry.dns & question->dns))
		return false;
	if (!question->port)
		return !rule->entry.denies || (rule->entry.ports.first == 1 &&
			rule->entry.ports.last == NET_PORT_MAX && rule->entry.protocol == NET_TCP);
	return question->port >= rule->entry.ports.first && question->port <= rule->entry.ports.last &&
		(rule->entry.protocol == NET_TCP || rule->entry.protocol == question->protocol);
}

static void meet(struct net_rule_node **first, struct net_rule_node *node)
{
	if (!*first)
		*first = node;
}

/* One that speaks of some programs: whether it does of who asks. What narrows does in doubt. */
static bool is_for_asker(struct question *question, struct net_rule_node *node)
{
	const struct net_rule *rule = &node->rule;
	bool narrows = rule->entry.denies || rule->asks;

	if (!rule->entry.by.len)
		return true;
	question->has_by = true;
	if (narrows ? net_who_may_be(question->who, rule->entry.by) :
			net_who_is(question->who, rule->entry.by))
		return true;
	if (!narrows)
		meet(&question->others, node);
	return false;
}

static void weigh(struct question *question, uint32_t place)
{
	struct net_rule_node *node = question->set->trie.places[place].rules;

	for (; node; node = node->next) {
		question->steps++;
		if (!concerns(question, &node->rule) || !is_for_asker(question, node))
			continue;
		if (node->rule.entry.denies) {
			meet(node->rule.entry.by.len ? &question->denial_by : &question->denial, node);
		} else if (node->rule.asks) {
			meet(&question->ask, node);
		} else {
			meet(&question->permission, node);
			if (node->rule.source == NET_RULE_APPROVAL)
				meet(&question->approval, node);
		}
	}
}

/* The rule that decides, if one does. */
static enum net_verdict decide(const struct question *question, struct net_rule_node **ret)
{
	*ret = question->denial ?: question->denial_by;
	if (*ret || !question->permission)
		return NET_DENY;
	*ret = question->ask ?: question->permission;
	if (!question->ask)
		return NET_ALLOW;
	*ret = question->approval ?: question->ask;
	return question->approval ? NET_ALLOW : NET_ASK;
}

static struct net_judgement judgement_of(const struct question *question)
{
	struct net_rule_node *node;
	struct net_judgement judgement = { .verdict = decide(question, &node) };

	judgement.rule = node ? &node->rule : NULL;
	judgement.others = question->others ? &question->others->rule : NULL;
	judgement.needs_who = question->has_by && !question->who && !question->denial &&
		judgement.verdict != NET_ALLOW;
	return judgement;
}

/* What of the question stays with the set is its work. */
static struct net_judgement settle(struct net_rules *set, const struct question *question)
{
	set->steps += question->steps;
	return judgement_of(question);
}

/* ---- names ---- */

/*
 * Bytes of a label, as net_label_is_valid() has them: once for each byte of every name that is asked about.
 */
static const bool is_plain[UINT8_MAX + 1] = {
	['a' ... 'z'] = true, ['0' ... '9'] = true, ['-'] = true, ['_'] = true,
};

static bool add_label(struct labels *labels, size_t start, size_t end)
{
	if (start == end || end - start > NET_LABEL_MAX || labels->name[start] == '-' ||
			labels->name[end - 1] == '-')
		return false;
	labels->start[labels->count] = (uint8_t)start;
	labels->len[labels->count++] = (uint8_t)(end - start);
	return true;
}

/* Whether it is a name; its labels are set. */
static bool split(struct str name, struct labels *ret)
{
	struct net_address address;
	size_t end = name.len;

	ret->name = name.data;
	ret->count = ret->hashed = 0;
	if (!name.len || name.len > NET_NAME_MAX)
		return false;
	for (size_t i = name.len; i-- > 0;) {
		if (is_plain[(uint8_t)name.data[i]])
			continue;
		if (name.data[i] != '.' || !add_label(ret, i + 1, end))
			return false;
		end = i;
	}
	if (!add_label(ret, 0, end))
		return false;
	/* Some program would take it for an address. */
	return !ascii_is_digit(name.data[ret->start[0]]) ||
		net_address_spelling(name, &address) == NET_NO_ADDRESS;
}

static uint32_t find_plain(struct question *question, struct labels *labels, uint32_t place, unsigned depth)
{
	const struct net_trie *trie = &question->set->trie;
	struct str label = { labels->name + labels->start[depth], labels->len[depth] };

	for (; labels->hashed <= depth; labels->hashed++)
		labels->hashes[labels->hashed] = net_trie_hash(trie, (struct str){
			labels->name + labels->start[labels->hashed], labels->len[labels->hashed] });
	return net_trie_child(trie, place, labels->hashes[depth], label, &question->steps);
}

/* Recurses once for each label at the most. */
static void walk(struct question *question, struct labels *labels, uint32_t at, unsigned depth)
{
	const struct net_place *place = &question->set->trie.places[at];
	uint32_t plain;

	question->steps++;
	if (depth == labels->count) {
		weigh(question, at);
		return;
	}
	if (!place->children)
		return;
	plain = place->children == (uint32_t)(!!place->star + !!place->deep) ? NET_TRIE_NONE :
		find_plain(question, labels, at, depth);
	if (plain)
		walk(question, labels, plain, depth + 1);
	if (place->star)
		walk(question, labels, place->star, depth + 1);
	if (place->deep)
		weigh(question, place->deep);
}

static void ask_name(struct question *question, struct str name)
{
	UNINITIALIZED struct labels labels;

	if (split(name, &labels))
		walk(question, &labels, NET_TRIE_NAMES, 0);
}

struct net_judgement net_rules_judge(struct net_rules *set, struct str name, uint16_t port,
	enum net_protocol protocol, const struct net_who *who, uint64_t now_ns)
{
	struct question question = {
		.set = set, .port = port, .protocol = protocol, .who = who, .now_ns = now_ns,
	};

	if (port)
		ask_name(&question, name);
	return settle(set, &question);
}

static struct net_judgement judge_lookup(const struct net_rules *set, struct str name, unsigned dns,
	uint64_t now_ns)
{
	struct question question = { .set = set, .dns = dns, .now_ns = now_ns };

	ask_name(&question, name);
	return judgement_of(&question);
}

struct net_judgement net_rules_name(const struct net_rules *set, struct str name, uint64_t now_ns)
{
	return judge_lookup(set, name, 0, now_ns);
}

struct net_judgement net_rules_dns(const struct net_rules *set, struct str name, enum net_dns dns,
	uint64_t now_ns)
{
	return judge_lookup(set, name, dns, now_ns);
}

/* ---- addresses ---- */

static void ask_address(struct question *question, const struct net_address *address)
{
	const struct net_trie *trie = &question->set->trie;

	for (unsigned bits = address->len * 8u + 1; bits-- > 0;) {
		uint32_t place = net_trie_block(trie, address, bits, &question->steps);

		if (place)
			weigh(question, place);
	}
}

struct net_judgement net_rules_address(struct net_rules *set, const struct net_address *address,
	uint16_t port, enum net_protocol protocol, const struct net_who *who, uint64_t now_ns)
{
	struct question question = {
		.set = set, .port = port, .protocol = protocol, .who = who, .now_ns = now_ns,
	};
	struct question of_hidden = question;
	struct net_address hidden;

	if (!port)
		return (struct net_judgement){ .verdict = NET_DENY };
	ask_address(&question, address);
	if (net_address_hidden(address, &hidden)) {
		ask_address(&of_hidden, &hidden);
		meet(&question.denial, of_hidden.denial);
		meet(&question.denial_by, of_hidden.denial_by);
		question.has_by |= of_hidden.has_by;
		question.steps += of_hidden.steps;
	}
	return settle(set, &question);
}
