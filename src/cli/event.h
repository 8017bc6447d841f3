/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event.h - what a record says, in the words that all records share
 *
 * A record has the fields of its kind. Whoever watches wants to know of each: when, what, yes or no, about
 * what, by which rule, for which program. An event is that; docs/formats/events.md is its form for other
 * programs. It borrows from the record, and lives no longer.
 *
 * Invariants: texts are as the ledger has them, so any bytes that an agent chose; each way out of here
 * (event_print(), event_to_json()) makes them fit for what reads them.
 */
#pragma once

#include "base/arena.h"
#include "ledger/record.h"

enum {
	EVENT_VERSION = 1,
	EVENT_FLOWS_MAX = 1024,		/* connections whose target is remembered: the last ones */
	EVENT_TARGET_MAX = 288,
};

struct event {
	const struct ledger_record *record;	/* borrowed */
	enum ledger_kind kind;		/* LEDGER_KIND_INVALID: of a newer version */
	const char *verdict;		/* "allow", "ask", "deny"; NULL: it says neither */
	struct str target;		/* each of these has no length where the record does not say it */
	struct str rule, source, program, digest, decision, message;
	uint64_t flow;			/* 0: no connection's */
	uint64_t pid;			/* inside the sandbox; 0: not known */
	uint64_t sent_bytes, received_bytes;
};

/* What the connections were to, which the record of their end does not repeat. */
struct event_flows {
	struct event_flow {
		uint64_t flow;		/* 0: free */
		uint16_t len;
		char target[EVENT_TARGET_MAX];
	} items[EVENT_FLOWS_MAX];
};

/**
 * event_read() - the event of a record
 * @arena:  owns what had to be put together
 * @flows:  of the session, fed with its records in their order; zero at first
 * @record: borrowed as long as the event lives
 *
 * Return: the event; what did not fit into the arena is left out of it.
 */
struct event event_read(struct arena *arena, struct event_flows *flows, const struct ledger_record *record);

/**
 * event_print() - one line: time, kind, verdict, target, rule, program
 * @event: the event
 * @ret:   the line with its newline is added
 *
 * Columns are one word each and fit for a terminal: what is empty is "-", a space within is "\x20".
 */
void event_print(const struct event *event, struct buf *ret);

/** event_to_json() - as docs/formats/events.md has it; Return: the object, or NULL: the arena is full */
const struct json *event_to_json(struct arena *arena, const struct event *event);
