// SPDX-License-Identifier: Apache-2.0
/*
 * judge.c - what the rules say of one wish
 *
 * When somebody connects, it is not known yet what will be spoken. So the rules are asked for any protocol
 * first, and then for those that can be insisted on: where only TLS or only HTTP is allowed, that is what the
 * connection has to turn out to be (flow.c). At the ports of the two it has to be in any case.
 */
#include "roles/gateway/judge.h"

#include "roles/gateway/host.h"
#include "run/gateway_hint.h"

#include <stdio.h>
#include <string.h>

enum {
	PORT_HTTP = 80,
	PORT_TLS = 443,
};

static struct net_judgement ask_rules(struct gateway *gateway, const struct wish *wish,
	enum net_protocol protocol)
{
	struct str name = str_from(wish->name);
	uint64_t now_ns = gateway->loop.now_ns;

	if (!wish->port)
		return net_rules_name(gateway->rules, name, now_ns);
	return name.len ?
		net_rules_judge(gateway->rules, name, wish->port, protocol, wish->who, now_ns) :
		net_rules_address(gateway->rules, &wish->address, wish->port, protocol, wish->who, now_ns);
}

/* What has to be spoken at a port that is one protocol's. */
static enum net_protocol usual_protocol(uint16_t port)
{
	return port == PORT_TLS ? NET_TLS : port == PORT_HTTP ? NET_HTTP : NET_TCP;
}

/*
 * Where one of the two protocols decides and nobody can tell yet which it will be: what is denied in one of
 * them is denied, and what is allowed in one alone has to be spoken in that.
 */
static struct net_judgement narrow(struct gateway *gateway, const struct wish *wish, struct net_judgement any,
	enum net_protocol *ret_protocol)
{
	static const enum net_protocol narrower[] = { NET_TLS, NET_HTTP };
	struct net_judgement found = any;
	bool needs_who = any.needs_who;

	for (size_t i = 0; i < ARRAY_SIZE(narrower); i++) {
		struct net_judgement judgement = ask_rules(gateway, wish, narrower[i]);

		needs_who |= judgement.needs_who;
		if (judgement.rule && judgement.rule->entry.denies)
			return judgement;
		if (!found.others)
			found.others = judgement.others;
		if (judgement.rule && !found.rule) {
			found = judgement;
			*ret_protocol = narrower[i];
		}
	}
	found.needs_who = needs_who && found.verdict != NET_ALLOW;
	return found;
}

static struct net_judgement find(struct gateway *gateway, const struct wish *wish,
	enum net_protocol *ret_protocol)
{
	struct net_judgement judgement;

	if (host_owns(str_from(wish->name)))
		return host_find(gateway, wish, ret_protocol);
	*ret_protocol = usual_protocol(wish->port);
	judgement = ask_rules(gateway, wish, *ret_protocol);
	if (!wish->port || *ret_protocol != NET_TCP || (judgement.rule && judgement.rule->entry.denies))
		return judgement;
	return narrow(gateway, wish, judgement, ret_protocol);
}

static void begin(const struct wish *wish, struct gateway_judged *ret)
{
	*ret = (struct gateway_judged){
		.way = wish->way, .port = wish->port, .client = wish->client,
	};
	if (wish->name[0])
		(void)snprintf(ret->target, sizeof(ret->target), "%s", wish->name);
	else
		net_address_print(&wish->address, ret->target);
}

static void name_rule(const struct net_rule *rule, struct gateway_judged *ret)
{
	char text[NET_ENTRY_SIZE];

	net_entry_print(&rule->entry, text);
	(void)snprintf(ret->rule, sizeof(ret->rule), "%s", text);
	(void)snprintf(ret->source, sizeof(ret->source), "%s", rule->where);
}

/*
 * An address that is no place of the public network is reached because the user said so, and not because a
 * project or a profile did.
 */
static const struct net_special *barred(const struct wish *wish, const struct net_judgement *judgement)
{
	return wish->name[0] || !wish->port || !judgement->rule || judgement->rule->by_user ? NULL :
		net_address_special(&wish->address);
}

/* Why nobody is named. */
static void explain_nobody(const struct net_who *who, const struct net_rule *rule, struct gateway_judged *ret)
{
	if (who && who->hidden_pid)
		(void)snprintf(ret->why, sizeof(ret->why),
			"which program asked could not be told: process %u lets nobody look into it (PR_SET_DUMPABLE); the rule is for %.70s (%.40s)",
			who->hidden_pid, rule->entry.by.data, rule->where);
	else
		(void)snprintf(ret->why, sizeof(ret->why),
			"which program asked could not be told: it let go of the connection, or there are too many; the rule is for %.70s (%.40s)",
			rule->entry.by.data, rule->where);
}

/* The one that is not of the entry, and what would name it. */
static void explain_program(const struct wish *wish, const struct net_rule *rule, struct gateway_judged *ret)
{
	const struct net_program *program = net_who_stranger(wish->who, rule->entry.by);
	char hex[DIGEST_HEX_SIZE] = "";

	(void)snprintf(ret->rule, sizeof(ret->rule), GATEWAY_RULE_PROGRAM);
	(void)snprintf(ret->source, sizeof(ret->source), "%s", rule->where);
	if (!program) {
		explain_nobody(wish->who, rule, ret);
		return;
	}
	if (program->has_digest)
		digest_to_hex(&program->digest, hex);
	(void)snprintf(ret->why, sizeof(ret->why), "asked by %.90s%s, the rule is for %.90s (%.50s)",
		program->path[0] ? program->path : "a program without a name",
		program->is_fixed ? "" : ", which the sandbox may change", rule->entry.by.data, rule->where);
	if (program->is_fixed)
		memcpy(ret->program, program->path, sizeof(ret->program));
	else if (hex[0])
		(void)snprintf(ret->program, sizeof(ret->program), "sha256:%s", hex);
}

