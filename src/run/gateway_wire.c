// SPDX-License-Identifier: Apache-2.0
/*
 * gateway_wire.c - what the supervisor and cordon-gateway say to each other
 */
#include "run/gateway_wire.h"

#include "base/hash.h"

#include <errno.h>
#include <stdio.h>

static_assert(sizeof(struct gateway_judged) ==
			72 + 2 * GATEWAY_TARGET_SIZE + GATEWAY_RULE_SIZE + GATEWAY_TEXT_SIZE +
				NET_PROGRAM_SIZE &&
		sizeof(struct gateway_wondered) == 48 &&
		sizeof(struct gateway_whose) == 24 + NET_WHO_PROGRAMS_MAX * sizeof(struct net_program) &&
		sizeof(struct net_program) == NET_PROGRAM_SIZE + DIGEST_BYTES + 8 &&
		(int)NET_ENTRY_SIZE <= (int)GATEWAY_RULE_SIZE &&
		sizeof(struct gateway_closed) == 40 + GATEWAY_TARGET_SIZE &&
		sizeof(struct gateway_counted) == 16 + 16 * GATEWAY_COUNTED_MAX + 40 &&
		sizeof(struct gateway_asked) == 24 + 2 * GATEWAY_TARGET_SIZE + GATEWAY_RULE_SIZE,
	"packets have no holes");

