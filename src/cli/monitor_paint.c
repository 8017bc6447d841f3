// SPDX-License-Identifier: Apache-2.0
/*
 * monitor_paint.c - the screen of `cordon monitor` as text for a terminal
 *
 * The only escape sequences in a picture are the ones that stand in this file. Texts of events were made safe
 * when they came in, and put_text() besides writes nothing that is not a visible character, and knows the
 * width of what it writes: no agent moves the cursor.
 *
 * Source: ECMA-48, 8.3.21 CUP, 8.3.41 EL, 8.3.117 SGR
 */
#include "cli/monitor.h"

#include "base/time.h"
#include "base/utf8.h"
#include "review/width.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum {
	SESSIONS_SHARE = 4,		/* of the height, at most */
	DETAIL_ROWS = MONITOR_TEXT_COUNT + 3,
	ROWS_MIN = 6,
	COLUMNS_MIN = 40,
	WIDTH_TIME = 8,
	WIDTH_VERDICT = 5,
	WIDTH_KIND = 18,
	WIDTH_COUNTS = 46,
	SIZE_TEXT_SIZE = 24,
	CLOCK_AT = 11,			/* in the text of a time */
};

enum style {
	STYLE_PLAIN,
	STYLE_BAR,
	STYLE_FOCUS,
	STYLE_DIM,
	STYLE_GOOD,
	STYLE_BAD,
	STYLE_WARN,
};

struct painter {
	const struct monitor *monitor;
	struct buf *buf;
	size_t row, column;
};

/* ---- pieces ---- */

static void set_style(struct painter *painter, enum style style)
{
	static const char *const coloured[] = {
		[STYLE_PLAIN] = "", [STYLE_BAR] = ";7", [STYLE_FOCUS] = ";1;7", [STYLE_DIM] = ";2",
		[STYLE_GOOD] = ";32", [STYLE_BAD] = ";1;31", [STYLE_WARN] = ";33",
	};
	static const char *const plain[] = {
		[STYLE_PLAIN] = "", [STYLE_BAR] = ";7", [STYLE_FOCUS] = ";1;7", [STYLE_DIM] = "",
		[STYLE_GOOD] = "", [STYLE_BAD] = ";1", [STYLE_WARN] = ";1",
	};

	(void)buf_printf(painter->buf, "\033[0%sm",
		painter->monitor->colour ? coloured[style] : plain[style]);
}

static bool begin_row(struct painter *painter)
{
	if (painter->row == painter->monitor->height)
		return false;
	(void)buf_printf(painter->buf, "\033[%zu;1H", ++painter->row);
	set_style(painter, STYLE_PLAIN);
	painter->column = 0;
	return true;
}

static void put_spaces(struct painter *painter, size_t until)
{
	for (; painter->column < MIN(until, painter->monitor->width); painter->column++)
		(void)buf_append_char(painter->buf, ' ');
}

/* As much of a text as fits before a column. */
static void put_text(struct painter *painter, const char *text, size_t until)
{
	struct str rest = str_from(text);
	size_t end = MIN(until, painter->monitor->width);

	while (rest.len) {
		unsigned width;
		size_t len = width_next(rest, painter->column, &width);
		uint32_t point;
		bool is_visible = utf8_decode(rest, &point) > 0 && !utf8_is_deceptive(point) &&
			point >= ' ' && point != 127;

		if (painter->column + (is_visible ? width : 1) > end)
			return;
		if (is_visible)
			(void)buf_append(painter->buf, rest.data, len);
		else
			(void)buf_append_char(painter->buf, '?');
		painter->column += is_visible ? width : 1;
		rest = (struct str){ rest.data + len, rest.len - len };
	}
}

