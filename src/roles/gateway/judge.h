/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge.h - what the rules say of one wish
 *
 * A wish is for a name or for an address. A name needs an entry that allows it, and is connected to at
 * addresses of the public network only; an address needs an entry of its own, which then is its exception
 * from that. A denial wins over everything.
 */
#pragma once

#include "roles/gateway/gateway.h"

/* What somebody wants to reach. */
struct wish {
	enum gateway_way way;
	const char *name;		/* "": see @address */
	struct net_address address;
	uint16_t port;			/* 0: it is looked up */
	struct jail_diag_pair client;
	const struct net_who *who;	/* the programs that hold it; NULL: nobody has looked */
};

/**
 * judge() - may it be
 * @gateway: has the rules
 * @wish:    canonical
 * @ret_protocol: what has to be spoken, where it is allowed
 * @ret:     the message that says so to the supervisor; its flow is 0
 *
 * The rule that decided has one hit more; a refusal is counted and reported here, where it has to be.
 *
 * Return: true when it is allowed.
 */
bool judge(struct gateway *gateway, const struct wish *wish, enum net_protocol *ret_protocol,
	struct gateway_judged *ret);

/**
 * judge_asks() - whether a person is to be asked about it
 * @gateway: has the rules
 * @wish:    canonical
 * @ret:     what is asked for, and the rule that asks
 *
 * Return: true when it is so.
 */
bool judge_asks(struct gateway *gateway, const struct wish *wish, struct gateway_judged *ret);

/** judge_needs_who() - whether the answer may be another one once somebody has looked who asks */
bool judge_needs_who(struct gateway *gateway, const struct wish *wish);

/**
 * judge_again() - a name that was allowed before: whether it is allowed without a doubt
 * @gateway: has the rules, and the counts; what is allowed is counted
 * @wish:    canonical
 *
 * Without the words of a record, which nobody gets then: it is asked for each question of DNS.
 * Return: true: judge() would say so; false: nothing was counted, and judge() knows.
 */
bool judge_again(struct gateway *gateway, const struct wish *wish);

/**
 * judge_quietly() - the same, and nothing is counted and nobody is told
 * @gateway: has the rules
 * @wish:    canonical
 * @ret_protocol: what has to be spoken, where it is allowed
 *
 * Return: true when it is allowed.
 */
bool judge_quietly(struct gateway *gateway, const struct wish *wish, enum net_protocol *ret_protocol);

/**
 * judge_refuse() - what was allowed turned out to be something else; counted and reported like any refusal
 * @gateway: has the counts
 * @wish:    canonical
 * @rule:    of ours, that it breaks: "tls", "host"
 * @why:     a sentence without its dot
 * @ret:     as of judge()
 */
void judge_refuse(struct gateway *gateway, const struct wish *wish, const char *rule, const char *why,
	struct gateway_judged *ret);

/**
 * judge_refuse_unread() - what a client said to the proxy cannot be understood, so that it wants nothing
 * that could be judged; counted and reported like any refusal
 * @gateway: has the counts
 * @way:     as far as it is known
 * @client:  who said it
 * @rule:    of ours, that it breaks: "http", "socks"
 * @why:     a sentence without its dot, and one of a few: nothing that the client chose
 * @ret:     as of judge(); its target is "proxy"
 */
void judge_refuse_unread(struct gateway *gateway, enum gateway_way way, const struct jail_diag_pair *client,
	const char *rule, const char *why, struct gateway_judged *ret);

/**
 * judge_refuse_unserved() - a connection is closed since it cannot be served, mostly before it is known what
 * it wants; counted and reported like any refusal, of the target "unknown", for which there is no hint
 * @gateway: has the counts
 * @client:  who came, as far as that is known
 * @error:   why it cannot be, -errno; one of a few, so that many of these are few rows in the ledger
 */
void judge_refuse_unserved(struct gateway *gateway, const struct jail_diag_pair *client, int error);