static const struct {
	size_t body_bytes;
	int fd_count;
} kinds[GATEWAY_MESSAGE_KIND_COUNT] = {
#define KIND(kind, member, fds) \
	[GATEWAY_MESSAGE_##kind] = { sizeof(((struct gateway_message *)0)->member), fds },
	GATEWAY_MESSAGES(KIND)
#undef KIND
};

static const char *const way_names[] = {
#define NAME(way, name) [GATEWAY_WAY_##way] = name,
	GATEWAY_WAYS(NAME)
#undef NAME
};

const char *gateway_way_name(enum gateway_way way)
{
	return (size_t)way < ARRAY_SIZE(way_names) ? way_names[way] : "unknown";
}

static bool fds_fit(enum gateway_message_kind kind, size_t fd_count)
{
	return kinds[kind].fd_count < 0 ? fd_count >= 1 : fd_count == (size_t)kinds[kind].fd_count;
}

int gateway_message_send(struct channel *channel, const struct gateway_message *message, const int *fds,
	size_t fd_count)
{
	assert(message->kind > GATEWAY_MESSAGE_INVALID && message->kind < GATEWAY_MESSAGE_KIND_COUNT &&
		fds_fit(message->kind, fd_count));
	return channel_send(channel, message->kind,
		(struct str){ (const char *)&message->nothing, kinds[message->kind].body_bytes }, fds,
		fd_count);
}

static bool ends(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

static bool is_pair(const struct jail_diag_pair *pair)
{
	return pair->is_udp <= 1 && (!pair->len || pair->len == NET_V4_BYTES || pair->len == NET_V6_BYTES);
}

static bool is_judged(const struct gateway_judged *judged)
{
	return ends(judged->target, sizeof(judged->target)) && ends(judged->rule, sizeof(judged->rule)) &&
		ends(judged->source, sizeof(judged->source)) && ends(judged->why, sizeof(judged->why)) &&
		ends(judged->program, sizeof(judged->program)) &&
		judged->way < GATEWAY_WAY_COUNT && judged->is_allowed <= 1 &&
		judged->is_allowed == !judged->count && judged->count <= INT64_MAX &&
		judged->reserved <= INT64_MAX && (judged->is_allowed || !judged->reserved) &&
		is_pair(&judged->client);
}

static bool is_closed(const struct gateway_closed *closed)
{
	return ends(closed->address, sizeof(closed->address)) && closed->error <= 0 &&
		closed->is_connected <= 1 && closed->is_by_rule <= 1 && closed->is_encrypted <= 1 &&
		closed->sent_bytes <= INT64_MAX && closed->received_bytes <= INT64_MAX &&
		closed->duration_ns <= INT64_MAX;
}

static bool is_asked(const struct gateway_asked *asked)
{
	return ends(asked->target, sizeof(asked->target)) && ends(asked->rule, sizeof(asked->rule)) &&
		ends(asked->source, sizeof(asked->source)) && asked->way < GATEWAY_WAY_COUNT && asked->port &&
		!asked->zero && asked->number && asked->wait_ns <= INT64_MAX;
}

static bool is_traffic(const struct gateway_traffic *traffic)
{
	return traffic->open <= INT64_MAX && traffic->connections <= INT64_MAX &&
		traffic->requests <= INT64_MAX && traffic->sent_bytes <= INT64_MAX &&
		traffic->received_bytes <= INT64_MAX;
}

static bool is_counted(const struct gateway_counted *counted)
{
	uint64_t id = 0;

	if (!counted->number || counted->count > GATEWAY_COUNTED_MAX || counted->is_last > 1 ||
			!is_traffic(&counted->traffic))
		return false;
	for (size_t i = 0; i < GATEWAY_COUNTED_MAX; i++) {
		const struct gateway_rule_hits *rule = &counted->rules[i];

		if (i >= counted->count ? rule->id || rule->hits : rule->id <= id || rule->hits > INT64_MAX)
			return false;
		id = rule->id;
	}
	return true;
}

static bool is_entered(const struct gateway_entered *entered)
{
	return entered->port <= NET_PORT_MAX && entered->host_port <= NET_PORT_MAX &&
		entered->failed <= entered->connections && entered->connections <= INT64_MAX &&
		entered->sent_bytes <= INT64_MAX && entered->received_bytes <= INT64_MAX;
}

static bool is_closings(const struct gateway_closings *closings)
{
	return ends(closings->target, sizeof(closings->target)) &&
		ends(closings->rule, sizeof(closings->rule)) && closings->count <= INT64_MAX &&
		closings->failed_count <= closings->count &&
		closings->encrypted_count <= closings->count && closings->sent_bytes <= INT64_MAX &&
		closings->received_bytes <= INT64_MAX && closings->port <= UINT16_MAX;
}

static bool is_row(const struct gateway_summary_row *row)
{
	return ends(row->name, sizeof(row->name)) && row->connections <= INT64_MAX &&
		row->requests <= INT64_MAX && row->sent_bytes <= INT64_MAX &&
		row->received_bytes <= INT64_MAX && row->stopped <= INT64_MAX;
}

static bool is_summary(const struct gateway_summary *summary)
{
	if (summary->top_count > GATEWAY_SUMMARY_HOSTS || summary->top_count > summary->host_count ||
			!is_row(&summary->all) || !is_row(&summary->others))
		return false;
	for (size_t i = 0; i < summary->top_count; i++)
		if (!is_row(&summary->top[i]))
			return false;
	for (size_t i = 0; i < NET_LIMIT_COUNT; i++)
		if (summary->reached[i] > INT64_MAX)
			return false;
	return true;
}

int gateway_message_read(const struct channel_message *in, struct gateway_message *ret)
{
	if (in->type == GATEWAY_MESSAGE_INVALID || in->type >= GATEWAY_MESSAGE_KIND_COUNT ||
			!fds_fit(in->type, in->fd_count) || in->payload.len != kinds[in->type].body_bytes)
		return -EBADMSG;
	*ret = (struct gateway_message){ .kind = in->type };
	memcpy(&ret->nothing, in->payload.data, in->payload.len);
	switch (in->type) {
	case GATEWAY_MESSAGE_JUDGED:
		return is_judged(&ret->judged) ? 0 : -EBADMSG;
	case GATEWAY_MESSAGE_ENTERED:
		return is_entered(&ret->entered) ? 0 : -EBADMSG;
	case GATEWAY_MESSAGE_PUBLISHED:
		return ret->published.port <= NET_PORT_MAX && ret->published.host_port <= NET_PORT_MAX ? 0 :
			-EBADMSG;
	case GATEWAY_MESSAGE_CLOSINGS:
		return is_closings(&ret->closings) ? 0 : -EBADMSG;
	case GATEWAY_MESSAGE_SUMMARY:
		return is_summary(&ret->summary) ? 0 : -EBADMSG;
	case GATEWAY_MESSAGE_WHO:
		return ret->wondered.number && !ret->wondered.zero && is_pair(&ret->wondered.client) ? 0 :
			-EBADMSG;
	case GATEWAY_MESSAGE_WHOSE:
		return ret->whose.number && net_who_check(&ret->whose.who) ? 0 : -EBADMSG;
	case GATEWAY_MESSAGE_CLOSED:
		return is_closed(&ret->closed) ? 0 : -EBADMSG;
	case GATEWAY_MESSAGE_CHANGE:
	case GATEWAY_MESSAGE_COUNT:
		return ret->numbered.number ? 0 : -EBADMSG;
	case GATEWAY_MESSAGE_CHANGED:
		return ret->changed.number && ret->changed.closed_count <= INT64_MAX ? 0 : -EBADMSG;
	case GATEWAY_MESSAGE_ASKED:
		return is_asked(&ret->asked) ? 0 : -EBADMSG;
	case GATEWAY_MESSAGE_ANSWERED:
		return ret->answered.number && ret->answered.answer < GATEWAY_ANSWER_COUNT ? 0 : -EBADMSG;
	case GATEWAY_MESSAGE_COUNTED:
		return is_counted(&ret->counted) ? 0 : -EBADMSG;
	default:
		return 0;
	}
}

/* ---- settings ---- */

static const struct json *rules_to_json(struct arena *arena, const struct gateway_rule *rules, size_t count)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < count; i++) {
		struct json_object_builder rule;

		json_object_begin(&rule, arena);
		json_object_add_text(&rule, "entry", rules[i].entry);
		json_object_add_bool(&rule, "by_user", rules[i].by_user);
		json_object_add_bool(&rule, "asks", rules[i].asks);
		json_object_add_int(&rule, "source", rules[i].source);
		json_object_add_int(&rule, "id", (int64_t)rules[i].id);
		json_object_add_int(&rule, "expires_ns", (int64_t)rules[i].expires_ns);
		if (rules[i].hits)
			json_object_add_int(&rule, "hits", (int64_t)rules[i].hits);
		json_object_add(&rule, "where", json_new_bytes(arena, str_from(rules[i].where)));
		json_array_add(&array, json_object_end(&rule));
	}
	return json_array_end(&array);
}

