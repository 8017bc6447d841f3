/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network_rules.h - the rules of the session's network: the list that counts
 *
 * It begins as the configuration's, and a person's commands change it while the session runs. A gateway is
 * given all of it when it starts, and each change afterwards: the list is here, so one that has not started
 * yet or starts again is not told less. What is about to change is in the ledger before it does.
 *
 * Rules are called by their ids, which both lists have alike; no id comes twice in a session. A rule that has
 * an end is over at that moment here and there, without a word. How often a rule decided is the gateway's to
 * count; while it judges, it is asked every other second, so that one that starts again goes on from there.
 */
#pragma once

#include "loop/loop.h"
#include "net/rules.h"
#include "run/gateway_wire.h"

struct supervisor;
struct client;

struct network_rules {
	struct net_rules *set;		/* owned; NULL: nobody wanted to know yet */
	struct loop_timer end;		/* of the next rule that has one */
	uint64_t last_number;		/* of the questions to the gateway */
	struct loop_timer counting;	/* until its counts are asked for; @is_counting */
	bool is_counting;
	struct gateway_traffic traffic;	/* of the gateway that there is, when it told of it last */
	struct gateway_traffic before;	/* of those that were lost; none is open */
};

/* What a client waits for. */
struct rules_wait {
	uint64_t number;		/* of the question to the gateway; 0: nothing */
	bool is_change;
	bool is_traffic;		/* what has gone, and no rules */
	uint64_t first_id;		/* of the rules that came with it */
	size_t added_count, removed_count;
};

/** network_rules_fini() - forget them; legal on an all-zero one */
void network_rules_fini(struct network_rules *rules);

/**
 * network_rules_fill() - what a gateway that starts is told
 * @s:        its list is made of the configuration if there is none yet
 * @arena:    owns the texts
 * @settings: its rules are set
 * @err:      what failed
 *
 * Return: 0 or negative errno.
 */
int network_rules_fill(struct supervisor *s, struct arena *arena, struct gateway_settings *settings,
	struct error *err);

/** network_rules_list() - a client asks which there are */
void network_rules_list(struct client *client);

/** network_rules_tell_traffic() - a client asks what has gone so far */
void network_rules_tell_traffic(struct client *client);

/** network_rules_change() - a client wants others; @payload is of CONTROL_CHANGE_RULES */
void network_rules_change(struct client *client, struct str payload);

/** network_rules_heard() - the gateway has answered; Return: 0, or -EBADMSG: nobody asked */
int network_rules_heard(struct supervisor *s, const struct gateway_message *message);

/** network_rules_used() - something was judged: what its gateway has counted is asked for within seconds */
void network_rules_used(struct supervisor *s);

/** network_rules_lost() - there is no gateway any more: who waited for it is answered without it */
void network_rules_lost(struct supervisor *s);
