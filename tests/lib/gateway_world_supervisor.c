// SPDX-License-Identifier: Apache-2.0
/*
 * gateway_world_supervisor.c - the supervisor of a gateway that is tested: what it orders, and what it hears
 *
 * It writes the story. Connections are on record when it says so: at once, or when the test has it say it.
 */
#include "lib/gateway_world_supervisor.h"

#include "base/fd.h"
#include "kern/file.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/un.h>

enum {
	RULES_MAX = 64,
};

/* ---- what it hears ---- */

PRINTF_LIKE(1, 2)
static void tell(const char *format, ...)
{
	uint64_t ms = (world.now_ns - world.began_ns) / NS_PER_MS;
	char line[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	CHECK_INT(buf_printf(&world.story, "%" PRIu64 ".%03" PRIu64 " %s\n", ms / 1000, ms % 1000, line), 0);
}

static void order(const struct gateway_message *message, int fd)
{
	CHECK(gateway_message_send(&world.supervisor, message, &fd, fd >= 0) >= 0);
	fd_close(fd);
}

void world_order(enum gateway_message_kind kind)
{
	order(&(struct gateway_message){ .kind = kind }, -1);
}

void world_record(size_t count)
{
	while (count-- && world.unrecorded_count) {
		struct gateway_message message = { .kind = GATEWAY_MESSAGE_RECORDED };

		message.recorded.flow = world.unrecorded[world.unrecorded_first];
		world.unrecorded_first = (world.unrecorded_first + 1) % WORLD_PARTIES_MAX;
		world.unrecorded_count--;
		order(&message, -1);
	}
}

static void hear_judged(const struct gateway_judged *judged)
{
	world.last_judged = *judged;
	if (judged->reserved)
		tell("reserve %" PRIu64 " for %s:%u (#%" PRIu64 ")", judged->reserved, judged->target,
			judged->port, judged->flow);
	else if (judged->is_allowed)
		tell("allow %s %s:%u (#%" PRIu64 ")", gateway_way_name((enum gateway_way)judged->way),
			judged->target, judged->port, judged->flow);
	else
		tell("deny %s %s:%u %s: %s (%" PRIu64 ")",
			gateway_way_name((enum gateway_way)judged->way), judged->target, judged->port,
			judged->rule[0] ? judged->rule : "-", judged->why, judged->count);
	if (!judged->flow)
		return;
	CHECK(world.unrecorded_count < WORLD_PARTIES_MAX);
	world.unrecorded[(world.unrecorded_first + world.unrecorded_count++) % WORLD_PARTIES_MAX] =
		judged->flow;
	if (world.records)
		world_record(SIZE_MAX);
}

static void hear_closed(const struct gateway_closed *closed)
{
	char error[32] = "";

	if (closed->error)
		(void)snprintf(error, sizeof(error), ", %s", strerrorname_np(-closed->error));
	tell("closed #%" PRIu64 " sent %" PRIu64 " received %" PRIu64 "%s%s%s", closed->flow,
		closed->sent_bytes, closed->received_bytes, closed->is_connected ? "" : ", never connected",
		error, closed->is_by_rule ? ", by a rule" : "");
}

static void hear_closings(const struct gateway_closings *closings)
{
	world.closings_count++;
	world.closings.count += closings->count;
	world.closings.failed_count += closings->failed_count;
	world.closings.sent_bytes += closings->sent_bytes;
	world.closings.received_bytes += closings->received_bytes;
	tell("closed %" PRIu64 " of %s:%" PRIu64 ", %" PRIu64 " failed, sent %" PRIu64 " received %" PRIu64,
		closings->count, closings->target, closings->port, closings->failed_count,
		closings->sent_bytes, closings->received_bytes);
}

static void hear_message(const struct gateway_message *message)
{
	static const char *const answers[] = { "denied", "allowed", "late", "gone" };

	switch (message->kind) {
	case GATEWAY_MESSAGE_JUDGED:
		hear_judged(&message->judged);
		break;
	case GATEWAY_MESSAGE_CLOSED:
		hear_closed(&message->closed);
		break;
	case GATEWAY_MESSAGE_CLOSINGS:
		hear_closings(&message->closings);
		break;
	case GATEWAY_MESSAGE_SUMMARY:
		world.summary = message->summary;
		tell("summary of %u hosts, %" PRIu64 " connections", message->summary.host_count,
			message->summary.all.connections);
		break;
	case GATEWAY_MESSAGE_CHANGED:
		tell("changed %" PRIu64 ", closed %" PRIu64, message->changed.number,
			message->changed.closed_count);
		break;
	case GATEWAY_MESSAGE_ASKED:
		tell("ask %s:%u (?%" PRIu64 ")", message->asked.target, message->asked.port,
			message->asked.number);
		break;
	case GATEWAY_MESSAGE_ANSWERED:
		tell("answer ?%" PRIu64 " %s", message->answered.number, answers[message->answered.answer]);
		break;
	case GATEWAY_MESSAGE_READY:
		tell("ready");
		break;
	default:
		test_fail(__FILE__, __LINE__, "the gateway said something of kind %u", message->kind);
	}
}

static void supervisor_heard(UNUSED struct channel *channel, const struct channel_message *in,
	UNUSED int reason)
{
	struct gateway_message message;

	if (!in)
		return;
	CHECK_INT(gateway_message_read(in, &message), 0);
	hear_message(&message);
}

void world_reads(bool reads)
{
	CHECK_INT(loop_set_io(&world.supervisor.io, reads ? EPOLLIN : 0), 0);
}

void world_hang_up(void)
{
	channel_fini(&world.supervisor);
}

const char *world_story(void)
{
	static char story[WORLD_STORY_BYTES_MAX];

	memcpy(story, world.story.data ? world.story.data : "", world.story.len);
	story[world.story.len] = '\0';
	buf_clear(&world.story);
	return story;
}

/* ---- what it sends ---- */

static void send_json(enum gateway_message_kind kind, uint64_t number, const struct json *value)
{
	scoped(buf) struct buf text = BUF_INIT(GATEWAY_SETTINGS_BYTES_MAX);
	struct gateway_message message = { .kind = kind, .numbered = { number } };
	int fd;

	CHECK_INT(json_write(&text, value, JSON_WRITE_CANONICAL), 0);
	fd = kern_memfd_text("world", (struct str){ text.data, text.len });
	CHECK(fd >= 0);
	if (kind == GATEWAY_MESSAGE_BEGIN)
		message = (struct gateway_message){ .kind = kind };
	order(&message, fd);
}

static size_t make_rules(const struct world_rule *rules, uint64_t first_id,
	struct gateway_rule ret[RULES_MAX])
{
	size_t count = 0;

	for (; rules && rules->entry; rules++, count++) {
		CHECK(count < RULES_MAX);
		ret[count] = (struct gateway_rule){
			.entry = rules->entry, .by_user = true, .asks = rules->asks, .where = "here",
			/* While it runs, what a person says to be allowed is an answer, too. */
			.source = first_id == 1 ? NET_RULE_FILE :
				rules->entry[0] == '!' ? NET_RULE_RUNTIME : NET_RULE_APPROVAL,
			.id = first_id + count,
			.expires_ns = rules->ends_s ? world.began_ns + rules->ends_s * NS_PER_SEC : 0,
		};
	}
	return count;
}

static uint64_t next_rule;

void world_change(const struct world_rule *added, uint64_t removed)
{
	struct gateway_rule rules[RULES_MAX];
	const struct gateway_change change = {
		.added = rules, .added_count = make_rules(added, next_rule, rules), .removed = &removed,
		.removed_count = removed != 0,
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	next_rule += change.added_count;
	send_json(GATEWAY_MESSAGE_CHANGE, ++world.last_change, gateway_change_to_json(&arena, &change));
}

static void send_settings(const struct world_rule *given, const struct net_limits *limits)
{
	static const struct gateway_host hosts[] = {
		{ "a.example", "20.0.0.1" }, { "b.example", "20.0.0.2" }, { "c.example", "20.0.0.3" },
		{ "special.example", "10.0.0.1" },
	};
	struct gateway_rule rules[RULES_MAX];
	struct gateway_settings settings = {
		.session = "s1", .ask_ns = 60 * NS_PER_SEC, .rules = rules,
		.rule_count = make_rules(given, 1, rules), .hosts = hosts, .host_count = ARRAY_SIZE(hosts),
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	next_rule = settings.rule_count + 1;
	for (size_t i = 0; i < NET_LIMIT_COUNT; i++)
		settings.limits.values[i] = limits && limits->values[i] ? limits->values[i] : NET_UNLIMITED;
	send_json(GATEWAY_MESSAGE_BEGIN, 0, gateway_settings_to_json(&arena, &settings));
}

/* Sockets that nobody connects to: clients are handed over as if they had been accepted. */
static void send_sockets(void)
{
	const struct gateway_message message = { .kind = GATEWAY_MESSAGE_SOCKETS };
	const struct sockaddr_un nobody = { .sun_family = AF_UNIX };
	int fds[JAIL_SOCKET_COUNT];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		bool is_udp = i == JAIL_SOCKET_DNS_UDP;

		fds[i] = socket(AF_UNIX, (is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);
		CHECK_INT(bind(fds[i], (const struct sockaddr *)&nobody, sizeof(nobody.sun_family)), 0);
		CHECK(is_udp || !listen(fds[i], 1));
	}
	CHECK(gateway_message_send(&world.supervisor, &message, fds, ARRAY_SIZE(fds)) >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fd_close(fds[i]);
}

void world_supervise(int fd, const struct world_rule *rules, const struct net_limits *limits)
{
	CHECK_INT(channel_init(&world.supervisor, &world.gateway.loop, fd, supervisor_heard), 0);
	send_settings(rules, limits);
	send_sockets();
}
