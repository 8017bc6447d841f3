// SPDX-License-Identifier: Apache-2.0
/*
 * orders.c - what the supervisor says: settings, sockets, what is on record, new rules
 *
 * A supervisor that says something else, or nothing any more, is the end of the gateway: without it nothing
 * is on record, so nothing is allowed.
 */
#include "base/fd.h"
#include "kern/file.h"
#include "roles/gateway/batch.h"
#include "roles/gateway/farewell.h"
#include "roles/gateway/published.h"
#include "roles/gateway/rules.h"
#include "roles/gateway/upstream.h"
#include "roles/gateway/who.h"

#include <errno.h>

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
		r = rules_init(gateway, err);
	if (r >= 0)
		r = upstream_init(gateway);
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
	if (r >= 0)
		r = published_begin(gateway);
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
	case GATEWAY_MESSAGE_WHOSE:
		if (gateway->rules)
			who_heard(gateway, &message->whose);
		return 0;
	case GATEWAY_MESSAGE_CHANGE:
		return rules_change(gateway, message->numbered.number, in->fds[0], &err);
	case GATEWAY_MESSAGE_COUNT:
		return rules_count(gateway, message->numbered.number);
	case GATEWAY_MESSAGE_PUBLISHED:
		return gateway->has_begun ?
			-EBADMSG :
			published_add(gateway, (uint16_t)message->published.port,
				(uint16_t)message->published.host_port, in->fds, in->fd_count);
	case GATEWAY_MESSAGE_INSIDE:
		published_take(gateway, in->fds, in->fd_count);
		return 0;
	case GATEWAY_MESSAGE_END:
		farewell_begin(gateway);
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
