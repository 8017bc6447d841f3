// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_logs.c - `cordon logs [ID]`
 *
 * What the session's program printed on its terminal, as the supervisor kept it. On a terminal, whatever
 * would act on it is taken out, and so are colours and cursor movements, which were meant for the terminal of
 * then; into a file it goes as it is. What went through pipes went past us.
 *
 * Following looks again and again, until the session is over at a look before the last one: so the last bytes
 * are never missed. Whatever size the transcript has, a piece of it is held at a time.
 */
#include "cli/commands.h"

#include "base/time.h"
#include "cli/guard.h"
#include "cli/sessions.h"
#include "cli/transcript.h"
#include "cli/which.h"
#include "kern/file.h"
#include "session/dirs.h"

#include <errno.h>

enum {
	LOOK_MS = 200,
	LINE_MAX_BYTES = TRANSCRIPT_PIECE_BYTES,
	/* what is no text becomes three bytes for one */
	SHOWN_MAX_BYTES = 4 * TRANSCRIPT_PIECE_BYTES,
};

struct logs {
	struct cli *cli;
	const struct session *session;
	struct transcript transcript;
	bool is_raw;
	struct term_filter filter;
	uint64_t at;			/* what is before has been printed */

	/* --json: the line so far, where it began, and when */
	struct buf line;
	uint64_t line_at;
	struct console_times times;
	size_t times_read;
	struct console_mark mark, next;
};

/* ---- as documents ---- */

/* The last mark that is not behind @at. */
static uint64_t time_of(struct logs *logs, uint64_t at)
{
	const struct buf *text = &logs->transcript.times;

	while (logs->next.before_bytes <= at) {
		logs->mark = logs->next;
		logs->times.rest = (struct str){ buf_text(text) + logs->times_read,
			text->len - logs->times_read };
		if (!console_times_next(&logs->times, &logs->next))
			break;
		logs->times_read = text->len - logs->times.rest.len;
	}
	return logs->mark.time_ns;
}

static void print_line(struct logs *logs, bool is_whole)
{
	struct cli *cli = logs->cli;
	scoped(arena) struct arena arena = ARENA_INIT(16 * LINE_MAX_BYTES);
	struct json_object_builder object;
	char time[TIME_TEXT_SIZE];
	uint64_t time_ns = time_of(logs, logs->line_at);

	json_object_begin(&object, &arena);
	if (time_ns) {
		time_to_text(time_ns, time);
		json_object_add_text(&object, "time", time);
	}
	json_object_add(&object, "text",
		json_new_bytes(&arena, (struct str){ buf_text(&logs->line), logs->line.len }));
	if (!is_whole)
		json_object_add(&object, "partial", json_new_bool(&arena, true));
	cli_print_json_line(cli, json_object_end(&object));
	buf_clear(&logs->line);
}

/* A terminal ends lines with CR LF; neither belongs to the line. */
static void end_line(struct logs *logs)
{
	if (logs->line.len && logs->line.data[logs->line.len - 1] == '\r')
		logs->line.len--;
	print_line(logs, true);
}

static void take_lines(struct logs *logs, struct str text)
{
	struct str head, rest;

	while (text.len) {
		bool is_end = str_cut(text, '\n', &head, &rest);
		size_t step = MIN(head.len, (size_t)LINE_MAX_BYTES - logs->line.len);

		if (!logs->line.len)
			logs->line_at = logs->at;
		(void)buf_append(&logs->line, head.data, step);
		if (step < head.len) {
			print_line(logs, false);
			is_end = false;
		} else if (is_end) {
			end_line(logs);
		}
		logs->at += step + is_end;
		text = (struct str){ text.data + step + is_end, text.len - step - is_end };
	}
}

/* ---- printing ---- */

static void print(struct logs *logs, struct str text)
{
	scoped(buf) struct buf shown = BUF_INIT(SHOWN_MAX_BYTES);

	if (logs->cli->json) {
		take_lines(logs, text);
		return;
	}
	logs->at += text.len;
	if (logs->is_raw) {
		cli_write(logs->cli, text);
		return;
	}
	(void)term_filter_feed(&logs->filter, text, &shown);
	cli_write(logs->cli, (struct str){ buf_text(&shown), shown.len });
}

static void print_end(struct logs *logs)
{
	scoped(buf) struct buf shown = BUF_INIT(SHOWN_MAX_BYTES);

	if (logs->line.len)
		print_line(logs, false);
	(void)term_filter_finish(&logs->filter, &shown);
	cli_write(logs->cli, (struct str){ buf_text(&shown), shown.len });
}

static int print_rest(struct logs *logs, struct error *err)
{
	char piece[TRANSCRIPT_PIECE_BYTES];
	ssize_t n;

	do {
		n = transcript_read(&logs->transcript, logs->at, logs->transcript.size_bytes, piece);
		if (n > 0)
			print(logs, (struct str){ piece, (size_t)n });
	} while (n > 0 && !logs->cli->out.error);
	return n < 0 ? error_sys(err, (int)n, "reading console.log") : 0;
}

/* ---- where it begins ---- */

