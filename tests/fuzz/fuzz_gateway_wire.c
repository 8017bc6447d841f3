// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_gateway_wire.c - what holds for whatever the gateway, or somebody in its place, could say
 *
 * The first byte chooses. By 'S' the rest is a text that is taken for the gateway's settings, by 'C' for a
 * change of its rules; any other is the type of a message, and the rest its payload.
 *
 *   - a message that was taken has a kind that exists, texts that end, numbers that a ledger can hold, and is
 *     the payload, byte for byte
 *   - settings that were taken are within their bounds, and are written and taken again as the same document
 */
#include "run/gateway_wire.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
	PAYLOAD_MAX = 60 << 10,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
	assert(memchr(text, '\0', size));
}

static void check_row(const struct gateway_summary_row *row)
{
	check_text(row->name, sizeof(row->name));
	assert(row->connections <= INT64_MAX && row->requests <= INT64_MAX && row->stopped <= INT64_MAX);
	assert(row->sent_bytes <= INT64_MAX && row->received_bytes <= INT64_MAX);
}

static void check_summary(const struct gateway_summary *summary)
{
	assert(summary->top_count <= GATEWAY_SUMMARY_HOSTS && summary->top_count <= summary->host_count);
	check_row(&summary->all);
	check_row(&summary->others);
	for (size_t i = 0; i < summary->top_count; i++)
		check_row(&summary->top[i]);
	for (size_t i = 0; i < NET_LIMIT_COUNT; i++)
		assert(summary->reached[i] <= INT64_MAX);
}

static void check_judged(const struct gateway_judged *judged)
{
	char decision[GATEWAY_DECISION_SIZE];

	check_text(judged->target, sizeof(judged->target));
	check_text(judged->rule, sizeof(judged->rule));
	check_text(judged->source, sizeof(judged->source));
	check_text(judged->why, sizeof(judged->why));
	check_text(judged->program, sizeof(judged->program));
	assert(judged->way < GATEWAY_WAY_COUNT && judged->count <= INT64_MAX);
	assert(judged->is_allowed ? !judged->count : judged->count && !judged->reserved);
	gateway_decision("s", judged, decision);
	assert(strlen(decision) == GATEWAY_DECISION_SIZE - 1);
}

/* Whoever is not of a list may not be of it; who was not found is of none. */
static void check_who(const struct net_who *who)
{
	const struct str by = STR(
		"/usr/bin/git,sha256:0000000000000000000000000000000000000000000000000000000000000000");

	assert(who->count <= NET_WHO_PROGRAMS_MAX && !who->count == (who->state != NET_WHO_FOUND));
	for (size_t i = 0; i < who->count; i++)
		check_text(who->programs[i].path, NET_PROGRAM_SIZE);
	assert(!net_who_is(who, by) || net_who_may_be(who, by));
	assert(who->count || (!net_who_is(who, by) && net_who_may_be(who, by)));
}

static void check_message(unsigned type, struct str payload)
{
	struct channel_message in = { .type = type, .payload = payload,
		.fd_count = type < GATEWAY_MESSAGE_READY && type % 2 };
	struct gateway_message message;

	if (gateway_message_read(&in, &message) < 0)
		return;
	assert(message.kind > GATEWAY_MESSAGE_INVALID && message.kind < GATEWAY_MESSAGE_KIND_COUNT);
	assert(message.kind == type && !memcmp(&message.nothing, payload.data, payload.len));
	if (message.kind == GATEWAY_MESSAGE_JUDGED) {
		check_judged(&message.judged);
	} else if (message.kind == GATEWAY_MESSAGE_CLOSED) {
		check_text(message.closed.address, sizeof(message.closed.address));
		assert(message.closed.error <= 0 && message.closed.duration_ns <= INT64_MAX);
	} else if (message.kind == GATEWAY_MESSAGE_CLOSINGS) {
		check_text(message.closings.target, sizeof(message.closings.target));
		check_text(message.closings.rule, sizeof(message.closings.rule));
		assert(message.closings.failed_count <= message.closings.count);
	} else if (message.kind == GATEWAY_MESSAGE_WHOSE) {
		check_who(&message.whose.who);
	} else if (message.kind == GATEWAY_MESSAGE_WHO) {
		assert(message.wondered.number && message.wondered.client.is_udp <= 1);
	} else if (message.kind == GATEWAY_MESSAGE_SUMMARY) {
		check_summary(&message.summary);
	}
}

static void check_settings(struct arena *arena, const struct json *value)
{
	struct gateway_settings settings, again;
	const struct json *written;

	if (gateway_settings_read(arena, value, &settings, NULL) < 0)
		return;
	assert(settings.session && settings.server_count <= GATEWAY_SERVERS_MAX);
	assert(settings.rule_count <= NET_RULES_MAX && settings.host_count <= GATEWAY_HOSTS_MAX);
	for (size_t i = 0; i < settings.rule_count; i++)
		assert(settings.rules[i].entry && settings.rules[i].where &&
			settings.rules[i].source <= NET_RULE_RUNTIME);
	for (size_t i = 0; i < NET_LIMIT_COUNT; i++)
		assert(settings.limits.values[i] <= NET_UNLIMITED);
	written = gateway_settings_to_json(arena, &settings);
	assert(written && !gateway_settings_read(arena, written, &again, NULL));
	assert(json_equal(written, gateway_settings_to_json(arena, &again)));
}

static void check_change(struct arena *arena, const struct json *value)
{
	struct gateway_change change, again;
	const struct json *written;

	if (gateway_change_read(arena, value, &change, NULL) < 0)
		return;
	written = gateway_change_to_json(arena, &change);
	assert(written && !gateway_change_read(arena, written, &again, NULL));
	assert(again.added_count == change.added_count && again.removed_count == change.removed_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	const struct json *value;
	struct str rest;

	if (!size || size > PAYLOAD_MAX)
		return 0;
	rest = (struct str){ (const char *)data + 1, size - 1 };
	if (data[0] != 'S' && data[0] != 'C')
		check_message(data[0], rest);
	else if (json_read(&arena, rest, JSON_READ_STRICT, &value, NULL) < 0)
		value = NULL;
	else if (data[0] == 'S')
		check_settings(&arena, value);
	else
		check_change(&arena, value);
	arena_fini(&arena);
	return 0;
}
