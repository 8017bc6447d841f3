// SPDX-License-Identifier: Apache-2.0
/*
 * gateway.c - what a gateway is told before it begins
 */
#include "run/gateway.h"

#include "kern/file.h"
#include "net/address.h"
#include "net/name.h"

#include <errno.h>
#include <fcntl.h>

enum {
	FILE_BYTES_MAX = 4 << 20,
};

bool run_gateway_is_wanted(const struct config_settings *settings)
{
	return settings->network.allow.count || settings->network.host_ports.count ||
		settings->network.publish.count;
}

/* The next word of a line; what is behind "#" is none. */
static bool next_word(struct str *line, struct str *ret)
{
	size_t start = 0, end;

	while (start < line->len && ascii_is_space(line->data[start]))
		start++;
	for (end = start; end < line->len && !ascii_is_space(line->data[end]) && line->data[end] != '#';)
		end++;
	*ret = (struct str){ line->data + start, end - start };
	*line = (struct str){ line->data + end, line->len - end };
	return ret->len;
}

static const char *print_address(struct arena *arena, const struct net_address *address)
{
	char text[NET_ADDRESS_SIZE];

	net_address_print(address, text);
	return arena_copy(arena, text, strlen(text));
}

int run_read_servers(struct arena *arena, struct str text, const char *const **ret, size_t *ret_count)
{
	const char **servers = arena_alloc_array(arena, GATEWAY_SERVERS_MAX + 1, sizeof(*servers));
	struct net_address address;
	struct str line, word;
	size_t count = 0;

	if (!servers)
		return -ENOMEM;
	while (text.len && count < GATEWAY_SERVERS_MAX) {
		(void)str_cut(text, '\n', &line, &text);
		if (!line.len || line.data[0] == ';' || !next_word(&line, &word) ||
				!str_eq(word, STR("nameserver")) || !next_word(&line, &word) ||
				net_address_read(word, &address) < 0)
			continue;
		servers[count] = print_address(arena, &address);
		if (!servers[count++])
			return -ENOMEM;
	}
	if (!count)
		servers[count++] = "127.0.0.1";
	*ret = servers;
	*ret_count = count;
	return 0;
}

int run_read_hosts(struct arena *arena, struct str text, const struct gateway_host **ret, size_t *ret_count)
{
	struct gateway_host *hosts = arena_alloc_array(arena, GATEWAY_HOSTS_MAX, sizeof(*hosts));
	size_t count = 0;

	if (!hosts)
		return -ENOMEM;
	while (text.len) {
		struct net_address address;
		struct str line, word, name;
		const char *shown;

		(void)str_cut(text, '\n', &line, &text);
		if (!next_word(&line, &word) || net_address_read(word, &address) < 0)
			continue;
		shown = print_address(arena, &address);
		if (!shown)
			return -ENOMEM;
		while (count < GATEWAY_HOSTS_MAX && next_word(&line, &word))
			if (!net_name_read(arena, word, &name))
				hosts[count++] = (struct gateway_host){ .name = name.data, .address = shown };
	}
	*ret = hosts;
	*ret_count = count;
	return 0;
}

/* A file that is not there says nothing. */
static int read_file(const char *path, struct buf *buf, struct error *err)
{
	int r = kern_read_file(AT_FDCWD, path, buf);

	return r < 0 && r != -ENOENT ? error_sys(err, r, "reading %s", path) : 0;
}

static int read_host(struct arena *arena, struct gateway_settings *ret, struct error *err)
{
	scoped(buf) struct buf servers = BUF_INIT(FILE_BYTES_MAX), hosts = BUF_INIT(FILE_BYTES_MAX);
	int r = read_file("/etc/resolv.conf", &servers, err);

	if (r >= 0)
		r = read_file("/etc/hosts", &hosts, err);
	if (r < 0)
		return r;
	r = run_read_servers(arena, (struct str){ servers.data, servers.len }, &ret->servers,
		&ret->server_count);
	if (r >= 0)
		r = run_read_hosts(arena, (struct str){ hosts.data, hosts.len }, &ret->hosts,
			&ret->host_count);
	return r < 0 ? error_sys(err, r, "finding out where names are looked up") : 0;
}

static enum net_rule_source source_of(const struct config_origin *origin)
{
	/* The origin of what a preset came to (config/expand.c); a file has its line. */
	if (origin->file && !origin->line && str_starts_with(str_from(origin->file), STR("preset ")))
		return NET_RULE_PRESET;
	switch (origin->source) {
	case CONFIG_SOURCE_PROFILE:
	case CONFIG_SOURCE_AGENT:
		return NET_RULE_PRESET;
	case CONFIG_SOURCE_FLAG:
		return NET_RULE_FLAG;
	case CONFIG_SOURCE_DEFAULT:
	case CONFIG_SOURCE_USER:
	case CONFIG_SOURCE_PROJECT:
	case CONFIG_SOURCE_POLICY:
		break;
	}
	return NET_RULE_FILE;
}