static void put_format(struct painter *painter, size_t until, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void put_format(struct painter *painter, size_t until, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	put_text(painter, text, until);
}

static void put_cell(struct painter *painter, const char *text, size_t until)
{
	put_text(painter, text, until > 0 ? until - 1 : 0);
	put_spaces(painter, until);
}

static void end_row(struct painter *painter)
{
	(void)buf_append_str(painter->buf, "\033[K");
}

static void end_bar(struct painter *painter)
{
	put_spaces(painter, painter->monitor->width);
	set_style(painter, STYLE_PLAIN);
}

static const char *size_text(uint64_t bytes, char ret[SIZE_TEXT_SIZE])
{
	static const char units[] = "BKMGTPE";
	size_t unit = 0;
	uint64_t value = bytes;

	for (; value >= 10000 && unit < sizeof(units) - 2; unit++)
		value /= 1024;
	(void)snprintf(ret, SIZE_TEXT_SIZE, "%" PRIu64 "%c", value, units[unit]);
	return ret;
}

/* ---- sessions ---- */

static void paint_title(struct painter *painter)
{
	const struct monitor *monitor = painter->monitor;

	if (!begin_row(painter))
		return;
	set_style(painter, STYLE_BAR);
	put_format(painter, monitor->width, " cordon monitor   %zu %s", monitor->count,
		monitor->count == 1 ? "session" : "sessions");
	if (monitor->is_frozen)
		put_text(painter, "   FROZEN", monitor->width);
	if (monitor->is_collapsed)
		put_text(painter, "   by host", monitor->width);
	if (monitor->filter_len || monitor->mode == MONITOR_FILTER)
		put_format(painter, monitor->width, "   /%s%s", monitor->filter,
			monitor->mode == MONITOR_FILTER ? "_" : "");
	end_bar(painter);
}

static void paint_session(struct painter *painter, size_t index)
{
	const struct monitor_session *session = painter->monitor->sessions[index];
	const struct monitor_host *total = &session->total;
	char sent[SIZE_TEXT_SIZE], received[SIZE_TEXT_SIZE];

	if (!begin_row(painter))
		return;
	set_style(painter, index == painter->monitor->selected ? STYLE_FOCUS : STYLE_PLAIN);
	put_format(painter, painter->monitor->width,
		"%c%s  %-8s %6" PRIu64 " records  %5" PRIu64 " allowed  %5" PRIu64 " denied  out %s  in %s",
		index == painter->monitor->selected ? '>' : ' ', session->id,
		session->is_over ? "over" : "runs", session->last_number, total->allowed_count,
		total->denied_count, size_text(total->sent_bytes, sent),
		size_text(total->received_bytes, received));
	set_style(painter, STYLE_PLAIN);
	end_row(painter);
}

static void paint_sessions(struct painter *painter)
{
	const struct monitor *monitor = painter->monitor;
	size_t rows = MAX(monitor->height / SESSIONS_SHARE, (size_t)1);
	size_t first = monitor->selected >= rows ? monitor->selected - rows + 1 : 0;

	for (size_t i = first; i < MIN(monitor->count, first + rows); i++)
		paint_session(painter, i);
}

/* ---- events and hosts ---- */

static enum style style_of(const struct monitor_event *event)
{
	if (!event->verdict)
		return STYLE_PLAIN;
	return !strcmp(event->verdict, "deny") ? STYLE_BAD : !strcmp(event->verdict, "ask") ? STYLE_WARN :
		STYLE_GOOD;
}

static void paint_event(struct painter *painter, const struct monitor_event *event, bool is_focus)
{
	size_t width = painter->monitor->width, at = 1 + WIDTH_TIME + 1, rest;
	char time[TIME_TEXT_SIZE];

	time_to_text(event->time_ns, time);
	time[CLOCK_AT + WIDTH_TIME] = '\0';
	set_style(painter, is_focus ? STYLE_FOCUS : style_of(event));
	put_text(painter, is_focus ? ">" : " ", 1);
	put_cell(painter, time + CLOCK_AT, at);
	put_cell(painter, event->verdict ? event->verdict : "-", at += WIDTH_VERDICT + 1);
	put_cell(painter, event->texts[MONITOR_KIND], at += WIDTH_KIND + 1);
	rest = width > at ? width - at : 0;
	put_cell(painter, event->texts[MONITOR_TARGET], at += rest * 2 / 5);
	put_cell(painter, event->texts[MONITOR_RULE], at + rest * 3 / 10);
	put_text(painter, event->texts[MONITOR_PROGRAM], width);
}

static void paint_host(struct painter *painter, const struct monitor_host *host, bool is_focus)
{
	size_t width = painter->monitor->width;
	char sent[SIZE_TEXT_SIZE], received[SIZE_TEXT_SIZE];

	set_style(painter, is_focus ? STYLE_FOCUS : host->denied_count ? STYLE_BAD : STYLE_GOOD);
	put_text(painter, is_focus ? ">" : " ", 1);
	put_cell(painter, host->name, MAX(width / 3, width - MIN(width, (size_t)WIDTH_COUNTS)));
	put_format(painter, width, "%5" PRIu64 " allowed  %5" PRIu64 " denied  out %s  in %s",
		host->allowed_count, host->denied_count, size_text(host->sent_bytes, sent),
		size_text(host->received_bytes, received));
}

static void paint_list(struct painter *painter, size_t end)
{
	const struct monitor *monitor = painter->monitor;
	const struct monitor_session *session = monitor_session(monitor);
	uint16_t list[MONITOR_EVENTS_MAX];
	size_t count = session ? monitor_list(monitor, list) : 0;
	size_t rows = end > painter->row ? end - painter->row : 0, cursor, first;

	if (!count) {
		if (rows && begin_row(painter)) {
			put_text(painter,
				session ? " nothing to show" :
				" no session runs; they appear here as they start",
				monitor->width);
			end_row(painter);
		}
		return;
	}
	cursor = monitor_cursor(monitor, list, count);
	first = cursor + 1 > rows ? cursor + 1 - rows : 0;
	for (size_t i = first; i < MIN(count, first + rows) && begin_row(painter); i++) {
		if (monitor->is_collapsed)
			paint_host(painter, &session->hosts[list[i]], i == cursor);
		else
			paint_event(painter, monitor_event(session, list[i]), i == cursor);
		set_style(painter, STYLE_PLAIN);
		end_row(painter);
	}
}

/* ---- the rest ---- */

static void paint_empty(struct painter *painter, size_t end)
{
	while (painter->row < end && begin_row(painter))
		end_row(painter);
}

static void paint_fact(struct painter *painter, const char *title, const char *text)
{
	if (!begin_row(painter))
		return;
	set_style(painter, STYLE_DIM);
	put_format(painter, painter->monitor->width, " %-10s", title);
	set_style(painter, STYLE_PLAIN);
	put_text(painter, text, painter->monitor->width);
	end_row(painter);
}

static void paint_detail(struct painter *painter)
{
	static const char *const titles[] = {
#define TITLE(text, title) [MONITOR_##text] = title,
		MONITOR_TEXTS(TITLE)
#undef TITLE
	};
	const struct monitor *monitor = painter->monitor;
	const struct monitor_session *session = monitor_session(monitor);
	uint16_t list[MONITOR_EVENTS_MAX];
	size_t count = session && !monitor->is_collapsed ? monitor_list(monitor, list) : 0;
	const struct monitor_event *event = count ?
		monitor_event(session, list[monitor_cursor(monitor, list, count)]) : NULL;
	char text[160];

	if (!begin_row(painter))
		return;
	set_style(painter, STYLE_BAR);
	if (event)
		put_format(painter, monitor->width, " record %" PRIu64 " of %s", event->number, session->id);
	end_bar(painter);
	for (size_t i = 0; event && i < MONITOR_TEXT_COUNT; i++)
		paint_fact(painter, titles[i], event->texts[i][0] ? event->texts[i] : "-");
	if (!event)
		return;
	(void)snprintf(text, sizeof(text), "%" PRIu64, event->pid);
	paint_fact(painter, "pid", event->pid ? text : "-");
	(void)snprintf(text, sizeof(text), "%" PRIu64 " sent, %" PRIu64 " received", event->sent_bytes,
		event->received_bytes);
	paint_fact(painter, "bytes", event->kind == LEDGER_CONNECTION_CLOSED ? text : "-");
}

static const char *const help[] = {
	"up, down, j, k      the event before, after",
	"page up, page down  ten of them",
	"g, G                the oldest, the newest: what comes then is followed",
	"left, right, tab    another session",
	"/                   show only what has this text; escape shows all",
	"c                   by host, with bytes, or event by event",
	"enter               all that an event says: rule, its source, program, decision",
	"f                   freeze: show nothing newer, or go on",
	"a, d                allow or deny the host of the event, for this session",
	"?                   this page",
	"q                   leave; the sessions go on",
};

static void paint_help(struct painter *painter)
{
	for (size_t i = 0; i < ARRAY_SIZE(help) && painter->row < painter->monitor->height - 1; i++)
		if (begin_row(painter)) {
			put_format(painter, painter->monitor->width, "  %s", help[i]);
			end_row(painter);
		}
}

static void paint_foot(struct painter *painter)
{
	const struct monitor *monitor = painter->monitor;

	if (!begin_row(painter))
		return;
	set_style(painter, STYLE_BAR);
	if (monitor->message[0])
		put_format(painter, monitor->width, " %s", monitor->message);
	else
		put_text(painter,
			" / filter  c by host  enter detail  f freeze  a allow  d deny  ? help  q quit",
			monitor->width);
	end_bar(painter);
}

/* The entry is shown whole, however long it is: that is what is answered for. */
static size_t ask_rows(const struct monitor *monitor)
{
	return 1 + (strlen(monitor->order.entry) + monitor->width - 1) / monitor->width;
}

static void paint_ask(struct painter *painter)
{
	const struct monitor *monitor = painter->monitor;
	const char *entry = monitor->order.entry;

	if (!begin_row(painter))
		return;
	set_style(painter, STYLE_BAR);
	put_format(painter, monitor->width,
		" [y/N] %s in %s %s (refused %" PRIu64 " times)?",
		monitor->order.command, monitor_session(monitor)->id, monitor->order.covers,
		monitor->order.refused_count);
	end_bar(painter);
	for (size_t at = 0; at < strlen(entry) && begin_row(painter); at += monitor->width) {
		put_text(painter, entry + at, monitor->width);
		end_row(painter);
	}
}

void monitor_paint(const struct monitor *monitor, struct buf *ret)
{
	struct painter painter = { .monitor = monitor, .buf = ret };
	size_t foot = monitor->mode == MONITOR_ASK ? ask_rows(monitor) : 1;
	size_t end = monitor->height - MIN(foot, monitor->height - 1);

	if (monitor->height < ROWS_MIN || monitor->width < COLUMNS_MIN) {
		if (begin_row(&painter)) {
			put_text(&painter, "too small", monitor->width);
			end_row(&painter);
		}
		paint_empty(&painter, monitor->height);
		return;
	}
	paint_title(&painter);
	if (monitor->mode == MONITOR_HELP) {
		paint_help(&painter);
	} else {
		bool has_detail = monitor->has_detail && !monitor->is_collapsed &&
			end > DETAIL_ROWS + ROWS_MIN;

		paint_sessions(&painter);
		paint_list(&painter, has_detail ? end - DETAIL_ROWS : end);
		if (has_detail) {
			paint_empty(&painter, end - DETAIL_ROWS);
			paint_detail(&painter);
		}
	}
	paint_empty(&painter, end);
	if (monitor->mode == MONITOR_ASK)
		paint_ask(&painter);
	else
		paint_foot(&painter);
}
