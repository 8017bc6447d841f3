// SPDX-License-Identifier: Apache-2.0
/*
 * monitor.c - the screen of `cordon monitor`: what it knows, and what a key does
 */
#include "cli/monitor.h"

#include "base/quote.h"
#include "review/screen.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	KEY_SUSPEND = 26,		/* Ctrl-Z */
	KEY_TAB = '\t',
	KEY_BACKSPACE_TOO = 8,
	PAGE = 10,
};

/* ---- sessions ---- */

static void free_event(struct monitor_event *event)
{
	free(event->texts[0]);
	*event = (struct monitor_event){ 0 };
}

static struct monitor_session *free_session(struct monitor_session *session)
{
	for (size_t i = 0; session && i < MONITOR_EVENTS_MAX; i++)
		free_event(&session->events[i]);
	if (session)
		free(session->events);
	free(session);
	return NULL;
}

void monitor_fini(struct monitor *monitor)
{
	for (size_t i = 0; i < monitor->count; i++)
		monitor->sessions[i] = free_session(monitor->sessions[i]);
	monitor->count = 0;
}

struct monitor_session *monitor_session(const struct monitor *monitor)
{
	return monitor->count ? monitor->sessions[monitor->selected] : NULL;
}

static struct monitor_session *new_session(const char *id)
{
	struct monitor_session *session = calloc(1, sizeof(*session));

	if (session)
		session->events = calloc(MONITOR_EVENTS_MAX, sizeof(*session->events));
	if (!session || !session->events)
		abort();
	(void)snprintf(session->id, sizeof(session->id), "%s", id);
	return session;
}

int monitor_add_session(struct monitor *monitor, const char *id)
{
	size_t at = monitor->count;

	if (at == MONITOR_SESSIONS_MAX) {
		for (at = 0; at < monitor->count && !monitor->sessions[at]->is_over; at++)
			;
		if (at == monitor->count)
			return -1;
		free_session(monitor->sessions[at]);
	} else {
		monitor->count++;
	}
	monitor->sessions[at] = new_session(id);
	return (int)at;
}

/* ---- events ---- */

const struct monitor_event *monitor_event(const struct monitor_session *session, size_t index)
{
	return &session->events[(session->first + index) % MONITOR_EVENTS_MAX];
}

/* Ends between two characters. */
static size_t cut(struct buf *buf, size_t start)
{
	size_t len = MIN(buf->len - start, (size_t)MONITOR_TEXT_MAX);

	while (len && len < buf->len - start && (buf->data[start + len] & 0xc0) == 0x80)
		len--;
	return len;
}

static void keep_texts(struct monitor_event *kept, const struct event *event)
{
	const struct str texts[MONITOR_TEXT_COUNT] = {
		[MONITOR_KIND] = event->record->kind_name, [MONITOR_TARGET] = event->target,
		[MONITOR_RULE] = event->rule, [MONITOR_SOURCE] = event->source,
		[MONITOR_PROGRAM] = event->program, [MONITOR_DIGEST] = event->digest,
		[MONITOR_DECISION] = event->decision, [MONITOR_MESSAGE] = event->message,
	};
	scoped(buf) struct buf all = BUF_INIT(MONITOR_TEXT_COUNT * (16 * MONITOR_TEXT_MAX));
	size_t starts[MONITOR_TEXT_COUNT];

	for (size_t i = 0; i < MONITOR_TEXT_COUNT; i++) {
		starts[i] = all.len;
		(void)quote_append_bare(&all,
			(struct str){ texts[i].data, MIN(texts[i].len, (size_t)MONITOR_TEXT_MAX) });
		buf_truncate(&all, starts[i] + cut(&all, starts[i]));
		(void)buf_append(&all, "", 1);
	}
	kept->texts[0] = malloc(all.len);
	if (!kept->texts[0])
		abort();
	memcpy(kept->texts[0], buf_text(&all), all.len);
	for (size_t i = 1; i < MONITOR_TEXT_COUNT; i++)
		kept->texts[i] = kept->texts[0] + starts[i];
}