/* Return: 0 or -ENOMEM */
static int add_rules(struct arena *arena, const struct config_list *list, const struct gateway_rule *kind,
	struct gateway_rule *rules, size_t *count)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct config_item *item = &list->items[i];
		struct gateway_rule *rule = &rules[(*count)++];
		char text[NET_ENTRY_SIZE];

		net_entry_print(item->entry, text);
		*rule = (struct gateway_rule){
			.entry = arena_printf(arena, "%s%s", kind->entry, text), .asks = kind->asks,
			.by_user = item->origin.source == CONFIG_SOURCE_USER ||
				item->origin.source == CONFIG_SOURCE_FLAG,
			.id = *count, .source = source_of(&item->origin),
			.where = config_origin_text(arena, &item->origin),
		};
		if (!rule->entry || !rule->where)
			return -ENOMEM;
	}
	return 0;
}

static int add_lists(struct arena *arena, const struct config *config, struct gateway_settings *ret)
{
	static const struct {
		enum config_key key;
		struct gateway_rule kind;
	} lists[] = {
		{ CONFIG_KEY_NETWORK_ALLOW, { .entry = "" } },
		{ CONFIG_KEY_NETWORK_ASK, { .entry = "", .asks = true } },
		{ CONFIG_KEY_NETWORK_DENY, { .entry = "!" } },
	};
	struct gateway_rule *rules;
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		count += config->values[lists[i].key].list.count;
	rules = arena_alloc_array(arena, count + 1, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	ret->rules = rules;
	for (size_t i = 0; i < ARRAY_SIZE(lists) && r >= 0; i++)
		r = add_rules(arena, &config->values[lists[i].key].list, &lists[i].kind, rules,
			&ret->rule_count);
	return r;
}

/*
 * A port of the host is a rule like any other, for its name, and is open because it stands in the list, too.
 */
static int add_host_ports(struct arena *arena, const struct config *config, struct gateway_settings *ret)
{
	const struct config_list *list = &config->values[CONFIG_KEY_NETWORK_HOST_PORTS].list;
	struct gateway_rule *rules = arena_alloc_array(arena, ret->rule_count + list->count + 1,
		sizeof(*rules));
	uint16_t *ports = arena_alloc_array(arena, list->count + 1, sizeof(*ports));

	if (!rules || !ports)
		return -ENOMEM;
	if (ret->rule_count)
		memcpy(rules, ret->rules, ret->rule_count * sizeof(*rules));
	for (size_t i = 0; i < list->count; i++) {
		const struct config_item *item = &list->items[i];
		struct gateway_rule *rule = &rules[ret->rule_count++];
		uint64_t port;

		if (str_to_u64(str_from(item->text), NET_PORT_MAX, &port) < 0)
			return -EINVAL;
		ports[ret->host_port_count++] = (uint16_t)port;
		*rule = (struct gateway_rule){
			.entry = arena_printf(arena, "%s:%s", GATEWAY_HOST_NAME, item->text),
			.by_user = true, .id = ret->rule_count, .source = source_of(&item->origin),
			.where = config_origin_text(arena, &item->origin),
		};
		if (!rule->entry || !rule->where)
			return -ENOMEM;
	}
	ret->rules = rules;
	ret->host_ports = ports;
	return 0;
}

int run_gateway_rules(struct arena *arena, const struct config *config, struct gateway_settings *ret)
{
	int r = add_lists(arena, config, ret);

	return r < 0 ? r : add_host_ports(arena, config, ret);
}

static void add_limits(const struct config *config, struct net_limits *ret)
{
	static const enum config_key keys[NET_LIMIT_COUNT] = {
#define KEY(limit, name) [NET_LIMIT_##limit] = CONFIG_KEY_TRAFFIC_##limit,
		NET_LIMITS(KEY)
#undef KEY
	};

	for (enum net_limit limit = NET_LIMIT_NONE + 1; limit < NET_LIMIT_COUNT; limit++)
		ret->values[limit] = MIN(config->values[keys[limit]].number, NET_UNLIMITED);
}

int run_gateway_settings(struct arena *arena, const struct config *config, const char *session,
	struct gateway_settings *ret, struct error *err)
{
	int r;

	*ret = (struct gateway_settings){ .session = session };
	add_limits(config, &ret->limits);
	ret->ask_ns = config->settings.network.ask_time_ns;
	ret->says_refused = config->settings.network.refuse_names == CONFIG_REFUSE_NAMES_REFUSED;
	ret->lets_encrypted_hello = config->settings.network.encrypted_hello == CONFIG_ENCRYPTED_HELLO_LOG;
	r = run_gateway_rules(arena, config, ret);
	return r < 0 ? error_sys(err, r, "the rules of the network") : read_host(arena, ret, err);
}

int run_gateway_settings_fd(struct arena *arena, const struct gateway_settings *settings, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(GATEWAY_SETTINGS_BYTES_MAX);
	const struct json *value = gateway_settings_to_json(arena, settings);
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -EMSGSIZE;

	if (r >= 0)
		r = kern_memfd_text("cordon-gateway", (struct str){ text.data, text.len });
	return r < 0 ? error_sys(err, r, "telling the gateway its rules") : r;
}
