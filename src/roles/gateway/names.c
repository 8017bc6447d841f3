// SPDX-License-Identifier: Apache-2.0
/*
 * names.c - what names the sandbox may look up
 */
#include "roles/gateway/names.h"

#include "roles/gateway/host.h"
#include "roles/gateway/judge.h"
#include "roles/gateway/record.h"
#include "roles/gateway/upstream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PORT_DNS = 53,
	FIRST_QUESTIONS_MAX = 8,
};

/*
 * A name that is allowed for the first time: its questions wait until the ledger has it. Most programs ask
 * for both families at once.
 */
struct first_lookup {
	struct list node;
	struct record_wait wait;
	struct gateway *gateway;
	char name[GATEWAY_TARGET_SIZE];
	uint64_t numbers[FIRST_QUESTIONS_MAX];
	size_t count;
};

static void is_recorded(struct record_wait *wait)
{
	struct first_lookup *first = CONTAINER_OF(wait, struct first_lookup, wait);
	struct gateway *gateway = first->gateway;

	list_remove(&first->node);
	for (size_t i = 0; i < first->count; i++)
		dns_server_go_on(&gateway->dns, first->numbers[i], true);
	free(first);
}

static void is_lost(struct record_wait *wait)
{
	struct first_lookup *first = CONTAINER_OF(wait, struct first_lookup, wait);

	list_remove(&first->node);
	free(first);
}

static struct first_lookup *find_first(struct gateway *gateway, const char *name)
{
	LIST_FOR_EACH(first, &gateway->first_lookups, struct first_lookup, node)
		if (!strcmp(first->name, name))
			return first;
	return NULL;
}

static enum dns_permission record_first(struct gateway *gateway, struct gateway_judged *judged,
	uint64_t number)
{
	struct first_lookup *first = find_first(gateway, judged->target);

	if (first && first->count < FIRST_QUESTIONS_MAX) {
		first->numbers[first->count++] = number;
		return DNS_PERMISSION_LATER;
	}
	if (gateway->lookup_count == NAMES_LOOKUPS_MAX)
		return DNS_PERMISSION_NO;
	gateway->lookup_count++;
	first = calloc(1, sizeof(*first));
	if (!first)
		abort();
	*first = (struct first_lookup){
		.gateway = gateway, .numbers = { number }, .count = 1,
		.wait = { .recorded = is_recorded, .lost = is_lost },
	};
	(void)snprintf(first->name, sizeof(first->name), "%s", judged->target);
	if (record_begin(gateway, &first->wait, judged) < 0) {
		free(first);
		return DNS_PERMISSION_NO;
	}
	list_append(&gateway->first_lookups, &first->node);
	return DNS_PERMISSION_LATER;
}

static void say_why(struct gateway *gateway, const struct gateway_judged *judged,
	char why[DNS_SERVER_TEXT_SIZE])
{
	const char *session = gateway->settings.session;
	char decision[GATEWAY_DECISION_SIZE];
	bool is_unknown = !judged->rule[0];

	gateway_decision(session, judged, decision);
	/* The port is not known yet; a name that is too long to be said twice is in the answer's question. */
	if (is_unknown && strlen(judged->target) < GATEWAY_TARGET_SIZE / 2)
		(void)snprintf(why, DNS_SERVER_TEXT_SIZE, "%s (cordon explain %s; cordon allow %s %s:PORT)",
			judged->why, decision, session, judged->target);
	else
		(void)snprintf(why, DNS_SERVER_TEXT_SIZE, "%s (cordon explain %s)", judged->why, decision);
}

static enum dns_permission may_look_up(struct dns_server *server, const struct dns_query *query,
	const struct jail_diag_pair *client, uint64_t number, char why[DNS_SERVER_TEXT_SIZE])
{
	struct gateway *gateway = CONTAINER_OF(server, struct gateway, dns);
	const struct wish wish = {
		.way = GATEWAY_WAY_LOOKUP, .name = query->name, .client = *client,
	};
	enum net_protocol protocol;
	struct gateway_judged judged;
	struct str name = str_from(query->name);

	/* An address stands for it already, so that nothing of it is written down, and it needs no words. */
	if (synthetic_has(&gateway->synthetic, name) && judge_again(gateway, &wish))
		return DNS_PERMISSION_YES;
	/*
	 * Whether there is such a name would be a question to somebody else, before a person said yes, or
	 * before it is known which program it is for: that is seen when it connects.
	 */
	if (judge_asks(gateway, &wish, &judged) || judge_needs_who(gateway, &wish))
		return DNS_PERMISSION_UNSEEN;
	if (!judge(gateway, &wish, &protocol, &judged)) {
		say_why(gateway, &judged, why);
		return DNS_PERMISSION_NO;
	}
	if (synthetic_has(&gateway->synthetic, name))
		return DNS_PERMISSION_YES;
	/* What is left when there is no permission: the program hears it, and knows no better anyhow. */
	(void)snprintf(why, DNS_SERVER_TEXT_SIZE,
		"this session has looked up too many different names, or too fast");
	return record_first(gateway, &judged, number);
}

static enum net_dns dns_of(uint16_t type)
{
	return type == DNS_TXT ? NET_DNS_TXT : type == DNS_SRV ? NET_DNS_SRV : type == DNS_MX ? NET_DNS_MX :
		type == DNS_HTTPS ? NET_DNS_HTTPS : type == DNS_SVCB ? NET_DNS_SVCB : 0;
}

