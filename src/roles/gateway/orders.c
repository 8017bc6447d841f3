// SPDX-License-Identifier: Apache-2.0
/*
 * orders.c - what the supervisor says: settings, sockets, what is on record
 *
 * A supervisor that says something else, or nothing any more, is the end of the gateway: without it nothing
 * is on record, so nothing is allowed.
 */
#include "base/fd.h"
#include "kern/file.h"
#include "roles/gateway/flow.h"
#include "roles/gateway/http.h"
#include "roles/gateway/proxy.h"

#include <errno.h>

static int add_rules(struct gateway *gateway, struct error *err)
{
	const struct gateway_settings *settings = &gateway->settings;
	struct net_rule *rules = arena_alloc_array(&gateway->arena, settings->rule_count + 1, sizeof(*rules));
	uint64_t seed[2];
	int r = rules ? 0 : -ENOMEM;

	for (size_t i = 0; i < settings->rule_count && r >= 0; i++) {
		const struct gateway_rule *rule = &settings->rules[i];
		struct net_flaw flaw;

		rules[i] = (struct net_rule){ .by_user = rule->by_user, .asks = rule->asks,
			.source = rule->source, .where = rule->where };
		r = net_entry_read(&gateway->arena, str_from(rule->entry), NET_PORTS_ALL, &rules[i].entry,
			&flaw);
	}
	if (r >= 0 && kern_getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		r = -EIO;
	if (r < 0)
		return error_sys(err, r, "reading the rules");
	gateway->rules = net_rules_new(seed);
	return net_rules_add(gateway->rules, rules, settings->rule_count, gateway->loop.now_ns, NULL);
}

static int read_settings(struct gateway *gateway, int fd, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(GATEWAY_SETTINGS_BYTES_MAX);
	const struct json *value;
	const char *copy;
	int r = gateway->settings.session ? -EBADMSG : kern_read_all(fd, &text);

	if (r < 0)
		return error_sys(err, r, "reading the settings");
	/* The document borrows from its text, and the settings from the document. */
	copy = arena_copy(&gateway->arena, text.data, text.len);
	if (!copy)
		return error_sys(err, -ENOMEM, "reading the settings");
	r = json_read(&gateway->arena, (struct str){ copy, text.len }, JSON_READ_STRICT, &value, err);
	if (r >= 0)
		r = gateway_settings_read(&gateway->arena, value, &gateway->settings, err);
	if (r >= 0)
		r = add_rules(gateway, err);
	return r < 0 ? r : names_init(gateway, err);
}

static int take_sockets(struct gateway *gateway, const struct channel_message *in)
{
	struct gateway_message ready = { .kind = GATEWAY_MESSAGE_READY };
	int r = gateway->has_begun || !gateway->settings.session || in->fd_count > JAIL_SOCKETS_MAX ||
		in->fd_count % JAIL_SOCKET_COUNT ? -EBADMSG : 0;

	gateway->has_begun = true;
	for (size_t i = 0; i < in->fd_count && r >= 0; i++)
		r = listener_start(gateway, &gateway->listeners[i],
			(enum jail_socket)(i % JAIL_SOCKET_COUNT), TAKE_FD(in->fds[i]));
	return r < 0 ? r : gateway_message_send(&gateway->supervisor, &ready, NULL, 0);
}

static int obey(struct gateway *gateway, const struct gateway_message *message,
	const struct channel_message *in)
{
	struct error err = ERROR_INIT;

	switch (message->kind) {
	case GATEWAY_MESSAGE_BEGIN:
		return read_settings(gateway, in->fds[0], &err);
	case GATEWAY_MESSAGE_SOCKETS:
		return take_sockets(gateway, in);
	case GATEWAY_MESSAGE_RECORDED:
		record_answered(gateway, message->recorded.flow);
		return 0;
	case GATEWAY_MESSAGE_END:
		proxy_free_all(gateway);
		http_free_all(gateway);
		LIST_FOR_EACH(flow, &gateway->flows, struct flow, node)
			flow_reset(flow);
		loop_stop(&gateway->loop, 0);
		return 0;
	default:
		return -EBADMSG;
	}
}

static void heard(struct channel *channel, const struct channel_message *in, int reason)
{
	struct gateway *gateway = CONTAINER_OF(channel, struct gateway, supervisor);
	struct gateway_message message;
	int r;

	if (!in) {
		loop_stop(&gateway->loop, reason);
		return;
	}
	r = gateway_message_read(in, &message);
	if (r >= 0)
		r = obey(gateway, &message, in);
	if (r < 0)
		loop_stop(&gateway->loop, r);
}

int gateway_serve(struct gateway *gateway, int fd)
{
	return channel_init(&gateway->supervisor, &gateway->loop, fd, heard);
}
