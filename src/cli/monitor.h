/* SPDX-License-Identifier: Apache-2.0 */
/*
 * monitor.h - the screen of `cordon monitor`: what it knows, what it shows, and what a key does
 *
 * Events go in, keys go in, text for a terminal comes out (monitor_paint.c); who owns the terminal and reads
 * the ledgers is cmd_monitor.c. Nothing here does I/O.
 *
 * Invariants: memory is bounded, since how much happens is the agent's choice: so many sessions, so many
 * events of each (the last ones), so many hosts. Every text is made safe when it comes in (base/quote.h), and
 * cut.
 */
#pragma once

#include "cli/event.h"
#include "session/session.h"

enum {
	MONITOR_SESSIONS_MAX = 32,
	MONITOR_EVENTS_MAX = 1000,	/* of a session */
	MONITOR_HOSTS_MAX = 256,	/* of a session; the others are counted as one */
	MONITOR_HOST_SIZE = 96,
	MONITOR_TEXT_MAX = 300,		/* bytes of one text of an event */
	MONITOR_FILTER_SIZE = 64,
	MONITOR_PICTURE_BYTES_MAX = 4 << 20,
};

/* X(TEXT): what is shown of an event, in the order of the detail pane */
#define MONITOR_TEXTS(X) \
	X(KIND, "kind") \
	X(TARGET, "target") \
	X(RULE, "rule") \
	X(SOURCE, "source") \
	X(PROGRAM, "program") \
	X(DIGEST, "digest") \
	X(DECISION, "decision") \
	X(MESSAGE, "message")

enum monitor_text {
#define MONITOR_TEXT_VALUE(text, title) MONITOR_##text,
	MONITOR_TEXTS(MONITOR_TEXT_VALUE)
#undef MONITOR_TEXT_VALUE
	MONITOR_TEXT_COUNT,
};

struct monitor_event {
	uint64_t number;		/* of the record */
	uint64_t time_ns, flow, pid, sent_bytes, received_bytes;
	enum ledger_kind kind;
	const char *verdict;		/* a constant; NULL: none */
	char *texts[MONITOR_TEXT_COUNT];	/* owned by the first; "" where there is nothing */
};

struct monitor_host {
	char name[MONITOR_HOST_SIZE];
	uint64_t allowed_count, denied_count, sent_bytes, received_bytes;
};

struct monitor_session {
	char id[SESSION_ID_LEN + 1];
	bool is_over;
	struct monitor_event *events;	/* a ring */
	size_t first, count;
	uint64_t last_number, frozen_number;
	struct monitor_host hosts[MONITOR_HOSTS_MAX];
	size_t host_count;
	struct monitor_host total;
	uint64_t cursor;		/* the number of an event; 0: the newest, whatever comes */
	size_t host_cursor;
};

enum monitor_mode {
	MONITOR_LIST,
	MONITOR_FILTER,			/* is being typed */
	MONITOR_HELP,
	MONITOR_ASK,			/* whether to allow or deny */
};

enum monitor_action {
	MONITOR_GO_ON,
	MONITOR_QUIT,
	MONITOR_SUSPEND,
	MONITOR_ORDER,			/* what monitor->order says */
};

struct monitor {
	struct monitor_session *sessions[MONITOR_SESSIONS_MAX];	/* owned */
	size_t count, selected;
	size_t height, width;
	bool colour, is_frozen, is_collapsed, has_detail;
	enum monitor_mode mode;
	char filter[MONITOR_FILTER_SIZE];
	size_t filter_len;
	struct {
		const char *command;	/* "allow", "deny" */
		char entry[MONITOR_TEXT_MAX];
		const char *covers;	/* what it is about */
		uint64_t refused_count;	/* what of the events that are kept it is about */
	} order;
	char message[1024];		/* ours, or safe */
};

/** monitor_fini() - free the sessions; legal on an all-zero object */
void monitor_fini(struct monitor *monitor);

/**
 * monitor_add_session() - one more
 * @monitor: where there is no room, the first session that is over makes some
 * @id:      of the session
 *
 * Return: its index, or -1: there are too many, and all of them run.
 */
int monitor_add_session(struct monitor *monitor, const char *id);

/** monitor_add() - an event of session @index; copied */
void monitor_add(struct monitor *monitor, size_t index, const struct event *event);

/**
 * monitor_list() - what is shown of the selected session: events, oldest first, or hosts where collapsed
 * @monitor: has a session
 * @ret:     indices into the ring, counted from the oldest, or into hosts
 *
 * Return: how many.
 */
size_t monitor_list(const struct monitor *monitor, uint16_t ret[MONITOR_EVENTS_MAX]);

/** monitor_cursor() - which of monitor_list()'s has the cursor; @list is not empty; Return: 0..@count - 1 */
size_t monitor_cursor(const struct monitor *monitor, const uint16_t *list, size_t count);

/** monitor_event() - an event of a session, counted from the oldest that is kept */
const struct monitor_event *monitor_event(const struct monitor_session *session, size_t index);

/** monitor_session() - the selected one; NULL: there is none */
struct monitor_session *monitor_session(const struct monitor *monitor);

/** monitor_key() - what a key does (review/screen.h has the keys); Return: what its caller has to do */
enum monitor_action monitor_key(struct monitor *monitor, uint32_t key);

/** monitor_paint() - the whole picture, for a terminal that speaks ECMA-48 */
void monitor_paint(const struct monitor *monitor, struct buf *ret);