static bool tells(struct dns_server *server, struct str name, uint16_t type)
{
	struct gateway *gateway = CONTAINER_OF(server, struct gateway, dns);
	enum net_dns dns = dns_of(type);

	return dns && net_rules_dns(gateway->rules, name, dns, gateway->loop.now_ns).verdict == NET_ALLOW;
}

/* Records of names of a zone carry what its owner likes into the sandbox. */
static bool pays(struct dns_server *server, struct str name, uint16_t type, size_t bytes)
{
	struct gateway *gateway = CONTAINER_OF(server, struct gateway, dns);
	struct net_judgement judgement =
		net_rules_dns(gateway->rules, name, dns_of(type), gateway->loop.now_ns);

	return judgement.rule && zones_pay(&gateway->zones, judgement.rule, bytes);
}

static void vet_rules(struct dns_server *server, struct str name, struct net_vet_rules *ret)
{
	const struct gateway *gateway = CONTAINER_OF(server, struct gateway, dns);

	*ret = (struct net_vet_rules){
		.named = gateway->named, .named_count = gateway->named_count, .prefers_v4 = true,
	};
	if (host_owns(name)) {
		ret->named = host_blocks;
		ret->named_count = HOST_ADDRESSES;
	}
}

static bool passes_on(struct dns_server *server, const char *name)
{
	return upstream_takes(CONTAINER_OF(server, struct gateway, dns), name, NULL, 0);
}

static const struct dns_server_ops ops = { may_look_up, tells, pays, vet_rules, passes_on };

/* Nobody but the name of the proxy behind us has no rule, and that is the person's as well. */
static bool is_chosen(struct resolver *resolver, struct str name)
{
	const struct gateway *gateway = CONTAINER_OF(resolver, struct gateway, resolver);
	struct net_judgement judgement = net_rules_name(gateway->rules, name, gateway->loop.now_ns);

	return !judgement.rule || !net_name_has_wildcard(judgement.rule->entry.name);
}

/* Each zone has one refusal, that is counted: who asks for much would fill the ledger with names. */
static void is_over(struct resolver *resolver, struct str zone)
{
	struct gateway *gateway = CONTAINER_OF(resolver, struct gateway, resolver);
	char name[NET_NAME_MAX + 1] = "all names";
	const struct wish wish = { .way = GATEWAY_WAY_LOOKUP, .name = name };
	struct gateway_judged judged;

	if (zone.len) {
		memcpy(name, zone.data, zone.len);
		name[zone.len] = '\0';
	}
	judge_refuse(gateway, &wish, "lookups",
		zone.len ? "more of its names were asked for than may be in a minute" :
		"more names were asked for than may be in a minute",
		&judged);
}

static int start_resolver(struct gateway *gateway)
{
	const struct gateway_settings *settings = &gateway->settings;
	struct resolver_server servers[GATEWAY_SERVERS_MAX];
	struct resolver_host *hosts = arena_alloc_array(&gateway->arena,
		settings->host_count + HOST_ADDRESSES, sizeof(*hosts));
	int r = hosts ? 0 : -ENOMEM;
	size_t count = 0;

	for (size_t i = 0; i < settings->server_count && r >= 0; i++) {
		servers[i].port = PORT_DNS;
		r = net_address_read(str_from(settings->servers[i]), &servers[i].address);
	}
	for (size_t i = 0; i < settings->host_count && r >= 0; i++) {
		hosts[count].name = str_from(settings->hosts[i].name);
		r = net_address_read(str_from(settings->hosts[i].address), &hosts[count].address);
		/* What the host's own table says of our name is said to nobody. */
		if (!host_owns(hosts[count].name))
			count++;
	}
	for (size_t i = 0; i < HOST_ADDRESSES && r >= 0; i++)
		hosts[count++] = (struct resolver_host){ STR(GATEWAY_HOST_NAME), host_loopback[i] };
	if (r < 0)
		return r;
	resolver_init(&gateway->resolver, &gateway->loop, servers, settings->server_count, hosts, count);
	gateway->resolver.is_chosen = is_chosen;
	gateway->resolver.is_over = is_over;
	return 0;
}

int names_init(struct gateway *gateway, struct error *err)
{
	uint64_t random[3];
	int r = kern_getrandom(random, sizeof(random), 0) == (ssize_t)sizeof(random) ? 0 : -EIO;

	if (r >= 0)
		r = start_resolver(gateway);
	if (r < 0)
		return error_sys(err, r, "getting ready to look names up");
	memcpy(gateway->zones.seed, random, sizeof(gateway->zones.seed));
	list_init(&gateway->first_lookups);
	synthetic_init(&gateway->synthetic, NAMES_MAX, (uint32_t)random[2], random);
	dns_server_init(&gateway->dns, &gateway->loop, &gateway->resolver, &gateway->synthetic, &ops);
	gateway->dns.says_refused = gateway->settings.says_refused;
	return 0;
}

void names_fini(struct gateway *gateway)
{
	dns_server_fini(&gateway->dns);
	resolver_fini(&gateway->resolver);
	synthetic_fini(&gateway->synthetic);
	zones_fini(&gateway->zones);
}

bool names_of(const struct gateway *gateway, const struct net_address *address, struct str *ret)
{
	return synthetic_name(&gateway->synthetic, address, ret);
}
