// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_net_rules.c - a set of rules says what a walk over all of them would
 *
 * Each line of the input is a step: "=" asks about the name or address behind three bytes (port, protocol,
 * time), "-" takes out the rule that the next byte chooses, and any other byte is what a rule has besides its
 * entry, which is the rest of the line. Verdict and rule have to be those of the plain list here, after every
 * step.
 */
#include "net/rules.h"

enum {
	ARENA_MAX_BYTES = 1 << 20,
	RULES_MAX = 48,
	STEPS_MAX = 256,
	TIME_STEP = 16,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct list_of_rules {
	struct net_rule items[RULES_MAX];
	size_t count;
};

struct asked {
	struct str name;		/* empty: see @address */
	struct net_address address;
	uint16_t port;			/* 0: any, of a name */
	enum net_protocol protocol;
	uint64_t now_ns;
};

/* ---- the plain list ---- */

/* The last label of @name, which is cut off. */
static struct str cut_last(struct str *name)
{
	size_t at = name->len;
	struct str label;

	while (at && name->data[at - 1] != '.')
		at--;
	label = (struct str){ name->data + at, name->len - at };
	name->len = at ? at - 1 : 0;
	return label;
}

static bool name_matches(struct str pattern, struct str name)
{
	while (pattern.len && name.len) {
		struct str wanted = cut_last(&pattern), label = cut_last(&name);

		if (wanted.len == 2 && wanted.data[0] == '*')
			return true;
		if (!(wanted.len == 1 && wanted.data[0] == '*') && !str_eq(wanted, label))
			return false;
	}
	return !pattern.len && !name.len;
}

static bool is_name(struct str name)
{
	struct net_address address;
	struct str label, rest = name;
	bool more = name.len > 0;

	if (!name.len || name.len > NET_NAME_MAX || net_address_spelling(name, &address) != NET_NO_ADDRESS)
		return false;
	while (more) {
		more = str_cut(rest, '.', &label, &rest);
		if (!net_label_is_valid(label))
			return false;
	}
	return true;
}

static bool rule_matches(const struct net_rule *rule, const struct asked *asked)
{
	const struct net_entry *entry = &rule->entry;

	if (rule->expires_ns && rule->expires_ns <= asked->now_ns)
		return false;
	/* Nobody has looked who asks. */
	if (entry->by.len && !entry->denies && !rule->asks)
		return false;
	if (asked->name.len ? !entry->name.len || !name_matches(entry->name, asked->name) :
			entry->name.len || !net_prefix_holds(&entry->prefix, &asked->address))
		return false;
	if (!asked->port)
		return !entry->denies || (entry->ports.first == 1 && entry->ports.last == NET_PORT_MAX &&
			!entry->protocol);
	return asked->port >= entry->ports.first && asked->port <= entry->ports.last &&
		(!entry->protocol || entry->protocol == asked->protocol);
}

static int rank_of(struct str label)
{
	return label.len && label.data[0] == '*' ? -(int)label.len : 0;
}

/* Of two that match the same: above 0 where @a is the more exact one. */
static int64_t compare(const struct net_rule *a, const struct net_rule *b)
{
	struct str name = a->entry.name, other = b->entry.name;
	int64_t ports = (int64_t)(b->entry.ports.last - b->entry.ports.first) -
		(a->entry.ports.last - a->entry.ports.first);

	/* A denial that is for everybody is the one that is named. */
	if (a->entry.denies && !a->entry.by.len != !b->entry.by.len)
		return a->entry.by.len ? -1 : 1;
	while (name.len && other.len) {
		int rank = rank_of(cut_last(&name)) - rank_of(cut_last(&other));

		if (rank)
			return rank;
	}
	if (!a->entry.name.len && a->entry.prefix.bits != b->entry.prefix.bits)
		return a->entry.prefix.bits - b->entry.prefix.bits;
	if (!a->entry.by.len != !b->entry.by.len)
		return a->entry.by.len ? 1 : -1;
	if (ports)
		return ports;
	if (!a->entry.protocol != !b->entry.protocol)
		return a->entry.protocol ? 1 : -1;
	return a->id < b->id ? 1 : -1;
}

static void prefer(const struct net_rule **best, const struct net_rule *rule)
{
	if (!*best || compare(rule, *best) > 0)
		*best = rule;
}

static const struct net_rule *find_denial(const struct list_of_rules *rules, const struct asked *asked)
{
	const struct net_rule *best = NULL;

	for (size_t i = 0; i < rules->count; i++)
		if (rules->items[i].entry.denies && rule_matches(&rules->items[i], asked))
			prefer(&best, &rules->items[i]);
	return best;
}

static struct net_judgement judge_plainly(const struct list_of_rules *rules, const struct asked *asked)
{
	const struct net_rule *ask = NULL, *permission = NULL, *approval = NULL;
	const struct net_rule *denial = find_denial(rules, asked);
	struct asked hidden = *asked;