static struct monitor_event *next_place(struct monitor_session *session)
{
	if (session->count < MONITOR_EVENTS_MAX)
		return &session->events[(session->first + session->count++) % MONITOR_EVENTS_MAX];
	session->first = (session->first + 1) % MONITOR_EVENTS_MAX;
	return &session->events[(session->first + MONITOR_EVENTS_MAX - 1) % MONITOR_EVENTS_MAX];
}

/* How long the host is of "host:443" and of "[::1]:443". */
static size_t host_len(const char *target)
{
	const char *first = strchr(target, ':'), *last = strrchr(target, ':');

	return last && (target[0] == '[' || first == last) ? (size_t)(last - target) : strlen(target);
}

static struct str host_of(const char *target)
{
	return (struct str){ target, MIN(host_len(target), (size_t)MONITOR_HOST_SIZE - 1) };
}

static struct monitor_host *find_host(struct monitor_session *session, struct str name)
{
	struct monitor_host *host;

	for (size_t i = 0; i < session->host_count; i++)
		if (str_eq(str_from(session->hosts[i].name), name))
			return &session->hosts[i];
	if (session->host_count == MONITOR_HOSTS_MAX - 1)
		name = STR("(others)");
	if (session->host_count == MONITOR_HOSTS_MAX)
		return &session->hosts[MONITOR_HOSTS_MAX - 1];
	host = &session->hosts[session->host_count++];
	memcpy(host->name, name.data, name.len);
	return host;
}

static bool is_of_network(const struct event *event)
{
	return event->kind == LEDGER_CONNECTION_ALLOWED || event->kind == LEDGER_CONNECTION_CLOSED ||
		event->kind == LEDGER_LOOKUP_ALLOWED ||
		(event->kind == LEDGER_DENIED && json_get(event->record->fields, "target"));
}

static void count_in(struct monitor_host *host, const struct event *event)
{
	host->allowed_count += event->kind == LEDGER_CONNECTION_ALLOWED;
	host->denied_count += event->kind == LEDGER_DENIED;
	host->sent_bytes += event->sent_bytes;
	host->received_bytes += event->received_bytes;
}

void monitor_add(struct monitor *monitor, size_t index, const struct event *event)
{
	static const char *const verdicts[] = { "deny", "ask", "allow" };
	struct monitor_session *session = monitor->sessions[index];
	struct monitor_event *kept = next_place(session);

	free_event(kept);
	*kept = (struct monitor_event){
		.number = event->record->sequence, .time_ns = event->record->time_ns, .flow = event->flow,
		.pid = event->pid, .sent_bytes = event->sent_bytes, .received_bytes = event->received_bytes,
		.kind = event->kind,
	};
	for (size_t i = 0; event->verdict && i < ARRAY_SIZE(verdicts); i++)
		if (!strcmp(event->verdict, verdicts[i]))
			kept->verdict = verdicts[i];
	keep_texts(kept, event);
	session->last_number = kept->number;
	if (kept->texts[MONITOR_TARGET][0] && is_of_network(event))
		count_in(find_host(session, host_of(kept->texts[MONITOR_TARGET])), event);
	count_in(&session->total, event);
}

/* ---- the list ---- */

static bool has_text(const char *text, const char *wanted)
{
	size_t len = strlen(wanted);

	for (; *text; text++) {
		size_t i = 0;

		while (i < len && ascii_lower(text[i]) == ascii_lower(wanted[i]))
			i++;
		if (i == len)
			return true;
	}
	return !len;
}