/* Where it was asked for, in the words of the configuration. */
static void explain(const struct wish *wish, const struct net_judgement *judgement,
	struct gateway_judged *ret)
{
	if (!judgement->rule && judgement->others && ret->port)
		explain_program(wish, judgement->others, ret);
	else if (!judgement->rule && host_owns(str_from(ret->target)))
		host_explain(ret);
	else if (judgement->verdict == NET_ASK)
		(void)snprintf(ret->why, sizeof(ret->why),
			GATEWAY_WHY_ASKED ", and nobody said yes (%s)", ret->source);
	else if (judgement->rule && judgement->rule->source == NET_RULE_RUNTIME)
		(void)snprintf(ret->why, sizeof(ret->why), "it was denied while the session runs (%s)",
			ret->source);
	else if (judgement->rule)
		(void)snprintf(ret->why, sizeof(ret->why), "network.deny has it (%s)", ret->source);
	else if (ret->port)
		(void)snprintf(ret->why, sizeof(ret->why), "no entry of network.allow has %s:%u", ret->target,
			ret->port);
	else
		(void)snprintf(ret->why, sizeof(ret->why), "no entry of network.allow has %s", ret->target);
}

/* What our own rules have against something that an entry allows. Return: which, or NULL */
static const char *object(struct gateway *gateway, const struct wish *wish,
	const struct net_judgement *judgement, struct gateway_judged *ret)
{
	const struct net_special *special = barred(wish, judgement);
	const char *why = wish->name[0] ?
		zones_admit(&gateway->zones, judgement->rule, str_from(wish->name)) :
		NULL;

	if (special)
		(void)snprintf(ret->why, sizeof(ret->why),
			"%s is %s, which nobody but the user's own configuration can allow", ret->target,
			special->what);
	else if (why)
		(void)snprintf(ret->why, sizeof(ret->why), "%s", why);
	return special ? "network/address" : why ? "network/names" : NULL;
}

bool judge(struct gateway *gateway, const struct wish *wish, enum net_protocol *ret_protocol,
	struct gateway_judged *ret)
{
	struct net_judgement judgement = find(gateway, wish, ret_protocol);
	const char *ours = NULL;

	begin(wish, ret);
	if (judgement.rule) {
		name_rule(judgement.rule, ret);
		net_rules_hit(gateway->rules, judgement.rule->id, 1);
	}
	if (judgement.verdict == NET_ALLOW)
		ours = object(gateway, wish, &judgement, ret);
	else
		explain(wish, &judgement, ret);
	if (ours)
		(void)snprintf(ret->rule, sizeof(ret->rule), "%s", ours);
	ret->is_allowed = judgement.verdict == NET_ALLOW && !ours;
	if (!ret->is_allowed)
		refusals_report(gateway, ret);
	return ret->is_allowed;
}

bool judge_asks(struct gateway *gateway, const struct wish *wish, struct gateway_judged *ret)
{
	enum net_protocol protocol;
	struct net_judgement judgement = find(gateway, wish, &protocol);

	if (judgement.verdict != NET_ASK)
		return false;
	begin(wish, ret);
	name_rule(judgement.rule, ret);
	return true;
}

bool judge_needs_who(struct gateway *gateway, const struct wish *wish)
{
	enum net_protocol protocol;

	return !wish->who && find(gateway, wish, &protocol).needs_who;
}

bool judge_again(struct gateway *gateway, const struct wish *wish)
{
	enum net_protocol protocol;
	struct net_judgement judgement = find(gateway, wish, &protocol);

	if (judgement.verdict != NET_ALLOW || judgement.needs_who || !wish->name[0] ||
			zones_admit(&gateway->zones, judgement.rule, str_from(wish->name)))
		return false;
	net_rules_hit(gateway->rules, judgement.rule->id, 1);
	return true;
}

bool judge_quietly(struct gateway *gateway, const struct wish *wish, enum net_protocol *ret_protocol)
{
	struct net_judgement judgement = find(gateway, wish, ret_protocol);
	struct gateway_judged judged;

	begin(wish, &judged);
	return judgement.verdict == NET_ALLOW && !object(gateway, wish, &judgement, &judged);
}

void judge_refuse(struct gateway *gateway, const struct wish *wish, const char *rule, const char *why,
	struct gateway_judged *ret)
{
	begin(wish, ret);
	(void)snprintf(ret->rule, sizeof(ret->rule), "network/%s", rule);
	(void)snprintf(ret->why, sizeof(ret->why), "%s", why);
	refusals_report(gateway, ret);
}

void judge_refuse_unread(struct gateway *gateway, enum gateway_way way, const struct jail_diag_pair *client,
	const char *rule, const char *why, struct gateway_judged *ret)
{
	const struct wish wish = { .way = way, .name = "proxy", .client = *client };

	judge_refuse(gateway, &wish, rule, why, ret);
}

void judge_refuse_unserved(struct gateway *gateway, const struct jail_diag_pair *client, int error)
{
	const struct wish wish = { .way = GATEWAY_WAY_CONNECT, .name = "unknown", .client = *client };
	struct gateway_judged judged;
	char why[sizeof(judged.why)];

	(void)snprintf(why, sizeof(why), "the gateway cannot take another connection (%s)",
		error_name(error));
	judge_refuse(gateway, &wish, "connection", why, &judged);
}