static int find_start(struct logs *logs, uint64_t since_ns, struct error *err)
{
	const struct logs_options *options = logs_options(logs->cli);
	uint64_t since_at = 0, tail_at = 0;
	bool is_damaged = false;
	int r = 0;

	if (since_ns)
		r = transcript_find_since(&logs->transcript, since_ns, &since_at, &is_damaged);
	if (r >= 0 && options->tail.is_set)
		r = transcript_find_lines(&logs->transcript, options->tail.value,
			logs->transcript.size_bytes, &tail_at);
	if (r < 0)
		return error_sys(err, r, "reading console.log");
	if (is_damaged)
		cli_warn(logs->cli, "session '%s': console.times is damaged, so --since may show too much",
			logs->session->id);
	logs->at = MAX(since_at, tail_at);
	return 0;
}

/* ---- following ---- */

static bool is_over(struct logs *logs, bool *ret_is_cut_off)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const char *state_dir = dirs_find(&arena, DIRS_STATE, NULL);
	struct session now;
	bool is_running;

	session_init(&now, &arena);
	/* A session that was removed meanwhile is over, too. */
	is_running = state_dir && session_open(&now, state_dir, logs->session->id, NULL) >= 0 &&
		(now.state == SESSION_CREATING || now.state == SESSION_RUNNING);
	*ret_is_cut_off = is_running && !session_is_alive(&now);
	is_running = is_running && !*ret_is_cut_off;
	session_fini(&now);
	return !is_running;
}

static int look_again(struct logs *logs, struct error *err)
{
	bool is_new;
	int r = transcript_look(&logs->transcript, &is_new, err);

	if (r < 0)
		return r;
	if (is_new) {
		cli_warn(logs->cli,
			"session '%s': console.log was cut or replaced; it is printed from its beginning",
			logs->session->id);
		logs->at = logs->times_read = 0;
		logs->times = (struct console_times){ 0 };
		logs->mark = logs->next = (struct console_mark){ 0 };
		buf_clear(&logs->line);
	}
	return print_rest(logs, err);
}

static int follow(struct logs *logs, struct error *err)
{
	bool over, is_cut_off;
	int r;

	do {
		cli_flush(logs->cli);
		if (logs->cli->out.error)
			return 0;
		r = kern_poll_reader(logs->cli->out.fd, LOOK_MS * NS_PER_MS);
		if (r < 0)
			return error_sys(err, r, "waiting for more of what its program prints");
		if (r)
			return 0;
		over = is_over(logs, &is_cut_off);
		r = look_again(logs, err);
	} while (r >= 0 && !over);
	if (r >= 0 && is_cut_off)
		cli_warn(logs->cli, "session '%s' was cut off: its supervisor is gone", logs->session->id);
	return r;
}

/* ---- the command ---- */

static void say_what_is_missing(struct logs *logs)
{
	if (logs->transcript.fd < 0)
		cli_note(logs->cli,
			"session '%s' showed nothing on a terminal; what goes through pipes and files is not kept",
			logs->session->id);
	else if (logs->transcript.size_bytes >= CONSOLE_LOG_MAX_BYTES)
		cli_note(logs->cli, "session '%s' printed more: only the first 32 MiB are kept",
			logs->session->id);
}

static int print_logs(struct logs *logs, uint64_t since_ns)
{
	bool is_following = logs_options(logs->cli)->follow, is_new;
	struct error err = ERROR_INIT;
	int r = transcript_look(&logs->transcript, &is_new, &err);

	if (r >= 0)
		r = find_start(logs, since_ns, &err);
	if (r >= 0 && !is_following) {
		say_what_is_missing(logs);
		cli_page(logs->cli);
	}
	if (r >= 0)
		r = print_rest(logs, &err);
	if (r >= 0 && is_following)
		r = follow(logs, &err);
	print_end(logs);
	if (r >= 0 && is_following)
		say_what_is_missing(logs);
	if (r >= 0)
		return CLI_OK;
	error_wrap(&err, r, "session '%s'", logs->session->id);
	return cli_fail(logs->cli, CLI_FAILED, &err);
}

static bool is_raw(struct cli *cli, const struct session *session)
{
	const struct logs_options *options = logs_options(cli);

	if (options->raw)
		return true;
	return (!cli->is_terminal && !options->terminal_filter) ||
		guard_is_off(session, options->terminal_filter);
}

int cmd_logs(struct cli *cli, UNUSED int argc, char **argv)
{
	const struct logs_options *options = logs_options(cli);
	struct session session;
	struct logs logs = {
		.cli = cli, .session = &session, .filter = { .only_text = true },
		.line = BUF_INIT(LINE_MAX_BYTES),
	};
	uint64_t since_ns = 0;
	int code;

	if (options->raw && options->terminal_filter)
		return cli_usage(cli, "--raw and --terminal-filter exclude each other");
	code = which_time(cli, "--since", options->since, &since_ns);
	if (code != CLI_OK)
		return code;
	code = sessions_open(cli, argv[0], ~0u, &session);
	if (code == CLI_OK) {
		logs.is_raw = is_raw(cli, &session);
		transcript_init(&logs.transcript, session.dirfd);
		code = print_logs(&logs, since_ns);
		transcript_fini(&logs.transcript);
	}
	buf_fini(&logs.line);
	session_fini(&session);
	return code;
}