static const struct json *hosts_to_json(struct arena *arena, const struct gateway_settings *settings)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < settings->host_count; i++) {
		struct json_object_builder host;

		json_object_begin(&host, arena);
		json_object_add_text(&host, "name", settings->hosts[i].name);
		json_object_add_text(&host, "address", settings->hosts[i].address);
		json_array_add(&array, json_object_end(&host));
	}
	return json_array_end(&array);
}

static const struct json *host_ports_to_json(struct arena *arena, const struct gateway_settings *settings)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < settings->host_port_count; i++)
		json_array_add(&array, json_new_int(arena, settings->host_ports[i]));
	return json_array_end(&array);
}

/* Numbers; one that is none of ours, or not there, is no setting. */
static const struct json *limits_to_json(struct arena *arena, const struct net_limits *limits)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	for (enum net_limit limit = NET_LIMIT_NONE + 1; limit < NET_LIMIT_COUNT; limit++)
		json_object_add_int(&object, net_limit_name(limit),
			(int64_t)MIN(limits->values[limit], NET_UNLIMITED));
	return json_object_end(&object);
}

static int read_limits(const struct json *value, struct net_limits *ret)
{
	const struct json *limits = json_get(value, "limits");

	for (enum net_limit limit = NET_LIMIT_NONE + 1; limit < NET_LIMIT_COUNT; limit++) {
		int64_t number = limits ? json_get_int(limits, net_limit_name(limit), -1) : -1;

		if (number < 0)
			return -EBADMSG;
		ret->values[limit] = (uint64_t)number;
	}
	return 0;
}

static const struct json *proxy_to_json(struct arena *arena, const struct gateway_proxy *proxy)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_text(&object, "host", proxy->host);
	json_object_add_int(&object, "port", proxy->port);
	if (proxy->authorization)
		json_object_add_text(&object, "authorization", proxy->authorization);
	if (proxy->authorities)
		json_object_add_text(&object, "authorities", proxy->authorities);
	return json_object_end(&object);
}

const struct json *gateway_settings_to_json(struct arena *arena, const struct gateway_settings *settings)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", GATEWAY_WIRE_VERSION);
	json_object_add_text(&object, "session", settings->session);
	json_object_add_int(&object, "ask_ns", (int64_t)settings->ask_ns);
	json_object_add(&object, "rules", rules_to_json(arena, settings->rules, settings->rule_count));
	json_object_add(&object, "servers", json_new_words(arena, settings->servers, settings->server_count));
	json_object_add(&object, "hosts", hosts_to_json(arena, settings));
	json_object_add(&object, "host_ports", host_ports_to_json(arena, settings));
	if (settings->proxy.host)
		json_object_add(&object, "proxy", proxy_to_json(arena, &settings->proxy));
	json_object_add(&object, "bypass", json_new_words(arena, settings->bypass, settings->bypass_count));
	json_object_add_bool(&object, "lets_encrypted_hello", settings->lets_encrypted_hello);
	json_object_add_bool(&object, "says_refused", settings->says_refused);
	json_object_add(&object, "limits", limits_to_json(arena, &settings->limits));
	return json_object_end(&object);
}