	if (asked->name.len && !is_name(asked->name))
		return (struct net_judgement){ .verdict = NET_DENY };
	if (!asked->name.len && net_address_hidden(&asked->address, &hidden.address)) {
		const struct net_rule *other = find_denial(rules, &hidden);

		if (other && (!denial || (denial->entry.by.len && !other->entry.by.len)))
			denial = other;
	}
	for (size_t i = 0; i < rules->count; i++) {
		const struct net_rule *rule = &rules->items[i];

		if (rule->entry.denies || !rule_matches(rule, asked))
			continue;
		prefer(rule->asks ? &ask : &permission, rule);
		if (!rule->asks && rule->source == NET_RULE_APPROVAL)
			prefer(&approval, rule);
	}
	if (denial || !permission)
		return (struct net_judgement){ .verdict = NET_DENY, .rule = denial };
	if (ask && !approval)
		return (struct net_judgement){ .verdict = NET_ASK, .rule = ask };
	return (struct net_judgement){ .verdict = NET_ALLOW, .rule = ask ? approval : permission };
}

/* ---- steps ---- */

static void check(struct net_judgement got, struct net_judgement wanted)
{
	assert(got.verdict == wanted.verdict && !got.rule == !wanted.rule);
	assert(!got.rule || got.rule->id == wanted.rule->id);
}

static void ask(struct net_rules *set, const struct list_of_rules *rules, struct str line)
{
	static const uint16_t ports[] = { 22, 80, 443, 65535 };
	struct asked asked = { .port = 443 };

	if (line.len < 3)
		return;
	asked.port = ports[(uint8_t)line.data[0] % ARRAY_SIZE(ports)];
	asked.protocol = (enum net_protocol)((uint8_t)line.data[1] % NET_PROTOCOL_COUNT);
	asked.now_ns = (uint8_t)line.data[2];
	line = (struct str){ line.data + 3, line.len - 3 };
	if (!net_address_read(line, &asked.address)) {
		check(net_rules_address(set, &asked.address, asked.port, asked.protocol, NULL, asked.now_ns),
			judge_plainly(rules, &asked));
		return;
	}
	asked.name = line;
	if (!line.len)
		return;
	check(net_rules_judge(set, line, asked.port, asked.protocol, NULL, asked.now_ns),
		judge_plainly(rules, &asked));
	asked.port = 0;
	check(net_rules_name(set, line, asked.now_ns), judge_plainly(rules, &asked));
}

static void take_out(struct net_rules *set, struct list_of_rules *rules, struct str line)
{
	size_t at;

	if (!line.len || !rules->count)
		return;
	at = (uint8_t)line.data[0] % rules->count;
	assert(!net_rules_remove(set, rules->items[at].id));
	assert(net_rules_remove(set, rules->items[at].id) < 0);
	rules->items[at] = rules->items[--rules->count];
}

static void add(struct arena *arena, struct net_rules *set, struct list_of_rules *rules, struct str line)
{
	unsigned char what = (unsigned char)line.data[0];
	struct net_rule rule = { .asks = what & 1, .source = what & 2 ? NET_RULE_APPROVAL : NET_RULE_FILE };
	struct net_flaw flaw;

	line = (struct str){ line.data + 1, line.len - 1 };
	rule.expires_ns = (uint64_t)(what >> 4) * TIME_STEP;
	if (rules->count == RULES_MAX ||
			net_entry_read(arena, line, (struct net_ports){ 443, 443 }, &rule.entry, &flaw) < 0)
		return;
	if (net_rules_add(set, &rule, 1, 0, &rule.id) < 0) {
		assert(rule.entry.denies && rule.asks);
		return;
	}
	rules->items[rules->count++] = rule;
	assert(net_rules_count(set) == rules->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t seed[2] = { 3, 4 };
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(net_rules) struct net_rules *set = net_rules_new(seed);
	struct str line, rest = { (const char *)data, size };
	struct list_of_rules rules = { 0 };

	for (int i = 0; i < STEPS_MAX && rest.len; i++) {
		(void)str_cut(rest, '\n', &line, &rest);
		if (!line.len)
			continue;
		if (line.data[0] == '=')
			ask(set, &rules, (struct str){ line.data + 1, line.len - 1 });
		else if (line.data[0] == '-')
			take_out(set, &rules, (struct str){ line.data + 1, line.len - 1 });
		else
			add(&arena, set, &rules, line);
	}
	return 0;
}
