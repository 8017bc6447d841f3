// SPDX-License-Identifier: Apache-2.0
/*
 * event.c - what a record says, in the words that all records share
 */
#include "cli/event.h"

#include "base/quote.h"
#include "base/time.h"
#include "ledger/schema.h"

enum {
	TEXT_BYTES_MAX = 4 * LEDGER_LINE_MAX,
	KIND_WIDTH = 18,
	VERDICT_WIDTH = 5,
	TARGET_WIDTH = 28,
	RULE_WIDTH = 22,
};

/* ---- out of a record ---- */

static struct str text_of(struct arena *arena, const struct json *fields, const char *key)
{
	const struct json *value = json_get(fields, key);
	struct str text;

	return value && json_to_bytes(arena, value, &text) >= 0 ? text : (struct str){ 0 };
}

static uint64_t count_of(const struct json *fields, const char *key)
{
	return (uint64_t)MAX(json_get_int(fields, key, 0), 0);
}

/* "host:443", and an address that has colons itself in brackets. */
static struct str with_port(struct arena *arena, struct str host, uint64_t port)
{
	bool has_colon = host.len && memchr(host.data, ':', host.len);
	struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	struct str ret = host;
	const char *copy;

	if (!port || !host.len)
		return host;
	(void)buf_append_str(&text, has_colon ? "[" : "");
	(void)buf_append(&text, host.data, host.len);
	(void)buf_printf(&text, "%s:%llu", has_colon ? "]" : "", (unsigned long long)port);
	copy = arena_copy(arena, buf_text(&text), text.len);
	if (copy)
		ret = (struct str){ copy, text.len };
	buf_fini(&text);
	return ret;
}

/* A command line, as one text. */
static struct str words_of(struct arena *arena, const struct json *list)
{
	struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	const char *copy = NULL;
	struct str word, ret = { 0 };

	for (size_t i = 0; list && list->type == JSON_ARRAY && i < list->array.count; i++)
		if (json_to_bytes(arena, list->array.items[i], &word) >= 0) {
			(void)buf_append_str(&text, text.len ? " " : "");
			(void)buf_append(&text, word.data, word.len);
		}
	if (!buf_failed(&text))
		copy = arena_copy(arena, buf_text(&text), text.len);
	if (copy)
		ret = (struct str){ copy, text.len };
	buf_fini(&text);
	return ret;
}

/* What a record is about: the first of these that it has. */
static struct str subject_of(struct arena *arena, const struct json *fields)
{
	static const char *const keys[] = {
		"target", "path", "file", "workspace", "syscall", "limit", "flag", "bundle", "signal",
		"agent", "reason", "error", "address",
	};
	struct str text = words_of(arena, json_get(fields, "argv"));

	if (!text.len)
		text = words_of(arena, json_get(fields, "rules"));
	for (size_t i = 0; i < ARRAY_SIZE(keys) && !text.len; i++)
		text = text_of(arena, fields, keys[i]);
	return text;
}

static void remember(struct event_flows *flows, uint64_t flow, struct str target)
{
	struct event_flow *item = &flows->items[flow % EVENT_FLOWS_MAX];

	item->flow = flow;
	item->len = (uint16_t)MIN(target.len, (size_t)EVENT_TARGET_MAX);
	if (item->len)
		memcpy(item->target, target.data, item->len);
}

static struct str target_of_flow(struct arena *arena, const struct event_flows *flows, uint64_t flow)
{
	const struct event_flow *item = &flows->items[flow % EVENT_FLOWS_MAX];
	const char *copy = item->flow == flow ? arena_copy(arena, item->target, item->len) : NULL;

	return copy ? (struct str){ copy, item->len } : (struct str){ 0 };
}

static const char *verdict_of(enum ledger_kind kind, const struct json *fields)
{
	if (kind == LEDGER_CONNECTION_ALLOWED || kind == LEDGER_LOOKUP_ALLOWED)
		return "allow";
	return kind == LEDGER_DENIED ? "deny" : json_get_text(fields, "verdict");
}

static struct str target_of(struct arena *arena, struct event_flows *flows, const struct event *event)
{
	const struct json *fields = event->record->fields;
	struct str target;