/* The items of a list that has at most @max; NULL: it is none. */
static const struct json *const *list_of(const struct json *value, const char *key, size_t max, size_t *ret)
{
	static const struct json *const none[1];
	const struct json *list = json_get(value, key);

	if (!list || list->type != JSON_ARRAY || list->array.count > max)
		return NULL;
	*ret = list->array.count;
	return list->array.count ? list->array.items : none;
}

/* @last_id: of the one before; becomes this one's. */
static bool read_rule(struct arena *arena, const struct json *value, int64_t *last_id,
	struct gateway_rule *ret)
{
	int64_t source = json_get_int(value, "source", -1), id = json_get_int(value, "id", 0);
	int64_t expires_ns = json_get_int(value, "expires_ns", -1), hits = json_get_int(value, "hits", 0);
	struct str where;

	*ret = (struct gateway_rule){
		.entry = json_get_text(value, "entry"), .asks = json_get_bool(value, "asks", false),
		.by_user = json_get_bool(value, "by_user", false),
		.source = (enum net_rule_source)source, .id = (uint64_t)id,
		.expires_ns = (uint64_t)expires_ns, .hits = (uint64_t)hits,
	};
	if (!ret->entry || id <= *last_id || expires_ns < 0 || hits < 0 || source < 0 ||
			source > NET_RULE_RUNTIME)
		return false;
	if (json_to_bytes(arena, json_get(value, "where"), &where) < 0)
		return false;
	*last_id = id;
	ret->where = arena_copy(arena, where.data, where.len);
	return ret->where;
}

static int read_rules(struct arena *arena, const struct json *value, const char *key,
	const struct gateway_rule **ret, size_t *ret_count)
{
	const struct json *const *items = list_of(value, key, NET_RULES_MAX, ret_count);
	int64_t last_id = 0;
	struct gateway_rule *rules = items ? arena_alloc_array(arena, *ret_count + 1, sizeof(*rules)) : NULL;

	if (!rules)
		return -EBADMSG;
	for (size_t i = 0; i < *ret_count; i++)
		if (!read_rule(arena, items[i], &last_id, &rules[i]))
			return -EBADMSG;
	*ret = rules;
	return 0;
}

static int read_hosts(struct arena *arena, const struct json *value, struct gateway_settings *ret)
{
	const struct json *const *items = list_of(value, "hosts", GATEWAY_HOSTS_MAX, &ret->host_count);
	struct gateway_host *hosts = items ?
		arena_alloc_array(arena, ret->host_count + 1, sizeof(*hosts)) : NULL;

	if (!hosts)
		return -EBADMSG;
	for (size_t i = 0; i < ret->host_count; i++) {
		hosts[i].name = json_get_text(items[i], "name");
		hosts[i].address = json_get_text(items[i], "address");
		if (!hosts[i].name || !hosts[i].address)
			return -EBADMSG;
	}
	ret->hosts = hosts;
	return 0;
}

static int read_host_ports(struct arena *arena, const struct json *value, struct gateway_settings *ret)
{
	const struct json *list = json_get(value, "host_ports");
	bool is_list = list && list->type == JSON_ARRAY && list->array.count <= GATEWAY_HOST_PORTS_MAX;
	uint16_t *ports = is_list ? arena_alloc_array(arena, list->array.count + 1, sizeof(*ports)) : NULL;

	if (!ports)
		return -EBADMSG;
	for (size_t i = 0; i < list->array.count; i++) {
		const struct json *port = list->array.items[i];

		if (port->type != JSON_INT || port->integer < 1 || port->integer > NET_PORT_MAX)
			return -EBADMSG;
		ports[ret->host_port_count++] = (uint16_t)port->integer;
	}
	ret->host_ports = ports;
	return 0;
}

static int read_proxy(const struct json *value, struct gateway_settings *ret)
{
	const struct json *proxy = json_get(value, "proxy");
	int64_t port = json_get_int(proxy, "port", 0);

	if (!proxy)
		return 0;
	ret->proxy = (struct gateway_proxy){ .host = json_get_text(proxy, "host"), .port = (uint16_t)port,
		.authorization = json_get_text(proxy, "authorization"),
		.authorities = json_get_text(proxy, "authorities") };
	return ret->proxy.host && port > 0 && port <= NET_PORT_MAX ? 0 : -EBADMSG;
}

