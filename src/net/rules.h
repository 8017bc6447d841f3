/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h - what a session may reach: a set of rules that changes while it is asked
 *
 * A rule is an entry (net/entry.h) with its source, an end, an id and a count of what it decided. One set
 * answers for names that are looked up and for connections that are made, so that both say the same:
 *
 *   - What no rule speaks of is denied.
 *   - A denial wins over everything, however general it is and however exact the permission.
 *   - What is allowed and is to be asked about too is asked about, until a person's approval has it as well.
 *   - A rule for some programs only says nothing of others (net/who.h). Where nobody has looked yet who asks,
 *     what allows is not there and what denies is, and the answer says that it may be another one.
 *   - Of several that say the same, the most exact decides: label by label from the right, a plain one before
 *     "*", "*" before "**"; of the same pattern the one for fewer ports, then the one for one protocol, then
 *     the older one; before all of that one for some programs.
 *
 * How long an answer takes depends on the labels of the name and the wildcards on the way, not on how many
 * rules there are: at most NET_RULES_PLACE_MAX share a pattern. Nothing grows without a bound.
 *
 * Time is monotonic, in nanoseconds, and the caller's. A pointer to a rule is good until the set changes.
 */
#pragma once

#include "net/entry.h"

enum {
	NET_RULES_MAX = 16384,
	NET_RULES_PLACE_MAX = 64,	/* of the same pattern, or block */
	NET_RULE_WHERE_MAX = 1024,
};

/* The zero is the closed one. */
enum net_verdict {
	NET_DENY,
	NET_ASK,
	NET_ALLOW,
};

enum net_rule_source {
	NET_RULE_PRESET,		/* a profile, a known agent, a preset of hosts */
	NET_RULE_FILE,
	NET_RULE_FLAG,
	NET_RULE_APPROVAL,		/* a person's answer to an ask */
	NET_RULE_RUNTIME,		/* a person, while the session runs */
};

struct net_rule {
	struct net_entry entry;
	bool by_user;			/* the user's own voice; kept, and without a meaning here */
	bool asks;			/* about what another rule allows; not for a denial */
	enum net_rule_source source;
	/* for people: "config.jsonc:3:12"; at most NET_RULE_WHERE_MAX bytes */
	const char *where;
	uint64_t expires_ns;		/* it is over from then on; 0: it has no end */
	/* The set's own; what is here when a rule is added does not matter. */
	uint64_t id;			/* from 1, none twice */
	uint64_t hits;			/* as net_rules_hit() counted them */
};

struct net_rules;

struct net_judgement {
	enum net_verdict verdict;
	const struct net_rule *rule;	/* that decided; NULL: none speaks of it */
	const struct net_rule *others;	/* that would allow it to other programs; NULL: there is none */
	bool needs_who;			/* it was not known who asks, and would count */
};

/** net_rules_new() - an empty set, which denies all; @seed is random; Return: the set, the caller's */
struct net_rules *net_rules_new(const uint64_t seed[2]);

/** net_rules_free() - free it and its rules; NULL is legal */
void net_rules_free(struct net_rules *set);

static inline void net_rules_scope_exit(struct net_rules **set)
{
	net_rules_free(*set);
}

/**
 * net_rules_add() - all of some rules, or none
 * @set:    changed
 * @rules:  @count of them, copied
 * @count:  any number
 * @now_ns: rules that are over by then make room
 * @ret_id: of the first; the others follow it one by one. May be NULL
 *
 * Errors: -ENOSPC more than NET_RULES_MAX, or than NET_RULES_PLACE_MAX of one pattern; -EINVAL a denial that
 * asks, or a place that is too long to be told.
 * Return: 0 or negative errno.
 */
int net_rules_add(struct net_rules *set, const struct net_rule *rules, size_t count, uint64_t now_ns,
	uint64_t *ret_id);

/**
 * net_rules_number() - give the next rule that is added this id, so that two sets call the same rule the same
 * @set: changed
 * @id:  above that of every rule that was ever in the set
 *
 * Errors: -EINVAL it is not.
 * Return: 0 or negative errno.
 */
int net_rules_number(struct net_rules *set, uint64_t id);

/** net_rules_remove() - take a rule out; Errors: -ENOENT there is none; Return: 0 or negative errno */
int net_rules_remove(struct net_rules *set, uint64_t id);

/** net_rules_expire() - take out what is over; Return: how many that were */
size_t net_rules_expire(struct net_rules *set, uint64_t now_ns);

/** net_rules_end() - no rule is over before this; Return: it, or UINT64_MAX where none has an end */
uint64_t net_rules_end(const struct net_rules *set);

/** net_rules_hit() - the rule @id, or none of that id, decided @count connections more */
void net_rules_hit(struct net_rules *set, uint64_t id, uint64_t count);

/** net_rules_count() - how many there are, those among them that are over and not taken out */
size_t net_rules_count(const struct net_rules *set);

/** net_rules_next() - the rule with the smallest id above @id, which is 0 to begin; Return: it, or NULL */
const struct net_rule *net_rules_next(const struct net_rules *set, uint64_t id);

/**
 * net_rules_judge() - may this be connected to
 * @set:      its steps change
 * @name:     in the form of net/name.h; anything else is denied
 * @port:     1..NET_PORT_MAX
 * @protocol: what the connection was found to speak; NET_TCP: neither of the others
 * @who:      the programs that ask; NULL: nobody has looked
 * @now_ns:   rules that are over by then say nothing
 *
 * Return: the verdict, and the rule that decided.
 */
struct net_judgement net_rules_judge(struct net_rules *set, struct str name, uint16_t port,
	enum net_protocol protocol, const struct net_who *who, uint64_t now_ns);

/**
 * net_rules_name() - may this be looked up
 * @set:    not changed
 * @name:   in the form of net/name.h; anything else is denied
 * @now_ns: rules that are over by then say nothing
 *
 * It may where some port is allowed to every program, unless a rule denies all of them; what is denied beyond
 * that is seen when a connection is made.
 *
 * Return: the verdict, and the rule that decided.
 */
struct net_judgement net_rules_name(const struct net_rules *set, struct str name, uint64_t now_ns);

/** net_rules_dns() - as net_rules_name(), by permissions alone that have the type @dns of enum net_dns */
struct net_judgement net_rules_dns(const struct net_rules *set, struct str name, enum net_dns dns,
	uint64_t now_ns);

/**
 * net_rules_address() - may this address be connected to, where nobody had a name for it
 * @set:      its steps change
 * @address:  of either family; one of IPv6 that hides one of IPv4 is denied by what denies that one, too
 * @port:     1..NET_PORT_MAX
 * @protocol: as for net_rules_judge()
 * @who:      likewise
 * @now_ns:   rules that are over by then say nothing
 *
 * Return: the verdict, and the rule that decided.
 */
struct net_judgement net_rules_address(struct net_rules *set, const struct net_address *address,
	uint16_t port, enum net_protocol protocol, const struct net_who *who, uint64_t now_ns);

/** net_rules_steps() - how many places all answers so far looked at, for who measures them */
uint64_t net_rules_steps(const struct net_rules *set);