static bool passes(const struct monitor *monitor, const struct monitor_event *event)
{
	static const enum monitor_text looked_at[] = {
		MONITOR_KIND, MONITOR_TARGET, MONITOR_RULE, MONITOR_PROGRAM, MONITOR_DECISION,
	};

	if (!monitor->filter_len || (event->verdict && has_text(event->verdict, monitor->filter)))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(looked_at); i++)
		if (has_text(event->texts[looked_at[i]], monitor->filter))
			return true;
	return false;
}

size_t monitor_list(const struct monitor *monitor, uint16_t ret[MONITOR_EVENTS_MAX])
{
	const struct monitor_session *session = monitor_session(monitor);
	size_t count = 0, all = monitor->is_collapsed ? session->host_count : session->count;

	for (size_t i = 0; i < all; i++) {
		const struct monitor_event *event = monitor_event(session, i);
		bool is_shown = monitor->is_collapsed ? has_text(session->hosts[i].name, monitor->filter) :
			(!monitor->is_frozen || event->number <= session->frozen_number) &&
				passes(monitor, event);

		if (is_shown)
			ret[count++] = (uint16_t)i;
	}
	return count;
}

size_t monitor_cursor(const struct monitor *monitor, const uint16_t *list, size_t count)
{
	const struct monitor_session *session = monitor_session(monitor);
	size_t at = 0;

	if (monitor->is_collapsed)
		return MIN(session->host_cursor, count - 1);
	if (!session->cursor)
		return count - 1;
	while (at < count - 1 && monitor_event(session, list[at])->number < session->cursor)
		at++;
	return at;
}

/* ---- keys ---- */

static void move(struct monitor *monitor, long steps)
{
	struct monitor_session *session = monitor_session(monitor);
	uint16_t list[MONITOR_EVENTS_MAX];
	size_t count = session ? monitor_list(monitor, list) : 0;
	long at;

	if (!count)
		return;
	at = (long)monitor_cursor(monitor, list, count) + steps;
	at = MAX(0L, MIN(at, (long)count - 1));
	if (monitor->is_collapsed)
		session->host_cursor = (size_t)at;
	else
		session->cursor = at == (long)count - 1 ? 0 : monitor_event(session, list[at])->number;
}

static void select_other(struct monitor *monitor, long steps)
{
	if (monitor->count)
		monitor->selected = (size_t)((long)(monitor->selected + monitor->count) + steps) %
			monitor->count;
}

static void freeze(struct monitor *monitor)
{
	monitor->is_frozen = !monitor->is_frozen;
	for (size_t i = 0; i < monitor->count; i++)
		monitor->sessions[i]->frozen_number = monitor->sessions[i]->last_number;
}

/* An entry is a host and a port, and nothing that could be read as something else. */
static bool is_entry(const char *text)
{
	size_t len = strlen(text);

	return len && text[0] != '-' && len < MONITOR_TEXT_MAX - 8 &&
		strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]") == len;
}

/* Without a port, 443 is allowed and every port is denied: the one is said, the other is what is wanted. */
static void put_entry(struct monitor *monitor, const char *target)
{
	bool has_port = host_len(target) != strlen(target), denies = !strcmp(monitor->order.command, "deny");

	monitor->order.covers = has_port || !denies ? "this host and port alone" : "every port of this host";
	(void)snprintf(monitor->order.entry, sizeof(monitor->order.entry), "%.*s%s", MONITOR_TEXT_MAX - 8,
		target, has_port || denies ? "" : ":443");
}

