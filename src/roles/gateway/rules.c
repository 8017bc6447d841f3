// SPDX-License-Identifier: Apache-2.0
/*
 * rules.c - the rules in force, and what becomes of connections when they change
 */
#include "roles/gateway/rules.h"

#include "kern/file.h"
#include "roles/gateway/flow.h"

#include <errno.h>
#include <stdlib.h>

enum {
	CHANGE_ARENA_BYTES = 32 << 20,
};

/* ---- the copy ---- */

static int add_rule(struct gateway *gateway, struct arena *arena, const struct gateway_rule *given)
{
	struct net_rule rule = {
		.by_user = given->by_user, .asks = given->asks, .source = given->source,
		.where = given->where, .expires_ns = given->expires_ns,
	};
	struct net_flaw flaw;
	int r = net_entry_read(arena, str_from(given->entry), NET_PORTS_ALL, &rule.entry, &flaw);

	if (r >= 0)
		r = net_rules_number(gateway->rules, given->id);
	if (r >= 0)
		r = net_rules_add(gateway->rules, &rule, 1, 0, NULL);
	if (r >= 0)
		net_rules_hit(gateway->rules, given->id, given->hits);
	return r;
}

static int add_rules(struct gateway *gateway, struct arena *arena, const struct gateway_rule *rules,
	size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r >= 0; i++)
		r = add_rule(gateway, arena, &rules[i]);
	return r;
}

/* Blocks that the user named as addresses, for every program: a name may lead there, too. */
static void find_named(struct gateway *gateway)
{
	size_t room = net_rules_count(gateway->rules) + 1;
	struct net_prefix *named = calloc(room, sizeof(*named));

	if (!named)
		abort();
	free(gateway->named);
	gateway->named = named;
	gateway->named_count = 0;
	for (const struct net_rule *rule = net_rules_next(gateway->rules, 0); rule;
			rule = net_rules_next(gateway->rules, rule->id))
		if (rule->by_user && !rule->asks && !rule->entry.denies && !rule->entry.name.len &&
				!rule->entry.by.len)
			named[gateway->named_count++] = rule->entry.prefix;
}

/* ---- a change ---- */

static uint64_t judge_flows(struct gateway *gateway)
{
	uint64_t closed_count = 0;

	LIST_FOR_EACH(flow, &gateway->flows, struct flow, node)
		closed_count += flow_judge_again(flow);
	return closed_count;
}

static void some_end(struct loop_timer *timer);

/* What has an end is over at that time, whether or not anybody asks for anything then. */
static void take_effect(struct gateway *gateway)
{
	uint64_t end_ns = net_rules_end(gateway->rules);

	find_named(gateway);
	if (end_ns == UINT64_MAX)
		loop_remove_timer(&gateway->rules_end);
	else
		loop_set_timer(&gateway->loop, &gateway->rules_end, end_ns, some_end);
}

static void some_end(struct loop_timer *timer)
{
	struct gateway *gateway = CONTAINER_OF(timer, struct gateway, rules_end);
	size_t count = net_rules_expire(gateway->rules, gateway->loop.now_ns);

	take_effect(gateway);
	if (count)
		(void)judge_flows(gateway);
}

/* One that has ended here by its time may still be on the supervisor's list. */
static int apply(struct gateway *gateway, struct arena *arena, const struct gateway_change *change)
{
	for (size_t i = 0; i < change->removed_count; i++)
		(void)net_rules_remove(gateway->rules, change->removed[i]);
	return add_rules(gateway, arena, change->added, change->added_count);
}

int rules_change(struct gateway *gateway, uint64_t number, int fd, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(CHANGE_ARENA_BYTES);
	scoped(buf) struct buf text = BUF_INIT(GATEWAY_SETTINGS_BYTES_MAX);
	struct gateway_message answer = { .kind = GATEWAY_MESSAGE_CHANGED };
	struct gateway_change change;
	const struct json *value;
	int r = gateway->rules ? kern_read_all(fd, &text) : -EBADMSG;

	if (r < 0)
		return error_sys(err, r, "reading a change of the rules");
	r = json_read(&arena, (struct str){ text.data, text.len }, JSON_READ_STRICT, &value, err);
	if (r >= 0)
		r = gateway_change_read(&arena, value, &change, err);
	if (r >= 0)
		r = apply(gateway, &arena, &change);
	if (r < 0)
		return r;
	take_effect(gateway);
	answer.changed = (struct gateway_changed){ number, judge_flows(gateway) };
	return gateway_message_send(&gateway->supervisor, &answer, NULL, 0);
}

/* ---- counts ---- */

static struct gateway_traffic traffic_now(const struct gateway *gateway)
{
	const struct net_host *all = &gateway->traffic.all;

	return (struct gateway_traffic){
		.open = gateway->flow_count, .connections = all->connections, .requests = all->requests,
		.sent_bytes = all->bytes[NET_SENT], .received_bytes = all->bytes[NET_RECEIVED],
	};
}

int rules_count(struct gateway *gateway, uint64_t number)
{
	const struct net_rule *rule = gateway->rules ? net_rules_next(gateway->rules, 0) : NULL;
	int r = 0;

	do {
		struct gateway_message answer = { .kind = GATEWAY_MESSAGE_COUNTED };
		struct gateway_counted *counted = &answer.counted;

		*counted = (struct gateway_counted){ .number = number, .traffic = traffic_now(gateway) };
		for (; rule && counted->count < GATEWAY_COUNTED_MAX;
				rule = net_rules_next(gateway->rules, rule->id))
			counted->rules[counted->count++] = (struct gateway_rule_hits){ rule->id, rule->hits };
		counted->is_last = !rule;
		r = gateway_message_send(&gateway->supervisor, &answer, NULL, 0);
	} while (rule && r >= 0);
	return r;
}

/* ---- life ---- */

int rules_init(struct gateway *gateway, struct error *err)
{
	const struct gateway_settings *settings = &gateway->settings;
	uint64_t seed[2];
	int r = kern_getrandom(seed, sizeof(seed), 0) == (ssize_t)sizeof(seed) ? 0 : -EIO;

	if (r >= 0) {
		gateway->rules = net_rules_new(seed);
		net_traffic_init(&gateway->traffic, &settings->limits, seed, gateway->loop.now_ns);
		r = add_rules(gateway, &gateway->arena, settings->rules, settings->rule_count);
	}
	if (r < 0)
		return error_sys(err, r, "reading the rules");
	take_effect(gateway);
	askings_init(gateway);
	list_init(&gateway->wondering);
	return 0;
}

void rules_fini(struct gateway *gateway)
{
	loop_remove_timer(&gateway->rules_end);
	net_rules_free(gateway->rules);
	gateway->rules = NULL;
	free(gateway->named);
	gateway->named = NULL;
}