	if (event->kind == LEDGER_CONNECTION_CLOSED) {
		target = target_of_flow(arena, flows, event->flow);
		return target.len ? target : text_of(arena, fields, "address");
	}
	target = subject_of(arena, fields);
	if (event->kind != LEDGER_CONNECTION_ALLOWED && event->kind != LEDGER_LOOKUP_ALLOWED)
		return target;
	target = with_port(arena, target, count_of(fields, "port"));
	remember(flows, event->flow, target);
	return target;
}

struct event event_read(struct arena *arena, struct event_flows *flows, const struct ledger_record *record)
{
	const struct json *fields = record->fields;
	struct event event = {
		.record = record, .kind = ledger_kind_from_name(record->kind_name),
		.flow = count_of(fields, "flow"), .pid = count_of(fields, "pid"),
		.sent_bytes = count_of(fields, "sent_bytes"),
		.received_bytes = count_of(fields, "received_bytes"),
		.rule = text_of(arena, fields, "rule"), .source = text_of(arena, fields, "source"),
		.program = text_of(arena, fields, "program"), .digest = text_of(arena, fields, "digest"),
		.decision = text_of(arena, fields, "decision"), .message = text_of(arena, fields, "message"),
	};

	event.verdict = verdict_of(event.kind, fields);
	event.target = target_of(arena, flows, &event);
	return event;
}

/* ---- as a line ---- */

static void put_column(struct buf *ret, struct str text, size_t width)
{
	scoped(buf) struct buf safe = BUF_INIT(TEXT_BYTES_MAX);
	size_t start = ret->len;

	(void)quote_append(&safe, text);
	if (!safe.len)
		(void)buf_append_str(&safe, buf_failed(&safe) ? "..." : "-");
	for (size_t i = 0; i < safe.len; i++)
		if (safe.data[i] == ' ')
			(void)buf_append_str(ret, "\\x20");
		else
			(void)buf_append_char(ret, safe.data[i]);
	while (ret->len - start < width)
		(void)buf_append_char(ret, ' ');
}

void event_print(const struct event *event, struct buf *ret)
{
	char time[TIME_TEXT_SIZE];
	const struct column {
		struct str text;
		size_t width;
	} columns[] = {
		{ event->record->kind_name, KIND_WIDTH },
		{ event->verdict ? str_from(event->verdict) : (struct str){ 0 }, VERDICT_WIDTH },
		{ event->target, TARGET_WIDTH }, { event->rule, RULE_WIDTH }, { event->program, 0 },
	};

	time_to_text(event->record->time_ns, time);
	(void)buf_append_str(ret, time);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		(void)buf_append_str(ret, "  ");
		put_column(ret, columns[i].text, columns[i].width);
	}
	(void)buf_append_char(ret, '\n');
}

/* ---- as a document ---- */

static void add_bytes(struct json_object_builder *object, const char *key, struct str text)
{
	if (text.len)
		json_object_add(object, key, json_new_bytes(object->arena, text));
}

static void add_count(struct json_object_builder *object, const char *key, uint64_t count)
{
	if (count)
		json_object_add_int(object, key, (int64_t)count);
}

const struct json *event_to_json(struct arena *arena, const struct event *event)
{
	const struct ledger_record *record = event->record;
	struct json_object_builder object;
	char time[TIME_TEXT_SIZE];

	time_to_text(record->time_ns, time);
	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", EVENT_VERSION);
	json_object_add(&object, "session", json_new_string(arena, record->session));
	json_object_add_int(&object, "sequence", (int64_t)record->sequence);
	json_object_add_text(&object, "time", time);
	json_object_add(&object, "kind", json_new_string(arena, record->kind_name));
	json_object_add(&object, "actor", json_new_string(arena, record->actor));
	if (event->verdict)
		json_object_add_text(&object, "verdict", event->verdict);
	add_bytes(&object, "target", event->target);
	add_bytes(&object, "rule", event->rule);
	add_bytes(&object, "source", event->source);
	add_bytes(&object, "decision", event->decision);
	add_bytes(&object, "message", event->message);
	add_bytes(&object, "program", event->program);
	add_count(&object, "pid", event->pid);
	add_bytes(&object, "digest", event->digest);
	add_count(&object, "flow", event->flow);
	if (event->kind == LEDGER_CONNECTION_CLOSED) {
		json_object_add_int(&object, "sent_bytes", (int64_t)event->sent_bytes);
		json_object_add_int(&object, "received_bytes", (int64_t)event->received_bytes);
	}
	json_object_add(&object, "fields", record->fields);
	return json_object_end(&object);
}