static void ask(struct monitor *monitor, const char *command)
{
	const struct monitor_session *session = monitor_session(monitor);
	uint16_t list[MONITOR_EVENTS_MAX];
	size_t count = session && !monitor->is_collapsed ? monitor_list(monitor, list) : 0;
	const struct monitor_event *event;
	const char *target;

	if (!count) {
		(void)snprintf(monitor->message, sizeof(monitor->message),
			"choose an event of the network first");
		return;
	}
	event = monitor_event(session, list[monitor_cursor(monitor, list, count)]);
	target = event->texts[MONITOR_TARGET];
	if ((event->kind != LEDGER_DENIED && event->kind != LEDGER_CONNECTION_ALLOWED &&
			event->kind != LEDGER_LOOKUP_ALLOWED && event->kind != LEDGER_CONNECTION_CLOSED) ||
			!is_entry(target)) {
		(void)snprintf(monitor->message, sizeof(monitor->message),
			"this is no event with a host: nothing to %s", command);
		return;
	}
	monitor->order.command = command;
	monitor->order.refused_count = 0;
	put_entry(monitor, target);
	for (size_t i = 0; i < session->count; i++)
		monitor->order.refused_count += monitor_event(session, i)->kind == LEDGER_DENIED &&
			!strcmp(monitor_event(session, i)->texts[MONITOR_TARGET], target);
	monitor->mode = MONITOR_ASK;
}

static void type_filter(struct monitor *monitor, uint32_t key)
{
	if (key == KEY_ENTER || key == KEY_ESCAPE) {
		monitor->mode = MONITOR_LIST;
		if (key == KEY_ESCAPE)
			monitor->filter_len = 0;
	} else if ((key == KEY_BACKSPACE || key == KEY_BACKSPACE_TOO) && monitor->filter_len) {
		monitor->filter_len--;
	} else if (key >= ' ' && key < KEY_BACKSPACE && monitor->filter_len < MONITOR_FILTER_SIZE - 1) {
		monitor->filter[monitor->filter_len++] = (char)key;
	}
	monitor->filter[monitor->filter_len] = '\0';
}

static void press_movement(struct monitor *monitor, uint32_t key)
{
	if (key == KEY_UP || key == 'k')
		move(monitor, -1);
	else if (key == KEY_DOWN || key == 'j')
		move(monitor, 1);
	else if (key == KEY_PAGE_UP)
		move(monitor, -PAGE);
	else if (key == KEY_PAGE_DOWN || key == ' ')
		move(monitor, PAGE);
	else if (key == KEY_HOME || key == 'g')
		move(monitor, -MONITOR_EVENTS_MAX);
	else if (key == KEY_END || key == 'G')
		move(monitor, MONITOR_EVENTS_MAX);
	else if (key == KEY_LEFT || key == '[')
		select_other(monitor, -1);
	else if (key == KEY_RIGHT || key == ']' || key == KEY_TAB)
		select_other(monitor, 1);
}

static enum monitor_action press(struct monitor *monitor, uint32_t key)
{
	switch (key) {
	case 'q':
		return MONITOR_QUIT;
	case KEY_SUSPEND:
		return MONITOR_SUSPEND;
	case '/':
		monitor->mode = MONITOR_FILTER;
		break;
	case '?':
		monitor->mode = MONITOR_HELP;
		break;
	case 'c':
		monitor->is_collapsed = !monitor->is_collapsed;
		break;
	case 'f':
		freeze(monitor);
		break;
	case 'a':
		ask(monitor, "allow");
		break;
	case 'd':
		ask(monitor, "deny");
		break;
	case KEY_ENTER:
		monitor->has_detail = !monitor->has_detail;
		break;
	case KEY_ESCAPE:
		monitor->has_detail = false;
		monitor->filter_len = 0;
		monitor->filter[0] = '\0';
		break;
	default:
		press_movement(monitor, key);
	}
	return MONITOR_GO_ON;
}

enum monitor_action monitor_key(struct monitor *monitor, uint32_t key)
{
	enum monitor_mode mode = monitor->mode;

	monitor->message[0] = '\0';
	if (mode == MONITOR_LIST)
		return press(monitor, key);
	if (mode == MONITOR_FILTER) {
		type_filter(monitor, key);
		return MONITOR_GO_ON;
	}
	monitor->mode = MONITOR_LIST;
	return mode == MONITOR_ASK && key == 'y' ? MONITOR_ORDER : MONITOR_GO_ON;
}