int gateway_settings_read(struct arena *arena, const struct json *value, struct gateway_settings *ret,
	struct error *err)
{
	struct gateway_settings settings = {
		.session = json_get_text(value, "session"),
		.lets_encrypted_hello = json_get_bool(value, "lets_encrypted_hello", false),
		.says_refused = json_get_bool(value, "says_refused", false),
	};
	int r = settings.session && json_get_int(value, "version", 0) == GATEWAY_WIRE_VERSION ? 0 : -EBADMSG;

	settings.ask_ns = (uint64_t)json_get_int(value, "ask_ns", -1);
	if (r >= 0 && settings.ask_ns > GATEWAY_ASK_MAX_NS)
		r = -EBADMSG;
	if (r >= 0)
		r = read_rules(arena, value, "rules", &settings.rules, &settings.rule_count);
	if (r >= 0)
		r = read_hosts(arena, value, &settings);
	if (r >= 0)
		r = read_host_ports(arena, value, &settings);
	if (r >= 0)
		r = read_proxy(value, &settings);
	if (r >= 0)
		r = json_to_words(arena, json_get(value, "bypass"), &settings.bypass, &settings.bypass_count);
	if (r >= 0 && settings.bypass_count > GATEWAY_BYPASS_MAX)
		r = -EBADMSG;
	if (r >= 0)
		r = read_limits(value, &settings.limits);
	if (r >= 0)
		r = json_to_words(arena, json_get(value, "servers"), &settings.servers,
			&settings.server_count);
	if (r >= 0 && settings.server_count > GATEWAY_SERVERS_MAX)
		r = -EBADMSG;
	if (r < 0)
		return error_set(err, r, "the gateway's settings are none");
	*ret = settings;
	return 0;
}

/* ---- rules that come and go ---- */

const struct json *gateway_change_to_json(struct arena *arena, const struct gateway_change *change)
{
	struct json_object_builder object;
	struct json_array_builder removed;

	json_array_begin(&removed, arena);
	for (size_t i = 0; i < change->removed_count; i++)
		json_array_add(&removed, json_new_int(arena, (int64_t)change->removed[i]));
	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", GATEWAY_WIRE_VERSION);
	json_object_add(&object, "added", rules_to_json(arena, change->added, change->added_count));
	json_object_add(&object, "removed", json_array_end(&removed));
	return json_object_end(&object);
}

static int read_ids(struct arena *arena, const struct json *value, const uint64_t **ret, size_t *ret_count)
{
	const struct json *const *items = list_of(value, "removed", NET_RULES_MAX, ret_count);
	uint64_t *ids = items ? arena_alloc_array(arena, *ret_count + 1, sizeof(*ids)) : NULL;

	if (!ids)
		return -EBADMSG;
	for (size_t i = 0; i < *ret_count; i++) {
		if (items[i]->type != JSON_INT || items[i]->integer <= 0)
			return -EBADMSG;
		ids[i] = (uint64_t)items[i]->integer;
	}
	*ret = ids;
	return 0;
}

int gateway_change_read(struct arena *arena, const struct json *value, struct gateway_change *ret,
	struct error *err)
{
	struct gateway_change change = { 0 };
	int r = json_get_int(value, "version", 0) == GATEWAY_WIRE_VERSION ? 0 : -EBADMSG;

	if (r >= 0)
		r = read_rules(arena, value, "added", &change.added, &change.added_count);
	if (r >= 0)
		r = read_ids(arena, value, &change.removed, &change.removed_count);
	if (r < 0)
		return error_set(err, r, "the change of the gateway's rules is none");
	*ret = change;
	return 0;
}

void gateway_decision(const char *session, const struct gateway_judged *judged,
	char ret[GATEWAY_DECISION_SIZE])
{
	char text[GATEWAY_TARGET_SIZE + GATEWAY_TEXT_SIZE + 128], hex[DIGEST_HEX_SIZE];
	struct digest digest;

	(void)snprintf(text, sizeof(text), "network %s %s %s %u %s", session,
		gateway_way_name((enum gateway_way)judged->way), judged->target, judged->port, judged->why);
	digest = hash_bytes(text, strlen(text));
	digest_to_hex(&digest, hex);
	(void)snprintf(ret, GATEWAY_DECISION_SIZE, "d-%.12s", hex);
}
