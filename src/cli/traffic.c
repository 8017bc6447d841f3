// SPDX-License-Identifier: Apache-2.0
/*
 * traffic.c - asking running sessions what has gone by their networks
 */
#include "cli/traffic.h"

#include "base/fd.h"
#include "base/macro.h"
#include "base/time.h"
#include "kern/clock.h"
#include "loop/channel.h"

#include <stdio.h>

int traffic_ask(const struct session *session, struct traffic *ret)
{
	scoped(fd) int fd = kern_sock_connect(session->dirfd, "control.sock");
	int r = fd < 0 ? fd : channel_post(fd, CONTROL_TRAFFIC, (struct str){ 0 }, NULL, 0);

	if (r < 0)
		return r;
	ret->fd = TAKE_FD(fd);
	return 0;
}

static bool is_there(int fd, uint64_t deadline_ns)
{
	uint64_t now_ns = kern_clock_monotonic_ns(),
		left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
	const struct timespec patience = {
		.tv_sec = (time_t)(left_ns / NS_PER_SEC), .tv_nsec = (long)(left_ns % NS_PER_SEC),
	};
	struct pollfd something = { .fd = fd, .events = POLLIN };

	return kern_ppoll(&something, 1, &patience) > 0;
}

bool traffic_hear(struct traffic *traffic, uint64_t deadline_ns)
{
	scoped(fd) int fd = TAKE_FD(traffic->fd);
	struct channel_message message;
	struct control_message body;
	int fds[KERN_SOCK_FDS_MAX];

	if (fd < 0 || !is_there(fd, deadline_ns) || channel_wait(fd, &message, fds) <= 0)
		return false;
	for (size_t i = 0; i < message.fd_count; i++)
		fd_close(fds[i]);
	traffic->is_told = control_read(message.type, message.payload, &body) >= 0 &&
		body.type == CONTROL_TOLD_TRAFFIC;
	if (traffic->is_told)
		traffic->told = body.traffic;
	return traffic->is_told;
}

const struct json *traffic_to_json(struct arena *arena, const struct control_traffic *traffic)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "open", (int64_t)traffic->open);
	json_object_add_int(&object, "connections", (int64_t)traffic->connections);
	json_object_add_int(&object, "requests", (int64_t)traffic->requests);
	json_object_add_int(&object, "sent_bytes", (int64_t)traffic->sent_bytes);
	json_object_add_int(&object, "received_bytes", (int64_t)traffic->received_bytes);
	return json_object_end(&object);
}

void traffic_format(uint64_t bytes, char ret[TRAFFIC_TEXT_SIZE])
{
	static const char units[] = "KMGTPE";
	uint64_t whole = bytes, rest = 0;
	size_t unit = 0;

	while (whole >= 1024) {
		rest = whole % 1024;
		whole /= 1024;
		unit++;
	}
	if (!unit)
		(void)snprintf(ret, TRAFFIC_TEXT_SIZE, "%llu", (unsigned long long)whole);
	else if (whole < 10)
		(void)snprintf(ret, TRAFFIC_TEXT_SIZE, "%llu.%llu%c", (unsigned long long)whole,
			(unsigned long long)(rest * 10 / 1024), units[unit - 1]);
	else
		(void)snprintf(ret, TRAFFIC_TEXT_SIZE, "%llu%c", (unsigned long long)whole, units[unit - 1]);
}
