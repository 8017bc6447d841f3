// SPDX-License-Identifier: Apache-2.0
/*
 * network_asks.c - what of the network waits for a person's answer
 */
#include "roles/supervisor/supervisor.h"

#include "base/quote.h"
#include "base/time.h"

#include <errno.h>
#include <stdio.h>

enum {
	COMMAND_TARGET_MAX = 120,	/* a longer one does not fit into a line three times */
};

static const char *const answer_names[GATEWAY_ANSWER_COUNT] = {
	[GATEWAY_ANSWER_ALLOWED] = "allowed",
	[GATEWAY_ANSWER_DENIED] = "denied",
	[GATEWAY_ANSWER_LATE] = "late",
	[GATEWAY_ANSWER_GONE] = "gone",
};

/* ---- telling ---- */

static void add_quoted(struct supervisor *s, struct json_object_builder *fields, const char *key,
	const char *text)
{
	json_object_add(fields, key, json_new_printf(&s->scratch, "%s", quote_cstr(text).text));
}

static int record_asked(struct supervisor *s, const struct network_ask *ask, enum gateway_way way)
{
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	json_object_add_int(&fields, "question", (int64_t)ask->number);
	json_object_add_text(&fields, "way", gateway_way_name(way));
	json_object_add(&fields, "target", json_new_bytes(&s->scratch, str_from(ask->target)));
	add_quoted(s, &fields, "rule", ask->rule);
	json_object_add(&fields, "source", json_new_bytes(&s->scratch, str_from(ask->source)));
	return supervisor_record(s, LEDGER_NETWORK_ASKED, &fields, 0);
}

static void tell(struct supervisor *s, const struct network_ask *ask, uint64_t wait_ns)
{
	const char *id = s->session.id;
	struct quoted target = quote_cstr(ask->target);

	if (strlen(target.text) > COMMAND_TARGET_MAX)
		client_notice(s, "something waits to be connected to a host: `cordon rules %s` says to which",
			id);
	else
		client_notice(s,
			"something waits to be connected to %s: `cordon allow %s %s` lets it, `cordon deny %s %s` does not; it is refused in %llu s",
			target.text, id, target.text, id, target.text,
			(unsigned long long)(wait_ns / NS_PER_SEC));
}

/* ---- what the gateway says ---- */

static int asked(struct supervisor *s, const struct gateway_asked *asked)
{
	struct network_asks *asks = &s->network.asks;
	struct network_ask *ask = &asks->items[asks->count];
	bool is_v6 = strchr(asked->target, ':');

	if (asks->count == NETWORK_ASKS_MAX || asked->number <= asks->last_number)
		return -EBADMSG;
	asks->last_number = asked->number;
	*ask = (struct network_ask){
		.number = asked->number, .end_ns = s->loop.now_ns + asked->wait_ns,
	};
	(void)snprintf(ask->target, sizeof(ask->target), "%s%s%s:%u", is_v6 ? "[" : "", asked->target,
		is_v6 ? "]" : "", asked->port);
	memcpy(ask->rule, asked->rule, sizeof(ask->rule));
	memcpy(ask->source, asked->source, sizeof(ask->source));
	asks->count++;
	if (record_asked(s, ask, (enum gateway_way)asked->way) >= 0)
		tell(s, ask, asked->wait_ns);
	return 0;
}

static int answered(struct supervisor *s, const struct gateway_answered *answered)
{
	struct network_asks *asks = &s->network.asks;
	struct json_object_builder fields;
	size_t at = 0;

	while (at < asks->count && asks->items[at].number != answered->number)
		at++;
	if (at == asks->count)
		return -EBADMSG;
	json_object_begin(&fields, &s->scratch);
	json_object_add_int(&fields, "question", (int64_t)answered->number);
	json_object_add_text(&fields, "answer", answer_names[answered->answer]);
	(void)supervisor_record(s, LEDGER_NETWORK_ANSWERED, &fields, 0);
	asks->count--;
	memmove(&asks->items[at], &asks->items[at + 1], (asks->count - at) * sizeof(asks->items[0]));
	return 0;
}

int network_asks_heard(struct supervisor *s, const struct gateway_message *message)
{
	return message->kind == GATEWAY_MESSAGE_ASKED ? asked(s, &message->asked) :
							answered(s, &message->answered);
}

void network_asks_lost(struct supervisor *s)
{
	s->network.asks.count = 0;
	s->network.asks.last_number = 0;
}

const struct json *network_asks_to_json(struct supervisor *s, struct arena *arena)
{
	const struct network_asks *asks = &s->network.asks;
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < asks->count; i++) {
		const struct network_ask *ask = &asks->items[i];
		struct json_object_builder object;

		json_object_begin(&object, arena);
		json_object_add_int(&object, "question", (int64_t)ask->number);
		json_object_add(&object, "target", json_new_bytes(arena, str_from(ask->target)));
		json_object_add(&object, "rule", json_new_bytes(arena, str_from(ask->rule)));
		json_object_add(&object, "where", json_new_bytes(arena, str_from(ask->source)));
		json_object_add_int(&object, "left_ns",
			ask->end_ns > s->loop.now_ns ? (int64_t)(ask->end_ns - s->loop.now_ns) : 0);
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}
